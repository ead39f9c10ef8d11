//! The bass line of the TB-303: one saw, or a pulse where `pw` says so, through a ladder that
//! screams, with an envelope that opens it. Accents open it further, slides are glides.

use super::Onset;
use super::patch::{FilterPatch, Patch, Slope, drive_gain};
use super::source::Source;
use super::stack::{Make, Stack, Wave};
use crate::envelope::Adsr;
use crate::param::Param;

pub(super) fn acid(onset: &Onset) -> (Source, Patch) {
    let wave = if onset.params.get(Param::PulseWidth).is_some() { Wave::Pulse } else { Wave::Saw };
    let v = onset.velocity;
    let patch = Patch {
        envelope: Some(Adsr { attack: 0.002, decay: 1.6, sustain: 0.35, release: 0.05 }),
        filter: Some(FilterPatch {
            slope: Slope::Four,
            cutoff: 180.0 * (onset.frequency / 65.0).powf(0.3) * (0.8 * v).exp2(),
            resonance: 0.72,
            octaves: 2.0 + 1.8 * v,
            envelope: Adsr { attack: 0.003, decay: 0.3, sustain: 0.05, release: 0.1 },
        }),
        drive: drive_gain(0.2),
        ..Patch::plain(0.9 * onset.amplitude())
    };
    (Source::Stack(Stack::new(onset, Make::single(wave))), patch)
}
