//! The recipe of `kanji`: KanjiVG's characters in, trained weights and their card out.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use lilt_models::card::{DataSet, Split};
use lilt_models::sketch::KANJI;
use lilt_models::sketch::batches::points;
use lilt_models::sketch::drawing::{Drawing, Variation};
use lilt_models::sketch::measures::{Golden, NatsPerPoint};
use lilt_models::sketch::network::Config;
use lilt_models::sketch::svg;
use lilt_models::training::{Course, Lesson, Start, Tensors};

use crate::arguments::{Arguments, Defaults};
use crate::drawings::{
    self, DrawingOptions, deviation, grown, in_units, measured, ready, shown, step, unready,
};
use crate::held_out::Part;
use crate::quickdraw::files;
use crate::recipe::{About, Recipe, Written};

/// Of a hundred characters, how many are held out to choose weights by, and how many more to measure on.
const HELD_OUT: [u32; 2] = [4, 8];

/// The recipe.
pub struct Kanji;

/// What only this recipe takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    drawings: DrawingOptions,
}

/// The characters, in units of the network.
pub struct Corpus {
    scale: f32,
    train: Vec<Drawing>,
    valid: Vec<Drawing>,
    test: Vec<Drawing>,
    read: usize,
    left_out: BTreeMap<String, usize>,
}

impl Recipe for Kanji {
    const NAME: &'static str = KANJI;
    const ABOUT: &'static str = "Trains `kanji` on the characters of KanjiVG, a folder of files CODE.svg";
    const FOLDER: &'static str = "FOLDER";
    const DEFAULTS: Defaults = Defaults { seed: "22", ..drawings::DEFAULTS };
    type Options = Options;
    type Config = Config;
    type Corpus = Corpus;
    type Losses = NatsPerPoint;
    type Golden = Golden;

    fn corpus(data: &Path, _: &Arguments<Options>) -> Result<Corpus> {
        let mut corpus = Corpus {
            scale: 1.0,
            train: Vec::new(),
            valid: Vec::new(),
            test: Vec::new(),
            read: 0,
            left_out: BTreeMap::new(),
        };
        for path in files(data, &[".svg"])? {
            corpus.read += 1;
            let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            let read = svg::read(&text).and_then(|lines| ready(0, &lines).ok_or_else(unready));
            let drawing = match read {
                Ok(drawing) => drawing,
                Err(reason) => {
                    *corpus.left_out.entry(reason).or_default() += 1;
                    continue;
                }
            };
            // A character's variants, as 05f71-Kaisho, lie in the same part as itself.
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let code = name.split('-').next().unwrap_or_default();
            let part = match Part::of(code, HELD_OUT) {
                Part::Train => &mut corpus.train,
                Part::Valid => &mut corpus.valid,
                Part::Test => &mut corpus.test,
            };
            part.push(drawing);
        }
        ensure!(!corpus.train.is_empty(), "{}: no characters, as files CODE.svg", data.display());
        let scale = deviation(&corpus.train);
        let Corpus { train, valid, test, .. } = &mut corpus;
        in_units(train.iter_mut().chain(valid).chain(test), scale);
        corpus.scale = scale;
        let sizes = [&corpus.train, &corpus.valid, &corpus.test].map(Vec::len);
        eprintln!("{sizes:?} characters to learn, choose and measure; left out {:?}", corpus.left_out);
        Ok(corpus)
    }

    fn config(arguments: &Arguments<Options>) -> Config {
        arguments.own.drawings.config(0)
    }

    fn fitted(arguments: &Arguments<Options>, corpus: &Corpus) -> Config {
        Config { scale: corpus.scale, ..Kanji::config(arguments) }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn course(arguments: &Arguments<Options>) -> Course {
        arguments.own.drawings.course()
    }

    fn lesson<'a>(arguments: &Arguments<Options>, config: &Config, corpus: &'a Corpus) -> impl Lesson + 'a {
        // Characters keep their sides: nothing is mirrored, and they stand upright.
        let variation = Variation {
            scale: 0.1,
            rotation: 0.05,
            shear: 0.05,
            mirrored: 0.0,
            dropped: 0.05,
            unchanged: 0.3,
        };
        let learnt = [corpus.train.as_slice(), &[]];
        arguments.own.drawings.lesson(config, (arguments.batch, 1.0), variation, learnt, &corpus.valid)
    }

    fn grown(from: &Config, to: &Config, fresh: Start, known: &[f32]) -> Option<Start> {
        grown::grown(from, to, fresh, known)
    }

    fn losses(written: &Written<Config>, _: &Arguments<Options>, corpus: &Corpus) -> Result<NatsPerPoint> {
        Ok(measured::parts(&step(written)?, [&corpus.train, &corpus.valid, &corpus.test]))
    }

    fn golden(written: &Written<Config>) -> Result<Golden> {
        shown::golden(&step(written)?, None)
    }

    fn about(corpus: &Corpus) -> About {
        let size = |drawings: &[Drawing]| [drawings.len(), points(drawings)];
        About {
            description: "Characters that do not exist, stroke by stroke in the order of a brush: a recurrent \
                network after Sketch-RNN, with a latent space.",
            licence: "CC BY-SA 3.0",
            data: vec![DataSet {
                name: "KanjiVG (Ulrich Apel, 2009 to 2023)".to_owned(),
                licence: "CC BY-SA 3.0, by Ulrich Apel".to_owned(),
                from: "github.com/KanjiVG/kanjivg, files CODE.svg".to_owned(),
                pieces: corpus.read,
            }],
            split: Split {
                rule: "by SHA-256 of the character's code: 4 % and 8 %".to_owned(),
                train: size(&corpus.train),
                valid: size(&corpus.valid),
                test: size(&corpus.test),
                left_out: corpus.left_out.clone(),
            },
        }
    }

    fn measured_else(
        written: impl Fn() -> Result<Written<Config>>,
        arguments: &Arguments<Options>,
        _: &Corpus,
    ) -> Result<bool> {
        let drawings = &arguments.own.drawings;
        if drawings.sheets.is_none() {
            return Ok(false);
        }
        shown::write_sheets(&step(&written()?)?, drawings, (KANJI, None), arguments.seed)?;
        Ok(true)
    }

    /// Moves of a few characters, as the card writes them.
    fn play(written: &Written<Config>, arguments: &Arguments<Options>, characters: u32) -> Result<()> {
        shown::print(&step(written)?, None, characters, arguments.seed)
    }
}
