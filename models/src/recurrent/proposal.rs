//! What comes next in pieces side by side: drawn as the network says, or leaning toward what it earns.

use lilt_inference::categorical::{choose, log_softmax};
use lilt_inference::{Candidate, Choice, ModelError, Step, StepProposal, Watch};
use lilt_score::{Beat, Note};

use super::step::{RecurrentScratch, RecurrentStep};
use super::walk::Walk;
use crate::step::LstmState;

/// Room for the numbers of an event.
#[derive(Debug, Clone, Default)]
pub(super) struct Room {
    pub(super) scratch: RecurrentScratch,
    pub(super) rows: Vec<u16>,
    pub(super) logits: Vec<f32>,
}

/// Pieces whose network has heard where they are: number `i` stands in `states[i]`.
pub(super) struct Proposal<'a> {
    /// What plays them.
    pub step: &'a RecurrentStep,
    /// What logits are divided by.
    pub temperature: f64,
    /// Where they are.
    pub states: &'a [LstmState],
    /// Numbers of `0..1`, for each piece one a field: those of a piece do not depend on its events.
    pub chances: &'a [f64],
}

/// What steps earn, and what a step needs to be one.
pub(super) struct Leaning<'a, 't, 'r, W> {
    pub steps: &'t mut StepProposal<'r>,
    /// Where each piece is, and its last note.
    pub pieces: Vec<(&'a W, Option<Note>)>,
    /// Length of the clip.
    pub length: Beat,
    pub watch: &'a Watch,
}

