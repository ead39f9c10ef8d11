//! What leaves the sequencer: actions stamped with their time.

use std::sync::Arc;

use lilt_score::{Beat, Stroke, Tone, Velocity};

use crate::{Instrument, Output};

/// Names a slot for as long as the host runs; a slot that comes back under the
/// same name gets the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(pub u16);

/// Names one sounding note, so that its end finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoteId(pub u64);

/// Something that must happen at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Timed {
    /// When, in seconds since the performance began.
    pub seconds: f64,
    /// When, in beats since the performance began.
    pub beat: Beat,
    /// Which slot.
    pub slot: SlotId,
    /// What.
    pub action: Action,
}

/// What can happen at a moment.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// A note begins; a matching `NoteOff` always follows in time order.
    NoteOn {
        /// Names the note.
        id: NoteId,
        /// What it sounds.
        tone: Tone,
        /// How hard.
        velocity: Velocity,
        /// How long it will last, in beats.
        duration: Beat,
        /// How much it surprised a model, in nats, where the script asked for that.
        surprise: Option<f64>,
        /// What plays it.
        output: Arc<Output>,
    },
    /// The note ends.
    NoteOff {
        /// Which.
        id: NoteId,
        /// What it sounded.
        tone: Tone,
        /// What played it, wherever the slot plays by now.
        output: Arc<Output>,
    },
    /// A control glides to a value.
    Control {
        /// Which control.
        control: Control,
        /// Where to.
        value: f64,
        /// How long the glide takes, in seconds.
        glide: f64,
    },
    /// A stroke of a drawing appears.
    Stroke {
        /// The stroke; shared, since strokes are long.
        stroke: Arc<Stroke>,
        /// How long its drawing takes, in beats.
        duration: Beat,
        /// True for the first stroke of a sketch: what the slot showed before is wiped.
        first: bool,
    },
    /// The slot now plays through another output (always before its first note there).
    /// It also begins again after a fade: what faded is to be heard again.
    Route {
        /// Where its notes go from now on.
        output: Output,
    },
    /// The slot's name left the text: it fades to silence over `seconds`, then ends.
    FadeOut {
        /// Length of the fade.
        seconds: f64,
    },
}

/// A slot's controls, see `Controls` for their units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Control {
    /// Loudness factor.
    Gain,
    /// Stereo place.
    Pan,
    /// Low-pass cutoff.
    Lowpass,
    /// High-pass cutoff.
    Highpass,
    /// Reverb send.
    Reverb,
    /// Delay send.
    Delay,
}

impl Output {
    /// The instrument, unless the notes leave by MIDI.
    pub fn instrument(&self) -> Option<Instrument> {
        match self {
            Output::Synth(instrument) => Some(*instrument),
            Output::Midi { .. } => None,
        }
    }
}
