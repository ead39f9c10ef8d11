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

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use serde::{Deserialize, Serialize};

use super::features::Features;
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

/// What a pass over a batch gives: logits of each step, flattened to `[steps·batch, classes]`.
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

    /// Runs a batch. `features` holds the rows of each step, `[steps, batch]` in that order;
    /// `played` the duration class of each step; `keep` is 0 where a tune begins (see
    /// [`Lstm::new`]); `states` is one state a layer and is moved on.
    pub fn forward(
        &self,
        features: &[Features],
        played: &[u32],
        keep: &Arc<Vec<f32>>,
        batch: usize,
        states: &mut [LayerState],
        dropout: &Dropout,
    ) -> Result<Logits> {
        let steps = features.len() / batch;
        let hidden = self.config.hidden;
        let rows = Arc::new(features.to_vec());
        let mut x = self.tensor("embed.weight")?.apply_op1(EmbeddingSum { rows })?;
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
        let linear = |x: &Tensor, name: &str| -> Result<Tensor> { x.matmul(&self.tensor(name)?.t()?) };
        let durations = linear(&x, "duration.weight")?.broadcast_add(self.tensor("duration.bias")?)?;
        let played = Tensor::from_slice(played, played.len(), x.device())?;
        let chosen = self.tensor("pitch.duration.weight")?.index_select(&played, 0)?;
        let u = (linear(&x, "pitch.hidden.weight")? + chosen)?.relu()?;
        let pitches = linear(&u, "pitch.weight")?.broadcast_add(self.tensor("pitch.bias")?)?;
        Ok(Logits { durations, pitches })
    }
}

/// Sums rows of an embedding `[features, embed]`: one result row for each set of features.
#[derive(Debug)]
struct EmbeddingSum {
    rows: Arc<Vec<Features>>,
}

impl CustomOp1 for EmbeddingSum {
    fn name(&self) -> &'static str {
        "embedding-sum"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (count, width) = layout.shape().dims2()?;
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("embedding-sum: a contiguous tensor is needed")
        };
        let table = &storage.as_slice::<f32>()?[start..end];
        let mut out = vec![0.0; self.rows.len() * width];
        for (sum, rows) in out.chunks_exact_mut(width).zip(self.rows.iter()) {
            for &row in rows {
                if usize::from(row) >= count {
                    bail!("embedding-sum: row {row} of {count}");
                }
                for (sum, &value) in sum.iter_mut().zip(&table[usize::from(row) * width..][..width]) {
                    *sum += value;
                }
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((self.rows.len(), width))))
    }

    fn bwd(&self, table: &Tensor, _result: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (count, width) = table.dims2()?;
        let grad = grad.flatten_all()?.to_vec1::<f32>()?;
        let mut out = vec![0.0f32; count * width];
        for (grad, rows) in grad.chunks_exact(width).zip(self.rows.iter()) {
            for &row in rows {
                for (sum, &value) in out[usize::from(row) * width..][..width].iter_mut().zip(grad) {
                    *sum += value;
                }
            }
        }
        Ok(Some(Tensor::from_vec(out, (count, width), table.device())?))
    }
}
