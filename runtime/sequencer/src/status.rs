//! What can be seen of the plan: positions, slots, notes ahead and behind.

use std::sync::Arc;

use lilt_score::{Beat, Place};

use crate::{ContentId, Evidence, GenerationId, Output, Rung, SlotId, Strike};

/// Where the playhead is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Beats since the performance began.
    pub beat: f64,
    /// Bar, from 0.
    pub bar: i64,
    /// Beats since the bar began.
    pub beat_in_bar: f64,
    /// Quarter notes a minute, now.
    pub bpm: f64,
}

/// How certain a planned note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Zone {
    /// It began.
    Played,
    /// It was handed out and will begin.
    Committed,
    /// It will begin unless the script or a take changes.
    Tentative,
}

/// A note of the plan.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedNote {
    /// Which slot.
    pub slot: SlotId,
    /// When it begins, in beats since the performance began.
    pub start: Beat,
    /// When it ends, in beats since the performance began.
    pub end: Beat,
    /// When it begins, in seconds since the performance began.
    pub seconds: f64,
    /// What it sounds, and how.
    pub strike: Arc<Strike>,
    /// How certain it is.
    pub zone: Zone,
}

/// A slot as it plays.
#[derive(Debug, Clone, PartialEq)]
pub struct SlotStatus {
    /// Its number.
    pub id: SlotId,
    /// Its name in the script.
    pub name: String,
    /// What fills it.
    pub content: ContentId,
    /// Where its notes go.
    pub output: Output,
    /// Which rung of the ladder it plays.
    pub rung: Rung,
    /// The generation that last named it.
    pub generation: GenerationId,
    /// True while the script holds it silent.
    pub silent: bool,
    /// True when it can be heard: neither silent, nor left out by the solo of another.
    pub audible: bool,
    /// True when it draws rather than plays.
    pub draws: bool,
    /// Line of the script that fills it, from 1.
    pub line: u32,
    /// Name of the model behind it, if any.
    pub model: Option<String>,
    /// How far that model had to bend, where it is tilted and its take is there: whoever holds the
    /// patterns fills this in.
    pub evidence: Option<Evidence>,
    /// Number of its notes that sound.
    pub sounding: usize,
    /// Where those were written, each place once.
    pub places: Vec<Place>,
    /// When its last note began, in beats.
    pub last_note: Option<Beat>,
    /// How much that note surprised a model, in nats, where the script asked for that.
    pub surprise: Option<f64>,
    /// When its next note begins, in beats, as far as that is planned.
    pub next_note: Option<Beat>,
}
