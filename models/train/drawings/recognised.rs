//! How many drawings of a kind `recognize` holds for one: of the weights, of released decoders, and real ones.

use std::path::Path;

use anyhow::{Context, Result};
use lilt_models::card::{Head, read_weights};
use lilt_models::recognizer::lesson::{Shown, measured};
use lilt_models::recognizer::network::{Config, Network};
use lilt_models::recognizer::views::probabilities;
use lilt_models::sketch::drawn::drawn;
use lilt_models::sketch::moves::{Line, lines};
use lilt_models::sketch::step::{Condition, SketchStep};

/// Drawings that are made of a kind at each temperature.
pub const DRAWINGS: usize = 64;
/// Most points of a drawing.
const MOST_POINTS: usize = 200;

/// The recognizer, and what it tells apart.
pub struct Judge {
    network: Network,
}

impl Judge {
    /// Reads weights and card, without extension.
    pub fn read(path: &Path) -> Result<Judge> {
        let head = Head::<Config>::read(&path.with_extension("toml"))?;
        let weights = path.with_extension("safetensors");
        let weights = read_weights(&weights, &head.weights.sha256, &head.network.tensors())?;
        Ok(Judge { network: Network::from_weights(head.network, &weights)? })
    }

    /// How likely each of some drawings is held to be of a kind.
    ///
    /// # Errors
    /// When the recognizer does not know it.
    pub fn of_kind(&self, kind: &str, drawings: &[Vec<Line>]) -> Result<Vec<f32>> {
        let row = self.row(kind)?;
        let mut known = Vec::with_capacity(drawings.len());
        for some in drawings.chunks(DRAWINGS) {
            let lines: Vec<&[Line]> = some.iter().map(Vec::as_slice).collect();
            let said = probabilities(&self.network, &lines)?;
            known.extend(said.narrow(1, row, 1)?.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(known)
    }

    fn row(&self, kind: &str) -> Result<usize> {
        let kinds = &self.network.config().kinds;
        kinds.iter().position(|known| known == kind).with_context(|| format!("`recognize` knows no `{kind}`"))
    }

    /// Of drawings of a kind, the shares whose kind is the likeliest and among the five likeliest.
    pub fn shares(&self, kind: &str, drawings: Vec<Vec<Line>>) -> Result<[f64; 2]> {
        let row = self.row(kind)? as u32;
        let shown: Vec<Shown> = drawings.into_iter().map(|lines| Shown { kind: row, lines }).collect();
        let measured = measured(&self.network, &shown)?;
        Ok([measured.first, measured.five])
    }

    /// The same of drawings that a network makes.
    pub fn of_network(
        &self,
        step: &SketchStep,
        told: Vec<Condition>,
        kind: &str,
        temperature: f32,
        seed: u64,
    ) -> Result<[f64; 2]> {
        let drawings = drawn(step, told, MOST_POINTS, temperature, seed)?;
        self.shares(kind, drawings.iter().map(|moves| lines(moves)).collect())
    }
}
