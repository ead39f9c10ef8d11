//! Tunes being made, side by side: the network reads each weight once for all of them.

use lilt_inference::{ModelError, Particles, Sampling, Watch};
use lilt_score::{Beat, Clip, Seed};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::codec::decode;
use super::features::FolkState;
use super::model::NAME;
use super::playing::{Playing, Room, draw, failed, stopped};
use super::sampling::duration_allowed;
use super::step::FolkStep;
use super::vocabulary::{NoteEvent, REST, TICKS_PER_BEAT, beats, midi};
use crate::step::LstmState;

/// Tunes that go on from the same past.
pub(super) struct FolkParticles<'a> {
    step: &'a FolkStep,
    temperature: f64,
    /// Length of the answer in ticks.
    ticks: i64,
    tunes: Vec<Tune>,
    rngs: Vec<ChaCha8Rng>,
    room: Room,
}

/// One tune: what a copy takes over.
#[derive(Clone)]
struct Tune {
    past: FolkState,
    state: LstmState,
    events: Vec<NoteEvent>,
    /// Length of `events` in ticks.
    made: i64,
    whole: bool,
}

impl<'a> FolkParticles<'a> {
    /// `count` tunes that go on where `playing` has come to. The first place draws as a tune alone does.
    pub fn new(playing: Playing<'a>, request: &Sampling, count: usize) -> FolkParticles<'a> {
        let Playing { step, past, state: [state], room } = playing;
        let ticks = i64::from(request.bars()) * past.conditions().bar_ticks();
        let tune = Tune { past, state, events: Vec::new(), made: 0, whole: false };
        let seed = Seed(request.seed()).child(NAME);
        let others = (1..count as u64).map(|place| seed.child_number(place).rng());
        let rngs = std::iter::once(seed.rng()).chain(others).take(count).collect();
        let temperature = request.temperature();
        FolkParticles { step, temperature, ticks, tunes: vec![tune; count], rngs, room }
    }

    /// The next note of one tune, whose network has been told where it is.
    fn choose(&mut self, number: usize) -> Result<(), ModelError> {
        let (tune, rng) = (&mut self.tunes[number], &mut self.rngs[number]);
        let chances = [rng.random::<f64>(), rng.random::<f64>()];
        self.room.duration_logits(self.step, &tune.state)?;
        let left = self.ticks - tune.made;
        let fits = |class: usize| duration_allowed(class, left);
        if !(0..self.room.durations.len()).any(fits) {
            // What is left is shorter than the shortest note: it stays silent.
            tune.whole = true;
            return Ok(());
        }
        let duration = draw(&self.room.durations, self.temperature, fits, chances[0])?;
        self.room.pitch_logits(self.step, &tune.state, duration)?;
        let tonic = tune.past.conditions().key.tonic();
        let sounds = |class: usize| {
            u8::try_from(class).is_ok_and(|class| class == REST || midi(class, tonic).is_some())
        };
        let pitch = draw(&self.room.pitches, self.temperature, sounds, chances[1])?;
        let event = NoteEvent { duration, pitch };
        tune.past.advance(event);
        tune.events.push(event);
        tune.made += event.ticks();
        tune.whole = tune.made >= self.ticks;
        Ok(())
    }
}

impl Particles for FolkParticles<'_> {
    fn count(&self) -> usize {
        self.tunes.len()
    }

    fn advance(&mut self, until: Beat, watch: &Watch) -> Result<(), ModelError> {
        let until = (until * Beat::whole(TICKS_PER_BEAT)).ceil();
        loop {
            watch.check()?;
            let short = |tune: &Tune| !tune.whole && tune.made < until;
            let going: Vec<usize> = (0..self.tunes.len()).filter(|at| short(&self.tunes[*at])).collect();
            let Some(furthest) = going.iter().map(|at| self.tunes[*at].made).min() else { return Ok(()) };
            watch.report(furthest as f64, self.ticks as f64);
            let features: Vec<_> = going.iter().map(|at| self.tunes[*at].past.features()).collect();
            let lend = |at: &usize| std::mem::replace(&mut self.tunes[*at].state, LstmState::zeros(0, 0));
            let mut states: Vec<LstmState> = going.iter().map(lend).collect();
            self.step.step(&mut self.room.scratch, &features, &mut states).map_err(failed)?;
            for (at, state) in going.into_iter().zip(states) {
                self.tunes[at].state = state;
                self.choose(at)?;
            }
        }
    }

    fn whole(&self) -> bool {
        self.tunes.iter().all(|tune| tune.whole)
    }

    fn clip(&self, particle: usize) -> Result<Clip, ModelError> {
        let tune = &self.tunes[particle];
        decode(&tune.events, &tune.past.conditions(), beats(self.ticks))
            .map_err(|error| stopped(&error.to_string()))
    }

    fn resample(&mut self, ancestors: &[usize]) {
        self.tunes = ancestors.iter().map(|ancestor| self.tunes[*ancestor].clone()).collect();
    }
}
