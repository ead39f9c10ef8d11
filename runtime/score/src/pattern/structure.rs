//! A rhythm laid over a pattern: its values as they are where each step begins.

use super::QueryError;
use crate::{Beat, Event, Pattern, Query, Span, euclid};

impl<T: 'static> Pattern<T> {
    /// `steps` events a bar, each with what holds where it begins: turns a signal
    /// into steps. No steps is silence.
    pub fn segment(&self, steps: u32) -> Pattern<T> {
        self.in_steps(vec![true; steps as usize])
    }

    /// A Euclidean rhythm a bar, each hit with what holds where it begins; see [`euclid()`].
    pub fn euclid(&self, hits: i32, steps: u32, rotation: i32) -> Pattern<T> {
        self.in_steps(euclid(hits, steps, rotation))
    }

    /// Equal steps a bar, those that are true with what holds where they begin.
    fn in_steps(&self, steps: Vec<bool>) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            let width = query.bar / Beat::whole(steps.len() as i64);
            for part in query.span.cycles(query.bar) {
                let bar = query.bar * Beat::whole(part.start.floor_div(query.bar));
                // The first step that ends after the part begins.
                let first = (part.start - bar).floor_div(width).max(0);
                for (step, _) in (0i64..).zip(&steps).skip(first as usize).filter(|(_, hit)| **hit) {
                    let start = bar + width * Beat::whole(step);
                    let whole = Span { start, end: start + width };
                    let Some(part) = whole.intersect(part) else { break };
                    let values = values_at(&inner, query.over(whole))?;
                    events.extend(values.into_iter().map(|event| Event {
                        whole: Some(whole),
                        part,
                        ..event
                    }));
                }
            }
            Ok(events)
        })
    }
}

/// What holds where the span begins. The whole span is asked, so that the answer
/// is the same for every part of a step.
pub(super) fn values_at<T: 'static>(pattern: &Pattern<T>, query: Query) -> Result<Vec<Event<T>>, QueryError> {
    let mut events = pattern.query(query)?;
    events.retain(|event| event.part.start == query.span.start);
    Ok(events)
}
