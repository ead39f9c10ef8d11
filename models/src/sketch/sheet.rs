//! Drawings of one kind side by side, for the eye.

use std::fmt::Write;

use lilt_score::{Sketch, Stroke, svg};

/// Drawings along each side of a sheet.
const SIDE: usize = 8;
/// Drawings of a sheet.
pub const PLACES: usize = SIDE * SIDE;

/// A sheet of eight by eight sketches, as an SVG document on white, with a title.
pub fn sheet(sketches: &[Sketch], title: &str) -> String {
    let mut strokes = Vec::new();
    for (number, sketch) in sketches.iter().take(PLACES).enumerate() {
        let [column, row] = [number % SIDE, number / SIDE];
        strokes.extend(sketch.strokes().iter().map(|stroke| {
            let points = stroke.points.iter().map(|point| {
                let mut point = *point;
                point.x += column as f32;
                point.y += row as f32;
                point.width = 0.02;
                point
            });
            Stroke { points: points.collect() }
        }));
    }
    let side = SIDE as f32;
    let document = svg::write(&Sketch::new(strokes), side, side);
    let Some((head, rest)) = document.split_once('\n') else { return document };
    let mut text = head.to_owned();
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\n<title>{title}</title><rect width=\"100%\" height=\"100%\" fill=\"white\" stroke=\"none\"/>\n{rest}"
    );
    text
}
