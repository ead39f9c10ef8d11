//! Patterns that say of another when it begins, and when it is heard at all.

use super::Structure;
use super::apply::begun;
use super::structure::values_at;
use crate::{Beat, Event, Pattern, Span, euclid};

impl<T: Clone + 'static> Pattern<T> {
    /// An event for each event of `truths` that is true, with what of this holds where it begins
    /// (TidalCycles' `struct`).
    pub fn struct_by(&self, truths: &Pattern<bool>) -> Pattern<T> {
        let (inner, truths) = (self.clone(), truths.clone());
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for hit in begun(&truths, query)?.into_iter().filter(|hit| hit.value) {
                let place = hit.whole.unwrap_or(hit.part);
                for event in values_at(&inner, query.over(place))? {
                    let context = event.context.clone().with(&hit.context);
                    events.push(Event { whole: Some(place), part: hit.part, context, ..event });
                }
            }
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }

    /// What begins while `truths` is true (TidalCycles' `mask`).
    pub fn mask(&self, truths: &Pattern<bool>) -> Pattern<T> {
        let both = self.apply(truths, Structure::Left, |value, truth| truth.then(|| value.clone()));
        Pattern::try_new(move |query| {
            let events = both.query(query)?.into_iter();
            Ok(events
                .filter_map(|event| Some(event.value.clone()?).map(|value| event.with(|_| value)))
                .collect())
        })
    }

    /// A Euclidean rhythm a bar, each hit as long as until the next (TidalCycles' `euclidLegato`).
    pub fn euclid_legato(&self, hits: i32, steps: u32, rotation: i32) -> Pattern<T> {
        let rhythm = euclid(hits, steps, rotation);
        let at: Vec<i64> = (0i64..).zip(&rhythm).filter(|(_, hit)| **hit).map(|(step, _)| step).collect();
        let steps = i64::from(steps);
        let truths = Pattern::new(move |query: crate::Query| {
            let mut events = Vec::new();
            let Some(first) = at.first() else { return events };
            let width = query.bar / Beat::whole(steps);
            // The last hit of a bar rings into the next: the bar before is looked at too.
            let from = query.span.start.floor_div(query.bar) - 1;
            let to = query.span.end.floor_div(query.bar);
            for bar in from..=to {
                let line = query.bar * Beat::whole(bar);
                for (i, step) in at.iter().enumerate() {
                    let end = at.get(i + 1).copied().unwrap_or(steps + first);
                    let whole = Span {
                        start: line + width * Beat::whole(*step),
                        end: line + width * Beat::whole(end),
                    };
                    if let Some(part) = whole.intersect(query.span) {
                        events.push(Event::new(whole, part, true));
                    }
                }
            }
            events
        });
        self.struct_by(&truths)
    }

    /// Begins anew, with its first bar, where each event of `truths` that is true begins; before that, and
    /// while it is false, silence (Strudel's `restart`).
    pub fn restarted(&self, truths: &Pattern<bool>) -> Pattern<T> {
        let (inner, truths) = (self.clone(), truths.clone());
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for hit in begun(&truths, query)?.into_iter().filter(|hit| hit.value) {
                let place = hit.whole.unwrap_or(hit.part);
                let found = inner.query(query.over(hit.part.shift(-place.start)))?.into_iter();
                events.extend(found.map(|event| {
                    let context = event.context.clone().with(&hit.context);
                    Event { context, ..event }.placed(|span| span.shift(place.start))
                }));
            }
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }

    /// In each bar one event, from `from` to `to` in parts of the bar, with what holds where it begins
    /// (Strudel's `beat`).
    pub fn beat(&self, from: Beat, to: Beat) -> Pattern<T> {
        let place = Pattern::new(move |query: crate::Query| {
            let bars = query.span.cycles(query.bar).into_iter();
            let event = |part: Span| {
                let bar = query.bar * Beat::whole(part.start.floor_div(query.bar));
                let whole = Span { start: bar + from * query.bar, end: bar + to * query.bar };
                whole.intersect(part).map(|part| Event::new(whole, part, true))
            };
            bars.filter_map(event).collect()
        });
        self.struct_by(&place)
    }
}
