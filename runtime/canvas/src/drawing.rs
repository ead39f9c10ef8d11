//! The drawings of a frame, laid over each other on one stage.

use lilt_score::Blend;

use crate::layer::{CopyView, LayerView};
use crate::palette::Colour;
use crate::scene::{Area, Sheet};

/// Halos around a line that glows: how much wider than the line, in sides of the stage, and how light.
const HALOS: [(f64, f64); 4] = [(0.075, 0.05), (0.045, 0.07), (0.022, 0.12), (0.009, 0.2)];
/// Less of a stroke than this is not to be seen.
const LEAST: f64 = 1.0 / 255.0;

/// Draws layers on a stage whose square is `square`; what lies far outside of `room` is left out.
pub(crate) fn draw(sheet: &mut Sheet, layers: &[LayerView], square: Area, room: Area, u: f64) {
    // Whatever touches the room is drawn whole; so far outside nothing of a line is seen in it.
    let margin = square.width;
    let near = Area {
        x: room.x - margin,
        y: room.y - margin,
        width: room.width + 2.0 * margin,
        height: room.height + 2.0 * margin,
    };
    for layer in layers {
        for copy in &layer.copies {
            copied(sheet, layer, copy, square, near, u);
        }
    }
}

/// A stroke of a copy, as it is inked.
struct Line {
    /// What of it is near, each drawn without lifting the pen: `[x, y, width]`.
    runs: Vec<Vec<[f64; 3]>>,
    opacity: f64,
    /// Where the pen is, while it draws.
    tip: Option<[f64; 3]>,
}

fn copied(sheet: &mut Sheet, layer: &LayerView, copy: &CopyView, square: Area, near: Area, u: f64) {
    let (side, least) = (square.width, 0.9 * u);
    let [a, b, c, d, e, f] = copy.matrix;
    let place = |[x, y, width]: &[f64; 3]| {
        let (right, down) = (a * x + c * y + e, b * x + d * y + f);
        let width = (width * copy.width * side).min(side).max(least);
        [square.x + right * side, square.y + down * side, width]
    };
    let hue = Colour::from(copy.rgb());
    let lines: Vec<Line> = layer
        .strokes
        .iter()
        .map(|stroke| {
            let points: Vec<[f64; 3]> = stroke.points.iter().map(place).collect();
            let tip = points.last().copied().filter(|_| stroke.wet);
            Line { runs: runs(&points, near), opacity: copy.opacity * stroke.opacity, tip }
        })
        .filter(|line| line.opacity >= LEAST)
        .collect();
    if copy.glow > 0.0 {
        for (wider, light) in HALOS {
            for Line { runs, opacity, .. } in &lines {
                let ink = hue.with_opacity(opacity * light * copy.glow.sqrt());
                for run in runs {
                    let halo: Vec<[f64; 3]> =
                        run.iter().map(|[x, y, width]| [*x, *y, width + wider * copy.glow * side]).collect();
                    sheet.ink(halo, ink, Blend::Add);
                }
            }
        }
    }
    for Line { runs, opacity, tip } in lines {
        for run in runs {
            sheet.ink(run, hue.with_opacity(opacity), layer.blend);
        }
        if let Some([x, y, width]) = tip.filter(|[x, y, _]| near.contains([*x, *y])) {
            let bright = hue.mix(Colour::PLAYHEAD, 0.8).with_opacity(opacity);
            sheet.ink(vec![[x, y, width * 1.6 + 2.0 * u]], bright, layer.blend);
        }
    }
}

/// What of a line lies in `area`, as lines that are drawn without lifting the pen.
fn runs(points: &[[f64; 3]], area: Area) -> Vec<Vec<[f64; 3]>> {
    let inside = |[x, y, _]: &[f64; 3]| area.contains([*x, *y]);
    if points.iter().all(inside) {
        return vec![points.to_vec()];
    }
    let mut runs: Vec<Vec<[f64; 3]>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((from, to)) = clipped(pair[0], pair[1], area) else {
            open = false;
            continue;
        };
        match runs.last_mut().filter(|_| open) {
            Some(run) => run.push(to),
            None => runs.push(vec![from, to]),
        }
        open = inside(&pair[1]);
    }
    runs
}

/// What of the way between two points lies in `area` (Liang and Barsky 1984).
fn clipped(from: [f64; 3], to: [f64; 3], area: Area) -> Option<([f64; 3], [f64; 3])> {
    let way: [f64; 3] = std::array::from_fn(|i| to[i] - from[i]);
    let (mut enter, mut leave): (f64, f64) = (0.0, 1.0);
    for (step, room) in [
        (-way[0], from[0] - area.x),
        (way[0], area.right() - from[0]),
        (-way[1], from[1] - area.y),
        (way[1], area.bottom() - from[1]),
    ] {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            enter = enter.max(room / step);
        } else {
            leave = leave.min(room / step);
        }
    }
    let at = |t: f64| std::array::from_fn(|i| from[i] + way[i] * t);
    (enter < leave).then(|| (at(enter), at(leave)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Area = Area { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };

    #[test]
    fn what_lies_outside_is_cut_off() {
        let across =
            [[-5.0, 5.0, 1.0], [15.0, 5.0, 3.0], [15.0, 20.0, 3.0], [5.0, 5.0, 1.0], [6.0, 5.0, 1.0]];
        let cut = runs(&across, AREA);
        assert_eq!(cut.len(), 2, "{cut:?}");
        assert_eq!(cut[0], [[0.0, 5.0, 1.5], [10.0, 5.0, 2.5]]);
        assert_eq!(cut[1].last(), Some(&[6.0, 5.0, 1.0]));
        assert!(cut[1].iter().all(|[x, y, _]| AREA.contains([*x, *y])));
        assert_eq!(runs(&[[20.0, 20.0, 1.0], [30.0, 20.0, 1.0]], AREA), Vec::<Vec<[f64; 3]>>::new());
        assert_eq!(runs(&[[20.0, 20.0, 1.0]], AREA), Vec::<Vec<[f64; 3]>>::new());
        assert_eq!(runs(&[[2.0, 2.0, 1.0]], AREA), [[[2.0, 2.0, 1.0]]]);
    }

    #[test]
    fn a_copy_is_moved_turned_and_as_wide_as_it_says() {
        let stroke = crate::StrokeView { points: vec![[1.0, 0.0, 0.01]], opacity: 0.5, wet: false };
        // A quarter turn clockwise around the corner, then half the square to the right.
        let matrix = [0.0, 1.0, -1.0, 0.0, 0.5, 0.0];
        let copy = CopyView { matrix, colour: 0x4fd1ff, width: 2.0, ..CopyView::default() };
        let layer = LayerView { strokes: vec![stroke], copies: vec![copy], ..LayerView::default() };
        let square = Area { x: 100.0, y: 0.0, width: 200.0, height: 200.0 };
        let mut sheet = Sheet::new(400.0, 200.0, Colour::BACKGROUND);
        let area = sheet.area();
        draw(&mut sheet, &[layer], square, area, 1.0);
        let ink = Colour::slot(0).with_opacity(0.5);
        let want = crate::Shape::Pen { points: vec![[200.0, 200.0, 4.0]], colour: ink, blend: Blend::Normal };
        assert_eq!(sheet.finish().shapes, [want]);
    }
}
