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
use lilt_models::chorale::network::{Cell, Config, Frames, Tensors, run};
use lilt_models::chorale::vocabulary::{CLASSES, Frame, VOICES};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use crate::corpus::Piece;

/// One frame to be predicted, and what is known when its turn comes.
struct Turn {
    frame: usize,
    voices: [usize; VOICES],
    known: Vec<Known>,
    frames: Vec<Frame>,
}

/// −log p of the frames `of` (in the order of `of`) under one random order.
fn one_order(config: &Config, tensors: &Tensors, piece: &Piece, of: &[usize], rng: &mut ChaCha8Rng) -> Vec<f64> {
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
    // The window around a frame that its logits depend on.
    let window = (2 * config.reach() + 1).min(count);
    for (turns, losses) in turns.chunks_mut(32).zip(losses.chunks_mut(32)) {
        let batch = turns.len();
        for number in 0..VOICES {
            let mut features = vec![[0u16; ACTIVE]; window * batch];
            let mut cells = Vec::with_capacity(batch * CLASSES);
            for (column, turn) in turns.iter().enumerate() {
                let heard = hear(&turn.frames, &turn.known, piece.setting(false));
                let first = turn.frame.saturating_sub(config.reach()).min(count - window);
                for row in 0..window {
                    features[row * batch + column] = heard.features[first + row];
                }
                let voice = turn.voices[number];
                let row = (turn.frame - first) * batch + column;
                let anchors = heard.anchors[turn.frame][voice];
                for class in 0..CLASSES as u8 {
                    cells.push(Cell { row, voice, class, anchors, weight: 0.0 });
                }
            }
            let nats = run(config, tensors, Frames { features: &features, batch }, &cells, None);
            for ((turn, loss), nats) in turns.iter_mut().zip(losses.iter_mut()).zip(nats.chunks_exact(CLASSES)) {
                let (frame, voice) = (turn.frame, turn.voices[number]);
                *loss += f64::from(nats[usize::from(piece.frames[frame][voice])]);
                let likeliest = (0..CLASSES).min_by(|&a, &b| nats[a].total_cmp(&nats[b])).unwrap_or(0);
                turn.frames[frame][voice] = likeliest as u8;
                turn.known[frame][voice] = true;
            }
        }
    }
    losses
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
pub fn framewise(
    config: &Config,
    tensors: &Tensors,
    pieces: &[Piece],
    orders: usize,
    stride: usize,
    seed: u64,
) -> Framewise {
    let mut all = Vec::new();
    let mut single = 0.0;
    for (number, piece) in pieces.iter().enumerate() {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(number as u64);
        let of: Vec<usize> = (number % stride..piece.frames.len()).step_by(stride).collect();
        let runs: Vec<Vec<f64>> =
            (0..orders).map(|_| one_order(config, tensors, piece, &of, &mut rng)).collect();
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
