//! What teaches `melody`: songs, and beside them clips through the latent space.
//!
//! The loss is the nats a step of songs and clips, `beta` times the divergence of the clips' points from
//! the standard normal prior, and the same of the reconstructions.

use std::collections::HashMap;

use candle_core::{D, Device, Tensor};
use candle_nn::ops::log_softmax;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::batches::{Batch, Batches, STEPS, Telling, clip_batch, clips};
use super::network::{Config, Letter, Network, Told};
use super::passage::{Song, size};
use super::vocabulary::{SEGMENT, is_onset};
use crate::lstm::LayerState;
use crate::training::{Lesson, Loss, Measured, Start, TrainingError, draw, unit_masks};

/// Melodies side by side when they are measured.
const MEASURED: usize = 64;

/// How songs and clips are put side by side, and what is dropped and hidden.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Songs played side by side.
    pub songs: usize,
    /// Clips beside them.
    pub clips: usize,
    /// Clips that are only encoded and planned.
    pub reconstructions: usize,
    /// Weight of the divergence of `z` from its prior.
    pub beta: f64,
    /// Share of units dropped after each layer.
    pub dropout: f32,
    /// What the network is told of a song.
    pub telling: Telling,
}

/// Songs to learn from and songs to be measured on.
pub struct MelodyLesson<'a> {
    config: Config,
    layout: Layout,
    train: &'a [Song],
    valid: &'a [Song],
    batches: Batches<'a>,
    states: Vec<LayerState>,
    rng: ChaCha8Rng,
}

impl<'a> MelodyLesson<'a> {
    /// A lesson for networks of the sizes `config`. Clips and reconstructions are left away where no four bars of
    /// the songs make one.
    pub fn new(config: Config, layout: Layout, train: &'a [Song], valid: &'a [Song]) -> MelodyLesson<'a> {
        let layout = match clips(train).is_empty() {
            true => Layout { clips: 0, reconstructions: 0, ..layout },
            false => layout,
        };
        let batches = dealt(train, &layout, 0);
        let rng = ChaCha8Rng::seed_from_u64(0);
        MelodyLesson { config, layout, train, valid, batches, states: Vec::new(), rng }
    }

    /// Songs and clips of a batch.
    fn width(&self) -> usize {
        self.layout.songs + self.layout.clips
    }

    /// Nats of songs and clips and of the divergence of the latter's points, the mean over the batch.
    fn played(&mut self, network: &Network, batch: &Batch) -> candle_core::Result<Tensor> {
        let (songs, width) = (self.layout.songs, self.width());
        let dropout = vec![self.layout.dropout; self.config.layers];
        let mut told = None;
        let mut divergence = None;
        if self.layout.clips > 0 {
            let (z, from_prior) = drawn(network, &batch.letters, &mut self.rng)?;
            told = Some(tell(network, &z, songs)?);
            divergence = Some((from_prior * self.layout.beta)?);
        }
        let masks = unit_masks(&dropout, width, self.config.hidden, &mut self.rng)?;
        let states = &mut self.states;
        let logits = network.logits(&batch.features, told.as_ref(), &batch.keep, width, states, &masks)?;
        let mut sum = nats(&logits, batch)?.sum_all()?;
        if let Some(divergence) = divergence {
            sum = (sum + divergence)?;
        }
        sum / batch.predicted as f64
    }

    /// The same of reconstructions.
    fn reconstructed(&mut self, network: &Network, batch: &Batch) -> candle_core::Result<Tensor> {
        let (letters, tokens) = &batch.reconstructions;
        let (z, divergence) = drawn(network, letters, &mut self.rng)?;
        let said = network.told(&z)?.said.reshape((tokens.len(), self.config.tokens))?;
        let tokens = Tensor::from_slice(tokens, (tokens.len(), 1), &Device::Cpu)?;
        let nats = log_softmax(&said, 1)?.gather(&tokens, 1)?.sum_all()?.neg()?;
        (nats + (divergence * self.layout.beta)?)? / batch.reconstructions.1.len() as f64
    }
}

/// The batches of a training set.
fn dealt<'a>(songs: &'a [Song], layout: &Layout, seed: u64) -> Batches<'a> {
    Batches::forever(songs, layout.songs, [layout.clips, layout.reconstructions], layout.telling, seed)
}

