//! The command line of a recipe: what all of them take, and what each is told where it says nothing.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::recipe::Recipe;

/// What is to be done.
#[derive(Debug, Args)]
pub struct Arguments<O: Args> {
    /// Folder of the data.
    #[arg(long, required_unless_present = "play")]
    pub data: Option<PathBuf>,
    /// Where the weights and the card are, without extension.
    #[arg(long)]
    pub out: PathBuf,
    /// Folder of checkpoints, `target/NAME-checkpoints` where none is named; a run goes on from what lies there.
    #[arg(long)]
    checkpoints: Option<PathBuf>,
    /// Weights to begin with, without extension, of a network of the same sizes, or of a smaller one that its recipe
    /// can grow; drawn by chance where none are named.
    #[arg(long, conflicts_with_all = ["evaluate", "export"])]
    pub from: Option<PathBuf>,
    /// Passes over the training set; the recipe's own length where neither these nor updates are told.
    #[arg(long, conflicts_with = "updates")]
    epochs: Option<f64>,
    /// Updates of the weights in all.
    #[arg(long)]
    updates: Option<usize>,
    /// Updates between two measurements, which write checkpoints.
    #[arg(long)]
    pub every: Option<usize>,
    /// Pieces learnt side by side.
    #[arg(long)]
    pub batch: usize,
    /// Highest learning rate.
    #[arg(long)]
    pub rate: f64,
    /// Seed of weights, order, noise and dropout.
    #[arg(long)]
    pub seed: u64,
    /// Trains nothing: measures the weights and the baselines on what was held out.
    #[arg(long, conflicts_with = "export")]
    pub evaluate: bool,
    /// Trains nothing: writes weights and card from the best checkpoint.
    #[arg(long)]
    pub export: bool,
    /// Trains nothing: prints so many pieces that the weights play, or bars of each of a few.
    #[arg(long, conflicts_with_all = ["evaluate", "export"], value_name = "COUNT")]
    pub play: Option<u32>,
    /// What only this recipe takes.
    #[command(flatten)]
    pub own: O,
}

/// What a recipe is told where its command line says nothing.
#[derive(Debug, Clone, Copy)]
pub struct Defaults {
    /// How long it trains.
    pub length: Length,
    /// Pieces side by side, as they are written on the command line.
    pub batch: &'static str,
    /// Highest learning rate, as it is written there.
    pub rate: &'static str,
    /// Seed, as it is written there.
    pub seed: &'static str,
    /// Updates in which the rate rises.
    pub warm_up: usize,
    /// How much matrices shrink, for each unit of learning rate.
    pub weight_decay: f32,
    /// Updates between two measurements; none for one each epoch.
    pub every: Option<usize>,
}

/// How long a recipe trains.
#[derive(Debug, Clone, Copy)]
pub enum Length {
    /// So many passes over the training set.
    Epochs(f64),
    /// So many updates.
    Updates(usize),
}

impl<O: Args> Arguments<O> {
    /// Passes over a training set of so many updates each.
    pub fn epochs(&self, defaults: Defaults, epoch: usize) -> f64 {
        let length = match (self.epochs, self.updates) {
            (Some(epochs), _) => Length::Epochs(epochs),
            (None, Some(updates)) => Length::Updates(updates),
            (None, None) => defaults.length,
        };
        match length {
            Length::Epochs(epochs) => epochs,
            Length::Updates(updates) => updates as f64 / epoch.max(1) as f64,
        }
    }

    /// Whether something is to be learnt.
    pub fn trains(&self) -> bool {
        !self.evaluate && !self.export
    }

    /// Folder of the checkpoints of the recipe `name`.
    pub fn checkpoints(&self, name: &str) -> PathBuf {
        let own = || PathBuf::from(format!("target/{name}-checkpoints"));
        self.checkpoints.clone().unwrap_or_else(own)
    }
}

/// The subcommand of a recipe.
pub fn command<R: Recipe>() -> Command {
    let Defaults { batch, rate, seed, .. } = R::DEFAULTS;
    let command = Arguments::<R::Options>::augment_args(Command::new(R::NAME).about(R::ABOUT));
    [("batch", batch), ("rate", rate), ("seed", seed)].into_iter().fold(command, |command, (name, value)| {
        command.mut_arg(name, |argument| argument.required(false).default_value(value))
    })
}

/// What the command line of a recipe says.
///
/// # Errors
/// When it says what cannot be.
pub fn read<R: Recipe>(matches: &ArgMatches) -> Result<Arguments<R::Options>, clap::Error> {
    Arguments::<R::Options>::from_arg_matches(matches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chorale, Drums, Folk, Melody, Performance};

    fn read_as<R: Recipe>(words: &[&str]) -> Arguments<R::Options> {
        let words = std::iter::once(R::NAME).chain(words.iter().copied());
        read::<R>(&command::<R>().try_get_matches_from(words).unwrap()).unwrap()
    }

    #[test]
    fn command_lines_are_whole_and_have_their_recipes_defaults() {
        for command in [
            command::<Folk>(),
            command::<Drums>(),
            command::<Performance>(),
            command::<Chorale>(),
            command::<Melody>(),
        ] {
            command.debug_assert();
        }
        let folk = read_as::<Folk>(&["--data", "books", "--out", "folk"]);
        assert_eq!((folk.batch, folk.rate, folk.seed), (64, 0.002, 20));
        assert_eq!(folk.epochs(Folk::DEFAULTS, 100), 18.0);
        assert_eq!(folk.checkpoints("folk"), PathBuf::from("target/folk-checkpoints"));
        let chorale = read_as::<Chorale>(&["--data", "bach", "--out", "chorale", "--rate", "0.1"]);
        assert_eq!((chorale.batch, chorale.rate, chorale.epochs(Chorale::DEFAULTS, 195)), (16, 0.1, 100.0));
        let short = read_as::<Chorale>(&["--data", "bach", "--out", "chorale", "--epochs", "3"]);
        assert_eq!(short.epochs(Chorale::DEFAULTS, 195), 3.0);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let refused = |words: &[&str]| {
            let words = std::iter::once("drums").chain(words.iter().copied());
            command::<Drums>().try_get_matches_from(words).is_err()
        };
        assert!(refused(&["--out", "drums"]), "no data");
        assert!(!refused(&["--out", "drums", "--play", "4"]));
        assert!(refused(&["--out", "drums", "--data", "groove", "--epochs", "2", "--updates", "9"]));
        assert!(refused(&["--out", "drums", "--data", "groove", "--evaluate", "--export"]));
    }
}
