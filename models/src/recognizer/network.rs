//! The network: three layers of 3×3 filters over the maps of the ink, and one that weighs what they found.

use std::collections::{BTreeMap, HashMap};

use candle_core::{D, Device, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::ink::{MAPS, SIDE};
use crate::card::Weights;
use crate::named_tensors::{NamedTensors, on_device};
use crate::training::Tensors;

/// Filters of the three layers.
const FILTERS: [&str; 3] = ["fine", "middle", "coarse"];
/// The layers that residual ones may follow: on the whole maps they would take most of the time.
const FOLLOWED: [&str; 2] = ["middle", "coarse"];
/// Rows and columns that one filter sees.
const SEEN: usize = 3;

/// Sizes of the network, as the card has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Filters of each layer; after the first two the maps are halved.
    pub filters: [usize; 3],
    /// Residual layers behind each of the last two (He et al. 2016): what they find is added to what they see.
    #[serde(default)]
    pub residual: usize,
    /// What it tells apart, in order.
    pub kinds: Vec<String>,
}

impl Config {
    /// Names and shapes of all tensors.
    pub fn tensors(&self) -> Tensors {
        let mut heard = MAPS;
        let mut tensors = Tensors::new();
        for (name, filters) in FILTERS.iter().zip(self.filters) {
            tensors.push((format!("{name}.weight"), vec![SEEN * SEEN * heard, filters]));
            tensors.push((format!("{name}.bias"), vec![filters]));
            if FOLLOWED.contains(name) {
                for layer in 0..self.residual {
                    let name = residual(name, layer);
                    tensors.push((format!("{name}.weight"), vec![SEEN * SEEN * filters, filters]));
                    tensors.push((format!("{name}.bias"), vec![filters]));
                }
            }
            heard = filters;
        }
        tensors.push(("kind.weight".to_owned(), vec![self.found(), self.kinds.len()]));
        tensors.push(("kind.bias".to_owned(), vec![self.kinds.len()]));
        tensors
    }

    /// Numbers that the filters find in a drawing.
    pub fn found(&self) -> usize {
        let side = SIDE / 4;
        side * side * self.filters[2]
    }
}

/// The tensors of a network, as Candle holds them. Clones share their data.
#[derive(Debug, Clone)]
pub struct Network {
    config: Config,
    tensors: NamedTensors,
}

impl Network {
    /// A network of given tensors; each must be there with its shape, as f32.
    ///
    /// # Errors
    /// When one is missing or has another shape, which the message names.
    pub fn new(config: Config, tensors: HashMap<String, Tensor>) -> Result<Network> {
        let tensors = NamedTensors::new(config.tensors(), tensors)?;
        Ok(Network { config, tensors })
    }

    /// A network of weights that were read from a file.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn from_weights(config: Config, weights: &BTreeMap<String, Weights>) -> Result<Network> {
        Network::new(config, on_device(weights, &Device::Cpu)?)
    }

    /// Sizes.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Logits of the kinds, `[drawings, kinds]`, of drawings' maps, `[drawings, SIDE, SIDE, MAPS]`. `dropout` is
    /// multiplied to what the filters found, `[drawings, found]`.
    ///
    /// # Errors
    /// When the maps have another shape.
    pub fn forward(&self, maps: &Tensor, dropout: Option<&Tensor>) -> Result<Tensor> {
        let fine = halved(&self.filtered("fine", maps)?)?;
        let middle = halved(&self.followed("middle", &fine)?)?;
        let found = self.followed("coarse", &middle)?.flatten_from(1)?;
        let found = match dropout {
            Some(mask) => (found * mask)?,
            None => found,
        };
        found.matmul(self.tensors.get("kind.weight")?)?.broadcast_add(self.tensors.get("kind.bias")?)
    }

    /// What a layer of filters finds, and the residual ones behind it.
    fn followed(&self, name: &str, maps: &Tensor) -> Result<Tensor> {
        let first = self.filtered(name, maps)?;
        (0..self.config.residual)
            .try_fold(first, |maps, layer| self.filtered(&residual(name, layer), &maps)? + maps)
    }

    /// What a layer of filters finds, `[drawings, rows, columns, filters]`: 0 where it does not fit.
    fn filtered(&self, name: &str, maps: &Tensor) -> Result<Tensor> {
        let (drawings, rows, columns, heard) = maps.dims4()?;
        let padded = maps.pad_with_zeros(1, 1, 1)?.pad_with_zeros(2, 1, 1)?;
        // One product over all that each place sees: a convolution.
        let mut seen = Vec::with_capacity(SEEN * SEEN);
        for down in 0..SEEN {
            for right in 0..SEEN {
                seen.push(padded.narrow(1, down, rows)?.narrow(2, right, columns)?.contiguous()?);
            }
        }
        let seen =
            Tensor::cat(&seen, D::Minus1)?.reshape((drawings * rows * columns, SEEN * SEEN * heard))?;
        let weight = self.tensors.get(&format!("{name}.weight"))?;
        let found = seen.matmul(weight)?.broadcast_add(self.tensors.get(&format!("{name}.bias"))?)?;
        found.relu()?.reshape((drawings, rows, columns, ()))
    }
}

/// The name of a residual layer behind the layer `name`.
fn residual(name: &str, layer: usize) -> String {
    format!("{name}.residual.{layer}")
}

/// The larger of each two rows and two columns.
fn halved(maps: &Tensor) -> Result<Tensor> {
    let (drawings, rows, columns, filters) = maps.dims4()?;
    let rows_halved = maps.reshape((drawings, rows / 2, 2, columns * filters))?.max(2)?;
    rows_halved.reshape((drawings, rows / 2, columns / 2, 2, filters))?.max(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_see_three_by_three_and_halving_takes_the_larger() {
        let config = Config { filters: [1, 1, 1], residual: 1, kinds: vec!["a".into(), "b".into()] };
        let mut tensors: HashMap<String, Tensor> = config
            .tensors()
            .into_iter()
            .map(|(name, shape)| (name, Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu).unwrap()))
            .collect();
        // The filter that looks at map 0 of the cell up and left.
        let mut first = vec![0.0f32; SEEN * SEEN * MAPS];
        first[0] = 1.0;
        let shape = (SEEN * SEEN * MAPS, 1);
        tensors.insert("fine.weight".into(), Tensor::from_vec(first, shape, &Device::Cpu).unwrap());
        let network = Network::new(config, tensors).unwrap();
        let mut maps = vec![0.0f32; SIDE * SIDE * MAPS];
        maps[(3 * SIDE + 4) * MAPS] = 2.0;
        let maps = Tensor::from_vec(maps, (1, SIDE, SIDE, MAPS), &Device::Cpu).unwrap();
        let found = network.filtered("fine", &maps).unwrap();
        assert_eq!(found.get(0).unwrap().get(4).unwrap().get(5).unwrap().to_vec1::<f32>().unwrap(), [2.0]);
        assert_eq!(found.sum_all().unwrap().to_scalar::<f32>().unwrap(), 2.0);
        let half = halved(&found).unwrap();
        assert_eq!(half.dims(), [1, SIDE / 2, SIDE / 2, 1]);
        assert_eq!(half.get(0).unwrap().get(2).unwrap().get(2).unwrap().to_vec1::<f32>().unwrap(), [2.0]);
        assert_eq!(network.forward(&maps, None).unwrap().dims(), [1, 2]);
    }
}
