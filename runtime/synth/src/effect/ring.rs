//! A ring modulator: the product with a sine.

use crate::oscillator::{Phase, sine};

#[derive(Clone, Debug)]
pub(crate) struct Ring {
    carrier: Phase,
    sample_rate: f32,
}

impl Ring {
    pub(crate) fn new(hertz: f32, sample_rate: f32) -> Self {
        Ring { carrier: Phase::new(hertz, sample_rate, 0.0), sample_rate }
    }

    pub(crate) fn set(&mut self, hertz: f32) {
        self.carrier.increment = (hertz / self.sample_rate).min(0.45);
    }

    /// `mix` is asked once a frame.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32], mut mix: impl FnMut() -> f32) {
        for (l, r) in left.iter_mut().zip(right) {
            let mix = mix();
            let gain = 1.0 + mix * (std::f32::consts::SQRT_2 * sine(self.carrier.next()) - 1.0);
            *l *= gain;
            *r *= gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_becomes_the_carrier() {
        let mut left = [0.5; 480];
        let mut right = left;
        Ring::new(100.0, 48_000.0).process(&mut left, &mut right, || 1.0);
        assert!((left[119] - 0.5 * std::f32::consts::SQRT_2).abs() < 1e-3, "{}", left[119]);
        assert!(left[239].abs() < 1e-3);
        assert_eq!(left, right);
    }
}
