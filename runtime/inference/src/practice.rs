//! Practice: a model plays pieces of its own and hears what each part of them was worth.
//!
//! It learns toward the q that is best at E\[s·R(x) + ln p(x) − ln q(x)\]: the reward, less what is given up
//! of the music that the model knew. The q that is best of all is p(x)·exp(s·R(x)) / Z itself. RL Tuner
//! has the same aim (Jaques et al. 2017, "KL control"); here its gradient comes from the pieces of a round
//! (REINFORCE, Williams 1992). What is played in a span of beats is judged by what comes from then on
//! alone, and beside the other pieces of the round: neither changes what is aimed at, and both take
//! chance out of it.

use std::sync::Arc;

use lilt_score::{Beat, Clip, Seed};

use crate::{Bake, Examples, Model, ModelError, Watch};

/// Pieces of a round.
const ROUND: usize = 128;
/// Nats by which a piece that breaks a rule is worse than the worst one that keeps it.
const BROKEN: f64 = 10.0;
/// Advantages beyond so many standard deviations count no more, so that no single piece decides a round.
const FARTHEST: f64 = 3.0;

/// What pieces are worth beside each other, span by span: above 0 better than the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Advantages {
    every: Beat,
    /// For each piece, for each span of `every` beats.
    spans: Vec<Vec<f32>>,
}

impl Advantages {
    /// From what each piece earned from each span of `every` beats on, in nats: how far that is above the
    /// mean of the pieces, in standard deviations of all of it. Every piece has as many spans as the first.
    pub fn new(every: Beat, earned: &[Vec<f64>]) -> Advantages {
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
        Advantages { every, spans }
    }

    /// What piece number `piece` is worth where it begins something at `beat`, counted from its start, in
    /// standard deviations of the round. 0 for a piece that was not judged.
    pub fn at(&self, piece: usize, beat: Beat) -> f32 {
        let Some(spans) = self.spans.get(piece) else { return 0.0 };
        let span = (beat / self.every).to_f64().max(0.0) as usize;
        spans.get(span.min(spans.len().saturating_sub(1))).copied().unwrap_or(0.0)
    }
}

impl Bake {
    /// One round: `learnt`, a little nearer to the tilt of `base`.
    pub(crate) fn practise<M: Model + ?Sized>(
        &self,
        base: &M,
        learnt: &dyn Model,
        seed: Seed,
        watch: &Watch,
    ) -> Result<Arc<dyn Model>, ModelError> {
        let request = self.request.with_seed(seed.child("pieces").0);
        let pieces = learnt.several(&request, ROUND, watch)?;
        let earned = self.earned(base, learnt, &pieces, watch)?;
        let examples = Examples {
            learnt: pieces,
            held_out: Vec::new(),
            advantages: Some(Advantages::new(self.tilt.every(), &earned)),
            conditions: request.conditions().clone(),
            seed: seed.child("learn").0,
            identity: format!("by practice {}", seed.0),
        };
        learnt.learn(&examples, &|_| (), watch)
    }

