//! A pattern whose shape another one steers: an argument that moves.

use std::cell::RefCell;

use super::QueryError;
use super::structure::values_at;
use crate::{Beat, Event, Pattern, Query, Span};

/// How often a steering value that flows is looked at, as often as functions of the beat are: in parts of a beat.
const LOOKED_AT: Beat = Beat::part(8);

/// Patterns that one steered pattern keeps, one for each value that was met: a text has few values,
/// and a signal that has more makes them anew.
const MOST_KEPT: usize = 64;

impl<T: 'static> Pattern<T> {
    /// While a value of `steering` holds, the events of the pattern that `make` makes of it (after
    /// TidalCycles' `innerJoin`). What begins under one value and rings into the next is cut there
    /// and does not begin again. A value that flows is looked at eight times a beat.
    pub fn steered(steering: &Pattern<f64>, make: impl Fn(f64) -> Pattern<T> + 'static) -> Pattern<T> {
        if let Some(value) = steering.steady_value() {
            return make(*value);
        }
        let steering = steering.clone();
        // Nobody else sees it: a pattern stays on one thread.
        let kept: RefCell<Vec<(u64, Pattern<T>)>> = RefCell::default();
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for held in held(&steering, query)? {
                let known = kept.borrow().iter().find(|(bits, _)| *bits == held.value.to_bits()).cloned();
                let pattern = match known {
                    Some((_, pattern)) => pattern,
                    None => {
                        let pattern = make(held.value);
                        let mut kept = kept.borrow_mut();
                        if kept.len() < MOST_KEPT {
                            kept.push((held.value.to_bits(), pattern.clone()));
                        }
                        pattern
                    }
                };
                let inner = pattern.query(query.over(held.part))?;
                events.extend(inner.into_iter().map(|event| {
                    let context = event.context.clone().with(&held.context);
                    Event { context, ..event }
                }));
            }
            Ok(events)
        })
    }
}

/// What steers in the query's span: values that flow as they are where each eighth of a beat begins, so that the
/// answer does not depend on how the question is cut.
fn held(steering: &Pattern<f64>, query: Query) -> Result<Vec<Event<f64>>, QueryError> {
    let events = steering.query(query)?;
    if events.iter().all(|event| event.whole.is_some()) {
        return Ok(events);
    }
    let mut held = Vec::new();
    for event in events {
        if event.whole.is_some() {
            held.push(event);
            continue;
        }
        for part in event.part.cycles(LOOKED_AT) {
            let start = LOOKED_AT * Beat::whole(part.start.floor_div(LOOKED_AT));
            let cell = Span { start, end: start + LOOKED_AT };
            let flowing =
                values_at(steering, query.over(cell))?.into_iter().find(|event| event.whole.is_none());
            held.extend(flowing.map(|flowing| Event { part, ..flowing }));
        }
    }
    Ok(held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mini;

    #[test]
    fn a_factor_that_moves() {
        let factor = mini::numbers(&mini::parse("<1 [2 1]>").expect("good")).expect("numbers");
        let tune = mini::parse("a b").expect("good").pattern();
        let steered = Pattern::steered(&factor, move |factor| {
            tune.fast(Beat::approximate(factor).unwrap_or(Beat::ONE))
        });
        let bar = Beat::whole(4);
        let events = steered.query(Query::new(Span::new(Beat::ZERO, bar + bar), bar)).expect("plays");
        let onsets =
            events.iter().filter_map(|event| Some(format!("{}:{}", event.onset()?, event.value.text)));
        assert_eq!(onsets.collect::<Vec<_>>().join(" "), "0:a 2:b 4:a 5:b 6:b");
    }
}
