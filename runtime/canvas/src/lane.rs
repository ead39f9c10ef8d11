//! One slot's lane: its name and state, and its notes on a scrolling piano roll.

use crate::frame::{NoteView, Rung, SlotView, ToneView, Zone};
use crate::palette::Colour;
use crate::scene::{Align, Area, Lettering, Sheet};

/// Fewest semitones a roll shows, so that a repeated note does not fill it.
const LEAST_SPAN: f64 = 12.0;
/// Width beside the roll for the names of its rows, in units of the design.
const ROW_NAMES: f64 = 26.0;
/// Drums from the lowest row up, as the kit orders them; others follow by name.
const DRUM_ROWS: [&str; 12] = ["bd", "sd", "rs", "cp", "hh", "oh", "lt", "mt", "ht", "cb", "rd", "cr"];

/// Where beats lie on the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeAxis {
    /// Left end in pixels.
    pub left: f64,
    /// Length in pixels.
    pub width: f64,
    /// The playhead in beats.
    pub beat: f64,
    /// Beats shown before it.
    pub before: f64,
    /// Beats shown after it.
    pub after: f64,
}

impl TimeAxis {
    /// Pixels from the left edge of the picture to a beat; outside the axis for a
    /// beat that is not shown.
    pub fn x(&self, beat: f64) -> f64 {
        self.left + self.length(beat - self.beat + self.before)
    }

    /// Pixels that some beats take.
    pub fn length(&self, beats: f64) -> f64 {
        beats / (self.before + self.after) * self.width
    }

    /// Multiples of `step` beats on the axis, as numbers from 0; none where they
    /// would be too many to tell apart.
    fn multiples(&self, step: f64) -> impl Iterator<Item = (i64, f64)> + use<> {
        let axis = *self;
        let count = (self.before + self.after) / step;
        let first = ((self.beat - self.before) / step).ceil() as i64;
        let last = ((self.beat + self.after) / step).floor() as i64;
        let shown = if count <= 256.0 { usize::MAX } else { 0 };
        (first..=last).take(shown).map(move |number| (number, axis.x(number as f64 * step)))
    }
}

/// Draws a slot's lane in `area`.
pub(crate) fn draw(
    sheet: &mut Sheet,
    slot: &SlotView,
    area: Area,
    axis: &TimeAxis,
    beats_per_bar: f64,
    u: f64,
) {
    let hue = Colour::slot(slot.colour);
    let hue = if slot.silent { hue.mix(Colour::SURFACE, 0.7) } else { hue };
    sheet.rect(area, area, 8.0 * u, Colour::SURFACE);
    let roll = Area { x: axis.left, width: axis.width, ..area };
    grid(sheet, roll, axis, beats_per_bar, u);
    let beside = Area { width: (axis.left - area.x).max(0.0), ..area };
    state(sheet, slot, Area { width: (beside.width - ROW_NAMES * u).max(0.0), ..area }, hue, u);

    let rows = Rows::of(&slot.notes);
    if !slot.notes.is_empty() {
        rows.draw(sheet, roll, beside, u);
    }
    // Tentative under committed under played: what is sure is never hidden.
    for zone in [Zone::Tentative, Zone::Committed, Zone::Played] {
        for view in slot.notes.iter().filter(|note| note.zone == zone) {
            let place = rows.place(view, roll, axis, u);
            let hue = hue.mix(Colour::SURPRISE, view.surprise.map_or(0.0, redness));
            let sounding =
                zone == Zone::Played && view.start <= axis.beat && axis.beat < view.start + view.duration;
            if sounding && !slot.silent {
                let glow = Area {
                    x: place.x - 4.0 * u,
                    y: place.y - 4.0 * u,
                    width: place.width + 8.0 * u,
                    height: place.height + 8.0 * u,
                };
                sheet.rect(glow, roll, 6.0 * u, hue.with_opacity(0.28));
                note(sheet, place, roll, hue.mix(Colour::PLAYHEAD, 0.55), zone, u);
            } else {
                note(sheet, place, roll, hue, zone, u);
            }
        }
    }
}

/// How far a note of so many nats leaves its slot's hue, `0..=1`: a fifth of the way for 1, what a tune
/// model finds usual; three quarters for 5.5, what a model of hits to the millisecond does.
fn redness(nats: f64) -> f64 {
    1.0 - (-nats / 4.0).exp()
}

