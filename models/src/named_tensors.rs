//! The tensors of a network, each by its name and with the shape that its sizes ask for.

use std::collections::{BTreeMap, HashMap};

use candle_core::{Device, Result, Tensor, bail};

use crate::card::Weights;
use crate::training::Tensors;

/// Tensors as Candle holds them. Clones share their data.
#[derive(Debug, Clone)]
pub struct NamedTensors(HashMap<String, Tensor>);

impl NamedTensors {
    /// Those of `tensors`, which must hold each of `shapes`.
    ///
    /// # Errors
    /// When one is missing or has another shape, which the message names.
    pub fn new(shapes: Tensors, tensors: HashMap<String, Tensor>) -> Result<NamedTensors> {
        for (name, shape) in shapes {
            match tensors.get(&name) {
                Some(tensor) if tensor.dims() == shape.as_slice() => {}
                Some(tensor) => bail!("tensor `{name}` has shape {:?}, expected {shape:?}", tensor.dims()),
                None => bail!("tensor `{name}` is missing"),
            }
        }
        Ok(NamedTensors(tensors))
    }

    /// A tensor by its name.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn get(&self, name: &str) -> Result<&Tensor> {
        match self.0.get(name) {
            Some(tensor) => Ok(tensor),
            None => bail!("tensor `{name}` is missing"),
        }
    }
}

/// Weights that were read from a file, on a device.
///
/// # Errors
/// When the device has no room for them.
pub fn on_device(weights: &BTreeMap<String, Weights>, device: &Device) -> Result<HashMap<String, Tensor>> {
    let tensor = |(name, weights): (&String, &Weights)| {
        Ok((name.clone(), Tensor::from_slice(&weights.values, weights.shape.as_slice(), device)?))
    };
    weights.iter().map(tensor).collect()
}
