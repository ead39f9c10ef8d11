//! From a checkpoint to what ships: weights in half precision, attribute directions, and their card.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use candle_core::{Device, Tensor};
use lilt_inference::{Conditions, Model, Sampling, Setting, Settings, Watch};
use lilt_models::card::{DataSet, Split, WeightsFile, read_weights, sha256};
use lilt_models::melody::measures::{Card, Golden, Measures};
use lilt_models::melody::model::{MelodyModel, NAME};
use lilt_models::melody::network::{ATTRIBUTES, Config, Network, letters};
use lilt_models::melody::step::MelodyStep;
use lilt_models::melody::vocabulary::{FIRST_PITCH, HOLD, SEGMENT, STEPS_PER_BEAT, is_onset, onsets};
use lilt_models::step::Kernel;
use lilt_score::{Beat, Clip, Span};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use crate::batches::clips;
use crate::corpus::{Corpus, Song, size};
use crate::trainer::write_whole;

/// Key, chords and density of the golden output.
const GOLDEN: (&str, &str, f64) = ("C major", "C G Am F", 4.0);

/// Tensors by name, row by row.
type Tensors = BTreeMap<String, Vec<f32>>;

/// Reads the averaged weights of a checkpoint.
pub fn averaged(checkpoint: &Path, config: &Config) -> Result<Tensors> {
    let bytes =
        std::fs::read(checkpoint).with_context(|| format!("{}: cannot be read", checkpoint.display()))?;
    let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu)
        .with_context(|| format!("{}: this is no checkpoint", checkpoint.display()))?;
    let take = |(name, shape): (String, Vec<usize>)| {
        let tensor = tensors.get(&format!("average/{name}")).with_context(|| format!("no `{name}` in it"))?;
        ensure!(tensor.dims() == shape, "`{name}` has shape {:?} in it, not {shape:?}", tensor.dims());
        Ok((name, tensor.flatten_all()?.to_vec1::<f32>()?))
    };
    let all: Result<_> = config.tensors().into_iter().map(take).collect();
    all.with_context(|| format!("{}: the checkpoint does not fit", checkpoint.display()))
}

/// How much of an attribute two bars have.
pub fn attribute(name: &str, segment: &[u8]) -> f64 {
    let notes = onsets(segment).max(1) as f64;
    match name {
        "density" => onsets(segment) as f64 / 2.0,
        "pitch" => {
            let above =
                segment.iter().filter(|&&token| is_onset(token)).map(|&token| f64::from(token - FIRST_PITCH));
            above.sum::<f64>() / notes
        }
        // Notes that begin off the beat and ring over the next.
        _ => {
            let rings = |step: usize| {
                let beat = step.next_multiple_of(STEPS_PER_BEAT);
                is_onset(segment[step])
                    && step != beat
                    && segment[step + 1..].iter().take(beat - step).all(|&token| token == HOLD)
            };
            (0..segment.len()).filter(|&step| rings(step)).count() as f64 / notes
        }
    }
}

/// For each attribute the way in the latent space from the mean of the clips in the lowest quarter to
/// that of those in the highest.
pub fn attributes(config: &Config, weights: &Tensors, songs: &[Song]) -> Result<Tensors> {
    let tensors = config.tensors().into_iter().map(|(name, shape)| {
        let values = weights.get(&name).with_context(|| format!("no `{name}`"))?;
        Ok((name, Tensor::from_slice(values, shape.as_slice(), &Device::Cpu)?))
    });
    let network = Network::new(*config, tensors.collect::<Result<_>>()?)?;
    let clips = clips(songs);
    let segments: Vec<&[u8]> = clips.iter().flat_map(|(_, tokens)| tokens.chunks(SEGMENT)).collect();
    let mut points = Vec::with_capacity(segments.len());
    for clips in clips.chunks(256) {
        let letters: Vec<_> = clips.iter().flat_map(|(_, tokens)| letters(tokens)).collect();
        points.extend(network.encode(&letters)?.mean.to_vec2::<f32>()?);
    }
    let direction = |name: &&str| {
        let mut order: Vec<usize> = (0..segments.len()).collect();
        let amounts: Vec<f64> = segments.iter().map(|segment| attribute(name, segment)).collect();
        order.sort_by(|&a, &b| amounts[a].total_cmp(&amounts[b]));
        let quarter = order.len() / 4;
        let mean = |chosen: &[usize], axis: usize| {
            chosen.iter().map(|&at| f64::from(points[at][axis])).sum::<f64>() / chosen.len() as f64
        };
        let (low, high) = (&order[..quarter], &order[order.len() - quarter..]);
        let way = (0..config.latent).map(|axis| (mean(high, axis) - mean(low, axis)) as f32).collect();
        (format!("attribute.{name}"), way)
    };
    Ok(ATTRIBUTES.iter().map(direction).collect())
}

