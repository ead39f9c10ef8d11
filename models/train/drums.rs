//! The recipe of `drums`: recordings of drummers in, trained weights and their card out.

mod corpus;
mod feel;
mod measures;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use corpus::Corpus;
use lilt_inference::{Conditions, Model, Sampling, Setting, Settings, Watch};
use lilt_models::card::{DataSet, Split};
use lilt_models::drums::NAME;
use lilt_models::drums::codec::encode;
use lilt_models::drums::model::DrumModel;
use lilt_models::drums::recording::{self, Recording};
use lilt_models::drums::vocabulary::{DRUMS, FIELDS, NEXT, STEPS_PER_BAR};
use lilt_models::drums::walk::{CONDITIONS, GROUPS, ROWS};
use lilt_models::recurrent::batches::Piece;
use lilt_models::recurrent::card::{Golden, Losses};
use lilt_models::recurrent::config::{Config, FieldNames};
use lilt_models::training::{Lesson, Tensors};
use lilt_score::Clip;

use crate::arguments::{Arguments, Defaults, Length};
use crate::recipe::{About, Recipe, Written};
use crate::recurrent::{self, Splits};

/// Share of pieces whose style, kind and tempo are each hidden, as performers often name none.
const HIDDEN: [f64; 3] = [0.25, 0.15, 0.3];

/// The recipe.
pub struct Drums;

/// What only this recipe takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Events through which gradients go back.
    #[arg(long, default_value_t = 96)]
    steps: usize,
    /// Trains nothing: prints how much of a drummer's feel `groove` has at a few temperatures.
    #[arg(long, conflicts_with_all = ["evaluate", "export"])]
    feel: bool,
}

/// Recordings as they were read, and as the network hears them.
pub struct Recordings {
    corpus: Corpus,
    splits: Splits,
}

impl Recipe for Drums {
    const NAME: &'static str = NAME;
    const ABOUT: &'static str = "Trains `drums` on the Groove MIDI Dataset, a folder with info.csv";
    const FOLDER: &'static str = "FOLDER";
    const DEFAULTS: Defaults = Defaults {
        length: Length::Epochs(8.0),
        batch: "32",
        rate: "0.004",
        seed: "9",
        warm_up: 150,
        weight_decay: 0.02,
        every: None,
    };
    type Options = Options;
    type Config = Config;
    type Corpus = Recordings;
    type Losses = Losses;
    type Golden = Golden;

    fn corpus(data: &Path, arguments: &Arguments<Options>) -> Result<Recordings> {
        let corpus = Corpus::read(data)?;
        let config = Drums::config(arguments);
        let ready = |recordings: &[Recording]| -> Vec<Piece> {
            recordings.iter().map(|recording| recording::piece(recording, &config)).collect()
        };
        let mut splits = Splits::new(ready(&corpus.train), ready(&corpus.valid), ready(&corpus.test));
        splits.report();
        if arguments.trains() {
            splits.learn_also(corpus::fills_after_beats(&corpus.train, &config, arguments.seed));
        }
        Ok(Recordings { corpus, splits })
    }

    fn config(_: &Arguments<Options>) -> Config {
        Config {
            rows: ROWS,
            groups: GROUPS,
            embed: 128,
            hidden: 256,
            layers: 2,
            gate: 128,
            fields: FIELDS.to_vec(),
            names: FieldNames::Numbered,
        }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn lesson<'a>(arguments: &Arguments<Options>, config: &Config, data: &'a Recordings) -> impl Lesson + 'a {
        let hidden = recurrent::hidden(CONDITIONS, HIDDEN);
        recurrent::lesson([arguments.batch, arguments.own.steps], &[0.2, 0.3], hidden, config, &data.splits)
    }

    fn losses(written: &Written<Config>, _: &Arguments<Options>, data: &Recordings) -> Result<Losses> {
        let measures = measures::measures(&model(written)?, &data.corpus)?;
        recurrent::losses(&recurrent::load(written)?, &data.splits, measures)
    }

    fn golden(written: &Written<Config>) -> Result<Golden> {
        let (style, bars) = ("funk", 4);
        let clip = sample(&model(written)?, style, bars, 0.0, 1)?;
        let options = BTreeMap::from([("style".to_owned(), style.to_owned())]);
        Ok(Golden { options, bars, events: Golden::notation(&encode(&clip)?.events) })
    }

    fn about(Recordings { corpus, splits }: &Recordings) -> About {
        About {
            description: "A drummer at nine drums, with velocities and microtiming, in 18 styles; a recurrent network \
                after Magenta's Drum Kit RNN and GrooVAE, one step a hit.",
            licence: "MIT OR Apache-2.0, with credit to the Groove MIDI Dataset (CC BY 4.0)",
            data: vec![DataSet {
                name: "Groove MIDI Dataset 1.0.0 (Gillick, Roberts, Engel, Eck and Bamman 2019)".to_owned(),
                licence: "CC BY 4.0".to_owned(),
                from: "https://magenta.tensorflow.org/datasets/groove, groove-v1.0.0-midionly.zip".to_owned(),
                pieces: corpus.train.len() + corpus.valid.len() + corpus.test.len(),
            }],
            split: Split {
                rule: "as published, column `split` of info.csv".to_owned(),
                left_out: corpus.left_out.clone(),
                ..splits.sizes()
            },
        }
    }

    /// Bars for eyes: a line a drum, a letter a sixteenth, harder hits as capitals.
    fn play(written: &Written<Config>, arguments: &Arguments<Options>, bars: u32) -> Result<()> {
        let model = model(written)?;
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

    fn measured_else(
        written: impl Fn() -> Result<Written<Config>>,
        arguments: &Arguments<Options>,
        data: &Recordings,
    ) -> Result<bool> {
        if arguments.own.feel {
            feel::print(&model(&written()?)?, &data.corpus)?;
        }
        Ok(arguments.own.feel)
    }
}

/// The drummer of weights that were written, as it plays.
fn model(written: &Written<Config>) -> Result<DrumModel> {
    Ok(DrumModel::new(recurrent::step(NAME, written)?, written.file.sha256.clone(), String::new()))
}

/// `bars` bars in a style.
fn sample(model: &DrumModel, style: &str, bars: u32, temperature: f64, seed: u64) -> Result<Clip> {
    let settings = Settings::default().with("style", Setting::Word(style.to_owned()));
    let conditions = Conditions { settings, ..Conditions::default() };
    Ok(model.sample(&Sampling::new(bars, temperature, seed, conditions)?, &Watch::new())?.into_clip()?)
}
