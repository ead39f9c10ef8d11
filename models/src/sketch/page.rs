//! From moves to sketches on a canvas, and back.
//!
//! A drawing of 255 pixels takes [`SHARE`] of the canvas' shorter side. What a model draws is put in the middle, and
//! made smaller where it would not fit; what a hand drew keeps its place and size.

use lilt_score::{Point, Sketch, Stroke};

use super::moves::{Line, Move, lines, moves};
use super::simplify::{SIDE, TOLERANCE, bounds, needed};

/// How much of the canvas' shorter side a drawing of [`SIDE`] pixels takes.
pub const SHARE: f32 = 0.8;
/// Width of the pen, in units of the canvas' shorter side.
const WIDTH: f32 = 0.008;
/// How fast the pen goes, in pixels a second: a drawing of Quick, Draw! takes some ten seconds.
const PACE: f32 = 400.0;

/// Where pixels lie on a canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Units of the canvas to a pixel.
    pub unit: f32,
    /// Where pixel 0, 0 lies.
    pub origin: [f32; 2],
}

impl Frame {
    /// The frame that puts `lines` into the middle, at their own size where they fit.
    pub fn centred(lines: &[Line]) -> Frame {
        let Some((least, most)) = bounds(lines) else {
            return Frame { unit: SHARE / SIDE, origin: [0.0; 2] };
        };
        let side = (most[0] - least[0]).max(most[1] - least[1]).max(1.0);
        // A little more than a whole drawing may be seen, up to the edge.
        let unit = (SHARE / SIDE).min((1.0 - 2.0 * WIDTH) / side);
        let middle = |axis: usize| 0.5 - unit * (least[axis] + most[axis]) / 2.0;
        Frame { unit, origin: [middle(0), middle(1)] }
    }

    /// Strokes in pixels as a sketch: the pen goes at a steady pace, on the paper and above it.
    pub fn sketch(&self, lines: &[Line]) -> Sketch {
        let (mut time, mut last) = (0.0, None);
        let mut point = |at: &[f32; 2]| {
            let [x, y] = *at;
            if let Some([from_x, from_y]) = last.replace([x, y]) {
                let (dx, dy): (f32, f32) = (x - from_x, y - from_y);
                time += dx.hypot(dy) / PACE;
            }
            let on = |axis: usize| self.origin[axis] + self.unit * at[axis];
            Point { x: on(0), y: on(1), width: WIDTH, time }
        };
        let stroke = |line: &Line| Stroke { points: line.iter().map(&mut point).collect() };
        Sketch::new(lines.iter().map(stroke).collect())
    }
}

/// A drawing in the middle of the canvas.
pub fn centred(moves: &[Move]) -> Sketch {
    let lines = lines(moves);
    Frame::centred(&lines).sketch(&lines)
}

/// A sketch in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its strokes, with the points that a network hears.
    pub lines: Vec<Line>,
    /// Where they lie.
    pub frame: Frame,
    /// For each point of the sketch, which of the heard ones it is, or the next one after it.
    pub heard: Vec<usize>,
}

/// Points of a stroke that a hand drew lie closer than this, on average, in pixels; those of a simplified one farther.
const DENSE: f32 = 8.0;

/// Reads a sketch: strokes whose points lie as densely as a hand's are simplified as Quick, Draw!'s are, others are
/// heard point by point. One that is larger than the canvas is made smaller.
pub fn read(sketch: &Sketch) -> Read {
    let raw: Vec<Line> = sketch
        .strokes()
        .iter()
        .map(|stroke| stroke.points.iter().map(|point| [point.x, point.y]).collect())
        .collect();
    let unit = SHARE / SIDE;
    let Some((least, most)) = bounds(&raw) else {
        return Read { lines: Vec::new(), frame: Frame { unit, origin: [0.0; 2] }, heard: Vec::new() };
    };
    let side = (most[0] - least[0]).max(most[1] - least[1]);
    let frame = Frame { unit: if side > 1.0 { side / SIDE } else { unit }, origin: least };
    let in_pixels = |line: &Line| -> Line {
        line.iter().map(|[x, y]| [(x - least[0]) / frame.unit, (y - least[1]) / frame.unit]).collect()
    };
    let (mut lines, mut heard, mut before) = (Vec::with_capacity(raw.len()), Vec::new(), 0);
    for line in raw.iter().map(in_pixels) {
        let kept = if is_dense(&line) { needed(&line, TOLERANCE) } else { vec![true; line.len()] };
        let mut count = 0;
        for &kept in &kept {
            heard.push(before + count);
            count += usize::from(kept);
        }
        before += count;
        lines.push(line.into_iter().zip(kept).filter_map(|(point, kept)| kept.then_some(point)).collect());
    }
    Read { lines, frame, heard }
}

/// Whether the points of a line lie as densely as those that a hand draws.
fn is_dense(line: &[[f32; 2]]) -> bool {
    let length: f32 =
        line.windows(2).map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1])).sum();
    line.len() > 6 && length < DENSE * (line.len() - 1) as f32
}

impl Read {
    /// The moves, in pixels, with the end; none where there are fewer than two points.
    pub fn moves(&self) -> Vec<Move> {
        moves(&self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_put_in_the_middle_and_comes_back() {
        let lines = [vec![[0.0, 0.0], [100.0, 0.0], [100.0, 50.0]], vec![[20.0, 80.0], [60.0, 90.0]]];
        let sketch = centred(&moves(&lines));
        let xs = || sketch.strokes().iter().flat_map(|stroke| &stroke.points).map(|point| point.x);
        let (least, most) = (xs().fold(1.0, f32::min), xs().fold(0.0, f32::max));
        assert!((least + most - 1.0).abs() < 1e-5 && (most - least - 100.0 * SHARE / SIDE).abs() < 1e-5);
        let back = read(&sketch);
        assert_eq!(back.heard, [0, 1, 2, 3, 4]);
        for (found, expected) in back.moves().iter().zip(moves(&lines)) {
            assert!(
                (found.dx - expected.dx).hypot(found.dy - expected.dy) < 1e-2 && found.pen == expected.pen
            );
        }
        let last = sketch.strokes()[1].points[1];
        assert!(last.time > 0.5 && last.time < 1.0, "{}", last.time);
    }

    #[test]
    fn large_drawings_are_made_smaller() {
        let large = centred(&moves(&[vec![[0.0, 0.0], [900.0, 100.0]]]));
        assert!(large.strokes()[0].points.iter().all(|point| (0.0..1.0).contains(&point.x)));
        let point = |x: f32| Point { x, y: 0.0, width: 0.1, time: 0.0 };
        let wide = Sketch::new(vec![Stroke { points: vec![point(-50.0), point(50.0)] }]);
        assert_eq!(read(&wide).moves()[0].dx, SIDE);
        assert!(read(&Sketch::default()).moves().is_empty());
        // A hand draws a corner with many points: three of them are heard.
        let along = (0..20).map(|n| point(0.1 + 0.01 * n as f32)).collect();
        let dense = read(&Sketch::new(vec![Stroke { points: along }]));
        assert_eq!((dense.lines[0].len(), dense.heard[0], dense.heard[10], dense.heard[19]), (2, 0, 1, 1));
    }
}