/// Writes `OUT.safetensors` in half precision; returns what the card says of it.
pub fn write(out: &Path, config: &Config, weights: &Tensors) -> Result<WeightsFile> {
    let mut stored = Vec::new();
    for (name, shape) in config.stored() {
        let values = weights.get(&name).with_context(|| format!("no `{name}`"))?;
        let bytes: Vec<u8> =
            values.iter().flat_map(|&value| half::f16::from_f32(value).to_le_bytes()).collect();
        stored.push((name, shape, bytes));
    }
    let views: Vec<(&str, TensorView<'_>)> = stored
        .iter()
        .map(|(name, shape, bytes)| Ok((name.as_str(), TensorView::new(Dtype::F16, shape.clone(), bytes)?)))
        .collect::<Result<_>>()?;
    let bytes = safetensors::serialize(views, None)?;
    write_whole(&out.with_extension("safetensors"), &bytes)?;
    Ok(WeightsFile { sha256: sha256(&bytes), dtype: "F16".to_owned() })
}

/// Loads what [`write()`] wrote: as the trainer has it, and as a player has it.
pub fn load(out: &Path, config: &Config, file: &WeightsFile) -> Result<(Network, MelodyModel)> {
    let weights = read_weights(&out.with_extension("safetensors"), &file.sha256, &config.stored())?;
    let network = Network::from_weights(*config, &weights, &Device::Cpu)?;
    let step = MelodyStep::new(*config, &weights, Kernel::detect())?;
    Ok((network, MelodyModel::new(step, file.sha256.clone(), String::new())))
}

/// What scripts ask for.
pub fn conditions(key: &str, chords: &str) -> Result<Conditions> {
    let settings = Settings::default().with("chords", Setting::Text(chords.to_owned()));
    Ok(Conditions { key: Some(key.parse()?), settings, ..Conditions::default() })
}

/// A clip as the card writes music: `pitch:ticks`, `z:ticks` for a rest.
pub fn notation(clip: &Clip) -> String {
    let ticks = |beats: Beat| beats * Beat::whole(48);
    let mut words = Vec::new();
    let mut now = Beat::ZERO;
    for note in clip.notes() {
        if note.start > now {
            words.push(format!("z:{}", ticks(note.start - now)));
        }
        words.push(format!("{}:{}", note.tone.key(), ticks(note.duration)));
        now = note.end();
    }
    words.join(" ")
}

/// The golden output of `model`.
pub fn golden(model: &MelodyModel) -> Result<Golden> {
    let (key, chords, density) = GOLDEN;
    let mut asked = conditions(key, chords)?;
    asked.settings = asked.settings.with("density", Setting::Number(density));
    let watch = Watch::new();
    let notes = model.sample(&Sampling::new(8, 0.0, 1, asked.clone())?, &watch)?.clip;
    let request = Sampling::new(4, 1.0, 1, asked)?;
    let drawn = model.sample(&request, &watch)?.clip;
    let bars = |from: i64, to: i64| drawn.slice(Span::new(Beat::whole(4 * from), Beat::whole(4 * to)));
    let between = model.between(&bars(0, 2)?, &bars(2, 4)?, &[0.5], &request, &watch)?;
    let between = between.first().context("there is nothing between")?;
    Ok(Golden {
        key: key.to_owned(),
        chords: chords.to_owned(),
        density,
        notes: notation(&notes),
        drawn: notation(&drawn),
        between: notation(between),
    })
}

/// The card of a run.
pub fn card(
    config: Config,
    seed: u64,
    corpus: &Corpus,
    weights: WeightsFile,
    losses: Measures,
    golden: Golden,
) -> Card {
    let run = "cargo run --release -p lilt-models --bin train-melody -- --data FOLDER/POP909 --out models/weights/melody";
    Card {
        name: NAME.to_owned(),
        description: "Pop melodies that follow chords, in 4/4 on a grid of 16ths, with a latent space in which clips of \
            two bars turn into each other; a recurrent network after Improv RNN and MusicVAE."
            .to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        parameters: config.parameters(),
        seed,
        train: run.to_owned(),
        measure: format!("{run} --evaluate"),
        network: config,
        weights,
        data: vec![DataSet {
            name: "POP909 (Wang, Chen and others, ISMIR 2020)".to_owned(),
            licence: "MIT, by its authors; the songs are under copyright: only what was learnt from their melodies and \
                chords is here"
                .to_owned(),
            from: "GitHub `music-x-lab/POP909-Dataset`, folder `POP909/`".to_owned(),
            pieces: corpus.read,
        }],
        split: Split {
            rule: "by song, by SHA-256 of the melody, 90/5/5; other versions of a song are not read".to_owned(),
            train: size(&corpus.train),
            valid: size(&corpus.valid),
            test: size(&corpus.test),
            left_out: corpus.left_out.clone(),
        },
        losses,
        golden,
    }
}
