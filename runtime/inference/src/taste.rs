//! What a listener likes, learnt from few presses: a Bayesian logistic regression over the features of what was heard.
//!
//! A press says +1 or −1 of a piece whose features lie z deviations from what the model plays otherwise; it is as
//! likely as σ(±(b + w·z)). Of two pieces one is chosen with the probability σ(w·(z₁ − z₂)) (Bradley and Terry 1952). The
//! weights w are normal beforehand; afterwards they are taken for normal around the likeliest ones, with the inverse of
//! the curvature there as covariance (Laplace's approximation; MacKay 1992, "The evidence framework applied to
//! classification networks"). What was said long ago counts half as much each half-life.

mod notebook;
mod reward;
mod standard;

use crate::features::{FEATURES, Features};

pub use notebook::{Entry, Notebook, NotebookError};
pub use reward::{Standards, TasteReward};
pub use standard::{Standard, divergence};

/// The weights, and one number more: how readily the listener presses the one or the other key.
const NUMBERS: usize = FEATURES + 1;

/// How far weights lie from 0 beforehand, in nats a deviation: chosen by simulated listeners, who are served nearly as well
/// by 0.4 and by 0.7.
const WEIGHTS: f64 = 0.5;
/// The same of the number that belongs to the keys.
const KEYS: f64 = 1.5;

/// What counts less than this is forgotten.
const FORGOTTEN: f64 = 1e-3;

/// Rounds of Newton's method: from 0 a dozen are enough for any labels, and each halves its step where it went too far.
const ROUNDS: usize = 30;

/// Something that a listener said of what was heard.
#[derive(Debug, Clone, PartialEq)]
pub enum Judgement {
    /// A key was pressed.
    Press {
        /// Which: like, or nope.
        likes: bool,
        /// What may be meant: the share, `0..=1`, of what was heard shortly before, and what it was like. The shares
        /// sum to 1.
        heard: Vec<(f64, Features)>,
    },
    /// Of two pieces one was chosen.
    Choice {
        /// The one.
        chosen: Features,
        /// The other.
        other: Features,
    },
}

/// What a listener said, in order, and what is made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Taste {
    /// What was said, the newest last.
    pub judgements: Vec<Judgement>,
    /// After how many newer judgements one counts half, above 0.
    pub half_life: f64,
    /// How far music may be tilted by it, in nats: its Kullback–Leibler divergence from the model.
    pub nats: f64,
}

/// What is known of a listener's weights: a normal distribution, in nats a deviation.
#[derive(Debug, Clone, PartialEq)]
pub struct Belief {
    mean: [f64; NUMBERS],
    covariance: [[f64; NUMBERS]; NUMBERS],
}

/// A judgement as the regression sees it.
struct Row {
    /// How much it counts.
    weight: f64,
    /// What speaks for it when multiplied by the weights: z for a like, −z for a nope, a difference for a choice.
    toward: [f64; NUMBERS],
}

impl Taste {
    /// After how many newer judgements one counts half when nobody says.
    pub const DEFAULT_HALF_LIFE: f64 = 60.0;
    /// How far music is tilted at most when nobody says, in nats.
    pub const DEFAULT_NATS: f64 = 1.0;

    /// What is known by now of the weights, in deviations of this standard.
    pub fn belief(&self, standard: &Standard) -> Belief {
        Belief::of(&self.rows(standard))
    }

    /// The weights of the tilt, in nats a deviation of this standard: in the direction of the mean belief, and the
    /// farther the surer that is, up to [`Taste::nats`].
    pub fn lean(&self, standard: &Standard) -> [f64; FEATURES] {
        let belief = self.belief(standard);
        standard.toward(&belief.weights(), self.nats * belief.certainty(standard))
    }

    fn rows(&self, standard: &Standard) -> Vec<Row> {
        let mut rows = Vec::new();
        for (age, judgement) in self.judgements.iter().rev().enumerate() {
            let counts = (-(age as f64) / self.half_life).exp2();
            if counts < FORGOTTEN {
                break;
            }
            match judgement {
                Judgement::Press { likes, heard } => {
                    let sign = if *likes { 1.0 } else { -1.0 };
                    rows.extend(heard.iter().map(|(share, features)| {
                        let measured = standard.measure(features);
                        let toward = |at: usize| sign * measured.get(at).copied().unwrap_or(1.0);
                        Row { weight: counts * share, toward: std::array::from_fn(toward) }
                    }));
                }
                Judgement::Choice { chosen, other } => {
                    let (chosen, other) = (standard.measure(chosen), standard.measure(other));
                    // Both were heard: how readily a key is pressed says nothing.
                    let toward = |at: usize| if at < FEATURES { chosen[at] - other[at] } else { 0.0 };
                    rows.push(Row { weight: counts, toward: std::array::from_fn(toward) });
                }
            }
        }
        rows
    }
}

