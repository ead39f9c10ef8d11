//! Tunes dealt to parallel streams, and streams cut into batches.

use std::collections::VecDeque;
use std::sync::Arc;

use lilt_score::{Beat, Key, Meter};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::example::Example;
use super::features::{Conditions, Features, FolkState, Kind, LAGS, drop_lookback, recondition};
use super::vocabulary::{END, NoteEvent, beats};

/// Share of lookbacks that a training step does not see.
const HIDDEN_LOOKBACKS: f64 = 0.1;
/// Share of tunes whose kind is hidden, as performers often name none.
const HIDDEN_KINDS: f64 = 0.3;
/// Share of tunes whose tonic is drawn anew, so that keys without tunes are learnt too.
const MOVED_TONICS: f64 = 0.15;
/// Share of tunes whose metre is called unknown.
const HIDDEN_METERS: f64 = 0.03;

/// A tune made ready: one step a note, and, where it ends, the step that ends it.
#[derive(Debug, Clone)]
pub struct Steps {
    conditions: Conditions,
    features: Vec<Features>,
    durations: Vec<u8>,
    pitches: Vec<u8>,
    first: Vec<bool>,
    /// How much each step counts in what is learnt.
    weights: Vec<f32>,
}

impl Steps {
    /// Walks the tune with the state that also plays.
    pub fn new(example: &Example) -> Steps {
        let mut state = FolkState::new(example.conditions, example.pickup);
        let mut features = Vec::with_capacity(example.events.len() + 1);
        for &event in &example.events {
            features.push(state.features());
            state.advance(event);
        }
        let mut durations: Vec<u8> = example.events.iter().map(|event| event.duration).collect();
        let mut pitches: Vec<u8> = example.events.iter().map(|event| event.pitch).collect();
        let mut first = example.first.clone();
        if example.ends {
            features.push(state.features());
            durations.push(END);
            pitches.push(0);
            first.push(true);
        }
        let weights = vec![1.0; durations.len()];
        Steps { conditions: example.conditions, features, durations, pitches, first, weights }
    }

    /// The same tune, of which each note counts as much as `weight` says of the beat that it begins on,
    /// counted from the first; less than 0 makes it less likely.
    pub fn weighed(mut self, weight: impl Fn(Beat) -> f32) -> Steps {
        let mut ticks = 0;
        for (counts, (&duration, &pitch)) in
            self.weights.iter_mut().zip(self.durations.iter().zip(&self.pitches))
        {
            *counts = weight(beats(ticks));
            ticks += NoteEvent { duration, pitch }.ticks();
        }
        self
    }

    /// Duration class of each step; that of the step that ends the tune is [`END`].
    pub fn durations(&self) -> &[u8] {
        &self.durations
    }

    /// Pitch class of each step; that of the end means nothing.
    pub fn pitches(&self) -> &[u8] {
        &self.pitches
    }

    /// Whether the part of each step is played for the first time.
    pub fn first(&self) -> &[bool] {
        &self.first
    }

    /// Notes and rests of parts played for the first time.
    pub fn first_notes(&self) -> usize {
        self.first[..self.notes()].iter().filter(|&&first| first).count()
    }

    /// Notes and rests of the tune, without the step that ends it.
    pub fn notes(&self) -> usize {
        self.durations.len() - usize::from(self.durations.last() == Some(&END))
    }

    /// Steps of the network.
    pub fn steps(&self) -> usize {
        self.durations.len()
    }
}

/// One batch, `[steps, batch]` in that order throughout.
#[derive(Debug, Default)]
pub struct Batch {
    /// Input rows.
    pub features: Vec<Features>,
    /// Duration class to be predicted.
    pub durations: Vec<u32>,
    /// Pitch class to be predicted.
    pub pitches: Vec<u32>,
    /// Steps there are to predict.
    pub predicted: usize,
    /// What the duration counts, mostly 1; 0 beyond the last tune of a stream.
    pub counts: Vec<f32>,
    /// What the pitch counts: 0 also where the tune ends.
    pub pitched: Vec<f32>,
    /// 1 in a part played for the first time.
    pub first: Vec<f32>,
    /// 0 where a tune begins.
    pub keep: Arc<Vec<f32>>,
}

