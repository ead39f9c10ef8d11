//! Pieces being played: one that listens and is measured, or several that are drawn side by side.

use lilt_inference::categorical::{choose, log_softmax};
use lilt_inference::{Cost, ModelError, Watch};
use lilt_score::Beat;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::particles::Timed;
use super::step::{StreamScratch, StreamStep};
use super::walk::Walk;
use crate::step::{Abreast, LstmState};

/// A piece so far: what the network is told, and what it remembers.
#[derive(Debug, Clone)]
pub struct Piece<'a, W> {
    step: &'a StreamStep,
    /// What the network is told.
    pub walk: W,
    state: LstmState,
    room: Room,
}

/// Room for the numbers of an event.
#[derive(Debug, Clone, Default)]
struct Room {
    scratch: StreamScratch,
    rows: Vec<u16>,
    logits: Vec<f32>,
}

impl Room {
    /// Nats of `event` as the next one that is drawn at a temperature.
    fn nats<W: Walk>(
        &mut self,
        step: &StreamStep,
        (walk, state): (&W, &LstmState),
        event: &[u8],
        temperature: f64,
    ) -> Result<f64, ModelError> {
        let mut nats = 0.0;
        for (field, &class) in event.iter().enumerate() {
            let said = &event[..field];
            step.logits(&mut self.scratch, state, said, &mut self.logits)?;
            let logs = log_softmax(&self.logits, temperature, |class| walk.allowed(said, class));
            nats -= logs.get(usize::from(class)).copied().unwrap_or(f64::NAN);
        }
        if nats.is_finite() { Ok(nats) } else { Err(step.stopped("the network gave no usable numbers")) }
    }
}

impl<'a, W: Walk> Piece<'a, W> {
    /// A piece that begins with `walk`.
    pub fn new(step: &'a StreamStep, walk: W) -> Piece<'a, W> {
        Piece { step, walk, state: step.start(), room: Room::default() }
    }

    /// Tells the network where the piece is; then it knows what may come.
    fn listen(&mut self) -> Result<(), ModelError> {
        self.room.rows.clear();
        self.walk.rows(&mut self.room.rows);
        let rows = [self.room.rows.as_slice()];
        self.step.step(&mut self.room.scratch, &rows, std::slice::from_mut(&mut self.state))
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

    /// The piece goes on with `event`; returns its nats.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or the event may not come.
    pub fn score(&mut self, event: &[u8]) -> Result<f64, ModelError> {
        self.listen()?;
        let nats = self.room.nats(self.step, (&self.walk, &self.state), event, 1.0)?;
        self.walk.hear(event);
        Ok(nats)
    }

    /// The piece goes on with all `events`; returns nats for each of `count` notes. `notes` says which of
    /// them each event is: what is none counts toward the note after it, at the end toward the last.
    ///
    /// # Errors
    /// As [`Piece::score`], and when the watch is cancelled.
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
        chance: impl FnMut() -> f64,
        narrow: impl Fn(&[u8], usize) -> bool,
    ) -> Result<Vec<u8>, ModelError> {
        self.listen()?;
        let walk = &self.walk;
        let allowed = |said: &[u8], class: usize| walk.allowed(said, class) && narrow(said, class);
        let event = draw(self.step, &self.state, &mut self.room, temperature, chance, allowed)?;
        self.walk.hear(&event);
        Ok(event)
    }
}

impl<W: Timed> Piece<'_, W> {
    /// What each event of each of `drawn` cost, which were drawn at a temperature and begin with step 0 as
    /// this piece stands, before anything was heard.
    ///
    /// # Errors
    /// As [`Piece::score`], and when the watch is cancelled.
    pub fn costs<E: AsRef<[u8]>>(
        &self,
        drawn: &[Vec<E>],
        temperature: f64,
        watch: &Watch,
    ) -> Result<Vec<Vec<Cost>>, ModelError> {
        let abreast = Abreast::new(drawn.iter().map(Vec::len));
        let mut walks = vec![self.walk.clone(); abreast.at(0).len()];
        let mut states = vec![self.state.clone(); walks.len()];
        let mut costs: Vec<Vec<Cost>> = drawn.iter().map(|events| Vec::with_capacity(events.len())).collect();
        let mut room = Room::default();
        for at in abreast.steps() {
            watch.check()?;
            let going = abreast.at(at);
            room.rows.clear();
            walks[..going.len()].iter().for_each(|walk| walk.rows(&mut room.rows));
            let rows: Vec<&[u16]> = room.rows.chunks_exact(self.step.config().groups).collect();
            self.step.step(&mut room.scratch, &rows, &mut states[..going.len()])?;
            for ((piece, walk), state) in going.zip(&mut walks).zip(&states) {
                let event = drawn[piece][at].as_ref();
                let nats = room.nats(self.step, (walk, state), event, temperature)?;
                costs[piece].push(Cost { at: Beat::new(walk.now(), W::steps(Beat::ONE)), nats });
                walk.hear(event);
            }
        }
        Ok(costs)
    }
}

