//! A piece being played: it listens, is measured, or is drawn event by event.

use lilt_inference::categorical::log_softmax;
use lilt_inference::{Cost, ModelError, Watch};
use lilt_score::Beat;

use super::proposal::{Proposal, Room};
use super::step::RecurrentStep;
use super::walk::Walk;
use crate::step::{Abreast, LstmState};

/// A piece so far: what the network is told, and what it remembers.
#[derive(Debug, Clone)]
pub struct Playing<'a, W> {
    pub(super) step: &'a RecurrentStep,
    /// What the network is told.
    pub walk: W,
    pub(super) state: LstmState,
    room: Room,
}

/// Pieces that are measured: where each begins, and its events.
pub type Measured<'e, W, E> = (W, &'e [E]);

/// Nats of each event of `pieces`, which are heard side by side from the start, among what may come at a temperature;
/// with each where it begins, in steps of the walk's grid.
///
/// # Errors
/// When the network gives no usable numbers, an event may not come, or the watch is cancelled.
pub fn nats<W: Walk, E: AsRef<[u8]>>(
    step: &RecurrentStep,
    pieces: &[Measured<'_, W, E>],
    temperature: f64,
    watch: &Watch,
) -> Result<Vec<Vec<(i64, f64)>>, ModelError> {
    let abreast = Abreast::new(pieces.iter().map(|(_, events)| events.len()));
    let mut walks: Vec<W> = abreast.at(0).map(|piece| pieces[piece].0.clone()).collect();
    let mut states = vec![step.start(); walks.len()];
    let mut found: Vec<Vec<(i64, f64)>> =
        pieces.iter().map(|(_, events)| Vec::with_capacity(events.len())).collect();
    let (mut room, mut nats) = (Room::default(), Vec::new());
    for at in abreast.steps() {
        watch.check()?;
        watch.report(at as f64, abreast.longest() as f64);
        let going = abreast.at(at);
        let events: Vec<&[u8]> = abreast.at(at).map(|piece| pieces[piece].1[at].as_ref()).collect();
        let (walks, states) = (&mut walks[..going.len()], &mut states[..going.len()]);
        hear(step, &*walks, states, &mut room)?;
        cost(step, (walks, states), &events, temperature, &mut room, &mut nats)?;
        for ((piece, walk), (event, &nats)) in going.zip(walks).zip(events.iter().zip(&nats)) {
            found[piece].push((walk.now(), nats));
            walk.hear(event);
        }
    }
    Ok(found)
}

/// Tells the network where pieces are; then it knows what may come.
pub(super) fn hear<'w, W: Walk + 'w>(
    step: &RecurrentStep,
    walks: impl IntoIterator<Item = &'w W>,
    states: &mut [LstmState],
    room: &mut Room,
) -> Result<(), ModelError> {
    room.rows.clear();
    walks.into_iter().for_each(|walk| walk.rows(&mut room.rows));
    let rows: Vec<&[u16]> = room.rows.chunks_exact(step.config().groups).collect();
    step.step(&mut room.scratch, &rows, states)
}

/// Nats of `events`, one for each piece, whose network has heard where it is.
fn cost<W: Walk>(
    step: &RecurrentStep,
    (walks, states): (&[W], &[LstmState]),
    events: &[&[u8]],
    temperature: f64,
    room: &mut Room,
    nats: &mut Vec<f64>,
) -> Result<(), ModelError> {
    nats.clear();
    nats.resize(events.len(), 0.0);
    for (field, &classes) in step.config().fields.iter().enumerate() {
        step.logits(&mut room.scratch, states, field, |piece| &events[piece][..field], &mut room.logits)?;
        for (piece, logits) in room.logits.chunks_exact(classes).enumerate() {
            let said = &events[piece][..field];
            let logs = log_softmax(logits, temperature, |class| walks[piece].allowed(said, class));
            nats[piece] -= logs.get(usize::from(events[piece][field])).copied().unwrap_or(f64::NAN);
        }
    }
    if nats.iter().all(|nats| nats.is_finite()) { Ok(()) } else { Err(step.no_numbers()) }
}

impl<'a, W: Walk> Playing<'a, W> {
    /// A piece that begins with `walk`.
    pub fn new(step: &'a RecurrentStep, walk: W) -> Playing<'a, W> {
        Playing { step, walk, state: step.start(), room: Room::default() }
    }

    /// Tells the network where the piece is; then it knows what may come.
    fn listen(&mut self) -> Result<(), ModelError> {
        hear(self.step, [&self.walk], std::slice::from_mut(&mut self.state), &mut self.room)
    }

    /// The piece goes on with `event`.
    ///
    /// # Errors
    /// When the network fails.
    pub fn hear(&mut self, event: &[u8]) -> Result<(), ModelError> {
        self.listen()?;
        self.walk.hear(event);
        Ok(())
    }

    /// The piece goes on with all of `events`.
    ///
    /// # Errors
    /// As [`Playing::hear`], and when the watch is cancelled.
    pub fn hear_all<E: AsRef<[u8]>>(&mut self, events: &[E], watch: &Watch) -> Result<(), ModelError> {
        for event in events {
            watch.check()?;
            self.hear(event.as_ref())?;
        }
        Ok(())
    }

    /// The piece goes on with `event`; returns its nats.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or the event may not come.
    pub fn score(&mut self, event: &[u8]) -> Result<f64, ModelError> {
        self.listen()?;
        let (walk, state) = (std::slice::from_ref(&self.walk), std::slice::from_ref(&self.state));
        let mut nats = Vec::new();
        cost(self.step, (walk, state), &[event], 1.0, &mut self.room, &mut nats)?;
        self.walk.hear(event);
        Ok(nats.into_iter().sum())
    }

    /// The piece goes on with all `events`; returns nats for each of `count` notes. `notes` says which of
    /// them each event is: what is none counts toward the note after it, at the end toward the last.
    ///
    /// # Errors
    /// As [`Playing::score`], and when the watch is cancelled.
    pub fn score_notes<E: AsRef<[u8]>>(
        &mut self,
        events: &[E],
        notes: &[Option<usize>],
        count: usize,
        watch: &Watch,
    ) -> Result<Vec<f64>, ModelError> {
        let mut nats = vec![0.0; count];
        let (mut waiting, mut last) = (0.0, None);
        for (done, (event, note)) in events.iter().zip(notes).enumerate() {
            watch.check()?;
            watch.report(done as f64, events.len() as f64);
            waiting += self.score(event.as_ref())?;
            if let Some(note) = *note {
                nats[note] += std::mem::take(&mut waiting);
                last = Some(note);
            }
        }
        if let Some(last) = last {
            nats[last] += waiting;
        }
        Ok(nats)
    }

    /// Draws the next event among those that also `narrow` lets through, which is asked as
    /// [`Walk::allowed`] is, by one number of `0..1` for each field; the piece goes on with it.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or nothing may come.
    pub fn draw(
        &mut self,
        temperature: f64,
        mut chance: impl FnMut() -> f64,
        narrow: impl Fn(&[u8], usize) -> bool,
    ) -> Result<Vec<u8>, ModelError> {
        self.listen()?;
        let chances: Vec<f64> = self.step.config().fields.iter().map(|_| chance()).collect();
        let states = std::slice::from_ref(&self.state);
        let proposal = Proposal { step: self.step, temperature, states, chances: &chances };
        let walk = &self.walk;
        let allowed = |_, said: &[u8], class| walk.allowed(said, class) && narrow(said, class);
        let event = proposal.draw(&mut self.room, allowed)?;
        self.walk.hear(&event);
        Ok(event)
    }

    /// What each event of each of `drawn` cost, which were drawn at a temperature and begin with step 0 as
    /// this piece stands, before anything was heard.
    ///
    /// # Errors
    /// As [`Playing::score`], and when the watch is cancelled.
    pub fn costs<E: AsRef<[u8]>>(
        &self,
        drawn: &[Vec<E>],
        temperature: f64,
        watch: &Watch,
    ) -> Result<Vec<Vec<Cost>>, ModelError> {
        let pieces: Vec<Measured<'_, W, E>> =
            drawn.iter().map(|events| (self.walk.clone(), events.as_slice())).collect();
        let cost = |(step, nats)| Cost { at: Beat::new(step, W::steps(Beat::ONE)).into(), nats };
        let found = nats(self.step, &pieces, temperature, watch)?;
        Ok(found.into_iter().map(|steps| steps.into_iter().map(cost).collect()).collect())
    }
}
