//! A form: the parts of a piece in their order, how long each lasts, and how one passes into the next.
//!
//! Bar 0 of a form lies where what follows it began to be played; edits leave it there. Its bars are those of the
//! performance, whatever bars and rate a slot has of its own.

use lilt_score::{Beat, Event, Pattern, Query, QueryError, Span};

use crate::fingerprint::Fingerprint;
use crate::function::within;

/// How often in a beat a fade takes another step.
const STEPS_A_BEAT: i64 = 16;

/// The parts of a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form {
    /// Never empty; each lasts a bar or more.
    pub parts: Vec<FormPart>,
    pub ending: Ending,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FormPart {
    pub name: String,
    pub bars: i64,
    /// Over how many of its bars what enters with it fades in, and what ended with the part before fades out.
    pub fade: Beat,
}

/// What comes after the last part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The first.
    Repeat,
    /// Nothing.
    Stop,
    /// It goes on.
    Hold,
}

/// What a slot plays of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gate {
    /// For each part whether it is played.
    pub open: Vec<bool>,
}

/// A part where it lies in the piece, in bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    /// Its number in the piece, repeats counted.
    number: i64,
    part: usize,
    start: i64,
    end: i64,
}

/// What a part plays of music by part.
pub(crate) struct PartMusic<T> {
    /// Equal for music that sounds the same.
    pub print: u64,
    pub pattern: Pattern<T>,
}

/// Where a bar of the form lies.
fn place(query: Query, bar: Beat) -> Beat {
    query.origin + query.measure * bar
}

/// Farther than anybody plays.
const EVER: i64 = 1 << 40;

impl Form {
    /// Equal for equal forms.
    pub fn print(&self) -> Fingerprint {
        let print = Fingerprint::of("form").number(self.ending as u64);
        self.parts.iter().fold(print, |print, part| {
            print.text(&part.name).number(part.bars as u64).real(part.fade.to_f64())
        })
    }

    /// Length of all parts in bars.
    fn bars(&self) -> i64 {
        self.parts.iter().map(|part| part.bars).sum()
    }

    /// The part in which a bar lies; `None` before the first and after the last.
    fn at(&self, bar: i64) -> Option<Stretch> {
        if bar < 0 {
            return None;
        }
        let (all, count) = (self.bars(), self.parts.len() as i64);
        let pass = if self.ending == Ending::Repeat { bar / all } else { 0 };
        let mut start = pass * all;
        for (part, FormPart { bars, .. }) in self.parts.iter().enumerate() {
            let holds = self.ending == Ending::Hold && part + 1 == self.parts.len();
            let end = if holds { EVER } else { start + bars };
            if bar < end {
                return Some(Stretch { number: pass * count + part as i64, part, start, end });
            }
            start = end;
        }
        None
    }

    /// The part before a part, in the order of the piece.
    fn before(&self, stretch: Stretch) -> Option<Stretch> {
        self.at(stretch.start - 1)
    }

    /// Each part that the query touches, with the span asked for of it.
    fn over(
        &self,
        query: Query,
        mut answer: impl FnMut(Stretch, Span) -> Result<(), QueryError>,
    ) -> Result<(), QueryError> {
        let mut at = query.span.start.max(query.origin);
        while at < query.span.end {
            let Some(stretch) = self.at((at - query.origin).floor_div(query.measure)) else { break };
            let end = place(query, Beat::whole(stretch.end)).min(query.span.end);
            answer(stretch, Span::new(at, end))?;
            at = end;
        }
        Ok(())
    }

