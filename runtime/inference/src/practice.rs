//! Practice: a model plays pieces of its own and hears what each part of them was worth.
//!
//! It learns toward the q that is best at E\[s·R(x) + ln p(x) − ln q(x)\]: the reward, less what is given up
//! of what the model knew. The q that is best of all is p(x)·exp(s·R(x)) / Z itself. RL Tuner
//! has the same aim (Jaques et al. 2017, "KL control"); here its gradient comes from the pieces of a round
//! (REINFORCE, Williams 1992). What is played in a span is judged by what comes from then on
//! alone, and beside the other pieces of the round: neither changes what is aimed at, and both take
//! chance out of it.

use std::sync::Arc;

use lilt_score::Seed;

use crate::{Bake, Examples, Extent, Learns, ModelError, Piece, Watch};

/// Pieces of a round.
const ROUND: usize = 128;
/// Nats by which a piece that breaks a rule is worse than the worst one that keeps it.
const BROKEN: f64 = 10.0;
/// Advantages beyond so many standard deviations count no more, so that no single piece decides a round.
const FARTHEST: f64 = 3.0;
/// Rounds that a gain is smoothed over, since the pieces of one round come to it by chance as well.
const SMOOTH: usize = 4;

/// What pieces are worth beside each other, span by span: above 0 better than the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Advantages {
    every: Extent,
    /// For each piece, for each span of `every`.
    spans: Vec<Vec<f32>>,
}

impl Advantages {
    /// From what each piece earned from each span of `every` on, in nats: how far that is above the
    /// mean of the pieces, in standard deviations of all of it. Every piece has as many spans as the first.
    pub fn new(every: impl Into<Extent>, earned: &[Vec<f64>]) -> Advantages {
        let spans = earned.first().map_or(0, Vec::len);
        let count = earned.len().max(1) as f64;
        let mut means = vec![0.0; spans];
        for piece in earned {
            means.iter_mut().zip(piece).for_each(|(mean, earned)| *mean += earned / count);
        }
        let beside =
            |piece: &Vec<f64>| piece.iter().zip(&means).map(|(earned, mean)| earned - mean).collect();
        let beside: Vec<Vec<f64>> = earned.iter().map(beside).collect();
        let square: f64 = beside.iter().flatten().map(|earned| earned * earned).sum();
        let deviation = (square / (count * spans.max(1) as f64)).sqrt();
        let scaled = |earned: f64| match deviation > 0.0 {
            true => (earned / deviation).clamp(-FARTHEST, FARTHEST) as f32,
            false => 0.0,
        };
        let spans = beside.into_iter().map(|piece| piece.into_iter().map(scaled).collect()).collect();
        Advantages { every: every.into(), spans }
    }

    /// What piece number `piece` is worth where it begins something at `at`, counted from its start, in
    /// standard deviations of the round. 0 for a piece that was not judged.
    pub fn at(&self, piece: usize, at: Extent) -> f32 {
        let Some(spans) = self.spans.get(piece) else { return 0.0 };
        let span = at.span(self.every);
        spans.get(span.min(spans.len().saturating_sub(1))).copied().unwrap_or(0.0)
    }
}

/// What one step of a piece cost the model that may have drawn it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// When the step begins, from the start of the piece.
    pub at: Extent,
    /// −ln p of what happened in it, in nats.
    pub nats: f64,
}

impl Cost {
    /// Of each part of `piece`, which cost so many nats: where its note starts, or its point comes.
    pub fn of_parts(piece: &Piece, nats: Vec<f64>) -> Vec<Cost> {
        let cost = |(at, nats)| Cost { at, nats };
        match piece {
            Piece::Clip(clip) => {
                clip.notes().iter().map(|note| note.start.into()).zip(nats).map(cost).collect()
            }
            Piece::Sketch(_) => (0..).map(Extent::of_points).zip(nats).map(cost).collect(),
        }
    }
}

/// Pieces that a model played, and what they earned.
struct Round {
    pieces: Vec<Piece>,
    /// For each piece, for each span, what it earned from there on, in nats.
    earned: Vec<Vec<f64>>,
}

impl Round {
    /// Estimate of E\[s·R(x) + ln p(x) − ln q(x)\], in nats: never above ln Z, which only the tilt itself
    /// reaches.
    fn gain(&self) -> f64 {
        let whole = self.earned.iter().filter_map(|spans| spans.first());
        whole.sum::<f64>() / self.earned.len().max(1) as f64
    }
}

