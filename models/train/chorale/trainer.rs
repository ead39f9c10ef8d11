//! The training loop: crops in, checkpoints and a better network out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use lilt_models::chorale::features::{ACTIVE, Bars, Setting, Tonality, hear};
use lilt_models::chorale::network::{Cell, Config, Dropout, Frames, Tensors, run, train};
use lilt_models::chorale::step::ChoraleStep;
use lilt_models::chorale::vocabulary::{REST, VOICES};
use lilt_models::step::Kernel;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::corpus::Piece;
use crate::evaluation::framewise;
use crate::masks;
use crate::optimizer::{Optimizer, zeros};

/// Batches by which the holes of training are measured on the way.
const BATCHES: usize = 12;

/// What a training run is told.
#[derive(Debug, Clone)]
pub struct Settings {
    pub seed: u64,
    pub updates: usize,
    /// Crops side by side.
    pub batch: usize,
    /// Frames of a crop.
    pub frames: usize,
    pub rate: f64,
    pub weight_decay: f32,
    /// Share of units dropped within each block.
    pub dropout: f32,
    /// Updates between evaluations.
    pub every: usize,
    pub checkpoints: PathBuf,
}

/// Draws the weights that training starts from.
pub fn initial(config: &Config, seed: u64) -> Tensors {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut tensors = Tensors::new();
    for (name, shape) in config.tensors() {
        let count: usize = shape.iter().product();
        let bound = match name.as_str() {
            "embed.weight" => 0.15,
            "out.weight" => 0.3 / (config.width as f32).sqrt(),
            // Small, so that each block starts as nearly nothing.
            _ if name.ends_with("narrow.weight") => 0.5 / (config.hidden as f32).sqrt(),
            _ => 1.5 / (3.0 * config.width as f32).sqrt(),
        };
        let values = if name.ends_with("gain.bias") {
            vec![1.0; count]
        } else if name.ends_with("bias") {
            vec![0.0; count]
        } else {
            (0..count).map(|_| (2.0 * rng.random::<f32>() - 1.0) * bound).collect()
        };
        tensors.insert(name, values);
    }
    tensors
}

/// A batch: features time-major, and the hidden cells.
struct Batch {
    features: Vec<[u16; ACTIVE]>,
    cells: Vec<Cell>,
}

/// A training run.
pub struct Trainer {
    pub config: Config,
    pub settings: Settings,
    pub optimizer: Optimizer,
}

impl Trainer {
    /// A fresh run, or the continued one if its checkpoint lies in the folder.
    pub fn new(config: Config, settings: Settings) -> Result<Trainer> {
        let optimizer = Optimizer::new(initial(&config, settings.seed), settings.weight_decay);
        let mut trainer = Trainer { config, settings, optimizer };
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
        let (_, header) = SafeTensors::read_metadata(&bytes)?;
        let note = header.metadata().clone().unwrap_or_default();
        let field = |name: &str| note.get(name).with_context(|| format!("no `{name}` in it"));
        if field("config")? != &toml::to_string(&self.config)? {
            bail!("its config differs");
        }
        self.optimizer.updates = field("updates")?.parse()?;
        let optimizer = &mut self.optimizer;
        optimizer.weights = read_part(&bytes, "weights", &self.config)?;
        optimizer.mean = read_part(&bytes, "mean", &self.config)?;
        optimizer.square = read_part(&bytes, "square", &self.config)?;
        optimizer.average = read_part(&bytes, "average", &self.config)?;
        Ok(())
    }

