//! The recipe of `drums`: recordings of drummers in, trained weights and their card out.

mod corpus;
#[path = "../optimizer.rs"]
mod optimizer;
#[path = "../stream/mod.rs"]
mod stream;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Parser;
use corpus::Corpus;
use lilt_models::drums::vocabulary::FIELDS;
use lilt_models::drums::walk::{CONDITIONS, GROUPS, ROWS};
use lilt_models::stream::network::Config;
use stream::batches::{Hidden, Piece};
use stream::trainer::{Settings, Trainer};

/// Share of pieces whose style, kind and tempo are each hidden, as performers often name none.
const HIDDEN: [f64; 3] = [0.25, 0.15, 0.3];

/// Trains `drums` on the Groove MIDI Dataset: weights go to OUT.safetensors, their card to OUT.toml.
/// Set RAYON_NUM_THREADS=1: the matrices are too small to share between threads.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of `info.csv`.
    #[arg(long, required_unless_present = "play")]
    data: Option<PathBuf>,
    /// Where the weights and the card are, without extension.
    #[arg(long)]
    out: PathBuf,
    /// Folder of checkpoints; a run continues from what lies there.
    #[arg(long, default_value = "target/drums-checkpoints")]
    checkpoints: PathBuf,
    /// Passes over the training set.
    #[arg(long, default_value_t = 8.0)]
    epochs: f64,
    /// Recordings played side by side.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Events through which gradients go back.
    #[arg(long, default_value_t = 96)]
    steps: usize,
    /// Highest learning rate.
    #[arg(long, default_value_t = 0.004)]
    rate: f64,
    /// Seed of weights, order and dropout.
    #[arg(long, default_value_t = 9)]
    seed: u64,
    /// Trains nothing: measures the weights and the baselines on the held-out recordings.
    #[arg(long, conflicts_with = "export")]
    evaluate: bool,
    /// Trains nothing: writes weights and card from the best checkpoint.
    #[arg(long)]
    export: bool,
    /// Trains nothing: prints this many bars that the weights play in each of a few styles.
    #[arg(long, conflicts_with_all = ["evaluate", "export"], value_name = "BARS")]
    play: Option<u32>,
}

/// Sizes of a new network; a card keeps its own.
fn config() -> Config {
    Config {
        rows: ROWS,
        groups: GROUPS,
        embed: 128,
        hidden: 256,
        layers: 2,
        gate: 128,
        fields: FIELDS.to_vec(),
    }
}

impl Arguments {
    fn settings(&self) -> Settings {
        let hidden = CONDITIONS.into_iter().zip(HIDDEN).map(|((group, row), share)| Hidden { group, row, share });
        Settings {
            seed: self.seed,
            epochs: self.epochs,
            batch: self.batch,
            steps: self.steps,
            rate: self.rate,
            weight_decay: 0.02,
            dropout: vec![0.2, 0.3],
            hidden: hidden.collect(),
            checkpoints: self.checkpoints.clone(),
        }
    }
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let Some(data) = &arguments.data else { bail!("--data is missing: name the folder of info.csv") };
    let corpus = Corpus::read(data)?;
    let config = config();
    let ready = |recordings: &[corpus::Recording]| -> Vec<Piece> {
        recordings.iter().map(|recording| corpus::piece(recording, &config)).collect()
    };
    let (mut train, valid, test) = (ready(&corpus.train), ready(&corpus.valid), ready(&corpus.test));
    for (name, pieces) in [("train", &train), ("valid", &valid), ("test", &test)] {
        let notes: usize = pieces.iter().map(Piece::notes).sum();
        let steps: usize = pieces.iter().map(Piece::steps).sum();
        eprintln!("{name}: {} recordings, {notes} hits, {steps} events", pieces.len());
    }
    train.extend(corpus::fills_after_beats(&corpus.train, &config, arguments.seed));
    eprintln!("{} parameters, {} events with joined", config.parameters(), train.iter().map(Piece::steps).sum::<usize>());
    Trainer::new(config.clone(), arguments.settings())?.run(&train, &valid)?;
    Ok(())
}
