//! A tune being played: what was heard so far, and the next note.

use lilt_inference::ModelError;

use super::features::FolkState;
use super::model::NAME;
use super::sampling::{choose, duration_allowed, log_probabilities};
use super::step::{FolkScratch, FolkStep};
use super::vocabulary::{NoteEvent, REST, midi};
use crate::step::LstmState;

/// Room for what the network says of one note.
#[derive(Default)]
pub(super) struct Room {
    pub(super) scratch: FolkScratch,
    durations: Vec<f32>,
    pitches: Vec<f32>,
}

impl Room {
    fn duration_logits(&mut self, step: &FolkStep, state: &LstmState) -> Result<(), ModelError> {
        step.duration_logits(state, &mut self.durations).map_err(failed)
    }

    fn pitch_logits(&mut self, step: &FolkStep, state: &LstmState, duration: u8) -> Result<(), ModelError> {
        step.pitch_logits(&mut self.scratch, state, duration, &mut self.pitches).map_err(failed)
    }

    /// Nats of `event` as the next note.
    pub(super) fn nats(
        &mut self,
        step: &FolkStep,
        state: &LstmState,
        event: NoteEvent,
    ) -> Result<f64, ModelError> {
        self.duration_logits(step, state)?;
        self.pitch_logits(step, state, event.duration)?;
        let nats = |logits: &[f32], class: u8| {
            log_probabilities(logits, 1.0, |_| true).get(usize::from(class)).map_or(f64::NAN, |log| -log)
        };
        let nats = nats(&self.durations, event.duration) + nats(&self.pitches, event.pitch);
        if nats.is_finite() { Ok(nats) } else { Err(unusable()) }
    }
}

/// A tune so far, in notes and in the network's state.
pub(super) struct Playing<'a> {
    pub(super) step: &'a FolkStep,
    pub(super) past: FolkState,
    pub(super) state: [LstmState; 1],
    pub(super) room: Room,
}

impl Playing<'_> {
    /// Tells the network where the tune is; then it knows what may come.
    fn listen(&mut self) -> Result<(), ModelError> {
        self.step.step(&mut self.room.scratch, &[self.past.features()], &mut self.state).map_err(failed)
    }

    /// The tune goes on with `event`.
    pub(super) fn hear(&mut self, event: NoteEvent) -> Result<(), ModelError> {
        self.listen()?;
        self.past.advance(event);
        Ok(())
    }

    /// The tune goes on with `event`; returns its nats.
    pub(super) fn score(&mut self, event: NoteEvent) -> Result<f64, ModelError> {
        self.listen()?;
        let nats = self.room.nats(self.step, &self.state[0], event)?;
        self.past.advance(event);
        Ok(nats)
    }

    /// Draws the next note by two numbers of `0..1`; none when less than the shortest note is left of
    /// `ticks_left`.
    pub(super) fn choose_next(
        &mut self,
        ticks_left: i64,
        temperature: f64,
        chances: [f64; 2],
    ) -> Result<Option<NoteEvent>, ModelError> {
        self.listen()?;
        self.room.duration_logits(self.step, &self.state[0])?;
        let fits = |class: usize| duration_allowed(class, ticks_left);
        if !(0..self.room.durations.len()).any(fits) {
            return Ok(None);
        }
        let duration = draw(&self.room.durations, temperature, fits, chances[0])?;
        self.room.pitch_logits(self.step, &self.state[0], duration)?;
        let tonic = self.past.conditions().key.tonic();
        let sounds = |class: usize| {
            u8::try_from(class).is_ok_and(|class| class == REST || midi(class, tonic).is_some())
        };
        let pitch = draw(&self.room.pitches, temperature, sounds, chances[1])?;
        let event = NoteEvent { duration, pitch };
        self.past.advance(event);
        Ok(Some(event))
    }
}

/// The class at `chance` among those allowed.
fn draw(
    logits: &[f32],
    temperature: f64,
    allowed: impl Fn(usize) -> bool,
    chance: f64,
) -> Result<u8, ModelError> {
    if logits.iter().any(|logit| !logit.is_finite()) {
        return Err(unusable());
    }
    let chosen = choose(&log_probabilities(logits, temperature, allowed), chance);
    chosen.and_then(|class| u8::try_from(class).ok()).ok_or_else(unusable)
}

fn unusable() -> ModelError {
    stopped("the network gave no usable numbers")
}

pub(super) fn stopped(reason: &str) -> ModelError {
    ModelError::Computation { model: NAME.to_owned(), reason: reason.to_owned() }
}

pub(super) fn failed(error: candle_core::Error) -> ModelError {
    stopped(&error.to_string())
}
