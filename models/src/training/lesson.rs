//! What a network is taught.

use std::collections::HashMap;

use candle_core::{Device, Tensor};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::TrainingError;

/// Names and shapes of tensors, in the order in which they are stored.
pub type Tensors = Vec<(String, Vec<usize>)>;

/// A tensor before the first update.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// Its name.
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values, the last axis running fastest.
    pub values: Vec<f32>,
}

/// What a batch cost.
#[derive(Debug)]
pub struct Loss {
    /// Mean, in nats; a scalar that gradients flow back from.
    pub mean: Tensor,
    /// How many predictions it is the mean of.
    pub of: f64,
}

/// How good a network is on music that it does not learn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// Nats per note: what decides which weights are the best.
    pub nats: f64,
    /// What else a person may want to read, as in `first time through 1.43`.
    pub also: Option<String>,
}

/// Music made ready for a network, and the network that is to learn it.
pub trait Lesson {
    /// The network.
    type Network;

    /// Sizes of the network as its card writes them: a checkpoint of others is refused.
    fn config(&self) -> String;

    /// The trained tensors before the first update.
    fn start(&self, seed: u64) -> Vec<Start>;

    /// The network that computes with `tensors`.
    ///
    /// # Errors
    /// When they do not fit it.
    fn network(&self, tensors: HashMap<String, Tensor>) -> candle_core::Result<Self::Network>;

    /// Updates in one pass over the training set; 0 when there is nothing to learn from.
    fn epoch(&self) -> usize;

    /// Deals the training set anew, in an order that follows from `seed`.
    fn deal(&mut self, seed: u64);

    /// The loss of the next batch.
    ///
    /// # Errors
    /// When the network fails, or there is nothing to learn from.
    fn loss(&mut self, network: &Self::Network) -> Result<Loss, TrainingError>;

    /// Measures on the validation set, with nothing dropped.
    ///
    /// # Errors
    /// When the network fails.
    fn measure(&self, network: &Self::Network) -> Result<Measured, TrainingError>;
}

/// Draws starting weights evenly within ±`bound(name, shape)`; the forget gates of LSTM layers of width
/// `hidden` start open, which carries gradients from the first update on.
pub fn draw(tensors: Tensors, hidden: usize, seed: u64, bound: impl Fn(&str, &[usize]) -> f32) -> Vec<Start> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut start = |(name, shape): (String, Vec<usize>)| {
        let bound = bound(&name, &shape);
        let count = shape.iter().product();
        let mut values: Vec<f32> = (0..count).map(|_| (2.0 * rng.random::<f32>() - 1.0) * bound).collect();
        if name.starts_with("lstm.") && name.ends_with("bias") {
            values[hidden..2 * hidden].fill(1.0);
        }
        Start { name, shape, values }
    };
    tensors.into_iter().map(&mut start).collect()
}

/// For each of `shares` a mask, `[1, batch, hidden]`, that drops so many whole units for all steps of a
/// batch and scales the rest up (variational dropout, Gal and Ghahramani 2016).
///
/// # Errors
/// When a tensor cannot be made.
pub fn unit_masks(
    shares: &[f32],
    batch: usize,
    hidden: usize,
    rng: &mut ChaCha8Rng,
) -> candle_core::Result<Vec<Tensor>> {
    let mut mask = |&share: &f32| {
        let unit = |_| if rng.random::<f32>() < share { 0.0 } else { 1.0 / (1.0 - share) };
        let mask: Vec<f32> = (0..batch * hidden).map(unit).collect();
        Tensor::from_vec(mask, (1, batch, hidden), &Device::Cpu)
    };
    shares.iter().map(&mut mask).collect()
}
