//! A small network that was never trained, for tests.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::network::Config;
use crate::card::Weights;

pub(crate) fn config() -> Config {
    Config {
        hidden: 16,
        components: 4,
        place: true,
        ideas: 0,
        latent: 6,
        encoder: 8,
        kind: 5,
        scale: 60.0,
        kinds: ["bird", "bus", "cat"].map(str::to_owned).to_vec(),
    }
}

/// Random weights that f16 holds exactly.
pub(crate) fn weights(config: &Config, seed: u64) -> BTreeMap<String, Weights> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut tensor = |(name, shape): (String, Vec<usize>)| {
        let count: usize = shape.iter().product();
        let mut number = |_| half::f16::from_f32(rng.random_range(-0.4..0.4f32)).to_f32();
        (name, Weights { values: (0..count).map(&mut number).collect(), shape })
    };
    config.tensors().into_iter().map(&mut tensor).collect()
}
