//! `folk`: a model of tunes, one network step a note.

pub mod batches;
pub mod codec;
pub mod example;
pub mod features;
pub mod lesson;
pub mod measure;
pub mod model;
pub mod network;
mod particles;
mod playing;
pub mod step;
pub mod vocabulary;

/// Name in a script, and of the two files of its weights.
pub const NAME: &str = "folk";
