//! The network of the family as it is trained: a forward pass over batches whose events are known. Which tensors
//! it has, and what it computes, says [`super::config`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use candle_core::{Device, Result, Tensor};

use super::config::Config;
use crate::card::Weights;
use crate::embedding::embedding_sum;
use crate::lstm::{LayerState, Lstm};
use crate::named_tensors::{NamedTensors, on_device};

/// The tensors of a network, as Candle holds them. Clones share their data.
#[derive(Debug, Clone)]
pub struct Network {
    config: Config,
    tensors: NamedTensors,
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
        let tensors = NamedTensors::new(config.tensors(), tensors)?;
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
        Network::new(config, on_device(weights, device)?)
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
        self.tensors.get(name)
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
            x = self.linear(hidden, &self.config.hidden_weight(field))?;
            for (before, classes) in events.iter().take(field).enumerate() {
                let classes = Tensor::from_slice(classes, classes.len(), hidden.device())?;
                let table = self.tensor(&self.config.after_weight(field, before))?;
                x = (x + table.index_select(&classes, 0)?)?;
            }
            x = x.relu()?;
        }
        self.linear(&x, &self.config.weight(field))?.broadcast_add(self.tensor(&self.config.bias(field))?)
    }

    fn linear(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        x.matmul(&self.tensor(name)?.t()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recurrent::tests::{config, weights};

    fn network() -> Network {
        Network::from_weights(config(), &weights(1), &Device::Cpu).unwrap()
    }

    #[test]
    fn a_wrong_tensor_is_named() {
        let made = |tensors: &BTreeMap<String, Weights>| {
            Network::from_weights(config(), tensors, &Device::Cpu).unwrap_err().to_string()
        };
        let mut missing = weights(1);
        missing.remove("field.1.bias");
        assert!(made(&missing).starts_with("tensor `field.1.bias` is missing"));
        let mut wrong = weights(1);
        wrong.insert("field.1.bias".to_owned(), Weights { shape: vec![7], values: vec![0.0; 7] });
        assert!(made(&wrong).starts_with("tensor `field.1.bias` has shape [7], expected [4]"));
    }

    /// What is heard and played in `steps` steps of `batch` pieces, numbers from a formula.
    fn heard(steps: usize, batch: usize) -> Heard {
        let config = config();
        let cells = steps * batch;
        let classes = |&classes: &usize| (0..cells).map(|cell| (cell * 7 % classes) as u32).collect();
        Heard {
            rows: Arc::new((0..cells * config.groups).map(|at| (at * 31 % config.rows) as u16).collect()),
            events: config.fields.iter().map(classes).collect(),
            keep: Arc::new(vec![1.0; cells]),
        }
    }

    #[test]
    fn a_batch_is_its_pieces_one_by_one() {
        let (network, steps, batch) = (network(), 4, 2);
        let groups = network.config().groups;
        let all = heard(steps, batch);
        let whole = network.forward(&all, batch, &mut network.start(batch), &[]).unwrap();
        for piece in 0..batch {
            let mut states = network.start(1);
            for step in 0..steps {
                let cell = step * batch + piece;
                let one = Heard {
                    rows: Arc::new(all.rows[cell * groups..][..groups].to_vec()),
                    events: all.events.iter().map(|classes| vec![classes[cell]]).collect(),
                    keep: Arc::new(vec![1.0]),
                };
                let one = network.forward(&one, 1, &mut states, &[]).unwrap();
                for (one, whole) in one.iter().zip(&whole) {
                    let (one, whole) = (one.to_vec2::<f32>().unwrap(), whole.to_vec2::<f32>().unwrap());
                    for (a, b) in one[0].iter().zip(&whole[cell]) {
                        assert!((a - b).abs() < 1e-5, "piece {piece}, step {step}: {a} and {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_row_beyond_the_table_is_an_error() {
        let network = network();
        let beyond = Heard { rows: Arc::new(vec![12, 0]), ..heard(1, 1) };
        assert!(network.forward(&beyond, 1, &mut network.start(1), &[]).is_err());
    }
}
