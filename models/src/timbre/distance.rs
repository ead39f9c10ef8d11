//! How far two sounds are from each other.

use super::spectrum::Spectrum;

/// Lengths of the windows, in samples at 48 kHz.
const WINDOWS: [usize; 4] = [256, 512, 1_024, 2_048];

/// How far under the loudest bin of either sound everything counts as silence, in decibels.
const FLOOR: f32 = 70.0;

/// The multi-scale log-spectral distance of two sounds in decibels (after Engel et al., "DDSP", 2020, its logarithmic
/// half): the mean difference of the powers of frequencies, smoothed to thirds of octaves' tenths, over windows of four
/// lengths. What is `FLOOR` under the loudest is silent. 0 where both are.
pub fn log_spectral(one: &[f32], other: &[f32]) -> f32 {
    let length = one.len().min(other.len());
    let mut sum = 0.0;
    for window in WINDOWS {
        let spectrum = Spectrum::new(window);
        let frames = |sound: &[f32]| -> Vec<Vec<f32>> {
            (0..length)
                .step_by(window / 2)
                .map(|at| bands(&spectrum.powers(&sound[..length], at as isize)))
                .collect()
        };
        let (one, other) = (frames(one), frames(other));
        let loudest = one.iter().chain(&other).flatten().fold(0.0f32, |most, power| most.max(*power));
        if loudest <= 0.0 {
            continue;
        }
        let floor = loudest * 10f32.powf(-FLOOR / 10.0);
        let (mut apart, mut count) = (0.0f64, 0usize);
        for (one, other) in one.iter().flatten().zip(other.iter().flatten()) {
            // Where both are silent there is nothing to compare.
            if one.max(*other) > floor {
                apart += f64::from((10.0 * (one.max(floor) / other.max(floor)).log10()).abs());
                count += 1;
            }
        }
        sum += (apart / count.max(1) as f64) as f32;
    }
    sum / WINDOWS.len() as f32
}

/// Bins put together, so that the ripple of noise does not count: each band is a twelfth of its own frequency wide, and
/// a bin at least.
fn bands(powers: &[f32]) -> Vec<f32> {
    let mut bands = Vec::new();
    let mut from = 1;
    while from < powers.len() {
        let to = (from + (from / 12).max(1)).min(powers.len());
        bands.push(powers[from..to].iter().sum());
        from = to;
    }
    bands
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hertz: f32, amplitude: f32) -> Vec<f32> {
        let turn = std::f32::consts::TAU * hertz / 48_000.0;
        (0..24_000).map(|i| amplitude * (turn * i as f32).sin()).collect()
    }

    #[test]
    fn what_is_farther_has_the_larger_distance() {
        let home = tone(440.0, 0.5);
        assert_eq!(log_spectral(&home, &home), 0.0);
        assert_eq!(log_spectral(&[0.0; 4_000], &[0.0; 4_000]), 0.0);
        let softer = log_spectral(&home, &tone(440.0, 0.25));
        assert!((softer - 6.02).abs() < 0.7, "half the amplitude is 6 dB: {softer}");
        assert!(log_spectral(&home, &tone(880.0, 0.5)) > 2.0 * softer);
    }
}
