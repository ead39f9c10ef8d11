//! Where models come from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::nearest;
use crate::{Model, ModelError};

/// The models that exist, and how to load one.
pub trait Catalogue: Send + Sync {
    /// Every name that [`Catalogue::load`] knows.
    fn names(&self) -> Vec<String>;

    /// Loads a model from its weights. It is called again only when it failed.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when it is missing or damaged.
    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError>;
}

/// A catalogue that loads each model once.
pub(crate) struct Loaded {
    catalogue: Box<dyn Catalogue>,
    models: Mutex<HashMap<String, Arc<dyn Model>>>,
}

impl Loaded {
    pub(crate) fn new(catalogue: Box<dyn Catalogue>) -> Loaded {
        Loaded { catalogue, models: Mutex::new(HashMap::new()) }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.catalogue.names()
    }

    /// The model, loaded on first use. Two who ask at once wait for one load.
    pub(crate) fn model(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        // A poisoned lock means that loading panicked: the map itself was not touched.
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = models.get(name) {
            return Ok(model.clone());
        }
        let known = self.catalogue.names();
        if !known.iter().any(|known| known == name) {
            return Err(ModelError::UnknownModel {
                name: name.to_owned(),
                nearest: nearest(name, &known),
                known,
            });
        }
        let model = self.catalogue.load(name)?;
        models.insert(name.to_owned(), model.clone());
        Ok(model)
    }
}
