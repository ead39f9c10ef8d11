//! What a model looks at while it works: whether anybody still wants the answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use crate::ModelError;
use crate::population::{ParticleRun, ParticleScope};

/// Tells a model whether its request is cancelled, and the performer how far it has come. A clone
/// watches the same request.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    cancelled: Arc<AtomicBool>,
    /// Bits of an `f32`, `0.0..=1.0`; the bits of 0.0 are 0.
    progress: Arc<AtomicU32>,
    /// Who looks at particles, the name of the model that grows them, and whether they are a draft's.
    particles: Option<(ParticleScope, Arc<str>, bool)>,
}

impl Watch {
    /// A watch that nobody has cancelled.
    pub fn new() -> Watch {
        Watch::default()
    }

    /// A watch over one part of the work: cancelled with this one, with a progress of its own.
    pub fn part(&self) -> Watch {
        Watch { progress: Arc::default(), ..self.clone() }
    }

    /// The same watch, whose particles are seen through `scope` under the name of `model`.
    pub(crate) fn seen(&self, scope: &ParticleScope, model: &str, is_draft: bool) -> Watch {
        Watch { particles: Some((scope.clone(), model.into(), is_draft)), ..self.clone() }
    }

    /// A run of particles begins: what tells of it, where somebody looks.
    pub(crate) fn particle_run(&self) -> Option<ParticleRun> {
        let (scope, model, is_draft) = self.particles.as_ref()?;
        scope.run(model, *is_draft)
    }

    /// Asks the model to stop at its next look.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// True when nobody wants the answer any more.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    /// What a model calls each note: stops it when it is cancelled.
    ///
    /// # Errors
    /// [`ModelError::Cancelled`].
    pub fn check(&self) -> Result<(), ModelError> {
        if self.is_cancelled() { Err(ModelError::Cancelled) } else { Ok(()) }
    }

    /// Reports that `done` of `all` is made (beats, notes, whatever the model counts).
    pub fn report(&self, done: f64, all: f64) {
        let share = if all > 0.0 { (done / all).clamp(0.0, 1.0) } else { 0.0 };
        self.progress.store((share as f32).to_bits(), Ordering::Relaxed);
    }

    /// How much is made, `0.0..=1.0`.
    pub fn progress(&self) -> f64 {
        f64::from(f32::from_bits(self.progress.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_watch_the_same_request() {
        let watch = Watch::new();
        let model_side = watch.clone();
        model_side.report(3.0, 4.0);
        assert_eq!(watch.progress(), 0.75);
        model_side.report(1.0, 0.0);
        assert_eq!(watch.progress(), 0.0);
        assert_eq!(model_side.check(), Ok(()));
        watch.cancel();
        assert_eq!(model_side.check(), Err(ModelError::Cancelled));
    }

    #[test]
    fn a_part_is_cancelled_with_the_whole_and_counts_for_itself() {
        let watch = Watch::new();
        watch.report(1.0, 2.0);
        let part = watch.part();
        part.report(1.0, 1.0);
        assert_eq!((watch.progress(), part.progress()), (0.5, 1.0));
        watch.cancel();
        assert_eq!(part.check(), Err(ModelError::Cancelled));
    }
}
