//! The network of the family: which tensors it has, their shapes, and its forward pass over batches
//! whose events are known.
//!
//! | tensor | shape | what |
//! |---|---|---|
//! | `embed.weight` | `[rows, embed]` | one row for each value of each input feature; the rows of a step are summed |
//! | `lstm.L.weight_ih` | `[4·hidden, in]` | `in` is `embed` for layer 0, else `hidden` |
//! | `lstm.L.weight_hh` | `[4·hidden, hidden]` | |
//! | `lstm.L.bias` | `[4·hidden]` | one bias, added once |
//! | `field.0.weight`, `field.0.bias` | `[classes 0, hidden]`, `[classes 0]` | logits of the first field |
//! | `field.K.hidden.weight` | `[gate, hidden]` | for every later field K |
//! | `field.K.after.J.weight` | `[classes J, gate]` | for every field J before it: one row a class, added to its hidden layer |
//! | `field.K.weight`, `field.K.bias` | `[classes K, gate]`, `[classes K]` | logits of field K |
//!
//! Gates lie in the order i, f, g, o, as in PyTorch. For one event, with `h` the top layer's state
//! and `c_J` the class of field J:
//!
//! ```text
//! logits 0 = field.0.weight·h + field.0.bias
//! u        = relu(field.K.hidden.weight·h + Σ_{J<K} field.K.after.J.weight[c_J])
//! logits K = field.K.weight·u + field.K.bias
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use candle_core::{Device, Result, Tensor, bail};
use serde::{Deserialize, Serialize};

use crate::card::Weights;
use crate::embedding::embedding_sum;
use crate::lstm::{LayerState, Lstm};

/// Sizes of a network; written on the card and read back from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Rows of `embed.weight`: all values of all input features.
    pub rows: usize,
    /// Rows that are heard at each step: the input features.
    pub groups: usize,
    /// Width of an embedding row.
    pub embed: usize,
    /// Width of each LSTM layer, a multiple of 16.
    pub hidden: usize,
    /// Number of LSTM layers.
    pub layers: usize,
    /// Width of the hidden layer in front of every field but the first.
    pub gate: usize,
    /// Classes of each field of an event.
    pub fields: Vec<usize>,
}

impl Config {
    /// Names and shapes of all tensors, in the order in which they are stored.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let gates = 4 * self.hidden;
        let mut list = vec![("embed.weight".to_owned(), vec![self.rows, self.embed])];
        for layer in 0..self.layers {
            let input = if layer == 0 { self.embed } else { self.hidden };
            list.push((format!("lstm.{layer}.weight_ih"), vec![gates, input]));
            list.push((format!("lstm.{layer}.weight_hh"), vec![gates, self.hidden]));
            list.push((format!("lstm.{layer}.bias"), vec![gates]));
        }
        for (field, &classes) in self.fields.iter().enumerate() {
            let mut input = self.hidden;
            if field > 0 {
                input = self.gate;
                list.push((format!("field.{field}.hidden.weight"), vec![self.gate, self.hidden]));
                for (before, &classes) in self.fields[..field].iter().enumerate() {
                    list.push((format!("field.{field}.after.{before}.weight"), vec![classes, self.gate]));
                }
            }
            list.push((format!("field.{field}.weight"), vec![classes, input]));
            list.push((format!("field.{field}.bias"), vec![classes]));
        }
        list
    }

    /// Number of trained numbers.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
    }
}

/// The tensors of a network, as Candle holds them. Clones share their data.
#[derive(Debug, Clone)]
pub struct Network {
    config: Config,
    tensors: HashMap<String, Tensor>,
}

/// What a batch of steps hears, `[steps, batch]` in that order throughout.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// Input rows, `groups` for each step.
    pub rows: Arc<Vec<u16>>,
    /// For each field the class that was played at each step.
    pub events: Vec<Vec<u32>>,
    /// 0 where a piece begins (see [`Lstm::new`]).
    pub keep: Arc<Vec<f32>>,
}

