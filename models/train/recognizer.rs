//! The recipe of `recognize`: Quick, Draw!'s drawings in, trained weights and their card out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lilt_models::card::Split;
use lilt_models::recognizer::NAME;
use lilt_models::recognizer::ink::Line;
use lilt_models::recognizer::lesson::{Manner, Recognised, RecognizerLesson, Shown, measured};
use lilt_models::recognizer::network::{Config, Network};
use lilt_models::recognizer::views::probabilities;
use lilt_models::sketch::simplify::simplified;
use lilt_models::training::{Course, Lesson, Start, Tensors};
use serde::{Deserialize, Serialize};

use crate::arguments::{Arguments, Defaults, Length};
use crate::drawings;
use crate::held_out::Part;
use crate::quickdraw::{QuickDraw, read_drawings};
use crate::recipe::{About, Recipe, Written, rounded};

/// Of a hundred drawings, how many are held out to choose weights by, and how many more to measure on.
const HELD_OUT: [u32; 2] = [5, 15];

/// The recipe.
pub struct Recognizer;

/// What only this recipe takes.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Filters of the three layers.
    #[arg(long, value_delimiter = ',', num_args = 1, default_value = "32,64,128")]
    filters: Vec<usize>,
    /// Share of what the filters found that is dropped.
    #[arg(long, default_value_t = 0.5)]
    dropout: f32,
    /// Deviation of rotation, size and shear.
    #[arg(long, default_value_t = 0.15)]
    bent: f32,
    /// Residual layers behind each of the last two.
    #[arg(long, default_value_t = 1)]
    residual: usize,
    /// Deviation of the place and the size of each stroke.
    #[arg(long, default_value_t = 0.03)]
    loose: f32,
    /// Largest amplitude of waves that bend a drawing.
    #[arg(long, default_value_t = 0.04)]
    waved: f32,
    /// Share of drawings that are seen through another.
    #[arg(long, default_value_t = 0.3)]
    mixed: f32,
    /// File of drawings that released decoders of `sketch` made, learnt beside those of the data.
    #[arg(long)]
    made: Option<PathBuf>,
    /// Share of these.
    #[arg(long, default_value_t = 0.15)]
    made_share: f32,
    /// Minutes that it trains; without them, it makes so many updates.
    #[arg(long)]
    minutes: Option<u64>,
}

/// The drawings.
pub struct Corpus {
    kinds: Vec<String>,
    train: Vec<Shown>,
    made: Vec<Shown>,
    valid: Vec<Shown>,
    test: Vec<Shown>,
    read: usize,
    left_out: BTreeMap<String, usize>,
}

/// How many drawings are recognised, as the card has it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measures {
    train: Share,
    valid: Share,
    test: Share,
}

/// Of one part of the data.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    /// Mean nats of what drawings show.
    nats: f64,
    /// Share of drawings whose kind is the likeliest.
    first: f64,
    /// Share of drawings whose kind is among the five likeliest.
    among_five: f64,
}

impl From<Recognised> for Share {
    fn from(told: Recognised) -> Share {
        Share { nats: rounded(told.nats), first: rounded(told.first), among_five: rounded(told.five) }
    }
}

/// What a circle is taken for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// The five likeliest kinds, the likeliest first.
    pub circle: Vec<String>,
}

impl Recipe for Recognizer {
    const NAME: &'static str = NAME;
    const ABOUT: &'static str =
        "Trains `recognize` on drawings of Quick, Draw!, a folder of files NAME.ndjson";
    const FOLDER: &'static str = "FOLDER --made MADE.ndjson";
    const DEFAULTS: Defaults = Defaults {
        length: Length::Updates(6_000),
        batch: "64",
        rate: "0.002",
        seed: "21",
        warm_up: 200,
        weight_decay: 0.05,
        every: Some(300),
    };
    type Options = Options;
    type Config = Config;
    type Corpus = Corpus;
    type Losses = Measures;
    type Golden = Golden;

