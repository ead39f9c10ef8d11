//! What can go wrong in training.

use std::path::PathBuf;

/// Why training ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum TrainingError {
    /// The network cannot compute.
    #[error("the network fails: {0}")]
    Network(#[from] candle_core::Error),
    /// A checkpoint is of another run, or damaged.
    #[error("{path}: the checkpoint does not fit this run: {reason}")]
    Checkpoint {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The weights ran away.
    #[error("update {update}: the loss is {loss}, its gradient {norm}: lower the rate")]
    Diverged {
        /// Number of the update.
        update: usize,
        /// Its loss, in nats.
        loss: f64,
        /// Norm of its gradient.
        norm: f32,
    },
    /// There is nothing to learn from.
    #[error("the training set is empty")]
    Empty,
}
