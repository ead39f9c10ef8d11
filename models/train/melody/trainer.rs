//! The training loop: batches in, checkpoints and a better network out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use candle_core::{D, Device, Tensor, Var};
use candle_nn::ops::log_softmax;
use indicatif::{ProgressBar, ProgressStyle};
use lilt_models::lstm::LayerState;
use lilt_models::melody::network::{Config, Letter, Network, Told};
use lilt_models::melody::vocabulary::SEGMENT;
use lilt_models::training::{Optimizer, Slot};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::batches::{Batch, Batches, STEPS, clip_batch, clips};
use crate::corpus::{Song, size};

/// Time between two measurements, each with a checkpoint.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(120);

/// What a training run is told.
#[derive(Debug, Clone)]
pub struct Settings {
    pub seed: u64,
    pub updates: usize,
    /// Songs played side by side.
    pub batch: usize,
    /// Clips beside them.
    pub clips: usize,
    /// Clips that are only encoded and planned.
    pub sketches: usize,
    pub rate: f64,
    /// Weight of the divergence of `z` from its prior.
    pub beta: f64,
    pub weight_decay: f32,
    /// Share of units dropped after each layer.
    pub dropout: f32,
    pub checkpoints: PathBuf,
}

/// What is measured while training.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    /// Nats per note of songs, without a point of the latent space.
    pub songs: f64,
    /// Nats per note of clips that are told their own point.
    pub clips: f64,
    /// Share of the clips' notes that are the likeliest where they begin.
    pub notes: f64,
}

/// Draws the weights that training starts from.
pub fn initial(config: &Config, seed: u64) -> Result<Vec<Slot>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut slots = Vec::new();
    for (name, shape) in config.tensors() {
        let count = shape.iter().product();
        let bound = match name.as_str() {
            "embed.weight" => 0.1,
            "encode.embed.weight" => 0.5,
            "encode.spread.weight" => 0.02,
            _ if shape.len() == 1 => 0.0,
            _ if name.starts_with("lstm.") => 1.0 / (config.hidden as f32).sqrt(),
            // He et al. 2015, for layers of rectifiers.
            _ => (3.0 / shape[1] as f32).sqrt(),
        };
        let mut weights: Vec<f32> = (0..count).map(|_| (2.0 * rng.random::<f32>() - 1.0) * bound).collect();
        if name.starts_with("lstm.") && name.ends_with("bias") {
            // A forget gate that starts open carries gradients from the first update on.
            weights[config.hidden..2 * config.hidden].fill(1.0);
        }
        if name == "encode.spread.bias" {
            weights.fill(-2.0);
        }
        let var = Var::from_tensor(&Tensor::from_slice(&weights, shape.as_slice(), &Device::Cpu)?)?;
        slots.push(Slot::new(name, var, weights));
    }
    Ok(slots)
}

/// −log p of what happened, for each cell of the batch; 0 where nothing is to be predicted.
fn nats(logits: &Tensor, batch: &Batch) -> candle_core::Result<Tensor> {
    let tokens = Tensor::from_slice(&batch.tokens, (batch.tokens.len(), 1), logits.device())?;
    let counts = Tensor::from_slice(&batch.counts, batch.counts.len(), logits.device())?;
    log_softmax(logits, 1)?.gather(&tokens, 1)?.squeeze(1)?.neg()? * counts
}

/// What points tell the clips of a batch, in its order, after `songs` streams that are told nothing.
fn told(network: &Network, z: &Tensor, songs: usize) -> candle_core::Result<Told> {
    let clips = z.dims2()?.0 * SEGMENT / STEPS;
    let in_order = |told: Tensor| {
        let width = told.dim(D::Minus1)?;
        let told = told.reshape((clips, STEPS, width))?.transpose(0, 1)?.contiguous()?;
        if songs == 0 {
            return Ok(told);
        }
        let untold = Tensor::zeros((STEPS, songs, width), told.dtype(), told.device())?;
        Tensor::cat(&[untold, told], 1)
    };
    let told = network.told(z)?;
    Ok(Told { heard: in_order(told.heard)?, said: in_order(told.said)? })
}

/// Nats per note of `network` on whole songs, whose points of the latent space are not told, and whose
/// chords only where `chords` says so.
pub fn evaluate_songs(network: &Network, songs: &[Song], chords: bool) -> Result<f64> {
    let width = 64;
    let mut states = network.start(width);
    let mut batches = Batches::once(songs, width, chords);
    let mut all = 0.0;
    while let Some(batch) = batches.next() {
        let logits = network.logits(&batch.features, None, &batch.keep, width, &mut states, &[])?;
        all += f64::from(nats(&logits, &batch)?.sum_all()?.to_scalar::<f32>()?);
    }
    Ok(all / size(songs)[1] as f64)
}

