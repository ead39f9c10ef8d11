//! Where the copies of a drawing lie: moved, turned, in rings, mirrors and grids.

use lilt_canvas::CopyView;
use lilt_score::Rgb;

/// A map of the plane: a point `x, y` goes to `a x + c y + e`, `b x + d y + f`.
pub type Matrix = [f64; 6];

/// The middle of the stage, around which everything turns.
const MIDDLE: f64 = 0.5;

/// One place of a drawing, and how it looks there.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Where its points go.
    pub matrix: Matrix,
    /// Its colour.
    pub rgb: Rgb,
    /// How much it hides.
    pub opacity: f64,
    /// How many times as wide as the pen its lines are.
    pub width: f64,
    /// How much light its lines give off.
    pub glow: f64,
}

/// The middle of the stage goes to `to`; what lies around it grows by `size` and is turned clockwise by `turns`.
pub fn moved(to: [f64; 2], size: f64, turns: f64) -> Matrix {
    let (sine, cosine) = turn(turns);
    let linear = [cosine * size, sine * size, -sine * size, cosine * size];
    around(linear, to)
}

/// Sine and cosine of so many turns.
fn turn(turns: f64) -> (f64, f64) {
    (std::f64::consts::TAU * turns.rem_euclid(1.0)).sin_cos()
}

/// The linear map around the middle of the stage, which then goes to `to`.
fn around([a, b, c, d]: [f64; 4], [x, y]: [f64; 2]) -> Matrix {
    [a, b, c, d, x - (a + c) * MIDDLE, y - (b + d) * MIDDLE]
}

/// First `inner`, then `outer`.
fn then(inner: Matrix, outer: Matrix) -> Matrix {
    let ([a, b, c, d, e, f], [p, q, r, s, t, u]) = (inner, outer);
    [p * a + r * b, q * a + s * b, p * c + r * d, q * c + s * d, p * e + r * f + t, q * e + s * f + u]
}

impl Place {
    fn through(&self, outer: Matrix) -> Place {
        Place { matrix: then(self.matrix, outer), ..self.clone() }
    }

    /// It so many times around the middle.
    pub fn ringed(self, count: usize) -> Vec<Place> {
        (0..count).map(|i| self.through(moved([MIDDLE; 2], 1.0, i as f64 / count as f64))).collect()
    }

    /// It in so many pairs of mirrors around the middle; itself where there is one.
    pub fn mirrored(self, count: usize) -> Vec<Place> {
        if count <= 1 {
            return vec![self];
        }
        let each = |i: usize| {
            let (sine, cosine) = turn(i as f64 / count as f64);
            let turned = around([cosine, sine, -sine, cosine], [MIDDLE; 2]);
            // Left and right first, then turned.
            let mirrored = then(around([-1.0, 0.0, 0.0, 1.0], [MIDDLE; 2]), turned);
            [self.through(turned), self.through(mirrored)]
        };
        (0..count).flat_map(each).collect()
    }

    /// It so many times across and down.
    pub fn tiled(self, count: usize) -> Vec<Place> {
        let small = 1.0 / count as f64;
        let tile = |x: usize, y: usize| {
            let place = self.through([small, 0.0, 0.0, small, x as f64 * small, y as f64 * small]);
            Place { width: place.width * small, glow: place.glow * small, ..place }
        };
        (0..count).flat_map(|y| (0..count).map(move |x| (x, y))).map(|(x, y)| tile(x, y)).collect()
    }

    /// True where it is seen elsewhere than `other`, or otherwise.
    pub fn differs_from(&self, other: &Place) -> bool {
        let moved = self.matrix.iter().zip(&other.matrix).any(|(one, other)| (one - other).abs() > 5e-4);
        moved || self.rgb != other.rgb
    }

    /// It as the canvas shows it, `left` of it.
    pub fn copy(self, left: f64) -> CopyView {
        let Place { matrix, rgb, opacity, width, glow } = self;
        let matrix = matrix.map(|number| (number * 1e5).round() / 1e5);
        CopyView { matrix, colour: rgb.number(), opacity: opacity * left, width, glow: glow * left }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes([a, b, c, d, e, f]: Matrix, [x, y]: [f64; 2]) -> [f64; 2] {
        [a * x + c * y + e, b * x + d * y + f].map(|number| (number * 1e6).round() / 1e6)
    }

    fn place() -> Place {
        let matrix = moved([0.5, 0.5], 1.0, 0.0);
        Place { matrix, rgb: Rgb::default(), opacity: 1.0, width: 1.0, glow: 0.0 }
    }

    #[test]
    fn a_drawing_is_turned_and_grows_around_its_middle_and_moves() {
        assert_eq!(moved([0.5, 0.5], 1.0, 0.0), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(goes(moved([0.25, 0.75], 2.0, 0.0), [0.5, 0.5]), [0.25, 0.75]);
        // A quarter turn clockwise: what lay right lies below.
        assert_eq!(goes(moved([0.5, 0.5], 1.0, 0.25), [1.0, 0.5]), [0.5, 1.0]);
        assert_eq!(goes(moved([0.5, 0.5], 0.5, 1.0), [1.0, 0.5]), [0.75, 0.5]);
    }

    #[test]
    fn copies_lie_in_rings_mirrors_and_grids() {
        let at = |places: Vec<Place>, point| -> Vec<[f64; 2]> {
            places.into_iter().map(|place| goes(place.matrix, point)).collect()
        };
        let right = [1.0, 0.5];
        assert_eq!(at(place().ringed(4), right), [[1.0, 0.5], [0.5, 1.0], [0.0, 0.5], [0.5, 0.0]]);
        let above = [0.75, 0.0];
        assert_eq!(at(place().mirrored(2), above), [[0.75, 0.0], [0.25, 0.0], [0.25, 1.0], [0.75, 1.0]]);
        assert_eq!(at(place().mirrored(1), above), [above]);
        assert_eq!(
            at(place().tiled(2), [0.5, 0.5]),
            [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]
        );
        assert_eq!(place().tiled(4)[0].width, 0.25);
    }
}
