//! `performance`: a pianist with both hands, one network step a note, after Performance RNN.

pub mod codec;
pub mod model;
pub mod passage;
pub mod vocabulary;
pub mod walk;

/// Name in a script, and of the two files of its weights.
pub const NAME: &str = "performance";