/// A tune being played out in one stream.
#[derive(Debug, Clone)]
struct Playing {
    tune: usize,
    at: usize,
    conditions: Conditions,
}

/// Deals tunes to `width` streams.
#[derive(Debug)]
pub struct Batches<'a> {
    tunes: &'a [Steps],
    waiting: VecDeque<usize>,
    streams: Vec<Option<Playing>>,
    /// Present while training: shuffles, hides, and never ends.
    rng: Option<ChaCha8Rng>,
}

impl<'a> Batches<'a> {
    /// All tunes once, in order, nothing hidden.
    pub fn once(tunes: &'a [Steps], width: usize) -> Batches<'a> {
        Batches { tunes, waiting: (0..tunes.len()).collect(), streams: vec![None; width], rng: None }
    }

    /// Tunes without end, shuffled anew for each round.
    pub fn forever(tunes: &'a [Steps], width: usize, seed: u64) -> Batches<'a> {
        let rng = Some(ChaCha8Rng::seed_from_u64(seed));
        Batches { tunes, waiting: VecDeque::new(), streams: vec![None; width], rng }
    }

    fn deal(&mut self) -> Option<Playing> {
        if let Some(rng) = &mut self.rng
            && self.waiting.is_empty()
        {
            let mut order: Vec<usize> = (0..self.tunes.len()).collect();
            order.shuffle(rng);
            self.waiting = order.into();
        }
        let tune = self.waiting.pop_front()?;
        let mut conditions = self.tunes[tune].conditions;
        if let Some(rng) = &mut self.rng {
            if rng.random_bool(HIDDEN_KINDS) {
                conditions.kind = Kind::UNKNOWN;
            }
            if rng.random_bool(MOVED_TONICS) {
                conditions.key = Key::new(rng.random_range(0..12), conditions.key.mode());
            }
            if rng.random_bool(HIDDEN_METERS) {
                conditions.meter = Meter::new(7, 8).unwrap_or(conditions.meter);
            }
        }
        Some(Playing { tune, at: 0, conditions })
    }

    /// The next `steps` steps of every stream; none when all tunes are played out.
    pub fn next(&mut self, steps: usize) -> Option<Batch> {
        let width = self.streams.len();
        let cells = steps * width;
        let mut batch = Batch {
            features: vec![[0; _]; cells],
            durations: vec![0; cells],
            pitches: vec![0; cells],
            predicted: 0,
            counts: vec![0.0; cells],
            pitched: vec![0.0; cells],
            first: vec![0.0; cells],
            keep: Arc::default(),
        };
        let mut keep = vec![1.0; cells];
        let mut any = false;
        for step in 0..steps {
            for stream in 0..width {
                let over = |playing: &Playing| playing.at >= self.tunes[playing.tune].features.len();
                if self.streams[stream].as_ref().is_none_or(over) {
                    self.streams[stream] = self.deal();
                }
                let cell = step * width + stream;
                let Some(playing) = &mut self.streams[stream] else { continue };
                any = true;
                let tune = &self.tunes[playing.tune];
                let mut features = tune.features[playing.at];
                if let Some(rng) = &mut self.rng {
                    recondition(&mut features, &playing.conditions);
                    for lag in 0..LAGS.len() {
                        if rng.random_bool(HIDDEN_LOOKBACKS) {
                            drop_lookback(&mut features, lag);
                        }
                    }
                }
                batch.features[cell] = features;
                batch.durations[cell] = tune.durations[playing.at].into();
                batch.pitches[cell] = tune.pitches[playing.at].into();
                batch.predicted += 1;
                batch.counts[cell] = tune.weights[playing.at];
                batch.pitched[cell] = tune.weights[playing.at] * f32::from(tune.durations[playing.at] != END);
                batch.first[cell] = f32::from(tune.first[playing.at]);
                keep[cell] = f32::from(playing.at != 0);
                playing.at += 1;
            }
        }
        batch.keep = Arc::new(keep);
        any.then_some(batch)
    }
}
