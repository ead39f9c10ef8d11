//! Somebody who listens: what they like of music, and how they press.

use lilt_inference::{FEATURES, Features};
use lilt_score::{Clip, Seed};

use crate::chance::Chance;
use crate::pool::Pool;

/// How much what is heard differs from what a listener likes on reflection, in deviations of the liking.
const NOISE: f64 = 0.5;

/// What is liked or disliked is farther from the usual than this, in deviations; anything else is passed over.
const REMARKABLE: f64 = 0.5;

/// How fast the usual follows what is heard.
const USED_TO: f64 = 0.15;

/// How far the taste of a drifting listener turns while the first forty keys are pressed, in radians.
const DRIFT: f64 = std::f64::consts::FRAC_PI_3;

/// Who listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Likes a weighted sum of the features.
    Within,
    /// The same, with weights that turn while they listen.
    Drifting,
    /// Likes what no sum of the features says.
    Outside,
    /// Presses at random.
    Indifferent,
}

/// A simulated listener.
pub struct Listener {
    /// Who.
    pub kind: Kind,
    liking: Liking,
    /// What the taste turns toward.
    later: Liking,
    /// Part of the presses that are wrong, 0.1 to 0.2.
    wrong: f64,
}

/// What is liked, as a function of a piece.
enum Liking {
    /// A weighted sum of features, in deviations of the pool.
    Sum([f64; FEATURES]),
    /// A feature near to a number of deviations, and not beyond.
    Near(usize, f64),
    /// Two features that are high or low together.
    Together(usize, usize),
    /// Notes of some pitch classes, as a part of all.
    Classes([bool; 12]),
    /// Steps of a size in semitones, as a part of all.
    Steps(f64),
    /// Long notes: the mean duration of the longest quarter.
    Long,
    /// A likeness to a tune that only the listener knows.
    Like(Box<Clip>),
    /// A last note near to a pitch.
    Ends(f64),
}

impl Listener {
    /// The listener of a seed, the `number`th of this kind. Tunes that only they know come from `pool`.
    pub fn new(kind: Kind, number: usize, seed: Seed, pool: &Pool) -> Listener {
        let mut chance = Chance::new(seed.child("listener").child_number(number as u64));
        let wrong = chance.between(0.1, 0.2);
        let liking = match kind {
            Kind::Outside => Liking::outside(number, &mut chance, pool),
            _ => Liking::within(number, &mut chance),
        };
        let later = Liking::within(number, &mut chance);
        Listener { kind, liking, later, wrong }
    }

    /// How much each piece of a pool is liked after so many presses: mean 0, deviation 1 over `by`, the pool by which
    /// liking is measured.
    pub fn likes(&self, pool: &Pool, by: &Pool, presses: usize) -> Vec<f64> {
        let now = standardised(&self.liking, pool, by);
        if self.kind != Kind::Drifting {
            return now;
        }
        let later = standardised(&self.later, pool, by);
        let turned = (presses as f64 / 40.0).min(1.0) * DRIFT;
        now.iter().zip(later).map(|(now, later)| turned.cos() * now + turned.sin() * later).collect()
    }

    /// What is pressed after a piece that is liked so much: like, nope, or nothing. `usual` is what the listener is used
    /// to, and follows.
    pub fn presses(&self, liked: f64, usual: &mut f64, chance: &mut Chance) -> Option<bool> {
        let heard = liked + NOISE * chance.normal();
        let differs = heard - *usual;
        *usual += USED_TO * differs;
        let (wrong, at_random) = (chance.unit() < self.wrong, chance.unit() < 0.5);
        if differs.abs() < REMARKABLE {
            return None;
        }
        let likes = (differs > 0.0) != wrong;
        Some(if self.kind == Kind::Indifferent { at_random } else { likes })
    }

