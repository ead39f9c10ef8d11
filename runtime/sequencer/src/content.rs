//! What fills a slot for a while, with the answers its patterns gave ahead of time.

use std::collections::VecDeque;
use std::rc::Rc;

use lilt_score::{Beat, Query, QueryError, Span};

use crate::plan::{Item, Limit, PartPlan};
use crate::{SlotSpec, controls};

/// Stretches whose answers are kept ahead of the playhead: what two bars of
/// sixteen beats need at most.
const MOST_AHEAD: usize = 32;

/// A slot's declaration, placed in a metre.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) spec: Rc<SlotSpec>,
    pub(crate) bar: Beat,
    /// Where bar 0 of its stream lies, if it has one.
    origin: Beat,
    /// True once its own pattern was heard: only then is it worth coming back to.
    pub(crate) played: bool,
    /// True once it failed: an equal declaration is then tried anew.
    pub(crate) failed: bool,
    told: Vec<Limit>,
    /// What it answered, for a span and with drafts or without.
    ahead: VecDeque<(Span, bool, Rc<PartPlan>)>,
}

impl Content {
    pub(crate) fn new(spec: Rc<SlotSpec>, bar: Beat, origin: Beat) -> Content {
        Content { spec, bar, origin, played: false, failed: false, told: Vec::new(), ahead: VecDeque::new() }
    }

    /// Where a stream lies that goes on from this; `None` when this plays another, or none.
    pub(crate) fn origin_of(&self, stream: Option<u64>) -> Option<Beat> {
        (stream.is_some() && self.spec.stream == stream).then_some(self.origin)
    }

    /// The same, begun elsewhere.
    pub(crate) fn begin_at(&mut self, origin: Beat) {
        if self.origin != origin {
            self.origin = origin;
            self.forget();
        }
    }

    /// True when `spec` in a bar of `bar` sounds the same as this.
    pub(crate) fn sounds_like(&self, spec: &SlotSpec, bar: Beat) -> bool {
        !self.failed && self.spec.fingerprint == spec.fingerprint && self.bar == bar
    }

    /// True for a stream that was heard: where it is late its own last bar is nearer to it than what the
    /// slot played before.
    pub(crate) fn is_under_way(&self) -> bool {
        self.played && self.spec.stream.is_some()
    }

    /// What the part does over `span`; an answer is asked for once.
    pub(crate) fn part(&mut self, span: Span) -> Result<Rc<PartPlan>, QueryError> {
        self.ask(span, false)
    }

    /// As [`Content::part`], with drafts of the takes that are late.
    pub(crate) fn draft(&mut self, span: Span) -> Result<Rc<PartPlan>, QueryError> {
        self.ask(span, true)
    }

    fn ask(&mut self, span: Span, drafts: bool) -> Result<Rc<PartPlan>, QueryError> {
        let asked = |(known, drafted, _): &&(Span, bool, Rc<PartPlan>)| *known == span && *drafted == drafts;
        if let Some((.., plan)) = self.ahead.iter().find(asked) {
            return Ok(Rc::clone(plan));
        }
        let query = Query { origin: self.origin, drafts, ..Query::new(span, self.bar) };
        let mut plan = PartPlan::new(&self.spec.part, query)?;
        // What surprises is told of the notes of the take, which a draft has not.
        if let Some(surprises) = self.spec.surprises.as_ref().filter(|_| !drafts) {
            plan.surprise(surprises, query);
        }
        let plan = Rc::new(plan);
        if self.ahead.len() == MOST_AHEAD {
            self.ahead.pop_front();
        }
        self.ahead.push_back((span, drafts, Rc::clone(&plan)));
        Ok(plan)
    }

    /// Asks part and controls for `span`, for its answers and limits only. True when a
    /// take is late.
    ///
    /// # Errors
    /// When a pattern failed.
    pub(crate) fn try_out(&mut self, span: Span, limits: &mut Vec<Limit>) -> Result<bool, QueryError> {
        let late = match self.part(span) {
            Ok(plan) => {
                self.tell_dropped(&plan, limits);
                false
            }
            Err(QueryError::Late) => true,
            Err(failed) => return Err(failed),
        };
        self.controls(span, limits)?;
        Ok(late)
    }

    /// Tells that a plan holds only a part of what was asked for, if so.
    pub(crate) fn tell_dropped(&mut self, plan: &PartPlan, limits: &mut Vec<Limit>) {
        if plan.dropped > 0 {
            self.tell(Limit::Events { dropped: plan.dropped }, limits);
        }
    }

    /// What the controls do over `span`. New limits go to `limits`.
    pub(crate) fn controls(&mut self, span: Span, limits: &mut Vec<Limit>) -> Result<Vec<Item>, QueryError> {
        let (items, met) = controls::plan(&self.spec.controls, span, self.bar)?;
        for limit in met {
            self.tell(limit, limits);
        }
        Ok(items)
    }

    /// Each kind of limit is told once for a declaration, not bar after bar.
    pub(crate) fn tell(&mut self, limit: Limit, limits: &mut Vec<Limit>) {
        if !self.told.iter().any(|told| told.same_kind(&limit)) {
            self.told.push(limit);
            limits.push(limit);
        }
    }

    /// Forgets answers that begin before `beat`.
    pub(crate) fn forget_before(&mut self, beat: Beat) {
        self.ahead.retain(|(span, ..)| span.start >= beat);
    }

    /// Forgets every answer: the patterns are asked again.
    pub(crate) fn forget(&mut self) {
        self.ahead.clear();
    }
}
