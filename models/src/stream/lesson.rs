//! What teaches the models of the family: pieces in batches, and the nats that they cost.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::ops::log_softmax;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::batches::{Batch, Batches, Hidden, Piece};
use super::network::{Config, Network};
use crate::lstm::LayerState;
use crate::training::{Lesson, Loss, Measured, Start, TrainingError, draw, unit_masks};

/// How pieces are put side by side, and what is dropped and hidden.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Pieces played side by side.
    pub batch: usize,
    /// Events through which gradients go back.
    pub steps: usize,
    /// Share of units dropped after each layer.
    pub dropout: Vec<f32>,
    /// Features that are hidden from pieces.
    pub hidden: Vec<Hidden>,
}

/// −log p of what was played, for each field of each cell of the batch.
fn losses(config: &Config, logits: &[Tensor], batch: &Batch) -> candle_core::Result<Vec<Tensor>> {
    let cells = batch.counts.len();
    let loss = |(field, logits): (usize, &Tensor)| {
        let device = logits.device();
        let classes = Tensor::from_slice(&batch.heard.events[field], (cells, 1), device)?;
        let counts = Tensor::from_slice(&batch.counts, cells, device)?;
        let legal = (logits + batch.bars(field, config.fields[field], device)?)?;
        log_softmax(&legal, 1)?.gather(&classes, 1)?.squeeze(1)?.neg()? * counts
    };
    logits.iter().enumerate().map(loss).collect()
}

/// Nats per note of `network` on `pieces`, field by field; their sum is what counts.
///
/// # Errors
/// When the network fails.
pub fn evaluate(network: &Network, pieces: &[Piece]) -> candle_core::Result<Vec<f64>> {
    let (config, width) = (network.config(), 64);
    let mut states = network.start(width);
    let mut batches = Batches::once(config, pieces, width);
    let mut nats = vec![0.0; config.fields.len()];
    while let Some(batch) = batches.next(64) {
        let logits = network.forward(&batch.heard, width, &mut states, &[])?;
        for (nats, loss) in nats.iter_mut().zip(losses(config, &logits, &batch)?) {
            *nats += loss.to_vec1::<f32>()?.into_iter().map(f64::from).sum::<f64>();
        }
    }
    let notes: usize = pieces.iter().map(Piece::notes).sum();
    Ok(nats.into_iter().map(|nats| nats / notes.max(1) as f64).collect())
}

/// Pieces to learn from and pieces to be measured on.
pub struct StreamLesson<'a> {
    config: Config,
    layout: Layout,
    train: &'a [Piece],
    valid: &'a [Piece],
    batches: Batches<'a>,
    states: Vec<LayerState>,
    rng: ChaCha8Rng,
}

impl<'a> StreamLesson<'a> {
    /// A lesson for networks of the sizes `config`.
    pub fn new(config: Config, layout: Layout, train: &'a [Piece], valid: &'a [Piece]) -> StreamLesson<'a> {
        let batches = Batches::forever(&config, train, layout.batch, 0, &layout.hidden);
        let rng = ChaCha8Rng::seed_from_u64(0);
        StreamLesson { config, layout, train, valid, batches, states: Vec::new(), rng }
    }
}

impl Lesson for StreamLesson<'_> {
    type Network = Network;

    fn config(&self) -> String {
        // Sizes are whole numbers and lists of them, which TOML can always write.
        toml::to_string(&self.config).unwrap_or_default()
    }

    fn start(&self, seed: u64) -> Vec<Start> {
        draw(self.config.tensors(), self.config.hidden, seed, |name, shape| match name {
            "embed.weight" => 0.1,
            name if name.contains(".after.") => 0.1,
            _ if shape.len() == 1 => 0.0,
            // One over the root of the inputs.
            _ => 1.0 / (shape[1] as f32).sqrt(),
        })
    }

    fn network(&self, tensors: HashMap<String, Tensor>) -> candle_core::Result<Network> {
        Network::new(self.config.clone(), tensors)
    }

    fn epoch(&self) -> usize {
        let steps: usize = self.train.iter().map(Piece::steps).sum();
        steps.div_ceil(self.layout.batch * self.layout.steps)
    }

    fn deal(&mut self, seed: u64) {
        self.batches =
            Batches::forever(&self.config, self.train, self.layout.batch, seed, &self.layout.hidden);
        self.rng = ChaCha8Rng::seed_from_u64(seed.wrapping_add(1));
        self.states = vec![LayerState::zeros(self.layout.batch, self.config.hidden); self.config.layers];
    }

    fn loss(&mut self, network: &Network) -> Result<Loss, TrainingError> {
        let batch = self.batches.next(self.layout.steps).ok_or(TrainingError::Empty)?;
        let dropout = unit_masks(&self.layout.dropout, self.layout.batch, self.config.hidden, &mut self.rng)?;
        let logits = network.forward(&batch.heard, self.layout.batch, &mut self.states, &dropout)?;
        let of = batch.predicted as f64;
        let mut sum = Tensor::zeros((), DType::F32, &Device::Cpu)?;
        for field in losses(&self.config, &logits, &batch)? {
            sum = (sum + field.sum_all()?)?;
        }
        Ok(Loss { mean: (sum / of)?, of })
    }

    fn measure(&self, network: &Network) -> Result<Measured, TrainingError> {
        let fields = evaluate(network, self.valid)?;
        Ok(Measured { nats: fields.iter().sum(), also: Some(format!("by field {fields:.3?}")) })
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::stream::tests::{Counting, config};
    use crate::training::{Course, Ended, Run, Settings};

    /// Pieces that count 0, 1, 2, 0, 1, 2, …, with the same in the second field.
    fn pieces() -> Vec<Piece> {
        let piece = |from: u8| {
            let (mut piece, mut walk) = (Piece::default(), Counting::start());
            for at in 0..40 {
                let class = (from + at) % 3;
                piece.add(&mut walk, &config(), &[class, class], true);
            }
            piece
        };
        (0..6).map(piece).collect()
    }

    #[test]
    fn what_may_not_come_costs_nothing_and_the_rest_is_learnt() {
        let pieces = pieces();
        let layout = Layout { batch: 3, steps: 16, dropout: vec![0.1, 0.1], hidden: Vec::new() };
        let lesson = StreamLesson::new(config(), layout, &pieces, &pieces);
        let settings = Settings {
            seed: 1,
            epochs: 30.0,
            rate: 0.02,
            warm_up: 20,
            course: Course::Falling,
            weight_decay: 0.01,
            every: None,
            patience: None,
            checkpoints: None,
        };
        let mut run = Run::new(lesson, settings).unwrap();
        let ended = run.train(|_| ControlFlow::Continue(())).unwrap();
        let points = run.curve().points();
        // Three classes, then those of four that are not below the first: under ln 3 + ln 4 an event.
        assert!(points[0].valid < 2.5, "{points:?}");
        assert!(ended == Ended::Whole && run.best() < 0.4, "{points:?}");
    }
}
