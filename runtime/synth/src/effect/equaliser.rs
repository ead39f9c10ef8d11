//! Three bands: shelves below 200 Hz and above 4 kHz, a bell around 1 kHz, on the state variable
//! filter (Simper, "Solving the continuous SVF equations", Cytomic, 2013).

use crate::filter::{Svf, SvfCoefficients};

const LOW_HERTZ: f32 = 200.0;
const MID_HERTZ: f32 = 1000.0;
const HIGH_HERTZ: f32 = 4000.0;

#[derive(Clone, Copy, Debug, Default)]
struct Band {
    coefficients: SvfCoefficients,
    /// Of the input, the band and the low output.
    mix: [f32; 3],
}

#[derive(Clone, Debug)]
pub(crate) struct Equaliser {
    states: [[Svf; 3]; 2],
    bands: [Band; 3],
    decibels: [f32; 3],
    sample_rate: f32,
}

impl Equaliser {
    pub(crate) fn new(sample_rate: f32) -> Self {
        let mut equaliser = Equaliser {
            states: Default::default(),
            bands: Default::default(),
            decibels: [f32::NAN; 3],
            sample_rate,
        };
        equaliser.set([0.0; 3]);
        equaliser
    }

    /// Gains of low, mid and high.
    pub(crate) fn set(&mut self, decibels: [f32; 3]) {
        if decibels == self.decibels {
            return;
        }
        self.decibels = decibels;
        let a = decibels.map(|gain| 10f32.powf(gain / 40.0));
        let shelf = std::f32::consts::FRAC_1_SQRT_2;
        let make = |hertz: f32, q: f32| SvfCoefficients::new(hertz, q, self.sample_rate);
        let low = make(LOW_HERTZ / a[0].sqrt(), shelf);
        let mid = make(MID_HERTZ, 0.7 * a[1]);
        let high = make(HIGH_HERTZ * a[2].sqrt(), shelf);
        self.bands = [
            Band { mix: [1.0, low.damping() * (a[0] - 1.0), a[0] * a[0] - 1.0], coefficients: low },
            Band { mix: [1.0, mid.damping() * (a[1] * a[1] - 1.0), 0.0], coefficients: mid },
            Band {
                mix: [a[2] * a[2], high.damping() * (1.0 - a[2]) * a[2], 1.0 - a[2] * a[2]],
                coefficients: high,
            },
        ];
    }

    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (states, samples) in self.states.iter_mut().zip([left, right]) {
            for (state, band) in states.iter_mut().zip(&self.bands) {
                if band.mix == [1.0, 0.0, 0.0] {
                    continue;
                }
                for x in samples.iter_mut() {
                    *x = state.mix(*x, &band.coefficients, band.mix);
                }
                state.flush();
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.states = Default::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oscillator::sine;

    #[test]
    fn each_band_has_its_gain_and_leaves_the_others() {
        // Gains of the bands; then the frequency looked at, and what is found there in decibels.
        for (decibels, hertz, expected) in [
            ([6.0, 0.0, 0.0], 40.0, 6.0),
            ([6.0, 0.0, 0.0], 3000.0, 0.0),
            ([0.0, -12.0, 0.0], 1000.0, -12.0),
            ([0.0, -12.0, 0.0], 30.0, 0.0),
            ([0.0, 0.0, 9.0], 15_000.0, 9.0),
            ([0.0, 0.0, -24.0], 100.0, 0.0),
        ] {
            let mut equaliser = Equaliser::new(48_000.0);
            equaliser.set(decibels);
            let mut left: Vec<f32> =
                (0..48_000).map(|i| sine((i as f32 * (hertz / 48_000.0)).fract())).collect();
            let mut right = left.clone();
            equaliser.process(&mut left, &mut right);
            let peak = left[24_000..].iter().fold(0.0f32, |m, x| m.max(x.abs()));
            let found = 20.0 * peak.log10();
            assert!((found - expected).abs() < 0.4, "{decibels:?} at {hertz} Hz: {found} dB");
        }
    }
}
