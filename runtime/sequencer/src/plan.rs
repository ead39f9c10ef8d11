//! A stretch of a slot's part turned into items: what the pattern answers,
//! bounded and in a fixed order.

use std::fmt;
use std::sync::Arc;

use lilt_score::{
    Beat, Control, Controls, Event, Pitch, Query, QueryError, Sketch, Sound, Span, Stroke, Tone,
};

use crate::{Instrument, Output, Part, Strike};

/// Most notes or strokes of one slot that begin in one planned stretch (a bar or less).
pub const MOST_EVENTS: usize = 512;
/// Most notes of one slot that sound at once.
pub const MOST_SOUNDING: usize = 64;
/// Resolution to which strokes are placed inside their event: finer than a frame
/// of any screen for events up to a minute.
const STROKE_GRID: i64 = 4096;

/// One thing to do at an exact beat.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) beat: Beat,
    pub(crate) kind: ItemKind,
}

#[derive(Debug, Clone)]
pub(crate) enum ItemKind {
    Control { control: Control, value: f64 },
    Note { end: Beat, strike: Arc<Strike> },
    Stroke { stroke: Arc<Stroke>, duration: Beat, first: bool, begun: Beat },
}

impl Item {
    /// The same, later by `beats`.
    pub(crate) fn shift(&self, beats: Beat) -> Item {
        let mut item = self.clone();
        if beats.is_zero() {
            return item;
        }
        item.beat += beats;
        if let ItemKind::Note { end, .. } = &mut item.kind {
            *end += beats;
        }
        item
    }

    /// At one moment controls come before the notes they shape.
    pub(crate) fn order(&self) -> (Beat, u8) {
        let rank = match self.kind {
            ItemKind::Control { .. } => 0,
            ItemKind::Note { .. } => 1,
            ItemKind::Stroke { .. } => 2,
        };
        (self.beat, rank)
    }
}

/// What a part does over a span.
#[derive(Debug, Default)]
pub(crate) struct PartPlan {
    /// Notes and strokes, sorted by beat; equal beats in the pattern's order.
    pub(crate) items: Vec<Item>,
    /// Notes that began before the span and sound on into it.
    pub(crate) held: Vec<(Span, Tone)>,
    /// Items left out because there were more than [`MOST_EVENTS`].
    pub(crate) dropped: usize,
}

impl PartPlan {
    /// Asks the part's pattern.
    ///
    /// # Errors
    /// As the pattern's query.
    pub(crate) fn new(part: &Part, query: Query) -> Result<PartPlan, QueryError> {
        let span = query.span;
        let mut plan = PartPlan::default();
        match part {
            Part::Notes(pattern) => pattern.query(query)?.iter().for_each(|event| plan.note(event, query)),
            Part::Drawing { sketches } => {
                sketches.query(query)?.iter().for_each(|event| plan.sketch(event, span));
            }
        }
        plan.items.sort_by_key(|item| item.beat);
        let before = plan.items.partition_point(|item| item.beat < span.start);
        plan.dropped = plan.items.len().saturating_sub(before + MOST_EVENTS);
        plan.items.truncate(before + MOST_EVENTS);
        Ok(plan)
    }

    /// What of it begins in `span` of the performance, where its beat 0 falls on `origin`. Where it `enters` with
    /// the span, what has been drawn already of a drawing that began before is there at once.
    pub(crate) fn within(&self, span: Span, origin: Beat, enters: bool) -> Vec<Item> {
        let items = self.items.iter().map(|item| item.shift(origin));
        let (before, after): (Vec<Item>, Vec<Item>) =
            items.filter(|item| item.beat < span.end).partition(|item| item.beat < span.start);
        // Of the drawings that began before only the last is still there.
        let is_first = |item: &Item| matches!(item.kind, ItemKind::Stroke { first: true, .. });
        let last = before.iter().rposition(is_first).filter(|_| enters);
        let drawn = last.map_or(&[][..], |last| &before[last..]).iter().map(|item| {
            let mut item = item.clone();
            if let ItemKind::Stroke { begun, .. } = &mut item.kind {
                *begun = span.start - item.beat;
            }
            Item { beat: span.start, ..item }
        });
        drawn.chain(after).collect()
    }

