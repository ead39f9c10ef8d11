//! The network behind `melody`: which tensors it has, their shapes, and its forward passes.
//!
//! An LSTM says what happens on each 16th: nothing, an end, or a note. By itself it is a model of
//! melodies with an exact likelihood, after Magenta's Improv RNN. Given a point `z` of the latent
//! space it plays the two bars that the point means, after MusicVAE (Roberts et al. 2018): an encoder
//! reads two bars into the mean and spread of `z`, and an upper decoder writes from `z` a plan for each
//! 16th, which the LSTM hears beside its other inputs.
//!
//! | tensor | shape | what |
//! |---|---|---|
//! | `embed.weight` | `[features, embed]` | one row for each value of each input feature; the rows of a step are summed |
//! | `lstm.L.weight_ih` | `[4·hidden, in]` | `in` is `embed` for layer 0, else `hidden` |
//! | `lstm.L.weight_hh` | `[4·hidden, hidden]` | |
//! | `lstm.L.bias` | `[4·hidden]` | one bias, added once |
//! | `token.weight`, `token.bias` | `[tokens, hidden]`, `[tokens]` | logits of what happens |
//! | `plan.hidden.weight`, `.bias` | `[upper, latent]`, `[upper]` | |
//! | `plan.steps.weight`, `.bias` | `[32·plan, upper]`, `[32·plan]` | the plan of each 16th of the two bars |
//! | `plan.heard.weight` | `[embed, plan]` | what of its plan a step hears, added to the embedding rows |
//! | `plan.said.weight` | `[tokens, plan]` | what its plan adds to the logits |
//! | `encode.embed.weight` | `[tokens + pitches + 1, letter]` | a row for what happens, a row for what sounds |
//! | `encode.hidden.0.weight`, `.bias` | `[encoder, 32·letter]`, `[encoder]` | |
//! | `encode.hidden.1.weight`, `.bias` | `[encoder, encoder]`, `[encoder]` | |
//! | `encode.mean.weight`, `.bias` | `[latent, encoder]`, `[latent]` | the mean of `z` |
//! | `encode.spread.weight`, `.bias` | `[latent, encoder]`, `[latent]` | the logarithm of its variance |
//!
//! ```text
//! x = Σ embed[features] + plan.heard·p[t]      p = plan.steps·relu(plan.hidden·z)
//! z = weight_ih·x + weight_hh·h + bias          c' = σ(f)·c + σ(i)·tanh(g)      h' = σ(o)·tanh(c')
//! logits = token·h' + plan.said·p[t]
//! ```
//!
//! Gates lie in the order i, f, g, o. Without a point of the latent space there is no plan, and a row
//! of its own in `embed.weight` says so.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use serde::{Deserialize, Serialize};

use super::features::{Features, GROUP_COUNT};
use super::vocabulary::{FIRST_PITCH, HOLD, PITCHES, SEGMENT, TOKENS, is_onset};
use crate::card::Weights;
use crate::embedding::embedding_sum;
use crate::lstm::{LayerState, Lstm};
use crate::named_tensors::{NamedTensors, on_device};

/// Rows of `encode.embed.weight`: what happens, and what sounds (a pitch, or silence).
pub const LETTERS: usize = TOKENS + PITCHES + 1;

/// What the encoder hears of one step: two rows of its embedding.
pub type Letter = [u16; 2];

/// Directions of the latent space that are stored with the weights, `attribute.NAME`, `[latent]`.
pub const ATTRIBUTES: [&str; 3] = ["density", "pitch", "syncopation"];

