//! Drawings of like lengths side by side.

use std::collections::VecDeque;
use std::sync::Arc;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::drawing::{Drawing, Variation};
use super::loss::Targets;
use super::moves::{INPUTS, Move, Pen};
use super::network::Heard;
use super::place::{HEARD, Place, heard};

/// Batches whose drawings are sorted by length together.
const SORTED: usize = 16;

/// How drawings are put side by side and changed.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Drawings side by side.
    pub batch: usize,
    /// Of these, how many are told their points of the latent space.
    pub points: usize,
    /// Share of drawings of the data; the rest are made ones, where there are any.
    pub real: f32,
    /// Share of drawings whose kind is hidden.
    pub hidden_kinds: f32,
    /// How drawings of the data are changed.
    pub variation: Variation,
}

/// Drawings side by side, those with points first.
#[derive(Debug)]
pub struct Batch {
    /// What the decoder hears.
    pub heard: Heard,
    /// Rows of their kinds.
    pub kinds: Vec<u32>,
    /// What should come.
    pub targets: Arc<Targets>,
    /// What the encoder hears of those with points, from both ends; none where there are none.
    pub encoded: Option<[Heard; 2]>,
    /// Moves to predict, the ends among them.
    pub predicted: usize,
}

/// Puts drawings side by side; the first `points` are encoded.
pub fn batch(drawings: &[Drawing], points: usize) -> Batch {
    let (count, steps) = (drawings.len(), drawings.iter().map(|d| d.moves.len()).max().unwrap_or(0));
    let mut inputs = vec![0.0; steps * count * INPUTS];
    let mut placed = vec![0.0; steps * count * HEARD];
    let mut comes = vec![None; steps * count];
    for (lane, drawing) in drawings.iter().enumerate() {
        let (mut before, mut place) = (Move::START, Place::default());
        for (step, &next) in drawing.moves.iter().enumerate() {
            let row = step * count + lane;
            place.go(before);
            inputs[row * INPUTS..][..INPUTS].copy_from_slice(&before.input());
            placed[row * HEARD..][..HEARD].copy_from_slice(&heard(before, &place));
            comes[row] = Some(next);
            before = next;
        }
    }
    let lengths: Vec<usize> = drawings.iter().map(|drawing| drawing.moves.len()).collect();
    let predicted = lengths.iter().sum();
    Batch {
        heard: Heard { inputs: Arc::new(inputs), placed: Arc::new(placed), lengths },
        kinds: drawings.iter().map(|drawing| drawing.kind).collect(),
        targets: Arc::new(Targets { moves: comes }),
        encoded: (points > 0).then(|| encoded(drawings[..points].iter().map(|d| d.moves.as_slice()))),
        predicted,
    }
}

/// What the encoder hears of drawings, from their beginnings and from their ends.
pub fn encoded<'a>(drawings: impl Iterator<Item = &'a [Move]> + Clone) -> [Heard; 2] {
    let lengths: Vec<usize> = drawings.clone().map(<[Move]>::len).collect();
    let (count, steps) = (lengths.len(), lengths.iter().copied().max().unwrap_or(0));
    let mut ends = [vec![0.0; steps * count * INPUTS], vec![0.0; steps * count * INPUTS]];
    for (lane, moves) in drawings.enumerate() {
        for step in 0..moves.len() {
            let at = (step * count + lane) * INPUTS;
            ends[0][at..][..INPUTS].copy_from_slice(&moves[step].input());
            ends[1][at..][..INPUTS].copy_from_slice(&moves[moves.len() - 1 - step].input());
        }
    }
    ends.map(|inputs| Heard { inputs: Arc::new(inputs), placed: Arc::default(), lengths: lengths.clone() })
}

/// Deals drawings without end.
pub struct Batches {
    layout: Layout,
    /// Drawings of the data, and made ones.
    pools: [Pool; 2],
    /// The row for drawings of any kind.
    any: u32,
    waiting: VecDeque<Vec<Drawing>>,
    rng: ChaCha8Rng,
}

struct Pool {
    drawings: Arc<[Drawing]>,
    waiting: Vec<usize>,
}

impl Pool {
    fn deal(&mut self, rng: &mut ChaCha8Rng) -> Option<&Drawing> {
        if self.waiting.is_empty() {
            self.waiting = (0..self.drawings.len()).collect();
            self.waiting.shuffle(rng);
        }
        self.waiting.pop().map(|at| &self.drawings[at])
    }
}

impl Batches {
    /// Of the drawings of the data and of made ones, of which either may be empty.
    pub fn new(learnt: [Arc<[Drawing]>; 2], layout: Layout, any: u32, seed: u64) -> Batches {
        let pools = learnt.map(|drawings| Pool { drawings, waiting: Vec::new() });
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Batches { layout, pools, any, waiting: VecDeque::new(), rng }
    }