    /// Music by part: each part plays its own from its first bar on, and what begins in a part ends with it.
    /// Where a part fades, what the part before played goes on into it, softer and softer, and its own comes in
    /// louder and louder, unless both play the same. `soften` makes an event so many times as loud; it is told
    /// how loud the fade is in the middle of the event.
    pub fn by_part<T: 'static>(
        self,
        music: Vec<Option<PartMusic<T>>>,
        soften: impl Fn(&mut T, f64) + 'static,
    ) -> Pattern<T> {
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            let print = |stretch: Stretch| music[stretch.part].as_ref().map(|music| music.print);
            let fade = |from: Stretch, to: Stretch| match print(from) == print(to) {
                true => Beat::ZERO,
                false => self.fade(to),
            };
            let comes =
                |stretch| self.before(stretch).map_or(self.fade(stretch), |before| fade(before, stretch));
            let mut of_part = |stretch: Stretch, asked: Span| {
                let Some(music) = &music[stretch.part] else { return Ok(()) };
                let start = place(query, Beat::whole(stretch.start));
                let end = place(query, Beat::whole(stretch.end));
                let in_bars = query.measure * comes(stretch);
                let out_bars =
                    query.measure * self.at(stretch.end).map_or(Beat::ZERO, |next| fade(stretch, next));
                let heard = Span::new(start, end + out_bars);
                let own = Query { span: asked.shift(-start), origin: Beat::ZERO, ..query };
                for event in music.pattern.query(own)? {
                    let mut event = within(event.placed(|span| span.shift(start)), heard);
                    let all = event.whole.unwrap_or(event.part);
                    let middle = (all.start + all.end) / Beat::whole(2);
                    let come =
                        if middle - start < in_bars { ((middle - start) / in_bars).to_f64() } else { 1.0 };
                    let gone = if middle > end { ((middle - end) / out_bars).to_f64() } else { 0.0 };
                    soften(&mut event.value, come * (1.0 - gone));
                    events.push(event);
                }
                Ok(())
            };
            self.over(query, |stretch, asked| {
                if let Some(before) = self.before(stretch) {
                    let faded = place(query, Beat::whole(stretch.start) + comes(stretch));
                    if asked.start < faded {
                        of_part(before, Span::new(asked.start, faded.min(asked.end)))?;
                    }
                }
                of_part(stretch, asked)
            })?;
            Ok(events)
        })
    }

    /// For how many bars of its beginning a part still lets be heard what ended with the part before, and
    /// lets what is new fade in.
    fn fade(&self, stretch: Stretch) -> Beat {
        let part = &self.parts[stretch.part];
        part.fade.min(Beat::whole(part.bars))
    }

    /// From which bar to which a slot is heard without a break around `bar`; `None` where it is not.
    fn heard(&self, gate: &Gate, bar: Beat) -> Option<(Beat, Beat)> {
        let open = |stretch: Stretch| gate.open[stretch.part];
        let mut here = self.at(bar.floor_div(Beat::ONE))?;
        if !open(here) {
            let before = self.before(here).filter(|before| open(*before))?;
            if bar - Beat::whole(here.start) >= self.fade(here) {
                return None;
            }
            here = before;
        }
        let (mut first, mut last) = (here, here);
        // Where every part is open, one round of them tells as much as all.
        for _ in 0..self.parts.len() {
            match self.before(first).filter(|before| open(*before)) {
                Some(before) => first = before,
                None => break,
            }
        }
        for _ in 0..self.parts.len() {
            match self.at(last.end).filter(|next| open(*next)) {
                Some(next) => last = next,
                None => break,
            }
        }
        let tail = self.at(last.end).filter(|next| !open(*next)).map_or(Beat::ZERO, |next| self.fade(next));
        Some((Beat::whole(first.start), Beat::whole(last.end) + tail))
    }

    /// The pattern where the gate is open: what begins there, and no longer than until it closes.
    pub fn gated<T: 'static>(self, gate: Gate, pattern: Pattern<T>) -> Pattern<T> {
        let always = gate.open.iter().all(|open| *open) && self.ending != Ending::Stop;
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            let mut at = query.span.start.max(query.origin);
            while at < query.span.end {
                let bar = (at - query.origin) / query.measure;
                // A gate closes within a bar only where a fade ends.
                let next = place(query, Beat::whole(bar.floor_div(Beat::ONE) + 1));
                let heard = self.heard(&gate, bar);
                let heard = heard.map(|(from, to)| Span::new(place(query, from), place(query, to)));
                let end = match heard {
                    Some(heard) => next.min(query.span.end).min(heard.end),
                    None => next.min(query.span.end),
                };
                if let Some(heard) = heard {
                    for mut event in pattern.query(query.over(Span::new(at, end)))? {
                        if event.whole.is_some_and(|whole| whole.start < heard.start && !always) {
                            continue;
                        }
                        let cut = |whole: Span| Span::new(whole.start, whole.end.min(heard.end));
                        if !always {
                            event.whole = event.whole.map(cut);
                        }
                        events.push(event);
                    }
                }
                at = end;
            }
            Ok(events)
        })
    }

    /// True where a gate opens or closes with a fade.
    pub fn fades(&self) -> bool {
        self.parts.iter().any(|part| part.fade > Beat::ZERO)
    }

    /// How loud a slot is at a bar: 1 but where it fades.
    fn loudness(&self, gate: &Gate, bar: Beat) -> f64 {
        let Some(here) = self.at(bar.floor_div(Beat::ONE)) else { return 1.0 };
        let fade = self.fade(here);
        let into = bar - Beat::whole(here.start);
        if into >= fade {
            return 1.0;
        }
        let before = self.before(here).is_some_and(|before| gate.open[before.part]);
        let way = (into / fade).to_f64();
        match (before, gate.open[here.part]) {
            (false, true) => way,
            (true, false) => 1.0 - way,
            _ => 1.0,
        }
    }

    /// How loud a slot is that plays so: `gain` where it does not fade.
    pub fn faded(self, gate: Gate, gain: Option<Pattern<f64>>) -> Pattern<f64> {
        let step = Beat::new(1, STEPS_A_BEAT);
        Pattern::try_new(move |query| {
            let cells = query.span.cycles(step).into_iter();
            let mut events = Vec::new();
            for cell in cells {
                let from = step * Beat::whole(cell.start.floor_div(step));
                let bar = (from - query.origin) / query.measure;
                let loud = if bar < Beat::ZERO { 1.0 } else { self.loudness(&gate, bar) };
                let gain = match &gain {
                    Some(gain) => gain.query(query.over(cell))?.first().map(|event| event.value),
                    None => Some(1.0),
                };
                events.extend(gain.map(|gain| Event::flowing(cell, gain * loud)));
            }
            Ok(events)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(ending: Ending, parts: &[(&str, i64, i64)]) -> Form {
        let part = |(name, bars, fade): &(&str, i64, i64)| FormPart {
            name: (*name).to_owned(),
            bars: *bars,
            fade: Beat::new(*fade, 2),
        };
        Form { parts: parts.iter().map(part).collect(), ending }
    }

    /// The bars of the first nine in which a note a bar is heard, and how many beats each lasts.
    fn heard(form: Form, open: &[bool], splits: &[i64]) -> Vec<(i64, i64)> {
        let gate = Gate { open: open.to_vec() };
        let pattern = form.gated(gate, Pattern::pure(0));
        let origin = Beat::whole(8);
        let mut found = Vec::new();
        for pair in splits.windows(2) {
            let span = Span::new(Beat::whole(pair[0]), Beat::whole(pair[1]));
            let events = pattern.query(Query { origin, ..Query::new(span, Beat::whole(4)) }).expect("plays");
            found.extend(events.into_iter().filter_map(|event| {
                let at = event.onset()?;
                let whole = event.whole?;
                Some(((at - origin).floor_div(Beat::whole(4)), (whole.end - whole.start).ceil()))
            }));
        }
        found
    }

    #[test]
    fn a_slot_is_heard_in_its_parts_however_it_is_asked() {
        let parts = [("a", 2, 0), ("b", 1, 1), ("c", 2, 0)];
        type Case = (Ending, &'static [bool], &'static [(i64, i64)]);
        let cases: [Case; 6] = [
            (Ending::Repeat, &[true, false, false], &[(0, 4), (1, 4), (2, 2), (5, 4), (6, 4), (7, 2)]),
            (Ending::Repeat, &[false, true, false], &[(2, 4), (7, 4)]),
            (Ending::Stop, &[true, false, true], &[(0, 4), (1, 4), (2, 2), (3, 4), (4, 4)]),
            (Ending::Stop, &[false, true, true], &[(2, 4), (3, 4), (4, 4)]),
            (Ending::Hold, &[false, false, true], &[(3, 4), (4, 4), (5, 4), (6, 4), (7, 4), (8, 4)]),
            (
                Ending::Repeat,
                &[true, true, true],
                &[(0, 4), (1, 4), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (7, 4), (8, 4)],
            ),
        ];
        for (ending, open, expected) in cases {
            let whole = heard(form(ending, &parts), open, &[0, 44]);
            assert_eq!(whole, expected, "{ending:?} {open:?}");
            let cut: Vec<i64> = (0..=44).collect();
            assert_eq!(heard(form(ending, &parts), open, &cut), expected, "{ending:?} {open:?} beat by beat");
        }
    }

    #[test]
    fn one_part_fades_into_the_next() {
        let form = form(Ending::Repeat, &[("a", 2, 0), ("b", 2, 2)]);
        let loud = |open: [bool; 2], bar| form.loudness(&Gate { open: open.to_vec() }, Beat::new(bar, 4));
        let out: Vec<f64> = (7..13).map(|bar| loud([true, false], bar)).collect();
        assert_eq!(out, [1.0, 1.0, 0.75, 0.5, 0.25, 1.0]);
        let back: Vec<f64> = (7..13).map(|bar| loud([false, true], bar)).collect();
        assert_eq!(back, [1.0, 0.0, 0.25, 0.5, 0.75, 1.0]);
        assert!((7..13).all(|bar| loud([true, true], bar) == 1.0));
    }

    #[test]
    fn music_by_part_begins_with_its_part() {
        let form = form(Ending::Stop, &[("a", 1, 0), ("b", 2, 0)]);
        let every_second = Pattern::pure(7).slow(Beat::whole(2));
        let music = [(1, Pattern::pure(1)), (2, every_second)]
            .map(|(print, pattern)| Some(PartMusic { print, pattern }));
        let pattern = form.by_part(music.into(), |_, _| {});
        let span = Span::new(Beat::ZERO, Beat::whole(16));
        let events = pattern.query(Query::new(span, Beat::whole(4))).expect("plays");
        let told: Vec<_> = events.iter().filter_map(|event| Some((event.onset()?, event.value))).collect();
        assert_eq!(told, [(Beat::ZERO, 1), (Beat::whole(4), 7)]);
    }
}
