//! The network behind `sketch`: which tensors it has, their shapes, and its forward passes while it learns.
//!
//! An LSTM says what the pen does next, after Sketch-RNN (Ha and Eck 2018). It hears the move before, the kind of
//! thing that is drawn, and, where there is one, a point `z` of the latent space: by itself it is a model of drawings
//! with an exact likelihood, and with a point it draws the drawing that the point means. An encoder of two LSTMs, one
//! from each end, reads a drawing into the mean and spread of `z`.
//!
//! | tensor | shape | what |
//! |---|---|---|
//! | `kind.weight` | `[kinds + 1, kind]` | a row for each kind; the last for drawings of any; not where `kind` is 0 |
//! | `condition.weight` | `[4·hidden, kind + latent + 1]` | what kind, `z`, and that there is a `z` add to the gates |
//! | `lstm.weight_ih`, `lstm.weight_hh`, `lstm.bias` | `[4·hidden, 5]`, `[4·hidden, hidden]`, `[4·hidden]` | the decoder |
//! | `lstm.weight_place` | `[4·hidden, 8]` | where the pen is, as in [`super::place`]; only where `place` is true |
//! | `said.weight`, `said.bias` | `[3 + 6·components, hidden]`, … | what comes next, as in [`super::mixture`] |
//! | `encode.E.weight_ih`, `.weight_hh`, `.bias` | `[4·encoder, 5]`, `[4·encoder, encoder]`, `[4·encoder]` | E is `forth` or `back` |
//! | `encode.mean.weight`, `.bias` | `[latent, 2·encoder]`, `[latent]` | the mean of `z` |
//! | `encode.spread.weight`, `.bias` | `[latent, 2·encoder]`, `[latent]` | the logarithm of its variance |
//! | `ideas` | `[kinds·ideas, latent]` | points of drawings of each kind, as in [`super::ideas`]: worked out, not trained |
//!
//! Gates lie in the order i, f, g, o. Moves are divided by `scale` pixels before they are heard.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use candle_core::{DType, Device, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::gates::gates;
use super::mixture::outputs;
use super::moves::INPUTS;
use super::place::PLACES;
use crate::card::Weights;
use crate::lstm::{LayerState, Lstm};
use crate::named_tensors::{NamedTensors, on_device};

/// Sizes of the network; written on the card and read back from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Units of the decoder.
    pub hidden: usize,
    /// Gaussians of the mixture.
    pub components: usize,
    /// Axes of the latent space; 0 for a decoder alone.
    pub latent: usize,
    /// Units of each of the encoder's two LSTMs.
    pub encoder: usize,
    /// Width of a kind's row.
    pub kind: usize,
    /// Pixels of a unit of the network, 255 to a drawing.
    pub scale: f32,
    /// Whether the decoder hears where the pen is, beside the move before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub place: bool,
    /// Points of drawings that are kept of each kind.
    #[serde(default, skip_serializing_if = "is_none")]
    pub ideas: usize,
    /// What it draws.
    pub kinds: Vec<String>,
}

fn is_none(count: &usize) -> bool {
    *count == 0
}

/// The tensor of the points that are kept.
pub const IDEAS: &str = "ideas";
/// The encoder's LSTMs.
const ENDS: [&str; 2] = ["forth", "back"];

impl Config {
    /// Names and shapes of all that is stored: what is trained, and what is worked out from it.
    pub fn stored(&self) -> Vec<(String, Vec<usize>)> {
        let mut list = self.tensors();
        if self.ideas > 0 {
            list.push((IDEAS.to_owned(), vec![self.kinds.len().max(1) * self.ideas, self.latent]));
        }
        list
    }

