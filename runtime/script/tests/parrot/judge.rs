//! What says what a drawing shows, for tests: it counts strokes.

use lilt_inference::{ModelError, Recognizer};
use lilt_score::Sketch;

/// Takes a drawing of one stroke for a circle, of two for a cross, and any other for a star; sure by eight in ten.
pub struct Judge {
    kinds: Vec<String>,
}

impl Judge {
    pub fn new() -> Judge {
        Judge { kinds: ["circle", "cross", "star", "line", "zigzag"].map(str::to_owned).to_vec() }
    }
}

impl Recognizer for Judge {
    fn kinds(&self) -> &[String] {
        &self.kinds
    }

    fn identity(&self) -> &str {
        "judge"
    }

    fn recognize(&self, sketches: &[Sketch]) -> Result<Vec<Vec<f32>>, ModelError> {
        let told = |sketch: &Sketch| {
            let shown = match sketch.strokes().len() {
                1 => 0,
                2 => 1,
                _ => 2,
            };
            (0..self.kinds.len()).map(|kind| if kind == shown { 0.8 } else { 0.05 }).collect()
        };
        Ok(sketches.iter().map(told).collect())
    }
}
