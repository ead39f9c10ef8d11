//! Melodies being made side by side, a 16th at a time.

use lilt_inference::{Extent, ModelError, Particles, Piece, Watch};
use lilt_score::{Beat, Seed};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::NAME;
use super::codec::decode;
use super::features::{Features, Guide, MelodyState};
use super::sampling::draw;
use super::step::MelodyStep;
use super::vocabulary::{STEPS_PER_BEAT, beats};
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
    chances: Vec<ChaCha8Rng>,
    room: Room,
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
            chances: (0..count as u64).map(|place| seed.child_number(place).rng()).collect(),
            room: Room::default(),
        }
    }

    /// The steps that each melody has so far, without those that it went on from.
    pub fn tokens(&self) -> impl Iterator<Item = &[u8]> + '_ {
        self.pasts.iter().map(|past| &past.tokens()[self.primed..])
    }

    /// One step of every melody.
    fn step(&mut self) -> Result<(), ModelError> {
        let Room { scratch, features, logits } = &mut self.room;
        features.clear();
        features.extend(self.pasts.iter().map(|past| past.features(&self.guide)));
        self.step.step(scratch, features, &[], &mut self.states);
        let places = self.pasts.iter_mut().zip(&self.states).zip(&mut self.chances);
        for ((past, state), chances) in places {
            self.step.logits(state, None, logits);
            let token = draw(logits, past, &self.guide, self.temperature, chances.random())?;
            past.advance(token);
        }
        self.made += 1;
        Ok(())
    }
}

impl Particles for Melodies<'_> {
    fn count(&self) -> usize {
        self.pasts.len()
    }

    fn advance(&mut self, until: Extent, watch: &Watch) -> Result<(), ModelError> {
        let until = (until.beats() * Beat::whole(STEPS_PER_BEAT as i64)).ceil();
        let until = usize::try_from(until).unwrap_or(0).min(self.steps);
        while self.made < until {
            watch.check()?;
            watch.report(self.made as f64, self.steps as f64);
            self.step()?;
        }
        Ok(())
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
