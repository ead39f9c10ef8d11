//! The recipe of `drums`: recordings of drummers in, trained weights and their card out.

mod corpus;
mod feel;
mod measures;
#[path = "../stream/mod.rs"]
mod stream;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Parser;
use corpus::Corpus;
use lilt_inference::{Conditions, Model, Sampling, Setting, Settings as Options, Watch};
use lilt_models::card::{DataSet, Split, WeightsFile, read_weights};
use lilt_models::drums::codec::encode;
use lilt_models::drums::model::{DrumModel, NAME};
use lilt_models::drums::recording::{self, Recording};
use lilt_models::drums::vocabulary::{DRUMS, FIELDS, NEXT, STEPS_PER_BAR};
use lilt_models::drums::walk::{CONDITIONS, GROUPS, ROWS};
use lilt_models::stream::batches::{Hidden, Piece};
use lilt_models::stream::card::{Golden, Losses, StreamCard};
use lilt_models::stream::lesson::{Layout, StreamLesson};
use lilt_models::stream::network::Config;
use lilt_models::stream::step::StreamStep;
use lilt_models::training::{Bar, Course, Run, Settings, averaged, write, write_whole};
use lilt_score::Clip;
use stream::export::{self, Splits};

/// Share of pieces whose style, kind and tempo are each hidden, as performers often name none.
const HIDDEN: [f64; 3] = [0.25, 0.15, 0.3];

/// Trains `drums` on the Groove MIDI Dataset: weights go to OUT.safetensors, their card to OUT.toml.
/// Set RAYON_NUM_THREADS=1: the matrices are too small to share between threads.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of `info.csv`.
    #[arg(long, required_unless_present = "play")]
    data: Option<PathBuf>,
    /// Where the weights and the card are, without extension.
    #[arg(long)]
    out: PathBuf,
    /// Folder of checkpoints; a run continues from what lies there.
    #[arg(long, default_value = "target/drums-checkpoints")]
    checkpoints: PathBuf,
    /// Passes over the training set.
    #[arg(long, default_value_t = 8.0)]
    epochs: f64,
    /// Recordings played side by side.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Events through which gradients go back.
    #[arg(long, default_value_t = 96)]
    steps: usize,
    /// Highest learning rate.
    #[arg(long, default_value_t = 0.004)]
    rate: f64,
    /// Seed of weights, order and dropout.
    #[arg(long, default_value_t = 9)]
    seed: u64,
    /// Trains nothing: measures the weights and the baselines on the held-out recordings.
    #[arg(long, conflicts_with = "export")]
    evaluate: bool,
    /// Trains nothing: writes weights and card from the best checkpoint.
    #[arg(long)]
    export: bool,
    /// Trains nothing: prints how much of a drummer's feel `groove` has at a few temperatures.
    #[arg(long, conflicts_with_all = ["evaluate", "export"])]
    feel: bool,
    /// Trains nothing: prints this many bars that the weights play in each of a few styles.
    #[arg(long, conflicts_with_all = ["evaluate", "export"], value_name = "BARS")]
    play: Option<u32>,
}

/// Sizes of a new network; a card keeps its own.
fn config() -> Config {
    Config {
        rows: ROWS,
        groups: GROUPS,
        embed: 128,
        hidden: 256,
        layers: 2,
        gate: 128,
        fields: FIELDS.to_vec(),
    }
}

impl Arguments {
    fn settings(&self) -> Settings {
        Settings {
            seed: self.seed,
            epochs: self.epochs,
            rate: self.rate,
            warm_up: 150,
            course: Course::Falling,
            weight_decay: 0.02,
            every: None,
            patience: None,
            checkpoints: Some(self.checkpoints.clone()),
        }
    }

