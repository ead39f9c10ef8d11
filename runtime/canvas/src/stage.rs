//! Lays a frame out as a picture: header, lanes, drawings, diagnostic.

use crate::drawing;
use crate::frame::{Frame, SlotView, Zone};
use crate::lane::{self, TimeAxis};
use crate::palette::Colour;
use crate::scene::{Align, Area, Lettering, Scene, Sheet};

/// Smallest height of a lane, in units of the design.
const LANE_MIN: f64 = 34.0;
/// Greatest height of a lane, in units of the design.
const LANE_MAX: f64 = 280.0;
/// Width of the names beside the lanes, in units of the design.
const GUTTER: f64 = 200.0;

/// The picture of a frame, `width` by `height` pixels, each at least 1 and at most
/// 16,384. The same frame and size give the same picture; every number is finite and
/// every shape inside, whatever the frame says.
///
/// Played notes are bright, committed ones plain, tentative ones outlined; the
/// playhead stands still and the music scrolls under it.
pub fn scene(frame: &Frame, width: u32, height: u32) -> Scene {
    let frame = frame.clone().bounded();
    let (width, height) = (width.clamp(1, 16_384), height.clamp(1, 16_384));
    let mut sheet = Sheet::new(f64::from(width), f64::from(height));
    let stage = Stage::new(&frame, sheet.area());
    stage.header(&mut sheet);
    stage.body(&mut sheet);
    stage.footer(&mut sheet);
    sheet.finish()
}

/// A frame and the size of its parts.
struct Stage<'a> {
    frame: &'a Frame,
    /// Pixels in one unit of the design, which is drawn for 1280 by 720.
    unit: f64,
    header: Area,
    body: Area,
    footer: Area,
}