/// Sizes of the network; written on the card and read back from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Rows of `embed.weight` ([`super::features::FEATURES`]).
    pub features: usize,
    /// Width of an embedding row.
    pub embed: usize,
    /// Width of each LSTM layer.
    pub hidden: usize,
    /// Number of LSTM layers.
    pub layers: usize,
    /// Classes of a step ([`TOKENS`]).
    pub tokens: usize,
    /// Axes of the latent space.
    pub latent: usize,
    /// Width of the hidden layer of the upper decoder, which writes plans; `conductor` on the card, after MusicVAE.
    #[serde(rename = "conductor")]
    pub upper: usize,
    /// Width of the plan of one step.
    pub plan: usize,
    /// Width of a row of the encoder's embedding.
    pub letter: usize,
    /// Width of the encoder's hidden layers.
    pub encoder: usize,
}

impl Config {
    /// Names and shapes of all trained tensors, in the order in which they are stored.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let gates = 4 * self.hidden;
        let mut list = vec![("embed.weight".to_owned(), vec![self.features, self.embed])];
        for layer in 0..self.layers {
            let input = if layer == 0 { self.embed } else { self.hidden };
            list.push((format!("lstm.{layer}.weight_ih"), vec![gates, input]));
            list.push((format!("lstm.{layer}.weight_hh"), vec![gates, self.hidden]));
            list.push((format!("lstm.{layer}.bias"), vec![gates]));
        }
        let mut linear = |name: &str, rows: usize, columns: usize| {
            list.push((format!("{name}.weight"), vec![rows, columns]));
            list.push((format!("{name}.bias"), vec![rows]));
        };
        linear("token", self.tokens, self.hidden);
        linear("plan.hidden", self.upper, self.latent);
        linear("plan.steps", SEGMENT * self.plan, self.upper);
        linear("encode.hidden.0", self.encoder, SEGMENT * self.letter);
        linear("encode.hidden.1", self.encoder, self.encoder);
        linear("encode.mean", self.latent, self.encoder);
        linear("encode.spread", self.latent, self.encoder);
        list.push(("plan.heard.weight".to_owned(), vec![self.embed, self.plan]));
        list.push(("plan.said.weight".to_owned(), vec![self.tokens, self.plan]));
        list.push(("encode.embed.weight".to_owned(), vec![LETTERS, self.letter]));
        list
    }

    /// Names and shapes of all stored tensors: the trained ones and the attribute directions.
    pub fn stored(&self) -> Vec<(String, Vec<usize>)> {
        let attributes = ATTRIBUTES.iter().map(|name| (format!("attribute.{name}"), vec![self.latent]));
        self.tensors().into_iter().chain(attributes).collect()
    }

    /// Number of trained numbers.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
    }
}

/// What the encoder hears of `tokens`, which may be several segments: what rings from one into the
/// next is heard there.
pub fn letters(tokens: &[u8]) -> Vec<Letter> {
    let silence = (TOKENS + PITCHES) as u16;
    let mut sounding = silence;
    let letter = |&token: &u8| {
        if is_onset(token) {
            sounding = TOKENS as u16 + u16::from(token - FIRST_PITCH);
        } else if token != HOLD {
            sounding = silence;
        }
        [u16::from(token), sounding]
    };
    tokens.iter().map(letter).collect()
}

/// The tensors of a network, as Candle holds them. Clones share their data.
#[derive(Debug, Clone)]
pub struct Network {
    config: Config,
    tensors: NamedTensors,
}

/// What points of the latent space tell the steps of their segments.
#[derive(Debug, Clone)]
pub struct Told {
    /// Added to what the steps hear: `[segments, 32, embed]`, or in the order of a batch,
    /// `[steps, batch, embed]`.
    pub heard: Tensor,
    /// Added to their logits: `[segments, 32, tokens]`, or `[steps, batch, tokens]`.
    pub said: Tensor,
}

