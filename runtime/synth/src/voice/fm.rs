//! Two operators (Chowning, "The synthesis of complex audio spectra by means of frequency
//! modulation", JAES 21(7), 1973): `fm` is the index, `fmh` the ratio, and the index falls in the
//! time `fmdecay` to a third.

use super::Onset;
use super::patch::Patch;
use crate::envelope::{Adsr, Envelope};
use crate::oscillator::{Frames, ramp, sine};
use crate::param::Param;

/// No modulator moves by more than this part of its cycle in a frame.
const FASTEST: f32 = 0.4;

#[derive(Clone, Debug)]
pub(crate) struct Fm {
    carrier: f32,
    modulator: f32,
    increment: f32,
    ratio: f32,
    /// In cycles.
    index: f32,
    fall: Envelope,
}

impl Fm {
    pub(crate) fn new(onset: &Onset) -> Self {
        let params = &onset.params;
        let index = params.or(Param::Fm, 0.8 + 2.6 * onset.velocity);
        let decay = params.or(Param::FmDecay, 0.6);
        Fm {
            carrier: 0.0,
            modulator: 0.0,
            increment: onset.frequency / onset.sample_rate,
            ratio: params.or(Param::FmRatio, 2.0),
            index: index / std::f32::consts::TAU,
            fall: Envelope::new(
                Adsr { attack: 0.001, decay, sustain: 0.33, release: 1.0 },
                onset.sample_rate,
            ),
        }
    }

    pub(crate) fn patch(onset: &Onset) -> Patch {
        let envelope = Some(Adsr { attack: 0.002, decay: 1.2, sustain: 0.55, release: 0.2 });
        Patch { envelope, ..Patch::plain(0.36 * onset.amplitude()) }
    }

    #[inline]
    pub(crate) fn add(&mut self, bend: f32, frames: usize, [left, _]: [&mut Frames; 2]) {
        let step = (self.increment * bend).min(FASTEST);
        let carriers = ramp(&mut self.carrier, step, frames);
        let fast = step * self.ratio;
        let modulators = ramp(&mut self.modulator, fast.min(FASTEST), frames);
        // Near half the sample rate the side bands would fold back: they fade (Carson's rule).
        let room = ((0.5 - step) / fast.max(1e-6) - 1.0).max(0.0);
        let index = self.index.min(room / std::f32::consts::TAU);
        let fall = self.fall.block(frames);
        for i in 0..frames {
            left[i] += sine(carriers[i] + index * fall[i] * sine(modulators[i]));
        }
    }
}
