//! Where models come from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};

use crate::error::nearest;
use crate::{Accompanist, Model, ModelError, Recognizer, TimbreSpace};

/// The models that exist, and how to load one.
pub trait Catalogue: Send + Sync {
    /// Every name that [`Catalogue::load`] knows.
    fn names(&self) -> Vec<String>;

    /// Loads a model from its weights. It is called again only when it failed or the version has changed.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when it is missing or damaged.
    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError>;

    /// Loads what says what drawings show. It is called again only when it failed.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when it is missing or damaged; [`ModelError::UnknownModel`] where there
    /// is none.
    fn recognizer(&self) -> Result<Arc<dyn Recognizer>, ModelError> {
        Err(ModelError::UnknownModel { name: "recognizer".to_owned(), nearest: None, known: self.names() })
    }

    /// Loads what foresees chords. It is called again only when it failed.
    ///
    /// # Errors
    /// As [`Catalogue::recognizer`].
    fn accompanist(&self) -> Result<Arc<dyn Accompanist>, ModelError> {
        Err(ModelError::UnknownModel { name: "accompanist".to_owned(), nearest: None, known: self.names() })
    }

    /// Loads the space of sounds. It is called again only when it failed.
    ///
    /// # Errors
    /// As [`Catalogue::recognizer`].
    fn timbres(&self) -> Result<Arc<dyn TimbreSpace>, ModelError> {
        Err(ModelError::UnknownModel { name: "timbre".to_owned(), nearest: None, known: self.names() })
    }

    /// A number that changes when the weights of that name become others.
    fn version(&self, name: &str) -> u64 {
        let _ = name;
        0
    }
}

/// A model, and the version that it was loaded from.
type Version = (u64, Arc<dyn Model>);

/// What is loaded on first use.
struct Once<T: ?Sized>(Mutex<Option<Arc<T>>>);

impl<T: ?Sized> Once<T> {
    fn new() -> Once<T> {
        Once(Mutex::new(None))
    }

    /// It, loaded by `load` where nobody has.
    fn get(&self, load: impl FnOnce() -> Result<Arc<T>, ModelError>) -> Result<Arc<T>, ModelError> {
        let mut once = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*once {
            Some(loaded) => Ok(Arc::clone(loaded)),
            None => Ok(Arc::clone(once.insert(load()?))),
        }
    }

    /// It, if it is loaded already; never waits.
    fn loaded(&self) -> Option<Arc<T>> {
        match self.0.try_lock() {
            Ok(once) => once.clone(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().clone(),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

/// A catalogue that loads each model once, and again when it has become another.
pub(crate) struct Loaded {
    catalogue: Box<dyn Catalogue>,
    models: Mutex<HashMap<String, Version>>,
    recognizer: Once<dyn Recognizer>,
    accompanist: Once<dyn Accompanist>,
    timbres: Once<dyn TimbreSpace>,
}

impl Loaded {
    pub(crate) fn new(catalogue: Box<dyn Catalogue>) -> Loaded {
        Loaded {
            catalogue,
            models: Mutex::new(HashMap::new()),
            recognizer: Once::new(),
            accompanist: Once::new(),
            timbres: Once::new(),
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.catalogue.names()
    }

    /// What says what drawings show, loaded on first use.
    pub(crate) fn recognizer(&self) -> Result<Arc<dyn Recognizer>, ModelError> {
        self.recognizer.get(|| self.catalogue.recognizer())
    }

    /// What says what drawings show, if it is loaded already; never waits.
    pub(crate) fn loaded_recognizer(&self) -> Option<Arc<dyn Recognizer>> {
        self.recognizer.loaded()
    }

    /// What foresees chords, loaded on first use.
    pub(crate) fn accompanist(&self) -> Result<Arc<dyn Accompanist>, ModelError> {
        self.accompanist.get(|| self.catalogue.accompanist())
    }

    /// What foresees chords, if it is loaded already; never waits.
    pub(crate) fn loaded_accompanist(&self) -> Option<Arc<dyn Accompanist>> {
        self.accompanist.loaded()
    }

    /// The space of sounds, loaded on first use.
    pub(crate) fn timbres(&self) -> Result<Arc<dyn TimbreSpace>, ModelError> {
        self.timbres.get(|| self.catalogue.timbres())
    }

    /// The space of sounds, if it is loaded already; never waits.
    pub(crate) fn loaded_timbres(&self) -> Option<Arc<dyn TimbreSpace>> {
        self.timbres.loaded()
    }

    /// The model, if it is loaded already; never waits.
    pub(crate) fn loaded(&self, name: &str) -> Option<Arc<dyn Model>> {
        let models = match self.models.try_lock() {
            Ok(models) => models,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        let (loaded, model) = models.get(name)?;
        (*loaded == self.catalogue.version(name)).then(|| Arc::clone(model))
    }

    /// The model, loaded on first use. Two who ask at once wait for one load.
    pub(crate) fn model(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        // A poisoned lock means that loading panicked: the map itself was not touched.
        let mut models = self.models.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.catalogue.version(name);
        if let Some((loaded, model)) = models.get(name)
            && *loaded == version
        {
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
        models.insert(name.to_owned(), (version, model.clone()));
        Ok(model)
    }
}
