//! Ideas: what a drawing that is made below temperature 1 may begin with, a point of the latent space between those of
//! two drawings of its kind.
//!
//! A kind alone says little of a drawing that has seventeen examples: step by step, a network that knows so few drifts
//! from one of them to another, and what comes out is none. A point tells the whole of a drawing, and those between the
//! points of two drawings of a kind mean drawings of it. So the points of some drawings of each kind are kept beside the
//! weights: an aggregate of posteriors in the place of the prior (as Tomczak and Welling 2018 have it), from which a
//! point is drawn for each drawing before its first move.

use rand::{Rng, RngExt};

use crate::melody::latent::slerp;

/// How far from one drawing's point to the other's an idea may lie.
const FARTHEST: f64 = 0.5;

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

#[cfg(test)]
mod tests {
    use super::*;
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
}
