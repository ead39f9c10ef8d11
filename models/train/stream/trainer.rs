//! The training loop of the stream family: batches in, checkpoints and a better network out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::ops::log_softmax;
use indicatif::{ProgressBar, ProgressStyle};
use lilt_models::stream::network::{Config, Network};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::batches::{Batch, Batches, Hidden, Piece};
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
    /// Features that are hidden from pieces.
    pub hidden: Vec<Hidden>,
    pub checkpoints: PathBuf,
}

/// Draws the weights that training starts from.
pub fn initial(config: &Config, seed: u64, device: &Device) -> Result<Vec<Slot>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut slots = Vec::new();
    for (name, shape) in config.tensors() {
        let count = shape.iter().product();
        let bound = match name.as_str() {
            "embed.weight" => 0.1,
            name if name.contains(".after.") => 0.1,
            _ if shape.len() == 1 => 0.0,
            // One over the root of the inputs.
            _ => 1.0 / (shape[1] as f32).sqrt(),
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
pub fn evaluate(network: &Network, pieces: &[Piece]) -> Result<Vec<f64>> {
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
    Ok(nats.into_iter().map(|nats| nats / notes as f64).collect())
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
        Ok(Network::new(self.config.clone(), tensors.collect::<Result<_>>()?)?)
    }

    /// Masks that drop whole units for a batch and scale the rest up.
    fn dropout(&self, rng: &mut ChaCha8Rng) -> Result<Vec<Tensor>> {
        let mut layers = Vec::new();
        for &share in &self.settings.dropout {
            let count = self.settings.batch * self.config.hidden;
            let mask: Vec<f32> = (0..count)
                .map(|_| if rng.random::<f32>() < share { 0.0 } else { 1.0 / (1.0 - share) })
                .collect();
            layers.push(Tensor::from_vec(mask, (1, self.settings.batch, self.config.hidden), &self.device)?);
        }
        Ok(layers)
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
    pub fn run(&mut self, train: &[Piece], valid: &[Piece]) -> Result<()> {
        std::fs::create_dir_all(&self.settings.checkpoints)?;
        let (width, steps) = (self.settings.batch, self.settings.steps);
        let cells: usize = train.iter().map(Piece::steps).sum();
        let epoch = cells.div_ceil(width * steps);
        let total = (self.settings.epochs * epoch as f64).round() as usize;
        let start = self.optimizer.updates;
        let (config, hidden) = (self.config.clone(), self.settings.hidden.clone());
        let seed = self.settings.seed ^ (start as u64) << 20;
        let mut batches = Batches::forever(&config, train, width, seed, &hidden);
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
        let network = Network::new(config.clone(), tensors)?;
        let mut states = network.start(width);
        let (mut sum, mut events) = (0.0f64, 0.0f64);
        let mut clock = std::time::Instant::now();
        while self.optimizer.updates < total {
            let batch = batches.next(steps).context("the training set is empty")?;
            let dropout = self.dropout(&mut rng)?;
            let logits = network.forward(&batch.heard, width, &mut states, &dropout)?;
            let count: f32 = batch.counts.iter().sum();
            let mut loss = Tensor::zeros((), DType::F32, &self.device)?;
            for field in losses(&config, &logits, &batch)? {
                loss = (loss + field.sum_all()?)?;
            }
            let loss = (loss / f64::from(count))?;
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
            events += f64::from(count);
            bar.set_position(self.optimizer.updates as u64);
            bar.set_message(format!("loss {value:.3}"));
            let update = self.optimizer.updates;
            if update.is_multiple_of(epoch) || update == total {
                let fields = evaluate(&self.averaged()?, valid)?;
                let nats: f64 = fields.iter().sum();
                let line = format!(
                    "epoch {:.2}: train {:.4} nats per event with dropout, valid {nats:.4} nats per note, by field {fields:.3?}; rate {rate:.5}, {:.0} events/s",
                    update as f64 / epoch as f64,
                    sum / events,
                    events / clock.elapsed().as_secs_f64()
                );
                // Without a terminal there is no bar to print above.
                if bar.is_hidden() {
                    eprintln!("{line}")
                } else {
                    bar.println(line)
                }
                (sum, events, clock) = (0.0, 0.0, std::time::Instant::now());
                let better = nats < self.best;
                self.best = self.best.min(nats);
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
