//! The card of a model of one's own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Assignment, Findings};
use crate::card::WeightsFile;

/// The card of a model that was trained on a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnCard<N> {
    /// Its name.
    pub name: String,
    /// One sentence.
    pub description: String,
    /// The recipe that made it.
    pub recipe: String,
    /// Licence of the weights.
    pub licence: String,
    /// Trained numbers.
    pub parameters: usize,
    /// Seed of the run.
    pub seed: u64,
    /// The model that it started from.
    pub from: Option<String>,
    /// Pieces and notes that it learnt from.
    pub train: [usize; 2],
    /// Pieces and notes that were held out.
    pub held_out: [usize; 2],
    /// Pieces left out, by reason.
    pub left_out: BTreeMap<String, usize>,
    /// Nats per note on what was held out.
    pub losses: OwnLosses,
    /// Sizes of the network.
    pub network: N,
    /// The weights file.
    pub weights: WeightsFile,
}

/// Nats per note on the pieces that were held out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnLosses {
    /// Of the model that it started from.
    pub before: Option<f64>,
    /// Of this model.
    pub after: f64,
}

impl<N> OwnCard<N> {
    pub(super) fn new(
        assignment: &Assignment,
        findings: &Findings,
        parameters: usize,
        network: N,
        weights: WeightsFile,
        before: Option<f64>,
        after: f64,
    ) -> OwnCard<N> {
        let from = assignment.from.as_ref().and_then(|from| from.file_name());
        let from = from.map(|from| from.to_string_lossy().into_owned());
        let mut left_out = BTreeMap::new();
        for left in &findings.left_out {
            *left_out.entry(left.reason.clone()).or_default() += 1;
        }
        let taught = match &from {
            Some(from) => format!("`{from}`, taught {} pieces more", findings.train[0]),
            None => format!("A model of {} pieces", findings.train[0]),
        };
        OwnCard {
            name: assignment.name(),
            description: format!("{taught} by the recipe `{}`.", assignment.recipe.name()),
            recipe: assignment.recipe.name().to_owned(),
            licence: "that of the music or drawings it learnt from".to_owned(),
            parameters,
            seed: assignment.seed,
            from,
            train: findings.train,
            held_out: findings.valid,
            left_out,
            losses: OwnLosses { before, after },
            network,
            weights,
        }
    }
}
