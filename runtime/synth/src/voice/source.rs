//! What makes the raw sound of a voice.

use super::additive::Additive;
use super::bass::Bass;
use super::bell::Bell;
use super::fm::Fm;
use super::keys::Keys;
use super::lead::Lead;
use super::organ::Organ;
use super::pad::Pad;
use super::patch::Patch;
use super::player::Player;
use super::pluck::Pluck;
use super::simple::{self, WhiteNoise};
use super::stack::Stack;
use super::sub::Sub;
use super::vowel::Singer;
use super::{Memory, Onset, Stereo, acid, string};
use crate::drum::Drum;
use crate::instrument::Instrument;
use crate::oscillator::Frames;

// The pool holds sources inline: a box would be an allocation in the callback.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Pluck(Pluck),
    Bass(Bass),
    Pad(Pad),
    Keys(Keys),
    Lead(Lead),
    Bell(Bell),
    Stack(Stack),
    Fm(Fm),
    Sub(Sub),
    Organ(Organ),
    Singer(Singer),
    Noise(WhiteNoise),
    Drum(Drum),
    Player(Player),
    Additive(Additive),
}

impl Source {
    /// The source of an instrument other than the kit, and the patch that goes with it.
    pub(crate) fn new(instrument: Instrument, onset: &Onset, line: &mut [f32]) -> (Self, Patch) {
        match instrument {
            Instrument::Pluck => (Source::Pluck(Pluck::new(onset, line)), Pluck::patch(onset)),
            Instrument::Bass => (Source::Bass(Bass::new(onset)), Bass::patch(onset)),
            Instrument::Pad => (Source::Pad(Pad::new(onset)), Pad::patch(onset)),
            Instrument::Keys => (Source::Keys(Keys::new(onset)), Keys::patch(onset)),
            Instrument::Lead => (Source::Lead(Lead::new(onset)), Lead::patch(onset)),
            Instrument::Bell => (Source::Bell(Bell::new(onset)), Bell::patch(onset)),
            Instrument::Saw => simple::saw(onset),
            Instrument::Square => simple::square(onset),
            Instrument::Triangle => simple::triangle(onset),
            Instrument::Sine => simple::sine(onset),
            Instrument::Supersaw => simple::supersaw(onset),
            Instrument::Noise => simple::noise(onset),
            Instrument::String => string::string(onset),
            Instrument::Acid => acid::acid(onset),
            Instrument::Fm => (Source::Fm(Fm::new(onset)), Fm::patch(onset)),
            Instrument::Sub => (Source::Sub(Sub::new(onset)), Sub::patch(onset)),
            Instrument::Organ => (Source::Organ(Organ::new(onset)), Organ::patch(onset)),
            Instrument::Voice => (Source::Singer(Singer::new(onset)), Singer::patch(onset)),
            // A kit has no pitch of its own; its drums are made by name.
            Instrument::Kit => {
                (Source::Drum(Drum::new(crate::DrumSound::BassDrum, *onset)), Patch::plain(1.0))
            }
        }
    }

    /// Whether both channels are filled; otherwise only the left one is.
    pub(crate) fn is_stereo(&self) -> bool {
        match self {
            Source::Stack(v) => v.is_stereo(),
            Source::Bass(v) => v.is_stereo(),
            Source::Lead(v) => v.is_stereo(),
            Source::Pad(_) | Source::Keys(_) | Source::Organ(_) | Source::Noise(_) | Source::Drum(_) => true,
            Source::Singer(v) => v.is_stereo(),
            Source::Player(v) => v.is_stereo(),
            Source::Pluck(_) | Source::Bell(_) | Source::Fm(_) | Source::Sub(_) | Source::Additive(_) => {
                false
            }
        }
    }

    /// Octaves by which the source opens its filter just now, beside the filter's envelope.
    pub(crate) fn brightness(&self) -> f32 {
        match self {
            Source::Pad(v) => v.brightness(),
            Source::Noise(v) => v.octaves,
            _ => 0.0,
        }
    }

    /// Adds the next `frames`, at `bend` times the frequency.
    #[inline]
    pub(crate) fn add(&mut self, memory: &mut Memory<'_>, bend: f32, frames: usize, out: [&mut Frames; 2]) {
        match self {
            Source::Pluck(v) => v.add(memory.line, bend, frames, out),
            Source::Bass(v) => v.add(bend, frames, out),
            Source::Pad(v) => v.add(bend, frames, out),
            Source::Keys(v) => v.add(bend, frames, out),
            Source::Lead(v) => v.add(bend, frames, out),
            Source::Bell(v) => v.add(bend, frames, out),
            Source::Stack(v) => v.add(1.0, bend, frames, out),
            Source::Fm(v) => v.add(bend, frames, out),
            Source::Sub(v) => v.add(bend, frames, out),
            Source::Organ(v) => v.add(bend, frames, out),
            Source::Singer(v) => v.add(bend, frames, out),
            Source::Noise(v) => v.add(bend, frames, out),
            Source::Player(v) => v.add(memory.samples, bend, frames, out),
            Source::Additive(v) => v.add(memory.samples, bend, frames, out),
            Source::Drum(v) => {
                let [left, right] = out;
                v.render(Stereo { left: &mut left[..frames], right: &mut right[..frames] });
            }
        }
    }

    /// The key is let go: what decays by itself decays faster.
    pub(crate) fn release(&mut self) {
        match self {
            Source::Pluck(v) => v.release(),
            Source::Keys(v) => v.release(),
            Source::Bell(v) => v.release(),
            Source::Additive(v) => v.release(),
            _ => {}
        }
    }

    /// Whether what decays by itself has done so.
    pub(crate) fn finished(&self) -> bool {
        match self {
            Source::Pluck(v) => v.finished(),
            Source::Keys(v) => v.finished(),
            Source::Bell(v) => v.finished(),
            Source::Drum(v) => v.finished(),
            Source::Player(v) => v.finished(),
            Source::Additive(v) => v.finished(),
            _ => false,
        }
    }
}
