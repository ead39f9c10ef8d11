//! A scene as an SVG document.

use std::fmt::Write;

use lilt_score::Blend;

use crate::glyph;
use crate::palette::Colour;
use crate::pen::{PenPiece, pen_pieces};
use crate::scene::{Scene, Shape};

/// The scene as an SVG document: the same bytes on every machine. Text is drawn by
/// strokes, and told to screen readers by labels.
pub fn svg(scene: &Scene) -> String {
    let (width, height) = (number(scene.width), number(scene.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
        scene.background.hex()
    );
    for shape in &scene.shapes {
        out.push_str(&element(shape));
        out.push('\n');
    }
    out.push_str("</svg>\n");
    out
}

fn element(shape: &Shape) -> String {
    match shape {
        Shape::Rect { area, radius, colour } => {
            let mut text = format!(
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
                number(area.x),
                number(area.y),
                number(area.width),
                number(area.height)
            );
            if *radius > 0.0 {
                text += &format!(" rx=\"{}\"", number(*radius));
            }
            text + &paint("fill", *colour) + "/>"
        }
        Shape::Line { points, width, colour } => {
            let path = path(points.iter().copied());
            format!("<path d=\"{path}\" {}/>", pen(*width, *colour))
        }
        Shape::Pen { points, colour, blend } => ink(points, *colour, *blend),
        Shape::Text { x, y, size, weight, text, colour } => {
            let strokes = glyph::text_strokes(text, *x, *y, *size);
            let paths: Vec<String> = strokes.into_iter().map(path).collect();
            let label = escaped(text);
            format!(
                "<path role=\"img\" aria-label=\"{label}\" d=\"{}\" {}/>",
                paths.join(""),
                pen(*weight, *colour)
            )
        }
    }
}

/// A pen's line, a path for each of its widths.
fn ink(points: &[[f64; 3]], colour: Colour, blend: Blend) -> String {
    let mixed = match blend {
        Blend::Normal => "",
        Blend::Add => " style=\"mix-blend-mode:screen\"",
        Blend::Multiply => " style=\"mix-blend-mode:multiply\"",
        Blend::Lighten => " style=\"mix-blend-mode:lighten\"",
    };
    let piece = |(width, line): PenPiece| match line[..] {
        [[x, y]] => {
            let (x, y, radius) = (number(x), number(y), number(width / 2.0));
            format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"{}{mixed}/>", paint("fill", colour))
        }
        _ => format!("<path d=\"{}\" {}{mixed}/>", path(line), pen(width, colour)),
    };
    pen_pieces(points).into_iter().map(piece).collect()
}

fn path(points: impl IntoIterator<Item = [f64; 2]>) -> String {
    let mut text = String::new();
    for (index, [x, y]) in points.into_iter().enumerate() {
        let command = if index == 0 { 'M' } else { 'L' };
        let _ = write!(text, "{command}{} {}", number(x), number(y));
    }
    text
}

fn pen(width: f64, colour: Colour) -> String {
    format!("{} stroke-width=\"{}\"", pen_style(colour), number(width))
}

fn pen_style(colour: Colour) -> String {
    let stroke = paint("stroke", colour);
    format!("fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\"{stroke}")
}

fn paint(property: &str, colour: Colour) -> String {
    let hex = colour.hex();
    match colour.alpha {
        255 => format!(" {property}=\"{hex}\""),
        _ => format!(" {property}=\"{hex}\" {property}-opacity=\"{}\"", number(colour.opacity())),
    }
}

/// A number in hundredths, without zeros at its end.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Area;

    #[test]
    fn numbers_are_short() {
        for (value, want) in [(1.0, "1"), (0.125, "0.12"), (-0.001, "0"), (1.5, "1.5"), (100.0, "100")] {
            assert_eq!(number(value), want);
        }
    }

    #[test]
    fn shapes_become_elements() {
        let colour = Colour::opaque(0x102030);
        let rect = Shape::Rect {
            area: Area { x: 1.0, y: 2.0, width: 3.0, height: 4.5 },
            radius: 0.0,
            colour: colour.with_opacity(0.5),
        };
        let line = Shape::Line { points: vec![[0.0, 0.0], [1.5, 2.0]], width: 1.0, colour };
        let dot = Shape::Pen { points: vec![[1.0, 2.0, 3.0]], colour, blend: Blend::Add };
        let text = Shape::Text { x: 0.0, y: 9.0, size: 9.0, weight: 1.0, text: "<I".to_owned(), colour };
        for (shape, want) in [
            (
                rect,
                "<rect x=\"1\" y=\"2\" width=\"3\" height=\"4.5\" fill=\"#102030\" fill-opacity=\"0.5\"/>",
            ),
            (
                line,
                "<path d=\"M0 0L1.5 2\" fill=\"none\" stroke-linecap=\"round\" stroke-linejoin=\"round\" \
                 stroke=\"#102030\" stroke-width=\"1\"/>",
            ),
            (dot, "<circle cx=\"1\" cy=\"2\" r=\"1.5\" fill=\"#102030\" style=\"mix-blend-mode:screen\"/>"),
            (
                text,
                "<path role=\"img\" aria-label=\"&lt;I\" d=\"M4 2L0 5L4 8M6.5 9L6.5 0\" fill=\"none\" \
                 stroke-linecap=\"round\" stroke-linejoin=\"round\" stroke=\"#102030\" stroke-width=\"1\"/>",
            ),
        ] {
            assert_eq!(element(&shape), want);
        }
    }
}
