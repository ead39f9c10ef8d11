//! `melody`: pop melodies over chords, one network step a 16th, with a latent space of two-bar clips.

pub mod attributes;
pub mod batches;
pub mod chords;
pub mod codec;
pub mod decoder;
pub mod features;
pub mod key;
pub mod latent;
pub mod learner;
pub mod lesson;
pub mod measures;
pub mod model;
mod more;
pub mod network;
pub mod particles;
pub mod passage;
pub mod sampling;
pub mod settle;
pub mod step;
#[cfg(test)]
mod untrained;
pub mod vocabulary;
pub mod ways;

/// Name in a script, and of the two files of its weights.
pub const NAME: &str = "melody";
