//! From a checkpoint to the weights that ship, in half precision.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use candle_core::Device;
use lilt_models::card::{WeightsFile, sha256};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// Names and shapes of the tensors of a network, in the order in which they are stored.
type Tensors = [(String, Vec<usize>)];

/// Reads the averaged weights of a checkpoint.
pub fn averaged(checkpoint: &Path, tensors: &Tensors) -> Result<BTreeMap<String, Vec<f32>>> {
    let bytes =
        std::fs::read(checkpoint).with_context(|| format!("{}: cannot be read", checkpoint.display()))?;
    let stored = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)
        .with_context(|| format!("{}: this is no checkpoint", checkpoint.display()))?;
    let take = |(name, shape): &(String, Vec<usize>)| {
        let tensor = stored.get(&format!("average/{name}")).with_context(|| format!("no `{name}` in it"))?;
        ensure!(tensor.dims() == shape, "`{name}` has shape {:?} in it, not {shape:?}", tensor.dims());
        Ok((name.clone(), tensor.flatten_all()?.to_vec1::<f32>()?))
    };
    let all: Result<_> = tensors.iter().map(take).collect();
    all.with_context(|| format!("{}: the checkpoint does not fit", checkpoint.display()))
}

/// Writes `OUT.safetensors` in half precision; returns what the card says of it.
pub fn write(out: &Path, tensors: &Tensors, weights: &BTreeMap<String, Vec<f32>>) -> Result<WeightsFile> {
    let halves = |values: &Vec<f32>| -> Vec<u8> {
        values.iter().flat_map(|&value| half::f16::from_f32(value).to_le_bytes()).collect()
    };
    let stored: Vec<(&str, &[usize], Vec<u8>)> = tensors
        .iter()
        .map(|(name, shape)| {
            (name.as_str(), shape.as_slice(), weights.get(name).map(halves).unwrap_or_default())
        })
        .collect();
    let views: Vec<(&str, TensorView<'_>)> = stored
        .iter()
        .map(|(name, shape, bytes)| Ok((*name, TensorView::new(Dtype::F16, shape.to_vec(), bytes)?)))
        .collect::<Result<_>>()?;
    let bytes = safetensors::serialize(views, None)?;
    write_whole(&out.with_extension("safetensors"), &bytes)?;
    Ok(WeightsFile { sha256: sha256(&bytes), dtype: "F16".to_owned() })
}

/// Writes a file whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, bytes).with_context(|| format!("{}: cannot be written", part.display()))?;
    std::fs::rename(&part, path).with_context(|| format!("{}: cannot be written", path.display()))
}
