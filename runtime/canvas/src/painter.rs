//! Draws a scene with nannou.

use std::collections::BTreeMap;

use lilt_canvas::{Colour, Scene, Shape, text_strokes};
use nannou::lyon::math::{Box2D, Point, point};
use nannou::lyon::path::builder::BorderRadii;
use nannou::lyon::path::{Path, Winding};
use nannou::prelude::*;

/// Draws the scene in a window of its size in points.
pub fn paint(draw: &Draw, scene: &Scene) {
    draw.background().color(colour(scene.background));
    let place = Place { left: scene.width / 2.0, top: scene.height / 2.0 };
    for shape in &scene.shapes {
        place.paint(draw, shape);
    }
}

/// Where a scene's points lie in nannou's plane, whose origin is the middle of the
/// window and whose y goes upwards.
struct Place {
    left: f64,
    top: f64,
}

impl Place {
    fn point(&self, x: f64, y: f64) -> Point {
        point((x - self.left) as f32, (self.top - y) as f32)
    }

    fn paint(&self, draw: &Draw, shape: &Shape) {
        match shape {
            Shape::Rect { area, radius, colour: fill } => {
                let corners = Box2D::new(self.point(area.x, area.bottom()), self.point(area.right(), area.y));
                let mut path = Path::builder();
                if *radius > 0.0 {
                    let radii = BorderRadii::new(*radius as f32);
                    path.add_rounded_rectangle(&corners, &radii, Winding::Positive);
                } else {
                    path.add_rectangle(&corners, Winding::Positive);
                }
                draw.path().fill().color(colour(*fill)).events(path.build().iter());
            }
            Shape::Line { points, width, colour } => {
                self.stroke(draw, std::slice::from_ref(points), *width, *colour);
            }
            Shape::Pen { points, colour } => {
                for (width, pieces) in pieces(points) {
                    self.stroke(draw, &pieces, width, *colour);
                }
            }
            Shape::Text { x, y, size, weight, text, colour } => {
                self.stroke(draw, &text_strokes(text, *x, *y, *size), *weight, *colour);
            }
        }
    }

    /// Strokes some polylines with one pen.
    fn stroke(&self, draw: &Draw, lines: &[Vec<[f64; 2]>], width: f64, ink: Colour) {
        let mut path = Path::builder();
        for line in lines {
            let mut points = line.iter().map(|[x, y]| self.point(*x, *y));
            let Some(first) = points.next() else { continue };
            path.begin(first);
            for next in points {
                path.line_to(next);
            }
            path.end(false);
        }
        draw.path()
            .stroke()
            .weight(width as f32)
            .caps_round()
            .join_round()
            .color(colour(ink))
            .events(path.build().iter());
    }
}

/// A pen's line as pieces of one width each, gathered by width to the quarter of a
/// point, so that a drawing of a thousand points is a handful of shapes.
fn pieces(points: &[[f64; 3]]) -> Vec<(f64, Vec<Vec<[f64; 2]>>)> {
    let mut by_width: BTreeMap<i64, Vec<Vec<[f64; 2]>>> = BTreeMap::new();
    let mut add = |width: f64, piece: Vec<[f64; 2]>| {
        by_width.entry(((width * 4.0).round() as i64).max(1)).or_default().push(piece);
    };
    if let [[x, y, width]] = points {
        // A line as long as a hundredth of a point is a dot with its round ends.
        add(*width, vec![[*x, *y], [*x + 0.01, *y]]);
    }
    for pair in points.windows(2) {
        let [[x, y, from], [right, bottom, to]] = [pair[0], pair[1]];
        add((from + to) / 2.0, vec![[x, y], [right, bottom]]);
    }
    by_width.into_iter().map(|(quarters, lines)| (quarters as f64 / 4.0, lines)).collect()
}

fn colour(colour: Colour) -> Color {
    Color::srgba_u8(colour.red, colour.green, colour.blue, colour.alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pens_line_is_gathered_by_width() {
        let points = [[0.0, 0.0, 2.0], [1.0, 0.0, 2.0], [2.0, 0.0, 2.1], [3.0, 0.0, 6.0]];
        let widths: Vec<(f64, usize)> =
            pieces(&points).into_iter().map(|(width, lines)| (width, lines.len())).collect();
        assert_eq!(widths, [(2.0, 2), (4.0, 1)]);
        assert_eq!(pieces(&points[..1]), [(2.0, vec![vec![[0.0, 0.0], [0.01, 0.0]]])]);
        assert_eq!(pieces(&[]), []);
    }
}
