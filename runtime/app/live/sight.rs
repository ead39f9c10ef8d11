//! What the view is told: what plays, what the script says, and what is wrong.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use lilt_editor::protocol::{BakeStatus, HostMessage};
use lilt_editor::{ClientId, Recipient};
use lilt_score::{Meter, Place};
use lilt_script::Diagnostic;
use lilt_sequencer::{
    Action, ContentId, Entered, Evidence, GenerationId, NoteId, PlannedNote, Position, Retraction, SlotId,
    SlotStatus, Staging, Tempo, Timed,
};

use crate::easel::Easel;

/// Everything that the view is told, as one closed list.
pub enum Sight {
    /// What plays, at a moment.
    Glimpse(Box<Glimpse>),
    /// What was sent to be heard in a moment, where somebody follows it.
    Planned(Box<Planned>),
    /// A generation was accepted.
    Entered {
        /// What it changes, and when.
        entered: Entered,
        /// Its tempo.
        tempo: Tempo,
    },
    /// A line for the performer.
    Said(String),
    /// What the script printed.
    Printed(Vec<String>),
    /// What is wrong, drawn for the terminal; what still plays is said after it.
    Complaint(String),
    /// How it stands with the script.
    Script(Box<ScriptStatus>),
    /// The file into which the sound is being recorded from now on, or none.
    Recording(Option<PathBuf>),
    /// A message for editors.
    Tell(Recipient, Box<HostMessage>),
    /// A new editor is to learn what plays.
    Attached(ClientId),
    /// An editor that follows is to learn the text.
    Followed(ClientId),
    /// The host ends.
    End,
    /// A mistake of Lilt's own, for tests of what comes of one.
    #[cfg(test)]
    Break(&'static str),
}

/// What was sent to be heard, and what of it was taken back, in seconds since the performance began.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// What is heard meanwhile.
    pub now: f64,
    /// What is taken back; before what begins and ends.
    pub taken_back: Vec<Retraction>,
    /// Notes that begin, and where they were written.
    pub begins: Vec<(NoteId, SlotId, f64, Vec<Place>)>,
    /// Notes that end.
    pub ends: Vec<(NoteId, SlotId, f64)>,
}

impl Planned {
    /// What of these changes can be seen in a text; nothing where nothing can.
    pub fn of(retractions: &[Retraction], events: &[Timed], now: f64) -> Option<Planned> {
        let mut planned =
            Planned { now, taken_back: retractions.to_vec(), begins: Vec::new(), ends: Vec::new() };
        for event in events {
            match &event.action {
                Action::NoteOn { id, strike, .. } if !strike.context.places().is_empty() => {
                    let places = strike.context.places().to_vec();
                    planned.begins.push((*id, event.slot, event.seconds, places));
                }
                Action::NoteOff { id, .. } => planned.ends.push((*id, event.slot, event.seconds)),
                _ => {}
            }
        }
        let says = !planned.taken_back.is_empty() || !planned.begins.is_empty() || !planned.ends.is_empty();
        says.then_some(planned)
    }
}

/// What plays, at a moment.
pub struct Glimpse {
    /// The playhead.
    pub position: Position,
    /// The generation that plays.
    pub generation: GenerationId,
    /// Its metre.
    pub meter: Meter,
    /// What it wants to be shown.
    pub staging: Staging,
    /// The slots that are filled; what only the script knows of them is not filled in.
    pub slots: Vec<SlotStatus>,
    /// How loud each is, `0..=1`.
    pub levels: Vec<f32>,
    /// The notes around the playhead, where somebody draws them.
    pub notes: Vec<PlannedNote>,
    /// What was drawn of late, where somebody draws it.
    pub easel: Easel,
    /// The MIDI ports in use.
    pub midi: Vec<String>,
}

/// How it stands with the script.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ScriptStatus {
    /// What stands for the newest text that was evaluated.
    pub text: Option<String>,
    /// That text itself.
    pub source: Arc<str>,
    /// What is wrong with the newest text.
    pub last_error: Option<Diagnostic>,
    /// How far the models behind what plays had to bend.
    pub evidence: HashMap<ContentId, Evidence>,
    /// What the functions of each slot cost that is worth telling.
    pub costs: HashMap<String, Cost>,
    /// What is being baked.
    pub baking: Vec<BakeStatus>,
    /// The texts that were evaluated last, by the number that places of events carry.
    pub texts: Arc<Vec<(u32, ReadText)>>,
}

/// A text that was evaluated.
#[derive(Debug, Clone, PartialEq)]
pub struct ReadText {
    /// The file's name.
    pub file: String,
    /// Its [`text_mark`](lilt_editor::protocol::text_mark).
    pub mark: String,
}

/// What the most costly function of a slot takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    /// What it was given to, such as `gain`.
    pub what: String,
    /// Line of the script, from 1.
    pub line: u32,
    /// What a call takes.
    pub milliseconds_per_call: f64,
    /// How much of the time that passes it takes, `0..=1`.
    pub share: f64,
    /// True where calls are left out, since the time for functions is used up.
    pub over: bool,
}
