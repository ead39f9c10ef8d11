//! The plain ones: a saw, a square, a triangle, a sine, the stack of saws, and noise, each behind
//! a lowpass that opens with the velocity.

use super::Onset;
use super::patch::{FilterPatch, Patch, Slope};
use super::source::Source;
use super::stack::{Make, Stack, Wave};
use crate::envelope::Adsr;
use crate::noise::Noise;
use crate::oscillator::Frames;

const KEY: Adsr = Adsr { attack: 0.003, decay: 0.25, sustain: 0.8, release: 0.12 };

fn stack(onset: &Onset, make: Make, level: f32, slope: Slope) -> (Source, Patch) {
    // From four octaves over a low note to all there is, and brighter when hit harder.
    let cutoff = 1500.0 * (3.0 * onset.velocity).exp2() * (onset.frequency / 262.0).sqrt();
    let patch = Patch {
        envelope: Some(KEY),
        filter: Some(FilterPatch::fixed(slope, cutoff, 0.0)),
        ..Patch::plain(level * onset.amplitude())
    };
    (Source::Stack(Stack::new(onset, make)), patch)
}

pub(super) fn saw(onset: &Onset) -> (Source, Patch) {
    stack(onset, Make::single(Wave::Saw), 0.36, Slope::Two)
}

pub(super) fn square(onset: &Onset) -> (Source, Patch) {
    stack(onset, Make::single(Wave::Pulse), 0.24, Slope::Two)
}

pub(super) fn triangle(onset: &Onset) -> (Source, Patch) {
    stack(onset, Make::single(Wave::Triangle), 0.36, Slope::Two)
}

/// Nothing but the fundamental.
pub(super) fn sine(onset: &Onset) -> (Source, Patch) {
    let (source, patch) = stack(onset, Make::single(Wave::Sine), 0.3, Slope::Two);
    (source, Patch { filter: None, ..patch })
}

/// Seven saws across the stereo field.
pub(super) fn supersaw(onset: &Onset) -> (Source, Patch) {
    let make = Make { wave: Wave::Saw, unison: 7, cents: 44.0, spread: 0.9, width: 0.5 };
    let (source, patch) = stack(onset, make, 0.38, Slope::Two);
    let envelope = Some(Adsr { attack: 0.006, decay: 0.4, sustain: 0.85, release: 0.22 });
    (source, Patch { envelope, ..patch })
}

/// White noise through a lowpass that follows the pitch: a breath, a wind, a riser.
pub(super) fn noise(onset: &Onset) -> (Source, Patch) {
    let patch = Patch {
        envelope: Some(KEY),
        filter: Some(FilterPatch::fixed(
            Slope::Two,
            onset.frequency * (2.0 + 2.5 * onset.velocity).exp2(),
            0.1,
        )),
        ..Patch::plain(0.58 * onset.amplitude())
    };
    (Source::Noise(WhiteNoise::new(onset.seed)), patch)
}

#[derive(Clone, Debug)]
pub(crate) struct WhiteNoise {
    sides: [Noise; 2],
    /// Octaves that the pitch is bent by, which the filter follows.
    pub(super) octaves: f32,
}

impl WhiteNoise {
    fn new(seed: u32) -> Self {
        WhiteNoise { sides: [Noise::new(seed), Noise::new(seed ^ 0x6b2f)], octaves: 0.0 }
    }

    #[inline]
    pub(super) fn add(&mut self, bend: f32, frames: usize, out: [&mut Frames; 2]) {
        self.octaves = bend.log2();
        for (noise, out) in self.sides.iter_mut().zip(out) {
            noise.add(1.0, &mut out[..frames]);
        }
    }
}
