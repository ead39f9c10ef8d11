//! What it costs to bake a reward into `folk`: nats a note on the held-out tunes, beside what is gained.

use std::sync::Arc;

use anyhow::Result;
use lilt_inference::{
    Bake, Conditions, Model, ModelError, Piece, Reward, Sampling, Setting, Settings, Tilt, Watch,
};
use lilt_models::folk::codec::decode;
use lilt_models::folk::example::Example;
use lilt_models::folk::model::FolkModel;
use lilt_models::folk::vocabulary::TICKS_PER_BEAT;
use lilt_score::{Beat, Clip};
use serde::Serialize;

/// Pieces that are learnt, their bars, the particles that find them, and rounds of practice.
const PIECES: (usize, u32, usize, usize) = (192, 4, 64, 24);

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Costs {
    /// What is rewarded.
    reward: &'static str,
    /// Mean reward in nats of `folk`, of the exact tilt, and of what was baked.
    gained: [f64; 3],
    /// Nats a note of music of `folk` itself, under it and under what was baked.
    own_music: [f64; 2],
    /// Nats a note of the held-out tunes, under `folk` and under what was baked.
    held_out: [f64; 2],
    /// Held-out tunes.
    tunes: usize,
}

/// Fewer leaps are better, as `reward.calm` says it.
struct Calm;

impl Reward for Calm {
    fn identity(&self) -> &str {
        "calm"
    }

    fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
        Ok(Piece::clips(pieces)?.into_iter().map(|clip| -(clip.leaps() as f64)).collect())
    }
}

/// Bakes calm into `folk` and measures it on `test`.
pub fn costs(folk: &FolkModel, test: &[Example]) -> Result<Costs> {
    let (pieces, bars, particles, rounds) = PIECES;
    let request = Sampling::new(bars, 1.0, 0, Conditions::default())?;
    let tilt = Tilt::new(Arc::new(Calm), 1.0, particles, Beat::ONE)?;
    let baked = Bake { tilt, request, pieces, rounds }.into_model(folk, &Watch::new())?;
    let mut nats = [0.0; 2];
    let mut notes = 0;
    for example in test {
        let (clip, conditions) = tune(example)?;
        notes += clip.notes().len();
        for (sum, model) in nats.iter_mut().zip([folk as &dyn Model, &*baked.model]) {
            *sum += model.score(&Piece::from(&clip), &conditions, &Watch::new())?.iter().sum::<f64>();
        }
    }
    Ok(Costs {
        reward: "minus the number of steps wider than a whole tone",
        gained: baked.comparison.reward,
        own_music: baked.comparison.nats,
        held_out: nats.map(|sum| sum / notes.max(1) as f64),
        tunes: test.len(),
    })
}

/// A tune as a player would give it to be scored.
fn tune(example: &Example) -> Result<(Clip, Conditions)> {
    let ticks: i64 = example.events.iter().map(|event| event.ticks()).sum();
    let clip = decode(&example.events, &example.conditions, Beat::new(ticks, TICKS_PER_BEAT))?;
    let conditions = &example.conditions;
    let settings = match conditions.kind.name() {
        Some(kind) => Settings::default().with("kind", Setting::Word(kind.to_owned())),
        None => Settings::default(),
    };
    Ok((clip, Conditions { key: Some(conditions.key), meter: conditions.meter, settings }))
}
