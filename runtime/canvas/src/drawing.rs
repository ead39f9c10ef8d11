//! A drawing slot's panel: its name, its state and the strokes of its pen.

use crate::frame::SlotView;
use crate::lane;
use crate::palette::Colour;
use crate::scene::{Align, Area, Lettering, Sheet};

/// Beats after which a stroke has lost half of the light it will lose.
const HALF_FADED: f64 = 6.0;
/// Light that a stroke keeps for as long as it is shown.
const LASTING: f64 = 0.55;

/// Draws a slot's panel in `area`.
pub(crate) fn draw(sheet: &mut Sheet, slot: &SlotView, area: Area, u: f64) {
    let hue = Colour::slot(slot.colour);
    let hue = if slot.silent { hue.mix(Colour::SURFACE, 0.7) } else { hue };
    sheet.rect(area, area, 8.0 * u, Colour::SURFACE);

    let head = Area { height: (34.0 * u).min(area.height), ..area }.inset(2.0 * u);
    let letters = Lettering { size: 12.0 * u, bold: true, colour: hue.mix(Colour::TEXT, 0.25) };
    let right = area.right() - 12.0 * u;
    let badge = lane::badge(sheet, slot, (right, area.y + 19.0 * u), Align::Right, head, u);
    let named = Area { width: (head.width - badge - 24.0 * u).max(0.0), ..head };
    sheet.text(&slot.name, (area.x + 14.0 * u, area.y + 25.0 * u, Align::Left), named, letters);

    let paper = Area { y: head.bottom(), height: area.bottom() - head.bottom(), ..area }.inset(10.0 * u);
    let side = paper.width.min(paper.height);
    let (left, top) = (paper.x + (paper.width - side) / 2.0, paper.y + (paper.height - side) / 2.0);
    for stroke in &slot.strokes {
        let light = LASTING + (1.0 - LASTING) * HALF_FADED / (HALF_FADED + stroke.age);
        let ink = Colour::SURFACE.mix(hue, light);
        let at = |[x, y, width]: &[f64; 3]| [left + x * side, top + y * side, (width * side).max(1.6 * u)];
        let points: Vec<[f64; 3]> = stroke.points.iter().map(at).collect();
        sheet.pen(&points, paper, ink);
        if let (true, Some([x, y, width])) = (stroke.age == 0.0, points.last()) {
            let tip = [[*x, *y, width * 1.6 + 2.0 * u]];
            sheet.pen(&tip, paper, hue.mix(Colour::PLAYHEAD, 0.8));
        }
    }
}
