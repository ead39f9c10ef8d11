//! Two patterns as one whose values are made of both, and who of them says when.

use super::QueryError;
use super::structure::values_at;
use crate::{Beat, Event, Pattern, Query, Span};

/// Which of two patterns says when the events of both begin and end; after TidalCycles' `|+`, `+|`,
/// `|+|` and Strudel's `squeeze`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Structure {
    /// The one that is changed: the other is looked up at its events.
    #[default]
    Left,
    /// The one that changes it.
    Right,
    /// Both: where two events touch is one event.
    Both,
    /// A whole bar of the one that changes is squeezed into each event of the other.
    Squeeze,
}

impl<T: Clone + 'static> Pattern<T> {
    /// What `make` makes of the values of both, with events as `structure` says. Values that flow
    /// take the whole of what they meet.
    pub fn apply<U: Clone + 'static, V: 'static>(
        &self,
        other: &Pattern<U>,
        structure: Structure,
        make: impl Fn(&T, &U) -> V + 'static,
    ) -> Pattern<V> {
        let (left, right) = (self.clone(), other.clone());
        // A value that never moves need not be looked up.
        if let (Some(value), Structure::Left) = (other.steady_value().cloned(), structure) {
            return self.map(move |own| make(&own, &value));
        }
        match structure {
            Structure::Left => Pattern::try_new(move |query| looked_up(&left, &right, query, &make)),
            Structure::Right => Pattern::try_new(move |query| {
                looked_up(&right, &left, query, |theirs, own| make(own, theirs))
            }),
            Structure::Both => Pattern::try_new(move |query| {
                let (ours, theirs) = (left.query(query)?, right.query(query)?);
                let mut events = Vec::new();
                for own in &ours {
                    for other in &theirs {
                        // What flows is looked up where the event of the other begins.
                        let (mut one, mut another) = (own.clone(), other.clone());
                        match (own.whole, other.whole) {
                            (Some(whole), None) => match values_at(&right, query.over(whole))?.pop() {
                                Some(held) => another = held,
                                None => continue,
                            },
                            (None, Some(whole)) => match values_at(&left, query.over(whole))?.pop() {
                                Some(held) => one = held,
                                None => continue,
                            },
                            _ => {}
                        }
                        let Some(part) = own.part.intersect(other.part) else { continue };
                        let whole = match (own.whole, other.whole) {
                            (Some(one), Some(another)) => one.intersect(another),
                            (one, another) => one.or(another),
                        };
                        let context = one.context.with(&another.context);
                        events.push(Event { whole, part, value: make(&one.value, &another.value), context });
                    }
                }
                events.sort_by_key(|event| event.part.start);
                Ok(events)
            }),
            Structure::Squeeze => Pattern::try_new(move |query| {
                let mut events = Vec::new();
                for own in begun(&left, query)? {
                    let place = own.whole.unwrap_or(own.part);
                    for other in squeezed(&right, place, query.over(own.part))? {
                        let context = own.context.clone().with(&other.context);
                        let made = other.with(|theirs| make(&own.value, &theirs));
                        events.push(Event { context, ..made });
                    }
                }
                events.sort_by_key(|event| event.part.start);
                Ok(events)
            }),
        }
    }

    /// Each event is filled by a whole bar of the pattern that its value makes.
    pub fn squeezed_by<V: 'static>(&self, make: impl Fn(&T) -> Pattern<V> + 'static) -> Pattern<V> {
        let outer = self.clone();
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for own in begun(&outer, query)? {
                let place = own.whole.unwrap_or(own.part);
                let inner = squeezed(&make(&own.value), place, query.over(own.part))?;
                events.extend(inner.into_iter().map(|event| {
                    let context = event.context.clone().with(&own.context);
                    Event { context, ..event }
                }));
            }
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }
}

/// Events of `left`, each with what `right` has in its time: where that changes amid an event, the
/// event is in pieces of which only the first begins.
fn looked_up<T, U, V>(
    left: &Pattern<T>,
    right: &Pattern<U>,
    query: Query,
    make: impl Fn(&T, &U) -> V,
) -> Result<Vec<Event<V>>, QueryError>
where
    T: 'static,
    U: 'static,
{
    let mut events = Vec::new();
    for own in left.query(query)? {
        // A flowing value of the right is the value at the event's beginning, wherever it is asked.
        let place = own.whole.unwrap_or(own.part);
        for other in right.query(query.over(place))? {
            // Of a value that is told again as it moves the first counts.
            if other.whole.is_none() && other.part.start != place.start {
                continue;
            }
            let held = if other.whole.is_none() { place } else { other.part };
            let Some(part) = own.part.intersect(held) else { continue };
            let context = own.context.clone().with(&other.context);
            events.push(Event { whole: own.whole, part, value: make(&own.value, &other.value), context });
        }
    }
    Ok(events)
}

