//! What fills a slot for a while: its patterns, and the answers that they gave.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use lilt_score::{Beat, Query, QueryError, Span};

use crate::controls::{self, Whose};
use crate::plan::{Item, Limit, PartPlan};
use crate::stretch::ContentId;
use crate::{Part, SlotSpec};

/// A slot's declaration, placed in a metre. Its beats are its own: bar `n` begins at `n` bars.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) id: ContentId,
    pub(crate) spec: Rc<SlotSpec>,
    pub(crate) bar: Beat,
    /// Where bar 0 of its stream lies, if it has one.
    pub(crate) origin: Beat,
    /// True once it failed: an equal declaration is then tried anew.
    pub(crate) failed: bool,
    told: Vec<Limit>,
    /// What was answered for a bar, without drafts and with them.
    parts: BTreeMap<(i64, bool), Arc<PartPlan>>,
    controls: BTreeMap<i64, Arc<[Item]>>,
    /// Bars that were answered from what came in from outside, and are asked for again since that has moved.
    moved: BTreeSet<i64>,
}

impl Content {
    pub(crate) fn new(id: ContentId, spec: Rc<SlotSpec>, bar: Beat, origin: Beat) -> Content {
        let (told, parts, controls, moved) = Default::default();
        Content { id, spec, bar, origin, failed: false, told, parts, controls, moved }
    }

    /// Where a stream lies that goes on from this; `None` when this plays another, or none.
    pub(crate) fn origin_of(&self, stream: Option<u64>) -> Option<Beat> {
        (stream.is_some() && self.spec.stream == stream).then_some(self.origin)
    }

    /// True when `spec` in a bar of `bar` sounds the same as this.
    pub(crate) fn sounds_like(&self, spec: &SlotSpec, bar: Beat) -> bool {
        !self.failed && self.is_of(spec, bar)
    }

    /// True when `spec` in a bar of `bar` declares the same as this, whether it failed or not.
    pub(crate) fn is_of(&self, spec: &SlotSpec, bar: Beat) -> bool {
        self.spec.fingerprint == spec.fingerprint && self.bar == bar
    }

    /// What the script says of it may have moved. The old patterns stay: they sound the same, and
    /// their takes are known.
    pub(crate) fn keep(&mut self, spec: &SlotSpec) {
        self.spec = Rc::new(SlotSpec {
            part: self.spec.part.clone(),
            strip: self.spec.strip.clone(),
            ..spec.clone()
        });
    }

    fn span(&self, bar: i64) -> Span {
        let start = self.bar * Beat::whole(bar);
        Span::new(start, start + self.bar)
    }

    /// What the part does over a bar; an answer is asked for once. With `drafts`, drafts of takes that
    /// are late will do.
    ///
    /// # Errors
    /// As the pattern's query.
    pub(crate) fn part(&mut self, bar: i64, drafts: bool) -> Result<Arc<PartPlan>, QueryError> {
        if let Some(plan) = self.parts.get(&(bar, drafts)) {
            return Ok(Arc::clone(plan));
        }
        let query = Query { origin: self.origin, drafts, ..Query::new(self.span(bar), self.bar) };
        let plan = Arc::new(PartPlan::new(&self.spec.part, query)?);
        self.parts.insert((bar, drafts), Arc::clone(&plan));
        Ok(plan)
    }

    /// What the controls do over a bar. New limits go to `limits`.
    ///
    /// # Errors
    /// When a control's pattern failed.
    pub(crate) fn controls(&mut self, bar: i64, limits: &mut Vec<Limit>) -> Result<Arc<[Item]>, QueryError> {
        if let Some(items) = self.controls.get(&bar) {
            return Ok(Arc::clone(items));
        }
        let query = Query { origin: self.origin, ..Query::new(self.span(bar), self.bar) };
        let whose = match self.spec.part {
            Part::Notes(_) => Whose::Sound(&self.spec.output),
            Part::Drawing { .. } => Whose::Drawing,
        };
        let plan = controls::plan(&self.spec.strip, whose, query)?;
        for limit in plan.limits {
            self.tell(limit, limits);
        }
        let items: Arc<[Item]> = plan.items.into();
        if !plan.late {
            self.controls.insert(bar, Arc::clone(&items));
        }
        Ok(items)
    }

    /// Tells that a plan holds only a part of what was asked for, if so.
    pub(crate) fn tell_dropped(&mut self, plan: &PartPlan, limits: &mut Vec<Limit>) {
        if plan.dropped > 0 {
            self.tell(Limit::Events { dropped: plan.dropped }, limits);
        }
    }

    /// Each kind of limit is told once for a declaration, not bar after bar.
    fn tell(&mut self, limit: Limit, limits: &mut Vec<Limit>) {
        if !self.told.iter().any(|told| told.same_kind(&limit)) {
            self.told.push(limit);
            limits.push(limit);
        }
    }

    /// Forgets answers for bars before `bar`.
    pub(crate) fn forget_before(&mut self, bar: i64) {
        self.parts.retain(|(known, _), _| *known >= bar);
        self.controls.retain(|known, _| *known >= bar);
        self.moved.retain(|known| *known >= bar);
    }

    /// What its patterns follow has moved: every bar that was answered is asked for again, to be played from where
    /// the playhead stands.
    pub(crate) fn follow(&mut self) {
        let answered = self.parts.keys().map(|(bar, _)| *bar).chain(self.controls.keys().copied());
        self.moved.extend(answered);
        self.forget();
    }

    /// True once for a bar that was asked for again since what it follows has moved.
    pub(crate) fn take_moved(&mut self, bar: i64) -> bool {
        self.moved.remove(&bar)
    }

    /// Forgets every answer: the patterns are asked again.
    pub(crate) fn forget(&mut self) {
        self.parts.clear();
        self.controls.clear();
    }

    /// True when what the part does over a bar is known, and not only in draft.
    pub(crate) fn knows_part(&self, bar: i64) -> bool {
        self.parts.contains_key(&(bar, false))
    }

    /// True when what the controls do over a bar is known whole.
    pub(crate) fn knows_controls(&self, bar: i64) -> bool {
        self.controls.contains_key(&bar)
    }
}
