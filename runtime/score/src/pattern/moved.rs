//! Single events a little earlier or later: swing, unsteady hands, a grid.

use super::signal::phase;
use crate::random::{Seed, noise_at};
use crate::{Beat, Event, Pattern, Query, Span};

/// Beats on a grid of 1/960, which keeps the fractions short.
fn fine(beats: f64) -> Beat {
    Beat::new((beats * 960.0).round() as i64, 960)
}

/// What numbers over time are at a beat; 0 where they are nothing, or cannot be had.
fn value_at(numbers: &Pattern<f64>, query: Query, at: Beat) -> f64 {
    if let Some(value) = numbers.steady_value() {
        return *value;
    }
    let moment = Span { start: at, end: at + Beat::new(1, 960) };
    numbers.query(query.over(moment)).ok().and_then(|events| Some(events.first()?.value)).unwrap_or(0.0)
}

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
            let wide = Span { start: query.span.start - reach, end: query.span.end + reach };
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

    /// Each event earlier or later by chance, by at most so many beats as `most` says where it begins, and never by
    /// more than `farthest`.
    pub fn shaken(&self, most: Pattern<f64>, farthest: Beat, seed: Seed) -> Pattern<T> {
        self.moved(
            move |_| farthest,
            move |query, event| {
                let start = event.whole.unwrap_or(event.part).start;
                fine((2.0 * noise_at(seed, start / query.bar) - 1.0) * value_at(&most, query, start))
            },
        )
    }

    /// Each event later by so many beats as `by` says where it begins, earlier where that is less than 0, and never by
    /// more than `farthest`.
    pub fn nudged(&self, by: Pattern<f64>, farthest: Beat) -> Pattern<T> {
        self.moved(
            move |_| farthest,
            move |query, event| fine(value_at(&by, query, event.whole.unwrap_or(event.part).start)),
        )
    }

    /// Each event lasts until the next one begins, and where none does within a bar, that bar or as long as it did.
    pub fn filled(&self) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let (bar, asked) = (query.bar, query.span);
            let ahead = |start: Beat| -> Result<Option<Beat>, crate::QueryError> {
                let events = inner.query(query.over(Span { start, end: start + bar }))?;
                let starts = events.iter().filter_map(|event| event.onset());
                Ok(starts.filter(|next| *next > start).min())
            };
            let wide = Span { start: asked.start - bar, end: asked.end };
            let mut events = Vec::new();
            for event in inner.query(query.over(wide))? {
                let whole = match event.whole {
                    None => None,
                    // A piece of one that is there already, or of which nobody heard the beginning.
                    Some(whole) if event.part.start != whole.start.max(wide.start) => continue,
                    Some(whole) => {
                        let end = match ahead(whole.start)? {
                            Some(next) => next,
                            None => whole.end.max(whole.start + bar),
                        };
                        Some(Span { end, ..whole })
                    }
                };
                if let Some(part) = whole.unwrap_or(event.part).intersect(asked) {
                    events.push(Event { part, whole, ..event });
                }
            }
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mini;

    /// Where the words of two bars begin, and where they end.
    fn told(of: impl Fn(&Pattern<mini::Word>) -> Pattern<mini::Word>, text: &str) -> String {
        let pattern = of(&mini::parse(text).expect("good").pattern());
        let bar = Beat::whole(4);
        let events = pattern.query(Query::new(Span::new(Beat::ZERO, bar + bar), bar)).expect("plays");
        let whole = events.iter().filter_map(|event| Some((event.onset()?, event.whole?, &event.value.text)));
        whole.map(|(at, whole, word)| format!("{at}-{}:{word}", whole.end)).collect::<Vec<_>>().join(" ")
    }

    fn numbers(text: &str) -> Pattern<f64> {
        mini::numbers(&mini::parse(text).expect("good")).expect("numbers")
    }

    #[test]
    fn each_event_is_moved_once_by_what_holds_where_it_begins() {
        let nudged = |by: &'static str| move |music: &Pattern<_>| music.nudged(numbers(by), Beat::ONE);
        assert_eq!(told(nudged("0 .25"), "a b"), "0-2:a 9/4-17/4:b 4-6:a 25/4-33/4:b");
        assert_eq!(told(nudged("0 -.5"), "a b"), "0-2:a 3/2-7/2:b 4-6:a 11/2-15/2:b");
        // Near the bar line some leave the two bars, and others come in; none is there twice.
        let shaken = |music: &Pattern<_>| music.shaken(numbers("0 .25"), Beat::ONE, Seed(3));
        let shaken = told(shaken, "a b c d");
        let words: Vec<&str> =
            shaken.split(' ').filter_map(|event| event.split_once(':')).map(|(_, w)| w).collect();
        assert_eq!(words, ["a", "b", "c", "d", "a", "b", "c", "d"], "{shaken}");
    }

    #[test]
    fn rests_are_filled_by_what_sounds_before_them() {
        let filled = |text| told(|music| music.filled(), text);
        assert_eq!(filled("a ~ b [~ c]"), "0-2:a 2-7/2:b 7/2-4:c 4-6:a 6-15/2:b 15/2-8:c");
        assert_eq!(filled("<a ~>"), "0-4:a");
        assert_eq!(filled("a,b ~"), "0-4:b 0-4:a 4-8:b 4-8:a");
    }
}
