//! What teaches `chorale`: crops of pieces with holes, and the nats that the hidden cells cost.

use std::collections::HashMap;

use candle_core::{Device, Tensor};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::features::{ACTIVE, Bars, Conditioning, Features, Tonality, hear};
use super::holes;
use super::network::{self, Cell, Config, Dropout, Frames, Tensors};
use super::piece::Piece;
use super::vocabulary::{REST, VOICES};
use crate::training::{Lesson, Loss, Measured, Start, TrainingError, draw};

/// Batches of the held-out pieces by which the holes of training are measured.
const BATCHES: usize = 12;

/// How crops are cut, and what is hidden of them beside cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Layout {
    /// Crops side by side.
    pub batch: usize,
    /// Sixteenths of a crop, where the pieces are as long.
    pub frames: usize,
    /// Share of units dropped within each block.
    pub dropout: f32,
    /// Share of the crops that are told their key, and of those that are told their bars.
    pub told: [f32; 2],
    /// Whether pieces are moved to other keys.
    pub moved: bool,
    /// How many holes are made in each piece in a pass.
    pub holes: usize,
}

/// Pieces to learn from and pieces to be measured on.
pub struct ChoraleLesson<'a> {
    config: Config,
    layout: Layout,
    train: &'a [Piece],
    valid: &'a [Piece],
    rng: ChaCha8Rng,
    dropout: Dropout,
}

/// The network as a lesson sees it: the tensors that gradients flow back to, and their numbers.
pub struct Network {
    tensors: HashMap<String, Tensor>,
    numbers: Tensors,
}

/// Crops side by side: features time-major, and the hidden cells.
struct Batch {
    features: Vec<Features>,
    cells: Vec<Cell>,
}

impl<'a> ChoraleLesson<'a> {
    /// A lesson for networks of the sizes `config`.
    pub fn new(config: Config, layout: Layout, train: &'a [Piece], valid: &'a [Piece]) -> ChoraleLesson<'a> {
        let rng = ChaCha8Rng::seed_from_u64(0);
        let dropout = Dropout { share: layout.dropout, state: 1 };
        ChoraleLesson { config, layout, train, valid, rng, dropout }
    }

    /// Nats per hidden cell on holes like those of training, always the same.
    ///
    /// # Errors
    /// [`TrainingError::Empty`] when there are no pieces.
    pub fn hidden_cells(&self, network: &Network, pieces: &[Piece]) -> Result<f64, TrainingError> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut nats = 0.0;
        for _ in 0..BATCHES {
            let batch = batch(&self.layout, pieces, &mut rng).ok_or(TrainingError::Empty)?;
            let frames = Frames { features: &batch.features, batch: self.layout.batch };
            nats += batch.mean(&network::run(&self.config, &network.numbers, frames, &batch.cells));
        }
        Ok(nats / BATCHES as f64)
    }
}

impl Lesson for ChoraleLesson<'_> {
    type Network = Network;

    fn config(&self) -> String {
        // Sizes are whole numbers, which TOML can always write.
        toml::to_string(&self.config).unwrap_or_default()
    }

    fn start(&self, seed: u64) -> Vec<Start> {
        let (width, hidden) = (self.config.width as f32, self.config.hidden as f32);
        let mut start = draw(self.config.tensors(), self.config.hidden, seed, |name, shape| match name {
            "embed.weight" => 0.15,
            "out.weight" => 0.3 / width.sqrt(),
            // Small, so that each block starts as nearly nothing.
            _ if name.ends_with("narrow.weight") => 0.5 / hidden.sqrt(),
            _ if shape.len() == 1 => 0.0,
            _ => 1.5 / (3.0 * width).sqrt(),
        });
        for gain in start.iter_mut().filter(|start| start.name.ends_with("gain.bias")) {
            gain.values.fill(1.0);
        }
        start
    }

    fn network(&self, tensors: HashMap<String, Tensor>) -> candle_core::Result<Network> {
        let numbers =
            |(name, tensor): (&String, &Tensor)| Ok((name.clone(), tensor.flatten_all()?.to_vec1::<f32>()?));
        let numbers = tensors.iter().map(numbers).collect::<candle_core::Result<Tensors>>()?;
        Ok(Network { tensors, numbers })
    }

    fn epoch(&self) -> usize {
        let frames: usize = self.train.iter().map(|piece| piece.frames.len()).sum();
        (frames * self.layout.holes).div_ceil(self.layout.batch * self.layout.frames)
    }

    fn deal(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
        self.dropout.state = self.rng.random::<u64>() | 1;
    }

    fn loss(&mut self, network: &Network) -> Result<Loss, TrainingError> {
        let batch = batch(&self.layout, self.train, &mut self.rng).ok_or(TrainingError::Empty)?;
        let frames = Frames { features: &batch.features, batch: self.layout.batch };
        let mut gradients: Tensors =
            network.numbers.iter().map(|(name, values)| (name.clone(), vec![0.0; values.len()])).collect();
        let losses = network::train(
            &self.config,
            &network.numbers,
            frames,
            &batch.cells,
            &mut gradients,
            &mut self.dropout,
        );
        let mean = tangent(batch.mean(&losses), &network.tensors, gradients)?;
        Ok(Loss { mean, of: batch.cells.len() as f64 })
    }

    fn measure(&self, network: &Network) -> Result<Measured, TrainingError> {
        let cell = self.hidden_cells(network, self.valid)?;
        let sum = |of: fn(&Piece) -> usize| self.valid.iter().map(of).sum::<usize>() as f64;
        let cells = sum(|piece| piece.frames.len() * VOICES);
        let also = Some(format!("{cell:.4} a hidden cell"));
        Ok(Measured { nats: cell * cells / sum(Piece::notes).max(1.0), also })
    }
}

