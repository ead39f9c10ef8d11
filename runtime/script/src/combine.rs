//! Patterns made of patterns: faster, backwards, together, now and then.

use lilt_score::{Beat, Event, Pattern, Query, Span};

/// `factor` times as fast: so many times as much happens in a bar. The factor
/// must be above 0.
pub(crate) fn fast<T: 'static>(pattern: &Pattern<T>, factor: Beat) -> Pattern<T> {
    let inner = pattern.clone();
    Pattern::try_new(move |query| {
        let there = Span::new(query.span.start * factor, query.span.end * factor);
        let back = |span: Span| Span::new(span.start / factor, span.end / factor);
        let events = inner.query(query.over(there))?;
        Ok(events.into_iter().map(|event| placed(event, back)).collect())
    })
}

/// Each bar from its end to its beginning.
pub(crate) fn rev<T: 'static>(pattern: &Pattern<T>) -> Pattern<T> {
    let inner = pattern.clone();
    Pattern::try_new(move |query| {
        let mut events = Vec::new();
        for part in query.span.cycles(query.bar) {
            let bar = query.bar * Beat::whole(part.start.floor_div(query.bar));
            let mirror = |span: Span| {
                let sum = bar + bar + query.bar;
                Span::new(sum - span.end, sum - span.start)
            };
            let found = inner.query(query.over(mirror(part)))?;
            events.extend(found.into_iter().map(|event| placed(event, mirror)));
        }
        events.sort_by_key(|event: &Event<T>| event.part.start);
        Ok(events)
    })
}

/// All at once.
pub(crate) fn stack<T: 'static>(patterns: Vec<Pattern<T>>) -> Pattern<T> {
    Pattern::try_new(move |query| {
        let mut events = Vec::new();
        for pattern in &patterns {
            events.extend(pattern.query(query)?);
        }
        events.sort_by_key(|event| event.part.start);
        Ok(events)
    })
}

/// `changed` in the first of every `bars` bars, `pattern` in the others. `bars`
/// must be above 0.
pub(crate) fn every<T: 'static>(pattern: &Pattern<T>, changed: &Pattern<T>, bars: i64) -> Pattern<T> {
    let (plain, changed) = (pattern.clone(), changed.clone());
    Pattern::try_new(move |query: Query| {
        let mut events = Vec::new();
        for part in query.span.cycles(query.bar) {
            let bar = part.start.floor_div(query.bar);
            let pattern = if bar.rem_euclid(bars) == 0 { &changed } else { &plain };
            events.extend(pattern.query(query.over(part))?);
        }
        Ok(events)
    })
}

/// Later by so many beats.
pub(crate) fn later<T: 'static>(pattern: &Pattern<T>, beats: Beat) -> Pattern<T> {
    let inner = pattern.clone();
    Pattern::try_new(move |query| {
        let events = inner.query(query.over(query.span.shift(-beats)))?;
        Ok(events.into_iter().map(|event| placed(event, |span: Span| span.shift(beats))).collect())
    })
}

fn placed<T>(event: Event<T>, place: impl Fn(Span) -> Span) -> Event<T> {
    Event { whole: event.whole.map(&place), part: place(event.part), value: event.value }
}

#[cfg(test)]
mod tests {
    use lilt_score::mini;

    use super::*;

    fn played(pattern: &Pattern<mini::Word>, bars: i64) -> String {
        let bar = Beat::whole(4);
        let span = Span::new(Beat::ZERO, bar * Beat::whole(bars));
        let events = pattern.query(Query { span, bar }).expect("words never fail");
        let onsets =
            events.iter().filter_map(|event| Some(format!("{}:{}", event.onset()?, event.value.text)));
        onsets.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn combinations() {
        let words = |text: &str| mini::parse(text).expect("good notation").pattern();
        let two = words("a b");
        for (pattern, bars, events) in [
            (fast(&two, Beat::whole(2)), 1, "0:a 1:b 2:a 3:b"),
            (fast(&two, Beat::new(1, 2)), 2, "0:a 4:b"),
            (rev(&words("a b c@2")), 1, "0:c 2:b 3:a"),
            (stack(vec![two.clone(), words("c")]), 1, "0:a 0:c 2:b"),
            (every(&two, &words("x"), 3), 4, "0:x 4:a 6:b 8:a 10:b 12:x"),
            (later(&two, Beat::ONE), 1, "1:a 3:b"),
        ] {
            assert_eq!(played(&pattern, bars), events);
        }
    }
}
