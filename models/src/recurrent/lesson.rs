//! What teaches the models of the family: pieces in batches, and the nats that they cost.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::ops::log_softmax;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::batches::{Batch, Batches, Hidden, Piece};
use super::config::Config;
use super::network::Network;
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

/// Nats per note on a set of pieces; what is no note is in the sums and not in the count.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Nats {
    /// Field by field.
    pub fields: Vec<f64>,
    /// All fields, over what is played for the first time.
    pub first: f64,
}

impl Nats {
    /// What counts: all fields, over everything.
    pub fn all(&self) -> f64 {
        self.fields.iter().sum()
    }
}

/// Nats per note of `network` on `pieces`.
///
/// # Errors
/// When the network fails.
pub fn evaluate(network: &Network, pieces: &[Piece]) -> candle_core::Result<Nats> {
    let (config, width) = (network.config(), 64);
    let mut states = network.start(width);
    let mut batches = Batches::once(config, pieces, width);
    let mut nats = Nats { fields: vec![0.0; config.fields.len()], first: 0.0 };
    while let Some(batch) = batches.next(64) {
        let logits = network.forward(&batch.heard, width, &mut states, &[])?;
        for (nats_of_field, loss) in nats.fields.iter_mut().zip(losses(config, &logits, &batch)?) {
            for (loss, first) in loss.to_vec1::<f32>()?.into_iter().zip(&batch.first) {
                *nats_of_field += f64::from(loss);
                nats.first += f64::from(loss * first);
            }
        }
    }
    let notes: usize = pieces.iter().map(Piece::notes).sum();
    let first: usize = pieces.iter().map(Piece::first_notes).sum();
    nats.fields.iter_mut().for_each(|nats| *nats /= notes.max(1) as f64);
    nats.first /= first.max(1) as f64;
    Ok(nats)
}

/// Pieces to learn from and pieces to be measured on.
pub struct RecurrentLesson<'a> {
    config: Config,
    layout: Layout,
    train: &'a [Piece],
    valid: &'a [Piece],
    batches: Batches<'a>,
    states: Vec<LayerState>,
    rng: ChaCha8Rng,
}

impl<'a> RecurrentLesson<'a> {
    /// A lesson for networks of the sizes `config`.
    pub fn new(
        config: Config,
        layout: Layout,
        train: &'a [Piece],
        valid: &'a [Piece],
    ) -> RecurrentLesson<'a> {
        let batches = Batches::forever(&config, train, layout.batch, 0, &layout.hidden);
        let rng = ChaCha8Rng::seed_from_u64(0);
        RecurrentLesson { config, layout, train, valid, batches, states: Vec::new(), rng }
    }
}

