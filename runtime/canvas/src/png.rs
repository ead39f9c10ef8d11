//! A scene as pixels and as a PNG image, with no display.

use lilt_score::Blend;
use tiny_skia::{
    BlendMode, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};

use crate::glyph;
use crate::palette::Colour;
use crate::pen::pen_pieces;
use crate::scene::{Area, Scene, Shape};

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The picture is too large to be held in memory.
    #[error("a picture of {0} by {1} pixels is too large; ask for at most 16384 by 16384")]
    TooLarge(u32, u32),
    /// The image could not be encoded.
    #[error("the picture could not be written as PNG: {0}")]
    Encode(String),
}

/// The scene as the bytes of a PNG file, one pixel a pixel.
///
/// # Errors
/// [`PngError`] says whether it was too large or not encoded.
pub fn png(scene: &Scene) -> Result<Vec<u8>, PngError> {
    painted(scene)?.encode_png().map_err(|error| PngError::Encode(error.to_string()))
}

/// The scene as pixels of red, green, blue and 255, row by row from the top.
///
/// # Errors
/// [`PngError::TooLarge`].
pub fn rgba(scene: &Scene) -> Result<Vec<u8>, PngError> {
    // The ground is opaque, so no pixel is multiplied by less than 1.
    Ok(painted(scene)?.take())
}

fn painted(scene: &Scene) -> Result<Pixmap, PngError> {
    let (width, height) = (scene.width as u32, scene.height as u32);
    let mut pixels = Pixmap::new(width, height).ok_or(PngError::TooLarge(width, height))?;
    pixels.fill(tiny_skia::Color::from(Ink(scene.background)));
    for shape in &scene.shapes {
        paint(&mut pixels, shape);
    }
    Ok(pixels)
}

struct Ink(Colour);

impl From<Ink> for tiny_skia::Color {
    fn from(Ink(Colour { red, green, blue, alpha }): Ink) -> tiny_skia::Color {
        tiny_skia::Color::from_rgba8(red, green, blue, alpha)
    }
}

fn ink(colour: Colour, blend: Blend) -> Paint<'static> {
    let blend_mode = match blend {
        Blend::Normal => BlendMode::SourceOver,
        Blend::Add => BlendMode::Screen,
        Blend::Multiply => BlendMode::Multiply,
        Blend::Lighten => BlendMode::Lighten,
    };
    let mut paint = Paint { anti_alias: true, blend_mode, ..Paint::default() };
    paint.set_color(Ink(colour).into());
    paint
}

fn paint(pixels: &mut Pixmap, shape: &Shape) {
    match shape {
        Shape::Rect { area, radius, colour } => {
            if let Some(path) = rectangle(*area, *radius) {
                fill(pixels, &path, &ink(*colour, Blend::Normal));
            }
        }
        Shape::Line { points, width, colour } => {
            stroke(pixels, std::slice::from_ref(points), *width, &ink(*colour, Blend::Normal));
        }
        Shape::Pen { points, colour, blend } => {
            let ink = ink(*colour, *blend);
            for (width, line) in pen_pieces(points) {
                match line[..] {
                    [[x, y]] => {
                        if let Some(dot) = PathBuilder::from_circle(x as f32, y as f32, width as f32 / 2.0) {
                            fill(pixels, &dot, &ink);
                        }
                    }
                    _ => stroke(pixels, &[line], width, &ink),
                }
            }
        }
        Shape::Text { x, y, size, weight, text, colour } => {
            let lines = glyph::text_strokes(text, *x, *y, *size);
            stroke(pixels, &lines, *weight, &ink(*colour, Blend::Normal));
        }
    }
}

fn fill(pixels: &mut Pixmap, path: &Path, ink: &Paint) {
    pixels.fill_path(path, ink, FillRule::Winding, Transform::identity(), None);
}

