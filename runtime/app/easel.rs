//! The drawings as they were sent, and what of them is seen at a moment: the same for the window and for files.

use std::collections::HashMap;
use std::sync::Arc;

use lilt_canvas::{CopyView, LayerView, StrokeView};
use lilt_score::{Blend, Control, PALETTE, Rgb, Stroke};
use lilt_sequencer::{Action, Retraction, SlotId, Timed};

use crate::placement::{self, Place};

/// Beats in which a look goes to its next value, where it goes there at all: the distance of the moments at
/// which a signal is asked.
const GLIDE: f64 = 1.0 / 16.0;
/// How much of a stroke is left long after the pen has left it: what is new shines.
const DRY: f64 = 0.72;
/// Beats after which a stroke has lost half of what it will lose.
const DRYING: f64 = 4.0;
/// Most places in which a drawing that moves is still seen.
const MOST_GHOSTS: usize = 12;
/// How much of a drawing is left in the nearest of those places.
const GHOST: f64 = 0.55;
/// Beats of the past in which looks are remembered: the longest trail and more.
const REMEMBERED: f64 = 32.0;
/// Most strokes that are remembered of a slot.
const MOST_STROKES: usize = 8_192;

/// Strokes and looks of every slot that draws.
#[derive(Debug, Clone, Default)]
pub struct Easel {
    boards: HashMap<SlotId, Board>,
}

/// What one slot drew, in time order.
#[derive(Debug, Clone, Default)]
struct Board {
    strokes: Vec<Drawn>,
    looks: Vec<Look>,
}

#[derive(Debug, Clone)]
struct Drawn {
    /// When it was sent to be seen, in beats and in seconds.
    at: f64,
    seconds: f64,
    /// When the pen began, in beats; and how long it takes.
    began: f64,
    duration: f64,
    /// Nothing where the slot was emptied.
    stroke: Option<Arc<Stroke>>,
    /// True where it takes the place of what was drawn before.
    first: bool,
}

#[derive(Debug, Clone, Copy)]
struct Look {
    at: f64,
    seconds: f64,
    look: Control,
    value: f64,
}

impl Easel {
    /// Takes an event in; those that draw nothing are nothing to it. They come in time order.
    pub fn take(&mut self, event: &Timed) {
        let (at, seconds) = (event.beat.to_f64(), event.seconds);
        match &event.action {
            Action::Stroke { stroke, duration, first, begun } => {
                let (stroke, first) = (Some(Arc::clone(stroke)), *first);
                let (began, duration) = (at - begun.to_f64(), duration.to_f64());
                let board = self.boards.entry(event.slot).or_default();
                board.strokes.push(Drawn { at, seconds, began, duration, stroke, first });
                board.tidy(at);
            }
            Action::Look { look, value } => {
                let board = self.boards.entry(event.slot).or_default();
                board.looks.push(Look { at, seconds, look: *look, value: *value });
                board.tidy(at);
            }
            Action::FadeOut { .. } => {
                if let Some(board) = self.boards.get_mut(&event.slot) {
                    let emptied = Drawn { at, seconds, began: at, duration: 0.0, stroke: None, first: true };
                    board.strokes.push(emptied);
                }
            }
            _ => {}
        }
    }

    /// What was sent of a slot from a moment on is taken back.
    pub fn retract(&mut self, retraction: Retraction) {
        if let Some(board) = self.boards.get_mut(&retraction.slot) {
            board.strokes.retain(|drawn| drawn.seconds < retraction.from);
            board.looks.retain(|look| look.seconds < retraction.from);
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.boards.clear();
    }

    /// What is seen at a beat of the slots that draw, each with the index of its colour, in the order of the
    /// script; back to front.
    pub fn layers(&self, slots: impl IntoIterator<Item = (SlotId, usize)>, beat: f64) -> Vec<LayerView> {
        let mut layers: Vec<(f64, LayerView)> = slots
            .into_iter()
            .filter_map(|(slot, colour)| {
                let board = self.boards.get(&slot)?;
                let strokes = board.strokes_at(beat);
                if strokes.is_empty() {
                    return None;
                }
                let blend = Blend::numbered(board.look(Control::LOOK_BLEND, beat));
                let copies = board.copies(colour, beat);
                Some((board.look(Control::LOOK_LAYER, beat), LayerView { blend, strokes, copies }))
            })
            .collect();
        // A stable sort: within a layer the script's order holds.
        layers.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        layers.into_iter().map(|(_, layer)| layer).collect()
    }
}

impl Board {
    /// Forgets what can be seen no more at `beat`: drawings before the last two, and looks of long ago.
    fn tidy(&mut self, beat: f64) {
        let past = |drawn: &Drawn| drawn.first && drawn.at <= beat - REMEMBERED;
        if let Some(last) = self.strokes.iter().rposition(past) {
            let before = self.strokes[..last].iter().rposition(|drawn| drawn.first).unwrap_or(0);
            self.strokes.drain(..before);
        }
        let surplus = self.strokes.len().saturating_sub(MOST_STROKES);
        self.strokes.drain(..surplus);
        if self.looks.first().is_some_and(|look| look.at < beat - 2.0 * REMEMBERED) {
            // What stood before that stands still, until something else is said.
            let old = |look: &Look| look.at < beat - REMEMBERED;
            let mut standing: Vec<Look> = Vec::new();
            for look in self.looks.iter().filter(|look| old(look)) {
                match standing.iter_mut().find(|known| known.look == look.look) {
                    Some(known) => *known = *look,
                    None => standing.push(*look),
                }
            }
            standing.sort_by(|one, other| one.at.total_cmp(&other.at));
            standing.extend(self.looks.iter().filter(|look| !old(look)));
            self.looks = standing;
        }
    }

