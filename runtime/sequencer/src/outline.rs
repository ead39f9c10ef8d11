//! The outline of a generation: all of it but its patterns, which stay with the script.

use std::sync::Arc;

use lilt_score::{Beat, Meter};

use crate::stretch::ContentId;
use crate::{Ensemble, GenerationId, Output, Quantum, Staging, Tempo, TempoCurve, Wiring};

/// What the playhead must know of a generation. Plain data; what its slots play comes in
/// [`Stretch`](crate::Stretch)es.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// Number of the generation.
    pub id: GenerationId,
    /// Tempo the music glides to.
    pub tempo: Tempo,
    /// How it moves, where it does, counted from the metre's beat 0.
    pub tempo_moves: Option<Arc<TempoCurve>>,
    /// Metre: a bar is one cycle of a pattern.
    pub meter: Meter,
    /// Where its slots may change that say nothing themselves.
    pub quantum: Quantum,
    /// Whether it waits for that.
    pub entrance: Entrance,
    /// What the canvas shows of it.
    pub staging: Staging,
    /// How it keeps time with other machines.
    pub ensemble: Arc<Ensemble>,
    /// Its slots, in the order of the script; names are unique.
    pub slots: Vec<Arc<Filling>>,
}

/// When a generation enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Entrance {
    /// At the boundaries that it asks for.
    #[default]
    Boundary,
    /// At once, this time: the performer said so.
    Now,
    /// At the first of its boundaries that are not before this beat: what is foreseen to be true by then.
    From(Beat),
}

impl Entrance {
    /// Where a slot or a generation of this quantum enters.
    pub(crate) fn quantum(self, own: Quantum) -> Quantum {
        match self {
            Entrance::Boundary | Entrance::From(_) => own,
            Entrance::Now => Quantum::Now,
        }
    }

    /// The beat before which a generation does not enter.
    pub(crate) fn not_before(self) -> Beat {
        match self {
            Entrance::Boundary | Entrance::Now => Beat::ZERO,
            Entrance::From(beat) => beat,
        }
    }
}

/// What the playhead must know of one slot's declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Filling {
    /// Name of the slot.
    pub name: Arc<str>,
    /// What fills it.
    pub content: ContentId,
    /// Where its notes go.
    pub output: Arc<Output>,
    /// The bus that its sound goes to, and under whom it ducks.
    pub wiring: Wiring,
    /// True while the script holds it silent.
    pub silent: bool,
    /// True where only soloed slots are to be heard.
    pub solo: bool,
    /// True where it draws rather than plays.
    pub draws: bool,
    /// True where it plays what never comes round again.
    pub endless: bool,
    /// Line of the script that fills it, from 1.
    pub line: u32,
    /// Name of the model behind it, if any.
    pub model: Option<String>,
    /// Where it may change, if not where all others do.
    pub quantum: Option<Quantum>,
    /// True where it begins at its first note.
    pub restart: bool,
    /// The source whose keys play on it at once, beside what the script plays.
    pub hands: Option<Arc<str>>,
}

impl Outline {
    /// No slots, at a tempo and in a metre.
    pub(crate) fn silence(id: GenerationId, tempo: Tempo, meter: Meter) -> Outline {
        let (quantum, entrance) = (Quantum::Bar, Entrance::Boundary);
        Outline {
            id,
            tempo,
            tempo_moves: None,
            meter,
            quantum,
            entrance,
            staging: Staging::default(),
            ensemble: Arc::default(),
            slots: Vec::new(),
        }
    }

    /// True when the slot is neither silent nor left out by the solo of another.
    pub(crate) fn is_audible(&self, filling: &Filling) -> bool {
        // What others send through a bus decides for itself.
        let heard = filling.solo || *filling.output == Output::Bus;
        !filling.silent && (heard || !self.slots.iter().any(|other| other.solo))
    }

    /// What it says of the slot of this name.
    pub fn slot(&self, name: &str) -> Option<&Arc<Filling>> {
        self.slots.iter().find(|filling| &*filling.name == name)
    }
}
