//! The recipe of `sketch`: Quick, Draw!'s drawings and released decoders in, trained weights and their card out.

mod corpus;
mod decoders;
mod recognised;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use corpus::Corpus;
use lilt_models::card::{Split, Weights};
use lilt_models::sketch::NAME;
use lilt_models::sketch::batches::points;
use lilt_models::sketch::drawing::{Drawing, Variation};
use lilt_models::sketch::ideas::points_of;
use lilt_models::sketch::measures::{Golden, Measures};
use lilt_models::sketch::network::{Config, IDEAS};
use lilt_models::training::{Course, Lesson, Start, Tensors};

use crate::arguments::{Arguments, Defaults};
use crate::drawings::recognised::Judge;
use crate::drawings::{self, DrawingOptions, grown, shown, step};
use crate::recipe::{About, Recipe, Written};

/// Drawings of each kind whose points are kept as ideas.
const EACH: usize = 16;

/// The recipe.
pub struct Sketch;

/// What only this recipe takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Folder of released Sketch-RNN decoders, `NAME.gen.json`, to be measured beside it.
    #[arg(long)]
    decoders: Option<PathBuf>,
    /// File of drawings that were made with them, learnt beside those of the data.
    #[arg(long)]
    made: Option<PathBuf>,
    /// Trains nothing: prints drawings, so many of each of the decoders.
    #[arg(long, value_name = "COUNT", requires = "decoders", conflicts_with_all = ["evaluate", "export"])]
    make: Option<usize>,
    /// Of which kinds sheets are written.
    #[arg(long, value_delimiter = ',', default_value = "bird")]
    kinds: Vec<String>,
    /// Trains nothing: says how many drawings of these kinds the weights of a recognizer, without extension, know: real
    /// ones, and drawn at each temperature by the weights and by the decoders.
    #[arg(long, value_name = "RECOGNIZER", conflicts_with_all = ["evaluate", "export"])]
    recognised: Option<PathBuf>,
    /// Weights of a recognizer, without extension: what cold drawings begin with are the drawings that it knows best of
    /// each kind. Without it, the first of each.
    #[arg(long, value_name = "RECOGNIZER")]
    plainest: Option<PathBuf>,
    /// Share of drawings of the data among those that are learnt.
    #[arg(long, default_value_t = 0.35)]
    real: f32,
    #[command(flatten)]
    drawings: DrawingOptions,
}

impl Recipe for Sketch {
    const NAME: &'static str = NAME;
    const ABOUT: &'static str = "Trains `sketch` on drawings of Quick, Draw!, a folder of files NAME.ndjson";
    const FOLDER: &'static str = "FOLDER --decoders DECODERS --made MADE.ndjson";
    const DEFAULTS: Defaults = Defaults { seed: "20", ..drawings::DEFAULTS };
    type Options = Options;
    type Config = Config;
    type Corpus = Corpus;
    type Losses = Measures;
    type Golden = Golden;

    fn corpus(data: &Path, arguments: &Arguments<Options>) -> Result<Corpus> {
        let Options { decoders, made, plainest, .. } = &arguments.own;
        let mut corpus = Corpus::read(data, decoders.as_deref(), made.as_deref())?;
        corpus.report();
        if let Some(recognizer) = plainest {
            corpus.sort_by_plainness(&Judge::read(recognizer)?)?;
        }
        Ok(corpus)
    }

    fn config(arguments: &Arguments<Options>) -> Config {
        arguments.own.drawings.config(64)
    }

    fn fitted(arguments: &Arguments<Options>, corpus: &Corpus) -> Config {
        Config { scale: corpus.scale, ideas: EACH, kinds: corpus.kinds.clone(), ..Sketch::config(arguments) }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn stored(config: &Config) -> Tensors {
        config.stored()
    }

    fn whole(
        config: &Config,
        mut weights: BTreeMap<String, Weights>,
        corpus: &Corpus,
    ) -> Result<BTreeMap<String, Weights>> {
        let plainest: Vec<&Drawing> = corpus.plainest.iter().map(|&at| corpus.learnt(at)).collect();
        weights.insert(IDEAS.to_owned(), points_of(config, &weights, &plainest)?);
        Ok(weights)
    }

    fn course(arguments: &Arguments<Options>) -> Course {
        arguments.own.drawings.course()
    }

    fn lesson<'a>(arguments: &Arguments<Options>, config: &Config, corpus: &'a Corpus) -> impl Lesson + 'a {
        let variation = Variation {
            scale: 0.2,
            rotation: 0.12,
            shear: 0.1,
            mirrored: 0.25,
            dropped: 0.1,
            unchanged: 0.3,
        };
        let dealt = (arguments.batch, arguments.own.real);
        let learnt = [corpus.train.as_slice(), corpus.made.as_slice()];
        arguments.own.drawings.lesson(config, dealt, variation, learnt, &corpus.valid)
    }

    fn grown(from: &Config, to: &Config, fresh: Start, known: &[f32]) -> Option<Start> {
        grown::grown(from, to, fresh, known)
    }

    fn losses(written: &Written<Config>, _: &Arguments<Options>, corpus: &Corpus) -> Result<Measures> {
        decoders::measures(&step(written)?, corpus)
    }

    fn golden(written: &Written<Config>) -> Result<Golden> {
        shown::golden(&step(written)?, Some("bird"))
    }

    fn about(corpus: &Corpus) -> About {
        let size = |drawings: &[Drawing]| [drawings.len(), points(drawings)];
        About {
            description: "Drawings of 345 kinds, stroke by stroke, with a latent space in which they turn into each \
                other; a recurrent network after Sketch-RNN, one step a point.",
            licence: "CC BY 4.0",
            data: drawings::data_sets(corpus.read, corpus.made.len()),
            split: Split {
                rule:
                    "drawings that the game recognized, by SHA-256 of the key: 5 % and 10 %, of kinds with a \
                    decoder 8 % and 40 %"
                        .to_owned(),
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
        corpus: &Corpus,
    ) -> Result<bool> {
        let Options { drawings, kinds, .. } = &arguments.own;
        if drawings.sheets.is_some() {
            let step = step(&written()?)?;
            for kind in kinds {
                shown::write_sheets(&step, drawings, (kind, Some(kind)), arguments.seed)?;
            }
            return Ok(true);
        }
        if let Some(recognizer) = &arguments.own.recognised {
            recognised::print(&step(&written()?)?, corpus, recognizer, arguments)?;
            return Ok(true);
        }
        let Options { decoders: Some(decoders), make: Some(count), .. } = &arguments.own else {
            return Ok(false);
        };
        corpus::print_made(decoders, *count, arguments.seed)?;
        Ok(true)
    }

    /// Moves of a few birds, as the card writes them.
    fn play(written: &Written<Config>, arguments: &Arguments<Options>, drawings: u32) -> Result<()> {
        shown::print(&step(written)?, Some("bird"), drawings, arguments.seed)
    }
}
