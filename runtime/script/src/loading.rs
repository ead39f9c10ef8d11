//! Weights that a script asks for, loaded where nobody has.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam::channel::{RecvTimeoutError, bounded};
use lilt_inference::{Accompanist, Model, ModelError, Recognizer, TimbreSpace};

use crate::context::Context;

/// Longer than any weights take to load.
const LOADING: Duration = Duration::from_secs(600);

impl Context {
    /// The model called `name`.
    ///
    /// # Errors
    /// When there is none, or its weights are damaged.
    pub fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        if let Some(loaded) = self.inference.loaded(name) {
            return Ok(loaded);
        }
        let (inference, name) = (self.inference.clone(), name.to_owned());
        self.loaded_apart(move || inference.model(&name))
    }

    /// What says what drawings show.
    ///
    /// # Errors
    /// When its weights are missing or damaged.
    pub fn recognizer(&self) -> Result<Arc<dyn Recognizer>, ModelError> {
        if let Some(loaded) = self.inference.loaded_recognizer() {
            return Ok(loaded);
        }
        let inference = self.inference.clone();
        self.loaded_apart(move || inference.recognizer())
    }

    /// What foresees chords.
    ///
    /// # Errors
    /// When its weights are missing or damaged.
    pub fn accompanist(&self) -> Result<Arc<dyn Accompanist>, ModelError> {
        if let Some(loaded) = self.inference.loaded_accompanist() {
            return Ok(loaded);
        }
        let inference = self.inference.clone();
        self.loaded_apart(move || inference.accompanist())
    }

    /// The space of sounds.
    ///
    /// # Errors
    /// When its weights are missing or damaged.
    pub fn timbres(&self) -> Result<Arc<dyn TimbreSpace>, ModelError> {
        if let Some(loaded) = self.inference.loaded_timbres() {
            return Ok(loaded);
        }
        let inference = self.inference.clone();
        self.loaded_apart(move || inference.timbres())
    }

    /// Weights that are not there yet are loaded on a thread of their own, so that a script that is superseded need
    /// not wait for them.
    fn loaded_apart<T: Send + 'static>(
        &self,
        load: impl Fn() -> Result<T, ModelError> + Clone + Send + 'static,
    ) -> Result<T, ModelError> {
        let (tell, told) = bounded(1);
        let elsewhere = load.clone();
        // Nobody listens any more when the script is superseded; they are loaded all the same.
        let elsewhere = move || drop(tell.send(elsewhere()));
        if std::thread::Builder::new().name("lilt-load".to_owned()).spawn(elsewhere).is_err() {
            return self.paused(load);
        }
        let loaded = self.wait_until(Instant::now() + LOADING, |until| match told.recv_deadline(until) {
            Ok(loaded) => Some(loaded),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Err(ModelError::Stopped)),
        });
        loaded.unwrap_or(Err(ModelError::Stopped))
    }
}
