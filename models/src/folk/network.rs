//! The network behind `folk`: which tensors it has, their shapes, and its forward pass.
//!
//! One step of the network is one note. The note is factored into a duration and then a pitch,
//! p(note) = p(duration | past) · p(pitch | duration, past), after Bob Sturm's folk-rnn (a deep
//! LSTM over folk tunes) with the lookback inputs of Magenta's Lookback RNN.
//!
//! | tensor | shape | what |
//! |---|---|---|
//! | `embed.weight` | `[features, embed]` | one row for each value of each input feature; the rows of a step are summed |
//! | `lstm.L.weight_ih` | `[4·hidden, in]` | `in` is `embed` for layer 0, else `hidden` |
//! | `lstm.L.weight_hh` | `[4·hidden, hidden]` | |
//! | `lstm.L.bias` | `[4·hidden]` | one bias, added once |
//! | `duration.weight`, `duration.bias` | `[durations, hidden]`, `[durations]` | logits of the duration class; the last class is "the tune ends" |
//! | `pitch.hidden.weight` | `[gate, hidden]` | |
//! | `pitch.duration.weight` | `[durations, gate]` | one row for each duration class, added to the hidden layer |
//! | `pitch.weight`, `pitch.bias` | `[pitches, gate]`, `[pitches]` | logits of the pitch class |
//!
//! Gates lie in the order i, f, g, o, as in PyTorch. For one step, with `x` the sum of the
//! feature rows and `h` the top layer's state:
//!
//! ```text
//! z = weight_ih·x + weight_hh·h + bias        c' = σ(f)·c + σ(i)·tanh(g)      h' = σ(o)·tanh(c')
//! duration logits = duration.weight·h + duration.bias
//! u = relu(pitch.hidden.weight·h + pitch.duration.weight[duration])
//! pitch logits    = pitch.weight·u + pitch.bias
//! ```

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use candle_core::{Device, Result, Tensor, bail};
use serde::{Deserialize, Serialize};

use super::features::{Features, GROUP_COUNT};
use crate::card::Weights;
use crate::embedding::embedding_sum;
use crate::lstm::{LayerState, Lstm};

/// Sizes of the network; written on the card and read back from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Rows of `embed.weight`: all values of all input features ([`super::features::FEATURES`]).
    pub features: usize,
    /// Width of an embedding row.
    pub embed: usize,
    /// Width of each LSTM layer.
    pub hidden: usize,
    /// Number of LSTM layers.
    pub layers: usize,
    /// Duration classes, the end of the tune included.
    pub durations: usize,
    /// Width of the hidden layer in front of the pitch logits.
    pub gate: usize,
    /// Pitch classes, the rest included.
    pub pitches: usize,
}

impl Config {
    /// Names and shapes of all tensors, in the order in which they are stored.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let gates = 4 * self.hidden;
        let mut list = vec![("embed.weight".to_owned(), vec![self.features, self.embed])];
        for layer in 0..self.layers {
            let input = if layer == 0 { self.embed } else { self.hidden };
            list.push((format!("lstm.{layer}.weight_ih"), vec![gates, input]));
            list.push((format!("lstm.{layer}.weight_hh"), vec![gates, self.hidden]));
            list.push((format!("lstm.{layer}.bias"), vec![gates]));
        }
        list.push(("duration.weight".to_owned(), vec![self.durations, self.hidden]));
        list.push(("duration.bias".to_owned(), vec![self.durations]));
        list.push(("pitch.hidden.weight".to_owned(), vec![self.gate, self.hidden]));
        list.push(("pitch.duration.weight".to_owned(), vec![self.durations, self.gate]));
        list.push(("pitch.weight".to_owned(), vec![self.pitches, self.gate]));
        list.push(("pitch.bias".to_owned(), vec![self.pitches]));
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

/// What a pass over a batch gives, one row for each step of each tune.
#[derive(Debug)]
pub struct Logits {
    /// `[steps·batch, durations]`.
    pub durations: Tensor,
    /// `[steps·batch, pitches]`, given the duration that was played.
    pub pitches: Tensor,
}

/// Where a training pass drops activations: for each name a tensor that is multiplied in. Playing
/// and evaluation drop nothing.
#[derive(Debug, Default)]
pub struct Dropout {
    /// After each LSTM layer, `[1, batch, hidden]`: the same units for all steps of a batch
    /// (variational dropout, Gal and Ghahramani 2016).
    pub layers: Vec<Tensor>,
}

impl Network {
    /// A network of given tensors; each must be there with its shape, as f32.
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

    /// The state before a tune, one for each layer, for `batch` tunes at once.
    pub fn start(&self, batch: usize) -> Vec<LayerState> {
        vec![LayerState::zeros(batch, self.config.hidden); self.config.layers]
    }

    /// Runs a batch whose notes are known: as [`Network::hidden`], with `played` the duration class
    /// of each step, `[steps, batch]`.
    pub fn forward(
        &self,
        features: &[Features],
        played: &[u32],
        keep: &Arc<Vec<f32>>,
        batch: usize,
        states: &mut [LayerState],
        dropout: &Dropout,
    ) -> Result<Logits> {
        let hidden = self.hidden(features, keep, batch, states, dropout)?;
        Ok(Logits { durations: self.duration_logits(&hidden)?, pitches: self.pitch_logits(&hidden, played)? })
    }

