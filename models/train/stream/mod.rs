//! What the recipes of the stream family share: batches, the trainer, the baseline and the export.

pub mod baseline;
pub mod batches;
pub mod export;
pub mod trainer;