    /// Where a look stands at a beat: on the way to the value that comes next, if that is near.
    fn look(&self, look: Control, beat: f64) -> f64 {
        let after = self.looks.partition_point(|said| said.at <= beat);
        let own = |said: &&Look| said.look == look;
        let stands = self.looks[..after].iter().rev().find(own).map_or(look.neutral(), |said| said.value);
        if look.is_stepped() {
            return stands;
        }
        let near = self.looks[after..].iter().take_while(|said| said.at <= beat + GLIDE);
        match near.filter(|said| said.look == look).min_by(|one, other| one.at.total_cmp(&other.at)) {
            Some(next) => {
                let way = 1.0 - (next.at - beat) / GLIDE;
                stands + (next.value - stands) * way.clamp(0.0, 1.0)
            }
            None => stands,
        }
    }

    /// The strokes that are seen at a beat, oldest first.
    fn strokes_at(&self, beat: f64) -> Vec<StrokeView> {
        let (hold, fade) = (self.look(Control::LOOK_HOLD, beat), self.look(Control::LOOK_FADE, beat));
        let left = |gone: f64| match gone {
            gone if gone <= 0.0 => 1.0,
            gone if gone < fade => 1.0 - gone / fade,
            _ => 0.0,
        };
        let sent = &self.strokes[..self.strokes.partition_point(|drawn| drawn.at <= beat)];
        let mut seen = Vec::new();
        // When the drawing that a stroke belongs to was replaced by another.
        let mut replaced: Option<f64> = None;
        for drawn in sent.iter().rev() {
            let passed = beat - drawn.began;
            let age = (passed - drawn.duration).max(0.0);
            let kept = left(age - hold) * replaced.map_or(1.0, |at| left((beat - at).max(f64::MIN_POSITIVE)));
            if let (Some(stroke), true) = (&drawn.stroke, kept > 0.0) {
                let part = if drawn.duration > 0.0 { passed / drawn.duration } else { 1.0 };
                let dry = DRY + (1.0 - DRY) * DRYING / (DRYING + age);
                let whole = StrokeView { opacity: kept * dry, ..StrokeView::new(stroke) };
                seen.push(whole.drawn(part));
            }
            if drawn.first {
                replaced = Some(replaced.map_or(drawn.at, |at| at.min(drawn.at)));
                if beat - drawn.at > fade {
                    break;
                }
            }
        }
        seen.reverse();
        seen
    }

    /// Where the strokes are seen at a beat, back to front: where the drawing was before it moved, and where it is.
    fn copies(&self, colour: usize, beat: f64) -> Vec<CopyView> {
        let now = self.places(colour, beat);
        let trail = self.look(Control::LOOK_TRAIL, beat);
        let mut copies = Vec::new();
        if trail > 0.0 {
            let steps = ((trail * 8.0).ceil() as usize).clamp(2, MOST_GHOSTS);
            let mut last = now.clone();
            let mut ghosts = Vec::new();
            for step in 1..=steps {
                let back = step as f64 / steps as f64;
                let was = self.places(colour, beat - trail * back);
                let moved = was.len() != last.len()
                    || was.iter().zip(&last).any(|(one, other)| one.differs_from(other));
                if moved {
                    let left = GHOST * (1.0 - back * steps as f64 / (steps + 1) as f64).powf(1.3);
                    ghosts.push((left, was.clone()));
                }
                last = was;
            }
            for (left, was) in ghosts.into_iter().rev() {
                copies.extend(was.into_iter().map(|place| place.copy(left)));
            }
        }
        copies.extend(now.into_iter().map(|place| place.copy(1.0)));
        copies
    }

    /// Where the drawing lies, and how it looks there, at a beat.
    fn places(&self, colour: usize, beat: f64) -> Vec<Place> {
        let look = |look| self.look(look, beat);
        let own = match look(Control::LOOK_COLOUR) {
            rgb if rgb >= 0.0 => Rgb::new(rgb.round() as u32),
            _ => PALETTE[colour % PALETTE.len()].1,
        };
        let (hue, saturation) = (look(Control::LOOK_HUE), look(Control::LOOK_SATURATION));
        let one = Place {
            matrix: placement::moved(
                [look(Control::LOOK_X), look(Control::LOOK_Y)],
                look(Control::LOOK_SIZE),
                look(Control::LOOK_ROTATE),
            ),
            rgb: own.turned(hue, saturation, look(Control::LOOK_LIGHTNESS)),
            opacity: look(Control::LOOK_OPACITY),
            width: look(Control::LOOK_WIDTH) * look(Control::LOOK_SIZE),
            glow: look(Control::LOOK_GLOW),
        };
        let count = |named| look(named).round().max(1.0) as usize;
        one.ringed(count(Control::LOOK_RING))
            .into_iter()
            .flat_map(|place| place.mirrored(count(Control::LOOK_KALEIDOSCOPE)))
            .flat_map(|place| place.tiled(count(Control::LOOK_GRID)))
            .collect()
    }
}

#[cfg(test)]
mod tests;
