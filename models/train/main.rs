//! The recipes: each goes from public data to weights and their card.
//!
//! Set RAYON_NUM_THREADS=1: the matrices are too small to share between threads.

mod accompanist;
mod arguments;
mod chorale;
mod drawings;
mod drums;
mod folk;
mod held_out;
mod kanji;
mod kneser_ney;
mod made_sounds;
mod melody;
mod performance;
mod pop909;
mod quickdraw;
mod recipe;
mod recognizer;
mod recurrent;
mod renders;
mod sketch;
mod timbre;
mod timbre_measures;

use anyhow::Result;
use chorale::Chorale;
use clap::{ArgMatches, Command};
use drums::Drums;
use folk::Folk;
use kanji::Kanji;
use melody::Melody;
use performance::Performance;
use recipe::Recipe;
use recognizer::Recognizer;
use sketch::Sketch;
use timbre::Timbre;

fn main() -> Result<()> {
    let recipes = [
        accompanist::entry(),
        entry::<Chorale>(),
        entry::<Drums>(),
        entry::<Folk>(),
        entry::<Kanji>(),
        entry::<Melody>(),
        entry::<Performance>(),
        entry::<Recognizer>(),
        entry::<Sketch>(),
        entry::<Timbre>(),
    ];
    let commands = recipes.iter().map(|(command, _)| command.clone());
    let command = Command::new("train")
        .about("Trains the models that come with Lilt: weights go to OUT.safetensors, their card to OUT.toml")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(commands);
    let matches = command.get_matches();
    let Some((name, told)) = matches.subcommand() else { return Ok(()) };
    match recipes.iter().find(|(command, _)| command.get_name() == name) {
        Some((_, run)) => run(told),
        None => Ok(()),
    }
}

/// The subcommand of a recipe, and what runs it.
fn entry<R: Recipe>() -> (Command, fn(&ArgMatches) -> Result<()>) {
    (arguments::command::<R>(), |told| recipe::run::<R>(&arguments::read::<R>(told)?))
}
