//! Models that speak one event after the other: a stack of LSTM layers hears a handful of embedding
//! rows a step and says the fields of the next event in order, each given those before it, among the
//! classes that may come.
//!
//! A model of this family is a vocabulary of events, a [`walk::Walk`] that says what is heard and what
//! may come, and a codec between events and clips. The family gives the rest: the forward pass that
//! trains ([`network`]), the packed one that plays, and drawing and scoring.

pub mod network;
pub mod walk;