    /// Names and shapes of what is trained, in the order in which it is stored.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let mut list = Vec::new();
        if self.kind > 0 {
            list.push(("kind.weight".to_owned(), vec![self.kinds.len() + 1, self.kind]));
        }
        if self.condition() > 0 {
            list.push(("condition.weight".to_owned(), vec![4 * self.hidden, self.condition()]));
        }
        let lstm = |name: &str, hidden: usize| {
            [
                (format!("{name}.weight_ih"), vec![4 * hidden, INPUTS]),
                (format!("{name}.weight_hh"), vec![4 * hidden, hidden]),
                (format!("{name}.bias"), vec![4 * hidden]),
            ]
        };
        let linear = |name: &str, rows: usize, columns: usize| {
            [(format!("{name}.weight"), vec![rows, columns]), (format!("{name}.bias"), vec![rows])]
        };
        list.extend(lstm("lstm", self.hidden));
        if self.place {
            list.push(("lstm.weight_place".to_owned(), vec![4 * self.hidden, PLACES]));
        }
        list.extend(linear("said", outputs(self.components), self.hidden));
        if self.latent > 0 {
            for end in ENDS {
                list.extend(lstm(&format!("encode.{end}"), self.encoder));
            }
            list.extend(linear("encode.mean", self.latent, 2 * self.encoder));
            list.extend(linear("encode.spread", self.latent, 2 * self.encoder));
        }
        list
    }

    /// Numbers of a condition: the row of a kind, a point, and whether there is one.
    pub fn condition(&self) -> usize {
        self.kind + self.told()
    }

    /// Numbers that tell a point.
    fn told(&self) -> usize {
        if self.latent > 0 { self.latent + 1 } else { 0 }
    }

    /// The row for drawings of any kind.
    pub fn any(&self) -> u32 {
        self.kinds.len() as u32
    }
}

/// The tensors of a network, as Candle holds them. Clones share their data.
#[derive(Debug, Clone)]
pub struct Network {
    config: Arc<Config>,
    tensors: NamedTensors,
}

/// Drawings side by side: what is heard at each step, `[steps, batch]` of [`INPUTS`] numbers, where the pen is then, and
/// how many moves each drawing has.
#[derive(Debug, Clone)]
pub struct Heard {
    /// `[steps, batch, 5]`.
    pub inputs: Arc<Vec<f32>>,
    /// `[steps, batch, 13]`: the same and the places; empty for an encoder.
    pub placed: Arc<Vec<f32>>,
    /// Moves of each drawing, one and more.
    pub lengths: Vec<usize>,
}

impl Heard {
    /// Steps of the longest.
    pub fn steps(&self) -> usize {
        self.inputs.len() / (INPUTS * self.lengths.len().max(1))
    }
}

/// What the encoder says of drawings, `[batch, latent]` each.
#[derive(Debug)]
pub struct Posterior {
    /// The mean of `z`.
    pub mean: Tensor,
    /// The logarithm of its variance.
    pub spread: Tensor,
}

impl Network {
    /// A network of given tensors; each must be there with its shape, as f32.
    ///
    /// # Errors
    /// When one is missing or has another shape.
    pub fn new(config: Arc<Config>, tensors: HashMap<String, Tensor>) -> Result<Network> {
        let tensors = NamedTensors::new(config.tensors(), tensors)?;
        Ok(Network { config, tensors })
    }

