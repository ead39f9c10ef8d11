//! What a slot plays when the take it needs is late: fresh, draft, stale, loop, rest.

use std::sync::Arc;

use lilt_score::{Beat, Span};

use crate::plan::Item;

/// How far down the ladder a slot plays, best first. No music waits for a model:
/// each rung is tried when the one above has no answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rung {
    /// What the script asked for.
    Fresh,
    /// A first draft of that, until it is ready.
    Draft,
    /// What the slot played before.
    Stale,
    /// The last bar the slot played, again.
    Loop,
    /// Nothing is known that could be played.
    Rest,
}

impl Rung {
    /// One word, for the canvas and for editors.
    pub fn name(self) -> &'static str {
        match self {
            Rung::Fresh => "fresh",
            Rung::Draft => "draft",
            Rung::Stale => "stale",
            Rung::Loop => "loop",
            Rung::Rest => "rest",
        }
    }

    /// The best rung that may be tried next. A slot climbs back at a boundary only,
    /// so that a late take does not come in amid a phrase; one that rests has no
    /// phrase to break.
    pub(crate) fn best(self, at_boundary: bool) -> Rung {
        if at_boundary || self == Rung::Rest { Rung::Fresh } else { self }
    }
}

/// The last bar that a slot played, to loop while a take is late. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastBar {
    items: Arc<Vec<Item>>,
    end: Beat,
}

impl LastBar {
    /// Remembers what was planned over `span`, and forgets what lies more than
    /// `bar` beats before its end.
    pub(crate) fn record(&mut self, span: Span, items: &[Item], bar: Beat) {
        let from = span.end - bar;
        let before = self.items.iter().filter(|item| item.beat < span.start);
        let kept = before.chain(items).filter(|item| item.beat >= from);
        self.items = Arc::new(kept.cloned().collect());
        self.end = span.end;
    }

    /// Forgets what was planned at or after `at`, because it was not played.
    pub(crate) fn cut(&mut self, at: Beat) {
        if self.items.iter().any(|item| item.beat >= at) {
            self.items = Arc::new(self.items.iter().filter(|item| item.beat < at).cloned().collect());
        }
        self.end = self.end.min(at);
    }

    /// The bar over and over, as it falls on `span`; `None` when nothing was played.
    pub(crate) fn repeat(&self, span: Span, bar: Beat) -> Option<Vec<Item>> {
        if self.items.is_empty() || bar <= Beat::ZERO {
            return None;
        }
        let mut items = Vec::new();
        for item in self.items.iter() {
            let mut again = (span.start - item.beat).max(Beat::ZERO).next_multiple(bar);
            while item.beat + again < span.end {
                items.push(item.shift(again));
                again += bar;
            }
        }
        items.sort_by_key(|item| item.beat);
        Some(items)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use lilt_score::{Drum, Tone, Velocity};

    use super::*;
    use crate::Strike;
    use crate::plan::ItemKind;

    fn note(beat: Beat) -> Item {
        let tone = Tone::Drum(Drum::Bass);
        Item {
            beat,
            kind: ItemKind::Note {
                end: beat + Beat::ONE,
                strike: Arc::new(Strike::new(tone, Velocity::DEFAULT)),
            },
        }
    }

    fn beats(items: Option<Vec<Item>>) -> Vec<String> {
        items.unwrap_or_default().iter().map(|item| item.beat.to_string()).collect()
    }

    #[test]
    fn climbs_only_at_a_boundary_or_from_rest() {
        for (rung, at_boundary, best) in [
            (Rung::Loop, false, Rung::Loop),
            (Rung::Loop, true, Rung::Fresh),
            (Rung::Stale, false, Rung::Stale),
            (Rung::Draft, false, Rung::Draft),
            (Rung::Draft, true, Rung::Fresh),
            (Rung::Rest, false, Rung::Fresh),
            (Rung::Fresh, false, Rung::Fresh),
        ] {
            assert_eq!(rung.best(at_boundary), best, "{rung:?} {at_boundary}");
        }
    }

    #[test]
    fn the_last_bar_comes_again_in_phase() {
        let mut last = LastBar::default();
        let bar = Beat::whole(4);
        assert!(last.repeat(Span::new(Beat::ZERO, bar), bar).is_none());
        last.record(Span::new(Beat::ZERO, bar), &[note(Beat::ZERO), note(Beat::new(3, 2))], bar);
        last.record(Span::new(bar, bar + bar), &[note(bar), note(Beat::new(19, 3))], bar);
        let again = |from, to| beats(last.repeat(Span::new(Beat::whole(from), Beat::whole(to)), bar));
        assert_eq!(again(8, 12), ["8", "31/3"]);
        assert_eq!(again(10, 11), ["31/3"]);
        assert_eq!(again(16, 24), ["16", "55/3", "20", "67/3"]);
    }

    #[test]
    fn what_was_not_played_is_not_looped() {
        let mut last = LastBar::default();
        let bar = Beat::whole(4);
        last.record(Span::new(Beat::ZERO, bar), &[note(Beat::ONE), note(Beat::whole(3))], bar);
        last.cut(Beat::whole(2));
        assert_eq!(beats(last.repeat(Span::new(bar, bar + bar), bar)), ["5"]);
    }
}
