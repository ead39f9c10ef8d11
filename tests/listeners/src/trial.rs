//! A listener who presses while a taste is learnt and the music follows it.

use lilt_inference::FEATURES;
use lilt_inference::taste::{Belief, Judgement, Standard, Taste};
use lilt_score::Seed;

use crate::chance::Chance;
use crate::listener::{Kind, Listener};
use crate::pool::{Pool, Tilting};

/// How long a piece sounds, in seconds: four bars at 112 quarter notes a minute.
const SOUNDS: f64 = 16.0 * 60.0 / 112.0;
/// How long it is heard before anybody has an opinion, in seconds.
const OPINION: f64 = 2.0;
/// How long after what is meant a key is pressed, in seconds.
const LAG: [f64; 2] = [0.3, 2.5];

/// Pieces by which a model is measured, as where scripts are played.
const MEASURED: usize = 128;
/// Pairs of pieces by which variety is measured.
const PAIRS: usize = 400;

/// How a taste is learnt.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// Choices between two pieces, in place of presses: those two of so many about which the least is known.
    pub offered: Option<usize>,
    /// The music follows a taste that is drawn from what is believed, piece by piece (Thompson 1933), and not the
    /// likeliest one.
    pub explores: bool,
    /// How far the music may go, in nats.
    pub nats: f64,
    /// After how many judgements one counts half.
    pub half_life: f64,
}

impl Default for Course {
    fn default() -> Course {
        Course {
            offered: None,
            explores: false,
            nats: Taste::DEFAULT_NATS,
            half_life: Taste::DEFAULT_HALF_LIFE,
        }
    }
}

/// What became of it after so many judgements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// How much more the music is liked than the model's, in deviations of the liking, on pieces that were not played.
    pub gain: f64,
    /// The same of the tilt by the taste itself that goes as far from the model.
    pub exact: f64,
    /// The same of the tilt by the taste itself that goes as far as it may.
    pub most: f64,
    /// How far the music goes from the model, in nats.
    pub nats: f64,
    /// How much its pieces differ, as a part of how much the model's do.
    pub variety: f64,
}

impl Outcome {
    /// Its gain, as a part of the exact tilt's at the same distance; 0 where the music is the model's.
    pub fn share(&self) -> f64 {
        if self.nats < 1e-4 { 0.0 } else { self.gain / self.exact }
    }

    /// Its gain, as a part of what the exact tilt gains that goes as far as it may.
    pub fn share_of_most(&self) -> f64 {
        self.gain / self.most
    }
}

/// The two pools of a trial: what is played while somebody presses, and what is not.
pub struct Stage<'a> {
    /// Played.
    pub played: &'a Pool,
    /// Held out.
    pub held_out: &'a Pool,
}

