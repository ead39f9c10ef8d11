//! What a recipe is, and how every one of them runs: read, train, write, measure, describe.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lilt_models::card::{Card, DataSet, Split, Weights, WeightsFile, read_weights};
use lilt_models::training::{
    Bar, Course, Hyperparameters, Lesson, Run, Start, Tensors, averaged, write, write_whole,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::arguments::{Arguments, Defaults};

/// The way from a data set to weights and their card.
pub trait Recipe {
    /// Its name, which is that of its model.
    const NAME: &'static str;
    /// What it does, for whoever asks for help.
    const ABOUT: &'static str;
    /// The folder of its data, as its card's commands write it.
    const FOLDER: &'static str;
    /// What a run is told where the command line says nothing.
    const DEFAULTS: Defaults;
    /// What else its command line takes.
    type Options: clap::Args;
    /// Sizes of the network, as the card has them.
    type Config: Clone + Serialize + DeserializeOwned;
    /// The data, made ready.
    type Corpus;
    /// What was measured, as the card has it.
    type Losses: Serialize + DeserializeOwned;
    /// Its golden output, as the card has it.
    type Golden: Serialize + DeserializeOwned;

    /// Reads the folder of the data, and says on the way how much there is.
    fn corpus(data: &Path, arguments: &Arguments<Self::Options>) -> Result<Self::Corpus>;

    /// Sizes of a new network; a card keeps its own.
    fn config(arguments: &Arguments<Self::Options>) -> Self::Config;

    /// Sizes of a new network that is to learn `corpus`, where they follow from it.
    fn fitted(arguments: &Arguments<Self::Options>, corpus: &Self::Corpus) -> Self::Config {
        let _ = corpus;
        Self::config(arguments)
    }

    /// The tensors that are trained.
    fn tensors(config: &Self::Config) -> Tensors;

    /// A tensor of a network of the sizes `to`, as `fresh` has it, with what the smaller tensor `known` of the sizes
    /// `from` does already; that is empty where they have none of this name. A recipe whose networks do not grow has
    /// none.
    fn grown(from: &Self::Config, to: &Self::Config, fresh: Start, known: &[f32]) -> Option<Start> {
        let _ = (from, to, fresh, known);
        None
    }

    /// All that is stored: what is trained, and what is worked out from it.
    fn stored(config: &Self::Config) -> Tensors {
        Self::tensors(config)
    }

    /// All that is stored, from `weights` that were trained on `corpus`.
    fn whole(
        config: &Self::Config,
        weights: BTreeMap<String, Weights>,
        corpus: &Self::Corpus,
    ) -> Result<BTreeMap<String, Weights>> {
        let _ = (config, corpus);
        Ok(weights)
    }

    /// What becomes of the learning rate.
    fn course(arguments: &Arguments<Self::Options>) -> Course {
        let _ = arguments;
        Course::Falling
    }

    /// The lesson.
    fn lesson<'a>(
        arguments: &Arguments<Self::Options>,
        config: &Self::Config,
        corpus: &'a Self::Corpus,
    ) -> impl Lesson + 'a;

    /// Measures weights and baselines.
    fn losses(
        written: &Written<Self::Config>,
        arguments: &Arguments<Self::Options>,
        corpus: &Self::Corpus,
    ) -> Result<Self::Losses>;

    /// What the weights play from the start, always choosing the likeliest.
    fn golden(written: &Written<Self::Config>) -> Result<Self::Golden>;

    /// What the card says of model and data.
    fn about(corpus: &Self::Corpus) -> About;

    /// Prints `count` pieces, or bars of each of a few, that the weights play.
    fn play(written: &Written<Self::Config>, arguments: &Arguments<Self::Options>, count: u32) -> Result<()>;

    /// Measures what else [`Recipe::Options`] ask for; false when they ask for nothing.
    fn measured_else(
        written: impl Fn() -> Result<Written<Self::Config>>,
        arguments: &Arguments<Self::Options>,
        corpus: &Self::Corpus,
    ) -> Result<bool> {
        let _ = (written, arguments, corpus);
        Ok(false)
    }
}

/// What a card says of a model and its data, whatever the run.
pub struct About {
    /// The model in a sentence or two.
    pub description: &'static str,
    /// Licence of the weights.
    pub licence: &'static str,
    /// What it learnt from.
    pub data: Vec<DataSet>,
    /// How that was split.
    pub split: Split,
}

/// Weights that lie in a file, and the sizes of their network.
pub struct Written<C> {
    /// Where weights and card are, without extension.
    pub out: PathBuf,
    /// Sizes of the network.
    pub config: C,
    /// What the card says of the file.
    pub file: WeightsFile,
}

impl<C> Written<C> {
    /// The numbers of `tensors`.
    pub fn weights(&self, tensors: &Tensors) -> Result<BTreeMap<String, Weights>> {
        Ok(read_weights(&self.out.with_extension("safetensors"), &self.file.sha256, tensors)?)
    }
}

