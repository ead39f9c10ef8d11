//! Small networks that know nothing, for tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use half::f16;
use lilt_score::{Beat, Clip, Note, Pitch, Tone, Velocity};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::features::FEATURES;
use super::learner::Learner;
use super::model::MelodyModel;
use super::network::Config;
use super::step::MelodyStep;
use super::vocabulary::TOKENS;
use crate::card::Weights;
use crate::source::Source;
use crate::step::Kernel;

pub(super) fn config() -> Config {
    Config {
        features: FEATURES,
        embed: 12,
        hidden: 32,
        layers: 1,
        tokens: TOKENS,
        latent: 10,
        upper: 16,
        plan: 6,
        letter: 5,
        encoder: 14,
    }
}

pub(super) fn weights(seed: u64) -> BTreeMap<String, Weights> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let random = |(name, shape): (String, Vec<usize>)| {
        let count = shape.iter().product();
        let values = (0..count).map(|_| f16::from_f32(rng.random_range(-0.5..0.5)).to_f32()).collect();
        (name, Weights { shape, values })
    };
    config().stored().into_iter().map(random).collect()
}

pub(super) fn step(seed: u64) -> MelodyStep {
    MelodyStep::new(config(), &weights(seed), Kernel::detect()).unwrap()
}

pub(super) fn model(seed: u64) -> MelodyModel {
    MelodyModel::new(step(seed), "0".repeat(64), "Knows nothing.".to_owned())
}

/// The same, able to learn.
pub(super) fn learning(seed: u64) -> MelodyModel {
    model(seed).learning(Learner::new(config(), Source::Memory(Arc::new(weights(seed)))))
}

/// Notes of half a beat each, in a clip of `beats` beats.
pub(super) fn melody(pitches: &[u8], beats: i64) -> Clip {
    let note = |(i, pitch): (usize, &u8)| Note {
        start: Beat::new(i as i64, 2),
        duration: Beat::new(1, 2),
        tone: Tone::Pitch(Pitch::from_key(*pitch)),
        velocity: Velocity::DEFAULT,
    };
    Clip::new(pitches.iter().enumerate().map(note).collect(), Beat::whole(beats)).unwrap()
}