/// Measures `network` on songs and on the clips in them.
pub fn evaluate(network: &Network, songs: &[Song]) -> Result<Measured> {
    let mut measured = Measured { songs: evaluate_songs(network, songs, true)?, ..Measured::default() };
    let (mut notes, mut right) = (0, 0);
    for clips in clips(songs).chunks(128) {
        let batch = clip_batch(clips);
        let z = network.encode(&batch.letters)?.mean;
        let mut states = network.start(clips.len());
        let told = told(network, &z, 0)?;
        let logits =
            network.logits(&batch.features, Some(&told), &batch.keep, clips.len(), &mut states, &[])?;
        measured.clips += f64::from(nats(&logits, &batch)?.sum_all()?.to_scalar::<f32>()?);
        let likeliest = logits.argmax(D::Minus1)?.to_vec1::<u32>()?;
        for (&token, likeliest) in batch.tokens.iter().zip(likeliest) {
            if token >= 2 {
                notes += 1;
                right += usize::from(token == likeliest);
            }
        }
    }
    measured.clips /= notes as f64;
    measured.notes = right as f64 / notes as f64;
    Ok(measured)
}

/// A training run.
pub struct Trainer {
    pub config: Config,
    pub settings: Settings,
    pub optimizer: Optimizer,
    /// Best validation so far.
    pub best: f64,
}

