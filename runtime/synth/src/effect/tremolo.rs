//! A tremolo: the level swings down and back.

use crate::oscillator::{Phase, sine};

#[derive(Clone, Debug)]
pub(crate) struct Tremolo {
    swing: Phase,
    sample_rate: f32,
}

impl Tremolo {
    pub(crate) fn new(hertz: f32, sample_rate: f32) -> Self {
        Tremolo { swing: Phase::new(hertz, sample_rate, 0.25), sample_rate }
    }

    pub(crate) fn set(&mut self, hertz: f32) {
        self.swing.increment = hertz / self.sample_rate;
    }

    /// `depth` is asked once a frame; the swing starts at the top.
    pub(crate) fn process(&mut self, left: &mut [f32], right: &mut [f32], mut depth: impl FnMut() -> f32) {
        for (l, r) in left.iter_mut().zip(right) {
            let gain = 1.0 - depth() * (0.5 - 0.5 * sine(self.swing.next()));
            *l *= gain;
            *r *= gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swings_between_full_and_what_the_depth_leaves() {
        let mut left = [1.0; 9600];
        let mut right = left;
        Tremolo::new(5.0, 48_000.0).process(&mut left, &mut right, || 0.8);
        assert!(left[0] > 0.999);
        let least = left.iter().fold(1.0f32, |m, x| m.min(*x));
        assert!((least - 0.2).abs() < 1e-3, "{least}");
        assert!((left[4800] - least).abs() < 1e-2, "half a swing later");
    }
}