    fn save(&self) -> Result<()> {
        let optimizer = &self.optimizer;
        let parts = [
            ("weights", &optimizer.weights),
            ("mean", &optimizer.mean),
            ("square", &optimizer.square),
            ("average", &optimizer.average),
        ];
        let mut stored = Vec::new();
        for (part, tensors) in parts {
            for (name, shape) in self.config.tensors() {
                let bytes: Vec<u8> = tensors[&name].iter().flat_map(|value| value.to_le_bytes()).collect();
                stored.push((format!("{part}/{name}"), shape, bytes));
            }
        }
        let views: Vec<(&str, TensorView<'_>)> = stored
            .iter()
            .map(|(name, shape, bytes)| {
                Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?))
            })
            .collect::<Result<_>>()?;
        let note = HashMap::from([
            ("config".to_owned(), toml::to_string(&self.config)?),
            ("updates".to_owned(), optimizer.updates.to_string()),
            ("seed".to_owned(), self.settings.seed.to_string()),
        ]);
        write_whole(
            &self.settings.checkpoints.join("last.safetensors"),
            &safetensors::serialize(views, Some(note))?,
        )
    }

    /// Warm-up, then half a cosine down to 1 % (Loshchilov and Hutter 2017).
    fn rate(&self) -> f64 {
        let (update, warm) = (self.optimizer.updates as f64, 100.0);
        if update < warm {
            return self.settings.rate * (update + 1.0) / warm;
        }
        let progress = ((update - warm) / (self.settings.updates as f64 - warm).max(1.0)).min(1.0);
        self.settings.rate * (0.01 + 0.99 * 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()))
    }

    /// Crops of random pieces, moved to random keys, with holes.
    fn batch(&self, pieces: &[Piece], rng: &mut ChaCha8Rng) -> Batch {
        let batch = self.settings.batch;
        // Longer pieces are drawn more often, so that every frame counts the same.
        let total: usize = pieces.iter().map(|piece| piece.frames.len()).sum();
        let length =
            pieces.iter().map(|piece| piece.frames.len()).min().unwrap_or(0).min(self.settings.frames);
        let mut features = vec![[0u16; ACTIVE]; length * batch];
        let mut cells = Vec::new();
        for column in 0..batch {
            let mut at = rng.random_range(0..total);
            let mut piece = &pieces[0];
            for candidate in pieces {
                piece = candidate;
                match at.checked_sub(candidate.frames.len()) {
                    Some(rest) => at = rest,
                    None => break,
                }
            }
            let last = piece.frames.len() - length;
            // The crops at the ends are one in a hundred without this, and ends matter.
            let first = match rng.random_range(0..10) {
                0 => 0,
                1 => last,
                _ => rng.random_range(0..=last),
            };
            let shift = rng.random_range(piece.shifts());
            let mut frames = piece.frames[first..first + length].to_vec();
            for cell in frames.iter_mut().flatten().filter(|cell| **cell != REST) {
                *cell = (i32::from(*cell) + shift) as u8;
            }
            let moved = |key: Tonality| Tonality {
                tonic: ((i32::from(key.tonic) + shift).rem_euclid(12)) as u8,
                ..key
            };
            let setting = Setting {
                key: piece.key.map(moved).filter(|_| rng.random::<f32>() < 0.4),
                bars: if rng.random::<f32>() < 0.5 {
                    later(piece.bars, first)
                } else {
                    later(Bars::Unknown { phase: 0 }, first)
                },
                starts: first == 0,
                ends: first == last,
            };
            let known = masks::draw(length, rng);
            let heard = hear(&frames, &known, setting);
            let hidden = known.iter().flatten().filter(|&&known| !known).count();
            let weight = 1.0 / (hidden * batch) as f32;
            for frame in 0..length {
                let row = frame * batch + column;
                features[row] = heard.features[frame];
                for voice in (0..VOICES).filter(|&voice| !known[frame][voice]) {
                    let anchors = heard.anchors[frame][voice];
                    cells.push(Cell { row, voice, class: frames[frame][voice], anchors, weight });
                }
            }
        }
        Batch { features, cells }
    }

    /// Nats per hidden cell of the averaged weights on holes like those of training, always the same.
    fn hidden_cells(&self, pieces: &[Piece]) -> f64 {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let nats = (0..BATCHES).map(|_| {
            let batch = self.batch(pieces, &mut rng);
            let frames = Frames { features: &batch.features, batch: self.settings.batch };
            let losses = run(&self.config, &self.optimizer.average, frames, &batch.cells);
            losses.iter().zip(&batch.cells).map(|(&nats, cell)| f64::from(nats * cell.weight)).sum::<f64>()
        });
        nats.sum::<f64>() / BATCHES as f64
    }

    /// Trains to the end, evaluating and saving now and then.
    pub fn run(&mut self, pieces: &[Piece], valid: &[Piece]) -> Result<()> {
        std::fs::create_dir_all(&self.settings.checkpoints)?;
        let start = self.optimizer.updates as u64;
        let mut rng = ChaCha8Rng::seed_from_u64(self.settings.seed.wrapping_add(1) ^ (start << 20));
        let mut dropout = Dropout { share: self.settings.dropout, state: rng.random::<u64>() | 1 };
        let mut gradients = zeros(&self.optimizer.weights);
        let (mut sum, mut count, mut clock) = (0.0, 0usize, Instant::now());
        while self.optimizer.updates < self.settings.updates {
            let batch = self.batch(pieces, &mut rng);
            let frames = Frames { features: &batch.features, batch: self.settings.batch };
            let weights = &self.optimizer.weights;
            let losses = train(&self.config, weights, frames, &batch.cells, &mut gradients, &mut dropout);
            let loss: f64 =
                losses.iter().zip(&batch.cells).map(|(&nats, cell)| f64::from(nats * cell.weight)).sum();
            let norm = self.optimizer.update(&mut gradients, self.rate() as f32);
            let update = self.optimizer.updates;
            if !loss.is_finite() || !norm.is_finite() {
                bail!("update {update}: the loss is {loss}, its gradient {norm}: lower --rate");
            }
            sum += loss;
            count += 1;
            if update.is_multiple_of(self.settings.every) || update == self.settings.updates {
                let seconds = clock.elapsed().as_secs_f64();
                let step = ChoraleStep::new(&self.config, &self.optimizer.average, Kernel::detect())?;
                let found = framewise(&step, valid, 1, 48, 1);
                eprintln!(
                    "update {update} of {}: train {:.4} nats per hidden cell with dropout, {:.4} without, valid {:.4}; valid {:.4} ± {:.4} nats per frame; gradient {norm:.2}, {:.0} frames/s",
                    self.settings.updates,
                    sum / count as f64,
                    self.hidden_cells(pieces),
                    self.hidden_cells(valid),
                    found.nats,
                    found.error,
                    (count * batch.features.len()) as f64 / seconds
                );
                (sum, count, clock) = (0.0, 0, Instant::now());
                self.save()?;
            }
        }
        Ok(())
    }
}

