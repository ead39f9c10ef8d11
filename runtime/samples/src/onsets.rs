//! Where the hits of a break begin.

use crate::Sample;

/// Length of a window in seconds: short enough to part the sixteenths of 200 bpm (75 ms) many times over.
const WINDOW: f64 = 0.005;
/// The least time between two onsets in seconds.
const APART: f64 = 0.04;
/// How much louder than what sounded before a hit must be: 6 dB in energy.
const RISE: f32 = 4.0;
/// What is more than 50 dB below the loudest window begins nothing.
const FLOOR: f32 = 1e-5;

/// The frames at which hits begin, in order, the first at the first sound that can be heard.
/// A hit is a window of 5 ms that holds four times the energy of the mean of the four before it,
/// 40 ms or more after the last; differences between neighbouring frames are measured, so that a hat
/// over a ringing bass drum counts.
pub fn onsets(sample: &Sample) -> Vec<usize> {
    let window = ((f64::from(sample.rate()) * WINDOW) as usize).max(1);
    let energies = energies(sample, window);
    let loudest = energies.iter().copied().fold(0.0, f32::max);
    let apart = (APART / WINDOW) as usize;
    let mut found: Vec<usize> = Vec::new();
    for (index, &energy) in energies.iter().enumerate() {
        let before = &energies[index.saturating_sub(4)..index];
        let mean = before.iter().sum::<f32>() / before.len().max(1) as f32;
        let free = found.last().is_none_or(|last| index - last >= apart);
        if free && energy > loudest * FLOOR && energy > mean * RISE {
            found.push(index);
        }
    }
    found.into_iter().map(|index| index * window).collect()
}

/// The mean of squared differences of neighbouring frames, window by window.
fn energies(sample: &Sample, window: usize) -> Vec<f32> {
    let mono = |index: usize| {
        let [left, right] = sample.frame(index);
        (left + right) / 2.0
    };
    (0..sample.frames())
        .step_by(window)
        .map(|start| {
            let end = (start + window).min(sample.frames());
            let sum: f32 =
                (start..end).map(|i| (mono(i) - if i == 0 { 0.0 } else { mono(i - 1) }).powi(2)).sum();
            sum / (end - start) as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_each_hit_once() {
        let rate = 44_100;
        let mut frames = vec![0.0f32; rate];
        let hits = [2_205, 11_025, 22_050, 30_870];
        for hit in hits {
            for i in 0..6_000 {
                let sign = if i % 20 < 10 { 1.0 } else { -1.0 };
                frames[hit + i] += sign * 0.5 * (-(i as f32) / 1_000.0).exp();
            }
        }
        let sample = Sample::new("hits", rate as u32, 1, frames).expect("a sample");
        let found = onsets(&sample);
        assert_eq!(found.len(), hits.len(), "{found:?}");
        for (found, hit) in found.iter().zip(hits) {
            assert!(found.abs_diff(hit) <= 220, "{found} for {hit}");
        }
    }

    #[test]
    fn silence_has_none() {
        let sample = Sample::new("none", 44_100, 2, vec![0.0; 8_000]).expect("a sample");
        assert_eq!(onsets(&sample), [0usize; 0]);
    }
}
