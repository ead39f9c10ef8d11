//! One drawing of a frame, with its looks worked out: the strokes as far as the pen has come, and the places
//! where they are seen.

use lilt_score::{Blend, Rgb, Stroke};
use serde::{Deserialize, Serialize};

use crate::frame::within;

/// One drawing. Those that come later lie over those that come before.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LayerView {
    /// How it meets what lies under it.
    pub blend: Blend,
    /// The strokes that are visible now, oldest first.
    pub strokes: Vec<StrokeView>,
    /// Where they are seen, back to front.
    pub copies: Vec<CopyView>,
}

/// One stroke, as far as the pen has come.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct StrokeView {
    /// Points of the pen, `[x, y, width]`, in the units of sketches: 0 is left and top, 1 right and bottom of the
    /// stage's square.
    pub points: Vec<[f64; 3]>,
    /// How much of it is left as it fades, `0..=1`.
    pub opacity: f64,
    /// True while the pen is on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wet: bool,
}

/// One place where the strokes of a drawing are seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CopyView {
    /// Where a point `x, y` lies on the stage: at `a x + c y + e`, `b x + d y + f`.
    pub matrix: [f64; 6],
    /// Its colour, `0xRRGGBB`.
    pub colour: u32,
    /// How much it hides, `0..=1`.
    pub opacity: f64,
    /// How many times as wide as the pen its lines are.
    pub width: f64,
    /// How much light its lines give off, `0..=1`.
    pub glow: f64,
}

impl Default for CopyView {
    fn default() -> CopyView {
        CopyView {
            matrix: [1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
            colour: 0xff_ffff,
            opacity: 1.0,
            width: 1.0,
            glow: 0.0,
        }
    }
}

/// Most layers a frame carries.
pub const MAX_LAYERS: usize = 32;
/// Most strokes that a frame carries in all; the newest of each layer are kept.
pub const MAX_STROKES: usize = 4_096;
/// Most points of all strokes of a frame.
pub const MAX_POINTS: usize = 65_536;
/// Most copies of a layer.
pub const MAX_COPIES: usize = 256;
/// Most strokes that are seen of a layer, all copies counted: the last copies are left out.
pub const MAX_SEEN: usize = 8_192;

/// How far outside the stage a point may lie, in its units.
const FARTHEST: f64 = 1e3;
/// The widest pen, in the same unit.
const WIDEST: f64 = 0.5;

impl StrokeView {
    /// A whole stroke that the pen has left, as it was drawn.
    pub fn new(stroke: &Stroke) -> StrokeView {
        let points = stroke.points.iter();
        // To a hundred-thousandth of the stage, which is short in JSON.
        let rounded = |number: f32| (f64::from(number) * 1e5).round() / 1e5;
        let points = points.map(|p| [rounded(p.x), rounded(p.y), rounded(p.width)]).collect();
        StrokeView { points, opacity: 1.0, wet: false }
    }

    /// The stroke as far as the pen has come, by the length of its line: nothing of it at 0, all at 1.
    pub fn drawn(mut self, part: f64) -> StrokeView {
        if !(0.0..1.0).contains(&part) {
            return self;
        }
        let length = |pair: &[[f64; 3]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        let mut left = part * self.points.windows(2).map(length).sum::<f64>();
        for at in 1..self.points.len() {
            let (from, to) = (self.points[at - 1], self.points[at]);
            let step = length(&[from, to]);
            if left < step {
                let on_the_way = std::array::from_fn(|i| from[i] + (to[i] - from[i]) * left / step);
                self.points.truncate(at);
                self.points.push(on_the_way);
                break;
            }
            left -= step;
        }
        self.wet = true;
        self
    }
}

impl CopyView {
    /// Its colour.
    pub fn rgb(&self) -> Rgb {
        Rgb::new(self.colour)
    }
}

/// The layers with every number finite and in its range, every list cut to its bound.
pub(crate) fn bounded(mut layers: Vec<LayerView>) -> Vec<LayerView> {
    layers.truncate(MAX_LAYERS);
    let (mut strokes_left, mut points_left) = (MAX_STROKES, MAX_POINTS);
    for layer in &mut layers {
        let surplus = layer.strokes.len().saturating_sub(strokes_left);
        layer.strokes.drain(..surplus);
        for stroke in layer.strokes.iter_mut().rev() {
            stroke.opacity = within(stroke.opacity, 0.0, 1.0, 1.0);
            stroke.points.retain(|point| point.iter().all(|number| number.is_finite()));
            stroke.points.truncate(points_left);
            points_left -= stroke.points.len();
            for [x, y, width] in &mut stroke.points {
                (*x, *y) = (x.clamp(-FARTHEST, FARTHEST), y.clamp(-FARTHEST, FARTHEST));
                *width = width.clamp(0.0, WIDEST);
            }
        }
        layer.strokes.retain(|stroke| !stroke.points.is_empty());
        strokes_left -= layer.strokes.len();
        layer.copies.retain(|copy| copy.matrix.iter().all(|number| number.abs() <= FARTHEST));
        layer.copies.truncate(MAX_COPIES.min(MAX_SEEN / layer.strokes.len().max(1)).max(1));
        for copy in &mut layer.copies {
            copy.colour &= 0xff_ffff;
            copy.opacity = within(copy.opacity, 0.0, 1.0, 1.0);
            copy.width = within(copy.width, 0.0, 1e3, 1.0);
            copy.glow = within(copy.glow, 0.0, 1.0, 0.0);
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[[f64; 2]]) -> StrokeView {
        let points = points.iter().map(|[x, y]| [*x, *y, 0.01]).collect();
        StrokeView { points, opacity: 1.0, wet: false }
    }

    #[test]
    fn a_stroke_is_drawn_along_its_line() {
        let corner = line(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]);
        for (part, want) in [
            (0.0, vec![[0.0, 0.0], [0.0, 0.0]]),
            (0.25, vec![[0.0, 0.0], [0.5, 0.0]]),
            (0.75, vec![[0.0, 0.0], [1.0, 0.0], [1.0, 0.5]]),
        ] {
            let drawn = corner.clone().drawn(part);
            let places: Vec<[f64; 2]> = drawn.points.iter().map(|[x, y, _]| [*x, *y]).collect();
            assert_eq!((places, drawn.wet), (want, true), "{part}");
        }
        assert_eq!(corner.clone().drawn(1.0), corner);
        assert_eq!(line(&[[0.5, 0.5]]).drawn(0.3).points.len(), 1);
    }

    #[test]
    fn what_is_too_much_is_cut_and_what_is_no_number_is_left_out() {
        let wild = LayerView {
            strokes: vec![
                line(&[[f64::NAN, 0.0]]),
                line(&[[1e9, -1e9]]),
                StrokeView { points: vec![[0.0, 0.0, 9.0]; MAX_POINTS + 5], opacity: f64::NAN, wet: true },
            ],
            copies: vec![
                CopyView { matrix: [f64::INFINITY; 6], ..CopyView::default() },
                CopyView { colour: u32::MAX, width: -3.0, ..CopyView::default() },
            ],
            blend: Blend::Add,
        };
        let [layer, ..] = &bounded(vec![wild; 40])[..] else { panic!("a layer") };
        assert_eq!(layer.strokes.len(), 1, "all points went to the newest");
        assert_eq!((layer.strokes[0].points.len(), layer.strokes[0].opacity), (MAX_POINTS, 1.0));
        assert_eq!((layer.copies[0].colour, layer.copies[0].width), (0xff_ffff, 0.0));
        assert_eq!(layer.copies.len(), 1);
    }
}
