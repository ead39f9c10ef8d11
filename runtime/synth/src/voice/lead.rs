//! A lead: two saws and a pulse whose width moves, through a lowpass with an envelope, with a
//! vibrato that comes in late, as a player's does.

use super::Onset;
use super::bend::Vibrato;
use super::patch::{FilterPatch, Patch, Slope};
use super::stack::{Make, Stack, Wave};
use crate::envelope::Adsr;
use crate::noise::Noise;
use crate::oscillator::{Frames, Phase, pulse, ramp, sine};

const LEVEL: f32 = 0.42;

#[derive(Clone, Debug)]
pub(crate) struct Lead {
    saws: Stack,
    pulse: Phase,
    sway: Phase,
}

impl Lead {
    pub(crate) fn new(onset: &Onset) -> Self {
        let make = Make { wave: Wave::Saw, unison: 2, cents: 10.0, spread: 0.0, width: 0.5 };
        let mut noise = Noise::new(onset.seed ^ 0x51ed);
        Lead {
            saws: Stack::new(onset, make),
            pulse: Phase::new(onset.frequency, onset.sample_rate, noise.unit()),
            sway: Phase::new(0.7, onset.sample_rate, noise.unit()),
        }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        Patch {
            envelope: Some(Adsr { attack: 0.006, decay: 0.5, sustain: 0.78, release: 0.16 }),
            filter: Some(FilterPatch {
                slope: Slope::Two,
                cutoff: (700.0 * onset.frequency).sqrt() * (0.9 + 1.1 * onset.velocity).exp2(),
                resonance: 0.13,
                octaves: 1.6,
                envelope: Adsr { attack: 0.001, decay: 0.7, sustain: 0.0, release: 0.3 },
            }),
            vibrato: Vibrato { cents: 13.0, hertz: 5.4, after: 0.3, rise: 0.5 },
            ..Patch::plain(LEVEL * onset.amplitude())
        }
    }

    pub(crate) fn is_stereo(&self) -> bool {
        self.saws.is_stereo()
    }

    #[inline]
    pub(crate) fn add(&mut self, bend: f32, frames: usize, [left, right]: [&mut Frames; 2]) {
        self.saws.add(0.7, bend, frames, [&mut *left, &mut *right]);
        let sway = 0.22 * sine(self.sway.next_by(self.sway.increment * frames as f32));
        let width = (self.saws.width() + sway).clamp(0.02, 0.98);
        let step = (self.pulse.increment * bend).min(0.45);
        let phases = ramp(&mut self.pulse.value, step, frames);
        for (i, t) in phases.into_iter().enumerate() {
            let x = 0.45 * pulse(t, width, step, 1.0 / step);
            left[i] += x;
            right[i] += x;
        }
    }
}
