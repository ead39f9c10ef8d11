//! Scalable Vector Graphics (W3C SVG 1.1): a sketch as the text of a picture.

use std::fmt::Write;

use crate::{Point, Sketch, Stroke};

/// Units of the picture to the shorter side of the canvas.
const SCALE: f32 = 1000.0;

/// A picture of `sketch`, `width` by `height` in units of the canvas' shorter side (a
/// square canvas is 1 by 1; sizes that are not above 0 count as 1). Each stroke is a group of
/// round-ended paths, a new one where the pen's width changes, in the colour of the text around it.
pub fn write(sketch: &Sketch, width: f32, height: f32) -> String {
    let size = |side: f32| decimal(if side > 0.0 && side.is_finite() { side } else { 1.0 });
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" fill=\"none\" stroke=\"currentColor\" \
         stroke-linecap=\"round\" stroke-linejoin=\"round\">\n",
        size(width),
        size(height)
    );
    for stroke in sketch.strokes() {
        svg.push_str("<g>");
        for (width, points) in runs(stroke) {
            // Writing to a String cannot fail.
            let _ = write!(svg, "<path stroke-width=\"{width}\" d=\"{}\"/>", path(points));
        }
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

/// The stretches of a stroke in which the pen's width stays the same; each begins
/// with the point that the one before ended with. A segment is as wide as the mean of its ends.
fn runs(stroke: &Stroke) -> Vec<(String, &[Point])> {
    let points = stroke.points.as_slice();
    let mut runs: Vec<(String, usize, usize)> = Vec::new();
    for (i, pair) in points.windows(2).enumerate() {
        let width = decimal((pair[0].width + pair[1].width) / 2.0);
        match runs.last_mut() {
            Some((same, _, end)) if *same == width => *end = i + 1,
            _ => runs.push((width, i, i + 1)),
        }
    }
    if let [dot] = points {
        runs.push((decimal(dot.width), 0, 0));
    }
    runs.into_iter().map(|(width, start, end)| (width, &points[start..=end])).collect()
}

/// `M` to the first point, lines to the others; a dot is a line to itself.
fn path(points: &[Point]) -> String {
    let at = |point: &Point| format!("{} {}", decimal(point.x), decimal(point.y));
    let mut path: Vec<String> = points.iter().map(at).collect();
    if let [dot] = path.as_slice() {
        path.push(dot.clone());
    }
    format!("M{}", path.join("L"))
}

/// A length in the picture's units, to the hundredth.
fn decimal(length: f32) -> String {
    let hundredths = (f64::from(length) * f64::from(SCALE) * 100.0).round();
    // Zero has no sign.
    format!("{}", hundredths / 100.0 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f32, y: f32, width: f32) -> Point {
        Point { x, y, width, time: 0.0 }
    }

    #[test]
    fn strokes_become_paths() {
        let sketch = Sketch::new(vec![
            Stroke {
                points: vec![
                    point(0.0, 0.0, 0.01),
                    point(0.5, 0.25, 0.01),
                    point(1.0, 0.123_456, 0.01),
                    point(1.0, 1.0, 0.03),
                ],
            },
            Stroke { points: vec![point(-0.5, -0.000_001, 0.004)] },
        ]);
        assert_eq!(
            write(&sketch, 1.5, 1.0),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1500 1000\" fill=\"none\" \
             stroke=\"currentColor\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n\
             <g><path stroke-width=\"10\" d=\"M0 0L500 250L1000 123.46\"/>\
             <path stroke-width=\"20\" d=\"M1000 123.46L1000 1000\"/></g>\n\
             <g><path stroke-width=\"4\" d=\"M-500 0L-500 0\"/></g>\n\
             </svg>\n"
        );
    }

    #[test]
    fn an_empty_sketch_is_an_empty_picture() {
        let svg = write(&Sketch::default(), f32::NAN, 0.0);
        assert!(svg.starts_with("<svg ") && svg.ends_with(">\n</svg>\n"), "{svg}");
        assert!(svg.contains("viewBox=\"0 0 1000 1000\""), "{svg}");
    }
}
