//! Lays a frame out as a picture: header, lanes, the drawings' stage, the script, a diagnostic.

use crate::code;
use crate::drawing;
use crate::frame::{Frame, Rung, Show, SlotView, Zone};
use crate::lane::{self, TimeAxis};
use crate::palette::Colour;
use crate::particles;
use crate::scene::{Align, Area, Lettering, Scene, Sheet};
use crate::sound;

/// Smallest height of a lane, in units of the design.
const LANE_MIN: f64 = 34.0;
/// Greatest height of a lane, in units of the design.
const LANE_MAX: f64 = 280.0;
/// Width of the names beside the lanes, in units of the design.
const GUTTER: f64 = 200.0;
/// How much of its width the stage takes beside lanes, at most.
const BESIDE: f64 = 0.46;
/// How much of the ground lies over the drawings where the script is read over them.
const VEIL: f64 = 0.45;

/// The picture of a frame, `width` by `height` pixels, each at least 1 and at most
/// 16,384. The same frame and size give the same picture; every number is finite and
/// every shape inside, whatever the frame says.
///
/// Played notes are bright, committed ones plain, tentative ones outlined; the
/// playhead stands still and the music scrolls under it.
pub fn scene(frame: &Frame, width: u32, height: u32) -> Scene {
    let frame = frame.clone().bounded();
    let (width, height) = sizes(width, height);
    let ground = match frame.show {
        Show::Plan => Colour::BACKGROUND,
        Show::Stage | Show::Code | Show::Scope | Show::Spectrum | Show::Tilt => {
            ground(&frame, Colour::BACKGROUND)
        }
    };
    let mut sheet = Sheet::new(width, height, ground);
    let layout = Layout::new(&frame, sheet.area());
    match frame.show {
        Show::Plan => {
            // What runs over the edge of the stage is hidden by what is laid out around it.
            layout.drawings(&mut sheet);
            layout.header(&mut sheet);
            layout.lanes(&mut sheet);
            layout.footer(&mut sheet);
        }
        Show::Stage | Show::Scope | Show::Spectrum | Show::Tilt => {
            let room = Area { height: layout.lower_edge() - layout.whole.y, ..layout.whole };
            let room = room.inset(24.0 * layout.unit);
            if let Some(sound) = &frame.sound {
                sound::draw(&mut sheet, sound, room, layout.unit);
            }
            if frame.show == Show::Tilt {
                particles::draw(&mut sheet, &frame.runs, room, layout.unit);
            }
            layout.drawings(&mut sheet);
            layout.wrong(&mut sheet);
        }
        Show::Code => {
            layout.drawings(&mut sheet);
            layout.code(&mut sheet);
            layout.wrong(&mut sheet);
        }
    }
    sheet.finish()
}

/// Where the square that sketches are drawn in lies in the picture of a frame: what a hand draws in the window is
/// measured there. `None` where nothing can be drawn.
pub fn square(frame: &Frame, width: u32, height: u32) -> Option<Area> {
    let frame = frame.clone().bounded();
    let (width, height) = sizes(width, height);
    let layout = Layout::new(&frame, Area { x: 0.0, y: 0.0, width, height });
    let square = layout.easel()?.square();
    (square.width >= 1.0).then_some(square)
}

fn sizes(width: u32, height: u32) -> (f64, f64) {
    (f64::from(width.clamp(1, 16_384)), f64::from(height.clamp(1, 16_384)))
}

fn ground(frame: &Frame, otherwise: Colour) -> Colour {
    frame.background.map_or(otherwise, Colour::opaque)
}

/// A frame and the size of its parts.
struct Layout<'a> {
    frame: &'a Frame,
    /// Pixels in one unit of the design, which is drawn for 1280 by 720.
    unit: f64,
    whole: Area,
    header: Area,
    body: Area,
    footer: Area,
}

