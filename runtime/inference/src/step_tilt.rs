//! The part of a tilt that single notes earn, asked before a note is drawn: the fully adapted proposal
//! (Pitt and Shephard 1999).
//!
//! Where a reward is a sum over notes, what may come next is drawn from p(x)·g(x) / N with
//! g(x) = exp(Σ s·r(x)) and N the sum of p·g over all that may come. The particle then owes N / g(x):
//! so much likelier is its music under p than it was to be drawn. The whole's exp(s·R) pays back g,
//! and what stays in the weight, N, does not depend on what was drawn. Whatever g is, the whole is
//! weighed right; a g that misses what the reward counts in the end costs particles, never truth.

use std::collections::HashMap;

use lilt_score::{Beat, Note, Tone};

use crate::tilt::nats;
use crate::{ModelError, Step, StepReward, Watch};

/// What is less likely than this is not asked about, for it costs a call and is seldom drawn: it leans
/// as the others do on average.
const SELDOM: f64 = 0.002;

/// What single notes earn under a tilt; each is asked about once in a take.
pub struct StepTilt<'a> {
    terms: Vec<(&'a dyn StepReward, f64)>,
    known: HashMap<(Name, Option<Name>), f64>,
}

/// What makes two notes the same.
type Name = (Beat, Beat, bool, u64, u64);

/// Everything that may come next in pieces that are alike, and the random numbers that decide.
pub struct Choice {
    /// In a fixed order.
    pub candidates: Vec<Candidate>,
    /// One for each piece, `0..1`.
    pub chances: Vec<f64>,
}

/// Something that may come next.
pub struct Candidate {
    /// ln of its probability under the model; all together need not sum to 1.
    pub log_probability: f64,
    /// The notes that it adds, in the order of a clip; none for a rest.
    pub steps: Vec<Step>,
}

/// What was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// Number of the candidate.
    pub candidate: usize,
    /// ln of N / g(x): see [`Particles::owed`](crate::Particles::owed).
    pub owed: f64,
}

