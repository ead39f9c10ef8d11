//! What leaves the sequencer: actions stamped with their time.

use std::sync::Arc;

use lilt_score::{Beat, Context, Control, Stroke, Tone, Velocity};

use crate::{Instrument, Output, Strip, Under};

/// Names a slot for as long as the host runs; a slot that comes back under the
/// same name gets the same number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(pub u16);

/// Names one sounding note, so that its end finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NoteId(pub u64);

/// What an event strikes: one shape from the script to the synthesiser, MIDI and files. Two are equal
/// when they sound the same, wherever they were written.
#[derive(Debug, Clone)]
pub struct Strike {
    /// What it sounds.
    pub tone: Tone,
    /// How hard.
    pub velocity: Velocity,
    /// What else the event says, within the ranges of the controls, sorted by control.
    pub numbers: Box<[(Control, f64)]>,
    /// What plays it, where the event says so.
    pub output: Option<Arc<Output>>,
    /// Where it was written, and how much it surprised a model.
    pub context: Context,
}

impl Strike {
    /// A tone, and how hard; nothing else is said.
    pub fn new(tone: Tone, velocity: Velocity) -> Strike {
        Strike { tone, velocity, numbers: Box::default(), output: None, context: Context::none() }
    }

    /// The number of a control, where the event says one.
    pub fn number(&self, control: Control) -> Option<f64> {
        let found = self.numbers.binary_search_by_key(&control, |(known, _)| *known).ok()?;
        Some(self.numbers[found].1)
    }
}

impl PartialEq for Strike {
    fn eq(&self, other: &Strike) -> bool {
        let Strike { tone, velocity, numbers, output, context: _ } = self;
        (tone, velocity, numbers, output) == (&other.tone, &other.velocity, &other.numbers, &other.output)
    }
}

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
        /// What is struck, and how.
        strike: Arc<Strike>,
        /// How long it will last, in beats.
        duration: Beat,
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
        /// Where the slot plays.
        output: Arc<Output>,
    },
    /// A stroke of a drawing appears.
    Stroke {
        /// The stroke; shared, since strokes are long.
        stroke: Arc<Stroke>,
        /// How long its drawing takes, in beats.
        duration: Beat,
        /// True for the first stroke of a sketch: it takes the place of what the slot showed before.
        first: bool,
        /// For how many beats it has been drawn already, where its slot enters in the middle of a drawing.
        begun: Beat,
    },
    /// A look of a drawing goes to a value.
    Look {
        /// Which: one of [`Control::looks`].
        look: Control,
        /// Where to, within its range.
        value: f64,
    },
    /// The slot now plays through another output (always before its first note there).
    /// It also begins again after a fade: what faded is to be heard again.
    Route {
        /// Where its notes go from now on.
        output: Output,
    },
    /// The slot's sound goes to a bus from now on, or to the master.
    Send {
        /// The slot that is the bus.
        bus: Option<SlotId>,
        /// Where the slot plays.
        output: Arc<Output>,
    },
    /// The slot ducks under another from now on, or no longer.
    Duck {
        /// Under whom, and how.
        under: Option<Under>,
        /// Where the slot plays.
        output: Arc<Output>,
    },
    /// The slot's name left the text: it fades to silence over `seconds`, then ends.
    FadeOut {
        /// Length of the fade.
        seconds: f64,
    },
}

impl Output {
    /// The instrument, unless recorded sounds play the notes, they leave by MIDI, or there are none.
    pub fn instrument(&self) -> Option<Instrument> {
        match self {
            Output::Synth(instrument) => Some(*instrument),
            Output::Sample { .. }
            | Output::Preset(_)
            | Output::Timbre(_)
            | Output::Midi { .. }
            | Output::Osc(_)
            | Output::Bus => None,
        }
    }

    /// Where a control stands here when the script says nothing. What comes to a bus has been in its room.
    pub fn unsaid(&self, control: Control) -> f64 {
        match self {
            Output::Bus => control.neutral(),
            _ => Strip::unsaid(control),
        }
    }

    /// True where the notes sound here: they do not leave for other instruments or programs.
    pub fn sounds_here(&self) -> bool {
        !matches!(self, Output::Midi { .. } | Output::Osc(_))
    }
}
