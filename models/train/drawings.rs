//! What the recipes of drawings share: options, sizes, the lesson, and what is measured and shown of weights.

pub mod grown;
pub mod measured;
pub mod recognised;
pub mod shown;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use lilt_models::card::DataSet;
use lilt_models::sketch::batches::Layout;
use lilt_models::sketch::drawing::{Drawing, Variation};
use lilt_models::sketch::lesson::{SketchLesson, Weighing};
use lilt_models::sketch::mixture::COMPONENTS;
use lilt_models::sketch::moves::{Line, Pen, moves};
use lilt_models::sketch::network::Config;
use lilt_models::sketch::simplify::simplified;
use lilt_models::sketch::step::SketchStep;
use lilt_models::training::Course;

use crate::arguments::{Defaults, Length};
use crate::recipe::Written;

/// Fewest and most points of a drawing that is learnt.
pub const POINTS: [usize; 2] = [4, 200];

/// What a run is told where its command line says nothing; each recipe has a seed of its own.
pub const DEFAULTS: Defaults = Defaults {
    length: Length::Updates(4_000),
    batch: "64",
    rate: "0.004",
    seed: "20",
    warm_up: 100,
    weight_decay: 0.01,
    every: Some(120),
};

/// Options of every recipe of drawings.
#[derive(Debug, clap::Args)]
pub struct DrawingOptions {
    /// Trains nothing: writes sheets of eight by eight drawings of the weights, `NAME-TEMPERATURE.svg`, into a folder.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["evaluate", "export"])]
    pub sheets: Option<PathBuf>,
    /// At which temperatures.
    #[arg(long, value_delimiter = ',', default_value = "0.2,0.5,0.9")]
    pub temperatures: Vec<f32>,
    /// Minutes that it trains; without them, it makes so many updates.
    #[arg(long)]
    minutes: Option<u64>,
    /// Units of the decoder.
    #[arg(long, default_value_t = 256)]
    hidden: usize,
    /// Of the drawings side by side, how many are told their points of the latent space.
    #[arg(long, default_value_t = 24)]
    points: usize,
    /// Weight of the divergence of the latent space from its prior.
    #[arg(long, default_value_t = 0.03)]
    beta: f64,
    /// Share of units dropped after the LSTM.
    #[arg(long, default_value_t = 0.1)]
    dropout: f32,
    /// Share of drawings whose kind is hidden.
    #[arg(long, default_value_t = 0.05)]
    hidden_kinds: f32,
}

impl DrawingOptions {
    /// Sizes of a new network, which knows no kinds yet; `kind` is the width of a kind's row.
    pub fn config(&self, kind: usize) -> Config {
        Config {
            hidden: self.hidden,
            components: COMPONENTS,
            place: true,
            ideas: 0,
            latent: 64,
            encoder: 192,
            kind,
            scale: 1.0,
            kinds: Vec::new(),
        }
    }

    /// What becomes of the learning rate.
    pub fn course(&self) -> Course {
        self.minutes.map_or(Course::Falling, |minutes| Course::Timed(60 * minutes))
    }

    /// The lesson, of `batch` drawings side by side: `learnt` are drawings of the data, of which there is this share
    /// where there are others, and made ones.
    pub fn lesson(
        &self,
        config: &Config,
        (batch, real): (usize, f32),
        variation: Variation,
        learnt: [&[Drawing]; 2],
        valid: &[Drawing],
    ) -> SketchLesson {
        let layout = Layout { batch, points: self.points, real, hidden_kinds: self.hidden_kinds, variation };
        let weighing = Weighing { dropout: self.dropout, beta: self.beta, free: 0.1, growing: 1_500.0 };
        SketchLesson::new(config.clone(), layout, weighing, learnt.map(Arc::from), Arc::from(valid))
    }
}

/// Where drawings come from, as cards have it: so many that were read, and so many that decoders made, if any.
pub fn data_sets(read: usize, made: usize) -> Vec<DataSet> {
    let mut sets = vec![DataSet {
        name: "The Quick, Draw! Dataset (Google, 2017)".to_owned(),
        licence: "CC BY 4.0, by Google, Inc.".to_owned(),
        from: "github.com/googlecreativelab/quickdraw-dataset, files of drawings NAME.ndjson".to_owned(),
        pieces: read,
    }];
    if made > 0 {
        sets.push(DataSet {
            name: "Drawings made with 23 released Sketch-RNN decoders (Ha and Eck, 2018)".to_owned(),
            licence: "Apache-2.0".to_owned(),
            from: "GitHub `hardmaru/sema-demo`, folder `models`".to_owned(),
            pieces: made,
        });
    }
    sets
}

/// A drawing made simple, in pixels; none where it has too few or too many points.
pub fn ready(kind: u32, lines: &[Line]) -> Option<Drawing> {
    let moves = moves(&simplified(lines));
    let points = moves.len().saturating_sub(1);
    (POINTS[0]..=POINTS[1]).contains(&points).then_some(Drawing { kind, moves })
}

/// Why a drawing is left out that [`ready`] refuses.
pub fn unready() -> String {
    format!("fewer than {} points, or more than {}", POINTS[0], POINTS[1])
}

/// Deviation of the offsets of drawings in pixels, of which a unit of the network is made.
pub fn deviation(drawings: &[Drawing]) -> f32 {
    let steps = drawings.iter().flat_map(|drawing| &drawing.moves).filter(|step| step.pen != Pen::End);
    let (sum, count) = steps.fold((0.0f64, 0usize), |(sum, count), step| {
        (sum + f64::from(step.dx * step.dx + step.dy * step.dy), count + 2)
    });
    ((sum / count.max(1) as f64).sqrt() * 100.0).round().max(1.0) as f32 / 100.0
}

/// Drawings in units of so many pixels.
pub fn in_units<'a>(drawings: impl IntoIterator<Item = &'a mut Drawing>, pixels: f32) {
    for drawing in drawings {
        drawing.moves.iter_mut().for_each(|step| *step = step.scaled(1.0 / pixels));
    }
}

/// Weights that were written, as they play.
pub fn step(written: &Written<Config>) -> Result<SketchStep> {
    let weights = written.weights(&written.config.stored())?;
    Ok(SketchStep::new(written.config.clone(), &weights)?)
}
