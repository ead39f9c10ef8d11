//! What a model's own music is like: the measure in which a taste is learnt, and how far a tilt moves from it.

use crate::features::{FEATURES, Features};

/// What is farther from the mean counts as so many deviations, and not as farther still: one odd piece says little.
const FARTHEST: f64 = 3.0;

/// Features that differ less than this do not differ: the model never moves them.
const STILL: f64 = 1e-6;

/// The steepest lean that is looked for, in nats a deviation.
const STEEPEST: f64 = 64.0;

/// Features of pieces of a model, and their means and deviations.
#[derive(Debug, Clone, PartialEq)]
pub struct Standard {
    means: [f64; FEATURES],
    deviations: [f64; FEATURES],
    /// The pieces that were measured, in deviations from the means.
    pieces: Vec<[f64; FEATURES]>,
}

impl Standard {
    /// What `folk` is like, by 4,096 pieces of four bars (`tests/listeners` prints them): for words, and for music of which nothing else is known.
    pub fn folk() -> Standard {
        Standard {
            means: [0.431, 0.322, 1.727, -0.012, 0.023, 0.900, 0.093, 0.437],
            deviations: [0.149, 0.073, 0.296, 0.137, 0.072, 0.294, 0.075, 0.083],
            pieces: Vec::new(),
        }
    }

    /// The standard of some pieces; nothing moves where there are none.
    pub fn of(pieces: &[Features]) -> Standard {
        let count = pieces.len().max(1) as f64;
        let (mut means, mut deviations) = ([0.0; FEATURES], [0.0; FEATURES]);
        for at in 0..FEATURES {
            let values = pieces.iter().map(|piece| piece.values()[at]);
            means[at] = values.clone().sum::<f64>() / count;
            deviations[at] = (values.map(|value| (value - means[at]).powi(2)).sum::<f64>() / count).sqrt();
        }
        let mut standard = Standard { means, deviations, pieces: Vec::new() };
        standard.pieces = pieces.iter().map(|piece| standard.measure(piece)).collect();
        standard
    }

    /// How far features lie from the means, in deviations from −3 to 3; 0 for what the model never moves.
    pub fn measure(&self, features: &Features) -> [f64; FEATURES] {
        let far = |at: usize| match self.deviations[at] {
            deviation if deviation < STILL => 0.0,
            deviation => ((features.values()[at] - self.means[at]) / deviation).clamp(-FARTHEST, FARTHEST),
        };
        std::array::from_fn(far)
    }

    /// The variance of Σ wᵢ·zᵢ over the model's pieces, z in deviations; as if they were independent where no pieces
    /// are known.
    pub fn variance(&self, weights: &[f64; FEATURES]) -> f64 {
        if self.pieces.is_empty() {
            return weights.iter().map(|weight| weight * weight).sum();
        }
        let count = self.pieces.len() as f64;
        let sums = || self.pieces.iter().map(|piece| dot(weights, piece));
        let mean = sums().sum::<f64>() / count;
        sums().map(|sum| (sum - mean).powi(2)).sum::<f64>() / count
    }

    /// How far p(x)·exp(Σ wᵢ·zᵢ)/Z is from the model p, as the Kullback–Leibler divergence of the two in nats, over the
    /// pieces that are known; σ²/2 of the sum where none are, as it is for normal deviates.
    pub fn divergence(&self, weights: &[f64; FEATURES]) -> f64 {
        if self.pieces.is_empty() {
            return self.variance(weights) / 2.0;
        }
        let sums: Vec<f64> = self.pieces.iter().map(|piece| dot(weights, piece)).collect();
        divergence(&sums)
    }

    /// The weights times the number, at most 1, by which they stay within `nats` of the model.
    pub fn within(&self, weights: &[f64; FEATURES], nats: f64) -> [f64; FEATURES] {
        if self.divergence(weights) <= nats {
            return *weights;
        }
        self.scaled(weights, nats, 1.0)
    }

    /// The weights in this direction that go `nats` far from the model; less where the model does not go so far.
    pub fn toward(&self, weights: &[f64; FEATURES], nats: f64) -> [f64; FEATURES] {
        let size = self.variance(weights).sqrt();
        if size < STILL {
            return [0.0; FEATURES];
        }
        self.scaled(weights, nats, STEEPEST / size)
    }

    /// The divergence grows with the scale, so that halving finds it.
    fn scaled(&self, weights: &[f64; FEATURES], nats: f64, most: f64) -> [f64; FEATURES] {
        let times = |scale: f64| weights.map(|weight| weight * scale);
        let (mut low, mut high) = (0.0, most);
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if self.divergence(&times(middle)) <= nats {
                low = middle;
            } else {
                high = middle;
            }
        }
        times(low)
    }
}

/// Σ wᵢ·zᵢ.
pub(crate) fn dot(weights: &[f64; FEATURES], measured: &[f64; FEATURES]) -> f64 {
    weights.iter().zip(measured).map(|(weight, value)| weight * value).sum()
}

/// The divergence of `p(x)·exp(r(x))/Z` from `p`, in nats, by `r` of pieces of `p`: `E_q[r] − ln Z`.
pub fn divergence(rewards: &[f64]) -> f64 {
    let most = rewards.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (mut sum, mut mean) = (0.0, 0.0);
    for reward in rewards {
        let weight = (reward - most).exp();
        sum += weight;
        mean += weight * reward;
    }
    (mean / sum - most - (sum / rewards.len() as f64).ln()).max(0.0)
}

#[cfg(test)]
mod tests {
    use lilt_score::Seed;

    use super::*;

    fn pieces() -> Vec<Features> {
        let number = |n: u64| -> f64 { (0..12).map(|k| Seed(n * 12 + k).unit()).sum::<f64>() - 6.0 };
        let piece = |n: u64| std::array::from_fn(|at| number(n * 8 + at as u64) * (at as f64 + 0.5));
        (0..400).filter_map(|n| Features::new(piece(n))).collect()
    }

    #[test]
    fn a_lean_goes_as_far_as_it_may() {
        let standard = Standard::of(&pieces());
        let weights = [2.0, -1.0, 0.5, 0.0, 0.0, 1.0, -3.0, 0.0];
        for nats in [0.01, 0.1, 0.5, 1.0] {
            let toward = standard.toward(&weights, nats);
            assert!((standard.divergence(&toward) - nats).abs() < 1e-3, "{nats}");
            let small = standard.toward(&weights.map(|weight| weight * 1e-3), nats);
            assert!(toward.iter().zip(small).all(|(one, other)| (one - other).abs() < 1e-6));
            let within = standard.within(&weights, nats);
            assert!(standard.divergence(&within) <= nats + 1e-9);
        }
        // Near the model the divergence is half of the variance.
        let small = standard.toward(&weights, 0.01);
        assert!((standard.variance(&small) / 2.0 - 0.01).abs() < 1e-3);
        let little = weights.map(|weight| weight * 0.01);
        assert_eq!(standard.within(&little, 1.0), little);
        assert_eq!(standard.toward(&[0.0; FEATURES], 1.0), [0.0; FEATURES]);
    }

    #[test]
    fn what_a_model_never_moves_counts_for_nothing() {
        let one = Features::new([1.0; FEATURES]).unwrap();
        let standard = Standard::of(&[one, one]);
        assert_eq!(standard.measure(&Features::new([9.0; FEATURES]).unwrap()), [0.0; FEATURES]);
        assert_eq!(standard.toward(&[1.0; FEATURES], 1.0), [0.0; FEATURES]);
        assert_eq!(Standard::of(&[]).measure(&one), [0.0; FEATURES]);
    }
}
