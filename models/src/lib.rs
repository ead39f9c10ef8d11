//! Candle networks: one file a family; the same code trains and plays.

pub mod folk;
pub mod lstm;