/// The events of a pattern that says when something begins. What flows has no beginnings of its own: it is told
/// once a bar, as it is where the bar begins, however the question is cut.
pub(super) fn begun<T: 'static>(pattern: &Pattern<T>, query: Query) -> Result<Vec<Event<T>>, QueryError> {
    let mut events = pattern.query(query)?;
    if events.iter().all(|event| event.whole.is_some()) {
        return Ok(events);
    }
    events.retain(|event| event.whole.is_some());
    events.extend(query.in_bars(|bar, query| {
        let line = query.bar_line(bar);
        let whole = Span { start: line, end: line + query.bar };
        let flowing =
            values_at(pattern, query.over(whole))?.into_iter().filter(|event| event.whole.is_none());
        Ok(flowing.map(|event| Event { whole: Some(whole), part: query.span, ..event }).collect())
    })?);
    events.sort_by_key(|event| event.part.start);
    Ok(events)
}

/// What of `pattern`, whose bar is squeezed into `place`, lies in the query's span. Of its bars it is
/// the one in which `place` begins.
pub(super) fn squeezed<T: 'static>(
    pattern: &Pattern<T>,
    place: Span,
    query: Query,
) -> Result<Vec<Event<T>>, QueryError> {
    if place.is_empty() {
        return Ok(Vec::new());
    }
    let bar = query.bar * Beat::whole(place.start.floor_div(query.bar));
    let factor = place.length() / query.bar;
    let there = |at: Beat| bar + (at - place.start) / factor;
    let back = |at: Beat| place.start + (at - bar) * factor;
    let Some(asked) = query.span.intersect(place) else { return Ok(Vec::new()) };
    let inner = query.over(Span { start: there(asked.start), end: there(asked.end) });
    let whole_bar = Span { start: bar, end: bar + query.bar };
    let events = pattern.query(inner)?.into_iter().map(|mut event| {
        // What rings over the bar is cut with it.
        event.whole = event.whole.and_then(|whole| whole.intersect(whole_bar));
        event.placed(|span| Span { start: back(span.start), end: back(span.end) })
    });
    Ok(events.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mini;

    #[test]
    fn a_value_that_moves_on_does_not_strike_again() {
        // As a function of the beat is told: once in every eighth of a beat.
        let moving = Pattern::new(|query| {
            let eighths = query.span.cycles(Beat::new(1, 8)).into_iter();
            eighths.map(|part| Event::flowing(part, part.start.to_f64())).collect()
        });
        let bar = Beat::whole(4);
        let sum = numbers("10 20").apply(&moving, Structure::Left, |a, b| a + b);
        for parts in [1, 3, 16] {
            let mut told = Vec::new();
            for part in 0..parts {
                let at = |i: i64| bar * Beat::new(i, parts);
                let query = Query::new(Span::new(at(part), at(part + 1)), bar);
                let events = sum.query(query).expect("numbers never fail");
                told.extend(
                    events.iter().filter_map(|event| Some((event.onset()?.to_string(), event.value))),
                );
            }
            assert_eq!(told, [("0".to_owned(), 10.0), ("2".to_owned(), 22.0)], "{parts}");
        }
    }

    fn numbers(text: &str) -> Pattern<f64> {
        mini::numbers(&mini::parse(text).expect("good notation")).expect("numbers")
    }

    #[test]
    fn who_says_when() {
        for (structure, told) in [
            (Structure::Left, "0-2:11 2-4:22"),
            (Structure::Right, "0-4/3:11 4/3-8/3:12 8/3-4:23"),
            (Structure::Both, "0-4/3:11 4/3-2:12 2-8/3:22 8/3-4:23"),
            (Structure::Squeeze, "0-2/3:11 2/3-4/3:12 4/3-2:13 2-8/3:21 8/3-10/3:22 10/3-4:23"),
        ] {
            let sum = numbers("10 20").apply(&numbers("1 2 3"), structure, |a, b| a + b);
            let bar = Beat::whole(4);
            let events = sum.query(Query::new(Span::new(Beat::ZERO, bar), bar)).expect("numbers never fail");
            let lines = events.iter().filter(|event| event.onset().is_some()).map(|event| {
                let whole = event.whole.expect("an onset");
                format!("{}-{}:{}", whole.start, whole.end, event.value)
            });
            assert_eq!(lines.collect::<Vec<_>>().join(" "), told, "{structure:?}");
        }
    }
}
