//! What a run is about, written beside its checkpoints: one that was stopped goes on only with the same
//! music, seed and model to start from.

use std::path::PathBuf;

use super::kind::{Base, Kind};
use super::{Assignment, RecipeError};
use crate::card::sha256;
use crate::training::{TrainingError, write_whole};

/// What a run is about.
pub(super) fn origin<K: Kind>(
    assignment: &Assignment,
    base: Option<&Base<K>>,
    train: &[K::Piece],
    valid: &[K::Piece],
) -> String {
    let music: Vec<u8> =
        train.iter().chain(valid).flat_map(|piece| sha256(&K::fingerprint(piece)).into_bytes()).collect();
    // What the model is, wherever it lies and however its path was written.
    let from = base.map(|base| base.digest.as_str()).unwrap_or_default();
    format!(
        "recipe {}\nfrom {from}\nseed {}\nmusic {}\n",
        assignment.recipe.name(),
        assignment.seed,
        sha256(&music)
    )
}

/// Where the checkpoints say what run they are of.
fn origin_file(assignment: &Assignment) -> PathBuf {
    assignment.checkpoints().join("origin.txt")
}

/// Refuses to go on with the checkpoints of another run.
///
/// # Errors
/// [`RecipeError::OtherRun`].
pub(super) fn known_origin(assignment: &Assignment, origin: &str) -> Result<(), RecipeError> {
    // A run that was cut off before its first measurement has nothing to lose.
    let begun = assignment.checkpoints().join("last.safetensors").exists();
    match std::fs::read_to_string(origin_file(assignment)) {
        Ok(found) if found != origin && begun => {
            Err(RecipeError::OtherRun { folder: assignment.checkpoints() })
        }
        _ => Ok(()),
    }
}

/// Writes down what run the checkpoints are of.
///
/// # Errors
/// When the folder cannot be written.
pub(super) fn write_origin(assignment: &Assignment, origin: &str) -> Result<(), TrainingError> {
    let folder = assignment.checkpoints();
    std::fs::create_dir_all(&folder).map_err(|error| TrainingError::File { path: folder, error })?;
    write_whole(&origin_file(assignment), origin.as_bytes())
}
