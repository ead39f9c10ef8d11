//! The training loop: batches in, checkpoints and a better network out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::ops::log_softmax;
use indicatif::{ProgressBar, ProgressStyle};
use lilt_models::folk::network::{Config, Dropout, Logits, Network};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::batches::{Batch, Batches, Steps};
use crate::optimizer::{Optimizer, Slot};
use crate::weights::write_whole;

/// What a training run is told.
#[derive(Debug, Clone)]
pub struct Settings {
    pub seed: u64,
    pub epochs: f64,
    pub batch: usize,
    pub steps: usize,
    pub rate: f64,
    pub weight_decay: f32,
    /// Share of units dropped after each layer.
    pub dropout: Vec<f32>,
    pub checkpoints: PathBuf,
}

/// Nats per note on a set of tunes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nats {
    /// Over all notes, the end of each tune included in the sum.
    pub all: f64,
    /// Over notes in parts played for the first time.
    pub first: f64,
}

/// Draws the weights that training starts from.
pub fn initial(config: &Config, seed: u64, device: &Device) -> Result<Vec<Slot>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut slots = Vec::new();
    for (name, shape) in config.tensors() {
        let count = shape.iter().product();
        let bound = match name.as_str() {
            "embed.weight" => 0.1,
            "pitch.weight" => 1.0 / (config.gate as f32).sqrt(),
            "pitch.duration.weight" => 0.1,
            _ if shape.len() == 1 => 0.0,
            _ => 1.0 / (config.hidden as f32).sqrt(),
        };
        let mut weights: Vec<f32> = (0..count).map(|_| (2.0 * rng.random::<f32>() - 1.0) * bound).collect();
        if name.starts_with("lstm.") && name.ends_with("bias") {
            // A forget gate that starts open carries gradients from the first update on.
            weights[config.hidden..2 * config.hidden].fill(1.0);
        }
        let var = Var::from_tensor(&Tensor::from_slice(&weights, shape.as_slice(), device)?)?;
        slots.push(Slot::new(name, var, weights));
    }
    Ok(slots)
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
pub fn evaluate(network: &Network, tunes: &[Steps]) -> Result<Nats> {
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
    Ok(Nats { all: all / notes as f64, first: first / first_notes })
}

/// A training run.
pub struct Trainer {
    pub config: Config,
    pub settings: Settings,
    pub optimizer: Optimizer,
    /// Best mean validation so far, nats per note.
    pub best: f64,
    device: Device,
}

impl Trainer {
    /// A fresh run, or the continued one if its checkpoint lies in the folder.
    pub fn new(config: Config, settings: Settings) -> Result<Trainer> {
        let device = Device::Cpu;
        let slots = initial(&config, settings.seed, &device)?;
        let optimizer = Optimizer {
            slots,
            updates: 0,
            weight_decay: settings.weight_decay,
            clip: 1.0,
            average_decay: 0.997,
        };
        let mut trainer = Trainer { config, settings, optimizer, best: f64::INFINITY, device };
        let path = trainer.settings.checkpoints.join("last.safetensors");
        if path.exists() {
            trainer
                .resume(&path)
                .with_context(|| format!("{}: the checkpoint does not fit this run", path.display()))?;
        }
        Ok(trainer)
    }

    fn resume(&mut self, path: &Path) -> Result<()> {
        let bytes = std::fs::read(path)?;
        let (_, header) = safetensors::SafeTensors::read_metadata(&bytes)?;
        let note = header.metadata().clone().unwrap_or_default();
        let field = |name: &str| note.get(name).with_context(|| format!("no `{name}` in it"));
        if field("config")? != &toml::to_string(&self.config)? {
            bail!("its config differs");
        }
        self.optimizer.updates = field("updates")?.parse()?;
        self.best = field("best")?.parse()?;
        let mut tensors = candle_core::safetensors::load_buffer(&bytes, &self.device)?;
        for slot in &mut self.optimizer.slots {
            let mut take = |part: &str| -> Result<Vec<f32>> {
                let name = format!("{part}/{}", slot.name);
                let tensor = tensors.remove(&name).with_context(|| format!("no `{name}` in it"))?;
                Ok(tensor.flatten_all()?.to_vec1()?)
            };
            slot.weights = take("weights")?;
            slot.mean = take("mean")?;
            slot.square = take("square")?;
            slot.average = take("average")?;
            slot.var.set(&Tensor::from_slice(&slot.weights, slot.var.shape(), &self.device)?)?;
        }
        Ok(())
    }

