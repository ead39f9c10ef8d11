//! Weights beside the released decoders, on the same drawings.

use std::collections::BTreeMap;

use anyhow::Result;
use lilt_models::sketch::batches::points;
use lilt_models::sketch::drawing::Drawing;
use lilt_models::sketch::measures::{Measures, OfKind, nats};
use lilt_models::sketch::moves::{Line, Move, moves};
use lilt_models::sketch::simplify::simplified_line;
use lilt_models::sketch::step::SketchStep;

use super::corpus::Corpus;
use crate::drawings::measured::{parts, per_point};
use crate::recipe::rounded;

/// How many times larger drawings may be for the decoders, which learnt them as large as they were drawn.
const LARGER: [f32; 5] = [1.0, 1.4, 1.7, 2.0, 2.4];

/// Nats per point of a decoder on drawings in units of `scale` pixels, made `larger`.
fn released(decoder: &SketchStep, drawings: &[&Drawing], scale: f32, larger: f32) -> f64 {
    let pixels = decoder.config().scale / larger;
    let moves = |drawing: &&Drawing| drawing.moves.iter().map(|step| step.scaled(scale / pixels)).collect();
    let all: Vec<Vec<Move>> = drawings.iter().map(moves).collect();
    let told = decoder.condition(&[], None);
    let (sum, points) = nats(decoder, pixels, all.iter().map(|moves| (moves.as_slice(), told.clone())));
    rounded(sum / points.max(1) as f64)
}

/// The same of drawings as large as they were drawn, and their points.
fn released_at_home(decoder: &SketchStep, drawings: &[&Vec<Line>]) -> (f64, usize) {
    let unit = 1.0 / decoder.config().scale;
    let as_drawn = |lines: &&Vec<Line>| {
        let lines: Vec<Line> = lines.iter().map(|line| simplified_line(line)).collect();
        moves(&lines).iter().map(|step| step.scaled(unit)).collect()
    };
    let all: Vec<Vec<Move>> = drawings.iter().map(as_drawn).collect();
    let told = decoder.condition(&[], None);
    let told = all.iter().map(|moves| (moves.as_slice(), told.clone()));
    let (sum, points) = nats(decoder, decoder.config().scale, told);
    (rounded(sum / points.max(1) as f64), points)
}

/// Measures weights and the decoders on what was held out.
pub fn measures(step: &SketchStep, corpus: &Corpus) -> Result<Measures> {
    let mut kinds = BTreeMap::new();
    let known =
        || corpus.decoders.iter().filter_map(|(name, decoder)| Some((name, decoder, corpus.kind(name)?)));
    // How much larger is chosen on what was held out to choose by.
    let on_valid = |larger: f32| -> f64 {
        let of = |(_, decoder, row): (&String, &SketchStep, u32)| {
            let drawings: Vec<&Drawing> = corpus.valid.iter().filter(|drawing| drawing.kind == row).collect();
            released(decoder, &drawings, corpus.scale, larger)
        };
        known().map(of).sum()
    };
    let larger = LARGER.into_iter().min_by(|a, b| on_valid(*a).total_cmp(&on_valid(*b))).unwrap_or(1.0);
    for (name, decoder, row) in known() {
        let of_kind = |(at, drawing): (usize, &Drawing)| (drawing.kind == row).then_some(at);
        let places: Vec<usize> = corpus.test.iter().enumerate().filter_map(of_kind).collect();
        let drawings: Vec<&Drawing> = places.iter().map(|&at| &corpus.test[at]).collect();
        if drawings.is_empty() {
            continue;
        }
        let as_drawn: Vec<&Vec<Line>> = places.iter().map(|&at| &corpus.test_as_drawn[at]).collect();
        let (released_at_home, points_at_home) = released_at_home(decoder, &as_drawn);
        let of_kind = OfKind {
            drawings: drawings.len(),
            points: points(drawings.iter().copied()),
            ours: per_point(step, drawings.iter().copied()),
            released: released(decoder, &drawings, corpus.scale, larger),
            released_at_home,
            points_at_home,
        };
        eprintln!("{name}: {of_kind:?}");
        kinds.insert(name.clone(), of_kind);
    }
    let mean =
        |of: fn(&OfKind) -> f64| rounded(kinds.values().map(of).sum::<f64>() / kinds.len().max(1) as f64);
    Ok(Measures {
        all: parts(step, [&corpus.train, &corpus.valid, &corpus.test]),
        mean: [mean(|kind| kind.ours), mean(|kind| kind.released)],
        larger: f64::from((larger * 10.0).round()) / 10.0,
        kinds,
    })
}