/// Draws one note as its zone looks.
pub(crate) fn note(sheet: &mut Sheet, place: Area, clip: Area, hue: Colour, zone: Zone, u: f64) {
    let radius = 2.5 * u;
    match zone {
        Zone::Played => sheet.rect(place, clip, radius, hue),
        Zone::Committed => sheet.rect(place, clip, radius, hue.mix(Colour::SURFACE, 0.42)),
        Zone::Tentative => {
            sheet.rect(place, clip, radius, hue.with_opacity(0.10));
            let Some(seen) = place.intersection(clip) else { return };
            let width = 1.2 * u;
            let edge = seen.inset(width / 2.0);
            let corners = [
                [edge.x, edge.y],
                [edge.right(), edge.y],
                [edge.right(), edge.bottom()],
                [edge.x, edge.bottom()],
                [edge.x, edge.y],
            ];
            sheet.line(&corners, seen, width, hue.with_opacity(0.42));
        }
    }
}

/// Numbers of the bars over the lanes.
pub(crate) fn ruler(sheet: &mut Sheet, area: Area, axis: &TimeAxis, beats_per_bar: f64, u: f64) {
    let letters = Lettering { size: 8.5 * u, bold: false, colour: Colour::MUTED };
    let roll = Area { x: axis.left, width: axis.width, ..area };
    if axis.length(beats_per_bar) < 30.0 * u {
        return;
    }
    for (number, x) in axis.multiples(beats_per_bar) {
        let at = (x, area.y + 11.0 * u, Align::Left);
        sheet.text(&(number + 1).to_string(), at, roll, letters);
    }
}

/// The line where now is, over the lanes.
pub(crate) fn playhead(sheet: &mut Sheet, area: Area, axis: &TimeAxis, u: f64) {
    let x = axis.x(axis.beat);
    for (width, opacity) in [(16.0, 0.05), (7.0, 0.12), (2.4, 1.0)] {
        let glow = Area { x: x - width * u / 2.0, width: width * u, y: area.y, height: area.height };
        sheet.rect(glow, area, 1.2 * u, Colour::PLAYHEAD.with_opacity(opacity));
    }
    let head = Area { x: x - 5.0 * u, y: area.y, width: 10.0 * u, height: 10.0 * u };
    sheet.rect(head, area, 5.0 * u, Colour::PLAYHEAD);
}

/// Bar lines, and the lines of the beats, which each bar counts anew.
fn grid(sheet: &mut Sheet, roll: Area, axis: &TimeAxis, beats_per_bar: f64, u: f64) {
    let mut line = |x: f64, width: f64, colour: Colour| {
        sheet.rect(Area { x: x - width * u / 2.0, width: width * u, ..roll }, roll, 0.0, colour);
    };
    let bars: Vec<f64> = axis.multiples(beats_per_bar).map(|(_, x)| x).collect();
    if axis.length(1.0) >= 5.0 * u {
        // The bar that had begun before the axis does.
        let left = axis.beat - axis.before;
        let earlier = axis.x((left / beats_per_bar).ceil() * beats_per_bar - beats_per_bar);
        for bar in std::iter::once(&earlier).chain(&bars) {
            let beats = (1..).map(f64::from).take_while(|beat| *beat < beats_per_bar);
            beats.for_each(|beat| line(bar + axis.length(beat), 1.0, Colour::GRID));
        }
    }
    if axis.length(beats_per_bar) >= 5.0 * u {
        bars.iter().for_each(|bar| line(*bar, 1.6, Colour::BAR));
    }
}

/// Name, rung, model and effective sample size, as far as the lane is high enough.
fn state(sheet: &mut Sheet, slot: &SlotView, area: Area, hue: Colour, u: f64) {
    let mark = Area { width: 5.0 * u, ..area };
    sheet.rect(mark, area, 2.5 * u, hue);
    let left = area.x + 18.0 * u;
    let room = area;
    let name = Lettering { size: 14.0 * u, bold: true, colour: hue.mix(Colour::TEXT, 0.25) };
    let low = area.height < 58.0 * u;
    if low {
        let width = badge(sheet, slot, (room.right(), area.y + area.height / 2.0), Align::Right, room, u);
        let room = Area { width: room.width - width - 8.0 * u, ..room };
        let baseline = area.y + area.height / 2.0 + 7.0 * u;
        sheet.text(&slot.name, (left, baseline, Align::Left), room, name);
        if let Some(ess) = slot.ess {
            let y = area.bottom() - 5.0 * u;
            track(sheet, ess, Area { x: left, y, width: area.right() - left, height: 3.0 * u }, u);
        }
        return;
    }
    sheet.text(&slot.name, (left, area.y + 27.0 * u, Align::Left), room, name);
    let middle = area.y + 45.0 * u;
    let badge = badge(sheet, slot, (left, middle), Align::Left, room, u);
    if let Some(model) = &slot.model {
        let letters = Lettering { size: 9.5 * u, bold: false, colour: Colour::MUTED };
        let at = (left + badge + 9.0 * u, middle + 4.7 * u, Align::Left);
        sheet.text(model, at, room, letters);
    }
    if let Some(ess) = slot.ess {
        meter(sheet, ess, (left, area.y + 71.0 * u), room, u);
    }
}

