//! The recipe of `chorale`: Bach's chorales in, trained weights and their card out.

mod baseline;
mod corpus;
mod evaluation;
mod export;
mod manners;

use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Parser;
use corpus::Corpus;
use lilt_models::chorale::features::Tonality;
use lilt_models::chorale::lesson::{ChoraleLesson, Layout};
use lilt_models::chorale::model::ChoraleCard;
use lilt_models::chorale::network::Config;
use lilt_models::training::{Bar, Course, Lesson, Run, Settings, averaged, write, write_whole};

/// Trains `chorale` on the JSB chorales: weights go to OUT.safetensors, their card to OUT.toml.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder that holds `Jsb16thSeparated.json`.
    #[arg(long, required_unless_present = "play")]
    data: Option<PathBuf>,
    /// Where the weights and the card are, without extension.
    #[arg(long)]
    out: PathBuf,
    /// Folder of checkpoints; a run continues from what lies there.
    #[arg(long, default_value = "target/chorale-checkpoints")]
    checkpoints: PathBuf,
    /// Updates of the weights in all.
    #[arg(long, default_value_t = 19_500)]
    updates: usize,
    /// Crops side by side.
    #[arg(long, default_value_t = 16)]
    batch: usize,
    /// Sixteenths of a crop.
    #[arg(long, default_value_t = 64)]
    frames: usize,
    /// Highest learning rate.
    #[arg(long, default_value_t = 0.0015)]
    rate: f64,
    /// Keeps the learning rate as high as it is told, and averages the weights over more updates.
    #[arg(long)]
    steady: bool,
    /// Share of units dropped within each block.
    #[arg(long, default_value_t = 0.05)]
    dropout: f32,
    /// Updates between checkpoints.
    #[arg(long, default_value_t = 500)]
    every: usize,
    /// Seed of weights, crops and dropout.
    #[arg(long, default_value_t = 20)]
    seed: u64,
    /// Trains nothing: measures the weights and the baseline on the test set.
    #[arg(long, conflicts_with = "export")]
    evaluate: bool,
    /// Trains nothing: writes weights and card from the last checkpoint.
    #[arg(long)]
    export: bool,
    /// Measures every so many frames of the test set; 1 for all of them.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    stride: u16,
    /// Random orders that the loss is averaged over; Coconet's five.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    orders: u16,
    /// Trains nothing: prints this many chorales that the weights write.
    #[arg(long, conflicts_with_all = ["evaluate", "export"], value_name = "CHORALES")]
    play: Option<u64>,
}

impl Arguments {
    /// Sizes of a new network; a card keeps its own.
    fn config(&self) -> Config {
        Config::new(256, 256, &[1, 2, 4, 8, 1, 2, 4, 8])
    }

    /// The run; `epoch` is its updates in one pass over the training set.
    fn settings(&self, epoch: usize) -> Settings {
        Settings {
            seed: self.seed,
            epochs: self.updates as f64 / epoch.max(1) as f64,
            rate: self.rate,
            warm_up: 100,
            course: if self.steady { Course::Steady } else { Course::Falling },
            weight_decay: 0.05,
            every: Some(self.every),
            patience: None,
            checkpoints: Some(self.checkpoints.clone()),
        }
    }

    fn layout(&self) -> Layout {
        let (batch, frames, dropout) = (self.batch, self.frames, self.dropout);
        // Performers often name no key, and the bars of most data are a guess.
        Layout { batch, frames, dropout, told: [0.4, 0.5], moved: true, holes: 1 }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let data = match (arguments.play, &arguments.data) {
        (Some(chorales), _) => return play(&arguments, chorales),
        (None, Some(data)) => data,
        (None, None) => bail!("--data is missing: name the folder of the chorales"),
    };
    let corpus = Corpus::read(data)?;
    let (orders, stride) = (arguments.orders.into(), arguments.stride.into());
    if arguments.evaluate {
        let card = ChoraleCard::read(&arguments.out.with_extension("toml"))?;
        let step = export::load(&arguments.out, &card.network, &card.weights)?;
        println!("{}", toml::to_string(&export::losses(&step, &corpus, orders, stride)?)?);
        return Ok(());
    }
    let config = arguments.config();
    if !arguments.export {
        eprintln!("{} parameters", config.parameters());
        let lesson = ChoraleLesson::new(config.clone(), arguments.layout(), &corpus.train, &corpus.valid);
        let settings = arguments.settings(lesson.epoch());
        let bar = Bar::default();
        Run::new(lesson, settings)?.train(|progress| {
            bar.show(progress);
            ControlFlow::Continue(())
        })?;
        bar.finish();
    }
    let best = averaged(&arguments.checkpoints.join("best.safetensors"), &config.tensors())?;
    let file = write(&arguments.out, &config.tensors(), &best)?;
    let step = export::load(&arguments.out, &config, &file)?;
    let losses = export::losses(&step, &corpus, orders, stride)?;
    let card = export::card(&step, arguments.seed, &corpus, file, losses)?;
    Ok(write_whole(&arguments.out.with_extension("toml"), toml::to_string(&card)?.as_bytes())?)
}

/// Prints chorales of eight bars for the eyes, in a few keys.
fn play(arguments: &Arguments, chorales: u64) -> Result<()> {
    let card = ChoraleCard::read(&arguments.out.with_extension("toml"))?;
    let step = export::load(&arguments.out, &card.network, &card.weights)?;
    let keys = [("G major", 7, false), ("A minor", 9, true), ("D major", 2, false), ("E minor", 4, true)];
    for (number, (name, tonic, minor)) in (0..chorales).zip(keys.into_iter().cycle()) {
        let frames = export::compose(&step, Tonality { tonic, minor }, 8, arguments.seed + number)?;
        println!("{}. {name}\n\n{}", number + 1, export::printed(&frames));
    }
    Ok(())
}
