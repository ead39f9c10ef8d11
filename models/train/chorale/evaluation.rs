//! Coconet's framewise loss ("Counterpoint by convolution", Algorithm 1, and its reference code).
//!
//! The frames of a piece come in random order. Each is predicted from the frames before it in that
//! order; within it the voices come in random order too, and a voice hears what the *network*
//! thought likeliest for those before it, not what Bach wrote. The loss of a frame is the sum over
//! its four voices of −log p of what Bach wrote. Over several orders the probabilities of a frame
//! are averaged. The figure is the mean over all frames of all pieces.
//!
//! Unlike Coconet's, silence counts: it is a class like any other.

use lilt_models::chorale::features::{ACTIVE, Known, hear};
use lilt_models::chorale::step::{Asked, ChoraleStep};
use lilt_models::chorale::vocabulary::{CLASSES, Frame, VOICES};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use lilt_models::chorale::piece::Piece;

/// One frame to be predicted, and what is known when its turn comes.
struct Turn {
    frame: usize,
    voices: [usize; VOICES],
    known: Vec<Known>,
    frames: Vec<Frame>,
}

/// Cells worked out side by side.
const BATCH: usize = 32;

/// −log p of the frames `of` (in the order of `of`) under one random order.
fn one_order(step: &ChoraleStep, piece: &Piece, of: &[usize], rng: &mut ChaCha8Rng) -> Vec<f64> {
    let count = piece.frames.len();
    let mut order: Vec<usize> = (0..count).collect();
    order.shuffle(rng);
    let mut place = vec![0; count];
    order.iter().enumerate().for_each(|(at, &frame)| place[frame] = at);
    let turn = |&frame: &usize| {
        let mut voices = [0, 1, 2, 3];
        voices.shuffle(rng);
        let known = (0..count).map(|other| [place[other] < place[frame]; VOICES]).collect();
        Turn { frame, voices, known, frames: piece.frames.clone() }
    };
    let mut turns: Vec<Turn> = of.iter().map(turn).collect();
    let mut losses = vec![0.0; of.len()];
    for (turns, losses) in turns.chunks_mut(BATCH).zip(losses.chunks_mut(BATCH)) {
        for number in 0..VOICES {
            let found = log_probabilities(step, piece, turns, number);
            for ((turn, loss), found) in turns.iter_mut().zip(losses.iter_mut()).zip(found) {
                let (frame, voice) = (turn.frame, turn.voices[number]);
                *loss -= found[usize::from(piece.frames[frame][voice])];
                let likeliest = (0..CLASSES).max_by(|&a, &b| found[a].total_cmp(&found[b])).unwrap_or(0);
                turn.frames[frame][voice] = likeliest as u8;
                turn.known[frame][voice] = true;
            }
        }
    }
    losses
}

/// ln p of each class of voice `number` of each turn.
fn log_probabilities(
    step: &ChoraleStep,
    piece: &Piece,
    turns: &[Turn],
    number: usize,
) -> Vec<[f64; CLASSES]> {
    let (batch, count) = (turns.len(), piece.frames.len());
    // The window around a frame that its logits depend on.
    let reach = step.config().reach();
    let window = (2 * reach + 1).min(count);
    let mut features = vec![[0u16; ACTIVE]; window * batch];
    let mut asked = Vec::with_capacity(batch);
    for (column, turn) in turns.iter().enumerate() {
        let heard = hear(&turn.frames, &turn.known, piece.conditioning(false));
        let first = turn.frame.saturating_sub(reach).min(count - window);
        for row in 0..window {
            features[row * batch + column] = heard.features[first + row];
        }
        let voice = turn.voices[number];
        let row = (turn.frame - first) * batch + column;
        asked.push(Asked { row, voice, anchors: heard.anchors[turn.frame][voice] });
    }
    let normal = |logits: [f32; CLASSES]| {
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = logits.iter().map(|&logit| f64::from(logit - highest).exp()).sum();
        logits.map(|logit| f64::from(logit - highest) - sum.ln())
    };
    step.logits(&features, batch, &asked).into_iter().map(normal).collect()
}

