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

    /// What of it was drawn when so many points were: the last stroke may have only begun.
    pub fn begun(&self, points: usize) -> Sketch {
        let mut left = points;
        let begun = |stroke: &Stroke| {
            let count = stroke.points.len().min(left);
            left -= count;
            (count > 0).then(|| Stroke { points: stroke.points[..count].to_vec() })
        };
        Sketch { strokes: Arc::new(self.strokes.iter().map_while(begun).collect()) }
    }

    /// How like two sketches are, `0..=1`: how near each point of one lies to a stroke of the other, on average; at
    /// a distance of a tenth of the canvas it is e⁻¹ as much as where they meet. 1 for the same lines, however many
    /// points they are drawn with; two empty sketches are alike, an empty one is like no other.
    pub fn likeness(&self, other: &Sketch) -> f64 {
        let points = self.points() + other.points();
        match (self.points(), other.points()) {
            (0, 0) => 1.0,
            (0, _) | (_, 0) => 0.0,
            _ => (self.nearness(other) + other.nearness(self)) / points as f64,
        }
    }

    /// The sum over the points of how near each lies to a stroke of `other`.
    fn nearness(&self, other: &Sketch) -> f64 {
        let near = |point: &Point| {
            let distances = other.strokes.iter().map(|stroke| stroke.distance(point));
            (-distances.fold(f32::INFINITY, f32::min) / LIKE).exp()
        };
        self.strokes.iter().flat_map(|stroke| &stroke.points).map(|point| f64::from(near(point))).sum()
    }
}

/// Distance at which a point is e⁻¹ as like as one that is met, in units of the canvas' shorter side.
const LIKE: f32 = 0.1;

impl Stroke {
    /// How far `point` lies from the line; infinitely far where there is none.
    fn distance(&self, point: &Point) -> f32 {
        let to = |a: &Point, b: &Point| {
            let (along, across) = (b.x - a.x, b.y - a.y);
            let square = along * along + across * across;
            let at = ((point.x - a.x) * along + (point.y - a.y) * across) / square;
            // Two samples at one place are a point.
            let at = if square > 0.0 { at.clamp(0.0, 1.0) } else { 0.0 };
            (point.x - a.x - at * along).hypot(point.y - a.y - at * across)
        };
        match self.points.as_slice() {
            [] => f32::INFINITY,
            [only] => to(only, only),
            points => points.windows(2).map(|pair| to(&pair[0], &pair[1])).fold(f32::INFINITY, f32::min),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[(f32, f32)]) -> Sketch {
        let point = |&(x, y): &(f32, f32)| Point { x, y, width: 0.01, time: x };
        Sketch::new(vec![Stroke { points: points.iter().map(point).collect() }])
    }

    #[test]
    fn likeness_is_how_near_the_lines_lie() {
        let (coarse, fine) = (line(&[(0.2, 0.5), (0.8, 0.5)]), line(&[(0.2, 0.5), (0.4, 0.5), (0.8, 0.5)]));
        assert!((coarse.likeness(&fine) - 1.0).abs() < 1e-6);
        let moved = |by: f32| coarse.likeness(&line(&[(0.2, 0.5 + by), (0.8, 0.5 + by)]));
        assert!((moved(0.1) - (-1.0f64).exp()).abs() < 1e-6, "{}", moved(0.1));
        assert!(moved(0.02) > moved(0.1) && moved(0.1) > moved(0.4));
        let (none, dot) = (Sketch::default(), line(&[(0.2, 0.5)]));
        assert_eq!((none.likeness(&none), none.likeness(&dot), dot.likeness(&none)), (1.0, 0.0, 0.0));
        assert!((dot.likeness(&dot) - 1.0).abs() < 1e-6);
        assert_eq!(dot.likeness(&coarse), coarse.likeness(&dot));
    }

    #[test]
    fn a_sketch_begins_with_its_first_points() {
        let whole = Sketch::new(
            [line(&[(0.0, 0.0), (0.1, 0.1)]), line(&[(0.5, 0.0), (0.6, 0.1), (0.7, 0.3)])]
                .iter()
                .flat_map(|sketch| sketch.strokes().to_vec())
                .collect(),
        );
        let strokes = |count| {
            let begun = whole.begun(count);
            begun.strokes().iter().map(|stroke| stroke.points.len()).collect::<Vec<usize>>()
        };
        assert_eq!(
            [0, 1, 2, 3, 5, 9].map(strokes),
            [vec![], vec![1], vec![2], vec![2, 1], vec![2, 3], vec![2, 3]]
        );
    }
}
