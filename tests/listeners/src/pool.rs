//! Many pieces of a model: a tilt of them can be drawn, and what it gains reckoned, without a particle filter.

use lilt_inference::taste::{Standard, divergence};
use lilt_inference::{Features, ModelError, Piece, Sampling, Tilts, Watch};
use lilt_score::{Clip, Seed};

use crate::chance::Chance;

/// Pieces that a model makes side by side.
const TOGETHER: usize = 256;

/// Pieces of a model, and what they are like.
pub struct Pool {
    /// The pieces.
    pub clips: Vec<Clip>,
    /// What each is like.
    pub features: Vec<Features>,
}

impl Pool {
    /// `count` pieces of a model.
    ///
    /// # Errors
    /// As [`Tilts::several`].
    pub fn of(model: &dyn Tilts, request: &Sampling, seed: Seed, count: usize) -> Result<Pool, ModelError> {
        let mut clips = Vec::with_capacity(count);
        for batch in 0.. {
            let left = count - clips.len();
            if left == 0 {
                break;
            }
            let request = request.with_seed(seed.child_number(batch).0);
            let pieces = model.several(&request, left.min(TOGETHER), &Watch::new())?;
            clips.extend(pieces.iter().map(Piece::clip).collect::<Result<Vec<_>, _>>()?.into_iter().cloned());
        }
        let bar = request.conditions().meter.bar();
        let features = clips.iter().map(|clip| Features::of(clip, bar)).collect();
        Ok(Pool { clips, features })
    }

    /// The standard of its first pieces.
    pub fn standard(&self, count: usize) -> Standard {
        Standard::of(&self.features[..count.min(self.features.len())])
    }
}

/// The pool tilted by rewards, one for each piece: p(x)·exp(r(x))/Z, where p is even over the pieces.
pub struct Tilting {
    /// The probability of each piece.
    weights: Vec<f64>,
    /// How far it is from p, in nats.
    pub nats: f64,
}

impl Tilting {
    /// The tilt by these rewards, in nats.
    pub fn by(rewards: &[f64]) -> Tilting {
        let most = rewards.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut weights: Vec<f64> = rewards.iter().map(|reward| (reward - most).exp()).collect();
        let sum: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Tilting { weights, nats: divergence(rewards) }
    }

    /// The tilt in the direction of these rewards that is `nats` far from p.
    pub fn as_far(rewards: &[f64], nats: f64) -> Tilting {
        let times = |scale: f64| -> Vec<f64> { rewards.iter().map(|reward| scale * reward).collect() };
        let (mut low, mut high) = (0.0, 64.0);
        for _ in 0..50 {
            let middle = f64::midpoint(low, high);
            if divergence(&times(middle)) <= nats { low = middle } else { high = middle }
        }
        Tilting::by(&times(low))
    }

    /// The mean of a number of each piece, less its mean over all pieces alike.
    pub fn gain(&self, of: &[f64]) -> f64 {
        let mean = of.iter().sum::<f64>() / of.len() as f64;
        self.weights.iter().zip(of).map(|(weight, of)| weight * (of - mean)).sum()
    }

    /// One piece, drawn.
    pub fn draw(&self, chance: &mut Chance) -> usize {
        let mut left = chance.unit();
        let drawn = self.weights.iter().position(|weight| {
            left -= weight;
            left < 0.0
        });
        drawn.unwrap_or(self.weights.len() - 1)
    }

    /// How much pieces differ: one less the likeness of two that are drawn, on average over `pairs` pairs.
    pub fn variety(&self, pool: &Pool, pairs: usize, chance: &mut Chance) -> f64 {
        let differ = (0..pairs).map(|_| {
            let (one, other) = (self.draw(chance), self.draw(chance));
            1.0 - pool.clips[one].likeness(&pool.clips[other])
        });
        differ.sum::<f64>() / pairs as f64
    }
}