    /// Until when it holds a note at beat `at` that began earlier, at `start`; in its own beats.
    pub(crate) fn holds(&self, at: Beat, start: Beat, tone: Tone) -> Option<Beat> {
        let before = self.held.iter().find(|(whole, held)| whole.start == start && *held == tone);
        let inside = || {
            let struck = self.items.iter().filter(|item| item.beat == start && item.beat < at);
            struck.into_iter().find_map(|item| match &item.kind {
                ItemKind::Note { end, strike } if strike.tone == tone => Some(*end),
                _ => None,
            })
        };
        before.map(|(whole, _)| whole.end).or_else(inside).filter(|end| *end > at)
    }

    fn note(&mut self, event: &Event<Controls>, query: Query) {
        let span = query.span;
        // Numbers alone do not sound.
        let Some(tone) = tone(&event.value) else { return };
        let Some(whole) = event.whole.filter(|whole| !whole.is_empty()).map(|whole| sounding(whole, event))
        else {
            return;
        };
        if span.contains(whole.start) && event.onset().is_some() {
            let kind = ItemKind::Note { end: whole.end, strike: Arc::new(strike(tone, event, query.bar)) };
            self.items.push(Item { beat: whole.start, kind });
        } else if whole.start < span.start && span.contains(event.part.start) && whole.end > event.part.start
        {
            self.held.push((whole, tone));
        }
    }

    fn sketch(&mut self, event: &Event<Sketch>, span: Span) {
        let Some(whole) = event.whole.filter(|whole| !whole.is_empty()) else { return };
        let strokes = event.value.strokes();
        let (mut earliest, latest) = (Beat::ZERO, whole.length() * Beat::new(STROKE_GRID - 1, STROKE_GRID));
        for (i, (stroke, (from, to))) in strokes.iter().zip(shares(strokes)).enumerate() {
            let from = (whole.length() * fraction(from)).min(latest).max(earliest);
            let to = (whole.length() * fraction(to)).max(from);
            earliest = from;
            let beat = whole.start + from;
            // What comes after is asked for with the next span. Of a drawing that began before this one, what
            // was drawn is kept for whoever enters in its middle.
            let before = beat < span.start && event.part.start == span.start;
            if !event.part.contains(beat) && !before {
                continue;
            }
            let kind = ItemKind::Stroke {
                stroke: Arc::new(stroke.clone()),
                duration: to - from,
                first: i == 0,
                begun: Beat::ZERO,
            };
            self.items.push(Item { beat, kind });
        }
    }
}

/// How long an event sounds: its whole, or so many parts of that as it says.
fn sounding(whole: Span, event: &Event<Controls>) -> Span {
    match event.value.get(Control::LEGATO).and_then(Beat::approximate) {
        Some(part) if part > Beat::ZERO => Span::new(whole.start, whole.start + whole.length() * part),
        _ => whole,
    }
}

/// What an event sounds. One that names a sound and no pitch is the drum of that name, where there is one,
/// or else middle C; a plain number does not sound on anything.
fn tone(controls: &Controls) -> Option<Tone> {
    controls.tone.or_else(|| {
        let sound = controls.sound.as_ref().filter(|_| controls.value().is_none())?;
        Some(sound.name().parse().map_or(Tone::Pitch(Pitch::from_key(60)), Tone::Drum))
    })
}

/// What an event strikes: its numbers as far as they are numbers, within their ranges.
fn strike(tone: Tone, event: &Event<Controls>, bar: Beat) -> Strike {
    let controls = &event.value;
    let sampled = matches!(controls.sound, Some(Sound::Sample(_)));
    // How long an event is, its whole says; a recorded sound rings on behind that unless the event says so.
    let meant = |(control, _): &&(Control, f64)| match *control {
        Control::VALUE => false,
        Control::LEGATO => sampled,
        _ => true,
    };
    let in_beats = |(control, value): &(Control, f64)| match *control {
        Control::BARS => (Control::BEATS, value * bar.to_f64()),
        _ => (*control, *value),
    };
    let bounded = |(control, value): (Control, f64)| {
        let (low, high) = control.range().into_inner();
        value.is_finite().then(|| (control, value.clamp(low, high)))
    };
    Strike {
        tone,
        velocity: controls.struck(),
        // The nearer word of two about its length counts: bars stand before beats, and are left out.
        numbers: one_each(controls.numbers().iter().filter(meant).map(in_beats).filter_map(bounded)),
        output: controls.sound.as_ref().and_then(|sound| output(sound, controls)).map(Arc::new),
        context: event.context.clone(),
    }
}

