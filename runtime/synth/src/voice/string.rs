//! Bowed strings: a section of six saws, each a little off, with a breath of the bow and a vibrato
//! that comes in late.

use super::Onset;
use super::bend::Vibrato;
use super::patch::{FilterPatch, Patch, Slope};
use super::source::Source;
use super::stack::{Make, Stack, Wave};
use crate::envelope::Adsr;

pub(super) fn string(onset: &Onset) -> (Source, Patch) {
    let v = onset.velocity;
    let make = Make { wave: Wave::Saw, unison: 6, cents: 18.0, spread: 0.75, width: 0.5 };
    let patch = Patch {
        envelope: Some(Adsr { attack: 0.14 - 0.1 * v, decay: 0.8, sustain: 0.85, release: 0.35 }),
        filter: Some(FilterPatch {
            slope: Slope::Two,
            cutoff: (500.0 * onset.frequency).sqrt() * (1.6 + 1.6 * v).exp2(),
            resonance: 0.08,
            octaves: 0.8,
            envelope: Adsr { attack: 0.25, decay: 0.8, sustain: 0.6, release: 0.4 },
        }),
        noise: 0.03 + 0.03 * v,
        vibrato: Vibrato { cents: 9.0, hertz: 5.3, after: 0.25, rise: 0.6 },
        ..Patch::plain(0.36 * onset.amplitude())
    };
    (Source::Stack(Stack::new(onset, make)), patch)
}