impl Bake {
    /// What `learnt` becomes when it practises to play the tilt of `base`: of what it was after each round
    /// that which gained most. `tell` hears how much of the work is done, `0..=1`.
    pub(crate) fn practise<M: Learns + ?Sized>(
        &self,
        base: &M,
        mut learnt: Arc<dyn Learns>,
        seed: Seed,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError> {
        let (mut smooth, mut best) = (0.0, None);
        for number in 0..=self.rounds {
            tell(number as f64 / self.rounds.max(1) as f64);
            let seed = seed.child_number(number as u64);
            let round = self.round(base, &*learnt, seed, watch)?;
            smooth += (round.gain() - smooth) / SMOOTH.min(number + 1) as f64;
            if best.as_ref().is_none_or(|(most, _)| smooth > *most) {
                best = Some((smooth, Arc::clone(&learnt)));
            }
            if number == self.rounds {
                break;
            }
            let examples = Examples {
                learnt: round.pieces,
                held_out: Vec::new(),
                advantages: Some(Advantages::new(self.tilt.every(), &round.earned)),
                conditions: self.request.conditions().clone(),
                seed: seed.child("learn").0,
                identity: format!("by practice {}", seed.0),
            };
            learnt = learnt.learn(&examples, &|_| (), watch)?;
        }
        Ok(best.map_or(learnt, |(_, best)| best))
    }

    /// Pieces that `learnt` plays as it is, and what each earned from each span on: the reward of the whole
    /// less that of what came before, and ln p − ln q of all that happens from then on.
    fn round<M: Learns + ?Sized>(
        &self,
        base: &M,
        learnt: &dyn Learns,
        seed: Seed,
        watch: &Watch,
    ) -> Result<Round, ModelError> {
        // What was learnt plays by itself as the tilt does at the temperature that was asked for.
        let asked = self.request.with_seed(seed.child("pieces").0);
        let plain = asked.as_learnt();
        let pieces = learnt.several(&plain, ROUND, watch)?;
        let every = self.tilt.every();
        let spans = plain.extent().spans(every);
        let costs = learnt.costs(&pieces, &plain, watch)?;
        let before = base.costs(&pieces, &asked, watch)?;
        let nats = |(learnt, base): (Vec<Cost>, Vec<Cost>)| {
            let mut nats = vec![0.0; spans];
            for (costs, sign) in [(learnt, 1.0), (base, -1.0)] {
                for cost in costs {
                    nats[cost.at.span(every).min(spans - 1)] += sign * cost.nats;
                }
            }
            for span in (1..spans).rev() {
                nats[span - 1] += nats[span];
            }
            nats
        };
        let mut earned: Vec<Vec<f64>> = costs.into_iter().zip(before).map(nats).collect();
        let whole = worth(self.tilt.score(&pieces, watch)?);
        for span in 0..spans {
            let before = match span {
                0 => vec![0.0; pieces.len()],
                _ => {
                    let begun = |piece: &Piece| piece.begun(every.times(span));
                    let begun = pieces.iter().map(begun).collect::<Result<Vec<_>, _>>();
                    let begun = begun.map_err(|error| ModelError::Reward { reason: error.to_string() })?;
                    worth(self.tilt.score(&begun, watch)?)
                }
            };
            for ((earned, whole), before) in earned.iter_mut().zip(&whole).zip(before) {
                earned[span] += whole - before;
            }
        }
        Ok(Round { pieces, earned })
    }
}

/// Scores in which what breaks a rule is worse than all that keeps it, by a number that can be learnt from.
fn worth(mut scores: Vec<f64>) -> Vec<f64> {
    let worst = scores.iter().copied().filter(|score| score.is_finite()).fold(f64::INFINITY, f64::min);
    let floor = if worst.is_finite() { worst - BROKEN } else { 0.0 };
    scores.iter_mut().filter(|score| !score.is_finite()).for_each(|score| *score = floor);
    scores
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::Beat;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn advantages_compare_the_pieces_of_each_span(
            earned in prop::collection::vec(prop::collection::vec(-20.0f64..20.0, 4), 2..20),
            shift in -50.0f64..50.0,
        ) {
            let advantages = Advantages::new(Beat::whole(2), &earned);
            let moved: Vec<Vec<f64>> = earned.iter().map(|piece| piece.iter().map(|e| e + shift).collect()).collect();
            for span in 0..4 {
                let of = |piece| advantages.at(piece, Beat::whole(2 * span).into());
                for a in 0..earned.len() {
                    prop_assert!(of(a).abs() <= FARTHEST as f32);
                    for b in 0..earned.len() {
                        prop_assert!(earned[a][span as usize] > earned[b][span as usize] || of(a) <= of(b));
                    }
                    let after = Advantages::new(Beat::whole(2), &moved).at(a, Beat::whole(2 * span).into());
                    prop_assert!((after - of(a)).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn an_advantage_counts_from_its_span_to_the_next() {
        let advantages = Advantages::new(Beat::whole(2), &[vec![1.0, -1.0], vec![-1.0, 1.0]]);
        let at = |beat: Beat| advantages.at(0, beat.into());
        assert_eq!([at(Beat::ZERO), at(Beat::new(7, 4)), at(Beat::whole(2))], [1.0, 1.0, -1.0]);
        // What begins before the first bar line, or after the last, belongs to the span beside it.
        assert_eq!([at(Beat::new(-1, 2)), at(Beat::whole(9))], [1.0, -1.0]);
        assert_eq!(advantages.at(2, Extent::NONE), 0.0);
        let alike = Advantages::new(Beat::whole(2), &[vec![3.0], vec![3.0]]);
        assert_eq!([alike.at(0, Extent::NONE), alike.at(1, Extent::NONE)], [0.0, 0.0]);
    }

    #[test]
    fn a_broken_rule_is_worse_than_all_that_keep_it() {
        assert_eq!(worth(vec![3.0, f64::NEG_INFINITY, -2.0]), [3.0, -2.0 - BROKEN, -2.0]);
        assert_eq!(worth(vec![f64::NEG_INFINITY; 2]), [0.0, 0.0]);
    }
}
