//! What teaches `folk`: tunes in batches, and the nats that they cost.

use std::collections::HashMap;

use candle_core::Tensor;
use candle_nn::ops::log_softmax;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::batches::{Batch, Batches, Steps};
use super::network::{Config, Dropout, Logits, Network};
use crate::lstm::LayerState;
use crate::training::{Lesson, Loss, Measured, Start, TrainingError, draw, unit_masks};

/// How tunes are put side by side, and what is dropped.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Tunes played side by side.
    pub batch: usize,
    /// Notes through which gradients go back.
    pub steps: usize,
    /// Share of units dropped after each layer.
    pub dropout: Vec<f32>,
}

/// Nats per note on a set of tunes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nats {
    /// Over all notes, the end of each tune included in the sum.
    pub all: f64,
    /// Over notes in parts played for the first time.
    pub first: f64,
}

/// −log p of what was played, for each cell of the batch: durations and pitches.
fn losses(logits: &Logits, batch: &Batch) -> candle_core::Result<(Tensor, Tensor)> {
    let cells = batch.durations.len();
    let device = logits.durations.device();
    let pick = |logits: &Tensor, classes: &[u32], mask: &[f32]| -> candle_core::Result<Tensor> {
        let classes = Tensor::from_slice(classes, (cells, 1), device)?;
        let mask = Tensor::from_slice(mask, cells, device)?;
        log_softmax(logits, 1)?.gather(&classes, 1)?.squeeze(1)?.neg()? * mask
    };
    Ok((
        pick(&logits.durations, &batch.durations, &batch.counts)?,
        pick(&logits.pitches, &batch.pitches, &batch.pitched)?,
    ))
}

/// Nats per note of `network` on `tunes`.
///
/// # Errors
/// When the network fails.
pub fn evaluate(network: &Network, tunes: &[Steps]) -> candle_core::Result<Nats> {
    let width = 64;
    let mut states = network.start(width);
    let mut batches = Batches::once(tunes, width);
    let (mut all, mut first, mut first_notes) = (0.0, 0.0, 0.0);
    while let Some(batch) = batches.next(64) {
        let none = Dropout::default();
        let logits =
            network.forward(&batch.features, &batch.durations, &batch.keep, width, &mut states, &none)?;
        let (duration, pitch) = losses(&logits, &batch)?;
        let (duration, pitch) = (duration.to_vec1::<f32>()?, pitch.to_vec1::<f32>()?);
        for cell in 0..duration.len() {
            let nats = f64::from(duration[cell] + pitch[cell]);
            all += nats;
            first += nats * f64::from(batch.first[cell]);
            first_notes += f64::from(batch.first[cell] * batch.pitched[cell]);
        }
    }
    let notes: usize = tunes.iter().map(Steps::notes).sum();
    Ok(Nats { all: all / notes.max(1) as f64, first: first / first_notes.max(1.0) })
}

/// Tunes to learn from and tunes to be measured on.
pub struct FolkLesson<'a> {
    config: Config,
    layout: Layout,
    train: &'a [Steps],
    valid: &'a [Steps],
    batches: Batches<'a>,
    states: Vec<LayerState>,
    rng: ChaCha8Rng,
}

impl<'a> FolkLesson<'a> {
    /// A lesson for networks of the sizes `config`.
    pub fn new(config: Config, layout: Layout, train: &'a [Steps], valid: &'a [Steps]) -> FolkLesson<'a> {
        let batches = Batches::forever(train, layout.batch, 0);
        FolkLesson {
            config,
            layout,
            train,
            valid,
            batches,
            states: Vec::new(),
            rng: ChaCha8Rng::seed_from_u64(0),
        }
    }
}

