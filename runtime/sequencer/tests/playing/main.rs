//! The sequencer as a whole: performances checked event by event, and what holds for all of them.

mod clocks;
mod drafts;
mod foreseen;
mod invariants;
mod live;
mod outside;
mod performances;
mod stage;
mod wiring;
