//! Pieces that a model makes side by side, so that they can be compared while they grow.

use crate::{Extent, ModelError, Piece, StepProposal, Watch};

/// Pieces that are being made, several at once. Each place draws from random numbers of its own.
pub trait Particles {
    /// How many there are; it stays so.
    fn count(&self) -> usize;

    /// Moves every particle on until its piece has reached `until` (counted from the start of the
    /// answer, in what the medium counts: a clip to that beat, a sketch to so many points) or is whole.
    ///
    /// # Errors
    /// When the network fails, or the watch is cancelled.
    fn advance(&mut self, until: Extent, watch: &Watch) -> Result<(), ModelError>;

    /// As [`Particles::advance`], each step drawn from a proposal that is adapted to what it earns, if the model can
    /// enumerate what may come next; otherwise the model itself proposes.
    ///
    /// # Errors
    /// As [`Particles::advance`], and [`ModelError::Reward`].
    fn advance_adapted(
        &mut self,
        until: Extent,
        proposal: &mut StepProposal<'_>,
        watch: &Watch,
    ) -> Result<(), ModelError> {
        let _ = proposal;
        self.advance(until, watch)
    }

    /// ln p/q: of how much likelier the model makes the particle's piece than the proposal did. A copy has its
    /// ancestor's.
    fn log_ratio(&self, particle: usize) -> f64 {
        let _ = particle;
        0.0
    }

    /// True when there is nothing to add to any of them.
    fn whole(&self) -> bool;

    /// The piece of one particle so far; when it is whole, it is the answer.
    ///
    /// # Errors
    /// When what was made is no piece, which is a defect of the model.
    fn piece(&self, particle: usize) -> Result<Piece, ModelError>;

    /// Place `i` goes on from what place `ancestors[i]` was. Random numbers stay with their places, so
    /// that equal copies part again.
    fn resample(&mut self, ancestors: &[usize]);
}
