//! A kind of model, as the recipes for a folder see it, and a model of that kind to start from.

use std::collections::BTreeMap;
use std::path::Path;

use lilt_inference::{Model, ModelError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{File, Recipe, RecipeError};
use crate::card::{Head, Weights, read_weights};
use crate::training::{self, Lesson, Measured, Start, Tensors, TrainingError};

/// A kind of model, as its recipe sees it.
pub(super) trait Kind {
    /// The recipe's name.
    const RECIPE: Recipe;
    /// Models of other recipes that it can start from as well: their networks are of its own kind.
    const STARTS_FROM: &'static [&'static str] = &[];
    /// What it can learn from, for a person.
    const WANTED: &'static str;
    /// Sizes of the network.
    type Config: Clone + Serialize + DeserializeOwned;
    /// A piece made ready.
    type Piece;

    /// The pieces of a file, or why there are none.
    fn pieces(file: &File) -> Vec<Result<Self::Piece, String>>;

    /// Its notes.
    fn notes(piece: &Self::Piece) -> usize;

    /// What tells pieces apart: equal for pieces that are played alike.
    fn fingerprint(piece: &Self::Piece) -> Vec<u8>;

    /// Sizes of a new network for so many notes.
    fn config(notes: usize) -> Self::Config;

    /// The tensors of a network that are trained.
    fn tensors(config: &Self::Config) -> Tensors;

    /// All that is stored: what is trained, and what is worked out from it.
    fn stored(config: &Self::Config) -> Tensors {
        Self::tensors(config)
    }

    /// All that is stored, from `weights` that were trained on `train`.
    fn whole(
        config: &Self::Config,
        weights: BTreeMap<String, Weights>,
        train: &[Self::Piece],
    ) -> Result<BTreeMap<String, Weights>, String> {
        let _ = (config, train);
        Ok(weights)
    }

    /// The lesson.
    fn lesson<'a>(
        config: &Self::Config,
        train: &'a [Self::Piece],
        valid: &'a [Self::Piece],
    ) -> impl Lesson + 'a;

    /// What is written of the best weights on the way ends so.
    const HEARD: &'static str = ".mid";

    /// Writes something that a model makes, to be heard or seen.
    fn listen(model: &dyn Model, seed: u64, path: &Path) -> Result<(), String> {
        super::listen(model, seed, path)
    }

    /// What plays.
    fn model(
        name: &str,
        config: &Self::Config,
        weights: &BTreeMap<String, Weights>,
    ) -> Result<Box<dyn Model>, String>;
}

/// A model to start from.
pub(super) struct Base<K: Kind> {
    pub config: K::Config,
    /// Sha256 of its weights, in hex.
    pub digest: String,
    weights: BTreeMap<String, Weights>,
}

impl<K: Kind> Base<K> {
    /// Reads a model that was made by the recipe, or by one whose networks are of the same kind.
    ///
    /// # Errors
    /// When it was made by another, or its files cannot be used.
    pub fn read(from: &Path) -> Result<Base<K>, RecipeError> {
        let ending = |ending: &str| {
            let name = from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            from.with_file_name(format!("{name}{ending}"))
        };
        let head = Head::<toml::Value>::read(&ending(".toml")).map_err(ModelError::from)?;
        if head.recipe() != K::RECIPE.name() && !K::STARTS_FROM.contains(&head.recipe()) {
            let made_by = head.recipe().to_owned();
            return Err(RecipeError::OtherKind { from: head.name, recipe: K::RECIPE.name(), made_by });
        }
        let head = Head::<K::Config>::read(&ending(".toml")).map_err(ModelError::from)?;
        let path = ending(".safetensors");
        let weights =
            read_weights(&path, &head.weights.sha256, &K::stored(&head.network)).map_err(ModelError::from)?;
        Ok(Base { config: head.network, digest: head.weights.sha256, weights })
    }

    /// Measures it on a lesson's held-out pieces.
    ///
    /// # Errors
    /// When the network fails.
    pub fn measure<L: Lesson>(&self, lesson: &L) -> Result<Measured, TrainingError> {
        let network = lesson.network(training::tensors(&self.weights)?)?;
        lesson.measure(&network)
    }

    /// Its weights, to start from.
    pub fn start(mut self, tensors: &Tensors) -> Vec<Start> {
        let start = |(name, shape): &(String, Vec<usize>)| {
            let values = self.weights.remove(name)?.values;
            Some(Start { name: name.clone(), shape: shape.clone(), values })
        };
        tensors.iter().filter_map(start).collect()
    }
}