impl Trainer {
    /// Starts a run, or goes on from the last checkpoint in the folder.
    pub fn new(config: Config, settings: Settings) -> Result<Trainer> {
        let optimizer = Optimizer {
            slots: initial(&config, settings.seed)?,
            updates: 0,
            weight_decay: settings.weight_decay,
            clip: 1.0,
            average_decay: 0.995,
        };
        let mut trainer = Trainer { config, settings, optimizer, best: f64::INFINITY };
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
        let mut tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)?;
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
            slot.var.set(&Tensor::from_slice(&slot.weights, slot.var.shape(), &Device::Cpu)?)?;
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
                let tensor = Tensor::from_slice(data, slot.var.shape(), &Device::Cpu)?;
                tensors.push((format!("{part}/{}", slot.name), tensor));
            }
        }
        let note = HashMap::from([
            ("config".to_owned(), toml::to_string(&self.config)?),
            ("updates".to_owned(), self.optimizer.updates.to_string()),
            ("best".to_owned(), self.best.to_string()),
            ("seed".to_owned(), self.settings.seed.to_string()),
        ]);
        let bytes = safetensors::serialize(tensors, Some(note))?;
        write_whole(&self.settings.checkpoints.join("last.safetensors"), &bytes)
    }

    /// The network with averaged weights.
    pub fn averaged(&self) -> Result<Network> {
        let tensors = self.optimizer.slots.iter().map(|slot| Ok((slot.name.clone(), slot.averaged()?)));
        Ok(Network::new(self.config, tensors.collect::<Result<_>>()?)?)
    }

    /// Warm-up, then half a cosine down to 2 % (Loshchilov and Hutter 2017).
    fn rate(&self) -> f64 {
        let (update, total) = (self.optimizer.updates as f64, self.settings.updates as f64);
        let warm = 100.0;
        if update < warm {
            return self.settings.rate * (update + 1.0) / warm;
        }
        let progress = ((update - warm) / (total - warm).max(1.0)).min(1.0);
        self.settings.rate * (0.02 + 0.98 * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()))
    }

    /// Loss of a batch: nats a step, and `beta` times the divergence of `z` from its prior, with the
    /// sum of the nats of songs and of clips, and of the divergence.
    fn loss(
        &self,
        network: &Network,
        batch: &Batch,
        states: &mut [LayerState],
        rng: &mut ChaCha8Rng,
    ) -> Result<(Tensor, [f64; 4])> {
        let songs = self.settings.batch;
        let width = songs + self.settings.clips;
        let (z, divergence) = drawn(network, &batch.letters, rng)?;
        let told = told(network, &z, songs)?;
        let keep_share = 1.0 - self.settings.dropout;
        let masks = (0..self.config.layers).map(|_| {
            let mask: Vec<f32> = (0..width * self.config.hidden)
                .map(|_| if rng.random::<f32>() < keep_share { 1.0 / keep_share } else { 0.0 })
                .collect();
            Tensor::from_vec(mask, (1, width, self.config.hidden), &Device::Cpu)
        });
        let masks = masks.collect::<candle_core::Result<Vec<_>>>()?;
        let logits = network.logits(&batch.features, Some(&told), &batch.keep, width, states, &masks)?;
        let nats = nats(&logits, batch)?.reshape((STEPS, width))?;
        let of_songs = nats.narrow(1, 0, songs)?.sum_all()?;
        let of_clips = nats.narrow(1, songs, self.settings.clips)?.sum_all()?;
        let cells: f32 = batch.counts.iter().sum();
        let (z, of_sketches) = drawn(network, &batch.sketches.0, rng)?;
        let tokens = Tensor::from_slice(&batch.sketches.1, (batch.sketches.1.len(), 1), &Device::Cpu)?;
        let said = network.told(&z)?.said.reshape((batch.sketches.1.len(), self.config.tokens))?;
        let sketched = log_softmax(&said, 1)?.gather(&tokens, 1)?.sum_all()?.neg()?;
        let sketched = (sketched + (of_sketches * self.settings.beta)?)?;
        let sketched = (sketched / batch.sketches.1.len() as f64)?;
        let all = ((&of_songs + &of_clips)? + (&divergence * self.settings.beta)?)?;
        let number = |tensor: &Tensor| -> Result<f64> { Ok(f64::from(tensor.to_scalar::<f32>()?)) };
        let sums = [number(&of_songs)?, number(&of_clips)?, number(&divergence)?, number(&sketched)?];
        Ok((((all / f64::from(cells))? + sketched)?, sums))
    }

    /// Trains to the end, measuring and saving every few minutes.
    pub fn run(&mut self, train: &[Song], valid: &[Song]) -> Result<()> {
        std::fs::create_dir_all(&self.settings.checkpoints)?;
        let start = self.optimizer.updates;
        let mut batches = Batches::forever(
            train,
            self.settings.batch,
            [self.settings.clips, self.settings.sketches],
            self.settings.seed ^ (start as u64) << 20,
        );
        let mut rng = ChaCha8Rng::seed_from_u64(self.settings.seed.wrapping_add(1) ^ (start as u64) << 20);
        let bar = ProgressBar::new(self.settings.updates as u64)
            .with_position(start as u64)
            .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} updates, {msg}, {eta} left")?);
        let tensors = self.optimizer.slots.iter();
        let tensors = tensors.map(|slot| (slot.name.clone(), slot.var.as_tensor().clone())).collect();
        let network = Network::new(self.config, tensors)?;
        let mut states = network.start(self.settings.batch + self.settings.clips);
        let (mut sums, mut counted) = ([0.0; 4], 0);
        let mut clock = Instant::now();
        while self.optimizer.updates < self.settings.updates {
            let batch = batches.next().context("the training set is empty")?;
            let (loss, parts) = self.loss(&network, &batch, &mut states, &mut rng)?;
            let grads = loss.backward()?;
            let rate = self.rate();
            let norm = self.optimizer.update(&grads, rate as f32)?;
            let value = f64::from(loss.to_scalar::<f32>()?);
            if !value.is_finite() || !norm.is_finite() {
                let update = self.optimizer.updates;
                bail!("update {update}: the loss is {value}, its gradient {norm}: lower --rate");
            }
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
            counted += 1;
            bar.set_position(self.optimizer.updates as u64);
            bar.set_message(format!("loss {value:.4}"));
            let update = self.optimizer.updates;
            if clock.elapsed() < BETWEEN_CHECKPOINTS && update != self.settings.updates {
                continue;
            }
            let took = clock.elapsed().as_secs_f64();
            let measured = evaluate(&self.averaged()?, valid)?;
            let (songs, clips) = (
                (counted * self.settings.batch * STEPS) as f64,
                (counted * self.settings.clips * STEPS) as f64,
            );
            let line = format!(
                "update {update}: train {:.4}, clips {:.4}, sketches {:.4} nats a step, {:.1} nats of z a segment; valid {:.4} nats per note, \
                 clips {:.4}, {:.2} % of their notes likeliest; rate {rate:.5}, {:.0} steps/s",
                sums[0] / songs,
                sums[1] / clips,
                sums[3] / counted as f64,
                sums[2] / clips * SEGMENT as f64,
                measured.songs,
                measured.clips,
                100.0 * measured.notes,
                (songs + clips) / took,
            );
            // Without a terminal there is no bar to print above.
            if bar.is_hidden() {
                eprintln!("{line}")
            } else {
                bar.println(line)
            }
            (sums, counted) = ([0.0; 4], 0);
            let better = measured.songs + measured.clips < self.best;
            self.best = self.best.min(measured.songs + measured.clips);
            self.save()?;
            if better {
                let best = self.settings.checkpoints.join("best.safetensors");
                std::fs::copy(self.settings.checkpoints.join("last.safetensors"), best)?;
            }
            clock = Instant::now();
        }
        bar.finish();
        Ok(())
    }
}

