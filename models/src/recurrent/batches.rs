//! Pieces dealt to lanes that are played side by side, and these cut into batches.

use std::collections::VecDeque;
use std::sync::Arc;

use candle_core::{Device, Result, Tensor};
use lilt_score::Beat;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::config::Config;
use super::network::Heard;
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
    /// Whether each event is one of a part that is played for the first time.
    first: Vec<bool>,
    /// Whether each event is a note.
    noted: Vec<bool>,
    steps: usize,
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
        self.first.push(true);
        self.steps += 1;
        self.noted.push(is_note);
        walk.hear(event);
    }

    /// The same piece, of which each event counts as much as `weight` says of the beat that it begins on;
    /// less than 0 makes it less likely. `walk` stands where the piece begins.
    pub fn weighed<W: Walk>(mut self, mut walk: W, fields: usize, weight: impl Fn(Beat) -> f32) -> Piece {
        for (counts, event) in self.weights.iter_mut().zip(self.events.chunks_exact(fields)) {
            *counts = weight(Beat::new(walk.now(), W::steps(Beat::ONE)));
            walk.hear(event);
        }
        self
    }

    /// The same piece, of which `first` says for each event whether its part is played for the first time; of a piece
    /// that says nothing every part is.
    pub fn repeating(mut self, first: &[bool]) -> Piece {
        self.first.iter_mut().zip(first).for_each(|(own, first)| *own = *first);
        self
    }

    /// Whether the part of each event is played for the first time.
    pub fn first(&self) -> &[bool] {
        &self.first
    }

    /// Notes of parts that are played for the first time.
    pub fn first_notes(&self) -> usize {
        self.noted.iter().zip(&self.first).filter(|(noted, first)| **noted && **first).count()
    }

    /// Events in it.
    pub fn steps(&self) -> usize {
        self.steps
    }

    /// Notes in it.
    pub fn notes(&self) -> usize {
        self.noted.iter().filter(|noted| **noted).count()
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

/// What training tells pieces in place of what is so, now and then: that something was not told, or something else.
#[derive(Debug, Clone)]
pub struct Hidden {
    /// What may be told instead, one as often as another: each some groups and the rows that are put there.
    pub instead: Vec<Vec<(usize, u16)>>,
    /// How often.
    pub share: f64,
    /// Whether it is decided anew for each event; else for a whole piece.
    pub each_event: bool,
}

impl Hidden {
    /// Row `row` of `group`, which means "not told", in so large a share of the pieces.
    pub fn untold((group, row): (usize, u16), share: f64) -> Hidden {
        Hidden { instead: vec![vec![(group, row)]], share, each_event: false }
    }

    /// What is told instead this time, if it is hidden.
    fn drawn(&self, rng: &mut ChaCha8Rng) -> Option<&[(usize, u16)]> {
        let hidden = rng.random_bool(self.share);
        let one = match self.instead.len() {
            0 | 1 => 0,
            several if hidden => rng.random_range(0..several as u32) as usize,
            _ => 0,
        };
        self.instead.get(one).filter(|_| hidden).map(Vec::as_slice)
    }
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
    /// What each event counts, mostly 1; 0 beyond the last piece of a lane.
    pub counts: Vec<f32>,
    /// 1 for an event of a part that is played for the first time.
    pub first: Vec<f32>,
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

/// A piece being played out in one lane.
#[derive(Debug, Clone)]
struct Playing {
    piece: usize,
    at: usize,
    /// Groups and the rows that are told in place of their own.
    instead: Vec<(usize, u16)>,
}

/// Deals pieces to lanes that are played side by side.
#[derive(Debug)]
pub struct Batches<'a> {
    groups: usize,
    fields: usize,
    pieces: &'a [Piece],
    waiting: VecDeque<usize>,
    lanes: Vec<Option<Playing>>,
    /// Present while training: shuffles, hides, and never ends.
    rng: Option<(ChaCha8Rng, Vec<Hidden>)>,
}

impl<'a> Batches<'a> {
    /// All pieces once, in order, nothing hidden.
    pub fn once(config: &Config, pieces: &'a [Piece], width: usize) -> Batches<'a> {
        let waiting = (0..pieces.len()).collect();
        let (groups, fields) = (config.groups, config.fields.len());
        Batches { groups, fields, pieces, waiting, lanes: vec![None; width], rng: None }
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
        let instead = match &mut self.rng {
            Some((rng, hidden)) => told_instead(hidden, false, rng),
            None => Vec::new(),
        };
        Some(Playing { piece, at: 0, instead })
    }

    /// The next `steps` steps of every lane; none when all pieces are played out.
    pub fn next(&mut self, steps: usize) -> Option<Batch> {
        let (width, groups, fields) = (self.lanes.len(), self.groups, self.fields);
        let cells = steps * width;
        let mut rows = vec![0; cells * groups];
        let mut keep = vec![1.0; cells];
        let mut batch = Batch {
            heard: Heard { events: vec![vec![0; cells]; fields], ..Heard::default() },
            legal: vec![vec![u128::MAX; cells]; fields],
            predicted: 0,
            counts: vec![0.0; cells],
            first: vec![0.0; cells],
        };
        let mut any = false;
        for step in 0..steps {
            for lane in 0..width {
                let over = |playing: &Playing| playing.at >= self.pieces[playing.piece].steps;
                if self.lanes[lane].as_ref().is_none_or(over) {
                    self.lanes[lane] = self.deal();
                }
                let cell = step * width + lane;
                let Some(playing) = &mut self.lanes[lane] else { continue };
                any = true;
                let piece = &self.pieces[playing.piece];
                let heard = &mut rows[cell * groups..][..groups];
                heard.copy_from_slice(&piece.rows[playing.at * groups..][..groups]);
                let mut instead = playing.instead.clone();
                if let Some((rng, hidden)) = &mut self.rng {
                    instead.extend(told_instead(hidden, true, rng));
                }
                instead.into_iter().for_each(|(group, row)| heard[group] = row);
                for field in 0..fields {
                    let at = playing.at * fields + field;
                    batch.heard.events[field][cell] = piece.events[at].into();
                    batch.legal[field][cell] = piece.legal[at];
                }
                batch.predicted += 1;
                batch.counts[cell] = piece.weights[playing.at];
                batch.first[cell] = f32::from(piece.first[playing.at]);
                keep[cell] = f32::from(playing.at != 0);
                playing.at += 1;
            }
        }
        batch.heard.rows = Arc::new(rows);
        batch.heard.keep = Arc::new(keep);
        any.then_some(batch)
    }
}

/// Groups and rows of all that is hidden this time, in order: what is decided for each event, or for a whole piece.
fn told_instead(hidden: &[Hidden], each_event: bool, rng: &mut ChaCha8Rng) -> Vec<(usize, u16)> {
    let of_scope = hidden.iter().filter(|hidden| hidden.each_event == each_event);
    of_scope.filter_map(|hidden| hidden.drawn(rng)).flatten().copied().collect()
}
