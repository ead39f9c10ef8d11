//! A singing voice: the pulses of the vocal folds, a breath, and the formants of a vowel.

use super::Onset;
use super::bend::Vibrato;
use super::patch::Patch;
use super::stack::{Make, Stack, Wave};
use crate::effect::formant::Formants;
use crate::envelope::Adsr;
use crate::noise::Noise;
use crate::oscillator::{CONTROL_FRAMES, Frames};
use crate::param::Param;

const LEVEL: f32 = 0.5;

#[derive(Clone, Debug)]
pub(crate) struct Singer {
    folds: Stack,
    breath: Noise,
    breath_level: f32,
    formants: Formants,
}

impl Singer {
    pub(crate) fn new(onset: &Onset) -> Self {
        let make = Make { wave: Wave::Saw, unison: 2, cents: 7.0, spread: 0.5, width: 0.5 };
        let vowel = onset.params.or(Param::Vowel, 1.0).max(1.0);
        Singer {
            folds: Stack::new(onset, make),
            breath: Noise::new(onset.seed ^ 0x2545),
            breath_level: 0.03 + 0.05 * onset.velocity,
            // Harder singing lifts the upper formants.
            formants: Formants::new(vowel, 0.4 + 0.9 * onset.velocity, onset.sample_rate),
        }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        Patch {
            envelope: Some(Adsr { attack: 0.06, decay: 0.4, sustain: 0.85, release: 0.18 }),
            vibrato: Vibrato { cents: 16.0, hertz: 5.6, after: 0.25, rise: 0.5 },
            ..Patch::plain(LEVEL * onset.amplitude())
        }
    }

    pub(crate) fn is_stereo(&self) -> bool {
        self.folds.is_stereo()
    }

    #[inline]
    pub(crate) fn add(&mut self, bend: f32, frames: usize, [left, right]: [&mut Frames; 2]) {
        let (mut l, mut r) = ([0.0; CONTROL_FRAMES], [0.0; CONTROL_FRAMES]);
        self.folds.add(1.0, bend, frames, [&mut l, &mut r]);
        for i in 0..frames {
            let breath = self.breath_level * self.breath.next();
            left[i] += self.formants.next(0, l[i] + breath);
            if self.folds.is_stereo() {
                right[i] += self.formants.next(1, r[i] + breath);
            }
        }
        self.formants.flush();
    }
}
