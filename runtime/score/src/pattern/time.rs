//! Patterns in another time: faster, slower, earlier, later, backwards.

use crate::{Beat, Pattern, Query, Span};

impl<T: 'static> Pattern<T> {
    /// `factor` times as fast, counted from beat 0, so that bars stay in step. A
    /// factor of zero or less is silence.
    pub fn fast(&self, factor: Beat) -> Pattern<T> {
        if factor <= Beat::ZERO {
            return Pattern::silence();
        }
        self.in_time(
            move |query| Query {
                span: Span { start: query.span.start * factor, end: query.span.end * factor },
                origin: query.origin * factor,
                measure: query.measure * factor,
                ..query
            },
            move |_, span| Span { start: span.start / factor, end: span.end / factor },
        )
    }

    /// `factor` times as slow. A factor of zero or less is silence.
    pub fn slow(&self, factor: Beat) -> Pattern<T> {
        self.fast(if factor <= Beat::ZERO { Beat::ZERO } else { Beat::ONE / factor })
    }

    /// Later by so many beats.
    pub fn late(&self, beats: Beat) -> Pattern<T> {
        self.in_time(move |query| query.over(query.span.shift(-beats)), move |_, span| span.shift(beats))
    }

    /// Earlier by so many beats.
    pub fn early(&self, beats: Beat) -> Pattern<T> {
        self.late(-beats)
    }

    /// Later by so many bars.
    pub fn late_bars(&self, bars: Beat) -> Pattern<T> {
        self.in_time(
            move |query| query.over(query.span.shift(-(bars * query.bar))),
            move |query, span| span.shift(bars * query.bar),
        )
    }

    /// Earlier by so many bars.
    pub fn early_bars(&self, bars: Beat) -> Pattern<T> {
        self.late_bars(-bars)
    }

    /// Each bar from its end to its beginning.
    pub fn rev(&self) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut events = query.in_bars(|bar, query| {
                let line = query.bar_line(bar);
                let sum = line + line + query.bar;
                let mirror = |span: Span| Span { start: sum - span.end, end: sum - span.start };
                let found = inner.query(query.over(mirror(query.span)))?;
                Ok(found.into_iter().map(|event| event.placed(mirror)).collect())
            })?;
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }

    /// Asks `there` what to ask, and puts the events back with `back`: two straight
    /// lines, each the other's inverse.
    fn in_time(
        &self,
        there: impl Fn(Query) -> Query + 'static,
        back: impl Fn(Query, Span) -> Span + 'static,
    ) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let events = inner.query(there(query))?;
            Ok(events.into_iter().map(|event| event.placed(|span| back(query, span))).collect())
        })
    }
}
