//! Generations in, timed events out. Pure: reads no clock, `now` is an argument.
//!
//! Two halves, each for a thread of its own. The [`Planner`] owns the patterns of a [`Generation`],
//! tries them dry for two bars, and writes down as plain [`Stretch`]es what they do. The
//! [`Sequencer`] knows an [`Outline`] of each generation, swaps it in slot by slot at its boundary, and
//! moves over the stretches: [`Sequencer::fill`] says what is to be sent and what is to be taken back.
//! [`Performance`] is both on one thread, without a horizon: rendering plays so.

mod clock_follower;
mod content;
mod controls;
mod ensemble;
mod evidence;
mod generation;
mod ground;
mod hands;
mod heard;
mod history;
mod instrument;
mod ladder;
mod outer_tempo;
mod outline;
mod performance;
mod plan;
mod planner;
mod playhead;
mod proposal;
mod retraction;
mod sequencer;
mod slot;
mod staging;
mod status;
mod steering;
mod stretch;
mod tempo_curve;
mod tempo_map;
mod timed;
mod view;
mod wiring;

pub use clock_follower::{ClockFollower, ClockNews};
pub use controls::GLIDE;
pub use ensemble::{ClockIn, Ensemble};
pub use evidence::{Evidence, EvidenceSource};
pub use generation::{Generation, OscShape, OscTarget, Output, Part, Quantum, SlotSpec, Strip, Tempo};
pub use ground::Ground;
pub use hands::{Hands, MOST_HELD};
pub use instrument::Instrument;
pub use ladder::Rung;
pub use outer_tempo::OuterTempo;
pub use outline::{Entrance, Filling, Outline};
pub use performance::Performance;
pub use plan::{Limit, MOST_EVENTS, MOST_SOUNDING, Notice};
pub use planner::{Planner, Prepared};
pub use playhead::{Began, Use};
pub use proposal::{Entered, Fault, Filled, GenerationId, MOST_SLOTS, PlanError, Proposal};
pub use retraction::Retraction;
pub use sequencer::{Changes, Sequencer};
pub use staging::{Show, Staging};
pub use status::{PlannedNote, Position, SlotStatus, Zone};
pub use stretch::{ContentId, Stretch};
pub use tempo_curve::{STEPS_A_BEAT, TempoCurve};
pub use tempo_map::TempoMap;
pub use timed::{Action, NoteId, SlotId, Strike, Timed};
pub use view::View;
pub use wiring::{DuckBy, Ducking, MOST_BUSES, Under, Wiring};
