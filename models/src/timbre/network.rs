//! The network: a note goes to a place, and a place with a moment to controls.

use std::collections::{BTreeMap, HashMap};

use candle_core::{D, Device, Result, Tensor};
use lilt_synth::PARTIALS;
use serde::{Deserialize, Serialize};

use super::controls::{AMPLITUDES, SAID, TOLD};
use crate::card::Weights;
use crate::named_tensors::{NamedTensors, on_device};
use crate::training::Tensors;

/// Seconds since the onset at which the encoder looks at a note.
pub const LOOKS: [f32; 8] = [0.004, 0.024, 0.06, 0.12, 0.25, 0.5, 1.0, 1.6];

/// What the encoder is told of a note: its amplitudes whenever it looks, its inharmonicity and release, and how it was
/// played.
pub const ENCODED: usize = LOOKS.len() * AMPLITUDES + (SAID - AMPLITUDES) + TOLD;

/// Width of the encoder's layers.
const ENCODER: [usize; 2] = [256, 128];

/// Sizes of the network, as the card has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Numbers of a place.
    pub place: usize,
    /// Width of the decoder's layers.
    pub width: usize,
    /// Layers of the decoder between the first and the last, each of which adds to what it hears.
    pub layers: usize,
    /// Sounds whose places have a name, in order.
    pub names: Vec<String>,
}

impl Config {
    /// Names and shapes of the tensors that are trained.
    pub fn trained(&self) -> Tensors {
        let mut tensors = Tensors::new();
        let mut layer = |name: String, from: usize, to: usize| {
            tensors.push((format!("{name}.weight"), vec![from, to]));
            tensors.push((format!("{name}.bias"), vec![to]));
        };
        layer("encoder.0".into(), ENCODED, ENCODER[0]);
        layer("encoder.1".into(), ENCODER[0], ENCODER[1]);
        layer("encoder.2".into(), ENCODER[1], self.place);
        layer("decoder.first".into(), self.place + TOLD, self.width);
        for number in 0..self.layers {
            layer(format!("decoder.{number}"), self.width, self.width);
        }
        layer("decoder.last".into(), self.width, SAID);
        tensors
    }

    /// All tensors: beside the trained ones the places that have names, and how much higher than those of a string the
    /// partials of each are, in octaves.
    pub fn tensors(&self) -> Tensors {
        let mut tensors = self.trained();
        tensors.push(("places".into(), vec![self.names.len(), self.place]));
        tensors.push(("elsewhere".into(), vec![self.names.len(), PARTIALS]));
        tensors
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
        let tensors = NamedTensors::new(config.trained(), tensors)?;
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

    /// The places, `[notes, place]`, of notes, `[notes, ENCODED]`.
    ///
    /// # Errors
    /// When the notes have another shape.
    pub fn encode(&self, notes: &Tensor) -> Result<Tensor> {
        let first = self.layer("encoder.0", notes)?.silu()?;
        let second = self.layer("encoder.1", &first)?.silu()?;
        self.layer("encoder.2", &second)
    }

    /// What is said, `[moments, SAID]`, of places, `[moments, place]`, at moments, `[moments, TOLD]`.
    ///
    /// # Errors
    /// When they have other shapes.
    pub fn decode(&self, places: &Tensor, told: &Tensor) -> Result<Tensor> {
        let heard = Tensor::cat(&[places, told], D::Minus1)?;
        let mut hidden = self.layer("decoder.first", &heard)?.silu()?;
        for number in 0..self.config.layers {
            hidden = (self.layer(&format!("decoder.{number}"), &hidden)?.silu()? + hidden)?;
        }
        self.layer("decoder.last", &hidden)
    }

    fn layer(&self, name: &str, from: &Tensor) -> Result<Tensor> {
        let weight = self.tensors.get(&format!("{name}.weight"))?;
        from.matmul(weight)?.broadcast_add(self.tensors.get(&format!("{name}.bias"))?)
    }
}
