//! Tunes being made, side by side: the network reads each weight once for all of them.

use lilt_inference::categorical::log_softmax;
use lilt_inference::{Candidate, Choice, ModelError, Particles, Sampling, Step, StepTilt, Watch};
use lilt_score::{Beat, Clip, Note, Seed};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::NAME;
use super::codec::{decode, sounding, soundings};
use super::features::FolkState;
use super::playing::{Playing, Room, draw, failed, sounds, stopped, unusable, usable};
use super::step::FolkStep;
use super::vocabulary::{NoteEvent, REST, TICKS_PER_BEAT, beats, duration_allowed};
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
    /// The last note that sounds.
    before: Option<Note>,
    /// See [`Particles::owed`].
    owed: f64,
}

impl<'a> FolkParticles<'a> {
    /// `count` tunes that go on where `playing` has come to. The first place draws as a tune alone does.
    pub fn new(playing: Playing<'a>, request: &Sampling, count: usize) -> FolkParticles<'a> {
        let Playing { step, past, state: [state], room } = playing;
        let ticks = i64::from(request.bars()) * past.conditions().bar_ticks();
        let events = Vec::new();
        let tune = Tune { past, state, events, made: 0, whole: false, before: None, owed: 0.0 };
        let seed = Seed(request.seed()).child(NAME);
        let others = (1..count as u64).map(|place| seed.child_number(place).rng());
        let rngs = std::iter::once(seed.rng()).chain(others).take(count).collect();
        let temperature = request.temperature();
        FolkParticles { step, temperature, ticks, tunes: vec![tune; count], rngs, room }
    }

    /// The length of a tune's next note, by the logits of `place`, and the random number for its pitch; none
    /// when the tune is whole.
    fn duration(&mut self, number: usize, place: usize) -> Result<Option<(u8, f64)>, ModelError> {
        let (tune, rng) = (&mut self.tunes[number], &mut self.rngs[number]);
        let chances = [rng.random::<f64>(), rng.random::<f64>()];
        let logits = self.room.durations_of(self.step, place);
        let left = self.ticks - tune.made;
        let fits = |class: usize| duration_allowed(class, left);
        if !(0..logits.len()).any(fits) {
            // What is left is shorter than the shortest note: it stays silent.
            tune.whole = true;
            return Ok(None);
        }
        Ok(Some((draw(logits, self.temperature, fits, chances[0])?, chances[1])))
    }

    /// A tune goes on with `event`.
    fn play(&mut self, number: usize, event: NoteEvent) {
        let length = beats(self.ticks);
        let tune = &mut self.tunes[number];
        tune.before = sounding(event, tune.made, &tune.past.conditions(), length).or(tune.before);
        tune.past.advance(event);
        tune.events.push(event);
        tune.made += event.ticks();
        tune.whole = tune.made >= self.ticks;
    }

    /// Every pitch that a tune's next note of this duration may have.
    fn choice(&self, number: usize, duration: u8, chance: f64, logits: &[f32]) -> Result<Choice, ModelError> {
        usable(logits)?;
        let tune = &self.tunes[number];
        let conditions = tune.past.conditions();
        let logs = log_softmax(logits, self.temperature, sounds(&conditions));
        let (length, before) = (beats(self.ticks), tune.before);
        let ticks = NoteEvent { duration, pitch: REST }.ticks();
        let sounding = soundings(ticks, tune.made, &conditions, length);
        let candidate = |(pitch, log_probability)| {
            let possible = log_probability > f64::NEG_INFINITY;
            let note = if possible { sounding(pitch) } else { None };
            let steps = note.map(|note| Step { note, before }).into_iter().collect();
            Candidate { log_probability, steps }
        };
        Ok(Choice { candidates: (0..).zip(logs).map(candidate).collect(), chances: vec![chance] })
    }

    /// Moves every tune on to `until`, leaning where there is something to lean toward.
    fn go(
        &mut self,
        until: Beat,
        mut steps: Option<&mut StepTilt<'_>>,
        watch: &Watch,
    ) -> Result<(), ModelError> {
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
            self.room.duration_logits(self.step, &states)?;
            let notes = going.iter().enumerate().map(|(place, at)| self.duration(*at, place));
            let notes = notes.collect::<Result<Vec<_>, ModelError>>()?;
            // A tune that is whole has no note, and whatever is said of its pitch is not heard.
            let durations: Vec<u8> =
                notes.iter().map(|note| note.map_or(0, |(duration, _)| duration)).collect();
            self.room.pitch_logits(self.step, &states, &durations)?;
            let (mut waiting, mut choices) = (Vec::new(), Vec::new());
            for (place, ((at, state), note)) in going.into_iter().zip(states).zip(notes).enumerate() {
                self.tunes[at].state = state;
                let Some((duration, chance)) = note else { continue };
                let logits = self.room.pitches_of(self.step, place);
                if steps.is_some() {
                    waiting.push((at, duration));
                    choices.push(self.choice(at, duration, chance, logits)?);
                    continue;
                }
                let sounds = sounds(&self.tunes[at].past.conditions());
                let pitch = draw(logits, self.temperature, sounds, chance)?;
                self.play(at, NoteEvent { duration, pitch });
            }
            let Some(steps) = &mut steps else { continue };
            for ((at, duration), drawn) in waiting.into_iter().zip(steps.draw(&choices, watch)?) {
                let drawn = drawn.ok_or_else(unusable)?;
                self.tunes[at].owed += drawn.owed;
                self.play(at, NoteEvent { duration, pitch: drawn.candidate as u8 });
            }
        }
    }
}

impl Particles for FolkParticles<'_> {
    fn count(&self) -> usize {
        self.tunes.len()
    }

    fn advance(&mut self, until: Beat, watch: &Watch) -> Result<(), ModelError> {
        self.go(until, None, watch)
    }

    /// Pitches lean, given durations as the network draws them: a weight then depends on the duration.
    fn advance_leaning(
        &mut self,
        until: Beat,
        steps: &mut StepTilt<'_>,
        watch: &Watch,
    ) -> Result<(), ModelError> {
        self.go(until, Some(steps), watch)
    }

    fn owed(&self, particle: usize) -> f64 {
        self.tunes[particle].owed
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
