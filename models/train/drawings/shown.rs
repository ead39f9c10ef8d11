//! What is remembered and shown of weights: golden moves, and sheets.

use std::path::Path;

use anyhow::{Context, Result};
use lilt_models::sketch::drawn::drawn;
use lilt_models::sketch::measures::{GOLDEN_POINTS, Golden, golden_text};
use lilt_models::sketch::page::centred;
use lilt_models::sketch::sheet::{PLACES, sheet};
use lilt_models::sketch::step::{Condition, SketchStep};
use lilt_score::Sketch;

use super::DrawingOptions;

/// Most points of a drawing on a sheet.
const MOST_POINTS: usize = 150;

/// What a network is told of a kind, or of none where it knows none, to draw at a temperature.
///
/// # Errors
/// When it does not know this one.
pub fn told(step: &SketchStep, kind: Option<&str>, temperature: f32) -> Result<Condition> {
    let kinds = &step.config().kinds;
    let row = match kind {
        Some(kind) => {
            kinds.iter().position(|known| known == kind).with_context(|| format!("it draws no `{kind}`"))?
        }
        None => kinds.len(),
    };
    Ok(step.condition(&step.kind_at(row, temperature), None))
}

/// What the weights draw, always choosing the likeliest.
pub fn golden(step: &SketchStep, kind: Option<&str>) -> Result<Golden> {
    let moves = drawn(step, &told(step, kind, 1.0)?, 1, GOLDEN_POINTS, 0.0, 0)?;
    Ok(Golden { kind: kind.unwrap_or_default().to_owned(), moves: golden_text(&moves[0]) })
}

/// Prints the moves of a few drawings.
pub fn print(step: &SketchStep, kind: Option<&str>, count: u32, seed: u64) -> Result<()> {
    for moves in drawn(step, &told(step, kind, 0.5)?, count as usize, MOST_POINTS, 0.5, seed)? {
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
        let told = told(step, kind, temperature)?;
        let drawn = drawn(step, &told, PLACES, MOST_POINTS, temperature, seed)?;
        let sketches: Vec<Sketch> = drawn.iter().map(|moves| centred(moves)).collect();
        let file = folder.join(Path::new(&format!("{}-{temperature}.svg", name.replace(' ', "-"))));
        std::fs::write(file, sheet(&sketches, &format!("{name} at {temperature}")))?;
    }
    Ok(())
}
