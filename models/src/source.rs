//! Where the trained numbers of a model lie, to be read again when it is to learn more: what plays
//! keeps them packed, in half precision.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use lilt_inference::ModelError;

use crate::card::{Weights, read_weights};
use crate::training::Tensors;

/// Where they lie.
#[derive(Debug, Clone)]
pub enum Source {
    /// In a file of weights.
    File {
        /// The file.
        path: PathBuf,
        /// SHA-256 that its card names.
        sha256: String,
    },
    /// In memory, of a model that learnt while the music played.
    Memory(Arc<BTreeMap<String, Weights>>),
}

impl Source {
    /// The numbers of all `tensors`.
    ///
    /// # Errors
    /// [`ModelError::Weights`] when the file is gone or another.
    pub fn read(&self, tensors: &Tensors) -> Result<Arc<BTreeMap<String, Weights>>, ModelError> {
        match self {
            Source::File { path, sha256 } => Ok(Arc::new(read_weights(path, sha256, tensors)?)),
            Source::Memory(weights) => Ok(Arc::clone(weights)),
        }
    }
}
