//! The recipe of `performance`: piano arrangements in, trained weights and their card out.

mod corpus;
mod measures;
#[path = "../pop909.rs"]
mod pop909;
#[path = "../stream/mod.rs"]
mod stream;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Parser;
use corpus::Corpus;
use lilt_inference::Setting;
use lilt_models::card::{DataSet, Split, WeightsFile, read_weights};
use lilt_models::melody::vocabulary::Home;
use lilt_models::performance::codec::encode;
use lilt_models::performance::model::{NAME, PerformanceModel};
use lilt_models::performance::passage::Passage;
use lilt_models::performance::vocabulary::FIELDS;
use lilt_models::performance::walk::{CONDITIONS, GROUPS, HIDDEN, ROWS};
use lilt_models::stream::batches::{Hidden, Piece};
use lilt_models::stream::card::{Golden, Losses, StreamCard};
use lilt_models::stream::lesson::{Layout, StreamLesson};
use lilt_models::stream::network::Config;
use lilt_models::stream::step::StreamStep;
use lilt_models::training::{Bar, Course, Run, Settings, averaged, write, write_whole};
use lilt_score::Key;
use measures::sample;
use stream::export::{self, Splits};

/// Trains `performance` on POP909: weights go to OUT.safetensors, their card to OUT.toml. Set
/// RAYON_NUM_THREADS=1: the matrices are too small to share between threads.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder that holds a folder for each song, `001` to `909`.
    #[arg(long, required_unless_present = "play")]
    data: Option<PathBuf>,
    /// Where the weights and the card are, without extension.
    #[arg(long)]
    out: PathBuf,
    /// Folder of checkpoints; a run continues from what lies there.
    #[arg(long, default_value = "target/performance-checkpoints")]
    checkpoints: PathBuf,
    /// Passes over the training set.
    #[arg(long, default_value_t = 2.5)]
    epochs: f64,
    /// Passages played side by side.
    #[arg(long, default_value_t = 24)]
    batch: usize,
    /// Events through which gradients go back.
    #[arg(long, default_value_t = 64)]
    steps: usize,
    /// Highest learning rate.
    #[arg(long, default_value_t = 0.004)]
    rate: f64,
    /// Width of each LSTM layer.
    #[arg(long, default_value_t = 256)]
    hidden: usize,
    /// Seed of weights, order and dropout.
    #[arg(long, default_value_t = 88)]
    seed: u64,
    /// Trains nothing: measures the weights and the baselines on the held-out songs.
    #[arg(long, conflicts_with = "export")]
    evaluate: bool,
    /// Trains nothing: writes weights and card from the best checkpoint.
    #[arg(long)]
    export: bool,
    /// Trains nothing: prints this many bars that the weights play in each of a few keys.
    #[arg(long, conflicts_with_all = ["evaluate", "export"], value_name = "BARS")]
    play: Option<u32>,
}

impl Arguments {
    /// Sizes of a new network; a card keeps its own.
    fn config(&self) -> Config {
        Config {
            rows: ROWS,
            groups: GROUPS,
            embed: 128,
            hidden: self.hidden,
            layers: 2,
            gate: 128,
            fields: FIELDS.to_vec(),
        }
    }

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
        Layout { batch: self.batch, steps: self.steps, dropout: vec![0.05, 0.1], hidden: hidden.collect() }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let data = match (arguments.play, &arguments.data) {
        (Some(bars), _) => return play(&arguments, bars),
        (None, Some(data)) => data,
        (None, None) => bail!("--data is missing: name the folder of songs"),
    };
    let corpus = Corpus::read(data)?;
    let mut config = arguments.config();
    let ready = |passages: &[Passage]| -> Vec<Piece> {
        passages.iter().map(|passage| passage.piece(&config)).collect()
    };
    let splits =
        Splits { train: ready(&corpus.train), valid: ready(&corpus.valid), test: ready(&corpus.test) };
    eprintln!("{} songs, left out {:?}", corpus.songs, corpus.left_out);
    splits.report();
    if arguments.evaluate {
        let card = StreamCard::read(&arguments.out.with_extension("toml"))?;
        config = card.network;
        println!("{}", toml::to_string(&losses(&arguments.out, &config, &card.weights, &corpus, &splits)?)?);
        return Ok(());
    }
    if !arguments.export {
        eprintln!("{} parameters", config.parameters());
        let lesson = StreamLesson::new(config.clone(), arguments.layout(), &splits.train, &splits.valid);
        let bar = Bar::default();
        Run::new(lesson, arguments.settings())?.train(|progress| {
            bar.show(progress);
            ControlFlow::Continue(())
        })?;
        bar.finish();
    }
    let best = averaged(&arguments.checkpoints.join("best.safetensors"), &config.tensors())?;
    let file = write(&arguments.out, &config.tensors(), &best)?;
    let losses = losses(&arguments.out, &config, &file, &corpus, &splits)?;
    let golden = golden(&model(&arguments.out, &config, &file)?)?;
    let card = card(config, arguments.seed, &corpus, &splits, file, losses, golden);
    Ok(write_whole(&arguments.out.with_extension("toml"), toml::to_string(&card)?.as_bytes())?)
}

