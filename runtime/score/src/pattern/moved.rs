//! Single events a little earlier or later: swing, unsteady hands, a grid.

use super::signal::phase;
use crate::random::{Seed, noise_at};
use crate::{Beat, Event, Pattern, Query};

impl<T: 'static> Pattern<T> {
    /// Each event later by what `shift` says of it, in beats; earlier when negative. Its length stays. No
    /// event is moved further than `reach` says, in beats. What flows stays.
    pub fn moved(
        &self,
        reach: impl Fn(Query) -> Beat + 'static,
        shift: impl Fn(Query, &Event<T>) -> Beat + 'static,
    ) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let reach = reach(query);
            let wide = crate::Span { start: query.span.start - reach, end: query.span.end + reach };
            let mut events = Vec::new();
            for event in inner.query(query.over(wide))? {
                let by = if event.whole.is_some() {
                    shift(query, &event).max(-reach).min(reach)
                } else {
                    Beat::ZERO
                };
                let event = event.placed(|span| span.shift(by));
                if let Some(part) = event.part.intersect(query.span) {
                    events.push(Event { part, ..event });
                }
            }
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }

    /// Of each of `parts` equal parts of a bar, what begins in the second half comes later by `amount` of
    /// that half (Strudel's `swingBy`): 1/3 is a triplet feel.
    pub fn swing(&self, amount: f64, parts: Beat) -> Pattern<T> {
        if parts <= Beat::ZERO {
            return self.clone();
        }
        let late = Beat::approximate(amount / 2.0).unwrap_or(Beat::ZERO) / parts;
        self.moved(
            move |query| (late * query.bar).abs(),
            move |query, event| {
                let at = event.whole.unwrap_or(event.part).start / query.bar;
                if phase(at * parts) < 0.5 { Beat::ZERO } else { late * query.bar }
            },
        )
    }

    /// Each event earlier or later by chance, by at most `most` beats.
    pub fn shaken(&self, most: Beat, seed: Seed) -> Pattern<T> {
        let far = most.to_f64().abs();
        self.moved(
            move |_| most.abs(),
            move |query, event| {
                let at = event.whole.unwrap_or(event.part).start / query.bar;
                let by = (2.0 * noise_at(seed, at) - 1.0) * far;
                // A grid of 1/960 of a beat keeps the fractions short.
                Beat::new((by * 960.0).round() as i64, 960)
            },
        )
    }

    /// Each event begins at the nearest multiple of `grid` beats, the later of two that are as near.
    pub fn quantized(&self, grid: Beat) -> Pattern<T> {
        if grid <= Beat::ZERO {
            return self.clone();
        }
        self.moved(
            move |_| grid,
            move |_, event| {
                let start = event.whole.unwrap_or(event.part).start;
                grid * Beat::whole((start + grid / Beat::whole(2)).floor_div(grid)) - start
            },
        )
    }
}
