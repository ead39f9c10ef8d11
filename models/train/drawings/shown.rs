//! What is remembered and shown of weights: golden moves, and sheets.

use std::path::Path;

use anyhow::{Context, Result};
use lilt_models::sketch::drawn::drawn;
use lilt_models::sketch::measures::{GOLDEN_POINTS, Golden, golden_text};
use lilt_models::sketch::page::centred;
use lilt_models::sketch::sheet::{PLACES, sheet};
use lilt_models::sketch::step::{Condition, SketchStep};
use lilt_score::{Seed, Sketch};

use super::DrawingOptions;

/// Most points of a drawing on a sheet.
const MOST_POINTS: usize = 150;

/// What a network is told of a kind, or of none where it knows none, to make so many drawings at a temperature.
///
/// # Errors
/// When it does not know this one.
pub fn told(
    step: &SketchStep,
    kind: Option<&str>,
    temperature: f32,
    count: usize,
    seed: u64,
) -> Result<Vec<Condition>> {
    let rng = &mut Seed(seed).child("ideas").rng();
    Ok(step.told_to_draw(row(step, kind)?, temperature, count, rng))
}

/// The row of a kind, or of any.
fn row(step: &SketchStep, kind: Option<&str>) -> Result<usize> {
    let kinds = &step.config().kinds;
    match kind {
        Some(kind) => {
            kinds.iter().position(|known| known == kind).with_context(|| format!("it draws no `{kind}`"))
        }
        None => Ok(kinds.len()),
    }
}

/// What the weights draw, always choosing the likeliest.
pub fn golden(step: &SketchStep, kind: Option<&str>) -> Result<Golden> {
    let moves = drawn(step, vec![step.condition(step.kind(row(step, kind)?), None)], GOLDEN_POINTS, 0.0, 0)?;
    Ok(Golden { kind: kind.unwrap_or_default().to_owned(), moves: golden_text(&moves[0]) })
}

/// Prints the moves of a few drawings.
pub fn print(step: &SketchStep, kind: Option<&str>, count: u32, seed: u64) -> Result<()> {
    for moves in drawn(step, told(step, kind, 0.5, count as usize, seed)?, MOST_POINTS, 0.5, seed)? {
        println!("{}", golden_text(&moves));
    }
    Ok(())
}

/// Writes a sheet called `name` at each temperature, where `options` ask for sheets.
pub fn write_sheets(
    step: &SketchStep,
    options: &DrawingOptions,
    (name, kind): (&str, Option<&str>),
    seed: u64,
) -> Result<()> {
    let Some(folder) = options.sheets.as_deref() else { return Ok(()) };
    std::fs::create_dir_all(folder)?;
    for &temperature in &options.temperatures {
        let told = told(step, kind, temperature, PLACES, seed)?;
        let drawn = drawn(step, told, MOST_POINTS, temperature, seed)?;
        let sketches: Vec<Sketch> = drawn.iter().map(|moves| centred(moves)).collect();
        let file = folder.join(Path::new(&format!("{}-{temperature}.svg", name.replace(' ', "-"))));
        std::fs::write(file, sheet(&sketches, &format!("{name} at {temperature}")))?;
    }
    Ok(())
}
