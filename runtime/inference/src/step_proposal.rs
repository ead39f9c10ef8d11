//! The proposal that is adapted to what single notes earn: the fully adapted one (Pitt and Shephard 1999).
//!
//! Where a reward is a sum over notes, what may come next is drawn from q(x) = p(x)·g(x) / N with
//! g(x) = exp(Σ s·r(x)) and N the sum of p·g over all that may come. Then p/q is N / g(x). The whole's exp(s·R) pays
//! back g, and what stays in the importance weight, N, does not depend on what was drawn. Whatever g is, the whole is
//! weighed right; a g that misses what the reward counts in the end costs particles, never truth.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use lilt_score::{Beat, Note, Tone};

use crate::categorical::{choose, log_sum};
use crate::tilt::nats;
use crate::{ModelError, Step, StepReward, Watch};

/// What is less likely than this is not asked about, for it costs a call and is seldom drawn: it leans
/// as the others do on average.
const SELDOM: f64 = 0.002;

/// How far below all others what breaks a rule leans where it may yet turn out to keep it, in nats.
const PUSH: f64 = 6.0;

/// Draws steps by what they earn under a tilt; each is asked about once in a take.
pub struct StepProposal<'a> {
    terms: Vec<(&'a dyn StepReward, f64)>,
    /// Whether the note before counts.
    looking_back: bool,
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
    /// How much of a step is certain by now.
    pub certain: Certain,
}

/// How much of a step is certain when what may come next is enumerated. What is not certain may turn out otherwise, so
/// that a rule which it breaks pushes it away and does not forbid it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certain {
    /// The note and the one before it.
    StepAndBefore,
    /// The note; another may yet come between it and the one before.
    Step,
    /// When it begins, and its tone.
    Tone,
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
    /// ln p/q: see [`Particles::log_ratio`](crate::Particles::log_ratio).
    pub log_ratio: f64,
}