/// The rung of the ladder, or that the slot is silent, as a pill beginning or ending
/// at x, around the middle y. Gives its width.
pub(crate) fn badge(
    sheet: &mut Sheet,
    slot: &SlotView,
    (x, middle): (f64, f64),
    align: Align,
    clip: Area,
    u: f64,
) -> f64 {
    let (text, colour) = match slot.rung {
        _ if slot.silent => ("silent", Colour::MUTED),
        Rung::Fresh => (Rung::Fresh.name(), Colour::opaque(0x3fe0b0)),
        Rung::Draft => (Rung::Draft.name(), Colour::opaque(0x9be06a)),
        Rung::Stale => (Rung::Stale.name(), Colour::opaque(0xffd166)),
        Rung::Loop => (Rung::Loop.name(), Colour::opaque(0xff9f5a)),
        Rung::Rest => (Rung::Rest.name(), Colour::ALARM),
    };
    let size = 8.0 * u;
    let width = crate::glyph::text_width(text, size) + 15.0 * u;
    let left = if align == Align::Right { x - width } else { x };
    let pill = Area { x: left, y: middle - 8.5 * u, width, height: 17.0 * u };
    sheet.rect(pill, clip, 8.5 * u, colour.with_opacity(0.2));
    let letters = Lettering { size, bold: true, colour };
    sheet.text(text, (left + width / 2.0, middle + 4.0 * u, Align::Middle), clip, letters);
    width
}

/// Effective sample size in words and as a bar; red where the reward fights its model.
fn meter(sheet: &mut Sheet, ess: f64, (left, baseline): (f64, f64), clip: Area, u: f64) {
    let letters = Lettering { size: 8.5 * u, bold: false, colour: Colour::MUTED };
    let text = format!("ESS {:.0}%", ess * 100.0);
    if sheet.text(&text, (left, baseline, Align::Left), clip, letters) == 0.0 {
        return;
    }
    let start = left + crate::glyph::text_width("ESS 100%", 8.5 * u) + 9.0 * u;
    let width = (clip.right() - start).max(0.0);
    track(sheet, ess, Area { x: start, y: baseline - 6.5 * u, width, height: 5.0 * u }, u);
}

/// A bar that is filled as far as the effective sample size goes.
fn track(sheet: &mut Sheet, ess: f64, area: Area, u: f64) {
    sheet.rect(area, area, 2.5 * u, Colour::BAR);
    let colour = if ess < 0.2 { Colour::ALARM } else { Colour::TEXT };
    sheet.rect(Area { width: area.width * ess, ..area }, area, 2.5 * u, colour);
}

/// How the notes of a slot share the height of its roll.
enum Rows {
    /// A row a semitone, between two pitches.
    Pitches { low: f64, high: f64 },
    /// A row a drum, from the lowest up.
    Drums(Vec<String>),
}

impl Rows {
    fn of(notes: &[NoteView]) -> Rows {
        let mut drums: Vec<String> = Vec::new();
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for view in notes {
            match &view.tone {
                ToneView::Pitch(pitch) => (low, high) = (low.min(*pitch), high.max(*pitch)),
                ToneView::Drum(name) if !drums.contains(name) => drums.push(name.clone()),
                ToneView::Drum(_) => {}
            }
        }
        if !drums.is_empty() {
            let rank = |name: &str| DRUM_ROWS.iter().position(|row| *row == name).unwrap_or(DRUM_ROWS.len());
            drums.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
            return Rows::Drums(drums);
        }
        if low > high {
            (low, high) = (60.0, 60.0);
        }
        // Ends on multiples of 4 semitones, so that the scale stays while notes come and go.
        let (mut low, mut high) = (((low - 1.0) / 4.0).floor() * 4.0, ((high + 1.0) / 4.0).ceil() * 4.0);
        if high - low < LEAST_SPAN {
            let missing = LEAST_SPAN - (high - low);
            (low, high) = (low - missing / 2.0, high + missing / 2.0);
        }
        Rows::Pitches { low, high }
    }