/// Nats per frame of `pieces` from the first frame to the last and from the soprano down, every
/// `stride`th frame: what a model from left to right is measured by.
pub fn in_order(step: &ChoraleStep, pieces: &[Piece], stride: usize) -> f64 {
    let (mut nats, mut frames) = (0.0, 0usize);
    for (number, piece) in pieces.iter().enumerate() {
        let count = piece.frames.len();
        let of: Vec<usize> = (number % stride..count).step_by(stride).collect();
        frames += of.len();
        for of in of.chunks(BATCH) {
            let mut turns: Vec<Turn> = of
                .iter()
                .map(|&frame| Turn {
                    frame,
                    voices: [0, 1, 2, 3],
                    known: (0..count).map(|other| [other < frame; VOICES]).collect(),
                    frames: piece.frames.clone(),
                })
                .collect();
            for voice in 0..VOICES {
                let found = log_probabilities(step, piece, &turns, voice);
                for (turn, found) in turns.iter_mut().zip(found) {
                    nats -= found[usize::from(piece.frames[turn.frame][voice])];
                    turn.known[turn.frame][voice] = true;
                }
            }
        }
    }
    nats / frames as f64
}

/// What [`framewise`] found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Framewise {
    /// Nats per frame, probabilities averaged over the orders.
    pub nats: f64,
    /// Nats per frame, losses averaged over the orders.
    pub single: f64,
    /// Standard error of `nats` over the frames.
    pub error: f64,
    /// Frames that were measured.
    pub frames: usize,
}

/// Coconet's loss over `pieces`, of every `stride`th frame.
pub fn framewise(step: &ChoraleStep, pieces: &[Piece], orders: usize, stride: usize, seed: u64) -> Framewise {
    let mut all = Vec::new();
    let mut single = 0.0;
    for (number, piece) in pieces.iter().enumerate() {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number as u64);
        let of: Vec<usize> = (number % stride..piece.frames.len()).step_by(stride).collect();
        let runs: Vec<Vec<f64>> = (0..orders).map(|_| one_order(step, piece, &of, &mut rng)).collect();
        for frame in 0..of.len() {
            let losses = runs.iter().map(|run| run[frame]);
            let least = losses.clone().fold(f64::INFINITY, f64::min);
            let mean = losses.clone().map(|loss| (least - loss).exp()).sum::<f64>() / orders as f64;
            all.push(least - mean.ln());
            single += losses.sum::<f64>() / orders as f64;
        }
    }
    let count = all.len() as f64;
    let nats = all.iter().sum::<f64>() / count;
    let variance = all.iter().map(|loss| (loss - nats).powi(2)).sum::<f64>() / count;
    Framewise { nats, single: single / count, error: (variance / count).sqrt(), frames: all.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_models::chorale::network::{Config, Tensors};
    use lilt_models::step::Kernel;

    fn piece() -> Piece {
        Piece::new((0..40).map(|at| [36 + at % 3, 28, 20 - at % 2, 10]).collect())
    }

    /// A network of zeros finds every class equally likely, whatever the order; a bias shows.
    #[test]
    fn the_losses_of_networks_that_one_can_work_out() {
        let config = Config::new(64, 64, &[1, 2]);
        let mut tensors: Tensors = config
            .tensors()
            .into_iter()
            .map(|(name, shape)| (name, vec![0.0; shape.iter().product()]))
            .collect();
        let step = ChoraleStep::new(&config, &tensors, Kernel::detect()).unwrap();
        let even = 4.0 * (CLASSES as f64).ln();
        let found = framewise(&step, &[piece()], 3, 2, 1);
        assert!((found.nats - even).abs() < 1e-4 && (found.single - even).abs() < 1e-4);
        assert_eq!(found.frames, 20);
        assert!((in_order(&step, &[piece()], 1) - even).abs() < 1e-4);

        // The alto's only pitch, ten nats above the others.
        let voice = tensors["out.bias"].len() / VOICES;
        tensors.get_mut("out.bias").unwrap()[voice + 28] = 10.0;
        let step = ChoraleStep::new(&config, &tensors, Kernel::detect()).unwrap();
        let alto = (1.0 + (CLASSES - 1) as f64 * (-10.0f64).exp()).ln();
        let expected = 3.0 * (CLASSES as f64).ln() + alto;
        assert!((in_order(&step, &[piece()], 1) - expected).abs() < 1e-3);
        assert!((framewise(&step, &[piece()], 2, 1, 1).nats - expected).abs() < 1e-3);
    }
}
