//! The card of a model of the family, and the loader that builds what plays from weights and card.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::Device;
use lilt_inference::ModelError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::config::Config;
use super::learner::Learner;
use super::step::RecurrentStep;
use crate::card::{Card, Head, read_weights};
use crate::source::Source;

/// The card of a model of this family.
pub type RecurrentCard = Card<Config, Losses, Golden>;

/// Losses in nats per note: all that is said of a piece, divided by its notes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Losses {
    /// Of the shipped weights on the training set.
    pub train: f64,
    /// On the validation set.
    pub valid: f64,
    /// On the test set.
    pub test: f64,
    /// The same, field by field.
    pub test_fields: Vec<f64>,
    /// What the baseline is.
    pub baseline: String,
    /// Of the baseline on the test set.
    pub baseline_test: f64,
    /// Other baselines, with their losses on the test set.
    pub other_baselines: BTreeMap<String, f64>,
    /// What else was measured on the test set, by what it is.
    pub measures: BTreeMap<String, f64>,
}

/// Golden output: what tells a build that computes something else from a right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// The options of the model, as scripts write them.
    pub options: BTreeMap<String, String>,
    /// Bars.
    pub bars: u32,
    /// The events, separated by spaces, each the classes of its fields as `0/12/15`.
    pub events: String,
}

impl Golden {
    /// Events as the card writes them.
    pub fn notation<E: AsRef<[u8]>>(events: &[E]) -> String {
        let class = |class: &u8| class.to_string();
        let event = |event: &E| event.as_ref().iter().map(class).collect::<Vec<_>>().join("/");
        events.iter().map(event).collect::<Vec<_>>().join(" ")
    }
}

/// A model of the family as its files have it.
pub struct Loaded {
    /// One sentence about it.
    pub description: String,
    /// SHA-256 of the weights.
    pub sha256: String,
    /// What plays.
    pub step: RecurrentStep,
    /// What learns.
    pub learner: Learner,
}

/// Sizes of a network as the card of a model has them.
pub trait Sizes: DeserializeOwned {
    /// The same as the family has them.
    fn network(self) -> Config;
}

impl Sizes for Config {
    fn network(self) -> Config {
        self
    }
}

/// Loads `NAME.safetensors` and its card `NAME.toml`, which has sizes of the kind `N`, from `folder`, to play on
/// `device`. The network must have the shape that the code of the model was written for: the sizes in `heard` (rows
/// and groups) and `fields`.
///
/// # Errors
/// [`ModelError::Weights`], naming the file, when one is missing or damaged, the weights are not the
/// card's, or the card is of another model.
pub fn load<N: Sizes>(
    folder: &Path,
    name: &str,
    heard: [usize; 2],
    fields: &[usize],
    device: &Device,
) -> Result<Loaded, ModelError> {
    let card_path = folder.join(format!("{name}.toml"));
    let card = Head::<N>::read(&card_path)?;
    let config = card.network.network();
    if [config.rows, config.groups] != heard || config.fields != fields {
        return Err(ModelError::Weights {
            path: card_path,
            reason: format!("this version of `{name}` hears and says other things: train it again"),
        });
    }
    let path = folder.join(format!("{name}.safetensors"));
    let weights = read_weights(&path, &card.weights.sha256, &config.tensors())?;
    let step = RecurrentStep::new(name, config.clone(), &weights, device).map_err(|error| {
        let reason = format!("the network cannot be built from it: {error}");
        ModelError::Weights { path: path.clone(), reason }
    })?;
    let sha256 = card.weights.sha256;
    Ok(Loaded {
        description: card.description,
        sha256: sha256.clone(),
        step,
        learner: Learner::new(config, Source::File { path, sha256 }),
    })
}
