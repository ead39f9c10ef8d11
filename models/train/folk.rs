//! The recipe of `folk`: tune books in, trained weights and their card out.

mod bake;
mod baseline;
mod corpus;
mod export;

use std::path::Path;

use anyhow::Result;
use candle_core::Device;
use corpus::Corpus;
use lilt_models::card::{DataSet, Golden, Losses, Split};
use lilt_models::folk::example::Example;
use lilt_models::folk::features::{FEATURES, hidden};
use lilt_models::folk::model::FolkModel;
use lilt_models::folk::network::Config;
use lilt_models::folk::vocabulary::{DURATION_CLASSES, PITCH_CLASSES};
use lilt_models::recurrent::card::Sizes;
use lilt_models::training::{Lesson, Tensors};
use lilt_score::{Key, Meter};

use crate::arguments::{Arguments, Defaults, Length};
use crate::recipe::{About, Recipe, Written};
use crate::recurrent::{self, Splits};

/// The recipe.
pub struct Folk;

/// What only this recipe takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Notes through which gradients go back.
    #[arg(long, default_value_t = 64)]
    steps: usize,
    /// Trains nothing: bakes a reward into the weights and measures what that costs on the held-out tunes.
    #[arg(long, conflicts_with_all = ["evaluate", "export"])]
    bake: bool,
}

/// Tunes as they were read, and as the network hears them.
pub struct Tunes {
    corpus: Corpus,
    splits: Splits,
}

impl Recipe for Folk {
    const NAME: &'static str = lilt_models::folk::NAME;
    const ABOUT: &'static str = "Trains `folk` on a folder of ABC tune books";
    const FOLDER: &'static str = "FOLDER";
    const DEFAULTS: Defaults = Defaults {
        length: Length::Epochs(18.0),
        batch: "64",
        rate: "0.002",
        seed: "20",
        warm_up: 150,
        weight_decay: 0.02,
        every: None,
    };
    type Options = Options;
    type Config = Config;
    type Corpus = Tunes;
    type Losses = Losses;
    type Golden = Golden;

    fn corpus(data: &Path, arguments: &Arguments<Options>) -> Result<Tunes> {
        let corpus = Corpus::read(data)?;
        let config = Folk::config(arguments).network();
        let ready = |tunes: &[Example]| tunes.iter().map(|tune| tune.piece(&config)).collect();
        let splits = Splits::new(ready(&corpus.train), ready(&corpus.valid), ready(&corpus.test));
        eprintln!("read {:?}\nleft out {:?}", corpus.read, corpus.left_out);
        splits.report();
        Ok(Tunes { corpus, splits })
    }

    fn config(_: &Arguments<Options>) -> Config {
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

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn lesson<'a>(arguments: &Arguments<Options>, config: &Config, tunes: &'a Tunes) -> impl Lesson + 'a {
        let sides = [arguments.batch, arguments.own.steps];
        recurrent::lesson(sides, &[0.25, 0.35], hidden(), &config.network(), &tunes.splits)
    }

    fn losses(written: &Written<Config>, _: &Arguments<Options>, tunes: &Tunes) -> Result<Losses> {
        export::losses(&recurrent::load(written)?, &tunes.splits)
    }

    fn golden(written: &Written<Config>) -> Result<Golden> {
        export::golden(&export::model(written)?)
    }

    fn about(Tunes { corpus, splits }: &Tunes) -> About {
        About {
            description: "Dance tunes and airs of Ireland, Scotland and New England, one line, in any key and metre; \
                a recurrent network after Bob Sturm's folk-rnn, one step a note.",
            licence: "MIT OR Apache-2.0",
            data: corpus.read.iter().map(|(book, &pieces)| describe(book, pieces)).collect(),
            split: Split {
                rule: "tunes related by shared 6-note figures together; by SHA-256 of the first tune's notes, 90/5/5"
                    .to_owned(),
                left_out: corpus.left_out.clone(),
                ..splits.sizes()
            },
        }
    }

    /// Tunes for eyes and ears: 16 bars each, in a few keys and metres.
    fn play(written: &Written<Config>, arguments: &Arguments<Options>, tunes: u32) -> Result<()> {
        let model = export::model(written)?;
        let settings = [
            ("D major", "6/8"),
            ("G major", "4/4"),
            ("A dorian", "4/4"),
            ("E minor", "6/8"),
            ("G major", "9/8"),
        ];
        for (number, (key, meter)) in (1..=tunes).zip(settings.iter().cycle()) {
            let (key, meter): (Key, Meter) = (key.parse()?, meter.parse()?);
            let clip = export::sample(&model, key, meter, 16, 0.9, arguments.seed + u64::from(number))?;
            println!("X:{number}\nM:{meter}\nL:1/8\nK:{key}\n{}\n", export::abc(&clip, key, meter)?);
        }
        Ok(())
    }

    fn measured_else(
        _: impl Fn() -> Result<Written<Config>>,
        arguments: &Arguments<Options>,
        tunes: &Tunes,
    ) -> Result<bool> {
        if arguments.own.bake {
            let name = arguments.out.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            let folder = arguments.out.parent().unwrap_or(Path::new("."));
            let folk = FolkModel::load_as(&name, folder, &Device::Cpu)?;
            println!("{}", toml::to_string(&bake::costs(&folk, &tunes.corpus.test)?)?);
        }
        Ok(arguments.own.bake)
    }
}

/// The collections that the shipped weights learnt from; any other book is named by its file.
fn describe(book: &str, pieces: usize) -> DataSet {
    let music21 = "PyPI `music21`, folder `corpus/`";
    let by_permission = "tunes in the public domain; encoding by permission in music21's corpus";
    let (name, licence, from) = match book {
        "airds-airs" => ("Aird's Airs (Glasgow, 1782 and after)", by_permission, music21),
        "oneills-1850" => ("O'Neill's Music of Ireland (Chicago, 1903)", by_permission, music21),
        "ryans-mammoth" => ("Ryan's Mammoth Collection (Boston, 1883)", by_permission, music21),
        "irish-session" => {
            let mit = "tunes in the public domain; encoding under MIT";
            ("Irish session tunes", mit, "PyPI `mitdeeplearning`, `data/irish.abc`")
        }
        other => (other, "not known to the recipe", "a book of your own"),
    };
    DataSet { name: name.to_owned(), licence: licence.to_owned(), from: from.to_owned(), pieces }
}
