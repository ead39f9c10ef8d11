//! What a proposed generation gets: a place in the performance, or the reason why not.

use lilt_score::{Beat, QueryError};

use crate::plan::Notice;
use crate::{Began, Generation, MOST_BUSES, Output, Timed};

/// Most slots of a generation.
pub const MOST_SLOTS: usize = 64;

/// Numbers the generations that were accepted, from 1; 0 is the silence before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct GenerationId(pub u64);

/// A generation that was accepted and waits for its boundary.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// Where it found its place, which is also the deadline of takes it needs.
    pub entered: Entered,
    /// Names of the changed slots whose take is still being made.
    pub late: Vec<String>,
    /// What was cut down to fit the plan.
    pub notices: Vec<Notice>,
}

/// Where a generation found its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Entered {
    /// Its number.
    pub generation: GenerationId,
    /// Beat at which the first of its changes is heard.
    pub boundary: Beat,
    /// The same moment in seconds since the performance began.
    pub seconds: f64,
    /// Names of the slots that change or begin, in the order of the script.
    pub changed: Vec<String>,
    /// Names of the slots that go on untouched.
    pub kept: Vec<String>,
    /// Names of the slots that fade out.
    pub stopped: Vec<String>,
}

/// Why a generation was refused; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// More slots than the plan holds.
    #[error("{0} slots: a script may fill {MOST_SLOTS} at most; stack patterns in one slot instead")]
    TooManySlots(usize),
    /// More buses than the mixer has.
    #[error("{0} buses: a script may have {MOST_BUSES} at most; send more slots to one bus")]
    TooManyBuses(usize),
    /// Two slots of one name.
    #[error("slot \"{name}\" is filled twice, on lines {first} and {second}: give one of them another name")]
    SameName {
        /// The name.
        name: String,
        /// Line of the first, from 1.
        first: u32,
        /// Line of the second.
        second: u32,
    },
    /// A pattern failed while its next two bars were tried.
    #[error("slot \"{slot}\" (line {line}): {error}")]
    Failed {
        /// Name of the slot.
        slot: String,
        /// Line of the script that fills it, from 1.
        line: u32,
        /// What its pattern said; never [`QueryError::Late`].
        error: QueryError,
    },
}

impl PlanError {
    /// Line of the script to point at, if there is one.
    pub fn line(&self) -> Option<u32> {
        match self {
            PlanError::TooManySlots(_) | PlanError::TooManyBuses(_) => None,
            PlanError::SameName { second, .. } => Some(*second),
            PlanError::Failed { line, .. } => Some(*line),
        }
    }
}

/// A slot's pattern failed while it played.
#[derive(Debug)]
pub struct Fault {
    /// Name of the slot in the script.
    pub name: String,
    /// Line of the script that fills it, from 1.
    pub line: u32,
    /// Generation that failed.
    pub generation: GenerationId,
    /// What the pattern said; never [`QueryError::Late`].
    pub error: QueryError,
    /// The generation that comes back in its place, and the beat at which it does.
    /// `None` where no other is known to be good, or where a newer one already waits
    /// for its boundary: until then the slot plays down its ladder.
    pub comes_back: Option<(GenerationId, Beat)>,
}

/// Refuses more slots and buses than the plan holds, and two of one name.
pub(crate) fn check_names(generation: &Generation) -> Result<(), PlanError> {
    let slots = &generation.slots;
    let buses = slots.iter().filter(|slot| slot.output == Output::Bus).count();
    if slots.len() - buses > MOST_SLOTS {
        return Err(PlanError::TooManySlots(slots.len() - buses));
    }
    if buses > MOST_BUSES {
        return Err(PlanError::TooManyBuses(buses));
    }
    for (i, slot) in slots.iter().enumerate() {
        if let Some(first) = slots[..i].iter().find(|other| other.name == slot.name) {
            let (name, first, second) = (slot.name.clone(), first.line, slot.line);
            return Err(PlanError::SameName { name, first, second });
        }
    }
    Ok(())
}

/// What became due.
#[derive(Debug, Default)]
pub struct Filled {
    /// In the order of time; actions at one moment in the order in which they must
    /// be carried out.
    pub events: Vec<Timed>,
    /// Generations that took over.
    pub began: Vec<Began>,
    /// Patterns that failed, each told once.
    pub faults: Vec<Fault>,
    /// What was cut down to fit the plan, each told once.
    pub notices: Vec<Notice>,
}