impl Lesson for MelodyLesson<'_> {
    type Network = Network;

    fn config(&self) -> String {
        // Sizes are whole numbers, which TOML can always write.
        toml::to_string(&self.config).unwrap_or_default()
    }

    fn start(&self, seed: u64) -> Vec<Start> {
        let hidden = self.config.hidden;
        let mut start = draw(self.config.tensors(), hidden, seed, |name, shape| match name {
            "embed.weight" => 0.1,
            "encode.embed.weight" => 0.5,
            "encode.spread.weight" => 0.02,
            _ if shape.len() == 1 => 0.0,
            _ if name.starts_with("lstm.") => 1.0 / (hidden as f32).sqrt(),
            // He et al. 2015, for layers of rectifiers.
            _ => (3.0 / shape[1] as f32).sqrt(),
        });
        // Points begin close to their means, so that they say something.
        for spread in start.iter_mut().filter(|start| start.name == "encode.spread.bias") {
            spread.values.fill(-2.0);
        }
        start
    }

    fn network(&self, tensors: HashMap<String, Tensor>) -> candle_core::Result<Network> {
        Network::new(self.config, tensors)
    }

    fn epoch(&self) -> usize {
        let steps: usize =
            self.train.iter().flat_map(|song| &song.passages).map(|passage| passage.steps.len()).sum();
        steps.div_ceil(self.layout.songs * STEPS)
    }

    fn deal(&mut self, seed: u64) {
        self.batches = dealt(self.train, &self.layout, seed);
        self.rng = ChaCha8Rng::seed_from_u64(seed.wrapping_add(1));
        self.states = vec![LayerState::zeros(self.width(), self.config.hidden); self.config.layers];
    }

    fn loss(&mut self, network: &Network) -> Result<Loss, TrainingError> {
        let batch = self.batches.next_batch().ok_or(TrainingError::Empty)?;
        let mut mean = self.played(network, &batch)?;
        if self.layout.reconstructions > 0 {
            mean = (mean + self.reconstructed(network, &batch)?)?;
        }
        Ok(Loss { mean, of: batch.predicted as f64 })
    }

    fn measure(&self, network: &Network) -> Result<Measured, TrainingError> {
        let nats = evaluate_songs(network, self.valid, self.layout.telling, true)?;
        let also = match self.layout.clips {
            0 => None,
            _ => evaluate_clips(network, self.valid)?.map(|[nats, right]| {
                format!("clips {nats:.4}, {:.2} % of their notes likeliest", 100.0 * right)
            }),
        };
        Ok(Measured { nats, also })
    }
}

/// −log p of what happened, for each cell of the batch; 0 where nothing is to be predicted.
fn nats(logits: &Tensor, batch: &Batch) -> candle_core::Result<Tensor> {
    let tokens = Tensor::from_slice(&batch.tokens, (batch.tokens.len(), 1), logits.device())?;
    let counts = Tensor::from_slice(&batch.counts, batch.counts.len(), logits.device())?;
    log_softmax(logits, 1)?.gather(&tokens, 1)?.squeeze(1)?.neg()? * counts
}