/// The bars as a crop that begins at `first` has them.
fn later(bars: Bars, first: usize) -> Bars {
    match bars {
        Bars::Four { phase } => Bars::Four { phase: (phase + first) % 16 },
        Bars::Three { phase } => Bars::Three { phase: (phase + first) % 12 },
        Bars::Unknown { phase } => Bars::Unknown { phase: (phase + first) % 4 },
    }
}

/// The tensors `part/NAME` of a checkpoint.
pub fn read_part(bytes: &[u8], part: &str, config: &Config) -> Result<Tensors> {
    let file = SafeTensors::deserialize(bytes)?;
    let mut tensors = Tensors::new();
    for (name, shape) in config.tensors() {
        let stored = format!("{part}/{name}");
        let tensor = file.tensor(&stored).with_context(|| format!("no `{stored}` in it"))?;
        if tensor.shape() != shape.as_slice() || tensor.dtype() != Dtype::F32 {
            bail!("`{stored}` has shape {:?} in it, not {shape:?}", tensor.shape());
        }
        let values = tensor.data().as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect();
        tensors.insert(name, values);
    }
    Ok(tensors)
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

    /// Chords that move up and down by turns.
    fn pieces() -> Vec<Piece> {
        let piece = |from: u8| {
            let frame = |at: u8| {
                let up = from + at / 4 % 3;
                [30 + up, 22 + up, 14 + up, 6 + up]
            };
            Piece::new((0..48).map(frame).collect())
        };
        (0..3).map(piece).collect()
    }

    fn settings(name: &str, updates: usize) -> Settings {
        let checkpoints = std::env::temp_dir().join(format!("lilt-chorale-{}-{name}", std::process::id()));
        Settings {
            seed: 1,
            updates,
            batch: 2,
            frames: 16,
            rate: 0.01,
            weight_decay: 0.01,
            dropout: 0.1,
            every: 15,
            checkpoints,
        }
    }

    fn small() -> Config {
        Config::new(64, 64, &[1])
    }

    #[test]
    fn training_learns_and_goes_on_from_its_checkpoint() {
        let settings = settings("goes-on", 30);
        let _ = std::fs::remove_dir_all(&settings.checkpoints);
        let pieces = pieces();
        let mut trainer = Trainer::new(small(), settings.clone()).unwrap();
        let before = trainer.hidden_cells(&pieces);
        trainer.run(&pieces, &pieces).unwrap();
        let after = trainer.hidden_cells(&pieces);
        assert!(after < 0.7 * before, "from {before} to {after}");

        let again = Trainer::new(small(), settings.clone()).unwrap();
        assert_eq!(again.optimizer.updates, 30);
        assert_eq!(again.optimizer.weights, trainer.optimizer.weights);
        assert_eq!(again.optimizer.average, trainer.optimizer.average);

        let other = Config::new(64, 128, &[1]);
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
            let settings = settings(name, 4);
            let _ = std::fs::remove_dir_all(&settings.checkpoints);
            let mut trainer = Trainer::new(small(), settings).unwrap();
            trainer.run(&pieces(), &pieces()).unwrap();
            trainer.optimizer.average
        };
        assert_eq!(train("once"), train("twice"));
    }
}
