//! What a hand draws on the canvas, on its way back to the host: one JSON object a line.

use lilt_score::{Point, Sketch, Stroke};
use serde::{Deserialize, Serialize};

/// What a hand did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hand {
    /// It drew a stroke: points `[x, y, width, time]`, in the units of sketches, time in seconds since the canvas
    /// was opened.
    Stroke(Vec<[f32; 4]>),
    /// It wiped the canvas.
    Wipe,
    /// A key of the keyboard went down or came up that is one of a piano, while the script listens to those.
    Key {
        /// Its letter, as it is written on an American keyboard.
        letter: char,
        /// True where it went down.
        down: bool,
    },
}

/// Longest line that [`Hand::from_line`] reads, in bytes.
pub const MAX_HAND_LINE: usize = 1 << 20;
/// Most points of a stroke; what is drawn without lifting the pen after them is another stroke.
pub const MAX_HAND_POINTS: usize = 4_096;

/// Most strokes that are kept of what was drawn; the oldest are forgotten.
const MOST_STROKES: usize = 256;
/// Most places that are kept at which the pen was put down.
const MOST_CLICKS: usize = 64;
/// Most points of all of them.
const MOST_POINTS: usize = 20_000;
/// Longest pause between two strokes that is kept, in seconds.
const LONGEST_PAUSE: f32 = 1.0;
/// How far outside the stage a hand can draw, in its units.
const FARTHEST: f32 = 8.0;

impl Hand {
    /// As one line of JSON without the line's end.
    pub fn to_line(&self) -> String {
        serde_json::to_string(self).expect("a list of numbers can always be written")
    }

    /// Reads one line; `None` for what is none, such as a word of the graphics driver.
    pub fn from_line(line: &str) -> Option<Hand> {
        if line.len() > MAX_HAND_LINE {
            return None;
        }
        serde_json::from_str(line).ok()
    }
}

/// All that a hand drew since it last wiped the canvas, and where it put the pen down.
#[derive(Debug, Clone, Default)]
pub struct HandSketch {
    strokes: Vec<Stroke>,
    /// Where strokes began, the newest last; a wipe forgets none.
    clicks: Vec<[f32; 2]>,
    /// When the last stroke ended: as it was drawn, and in the sketch.
    ended: Option<(f32, f32)>,
}

impl HandSketch {
    /// Nothing drawn yet.
    pub fn new() -> HandSketch {
        HandSketch::default()
    }

    /// With what the hand did next; what is no number is left out.
    pub fn take(&mut self, hand: Hand) {
        let points = match hand {
            Hand::Wipe => {
                let clicks = std::mem::take(&mut self.clicks);
                return *self = HandSketch { clicks, ..HandSketch::default() };
            }
            Hand::Stroke(points) => points,
            Hand::Key { .. } => return,
        };
        let sane = |point: &[f32; 4]| point.iter().all(|number| number.is_finite());
        let mut points: Vec<[f32; 4]> = points.into_iter().filter(sane).take(MAX_HAND_POINTS).collect();
        let Some(first) = points.first().map(|point| point[3]) else { return };
        // The sketch's own time: its strokes follow each other, without the hours between them.
        let (was, then) = self.ended.unwrap_or((first, 0.0));
        let begins = then + (first - was).clamp(0.0, LONGEST_PAUSE);
        let mut now = begins;
        for [x, y, width, time] in &mut points {
            (*x, *y) = (x.clamp(-FARTHEST, FARTHEST), y.clamp(-FARTHEST, FARTHEST));
            *width = width.clamp(0.0, 0.25);
            now = now.max(begins + (*time - first).max(0.0));
            self.ended = Some((*time, now));
            *time = now;
        }
        if self.clicks.len() == MOST_CLICKS {
            self.clicks.remove(0);
        }
        self.clicks.extend(points.first().map(|[x, y, ..]| [*x, *y]));
        let point = |[x, y, width, time]: &[f32; 4]| Point { x: *x, y: *y, width: *width, time: *time };
        self.strokes.push(Stroke { points: points.iter().map(point).collect() });
        let count = |strokes: &[Stroke]| strokes.iter().map(|stroke| stroke.points.len()).sum::<usize>();
        while self.strokes.len() > MOST_STROKES || count(&self.strokes) > MOST_POINTS {
            self.strokes.remove(0);
        }
    }

    /// Where the pen was put down, or the canvas clicked, the newest last, in the units of sketches.
    pub fn clicks(&self) -> &[[f32; 2]] {
        &self.clicks
    }

    /// It as a sketch.
    pub fn sketch(&self) -> Sketch {
        Sketch::new(self.strokes.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_comes_back_as_it_was_sent() {
        for hand in [Hand::Stroke(vec![[0.5, 0.25, 0.01, 1.5]]), Hand::Wipe] {
            assert_eq!(Hand::from_line(&hand.to_line()), Some(hand));
        }
        for noise in ["", "INFO adapter: llvmpipe", "{\"stroke\":[[1]]}", "{\"stroke\":3}"] {
            assert_eq!(Hand::from_line(noise), None, "{noise}");
        }
        assert_eq!(Hand::from_line(&" ".repeat(MAX_HAND_LINE + 1)), None);
    }

    fn times(sketch: &Sketch) -> Vec<f32> {
        sketch.strokes().iter().flat_map(|stroke| &stroke.points).map(|point| point.time).collect()
    }

    #[test]
    fn strokes_follow_each_other_without_the_hours_between_them() {
        let mut drawn = HandSketch::new();
        let stroke = |from: f32| Hand::Stroke(vec![[0.0, 0.0, 0.01, from], [1.0, 0.0, 0.01, from + 0.5]]);
        [5.0, 5.75, 4000.0, 3.0].into_iter().for_each(|from| drawn.take(stroke(from)));
        assert_eq!(times(&drawn.sketch()), [0.0, 0.5, 0.75, 1.25, 2.25, 2.75, 2.75, 3.25]);
        drawn.take(Hand::Wipe);
        assert_eq!((drawn.sketch(), drawn.clicks()), (Sketch::default(), &[[0.0, 0.0]; 4][..]));
    }

    #[test]
    fn what_is_too_much_is_forgotten_and_what_is_no_number_is_left_out() {
        let mut drawn = HandSketch::new();
        drawn.take(Hand::Stroke(vec![]));
        drawn.take(Hand::Stroke(vec![[f32::NAN, 0.0, 0.0, 0.0]]));
        assert_eq!(drawn.sketch().points(), 0);
        drawn.take(Hand::Stroke(vec![[1e9, -1e9, 7.0, 0.0]]));
        let point = drawn.sketch().strokes()[0].points[0];
        assert_eq!((point.x, point.y, point.width), (8.0, -8.0, 0.25));
        for _ in 0..40 {
            drawn.take(Hand::Stroke(vec![[0.0, 0.0, 0.01, 0.0]; 100_000]));
        }
        assert!(drawn.sketch().points() <= MOST_POINTS);
        for _ in 0..400 {
            drawn.take(Hand::Stroke(vec![[0.0, 0.0, 0.01, 0.0]]));
        }
        assert_eq!((drawn.sketch().strokes().len(), drawn.clicks().len()), (MOST_STROKES, MOST_CLICKS));
    }
}