impl<'a> StepProposal<'a> {
    /// Rewards with their strengths, in nats a unit of reward.
    pub(crate) fn new(terms: Vec<(&'a dyn StepReward, f64)>) -> StepProposal<'a> {
        let looking_back = terms.iter().any(|(reward, _)| reward.looks_back());
        StepProposal { terms, looking_back, known: HashMap::new() }
    }

    /// Draws a candidate for each chance of each choice, in order, leaning. Where every candidate breaks
    /// a rule, nothing leans: the whole will tell. None where there is nothing to choose.
    ///
    /// # Errors
    /// [`ModelError::Reward`] when a reward fails or gives no usable number.
    pub fn draw(&mut self, choices: &[Choice], watch: &Watch) -> Result<Vec<Option<Drawn>>, ModelError> {
        let least = |choice: &Choice| (log_sum(choice.logs()) + SELDOM.ln()).max(f64::MIN);
        let least: Vec<f64> = choices.iter().map(least).collect();
        let with_least = || choices.iter().zip(&least);
        self.ask(with_least().flat_map(|(choice, least)| choice.steps(*least)), watch)?;
        let mut leaning: Vec<Vec<f64>> =
            with_least().map(|(choice, least)| self.leaning(choice, *least)).collect();
        // Where all that is likely is forbidden, the rest is looked at.
        let forbidden = |leaning: &Vec<f64>| log_sum(leaning.iter().copied()) == f64::NEG_INFINITY;
        let rest = choices.iter().zip(&leaning).filter(|(_, leaning)| forbidden(leaning));
        self.ask(rest.flat_map(|(choice, _)| choice.steps(f64::MIN)), watch)?;
        for (choice, leaning) in choices.iter().zip(&mut leaning).filter(|(_, leaning)| forbidden(leaning)) {
            *leaning = self.leaning(choice, f64::MIN);
        }
        Ok(choices.iter().zip(leaning).flat_map(|(choice, leaning)| choice.choose(leaning)).collect())
    }

    /// Asks the rewards about the notes that are new.
    fn ask<'b>(&mut self, steps: impl Iterator<Item = &'b Step>, watch: &Watch) -> Result<(), ModelError> {
        let (mut new, mut names) = (Vec::new(), Vec::new());
        for step in steps {
            let name = self.name(step);
            if let Entry::Vacant(vacant) = self.known.entry(name) {
                vacant.insert(0.0);
                new.push(*step);
                names.push(name);
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        for (reward, strength) in &self.terms {
            let scores = reward.score(&new, watch)?;
            for (name, nats) in names.iter().zip(nats(scores, *strength, new.len())?) {
                *self.known.entry(*name).or_default() += nats;
            }
        }
        Ok(())
    }

    /// ln of p·g for each candidate. What is less likely than `least` leans as the others on average.
    fn leaning(&self, choice: &Choice, least: f64) -> Vec<f64> {
        let earned = |candidate: &Candidate| {
            let likely = candidate.log_probability >= least;
            likely.then(|| candidate.steps.iter().map(|step| self.known[&self.name(step)]).sum())
        };
        let mut earned: Vec<Option<f64>> = choice.candidates.iter().map(earned).collect();
        if !self.forbids(choice) {
            push(earned.iter_mut().flatten());
        }
        let asked = choice.candidates.iter().zip(&earned).filter(|(_, earned)| earned.is_some());
        let (plain, leaning): (Vec<f64>, Vec<f64>) = asked
            .map(|(candidate, earned)| {
                (candidate.log_probability, candidate.log_probability + earned.unwrap_or(0.0))
            })
            .unzip();
        let mean = log_sum(leaning) - log_sum(plain);
        let mean = if mean.is_nan() { 0.0 } else { mean };
        let leaning = |(candidate, earned): (&Candidate, Option<f64>)| match candidate.log_probability {
            f64::NEG_INFINITY => f64::NEG_INFINITY,
            log => log + earned.unwrap_or(mean),
        };
        choice.candidates.iter().zip(earned).map(leaning).collect()
    }

    /// Whether a rule that a candidate breaks is broken for good.
    fn forbids(&self, choice: &Choice) -> bool {
        match choice.certain {
            Certain::StepAndBefore => true,
            Certain::Step => !self.looking_back,
            Certain::Tone => false,
        }
    }

    /// What names a step: the same for steps that earn the same.
    fn name(&self, step: &Step) -> (Name, Option<Name>) {
        let name = |note: &Note| {
            let (pitched, tone) = match note.tone {
                Tone::Pitch(pitch) => (true, pitch.midi().to_bits()),
                Tone::Drum(drum) => (false, u64::from(drum.key())),
            };
            (note.start, note.duration, pitched, tone, note.velocity.value().to_bits())
        };
        (name(&step.note), step.before.as_ref().filter(|_| self.looking_back).map(name))
    }
}

impl Choice {
    fn logs(&self) -> impl Iterator<Item = f64> + Clone + '_ {
        self.candidates.iter().map(|candidate| candidate.log_probability)
    }

    /// The notes of all that is as likely as `least`, or likelier.
    fn steps(&self, least: f64) -> impl Iterator<Item = &Step> {
        let likely = self.candidates.iter().filter(move |one| one.log_probability >= least);
        likely.flat_map(|candidate| &candidate.steps)
    }

    /// Draws one for each chance, where the candidates lean so.
    fn choose(&self, mut leaning: Vec<f64>) -> Vec<Option<Drawn>> {
        let all = log_sum(self.logs());
        let mut kept = log_sum(leaning.iter().copied());
        if kept == f64::NEG_INFINITY {
            (leaning, kept) = (self.logs().collect(), all);
        }
        let drawn = |chance: &f64| {
            let candidate = choose(&leaning, kept, *chance)?;
            let plain = self.candidates[candidate].log_probability;
            Some(Drawn { candidate, log_ratio: kept - all - (leaning[candidate] - plain) })
        };
        self.chances.iter().map(drawn).collect()
    }
}

/// Puts what breaks a rule a finite way below all that keeps it.
fn push<'a>(earned: impl Iterator<Item = &'a mut f64>) {
    let mut earned: Vec<&mut f64> = earned.collect();
    let kept = earned.iter().map(|earned| **earned).filter(|earned| earned.is_finite());
    let worst = kept.reduce(f64::min).unwrap_or(0.0);
    for earned in earned.iter_mut().filter(|earned| !earned.is_finite()) {
        **earned = worst - PUSH;
    }
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
        Choice {
            candidates: logs.iter().enumerate().map(candidate).collect(),
            chances: vec![chance],
            certain: Certain::StepAndBefore,
        }
    }

    proptest! {
        /// p/q = (p / Σp) / (p·g / Σp·g), whatever was drawn; and q is what is drawn.
        #[test]
        fn the_ratio_is_how_much_likelier_the_model_makes_it(
            pairs in prop::collection::vec((-2.0f64..1.0, prop_oneof![-4.0f64..4.0, Just(f64::NEG_INFINITY)]), 1..12),
            chance in 0.0f64..1.0,
        ) {
            let (logs, worth): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let reward = Listed(worth.clone());
            let mut tilt = StepProposal::new(vec![(&reward, 0.5)]);
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
            prop_assert!((drawn.log_ratio - (p / q).ln()).abs() < 1e-9);
            prop_assert!(from <= chance + 1e-9 && chance <= from + q + 1e-9);
        }
    }