/// A scalar that is `value` and whose gradient is `gradients`, worked out by hand: the plane that touches
/// the loss where it is.
fn tangent(value: f64, at: &HashMap<String, Tensor>, gradients: Tensors) -> candle_core::Result<Tensor> {
    let mut sum = Tensor::zeros((), candle_core::DType::F32, &Device::Cpu)?;
    for (name, gradient) in gradients {
        if let Some(tensor) = at.get(&name) {
            let gradient = Tensor::from_vec(gradient, tensor.shape(), &Device::Cpu)?;
            sum = (sum + (tensor * gradient)?.sum_all()?)?;
        }
    }
    (&sum - sum.detach())? + value
}

impl Batch {
    /// The weighted sum of the losses of its cells: the mean over crops of the mean over their cells.
    fn mean(&self, losses: &[f32]) -> f64 {
        losses.iter().zip(&self.cells).map(|(&nats, cell)| f64::from(nats * cell.weight)).sum()
    }
}

/// Crops of random pieces with holes; none when there are no pieces.
fn batch(layout: &Layout, pieces: &[Piece], rng: &mut ChaCha8Rng) -> Option<Batch> {
    let chosen: Vec<&Piece> =
        (0..layout.batch).map(|_| choose(pieces, rng)).collect::<Option<Vec<&Piece>>>()?;
    // A short piece shortens the others beside it.
    let length = chosen.iter().map(|piece| piece.frames.len()).min()?.min(layout.frames);
    let mut batch = Batch { features: vec![[0; ACTIVE]; length * layout.batch], cells: Vec::new() };
    for (column, piece) in chosen.into_iter().enumerate() {
        let last = piece.frames.len() - length;
        // The crops at the ends are one in a hundred without this, and ends matter.
        let first = match rng.random_range(0..10) {
            0 => 0,
            1 => last,
            _ => rng.random_range(0..=last),
        };
        let shift = if layout.moved { rng.random_range(piece.shifts()) } else { 0 };
        let mut frames = piece.frames[first..first + length].to_vec();
        for cell in frames.iter_mut().flatten().filter(|cell| **cell != REST) {
            *cell = (i32::from(*cell) + shift) as u8;
        }
        let moved =
            |key: Tonality| Tonality { tonic: (i32::from(key.tonic) + shift).rem_euclid(12) as u8, ..key };
        let [key, bars] = layout.told.map(|share| rng.random::<f32>() < share);
        let conditioning = Conditioning {
            key: piece.key.map(moved).filter(|_| key),
            bars: later(if bars { piece.bars } else { Bars::Unknown { phase: 0 } }, first),
            starts: first == 0,
            ends: first == last,
        };
        let known = holes::draw(length, rng);
        let heard = hear(&frames, &known, conditioning);
        let hidden = known.iter().flatten().filter(|&&known| !known).count();
        let weight = 1.0 / (hidden * layout.batch) as f32;
        for frame in 0..length {
            let row = frame * layout.batch + column;
            batch.features[row] = heard.features[frame];
            for voice in (0..VOICES).filter(|&voice| !known[frame][voice]) {
                let anchors = heard.anchors[frame][voice];
                batch.cells.push(Cell { row, voice, class: frames[frame][voice], anchors, weight });
            }
        }
    }
    Some(batch)
}

