//! The recipe `sketch` for a folder: drawings in SVG and from Quick, Draw!'s files, one's own or
//! anybody's.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use lilt_inference::{Conditions, Model, Sampling, Watch};
use lilt_score::Sketch;

use super::folder::Content;
use super::kind::Kind;
use super::{File, Recipe};
use crate::card::{Weights, sha256};
use crate::sketch::batches::{Layout, points};
use crate::sketch::drawing::{Drawing, Variation};
use crate::sketch::ideas::points_of;
use crate::sketch::lesson::{SketchLesson, Weighing};
use crate::sketch::mixture::COMPONENTS;
use crate::sketch::model::SketchModel;
use crate::sketch::moves::moves;
use crate::sketch::ndjson::Drawn;
use crate::sketch::network::{Config, IDEAS};
use crate::sketch::sheet::{PLACES, sheet};
use crate::sketch::simplify::simplified;
use crate::sketch::step::SketchStep;
use crate::training::{Lesson, Tensors, write_whole};

/// Fewest and most points of a drawing.
const POINTS: [usize; 2] = [4, 200];
/// Pixels of a unit of a new network: the deviation of the offsets of Quick, Draw!'s drawings.
const SCALE: f32 = 35.0;
/// Drawings whose points are kept as ideas.
const IDEAS_KEPT: usize = 16;
/// How a few drawings are made many.
const VARIATION: Variation =
    Variation { scale: 0.15, rotation: 0.08, shear: 0.06, mirrored: 0.0, dropped: 0.1, unchanged: 0.3 };

pub(super) struct Drawings;

/// A drawing and what it is of, in pixels.
pub(super) struct HandDrawn {
    word: String,
    drawing: Drawing,
}

impl Kind for Drawings {
    const RECIPE: Recipe = Recipe::Sketch;
    const STARTS_FROM: &'static [&'static str] = &[crate::sketch::KANJI];
    const WANTED: &'static str = "drawings of 4 to 200 points, as files .svg, or .ndjson of Quick, Draw!";
    const HEARD: &'static str = ".drawn.svg";
    type Config = Config;
    type Piece = HandDrawn;

    fn pieces(file: &File) -> Vec<Result<HandDrawn, String>> {
        match &file.content {
            Content::Drawings(drawings) => drawings.iter().map(|drawn| ready(drawn.as_ref()?)).collect(),
            Content::Midi(_) | Content::Abc(_) => vec![Err("this is music, and no drawing".to_owned())],
        }
    }

    fn notes(piece: &HandDrawn) -> usize {
        points([&piece.drawing])
    }

    fn fingerprint(piece: &HandDrawn) -> Vec<u8> {
        let step = |step: &crate::sketch::moves::Move| {
            [(step.dx as i16).to_le_bytes(), (step.dy as i16).to_le_bytes(), [step.pen as u8, 0]]
        };
        piece.drawing.moves.iter().flat_map(step).flatten().collect()
    }

    /// One's own drawings are of one kind: a hand.
    fn config(points: usize) -> Config {
        let hidden = match points {
            0..20_000 => 128,
            20_000..500_000 => 256,
            _ => 384,
        };
        Config {
            hidden,
            components: COMPONENTS,
            place: true,
            ideas: IDEAS_KEPT,
            latent: 32,
            encoder: hidden / 2,
            kind: 0,
            scale: SCALE,
            kinds: Vec::new(),
        }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn stored(config: &Config) -> Tensors {
        config.stored()
    }

    /// With the points of some of the drawings, so that cold ones are like them.
    fn whole(
        config: &Config,
        mut weights: BTreeMap<String, Weights>,
        train: &[HandDrawn],
    ) -> Result<BTreeMap<String, Weights>, String> {
        if config.ideas > 0 {
            let drawings: Vec<Drawing> = train.iter().map(|piece| learnt(config, piece)).collect();
            let kept = points_of(config, &weights, &drawings.iter().collect::<Vec<_>>());
            weights.insert(IDEAS.to_owned(), kept.map_err(|error| error.to_string())?);
        }
        Ok(weights)
    }

    fn lesson<'a>(config: &Config, train: &'a [HandDrawn], valid: &'a [HandDrawn]) -> impl Lesson + 'a {
        let learnt = |pieces: &[HandDrawn]| -> Arc<[Drawing]> {
            pieces.iter().map(|piece| learnt(config, piece)).collect()
        };
        let layout = Layout { batch: 32, points: 12, real: 1.0, hidden_kinds: 0.05, variation: VARIATION };
        let weighing = Weighing { dropout: 0.2, beta: 0.4, free: 0.1, growing: 300.0 };
        let learnt_from = [learnt(train), Arc::new([])];
        SketchLesson::new(config.clone(), layout, weighing, learnt_from, learnt(valid))
    }

    fn model(
        name: &str,
        config: &Config,
        weights: &BTreeMap<String, Weights>,
    ) -> Result<Box<dyn Model>, String> {
        let step = SketchStep::new(config.clone(), weights).map_err(|error| error.to_string())?;
        Ok(Box::new(SketchModel::new(step, name, sha256(name.as_bytes()), String::new())))
    }

    /// A sheet of drawings, to be looked at.
    fn listen(model: &dyn Model, seed: u64, path: &Path) -> Result<(), String> {
        let mut sketches: Vec<Sketch> = Vec::with_capacity(PLACES);
        for number in 0..PLACES as u64 {
            let request = Sampling::drawing(POINTS[1] as u32, 0.5, seed + number, Conditions::default());
            let request = request.map_err(|error| error.to_string())?;
            let drawn = model.sample(&request, &Watch::new()).and_then(|sampled| sampled.piece.into_sketch());
            sketches.push(drawn.map_err(|error| error.to_string())?);
        }
        let text = sheet(&sketches, &model.description().name);
        write_whole(path, text.as_bytes()).map_err(|error| error.to_string())
    }
}