impl Stage<'_> {
    /// Lets a listener judge, and tells what came of it after each of `after` judgements, in order.
    pub fn run(&self, listener: &Listener, course: Course, seed: Seed, after: &[usize]) -> Vec<Outcome> {
        let standard = self.played.standard(MEASURED);
        let mut chance = Chance::new(seed.child("trial"));
        let mut taste = Taste { judgements: Vec::new(), half_life: course.half_life, nats: course.nats };
        let mut outcomes = Vec::new();
        let (mut usual, mut before) = (0.0, None);
        let measured: Vec<[f64; FEATURES]> =
            self.played.features.iter().map(|features| standard.measure(features)).collect();
        let mut likes = listener.likes(self.played, self.played, 0);
        let mut playing = Tilting::by(&vec![0.0; measured.len()]);
        let mut learnt = usize::MAX;
        while outcomes.len() < after.len() {
            let said = taste.judgements.len();
            // What was learnt is heard in the next piece.
            if said != learnt || course.explores {
                playing =
                    Tilting::by(&rewards(&self.weights(&taste, &standard, course, &mut chance), &measured));
                if listener.kind == Kind::Drifting {
                    likes = listener.likes(self.played, self.played, said);
                }
                learnt = said;
            }
            if let Some(count) = course.offered {
                let offered: Vec<usize> = (0..count).map(|_| playing.draw(&mut chance)).collect();
                let (one, other) = asked(&taste.belief(&standard), &offered, &measured);
                let first = listener.chooses([likes[one], likes[other]], &mut chance);
                let (chosen, other) = if first { (one, other) } else { (other, one) };
                let of = |at: usize| self.played.features[at];
                taste.judgements.push(Judgement::Choice { chosen: of(chosen), other: of(other) });
            } else {
                let piece = playing.draw(&mut chance);
                let pressed = listener.presses(likes[piece], &mut usual, &mut chance);
                let at = chance.between(OPINION, SOUNDS) + chance.between(LAG[0], LAG[1]);
                let next = playing.draw(&mut chance);
                if let Some(likes) = pressed {
                    let sounded = [before, Some(piece), Some(next)];
                    taste.judgements.push(Judgement::Press { likes, heard: self.heard(sounded, at) });
                }
                before = Some(piece);
            }
            let said = taste.judgements.len();
            if said != learnt && after.get(outcomes.len()) == Some(&said) {
                outcomes.push(self.outcome(listener, &taste, &standard, said, &mut chance));
            }
        }
        outcomes
    }

    /// What may be meant by a press `at` seconds after the middle one of three pieces began: what sounded 0.3 to 2.5
    /// seconds before, each piece by how long it did.
    fn heard(&self, sounded: [Option<usize>; 3], at: f64) -> Vec<(f64, lilt_inference::Features)> {
        let window = (at - LAG[1], at - LAG[0]);
        let pieces = (-1i32..).zip(sounded);
        let shares = pieces.filter_map(|(number, piece)| {
            let begins = f64::from(number) * SOUNDS;
            let overlap = window.1.min(begins + SOUNDS) - window.0.max(begins);
            let share = overlap / (LAG[1] - LAG[0]);
            (share > 0.0).then_some((share, self.played.features[piece?]))
        });
        shares.collect()
    }

    fn weights(
        &self,
        taste: &Taste,
        standard: &Standard,
        course: Course,
        chance: &mut Chance,
    ) -> [f64; FEATURES] {
        if !course.explores {
            return taste.lean(standard);
        }
        let belief = taste.belief(standard);
        let drawn = belief.drawn(&std::array::from_fn(|_| chance.normal()));
        standard.toward(&drawn, course.nats)
    }

    fn outcome(
        &self,
        listener: &Listener,
        taste: &Taste,
        standard: &Standard,
        said: usize,
        chance: &mut Chance,
    ) -> Outcome {
        let measured: Vec<[f64; FEATURES]> =
            self.held_out.features.iter().map(|features| standard.measure(features)).collect();
        let likes = listener.likes(self.held_out, self.played, said);
        let tilted = Tilting::by(&rewards(&taste.lean(standard), &measured));
        let plain = Tilting::by(&vec![0.0; measured.len()]);
        let varied = |tilting: &Tilting, chance: &mut Chance| tilting.variety(self.held_out, PAIRS, chance);
        Outcome {
            gain: tilted.gain(&likes),
            exact: Tilting::as_far(&likes, tilted.nats).gain(&likes),
            most: Tilting::as_far(&likes, taste.nats).gain(&likes),
            nats: tilted.nats,
            variety: varied(&tilted, chance) / varied(&plain, chance),
        }
    }
}

/// Of some pieces the two of which it is least known which is rather liked.
fn asked(belief: &Belief, offered: &[usize], measured: &[[f64; FEATURES]]) -> (usize, usize) {
    let apart = |one: usize, other: usize| std::array::from_fn(|at| measured[one][at] - measured[other][at]);
    let pairs = offered
        .iter()
        .enumerate()
        .flat_map(|(at, one)| offered[..at].iter().map(move |other| (*one, *other)));
    let doubt = |(one, other): &(usize, usize)| belief.doubt(&apart(*one, *other));
    pairs.max_by(|one, other| doubt(one).total_cmp(&doubt(other))).unwrap_or((0, 0))
}

fn rewards(weights: &[f64; FEATURES], measured: &[[f64; FEATURES]]) -> Vec<f64> {
    let reward =
        |measured: &[f64; FEATURES]| -> f64 { weights.iter().zip(measured).map(|(w, z)| w * z).sum() };
    measured.iter().map(reward).collect()
}