    /// Where a note lies.
    fn place(&self, view: &NoteView, roll: Area, axis: &TimeAxis, u: f64) -> Area {
        let (middle, row, beats) = match (self, &view.tone) {
            (Rows::Pitches { low, high }, ToneView::Pitch(pitch)) => {
                let row = roll.height / (high - low + 1.0);
                (roll.bottom() - (pitch - low + 0.5) * row, row, view.duration)
            }
            (Rows::Drums(names), tone) => {
                let row = roll.height / names.len() as f64;
                let index = names.iter().position(|name| matches!(tone, ToneView::Drum(n) if n == name));
                let index = index.unwrap_or(names.len() - 1) as f64;
                (roll.bottom() - (index + 0.5) * row, row, view.duration.min(0.2))
            }
            (Rows::Pitches { .. }, ToneView::Drum(_)) => (roll.bottom(), u, view.duration),
        };
        let height = (row * 0.92).clamp(4.5 * u, 15.0 * u) * (0.6 + 0.4 * view.velocity);
        // A gap of a pixel or so tells repeated notes from one long note.
        let width = (axis.length(beats) - 1.5 * u).max(2.5 * u);
        Area { x: axis.x(view.start), y: middle - height / 2.0, width, height }
    }

    /// Lines of the octaves and their names, or names of the drums.
    fn draw(&self, sheet: &mut Sheet, roll: Area, beside: Area, u: f64) {
        let x = beside.right() - 6.0 * u;
        let letters = Lettering { size: 7.0 * u, bold: false, colour: Colour::BAR.mix(Colour::MUTED, 0.7) };
        match self {
            Rows::Pitches { low, high } => {
                let row = roll.height / (high - low + 1.0);
                let first = (low / 12.0).ceil() as i64;
                let last = (high / 12.0).floor() as i64;
                for octave in first..=last {
                    let y = roll.bottom() - (octave as f64 * 12.0 - low) * row;
                    let line = Area { y: y - 0.5 * u, height: u, ..roll };
                    sheet.rect(line, roll, 0.0, Colour::GRID);
                    let name = format!("C{}", octave - 1);
                    sheet.text(&name, (x, y + 3.5 * u, Align::Right), beside, letters);
                }
            }
            Rows::Drums(names) => {
                let row = roll.height / names.len() as f64;
                if row < 10.0 * u {
                    return;
                }
                for (index, name) in names.iter().enumerate() {
                    let y = roll.bottom() - (index as f64 + 0.5) * row + 3.2 * u;
                    sheet.text(name, (x, y, Align::Right), beside, letters);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AXIS: TimeAxis = TimeAxis { left: 100.0, width: 120.0, beat: 10.0, before: 4.0, after: 8.0 };

    #[test]
    fn beats_lie_on_the_axis() {
        for (beat, x) in [(6.0, 100.0), (10.0, 140.0), (18.0, 220.0), (5.0, 90.0)] {
            assert_eq!(AXIS.x(beat), x, "{beat}");
        }
        let bars: Vec<_> = AXIS.multiples(4.0).collect();
        assert_eq!(bars, [(2, 120.0), (3, 160.0), (4, 200.0)]);
        assert_eq!(AXIS.multiples(0.001).count(), 0);
    }

    fn view(tone: ToneView, start: f64) -> NoteView {
        NoteView { start, duration: 1.0, tone, velocity: 1.0, zone: Zone::Played, surprise: None }
    }

    #[test]
    fn higher_notes_lie_higher() {
        let roll = Area { x: 100.0, y: 0.0, width: 120.0, height: 100.0 };
        let notes: Vec<NoteView> =
            [40.0, 40.5, 52.0, 80.0].map(|pitch| view(ToneView::Pitch(pitch), 10.0)).to_vec();
        let rows = Rows::of(&notes);
        let tops: Vec<f64> = notes.iter().map(|note| rows.place(note, roll, &AXIS, 1.0).y).collect();
        assert!(tops.windows(2).all(|pair| pair[0] > pair[1]), "{tops:?}");
        assert!(tops.iter().all(|y| (0.0..100.0).contains(y)), "{tops:?}");
    }

    #[test]
    fn drums_have_rows_in_the_order_of_the_kit() {
        let notes: Vec<NoteView> =
            ["hh", "zap", "bd", "hh", "sd"].map(|name| view(ToneView::Drum(name.to_owned()), 1.0)).to_vec();
        let Rows::Drums(names) = Rows::of(&notes) else { panic!("these are drums") };
        assert_eq!(names, ["bd", "sd", "hh", "zap"]);
    }
}
