//! A bell: eight sines, the upper ones at the ratios of a struck bar, each with its own decay
//! (after Risset's bell in "An Introductory Catalog of Computer Synthesized Sounds", 1969).

use super::{Onset, Stereo};
use crate::envelope::{Decay, SILENCE, decay_factor};
use crate::oscillator::sine;

const LANES: usize = 8;
/// The fundamental twice, a little apart so that it shimmers; an octave and a twelfth; then the
/// free bar: 2.756, 5.404, 8.933 (Fletcher & Rossing, 1998, chapter 2).
const RATIOS: [f32; LANES] = [1.0, 1.0, 2.001, 2.756, 3.01, 4.2, 5.404, 8.933];
const LEVELS: [f32; LANES] = [0.75, 0.25, 0.3, 0.34, 0.16, 0.14, 0.2, 0.1];
/// Decay of each partial, as a part of that of the fundamental.
const TIMES: [f32; LANES] = [1.0, 0.95, 0.6, 0.42, 0.35, 0.26, 0.2, 0.09];
/// Beating of the doubled fundamental in hertz.
const SHIMMER: f32 = 0.9;
const LEVEL: f32 = 0.5;
const RELEASE: f32 = 0.9;

#[derive(Clone, Debug)]
pub(crate) struct Bell {
    phase: [f32; LANES],
    increment: [f32; LANES],
    level: [f32; LANES],
    factor: [f32; LANES],
    ring: Decay,
    attack: f32,
    attack_step: f32,
    sample_rate: f32,
}

impl Bell {
    pub(crate) fn new(onset: Onset) -> Self {
        let Onset { frequency, velocity, sample_rate, .. } = onset;
        let seconds = (7.0 * (262.0 / frequency).sqrt()).clamp(1.2, 10.0);
        let mut increment = RATIOS.map(|ratio| ratio * frequency / sample_rate);
        increment[1] += SHIMMER / sample_rate;
        // A soft mallet leaves the upper partials asleep; none may fold back.
        let level = std::array::from_fn(|i| {
            if increment[i] > 0.42 {
                0.0
            } else {
                let softness = (RATIOS[i] - 1.0) * (1.0 - velocity) * 0.45;
                LEVEL * onset.amplitude() * LEVELS[i] * (-softness).exp2()
            }
        });
        Bell {
            phase: [0.0; LANES],
            increment,
            level,
            factor: TIMES.map(|part| decay_factor(seconds * part, sample_rate)),
            ring: Decay::new(seconds, sample_rate),
            attack: 0.0,
            attack_step: 1.0 / (0.001 * sample_rate),
            sample_rate,
        }
    }

    pub(crate) fn render(&mut self, mut out: Stereo<'_>) {
        out.fill_mono(|| {
            let mut sum = 0.0;
            for lane in 0..LANES {
                let moved = self.phase[lane] + self.increment[lane];
                let t = if moved >= 1.0 { moved - 1.0 } else { moved };
                self.phase[lane] = t;
                self.level[lane] *= self.factor[lane];
                sum += self.level[lane] * sine(t);
            }
            self.ring.next();
            self.attack = (self.attack + self.attack_step).min(1.0);
            self.attack * sum
        });
        for level in &mut self.level {
            *level = crate::filter::flush(*level);
        }
    }

    pub(crate) fn release(&mut self) {
        let factor = decay_factor(RELEASE, self.sample_rate);
        for own in &mut self.factor {
            *own = own.min(factor);
        }
        self.ring.set_seconds(RELEASE, self.sample_rate);
    }

    pub(crate) fn finished(&self) -> bool {
        self.ring.level() < SILENCE
    }
}