/// What points tell the clips of a batch, in its order, after `songs` lanes that are told nothing.
fn tell(network: &Network, z: &Tensor, songs: usize) -> candle_core::Result<Told> {
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
///
/// # Errors
/// When the network fails.
pub fn evaluate_songs(
    network: &Network,
    songs: &[Song],
    telling: Telling,
    chords: bool,
) -> candle_core::Result<f64> {
    let mut states = network.start(MEASURED);
    let mut batches = Batches::once(songs, MEASURED, telling, chords);
    let mut all = 0.0;
    while let Some(batch) = batches.next_batch() {
        let logits = network.logits(&batch.features, None, &batch.keep, MEASURED, &mut states, &[])?;
        all += f64::from(nats(&logits, &batch)?.sum_all()?.to_scalar::<f32>()?);
    }
    Ok(all / size(songs)[1].max(1) as f64)
}

/// Nats per note of the clips in `songs`, each told its own point, and the share of their notes that are
/// the likeliest where they begin; none when there are no clips.
fn evaluate_clips(network: &Network, songs: &[Song]) -> candle_core::Result<Option<[f64; 2]>> {
    let (mut sum, mut notes, mut right) = (0.0, 0, 0);
    for clips in clips(songs).chunks(128) {
        let batch = clip_batch(clips);
        let z = network.encode(&batch.letters)?.mean;
        let mut states = network.start(clips.len());
        let told = tell(network, &z, 0)?;
        let logits =
            network.logits(&batch.features, Some(&told), &batch.keep, clips.len(), &mut states, &[])?;
        sum += f64::from(nats(&logits, &batch)?.sum_all()?.to_scalar::<f32>()?);
        let likeliest = logits.argmax(D::Minus1)?.to_vec1::<u32>()?;
        for (&token, likeliest) in batch.tokens.iter().zip(likeliest) {
            if is_onset(token as u8) {
                notes += 1;
                right += usize::from(token == likeliest);
            }
        }
    }
    Ok((notes > 0).then(|| [sum / f64::from(notes), right as f64 / f64::from(notes)]))
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
fn normal(rng: &mut ChaCha8Rng) -> f32 {
    let (u, v): (f32, f32) = (rng.random(), rng.random());
    (-2.0 * (1.0 - u).ln()).sqrt() * (std::f32::consts::TAU * v).cos()
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::melody::chords::Chord;
    use crate::melody::features::FEATURES;
    use crate::melody::passage::{Happening, Passage};
    use crate::melody::vocabulary::{BAR, Color, Home, TOKENS};
    use crate::training::{Course, Hyperparameters, Run};

    fn small() -> Config {
        Config {
            features: FEATURES,
            embed: 8,
            hidden: 16,
            layers: 1,
            tokens: TOKENS,
            latent: 8,
            upper: 16,
            plan: 6,
            letter: 6,
            encoder: 16,
        }
    }

    /// Scales in quarters, which are soon learnt.
    fn songs(bars: usize) -> Vec<Song> {
        let passage = |from: u8| {
            let step = |step: usize| match step % 4 {
                0 => Happening::Note(from + (step / 4 % 8) as u8),
                _ => Happening::Hold,
            };
            Passage {
                home: Home { tonic: 0, color: Color::Major },
                steps: (0..bars * BAR).map(step).collect(),
                chords: vec![Chord::None; bars * BAR],
                weights: Vec::new(),
            }
        };
        (60..66).map(|from| Song { passages: vec![passage(from)] }).collect()
    }

    fn layout() -> Layout {
        Layout { songs: 2, clips: 2, reconstructions: 3, beta: 0.01, dropout: 0.1, telling: Telling::Varied }
    }

    fn settings(epochs: f64) -> Hyperparameters {
        Hyperparameters {
            seed: 1,
            epochs,
            rate: 0.02,
            warm_up: 5,
            course: Course::Falling,
            weight_decay: 0.01,
            every: None,
            patience: None,
            checkpoints: None,
        }
    }

    #[test]
    fn songs_and_the_latent_space_are_learnt() {
        let songs = songs(8);
        let lesson = MelodyLesson::new(small(), layout(), &songs, &songs);
        let mut run = Run::new(lesson, settings(12.0)).unwrap();
        let mut measured = Vec::new();
        run.train(|progress| {
            measured.extend(progress.measured.as_ref().and_then(|(_, measured, _)| measured.also.clone()));
            ControlFlow::Continue(())
        })
        .unwrap();
        let points = run.curve().points();
        assert!(run.best() < 0.8 * points[0].valid, "{points:?}");
        let clips = |also: &String| -> f64 {
            also.trim_start_matches("clips ").split(',').next().unwrap().parse().unwrap()
        };
        let (first, last) = (clips(&measured[0]), clips(measured.last().unwrap()));
        assert!(last < 0.8 * first, "{measured:?}");
    }

    #[test]
    fn songs_that_are_too_short_for_clips_are_learnt_without() {
        let songs = songs(2);
        let lesson = MelodyLesson::new(small(), layout(), &songs, &songs);
        let mut run = Run::new(lesson, settings(2.0)).unwrap();
        run.train(|_| ControlFlow::Continue(())).unwrap();
        assert!(run.best().is_finite());
    }
}