/// Points drawn from what the encoder says of `letters`, and their divergence from the prior (Kingma
/// and Welling 2014, appendix B).
fn drawn(
    network: &Network,
    letters: &[Letter],
    rng: &mut ChaCha8Rng,
) -> candle_core::Result<(Tensor, Tensor)> {
    let posterior = network.encode(letters)?;
    let (segments, latent) = posterior.mean.dims2()?;
    let noise: Vec<f32> = (0..segments * latent).map(|_| normal(rng)).collect();
    let noise = Tensor::from_vec(noise, (segments, latent), &Device::Cpu)?;
    let z = (&posterior.mean + ((&posterior.spread * 0.5)?.exp()? * noise)?)?;
    let square = posterior.mean.sqr()?;
    let divergence = ((((square + posterior.spread.exp()?)? - &posterior.spread)? - 1.0)?.sum_all()? * 0.5)?;
    Ok((z, divergence))
}

/// A number of the standard normal distribution (Box and Muller 1958).
fn normal(rng: &mut impl Rng) -> f32 {
    let (u, v): (f32, f32) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f32::consts::TAU * v).cos()
}

/// Writes a file whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let part = path.with_extension("part");
    std::fs::write(&part, bytes).with_context(|| format!("{}: cannot be written", part.display()))?;
    std::fs::rename(&part, path).with_context(|| format!("{}: cannot be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::{Happening, Passage};
    use lilt_models::melody::chords::Chord;
    use lilt_models::melody::features::FEATURES;
    use lilt_models::melody::vocabulary::{BAR, Color, Home, TOKENS};

    fn small() -> Config {
        Config {
            features: FEATURES,
            embed: 8,
            hidden: 16,
            layers: 1,
            tokens: TOKENS,
            latent: 8,
            conductor: 16,
            plan: 6,
            letter: 6,
            encoder: 16,
        }
    }

    /// Scales in quarters, which are soon learnt.
    fn songs() -> Vec<Song> {
        let passage = |from: u8| {
            let step = |step: usize| match step % 4 {
                0 => Happening::Note(from + (step / 4 % 8) as u8),
                _ => Happening::Hold,
            };
            Passage {
                home: Home { tonic: 0, color: Color::Major },
                steps: (0..8 * BAR).map(step).collect(),
                chords: vec![Chord::None; 8 * BAR],
            }
        };
        (60..66).map(|from| Song { passages: vec![passage(from)] }).collect()
    }

    fn settings(name: &str, updates: usize) -> Settings {
        let checkpoints = std::env::temp_dir().join(format!("lilt-melody-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&checkpoints);
        Settings {
            seed: 1,
            updates,
            batch: 2,
            clips: 2,
            sketches: 3,
            rate: 0.02,
            beta: 0.01,
            weight_decay: 0.01,
            dropout: 0.1,
            checkpoints,
        }
    }

    #[test]
    fn training_learns_and_goes_on_from_its_checkpoint() {
        let (settings, songs) = (settings("goes-on", 30), songs());
        let mut trainer = Trainer::new(small(), settings.clone()).unwrap();
        let before = evaluate(&trainer.averaged().unwrap(), &songs).unwrap();
        trainer.run(&songs, &songs).unwrap();
        let after = evaluate(&trainer.averaged().unwrap(), &songs).unwrap();
        assert!(after.songs < 0.8 * before.songs, "{before:?} {after:?}");
        assert!(after.clips < 0.8 * before.clips, "{before:?} {after:?}");

        let again = Trainer::new(small(), settings.clone()).unwrap();
        assert_eq!((again.optimizer.updates, again.best), (trainer.optimizer.updates, trainer.best));
        for (a, b) in again.optimizer.slots.iter().zip(&trainer.optimizer.slots) {
            assert_eq!((&a.weights, &a.mean, &a.square), (&b.weights, &b.mean, &b.square));
            assert_eq!(a.average, b.average);
        }
        let other = Config { hidden: 32, ..small() };
        let error = format!("{:#}", Trainer::new(other, settings.clone()).err().unwrap());
        let path = settings.checkpoints.join("last.safetensors");
        let expected =
            format!("{}: the checkpoint does not fit this run: its config differs", path.display());
        assert_eq!(error, expected);
    }

    #[test]
    fn the_same_seed_trains_the_same_network() {
        let train = |name| {
            let mut trainer = Trainer::new(small(), settings(name, 2)).unwrap();
            trainer.run(&songs(), &songs()).unwrap();
            trainer.optimizer.slots.iter().flat_map(|slot| slot.weights.clone()).collect::<Vec<f32>>()
        };
        assert_eq!(train("once"), train("twice"));
    }
}