    fn save(&self) -> Result<()> {
        let mut tensors = Vec::new();
        for slot in &self.optimizer.slots {
            let parts = [
                ("weights", &slot.weights),
                ("mean", &slot.mean),
                ("square", &slot.square),
                ("average", &slot.average),
            ];
            for (part, data) in parts {
                tensors.push((
                    format!("{part}/{}", slot.name),
                    Tensor::from_slice(data, slot.var.shape(), &self.device)?,
                ));
            }
        }
        let note = HashMap::from([
            ("config".to_owned(), toml::to_string(&self.config)?),
            ("updates".to_owned(), self.optimizer.updates.to_string()),
            ("best".to_owned(), self.best.to_string()),
            ("seed".to_owned(), self.settings.seed.to_string()),
        ]);
        write_whole(
            &self.settings.checkpoints.join("last.safetensors"),
            &safetensors::serialize(tensors, Some(note))?,
        )
    }

    /// The network with averaged weights.
    pub fn averaged(&self) -> Result<Network> {
        let tensors = self.optimizer.slots.iter().map(|slot| Ok((slot.name.clone(), slot.averaged()?)));
        Ok(Network::new(self.config, tensors.collect::<Result<_>>()?)?)
    }

    /// Masks that drop whole units for a batch and scale the rest up.
    fn dropout(&self, rng: &mut ChaCha8Rng) -> Result<Dropout> {
        let mut layers = Vec::new();
        for &share in &self.settings.dropout {
            let count = self.settings.batch * self.config.hidden;
            let mask: Vec<f32> = (0..count)
                .map(|_| if rng.random::<f32>() < share { 0.0 } else { 1.0 / (1.0 - share) })
                .collect();
            layers.push(Tensor::from_vec(mask, (1, self.settings.batch, self.config.hidden), &self.device)?);
        }
        Ok(Dropout { layers })
    }

