//! Drawings: strokes of the pen, and sketches made of them.

use std::sync::Arc;

/// One sample of the pen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Rightwards, in units of the canvas' shorter side (0 left, 1 right).
    pub x: f32,
    /// Downwards, in the same unit.
    pub y: f32,
    /// Pen width, in the same unit.
    pub width: f32,
    /// Seconds since the sketch began.
    pub time: f32,
}

/// A polyline drawn without lifting the pen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stroke {
    /// The samples in the order they were drawn.
    pub points: Vec<Point>,
}

/// A finite list of strokes; a value, never changed in place, cheap to clone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sketch {
    strokes: Arc<Vec<Stroke>>,
}

impl Sketch {
    /// A sketch of these strokes; points that are not finite are left out.
    pub fn new(strokes: Vec<Stroke>) -> Sketch {
        let finite =
            |p: &Point| p.x.is_finite() && p.y.is_finite() && p.width.is_finite() && p.time.is_finite();
        let strokes = strokes
            .into_iter()
            .map(|stroke| Stroke { points: stroke.points.into_iter().filter(finite).collect() })
            .filter(|stroke| !stroke.points.is_empty())
            .collect();
        Sketch { strokes: Arc::new(strokes) }
    }

    /// The strokes in drawing order.
    pub fn strokes(&self) -> &[Stroke] {
        &self.strokes
    }

    /// Number of points in all strokes.
    pub fn points(&self) -> usize {
        self.strokes.iter().map(|stroke| stroke.points.len()).sum()
    }
}
