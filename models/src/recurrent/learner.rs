//! What a model of the family needs to learn more while the music plays.

use std::sync::Arc;

use candle_core::Device;
use lilt_inference::{Examples, ModelError, Watch};

use super::batches::{Hidden, Piece};
use super::config::Config;
use super::lesson::{Layout, RecurrentLesson};
use super::step::RecurrentStep;
use crate::training::adapt;

/// Pieces learnt side by side.
const BATCH: usize = 16;
/// Share of units dropped after each layer.
const DROPOUT: f32 = 0.1;

/// Of a network of these sizes.
pub type Learner = crate::learner::Learner<Config>;

impl Learner {
    /// Learns `pieces`, which are those of `examples`, into an adapter, until those of `held_out` get no
    /// likelier: what plays then, and what can learn on. Gradients go back through `steps` events, and `hidden` is told
    /// otherwise now and then. `model` is what errors call it; `tell` hears how much of the work is done, `0..=1`.
    ///
    /// # Errors
    /// When there is nothing to learn, the numbers are gone, the network fails, or the watch is cancelled.
    pub fn learn(
        &self,
        model: &str,
        [pieces, held_out]: [&[Piece]; 2],
        (steps, hidden): (usize, Vec<Hidden>),
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<(RecurrentStep, Learner), ModelError> {
        let weights = self.weights(&self.config().tensors())?;
        let dropout = vec![DROPOUT; self.config().layers];
        let layout = Layout { batch: BATCH, steps, dropout, hidden };
        let lesson = RecurrentLesson::new(self.config().clone(), layout, pieces, held_out);
        let learnt = Arc::new(adapt(model, lesson, &weights, examples, tell, watch)?);
        let step = RecurrentStep::new(model, self.config().clone(), &learnt, &Device::Cpu)
            .map_err(|reason| ModelError::computation(model, reason))?;
        Ok((step, self.having_learnt(learnt)))
    }
}
