//! Draws a scene with nannou.

use lilt_canvas::{Colour, Scene, Shape, pen_pieces, text_strokes};
use lilt_score::Blend;
use nannou::lyon::math::{Box2D, Point, point};
use nannou::lyon::path::builder::BorderRadii;
use nannou::lyon::path::{Path, Winding};
use nannou::prelude::*;

/// Draws the scene in a window of its size in points.
pub fn paint(draw: &Draw, scene: &Scene) {
    let Colour { red, green, blue, .. } = scene.background;
    draw.background().color(Color::srgb_u8(red, green, blue));
    add(draw, scene);
}

/// Draws the shapes of a scene over what is drawn.
pub fn add(draw: &Draw, scene: &Scene) {
    let place = Place { left: scene.width / 2.0, top: scene.height / 2.0 };
    // One for each blend, so that neighbours of one blend are drawn in one go.
    let blended = Blend::ALL.map(|(_, blend)| equation(blend).map(|component| draw.color_blend(component)));
    for shape in &scene.shapes {
        let mixing = match shape {
            Shape::Pen { blend, .. } => *blend,
            _ => Blend::Normal,
        };
        let own = Blend::ALL.iter().position(|(_, known)| *known == mixing);
        let draw = own.and_then(|own| blended[own].as_ref()).unwrap_or(draw);
        place.paint(draw, shape);
    }
}

/// How a blend's colours are put together, given ink whose opacity is in its colour; none for the plain way.
fn equation(blend: Blend) -> Option<BlendComponent> {
    let (src_factor, dst_factor, operation) = match blend {
        Blend::Normal => return None,
        Blend::Add => (BlendFactor::One, BlendFactor::OneMinusSrc, BlendOperation::Add),
        Blend::Multiply => (BlendFactor::Dst, BlendFactor::Zero, BlendOperation::Add),
        Blend::Lighten => (BlendFactor::One, BlendFactor::One, BlendOperation::Max),
    };
    Some(BlendComponent { src_factor, dst_factor, operation })
}

/// The ink with its opacity in its colour, as [`equation`] wants it: nearer to what leaves the ground alone.
fn faded(ink: Colour, blend: Blend) -> Colour {
    match blend {
        Blend::Normal => ink,
        Blend::Add | Blend::Lighten => Colour::opaque(0).mix(ink, ink.opacity()).with_opacity(1.0),
        Blend::Multiply => Colour::opaque(0xff_ffff).mix(ink, ink.opacity()).with_opacity(1.0),
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
            Shape::Pen { points, colour, blend } => {
                let ink = faded(*colour, *blend);
                for (width, mut line) in pen_pieces(points) {
                    if let [[x, y]] = line[..] {
                        // A line as long as a hundredth of a point is a dot with its round ends.
                        line.push([x + 0.01, y]);
                    }
                    self.stroke(draw, &[line], width, ink);
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

/// The numbers of a colour as they are: the window's camera puts colours together as they are written
/// (`CompositingSpace::Srgb`), and takes what it is given for that.
fn colour(colour: Colour) -> Color {
    // Nannou's prelude has a `from` of its own.
    let share = |channel: u8| <f32 as From<u8>>::from(channel) / 255.0;
    let Colour { red, green, blue, alpha } = colour;
    let [red, green, blue, alpha] = [red, green, blue, alpha].map(share);
    Color::linear_rgba(red, green, blue, alpha)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_that_is_not_there_leaves_the_ground_alone() {
        let ink = Colour::opaque(0x4080c0);
        for (blend, none) in [(Blend::Add, 0x000000), (Blend::Lighten, 0x000000), (Blend::Multiply, 0xffffff)]
        {
            assert_eq!(faded(ink.with_opacity(0.0), blend), Colour::opaque(none), "{blend:?}");
            assert_eq!(faded(ink, blend), ink);
        }
        assert_eq!(faded(ink.with_opacity(0.5), Blend::Normal).alpha, 128);
    }
}
