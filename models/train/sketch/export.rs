//! What is measured, remembered and shown of weights.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use lilt_models::sketch::batches::points;
use lilt_models::sketch::drawing::Drawing;
use lilt_models::sketch::drawn::drawn;
use lilt_models::sketch::measures::{GOLDEN_POINTS, Golden, Measures, OfKind, golden_text, nats};
use lilt_models::sketch::moves::{Line, Move, moves};
use lilt_models::sketch::network::Config;
use lilt_models::sketch::page::centred;
use lilt_models::sketch::sheet::{PLACES, sheet};
use lilt_models::sketch::simplify::simplified_line;
use lilt_models::sketch::step::SketchStep;
use lilt_score::Sketch;

use super::corpus::Corpus;
use crate::recipe::{Written, rounded};

/// Weights that were written, as they play.
pub fn step(written: &Written<Config>) -> Result<SketchStep> {
    let weights = written.weights(&written.config.tensors())?;
    Ok(SketchStep::new(written.config.clone(), &weights)?)
}

/// Most points of a drawing on a sheet.
const MOST_POINTS: usize = 150;
/// How many times larger drawings may be for the decoders, which learnt them as large as they were drawn.
const LARGER: [f32; 5] = [1.0, 1.4, 1.7, 2.0, 2.4];

/// Nats per point of drawings, each told its kind.
fn per_point<'a>(step: &SketchStep, drawings: impl IntoIterator<Item = &'a Drawing>) -> f64 {
    let told = |drawing: &'a Drawing| {
        (drawing.moves.as_slice(), step.condition(step.kind(drawing.kind as usize), None))
    };
    let (sum, points) = nats(step, step.config().scale, drawings.into_iter().map(told));
    rounded(sum / points.max(1) as f64)
}

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
    let own_point = |drawing: &Drawing| {
        step.condition(step.kind(drawing.kind as usize), step.encode(&drawing.moves).as_deref())
    };
    let told = corpus.test.iter().map(|drawing| (drawing.moves.as_slice(), own_point(drawing)));
    let (told, told_points) = nats(step, step.config().scale, told);
    Ok(Measures {
        // As many as are held out: all of them take minutes.
        train: per_point(step, corpus.train.iter().step_by(8)),
        valid: per_point(step, &corpus.valid),
        test: per_point(step, &corpus.test),
        test_told: rounded(told / told_points.max(1) as f64),
        mean: [mean(|kind| kind.ours), mean(|kind| kind.released)],
        larger: f64::from((larger * 10.0).round()) / 10.0,
        kinds,
    })
}

/// What the weights draw, always choosing the likeliest.
pub fn golden(step: &SketchStep) -> Result<Golden> {
    let kind = "bird";
    let moves = drawn(step, &step.condition(step.kind(row(step, kind)?), None), 1, GOLDEN_POINTS, 0.0, 0)?;
    Ok(Golden { kind: kind.to_owned(), moves: golden_text(&moves[0]) })
}

/// Prints the moves of birds.
pub fn print_birds(step: &SketchStep, count: usize, seed: u64) -> Result<()> {
    let told = step.condition(step.kind(row(step, "bird")?), None);
    for moves in drawn(step, &told, count, MOST_POINTS, 0.5, seed)? {
        println!("{}", golden_text(&moves));
    }
    Ok(())
}

/// Writes a sheet of each kind at each temperature.
pub fn write_sheets(
    step: &SketchStep,
    folder: &Path,
    kinds: &[String],
    temperatures: &[f32],
    seed: u64,
) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    for kind in kinds {
        let told = step.condition(step.kind(row(step, kind)?), None);
        for &temperature in temperatures {
            let drawn = drawn(step, &told, PLACES, MOST_POINTS, temperature, seed)?;
            let sketches: Vec<Sketch> = drawn.iter().map(|moves| centred(moves)).collect();
            let title = format!("{kind} at {temperature}");
            let name = format!("{}-{temperature}.svg", kind.replace(' ', "-"));
            std::fs::write(folder.join(name), sheet(&sketches, &title))?;
        }
    }
    Ok(())
}

/// The row of a kind.
fn row(step: &SketchStep, kind: &str) -> Result<usize> {
    let row = step.config().kinds.iter().position(|known| known == kind);
    row.with_context(|| format!("it draws no `{kind}`"))
}
