//! From a checkpoint to the weights that play, in half precision.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use candle_core::{Device, Tensor};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use super::error::TrainingError;
use crate::card::{Weights, WeightsFile, sha256};

/// Names and shapes of the tensors of a network, in the order in which they are stored.
type Shapes = [(String, Vec<usize>)];

/// Reads the averaged weights of a checkpoint.
///
/// # Errors
/// When it cannot be read, is damaged, or is of another network.
pub fn averaged(checkpoint: &Path, tensors: &Shapes) -> Result<BTreeMap<String, Weights>, TrainingError> {
    let unfit = |reason: String| TrainingError::Checkpoint { path: checkpoint.into(), reason };
    let bytes =
        std::fs::read(checkpoint).map_err(|error| TrainingError::File { path: checkpoint.into(), error })?;
    let stored = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)
        .map_err(|error| unfit(error.to_string()))?;
    let find = |name: &str| stored.get(&format!("average/{name}"));
    taken(tensors, find).map_err(unfit)
}

/// The values of each of `tensors` out of `stored`.
///
/// # Errors
/// Which one is missing or misshapen.
pub fn values(
    tensors: &Shapes,
    stored: &HashMap<String, Tensor>,
) -> Result<BTreeMap<String, Weights>, String> {
    taken(tensors, |name| stored.get(name))
}

/// Weights as tensors that compute.
///
/// # Errors
/// When one cannot be made.
pub fn tensors(weights: &BTreeMap<String, Weights>) -> candle_core::Result<HashMap<String, Tensor>> {
    let tensor = |(name, weights): (&String, &Weights)| {
        Ok((name.clone(), Tensor::from_slice(&weights.values, weights.shape.as_slice(), &Device::Cpu)?))
    };
    weights.iter().map(tensor).collect()
}

/// The values of each of `tensors`, as `find` gives them; else which one is missing or misshapen.
fn taken<'a>(
    tensors: &Shapes,
    find: impl Fn(&str) -> Option<&'a Tensor>,
) -> Result<BTreeMap<String, Weights>, String> {
    let take = |(name, shape): &(String, Vec<usize>)| {
        let tensor = find(name).ok_or_else(|| format!("no `{name}` in it"))?;
        if tensor.dims() != shape {
            return Err(format!("`{name}` has shape {:?} in it, not {shape:?}", tensor.dims()));
        }
        let values = tensor.flatten_all().and_then(|flat| flat.to_vec1::<f32>());
        let values = values.map_err(|error| error.to_string())?;
        Ok((name.clone(), Weights { shape: shape.clone(), values }))
    };
    tensors.iter().map(take).collect()
}

/// How many bits a stored number has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 16: what is trained here needs no more.
    Half,
    /// 32: numbers of somebody else, as they are.
    Single,
}

/// Writes `OUT.safetensors` in half precision; returns what the card says of it.
///
/// # Errors
/// When it cannot be written, or a tensor is missing.
pub fn write(
    out: &Path,
    tensors: &Shapes,
    weights: &BTreeMap<String, Weights>,
) -> Result<WeightsFile, TrainingError> {
    write_as(Precision::Half, &out.with_extension("safetensors"), tensors, weights)
}

/// Writes weights to `path`; returns what the card says of the file.
///
/// # Errors
/// As [`write()`].
pub fn write_as(
    precision: Precision,
    path: &Path,
    tensors: &Shapes,
    weights: &BTreeMap<String, Weights>,
) -> Result<WeightsFile, TrainingError> {
    let unfit = |reason: String| TrainingError::Checkpoint { path: path.to_path_buf(), reason };
    let dtype = match precision {
        Precision::Half => Dtype::F16,
        Precision::Single => Dtype::F32,
    };
    let bytes = |values: &[f32]| -> Vec<u8> {
        match precision {
            Precision::Half => {
                values.iter().flat_map(|&value| half::f16::from_f32(value).to_le_bytes()).collect()
            }
            Precision::Single => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        }
    };
    let mut stored = Vec::new();
    for (name, shape) in tensors {
        let weights = weights.get(name).ok_or_else(|| unfit(format!("no `{name}` was trained")))?;
        stored.push((name.as_str(), shape, bytes(&weights.values)));
    }
    let views: Vec<(&str, TensorView<'_>)> = stored
        .iter()
        .map(|(name, shape, bytes)| Ok((*name, TensorView::new(dtype, shape.to_vec(), bytes)?)))
        .collect::<Result<_, safetensors::SafeTensorError>>()
        .map_err(|error| unfit(error.to_string()))?;
    let bytes = safetensors::serialize(views, None).map_err(|error| unfit(error.to_string()))?;
    write_whole(path, &bytes)?;
    Ok(WeightsFile { sha256: sha256(&bytes), dtype: format!("{dtype:?}") })
}

/// Writes a file whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), TrainingError> {
    let part = path.with_extension("part");
    std::fs::write(&part, bytes).map_err(|error| TrainingError::File { path: part.clone(), error })?;
    std::fs::rename(&part, path).map_err(|error| TrainingError::File { path: path.into(), error })
}
