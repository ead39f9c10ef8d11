//! Pieces dealt to parallel streams, and streams cut into batches.

use std::collections::VecDeque;
use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use lilt_score::Beat;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::network::{Config, Heard};
use super::particles::Timed;
use super::walk::Walk;

/// Logit of a class that may not come: its probability is 0 in f32.
const NEVER: f32 = -1e9;

/// A piece made ready: for each step what is heard, what was played, and what might have been.
#[derive(Debug, Clone, Default)]
pub struct Piece {
    /// Rows of each step, one after the other.
    rows: Vec<u16>,
    /// Events, one after the other.
    events: Vec<u8>,
    /// For each field of each step the classes that may come, as bits.
    legal: Vec<u128>,
    /// How much each event counts in what is learnt.
    weights: Vec<f32>,
    steps: usize,
    notes: usize,
}

impl Piece {
    /// The piece goes on with `event`, which is a note or not; `walk` is moved on.
    pub fn add<W: Walk>(&mut self, walk: &mut W, config: &Config, event: &[u8], is_note: bool) {
        walk.rows(&mut self.rows);
        for (field, &classes) in config.fields.iter().enumerate() {
            let allowed = |class: usize| u128::from(walk.allowed(&event[..field], class)) << class;
            self.legal.push((0..classes).map(allowed).sum());
        }
        self.events.extend_from_slice(event);
        self.weights.push(1.0);
        self.steps += 1;
        self.notes += usize::from(is_note);
        walk.hear(event);
    }

    /// The same piece, of which each event counts as much as `weight` says of the beat that it begins on;
    /// less than 0 makes it less likely. `walk` stands where the piece begins.
    pub fn weighed<W: Timed>(mut self, mut walk: W, fields: usize, weight: impl Fn(Beat) -> f32) -> Piece {
        for (counts, event) in self.weights.iter_mut().zip(self.events.chunks_exact(fields)) {
            *counts = weight(Beat::new(walk.now(), W::steps(Beat::ONE)));
            walk.hear(event);
        }
        self
    }

    /// Events in it.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Notes in it.
    pub fn notes(&self) -> usize {
        self.notes
    }

    /// The fields of each event.
    pub fn events(&self, fields: usize) -> impl Iterator<Item = &[u8]> {
        self.events.chunks_exact(fields)
    }

    /// The classes that might have come in each field of each event, as bits.
    pub fn legal(&self, fields: usize) -> impl Iterator<Item = &[u128]> {
        self.legal.chunks_exact(fields)
    }
}

/// An input feature that training hides from whole pieces now and then.
#[derive(Debug, Clone, Copy)]
pub struct Hidden {
    /// Its group.
    pub group: usize,
    /// The row that means "not told".
    pub row: u16,
    /// Share of pieces.
    pub share: f64,
}

/// One batch, `[steps, batch]` in that order throughout.
#[derive(Debug, Default)]
pub struct Batch {
    /// What is heard and played.
    pub heard: Heard,
    /// For each field the classes that may come, as bits.
    legal: Vec<Vec<u128>>,
    /// Events there are to predict.
    pub predicted: usize,
    /// What each event counts, mostly 1; 0 beyond the last piece of a stream.
    pub counts: Vec<f32>,
}

impl Batch {
    /// What is added to the logits of a field, `[steps·batch, classes]`: nothing, or "never".
    pub fn bars(&self, field: usize, classes: usize, device: &Device) -> Result<Tensor> {
        let mut bars = Vec::with_capacity(self.counts.len() * classes);
        for legal in &self.legal[field] {
            bars.extend((0..classes).map(|class| if legal >> class & 1 == 1 { 0.0 } else { NEVER }));
        }
        Tensor::from_vec(bars, (self.counts.len(), classes), device)
    }
}

/// A piece being played out in one stream.
#[derive(Debug, Clone)]
struct Playing {
    piece: usize,
    at: usize,
    hidden: Vec<Hidden>,
}

/// Deals pieces to `width` streams.
#[derive(Debug)]
pub struct Batches<'a> {
    groups: usize,
    fields: usize,
    pieces: &'a [Piece],
    waiting: VecDeque<usize>,
    streams: Vec<Option<Playing>>,
    /// Present while training: shuffles, hides, and never ends.
    rng: Option<(ChaCha8Rng, Vec<Hidden>)>,
}

impl<'a> Batches<'a> {
    /// All pieces once, in order, nothing hidden.
    pub fn once(config: &Config, pieces: &'a [Piece], width: usize) -> Batches<'a> {
        let waiting = (0..pieces.len()).collect();
        let (groups, fields) = (config.groups, config.fields.len());
        Batches { groups, fields, pieces, waiting, streams: vec![None; width], rng: None }
    }

    /// Pieces without end, shuffled anew for each round.
    pub fn forever(
        config: &Config,
        pieces: &'a [Piece],
        width: usize,
        seed: u64,
        hidden: &[Hidden],
    ) -> Batches<'a> {
        Batches {
            rng: Some((ChaCha8Rng::seed_from_u64(seed), hidden.to_vec())),
            waiting: VecDeque::new(),
            ..Batches::once(config, pieces, width)
        }
    }

    fn deal(&mut self) -> Option<Playing> {
        if let Some((rng, _)) = &mut self.rng
            && self.waiting.is_empty()
        {
            let mut order: Vec<usize> = (0..self.pieces.len()).collect();
            order.shuffle(rng);
            self.waiting = order.into();
        }
        let piece = self.waiting.pop_front()?;
        let hidden = match &mut self.rng {
            Some((rng, hidden)) => {
                hidden.iter().copied().filter(|hidden| rng.random_bool(hidden.share)).collect()
            }
            None => Vec::new(),
        };
        Some(Playing { piece, at: 0, hidden })
    }

    /// The next `steps` steps of every stream; none when all pieces are played out.
    pub fn next(&mut self, steps: usize) -> Option<Batch> {
        let (width, groups, fields) = (self.streams.len(), self.groups, self.fields);
        let cells = steps * width;
        let mut rows = vec![0; cells * groups];
        let mut keep = vec![1.0; cells];
        let mut batch = Batch {
            heard: Heard { events: vec![vec![0; cells]; fields], ..Heard::default() },
            legal: vec![vec![u128::MAX; cells]; fields],
            predicted: 0,
            counts: vec![0.0; cells],
        };
        let mut any = false;
        for step in 0..steps {
            for stream in 0..width {
                let over = |playing: &Playing| playing.at >= self.pieces[playing.piece].steps;
                if self.streams[stream].as_ref().is_none_or(over) {
                    self.streams[stream] = self.deal();
                }
                let cell = step * width + stream;
                let Some(playing) = &mut self.streams[stream] else { continue };
                any = true;
                let piece = &self.pieces[playing.piece];
                let heard = &mut rows[cell * groups..][..groups];
                heard.copy_from_slice(&piece.rows[playing.at * groups..][..groups]);
                for hidden in &playing.hidden {
                    heard[hidden.group] = hidden.row;
                }
                for field in 0..fields {
                    let at = playing.at * fields + field;
                    batch.heard.events[field][cell] = piece.events[at].into();
                    batch.legal[field][cell] = piece.legal[at];
                }
                batch.predicted += 1;
                batch.counts[cell] = piece.weights[playing.at];
                keep[cell] = f32::from(playing.at != 0);
                playing.at += 1;
            }
        }
        batch.heard.rows = Arc::new(rows);
        batch.heard.keep = Arc::new(keep);
        any.then_some(batch)
    }
}