impl<'a> StepTilt<'a> {
    /// Rewards with their strengths, in nats a unit of reward.
    pub(crate) fn new(terms: Vec<(&'a dyn StepReward, f64)>) -> StepTilt<'a> {
        StepTilt { terms, known: HashMap::new() }
    }

    /// Draws a candidate for each chance of each choice, in order, leaning. Where every candidate breaks
    /// a rule, nothing leans: the whole will tell. None where there is nothing to choose.
    ///
    /// # Errors
    /// [`ModelError::Reward`] when a reward fails or gives no usable number.
    pub fn draw(&mut self, choices: &[Choice], watch: &Watch) -> Result<Vec<Option<Drawn>>, ModelError> {
        let likely = |choice: &'_ Choice| {
            let least = log_sum(&choice.logs()) + SELDOM.ln();
            let likely = choice.candidates.iter().filter(move |candidate| candidate.log_probability >= least);
            likely.flat_map(|candidate| candidate.steps.clone()).collect::<Vec<Step>>()
        };
        self.ask(choices.iter().flat_map(likely), watch)?;
        // Where all that is likely is forbidden, the rest is looked at.
        let forbidden = choices.iter().filter(|choice| log_sum(&self.leaning(choice)) == f64::NEG_INFINITY);
        let rest: Vec<Step> = forbidden.flat_map(Choice::steps).collect();
        self.ask(rest.into_iter(), watch)?;
        Ok(choices.iter().flat_map(|choice| self.choose(choice)).collect())
    }

    /// Asks the rewards about the notes that are new.
    fn ask(&mut self, steps: impl Iterator<Item = Step>, watch: &Watch) -> Result<(), ModelError> {
        let mut new = Vec::new();
        for step in steps {
            self.known.entry(name(&step)).or_insert_with(|| {
                new.push(step);
                0.0
            });
        }
        if new.is_empty() {
            return Ok(());
        }
        for (reward, strength) in &self.terms {
            let scores = reward.score(&new, watch)?;
            for (step, nats) in new.iter().zip(nats(scores, *strength, new.len())?) {
                *self.known.entry(name(step)).or_default() += nats;
            }
        }
        Ok(())
    }

    /// ln of p·g for each candidate.
    fn leaning(&self, choice: &Choice) -> Vec<f64> {
        let earned = |candidate: &Candidate| {
            candidate.steps.iter().try_fold(0.0, |sum, step| Some(sum + self.known.get(&name(step))?))
        };
        let earned: Vec<Option<f64>> = choice.candidates.iter().map(earned).collect();
        let asked =
            choice.candidates.iter().zip(&earned).filter(|(candidate, earned)| {
                earned.is_some() && candidate.log_probability > f64::NEG_INFINITY
            });
        let (plain, leaning): (Vec<f64>, Vec<f64>) = asked
            .map(|(candidate, earned)| {
                (candidate.log_probability, candidate.log_probability + earned.unwrap_or(0.0))
            })
            .unzip();
        let mean = log_sum(&leaning) - log_sum(&plain);
        let mean = if mean.is_nan() { 0.0 } else { mean };
        let leaning = |(candidate, earned): (&Candidate, Option<f64>)| match candidate.log_probability {
            f64::NEG_INFINITY => f64::NEG_INFINITY,
            log => log + earned.unwrap_or(mean),
        };
        choice.candidates.iter().zip(earned).map(leaning).collect()
    }

    fn choose(&self, choice: &Choice) -> Vec<Option<Drawn>> {
        let (plain, mut leaning) = (choice.logs(), self.leaning(choice));
        let all = log_sum(&plain);
        let mut kept = log_sum(&leaning);
        if kept == f64::NEG_INFINITY {
            (leaning, kept) = (plain.clone(), all);
        }
        let drawn = |chance: &f64| {
            let candidate = at(&leaning, kept, *chance)?;
            Some(Drawn { candidate, owed: kept - all - (leaning[candidate] - plain[candidate]) })
        };
        choice.chances.iter().map(drawn).collect()
    }
}

impl Choice {
    fn logs(&self) -> Vec<f64> {
        self.candidates.iter().map(|candidate| candidate.log_probability).collect()
    }

    /// All notes that may come.
    fn steps(&self) -> impl Iterator<Item = Step> + '_ {
        let possible = self.candidates.iter().filter(|one| one.log_probability > f64::NEG_INFINITY);
        possible.flat_map(|candidate| candidate.steps.iter().copied())
    }
}

fn name(step: &Step) -> (Name, Option<Name>) {
    let name = |note: &Note| {
        let (pitched, tone) = match note.tone {
            Tone::Pitch(pitch) => (true, pitch.midi().to_bits()),
            Tone::Drum(drum) => (false, u64::from(drum.key())),
        };
        (note.start, note.duration, pitched, tone, note.velocity.value().to_bits())
    };
    (name(&step.note), step.before.as_ref().map(name))
}

/// ln Σ exp.
pub(crate) fn log_sum(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most == f64::NEG_INFINITY {
        return most;
    }
    most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln()
}

