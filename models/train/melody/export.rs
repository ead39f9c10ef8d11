//! What ships beside the weights: their card, with the golden output.

use std::path::Path;

use anyhow::{Context, Result};
use candle_core::Device;
use lilt_inference::{Conditions, Model, Sampling, Setting, Settings, Watch};
use lilt_models::card::{DataSet, Split, WeightsFile, read_weights};
use lilt_models::melody::measures::{Card, Golden, Measures};
use lilt_models::melody::model::{MelodyModel, NAME};
use lilt_models::melody::network::{Config, Network};
use lilt_models::melody::passage::size;
use lilt_models::melody::step::MelodyStep;
use lilt_models::step::Kernel;
use lilt_score::{Beat, Clip, Span};

use crate::corpus::Corpus;

/// Key, chords and density of the golden output.
const GOLDEN: (&str, &str, f64) = ("C major", "C G Am F", 4.0);

/// Loads weights that were written: as the trainer has it, and as a player has it.
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
