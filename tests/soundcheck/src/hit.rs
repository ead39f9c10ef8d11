//! One struck drum in numbers: how it begins, how bright it is, how long it rings, how loud it is.

use anyhow::{Context, Result};

#[path = "../../../runtime/synth/tests/listening/transform.rs"]
mod transform;

/// Where what is called bright begins, in hertz.
const BRIGHT: f64 = 1_000.0;
/// Length of what is called the beginning, in seconds.
const BEGINNING: f64 = 0.01;
/// A hit begins where it comes to this part of its peak, and has decayed where it stays below it: -40 dB.
const NOTHING: f32 = 0.01;
/// Longest part of a hit whose spectrum is looked at, in seconds.
const LONGEST: f64 = 4.0;

/// What is heard of a hit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Share of the power of its first 10 ms above 1 kHz, in percent.
    pub click: f64,
    /// Mean of its frequencies, each as heavy as its power, in hertz.
    pub centroid: f64,
    /// From its peak until it stays 40 dB below that, in milliseconds.
    pub decay: f64,
    /// Its peak, in decibels of full scale.
    pub peak: f64,
}

impl Hit {
    /// Measures interleaved samples of so many channels, as one.
    ///
    /// # Errors
    /// When they are silent.
    pub fn of(samples: &[f32], channels: usize, rate: u32) -> Result<Hit> {
        let mono: Vec<f32> =
            samples.chunks_exact(channels).map(|frame| frame.iter().sum::<f32>() / channels as f32).collect();
        let loud = samples.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
        let (at, most) = mono
            .iter()
            .map(|x| x.abs())
            .enumerate()
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .filter(|(_, most)| *most > 0.0)
            .context("it is silent")?;
        let heard = |x: &f32| x.abs() >= NOTHING * most;
        let begin = mono.iter().position(heard).unwrap_or(0);
        let end = mono.iter().rposition(heard).map_or(mono.len(), |last| last + 1);
        let frames = |seconds: f64| (seconds * f64::from(rate)) as usize;
        let piece = |seconds: f64| &mono[begin..mono.len().min(begin + frames(seconds))];
        let beginning = powers(piece(BEGINNING), rate);
        let whole = powers(piece(LONGEST), rate);
        let sum = |of: &[(f64, f64)], weigh: &dyn Fn(f64) -> f64| -> f64 {
            of.iter().map(|(hertz, power)| weigh(*hertz) * power).sum()
        };
        let bright = sum(&beginning, &|hertz| if hertz >= BRIGHT { 1.0 } else { 0.0 });
        Ok(Hit {
            click: 100.0 * bright / sum(&beginning, &|_| 1.0).max(f64::MIN_POSITIVE),
            centroid: sum(&whole, &|hertz| hertz) / sum(&whole, &|_| 1.0).max(f64::MIN_POSITIVE),
            decay: 1_000.0 * end.saturating_sub(at) as f64 / f64::from(rate),
            peak: 20.0 * f64::from(loud).log10(),
        })
    }

    /// Of each number the one in the middle.
    pub fn middle(hits: &[Hit]) -> Option<Hit> {
        let middle = |of: fn(&Hit) -> f64| {
            let mut numbers: Vec<f64> = hits.iter().map(of).collect();
            numbers.sort_by(f64::total_cmp);
            numbers.get(numbers.len() / 2).copied()
        };
        Some(Hit {
            click: middle(|hit| hit.click)?,
            centroid: middle(|hit| hit.centroid)?,
            decay: middle(|hit| hit.decay)?,
            peak: middle(|hit| hit.peak)?,
        })
    }
}

/// The power of a sound by its frequencies, what does not swing left out; the sound is followed by silence, so that
/// a short one is told finely.
fn powers(samples: &[f32], rate: u32) -> Vec<(f64, f64)> {
    let length = (4 * samples.len()).next_power_of_two();
    let (bins, width) = transform::powers(samples, length, f64::from(rate));
    bins.into_iter().enumerate().skip(1).map(|(i, power)| (i as f64 * width, power)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    /// Half a second of silence, then a tone that falls by 20 dB each tenth of a second.
    fn tone(hertz: f64) -> Vec<f32> {
        let frame = |i: u32| {
            let seconds = f64::from(i) / f64::from(RATE);
            0.5 * 10f64.powf(-10.0 * seconds) * (std::f64::consts::TAU * hertz * seconds).cos()
        };
        let sounding = (0..2 * RATE).map(|i| frame(i) as f32);
        std::iter::repeat_n(0.0, RATE as usize / 2).chain(sounding).flat_map(|x| [x, x]).collect()
    }

    #[test]
    fn a_tone_that_decays_is_as_bright_long_and_loud_as_it_is() {
        let (low, high) = (Hit::of(&tone(100.0), 2, RATE), Hit::of(&tone(6_000.0), 2, RATE));
        let (low, high) = (low.expect("measured"), high.expect("measured"));
        assert!(low.click < 5.0 && high.click > 95.0, "{low:?} {high:?}");
        // A beginning that is cut off is bright too.
        assert!((90.0..200.0).contains(&low.centroid) && (high.centroid - 6_000.0).abs() < 60.0);
        assert!((low.decay - 200.0).abs() < 11.0 && (high.decay - 200.0).abs() < 1.0, "{low:?} {high:?}");
        assert!((high.peak + 6.02).abs() < 0.01);
        assert!(Hit::of(&[0.0; 100], 1, RATE).is_err());
        let middle = Hit::middle(&[low, high, high]).expect("three");
        assert_eq!(middle.peak, high.peak);
        assert_eq!(Hit::middle(&[]), None);
    }
}
