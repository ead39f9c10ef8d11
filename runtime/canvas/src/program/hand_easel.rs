//! The hand before the canvas: what it draws now, and what it drew and the host has not shown yet.

use lilt_score::{Blend, Sketch};

use crate::hand::{Hand, HandSketch, MAX_HAND_POINTS};
use crate::palette::Colour;
use crate::scene::{Area, Scene, Shape};

/// Width of the pen, in sides of the stage.
const PEN: f64 = 0.008;
/// How long a stroke is still seen after it was sent, in seconds: until the script shows it.
const ECHO: f64 = 1.5;
/// Points nearer than this to the last are left out, in sides of the stage.
const NEAREST: f64 = 0.002;

/// Strokes of the hand.
#[derive(Debug, Default)]
pub struct HandEasel {
    /// Points `[x, y, width, time]` of the stroke that is drawn now.
    now: Option<Vec<[f32; 4]>>,
    /// Strokes that were sent, and when.
    sent: Vec<(f64, Vec<[f32; 4]>)>,
    /// All that was sent since the last wipe.
    whole: HandSketch,
}

impl HandEasel {
    /// Nothing drawn.
    pub fn new() -> HandEasel {
        HandEasel::default()
    }

    /// The pen is put down at a point of the window, at a time in seconds.
    pub fn down(&mut self, at: [f64; 2], square: Area, time: f64) {
        self.now = Some(vec![point(at, square, time)]);
    }

    /// The pen moves; a stroke that has become too long is sent, and another begun.
    pub fn moved(&mut self, at: [f64; 2], square: Area, time: f64) -> Option<Hand> {
        let points = self.now.as_mut()?;
        let next = point(at, square, time);
        let near = points
            .last()
            .is_some_and(|last| f64::from(last[0] - next[0]).hypot(f64::from(last[1] - next[1])) < NEAREST);
        if !near {
            points.push(next);
        }
        if points.len() < MAX_HAND_POINTS {
            return None;
        }
        let sent = self.up(time);
        self.now = Some(vec![next]);
        sent
    }

    /// The pen is lifted: the stroke to be sent.
    pub fn up(&mut self, time: f64) -> Option<Hand> {
        let points = self.now.take()?;
        self.sent.push((time, points.clone()));
        self.whole.take(Hand::Stroke(points.clone()));
        Some(Hand::Stroke(points))
    }

    /// Everything is wiped.
    pub fn wipe(&mut self) -> Hand {
        *self = HandEasel::default();
        Hand::Wipe
    }

    /// All that was drawn since the last wipe, but for the stroke that is drawn now.
    pub fn sketch(&self) -> Sketch {
        self.whole.sketch()
    }

    /// Forgets what is seen no more at a time. True while something is.
    pub fn is_seen(&mut self, time: f64) -> bool {
        self.sent.retain(|(at, _)| time - at < ECHO);
        self.now.is_some() || !self.sent.is_empty()
    }

    /// Puts what is seen of it at a time onto a picture.
    pub fn draw(&self, scene: &mut Scene, square: Area, time: f64) {
        let sent = self.sent.iter().filter(|(at, _)| time - at < ECHO);
        let sent = sent.map(|(at, points)| (1.0 - (time - at) / ECHO, points));
        for (left, points) in sent.chain(self.now.iter().map(|points| (1.0, points))) {
            let place = |[x, y, width, _]: &[f32; 4]| {
                let [x, y, width] = [*x, *y, *width].map(|number| f64::from(number) * square.width);
                [square.x + x, square.y + y, width.max(1.0)]
            };
            let colour = Colour::PLAYHEAD.with_opacity(0.85 * left);
            let points = points.iter().map(place).collect();
            scene.shapes.push(Shape::Pen { points, colour, blend: Blend::Normal });
        }
    }
}

fn point([x, y]: [f64; 2], square: Area, time: f64) -> [f32; 4] {
    let [x, y] = [(x - square.x) / square.width, (y - square.y) / square.width];
    [x as f32, y as f32, PEN as f32, time as f32]
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQUARE: Area = Area { x: 100.0, y: 0.0, width: 200.0, height: 200.0 };

    #[test]
    fn a_stroke_is_sent_when_the_pen_is_lifted_and_fades() {
        let mut easel = HandEasel::new();
        assert_eq!(easel.moved([150.0, 50.0], SQUARE, 0.0), None);
        easel.down([200.0, 100.0], SQUARE, 1.0);
        easel.moved([200.1, 100.0], SQUARE, 1.1);
        easel.moved([300.0, 200.0], SQUARE, 1.5);
        let width = PEN as f32;
        let want = Hand::Stroke(vec![[0.5, 0.5, width, 1.0], [1.0, 1.0, width, 1.5]]);
        assert_eq!(easel.sketch().points(), 0);
        assert_eq!(easel.up(2.0), Some(want));
        assert_eq!(easel.up(2.0), None);
        assert_eq!((easel.sketch().strokes().len(), easel.sketch().points()), (1, 2));
        let opacity = |easel: &HandEasel, time: f64| {
            let mut scene = crate::scene(&crate::Frame::default(), 640, 360);
            let before = scene.shapes.len();
            easel.draw(&mut scene, SQUARE, time);
            scene.shapes[before..].iter().find_map(|shape| match shape {
                Shape::Pen { colour, .. } => Some(colour.alpha),
                _ => None,
            })
        };
        assert!(opacity(&easel, 2.0) > opacity(&easel, 3.0));
        assert_eq!(opacity(&easel, 2.0 + ECHO), None);
        assert!(easel.is_seen(3.0) && !easel.is_seen(2.0 + ECHO));
    }

    #[test]
    fn a_stroke_without_end_is_sent_in_parts_and_a_wipe_forgets_all() {
        let mut easel = HandEasel::new();
        easel.down([100.0, 0.0], SQUARE, 0.0);
        let moves = (0..MAX_HAND_POINTS).map(|i| [100.0 + (i % 7) as f64 * 20.0, 50.0]);
        let sent: Vec<Hand> = moves.filter_map(|at| easel.moved(at, SQUARE, 1.0)).collect();
        assert_eq!(sent.len(), 1);
        assert!(easel.is_seen(2.0));
        assert_eq!((easel.wipe(), easel.is_seen(2.0)), (Hand::Wipe, false));
        assert_eq!(easel.sketch(), Sketch::default());
    }
}
