//! A stretch of plan: what one content does over one of its bars, as plain data that can
//! cross to the thread that plays.

use std::collections::HashMap;
use std::sync::Arc;

use crate::Strike;
use crate::plan::{Item, ItemKind, PartPlan};

/// Names what fills a slot: a declaration placed in a metre. A slot that is declared to sound as
/// it sounds already keeps its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentId(pub u64);

/// What a content does over one of its bars. Beats are its own: bar `n` begins at `n` times
/// the length of its bar, wherever in the performance that falls.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// Whose.
    pub content: ContentId,
    /// Which of its bars.
    pub bar: i64,
    /// What its part does, unless its take is late.
    pub(crate) part: Option<Arc<PartPlan>>,
    /// What the draft of a late take does, where there is one.
    pub(crate) draft: Option<Arc<PartPlan>>,
    /// What its controls do, sorted by beat.
    pub(crate) controls: Option<Arc<[Item]>>,
    /// True where it takes the place of what was written of its bar before, from where the playhead stands on: what
    /// it was made from has moved.
    pub(crate) anew: bool,
}

impl Stretch {
    /// True when the part itself is known, and no draft of it.
    pub fn is_fresh(&self) -> bool {
        self.part.is_some()
    }

    /// What it strikes, and what of that would be struck in draft.
    pub fn strikes(&self) -> impl Iterator<Item = &Strike> {
        let plans = self.part.iter().chain(&self.draft);
        plans.flat_map(|plan| &plan.items).filter_map(|item| match &item.kind {
            ItemKind::Note { strike, .. } => Some(&**strike),
            ItemKind::Control { .. } | ItemKind::Stroke { .. } => None,
        })
    }
}

/// What is known of a part over a bar.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Known(Arc<PartPlan>),
    /// A take is still being made.
    Late,
    /// Nobody has asked the pattern yet.
    Unwritten,
    /// The pattern failed, which is told once; after that the ladder plays.
    Failed,
}

impl Answer {
    pub(crate) fn known(self) -> Option<Arc<PartPlan>> {
        match self {
            Answer::Known(plan) => Some(plan),
            Answer::Late | Answer::Unwritten | Answer::Failed => None,
        }
    }
}

/// Where the playhead finds what contents do.
pub(crate) trait Stretches {
    /// What the part does over a bar; with `drafts`, the draft of a late take will do.
    fn part(&mut self, content: ContentId, bar: i64, drafts: bool) -> Answer;

    /// What the controls do over a bar, sorted by beat; `None` while that is not known, which
    /// leaves every control where it is.
    fn controls(&mut self, content: ContentId, bar: i64) -> Option<Arc<[Item]>>;

    /// True when something failed that must be dealt with before the playhead moves on.
    fn interrupts(&self) -> bool {
        false
    }
}

/// The stretches that have been written ahead of the playhead.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    bars: HashMap<(ContentId, i64), Stretch>,
}

impl Shelf {
    /// Takes a stretch in. What was known of its bar before and is not known any more stays.
    pub(crate) fn insert(&mut self, stretch: Stretch) {
        match self.bars.get_mut(&(stretch.content, stretch.bar)) {
            None => {
                self.bars.insert((stretch.content, stretch.bar), stretch);
            }
            Some(known) => {
                known.part = stretch.part.or(known.part.take());
                known.draft = stretch.draft.or(known.draft.take());
                known.controls = stretch.controls.or(known.controls.take());
            }
        }
    }

    /// Forgets every stretch that `keep` does not want.
    pub(crate) fn retain(&mut self, keep: impl Fn(ContentId, i64) -> bool) {
        self.bars.retain(|(content, bar), _| keep(*content, *bar));
    }

    /// The stretch of a bar, if any was written.
    pub(crate) fn get(&self, content: ContentId, bar: i64) -> Option<&Stretch> {
        self.bars.get(&(content, bar))
    }
}

impl Stretches for &Shelf {
    fn part(&mut self, content: ContentId, bar: i64, drafts: bool) -> Answer {
        let Some(stretch) = self.get(content, bar) else { return Answer::Unwritten };
        let plan = match drafts {
            true => stretch.draft.as_ref().or(stretch.part.as_ref()),
            false => stretch.part.as_ref(),
        };
        plan.map_or(Answer::Late, |plan| Answer::Known(Arc::clone(plan)))
    }

    fn controls(&mut self, content: ContentId, bar: i64) -> Option<Arc<[Item]>> {
        self.get(content, bar)?.controls.clone()
    }
}