/// A piece by chance, longer ones more often, so that every frame counts the same.
fn choose<'a>(pieces: &'a [Piece], rng: &mut ChaCha8Rng) -> Option<&'a Piece> {
    let total: usize = pieces.iter().map(|piece| piece.frames.len()).sum();
    let mut at = (total > 0).then(|| rng.random_range(0..total))?;
    pieces.iter().find(|piece| match at.checked_sub(piece.frames.len()) {
        Some(rest) => {
            at = rest;
            false
        }
        None => true,
    })
}

/// The bars as a crop that begins at `first` has them.
fn later(bars: Bars, first: usize) -> Bars {
    match bars {
        Bars::Four { phase } => Bars::Four { phase: (phase + first) % 16 },
        Bars::Three { phase } => Bars::Three { phase: (phase + first) % 12 },
        Bars::Unknown { phase } => Bars::Unknown { phase: (phase + first) % 4 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::{Course, Ended, Hyperparameters, Run};
    use std::ops::ControlFlow;

    /// Chords that move up and down by turns.
    fn pieces() -> Vec<Piece> {
        let piece = |from: u8| {
            let frame = |at: u8| {
                let up = from + at / 4 % 3;
                [30 + up, 22 + up, 14 + up, 6 + up]
            };
            Piece::new((0..48 - 8 * from).map(frame).collect())
        };
        (0..3).map(piece).collect()
    }

    fn layout() -> Layout {
        Layout { batch: 2, frames: 16, dropout: 0.1, told: [0.4, 0.5], moved: true, holes: 1 }
    }

    fn settings(updates: usize, epoch: usize) -> Hyperparameters {
        Hyperparameters {
            seed: 1,
            epochs: updates as f64 / epoch as f64,
            rate: 0.01,
            warm_up: 5,
            course: Course::Falling,
            weight_decay: 0.01,
            every: Some(10),
            patience: None,
            checkpoints: None,
        }
    }

    #[test]
    fn a_run_learns() {
        let (pieces, config) = (pieces(), Config::new(64, 64, &[1]));
        let lesson = ChoraleLesson::new(config, layout(), &pieces, &pieces);
        let start =
            |start: Start| (start.name, Tensor::from_vec(start.values, start.shape, &Device::Cpu).unwrap());
        let network = lesson.network(lesson.start(1).into_iter().map(start).collect()).unwrap();
        let before = lesson.measure(&network).unwrap().nats;
        let settings = settings(30, lesson.epoch());
        let mut run = Run::new(lesson, settings).unwrap();
        assert_eq!(run.train(|_| ControlFlow::Continue(())).unwrap(), Ended::Whole);
        assert!(run.best() < 0.5 * before, "from {before} to {}", run.best());
    }

    /// The scalar has the value and the slope that were asked for.
    #[test]
    fn the_tangent_carries_the_gradient() {
        let var = candle_core::Var::new(&[2.0f32, -1.0], &Device::Cpu).unwrap();
        let at = HashMap::from([("x".to_owned(), var.as_tensor().clone())]);
        let scalar = tangent(0.25, &at, Tensors::from([("x".to_owned(), vec![3.0, 5.0])])).unwrap();
        assert_eq!(scalar.to_scalar::<f32>().unwrap(), 0.25);
        let grads = scalar.backward().unwrap();
        assert_eq!(grads.get(var.as_tensor()).unwrap().to_vec1::<f32>().unwrap(), [3.0, 5.0]);
    }

    #[test]
    fn crops_are_the_same_for_the_same_seed_and_as_long_as_the_shortest_beside_them() {
        let pieces = pieces();
        let make = |seed| batch(&layout(), &pieces, &mut ChaCha8Rng::seed_from_u64(seed)).unwrap();
        assert_eq!(make(3).features, make(3).features);
        assert_eq!(make(3).cells, make(3).cells);
        let long = Layout { frames: 64, ..layout() };
        let whole = batch(&long, &pieces[2..], &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
        assert_eq!(whole.features.len(), 32 * 2);
        assert!(batch(&long, &[], &mut ChaCha8Rng::seed_from_u64(1)).is_none());
        // Each crop counts the same, however much of it is hidden.
        let sum: f32 = make(5).cells.iter().map(|cell| cell.weight).sum();
        assert!((sum - 1.0).abs() < 1e-4);
    }
}
