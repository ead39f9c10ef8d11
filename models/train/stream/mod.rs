//! What the recipes of the stream family share: the baseline and the export.

pub mod baseline;
pub mod export;
