//! A drawing as maps of its ink: how much of each direction lies where, where strokes begin, and what came late.
//!
//! Maps of directions tell a network what blurred pixels hide, as in the descriptors that recognised sketches before
//! (histograms of oriented gradients; Eitz, Hays and Alexa 2012).

use std::f32::consts::PI;

/// Cells of each side of a map.
pub const SIDE: usize = 20;
/// Directions that are told apart, evenly over half a turn.
const DIRECTIONS: usize = 6;
/// Maps of a drawing: directions, beginnings of strokes, ink by its time.
pub const MAPS: usize = DIRECTIONS + 2;
/// Map of the beginnings of strokes.
const BEGINNINGS: usize = DIRECTIONS;
/// Map of the ink by the time at which it was drawn, 0 to 1.
const TIMES: usize = DIRECTIONS + 1;
/// Cells that stay free at each edge, so that the ink of the outermost points is spread within the map.
const MARGIN: f32 = 1.0;
/// Length of the pieces that segments are cut into, in cells.
const PIECE: f32 = 0.5;
/// Most pieces of a drawing: a line through all cells 60 times. Longer ones are cut into larger pieces.
const MOST_PIECES: f32 = 12_000.0;

/// A stroke as points, rightwards and downwards, in any unit.
pub type Line = Vec<[f32; 2]>;

/// The maps of a drawing, `[SIDE, SIDE, MAPS]` with the last axis running fastest: rows downwards, columns
/// rightwards. The drawing is centred, and its longer side fills the map. Points that are not finite are left out; a
/// drawing without points gives empty maps.
pub fn maps(lines: &[Line]) -> Vec<f32> {
    let mut maps = Maps(vec![0.0; SIDE * SIDE * MAPS]);
    let lines = placed(lines);
    let length: f32 =
        lines.iter().flat_map(|line| line.windows(2)).map(|pair| distance(pair[0], pair[1])).sum();
    let piece = PIECE.max(length / MOST_PIECES);
    let mut drawn = 0.0;
    for line in &lines {
        if let Some(&first) = line.first() {
            maps.add(first, BEGINNINGS, 1.0);
        }
        for pair in line.windows(2) {
            let [from, to] = [pair[0], pair[1]];
            let whole = distance(from, to);
            let pieces = (whole / piece).ceil().max(1.0);
            let direction = (to[1] - from[1]).atan2(to[0] - from[0]).rem_euclid(PI) / PI * DIRECTIONS as f32;
            let (below, share) = (direction.floor() as usize % DIRECTIONS, direction.fract());
            for number in 0..pieces as usize {
                let along = (number as f32 + 0.5) / pieces;
                let at = [from[0] + along * (to[0] - from[0]), from[1] + along * (to[1] - from[1])];
                let ink = whole / pieces;
                maps.add(at, below, ink * (1.0 - share));
                maps.add(at, (below + 1) % DIRECTIONS, ink * share);
                maps.add(at, TIMES, ink * (drawn + along * whole) / length.max(f32::MIN_POSITIVE));
            }
            drawn += whole;
        }
    }
    // Ink upon ink says less and less.
    maps.0.iter().map(|ink| ink.sqrt()).collect()
}

/// The strokes in cells of the map.
fn placed(lines: &[Line]) -> Vec<Line> {
    let finite = |[x, y]: &[f32; 2]| x.is_finite() && y.is_finite();
    let mut lines: Vec<Line> =
        lines.iter().map(|line| line.iter().copied().filter(finite).collect()).collect();
    let mut points = lines.iter().flatten();
    let Some(&first) = points.next() else { return Vec::new() };
    let (least, most) = points.fold((first, first), |(least, most), [x, y]| {
        ([least[0].min(*x), least[1].min(*y)], [most[0].max(*x), most[1].max(*y)])
    });
    let side = (most[0] - least[0]).max(most[1] - least[1]);
    let room = SIDE as f32 - 1.0 - 2.0 * MARGIN;
    let scale = if side > 0.0 && side.is_finite() { room / side } else { 0.0 };
    let middle = (SIDE as f32 - 1.0) / 2.0;
    for [x, y] in lines.iter_mut().flatten() {
        *x = (*x - (least[0] + most[0]) / 2.0) * scale + middle;
        *y = (*y - (least[1] + most[1]) / 2.0) * scale + middle;
    }
    lines
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

struct Maps(Vec<f32>);

impl Maps {
    /// Spreads ink over the four cells around a place.
    fn add(&mut self, [x, y]: [f32; 2], map: usize, ink: f32) {
        let last = SIDE - 1;
        let (column, row) = ((x.floor() as usize).min(last), (y.floor() as usize).min(last));
        let (right, down) = (x - column as f32, y - row as f32);
        for (row, share) in [(row, 1.0 - down), ((row + 1).min(last), down)] {
            self.0[(row * SIDE + column) * MAPS + map] += ink * share * (1.0 - right);
            self.0[(row * SIDE + (column + 1).min(last)) * MAPS + map] += ink * share * right;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn map(maps: &[f32], map: usize) -> f32 {
        maps.iter().skip(map).step_by(MAPS).sum()
    }

    #[test]
    fn a_line_is_ink_of_its_direction() {
        let across = maps(&[vec![[0.0, 5.0], [9.0, 5.0]]]);
        let down = maps(&[vec![[0.0, 0.0], [0.0, 3.0]]]);
        assert!(map(&across, 0) > 0.0 && (1..DIRECTIONS).all(|direction| map(&across, direction) == 0.0));
        assert!(map(&down, DIRECTIONS / 2) > 0.0 && map(&down, 0) < 1e-3);
        assert!((map(&across, BEGINNINGS) - 1.0).abs() < 0.5 && map(&across, TIMES) > 0.0);
    }

    #[test]
    fn odd_drawings_are_no_trouble() {
        let empty = vec![0.0; SIDE * SIDE * MAPS];
        assert_eq!(maps(&[]), empty);
        assert_eq!(maps(&[vec![], vec![[f32::NAN, 0.0]]]), empty);
        let dot = maps(&[vec![[3.0, 3.0]]]);
        assert!(map(&dot, BEGINNINGS) > 0.0 && map(&dot, 0) == 0.0);
        let far = maps(&[vec![[-3e38, 0.0], [3e38, 0.0]]]);
        assert!(far.iter().all(|ink| ink.is_finite()));
        let scribble: Line = (0..100_000).map(|n| [(n % 2) as f32, (n % 3) as f32]).collect();
        assert!(maps(&[scribble]).iter().all(|ink| ink.is_finite()));
    }

    proptest! {
        #[test]
        fn place_and_size_do_not_count(
            lines in prop::collection::vec(prop::collection::vec([-90i16..90, -90i16..90], 1..6), 1..4),
            (x, y, size) in (-500.0f32..500.0, -500.0f32..500.0, 0.5f32..20.0),
        ) {
            let of = |x: f32, y: f32, size: f32| -> Vec<Line> {
                let moved = |&[a, b]: &[i16; 2]| [x + size * f32::from(a), y + size * f32::from(b)];
                lines.iter().map(|line| line.iter().map(moved).collect()).collect()
            };
            let (here, there) = (maps(&of(0.0, 0.0, 1.0)), maps(&of(x, y, size)));
            for (a, b) in here.iter().zip(&there) {
                prop_assert!((a - b).abs() < 0.2, "{a} {b}");
            }
        }
    }
}
