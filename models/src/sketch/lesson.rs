//! What teaches `sketch`: drawings with and without their points of the latent space.
//!
//! The loss is the nats a move, and for drawings with points the divergence of these from the standard normal prior,
//! whose weight grows during the first updates, and which costs nothing below a few free nats (Ha and Eck 2018).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use candle_core::{Device, Tensor};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::batches::{Batch, Batches, Layout, batch, points};
use super::drawing::Drawing;
use super::loss::nats;
use super::mixture::normal_pair;
use super::network::{Config, Network, Posterior};
use crate::training::{Lesson, Loss, Measured, Start, TrainingError, draw, unit_masks};

/// Drawings side by side when they are measured.
const MEASURED: usize = 64;

/// What weighs how much.
#[derive(Debug, Clone, Copy)]
pub struct Weighing {
    /// Share of units dropped after the LSTM.
    pub dropout: f32,
    /// Weight of the divergence in the end.
    pub beta: f64,
    /// Nats of divergence of each axis that cost nothing.
    pub free: f64,
    /// Updates in which the weight of the divergence grows to all but a third of `beta`.
    pub growing: f64,
}

/// Drawings to learn from and drawings to be measured on.
pub struct SketchLesson {
    config: Arc<Config>,
    layout: Layout,
    weighing: Weighing,
    learnt: [Arc<[Drawing]>; 2],
    valid: Arc<[Drawing]>,
    batches: Batches,
    updates: usize,
    rng: ChaCha8Rng,
}

impl SketchLesson {
    /// A lesson for networks of the sizes `config`: `learnt` are drawings of the data and made ones.
    pub fn new(
        config: Config,
        layout: Layout,
        weighing: Weighing,
        learnt: [Arc<[Drawing]>; 2],
        valid: Arc<[Drawing]>,
    ) -> SketchLesson {
        let batches = Batches::new(learnt.clone(), layout, config.any(), 0);
        let rng = ChaCha8Rng::seed_from_u64(0);
        SketchLesson { config: Arc::new(config), layout, weighing, learnt, valid, batches, updates: 0, rng }
    }
}

impl Lesson for SketchLesson {
    type Network = Network;

    fn config(&self) -> String {
        // Sizes and names, which TOML can always write.
        toml::to_string(&*self.config).unwrap_or_default()
    }

    fn start(&self, seed: u64) -> Vec<Start> {
        let config = &self.config;
        let mut start = draw(config.tensors(), config.hidden, seed, |name, shape| match name {
            "kind.weight" => 0.3,
            "encode.spread.weight" => 0.02,
            _ if shape.len() == 1 => 0.0,
            _ if name.ends_with("weight_ih") => 0.3,
            _ if name.ends_with("weight_place") => 0.1,
            _ => 1.0 / (shape[1] as f32).sqrt(),
        });
        for start in &mut start {
            let Start { name, values, .. } = start;
            if name == "encode.spread.bias" {
                // Points begin close to their means, so that they say something.
                values.fill(-2.0);
            } else if name.starts_with("encode.") && name.ends_with("back.bias")
                || name == "encode.forth.bias"
            {
                values[config.encoder..2 * config.encoder].fill(1.0);
            }
        }
        start
    }

    fn network(&self, tensors: HashMap<String, Tensor>) -> candle_core::Result<Network> {
        Network::new(self.config.clone(), tensors)
    }

    fn epoch(&self) -> usize {
        self.learnt.iter().map(|drawings| drawings.len()).sum::<usize>().div_ceil(self.layout.batch)
    }

    fn deal(&mut self, seed: u64) {
        self.batches = Batches::new(self.learnt.clone(), self.layout, self.config.any(), seed);
        self.rng = ChaCha8Rng::seed_from_u64(seed.wrapping_add(1));
    }

    fn loss(&mut self, network: &Network) -> Result<Loss, TrainingError> {
        let batch = self.batches.next_batch().ok_or(TrainingError::Empty)?;
        let mask =
            unit_masks(&[self.weighing.dropout], batch.kinds.len(), self.config.hidden, &mut self.rng)?;
        let drawn = match &batch.encoded {
            Some(heard) => Some(drawn(&network.encode(heard)?, &mut self.rng)?),
            None => None,
        };
        let z = drawn.as_ref().map(|(z, _)| z);
        let said = network.said(&batch.heard, &batch.kinds, z, mask.first())?;
        let mut sum = nats(&said, batch.targets.clone())?.sum_all()?;
        if let Some((_, divergence)) = &drawn {
            let Weighing { beta, free, growing, .. } = self.weighing;
            let weight = beta * (1.0 - (-(self.updates as f64) / growing).exp());
            let axes = (self.config.latent
                * batch.encoded.as_ref().map_or(0, |[heard, _]| heard.lengths.len()))
                as f64;
            sum = (sum + (divergence.maximum(free * axes)? * weight)?)?;
        }
        self.updates += 1;
        Ok(Loss { mean: (sum / batch.predicted as f64)?, of: batch.predicted as f64 })
    }

    fn measure(&self, network: &Network) -> Result<Measured, TrainingError> {
        let all: Vec<&Drawing> = self.valid.iter().collect();
        let nats = evaluate(network, &all)?;
        let mut also = String::new();
        let made: BTreeSet<u32> = self.learnt[1].iter().map(|drawing| drawing.kind).collect();
        if !made.is_empty() {
            let of_made: Vec<&Drawing> =
                self.valid.iter().filter(|drawing| made.contains(&drawing.kind)).collect();
            also += &format!("of the made kinds {:.4}, ", evaluate(network, &of_made)?);
        }
        if self.config.latent > 0 && self.layout.points > 0 {
            let [told, divergence] = evaluate_points(network, &all)?;
            also += &format!("told its point {told:.4}, divergence {divergence:.1}");
        }
        Ok(Measured { nats, also: (!also.is_empty()).then_some(also) })
    }
}

