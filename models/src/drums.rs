//! `drums`: a drummer at nine drums, one network step a hit, after Magenta's Drum Kit RNN and GrooVAE.

pub mod codec;
pub mod vocabulary;
pub mod walk;
