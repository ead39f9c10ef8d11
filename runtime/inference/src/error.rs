//! What can go wrong between a call and its answer.

use std::path::PathBuf;
use std::sync::Arc;

use crate::{Medium, TiltError};

/// Why there is no model, or no answer. Each message says what is wrong, where, and what helps.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// A name that the catalogue does not have.
    #[error("there is no model `{name}`{}; the models are: {}", did_you_mean(nearest), list(known))]
    UnknownModel {
        /// What was asked for.
        name: String,
        /// The nearest name that exists, when one is near.
        nearest: Option<String>,
        /// Every name that exists.
        known: Vec<String>,
    },
    /// An option that the model does not take.
    #[error("`{model}` has no option `{option}`{}; its options are: {}", did_you_mean(nearest), list(known))]
    UnknownOption {
        /// The model.
        model: String,
        /// What was written.
        option: String,
        /// The nearest option, when one is near.
        nearest: Option<String>,
        /// Every option the model takes.
        known: Vec<String>,
    },
    /// A verb that this model cannot do.
    #[error("`{model}` cannot {verb}: it can {}", can.join(", "))]
    Unsupported {
        /// The model.
        model: String,
        /// The verb, as it is written in a script.
        verb: &'static str,
        /// What can be asked instead, as it is written in a script: `sample` at least.
        can: Vec<&'static str>,
    },
    /// A piece of another medium than the model's.
    #[error("this is a {}, where only a {} will do: give it {wanted}", given.piece(), wanted.piece())]
    Medium {
        /// What the model makes and reads.
        wanted: Medium,
        /// What it was given.
        given: Medium,
    },
    /// A number of bars out of range.
    #[error("bars = {0}: write a whole number from 1 to 256")]
    Bars(u32),
    /// A number of points out of range.
    #[error("points = {0}: write a whole number from 1 to 4096")]
    Points(u32),
    /// A temperature out of range.
    #[error("temperature = {0}: write a number from 0 (always the likeliest note) to 4 (nearly random)")]
    Temperature(f64),
    /// A number of interpolated pieces out of range.
    #[error("steps = {0}: write a whole number from 2 to 64")]
    Steps(u32),
    /// A condition, such as a metre, that the model did not learn.
    #[error("`{model}` does not know the {condition} {value}: {known}")]
    Condition {
        /// The model.
        model: String,
        /// Which condition: `key` or `meter`.
        condition: &'static str,
        /// What was asked for.
        value: String,
        /// What it knows, in words.
        known: String,
    },
    /// A piece that the model cannot read.
    #[error("`{model}` cannot {verb} this {}: {reason}", medium.piece())]
    Piece {
        /// The model.
        model: String,
        /// The verb, as it is written in a script.
        verb: &'static str,
        /// What the piece is one of.
        medium: Medium,
        /// What about the piece, and what helps.
        reason: String,
    },
    /// A weights file or its card that is missing, damaged or not what the card says.
    #[error("{}: {reason}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what helps.
        reason: String,
    },
    /// A device that is not there, or that this build cannot use.
    #[error("device {name} cannot be used: {reason}; `--device cpu` always can")]
    Device {
        /// As it is written after `--device`.
        name: &'static str,
        /// What happened.
        reason: String,
    },
    /// A reward that failed, or gave no usable number.
    #[error("the reward {reason}")]
    Reward {
        /// What it did, and what helps.
        reason: String,
    },
    /// A number of particles or the like out of range.
    #[error(transparent)]
    Tilt(#[from] TiltError),
    /// The network gave no usable numbers.
    #[error("`{model}` stopped: {reason}")]
    Computation {
        /// The model.
        model: String,
        /// What happened.
        reason: String,
    },
    /// The model's own code failed; the workers go on.
    #[error("`{model}` broke while it tried to {verb}: {message}")]
    Panicked {
        /// The model.
        model: String,
        /// The verb, as it is written in a script.
        verb: &'static str,
        /// What the panic said.
        message: String,
    },
    /// What this take was to start from failed.
    #[error("`{model}` has nothing to {verb}: {cause}")]
    Input {
        /// The model.
        model: String,
        /// The verb, as it is written in a script.
        verb: &'static str,
        /// Why its input failed.
        cause: Arc<ModelError>,
    },
    /// More takes are pending than the queue holds.
    #[error("{0} takes are waiting already: ask for fewer at once, or wait until some have arrived")]
    QueueFull(usize),
    /// Nobody wants the answer any more.
    #[error("the take was cancelled: nothing uses it any more")]
    Cancelled,
    /// The service has ended.
    #[error("the models have been shut down")]
    Stopped,
}

impl ModelError {
    /// `model` cannot do `verb`, as scripts write it, with this clip.
    pub fn clip(model: &str, verb: &'static str, reason: impl ToString) -> ModelError {
        ModelError::piece(model, verb, Medium::Music, reason)
    }

    /// `model` cannot do `verb`, as scripts write it, with this sketch.
    pub fn sketch(model: &str, verb: &'static str, reason: impl ToString) -> ModelError {
        ModelError::piece(model, verb, Medium::Drawing, reason)
    }

    /// `model` cannot do `verb`, as scripts write it, with this piece of `medium`.
    pub fn piece(model: &str, verb: &'static str, medium: Medium, reason: impl ToString) -> ModelError {
        ModelError::Piece { model: model.to_owned(), verb, medium, reason: reason.to_string() }
    }

    /// `model` did not learn `value` of a condition; `known` says in words what it knows.
    pub fn condition(
        model: &str,
        condition: &'static str,
        value: impl ToString,
        known: impl Into<String>,
    ) -> ModelError {
        let (model, value, known) = (model.to_owned(), value.to_string(), known.into());
        ModelError::Condition { model, condition, value, known }
    }

    /// `model` cannot go on.
    pub fn computation(model: &str, reason: impl ToString) -> ModelError {
        ModelError::Computation { model: model.to_owned(), reason: reason.to_string() }
    }

    /// The network of `model` gave numbers that are none.
    pub fn no_numbers(model: &str) -> ModelError {
        ModelError::computation(model, "the network gave no usable numbers")
    }
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!(", did you mean `{name}`?")).unwrap_or_default()
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// The one of `known` that `name` was probably meant to be: the most similar by Jaro-Winkler, if
/// its similarity is above 0.7.
pub(crate) fn nearest(name: &str, known: &[String]) -> Option<String> {
    known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_what_to_write_instead() {
        let known = vec!["drums".to_owned(), "folk".to_owned()];
        let unknown = |name: &str| ModelError::UnknownModel {
            name: name.to_owned(),
            nearest: nearest(name, &known),
            known: known.clone(),
        };
        for (error, message) in [
            (unknown("flok"), "there is no model `flok`, did you mean `folk`?; the models are: drums, folk"),
            (unknown("xyz"), "there is no model `xyz`; the models are: drums, folk"),
            (ModelError::Bars(0), "bars = 0: write a whole number from 1 to 256"),
            (
                ModelError::Input {
                    model: "folk".to_owned(),
                    verb: "continue",
                    cause: Arc::new(ModelError::Unsupported {
                        model: "drums".to_owned(),
                        verb: "score",
                        can: vec!["sample", "tilt"],
                    }),
                },
                "`folk` has nothing to continue: `drums` cannot score: it can sample, tilt",
            ),
        ] {
            assert_eq!(error.to_string(), message);
        }
    }
}