/// A drawing made simple.
fn ready(drawn: &Drawn) -> Result<HandDrawn, String> {
    let moves = moves(&simplified(&drawn.lines));
    let drawing = Drawing { kind: 0, moves };
    match points([&drawing]) {
        few if few < POINTS[0] => Err(format!("fewer than {} points", POINTS[0])),
        many if many > POINTS[1] => Err(format!("more than {} points", POINTS[1])),
        _ => Ok(HandDrawn { word: drawn.word.clone(), drawing }),
    }
}

/// A drawing as a network of these sizes learns it: of the kind that its word names, if the network knows it.
fn learnt(config: &Config, piece: &HandDrawn) -> Drawing {
    let row = config.kinds.iter().position(|kind| *kind == piece.word);
    let scale = 1.0 / config.scale;
    Drawing {
        kind: row.map_or(config.any(), |row| row as u32),
        moves: piece.drawing.moves.iter().map(|step| step.scaled(scale)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::untrained;

    fn drawn(lines: Vec<Vec<[f32; 2]>>) -> Drawn {
        Drawn { word: "cat".to_owned(), key: String::new(), recognized: true, lines }
    }

    #[test]
    fn a_drawing_is_of_the_kind_that_the_network_knows() {
        let zigzag = (0..8).map(|n| [n as f32 * 10.0, (n % 2) as f32 * 30.0]).collect();
        let piece = ready(&drawn(vec![zigzag])).unwrap();
        assert_eq!(Drawings::notes(&piece), 7);
        assert_eq!(Drawings::fingerprint(&piece).len(), 8 * 6);
        let config = untrained::config();
        let of_cat = learnt(&config, &piece);
        assert_eq!(of_cat.kind, 2);
        assert!((of_cat.moves[0].dx * config.scale - piece.drawing.moves[0].dx).abs() < 1e-3);
        assert_eq!(learnt(&Drawings::config(0), &piece).kind, 0);
    }

    /// A hand's own network, and one that goes on from a network that keeps ideas of its kinds.
    #[test]
    fn what_was_learnt_is_whole_and_plays() {
        let zigzag = (0..8).map(|n| [n as f32 * 10.0, (n % 2) as f32 * 30.0]).collect();
        let pieces = [ready(&drawn(vec![zigzag])).unwrap()];
        for config in [Drawings::config(0), Config { ideas: 4, ..untrained::config() }] {
            let trained = untrained::weights(&config, 3);
            let whole = Drawings::whole(&config, trained, &pieces).unwrap();
            let stored: Vec<_> = Drawings::stored(&config).into_iter().map(|(name, _)| name).collect();
            assert!(stored.iter().all(|name| whole.contains_key(name)) && whole.len() == stored.len());
            assert!(Drawings::model("mine", &config, &whole).is_ok());
        }
    }

    #[test]
    fn what_is_no_drawing_says_why() {
        let refused = |lines| ready(&drawn(lines)).map(|_| ()).unwrap_err();
        assert_eq!(refused(vec![vec![[0.0, 0.0], [9.0, 9.0]]]), "fewer than 4 points");
        assert_eq!(refused(Vec::new()), "fewer than 4 points");
        let zigzag = |row: usize| (0..5).map(|n| [n as f32 * 50.0, (row * 3 + n % 2 * 60) as f32]).collect();
        assert_eq!(refused((0..60).map(zigzag).collect()), "more than 200 points");
    }
}
