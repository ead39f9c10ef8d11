//! A pattern whose shape another one steers: an argument that moves.

use std::cell::RefCell;

use crate::{Event, Pattern};

/// Patterns that one steered pattern keeps, one for each value that was met: a text has few values,
/// and a signal that has more makes them anew.
const MOST_KEPT: usize = 64;

impl<T: 'static> Pattern<T> {
    /// While a value of `steering` holds, the events of the pattern that `make` makes of it (after
    /// TidalCycles' `innerJoin`). What begins under one value and rings into the next is cut there
    /// and does not begin again.
    pub fn steered(steering: &Pattern<f64>, make: impl Fn(f64) -> Pattern<T> + 'static) -> Pattern<T> {
        if let Some(value) = steering.steady_value() {
            return make(*value);
        }
        let steering = steering.clone();
        // Nobody else sees it: a pattern stays on one thread.
        let kept: RefCell<Vec<(u64, Pattern<T>)>> = RefCell::default();
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for held in steering.query(query)? {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Beat, Query, Span, mini};

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
