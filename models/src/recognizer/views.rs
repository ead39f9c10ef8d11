//! The ways in which a drawing is looked at. What the network says of a drawing as it is, mirrored, turned and stretched
//! a little is averaged (test-time augmentation, Krizhevsky, Sutskever and Hinton 2012, section 4.1): a hand might have
//! drawn each of them.

use candle_core::{D, Result, Tensor};

use super::ink::Line;
use super::lesson::seen;
use super::network::Network;

/// A view: what a drawing's two axes become, as rows of a matrix.
type View = [[f32; 2]; 2];

/// Sine and cosine of a turn of 0.15 radians.
const TURN: [f32; 2] = [0.149_438, 0.988_771];
/// How much a side is stretched.
const STRETCH: f32 = 1.2;
/// How far a drawing leans.
const LEAN: f32 = 0.15;

/// Each as it is and mirrored; chosen on the validation set.
const VIEWS: [View; 6] = [
    [[1.0, 0.0], [0.0, 1.0]],
    [[TURN[1], -TURN[0]], [TURN[0], TURN[1]]],
    [[TURN[1], TURN[0]], [-TURN[0], TURN[1]]],
    [[STRETCH, 0.0], [0.0, 1.0]],
    [[1.0, 0.0], [0.0, STRETCH]],
    [[1.0, LEAN], [0.0, 1.0]],
];

fn viewed(lines: &[Line], view: View, mirrored: bool) -> Vec<Line> {
    let side = if mirrored { -1.0 } else { 1.0 };
    let at = |&[x, y]: &[f32; 2]| {
        let x = side * x;
        view.map(|[of_x, of_y]| of_x * x + of_y * y)
    };
    lines.iter().map(|line| line.iter().map(at).collect()).collect()
}

/// The probabilities of each kind for each of the drawings, `[drawings, kinds]`: means over all views.
///
/// # Errors
/// When the network fails.
pub fn probabilities(network: &Network, drawings: &[&[Line]]) -> Result<Tensor> {
    let mut sum: Option<Tensor> = None;
    for view in VIEWS {
        for mirrored in [false, true] {
            let views: Vec<Vec<Line>> = drawings.iter().map(|lines| viewed(lines, view, mirrored)).collect();
            let logits = network.forward(&seen(views.iter().map(Vec::as_slice))?, None)?;
            let said = candle_nn::ops::softmax(&logits, D::Minus1)?;
            sum = Some(match sum {
                Some(sum) => (sum + said)?,
                None => said,
            });
        }
    }
    match sum {
        Some(sum) => sum / (2 * VIEWS.len()) as f64,
        None => candle_core::bail!("there is no view"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_turns_stretches_and_mirrors() {
        let line = vec![vec![[1.0, 0.0], [0.0, 2.0]]];
        assert_eq!(viewed(&line, VIEWS[0], false), line);
        assert_eq!(viewed(&line, VIEWS[0], true), [vec![[-1.0, 0.0], [0.0, 2.0]]]);
        assert_eq!(viewed(&line, VIEWS[4], false), [vec![[1.0, 0.0], [0.0, 2.0 * STRETCH]]]);
        let [[x, y], _] = viewed(&line, VIEWS[1], false)[0][..] else { panic!("two points") };
        assert!((x.hypot(y) - 1.0).abs() < 1e-5 && y > 0.1);
    }
}
