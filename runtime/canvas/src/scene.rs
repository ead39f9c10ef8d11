//! A picture as a list of shapes, back to front: what SVG, PNG and the window draw.

use lilt_score::Blend;

use crate::glyph;
use crate::palette::Colour;

/// A picture: shapes from back to front on a plain ground, in pixels, x rightwards
/// and y downwards from the top left corner. Every shape lies inside, but lines of pens may run over the edge.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// Colour of the ground.
    pub background: Colour,
    /// What is drawn on it, back to front.
    pub shapes: Vec<Shape>,
}

/// One shape of a [`Scene`].
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A filled rectangle.
    Rect {
        /// Where.
        area: Area,
        /// Radius of its corners, at most half its shorter side.
        radius: f64,
        /// Filled with.
        colour: Colour,
    },
    /// A line through points, with round ends and joins.
    Line {
        /// At least two points.
        points: Vec<[f64; 2]>,
        /// Its width.
        width: f64,
        /// Its colour.
        colour: Colour,
    },
    /// A line of a pen that presses harder and softer, with round ends and joins. See [`crate::pen_pieces`].
    Pen {
        /// At least one point, `[x, y, width]`.
        points: Vec<[f64; 3]>,
        /// Its colour.
        colour: Colour,
        /// How it meets what lies under it.
        blend: Blend,
    },
    /// A line of text, in the letters of `glyph.rs`.
    Text {
        /// Left end of its baseline.
        x: f64,
        /// Its baseline.
        y: f64,
        /// Height of a capital.
        size: f64,
        /// Width of the pen.
        weight: f64,
        /// What it says.
        text: String,
        /// Its colour.
        colour: Colour,
    },
}

impl Shape {
    /// The smallest area around the shape, the width of its lines included.
    pub fn bounds(&self) -> Area {
        let around = |points: &mut dyn Iterator<Item = [f64; 3]>| {
            let mut corners = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
            for [x, y, width] in points {
                let half = width / 2.0;
                corners[0] = corners[0].min(x - half);
                corners[1] = corners[1].min(y - half);
                corners[2] = corners[2].max(x + half);
                corners[3] = corners[3].max(y + half);
            }
            let [x, y, right, bottom] = corners;
            Area { x, y, width: right - x, height: bottom - y }
        };
        match self {
            Shape::Rect { area, .. } => *area,
            Shape::Line { points, width, .. } => around(&mut points.iter().map(|[x, y]| [*x, *y, *width])),
            Shape::Pen { points, .. } => around(&mut points.iter().copied()),
            Shape::Text { x, y, size, weight, text, .. } => {
                let strokes = glyph::text_strokes(text, *x, *y, *size);
                around(&mut strokes.iter().flatten().map(|[x, y]| [*x, *y, *weight]))
            }
        }
    }
}

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Area {
    /// The right edge.
    pub fn right(self) -> f64 {
        self.x + self.width
    }

    /// The lower edge.
    pub fn bottom(self) -> f64 {
        self.y + self.height
    }

    /// Smaller by `margin` on each side; never smaller than nothing.
    pub fn inset(self, margin: f64) -> Area {
        let x = margin.min(self.width / 2.0);
        let y = margin.min(self.height / 2.0);
        Area { x: self.x + x, y: self.y + y, width: self.width - 2.0 * x, height: self.height - 2.0 * y }
    }

    /// The part of it that lies in `other`, if any.
    pub fn intersection(self, other: Area) -> Option<Area> {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let width = self.right().min(other.right()) - x;
        let height = self.bottom().min(other.bottom()) - y;
        (width > 0.0 && height > 0.0).then_some(Area { x, y, width, height })
    }

    /// True for a point inside, its edges included.
    pub fn contains(self, [x, y]: [f64; 2]) -> bool {
        (self.x..=self.right()).contains(&x) && (self.y..=self.bottom()).contains(&y)
    }

    /// The largest square in its middle.
    pub fn square(self) -> Area {
        let side = self.width.min(self.height);
        let (x, y) = (self.x + (self.width - side) / 2.0, self.y + (self.height - side) / 2.0);
        Area { x, y, width: side, height: side }
    }

    /// The point of it nearest to this one.
    fn nearest(self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x.max(self.x).min(self.right()), y.max(self.y).min(self.bottom())]
    }
}

/// Where a text stands relative to its given x.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    /// It begins there.
    Left,
    /// Its middle is there.
    Middle,
    /// It ends there.
    Right,
}

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lettering {
    /// Height of a capital in pixels.
    pub size: f64,
    /// True for a heavier pen.
    pub bold: bool,
    /// Its colour.
    pub colour: Colour,
}

/// Collects shapes and clips each to the area it may fill, so that a scene is
/// inside its picture whatever the frame says.
pub(crate) struct Sheet {
    scene: Scene,
}

impl Sheet {
    pub fn new(width: f64, height: f64, background: Colour) -> Sheet {
        Sheet { scene: Scene { width, height, background, shapes: Vec::new() } }
    }

    pub fn finish(self) -> Scene {
        self.scene
    }

    /// The whole picture.
    pub fn area(&self) -> Area {
        Area { x: 0.0, y: 0.0, width: self.scene.width, height: self.scene.height }
    }