    /// Runs the LSTM layers over a batch: the top layer's output, `[steps·batch, hidden]`.
    /// `features` holds the rows of each step, `[steps, batch]` in that order; `keep` is 0 where a
    /// tune begins (see [`Lstm::new`]); `states` is one state a layer and is moved on.
    pub fn hidden(
        &self,
        features: &[Features],
        keep: &Arc<Vec<f32>>,
        batch: usize,
        states: &mut [LayerState],
        dropout: &Dropout,
    ) -> Result<Tensor> {
        let steps = features.len() / batch.max(1);
        let hidden = self.config.hidden;
        let heard = Arc::new(features.as_flattened().to_vec());
        let mut x = embedding_sum(self.tensor("embed.weight")?, heard, GROUP_COUNT)?;
        for (layer, state) in states.iter_mut().enumerate() {
            let input = self.tensor(&format!("lstm.{layer}.weight_ih"))?;
            let bias = self.tensor(&format!("lstm.{layer}.bias"))?;
            let z = x.matmul(&input.t()?)?.broadcast_add(bias)?.reshape((steps, batch, 4 * hidden))?;
            let lstm = Lstm::new(std::mem::replace(state, LayerState::zeros(0, 0)), keep.clone());
            let (mut h, last) = lstm.run(&z, self.tensor(&format!("lstm.{layer}.weight_hh"))?)?;
            *state = last;
            if let Some(mask) = dropout.layers.get(layer) {
                h = h.broadcast_mul(mask)?;
            }
            x = h.reshape((steps * batch, hidden))?;
        }
        Ok(x)
    }

    /// Logits of the duration classes, `[steps·batch, durations]`, from [`Network::hidden`].
    pub fn duration_logits(&self, hidden: &Tensor) -> Result<Tensor> {
        self.linear(hidden, "duration.weight")?.broadcast_add(self.tensor("duration.bias")?)
    }

    /// Logits of the pitch classes, `[steps·batch, pitches]`, given the duration class of each step.
    pub fn pitch_logits(&self, hidden: &Tensor, durations: &[u32]) -> Result<Tensor> {
        let durations = Tensor::from_slice(durations, durations.len(), hidden.device())?;
        let chosen = self.tensor("pitch.duration.weight")?.index_select(&durations, 0)?;
        let u = (self.linear(hidden, "pitch.hidden.weight")? + chosen)?.relu()?;
        self.linear(&u, "pitch.weight")?.broadcast_add(self.tensor("pitch.bias")?)
    }

    fn linear(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        x.matmul(&self.tensor(name)?.t()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Config {
        Config { features: 739, embed: 6, hidden: 5, layers: 2, durations: 26, gate: 4, pitches: 53 }
    }

    fn tensors(config: &Config) -> HashMap<String, Tensor> {
        let fill = |shape: &[usize]| {
            let count = shape.iter().product::<usize>();
            let values: Vec<f32> = (0..count).map(|at| ((at * 7919 % 1009) as f32 / 1009.0) - 0.5).collect();
            Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
        };
        config.tensors().into_iter().map(|(name, shape)| (name, fill(&shape))).collect()
    }

    #[test]
    fn a_wrong_tensor_is_named() {
        let config = small();
        let mut missing = tensors(&config);
        missing.remove("pitch.bias");
        let message = Network::new(config, missing).unwrap_err().to_string();
        assert!(message.starts_with("tensor `pitch.bias` is missing"), "{message}");
        let mut wrong = tensors(&config);
        wrong.insert(
            "pitch.bias".to_owned(),
            Tensor::zeros(7, candle_core::DType::F32, &Device::Cpu).unwrap(),
        );
        let message = Network::new(config, wrong).unwrap_err().to_string();
        assert!(message.starts_with("tensor `pitch.bias` has shape [7], expected [53]"), "{message}");
    }

    #[test]
    fn a_batch_is_its_tunes_one_by_one() {
        let config = small();
        let network = Network::new(config, tensors(&config)).unwrap();
        let rows = |seed: usize| -> Features {
            std::array::from_fn(|group| ((seed * 31 + group * 17) % 739) as u16)
        };
        let (steps, batch) = (4, 2);
        let features: Vec<Features> = (0..steps * batch).map(rows).collect();
        let played: Vec<u32> = (0..steps * batch).map(|at| (at % 26) as u32).collect();
        let keep = Arc::new(vec![1.0; steps * batch]);
        let mut states = network.start(batch);
        let whole =
            network.forward(&features, &played, &keep, batch, &mut states, &Dropout::default()).unwrap();
        let whole = whole.pitches.to_vec2::<f32>().unwrap();
        for tune in 0..batch {
            let mut states = network.start(1);
            for step in 0..steps {
                let at = step * batch + tune;
                let keep = Arc::new(vec![1.0]);
                let none = Dropout::default();
                let one = network
                    .forward(&features[at..=at], &played[at..=at], &keep, 1, &mut states, &none)
                    .unwrap();
                for (a, b) in one.pitches.to_vec2::<f32>().unwrap()[0].iter().zip(&whole[at]) {
                    assert!((a - b).abs() < 1e-5, "tune {tune}, step {step}: {a} and {b}");
                }
            }
        }
    }

    #[test]
    fn a_row_beyond_the_table_is_an_error() {
        let config = small();
        let network = Network::new(config, tensors(&config)).unwrap();
        let features = [[739; _]];
        let keep = Arc::new(vec![1.0]);
        assert!(network.hidden(&features, &keep, 1, &mut network.start(1), &Dropout::default()).is_err());
    }
}
