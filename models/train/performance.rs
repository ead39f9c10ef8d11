//! The recipe of `performance`: piano arrangements in, trained weights and their card out.

mod corpus;
mod measures;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use corpus::Corpus;
use lilt_inference::Setting;
use lilt_models::card::{DataSet, Split};
use lilt_models::melody::vocabulary::Home;
use lilt_models::performance::NAME;
use lilt_models::performance::codec::encode;
use lilt_models::performance::model::PerformanceModel;
use lilt_models::performance::passage::Passage;
use lilt_models::performance::vocabulary::FIELDS;
use lilt_models::performance::walk::{CONDITIONS, GROUPS, HIDDEN, ROWS};
use lilt_models::recurrent::batches::Piece;
use lilt_models::recurrent::card::{Golden, Losses};
use lilt_models::recurrent::config::{Config, FieldNames};
use lilt_models::training::{Lesson, Tensors};
use lilt_score::Key;
use measures::sample;

use crate::arguments::{Arguments, Defaults, Length};
use crate::recipe::{About, Recipe, Written};
use crate::recurrent::{self, Splits};

/// The recipe.
pub struct Performance;

/// What only this recipe takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Events through which gradients go back.
    #[arg(long, default_value_t = 64)]
    steps: usize,
    /// Width of each LSTM layer.
    #[arg(long, default_value_t = 256)]
    hidden: usize,
}

/// Passages as they were read, and as the network hears them.
pub struct Passages {
    corpus: Corpus,
    splits: Splits,
}

impl Recipe for Performance {
    const NAME: &'static str = NAME;
    const ABOUT: &'static str = "Trains `performance` on POP909, a folder of songs `001` to `909`";
    const FOLDER: &'static str = "FOLDER";
    const DEFAULTS: Defaults = Defaults {
        length: Length::Epochs(2.5),
        batch: "24",
        rate: "0.004",
        seed: "88",
        warm_up: 150,
        weight_decay: 0.02,
        every: None,
    };
    type Options = Options;
    type Config = Config;
    type Corpus = Passages;
    type Losses = Losses;
    type Golden = Golden;

    fn corpus(data: &Path, arguments: &Arguments<Options>) -> Result<Passages> {
        let corpus = Corpus::read(data)?;
        let config = Performance::config(arguments);
        let ready = |passages: &[Passage]| -> Vec<Piece> {
            passages.iter().map(|passage| passage.piece(&config)).collect()
        };
        let splits = Splits::new(ready(&corpus.train), ready(&corpus.valid), ready(&corpus.test));
        eprintln!("{} songs, left out {:?}", corpus.songs, corpus.left_out);
        splits.report();
        Ok(Passages { corpus, splits })
    }

    fn config(arguments: &Arguments<Options>) -> Config {
        Config {
            rows: ROWS,
            groups: GROUPS,
            embed: 128,
            hidden: arguments.own.hidden,
            layers: 2,
            gate: 128,
            fields: FIELDS.to_vec(),
            names: FieldNames::Numbered,
        }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn lesson<'a>(arguments: &Arguments<Options>, config: &Config, data: &'a Passages) -> impl Lesson + 'a {
        let hidden = recurrent::hidden(CONDITIONS, HIDDEN);
        recurrent::lesson([arguments.batch, arguments.own.steps], &[0.05, 0.1], hidden, config, &data.splits)
    }

    fn losses(written: &Written<Config>, _: &Arguments<Options>, data: &Passages) -> Result<Losses> {
        let measures = measures::measures(&model(written)?, &data.corpus)?;
        recurrent::losses(&recurrent::load(written)?, &data.splits, measures)
    }

    fn golden(written: &Written<Config>) -> Result<Golden> {
        let (key, timing, bars) = ("A minor", "strict", 4);
        let settings = [("timing", Setting::Word(timing.to_owned()))];
        let home = Home::of(key.parse::<Key>()?);
        let events = encode(&sample(&model(written)?, key, &settings, bars, 0.0, 1)?, home, 0)?.events;
        let options =
            [("key", key), ("timing", timing)].map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Golden { options: BTreeMap::from(options), bars, events: Golden::notation(&events) })
    }

    fn about(Passages { corpus, splits }: &Passages) -> About {
        About {
            description: "A pianist with both hands, tune and accompaniment, in any key, with velocities, rolled \
                chords and microtiming; a recurrent network after Performance RNN, one step a note.",
            licence: "MIT OR Apache-2.0",
            data: vec![DataSet {
                name: "POP909 (Wang et al. 2020), all three tracks of each arrangement".to_owned(),
                licence: "MIT; the songs themselves are under copyright, and none is shipped".to_owned(),
                from: "https://github.com/music-x-lab/POP909-Dataset, folder POP909".to_owned(),
                pieces: corpus.songs,
            }],
            split: Split {
                rule: "by SHA-256 of the song's number, 90/5/5; passages of one key, with their notes"
                    .to_owned(),
                left_out: corpus.left_out.clone(),
                ..splits.sizes()
            },
        }
    }

    /// Bars for eyes: a line a moment, in beats, with the notes that are struck then.
    fn play(written: &Written<Config>, arguments: &Arguments<Options>, bars: u32) -> Result<()> {
        let model = model(written)?;
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
}

/// The pianist of weights that were written, as it plays.
fn model(written: &Written<Config>) -> Result<PerformanceModel> {
    Ok(PerformanceModel::new(recurrent::step(NAME, written)?, written.file.sha256.clone(), String::new()))
}
