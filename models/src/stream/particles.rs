//! Pieces side by side as a tilt moves them, and a single one that is played to its end.

use lilt_inference::{ModelError, Particles, Sampled, Sampling, Watch};
use lilt_score::{Beat, Clip, ClipError, Meter, Seed};

use super::playing::{Ensemble, Piece};
use super::walk::Walk;

/// A walk that knows when it is, and what music its events make.
pub trait Timed: Walk {
    /// Steps of its grid that begin within `length`.
    fn steps(length: Beat) -> i64;

    /// The step that was reached; the first of the clip has number 0.
    fn now(&self) -> i64;

    /// The clip of `length` beats that `events` play from step 0 on.
    ///
    /// # Errors
    /// When they make no clip of that length.
    fn clip<'a>(&self, events: impl Iterator<Item = &'a [u8]>, length: Beat) -> Result<Clip, ClipError>;
}

/// Pieces side by side, all of so many bars of 4/4.
#[derive(Debug)]
pub struct StreamParticles<'a, W> {
    ensemble: Ensemble<'a, W>,
    length: Beat,
}

impl<'a, W: Timed> StreamParticles<'a, W> {
    /// `count` pieces that go on from `piece`, each by random numbers of its own out of `random`.
    pub fn new(
        piece: &Piece<'a, W>,
        request: &Sampling,
        count: usize,
        random: Seed,
    ) -> StreamParticles<'a, W> {
        let rngs = (0..count as u64).map(|place| random.child_number(place).rng());
        let ensemble = Ensemble::new(piece, request.temperature(), rngs);
        StreamParticles { ensemble, length: Meter::COMMON.bar() * Beat::whole(request.bars().into()) }
    }

    /// The first piece, played to its end bar by bar.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or the watch is cancelled.
    pub fn play(mut self, watch: &Watch) -> Result<Sampled, ModelError> {
        let mut until = Beat::ZERO;
        while !self.whole() {
            until += Meter::COMMON.bar();
            self.advance(until, watch)?;
            watch.report(until.to_f64(), self.length.to_f64());
        }
        Ok(Sampled::plain(self.clip(0)?))
    }
}

impl<W: Timed> Particles for StreamParticles<'_, W> {
    fn count(&self) -> usize {
        self.ensemble.count()
    }

    fn advance(&mut self, until: Beat, watch: &Watch) -> Result<(), ModelError> {
        let until = W::steps(until.min(self.length));
        self.ensemble.advance(|walk| walk.now() >= until, watch)
    }

    fn whole(&self) -> bool {
        let end = W::steps(self.length);
        (0..self.count()).all(|particle| self.ensemble.walk(particle).now() >= end)
    }

    fn clip(&self, particle: usize) -> Result<Clip, ModelError> {
        let clip = self.ensemble.walk(particle).clip(self.ensemble.events(particle), self.length);
        clip.map_err(|error| self.ensemble.step().stopped(&error.to_string()))
    }

    fn resample(&mut self, ancestors: &[usize]) {
        self.ensemble.resample(ancestors);
    }
}