    /// True when the first of two pieces is chosen, that are liked so much.
    pub fn chooses(&self, [one, other]: [f64; 2], chance: &mut Chance) -> bool {
        let differs = one - other + NOISE * (chance.normal() - chance.normal());
        let (wrong, at_random) = (chance.unit() < self.wrong, chance.unit() < 0.5);
        if self.kind == Kind::Indifferent { at_random } else { (differs > 0.0) != wrong }
    }
}

impl Liking {
    /// Every other listener cares for three features alone.
    fn within(number: usize, chance: &mut Chance) -> Liking {
        let mut weights = std::array::from_fn(|_| chance.normal());
        if number % 2 == 1 {
            let kept: [usize; 3] = std::array::from_fn(|_| chance.below(FEATURES));
            (0..FEATURES).filter(|at| !kept.contains(at)).for_each(|at| weights[at] = 0.0);
        }
        Liking::Sum(weights)
    }

    fn outside(number: usize, chance: &mut Chance, pool: &Pool) -> Liking {
        match number % 7 {
            0 => Liking::Near(chance.below(FEATURES), chance.between(-1.0, 1.0)),
            1 => {
                let one = chance.below(FEATURES);
                Liking::Together(one, (one + 1 + chance.below(FEATURES - 1)) % FEATURES)
            }
            2 => {
                let first = chance.below(12);
                let kept = [first, (first + 2 + chance.below(9)) % 12, (first + 5) % 12];
                Liking::Classes(std::array::from_fn(|class| kept.contains(&class)))
            }
            3 => Liking::Steps([1.0, 2.0, 3.0, 4.0, 5.0, 7.0][chance.below(6)]),
            4 => Liking::Long,
            5 => Liking::Like(Box::new(pool.clips[chance.below(pool.clips.len())].clone())),
            _ => Liking::Ends(chance.between(60.0, 80.0)),
        }
    }

    fn of(&self, clip: &Clip, features: &Features, means: &[[f64; 2]; FEATURES]) -> f64 {
        let measured = |at: usize| (features.values()[at] - means[at][0]) / means[at][1].max(1e-9);
        let notes = clip.notes();
        let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
        match self {
            Liking::Sum(weights) => (0..FEATURES).map(|at| weights[at] * measured(at)).sum(),
            Liking::Near(at, where_to) => -(measured(*at) - where_to).abs(),
            Liking::Together(one, other) => (measured(*one) * measured(*other)).clamp(-4.0, 4.0),
            Liking::Classes(classes) => {
                let kept = notes.iter().filter(|note| classes[usize::from(note.tone.key() % 12)]).count();
                share(kept, notes.len())
            }
            Liking::Steps(size) => {
                let steps = clip.intervals();
                share(steps.iter().filter(|step| step.abs() == *size).count(), steps.len())
            }
            Liking::Long => {
                let mut long: Vec<f64> = notes.iter().map(|note| note.duration.to_f64()).collect();
                long.sort_by(|one, other| other.total_cmp(one));
                let longest = long.len().div_ceil(4);
                long.iter().take(longest).sum::<f64>() / longest.max(1) as f64
            }
            Liking::Like(tune) => clip.likeness(tune),
            Liking::Ends(pitch) => {
                clip.melody().last().map_or(-12.0, |last| -(last.midi() - pitch).abs().min(12.0))
            }
        }
    }
}

fn mean_and_deviation(values: impl Iterator<Item = f64> + Clone) -> [f64; 2] {
    let count = values.clone().count().max(1) as f64;
    let mean = values.clone().sum::<f64>() / count;
    [mean, (values.map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt()]
}

fn standardised(liking: &Liking, pool: &Pool, by: &Pool) -> Vec<f64> {
    let means = std::array::from_fn(|at| mean_and_deviation(by.features.iter().map(|of| of.values()[at])));
    let of = |pool: &Pool| -> Vec<f64> {
        let pieces = pool.clips.iter().zip(&pool.features);
        pieces.map(|(clip, features)| liking.of(clip, features, &means)).collect()
    };
    let [mean, deviation] = mean_and_deviation(of(by).iter().copied());
    of(pool).iter().map(|liked| (liked - mean) / deviation.max(1e-9)).collect()
}