    fn corpus(data: &Path, arguments: &Arguments<Options>) -> Result<Corpus> {
        let QuickDraw { drawings, read, mut left_out } = QuickDraw::read(data)?;
        let kinds: BTreeSet<&str> = drawings.iter().map(|drawing| drawing.word.as_str()).collect();
        let kinds: Vec<String> = kinds.into_iter().map(str::to_owned).collect();
        let mut corpus = Corpus {
            train: Vec::new(),
            made: Vec::new(),
            valid: Vec::new(),
            test: Vec::new(),
            read,
            left_out: BTreeMap::new(),
            kinds,
        };
        for drawing in &drawings {
            let lines = simplified(&drawing.lines);
            if lines.is_empty() {
                *left_out.entry("without a point".to_owned()).or_default() += 1;
                continue;
            }
            let kind = corpus.kinds.binary_search(&drawing.word).ok().context("a kind was lost")? as u32;
            let part = match Part::of(&drawing.key, HELD_OUT) {
                Part::Train => &mut corpus.train,
                Part::Valid => &mut corpus.valid,
                Part::Test => &mut corpus.test,
            };
            part.push(Shown { kind, lines });
        }
        corpus.left_out = left_out;
        if let Some(path) = &arguments.own.made {
            for drawing in read_drawings(path)?.into_iter().flatten() {
                if let Ok(kind) = corpus.kinds.binary_search(&drawing.word) {
                    corpus.made.push(Shown { kind: kind as u32, lines: simplified(&drawing.lines) });
                }
            }
        }
        let sizes = [&corpus.train, &corpus.valid, &corpus.test].map(Vec::len);
        eprintln!("{} kinds; {sizes:?} drawings to learn, choose and measure", corpus.kinds.len());
        eprintln!("{} made drawings to learn", corpus.made.len());
        Ok(corpus)
    }

    fn config(arguments: &Arguments<Options>) -> Config {
        let filters = &arguments.own.filters;
        let of = |layer: usize| filters.get(layer).copied().unwrap_or(64);
        Config { filters: [of(0), of(1), of(2)], residual: arguments.own.residual, kinds: Vec::new() }
    }

    fn fitted(arguments: &Arguments<Options>, corpus: &Corpus) -> Config {
        Config { kinds: corpus.kinds.clone(), ..Recognizer::config(arguments) }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn course(arguments: &Arguments<Options>) -> Course {
        arguments.own.minutes.map_or(Course::Falling, |minutes| Course::Timed(60 * minutes))
    }

    /// New residual layers find little at first.
    fn grown(from: &Config, to: &Config, mut fresh: Start, known: &[f32]) -> Option<Start> {
        let same = Config { residual: from.residual, ..to.clone() } == *from;
        (same && known.is_empty()).then(|| {
            fresh.values.iter_mut().for_each(|value| *value *= 0.1);
            fresh
        })
    }

    fn lesson<'a>(arguments: &Arguments<Options>, config: &Config, corpus: &'a Corpus) -> impl Lesson + 'a {
        let manner = Manner {
            batch: arguments.batch,
            dropout: arguments.own.dropout,
            smoothing: 0.1,
            bent: arguments.own.bent,
            dropped: 0.1,
            trembling: 0.006,
            loose: arguments.own.loose,
            waved: arguments.own.waved,
            mixed: arguments.own.mixed,
            made: arguments.own.made_share,
        };
        RecognizerLesson::new(config.clone(), manner, [&corpus.train, &corpus.made], &corpus.valid)
    }

    fn losses(written: &Written<Config>, _: &Arguments<Options>, corpus: &Corpus) -> Result<Measures> {
        let network = network(written)?;
        let of = |drawings: &[Shown]| measured(&network, drawings).map(Share::from);
        Ok(Measures { train: of(&corpus.train)?, valid: of(&corpus.valid)?, test: of(&corpus.test)? })
    }

    fn golden(written: &Written<Config>) -> Result<Golden> {
        let around = |n: usize| (std::f32::consts::TAU * n as f32 / 24.0).sin_cos();
        let circle: Line = (0..=24).map(around).map(|(y, x)| [x, y]).collect();
        let said = probabilities(&network(written)?, &[[circle].as_slice()])?;
        let row = said.get(0)?.to_vec1::<f32>()?;
        let mut kinds: Vec<usize> = (0..row.len()).collect();
        kinds.sort_by(|&a, &b| row[b].total_cmp(&row[a]));
        Ok(Golden { circle: kinds.iter().take(5).map(|&kind| written.config.kinds[kind].clone()).collect() })
    }

    fn about(corpus: &Corpus) -> About {
        let size = |drawings: &[Shown]| {
            [drawings.len(), drawings.iter().flat_map(|drawing| &drawing.lines).map(Vec::len).sum()]
        };
        About {
            description: "Says which of 345 kinds a drawing shows: a small convolutional network over maps of the \
                ink's directions.",
            licence: "CC BY 4.0",
            data: drawings::data_sets(corpus.read, corpus.made.len()),
            split: Split {
                rule: "drawings that the game recognized, by SHA-256 of the key: 5 % and 15 %".to_owned(),
                train: size(&corpus.train),
                valid: size(&corpus.valid),
                test: size(&corpus.test),
                left_out: corpus.left_out.clone(),
            },
        }
    }

    fn play(_: &Written<Config>, _: &Arguments<Options>, _: u32) -> Result<()> {
        bail!("`recognize` makes nothing that could be shown: leave --play out")
    }
}

fn network(written: &Written<Config>) -> Result<Network> {
    Ok(Network::from_weights(written.config.clone(), &written.weights(&written.config.tensors())?)?)
}