impl Belief {
    fn of(rows: &[Row]) -> Belief {
        let mut mean = [0.0; NUMBERS];
        let mut worth = worth(rows, &mean);
        for _ in 0..ROUNDS {
            let (slope, curvature) = slope_and_curvature(rows, &mean);
            let Some(step) = Cholesky::of(&curvature).map(|factor| factor.solve(&slope)) else { break };
            // The logarithm of the posterior is concave: a step that loses by it went too far.
            let scales = (0..20).map(|halvings| 0.5f64.powi(halvings));
            let taken = scales.map(|scale| std::array::from_fn(|at| mean[at] + scale * step[at]));
            let better =
                |next: [f64; NUMBERS]| Some((next, self::worth(rows, &next))).filter(|(_, new)| *new > worth);
            let Some((next, gained)) = taken.into_iter().find_map(better) else { break };
            (mean, worth) = (next, gained);
        }
        let (_, curvature) = slope_and_curvature(rows, &mean);
        let covariance =
            Cholesky::of(&curvature).map_or([[0.0; NUMBERS]; NUMBERS], |factor| factor.inverse());
        Belief { mean, covariance }
    }

    /// The likeliest weights, in nats a deviation.
    pub fn weights(&self) -> [f64; FEATURES] {
        std::array::from_fn(|at| self.mean[at])
    }

    /// How sure each weight is: its mean over its deviation.
    pub fn evidence(&self) -> [f64; FEATURES] {
        std::array::from_fn(|at| self.mean[at] / self.covariance[at][at].max(f64::MIN_POSITIVE).sqrt())
    }

    /// How sure the direction is, `0..1`: of the variance that the weights give the music of the standard, the part that
    /// comes from their mean, and not from what is not known of them.
    pub fn certainty(&self, standard: &Standard) -> f64 {
        let known = standard.variance(&self.weights());
        let unknown: f64 = (0..FEATURES)
            .map(|at| {
                let axis: [f64; FEATURES] = std::array::from_fn(|other| f64::from(u8::from(other == at)));
                self.covariance[at][at] * standard.variance(&axis)
            })
            .sum();
        if known + unknown > 0.0 { known / (known + unknown) } else { 0.0 }
    }

    /// Weights drawn from the belief, by eight standard normal deviates: what a listener may have in mind as well.
    pub fn drawn(&self, normal: &[f64; FEATURES]) -> [f64; FEATURES] {
        let block: [[f64; NUMBERS]; NUMBERS] = self.covariance;
        let Some(factor) = Cholesky::of(&block) else { return self.weights() };
        std::array::from_fn(|row| {
            self.mean[row] + (0..=row).map(|column| factor.0[row][column] * normal[column]).sum::<f64>()
        })
    }

    /// How little is known of which of two pieces is rather liked that lie so far apart: the variance of what speaks for
    /// the one. Of some pieces the two are worth asking about of which the least is known.
    pub fn doubt(&self, apart: &[f64; FEATURES]) -> f64 {
        let of = |row: usize| {
            (0..FEATURES).map(|column| self.covariance[row][column] * apart[column]).sum::<f64>()
        };
        (0..FEATURES).map(|row| apart[row] * of(row)).sum()
    }

    /// In words what is known: what is liked and what is not, the surest first. Nothing is said of what may be chance.
    pub fn words(&self) -> String {
        /// From here on one is sure enough: one of seven that mean nothing passes.
        const SURE: f64 = 1.5;
        let evidence = self.evidence();
        let mut sure: Vec<usize> = (0..FEATURES).filter(|at| evidence[*at].abs() >= SURE).collect();
        sure.sort_by(|one, other| evidence[*other].abs().total_cmp(&evidence[*one].abs()));
        let told = |what: &str, sign: f64| {
            let words: Vec<&str> =
                sure.iter().filter(|at| evidence[**at] * sign > 0.0).map(|at| Features::WORDS[*at]).collect();
            (!words.is_empty()).then(|| format!("{what}: {}", words.join(", ")))
        };
        let told: Vec<String> = [told("likes", 1.0), told("dislikes", -1.0)].into_iter().flatten().collect();
        if told.is_empty() { "nothing for certain yet".to_owned() } else { told.join("; ") }
    }
}

/// The prior's precision of each number.
fn precision(at: usize) -> f64 {
    let deviation = if at < FEATURES { WEIGHTS } else { KEYS };
    1.0 / (deviation * deviation)
}