/// The place at `chance` (`0..1`) of weights whose logarithms are `logs` and sum to `sum`; none when
/// nothing has weight.
pub(crate) fn at(logs: &[f64], sum: f64, chance: f64) -> Option<usize> {
    let mut left = chance;
    let mut last = None;
    for (place, log) in logs.iter().enumerate() {
        if *log == f64::NEG_INFINITY {
            continue;
        }
        // Rounding may leave a sliver beyond the last place: it belongs to that place.
        last = Some(place);
        left -= (log - sum).exp();
        if left < 0.0 {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reward::tests::note;
    use proptest::prelude::*;

    /// What a note is worth is its velocity's place in a list.
    struct Listed(Vec<f64>);

    impl StepReward for Listed {
        fn score(&self, steps: &[Step], _: &Watch) -> Result<Vec<f64>, ModelError> {
            Ok(steps.iter().map(|step| self.0[usize::from(step.note.tone.key())]).collect())
        }
    }

    fn choice(logs: &[f64], chance: f64) -> Choice {
        let candidate = |(key, log): (usize, &f64)| Candidate {
            log_probability: *log,
            steps: vec![Step { note: note(0, key as u8), before: None }],
        };
        Choice { candidates: logs.iter().enumerate().map(candidate).collect(), chances: vec![chance] }
    }

    proptest! {
        /// p/q = (p / Σp) / (p·g / Σp·g), whatever was drawn; and q is what is drawn.
        #[test]
        fn what_is_owed_is_how_much_likelier_the_model_makes_it(
            pairs in prop::collection::vec((-2.0f64..1.0, prop_oneof![-4.0f64..4.0, Just(f64::NEG_INFINITY)]), 1..12),
            chance in 0.0f64..1.0,
        ) {
            let (logs, worth): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let reward = Listed(worth.clone());
            let mut tilt = StepTilt::new(vec![(&reward, 0.5)]);
            let drawn = tilt.draw(&[choice(&logs, chance)], &Watch::new()).unwrap()[0].unwrap();
            let all: f64 = logs.iter().map(|log| log.exp()).sum();
            let leaning: Vec<f64> = logs.iter().zip(&worth).map(|(log, worth)| (log + 0.5 * worth).exp()).collect();
            let kept: f64 = leaning.iter().sum();
            let p = logs[drawn.candidate].exp() / all;
            let (q, from) = if kept > 0.0 {
                let before: f64 = leaning[..drawn.candidate].iter().sum();
                (leaning[drawn.candidate] / kept, before / kept)
            } else {
                (p, logs[..drawn.candidate].iter().map(|log| log.exp()).sum::<f64>() / all)
            };
            prop_assert!((drawn.owed - (p / q).ln()).abs() < 1e-9);
            prop_assert!(from <= chance + 1e-9 && chance <= from + q + 1e-9);
        }
    }

    /// What is seldom is asked about where all else is forbidden, and otherwise leans like the rest.
    #[test]
    fn what_is_seldom_leans_as_the_others_do() {
        let drawn = |worth: [f64; 3], chance| {
            let reward = Listed(worth.to_vec());
            let mut tilt = StepTilt::new(vec![(&reward, 1.0)]);
            tilt.draw(&[choice(&[0.0, 0.0, -9.0], chance)], &Watch::new()).unwrap()[0].unwrap()
        };
        let seldom = drawn([1.0, 1.0, 50.0], 1.0 - 1e-6);
        assert_eq!(seldom.candidate, 2);
        assert!(seldom.owed.abs() < 1e-9);
        let only = drawn([f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0], 0.5);
        assert_eq!(only.candidate, 2);
        // p = e⁻⁹ / (2 + e⁻⁹), q = 1.
        assert!((only.owed + 9.0 + (2.0 + (-9.0f64).exp()).ln()).abs() < 1e-9);
    }

    #[test]
    fn each_note_is_asked_about_once() {
        struct Once(std::sync::Mutex<usize>);
        impl StepReward for Once {
            fn score(&self, steps: &[Step], _: &Watch) -> Result<Vec<f64>, ModelError> {
                *self.0.lock().unwrap() += steps.len();
                Ok(vec![0.0; steps.len()])
            }
        }
        let reward = Once(std::sync::Mutex::new(0));
        let mut tilt = StepTilt::new(vec![(&reward, 1.0)]);
        let choices = [choice(&[0.0, -1.0], 0.2), choice(&[-1.0, 0.0, f64::NEG_INFINITY], 0.9)];
        for _ in 0..3 {
            tilt.draw(&choices, &Watch::new()).unwrap();
        }
        assert_eq!(*reward.0.lock().unwrap(), 2);
        assert_eq!(tilt.draw(&[choice(&[], 0.5)], &Watch::new()).unwrap(), [None]);
    }
}