impl Proposal<'_> {
    fn fields(&self) -> usize {
        self.step.config().fields.len()
    }

    /// Draws the next event of each piece, field by field; one after the other, as many classes as an event has
    /// fields. `allowed` is asked as [`Walk::allowed`] is, of a piece.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or nothing may come.
    pub fn draw(
        &self,
        room: &mut Room,
        allowed: impl Fn(usize, &[u8], usize) -> bool,
    ) -> Result<Vec<u8>, ModelError> {
        let mut events = vec![0; self.states.len() * self.fields()];
        for field in 0..self.fields() {
            self.draw_field(room, &mut events, field, &allowed)?;
        }
        Ok(events)
    }

    /// As [`Proposal::draw`], leaning: the events, and ln p/q of each ([`lilt_inference::Particles::log_ratio`]).
    ///
    /// Of each class that [`Walk::TONE`] may have the fields after it are drawn first; then the class is drawn among
    /// what has become of them, by p·g. So g is always asked about a whole note, and as the fields after it are drawn
    /// by p, p/q is N / g as it is among classes alone: over all that may be drawn, every event comes out as
    /// likely as the network and what it earns make it.
    ///
    /// # Errors
    /// As [`Proposal::draw`], and what rewards fail with.
    pub fn lean<W: Walk>(
        &self,
        room: &mut Room,
        leaning: Leaning<'_, '_, '_, W>,
    ) -> Result<(Vec<u8>, Vec<f64>), ModelError> {
        let fields = self.fields();
        let mut events = vec![0; self.states.len() * fields];
        let allowed = |piece: usize, said: &[u8], class: usize| leaning.pieces[piece].0.allowed(said, class);
        for field in 0..W::TONE {
            self.draw_field(room, &mut events, field, &allowed)?;
        }
        self.field_logits(room, &events, W::TONE)?;
        let tones = std::mem::take(&mut room.logits);
        let classes = self.step.config().fields[W::TONE];
        let (mut choices, mut candidates) = (Vec::new(), Vec::new());
        for (piece, (walk, before)) in leaning.pieces.iter().enumerate() {
            let said = &events[piece * fields..][..W::TONE];
            let logits = &tones[piece * classes..][..classes];
            self.check(logits)?;
            let logs = log_softmax(logits, self.temperature, |class| walk.allowed(said, class));
            let possible: Vec<usize> =
                (0..classes).filter(|&class| logs[class] > f64::NEG_INFINITY).collect();
            let whole = self.completed(room, piece, said, &possible, *walk)?;
            let sounding = walk.sounding(said, leaning.length);
            let candidate = |(&class, event): (&usize, &[u8])| {
                let steps = sounding(event).map(|note| Step { note, before: *before }).into_iter().collect();
                Candidate { log_probability: logs[class], steps }
            };
            choices.push(Choice {
                candidates: possible.iter().zip(whole.chunks_exact(fields)).map(candidate).collect(),
                chances: vec![self.chances[piece * fields + W::TONE]],
                certain: W::CERTAIN,
            });
            candidates.push(whole);
        }
        room.logits = tones;
        let mut log_ratio = Vec::with_capacity(choices.len());
        let drawn = leaning.steps.draw(&choices, leaning.watch)?;
        for ((event, drawn), candidates) in events.chunks_exact_mut(fields).zip(drawn).zip(candidates) {
            let drawn = drawn.ok_or_else(|| self.step.stopped("nothing may come next"))?;
            event.copy_from_slice(&candidates[drawn.candidate * fields..][..fields]);
            log_ratio.push(drawn.log_ratio);
        }
        Ok((events, log_ratio))
    }

    /// An event for each of `classes` that may follow `said` in a piece, with the fields after it as they are drawn
    /// then, one after the other.
    fn completed<W: Walk>(
        &self,
        room: &mut Room,
        piece: usize,
        said: &[u8],
        classes: &[usize],
        walk: &W,
    ) -> Result<Vec<u8>, ModelError> {
        let (fields, count) = (self.fields(), classes.len());
        let mut events = vec![0; count * fields];
        for (event, &class) in events.chunks_exact_mut(fields).zip(classes) {
            event[..W::TONE].copy_from_slice(said);
            event[W::TONE] = class as u8;
        }
        for field in W::TONE + 1..fields {
            let said = |at: usize| &events[at * fields..][..field];
            let Room { scratch, logits, .. } = &mut *room;
            self.step.logits_of_several(scratch, &self.states[piece], count, field, said, logits)?;
            let classes = self.step.config().fields[field];
            let chance = self.chances[piece * fields + field];
            for (at, event) in events.chunks_exact_mut(fields).enumerate() {
                let logits = &room.logits[at * classes..][..classes];
                event[field] = self.choose(logits, chance, |class| walk.allowed(&event[..field], class))?;
            }
        }
        Ok(events)
    }

    /// Draws one field of every event.
    fn draw_field(
        &self,
        room: &mut Room,
        events: &mut [u8],
        field: usize,
        allowed: &impl Fn(usize, &[u8], usize) -> bool,
    ) -> Result<(), ModelError> {
        self.field_logits(room, events, field)?;
        let (fields, classes) = (self.fields(), self.step.config().fields[field]);
        for (piece, event) in events.chunks_exact_mut(fields).enumerate() {
            let logits = &room.logits[piece * classes..][..classes];
            let chance = self.chances[piece * fields + field];
            let class = self.choose(logits, chance, |class| allowed(piece, &event[..field], class))?;
            event[field] = class;
        }
        Ok(())
    }

    /// The logits of one field of every event.
    fn field_logits(&self, room: &mut Room, events: &[u8], field: usize) -> Result<(), ModelError> {
        let fields = self.fields();
        let said = |piece: usize| &events[piece * fields..][..field];
        self.step.logits(&mut room.scratch, self.states, field, said, &mut room.logits)
    }

    /// The class at `chance` among those that may come.
    fn choose(&self, logits: &[f32], chance: f64, allowed: impl Fn(usize) -> bool) -> Result<u8, ModelError> {
        self.check(logits)?;
        let chosen = choose(&log_softmax(logits, self.temperature, allowed), 0.0, chance);
        let chosen = chosen.and_then(|class| u8::try_from(class).ok());
        chosen.ok_or_else(|| self.step.stopped("nothing may come next"))
    }

    /// Logits must be numbers.
    fn check(&self, logits: &[f32]) -> Result<(), ModelError> {
        if logits.iter().all(|logit| logit.is_finite()) { Ok(()) } else { Err(self.step.no_numbers()) }
    }
}
