//! A synthesiser bass: two saws and a sine, driven a little, through a 24 dB lowpass with an
//! envelope of its own.

use super::Onset;
use super::patch::{FilterPatch, Patch, Slope};
use super::stack::{Make, Stack, Wave};
use crate::envelope::Adsr;
use crate::oscillator::{Frames, Phase, ramp, sine};

const LEVEL: f32 = 0.74;

#[derive(Clone, Debug)]
pub(crate) struct Bass {
    saws: Stack,
    sub: Phase,
}

impl Bass {
    pub(crate) fn new(onset: &Onset) -> Self {
        let make = Make { wave: Wave::Saw, unison: 2, cents: 6.0, spread: 0.0, width: 0.5 };
        Bass { saws: Stack::new(onset, make), sub: Phase::new(onset.frequency, onset.sample_rate, 0.0) }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        let v = onset.velocity;
        Patch {
            envelope: Some(Adsr { attack: 0.003, decay: 0.9, sustain: 0.7, release: 0.09 }),
            filter: Some(FilterPatch {
                slope: Slope::Four,
                cutoff: (onset.frequency * (1.5 + 0.9 * v).exp2()).max(140.0),
                resonance: 0.22,
                octaves: 1.2 + 2.6 * v,
                envelope: Adsr { attack: 0.001, decay: 0.55 + 0.4 * v, sustain: 0.0, release: 0.2 },
            }),
            drive: 1.1 + 0.9 * v,
            ..Patch::plain(LEVEL * onset.amplitude())
        }
    }

    pub(crate) fn is_stereo(&self) -> bool {
        self.saws.is_stereo()
    }

    #[inline]
    pub(crate) fn add(&mut self, bend: f32, frames: usize, [left, right]: [&mut Frames; 2]) {
        self.saws.add(0.6, bend, frames, [&mut *left, &mut *right]);
        let step = (self.sub.increment * bend).min(0.45);
        let sub = ramp(&mut self.sub.value, step, frames).map(|t| 0.75 * sine(t));
        for (i, x) in sub.into_iter().enumerate() {
            left[i] += x;
            right[i] += x;
        }
    }
}
