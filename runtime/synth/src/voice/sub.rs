//! What is felt more than heard: a sine, with just enough of a second voice an octave up that
//! small loudspeakers tell its pitch.

use super::Onset;
use super::patch::Patch;
use crate::envelope::Adsr;
use crate::oscillator::{Frames, ramp, saturate, sine};

#[derive(Clone, Debug)]
pub(crate) struct Sub {
    phase: f32,
    increment: f32,
    octave: f32,
    warmth: f32,
}

impl Sub {
    pub(crate) fn new(onset: &Onset) -> Self {
        let increment = onset.frequency / onset.sample_rate;
        Sub {
            phase: 0.0,
            increment,
            octave: 0.08 + 0.14 * onset.velocity,
            warmth: 1.1 + 0.7 * onset.velocity,
        }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        let envelope = Some(Adsr { attack: 0.004, decay: 0.4, sustain: 0.9, release: 0.08 });
        Patch { envelope, ..Patch::plain(0.33 * onset.amplitude()) }
    }

    #[inline]
    pub(crate) fn add(&mut self, bend: f32, frames: usize, [left, _]: [&mut Frames; 2]) {
        let phases = ramp(&mut self.phase, (self.increment * bend).min(0.45), frames);
        for (x, t) in left.iter_mut().zip(phases) {
            *x += saturate(self.warmth * (sine(t) + self.octave * sine(2.0 * t)));
        }
    }
}
