//! Melodies being made side by side, a 16th at a time.

use lilt_inference::{
    Candidate, Certain, Choice, Extent, ModelError, Particles, Piece, Step, StepProposal, Watch,
};
use lilt_score::{Beat, Note, Pitch, Seed, Tone};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::NAME;
use super::codec::{decode, velocity};
use super::features::{Features, Guide, MelodyState};
use super::sampling::{draw, log_chances};
use super::step::MelodyStep;
use super::vocabulary::{HOLD, STEPS_PER_BEAT, TOKENS, beats};
use crate::step::{LstmState, Scratch};

/// Several melodies that share their past and part by their random numbers.
pub struct Melodies<'a> {
    step: &'a MelodyStep,
    guide: Guide,
    temperature: f64,
    /// Steps that were heard before the answer.
    primed: usize,
    /// Steps that the answer has so far, and will have.
    made: usize,
    steps: usize,
    pasts: Vec<MelodyState>,
    states: Vec<LstmState>,
    /// Of each melody the last note of the answer, as long as it has sounded.
    lasts: Vec<Last>,
    /// See [`Particles::log_ratio`].
    log_ratios: Vec<f64>,
    chances: Vec<ChaCha8Rng>,
    room: Room,
}

/// The last note of a melody, and whether it sounds on.
#[derive(Debug, Clone, Copy, Default)]
struct Last {
    note: Option<Note>,
    sounds: bool,
}

impl Last {
    /// The note when the step `now` comes, at which something begins or ends if it is not held.
    fn at(self, now: Beat) -> Option<Note> {
        let held = |note: Note| Note { duration: now - note.start, ..note };
        self.note.map(|note| if self.sounds { held(note) } else { note })
    }

    /// After `token`, by which `note` began, if any did, at `now`.
    fn after(self, token: u8, note: Option<Note>, now: Beat) -> Last {
        match (token, note) {
            (HOLD, _) => self,
            (_, Some(note)) => Last { note: Some(note), sounds: true },
            (_, None) => Last { note: self.at(now), sounds: false },
        }
    }
}

/// Room for the numbers of a step.
#[derive(Default)]
pub(super) struct Room {
    pub(super) scratch: Scratch,
    pub(super) features: Vec<Features>,
    pub(super) logits: Vec<f32>,
}

/// What a melody goes on from.
pub(super) struct Past {
    pub(super) past: MelodyState,
    pub(super) state: LstmState,
}

impl<'a> Melodies<'a> {
    /// `count` melodies of `steps` steps that go on from `past`.
    pub(super) fn new(
        step: &'a MelodyStep,
        guide: Guide,
        past: Past,
        count: usize,
        steps: usize,
        temperature: f64,
        seed: Seed,
    ) -> Melodies<'a> {
        let seed = seed.child(NAME);
        Melodies {
            step,
            guide,
            temperature,
            primed: past.past.tokens().len(),
            made: 0,
            steps,
            pasts: vec![past.past; count],
            states: vec![past.state; count],
            lasts: vec![Last::default(); count],
            log_ratios: vec![0.0; count],
            chances: (0..count as u64).map(|place| seed.child_number(place).rng()).collect(),
            room: Room::default(),
        }
    }

    /// The steps that each melody has so far, without those that it went on from.
    pub fn tokens(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.pasts.iter().map(|past| &past.tokens()[self.primed..])
    }

    /// One step of every melody, drawn from `proposal` where there is one.
    fn step(&mut self, proposal: Option<&mut StepProposal<'_>>, watch: &Watch) -> Result<(), ModelError> {
        let Room { scratch, features, .. } = &mut self.room;
        features.clear();
        features.extend(self.pasts.iter().map(|past| past.features(&self.guide)));
        self.step.step(scratch, features, &[], &mut self.states);
        let tokens = match proposal {
            None => self.drawn()?,
            Some(proposal) => self.leaning(proposal, watch)?,
        };
        let now = beats(self.made);
        for (place, token) in tokens.into_iter().enumerate() {
            self.lasts[place] = self.lasts[place].after(token, self.begun(token), now);
            self.pasts[place].advance(token);
        }
        self.made += 1;
        Ok(())
    }

    /// What comes next in each melody as the network says.
    fn drawn(&mut self) -> Result<Vec<u8>, ModelError> {
        let Melodies { step, guide, temperature, pasts, states, chances, room: Room { logits, .. }, .. } =
            self;
        let places = pasts.iter().zip(states).zip(chances);
        let token = |((past, state), chances): ((&MelodyState, &mut LstmState), &mut ChaCha8Rng)| {
            step.logits(state, None, logits);
            draw(logits, past, guide, *temperature, chances.random())
        };
        places.map(token).collect()
    }

    /// What comes next in each melody, leaning toward what it earns.
    fn leaning(&mut self, proposal: &mut StepProposal<'_>, watch: &Watch) -> Result<Vec<u8>, ModelError> {
        let now = beats(self.made);
        let begun: Vec<Option<Note>> = (0..TOKENS).map(|token| self.begun(token as u8)).collect();
        let Melodies { step, guide, temperature, pasts, states, lasts, chances, room, log_ratios, .. } = self;
        let mut choices = Vec::with_capacity(pasts.len());
        for (((past, state), last), chances) in pasts.iter().zip(states).zip(lasts).zip(chances) {
            step.logits(state, None, &mut room.logits);
            let before = last.at(now);
            let candidate = |(log_probability, note): (f64, &Option<Note>)| Candidate {
                log_probability,
                steps: note.iter().map(|&note| Step { note, before }).collect(),
            };
            let logs = log_chances(&room.logits, past, guide, *temperature)?;
            choices.push(Choice {
                candidates: logs.into_iter().zip(&begun).map(candidate).collect(),
                chances: vec![chances.random()],
                // How long it sounds is not known when it begins.
                certain: Certain::Tone,
            });
        }
        let mut tokens = Vec::with_capacity(choices.len());
        for (drawn, log_ratio) in proposal.draw(&choices, watch)?.into_iter().zip(log_ratios) {
            let drawn = drawn.ok_or_else(|| ModelError::no_numbers(NAME))?;
            *log_ratio += drawn.log_ratio;
            tokens.push(u8::try_from(drawn.candidate).map_err(|_| ModelError::no_numbers(NAME))?);
        }
        Ok(tokens)
    }

    /// The note that begins with `token` as the next step of an answer, held to its end; none for a hold or a rest.
    fn begun(&self, token: u8) -> Option<Note> {
        let (start, key) = (beats(self.made), self.guide.home.pitch(token)?);
        Some(Note {
            start,
            duration: beats(self.steps) - start,
            tone: Tone::Pitch(Pitch::from_key(key)),
            velocity: velocity(self.made),
        })
    }

    /// Moves every melody on to `until`.
    fn go(
        &mut self,
        until: Extent,
        mut proposal: Option<&mut StepProposal<'_>>,
        watch: &Watch,
    ) -> Result<(), ModelError> {
        let until = (until.beats() * Beat::whole(STEPS_PER_BEAT as i64)).ceil();
        let until = usize::try_from(until).unwrap_or(0).min(self.steps);
        while self.made < until {
            watch.check()?;
            watch.report(self.made as f64, self.steps as f64);
            self.step(proposal.as_deref_mut(), watch)?;
        }
        Ok(())
    }
}

