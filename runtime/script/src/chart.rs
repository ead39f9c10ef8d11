//! The way between two pieces as a map: the path on which they lie, each small beside its point, and where the music
//! is.

use lilt_inference::Piece;
use lilt_score::{Clip, Point, Sketch, Stroke, Tone};

/// Where the map lies on the stage, in its units: the lower part, so that what is drawn beside has room above it.
const LEFT: f64 = 0.08;
const RIGHT: f64 = 0.92;
const LOWEST: f64 = 0.93;
/// Most that the path rises.
const RISE: f64 = 0.22;
/// Smallest and largest side of a piece beside its point.
const SIDES: (f64, f64) = (0.085, 0.16);
/// Space between a point and its piece.
const SPACE: f64 = 0.022;
/// Farther from the path a click means something else.
const REACH: f64 = 0.14;
/// Widths of the pen.
const PATH: f64 = 0.003;
const DOT: f64 = 0.011;
const THIN: f64 = 0.0025;
const RING: f64 = 0.005;
/// Radius of the ring around where the music is, and its points.
const AROUND: f64 = 0.017;
const CORNERS: u32 = 20;
/// Most points that are drawn of a piece.
const MOST_POINTS: usize = 240;

/// A path on the stage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Chart {
    /// A point for each piece, in the units of sketches.
    points: Vec<[f64; 2]>,
    /// Side of a piece beside its point.
    side: f64,
    /// Every so many pieces are shown.
    every: usize,
}

impl Chart {
    /// The map of a path, as [`lilt_inference::Interpolated::path`] says: its points along and beside the straight way.
    pub fn new(path: &[[f64; 2]]) -> Chart {
        let range = |axis: usize| {
            let values = path.iter().map(|point| point[axis]);
            (values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max))
        };
        let ((left, right), (low, high)) = (range(0), range(1));
        let scale = ((RIGHT - LEFT) / (right - left).max(1e-9)).min(RISE / (high - low).max(1e-9));
        let middle = (left + right) / 2.0;
        // What bulges rises: y goes down on the stage.
        let place = |[x, y]: &[f64; 2]| [0.5 + (x - middle) * scale, LOWEST - (y - low) * scale];
        let points: Vec<[f64; 2]> = path.iter().map(place).collect();
        let length: f64 = points.windows(2).map(|pair| distance(pair[0], pair[1])).sum();
        let step = length / (points.len().saturating_sub(1).max(1)) as f64;
        let every = (SIDES.0 / step.max(1e-9)).ceil().clamp(1.0, points.len().max(1) as f64) as usize;
        Chart { points, side: (every as f64 * step * 0.92).clamp(SIDES.0, SIDES.1), every }
    }

    /// Which place on the way a click means, 0 (the first piece) to 1 (the last); `None` where it lies far from it.
    pub fn place(&self, [x, y]: [f32; 2]) -> Option<f64> {
        let click = [f64::from(x), f64::from(y)];
        let last = self.points.len().checked_sub(1).filter(|last| *last > 0)?;
        let nearest = self.points.windows(2).enumerate().map(|(number, pair)| {
            let (way, away) = (apart(pair[0], pair[1]), apart(pair[0], click));
            let square = way[0] * way[0] + way[1] * way[1];
            let part = ((away[0] * way[0] + away[1] * way[1]) / square.max(1e-12)).clamp(0.0, 1.0);
            let on = [pair[0][0] + part * way[0], pair[0][1] + part * way[1]];
            (distance(on, click), (number as f64 + part) / last as f64)
        });
        // A piece beside its point belongs to it.
        let near = nearest.min_by(|a, b| a.0.total_cmp(&b.0))?;
        let reach = REACH.max(SPACE + self.side);
        (near.0 <= reach).then_some(near.1)
    }

    /// The map: the path, its points, some of the pieces beside theirs, and a ring around the one at `here`.
    pub fn sketch(&self, pieces: &[Piece], here: usize) -> Sketch {
        let mut strokes = vec![line(&self.points, PATH)];
        strokes.extend(self.points.iter().map(|point| line(&[*point], DOT)));
        let range = pitches(pieces);
        for (number, (point, piece)) in self.points.iter().zip(pieces).enumerate() {
            // The one that is played is shown in place of its neighbours.
            let spaced = number.is_multiple_of(self.every) && number.abs_diff(here) * 2 >= self.every;
            if spaced || number == here || self.every == 1 {
                let middle = [point[0], point[1] - SPACE - self.side / 2.0];
                strokes.extend(self.small(piece, middle, range));
            }
        }
        if let Some([x, y]) = self.points.get(here) {
            let corner = |corner: u32| {
                let (sine, cosine) =
                    (f64::from(corner) / f64::from(CORNERS) * std::f64::consts::TAU).sin_cos();
                [x + AROUND * cosine, y + AROUND * sine]
            };
            strokes.push(line(&(0..=CORNERS).map(corner).collect::<Vec<_>>(), RING));
        }
        Sketch::new(strokes)
    }

    /// A piece as large as it is shown, around a point.
    fn small(&self, piece: &Piece, middle: [f64; 2], range: (f64, f64)) -> Vec<Stroke> {
        let inside =
            |[x, y]: [f64; 2]| [middle[0] + (x - 0.5) * self.side, middle[1] + (y - 0.5) * self.side];
        let of_unit = match (piece.clip(), piece.sketch()) {
            (Ok(clip), _) => notes(clip, range),
            (_, Ok(sketch)) => fitted(sketch),
            _ => Vec::new(),
        };
        of_unit
            .into_iter()
            .map(|points| line(&points.into_iter().map(inside).collect::<Vec<_>>(), THIN))
            .collect()
    }
}

