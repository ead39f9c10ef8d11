//! What an interpolation yields: pieces, and where on a plane they lie.

use crate::Piece;

/// Nearer than this the ends of a way are the same point.
const NEAREST: f64 = 1e-9;

/// Pieces on the way between two, both ends included, and the path on which they lie: a point a piece, the first at
/// `[0, 0]`, the last at `[1, 0]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolated {
    pieces: Vec<Piece>,
    path: Vec<[f64; 2]>,
}

impl Interpolated {
    /// Pieces in even steps, where the model knows of no space in which they lie.
    pub fn straight(pieces: Vec<Piece>) -> Interpolated {
        let last = pieces.len().saturating_sub(1).max(1) as f64;
        let path = (0..pieces.len()).map(|step| [step as f64 / last, 0.0]).collect();
        Interpolated { pieces, path }
    }

    /// Pieces on a way through a latent space, each with its point there. The plane on which the path lies holds both
    /// ends, and the point that is farthest from the straight line between them: of a great circle, all of it.
    pub fn through(pieces: Vec<Piece>, points: &[Vec<f32>]) -> Interpolated {
        match plane(points).filter(|path| path.len() == pieces.len()) {
            Some(path) => Interpolated { pieces, path },
            None => Interpolated::straight(pieces),
        }
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Where each piece lies: along the straight way from the first to the last, whose length is 1, and beside it.
    pub fn path(&self) -> &[[f64; 2]] {
        &self.path
    }
}

/// Points on the plane through the first, the last and the one farthest from their line; `None` where the first and
/// the last are the same, or the points are no numbers.
fn plane(points: &[Vec<f32>]) -> Option<Vec<[f64; 2]>> {
    let (first, last) = (points.first()?, points.last()?);
    let from_first = |point: &Vec<f32>| -> Vec<f64> {
        point.iter().zip(first).map(|(at, from)| f64::from(*at) - f64::from(*from)).collect()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let along = from_first(last);
    let length = dot(&along, &along).sqrt();
    if !length.is_finite() || length < NEAREST {
        return None;
    }
    let split = |point: &Vec<f32>| -> (f64, Vec<f64>) {
        let away = from_first(point);
        let x = dot(&away, &along) / (length * length);
        (x, away.iter().zip(&along).map(|(away, along)| away - x * along).collect())
    };
    let parts: Vec<(f64, Vec<f64>)> = points.iter().map(split).collect();
    let size = |beside: &[f64]| dot(beside, beside).sqrt();
    let farthest = parts.iter().map(|(_, beside)| beside).max_by(|a, b| size(a).total_cmp(&size(b)))?;
    let most = size(farthest);
    let y = |beside: &[f64]| match most / length < NEAREST {
        true => 0.0,
        false => dot(beside, farthest) / (most * length),
    };
    let path: Vec<[f64; 2]> = parts.iter().map(|(x, beside)| [*x, y(beside)]).collect();
    path.iter().flatten().all(|number| number.is_finite()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::Sketch;
    use proptest::prelude::*;

    fn pieces(count: usize) -> Vec<Piece> {
        vec![Sketch::default().into(); count]
    }

    fn near(path: &[[f64; 2]], want: &[[f64; 2]]) -> bool {
        path.len() == want.len()
            && path.iter().flatten().zip(want.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-6)
    }

    #[test]
    fn a_quarter_of_a_circle_is_an_arc_over_its_chord() {
        let at = |turn: f64| {
            let (sine, cosine) = (turn * std::f64::consts::FRAC_PI_2).sin_cos();
            vec![2.0 * cosine as f32, 0.0, 2.0 * sine as f32]
        };
        let way = Interpolated::through(pieces(3), &[at(0.0), at(0.5), at(1.0)]);
        let rise = (1.0 - 0.5f64.sqrt()) / 2.0f64.sqrt();
        assert!(near(way.path(), &[[0.0, 0.0], [0.5, rise], [1.0, 0.0]]), "{:?}", way.path());
    }

    #[test]
    fn a_way_without_a_space_is_straight() {
        let straight = [[0.0, 0.0], [0.5, 0.0], [1.0, 0.0]];
        assert!(near(Interpolated::straight(pieces(3)).path(), &straight));
        for points in [
            vec![],
            vec![vec![1.0, 2.0]; 3],
            vec![vec![0.0], vec![f32::NAN], vec![1.0]],
            vec![vec![0.0], vec![1.0]],
            vec![vec![0.0, 0.0], vec![1.0, 1.0], vec![2.0, 2.0]],
        ] {
            assert!(near(Interpolated::through(pieces(3), &points).path(), &straight), "{points:?}");
        }
        assert_eq!(Interpolated::straight(pieces(1)).path(), [[0.0, 0.0]]);
    }

    proptest! {
        #[test]
        fn the_ends_lie_where_they_are_said_to(
            points in prop::collection::vec(prop::collection::vec(-3.0f32..3.0, 4), 2..20),
        ) {
            let path = Interpolated::through(pieces(points.len()), &points).path().to_vec();
            prop_assert!(near(&[path[0], path[path.len() - 1]], &[[0.0, 0.0], [1.0, 0.0]]));
        }
    }
}
