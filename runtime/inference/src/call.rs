//! A call of a model's verb, as a value.

use std::sync::Arc;

use lilt_score::Clip;

use crate::{Conditions, Interpolation, Model, ModelError, Sampling, Take};

/// A model and what it is asked.
#[derive(Clone)]
pub struct Call {
    /// Who is asked.
    pub model: Arc<dyn Model>,
    /// What for.
    pub verb: Verb,
}

/// What a model is asked for, with all arguments.
#[derive(Debug, Clone)]
pub enum Verb {
    /// Music from nothing.
    Sample(Sampling),
    /// Music that follows a primer.
    Continue {
        /// What it follows.
        primer: Input,
        /// How to sample.
        sampling: Sampling,
    },
    /// Nats for each note of a clip.
    Score {
        /// What is scored.
        clip: Input,
        /// Under which conditions.
        conditions: Conditions,
    },
    /// A clip made out of a clip by a verb of the model's own.
    Transform {
        /// The verb, one of [`Description::transforms`](crate::Description::transforms).
        name: &'static str,
        /// What it is made out of.
        clip: Input,
        /// How to sample.
        sampling: Sampling,
    },
    /// Clips on the way from one to another.
    Interpolate {
        /// The first.
        from: Input,
        /// The last.
        to: Input,
        /// How many, and how.
        interpolation: Interpolation,
    },
}

/// A clip that a call starts from: there, or still being made.
#[derive(Debug, Clone)]
pub enum Input {
    /// A clip.
    Clip(Clip),
    /// The clip that this take will yield.
    Take(Take),
}

impl Verb {
    /// As it is written in a script.
    pub fn name(&self) -> &'static str {
        match self {
            Verb::Sample(_) => "sample",
            Verb::Continue { .. } => "continue",
            Verb::Score { .. } => "score",
            Verb::Transform { name, .. } => name,
            Verb::Interpolate { .. } => "interpolate",
        }
    }

    /// What it starts from.
    pub fn inputs(&self) -> Vec<&Input> {
        match self {
            Verb::Sample(_) => Vec::new(),
            Verb::Continue { primer, .. } => vec![primer],
            Verb::Score { clip, .. } | Verb::Transform { clip, .. } => vec![clip],
            Verb::Interpolate { from, to, .. } => vec![from, to],
        }
    }
}

impl Input {
    /// The clip, for `model` to `verb`; a take must have arrived.
    pub(crate) fn clip(&self, model: &str, verb: &'static str) -> Result<Clip, ModelError> {
        let take = match self {
            Input::Clip(clip) => return Ok(clip.clone()),
            Input::Take(take) => take,
        };
        let failed = |cause| ModelError::Input { model: model.to_owned(), verb, cause };
        match take.outcome() {
            Some(Ok(answer)) => answer.clip().cloned().ok_or_else(|| ModelError::Clip {
                model: model.to_owned(),
                verb,
                reason: "it is not a clip but what another verb answered; write a clip here".to_owned(),
            }),
            Some(Err(cause)) => Err(failed(cause)),
            // Only a take that was asked of a service that has ended stays without outcome.
            None => Err(failed(Arc::new(ModelError::Stopped))),
        }
    }
}