impl Particles for Melodies<'_> {
    fn count(&self) -> usize {
        self.pasts.len()
    }

    fn advance(&mut self, until: Extent, watch: &Watch) -> Result<(), ModelError> {
        self.go(until, None, watch)
    }

    /// Steps lean by the note that begins with them.
    fn advance_adapted(
        &mut self,
        until: Extent,
        proposal: &mut StepProposal<'_>,
        watch: &Watch,
    ) -> Result<(), ModelError> {
        self.go(until, Some(proposal), watch)
    }

    fn log_ratio(&self, particle: usize) -> f64 {
        self.log_ratios[particle]
    }

    fn whole(&self) -> bool {
        self.made == self.steps
    }

    fn piece(&self, particle: usize) -> Result<Piece, ModelError> {
        let past = self
            .pasts
            .get(particle)
            .ok_or_else(|| ModelError::computation(NAME, "there is no such particle"))?;
        let tokens = &past.tokens()[self.primed..];
        decode(tokens, self.guide.home, beats(self.steps))
            .map(Piece::from)
            .map_err(|error| ModelError::computation(NAME, error))
    }

    fn resample(&mut self, ancestors: &[usize]) {
        self.pasts = ancestors.iter().map(|&ancestor| self.pasts[ancestor].clone()).collect();
        self.states = ancestors.iter().map(|&ancestor| self.states[ancestor].clone()).collect();
        self.lasts = ancestors.iter().map(|&ancestor| self.lasts[ancestor]).collect();
        self.log_ratios = ancestors.iter().map(|&ancestor| self.log_ratios[ancestor]).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::chords::Harmony;
    use crate::melody::features::Density;
    use crate::melody::untrained::model;
    use crate::melody::vocabulary::{Color, Home};

    fn guide() -> Guide {
        let home = Home { tonic: 0, color: Color::Major };
        Guide { home, harmony: Harmony::unknown(), density: Density::UNKNOWN, planned: false }
    }

    #[test]
    fn copies_part_again_and_single_steps_are_long_ones() {
        let (model, watch) = (model(1), Watch::new());
        let begin = || model.begin(guide(), 4, 32, 1.0, Seed(9));
        let mut at_once = begin();
        at_once.advance(Beat::whole(100).into(), &watch).unwrap();
        assert!(at_once.whole());
        let mut by_steps = begin();
        for step in 1..=16 {
            by_steps.advance(Beat::new(step, 2).into(), &watch).unwrap();
        }
        assert!(at_once.tokens().eq(by_steps.tokens()));

        let mut copied = begin();
        copied.advance(Beat::whole(4).into(), &watch).unwrap();
        copied.resample(&[2, 2, 2, 0]);
        let tokens: Vec<Vec<u8>> = copied.tokens().map(<[u8]>::to_vec).collect();
        assert_eq!(tokens[0], tokens[1]);
        copied.advance(Beat::whole(8).into(), &watch).unwrap();
        let tokens: Vec<Vec<u8>> = copied.tokens().map(<[u8]>::to_vec).collect();
        assert_eq!((tokens[0][..16] == tokens[1][..16], tokens[0] == tokens[1]), (true, false));
        assert_eq!(copied.count(), 4);
    }

    #[test]
    fn a_particle_alone_is_one_of_many() {
        let (model, watch) = (model(1), Watch::new());
        let mut alone = model.begin(guide(), 1, 32, 1.0, Seed(3));
        let mut many = model.begin(guide(), 5, 32, 1.0, Seed(3));
        alone.advance(Beat::whole(8).into(), &watch).unwrap();
        many.advance(Beat::whole(8).into(), &watch).unwrap();
        assert_eq!(alone.piece(0).unwrap(), many.piece(0).unwrap());
        assert_eq!(alone.piece(0).unwrap().into_clip().unwrap().length(), Beat::whole(8));
        assert!(alone.piece(1).is_err());
    }
}