    fn layout(&self) -> Layout {
        let hidden =
            CONDITIONS.into_iter().zip(HIDDEN).map(|((group, row), share)| Hidden { group, row, share });
        Layout { batch: self.batch, steps: self.steps, dropout: vec![0.2, 0.3], hidden: hidden.collect() }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let data = match (arguments.play, &arguments.data) {
        (Some(bars), _) => return play(&arguments, bars),
        (None, Some(data)) => data,
        (None, None) => bail!("--data is missing: name the folder of info.csv"),
    };
    let corpus = Corpus::read(data)?;
    let mut config = config();
    let ready = |recordings: &[Recording], config: &Config| -> Vec<Piece> {
        recordings.iter().map(|recording| recording::piece(recording, config)).collect()
    };
    let mut splits = Splits {
        train: ready(&corpus.train, &config),
        valid: ready(&corpus.valid, &config),
        test: ready(&corpus.test, &config),
    };
    splits.report();
    if arguments.evaluate {
        let card = StreamCard::read(&arguments.out.with_extension("toml"))?;
        config = card.network;
        println!("{}", toml::to_string(&losses(&arguments.out, &config, &card.weights, &corpus, &splits)?)?);
        return Ok(());
    }
    if arguments.feel {
        let card = StreamCard::read(&arguments.out.with_extension("toml"))?;
        return feel::print(&model(&arguments.out, &card.network, &card.weights)?, &corpus);
    }
    if !arguments.export {
        eprintln!("{} parameters", config.parameters());
        let own = splits.train.len();
        splits.train.extend(corpus::fills_after_beats(&corpus.train, &config, arguments.seed));
        let lesson = StreamLesson::new(config.clone(), arguments.layout(), &splits.train, &splits.valid);
        let bar = Bar::default();
        Run::new(lesson, arguments.settings())?.train(|progress| {
            bar.show(progress);
            ControlFlow::Continue(())
        })?;
        bar.finish();
        splits.train.truncate(own);
    }
    let best = averaged(&arguments.checkpoints.join("best.safetensors"), &config.tensors())?;
    let file = write(&arguments.out, &config.tensors(), &best)?;
    let losses = losses(&arguments.out, &config, &file, &corpus, &splits)?;
    let golden = golden(&model(&arguments.out, &config, &file)?)?;
    let card = card(config, arguments.seed, &corpus, &splits, file, losses, golden);
    Ok(write_whole(&arguments.out.with_extension("toml"), toml::to_string(&card)?.as_bytes())?)
}

/// The drummer of weights that were written, as it plays.
fn model(out: &Path, config: &Config, file: &WeightsFile) -> Result<DrumModel> {
    let weights = read_weights(&out.with_extension("safetensors"), &file.sha256, &config.tensors())?;
    let step = StreamStep::new(NAME, config.clone(), &weights).map_err(anyhow::Error::msg)?;
    Ok(DrumModel::new(step, file.sha256.clone(), String::new()))
}

fn losses(
    out: &Path,
    config: &Config,
    file: &WeightsFile,
    corpus: &Corpus,
    splits: &Splits,
) -> Result<Losses> {
    let measures = measures::measures(&model(out, config, file)?, corpus)?;
    export::losses(&export::load(out, config, file)?, splits, measures)
}

/// `bars` bars in a style.
fn sample(model: &DrumModel, style: &str, bars: u32, temperature: f64, seed: u64) -> Result<Clip> {
    let settings = Options::default().with("style", Setting::Word(style.to_owned()));
    let conditions = Conditions { settings, ..Conditions::default() };
    Ok(model.sample(&Sampling::new(bars, temperature, seed, conditions)?, &Watch::new())?.clip)
}

/// The golden output of `model`.
fn golden(model: &DrumModel) -> Result<Golden> {
    let (style, bars) = ("funk", 4);
    let clip = sample(model, style, bars, 0.0, 1)?;
    let options = BTreeMap::from([("style".to_owned(), style.to_owned())]);
    Ok(Golden { options, bars, events: Golden::notation(&encode(&clip)?.events) })
}

/// Prints bars for eyes: a line a drum, a letter a sixteenth, harder hits as capitals.
fn play(arguments: &Arguments, bars: u32) -> Result<()> {
    let card = StreamCard::read(&arguments.out.with_extension("toml"))?;
    let model = model(&arguments.out, &card.network, &card.weights)?;
    for style in ["rock", "funk", "jazz", "hiphop", "latin"] {
        let clip = sample(&model, style, bars, 1.0, arguments.seed)?;
        println!("{style}");
        let mut lines = vec![String::new(); DRUMS.len()];
        let (mut step, mut now) = (0, vec!['.'; DRUMS.len()]);
        for [what, velocity, _] in encode(&clip)?.events {
            if what != NEXT {
                now[usize::from(what)] = if velocity < 7 { 'x' } else { 'X' };
                continue;
            }
            step += 1;
            for (line, hit) in lines.iter_mut().zip(&mut now) {
                line.push(std::mem::replace(hit, '.'));
                if step % STEPS_PER_BAR == 0 {
                    line.push('|');
                }
            }
        }
        for (drum, line) in DRUMS.iter().zip(lines) {
            println!("  {} {line}", drum.name());
        }
    }
    Ok(())
}

/// The card of a run.
fn card(
    config: Config,
    seed: u64,
    corpus: &Corpus,
    splits: &Splits,
    weights: WeightsFile,
    losses: Losses,
    golden: Golden,
) -> StreamCard {
    let command =
        "cargo run --release -p lilt-models --bin train-drums -- --data FOLDER --out models/weights/drums";
    StreamCard {
        name: NAME.to_owned(),
        description: "A drummer at nine drums, with velocities and microtiming, in 18 styles; a recurrent network after \
            Magenta's Drum Kit RNN and GrooVAE, one step a hit."
            .to_owned(),
        licence: "MIT OR Apache-2.0, with credit to the Groove MIDI Dataset (CC BY 4.0)".to_owned(),
        parameters: config.parameters(),
        seed,
        train: command.to_owned(),
        measure: format!("{command} --evaluate"),
        network: config,
        weights,
        data: vec![DataSet {
            name: "Groove MIDI Dataset 1.0.0 (Gillick, Roberts, Engel, Eck and Bamman 2019)".to_owned(),
            licence: "CC BY 4.0".to_owned(),
            from: "https://magenta.tensorflow.org/datasets/groove, groove-v1.0.0-midionly.zip".to_owned(),
            pieces: corpus.train.len() + corpus.valid.len() + corpus.test.len(),
        }],
        split: Split {
            rule: "as published, column `split` of info.csv".to_owned(),
            train: export::size(&splits.train),
            valid: export::size(&splits.valid),
            test: export::size(&splits.test),
            left_out: corpus.left_out.clone(),
        },
        losses,
        golden,
    }
}