/// Draws the fields of an event in order; the network has heard where the piece is.
fn draw(
    step: &StreamStep,
    state: &LstmState,
    room: &mut Room,
    temperature: f64,
    mut chance: impl FnMut() -> f64,
    allowed: impl Fn(&[u8], usize) -> bool,
) -> Result<Vec<u8>, ModelError> {
    let mut said = Vec::with_capacity(step.config().fields.len());
    for _ in &step.config().fields {
        step.logits(&mut room.scratch, state, &said, &mut room.logits)?;
        if room.logits.iter().any(|logit| !logit.is_finite()) {
            return Err(step.stopped("the network gave no usable numbers"));
        }
        let logs = log_softmax(&room.logits, temperature, |class| allowed(&said, class));
        // A number is drawn for every field, so that the numbers of a piece do not depend on its events.
        let chosen = choose(&logs, 0.0, chance()).and_then(|class| u8::try_from(class).ok());
        said.push(chosen.ok_or_else(|| step.stopped("nothing may come next"))?);
    }
    Ok(said)
}

/// Pieces that are drawn side by side; the network moves all of them on together.
#[derive(Debug)]
pub struct Ensemble<'a, W> {
    step: &'a StreamStep,
    temperature: f64,
    places: Vec<Place<W>>,
    states: Vec<LstmState>,
    room: Room,
}

/// One of them.
#[derive(Debug)]
struct Place<W> {
    walk: W,
    /// The events so far, one after the other.
    events: Vec<u8>,
    rng: ChaCha8Rng,
}

impl<'a, W: Walk> Ensemble<'a, W> {
    /// As many pieces that go on from `piece` as there are random numbers.
    pub fn new(
        piece: &Piece<'a, W>,
        temperature: f64,
        rngs: impl IntoIterator<Item = ChaCha8Rng>,
    ) -> Ensemble<'a, W> {
        let place = |rng| Place { walk: piece.walk.clone(), events: Vec::new(), rng };
        let places: Vec<Place<W>> = rngs.into_iter().map(place).collect();
        let states = vec![piece.state.clone(); places.len()];
        Ensemble { step: piece.step, temperature, places, states, room: Room::default() }
    }

    /// What plays them.
    pub fn step(&self) -> &StreamStep {
        self.step
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.places.len()
    }

    /// What the network was told of a piece.
    ///
    /// # Panics
    /// When there is no such piece.
    pub fn walk(&self, piece: usize) -> &W {
        &self.places[piece].walk
    }

    /// The events of a piece so far, each as many classes as an event has fields.
    ///
    /// # Panics
    /// When there is no such piece.
    pub fn events(&self, piece: usize) -> impl Iterator<Item = &[u8]> {
        self.places[piece].events.chunks_exact(self.step.config().fields.len())
    }

    /// Draws events until every piece has `arrived`.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or the watch is cancelled.
    pub fn advance(&mut self, arrived: impl Fn(&W) -> bool, watch: &Watch) -> Result<(), ModelError> {
        let empty = LstmState::zeros(0, 0);
        loop {
            watch.check()?;
            let under_way: Vec<usize> =
                (0..self.places.len()).filter(|&piece| !arrived(&self.places[piece].walk)).collect();
            if under_way.is_empty() {
                return Ok(());
            }
            self.room.rows.clear();
            for &piece in &under_way {
                self.places[piece].walk.rows(&mut self.room.rows);
            }
            let rows: Vec<&[u16]> = self.room.rows.chunks_exact(self.step.config().groups).collect();
            let mut states: Vec<LstmState> = under_way
                .iter()
                .map(|&piece| std::mem::replace(&mut self.states[piece], empty.clone()))
                .collect();
            self.step.step(&mut self.room.scratch, &rows, &mut states)?;
            for (piece, state) in under_way.into_iter().zip(states) {
                let place = &mut self.places[piece];
                let (walk, rng) = (&place.walk, &mut place.rng);
                let allowed = |said: &[u8], class: usize| walk.allowed(said, class);
                let chance = || rng.random();
                let event = draw(self.step, &state, &mut self.room, self.temperature, chance, allowed)?;
                place.walk.hear(&event);
                place.events.extend(event);
                self.states[piece] = state;
            }
        }
    }

    /// Piece `i` goes on from what piece `ancestors[i]` was, with the random numbers of its own place.
    ///
    /// # Panics
    /// When an ancestor does not exist.
    pub fn resample(&mut self, ancestors: &[usize]) {
        let copies: Vec<(W, Vec<u8>, LstmState)> = ancestors
            .iter()
            .map(|&from| {
                let place = &self.places[from];
                (place.walk.clone(), place.events.clone(), self.states[from].clone())
            })
            .collect();
        for ((place, state), copy) in self.places.iter_mut().zip(&mut self.states).zip(copies) {
            (place.walk, place.events, *state) = copy;
        }
    }
}
