//! What a model needs to learn more while the music plays: how large its network is, and where its numbers lie. How a
//! kind of network learns is written beside it, as `learn`.

use std::collections::BTreeMap;
use std::sync::Arc;

use lilt_inference::ModelError;

use crate::card::Weights;
use crate::source::Source;
use crate::training::Tensors;

/// The sizes `C` of a network, and where its numbers lie.
#[derive(Debug, Clone)]
pub struct Learner<C> {
    config: C,
    source: Source,
}

impl<C> Learner<C> {
    /// Of a network of the sizes `config`.
    pub fn new(config: C, source: Source) -> Learner<C> {
        Learner { config, source }
    }

    /// Sizes of the network.
    pub fn config(&self) -> &C {
        &self.config
    }

    /// The numbers of all `tensors`.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub(crate) fn weights(&self, tensors: &Tensors) -> Result<Arc<BTreeMap<String, Weights>>, ModelError> {
        self.source.read(tensors)
    }
}

impl<C: Clone> Learner<C> {
    /// The same of a network that has learnt these numbers.
    pub(crate) fn having_learnt(&self, weights: Arc<BTreeMap<String, Weights>>) -> Learner<C> {
        Learner::new(self.config.clone(), Source::Memory(weights))
    }
}
