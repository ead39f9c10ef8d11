//! A pad: eight detuned saws spread over both channels, behind a lowpass that opens slowly and
//! breathes.

use super::Onset;
use super::patch::{FilterPatch, Patch, Slope};
use super::stack::{Make, Stack, Wave};
use crate::envelope::Adsr;
use crate::noise::Noise;
use crate::oscillator::{Frames, sine};

const LEVEL: f32 = 0.42;

#[derive(Clone, Debug)]
pub(crate) struct Pad {
    saws: Stack,
    breath: f32,
    breath_step: f32,
}

impl Pad {
    pub(crate) fn new(onset: &Onset) -> Self {
        let make = Make { wave: Wave::Saw, unison: 8, cents: 34.0, spread: 0.8, width: 0.5 };
        let mut noise = Noise::new(onset.seed ^ 0x7f4a);
        Pad {
            saws: Stack::new(onset, make),
            breath: noise.unit(),
            breath_step: (0.11 + 0.06 * noise.unit()) / onset.sample_rate,
        }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        Patch {
            envelope: Some(Adsr { attack: 0.28, decay: 2.0, sustain: 0.85, release: 1.3 }),
            filter: Some(FilterPatch {
                slope: Slope::Two,
                // Follows the pitch by half, from 260 Hz on.
                cutoff: (260.0 * onset.frequency).sqrt() * (0.6 + 1.3 * onset.velocity).exp2(),
                resonance: 0.02,
                octaves: 1.9,
                envelope: Adsr { attack: 0.9, decay: 3.0, sustain: 0.6, release: 1.4 },
            }),
            ..Patch::plain(LEVEL * onset.amplitude())
        }
    }

    /// Octaves by which the filter breathes.
    pub(crate) fn brightness(&self) -> f32 {
        0.35 * sine(self.breath)
    }

    #[inline]
    pub(crate) fn add(&mut self, bend: f32, frames: usize, [left, right]: [&mut Frames; 2]) {
        self.breath = (self.breath + self.breath_step * frames as f32).fract();
        self.saws.add(1.0, bend, frames, [&mut *left, &mut *right]);
        if !self.saws.is_stereo() {
            *right = *left;
        }
    }
}
