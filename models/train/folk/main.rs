//! The recipe of `folk`: tune books in, trained weights and their card out.

mod bake;
mod baseline;
mod corpus;
mod export;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use candle_core::Device;
use clap::Parser;
use corpus::Corpus;
use export::Splits;
use lilt_models::card::Card;
use lilt_models::folk::features::{Conditions, FEATURES, Kind};
use lilt_models::folk::lesson::{FolkLesson, Layout};
use lilt_models::folk::model::FolkModel;
use lilt_models::folk::network::Config;
use lilt_models::folk::vocabulary::{DURATION_CLASSES, PITCH_CLASSES};
use lilt_models::training::{Bar, Course, Run, Settings, averaged, write, write_whole};
use lilt_score::{Key, Meter};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Trains `folk` on a folder of ABC tune books: weights go to OUT.safetensors, their card to
/// OUT.toml. Set RAYON_NUM_THREADS=1: the matrices are too small to share between threads.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of `.abc` files.
    #[arg(long, required_unless_present = "play")]
    data: Option<PathBuf>,
    /// Where the weights and the card are, without extension.
    #[arg(long)]
    out: PathBuf,
    /// Folder of checkpoints; a run continues from what lies there.
    #[arg(long, default_value = "target/folk-checkpoints")]
    checkpoints: PathBuf,
    /// Passes over the training set.
    #[arg(long, default_value_t = 18.0)]
    epochs: f64,
    /// Tunes played side by side.
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Notes through which gradients go back.
    #[arg(long, default_value_t = 64)]
    steps: usize,
    /// Highest learning rate.
    #[arg(long, default_value_t = 0.002)]
    rate: f64,
    /// Seed of weights, order and dropout.
    #[arg(long, default_value_t = 20)]
    seed: u64,
    /// Trains nothing: measures the weights and the baselines on the held-out tunes.
    #[arg(long, conflicts_with = "export")]
    evaluate: bool,
    /// Trains nothing: bakes a reward into the weights and measures what that costs on the held-out tunes.
    #[arg(long, conflicts_with_all = ["evaluate", "export"])]
    bake: bool,
    /// Trains nothing: writes weights and card from the best checkpoint.
    #[arg(long)]
    export: bool,
    /// Trains nothing: prints this many tunes that the weights play.
    #[arg(long, conflicts_with_all = ["evaluate", "export"], value_name = "TUNES")]
    play: Option<usize>,
}

impl Arguments {
    /// Sizes of a new network; a card keeps its own.
    fn config(&self) -> Config {
        Config {
            features: FEATURES,
            embed: 256,
            hidden: 512,
            layers: 2,
            durations: DURATION_CLASSES,
            gate: 256,
            pitches: PITCH_CLASSES,
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
        Layout { batch: self.batch, steps: self.steps, dropout: vec![0.25, 0.35] }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let data = match (arguments.play, &arguments.data) {
        (Some(tunes), _) => return play(&arguments, tunes),
        (None, Some(data)) => data,
        (None, None) => bail!("--data is missing: name the folder of tune books"),
    };
    let corpus = Corpus::read(data)?;
    let splits = Splits::new(&corpus);
    eprintln!("read {:?}\nleft out {:?}", corpus.read, corpus.left_out);
    for (name, tunes) in [("train", &splits.train), ("valid", &splits.valid), ("test", &splits.test)] {
        let [pieces, notes] = export::size(tunes);
        eprintln!("{name}: {pieces} tunes, {notes} notes");
    }
    if arguments.evaluate {
        let card: Card<Config> = Card::read(&arguments.out.with_extension("toml"))?;
        let network = export::load(&arguments.out, &card.network, &card.weights)?;
        let losses = export::losses(&network, &splits)?;
        println!("{}", toml::to_string(&losses)?);
        return Ok(());
    }
    if arguments.bake {
        let name = arguments.out.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let folder = arguments.out.parent().unwrap_or(Path::new("."));
        let folk = FolkModel::load_as(&name, folder, &Device::Cpu)?;
        println!("{}", toml::to_string(&bake::costs(&folk, &corpus.test)?)?);
        return Ok(());
    }
    let config = arguments.config();
    if !arguments.export {
        eprintln!("{} parameters", config.parameters());
        let lesson = FolkLesson::new(config, arguments.layout(), &splits.train, &splits.valid);
        let bar = Bar::default();
        Run::new(lesson, arguments.settings())?.train(|progress| {
            bar.show(progress);
            ControlFlow::Continue(())
        })?;
        bar.finish();
    }
    let best = averaged(&arguments.checkpoints.join("best.safetensors"), &config.tensors())?;
    let file = write(&arguments.out, &config.tensors(), &best)?;
    let network = export::load(&arguments.out, &config, &file)?;
    let losses = export::losses(&network, &splits)?;
    let golden = export::golden(&network)?;
    let card = export::card(config, arguments.seed, &corpus, &splits, file, losses, golden);
    Ok(write_whole(&arguments.out.with_extension("toml"), toml::to_string(&card)?.as_bytes())?)
}

/// Prints tunes for eyes and ears: 16 bars each, in a few keys and metres.
fn play(arguments: &Arguments, tunes: usize) -> Result<()> {
    let card: Card<Config> = Card::read(&arguments.out.with_extension("toml"))?;
    let network = export::load(&arguments.out, &card.network, &card.weights)?;
    let mut rng = ChaCha8Rng::seed_from_u64(arguments.seed);
    let settings =
        [("D major", "6/8"), ("G major", "4/4"), ("A dorian", "4/4"), ("E minor", "6/8"), ("G major", "9/8")];
    for (number, (key, meter)) in (1..=tunes).zip(settings.iter().cycle()) {
        let (key, meter): (Key, Meter) = (key.parse()?, meter.parse()?);
        let conditions = Conditions { key, meter, kind: Kind::UNKNOWN };
        let events = export::play(&network, conditions, 16, 0.9, || rng.random())?;
        println!("X:{number}\nM:{meter}\nL:1/8\nK:{key}\n{}\n", export::abc(&events, &conditions));
    }
    Ok(())
}