fn apart(from: [f64; 2], to: [f64; 2]) -> [f64; 2] {
    [to[0] - from[0], to[1] - from[1]]
}

fn distance(from: [f64; 2], to: [f64; 2]) -> f64 {
    let [x, y] = apart(from, to);
    x.hypot(y)
}

fn line(points: &[[f64; 2]], width: f64) -> Stroke {
    let point = |[x, y]: &[f64; 2]| Point { x: *x as f32, y: *y as f32, width: width as f32, time: 0.0 };
    Stroke { points: points.iter().map(point).collect() }
}

/// The lines of a sketch within a square of side 1, with no more points than are seen in a small one.
fn fitted(sketch: &Sketch) -> Vec<Vec<[f64; 2]>> {
    let all = || sketch.strokes().iter().flat_map(|stroke| &stroke.points);
    let range = |of: fn(&Point) -> f32| {
        let values = all().map(of);
        (values.clone().fold(f32::INFINITY, f32::min), values.fold(f32::NEG_INFINITY, f32::max))
    };
    let ((left, right), (top, bottom)) = (range(|point| point.x), range(|point| point.y));
    let side = f64::from((right - left).max(bottom - top)).max(1e-6);
    let place = |point: &Point| {
        let [x, y] = [(point.x, left, right), (point.y, top, bottom)]
            .map(|(at, low, high)| 0.5 + f64::from(at - (low + high) / 2.0) / side);
        [x, y]
    };
    let every = sketch.points().div_ceil(MOST_POINTS).max(1);
    let thinned = |stroke: &Stroke| {
        let last =
            stroke.points.last().filter(|_| !stroke.points.len().saturating_sub(1).is_multiple_of(every));
        stroke.points.iter().step_by(every).chain(last).map(place).collect()
    };
    sketch.strokes().iter().take(MOST_POINTS).map(thinned).collect()
}

/// The notes of a clip as lines within a square of side 1, later ones right and higher ones up within a range.
fn notes(clip: &Clip, (low, high): (f64, f64)) -> Vec<Vec<[f64; 2]>> {
    let length = clip.length().to_f64().max(1e-9);
    let note = |note: &lilt_score::Note| {
        let [from, to] = [note.start, note.start + note.duration].map(|at| (at.to_f64() / length).min(1.0));
        let y = 0.9 - 0.8 * (height(&note.tone) - low) / (high - low).max(1.0);
        // The gap between two notes is seen.
        vec![[from, y], [(to - 0.015).max(from), y]]
    };
    clip.notes().iter().take(MOST_POINTS / 2).map(note).collect()
}

/// How high a tone is shown: a drum by where the standard kit has it.
fn height(tone: &Tone) -> f64 {
    tone.pitch().map_or_else(|| f64::from(tone.key()), |pitch| pitch.midi())
}

