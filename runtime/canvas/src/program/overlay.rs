//! What the window says itself, over the picture: where it records, and how it keeps up. Recordings do not show it.

use crate::glyph::text_width;
use crate::palette::Colour;
use crate::scene::{Area, Scene, Shape};

/// How long a notice is read, in seconds.
const READ: f64 = 5.0;

/// Lines over the picture.
#[derive(Debug, Default)]
pub struct Overlay {
    /// The newest notice, and until when it is seen, in seconds since the window opened.
    notice: Option<(f64, String)>,
}

impl Overlay {
    /// Says a line at a time.
    pub fn say(&mut self, line: String, time: f64) {
        self.notice = Some((time + READ, line));
    }

    /// Forgets what has been read. True while something is said.
    pub fn is_seen(&mut self, time: f64) -> bool {
        self.notice.take_if(|(until, _)| *until <= time);
        self.notice.is_some()
    }

    /// Puts what is said onto a picture, and a red dot while it is recorded; `stats` below it.
    pub fn draw(&self, scene: &mut Scene, recording: bool, stats: Option<&str>) {
        let u = (scene.width / 1280.0).min(scene.height / 720.0).max(0.5);
        let lines = self.notice.iter().map(|(_, line)| line.as_str()).chain(stats);
        let mut top = 12.0 * u;
        if recording {
            let area = Area { x: 12.0 * u, y: top, width: 14.0 * u, height: 14.0 * u };
            push(scene, Shape::Rect { area, radius: 7.0 * u, colour: Colour::SURPRISE });
            top += 24.0 * u;
        }
        for line in lines {
            let size = 9.0 * u;
            let area = Area {
                x: 12.0 * u,
                y: top,
                width: text_width(line, size) + 16.0 * u,
                height: size + 14.0 * u,
            };
            let colour = Colour::BACKGROUND.with_opacity(0.75);
            push(scene, Shape::Rect { area, radius: 4.0 * u, colour });
            let (x, y) = (area.x + 8.0 * u, area.y + size + 6.5 * u);
            let text = line.to_owned();
            push(scene, Shape::Text { x, y, size, weight: 0.13 * size, text, colour: Colour::TEXT });
            top += area.height + 4.0 * u;
        }
    }
}

/// Adds a shape; one that begins outside is left out.
fn push(scene: &mut Scene, shape: Shape) {
    let bounds = shape.bounds();
    if bounds.x < scene.width && bounds.bottom() < scene.height {
        scene.shapes.push(shape);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;

    fn texts(overlay: &Overlay, recording: bool, stats: Option<&str>) -> (usize, Vec<String>) {
        let mut scene = crate::scene(&Frame { show: crate::Show::Stage, ..Frame::default() }, 640, 360);
        overlay.draw(&mut scene, recording, stats);
        let text = |shape: &Shape| match shape {
            Shape::Text { text, .. } => Some(text.clone()),
            _ => None,
        };
        (scene.shapes.len(), scene.shapes.iter().filter_map(text).collect())
    }

    #[test]
    fn a_notice_is_seen_for_a_while_and_statistics_as_long_as_they_are_wanted() {
        let mut overlay = Overlay::default();
        assert_eq!(texts(&overlay, false, None), (0, vec![]));
        assert_eq!(texts(&overlay, true, None), (1, vec![]));
        overlay.say("recording".to_owned(), 10.0);
        assert!(overlay.is_seen(14.9));
        assert_eq!(texts(&overlay, true, Some("30")), (5, vec!["recording".to_owned(), "30".to_owned()]));
        assert!(!overlay.is_seen(15.0));
        assert_eq!(texts(&overlay, false, Some("30")), (2, vec!["30".to_owned()]));
    }
}
