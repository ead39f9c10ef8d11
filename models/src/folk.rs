//! `folk`: a model of tunes, one network step a note.

pub mod codec;
pub mod example;
pub mod features;
pub mod measure;
pub mod model;
pub mod network;
pub mod vocabulary;
pub mod walk;

/// Name in a script, and of the two files of its weights.
pub const NAME: &str = "folk";
