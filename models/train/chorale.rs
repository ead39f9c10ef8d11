//! The recipe of `chorale`: Bach's chorales in, trained weights and their card out.

mod baseline;
mod corpus;
mod evaluation;
mod export;
mod manners;

use std::path::Path;

use anyhow::Result;
use corpus::Corpus;
use lilt_models::card::{DataSet, Golden, Split};
use lilt_models::chorale::NAME;
use lilt_models::chorale::features::Tonality;
use lilt_models::chorale::lesson::{ChoraleLesson, Layout};
use lilt_models::chorale::losses::Losses;
use lilt_models::chorale::network::Config;
use lilt_models::training::{Course, Lesson, Tensors};

use crate::arguments::{Arguments, Defaults, Length};
use crate::recipe::{About, Recipe, Written};

/// The recipe.
pub struct Chorale;

/// What only this recipe takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Sixteenths of a crop.
    #[arg(long, default_value_t = 64)]
    frames: usize,
    /// Keeps the learning rate as high as it is told, and averages the weights over more updates.
    #[arg(long)]
    steady: bool,
    /// Share of units dropped within each block.
    #[arg(long, default_value_t = 0.05)]
    dropout: f32,
    /// Measures every so many frames of the test set; 1 for all of them.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..))]
    stride: u16,
    /// Random orders that the loss is averaged over; Coconet's five.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    orders: u16,
}

impl Recipe for Chorale {
    const NAME: &'static str = NAME;
    const ABOUT: &'static str =
        "Trains `chorale` on the JSB chorales, a folder that holds `Jsb16thSeparated.json`";
    const FOLDER: &'static str = "FOLDER";
    const DEFAULTS: Defaults = Defaults {
        length: Length::Updates(19_500),
        batch: "16",
        rate: "0.0015",
        seed: "20",
        warm_up: 100,
        weight_decay: 0.05,
        every: Some(500),
    };
    type Options = Options;
    type Config = Config;
    type Corpus = Corpus;
    type Losses = Losses;
    type Golden = Golden;

    fn corpus(data: &Path, _: &Arguments<Options>) -> Result<Corpus> {
        Corpus::read(data)
    }

    fn config(_: &Arguments<Options>) -> Config {
        Config::new(256, 256, &[1, 2, 4, 8, 1, 2, 4, 8])
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn course(arguments: &Arguments<Options>) -> Course {
        if arguments.own.steady { Course::Steady } else { Course::Falling }
    }

    fn lesson<'a>(arguments: &Arguments<Options>, config: &Config, corpus: &'a Corpus) -> impl Lesson + 'a {
        let Options { frames, dropout, .. } = arguments.own;
        // Performers often name no key, and the bars of most data are a guess.
        let layout =
            Layout { batch: arguments.batch, frames, dropout, told: [0.4, 0.5], moved: true, holes: 1 };
        ChoraleLesson::new(config.clone(), layout, &corpus.train, &corpus.valid)
    }

    fn losses(written: &Written<Config>, arguments: &Arguments<Options>, corpus: &Corpus) -> Result<Losses> {
        let Options { orders, stride, .. } = arguments.own;
        export::losses(&export::load(written)?, corpus, orders.into(), stride.into())
    }

    fn golden(written: &Written<Config>) -> Result<Golden> {
        export::golden(export::load(written)?)
    }

    fn about(corpus: &Corpus) -> About {
        About {
            description: "Chorales in four voices in the manner of Bach: writes them, harmonises a melody, and fills \
                whatever is missing; an orderless network after Coconet.",
            licence: "MIT OR Apache-2.0",
            data: vec![DataSet {
                name: "JSB Chorales, `Jsb16thSeparated.json`".to_owned(),
                licence: "works in the public domain; the files have no licence".to_owned(),
                from: "GitHub `czhuang/JSB-Chorales-dataset`".to_owned(),
                pieces: corpus.train.len() + corpus.valid.len() + corpus.test.len(),
            }],
            split: Split {
                rule: "as published (Boulanger-Lewandowski et al. 2012; Coconet used the same)".to_owned(),
                train: export::size(&corpus.train),
                valid: export::size(&corpus.valid),
                test: export::size(&corpus.test),
                left_out: Default::default(),
            },
        }
    }

    /// Chorales of eight bars for the eyes, in a few keys.
    fn play(written: &Written<Config>, arguments: &Arguments<Options>, chorales: u32) -> Result<()> {
        let step = export::load(written)?;
        let keys = [("G major", 7, false), ("A minor", 9, true), ("D major", 2, false), ("E minor", 4, true)];
        for (number, (name, tonic, minor)) in (0..u64::from(chorales)).zip(keys.into_iter().cycle()) {
            let frames = export::compose(&step, Tonality { tonic, minor }, 8, arguments.seed + number)?;
            println!("{}. {name}\n\n{}", number + 1, export::printed(&frames));
        }
        Ok(())
    }
}
