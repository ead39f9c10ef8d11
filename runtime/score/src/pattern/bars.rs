//! Patterns that change from bar to bar.

use crate::{Beat, Pattern};

impl<T: 'static> Pattern<T> {
    /// In each bar the pattern that `choose` picks by the bar's number, at its own place. A number that
    /// none of them has is silence.
    pub fn chosen_by_bar(patterns: Vec<Pattern<T>>, choose: impl Fn(i64) -> usize + 'static) -> Pattern<T> {
        Pattern::try_new(move |query| {
            query.in_bars(|bar, query| match patterns.get(choose(bar)) {
                Some(pattern) => pattern.query(query),
                None => Ok(Vec::new()),
            })
        })
    }

    /// Each bar begins one `parts`-th further on than the bar before, round and round (TidalCycles'
    /// `iter`); with `back` one `parts`-th less far.
    pub fn iter(&self, parts: u32, back: bool) -> Pattern<T> {
        let parts = i64::from(parts.max(1));
        let shifted = (0..parts).map(|i| self.early_bars(Beat::new(if back { -i } else { i }, parts)));
        Pattern::by_bar(shifted.collect())
    }

    /// In each bar another of `parts` equal parts of it is `changed`: the first in the first bar, round and
    /// round (TidalCycles' `chunk`); with `back` the last part first.
    pub fn chunk(&self, changed: &Pattern<T>, parts: u32, back: bool) -> Pattern<T> {
        let parts = i64::from(parts.max(1));
        let bars = (0..parts).map(|i| {
            let part = if back { parts - 1 - i } else { i };
            self.within(changed, Beat::new(part, parts), Beat::new(part + 1, parts))
        });
        Pattern::by_bar(bars.collect())
    }

    /// What begins between `from` and `to` of each bar, in parts of it, is that of `changed`; the rest is
    /// this one's (TidalCycles' `within`).
    pub fn within(&self, changed: &Pattern<T>, from: Beat, to: Beat) -> Pattern<T> {
        let inside = move |query: crate::Query, event: &crate::Event<T>| {
            let at = event.whole.unwrap_or(event.part).start / query.bar;
            let phase = at - Beat::whole(at.floor());
            from <= phase && phase < to
        };
        let (plain, changed) = (self.clone(), changed.clone());
        Pattern::try_new(move |query| {
            let mut events = plain.query(query)?;
            events.retain(|event| !inside(query, event));
            events.extend(changed.query(query)?.into_iter().filter(|event| inside(query, event)));
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }
}
