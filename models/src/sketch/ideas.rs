//! Ideas: what a drawing that is made below temperature 1 may begin with, a point of the latent space between those of
//! two drawings of its kind.
//!
//! A kind alone says little of a drawing that has seventeen examples: step by step, a network that knows so few drifts
//! from one of them to another, and what comes out is none. A point tells the whole of a drawing, and those between the
//! points of two drawings of a kind mean drawings of it. So the points of some drawings of each kind are kept beside the
//! weights: an aggregate of posteriors in the place of the prior (as Tomczak and Welling 2018 have it), from which a
//! point is drawn for each drawing before its first move.

use std::collections::BTreeMap;

use rand::{Rng, RngExt};

use super::drawing::Drawing;
use super::network::Config;
use super::step::{SketchStep, StepError};
use crate::card::Weights;
use crate::melody::latent::slerp;

/// How far from one drawing's point to the other's an idea may lie.
const FARTHEST: f64 = 0.25;

/// Points of the latent space, the same number for each kind.
#[derive(Debug, Clone, Default)]
pub struct Ideas {
    each: usize,
    latent: usize,
    /// `[kinds · each, latent]`.
    points: Vec<f32>,
}

impl Ideas {
    /// Points of drawings, `[kinds · each, latent]`; none where `each` is 0.
    pub fn new(each: usize, latent: usize, points: Vec<f32>) -> Ideas {
        Ideas { each, latent, points }
    }

    /// An idea of a drawing of the kind `row`, or of any where there is no such kind; none where none are kept.
    pub fn draw(&self, row: usize, rng: &mut impl Rng) -> Option<Vec<f32>> {
        let kinds = self.points.len() / (self.each * self.latent).max(1);
        if kinds == 0 {
            return None;
        }
        let row = if row < kinds { row } else { rng.random_range(0..kinds) };
        let mut point = || {
            let at = row * self.each + rng.random_range(0..self.each);
            &self.points[at * self.latent..][..self.latent]
        };
        let (one, other) = (point(), point());
        Some(slerp(one, other, FARTHEST * rng.random::<f64>()))
    }
}

/// The points that a network of these sizes keeps, `[kinds · ideas, latent]`: those of the first `drawings` of each kind,
/// and around again where it has fewer. A kind without any takes those of all, as does a network that knows no kinds.
///
/// # Errors
/// When the weights are not the network's.
pub fn points_of(
    config: &Config,
    weights: &BTreeMap<String, Weights>,
    drawings: &[&Drawing],
) -> Result<Weights, StepError> {
    let step = SketchStep::new(Config { ideas: 0, ..config.clone() }, weights)?;
    let rows = config.kinds.len().max(1);
    let mut values = Vec::with_capacity(rows * config.ideas * config.latent);
    for row in 0..rows {
        let of_kind: Vec<&&Drawing> =
            drawings.iter().filter(|drawing| drawing.kind as usize == row).collect();
        let all: Vec<&&Drawing> = if of_kind.is_empty() { drawings.iter().collect() } else { of_kind };
        let kept = all.into_iter().take(config.ideas);
        let points: Vec<Vec<f32>> = kept.filter_map(|drawing| step.encode(&drawing.moves)).collect();
        points.iter().cycle().take(config.ideas).for_each(|point| values.extend_from_slice(point));
    }
    Ok(Weights { shape: vec![rows * config.ideas, config.latent], values })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::moves::{Move, Pen};
    use crate::sketch::network::IDEAS;
    use crate::sketch::untrained::{config, weights};
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn an_idea_lies_between_two_drawings_of_its_kind() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        assert_eq!(Ideas::default().draw(0, &mut rng), None);
        // Two kinds: along the first axis and its neighbour, and along the last.
        let points = vec![1.0, 0.0, 0.0, 0.8, 0.6, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 2.0];
        let ideas = Ideas::new(2, 3, points);
        let mut seen = [0.0f32; 2];
        for _ in 0..100 {
            let first = ideas.draw(0, &mut rng).unwrap();
            assert!(
                first[0] >= 0.8 - 1e-6 && (0.0..=0.6).contains(&first[1]) && first[2] == 0.0,
                "{first:?}"
            );
            let second = ideas.draw(1, &mut rng).unwrap();
            assert!(second[..2] == [0.0; 2] && (1.0..=2.0).contains(&second[2]), "{second:?}");
            let any = ideas.draw(2, &mut rng).unwrap();
            seen[usize::from(any[2] > 0.0)] += 1.0;
        }
        assert!(seen.iter().all(|&seen| seen > 25.0), "{seen:?}");
    }

    #[test]
    fn each_kind_keeps_points_of_its_drawings() {
        let config = Config { ideas: 3, ..config() };
        let weights = weights(&config, 5);
        let drawing = |kind, dx| {
            let step = |dx| Move { dx, dy: 0.5, pen: Pen::Down };
            Drawing { kind, moves: vec![step(dx), step(0.3), Move::END] }
        };
        let drawings = [drawing(0, 0.1), drawing(0, 0.7), drawing(2, -0.9)];
        let kept = points_of(&config, &weights, &drawings.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!(kept.shape, [9, 6]);
        let step = SketchStep::new(Config { ideas: 0, ..config.clone() }, &weights).unwrap();
        let points: Vec<Vec<f32>> =
            drawings.iter().map(|drawing| step.encode(&drawing.moves).unwrap()).collect();
        let [first, second, third] = [0, 1, 2].map(|at| points[at].as_slice());
        // Two of the first kind, the one of the third, and those of all for the second, which has none.
        let rows = [first, second, first, first, second, third, third, third, third];
        assert!(kept.values.chunks_exact(6).eq(rows));
        // What they make of it plays, and none plays without them.
        let mut whole = weights.clone();
        whole.insert(IDEAS.to_owned(), kept);
        assert!(SketchStep::new(config.clone(), &whole).is_ok());
        assert!(SketchStep::new(config, &weights).is_err());
    }
}