/// What the encoder says of segments, `[segments, latent]` each.
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

    /// The state before the music, one for each layer, for `batch` melodies at once.
    pub fn start(&self, batch: usize) -> Vec<LayerState> {
        vec![LayerState::zeros(batch, self.config.hidden); self.config.layers]
    }

    /// Runs the LSTM layers over a batch whose steps are known: logits of every step,
    /// `[steps·batch, tokens]`. `features` holds the rows of each step, `[steps, batch]` in that order;
    /// `keep` is 0 where a melody begins (see [`Lstm::new`]); `states` is one state a layer and is moved
    /// on; `told` is what plans tell, in the order of the batch ([`Network::told`]). `dropout` is multiplied to each layer's output, `[1, batch, hidden]`: the same units for all steps
    /// (variational dropout, Gal and Ghahramani 2016); none while playing.
    ///
    /// # Errors
    /// When the shapes do not fit together.
    pub fn logits(
        &self,
        features: &[Features],
        told: Option<&Told>,
        keep: &Arc<Vec<f32>>,
        batch: usize,
        states: &mut [LayerState],
        dropout: &[Tensor],
    ) -> Result<Tensor> {
        let steps = features.len() / batch.max(1);
        let Config { hidden, embed, .. } = self.config;
        let rows = Arc::new(features.as_flattened().to_vec());
        let mut x = embedding_sum(self.tensor("embed.weight")?, rows, GROUP_COUNT)?;
        if let Some(told) = told {
            x = (x + told.heard.reshape((steps * batch, embed))?)?;
        }
        for (layer, state) in states.iter_mut().enumerate() {
            let input = self.tensor(&format!("lstm.{layer}.weight_ih"))?;
            let bias = self.tensor(&format!("lstm.{layer}.bias"))?;
            let z = x.matmul(&input.t()?)?.broadcast_add(bias)?.reshape((steps, batch, 4 * hidden))?;
            let lstm = Lstm::new(std::mem::replace(state, LayerState::zeros(0, 0)), keep.clone());
            let (mut h, last) = lstm.run(&z, self.tensor(&format!("lstm.{layer}.weight_hh"))?)?;
            *state = last;
            if let Some(mask) = dropout.get(layer) {
                h = h.broadcast_mul(mask)?;
            }
            x = h.reshape((steps * batch, hidden))?;
        }
        let logits = self.linear(&x, "token")?;
        match told {
            Some(told) => logits + told.said.reshape((steps * batch, self.config.tokens))?,
            None => Ok(logits),
        }
    }

    /// Reads segments of 32 steps each, one after the other in `letters`.
    ///
    /// # Errors
    /// When `letters` holds no whole number of segments.
    pub fn encode(&self, letters: &[Letter]) -> Result<Posterior> {
        let segments = letters.len() / SEGMENT;
        let rows = Arc::new(letters.as_flattened().to_vec());
        let x = embedding_sum(self.tensor("encode.embed.weight")?, rows, 2)?;
        let x = x.reshape((segments, SEGMENT * self.config.letter))?;
        let x = self.linear(&x, "encode.hidden.0")?.relu()?;
        let x = self.linear(&x, "encode.hidden.1")?.relu()?;
        Ok(Posterior { mean: self.linear(&x, "encode.mean")?, spread: self.linear(&x, "encode.spread")? })
    }

    /// What the points `z` (`[segments, latent]`) tell the steps of their segments.
    ///
    /// # Errors
    /// When `z` has another width.
    pub fn told(&self, z: &Tensor) -> Result<Told> {
        let segments = z.dims2()?.0;
        let plans = self.linear(&self.linear(z, "plan.hidden")?.relu()?, "plan.steps")?;
        let plans = plans.reshape((segments * SEGMENT, self.config.plan))?;
        let through = |name: &str, width: usize| {
            plans.matmul(&self.tensor(name)?.t()?)?.reshape((segments, SEGMENT, width))
        };
        Ok(Told {
            heard: through("plan.heard.weight", self.config.embed)?,
            said: through("plan.said.weight", self.config.tokens)?,
        })
    }

    fn linear(&self, x: &Tensor, name: &str) -> Result<Tensor> {
        let weight = self.tensor(&format!("{name}.weight"))?;
        x.matmul(&weight.t()?)?.broadcast_add(self.tensor(&format!("{name}.bias"))?)
    }
}
