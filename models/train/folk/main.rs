//! The recipe of `folk`: tune books in, trained weights and their card out.

mod batches;
mod corpus;
mod optimizer;
mod trainer;

use std::path::PathBuf;

use anyhow::Result;
use batches::Steps;
use clap::Parser;
use corpus::Corpus;
use lilt_models::folk::features::FEATURES;
use lilt_models::folk::network::Config;
use lilt_models::folk::vocabulary::{DURATION_CLASSES, PITCH_CLASSES};
use trainer::{Settings, Trainer};

/// Trains `folk` on a folder of ABC tune books.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of `.abc` files.
    #[arg(long)]
    data: PathBuf,
    /// Where the weights and the card go, without extension.
    #[arg(long)]
    out: PathBuf,
    /// Folder of checkpoints; a run continues from what lies there.
    #[arg(long, default_value = "target/folk-checkpoints")]
    checkpoints: PathBuf,
    #[arg(long, default_value_t = 14.0)]
    epochs: f64,
    #[arg(long, default_value_t = 64)]
    batch: usize,
    #[arg(long, default_value_t = 64)]
    steps: usize,
    #[arg(long, default_value_t = 0.002)]
    rate: f64,
    #[arg(long, default_value_t = 20)]
    seed: u64,
    #[arg(long)]
    corpus_only: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let corpus = Corpus::read(&arguments.data)?;
    eprintln!("read {:?}, left out {:?}", corpus.read, corpus.left_out);
    let steps = |examples: &[corpus::Example]| -> Vec<Steps> { examples.iter().map(Steps::new).collect() };
    let (train, valid, test) = (steps(&corpus.train), steps(&corpus.valid), steps(&corpus.test));
    let notes = |steps: &[Steps]| steps.iter().map(Steps::notes).sum::<usize>();
    eprintln!(
        "tunes {} / {} / {}, notes {} / {} / {}",
        train.len(),
        valid.len(),
        test.len(),
        notes(&train),
        notes(&valid),
        notes(&test)
    );
    if arguments.corpus_only {
        return Ok(());
    }
    let config = Config {
        features: FEATURES,
        embed: 256,
        hidden: 512,
        layers: 2,
        durations: DURATION_CLASSES,
        gate: 256,
        pitches: PITCH_CLASSES,
    };
    let settings = Settings {
        seed: arguments.seed,
        epochs: arguments.epochs,
        batch: arguments.batch,
        steps: arguments.steps,
        rate: arguments.rate,
        weight_decay: 0.02,
        dropout: vec![0.25, 0.35],
        checkpoints: arguments.checkpoints,
    };
    eprintln!("{} parameters", config.parameters());
    let mut trainer = Trainer::new(config, settings)?;
    trainer.run(&train, &valid)
}
