//! What the recipes of the family of recurrent event models share: splits, lesson, losses and the baselines.

mod baseline;

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use baseline::{View, measure};
use candle_core::Device;
use lilt_models::card::Split;
use lilt_models::recurrent::batches::{Hidden, Piece};
use lilt_models::recurrent::card::{Losses, Sizes};
use lilt_models::recurrent::config::Config;
use lilt_models::recurrent::lesson::{Layout, RecurrentLesson, evaluate};
use lilt_models::recurrent::network::Network;
use lilt_models::recurrent::step::RecurrentStep;

use crate::recipe::{Written, rounded};

/// The pieces of each split, made ready.
pub struct Splits {
    /// Those of the training set, and then those that are only learnt.
    learnt: Vec<Piece>,
    train: usize,
    /// The validation set.
    pub valid: Vec<Piece>,
    /// The test set.
    pub test: Vec<Piece>,
}

impl Splits {
    /// Of the pieces of each set.
    pub fn new(train: Vec<Piece>, valid: Vec<Piece>, test: Vec<Piece>) -> Splits {
        Splits { train: train.len(), learnt: train, valid, test }
    }

    /// Pieces that are learnt beside the training set and measured nowhere.
    pub fn learn_also(&mut self, pieces: Vec<Piece>) {
        self.learnt.extend(pieces);
    }

    /// The training set.
    pub fn train(&self) -> &[Piece] {
        &self.learnt[..self.train]
    }

    /// Tells how large they are.
    pub fn report(&self) {
        for (name, pieces) in [("train", self.train()), ("valid", &self.valid), ("test", &self.test)] {
            let [count, notes] = size(pieces);
            eprintln!("{name}: {count} pieces, {notes} notes");
        }
    }

    /// Their sizes, as the card has them.
    pub fn sizes(&self) -> Split {
        Split {
            rule: String::new(),
            train: size(self.train()),
            valid: size(&self.valid),
            test: size(&self.test),
            left_out: BTreeMap::new(),
        }
    }
}

/// Pieces and notes.
fn size(pieces: &[Piece]) -> [usize; 2] {
    [pieces.len(), pieces.iter().map(Piece::notes).sum()]
}

/// What is hidden from pieces: of each of `conditions`, a group and its row that means "not told", so large a
/// share.
pub fn hidden<const N: usize>(conditions: [(usize, u16); N], shares: [f64; N]) -> Vec<Hidden> {
    conditions.into_iter().zip(shares).map(|(untold, share)| Hidden::untold(untold, share)).collect()
}

/// The lesson: so many pieces side by side, gradients through so many events.
pub fn lesson<'a>(
    [batch, steps]: [usize; 2],
    dropout: &[f32],
    hidden: Vec<Hidden>,
    config: &Config,
    splits: &'a Splits,
) -> RecurrentLesson<'a> {
    let layout = Layout { batch, steps, dropout: dropout.to_vec(), hidden };
    RecurrentLesson::new(config.clone(), layout, &splits.learnt, &splits.valid)
}

/// Weights that were written, as they were trained.
pub fn load<N: Sizes + Clone>(written: &Written<N>) -> Result<Network> {
    let config = written.config.clone().network();
    let weights = written.weights(&config.tensors())?;
    Ok(Network::from_weights(config, &weights, &Device::Cpu)?)
}

/// Weights that were written, as they play; `name` is what errors call the model.
pub fn step<N: Sizes + Clone>(name: &str, written: &Written<N>) -> Result<RecurrentStep> {
    let config = written.config.clone().network();
    let weights = written.weights(&config.tensors())?;
    RecurrentStep::new(name, config, &weights, &Device::Cpu).map_err(anyhow::Error::msg)
}

/// Measures `network` and the baselines; the strongest baseline is the one to beat.
pub fn losses(network: &Network, splits: &Splits, measures: BTreeMap<String, f64>) -> Result<Losses> {
    let config = network.config();
    let train = evaluate(network, splits.train())?.all();
    let valid = evaluate(network, &splits.valid)?.all();
    let test = evaluate(network, &splits.test)?;
    eprintln!("network: {:.4}, by field {:.4?}", test.all(), test.fields);
    let mut baselines = Vec::new();
    for view in [View::Fields, View::Events] {
        let baseline = measure(view, 5, config, splits.train(), &splits.test);
        eprintln!("{}: {:.4}", baseline.name, baseline.nats);
        baselines.push(baseline);
    }
    baselines.sort_by(|a, b| a.nats.total_cmp(&b.nats));
    let mut baselines = baselines.into_iter();
    let best = baselines.next().context("no baseline was measured")?;
    Ok(Losses {
        train: rounded(train),
        valid: rounded(valid),
        test: rounded(test.all()),
        test_fields: test.fields.into_iter().map(rounded).collect(),
        baseline: best.name,
        baseline_test: rounded(best.nats),
        other_baselines: baselines.map(|other| (other.name, rounded(other.nats))).collect(),
        measures: measures.into_iter().map(|(name, value)| (name, rounded(value))).collect(),
    })
}
