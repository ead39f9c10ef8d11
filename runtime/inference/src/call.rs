//! A call of a model's verb, as a value.

use std::sync::Arc;

use crate::{Conditions, Interpolation, Medium, Model, ModelError, Piece, Sampling, Take};

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
    /// A piece from nothing.
    Sample(Sampling),
    /// A piece that follows a primer.
    Continue {
        /// What it follows.
        primer: Input,
        /// How to sample.
        sampling: Sampling,
    },
    /// Nats for each note of a clip, or each point of a sketch.
    Score {
        /// What is scored.
        piece: Input,
        /// Under which conditions.
        conditions: Conditions,
    },
    /// A piece made out of a piece by a verb of the model's own.
    Transform {
        /// The verb, one of [`Description::transforms`](crate::Description::transforms).
        name: &'static str,
        /// What it is made out of.
        piece: Input,
        /// How to sample.
        sampling: Sampling,
    },
    /// Pieces on the way from one to another.
    Interpolate {
        /// The first.
        from: Input,
        /// The last.
        to: Input,
        /// How many, and how.
        interpolation: Interpolation,
    },
}

/// A piece that a call starts from: there, or still being made.
#[derive(Debug, Clone)]
pub enum Input {
    /// A piece.
    Piece(Piece),
    /// The piece that this take will yield.
    Take(Take),
}

impl Call {
    /// Whether the model can do this at all, whatever comes of it.
    ///
    /// # Errors
    /// [`ModelError::Unsupported`], with what it can, and [`ModelError::Medium`] when it makes pieces of another
    /// medium than it is asked for, or is given.
    pub fn check(&self) -> Result<(), ModelError> {
        let model = &*self.model;
        let can = match &self.verb {
            Verb::Sample(_) => true,
            Verb::Continue { .. } => model.continues().is_some(),
            Verb::Score { .. } => model.scores().is_some(),
            Verb::Transform { name, .. } => {
                model.description().transforms.iter().any(|transform| transform.name == *name)
            }
            Verb::Interpolate { .. } => model.interpolates().is_some() || model.tilts().is_some(),
        };
        if !can {
            return Err(model.unsupported(self.verb.name()));
        }
        let wanted = model.description().medium;
        let asked = self.verb.sampling().map(Sampling::medium);
        let given = self.verb.inputs().into_iter().map(Input::medium);
        match asked.into_iter().chain(given).find(|given| *given != wanted) {
            Some(given) => Err(ModelError::Medium { wanted, given }),
            None => Ok(()),
        }
    }
}

impl Verb {
    /// How to sample, where anything is.
    pub fn sampling(&self) -> Option<&Sampling> {
        match self {
            Verb::Sample(sampling) | Verb::Continue { sampling, .. } | Verb::Transform { sampling, .. } => {
                Some(sampling)
            }
            Verb::Interpolate { interpolation, .. } => Some(interpolation.sampling()),
            Verb::Score { .. } => None,
        }
    }

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
            Verb::Score { piece, .. } | Verb::Transform { piece, .. } => vec![piece],
            Verb::Interpolate { from, to, .. } => vec![from, to],
        }
    }
}

impl Input {
    /// What it is, or will be, a piece of.
    pub fn medium(&self) -> Medium {
        match self {
            Input::Piece(piece) => piece.medium(),
            Input::Take(take) => take.medium(),
        }
    }

    /// The piece, for `model` to `verb`, which must be of its medium; a take must have arrived.
    pub(crate) fn piece(&self, model: &dyn Model, verb: &'static str) -> Result<Piece, ModelError> {
        let (name, medium) = (&model.description().name, model.description().medium);
        let failed = |cause| ModelError::Input { model: name.clone(), verb, cause };
        let piece = match self {
            Input::Piece(piece) => piece.clone(),
            Input::Take(take) => match take.outcome() {
                Some(Ok(answer)) => answer.piece().cloned().ok_or_else(|| {
                    let wanted = medium.piece();
                    let reason =
                        format!("it is not a {wanted} but what another verb answered; write a {wanted} here");
                    ModelError::piece(name, verb, medium, reason)
                })?,
                Some(Err(cause)) => return Err(failed(cause)),
                // Only a take that was asked of a service that has ended stays without outcome.
                None => return Err(failed(Arc::new(ModelError::Stopped))),
            },
        };
        match piece.medium() {
            given if given == medium => Ok(piece),
            given => Err(failed(Arc::new(ModelError::Medium { wanted: medium, given }))),
        }
    }
}
