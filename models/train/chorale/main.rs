//! The recipe of `chorale`: Bach's chorales in, trained weights and their card out.

mod corpus;
mod evaluation;
mod masks;
mod optimizer;
mod trainer;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use corpus::Corpus;
use lilt_models::chorale::network::Config;
use trainer::{Settings, Trainer};

/// Trains `chorale` on a folder that holds `Jsb16thSeparated.json`.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder of the chorales.
    #[arg(long)]
    data: PathBuf,
    /// Folder of checkpoints; a run continues from what lies there.
    #[arg(long, default_value = "target/chorale-checkpoints")]
    checkpoints: PathBuf,
    #[arg(long, default_value_t = 5000)]
    updates: usize,
    #[arg(long, default_value_t = 32)]
    batch: usize,
    #[arg(long, default_value_t = 64)]
    frames: usize,
    #[arg(long, default_value_t = 0.0015)]
    rate: f64,
    #[arg(long, default_value_t = 0.15)]
    dropout: f32,
    #[arg(long, default_value_t = 256)]
    width: usize,
    #[arg(long, default_value_t = 256)]
    hidden: usize,
    #[arg(long, default_value_t = 300)]
    every: usize,
    #[arg(long, default_value_t = 20)]
    seed: u64,
}

fn main() -> Result<()> {
    let a = Arguments::parse();
    let corpus = Corpus::read(&a.data)?;
    for (name, pieces) in [("train", &corpus.train), ("valid", &corpus.valid), ("test", &corpus.test)] {
        let mut c = [0; 3];
        for p in pieces.iter() { c[match p.bars { lilt_models::chorale::features::Bars::Four{..} => 0, lilt_models::chorale::features::Bars::Three{..} => 1, _ => 2 }] += 1; }
        eprintln!("{name}: {} pieces, {} notes, bars {c:?}", pieces.len(), pieces.iter().map(|p| p.notes()).sum::<usize>());
    }
    let config = Config::new(a.width, a.hidden, &[1, 2, 4, 8, 1, 2, 4, 8]);
    eprintln!("{} parameters", config.parameters());
    let settings = Settings { seed: a.seed, updates: a.updates, batch: a.batch, frames: a.frames, rate: a.rate, weight_decay: 0.05, dropout: a.dropout, every: a.every, checkpoints: a.checkpoints };
    Trainer::new(config, settings)?.run(&corpus.train, &corpus.valid)
}