    /// A network of weights that were read from a file.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn from_weights(config: Arc<Config>, weights: &BTreeMap<String, Weights>) -> Result<Network> {
        Network::new(config, on_device(weights, &Device::Cpu)?)
    }

    /// Sizes.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Reads drawings from both ends: `heard[0]` from their beginnings, `heard[1]` from their ends.
    ///
    /// # Errors
    /// When the shapes do not fit together.
    pub fn encode(&self, heard: &[Heard; 2]) -> Result<Posterior> {
        let mut read = Vec::new();
        for (heard, end) in heard.iter().zip(ENDS) {
            let batch = heard.lengths.len();
            let bias = self.tensors.get(&format!("encode.{end}.bias"))?.unsqueeze(0)?;
            let bias = bias.broadcast_as((batch, 4 * self.config.encoder))?.contiguous()?;
            let end = format!("encode.{end}");
            let weight = self.tensors.get(&format!("{end}.weight_ih"))?;
            let gates = gates(weight, &bias, heard.inputs.clone())?;
            let h = self.run(&end, heard, &gates, self.config.encoder)?;
            let at = |(lane, &length): (usize, &usize)| ((length.max(1) - 1) * batch + lane) as u32;
            let last: Vec<u32> = heard.lengths.iter().enumerate().map(at).collect();
            let h = h.reshape((heard.steps() * batch, self.config.encoder))?;
            read.push(h.index_select(&Tensor::from_vec(last, batch, &Device::Cpu)?, 0)?);
        }
        let read = Tensor::cat(&read, 1)?;
        let linear = |name: &str| {
            let weight = self.tensors.get(&format!("encode.{name}.weight"))?;
            read.matmul(&weight.t()?)?.broadcast_add(self.tensors.get(&format!("encode.{name}.bias"))?)
        };
        Ok(Posterior { mean: linear("mean")?, spread: linear("spread")? })
    }

    /// What comes next at every step, `[steps·batch, 3 + 6·components]`. `kinds` are the rows of the kinds of the
    /// drawings; the first of them have the points `z`, `[some, latent]`. `dropout` is multiplied to what the LSTM
    /// says, `[1, batch, hidden]`.
    ///
    /// # Errors
    /// When the shapes do not fit together.
    pub fn said(
        &self,
        heard: &Heard,
        kinds: &[u32],
        z: Option<&Tensor>,
        dropout: Option<&Tensor>,
    ) -> Result<Tensor> {
        let batch = heard.lengths.len();
        let mut driven =
            self.tensors.get("lstm.bias")?.unsqueeze(0)?.broadcast_as((batch, 4 * self.config.hidden))?;
        if let Some(condition) = self.condition(kinds, z)? {
            driven = (driven + condition.matmul(&self.tensors.get("condition.weight")?.t()?)?)?;
        }
        let weight = self.tensors.get("lstm.weight_ih")?;
        let gates = match self.config.place {
            true => {
                let weight = Tensor::cat(&[weight, self.tensors.get("lstm.weight_place")?], 1)?;
                gates(&weight, &driven, heard.placed.clone())?
            }
            false => gates(weight, &driven, heard.inputs.clone())?,
        };
        let mut h = self.run("lstm", heard, &gates, self.config.hidden)?;
        if let Some(mask) = dropout {
            h = h.broadcast_mul(mask)?;
        }
        let h = h.reshape((heard.steps() * batch, self.config.hidden))?;
        h.matmul(&self.tensors.get("said.weight")?.t()?)?.broadcast_add(self.tensors.get("said.bias")?)
    }

    /// What drawings are told, `[batch, condition]`; none where they are told nothing.
    fn condition(&self, kinds: &[u32], z: Option<&Tensor>) -> Result<Option<Tensor>> {
        let batch = kinds.len();
        let mut parts = Vec::new();
        if self.config.kind > 0 {
            let rows = Tensor::from_slice(kinds, batch, &Device::Cpu)?;
            parts.push(self.tensors.get("kind.weight")?.index_select(&rows, 0)?);
        }
        if self.config.latent > 0 {
            let width = self.config.told();
            let zeros = |rows: usize| Tensor::zeros((rows, width), DType::F32, &Device::Cpu);
            parts.push(match z {
                None => zeros(batch)?,
                Some(z) => {
                    let some = z.dims2()?.0;
                    let points = Tensor::cat(&[z, &Tensor::ones((some, 1), DType::F32, &Device::Cpu)?], 1)?;
                    if some < batch { Tensor::cat(&[points, zeros(batch - some)?], 0)? } else { points }
                }
            });
        }
        if parts.is_empty() { Ok(None) } else { Tensor::cat(&parts, 1).map(Some) }
    }

    /// An LSTM from its first state: `h` of every step, `[steps, batch, hidden]`. `gates` are what its gates get from
    /// outside, `[steps, batch, 4·hidden]`.
    fn run(&self, name: &str, heard: &Heard, gates: &Tensor, hidden: usize) -> Result<Tensor> {
        let batch = heard.lengths.len();
        let keep = Arc::new(vec![1.0; heard.steps() * batch]);
        let lstm = Lstm::new(LayerState::zeros(batch, hidden), keep);
        Ok(lstm.run(gates, self.tensors.get(&format!("{name}.weight_hh"))?)?.0)
    }
}