impl Lesson for FolkLesson<'_> {
    type Network = Network;

    fn config(&self) -> String {
        // Sizes are whole numbers, which TOML can always write.
        toml::to_string(&self.config).unwrap_or_default()
    }

    fn start(&self, seed: u64) -> Vec<Start> {
        let config = self.config;
        draw(config.tensors(), config.hidden, seed, |name, shape| match name {
            "embed.weight" | "pitch.duration.weight" => 0.1,
            "pitch.weight" => 1.0 / (config.gate as f32).sqrt(),
            _ if shape.len() == 1 => 0.0,
            _ => 1.0 / (config.hidden as f32).sqrt(),
        })
    }

    fn network(&self, tensors: HashMap<String, Tensor>) -> candle_core::Result<Network> {
        Network::new(self.config, tensors)
    }

    fn epoch(&self) -> usize {
        let steps: usize = self.train.iter().map(Steps::steps).sum();
        steps.div_ceil(self.layout.batch * self.layout.steps)
    }

    fn deal(&mut self, seed: u64) {
        self.batches = Batches::forever(self.train, self.layout.batch, seed);
        self.rng = ChaCha8Rng::seed_from_u64(seed.wrapping_add(1));
        self.states = vec![LayerState::zeros(self.layout.batch, self.config.hidden); self.config.layers];
    }

    fn loss(&mut self, network: &Network) -> Result<Loss, TrainingError> {
        let batch = self.batches.next(self.layout.steps).ok_or(TrainingError::Empty)?;
        let layers = unit_masks(&self.layout.dropout, self.layout.batch, self.config.hidden, &mut self.rng)?;
        let dropout = Dropout { layers };
        let width = self.layout.batch;
        let logits = network.forward(
            &batch.features,
            &batch.durations,
            &batch.keep,
            width,
            &mut self.states,
            &dropout,
        )?;
        let (duration, pitch) = losses(&logits, &batch)?;
        let of = batch.predicted as f64;
        Ok(Loss { mean: ((duration.sum_all()? + pitch.sum_all()?)? / of)?, of })
    }

    fn measure(&self, network: &Network) -> Result<Measured, TrainingError> {
        let nats = evaluate(network, self.valid)?;
        Ok(Measured { nats: nats.all, also: Some(format!("first time through {:.4}", nats.first)) })
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use candle_core::Device;

    use super::*;
    use crate::folk::example::Example;
    use crate::folk::features::{Conditions, FEATURES, Kind};
    use crate::folk::vocabulary::{DURATION_CLASSES, NoteEvent, PITCH_CLASSES};
    use crate::training::{Adapted, Course, Ended, Run, Settings, merged};
    use lilt_score::{Key, Meter};

    fn small() -> Config {
        let (durations, pitches) = (DURATION_CLASSES, PITCH_CLASSES);
        Config { features: FEATURES, embed: 8, hidden: 16, layers: 2, durations, gate: 8, pitches }
    }

    fn layout() -> Layout {
        Layout { batch: 4, steps: 16, dropout: vec![0.1, 0.1] }
    }

    /// Scales up and down, which are soon learnt.
    fn tunes() -> Vec<Steps> {
        let tune = |from: u8| {
            let event = |at: u8| NoteEvent { duration: 9, pitch: from + if at < 8 { at } else { 16 - at } };
            let events: Vec<NoteEvent> = (0..16).chain(0..16).map(event).collect();
            let conditions = Conditions { key: Key::C_MAJOR, meter: Meter::COMMON, kind: Kind::UNKNOWN };
            let first = (0..events.len()).map(|at| at < 16).collect();
            Steps::new(&Example { conditions, pickup: 0, events, first, ends: true })
        };
        (15..25).map(tune).collect()
    }

    fn settings(checkpoints: Option<&std::path::Path>, epochs: f64) -> Settings {
        Settings {
            seed: 1,
            epochs,
            rate: 0.02,
            warm_up: 20,
            course: Course::Falling,
            weight_decay: 0.01,
            every: None,
            patience: None,
            checkpoints: checkpoints.map(std::path::Path::to_path_buf),
        }
    }

    fn go_on(_: &crate::training::Progress<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    #[test]
    fn training_learns_and_goes_on_from_its_checkpoint() {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(Some(folder.path()), 12.0);
        let tunes = tunes();
        let lesson = || FolkLesson::new(small(), layout(), &tunes, &tunes);
        let mut first = None;
        let mut run = Run::new(lesson(), settings.clone()).unwrap();
        let ended = run.train(|progress| {
            first = first.or(progress.measured.as_ref().map(|(point, ..)| point.valid));
            ControlFlow::Continue(())
        });
        assert_eq!(ended.unwrap(), Ended::Whole);
        assert!(run.best() < 0.7 * first.unwrap(), "from {first:?} to {}", run.best());

        let again = Run::new(lesson(), settings.clone()).unwrap();
        assert_eq!((again.updates(), again.best(), again.curve()), (run.updates(), run.best(), run.curve()));
        for (name, weights) in run.best_weights() {
            let read = &again.best_weights()[name];
            assert_eq!(
                read.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
                weights.flatten_all().unwrap().to_vec1::<f32>().unwrap()
            );
        }

        let other = FolkLesson::new(Config { hidden: 8, ..small() }, layout(), &tunes, &tunes);
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
        let tunes = tunes();
        let lesson = || FolkLesson::new(small(), layout(), &tunes, &tunes);
        let mut run = Run::new(lesson(), settings.clone()).unwrap();
        let stop = |progress: &crate::training::Progress<'_>| match progress.measured {
            Some(_) => ControlFlow::Break(()),
            None => ControlFlow::Continue(()),
        };
        assert_eq!(run.train(stop).unwrap(), Ended::Stopped);
        let (done, total) = (run.updates(), 4 * lesson().epoch());
        assert_eq!(done, lesson().epoch());
        let mut run = Run::new(lesson(), settings).unwrap();
        assert_eq!(run.updates(), done);
        assert_eq!((run.train(go_on).unwrap(), run.updates()), (Ended::Whole, total));
        assert_eq!(run.curve().points().len(), 4);
    }

    #[test]
    fn what_gets_no_better_ends_early() {
        let tunes = tunes();
        // Held out is the contrary of what is learnt.
        let contrary: Vec<Steps> = {
            let event = |at: u8| NoteEvent { duration: 3, pitch: 40 - at };
            let conditions = Conditions { key: Key::C_MAJOR, meter: Meter::COMMON, kind: Kind::UNKNOWN };
            let events: Vec<NoteEvent> = (0..24).map(event).collect();
            let first = vec![true; events.len()];
            vec![Steps::new(&Example { conditions, pickup: 0, events, first, ends: false })]
        };
        let lesson = FolkLesson::new(small(), layout(), &tunes, &contrary);
        let mut run = Run::new(lesson, Settings { patience: Some(3), ..settings(None, 40.0) }).unwrap();
        assert_eq!(run.train(go_on).unwrap(), Ended::Early);
        assert_eq!(run.curve().since_best(), 3);
    }

    #[test]
    fn the_same_seed_trains_the_same_network() {
        let tunes = tunes();
        let train = || {
            let lesson = FolkLesson::new(small(), layout(), &tunes, &tunes);
            let mut run = Run::new(lesson, settings(None, 1.0)).unwrap();
            run.train(go_on).unwrap();
            let mut weights: Vec<(String, Vec<f32>)> = run
                .best_weights()
                .iter()
                .map(|(name, tensor)| (name.clone(), tensor.flatten_all().unwrap().to_vec1().unwrap()))
                .collect();
            weights.sort_by(|a, b| a.0.cmp(&b.0));
            weights
        };
        assert_eq!(train(), train());
    }

    #[test]
    fn an_adapter_learns_beside_frozen_weights_and_merges_into_them() {
        let tunes = tunes();
        let lesson = || FolkLesson::new(small(), layout(), &tunes, &tunes);
        let base: std::collections::BTreeMap<_, _> = lesson()
            .start(3)
            .into_iter()
            .map(|start| (start.name, crate::card::Weights { shape: start.shape, values: start.values }))
            .collect();
        let before =
            evaluate(&Network::from_weights(small(), &base, &Device::Cpu).unwrap(), &tunes).unwrap().all;
        let adapted = Adapted::new(lesson(), &base, 2).unwrap();
        let mut run = Run::new(adapted, settings(None, 12.0)).unwrap();
        run.train(go_on).unwrap();
        let merged = merged(&base, run.best_weights()).unwrap();
        let after =
            evaluate(&Network::from_weights(small(), &merged, &Device::Cpu).unwrap(), &tunes).unwrap().all;
        assert!((after - run.best()).abs() < 1e-3, "{after} and {}", run.best());
        assert!(after < 0.9 * before, "from {before} to {after}");
    }

    #[test]
    fn evaluation_does_not_depend_on_what_else_is_in_the_batch() {
        let tunes = tunes();
        let lesson = FolkLesson::new(small(), layout(), &tunes, &tunes);
        let tensors = lesson
            .start(3)
            .into_iter()
            .map(|start| (start.name, Tensor::from_vec(start.values, start.shape, &Device::Cpu).unwrap()));
        let network = Network::new(small(), tensors.collect()).unwrap();
        let together = evaluate(&network, &tunes).unwrap();
        let apart: Vec<Nats> =
            tunes.iter().map(|tune| evaluate(&network, std::slice::from_ref(tune)).unwrap()).collect();
        let mean = |value: fn(&Nats) -> f64| apart.iter().map(value).sum::<f64>() / apart.len() as f64;
        assert!((together.all - mean(|nats| nats.all)).abs() < 1e-4);
        assert!((together.first - mean(|nats| nats.first)).abs() < 1e-4);
    }
}
