//! What a run needs to go on after it was stopped: weights, the optimiser's memory, the curve.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};

use super::curve::Curve;
use super::error::TrainingError;
use super::export::write_whole;
use super::optimizer::{Optimizer, Slot};

/// What is written beside the tensors.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Note {
    /// Sizes of the network.
    pub config: String,
    /// Updates made.
    pub updates: usize,
    /// Lowest validation loss so far.
    pub best: f64,
    /// The measurements so far.
    pub curve: Curve,
}

/// The parts of a slot, by their names in the file.
fn parts(slot: &mut Slot) -> [(&'static str, &mut Vec<f32>); 4] {
    [
        ("weights", &mut slot.weights),
        ("mean", &mut slot.mean),
        ("square", &mut slot.square),
        ("average", &mut slot.average),
    ]
}

/// Writes `path`, whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub(super) fn save(path: &Path, optimizer: &mut Optimizer, note: &Note) -> Result<(), TrainingError> {
    let mut tensors = Vec::new();
    for slot in &mut optimizer.slots {
        let (name, shape) = (slot.name.clone(), slot.var.shape().clone());
        for (part, data) in parts(slot) {
            tensors.push((format!("{part}/{name}"), Tensor::from_slice(data, &shape, &Device::Cpu)?));
        }
    }
    let metadata = HashMap::from([
        ("config".to_owned(), note.config.clone()),
        ("updates".to_owned(), note.updates.to_string()),
        ("best".to_owned(), note.best.to_string()),
        ("curve".to_owned(), note.curve.text()),
    ]);
    let bytes =
        safetensors::serialize(tensors, Some(metadata)).map_err(|error| unfit(path, error.to_string()))?;
    write_whole(path, &bytes)
}

/// Goes on from `path`.
///
/// # Errors
/// When it cannot be read, is damaged, or is of another network.
pub(super) fn resume(path: &Path, optimizer: &mut Optimizer, config: &str) -> Result<Note, TrainingError> {
    let bytes = std::fs::read(path).map_err(|error| TrainingError::File { path: path.into(), error })?;
    let wrong = |reason: String| unfit(path, reason);
    let (_, header) =
        safetensors::SafeTensors::read_metadata(&bytes).map_err(|error| wrong(error.to_string()))?;
    let told = header.metadata().clone().unwrap_or_default();
    let field = |name: &str| told.get(name).ok_or_else(|| wrong(format!("no `{name}` in it")));
    if field("config")? != config {
        return Err(wrong("its config differs".to_owned()));
    }
    let number = |name: &str| wrong(format!("`{name}` in it is no number"));
    let note = Note {
        config: config.to_owned(),
        updates: field("updates")?.parse().map_err(|_| number("updates"))?,
        best: field("best")?.parse().map_err(|_| number("best"))?,
        curve: Curve::parse(field("curve")?).ok_or_else(|| wrong("its curve is damaged".to_owned()))?,
    };
    let mut tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)?;
    for slot in &mut optimizer.slots {
        let (name, shape) = (slot.name.clone(), slot.var.shape().clone());
        for (part, data) in parts(slot) {
            let name = format!("{part}/{name}");
            let tensor = tensors.remove(&name).ok_or_else(|| wrong(format!("no `{name}` in it")))?;
            if tensor.shape() != &shape {
                return Err(wrong(format!("`{name}` in it has shape {:?}", tensor.dims())));
            }
            *data = tensor.flatten_all()?.to_vec1()?;
        }
        slot.var.set(&Tensor::from_slice(&slot.weights, slot.var.shape(), slot.var.device())?)?;
    }
    optimizer.updates = note.updates;
    Ok(note)
}

fn unfit(path: &Path, reason: String) -> TrainingError {
    TrainingError::Checkpoint { path: path.into(), reason }
}
