//! What is measured of `sketch`, and what its card says of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mixture::Mixture;
use super::moves::{Move, Pen};
use super::step::{Condition, Room, SketchStep};

/// Nats per point; offsets are in pixels, 255 to a drawing, and the end of each drawing is in the sum, not in the
/// count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NatsPerPoint {
    /// On an eighth of the drawings of the data that it learnt from.
    pub train: f64,
    /// On the validation set.
    pub valid: f64,
    /// On the test set.
    pub test: f64,
    /// On the test set, told a point of the latent space for each drawing.
    pub test_told: f64,
}

/// The same of a network that knows kinds, beside the released decoders of some of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// On all kinds.
    #[serde(flatten)]
    pub all: NatsPerPoint,
    /// Means over the kinds below: of this network, and of the released decoders on the same drawings.
    pub mean: [f64; 2],
    /// How many times larger the drawings are for the decoders.
    pub larger: f64,
    /// Each kind for which there is a released decoder.
    pub kinds: BTreeMap<String, OfKind>,
}

/// The held-out drawings of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfKind {
    /// How many there are.
    pub drawings: usize,
    /// Their points.
    pub points: usize,
    /// Nats per point of this network, told the kind.
    pub ours: f64,
    /// Nats per point of the released decoder of that kind, on the same drawings, made so many times larger that all
    /// decoders do best on average.
    pub released: f64,
    /// Nats per point of that decoder on the drawings as it learnt them: as large as they were drawn, and simplified
    /// then, which leaves more points.
    pub released_at_home: f64,
    /// Points of these.
    pub points_at_home: usize,
}

/// Golden output: what tells a build that computes something else from a right one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// What is drawn, always choosing the likeliest; nothing where the network knows no kinds.
    pub kind: String,
    /// Moves as `dx,dy` in whole pixels, `^` behind those after which the pen is lifted, separated by spaces.
    pub moves: String,
}

/// Most points of a [`Golden`].
pub const GOLDEN_POINTS: usize = 100;

/// Moves of a [`Golden`], in pixels.
pub fn golden_text(moves: &[Move]) -> String {
    let whole = |number: f32| number.round() as i32;
    let text = |step: &Move| {
        let lifted = if step.pen == Pen::Up { "^" } else { "" };
        format!("{},{}{lifted}", whole(step.dx), whole(step.dy))
    };
    let drawn = moves.iter().take_while(|step| step.pen != Pen::End);
    drawn.map(text).collect::<Vec<_>>().join(" ")
}

/// Added to the density of each offset, in the network's own unit, as Sketch-RNN's own evaluation does: the density of
/// a move that a network holds for impossible has no end.
const LEAST_DENSITY: f64 = 1e-6;

/// Nats of drawings, and their points. The moves are in units of the step's network, of which one is so many `pixels`,
/// and each drawing is told its condition.
pub fn nats<'a>(
    step: &SketchStep,
    pixels: f32,
    drawings: impl IntoIterator<Item = (&'a [Move], Condition)>,
) -> (f64, usize) {
    let (mut room, mut mixture) = (Room::default(), Mixture::default());
    let per_unit = 2.0 * f64::from(pixels).ln();
    let (mut sum, mut points) = (0.0, 0);
    for (moves, condition) in drawings {
        let mut states = [step.start()];
        let mut before = Move::START;
        for &next in moves {
            let said = step.step(&mut room, &[before], &[&condition], &mut states);
            mixture.read(said, 1.0);
            sum -= f64::from(mixture.pens[next.pen as usize].max(f32::MIN_POSITIVE)).ln();
            if next.pen != Pen::End {
                sum +=
                    per_unit - (f64::from(mixture.log_density(next.dx, next.dy)).exp() + LEAST_DENSITY).ln();
                points += 1;
            }
            before = next;
        }
    }
    (sum, points)
}
