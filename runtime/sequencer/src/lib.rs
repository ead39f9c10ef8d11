//! Generations in, timed events out. Pure: reads no clock, `now` is an argument.
//!
//! A [`Generation`] is proposed, tried dry for two bars, and swapped in slot by slot
//! at its boundary; [`Sequencer::fill`] then commits the plan stretch by stretch.

mod accepted;
mod content;
mod controls;
mod evidence;
mod generation;
mod ladder;
mod plan;
mod proposal;
mod sequencer;
mod slot;
mod status;
mod tempo_map;
mod timed;

pub use controls::GLIDE;
pub use evidence::{Evidence, EvidenceSource};
pub use generation::{Controls, Generation, Instrument, Output, Part, Quantum, SlotSpec, Tempo};
pub use ladder::Rung;
pub use plan::{Limit, MOST_EVENTS, MOST_SOUNDING, Notice};
pub use proposal::{Fault, Filled, GenerationId, MOST_SLOTS, PlanError, Proposal};
pub use sequencer::Sequencer;
pub use status::{PlannedNote, Position, SlotStatus, Zone};
pub use tempo_map::TempoMap;
pub use timed::{Action, Control, NoteId, SlotId, Timed};
