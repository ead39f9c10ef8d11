//! The script itself, over the picture.

use serde::{Deserialize, Serialize};

use crate::glyph;
use crate::palette::Colour;
use crate::scene::{Align, Area, Lettering, Sheet};

/// The script as it is shown.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CodeView {
    /// Its text.
    pub text: String,
    /// Bytes of the text from which something sounds now: from, to.
    pub lit: Vec<[u32; 2]>,
    /// The line that is wrong, from 1.
    pub wrong: Option<u32>,
}

/// Most bytes of a script that are shown.
pub const MAX_CODE: usize = 65_536;
/// Most places that are lit.
pub const MAX_LIT: usize = 512;

/// The tallest letters, in units of the design.
const TALLEST: f64 = 15.0;
/// The smallest letters that are read from the first row, in the same unit.
const SMALLEST: f64 = 7.0;
/// Height of a line in heights of a capital.
const LINE: f64 = 1.95;

impl CodeView {
    /// The text cut to its bound, with places that are in it.
    pub(crate) fn bounded(mut self) -> CodeView {
        let mut end = self.text.len().min(MAX_CODE);
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.truncate(end);
        self.lit.truncate(MAX_LIT);
        self.lit.retain(|[from, to]| from < to && (*to as usize) <= end);
        self
    }
}

/// One letter size for all lines, and which of them are shown: as many as fit, around those that are lit.
fn fitted(view: &CodeView, area: Area, u: f64) -> (f64, usize, usize) {
    let lines: Vec<&str> = view.text.lines().collect();
    let widest = lines.iter().map(|line| glyph::text_width(line, 1.0)).fold(1.0, f64::max);
    let by_width = area.width / widest;
    let by_height = area.height / (lines.len().max(1) as f64 * LINE);
    let size = by_width.min(by_height).clamp(SMALLEST * u, TALLEST * u);
    let fit = ((area.height / (size * LINE)).floor() as usize).max(1);
    let wanted = view.lit.first().map_or(0, |[from, _]| {
        view.text.as_bytes()[..*from as usize].iter().filter(|byte| **byte == b'\n').count()
    });
    let first = match lines.len() > fit {
        true => wanted.saturating_sub(fit / 2).min(lines.len() - fit),
        false => 0,
    };
    (size, first, fit)
}

/// Draws the script in `area`; what sounds is lit.
pub(crate) fn draw(sheet: &mut Sheet, view: &CodeView, area: Area, u: f64) {
    let (size, first, fit) = fitted(view, area, u);
    let plain = Lettering { size, bold: false, colour: Colour::TEXT };
    let mut start = 0;
    for (number, line) in view.text.split('\n').enumerate() {
        let row = number as f64 - first as f64;
        let baseline = area.y + (row + 1.0) * size * LINE - size * 0.45;
        let shown = (first..first + fit).contains(&number);
        if shown && !line.trim().is_empty() {
            let room = Area { y: baseline - size * 1.4, height: size * 1.9, ..area };
            if view.wrong == Some(number as u32 + 1) {
                let behind = Area { x: area.x - 6.0 * u, width: area.width + 12.0 * u, ..room };
                sheet.rect(behind, sheet.area(), 3.0 * u, Colour::ALARM_SURFACE);
            }
            for [from, to] in &view.lit {
                let (from, to) = (*from as usize, *to as usize);
                let inside = from >= start && to <= start + line.len();
                let parts = (
                    line.get(..from.wrapping_sub(start)),
                    line.get(from.wrapping_sub(start)..to.wrapping_sub(start)),
                );
                if let (true, (Some(before), Some(word))) = (inside, parts) {
                    let x = area.x
                        + glyph::text_width(before, size)
                        + if before.is_empty() { 0.0 } else { size * 0.28 };
                    let lamp = Area {
                        x: x - size * 0.22,
                        y: baseline - size * 1.28,
                        width: glyph::text_width(word, size) + size * 0.55,
                        height: size * 1.66,
                    };
                    sheet.rect(lamp, room, 3.0 * u, Colour::opaque(0xffb938).with_opacity(0.55));
                }
            }
            let comment = line.trim_start().starts_with("--");
            let colour = if comment { Colour::MUTED } else { Colour::TEXT };
            sheet.text(line, (area.x, baseline, Align::Left), room, Lettering { colour, ..plain });
        }
        start += line.len() + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Shape;

    #[test]
    fn what_sounds_is_lit_and_long_scripts_are_shown_there() {
        let area = Area { x: 10.0, y: 10.0, width: 600.0, height: 300.0 };
        let lines: Vec<String> = (0..80).map(|line| format!("play(\"a{line}\", \"c4 e4\")")).collect();
        let text = lines.join("\n");
        let from = text.find("\"a60\"").expect("it is there") as u32;
        let view = CodeView { text, lit: vec![[from, from + 5]], wrong: None }.bounded();
        let mut sheet = Sheet::new(640.0, 320.0, Colour::BACKGROUND);
        draw(&mut sheet, &view, area, 1.0);
        let scene = sheet.finish();
        let texts: Vec<&str> = scene
            .shapes
            .iter()
            .filter_map(|shape| if let Shape::Text { text, .. } = shape { Some(text.as_str()) } else { None })
            .collect();
        assert!(texts.contains(&"play(\"a60\", \"c4 e4\")"), "{texts:?}");
        assert!(!texts.contains(&"play(\"a0\", \"c4 e4\")"));
        assert_eq!(scene.shapes.iter().filter(|shape| matches!(shape, Shape::Rect { .. })).count(), 1);
    }

    #[test]
    fn places_outside_the_text_are_left_out() {
        let view =
            CodeView { text: "ä".repeat(MAX_CODE), lit: vec![[0, 2], [5, 5], [7, u32::MAX]], wrong: None };
        let view = view.bounded();
        assert!(view.text.len() <= MAX_CODE && view.text.chars().all(|letter| letter == 'ä'));
        assert_eq!(view.lit, [[0, 2]]);
    }
}
