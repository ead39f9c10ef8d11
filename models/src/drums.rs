//! `drums`: a drummer at nine drums, one network step a hit, after Magenta's Drum Kit RNN and GrooVAE.

pub mod codec;
mod groove;
pub mod model;
pub mod recording;
pub mod vocabulary;
pub mod walk;

/// Name in a script, and of the two files of its weights.
pub const NAME: &str = "drums";
