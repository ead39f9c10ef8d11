//! Tunes being heard: what came so far, and what the network makes of the next note.

use lilt_inference::categorical::{choose, log_softmax};
use lilt_inference::{ModelError, Watch};

use super::NAME;
use super::features::{Conditions, Features, FolkState};
use super::step::{FolkScratch, FolkStep};
use super::vocabulary::{NoteEvent, REST, duration_allowed, midi};
use crate::step::{Abreast, LstmState};

/// Room for what the network says of one note.
#[derive(Default)]
pub(super) struct Room {
    pub(super) scratch: FolkScratch,
    pub(super) durations: Vec<f32>,
    pub(super) pitches: Vec<f32>,
}

impl Room {
    pub(super) fn duration_logits(
        &mut self,
        step: &FolkStep,
        states: &[LstmState],
    ) -> Result<(), ModelError> {
        step.duration_logits(&mut self.scratch, states, &mut self.durations).map_err(failed)
    }

    pub(super) fn pitch_logits(
        &mut self,
        step: &FolkStep,
        states: &[LstmState],
        durations: &[u8],
    ) -> Result<(), ModelError> {
        step.pitch_logits(&mut self.scratch, states, durations, &mut self.pitches).map_err(failed)
    }

    /// Logits of the duration of the next note of state number `state`.
    pub(super) fn durations_of(&self, step: &FolkStep, state: usize) -> &[f32] {
        row(&self.durations, step.config().durations, state)
    }

    /// Logits of the pitch of the next note of state number `state`.
    pub(super) fn pitches_of(&self, step: &FolkStep, state: usize) -> &[f32] {
        row(&self.pitches, step.config().pitches, state)
    }
}

fn row(numbers: &[f32], width: usize, row: usize) -> &[f32] {
    &numbers[row * width..][..width]
}

/// What a note stands out among.
#[derive(Debug, Clone, Copy)]
pub(super) enum Among {
    /// All that the network knows: the note may come from anybody.
    All,
    /// What the model may draw to fill so many ticks, at a temperature.
    Fitting {
        /// Length of the music.
        ticks: i64,
        /// What logits are divided by.
        temperature: f64,
    },
}

impl Among {
    /// Nats of `event`, which comes after `past`, when `made` ticks are there.
    fn nats(
        self,
        [durations, pitches]: [&[f32]; 2],
        past: &FolkState,
        event: NoteEvent,
        made: i64,
    ) -> Result<f64, ModelError> {
        let nats = |logits: &[f32], temperature: f64, class: u8, allowed: &dyn Fn(usize) -> bool| {
            log_softmax(logits, temperature, allowed).get(usize::from(class)).map_or(f64::NAN, |log| -log)
        };
        let nats = match self {
            Among::All => {
                nats(durations, 1.0, event.duration, &|_| true) + nats(pitches, 1.0, event.pitch, &|_| true)
            }
            Among::Fitting { ticks, temperature } => {
                let fits = |class: usize| duration_allowed(class, ticks - made);
                nats(durations, temperature, event.duration, &fits)
                    + nats(pitches, temperature, event.pitch, &sounds(&past.conditions()))
            }
        };
        if nats.is_finite() { Ok(nats) } else { Err(unusable()) }
    }
}

/// Nats of each event of `tunes`, which are heard side by side: each begins at a state of its own.
pub(super) fn nats(
    step: &FolkStep,
    tunes: &[(FolkState, &[NoteEvent])],
    among: Among,
    watch: &Watch,
) -> Result<Vec<Vec<f64>>, ModelError> {
    let abreast = Abreast::new(tunes.iter().map(|(_, events)| events.len()));
    let mut places: Vec<(FolkState, i64)> = abreast.at(0).map(|tune| (tunes[tune].0.clone(), 0)).collect();
    let mut states = vec![step.start(); places.len()];
    let mut nats: Vec<Vec<f64>> = tunes.iter().map(|(_, events)| Vec::with_capacity(events.len())).collect();
    let mut room = Room::default();
    for at in abreast.steps() {
        watch.check()?;
        watch.report(at as f64, abreast.longest() as f64);
        let going = abreast.at(at);
        let features: Vec<Features> = places[..going.len()].iter().map(|(past, _)| past.features()).collect();
        let states = &mut states[..going.len()];
        step.step(&mut room.scratch, &features, states).map_err(failed)?;
        let durations: Vec<u8> = abreast.at(at).map(|tune| tunes[tune].1[at].duration).collect();
        room.duration_logits(step, states)?;
        room.pitch_logits(step, states, &durations)?;
        for (place, (tune, (past, made))) in going.zip(&mut places).enumerate() {
            let event = tunes[tune].1[at];
            let logits = [room.durations_of(step, place), room.pitches_of(step, place)];
            nats[tune].push(among.nats(logits, past, event, *made)?);
            past.advance(event);
            *made += event.ticks();
        }
    }
    Ok(nats)
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
}

/// Whether a pitch class is a rest or can be played in a key.
pub(super) fn sounds(conditions: &Conditions) -> impl Fn(usize) -> bool + use<> {
    let tonic = conditions.key.tonic();
    move |class| u8::try_from(class).is_ok_and(|class| class == REST || midi(class, tonic).is_some())
}

/// The class at `chance` among those allowed.
pub(super) fn draw(
    logits: &[f32],
    temperature: f64,
    allowed: impl Fn(usize) -> bool,
    chance: f64,
) -> Result<u8, ModelError> {
    usable(logits)?;
    let chosen = choose(&log_softmax(logits, temperature, allowed), 0.0, chance);
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
