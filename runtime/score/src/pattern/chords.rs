//! Events that sound together, changed together: arpeggios, strums, voicings.

use crate::{Event, Pattern, Query, Span};

impl<T: Clone + 'static> Pattern<T> {
    /// All events that have one whole, changed together. `make` gets them as they begin, in the order of the
    /// pattern, and gives events with their wholes inside that one; a part it need not set. What flows stays.
    pub fn together(
        &self,
        make: impl Fn(Query, Span, Vec<Event<T>>) -> Vec<Event<T>> + 'static,
    ) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut found = inner.query(query)?;
            let mut events: Vec<Event<T>> = Vec::with_capacity(found.len());
            found.retain(|event| match event.whole {
                Some(_) => true,
                None => {
                    events.push(event.clone());
                    false
                }
            });
            // A stable order: those of one whole stay in the pattern's order.
            found.sort_by_key(|event| event.whole);
            let mut rest = found.into_iter().peekable();
            while let Some(first) = rest.next() {
                let Some(whole) = first.whole else { continue };
                let mut group = vec![first];
                while let Some(next) = rest.next_if(|next| next.whole == Some(whole)) {
                    group.push(next);
                }
                if whole.start < query.span.start {
                    // Who belongs to the group shows where it begins, which lies before what was asked.
                    let before = Span { start: whole.start, end: query.span.start.min(whole.end) };
                    group = inner.query(query.over(before))?;
                    group.retain(|event| event.whole == Some(whole));
                }
                group.retain(|event| event.part.start == whole.start);
                if group.is_empty() {
                    continue;
                }
                events.extend(make(query, whole, group).into_iter().filter_map(|event| {
                    let part = event.whole?.intersect(query.span)?;
                    Some(Event { part, ..event })
                }));
            }
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }
}
