//! The recognizer as it answers.

use std::path::Path;

use lilt_inference::{ModelError, Recognizer};
use lilt_score::Sketch;

use super::NAME;
use super::ink::Line;
use super::network::{Config, Network};
use super::views::probabilities;
use crate::card::{Head, read_weights};

/// Tells the kinds of Quick, Draw! apart.
#[derive(Debug)]
pub struct QuickRecognizer {
    network: Network,
    identity: String,
}

impl QuickRecognizer {
    /// Loads the weights of a folder.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged.
    pub fn load(folder: &Path) -> Result<QuickRecognizer, ModelError> {
        let card = folder.join(format!("{NAME}.toml"));
        let head = Head::<Config>::read(&card)?;
        let path = card.with_extension("safetensors");
        let weights = read_weights(&path, &head.weights.sha256, &head.network.tensors())?;
        let network = Network::from_weights(head.network, &weights)
            .map_err(|error| ModelError::Weights { path, reason: error.to_string() })?;
        Ok(QuickRecognizer { network, identity: head.weights.sha256 })
    }
}

impl Recognizer for QuickRecognizer {
    fn kinds(&self) -> &[String] {
        &self.network.config().kinds
    }

    fn identity(&self) -> &str {
        &self.identity
    }

    fn recognize(&self, sketches: &[Sketch]) -> Result<Vec<Vec<f32>>, ModelError> {
        if sketches.is_empty() {
            return Ok(Vec::new());
        }
        let drawings: Vec<Vec<Line>> = sketches.iter().map(lines).collect();
        let drawings: Vec<&[Line]> = drawings.iter().map(Vec::as_slice).collect();
        let said = probabilities(&self.network, &drawings).and_then(|said| said.to_vec2());
        let said: Vec<Vec<f32>> = said.map_err(|error| ModelError::computation(NAME, error))?;
        match said.iter().flatten().all(|probability| probability.is_finite()) {
            true => Ok(said),
            false => Err(ModelError::no_numbers(NAME)),
        }
    }
}

/// A sketch as lines of points.
fn lines(sketch: &Sketch) -> Vec<Line> {
    sketch
        .strokes()
        .iter()
        .map(|stroke| stroke.points.iter().map(|point| [point.x, point.y]).collect())
        .collect()
}
