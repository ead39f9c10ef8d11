//! From a checkpoint to what ships: the losses, and the card.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use candle_core::Device;
use lilt_models::card::{WeightsFile, read_weights};
use lilt_models::stream::batches::Piece;
use lilt_models::stream::card::Losses;
use lilt_models::stream::lesson::evaluate;
use lilt_models::stream::network::{Config, Network};

use super::baseline::{View, measure};

/// The pieces of each split, made ready.
#[derive(Debug)]
pub struct Splits {
    pub train: Vec<Piece>,
    pub valid: Vec<Piece>,
    pub test: Vec<Piece>,
}

impl Splits {
    /// Tells how large they are.
    pub fn report(&self) {
        for (name, pieces) in [("train", &self.train), ("valid", &self.valid), ("test", &self.test)] {
            let [count, notes] = size(pieces);
            eprintln!("{name}: {count} pieces, {notes} notes");
        }
    }
}

/// Pieces and notes.
pub fn size(pieces: &[Piece]) -> [usize; 2] {
    [pieces.len(), pieces.iter().map(Piece::notes).sum()]
}

/// Loads weights that were written, as they were trained.
pub fn load(out: &Path, config: &Config, file: &WeightsFile) -> Result<Network> {
    let weights = read_weights(&out.with_extension("safetensors"), &file.sha256, &config.tensors())?;
    Ok(Network::from_weights(config.clone(), &weights, &Device::Cpu)?)
}

/// Measures `network` and the baselines; the strongest baseline is the one to beat.
pub fn losses(network: &Network, splits: &Splits, measures: BTreeMap<String, f64>) -> Result<Losses> {
    let config = network.config();
    let sum = |fields: &[f64]| fields.iter().sum::<f64>();
    let train = sum(&evaluate(network, &splits.train)?);
    let valid = sum(&evaluate(network, &splits.valid)?);
    let test = evaluate(network, &splits.test)?;
    eprintln!("network: {:.4}, by field {test:.4?}", sum(&test));
    let mut baselines = Vec::new();
    for view in [View::Fields, View::Events] {
        let baseline = measure(view, 5, config, &splits.train, &splits.test);
        eprintln!("{}: {:.4}", baseline.name, baseline.nats);
        baselines.push(baseline);
    }
    baselines.sort_by(|a, b| a.nats.total_cmp(&b.nats));
    let mut baselines = baselines.into_iter();
    let best = baselines.next().context("no baseline was measured")?;
    Ok(Losses {
        train: round(train),
        valid: round(valid),
        test: round(sum(&test)),
        test_fields: test.into_iter().map(round).collect(),
        baseline: best.name,
        baseline_test: round(best.nats),
        other_baselines: baselines.map(|other| (other.name, round(other.nats))).collect(),
        measures: measures.into_iter().map(|(name, value)| (name, round(value))).collect(),
    })
}

fn round(nats: f64) -> f64 {
    (nats * 10_000.0).round() / 10_000.0
}
