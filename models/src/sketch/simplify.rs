//! The way from raw drawings to simple ones that Quick, Draw! went: aligned to 0, scaled to 255, resampled at one
//! pixel, and simplified after Ramer, Douglas and Peucker with a tolerance of two pixels
//! (github.com/googlecreativelab/quickdraw-dataset, "Simplified Drawing files").

use super::moves::Line;

/// The longer side of a simple drawing, in pixels.
pub const SIDE: f32 = 255.0;
/// How far a left-out point may lie from what is left, in pixels.
pub const TOLERANCE: f32 = 2.0;
/// Most points that one stroke is resampled to: a stroke of more is a scribble of 80 times across.
const MOST_SAMPLES: usize = 20_000;

/// A raw drawing made simple, in whole pixels of 0 to 255. Points that are not finite and strokes without points are
/// left out.
pub fn simplified(lines: &[Line]) -> Vec<Line> {
    let finite = |line: &Line| -> Line {
        line.iter().copied().filter(|[x, y]| x.is_finite() && y.is_finite()).collect()
    };
    let mut lines: Vec<Line> = lines.iter().map(finite).filter(|line| !line.is_empty()).collect();
    let Some((least, most)) = bounds(&lines) else { return Vec::new() };
    let side = (most[0] - least[0]).max(most[1] - least[1]);
    let scale = if side > 0.0 { SIDE / side } else { 1.0 };
    for [x, y] in lines.iter_mut().flatten() {
        *x = (*x - least[0]) * scale;
        *y = (*y - least[1]) * scale;
    }
    lines.iter().map(|line| simplified_line(line)).collect()
}

/// A line in pixels, resampled at one pixel, with only the points that it needs, each rounded to whole pixels.
pub fn simplified_line(line: &[[f32; 2]]) -> Line {
    let mut simple = with_tolerance(&resampled(line), TOLERANCE);
    for [x, y] in &mut simple {
        (*x, *y) = (x.round(), y.round());
    }
    simple
}

/// The least and the greatest coordinates; none where there is no point.
pub fn bounds(lines: &[Line]) -> Option<([f32; 2], [f32; 2])> {
    let mut points = lines.iter().flatten();
    let first = *points.next()?;
    Some(points.fold((first, first), |(least, most), [x, y]| {
        ([least[0].min(*x), least[1].min(*y)], [most[0].max(*x), most[1].max(*y)])
    }))
}

/// Points one pixel apart along a line, and its last point.
fn resampled(line: &[[f32; 2]]) -> Line {
    let (Some(&first), Some(&last)) = (line.first(), line.last()) else { return Line::new() };
    let mut samples = vec![first];
    let mut to_go = 1.0;
    for pair in line.windows(2) {
        let [from, to] = [pair[0], pair[1]];
        let length = distance(from, to);
        let mut done = 0.0;
        while length - done >= to_go && samples.len() < MOST_SAMPLES {
            done += to_go;
            to_go = 1.0;
            let share = done / length;
            samples.push([from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]);
        }
        to_go -= length - done;
    }
    samples.push(last);
    samples
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The points that are needed so that none of the others lies farther than `tolerance` from the line through them.
pub fn with_tolerance(line: &[[f32; 2]], tolerance: f32) -> Line {
    line.iter().zip(needed(line, tolerance)).filter_map(|(point, needed)| needed.then_some(*point)).collect()
}

/// Which points are needed so that none of the others lies farther than `tolerance` from the line through them
/// (Ramer 1972, Douglas and Peucker 1973); both ends are.
pub fn needed(line: &[[f32; 2]], tolerance: f32) -> Vec<bool> {
    let mut kept = vec![false; line.len()];
    let Some(last) = line.len().checked_sub(1) else { return kept };
    (kept[0], kept[last]) = (true, true);
    // Spans wait on a stack of their own: a hand can draw a line on which calls would go too deep.
    let mut spans = vec![(0, last)];
    while let Some((from, to)) = spans.pop() {
        let farthest = (from + 1..to)
            .map(|at| (at, from_segment(line[at], line[from], line[to])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((at, far)) = farthest
            && far > tolerance
        {
            kept[at] = true;
            spans.extend([(from, at), (at, to)]);
        }
    }
    kept
}

/// How far a point lies from a segment.
fn from_segment(point: [f32; 2], from: [f32; 2], to: [f32; 2]) -> f32 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    if length == 0.0 {
        return distance(point, from);
    }
    let share = ((point[0] - from[0]) * along[0] + (point[1] - from[1]) * along[1]) / length;
    let share = share.clamp(0.0, 1.0);
    distance(point, [from[0] + share * along[0], from[1] + share * along[1]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_straight_line_keeps_its_ends_and_a_corner_its_corner() {
        let corner = [vec![[10.0, 10.0], [11.0, 10.0], [20.0, 10.0], [20.0, 15.0]]];
        assert_eq!(simplified(&corner), [vec![[0.0, 0.0], [255.0, 0.0], [255.0, 128.0]]]);
        let dot = [vec![[7.0, 7.0]], vec![[f32::NAN, 0.0]]];
        assert_eq!(simplified(&dot), [vec![[0.0, 0.0], [0.0, 0.0]]]);
        assert!(simplified(&[]).is_empty());
    }

    #[test]
    fn a_hundred_thousand_points_are_no_trouble() {
        let spiral: Line =
            (0..100_000).map(|n| n as f32 / 400.0).map(|t| [t * t.cos(), t * t.sin()]).collect();
        let simple = simplified(&[spiral]);
        assert!((50..6_000).contains(&simple[0].len()), "{}", simple[0].len());
    }

    proptest! {
        #[test]
        fn what_is_left_out_lies_near(line in prop::collection::vec([0.0f32..255.0, 0.0f32..255.0], 1..40)) {
            let simple = with_tolerance(&line, 2.0);
            prop_assert_eq!((simple.first(), simple.last()), (line.first(), line.last()));
            for point in &line {
                let near = simple.windows(2).any(|ends| from_segment(*point, ends[0], ends[1]) <= 2.001);
                prop_assert!(near || simple.contains(point));
            }
        }
    }
}
