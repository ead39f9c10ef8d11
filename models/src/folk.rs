//! `folk`: a model of tunes, one network step a note.

pub mod codec;
pub mod features;
pub mod measure;
pub mod model;
pub mod network;
mod particles;
mod playing;
pub mod sampling;
pub mod step;
pub mod vocabulary;
