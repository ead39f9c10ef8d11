//! Candle networks: one file a family; the same code trains and plays.

pub mod accompanist;
pub mod card;
pub mod catalogue;
pub mod chorale;
pub mod drums;
pub mod embedding;
pub mod folk;
pub mod learner;
pub mod lstm;
pub mod melody;
mod named_tensors;
pub mod performance;
pub mod product;
pub mod recipe;
pub mod recognizer;
pub mod recurrent;
pub mod sketch;
pub mod source;
pub mod step;
pub mod timbre;
pub mod training;
