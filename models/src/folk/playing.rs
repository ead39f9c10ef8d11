//! A tune being heard: what came so far, and what the network makes of the next note.

use lilt_inference::ModelError;

use super::features::FolkState;
use super::model::NAME;
use super::sampling::{choose, log_probabilities};
use super::step::{FolkScratch, FolkStep};
use super::vocabulary::NoteEvent;
use crate::step::LstmState;

/// Room for what the network says of one note.
#[derive(Default)]
pub(super) struct Room {
    pub(super) scratch: FolkScratch,
    pub(super) durations: Vec<f32>,
    pub(super) pitches: Vec<f32>,
}

impl Room {
    pub(super) fn duration_logits(&mut self, step: &FolkStep, state: &LstmState) -> Result<(), ModelError> {
        step.duration_logits(state, &mut self.durations).map_err(failed)
    }

    pub(super) fn pitch_logits(
        &mut self,
        step: &FolkStep,
        state: &LstmState,
        duration: u8,
    ) -> Result<(), ModelError> {
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
}

/// The class at `chance` among those allowed.
pub(super) fn draw(
    logits: &[f32],
    temperature: f64,
    allowed: impl Fn(usize) -> bool,
    chance: f64,
) -> Result<u8, ModelError> {
    usable(logits)?;
    let chosen = choose(&log_probabilities(logits, temperature, allowed), chance);
    chosen.and_then(|class| u8::try_from(class).ok()).ok_or_else(unusable)
}

/// Logits must be numbers.
pub(super) fn usable(logits: &[f32]) -> Result<(), ModelError> {
    if logits.iter().all(|logit| logit.is_finite()) { Ok(()) } else { Err(unusable()) }
}

pub(super) fn unusable() -> ModelError {
    stopped("the network gave no usable numbers")
}

pub(super) fn stopped(reason: &str) -> ModelError {
    ModelError::Computation { model: NAME.to_owned(), reason: reason.to_owned() }
}

pub(super) fn failed(error: candle_core::Error) -> ModelError {
    stopped(&error.to_string())
}