impl<'a> Layout<'a> {
    fn new(frame: &'a Frame, whole: Area) -> Layout<'a> {
        let unit = (whole.width / 1280.0).min(whole.height / 720.0).max(0.25);
        let inside = whole.inset(16.0 * unit);
        let footer_height = if frame.diagnostic.is_some() { 50.0 } else { 24.0 } * unit;
        let header = Area { height: (44.0 * unit).min(inside.height), ..inside };
        let footer_top = (inside.bottom() - footer_height).max(header.bottom());
        let footer = Area { y: footer_top, height: inside.bottom() - footer_top, ..inside };
        let top = (header.bottom() + 10.0 * unit).min(footer.y);
        let body = Area { y: top, height: (footer.y - 10.0 * unit - top).max(0.0), ..inside };
        Layout { frame, unit, whole, header, body, footer }
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

    fn drawing_slots(&self) -> impl Iterator<Item = &SlotView> {
        self.frame.slots.iter().filter(|slot| slot.drawing)
    }

    /// Where the drawings lie: beside the lanes, in their place where there are none, or everywhere.
    fn easel(&self) -> Option<Area> {
        if self.frame.show != Show::Plan {
            return Some(self.whole);
        }
        let draws = !self.frame.layers.is_empty() || self.drawing_slots().next().is_some();
        if !draws {
            return None;
        }
        let body = self.body;
        if self.laned().next().is_none() {
            return Some(body);
        }
        let width = (body.width * BESIDE).min(body.height);
        Some(Area { x: body.right() - width, width, ..body })
    }

    /// The slots that have lanes.
    fn laned(&self) -> impl Iterator<Item = &SlotView> {
        self.frame.slots.iter().filter(|slot| !slot.drawing || !slot.notes.is_empty())
    }

    /// The drawings, and beside lanes what hides what runs over the edge of their stage.
    fn drawings(&self, sheet: &mut Sheet) {
        let Some(easel) = self.easel() else { return };
        let (u, frame) = (self.unit, self.frame);
        if frame.show != Show::Plan {
            drawing::draw(sheet, &frame.layers, easel.square(), easel, u);
            return;
        }
        sheet.rect(easel, easel, 0.0, ground(frame, Colour::SURFACE));
        drawing::draw(sheet, &frame.layers, easel.square(), easel, u);
        let whole = self.whole;
        let around = [
            Area { height: easel.y, ..whole },
            Area { y: easel.bottom(), height: whole.height - easel.bottom(), ..whole },
            Area { y: easel.y, height: easel.height, width: easel.x, ..whole },
            Area { x: easel.right(), y: easel.y, width: whole.width - easel.right(), height: easel.height },
        ];
        for area in around {
            sheet.rect(area, whole, 0.0, Colour::BACKGROUND);
        }
        self.names(sheet, easel);
    }

    /// The names of the drawings, one under the other, with the state of those that are not as the script wants.
    fn names(&self, sheet: &mut Sheet, easel: Area) {
        let u = self.unit;
        for (row, slot) in self.drawing_slots().enumerate() {
            let top = easel.y + 8.0 * u + row as f64 * 21.0 * u;
            let room = Area { y: top - 4.0 * u, height: 26.0 * u, ..easel }.inset(2.0 * u);
            let hue = Colour::slot(slot.colour);
            let hue = if slot.silent { hue.mix(Colour::SURFACE, 0.6) } else { hue };
            let dot = Area { x: easel.x + 12.0 * u, y: top + 4.0 * u, width: 8.0 * u, height: 8.0 * u };
            sheet.rect(dot, easel, 4.0 * u, hue);
            let letters = Lettering { size: 9.5 * u, bold: true, colour: hue.mix(Colour::TEXT, 0.25) };
            let at = (easel.x + 27.0 * u, top + 12.5 * u, Align::Left);
            let width = sheet.text(&slot.name, at, room, letters);
            if width > 0.0 && (slot.silent || slot.rung != Rung::Fresh) {
                let left = easel.x + 27.0 * u + width + 9.0 * u;
                lane::badge(sheet, slot, (left, top + 8.0 * u), Align::Left, easel, u);
            }
        }
    }

    /// The script, over a veil that lets the drawings through.
    fn code(&self, sheet: &mut Sheet) {
        let (u, whole) = (self.unit, self.whole);
        let Some(view) = &self.frame.code else { return };
        sheet.rect(whole, whole, 0.0, ground(self.frame, Colour::BACKGROUND).with_opacity(VEIL));
        let area = Area { height: self.lower_edge() - whole.y, ..whole }.inset(34.0 * u);
        code::draw(sheet, view, area, u);
    }

    /// Where what fills the whole picture ends, so that a diagnostic has its room.
    fn lower_edge(&self) -> f64 {
        if self.frame.diagnostic.is_some() { self.footer.y } else { self.whole.bottom() }
    }

    /// What is wrong, where nothing else is said below the picture.
    fn wrong(&self, sheet: &mut Sheet) {
        if let Some(diagnostic) = &self.frame.diagnostic {
            self.diagnostic(sheet, diagnostic);
        }
    }

    /// The lanes, as far as they have room.
    fn lanes(&self, sheet: &mut Sheet) {
        let lanes: Vec<&SlotView> = self.laned().collect();
        if self.frame.slots.is_empty() && self.frame.layers.is_empty() {
            let at =
                (self.body.x + self.body.width / 2.0, self.body.y + self.body.height / 2.0, Align::Middle);
            let letters = Lettering { size: 15.0 * self.unit, bold: false, colour: Colour::MUTED };
            sheet.text("nothing plays yet", at, self.body, letters);
            return;
        }
        let mut room = self.body;
        if let Some(easel) = self.easel() {
            room.width = (easel.x - 12.0 * self.unit - room.x).max(0.0);
        }
        if !lanes.is_empty() {
            self.lanes_in(sheet, &lanes, room);
        }
    }

    fn lanes_in(&self, sheet: &mut Sheet, lanes: &[&SlotView], room: Area) {
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
        // Under the numbers of the bars, so that it covers none of them.
        let top = (ruler.y + 14.0 * u).min(bottom);
        lane::playhead(sheet, Area { y: top, height: bottom - top, ..room }, &axis, u);
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
    use crate::layer::{CopyView, LayerView, StrokeView};
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
    fn the_stage_lies_beside_lanes_or_everywhere() {
        let (width, height) = (1280.0, 720.0);
        let draws = SlotView { name: "ring".to_owned(), drawing: true, ..SlotView::default() };
        let plays = SlotView { name: "lead".to_owned(), ..SlotView::default() };
        let square_of = |show, slots: &[&SlotView]| {
            let slots = slots.iter().map(|slot| (*slot).clone()).collect();
            square(&Frame { show, slots, ..Frame::default() }, 1280, 720)
        };
        assert_eq!(square_of(Show::Plan, &[&plays]), None);
        let everywhere = Some(Area { x: 280.0, y: 0.0, width: 720.0, height: 720.0 });
        assert_eq!(square_of(Show::Stage, &[&plays]), everywhere);
        assert_eq!(square_of(Show::Code, &[&draws]), everywhere);
        let alone = square_of(Show::Plan, &[&draws]).expect("it draws");
        let beside = square_of(Show::Plan, &[&draws, &plays]).expect("it draws");
        assert!(
            alone.width > 590.0 && beside.width > 560.0 && beside.right() <= width,
            "{alone:?} {beside:?}"
        );
        assert!((alone.x + alone.width / 2.0 - width / 2.0).abs() < 1e-9 && alone.bottom() <= height);
    }

    #[test]
    fn the_stage_shows_drawings_alone_and_what_is_wrong() {
        let layer = LayerView {
            strokes: vec![StrokeView { points: vec![[0.5, 0.5, 0.1]], opacity: 1.0, wet: false }],
            copies: vec![CopyView::default()],
            ..LayerView::default()
        };
        let slots = vec![SlotView { name: "lead".to_owned(), ..SlotView::default() }];
        let frame = Frame { show: Show::Stage, layers: vec![layer], slots, ..Frame::default() };
        let alone = scene(&frame, 640, 360);
        assert_eq!(texts(&alone), Vec::<&str>::new());
        assert!(matches!(alone.shapes[..], [Shape::Pen { .. }]), "{:?}", alone.shapes);
        let wrong = Frame { diagnostic: Some("a: 3: no".to_owned()), background: Some(0x102030), ..frame };
        let wrong = scene(&wrong, 640, 360);
        assert_eq!((texts(&wrong), wrong.background), (vec!["a: 3: no"], Colour::opaque(0x102030)));
    }
}
