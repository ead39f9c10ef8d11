//! The recipe of `accompany`: POP909 in, counted probabilities and their card out. Nothing is drawn by chance.

mod counts;
mod measure;

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use counts::{counted, weighed};
use lilt_models::accompanist::NAME;
use lilt_models::accompanist::filter::{Tables, Weighing};
use lilt_models::accompanist::model::{HmmAccompanist, tensors};
use lilt_models::card::{Card, Weights};
use lilt_models::training::{write, write_whole};
use measure::{Measures, fitted, golden};
use serde::{Deserialize, Serialize};

use crate::melody::corpus::Corpus;
use crate::melody::{data_sets, split};

/// What is to be done.
#[derive(Debug, Args)]
struct Told {
    /// Folder of the data.
    #[arg(long)]
    data: PathBuf,
    /// Where the weights and the card are, without extension.
    #[arg(long)]
    out: PathBuf,
    /// Counts nothing: measures the weights on what was held out.
    #[arg(long)]
    evaluate: bool,
}

/// What is foreseen under a tune in C, chord by chord.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// One a half bar, from the second bar on.
    pub chords: Vec<String>,
}

/// The subcommand, and what runs it.
pub fn entry() -> (Command, fn(&ArgMatches) -> Result<()>) {
    let about = "Counts what `accompany` foresees chords by, from POP909, the folder of numbered songs";
    (Told::augment_args(Command::new(NAME).about(about)), |matches| run(&Told::from_arg_matches(matches)?))
}

fn run(told: &Told) -> Result<()> {
    let corpus = Corpus::read(&told.data)?;
    let folder = told.out.parent().unwrap_or(&told.out);
    if told.evaluate {
        let measures = Measures::of(&HmmAccompanist::load(folder)?, &corpus);
        println!("{}", toml::to_string(&measures)?);
        return Ok(());
    }
    let tables = counted(&corpus.train);
    let weighing = weighed(&tables, &corpus.valid);
    let file = write(&told.out, &tensors(), &stored(&tables))?;
    let accompanist = fitted(&HmmAccompanist::new(tables, weighing), &corpus.valid);
    let weighing = accompanist.weights_of_parts();
    let command = format!(
        "cargo run --release -p lilt-models --bin train -- {NAME} --data POP909 --out models/weights/{NAME}"
    );
    let card: Card<Weighing, Measures, Golden> = Card {
        name: NAME.to_owned(),
        description:
            "Foresees the chords under a melody that is being played: a hidden Markov model of home note and \
            chord, half bar by half bar, which remembers what came four and eight bars ago."
                .to_owned(),
        licence: "MIT OR Apache-2.0".to_owned(),
        parameters: Tables::SIZES.iter().sum(),
        seed: 0,
        measure: format!("{command} --evaluate"),
        train: command,
        network: weighing,
        weights: file,
        data: data_sets(&corpus),
        split: split(&corpus),
        losses: Measures::of(&accompanist, &corpus),
        golden: golden(&accompanist),
    };
    Ok(write_whole(&told.out.with_extension("toml"), toml::to_string(&card)?.as_bytes())?)
}

/// The tables as they lie in the file.
fn stored(tables: &Tables) -> std::collections::BTreeMap<String, Weights> {
    let values = [&tables.transitions, &tables.emissions, &tables.first];
    let all = tensors().into_iter().zip(values);
    all.map(|((name, shape), values)| (name, Weights { shape, values: values.clone() })).collect()
}