    /// For each piece, what it earned from each span on: the reward of the whole less that of what came
    /// before, and ln p − ln q of the notes from then on.
    fn earned<M: Model + ?Sized>(
        &self,
        base: &M,
        learnt: &dyn Model,
        pieces: &[Clip],
        watch: &Watch,
    ) -> Result<Vec<Vec<f64>>, ModelError> {
        let (every, conditions) = (self.tilt.every(), self.request.conditions());
        let length = pieces.first().map_or(Beat::ZERO, Clip::length);
        let spans = ((length / every).to_f64().ceil() as usize).max(1);
        let mut earned = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let mut nats = vec![0.0; spans];
            // Silence has no note that could cost anything, and not every model can score it.
            if !piece.notes().is_empty() {
                let scored = [base.score(piece, conditions, watch)?, learnt.score(piece, conditions, watch)?];
                for ((note, base), learnt) in piece.notes().iter().zip(&scored[0]).zip(&scored[1]) {
                    let span = (note.start / every).to_f64() as usize;
                    nats[span.min(spans - 1)] += learnt - base;
                }
            }
            for span in (1..spans).rev() {
                nats[span - 1] += nats[span];
            }
            earned.push(nats);
        }
        let mut whole = self.tilt.score(pieces, watch)?;
        // Silence costs nothing that could be counted, so that any reward of few notes would end in it.
        let silent = pieces.iter().map(|piece| piece.notes().is_empty());
        whole
            .iter_mut()
            .zip(silent)
            .filter(|(_, silent)| *silent)
            .for_each(|(whole, _)| *whole = f64::NEG_INFINITY);
        let whole = worth(whole);
        for span in 0..spans {
            let before = match span {
                0 => vec![0.0; pieces.len()],
                _ => {
                    let until = every * Beat::whole(span as i64);
                    let begun =
                        pieces.iter().map(|piece| begun(piece, until)).collect::<Result<Vec<_>, _>>()?;
                    worth(self.tilt.score(&begun, watch)?)
                }
            };
            for ((earned, whole), before) in earned.iter_mut().zip(&whole).zip(before) {
                earned[span] += whole - before;
            }
        }
        Ok(earned)
    }
}

/// What of a piece begins before `until`.
fn begun(piece: &Clip, until: Beat) -> Result<Clip, ModelError> {
    let notes = piece.notes().iter().filter(|note| note.start < until).cloned().collect();
    Clip::new(notes, until).map_err(|error| ModelError::Reward { reason: error.to_string() })
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
    use lilt_score::{Note, Pitch, Tone, Velocity};
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
                let of = |piece| advantages.at(piece, Beat::whole(2 * span));
                for a in 0..earned.len() {
                    prop_assert!(of(a).abs() <= FARTHEST as f32);
                    for b in 0..earned.len() {
                        prop_assert!(earned[a][span as usize] > earned[b][span as usize] || of(a) <= of(b));
                    }
                    let after = Advantages::new(Beat::whole(2), &moved).at(a, Beat::whole(2 * span));
                    prop_assert!((after - of(a)).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn an_advantage_counts_from_its_span_to_the_next() {
        let advantages = Advantages::new(Beat::whole(2), &[vec![1.0, -1.0], vec![-1.0, 1.0]]);
        let at = |beat| advantages.at(0, beat);
        assert_eq!([at(Beat::ZERO), at(Beat::new(7, 4)), at(Beat::whole(2))], [1.0, 1.0, -1.0]);
        // What begins before the first bar line, or after the last, belongs to the span beside it.
        assert_eq!([at(Beat::new(-1, 2)), at(Beat::whole(9))], [1.0, -1.0]);
        assert_eq!(advantages.at(2, Beat::ZERO), 0.0);
        let alike = Advantages::new(Beat::whole(2), &[vec![3.0], vec![3.0]]);
        assert_eq!([alike.at(0, Beat::ZERO), alike.at(1, Beat::ZERO)], [0.0, 0.0]);
    }

    #[test]
    fn a_broken_rule_is_worse_than_all_that_keep_it() {
        assert_eq!(worth(vec![3.0, f64::NEG_INFINITY, -2.0]), [3.0, -2.0 - BROKEN, -2.0]);
        assert_eq!(worth(vec![f64::NEG_INFINITY; 2]), [0.0, 0.0]);
    }

    #[test]
    fn what_begins_later_is_not_there_yet() {
        let note = |start| Note {
            start,
            duration: Beat::whole(2),
            tone: Tone::Pitch(Pitch::from_key(60)),
            velocity: Velocity::DEFAULT,
        };
        let piece = Clip::new(vec![note(Beat::ZERO), note(Beat::ONE)], Beat::whole(4)).unwrap();
        let begun = begun(&piece, Beat::ONE).unwrap();
        assert_eq!((begun.notes().len(), begun.length()), (1, Beat::ONE));
    }
}
