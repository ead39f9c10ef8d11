//! Several patterns as one: at once, in turn, now and then.

use crate::Pattern;

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
            let count = patterns.len().max(1) as i64;
            query.in_bars(|bar, query| {
                let Some(pattern) = patterns.get(bar.rem_euclid(count) as usize) else {
                    return Ok(Vec::new());
                };
                // Bar `bar` is the pattern's own bar `bar / count`.
                let late = query.bar_line(bar - bar.div_euclid(count));
                let own = pattern.query(query.over(query.span.shift(-late)))?;
                Ok(own.into_iter().map(|event| event.placed(|span| span.shift(late))).collect())
            })
        })
    }

    /// In each bar the next of these patterns, round and round, each at its own place: of two patterns
    /// the second plays its own bar 1 in bar 1. Without patterns it is silence.
    pub fn by_bar(patterns: Vec<Pattern<T>>) -> Pattern<T> {
        let count = patterns.len().max(1) as i64;
        Pattern::chosen_by_bar(patterns, move |bar| bar.rem_euclid(count) as usize)
    }

    /// `change(this)` in the first of every `bars` bars, this in the others; `bars`
    /// of 0 counts as 1. The change is made once, now.
    pub fn every(&self, bars: u32, change: impl FnOnce(Pattern<T>) -> Pattern<T>) -> Pattern<T> {
        let patterns = vec![change(self.clone()), self.clone()];
        let bars = i64::from(bars.max(1));
        Pattern::chosen_by_bar(patterns, move |bar| usize::from(bar.rem_euclid(bars) != 0))
    }
}
