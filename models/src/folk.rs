//! `folk`: a model of tunes, one network step a note.

pub mod features;
pub mod network;
pub mod vocabulary;
