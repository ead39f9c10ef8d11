//! What all tests of shipped weights look at first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lilt_models::card::{Weights, read_weights};
use lilt_models::training::Tensors;

/// The folder of the weights that come with Lilt.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("weights")
}

/// The weights of `name`: those of this SHA-256 and these shapes, at most so many bytes, and numbers throughout.
pub fn checked(name: &str, sha256: &str, tensors: &Tensors, largest: u64) -> BTreeMap<String, Weights> {
    let path = folder().join(format!("{name}.safetensors"));
    assert!(std::fs::metadata(&path).unwrap().len() <= largest);
    let weights = read_weights(&path, sha256, tensors).unwrap();
    assert!(weights.values().flat_map(|weights| &weights.values).all(|value| value.is_finite()));
    weights
}