impl<'a> Stage<'a> {
    fn new(frame: &'a Frame, whole: Area) -> Stage<'a> {
        let unit = (whole.width / 1280.0).min(whole.height / 720.0).max(0.25);
        let inside = whole.inset(16.0 * unit);
        let footer_height = if frame.diagnostic.is_some() { 50.0 } else { 24.0 } * unit;
        let header = Area { height: (44.0 * unit).min(inside.height), ..inside };
        let footer_top = (inside.bottom() - footer_height).max(header.bottom());
        let footer = Area { y: footer_top, height: inside.bottom() - footer_top, ..inside };
        let top = (header.bottom() + 10.0 * unit).min(footer.y);
        let body = Area { y: top, height: (footer.y - 10.0 * unit - top).max(0.0), ..inside };
        Stage { frame, unit, header, body, footer }
    }

    /// Title, place in the music, tempo, generation.
    fn header(&self, sheet: &mut Sheet) {
        let (u, area, frame) = (self.unit, self.header, self.frame);
        let baseline = area.y + 31.0 * u;
        let middle = area.x + area.width / 2.0;
        let title = if frame.title.is_empty() { "lilt" } else { &frame.title };
        let left = Area { width: area.width * 0.36, ..area };
        let heading = Lettering { size: 17.0 * u, bold: true, colour: Colour::TEXT };
        sheet.text(title, (left.x, baseline, Align::Left), left, heading);

        let place = format!("{}.{}", frame.bar(), frame.beat_in_bar().floor() as i64 + 1);
        let digits = Lettering { size: 26.0 * u, ..heading };
        let centre = Area { x: middle - area.width * 0.12, width: area.width * 0.24, ..area };
        let at = (middle - 14.0 * u, baseline + 2.0 * u, Align::Right);
        sheet.text(&place, at, centre, digits);
        self.beats(sheet, middle + 4.0 * u, baseline - 7.0 * u);

        let right = Area { x: area.right() - area.width * 0.3, width: area.width * 0.3, ..area };
        let small = Lettering { size: 11.0 * u, bold: false, colour: Colour::MUTED };
        let generation = format!("generation {}", frame.generation);
        let taken = sheet.text(&generation, (right.right(), baseline, Align::Right), right, small);
        let tempo = format!("{} bpm", (frame.bpm * 10.0).round() / 10.0);
        let strong = Lettering { colour: Colour::TEXT, bold: true, ..small };
        sheet.text(&tempo, (right.right() - taken - 22.0 * u, baseline, Align::Right), right, strong);
    }

    /// One dot a beat of the bar, the present one lit and fading until the next.
    fn beats(&self, sheet: &mut Sheet, left: f64, middle: f64) {
        let (u, frame) = (self.unit, self.frame);
        let present = frame.beat_in_bar();
        let count = (frame.beats_per_bar.ceil() as usize).clamp(1, 12);
        for beat in 0..count {
            let since = present - beat as f64;
            let lit = if (0.0..1.0).contains(&since) { 1.0 - 0.65 * since } else { 0.0 };
            let size = (9.0 + 5.0 * lit) * u;
            let x = left + beat as f64 * 19.0 * u + 7.0 * u;
            let dot = Area { x: x - size / 2.0, y: middle - size / 2.0, width: size, height: size };
            sheet.rect(dot, self.header, size / 2.0, Colour::BAR.mix(Colour::PLAYHEAD, lit));
        }
    }

    /// Lanes on the left, drawings on the right.
    fn body(&self, sheet: &mut Sheet) {
        let slots = &self.frame.slots;
        let lanes: Vec<&SlotView> = slots.iter().filter(|s| !s.drawing || !s.notes.is_empty()).collect();
        let drawings: Vec<&SlotView> = slots.iter().filter(|s| s.drawing || !s.strokes.is_empty()).collect();
        if slots.is_empty() {
            let at =
                (self.body.x + self.body.width / 2.0, self.body.y + self.body.height / 2.0, Align::Middle);
            let letters = Lettering { size: 15.0 * self.unit, bold: false, colour: Colour::MUTED };
            sheet.text("nothing plays yet", at, self.body, letters);
            return;
        }
        let panels = self.panels(drawings.len(), lanes.is_empty());
        let mut room = self.body;
        if let Some(leftmost) = panels.iter().map(|panel| panel.x).reduce(f64::min) {
            room.width = (leftmost - 12.0 * self.unit - room.x).max(0.0);
        }
        for (slot, panel) in drawings.iter().zip(panels) {
            drawing::draw(sheet, slot, panel, self.unit);
        }
        if !lanes.is_empty() {
            self.lanes(sheet, &lanes, room);
        }
    }

    /// Panels for `count` drawings, as tall as they are wide or taller: in a column at
    /// the right, or over the whole body where nothing else wants it.
    fn panels(&self, count: usize, alone: bool) -> Vec<Area> {
        if count == 0 {
            return Vec::new();
        }
        let (u, body) = (self.unit, self.body);
        let gap = 10.0 * u;
        let share = if alone { 1.0 } else { 0.34 };
        let height = |rows: usize| (body.height - gap * (rows - 1) as f64) / rows as f64;
        // As many columns as make the drawings largest.
        let (columns, width) = (1..=count)
            .map(|columns| {
                let wide = (body.width * share - gap * (columns - 1) as f64) / columns as f64;
                (columns, wide.min(height(count.div_ceil(columns))).max(0.0))
            })
            .fold((1, 0.0), |best, next| if next.1 > best.1 { next } else { best });
        let height = height(count.div_ceil(columns)).max(0.0);
        let taken = width * columns as f64 + gap * (columns - 1) as f64;
        let left = if alone { body.x + (body.width - taken) / 2.0 } else { body.right() - taken };
        let place = |index: usize| Area {
            x: left + (index % columns) as f64 * (width + gap),
            y: body.y + (index / columns) as f64 * (height + gap),
            width,
            height,
        };
        (0..count).map(place).collect()
    }

    fn lanes(&self, sheet: &mut Sheet, lanes: &[&SlotView], room: Area) {
        let u = self.unit;
        let ruler = Area { height: (18.0 * u).min(room.height), ..room };
        let gap = 7.0 * u;
        let below = room.height - ruler.height;
        let fitting = (((below + gap) / (LANE_MIN * u + gap)).floor() as usize).max(1);
        let shown = lanes.len().min(fitting);
        let height = ((below + gap) / shown as f64 - gap).clamp(0.0, LANE_MAX * u);
        let gutter = (GUTTER * u).min(room.width * 0.4);
        let axis = TimeAxis {
            left: room.x + gutter,
            width: (room.width - gutter).max(0.0),
            beat: self.frame.beat,
            before: self.frame.before,
            after: self.frame.after,
        };
        for (index, slot) in lanes.iter().take(shown).enumerate() {
            let y = ruler.bottom() + index as f64 * (height + gap);
            let area = Area { y, height, ..room };
            lane::draw(sheet, slot, area, &axis, self.frame.beats_per_bar, u);
        }
        let bottom = ruler.bottom() + shown as f64 * (height + gap) - gap;
        lane::ruler(sheet, ruler, &axis, self.frame.beats_per_bar, u);
        lane::playhead(sheet, Area { height: bottom - room.y, ..room }, &axis, u);
        if shown < lanes.len() {
            let more = format!("+ {} more", lanes.len() - shown);
            let letters = Lettering { size: 9.0 * u, bold: true, colour: Colour::MUTED };
            sheet.text(&more, (ruler.x, ruler.y + 12.0 * u, Align::Left), ruler, letters);
        }
    }

    /// The diagnostic, or what the looks of the notes mean.
    fn footer(&self, sheet: &mut Sheet) {
        match &self.frame.diagnostic {
            Some(diagnostic) => self.diagnostic(sheet, diagnostic),
            None => self.legend(sheet),
        }
    }

    fn diagnostic(&self, sheet: &mut Sheet, diagnostic: &str) {
        let (u, area) = (self.unit, self.footer);
        sheet.rect(area, area, 8.0 * u, Colour::ALARM_SURFACE);
        let mark = Area { width: 5.0 * u, ..area };
        sheet.rect(mark, area, 2.5 * u, Colour::ALARM);
        let text_area = area.inset(2.0 * u);
        let left = area.x + 20.0 * u;
        let letters = Lettering { size: 11.0 * u, bold: false, colour: Colour::ALARM };
        let room = area.right() - 16.0 * u - left;
        let (first, rest) = broken(diagnostic, letters.size, room);
        if rest.is_empty() {
            sheet.text(first, (left, area.y + 31.0 * u, Align::Left), text_area, letters);
        } else {
            sheet.text(first, (left, area.y + 20.0 * u, Align::Left), text_area, letters);
            sheet.text(rest, (left, area.y + 41.0 * u, Align::Left), text_area, letters);
        }
    }

    fn legend(&self, sheet: &mut Sheet) {
        let (u, area) = (self.unit, self.footer);
        let letters = Lettering { size: 8.5 * u, bold: false, colour: Colour::MUTED };
        let mut x = area.x;
        for (zone, name) in
            [(Zone::Played, "played"), (Zone::Committed, "committed"), (Zone::Tentative, "tentative")]
        {
            let chip = Area { x, y: area.y + 7.0 * u, width: 22.0 * u, height: 10.0 * u };
            lane::note(sheet, chip, area, Colour::MUTED, zone, u);
            x += 30.0 * u;
            x += sheet.text(name, (x, area.y + 16.0 * u, Align::Left), area, letters) + 22.0 * u;
        }
    }
}

/// A text in two lines: as many words as fit in the first, and the rest.
fn broken(text: &str, size: f64, room: f64) -> (&str, &str) {
    let fits = |end: usize| crate::glyph::text_width(&text[..end], size) <= room;
    if fits(text.len()) {
        return (text, "");
    }
    let ends = text.match_indices(' ').map(|(index, _)| index);
    match ends.take_while(|end| fits(*end)).last() {
        Some(end) => (&text[..end], text[end..].trim_start()),
        None => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Shape;

    fn texts(scene: &Scene) -> Vec<&str> {
        let shapes = scene.shapes.iter();
        shapes
            .filter_map(|shape| match shape {
                Shape::Text { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn an_empty_stage_says_where_the_music_is() {
        let frame = Frame { title: "set.lua".to_owned(), beat: 17.25, generation: 3, ..Frame::default() };
        let want = [
            "set.lua",
            "5.2",
            "generation 3",
            "120 bpm",
            "nothing plays yet",
            "played",
            "committed",
            "tentative",
        ];
        assert_eq!(texts(&scene(&frame, 1280, 720)), want);
    }

    #[test]
    fn a_diagnostic_takes_the_place_of_the_legend() {
        let long = "line 3: there is no model \"fork\"; the nearest name is \"folk\". ".repeat(3);
        let frame = Frame { diagnostic: Some(long.trim().to_owned()), ..Frame::default() };
        let scene = scene(&frame, 1280, 720);
        let texts = texts(&scene);
        assert!(!texts.contains(&"played"), "{texts:?}");
        let said = texts[texts.len() - 2..].join(" ");
        assert_eq!(said, long.trim());
    }

    #[test]
    fn lanes_that_do_not_fit_are_counted() {
        let slot = SlotView { name: "s".to_owned(), ..SlotView::default() };
        let frame = Frame { slots: vec![slot; 30], ..Frame::default() };
        let scene = scene(&frame, 1280, 720);
        let texts = texts(&scene);
        let shown = texts.iter().filter(|text| **text == "s").count();
        assert_eq!(shown, 14);
        assert!(texts.contains(&"+ 16 more"), "{texts:?}");
    }

    #[test]
    fn panels_lie_inside_the_body_and_apart() {
        let frame = Frame::default();
        let whole = Area { x: 0.0, y: 0.0, width: 1280.0, height: 720.0 };
        let stage = Stage::new(&frame, whole);
        for count in 0..12 {
            for alone in [false, true] {
                let panels = stage.panels(count, alone);
                assert_eq!(panels.len(), count);
                for pair in panels.windows(2) {
                    assert_eq!(pair[0].intersection(pair[1]), None);
                }
                for panel in panels {
                    assert!(panel.width > 0.0 && panel.width <= panel.height + 1e-9);
                    assert!(panel.x >= stage.body.x && panel.right() <= stage.body.right() + 1e-9);
                    assert!(panel.y >= stage.body.y && panel.bottom() <= stage.body.bottom() + 1e-9);
                }
            }
        }
    }
}