impl Lesson for RecurrentLesson<'_> {
    type Network = Network;

    fn config(&self) -> String {
        // Sizes are whole numbers and lists of them, which TOML can always write.
        toml::to_string(&self.config).unwrap_or_default()
    }

    fn start(&self, seed: u64) -> Vec<Start> {
        let tables = self.config.tables();
        draw(self.config.tensors(), self.config.hidden, seed, |name, shape| match name {
            name if tables.iter().any(|table| table == name) => 0.1,
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
        let nats = evaluate(network, self.valid)?;
        let mut also = format!("by field {:.3?}", nats.fields);
        if nats.first != nats.all() {
            also += &format!(", first time through {:.4}", nats.first);
        }
        Ok(Measured { nats: nats.all(), also: Some(also) })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::ops::ControlFlow;
    use std::path::Path;

    use super::*;
    use crate::card::Weights;
    use crate::recurrent::tests::{Counting, config};
    use crate::training::{Adapted, Course, Ended, Hyperparameters, Progress, Run, merged};

    /// Pieces that count 0, 1, 2, 0, 1, 2, …, with the same in the second field; the second half repeats the first.
    fn pieces() -> Vec<Piece> {
        let piece = |from: u8| {
            let (mut piece, mut walk) = (Piece::default(), Counting::start());
            for at in 0..40 {
                let class = (from + at) % 3;
                piece.add(&mut walk, &config(), &[class, class], true);
            }
            piece.repeating(&(0..40).map(|at| at < 20).collect::<Vec<bool>>())
        };
        (0..6).map(piece).collect()
    }

    fn lesson<'a>(train: &'a [Piece], valid: &'a [Piece]) -> RecurrentLesson<'a> {
        let layout = Layout { batch: 3, steps: 16, dropout: vec![0.1, 0.1], hidden: Vec::new() };
        RecurrentLesson::new(config(), layout, train, valid)
    }

    fn settings(checkpoints: Option<&Path>, epochs: f64) -> Hyperparameters {
        Hyperparameters {
            seed: 1,
            epochs,
            rate: 0.02,
            warm_up: 20,
            course: Course::Falling,
            weight_decay: 0.01,
            every: None,
            patience: None,
            checkpoints: checkpoints.map(Path::to_path_buf),
        }
    }

    fn go_on(_: &Progress<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Values by name.
    fn values(tensors: &HashMap<String, Tensor>) -> BTreeMap<String, Vec<f32>> {
        let flat = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1().unwrap();
        tensors.iter().map(|(name, tensor)| (name.clone(), flat(tensor))).collect()
    }

    /// The starting weights of a seed.
    fn start(seed: u64) -> BTreeMap<String, Weights> {
        let pieces = pieces();
        let weights = |start: Start| (start.name, Weights { shape: start.shape, values: start.values });
        lesson(&pieces, &pieces).start(seed).into_iter().map(weights).collect()
    }

    fn network(weights: &BTreeMap<String, Weights>) -> Network {
        Network::from_weights(config(), weights, &Device::Cpu).unwrap()
    }

    #[test]
    fn what_may_not_come_costs_nothing_and_the_rest_is_learnt() {
        let pieces = pieces();
        let mut run = Run::new(lesson(&pieces, &pieces), settings(None, 30.0)).unwrap();
        let ended = run.train(go_on).unwrap();
        let points = run.curve().points();
        // Three classes, then those of four that are not below the first: under ln 3 + ln 4 an event.
        assert!(points[0].valid < 2.5, "{points:?}");
        assert!(ended == Ended::Whole && run.best() < 0.4, "{points:?}");
    }

    #[test]
    fn training_goes_on_from_its_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(Some(folder.path()), 6.0);
        let pieces = pieces();
        let mut run = Run::new(lesson(&pieces, &pieces), settings.clone()).unwrap();
        assert_eq!(run.train(go_on).unwrap(), Ended::Whole);
        let again = Run::new(lesson(&pieces, &pieces), settings.clone()).unwrap();
        assert_eq!((again.updates(), again.best(), again.curve()), (run.updates(), run.best(), run.curve()));
        assert_eq!(values(again.best_weights()), values(run.best_weights()));

        let layout = Layout { batch: 3, steps: 16, dropout: vec![0.1, 0.1], hidden: Vec::new() };
        let other = RecurrentLesson::new(Config { hidden: 16, ..config() }, layout, &pieces, &pieces);
        let error = Run::new(other, settings).err().unwrap().to_string();
        let path = folder.path().join("last.safetensors");
        assert_eq!(
            error,
            format!("{}: the checkpoint does not fit this run: its config differs", path.display())
        );
    }

    #[test]
    fn a_run_that_is_stopped_and_taken_up_makes_all_its_updates() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(Some(folder.path()), 4.0);
        let pieces = pieces();
        let epoch = lesson(&pieces, &pieces).epoch();
        let mut run = Run::new(lesson(&pieces, &pieces), settings.clone()).unwrap();
        let stop = |progress: &Progress<'_>| match progress.measured {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        };
        assert_eq!(run.train(stop).unwrap(), Ended::Stopped);
        assert_eq!(run.updates(), epoch);
        let mut run = Run::new(lesson(&pieces, &pieces), settings).unwrap();
        assert_eq!(run.updates(), epoch);
        assert_eq!((run.train(go_on).unwrap(), run.updates()), (Ended::Whole, 4 * epoch));
        assert_eq!(run.curve().points().len(), 4);
    }

    #[test]
    fn what_gets_no_better_ends_early() {
        let pieces = pieces();
        // Held out is the contrary of what is learnt.
        let (mut contrary, mut walk) = (Piece::default(), Counting::start());
        for at in 0..40 {
            contrary.add(&mut walk, &config(), &[2 - at % 3, 3], true);
        }
        let held_out = [contrary];
        let settings = Hyperparameters { patience: Some(3), ..settings(None, 60.0) };
        let mut run = Run::new(lesson(&pieces, &held_out), settings).unwrap();
        assert_eq!(run.train(go_on).unwrap(), Ended::Early);
        assert_eq!(run.curve().since_best(), 3);
    }

    #[test]
    fn the_same_seed_trains_the_same_network() {
        let pieces = pieces();
        let train = || {
            let mut run = Run::new(lesson(&pieces, &pieces), settings(None, 1.0)).unwrap();
            run.train(go_on).unwrap();
            values(run.best_weights())
        };
        assert_eq!(train(), train());
    }

    #[test]
    fn an_adapter_learns_beside_frozen_weights_and_merges_into_them() {
        let (pieces, base) = (pieces(), start(3));
        let before = evaluate(&network(&base), &pieces).unwrap().all();
        let adapted = Adapted::new(lesson(&pieces, &pieces), &base, 2).unwrap();
        let mut run = Run::new(adapted, settings(None, 12.0)).unwrap();
        run.train(go_on).unwrap();
        let merged = merged(&base, run.best_weights()).unwrap();
        let after = evaluate(&network(&merged), &pieces).unwrap().all();
        assert!((after - run.best()).abs() < 1e-3, "{after} and {}", run.best());
        assert!(after < 0.9 * before, "from {before} to {after}");
    }

    #[test]
    fn evaluation_does_not_depend_on_what_else_is_in_the_batch() {
        let (pieces, network) = (pieces(), network(&start(3)));
        let together = evaluate(&network, &pieces).unwrap();
        let apart: Vec<Nats> =
            pieces.iter().map(|piece| evaluate(&network, std::slice::from_ref(piece)).unwrap()).collect();
        let mean = |value: fn(&Nats) -> f64| apart.iter().map(value).sum::<f64>() / apart.len() as f64;
        assert!((together.all() - mean(Nats::all)).abs() < 1e-4);
        assert!((together.first - mean(|nats| nats.first)).abs() < 1e-4);
    }

    #[test]
    fn what_is_hidden_is_told_otherwise() {
        let pieces = pieces();
        let told = |hidden: Vec<Hidden>| {
            let mut batches = Batches::forever(&config(), &pieces, 2, 7, &hidden);
            let batch = batches.next(40).unwrap();
            batch.heard.rows.chunks_exact(2).map(|rows| [rows[0], rows[1]]).collect::<Vec<_>>()
        };
        let plain = told(Vec::new());
        assert!(plain.iter().any(|rows| rows[0] != 11));
        let always = told(vec![Hidden::untold((0, 11), 1.0)]);
        assert!(always.iter().all(|rows| rows[0] == 11));
        // Decided anew for each event, between two rows.
        let each = Hidden { instead: vec![vec![(1, 9)], vec![(1, 10)]], share: 0.5, each_event: true };
        let second: Vec<u16> = told(vec![each]).iter().map(|rows| rows[1]).collect();
        assert!([9, 10].iter().all(|row| second.contains(row)) && second.iter().any(|row| *row < 9));
    }
}