/// The lowest and the highest tone of all clips.
fn pitches(pieces: &[Piece]) -> (f64, f64) {
    let tones = pieces.iter().filter_map(|piece| piece.clip().ok()).flat_map(Clip::notes);
    let heights = tones.map(|note| height(&note.tone));
    heights.fold((127.0, 0.0), |(low, high), height| (height.min(low), height.max(high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::{Beat, Note, Pitch, Velocity};
    use proptest::prelude::*;

    fn straight(steps: usize) -> Vec<[f64; 2]> {
        (0..steps).map(|step| [step as f64 / (steps - 1) as f64, 0.0]).collect()
    }

    fn cross() -> Piece {
        let line = |points: &[[f64; 2]]| line(points, 0.01);
        Sketch::new(vec![line(&[[0.0, 0.0], [2.0, 1.0]]), line(&[[2.0, 0.0], [0.0, 1.0]])]).into()
    }

    fn scale() -> Piece {
        let note = |step: i64| Note {
            start: Beat::whole(step),
            duration: Beat::ONE,
            tone: Tone::Pitch(Pitch::new(60.0 + step as f64).expect("a pitch")),
            velocity: Velocity::DEFAULT,
        };
        Clip::new((0..4).map(note).collect(), Beat::whole(4)).expect("a clip").into()
    }

    #[test]
    fn a_click_means_the_nearest_place() {
        let chart = Chart::new(&straight(5));
        let near = |x: f32, y: f32| chart.place([x, y]).map(|place| (place * 100.0).round());
        assert_eq!(near(0.5, 0.93), Some(50.0));
        // On the piece over its point, and beyond an end.
        assert_eq!(near(0.29, 0.84), Some(25.0));
        assert_eq!(near(0.99, 0.93), Some(100.0));
        assert_eq!(near(0.5, 0.3), None);
        assert_eq!(Chart::new(&[]).place([0.5, 0.5]), None);
        assert_eq!(Chart::new(&[[0.0, 0.0]]).place([0.5, 0.5]), None);
    }

    #[test]
    fn pieces_stand_over_their_points_and_a_ring_around_one() {
        let chart = Chart::new(&straight(3));
        for (piece, lines) in [(cross(), 2), (scale(), 4)] {
            let sketch = chart.sketch(&vec![piece; 3], 1);
            // The path, three points, three pieces and a ring.
            assert_eq!(sketch.strokes().len(), 1 + 3 + 3 * lines + 1);
            let ring = sketch.strokes().last().expect("strokes");
            assert!(ring.points.iter().all(|point| (point.x - 0.5).abs() < 0.02));
            let small = &sketch.strokes()[4..4 + lines];
            assert!(small.iter().flat_map(|stroke| &stroke.points).all(|point| point.y < 0.93));
        }
    }

    #[test]
    fn of_many_pieces_some_are_shown_and_always_the_one_that_is_played() {
        let chart = Chart::new(&straight(64));
        let pieces = vec![cross(); 64];
        let shown = |here: usize| (chart.sketch(&pieces, here).strokes().len() - 1 - 64 - 1) / 2;
        assert!((6..=12).contains(&shown(0)), "{}", shown(0));
        let here = &chart.sketch(&pieces, 33);
        let [x, _] = chart.points[33];
        let over = here.strokes()[65..].iter().any(|stroke| {
            let middle: f32 =
                stroke.points.iter().map(|point| point.x).sum::<f32>() / stroke.points.len() as f32;
            stroke.points[0].y < 0.91 && (f64::from(middle) - x).abs() < 0.01
        });
        assert!(over);
    }

    proptest! {
        #[test]
        fn a_map_lies_on_the_stage(
            path in prop::collection::vec([-3.0f64..3.0, -3.0f64..3.0], 0..64),
            here in 0usize..70,
        ) {
            let chart = Chart::new(&path);
            let sketch = chart.sketch(&vec![cross(); path.len()], here);
            for point in sketch.strokes().iter().flat_map(|stroke| &stroke.points) {
                prop_assert!((-0.05..=1.05).contains(&point.x) && (0.4..=1.0).contains(&point.y), "{point:?}");
            }
        }
    }
}
