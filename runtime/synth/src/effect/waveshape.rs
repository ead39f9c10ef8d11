//! Distortion without memory, in four kinds. Levels are kept about where they were, so that an
//! amount turned up is more of the colour and not only louder.

use crate::oscillator::{saturate, sine};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Soft at every level, as a tube.
    Drive,
    /// Straight, and then cut, as a pedal.
    Distort,
    /// Comes back from where it would be cut.
    Fold,
    /// (1 + k) x / (1 + k |x|), the waveshaper behind Tidal's `shape`.
    Shape,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Waveshape {
    kind: Kind,
    gain: f32,
    level: f32,
}

impl Waveshape {
    /// `amount` in 0..=1; at 0 small waves are left as they are.
    pub(crate) fn new(kind: Kind, amount: f32) -> Self {
        let (gain, level) = match kind {
            Kind::Drive => {
                let gain = 10f32.powf(1.5 * amount);
                (gain, gain.powf(-0.55))
            }
            Kind::Distort => {
                let gain = 10f32.powf(2.0 * amount);
                (gain, gain.powf(-0.6))
            }
            Kind::Fold => ((1.0 + 13.0 * amount) / std::f32::consts::TAU, 1.0 - 0.4 * amount),
            Kind::Shape => {
                let k = 2.0 * amount / (1.0 - amount).max(0.02);
                (k, (1.0 + k).powf(-0.35))
            }
        };
        Waveshape { kind, gain, level }
    }

    #[inline(always)]
    fn shape(&self, x: f32) -> f32 {
        match self.kind {
            Kind::Drive => self.level * saturate(self.gain * x),
            Kind::Distort => self.level * (self.gain * x).clamp(-1.0, 1.0),
            Kind::Fold => self.level * sine((self.gain * x).clamp(-64.0, 64.0)),
            Kind::Shape => self.level * (1.0 + self.gain) * x / (1.0 + self.gain * x.abs()),
        }
    }

    pub(crate) fn process(&self, samples: &mut [f32]) {
        for x in samples {
            *x = self.shape(*x);
        }
    }

    /// Mixes the shaped wave in by `mix`, frame by frame.
    pub(crate) fn blend(&self, samples: &mut [f32], mix: f32) {
        for x in samples {
            *x += mix * (self.shape(*x) - *x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_odd_bounded_and_grows_harmonics() {
        for kind in [Kind::Drive, Kind::Distort, Kind::Fold, Kind::Shape] {
            for amount in [0.0, 0.3, 1.0] {
                let shape = Waveshape::new(kind, amount);
                for i in -200..=200 {
                    let x = i as f32 / 50.0;
                    assert!(shape.shape(x).abs() <= 4.01, "{kind:?} {amount} {x}");
                    assert!((shape.shape(x) + shape.shape(-x)).abs() < 1e-5);
                }
            }
            let third = |amount: f32| {
                let shape = Waveshape::new(kind, amount);
                let part = |k: f32| {
                    let wave = |i: i32| shape.shape(0.7 * sine(i as f32 / 480.0));
                    (0..480).map(|i| wave(i) * sine((k * i as f32 / 480.0).fract())).sum::<f32>().abs()
                };
                part(3.0) / part(1.0)
            };
            assert!(third(0.8) > 2.0 * third(0.05), "{kind:?}: {} to {}", third(0.05), third(0.8));
        }
    }
}