/// The pianist of weights that were written, as it plays.
fn model(out: &Path, config: &Config, file: &WeightsFile) -> Result<PerformanceModel> {
    let weights = read_weights(&out.with_extension("safetensors"), &file.sha256, &config.tensors())?;
    let step = StreamStep::new(NAME, config.clone(), &weights).map_err(anyhow::Error::msg)?;
    Ok(PerformanceModel::new(step, file.sha256.clone(), String::new()))
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

/// The golden output of `model`.
fn golden(model: &PerformanceModel) -> Result<Golden> {
    let (key, timing, bars) = ("A minor", "strict", 4);
    let settings = [("timing", Setting::Word(timing.to_owned()))];
    let home = Home::of(key.parse::<Key>()?);
    let events = encode(&sample(model, key, &settings, bars, 0.0, 1)?, home, 0)?.events;
    let options = [("key", key), ("timing", timing)].map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Golden { options: BTreeMap::from(options), bars, events: Golden::notation(&events) })
}

/// Prints bars for eyes: a line a moment, in beats, with the notes that are struck then.
fn play(arguments: &Arguments, bars: u32) -> Result<()> {
    let card = StreamCard::read(&arguments.out.with_extension("toml"))?;
    let model = model(&arguments.out, &card.network, &card.weights)?;
    for key in ["C", "G", "A minor", "Eb"] {
        let clip = sample(&model, key, &[], bars, 1.0, arguments.seed)?;
        println!("{key}");
        for notes in clip.notes().chunk_by(|a, b| a.start == b.start) {
            let names: Vec<String> = notes
                .iter()
                .map(|note| format!("{}:{} {}", note.tone, note.duration, note.velocity.midi()))
                .collect();
            println!("  {:>7.3}  {}", notes[0].start.to_f64(), names.join("  "));
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
    let command = "cargo run --release -p lilt-models --bin train-performance -- --data FOLDER --out models/weights/performance";
    StreamCard {
        name: NAME.to_owned(),
        description:
            "A pianist with both hands, tune and accompaniment, in any key, with velocities, rolled \
            chords and microtiming; a recurrent network after Performance RNN, one step a note."
                .to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        parameters: config.parameters(),
        seed,
        train: command.to_owned(),
        measure: format!("{command} --evaluate"),
        network: config,
        weights,
        data: vec![DataSet {
            name: "POP909 (Wang et al. 2020), all three tracks of each arrangement".to_owned(),
            licence: "MIT; the songs themselves are under copyright, and none is shipped".to_owned(),
            from: "https://github.com/music-x-lab/POP909-Dataset, folder POP909".to_owned(),
            pieces: corpus.songs,
        }],
        split: Split {
            rule: "by SHA-256 of the song's number, 90/5/5; passages of one key, with their notes".to_owned(),
            train: export::size(&splits.train),
            valid: export::size(&splits.valid),
            test: export::size(&splits.test),
            left_out: corpus.left_out.clone(),
        },
        losses,
        golden,
    }
}
