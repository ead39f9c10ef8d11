//! A bell: eight sines, the upper ones at the ratios of a struck bar, each with its own decay
//! (after Risset's bell in "An Introductory Catalog of Computer Synthesized Sounds", 1969).

use super::Onset;
use super::patch::Patch;
use crate::envelope::{Decay, SILENCE, decay_factor};
use crate::filter::flush;
use crate::oscillator::{CONTROL_FRAMES, Frames, ramp, ratio_of_cents, sine};
use crate::param::Param;

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
    /// Of a frame, and of a whole control block.
    factor: [f32; LANES],
    block_factor: [f32; LANES],
    ring: Decay,
    attack: f32,
    attack_step: f32,
    sample_rate: f32,
}

impl Bell {
    pub(crate) fn new(onset: &Onset) -> Self {
        let Onset { frequency, velocity, sample_rate, .. } = *onset;
        let shimmer = onset.params.or(Param::Detune, 0.0);
        let seconds = (7.0 * (262.0 / frequency).sqrt()).clamp(1.2, 10.0);
        let mut increment = RATIOS.map(|ratio| ratio * frequency / sample_rate);
        increment[1] = increment[1] * ratio_of_cents(shimmer) + SHIMMER / sample_rate;
        // A soft mallet leaves the upper partials asleep; none may fold back.
        let level = std::array::from_fn(|i| {
            if increment[i] > 0.42 {
                0.0
            } else {
                let softness = (RATIOS[i] - 1.0) * (1.0 - velocity) * 0.45;
                LEVELS[i] * (-softness).exp2()
            }
        });
        let factor = TIMES.map(|part| decay_factor(seconds * part, sample_rate));
        Bell {
            phase: [0.0; LANES],
            increment,
            level,
            factor,
            block_factor: factor.map(whole_block),
            ring: Decay::new(seconds, sample_rate),
            attack: 0.0,
            attack_step: 1.0 / (0.001 * sample_rate),
            sample_rate,
        }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        Patch::plain(LEVEL * onset.amplitude())
    }

    #[inline]
    pub(crate) fn add(&mut self, bend: f32, frames: usize, [left, _]: [&mut Frames; 2]) {
        let mut sum = [0.0; CONTROL_FRAMES];
        for lane in 0..LANES {
            let step = (self.increment[lane] * bend).min(0.49);
            let phases = ramp(&mut self.phase[lane], step, frames);
            let start = self.level[lane];
            let factor = if frames == CONTROL_FRAMES {
                self.block_factor[lane]
            } else {
                self.factor[lane].powi(frames as i32)
            };
            let end = start * factor;
            // Over a third of a millisecond a decay is a straight line.
            let step = (end - start) / frames as f32;
            for (i, phase) in phases.into_iter().enumerate() {
                sum[i] += (start + step * (i + 1) as f32) * sine(phase);
            }
            self.level[lane] = flush(end);
        }
        self.ring.block(frames);
        for (x, sum) in left[..frames].iter_mut().zip(sum) {
            self.attack = (self.attack + self.attack_step).min(1.0);
            *x += self.attack * sum;
        }
    }

    pub(crate) fn release(&mut self) {
        let factor = decay_factor(RELEASE, self.sample_rate);
        for own in &mut self.factor {
            *own = own.min(factor);
        }
        self.block_factor = self.factor.map(whole_block);
        self.ring.set_seconds(RELEASE, self.sample_rate);
    }

    pub(crate) fn finished(&self) -> bool {
        self.ring.level() < SILENCE
    }
}

fn whole_block(factor: f32) -> f32 {
    factor.powi(CONTROL_FRAMES as i32)
}
