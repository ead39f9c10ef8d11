//! Several patterns as one: at once, in turn, now and then.

use crate::{Beat, Pattern};

impl<T: 'static> Pattern<T> {
    /// All at once.
    pub fn stack(patterns: Vec<Pattern<T>>) -> Pattern<T> {
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for pattern in &patterns {
                events.extend(pattern.query(query)?);
            }
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }

    /// One pattern a bar, in turn. Each goes on where it stopped: of two patterns
    /// the first plays its own bar 1 in bar 2. Without patterns it is silence.
    pub fn slowcat(patterns: Vec<Pattern<T>>) -> Pattern<T> {
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            let count = patterns.len().max(1) as i64;
            for part in query.span.cycles(query.bar) {
                let bar = part.start.floor_div(query.bar);
                let Some(pattern) = patterns.get(bar.rem_euclid(count) as usize) else { continue };
                // Bar `bar` is the pattern's own bar `bar / count`.
                let late = query.bar * Beat::whole(bar - bar.div_euclid(count));
                let own = pattern.query(query.over(part.shift(-late)))?;
                events.extend(own.into_iter().map(|event| event.placed(|span| span.shift(late))));
            }
            Ok(events)
        })
    }

    /// In each bar the next of these patterns, round and round, each at its own place: of two patterns
    /// the second plays its own bar 1 in bar 1. Without patterns it is silence.
    pub fn by_bar(patterns: Vec<Pattern<T>>) -> Pattern<T> {
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for part in query.span.cycles(query.bar) {
                let bar = part.start.floor_div(query.bar).rem_euclid(patterns.len().max(1) as i64);
                if let Some(pattern) = patterns.get(bar as usize) {
                    events.extend(pattern.query(query.over(part))?);
                }
            }
            Ok(events)
        })
    }

    /// `change(this)` in the first of every `bars` bars, this in the others; `bars`
    /// of 0 counts as 1. The change is made once, now.
    pub fn every(&self, bars: u32, change: impl FnOnce(Pattern<T>) -> Pattern<T>) -> Pattern<T> {
        let (plain, changed) = (self.clone(), change(self.clone()));
        let bars = i64::from(bars.max(1));
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for part in query.span.cycles(query.bar) {
                let bar = part.start.floor_div(query.bar);
                let pattern = if bar.rem_euclid(bars) == 0 { &changed } else { &plain };
                events.extend(pattern.query(query.over(part))?);
            }
            Ok(events)
        })
    }
}
