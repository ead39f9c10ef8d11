//! One sounding voice: a generator of an instrument or a drum, and the fade that frees it.
//!
//! A note needs what [`Onset`] says; a generator then adds frames to both channels until it has
//! finished. All of them are plain structs in one enum, so the pool keeps them side by side.

mod bass;
mod bell;
mod keys;
mod lead;
mod pad;
mod pluck;

pub(crate) use pluck::line_length;

use crate::drum::Drum;
use crate::instrument::{DrumSound, Instrument, VoiceKind};
use crate::oscillator::{CONTROL_FRAMES, frequency_of};
use bass::Bass;
use bell::Bell;
use keys::Keys;
use lead::Lead;
use pad::Pad;
use pluck::Pluck;

/// What a generator starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Onset {
    /// Hertz.
    pub(crate) frequency: f32,
    /// Over 0, up to 1.
    pub(crate) velocity: f32,
    /// Hertz.
    pub(crate) sample_rate: f32,
    /// Seeds noise and free phases.
    pub(crate) seed: u32,
}

impl Onset {
    /// Amplitude of a velocity: 24 dB from 0.1 to 1, the span of a played keyboard (Dannenberg,
    /// "The interpretation of MIDI velocity", ICMC 2006, finds such a square law).
    pub(crate) fn amplitude(&self) -> f32 {
        let root = 0.18 + 0.82 * self.velocity;
        root * root
    }
}

/// One frame of a stereo block, by channel.
pub(crate) struct Stereo<'a> {
    pub(crate) left: &'a mut [f32],
    pub(crate) right: &'a mut [f32],
}

impl Stereo<'_> {
    /// Writes a mono generator to both channels.
    #[inline(always)]
    pub(crate) fn fill_mono(&mut self, mut next: impl FnMut() -> f32) {
        for (l, r) in self.left.iter_mut().zip(self.right.iter_mut()) {
            let x = next();
            *l = x;
            *r = x;
        }
    }

    /// The block in pieces of at most [`CONTROL_FRAMES`].
    pub(crate) fn control_blocks(&mut self) -> impl Iterator<Item = Stereo<'_>> {
        self.left
            .chunks_mut(CONTROL_FRAMES)
            .zip(self.right.chunks_mut(CONTROL_FRAMES))
            .map(|(left, right)| Stereo { left, right })
    }
}

// The pool holds generators inline: a box would be an allocation in the callback.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub(crate) enum Generator {
    Pluck(Pluck),
    Bass(Bass),
    Pad(Pad),
    Keys(Keys),
    Lead(Lead),
    Bell(Bell),
    Drum(Drum),
}

impl Generator {
    /// Starts what `kind` names, or nothing if its pitch or velocity is no sound.
    ///
    /// `line` is the delay line that goes with the place in the pool, of [`line_length`] frames.
    pub(crate) fn start(
        kind: VoiceKind,
        velocity: f32,
        seed: u32,
        sample_rate: f32,
        line: &mut [f32],
    ) -> Option<Self> {
        if velocity.is_nan() || velocity <= 0.0 {
            return None;
        }
        let onset = |pitch: f32| Onset {
            frequency: frequency_of(pitch.clamp(0.0, 136.0)),
            velocity: velocity.min(1.0),
            sample_rate,
            seed,
        };
        let (instrument, pitch) = match kind {
            VoiceKind::Drum(sound) => {
                return Some(Generator::Drum(Drum::new(sound, onset(60.0))));
            }
            VoiceKind::Pitched { pitch, .. } if !pitch.is_finite() => return None,
            VoiceKind::Pitched { instrument, pitch } => (instrument, pitch),
        };
        let onset = onset(pitch);
        Some(match instrument {
            Instrument::Pluck => Generator::Pluck(Pluck::new(onset, line)),
            Instrument::Bass => Generator::Bass(Bass::new(onset)),
            Instrument::Pad => Generator::Pad(Pad::new(onset)),
            Instrument::Keys => Generator::Keys(Keys::new(onset)),
            Instrument::Lead => Generator::Lead(Lead::new(onset)),
            Instrument::Bell => Generator::Bell(Bell::new(onset)),
            Instrument::Kit => Generator::Drum(Drum::new(DrumSound::from_general_midi(pitch)?, onset)),
        })
    }

    /// Writes the next frames.
    pub(crate) fn render(&mut self, line: &mut [f32], out: Stereo<'_>) {
        match self {
            Generator::Pluck(v) => v.render(line, out),
            Generator::Bass(v) => v.render(out),
            Generator::Pad(v) => v.render(out),
            Generator::Keys(v) => v.render(out),
            Generator::Lead(v) => v.render(out),
            Generator::Bell(v) => v.render(out),
            Generator::Drum(v) => v.render(out),
        }
    }

    /// The key is let go.
    pub(crate) fn release(&mut self) {
        match self {
            Generator::Pluck(v) => v.release(),
            Generator::Bass(v) => v.release(),
            Generator::Pad(v) => v.release(),
            Generator::Keys(v) => v.release(),
            Generator::Lead(v) => v.release(),
            Generator::Bell(v) => v.release(),
            Generator::Drum(_) => {}
        }
    }

    pub(crate) fn finished(&self) -> bool {
        match self {
            Generator::Pluck(v) => v.finished(),
            Generator::Bass(v) => v.finished(),
            Generator::Pad(v) => v.finished(),
            Generator::Keys(v) => v.finished(),
            Generator::Lead(v) => v.finished(),
            Generator::Bell(v) => v.finished(),
            Generator::Drum(v) => v.finished(),
        }
    }

    /// Which drum it is, if it is one.
    pub(crate) fn drum(&self) -> Option<DrumSound> {
        match self {
            Generator::Drum(drum) => Some(drum.sound()),
            _ => None,
        }
    }
}
