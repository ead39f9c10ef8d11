//! Generations in, timed events out. Pure: reads no clock, `now` is an argument.

mod generation;
mod timed;

pub use generation::{Controls, Generation, Instrument, Output, Part, Quantum, SlotSpec, Tempo};
pub use timed::{Action, Control, NoteId, SlotId, Timed};