/// Drawings in batches of like lengths.
fn measured(drawings: &[&Drawing], points: bool) -> Vec<Batch> {
    let mut sorted: Vec<&Drawing> = drawings.to_vec();
    sorted.sort_by_key(|drawing| drawing.moves.len());
    let batches = sorted.chunks(MEASURED).map(|chunk| {
        let drawings: Vec<Drawing> = chunk.iter().map(|&drawing| drawing.clone()).collect();
        batch(&drawings, if points { drawings.len() } else { 0 })
    });
    batches.collect()
}

/// Nats per point of drawings that are told their kinds and no points, in units of the network; the ends are in the
/// sum, not in the count.
///
/// # Errors
/// When the network fails.
pub fn evaluate(network: &Network, drawings: &[&Drawing]) -> candle_core::Result<f64> {
    let mut sum = 0.0;
    for batch in measured(drawings, false) {
        let said = network.said(&batch.heard, &batch.kinds, None, None)?;
        sum += f64::from(nats(&said, batch.targets)?.sum_all()?.to_scalar::<f32>()?);
    }
    Ok(sum / points(drawings.iter().copied()).max(1) as f64)
}

/// The same of drawings that are told their points, and the divergence of the points of a drawing from the prior.
fn evaluate_points(network: &Network, drawings: &[&Drawing]) -> candle_core::Result<[f64; 2]> {
    let (mut sum, mut divergence) = (0.0, 0.0);
    for batch in measured(drawings, true) {
        let Some(heard) = &batch.encoded else { continue };
        let posterior = network.encode(heard)?;
        divergence += f64::from(self::divergence(&posterior)?.to_scalar::<f32>()?);
        let said = network.said(&batch.heard, &batch.kinds, Some(&posterior.mean), None)?;
        sum += f64::from(nats(&said, batch.targets)?.sum_all()?.to_scalar::<f32>()?);
    }
    let points = points(drawings.iter().copied()).max(1) as f64;
    Ok([sum / points, divergence / drawings.len().max(1) as f64])
}

/// Points drawn from what the encoder says, and their divergence from the prior (Kingma and Welling 2014, appendix B).
fn drawn(posterior: &Posterior, rng: &mut ChaCha8Rng) -> candle_core::Result<(Tensor, Tensor)> {
    let (count, latent) = posterior.mean.dims2()?;
    let mut noise: Vec<f32> = (0..(count * latent).div_ceil(2)).flat_map(|_| normal_pair(rng)).collect();
    noise.truncate(count * latent);
    let noise = Tensor::from_vec(noise, (count, latent), &Device::Cpu)?;
    let z = (&posterior.mean + ((&posterior.spread * 0.5)?.exp()? * noise)?)?;
    Ok((z, divergence(posterior)?))
}

fn divergence(posterior: &Posterior) -> candle_core::Result<Tensor> {
    let square = posterior.mean.sqr()?;
    (((square + posterior.spread.exp()?)? - &posterior.spread)? - 1.0)?.sum_all()? * 0.5
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::sketch::drawing::Variation;
    use crate::sketch::moves::{Move, Pen};
    use crate::training::{Course, Hyperparameters, Run};

    /// Squares of one kind and zigzags of another, which are soon learnt.
    fn drawings() -> Vec<Drawing> {
        let down = |dx: f32, dy: f32| Move { dx, dy, pen: Pen::Down };
        let of = |number: usize| {
            let size = 0.5 + number as f32 / 16.0;
            let mut moves = match number % 2 {
                0 => vec![down(size, 0.0), down(0.0, size), down(-size, 0.0), down(0.0, -size)],
                _ => vec![down(size, size), down(size, -size), down(size, size), down(size, -size)],
            };
            moves[3].pen = Pen::Up;
            moves.push(Move::END);
            Drawing { kind: number as u32 % 2, moves }
        };
        (0..16).map(of).collect()
    }

    #[test]
    fn drawings_and_their_points_are_learnt() {
        let drawings: Arc<[Drawing]> = drawings().into();
        let config = Config {
            hidden: 16,
            components: 3,
            place: true,
            ideas: 0,
            latent: 4,
            encoder: 8,
            kind: 4,
            scale: 60.0,
            kinds: vec!["square".to_owned(), "zigzag".to_owned()],
        };
        let variation = Variation {
            scale: 0.05,
            rotation: 0.02,
            shear: 0.02,
            mirrored: 0.0,
            dropped: 0.0,
            unchanged: 0.5,
        };
        let layout = Layout { batch: 8, points: 4, real: 1.0, hidden_kinds: 0.1, variation };
        let weighing = Weighing { dropout: 0.0, beta: 0.1, free: 0.05, growing: 50.0 };
        let lesson = SketchLesson::new(config, layout, weighing, [drawings.clone(), Arc::new([])], drawings);
        let settings = Hyperparameters {
            seed: 1,
            epochs: 100.0,
            rate: 0.02,
            warm_up: 5,
            course: Course::Falling,
            weight_decay: 0.0,
            every: Some(40),
            patience: None,
            checkpoints: None,
        };
        let mut run = Run::new(lesson, settings).unwrap();
        let mut told = Vec::new();
        run.train(|progress| {
            if let Some((_, measured, _)) = &progress.measured {
                let also = measured.also.clone().unwrap();
                let nats = also.trim_start_matches("told its point ").split(',').next().unwrap();
                told.push(nats.parse::<f64>().unwrap());
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        let points = run.curve().points();
        assert!(run.best() < points[0].valid - 1.0, "{points:?}");
        assert!(told.last().unwrap() < &(told[0] - 1.0), "{told:?}");
    }
}
