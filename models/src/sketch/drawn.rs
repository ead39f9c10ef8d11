//! Drawings that a network draws from the start, side by side, in the network's own terms.

use lilt_inference::{Extent, ModelError, Particles, Watch};
use lilt_score::Seed;

use super::NAME;
use super::moves::Move;
use super::particles::{Begun, Drawings, Manner};
use super::step::{Condition, SketchStep};

/// Drawings, in pixels, one for each of `told`, with at most so many points, the same for the same seed. One that
/// does not end by then has no end. At temperature 0 they are the likeliest moves, one after the other.
///
/// # Errors
/// When the network gives no usable numbers.
pub fn drawn(
    step: &SketchStep,
    told: Vec<Condition>,
    most: usize,
    temperature: f32,
    seed: u64,
) -> Result<Vec<Vec<Move>>, ModelError> {
    let manner = Manner { temperature, most, ends: true };
    let count = told.len();
    let mut drawings = Drawings::new(NAME, step, told, Begun::nothing(step), manner, Seed(seed));
    drawings.advance(Extent::of_points(most), &Watch::new())?;
    Ok((0..count).map(|place| drawings.moves(place)).collect())
}