impl Network {
    /// A network of given tensors; each must be there with its shape, as f32.
    ///
    /// # Errors
    /// When one is missing or has another shape, which the message names.
    pub fn new(config: Config, tensors: HashMap<String, Tensor>) -> Result<Network> {
        for (name, shape) in config.tensors() {
            match tensors.get(&name) {
                Some(tensor) if tensor.dims() == shape.as_slice() => {}
                Some(tensor) => bail!("tensor `{name}` has shape {:?}, expected {shape:?}", tensor.dims()),
                None => bail!("tensor `{name}` is missing"),
            }
        }
        Ok(Network { config, tensors })
    }

    /// A network of weights that were read from a file.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn from_weights(
        config: Config,
        weights: &BTreeMap<String, Weights>,
        device: &Device,
    ) -> Result<Network> {
        let tensors = weights.iter().map(|(name, weights)| {
            Ok((name.clone(), Tensor::from_slice(&weights.values, weights.shape.as_slice(), device)?))
        });
        Network::new(config, tensors.collect::<Result<_>>()?)
    }

    /// Sizes.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// A tensor by its name.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn tensor(&self, name: &str) -> Result<&Tensor> {
        match self.tensors.get(name) {
            Some(tensor) => Ok(tensor),
            None => bail!("tensor `{name}` is missing"),
        }
    }

    /// The state before a piece, one for each layer, for `batch` pieces at once.
    pub fn start(&self, batch: usize) -> Vec<LayerState> {
        vec![LayerState::zeros(batch, self.config.hidden); self.config.layers]
    }

    /// Logits of each field of each event, `[steps·batch, classes]`, given the fields before it.
    /// `states` is one state a layer and is moved on. `dropout` is multiplied in after each LSTM layer,
    /// `[1, batch, hidden]`: the same units for all steps of a batch (variational dropout, Gal and
    /// Ghahramani 2016); playing and evaluation give none.
    ///
    /// # Errors
    /// When a row or a class does not exist, or the lengths do not fit together.
    pub fn forward(
        &self,
        heard: &Heard,
        batch: usize,
        states: &mut [LayerState],
        dropout: &[Tensor],
    ) -> Result<Vec<Tensor>> {
        let hidden = self.hidden(heard, batch, states, dropout)?;
        (0..self.config.fields.len()).map(|field| self.logits(&hidden, field, &heard.events)).collect()
    }

    fn hidden(
        &self,
        heard: &Heard,
        batch: usize,
        states: &mut [LayerState],
        dropout: &[Tensor],
    ) -> Result<Tensor> {
        let steps = heard.keep.len() / batch.max(1);
        let hidden = self.config.hidden;
        let mut x = embedding_sum(self.tensor("embed.weight")?, heard.rows.clone(), self.config.groups)?;
        for (layer, state) in states.iter_mut().enumerate() {
            let input = self.tensor(&format!("lstm.{layer}.weight_ih"))?;
            let bias = self.tensor(&format!("lstm.{layer}.bias"))?;
            let z = x.matmul(&input.t()?)?.broadcast_add(bias)?.reshape((steps, batch, 4 * hidden))?;
            let lstm = Lstm::new(std::mem::replace(state, LayerState::zeros(0, 0)), heard.keep.clone());
            let (mut h, last) = lstm.run(&z, self.tensor(&format!("lstm.{layer}.weight_hh"))?)?;
            *state = last;
            if let Some(mask) = dropout.get(layer) {
                h = h.broadcast_mul(mask)?;
            }
            x = h.reshape((steps * batch, hidden))?;
        }
        Ok(x)
    }

    fn logits(&self, hidden: &Tensor, field: usize, events: &[Vec<u32>]) -> Result<Tensor> {
        let mut x = hidden.clone();
        if field > 0 {
            x = self.linear(hidden, &format!("field.{field}.hidden.weight"))?;
            for (before, classes) in events.iter().take(field).enumerate() {
                let classes = Tensor::from_slice(classes, classes.len(), hidden.device())?;
                let table = self.tensor(&format!("field.{field}.after.{before}.weight"))?;
                x = (x + table.index_select(&classes, 0)?)?;
            }
            x = x.relu()?;
        }
        self.linear(&x, &format!("field.{field}.weight"))?
            .broadcast_add(self.tensor(&format!("field.{field}.bias"))?)
    }

    fn linear(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        x.matmul(&self.tensor(name)?.t()?)
    }
}