fn product(one: &[f64; NUMBERS], other: &[f64; NUMBERS]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// The logarithm of the posterior, up to a number that is the same for all weights.
fn worth(rows: &[Row], weights: &[f64; NUMBERS]) -> f64 {
    let prior: f64 =
        weights.iter().enumerate().map(|(at, weight)| precision(at) * weight * weight / 2.0).sum();
    let said = rows.iter().map(|row| {
        let sum = product(&row.toward, weights);
        // ln σ(sum), without overflow.
        row.weight * (sum.min(0.0) - (-sum.abs()).exp().ln_1p())
    });
    said.sum::<f64>() - prior
}

/// Its gradient, and minus its second derivative.
fn slope_and_curvature(
    rows: &[Row],
    weights: &[f64; NUMBERS],
) -> ([f64; NUMBERS], [[f64; NUMBERS]; NUMBERS]) {
    let mut slope: [f64; NUMBERS] = std::array::from_fn(|at| -precision(at) * weights[at]);
    let mut curvature = [[0.0; NUMBERS]; NUMBERS];
    (0..NUMBERS).for_each(|at| curvature[at][at] = precision(at));
    for Row { weight, toward } in rows {
        let right = 1.0 / (1.0 + (-product(toward, weights)).exp());
        let bend = weight * right * (1.0 - right);
        for row in 0..NUMBERS {
            slope[row] += weight * (1.0 - right) * toward[row];
            for column in 0..NUMBERS {
                curvature[row][column] += bend * toward[row] * toward[column];
            }
        }
    }
    (slope, curvature)
}

/// The lower triangle L of a positive definite matrix L·Lᵀ.
struct Cholesky([[f64; NUMBERS]; NUMBERS]);

impl Cholesky {
    fn of(matrix: &[[f64; NUMBERS]; NUMBERS]) -> Option<Cholesky> {
        let mut lower = [[0.0; NUMBERS]; NUMBERS];
        for row in 0..NUMBERS {
            for column in 0..=row {
                let sum: f64 = (0..column).map(|k| lower[row][k] * lower[column][k]).sum();
                let left = matrix[row][column] - sum;
                if row == column {
                    if left <= 0.0 || !left.is_finite() {
                        return None;
                    }
                    lower[row][row] = left.sqrt();
                } else {
                    lower[row][column] = left / lower[column][column];
                }
            }
        }
        Some(Cholesky(lower))
    }

    /// The solution x of L·Lᵀ·x = b.
    fn solve(&self, b: &[f64; NUMBERS]) -> [f64; NUMBERS] {
        let lower = &self.0;
        let mut x = *b;
        for row in 0..NUMBERS {
            let sum: f64 = (0..row).map(|k| lower[row][k] * x[k]).sum();
            x[row] = (x[row] - sum) / lower[row][row];
        }
        for row in (0..NUMBERS).rev() {
            let sum: f64 = (row + 1..NUMBERS).map(|k| lower[k][row] * x[k]).sum();
            x[row] = (x[row] - sum) / lower[row][row];
        }
        x
    }

    fn inverse(&self) -> [[f64; NUMBERS]; NUMBERS] {
        std::array::from_fn(|at| self.solve(&std::array::from_fn(|other| f64::from(u8::from(other == at)))))
    }
}

#[cfg(test)]
mod tests {
    use lilt_score::Seed;
    use proptest::prelude::*;

    use super::*;

    /// A standard of pieces whose features are independent, and those pieces.
    fn pieces(count: u64) -> Vec<Features> {
        let number = |n: u64| -> f64 { (0..12).map(|k| Seed(n * 12 + k).unit()).sum::<f64>() - 6.0 };
        let piece = |n: u64| std::array::from_fn(|at| number(n * 8 + at as u64));
        (0..count).filter_map(|n| Features::new(piece(n))).collect()
    }

    /// Somebody who judges by the first feature, and dislikes the second half as much.
    fn likes(features: &Features) -> bool {
        features.values()[0] - 0.5 * features.values()[1] > 0.0
    }

    fn taste(judgements: Vec<Judgement>) -> Taste {
        Taste { judgements, half_life: Taste::DEFAULT_HALF_LIFE, nats: Taste::DEFAULT_NATS }
    }

    fn presses(count: usize) -> Vec<Judgement> {
        let heard = pieces(count as u64).into_iter();
        heard.map(|piece| Judgement::Press { likes: likes(&piece), heard: vec![(1.0, piece)] }).collect()
    }

    #[test]
    fn what_is_pressed_again_and_again_is_learnt() {
        let standard = Standard::of(&pieces(300));
        let weights = taste(presses(60)).belief(&standard).weights();
        let [first, second, others @ ..] = weights;
        assert!(first > 0.5 && second < -0.2, "{weights:?}");
        assert!(others.iter().all(|weight| weight.abs() < first / 2.0), "{weights:?}");
        let lean = taste(presses(60)).lean(&standard);
        let nats = standard.divergence(&lean);
        assert!(nats > 0.5 && nats <= Taste::DEFAULT_NATS + 1e-9, "{nats}");
        assert_eq!(
            taste(presses(60)).belief(&Standard::folk()),
            taste(presses(60)).belief(&Standard::folk())
        );
    }

    #[test]
    fn nothing_said_moves_nothing() {
        let standard = Standard::of(&pieces(300));
        assert_eq!(taste(Vec::new()).lean(&standard), [0.0; FEATURES]);
        assert_eq!(taste(Vec::new()).belief(&standard).words(), "nothing for certain yet");
    }

    #[test]
    fn the_likeliest_weights_are_where_the_slope_is_level() {
        let standard = Standard::of(&pieces(300));
        let taste = taste(presses(40));
        let rows = taste.rows(&standard);
        let belief = Belief::of(&rows);
        let (slope, curvature) = slope_and_curvature(&rows, &belief.mean);
        assert!(slope.iter().all(|slope| slope.abs() < 1e-6), "{slope:?}");
        // The covariance is the inverse of the curvature.
        for (row, curved) in curvature.iter().enumerate() {
            for column in 0..NUMBERS {
                let of_column = belief.covariance.iter().map(|row| row[column]);
                let sum: f64 = curved.iter().zip(of_column).map(|(curved, varied)| curved * varied).sum();
                assert!((sum - f64::from(u8::from(row == column))).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn what_was_said_long_ago_is_outweighed() {
        let standard = Standard::of(&pieces(300));
        let turned = presses(40).into_iter().map(|judgement| match judgement {
            Judgement::Press { likes, heard } => Judgement::Press { likes: !likes, heard },
            choice => choice,
        });
        let said: Vec<Judgement> = turned.chain(presses(40)).collect();
        let of = |half_life| Taste { half_life, ..taste(said.clone()) }.belief(&standard).weights()[0];
        assert!(of(10.0) > 0.3 && of(1e4).abs() < 0.1, "{} {}", of(10.0), of(1e4));
    }

    #[test]
    fn a_choice_teaches_more_than_a_press() {
        let standard = Standard::of(&pieces(300));
        let all = pieces(80);
        let choices = all.chunks(2).map(|pair| {
            let worth = |features: &Features| features.values()[0] - 0.5 * features.values()[1];
            let first = worth(&pair[0]) > worth(&pair[1]);
            let (chosen, other) = if first { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
            Judgement::Choice { chosen, other }
        });
        let certainty = |said| taste(said).belief(&standard).evidence()[0];
        assert!(certainty(choices.collect()) > certainty(presses(40)));
    }

    proptest! {
        #[test]
        fn any_labels_give_a_lean_within_its_bound(
            said in prop::collection::vec((any::<bool>(), 0usize..300, 0usize..300, any::<bool>()), 0..60),
            nats in 0.0f64..3.0,
            half_life in 1.0f64..200.0,
        ) {
            let pieces = pieces(300);
            let standard = Standard::of(&pieces[..100]);
            let judgements: Vec<Judgement> = said
                .iter()
                .map(|&(likes, one, other, choice)| match choice {
                    true => Judgement::Choice { chosen: pieces[one], other: pieces[other] },
                    false => Judgement::Press { likes, heard: vec![(0.7, pieces[one]), (0.3, pieces[other])] },
                })
                .collect();
            let taste = Taste { judgements: judgements.clone(), half_life, nats };
            let lean = taste.lean(&standard);
            prop_assert!(lean.iter().all(|weight| weight.is_finite()));
            prop_assert!(standard.divergence(&lean) <= nats + 1e-9);
            // Likes and nopes the other way round are the taste the other way round.
            let turned = judgements.into_iter().map(|judgement| match judgement {
                Judgement::Press { likes, heard } => Judgement::Press { likes: !likes, heard },
                Judgement::Choice { chosen, other } => Judgement::Choice { chosen: other, other: chosen },
            });
            let turned = Taste { judgements: turned.collect(), half_life, nats }.belief(&standard).weights();
            for (weight, turned) in taste.belief(&standard).weights().iter().zip(turned) {
                prop_assert!((weight + turned).abs() < 1e-4);
            }
        }
    }
}
