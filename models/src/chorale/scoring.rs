//! How much each cell of a chorale surprises the network, cell after cell in one fixed order.

use lilt_inference::{ModelError, Watch};
use lilt_score::Seed;
use rand::seq::SliceRandom;

use super::NAME;
use super::features::{ACTIVE, Conditioning, Known, hear};
use super::filling::Place;
use super::step::{Asked, ChoraleStep};
use super::vocabulary::{Frame, VOICES};

/// Cells that are worked out side by side.
const BATCH: usize = 32;

/// Seed of the order, the same for all music.
const ORDER: Seed = Seed(0x0c4a_1e5c);

/// Nats of every cell of `frames` that is in `known`, each when those before it in a random order are
/// known; 0 for the others. The order depends on which cells there are and on nothing else.
///
/// # Errors
/// [`ModelError::Cancelled`], or [`ModelError::Computation`] when the network gives no usable numbers.
pub fn surprise(
    step: &ChoraleStep,
    frames: &[Frame],
    known: &[Known],
    conditioning: Conditioning,
    watch: &Watch,
) -> Result<Vec<[f64; VOICES]>, ModelError> {
    let count = frames.len();
    let mut order: Vec<Place> = (0..count)
        .flat_map(|frame| (0..VOICES).map(move |voice| (frame, voice)))
        .filter(|&(frame, voice)| known[frame][voice])
        .collect();
    order.shuffle(&mut ORDER.rng());
    let reach = step.config().reach();
    let window = (2 * reach + 1).min(count);
    let mut shown = vec![[false; VOICES]; count];
    let mut nats = vec![[0.0; VOICES]; count];
    for (number, places) in order.chunks(BATCH).enumerate() {
        watch.check()?;
        watch.report((number * BATCH) as f64, order.len() as f64);
        let batch = places.len();
        let mut features = vec![[0u16; ACTIVE]; window * batch];
        let mut asked = Vec::with_capacity(batch);
        for (column, &(frame, voice)) in places.iter().enumerate() {
            let heard = hear(frames, &shown, conditioning);
            // The logits of a cell depend on this window alone.
            let first = frame.saturating_sub(reach).min(count - window);
            for row in 0..window {
                features[row * batch + column] = heard.features[first + row];
            }
            let row = (frame - first) * batch + column;
            asked.push(Asked { row, voice, anchors: heard.anchors[frame][voice] });
            shown[frame][voice] = true;
        }
        for (&(frame, voice), logits) in places.iter().zip(step.logits(&features, batch, &asked)) {
            let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f64 = logits.iter().map(|&logit| f64::from(logit - highest).exp()).sum();
            let own = f64::from(logits[usize::from(frames[frame][voice])] - highest);
            let found = sum.ln() - own;
            if !found.is_finite() {
                return Err(ModelError::no_numbers(NAME));
            }
            nats[frame][voice] = found;
        }
    }
    Ok(nats)
}