    /// The next batch; none where there is no drawing at all.
    pub fn next_batch(&mut self) -> Option<Batch> {
        if self.waiting.is_empty() {
            self.deal()?;
        }
        let drawings = self.waiting.pop_front()?;
        Some(batch(&drawings, self.layout.points))
    }

    /// Deals some batches: drawings of like lengths lie in the same.
    fn deal(&mut self) -> Option<()> {
        let mut drawings = Vec::with_capacity(SORTED * self.layout.batch);
        for _ in 0..SORTED * self.layout.batch {
            let real = self.rng.random::<f32>() < self.layout.real;
            let of = if self.pools[0].drawings.is_empty() || (!real && !self.pools[1].drawings.is_empty()) {
                1
            } else {
                0
            };
            let drawing = self.pools[of].deal(&mut self.rng)?;
            let mut drawing = self.layout.variation.of(drawing, &mut self.rng);
            if self.rng.random::<f32>() < self.layout.hidden_kinds {
                drawing.kind = self.any;
            }
            drawings.push(drawing);
        }
        drawings.sort_by_key(|drawing| drawing.moves.len());
        let mut batches: Vec<Vec<Drawing>> = Vec::with_capacity(SORTED);
        while !drawings.is_empty() {
            let mut batch = drawings.split_off(drawings.len().saturating_sub(self.layout.batch));
            batch.shuffle(&mut self.rng);
            batches.push(batch);
        }
        batches.shuffle(&mut self.rng);
        self.waiting = batches.into();
        Some(())
    }
}

/// Points of drawings: moves that are not their ends.
pub fn points<'a>(drawings: impl IntoIterator<Item = &'a Drawing>) -> usize {
    let of = |drawing: &Drawing| drawing.moves.iter().filter(|step| step.pen != Pen::End).count();
    drawings.into_iter().map(of).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawing(kind: u32, length: usize) -> Drawing {
        let mut moves: Vec<Move> =
            (0..length).map(|at| Move { dx: at as f32, dy: 1.0, pen: Pen::Down }).collect();
        moves.push(Move::END);
        Drawing { kind, moves }
    }

    #[test]
    fn what_is_heard_comes_before_what_is_to_be_said() {
        let batch = batch(&[drawing(0, 2), drawing(1, 1)], 1);
        assert_eq!((batch.heard.steps(), batch.predicted, batch.kinds.as_slice()), (3, 5, &[0, 1][..]));
        let row = |step: usize, lane: usize| step * 2 + lane;
        assert_eq!(batch.heard.inputs[row(0, 0) * INPUTS..][..INPUTS], Move::START.input());
        assert_eq!(batch.heard.inputs[row(2, 0) * INPUTS..][..INPUTS], [1.0, 1.0, 1.0, 0.0, 0.0]);
        let comes = &batch.targets.moves;
        assert_eq!(comes[row(1, 0)], Some(Move { dx: 1.0, dy: 1.0, pen: Pen::Down }));
        assert_eq!(
            [comes[row(2, 0)], comes[row(1, 1)], comes[row(2, 1)]],
            [Some(Move::END), Some(Move::END), None]
        );
        let [forth, back] = batch.encoded.unwrap();
        assert_eq!(forth.inputs[..INPUTS], [0.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(back.inputs[..INPUTS], Move::END.input());
    }

    #[test]
    fn batches_hold_both_pools_and_like_lengths() {
        let real: Vec<Drawing> = (1..40).map(|length| drawing(0, length)).collect();
        let made: Vec<Drawing> = (1..40).map(|length| drawing(1, length)).collect();
        let variation =
            Variation { scale: 0.0, rotation: 0.0, shear: 0.0, mirrored: 0.0, dropped: 0.0, unchanged: 1.0 };
        let layout = Layout { batch: 8, points: 3, real: 0.5, hidden_kinds: 0.1, variation };
        let mut batches = Batches::new([real.into(), made.into()], layout, 2, 7);
        let mut seen = [0; 3];
        for _ in 0..20 {
            let batch = batches.next_batch().unwrap();
            batch.kinds.iter().for_each(|&kind| seen[kind as usize] += 1);
            let lengths = &batch.heard.lengths;
            assert!(lengths.iter().max().unwrap() - lengths.iter().min().unwrap() < 15, "{lengths:?}");
        }
        assert!(seen[0] > 50 && seen[1] > 50 && seen[2] > 3, "{seen:?}");
        assert!(Batches::new([Arc::new([]), Arc::new([])], layout, 2, 7).next_batch().is_none());
    }
}
