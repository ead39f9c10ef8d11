//! Events in pieces: each repeated, or cut, inside its own time.

use crate::{Beat, Event, Pattern, Span};

impl<T: Clone + 'static> Pattern<T> {
    /// Each event `times` times in its own time (TidalCycles' `ply`); a part of a time at the end is cut.
    /// Nothing of it is silence. What flows stays.
    pub fn ply(&self, times: Beat) -> Pattern<T> {
        if times <= Beat::ZERO {
            return Pattern::silence();
        }
        self.in_pieces(times, |value, _, _| value.clone())
    }

    /// Each event cut into so many pieces, whose values `make` makes of its value, and of which piece of
    /// how many it is.
    pub fn pieces(&self, pieces: u32, make: impl Fn(&T, u32, u32) -> T + 'static) -> Pattern<T> {
        let pieces = pieces.max(1);
        self.in_pieces(Beat::whole(i64::from(pieces)), move |value, i, _| make(value, i, pieces))
    }

    /// In place of each event those of the values that `make` makes of its value, all at once.
    pub fn spread<U: 'static>(&self, make: impl Fn(&T) -> Vec<U> + 'static) -> Pattern<U> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for event in inner.query(query)? {
                let (whole, part) = (event.whole, event.part);
                let values = make(&event.value).into_iter();
                events.extend(values.map(|value| Event {
                    whole,
                    part,
                    value,
                    context: event.context.clone(),
                }));
            }
            Ok(events)
        })
    }

    fn in_pieces(&self, times: Beat, make: impl Fn(&T, u32, Beat) -> T + 'static) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for event in inner.query(query)? {
                let Some(whole) = event.whole else {
                    events.push(event);
                    continue;
                };
                let width = whole.length() / times;
                for piece in event.part.shift(-whole.start).cycles(width) {
                    let i = piece.start.floor_div(width).max(0);
                    let start = whole.start + width * Beat::whole(i);
                    events.push(Event {
                        whole: Some(Span { start, end: (start + width).min(whole.end) }),
                        part: piece.shift(whole.start),
                        value: make(&event.value, i as u32, times),
                        context: event.context.clone(),
                    });
                }
            }
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }

    /// The values of each bar's events moved to the next place to the left, `places` times, round and round
    /// in the bar; the rhythm stays (TidalCycles' `rot`). What rings on from the bar before is left out.
    pub fn rot(&self, places: i64) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for part in query.span.cycles(query.bar) {
                let start = query.bar * Beat::whole(part.start.floor_div(query.bar));
                let mut found = inner.query(query.over(Span { start, end: start + query.bar }))?;
                found.retain(|event| event.onset().is_some());
                found.sort_by_key(|event| event.whole);
                let count = found.len() as i64;
                for (i, event) in (0i64..).zip(&found) {
                    let Some(whole) = event.whole else { continue };
                    let Some(part) = whole.intersect(part) else { continue };
                    let from = &found[(i + places).rem_euclid(count) as usize];
                    events.push(Event {
                        whole: Some(whole),
                        part,
                        value: from.value.clone(),
                        context: from.context.clone(),
                    });
                }
            }
            Ok(events)
        })
    }
}
