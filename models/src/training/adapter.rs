//! A small adapter beside frozen weights (LoRA, Hu et al. 2021, arXiv 2106.09685): to each matrix W a
//! product `up·down` of low rank is added, and only `up` and `down` are trained. What has been learnt
//! is merged into W for playing, so an adapted network is as fast as any.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use candle_core::Tensor;
use lilt_inference::{Examples, ModelError, Watch};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::error::TrainingError;
use super::export::tensors;
use super::lesson::{Lesson, Loss, Measured, Start};
use super::run::{Course, Hyperparameters, Run};
use crate::card::Weights;

/// A lesson of which only an adapter learns.
pub struct Adapted<L> {
    lesson: L,
    base: HashMap<String, Tensor>,
    rank: usize,
}

impl<L: Lesson> Adapted<L> {
    /// An adapter of `rank` beside `base`, the weights of the lesson's network.
    ///
    /// # Errors
    /// When a tensor cannot be made.
    pub fn new(lesson: L, base: &BTreeMap<String, Weights>, rank: usize) -> candle_core::Result<Adapted<L>> {
        Ok(Adapted { lesson, base: tensors(base)?, rank })
    }

    /// Matrices that are adapted: those in which two factors are smaller than the whole. Tables of
    /// embeddings are left alone: most of their rows would not be met while it learns.
    fn matrices(&self) -> Vec<(&String, usize, usize)> {
        let mut matrices: Vec<(&String, usize, usize)> = self
            .base
            .iter()
            .filter(|(name, _)| !name.contains("embed"))
            .filter_map(|(name, tensor)| {
                let (rows, columns) = tensor.dims2().ok()?;
                (self.rank * (rows + columns) < rows * columns).then_some((name, rows, columns))
            })
            .collect();
        matrices.sort();
        matrices
    }
}

fn down(name: &str) -> String {
    format!("{name}/down")
}

fn up(name: &str) -> String {
    format!("{name}/up")
}

impl<L: Lesson> Lesson for Adapted<L> {
    type Network = L::Network;

    fn config(&self) -> String {
        format!("{}adapter = {}\n", self.lesson.config(), self.rank)
    }

    /// `up` is 0, so that the first network is the one without an adapter.
    fn start(&self, seed: u64) -> Vec<Start> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut starts = Vec::new();
        for (name, rows, columns) in self.matrices() {
            let bound = 1.0 / (columns as f32).sqrt();
            let values =
                (0..self.rank * columns).map(|_| (2.0 * rng.random::<f32>() - 1.0) * bound).collect();
            starts.push(Start { name: down(name), shape: vec![self.rank, columns], values });
            let values = vec![0.0; rows * self.rank];
            starts.push(Start { name: up(name), shape: vec![rows, self.rank], values });
        }
        starts
    }

    fn network(&self, tensors: HashMap<String, Tensor>) -> candle_core::Result<L::Network> {
        let mut whole = self.base.clone();
        for (name, weights) in &mut whole {
            if let (Some(up), Some(down)) = (tensors.get(&up(name)), tensors.get(&down(name))) {
                *weights = (&*weights + up.matmul(down)?)?;
            }
        }
        self.lesson.network(whole)
    }

    fn epoch(&self) -> usize {
        self.lesson.epoch()
    }

    fn deal(&mut self, seed: u64) {
        self.lesson.deal(seed);
    }

    fn loss(&mut self, network: &L::Network) -> Result<Loss, TrainingError> {
        self.lesson.loss(network)
    }

    fn measure(&self, network: &L::Network) -> Result<Measured, TrainingError> {
        self.lesson.measure(network)
    }
}

/// Rank of the adapters that models learn with while the music plays.
const RANK: usize = 8;

/// How an adapter learns `examples`. Examples are passed over until those held out get no likelier, for
/// most rewards once or twice. A round of practice is passed over once: after that, what its pieces were
/// worth is no longer what the model's own would be.
fn settings(examples: &Examples) -> Hyperparameters {
    let learning = Hyperparameters {
        seed: examples.seed,
        epochs: 12.0,
        rate: 0.004,
        warm_up: 20,
        course: Course::Falling,
        weight_decay: 0.01,
        every: None,
        patience: Some(2),
        checkpoints: None,
    };
    match examples.advantages {
        None => learning,
        Some(_) => Hyperparameters { epochs: 1.0, rate: 0.003, warm_up: 3, patience: None, ..learning },
    }
}

/// Lets an adapter learn the lesson made of `examples` beside `base`; the weights with it merged in. `tell`
/// hears how much of the work is done, `0..=1`.
///
/// # Errors
/// When there is nothing to learn, the network fails, or the watch is cancelled.
pub fn adapt<L: Lesson>(
    model: &str,
    lesson: L,
    base: &BTreeMap<String, Weights>,
    examples: &Examples,
    tell: &dyn Fn(f64),
    watch: &Watch,
) -> Result<BTreeMap<String, Weights>, ModelError> {
    let failed = |reason: String| ModelError::computation(model, reason);
    let adapted = Adapted::new(lesson, base, RANK).map_err(|error| failed(error.to_string()))?;
    let mut run = Run::new(adapted, settings(examples)).map_err(|error| failed(error.to_string()))?;
    let ended = run.train(|progress| {
        tell(progress.update as f64 / progress.of as f64);
        if watch.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    ended.map_err(|error| failed(error.to_string()))?;
    watch.check()?;
    merged(base, run.best_weights()).map_err(|error| failed(error.to_string()))
}

/// The weights of a network with what an adapter has learnt merged in.
///
/// # Errors
/// When the factors do not fit the weights.
pub fn merged(
    base: &BTreeMap<String, Weights>,
    learnt: &HashMap<String, Tensor>,
) -> candle_core::Result<BTreeMap<String, Weights>> {
    let mut whole = base.clone();
    for (name, weights) in &mut whole {
        if let (Some(up), Some(down)) = (learnt.get(&up(name)), learnt.get(&down(name))) {
            let change = up.matmul(down)?.flatten_all()?.to_vec1::<f32>()?;
            for (weight, change) in weights.values.iter_mut().zip(change) {
                *weight += change;
            }
        }
    }
    Ok(whole)
}