/// Strokes polylines with one pen, as one shape: where they meet nothing is painted twice.
fn stroke(pixels: &mut Pixmap, lines: &[Vec<[f64; 2]>], width: f64, ink: &Paint) {
    let mut path = PathBuilder::new();
    for line in lines {
        let mut points = line.iter().map(|[x, y]| (*x as f32, *y as f32));
        let Some((x, y)) = points.next() else { continue };
        path.move_to(x, y);
        points.for_each(|(x, y)| path.line_to(x, y));
    }
    let pen = Stroke {
        width: width as f32,
        line_cap: LineCap::Round,
        line_join: LineJoin::Round,
        ..Stroke::default()
    };
    if let Some(path) = path.finish() {
        pixels.stroke_path(&path, ink, &pen, Transform::identity(), None);
    }
}

/// How far the handles of a cubic curve lie from the ends of a quarter of a circle, in its radius.
const QUARTER: f32 = 0.552_285;

fn rectangle(area: Area, radius: f64) -> Option<Path> {
    let Area { x, y, width, height } = area;
    let rect = Rect::from_xywh(x as f32, y as f32, width as f32, height as f32)?;
    let r = radius as f32;
    if r <= 0.0 {
        return Some(PathBuilder::from_rect(rect));
    }
    let (left, top, right, bottom) = (rect.left(), rect.top(), rect.right(), rect.bottom());
    let k = r * (1.0 - QUARTER);
    let mut path = PathBuilder::new();
    path.move_to(left + r, top);
    path.line_to(right - r, top);
    path.cubic_to(right - k, top, right, top + k, right, top + r);
    path.line_to(right, bottom - r);
    path.cubic_to(right, bottom - k, right - k, bottom, right - r, bottom);
    path.line_to(left + r, bottom);
    path.cubic_to(left + k, bottom, left, bottom - k, left, bottom - r);
    path.line_to(left, top + r);
    path.cubic_to(left, top + k, left + k, top, left + r, top);
    path.close();
    path.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    #[test]
    fn the_image_has_the_size_and_the_ground_of_the_scene() {
        let bytes = png(&crate::scene(&Frame::default(), 320, 180)).expect("a small picture");
        let image = Pixmap::decode_png(&bytes).expect("it was encoded above");
        assert_eq!((image.width(), image.height()), (320, 180));
        let corner = image.pixel(0, 0).expect("it has a corner").demultiply();
        let ground = Colour::BACKGROUND;
        assert_eq!(
            (corner.red(), corner.green(), corner.blue(), corner.alpha()),
            (ground.red, ground.green, ground.blue, 255)
        );
    }

    #[test]
    fn light_adds_up_and_never_burns_out() {
        let area = Area { x: 0.0, y: 0.0, width: 20.0, height: 20.0 };
        let line = |blend| Shape::Pen {
            points: vec![[0.0, 10.0, 12.0], [20.0, 10.0, 12.0]],
            colour: Colour::opaque(0x80ff00),
            blend,
        };
        let ground = Shape::Rect { area, radius: 0.0, colour: Colour::opaque(0x804020) };
        let seen = |blend| {
            let shapes = vec![ground.clone(), line(blend)];
            let scene = Scene { width: 20.0, height: 20.0, background: Colour::BACKGROUND, shapes };
            let pixels = rgba(&scene).expect("a small picture");
            let at = 4 * (10 * 20 + 10);
            [pixels[at], pixels[at + 1], pixels[at + 2]]
        };
        // screen: 1 - (1 - a)(1 - b); multiply: a b; lighten: the larger of the two.
        for (blend, want) in [
            (Blend::Normal, [0x80, 0xff, 0x00]),
            (Blend::Add, [0xc0, 0xff, 0x20]),
            (Blend::Multiply, [0x40, 0x40, 0x00]),
            (Blend::Lighten, [0x80, 0xff, 0x20]),
        ] {
            let seen = seen(blend);
            assert!(seen.iter().zip(want).all(|(a, b): (&u8, u8)| a.abs_diff(b) <= 1), "{blend:?}: {seen:?}");
        }
    }
}
