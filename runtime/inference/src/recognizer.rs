//! What says what a drawing shows.

use lilt_score::Sketch;

use crate::ModelError;

/// A classifier of drawings. What it answers is a pure function of its weights and the drawing.
pub trait Recognizer: Send + Sync {
    /// What it tells apart, in alphabetical order.
    fn kinds(&self) -> &[String];

    /// Names its weights: recognizers of the same identity answer alike.
    fn identity(&self) -> &str;

    /// For each of `sketches` the probability of each of [`Recognizer::kinds`], in their order; they sum to 1. A sketch
    /// without ink has some as well: what is said of an empty sheet.
    ///
    /// # Errors
    /// When the network fails.
    fn recognize(&self, sketches: &[Sketch]) -> Result<Vec<Vec<f32>>, ModelError>;
}