type CardOf<R> = Card<<R as Recipe>::Config, <R as Recipe>::Losses, <R as Recipe>::Golden>;

/// Does what `arguments` say.
pub fn run<R: Recipe>(arguments: &Arguments<R::Options>) -> Result<()> {
    let written = || -> Result<Written<R::Config>> {
        let card = CardOf::<R>::read(&arguments.out.with_extension("toml"))?;
        Ok(Written { out: arguments.out.clone(), config: card.network, file: card.weights })
    };
    if let Some(count) = arguments.play {
        return R::play(&written()?, arguments, count);
    }
    let data = arguments.data.as_ref().context("--data is missing: name the folder of the data")?;
    let corpus = R::corpus(data, arguments)?;
    if arguments.evaluate {
        println!("{}", toml::to_string(&R::losses(&written()?, arguments, &corpus)?)?);
        return Ok(());
    }
    if R::measured_else(written, arguments, &corpus)? {
        return Ok(());
    }
    let config = R::fitted(arguments, &corpus);
    let tensors = R::tensors(&config);
    if arguments.trains() {
        let lesson = R::lesson(arguments, &config, &corpus);
        eprintln!("{} parameters", parameters(&tensors));
        let start = match &arguments.from {
            Some(from) => known::<R>(from, &config, lesson.start(arguments.seed))?,
            None => lesson.start(arguments.seed),
        };
        train::<R>(lesson, start, arguments)?;
    }
    let best = averaged(&arguments.checkpoints(R::NAME).join("best.safetensors"), &tensors)?;
    let whole = R::whole(&config, best, &corpus)?;
    let file = write(&arguments.out, &R::stored(&config), &whole)?;
    let written = Written { out: arguments.out.clone(), config, file };
    let card = card::<R>(&written, arguments, &corpus)?;
    Ok(write_whole(&arguments.out.with_extension("toml"), toml::to_string(&card)?.as_bytes())?)
}

/// The weights of a network to begin with, in the place of the `fresh` ones, grown where it has other sizes.
fn known<R: Recipe>(from: &Path, config: &R::Config, fresh: Vec<Start>) -> Result<Vec<Start>> {
    let card = CardOf::<R>::read(&from.with_extension("toml"))?;
    let tensors = R::tensors(&card.network);
    let mut weights = read_weights(&from.with_extension("safetensors"), &card.weights.sha256, &tensors)?;
    let start = |fresh: Start| {
        let Start { name, shape, .. } = &fresh;
        let known = weights.remove(name).map(|known| known.values).unwrap_or_default();
        if tensors.iter().any(|(known, of)| known == name && of == shape) {
            return Ok(Start { values: known, ..fresh });
        }
        let refused = format!("{}: `{name}` is not there, or of other sizes than {shape:?}", from.display());
        R::grown(&card.network, config, fresh, &known).context(refused)
    };
    fresh.into_iter().map(start).collect()
}

fn train<R: Recipe>(lesson: impl Lesson, start: Vec<Start>, arguments: &Arguments<R::Options>) -> Result<()> {
    let defaults = R::DEFAULTS;
    let settings = Hyperparameters {
        seed: arguments.seed,
        epochs: arguments.epochs(defaults, lesson.epoch()),
        rate: arguments.rate,
        warm_up: defaults.warm_up,
        course: R::course(arguments),
        weight_decay: defaults.weight_decay,
        every: arguments.every.or(defaults.every),
        patience: None,
        checkpoints: Some(arguments.checkpoints(R::NAME)),
    };
    let bar = Bar::default();
    Run::from(lesson, start, settings)?.train(|progress| {
        bar.show(progress);
        ControlFlow::Continue(())
    })?;
    bar.finish();
    Ok(())
}

fn card<R: Recipe>(
    written: &Written<R::Config>,
    arguments: &Arguments<R::Options>,
    corpus: &R::Corpus,
) -> Result<CardOf<R>> {
    let losses = R::losses(written, arguments, corpus)?;
    let golden = R::golden(written)?;
    let About { description, licence, data, split } = R::about(corpus);
    let command = format!(
        "cargo run --release -p lilt-models --bin train -- {name} --data {folder} --out models/weights/{name}",
        name = R::NAME,
        folder = R::FOLDER
    );
    Ok(Card {
        name: R::NAME.to_owned(),
        description: description.to_owned(),
        licence: licence.to_owned(),
        parameters: parameters(&R::tensors(&written.config)),
        seed: arguments.seed,
        measure: format!("{command} --evaluate"),
        train: command,
        network: written.config.clone(),
        weights: written.file.clone(),
        data,
        split,
        losses,
        golden,
    })
}

/// Trained numbers in a network.
fn parameters(tensors: &Tensors) -> usize {
    tensors.iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
}

/// A number as cards have it: four places.
pub fn rounded(number: f64) -> f64 {
    (number * 10_000.0).round() / 10_000.0
}