    /// Warm-up, then half a cosine down to 2 % (Loshchilov and Hutter 2017).
    fn rate(&self, total: usize) -> f64 {
        let update = self.optimizer.updates as f64;
        let warm = 150.0;
        if update < warm {
            return self.settings.rate * (update + 1.0) / warm;
        }
        let progress = ((update - warm) / (total as f64 - warm).max(1.0)).min(1.0);
        self.settings.rate * (0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()))
    }

    /// Trains to the end, evaluating and saving once an epoch.
    pub fn run(&mut self, train: &[Steps], valid: &[Steps]) -> Result<()> {
        std::fs::create_dir_all(&self.settings.checkpoints)?;
        let (width, steps) = (self.settings.batch, self.settings.steps);
        let cells: usize = train.iter().map(|tune| tune.notes() + 1).sum();
        let epoch = cells.div_ceil(width * steps);
        let total = (self.settings.epochs * epoch as f64).round() as usize;
        let start = self.optimizer.updates;
        let mut batches = Batches::forever(train, width, self.settings.seed ^ (start as u64) << 20);
        let mut rng = ChaCha8Rng::seed_from_u64(self.settings.seed.wrapping_add(1) ^ (start as u64) << 20);

        let bar = ProgressBar::new(total as u64)
            .with_position(start as u64)
            .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} updates, {msg}, {eta} left")?);
        let tensors: HashMap<String, Tensor> = self
            .optimizer
            .slots
            .iter()
            .map(|slot| (slot.name.clone(), slot.var.as_tensor().clone()))
            .collect();
        let network = Network::new(self.config, tensors)?;
        let mut states = network.start(width);
        let (mut sum, mut notes) = (0.0f64, 0.0f64);
        let mut clock = std::time::Instant::now();
        while self.optimizer.updates < total {
            let batch = batches.next(steps).context("the training set is empty")?;
            let dropout = self.dropout(&mut rng)?;
            let logits = network.forward(
                &batch.features,
                &batch.durations,
                &batch.keep,
                width,
                &mut states,
                &dropout,
            )?;
            let (duration, pitch) = losses(&logits, &batch)?;
            let count: f32 = batch.counts.iter().sum();
            let loss = ((duration.sum_all()? + pitch.sum_all()?)? / f64::from(count))?;
            let grads = loss.backward()?;
            let rate = self.rate(total);
            let norm = self.optimizer.update(&grads, rate as f32)?;
            let value = f64::from(loss.to_dtype(DType::F32)?.to_scalar::<f32>()?);
            if !value.is_finite() || !norm.is_finite() {
                bail!(
                    "update {}: the loss is {value}, its gradient {norm}: lower --rate",
                    self.optimizer.updates
                );
            }
            sum += value * f64::from(count);
            notes += f64::from(count);
            bar.set_position(self.optimizer.updates as u64);
            bar.set_message(format!("loss {value:.3}"));
            let update = self.optimizer.updates;
            if update.is_multiple_of(epoch) || update == total {
                let nats = evaluate(&self.averaged()?, valid)?;
                let line = format!(
                    "epoch {:.2}: train {:.4} with dropout, valid {:.4}, first time through {:.4} nats per note; rate {rate:.5}, {:.0} notes/s",
                    update as f64 / epoch as f64,
                    sum / notes,
                    nats.all,
                    nats.first,
                    notes / clock.elapsed().as_secs_f64()
                );
                // Without a terminal there is no bar to print above.
                if bar.is_hidden() {
                    eprintln!("{line}")
                } else {
                    bar.println(line)
                }
                (sum, notes, clock) = (0.0, 0.0, std::time::Instant::now());
                let better = nats.all < self.best;
                self.best = self.best.min(nats.all);
                self.save()?;
                if better {
                    std::fs::copy(
                        self.settings.checkpoints.join("last.safetensors"),
                        self.settings.checkpoints.join("best.safetensors"),
                    )?;
                }
            }
        }
        bar.finish();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Example;
    use lilt_models::folk::features::{Conditions, FEATURES, Kind};
    use lilt_models::folk::vocabulary::{DURATION_CLASSES, NoteEvent, PITCH_CLASSES};
    use lilt_score::{Key, Meter};

    fn small() -> Config {
        let (durations, pitches) = (DURATION_CLASSES, PITCH_CLASSES);
        Config { features: FEATURES, embed: 8, hidden: 16, layers: 2, durations, gate: 8, pitches }
    }

    /// Scales up and down, which are soon learnt.
    fn tunes() -> Vec<Steps> {
        let tune = |from: u8| {
            let event = |at: u8| NoteEvent { duration: 9, pitch: from + if at < 8 { at } else { 16 - at } };
            let events: Vec<NoteEvent> = (0..16).chain(0..16).map(event).collect();
            let conditions = Conditions { key: Key::C_MAJOR, meter: Meter::COMMON, kind: Kind::UNKNOWN };
            let first = (0..events.len()).map(|at| at < 16).collect();
            Steps::new(&Example { conditions, pickup: 0, events, first })
        };
        (15..25).map(tune).collect()
    }

    fn settings(name: &str, epochs: f64) -> Settings {
        let checkpoints = std::env::temp_dir().join(format!("lilt-trainer-{}-{name}", std::process::id()));
        Settings {
            seed: 1,
            epochs,
            batch: 4,
            steps: 16,
            rate: 0.02,
            weight_decay: 0.01,
            dropout: vec![0.1, 0.1],
            checkpoints,
        }
    }

    #[test]
    fn training_learns_and_goes_on_from_its_checkpoint() {
        let settings = settings("goes-on", 12.0);
        let _ = std::fs::remove_dir_all(&settings.checkpoints);
        let tunes = tunes();
        let mut trainer = Trainer::new(small(), settings.clone()).unwrap();
        let before = evaluate(&trainer.averaged().unwrap(), &tunes).unwrap().all;
        trainer.run(&tunes, &tunes).unwrap();
        assert!(trainer.best < 0.7 * before, "from {before} to {}", trainer.best);

        let again = Trainer::new(small(), settings.clone()).unwrap();
        assert_eq!(again.optimizer.updates, trainer.optimizer.updates);
        assert_eq!(again.best, trainer.best);
        for (a, b) in again.optimizer.slots.iter().zip(&trainer.optimizer.slots) {
            assert_eq!(
                (&a.weights, &a.mean, &a.square, &a.average),
                (&b.weights, &b.mean, &b.square, &b.average)
            );
        }

        let other = Config { hidden: 8, ..small() };
        let error = format!("{:#}", Trainer::new(other, settings.clone()).err().unwrap());
        let path = settings.checkpoints.join("last.safetensors");
        assert_eq!(
            error,
            format!("{}: the checkpoint does not fit this run: its config differs", path.display())
        );
    }

    #[test]
    fn the_same_seed_trains_the_same_network() {
        let train = |name| {
            let settings = settings(name, 1.0);
            let _ = std::fs::remove_dir_all(&settings.checkpoints);
            let mut trainer = Trainer::new(small(), settings).unwrap();
            trainer.run(&tunes(), &tunes()).unwrap();
            trainer.optimizer.slots.iter().flat_map(|slot| slot.average.clone()).collect::<Vec<f32>>()
        };
        assert_eq!(train("once"), train("twice"));
    }

    #[test]
    fn evaluation_does_not_depend_on_what_else_is_in_the_batch() {
        let slots = initial(&small(), 3, &Device::Cpu).unwrap();
        let tensors = slots.iter().map(|slot| (slot.name.clone(), slot.var.as_tensor().clone())).collect();
        let network = Network::new(small(), tensors).unwrap();
        let tunes = tunes();
        let together = evaluate(&network, &tunes).unwrap();
        let apart: Vec<Nats> =
            tunes.iter().map(|tune| evaluate(&network, std::slice::from_ref(tune)).unwrap()).collect();
        let mean = |value: fn(&Nats) -> f64| apart.iter().map(value).sum::<f64>() / apart.len() as f64;
        assert!((together.all - mean(|nats| nats.all)).abs() < 1e-4);
        assert!((together.first - mean(|nats| nats.first)).abs() < 1e-4);
    }
}