    /// What is seldom is asked about where all else is forbidden, and otherwise leans like the rest.
    #[test]
    fn what_is_seldom_leans_as_the_others_do() {
        let drawn = |worth: [f64; 3], chance| {
            let reward = Listed(worth.to_vec());
            let mut tilt = StepProposal::new(vec![(&reward, 1.0)]);
            tilt.draw(&[choice(&[0.0, 0.0, -9.0], chance)], &Watch::new()).unwrap()[0].unwrap()
        };
        let seldom = drawn([1.0, 1.0, 50.0], 1.0 - 1e-6);
        assert_eq!(seldom.candidate, 2);
        assert!(seldom.log_ratio.abs() < 1e-9);
        let only = drawn([f64::NEG_INFINITY, f64::NEG_INFINITY, 0.0], 0.5);
        assert_eq!(only.candidate, 2);
        // p = e⁻⁹ / (2 + e⁻⁹), q = 1.
        assert!((only.log_ratio + 9.0 + (2.0 + (-9.0f64).exp()).ln()).abs() < 1e-9);
    }

    /// As [`Listed`], whatever came before.
    struct Alone(Listed);

    impl StepReward for Alone {
        fn score(&self, steps: &[Step], watch: &Watch) -> Result<Vec<f64>, ModelError> {
            self.0.score(steps, watch)
        }

        fn looks_back(&self) -> bool {
            false
        }
    }

    /// What may turn out otherwise is pushed away, and drawn all the same where chance wants it.
    #[test]
    fn what_is_not_certain_is_not_forbidden() {
        let listed = || Listed(vec![1.0, f64::NEG_INFINITY]);
        let (looks_back, alone) = (listed(), Alone(listed()));
        let drawn = |reward: &dyn StepReward, certain| {
            let mut proposal = StepProposal::new(vec![(reward, 1.0)]);
            let choice = Choice { certain, ..choice(&[0.0, 0.0], 1.0 - 1e-9) };
            proposal.draw(&[choice], &Watch::new()).unwrap()[0].unwrap()
        };
        assert_eq!(drawn(&looks_back, Certain::StepAndBefore).candidate, 0);
        assert_eq!(drawn(&looks_back, Certain::Step).candidate, 1);
        assert_eq!(drawn(&alone, Certain::Step).candidate, 0);
        let pushed = drawn(&alone, Certain::Tone);
        assert_eq!(pushed.candidate, 1);
        // p = 1/2, and q = e⁻⁶ / (1 + e⁻⁶).
        assert!((pushed.log_ratio - (0.5f64.ln() + 6.0 + (1.0 + (-6.0f64).exp()).ln())).abs() < 1e-9);
    }

    #[test]
    fn each_note_is_asked_about_once() {
        /// Counts what it is asked.
        struct Once {
            asked: std::sync::Mutex<usize>,
            looks_back: bool,
        }
        impl StepReward for Once {
            fn score(&self, steps: &[Step], _: &Watch) -> Result<Vec<f64>, ModelError> {
                *self.asked.lock().unwrap() += steps.len();
                Ok(vec![0.0; steps.len()])
            }
            fn looks_back(&self) -> bool {
                self.looks_back
            }
        }
        let after = |key| {
            let mut choice = choice(&[0.0, -1.0], 0.2);
            choice.candidates.iter_mut().for_each(|one| one.steps[0].before = Some(note(0, key)));
            choice
        };
        let choices =
            [choice(&[0.0, -1.0], 0.2), choice(&[-1.0, 0.0, f64::NEG_INFINITY], 0.9), after(60), after(62)];
        for (looks_back, expected) in [(true, 6), (false, 2)] {
            let reward = Once { asked: std::sync::Mutex::new(0), looks_back };
            let mut tilt = StepProposal::new(vec![(&reward, 1.0)]);
            for _ in 0..3 {
                tilt.draw(&choices, &Watch::new()).unwrap();
            }
            assert_eq!(*reward.asked.lock().unwrap(), expected);
            assert_eq!(tilt.draw(&[choice(&[], 0.5)], &Watch::new()).unwrap(), [None]);
        }
    }
}