/// What plays an event that says so.
fn output(sound: &Sound, controls: &Controls) -> Option<Output> {
    Some(match sound {
        Sound::Instrument(name) => {
            let named = |instrument: &Instrument| instrument.name() == &**name;
            Output::Synth(Instrument::ALL.into_iter().find(named)?)
        }
        Sound::Sample(name) => {
            let pitched = matches!(controls.tone, Some(Tone::Pitch(_)));
            Output::Sample { name: Arc::clone(name), pitched }
        }
        Sound::Preset(preset) => Output::Preset(Arc::clone(preset)),
        Sound::Timbre(place) => Output::Timbre(place.clone()),
    })
}

impl Output {
    /// What plays an event in a slot of this output: its own sound, but by MIDI, or else the slot's; a drum is a
    /// drum on every instrument of the synthesiser. `None` where it does not sound.
    pub fn playing(&self, controls: &Controls) -> Option<Output> {
        let tone = tone(controls)?;
        let own = controls.sound.as_ref().filter(|_| self.sounds_here());
        let played = own.and_then(|sound| output(sound, controls)).unwrap_or_else(|| self.clone());
        Some(match (played, tone) {
            (Output::Synth(_), Tone::Drum(_)) => Output::Synth(Instrument::Kit),
            (played, _) => played,
        })
    }
}

/// Of numbers in the order of their controls the last of each control.
fn one_each(numbers: impl Iterator<Item = (Control, f64)>) -> Box<[(Control, f64)]> {
    let mut each: Vec<(Control, f64)> = Vec::new();
    for (control, value) in numbers {
        match each.last_mut().filter(|(last, _)| *last == control) {
            Some(last) => last.1 = value,
            None => each.push((control, value)),
        }
    }
    each.into()
}

fn fraction(share: f64) -> Beat {
    Beat::new((share.clamp(0.0, 1.0) * STROKE_GRID as f64).round() as i64, STROKE_GRID)
}

/// When each stroke begins and ends, as shares `0..=1` of the whole drawing: by the
/// times of its points, or by the number of points where a drawing has no times.
fn shares(strokes: &[Stroke]) -> Vec<(f64, f64)> {
    let times = || strokes.iter().flat_map(|stroke| &stroke.points).map(|point| f64::from(point.time));
    let (first, last) = (times().fold(f64::INFINITY, f64::min), times().fold(0.0, f64::max));
    let total = last - first;
    if total > 0.0 {
        return strokes
            .iter()
            .map(|stroke| {
                let time = |point: Option<&lilt_score::Point>| {
                    point.map_or(0.0, |point| (f64::from(point.time) - first) / total)
                };
                (time(stroke.points.first()), time(stroke.points.last()))
            })
            .collect();
    }
    let points = strokes.iter().map(|stroke| stroke.points.len()).sum::<usize>().max(1) as f64;
    let mut drawn = 0;
    strokes
        .iter()
        .map(|stroke| {
            let from = drawn as f64 / points;
            drawn += stroke.points.len();
            (from, drawn as f64 / points)
        })
        .collect()
}

/// Something a slot asked for and got only in part.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    /// Name of the slot in the script.
    pub name: String,
    /// Line of the script that fills it, from 1.
    pub line: u32,
    /// What was cut down.
    pub limit: Limit,
}

/// A bound that was met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// More than [`MOST_EVENTS`] events begin in one bar; the later ones are left out.
    Events {
        /// How many were left out.
        dropped: usize,
    },
    /// More than [`MOST_SOUNDING`] notes at once; the last are left out.
    Sounding,
    /// A control gave a value that is no finite number; it keeps its last value.
    NotANumber {
        /// Which control.
        control: Control,
    },
    /// A control left its range and is held at its end.
    Range {
        /// Which control.
        control: Control,
        /// The value it gave.
        value: f64,
    },
}

