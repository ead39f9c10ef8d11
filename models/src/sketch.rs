//! `sketch`: drawings, stroke by stroke, after Sketch-RNN.

pub mod batches;
pub mod drawing;
pub mod drawn;
mod gates;
pub mod ideas;
pub mod import;
mod learner;
pub mod lesson;
pub mod loss;
pub mod measures;
pub mod mixture;
pub mod model;
pub mod moves;
pub mod ndjson;
pub mod network;
pub mod page;
mod particles;
pub mod place;
pub mod released;
pub mod sheet;
pub mod simplify;
pub mod step;
pub mod svg;
#[cfg(test)]
pub(crate) mod untrained;

/// Name of the model, as scripts write it.
pub const NAME: &str = "sketch";
/// Name of the model of characters, as scripts write it.
pub const KANJI: &str = "kanji";