    /// Fills the part of `area` that lies in `clip`; nothing if a number of it is none.
    pub fn rect(&mut self, area: Area, clip: Area, radius: f64, colour: Colour) {
        if [area.x, area.y, area.width, area.height].iter().any(|number| number.is_nan()) {
            return;
        }
        let Some(area) = area.intersection(clip).and_then(|area| area.intersection(self.area())) else {
            return;
        };
        let radius = radius.min(area.width / 2.0).min(area.height / 2.0).max(0.0);
        self.scene.shapes.push(Shape::Rect { area, radius, colour });
    }

    /// A line; points outside `clip` are pulled to its edge.
    pub fn line(&mut self, points: &[[f64; 2]], clip: Area, width: f64, colour: Colour) {
        let Some(inside) = self.room(clip, width) else { return };
        let points: Vec<_> = points.iter().map(|point| inside.nearest(*point)).collect();
        if points.len() >= 2 {
            self.scene.shapes.push(Shape::Line { points, width, colour });
        }
    }

    /// A pen's line as it is; its caller has left out what lies far outside.
    pub fn ink(&mut self, points: Vec<[f64; 3]>, colour: Colour, blend: Blend) {
        if !points.is_empty() && colour.alpha > 0 {
            self.scene.shapes.push(Shape::Pen { points, colour, blend });
        }
    }

    /// A line of text with its baseline at `y`, cut to the room it has in `clip`.
    /// Gives the width it took, 0 where it had no room.
    pub fn text(&mut self, text: &str, at: (f64, f64, Align), clip: Area, letters: Lettering) -> f64 {
        let (x, y, align) = at;
        let weight = letters.size * if letters.bold { 0.155 } else { 0.11 };
        let half = weight / 2.0;
        let Some(clip) = clip.intersection(self.area()) else { return 0.0 };
        // Brackets rise a tenth over capitals, descenders hang a third below the line.
        let fits =
            y - letters.size * 1.12 - half >= clip.y && y + letters.size * 0.34 + half <= clip.bottom();
        let room = match align {
            Align::Left => clip.right() - x,
            Align::Middle => 2.0 * (x - clip.x).min(clip.right() - x),
            Align::Right => x - clip.x,
        };
        let text = glyph::fitted(text, letters.size, room - weight);
        if !fits || text.trim().is_empty() {
            return 0.0;
        }
        let width = glyph::text_width(&text, letters.size);
        let left = match align {
            Align::Left => x + half,
            Align::Middle => x - width / 2.0,
            Align::Right => x - width - half,
        };
        if left - half < clip.x {
            return 0.0;
        }
        let Lettering { size, colour, .. } = letters;
        self.scene.shapes.push(Shape::Text { x: left, y, size, weight, text, colour });
        width + weight
    }

    /// Where the middle of a line of this width may be.
    fn room(&self, clip: Area, width: f64) -> Option<Area> {
        let clip = clip.intersection(self.area())?;
        (width > 0.0 && width <= clip.width && width <= clip.height).then(|| clip.inset(width / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLIP: Area = Area { x: 10.0, y: 10.0, width: 80.0, height: 30.0 };

    #[test]
    fn shapes_are_clipped() {
        let mut sheet = Sheet::new(100.0, 50.0, Colour::BACKGROUND);
        let wide = Area { x: -50.0, y: 20.0, width: 500.0, height: 500.0 };
        sheet.rect(wide, CLIP, 99.0, Colour::TEXT);
        sheet.rect(Area { x: f64::NAN, ..wide }, CLIP, 0.0, Colour::TEXT);
        sheet.rect(Area { x: 200.0, ..wide }, CLIP, 0.0, Colour::TEXT);
        sheet.line(&[[-9.0, 20.0], [999.0, 25.0]], CLIP, 2.0, Colour::TEXT);
        sheet.line(&[[20.0, 20.0]], CLIP, 2.0, Colour::TEXT);
        sheet.line(&[[20.0, 20.0], [30.0, 20.0]], CLIP, 200.0, Colour::TEXT);
        let colour = Colour::TEXT;
        assert_eq!(
            sheet.finish().shapes,
            [
                Shape::Rect {
                    area: Area { x: 10.0, y: 20.0, width: 80.0, height: 20.0 },
                    radius: 10.0,
                    colour
                },
                Shape::Line { points: vec![[11.0, 20.0], [89.0, 25.0]], width: 2.0, colour },
            ]
        );
    }

    #[test]
    fn text_keeps_to_its_clip_whatever_its_side() {
        let letters = Lettering { size: 8.0, bold: true, colour: Colour::TEXT };
        for (align, x) in [(Align::Left, 12.0), (Align::Middle, 50.0), (Align::Right, 88.0)] {
            for text in ["a name", "a name that is far too long for this", "(jgq)"] {
                let mut sheet = Sheet::new(100.0, 50.0, Colour::BACKGROUND);
                assert!(sheet.text(text, (x, 25.0, align), CLIP, letters) > 0.0, "{text}");
                let bounds = sheet.scene.shapes[0].bounds();
                let inside = bounds.intersection(CLIP).expect("it is drawn inside");
                assert!((bounds.width - inside.width).abs() < 1e-9, "{text}: {bounds:?}");
                assert!((bounds.height - inside.height).abs() < 1e-9, "{text}: {bounds:?}");
            }
        }
        let mut sheet = Sheet::new(100.0, 50.0, Colour::BACKGROUND);
        assert_eq!(sheet.text("too high", (20.0, 12.0, Align::Left), CLIP, letters), 0.0);
        assert_eq!(sheet.scene.shapes, []);
    }
}