impl Limit {
    /// True when the musician needs to hear only one of the two.
    pub(crate) fn same_kind(&self, other: &Limit) -> bool {
        match (self, other) {
            (Limit::Events { .. }, Limit::Events { .. }) | (Limit::Sounding, Limit::Sounding) => true,
            (Limit::NotANumber { control: a }, Limit::NotANumber { control: b })
            | (Limit::Range { control: a, .. }, Limit::Range { control: b, .. }) => a == b,
            _ => false,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot \"{}\" (line {}): ", self.name, self.line)?;
        match self.limit {
            Limit::Events { dropped } => write!(
                f,
                "more than {MOST_EVENTS} events in a bar; {dropped} are left out, slow the pattern down"
            ),
            Limit::Sounding => {
                write!(f, "more than {MOST_SOUNDING} notes at once; the rest are left out, shorten the notes")
            }
            Limit::NotANumber { control } => {
                write!(f, "{} is not a finite number here; it keeps its last value", control.name())
            }
            Limit::Range { control, value } => {
                let (low, high) = control.range().into_inner();
                write!(
                    f,
                    "{} of {value} is held at {}; write {low} to {high}",
                    control.name(),
                    value.clamp(low, high)
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use lilt_score::{Drum, Note, Pattern, Point, Velocity};

    use super::*;

    fn hit() -> Note {
        Note {
            start: Beat::ZERO,
            duration: Beat::ONE,
            tone: Tone::Drum(Drum::Snare),
            velocity: Velocity::DEFAULT,
        }
    }

    fn every(step: Beat) -> Pattern<Note> {
        Pattern::new(move |query| {
            query
                .span
                .cycles(step)
                .into_iter()
                .map(|part| {
                    let start = step * Beat::whole(part.start.floor_div(step));
                    Event::new(Span::new(start, start + step), part, hit())
                })
                .collect()
        })
    }

    #[test]
    fn a_bar_is_bounded() {
        let bar = Beat::whole(4);
        let plan = PartPlan::new(
            &Part::Notes(every(Beat::new(1, 256)).map(Controls::from)),
            Query::new(Span::new(Beat::ZERO, bar), bar),
        )
        .expect("answers");
        assert_eq!((plan.items.len(), plan.dropped), (512, 512));
    }

    #[test]
    fn notes_that_sound_on_are_held_and_not_struck_again() {
        let bar = Beat::whole(4);
        let span = Span::new(Beat::ONE, bar);
        let plan =
            PartPlan::new(&Part::Notes(every(Beat::whole(2)).map(Controls::from)), Query::new(span, bar))
                .expect("answers");
        assert_eq!(plan.items.iter().map(|item| item.beat).collect::<Vec<_>>(), [Beat::whole(2)]);
        assert_eq!(plan.held, [(Span::new(Beat::ZERO, Beat::whole(2)), hit().tone)]);
    }

    #[test]
    fn what_an_event_says_is_struck_within_its_ranges() {
        let bar = Beat::whole(4);
        let said = |note: Note| {
            let mut said = Controls::from(note).with(Control::GAIN, 7.0).with(Control::PAN, f64::NAN);
            said.sound = Some("bell".into());
            said.with(Control::LEGATO, 0.5)
        };
        let query = Query::new(Span::new(Beat::ZERO, bar), bar);
        let plan = PartPlan::new(&Part::Notes(every(Beat::whole(4)).map(said)), query).expect("answers");
        let ItemKind::Note { end, strike } = &plan.items[0].kind else { panic!("a note") };
        assert_eq!(*end, Beat::whole(2));
        assert_eq!(*strike.numbers, [(Control::GAIN, 2.0)]);
        assert_eq!(strike.output.as_deref(), Some(&Output::Synth(Instrument::Bell)));
    }

    #[test]
    fn a_sound_without_a_pitch_sounds() {
        let bar = Beat::whole(4);
        let struck = |controls: Controls| {
            let part = Part::Notes(Pattern::pure(controls));
            let plan = PartPlan::new(&part, Query::new(Span::new(Beat::ZERO, bar), bar)).expect("answers");
            plan.items.into_iter().map(|item| match item.kind {
                ItemKind::Note { strike, .. } => (strike.tone, strike.output.clone(), strike.numbers.clone()),
                other => panic!("{other:?}"),
            })
        };
        let named = |sound: Sound| {
            let mut named = Controls::new();
            named.sound = Some(sound);
            named
        };
        let sample = |name: &str, pitched| Some(Arc::new(Output::Sample { name: name.into(), pitched }));
        let c4 = Tone::Pitch(Pitch::from_key(60));
        let breaks = named(Sound::Sample("breaks".into()));
        let fitted = breaks.clone().with(Control::N, 2.0).with(Control::BARS, 0.5);
        let numbers: Box<[_]> = [(Control::N, 2.0), (Control::BEATS, 2.0)].into();
        assert!(struck(fitted).eq([(c4, sample("breaks", false), numbers)]));
        let drum = named(Sound::Sample("bd".into())).with(Control::LEGATO, 0.5);
        let legato: Box<[_]> = [(Control::LEGATO, 0.5)].into();
        assert!(struck(drum).eq([(Tone::Drum(Drum::Bass), sample("bd", false), legato)]));
        let mut pitched = breaks;
        pitched.tone = Some(c4);
        assert!(struck(pitched).eq([(c4, sample("breaks", true), Box::default())]));
        let pluck = Some(Arc::new(Output::Synth(Instrument::Pluck)));
        assert!(struck(named("pluck".into())).eq([(c4, pluck, Box::default())]));
        assert_eq!(struck(named("pluck".into()).with(Control::VALUE, 3.0)).count(), 0);
    }

    fn stroke(times: &[f32]) -> Stroke {
        let point = |time: &f32| Point { x: 0.0, y: 0.0, width: 0.01, time: *time };
        Stroke { points: times.iter().map(point).collect() }
    }

    fn placed(strokes: Vec<Stroke>) -> Vec<(String, String, bool)> {
        let bar = Beat::whole(4);
        let sketches = Pattern::pure(Sketch::new(strokes));
        let plan = PartPlan::new(&Part::Drawing { sketches }, Query::new(Span::new(Beat::ZERO, bar), bar));
        let place = |item: &Item| match &item.kind {
            ItemKind::Stroke { duration, first, .. } => (item.beat.to_string(), duration.to_string(), *first),
            other => panic!("{other:?}"),
        };
        plan.expect("answers").items.iter().map(place).collect()
    }

    #[test]
    fn strokes_are_spread_over_the_event() {
        let row = |beat: &str, duration: &str, first| (beat.to_string(), duration.to_string(), first);
        assert_eq!(
            placed(vec![stroke(&[0.0, 1.0]), stroke(&[3.0, 4.0])]),
            [row("0", "1", true), row("3", "1", false)]
        );
        assert_eq!(
            placed(vec![stroke(&[0.0]), stroke(&[0.0, 0.0, 0.0])]),
            [row("0", "1", true), row("1", "3", false)]
        );
    }

    #[test]
    fn a_drawing_of_two_bars_goes_on_in_the_second_and_is_there_for_whoever_enters() {
        let bar = Beat::whole(4);
        let sketch = Sketch::new((0..4).map(|i| stroke(&[i as f32, i as f32 + 1.0])).collect());
        let sketches = Pattern::new(move |query: Query| {
            let whole = Span::new(Beat::ZERO, Beat::whole(8));
            vec![Event::new(whole, query.span, sketch.clone())]
        });
        let part = Part::Drawing { sketches };
        let over = |from: i64| Span::new(Beat::whole(from), Beat::whole(from + 4));
        let second = PartPlan::new(&part, Query::new(over(4), bar)).expect("answers");
        let rows = |enters| -> Vec<(String, bool, String)> {
            let items = second.within(over(4), Beat::ZERO, enters);
            let row = |item: &Item| match &item.kind {
                ItemKind::Stroke { first, begun, .. } => (item.beat.to_string(), *first, begun.to_string()),
                other => panic!("{other:?}"),
            };
            items.iter().map(row).collect()
        };
        let row = |beat: &str, first, begun: &str| (beat.to_string(), first, begun.to_string());
        assert_eq!(rows(false), [row("4", false, "0"), row("6", false, "0")]);
        let entered = [row("4", true, "4"), row("4", false, "2"), row("4", false, "0"), row("6", false, "0")];
        assert_eq!(rows(true), entered);
    }
}
