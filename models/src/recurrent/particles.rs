//! Pieces side by side as a tilt moves them, and a single one that is played to its end: the network reads each weight
//! once for all of them.

use lilt_inference::{Extent, ModelError, Particles, Piece, Sampled, Sampling, StepProposal, Watch};
use lilt_score::{Beat, Note};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::playing::{Playing, hear};
use super::proposal::{Leaning, Proposal, Room};
use super::step::RecurrentStep;
use super::walk::Walk;
use crate::step::LstmState;

/// Pieces that go on from the same past.
#[derive(Debug)]
pub struct RecurrentParticles<'a, W> {
    step: &'a RecurrentStep,
    temperature: f64,
    /// Of the answer.
    length: Beat,
    /// How much is made at a time where nothing is looked at on the way.
    stretch: Extent,
    pieces: Vec<Made<W>>,
    states: Vec<LstmState>,
    /// Random numbers stay with their places, whatever is copied there.
    rngs: Vec<ChaCha8Rng>,
    room: Room,
}

/// One piece: what a copy takes over.
#[derive(Debug, Clone)]
struct Made<W> {
    walk: W,
    /// The events so far, one after the other.
    events: Vec<u8>,
    /// The last note that sounds.
    before: Option<Note>,
    /// See [`Particles::log_ratio`].
    log_ratio: f64,
}

impl<'a, W: Walk> RecurrentParticles<'a, W> {
    /// As many pieces that go on from `piece` as there are random numbers.
    pub fn new(
        piece: Playing<'a, W>,
        request: &Sampling,
        rngs: impl IntoIterator<Item = ChaCha8Rng>,
    ) -> RecurrentParticles<'a, W> {
        let rngs: Vec<ChaCha8Rng> = rngs.into_iter().collect();
        let Playing { step, walk, state, .. } = piece;
        let made = Made { walk, events: Vec::new(), before: None, log_ratio: 0.0 };
        RecurrentParticles {
            step,
            temperature: request.temperature(),
            length: request.beats(),
            stretch: request.stretch(),
            pieces: vec![made; rngs.len()],
            states: vec![state; rngs.len()],
            rngs,
            room: Room::default(),
        }
    }

    /// The first piece, played to its end bar by bar.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or the watch is cancelled.
    pub fn play(mut self, watch: &Watch) -> Result<Sampled, ModelError> {
        let mut until = self.stretch;
        while !self.whole() {
            self.advance(until, watch)?;
            until += self.stretch;
        }
        Ok(Sampled::plain(self.piece(0)?))
    }

    /// The events of a piece so far, each as many classes as an event has fields.
    ///
    /// # Panics
    /// When there is no such piece.
    pub fn events(&self, piece: usize) -> impl Iterator<Item = &[u8]> {
        self.pieces[piece].events.chunks_exact(self.step.config().fields.len())
    }

    /// Moves every piece on to `until`, leaning where there is something to lean toward.
    fn go(
        &mut self,
        until: Extent,
        mut steps: Option<&mut StepProposal<'_>>,
        watch: &Watch,
    ) -> Result<(), ModelError> {
        let until = W::steps(until.beats().min(self.length));
        let fields = self.step.config().fields.len();
        let RecurrentParticles { step, temperature, length, pieces, states, rngs, room, .. } = self;
        loop {
            watch.check()?;
            let short = |piece: &Made<W>| piece.walk.now() < until && !piece.walk.over();
            let going: Vec<usize> = (0..pieces.len()).filter(|&at| short(&pieces[at])).collect();
            let Some(furthest) = going.iter().map(|&at| pieces[at].walk.now()).min() else { return Ok(()) };
            watch.report(furthest as f64, W::steps(*length) as f64);
            let walks: Vec<&W> = going.iter().map(|&at| &pieces[at].walk).collect();
            let lend = |&at: &usize| std::mem::replace(&mut states[at], LstmState::zeros(0, 0));
            let mut lent: Vec<LstmState> = going.iter().map(lend).collect();
            hear(step, walks.iter().copied(), &mut lent, room)?;
            let places = going.iter().flat_map(|&at| std::iter::repeat_n(at, fields));
            let chances: Vec<f64> = places.map(|at| rngs[at].random()).collect();
            let proposal = Proposal { step, temperature: *temperature, states: &lent, chances: &chances };
            let (events, log_ratio) = match &mut steps {
                None => {
                    let allowed = |piece: usize, said: &[u8], class| walks[piece].allowed(said, class);
                    (proposal.draw(room, allowed)?, vec![0.0; going.len()])
                }
                Some(steps) => {
                    let before = going.iter().map(|&at| pieces[at].before);
                    let pieces = walks.into_iter().zip(before).collect();
                    proposal.lean(room, Leaning { steps, pieces, length: *length, watch })?
                }
            };
            for (at, ((event, log_ratio), state)) in
                going.into_iter().zip(events.chunks_exact(fields).zip(log_ratio).zip(lent))
            {
                let piece = &mut pieces[at];
                let sounding = piece.walk.sounding(&event[..W::TONE], *length)(event);
                piece.before = sounding.or(piece.before);
                piece.walk.hear(event);
                piece.events.extend_from_slice(event);
                piece.log_ratio += log_ratio;
                states[at] = state;
            }
        }
    }
}

impl<W: Walk> Particles for RecurrentParticles<'_, W> {
    fn count(&self) -> usize {
        self.pieces.len()
    }

    fn advance(&mut self, until: Extent, watch: &Watch) -> Result<(), ModelError> {
        self.go(until, None, watch)
    }

    /// The field that gives notes their tone leans, given the fields before it as the network draws them: a weight
    /// then depends on those.
    fn advance_adapted(
        &mut self,
        until: Extent,
        steps: &mut StepProposal<'_>,
        watch: &Watch,
    ) -> Result<(), ModelError> {
        self.go(until, Some(steps), watch)
    }

    fn log_ratio(&self, particle: usize) -> f64 {
        self.pieces[particle].log_ratio
    }

    fn whole(&self) -> bool {
        let end = W::steps(self.length);
        self.pieces.iter().all(|piece| piece.walk.now() >= end || piece.walk.over())
    }

    fn piece(&self, particle: usize) -> Result<Piece, ModelError> {
        let clip = self.pieces[particle].walk.clip(self.events(particle), self.length);
        clip.map(Piece::from).map_err(|error| self.step.stopped(error))
    }

    fn resample(&mut self, ancestors: &[usize]) {
        self.pieces = ancestors.iter().map(|&ancestor| self.pieces[ancestor].clone()).collect();
        self.states = ancestors.iter().map(|&ancestor| self.states[ancestor].clone()).collect();
    }
}
