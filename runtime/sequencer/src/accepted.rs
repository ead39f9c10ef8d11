//! A generation that passed its trial, waiting for its boundary or playing.

use std::rc::Rc;

use lilt_score::Beat;

use crate::content::Content;
use crate::proposal::{GenerationId, MOST_SLOTS, PlanError};
use crate::{Generation, Quantum, SlotSpec};

/// A generation that was accepted.
#[derive(Debug)]
pub(crate) struct Accepted {
    pub(crate) id: GenerationId,
    pub(crate) generation: Generation,
    pub(crate) specs: Vec<Rc<SlotSpec>>,
}

impl Accepted {
    /// Length of a bar in beats.
    pub(crate) fn bar(&self) -> Beat {
        self.generation.meter.bar()
    }

    /// True when the slot is neither silent nor left out by the solo of another.
    pub(crate) fn is_audible(&self, spec: &SlotSpec) -> bool {
        !spec.silent && (spec.solo || !self.specs.iter().any(|other| other.solo))
    }

    /// True when it names the slot.
    pub(crate) fn names(&self, name: &str) -> bool {
        self.specs.iter().any(|spec| spec.name == name)
    }

    /// Distance of two boundaries in beats.
    pub(crate) fn quantum(&self) -> Beat {
        self.generation.quantum.beats(self.generation.meter)
    }

    /// The end of the stretch that is planned as one from `beat`: at most a bar, and
    /// never over a boundary.
    pub(crate) fn stretch_end(&self, beat: Beat) -> Beat {
        let next = |step: Beat| step * Beat::whole(beat.floor_div(step) + 1);
        let bar = next(self.bar());
        match self.generation.quantum {
            Quantum::Now | Quantum::Beat => bar.min(next(Beat::ONE)),
            Quantum::Fraction(beats) => bar.min(next(beats)),
            Quantum::Bar | Quantum::Bars(_) => bar,
        }
    }
}

/// A generation on its way to its boundary.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) accepted: Rc<Accepted>,
    pub(crate) boundary: Beat,
    /// For each slot of the generation what will fill it, or `None` where it goes on.
    pub(crate) contents: Vec<Option<Content>>,
}

/// Refuses more slots than the plan holds, and two of one name.
pub(crate) fn check_names(generation: &Generation) -> Result<(), PlanError> {
    let slots = &generation.slots;
    if slots.len() > MOST_SLOTS {
        return Err(PlanError::TooManySlots(slots.len()));
    }
    for (i, slot) in slots.iter().enumerate() {
        if let Some(first) = slots[..i].iter().find(|other| other.name == slot.name) {
            let (name, first, second) = (slot.name.clone(), first.line, slot.line);
            return Err(PlanError::SameName { name, first, second });
        }
    }
    Ok(())
}
