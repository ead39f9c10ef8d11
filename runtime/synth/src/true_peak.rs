//! Peaks between the samples: the signal at four times the rate, by the 48 taps of ITU-R BS.1770-4,
//! annex 2.

/// Frames of the past that a peak is computed from.
pub(crate) const TAPS: usize = 12;
/// How many frames later than it happened a peak is known.
pub(crate) const DELAY: usize = TAPS / 2;

const PHASES: [[f32; TAPS]; 4] = [
    [
        0.001_708_984,
        0.010_986_33,
        -0.019_653_32,
        0.033_203_13,
        -0.059_448_24,
        0.137_329_1,
        0.972_168,
        -0.102_294_9,
        0.047_607_42,
        -0.026_611_33,
        0.014_892_58,
        -0.008_300_781,
    ],
    [
        -0.029_174_8,
        0.029_296_88,
        -0.051_757_81,
        0.089_111_33,
        -0.166_503_9,
        0.465_087_9,
        0.779_785_2,
        -0.200_317_4,
        0.101_562_5,
        -0.058_227_54,
        0.033_081_05,
        -0.018_920_9,
    ],
    [
        -0.018_920_9,
        0.033_081_05,
        -0.058_227_54,
        0.101_562_5,
        -0.200_317_4,
        0.779_785_2,
        0.465_087_9,
        -0.166_503_9,
        0.089_111_33,
        -0.051_757_81,
        0.029_296_88,
        -0.029_174_8,
    ],
    [
        -0.008_300_781,
        0.014_892_58,
        -0.026_611_33,
        0.047_607_42,
        -0.102_294_9,
        0.972_168,
        0.137_329_1,
        -0.059_448_24,
        0.033_203_13,
        -0.019_653_32,
        0.010_986_33,
        0.001_708_984,
    ],
];

/// No value between samples is further from 0 than this times the largest sample: the largest sum
/// of absolute taps.
pub(crate) const WORST: f32 = 2.03;

/// The largest of the four values in the middle of the last [`TAPS`] samples, oldest first.
#[inline(always)]
pub(crate) fn between(samples: &[f32; TAPS]) -> f32 {
    let mut most = 0.0f32;
    for phase in &PHASES {
        let mut sum = 0.0;
        for (tap, x) in phase.iter().zip(samples) {
            sum += tap * x;
        }
        most = most.max(sum.abs());
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_top_of_a_sine_that_the_samples_miss() {
        let wave =
            |i: usize| (std::f32::consts::FRAC_PI_4 + (i + 1) as f32 * std::f32::consts::FRAC_PI_2).sin();
        let samples: [f32; TAPS] = std::array::from_fn(wave);
        assert!(samples.iter().all(|x| x.abs() < 0.708));
        assert!((between(&samples) - 1.0).abs() < 0.03, "{}", between(&samples));
    }

    #[test]
    fn the_bound_holds() {
        for phase in &PHASES {
            let sum: f32 = phase.iter().map(|tap| tap.abs()).sum();
            assert!(sum <= WORST, "{sum}");
        }
    }
}
