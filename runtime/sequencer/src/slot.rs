//! One slot as it plays: what fills it, what sounds, how far it is planned.

use std::collections::VecDeque;
use std::rc::Rc;

use lilt_score::{Beat, QueryError, Span, Tone, Velocity};

use crate::content::Content;
use crate::controls::{self, GLIDE};
use crate::ladder::{LastBar, Rung};
use crate::plan::{Item, ItemKind, Limit, MOST_SOUNDING};
use crate::{Action, Control, GenerationId, NoteId, Output, Part, SlotId, SlotSpec};

/// Notes that were emitted and are remembered for pictures of the near past.
const MOST_RECENT: usize = 1024;

/// An action at an exact beat, before it is given its second.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) beat: Beat,
    pub(crate) slot: SlotId,
    pub(crate) action: Action,
}

impl Draft {
    /// Order of actions at one moment: ends first, so that a note can be struck
    /// again; then where and how a note will sound; then notes.
    pub(crate) fn order(&self) -> (Beat, u8, SlotId) {
        let rank = match self.action {
            Action::NoteOff { .. } => 0,
            Action::FadeOut { .. } => 1,
            Action::Route { .. } => 2,
            Action::Control { .. } => 3,
            Action::NoteOn { .. } => 4,
            Action::Stroke { .. } => 5,
        };
        (self.beat, rank, self.slot)
    }
}

/// A note that was struck and not yet released.
#[derive(Debug, Clone, Copy)]
struct Sounding {
    id: NoteId,
    start: Beat,
    end: Beat,
    tone: Tone,
    /// Which filling of the slot struck it: counts changes of what the slot plays.
    filling: u32,
}

/// A note that left the sequencer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Emitted {
    pub(crate) start: Beat,
    pub(crate) end: Beat,
    pub(crate) tone: Tone,
    pub(crate) velocity: Velocity,
    pub(crate) surprise: Option<f64>,
}

/// A named place in the performance.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) id: SlotId,
    pub(crate) name: String,
    pub(crate) content: Option<Content>,
    pub(crate) rung: Rung,
    pub(crate) audible: bool,
    /// Everything before this beat is in the queue or emitted.
    pub(crate) planned_until: Beat,
    /// Notes that were emitted, oldest first.
    pub(crate) recent: VecDeque<Emitted>,
    /// Generation that last spoke of the slot.
    pub(crate) generation: GenerationId,
    stale: Option<Content>,
    queue: VecDeque<Item>,
    last_bar: LastBar,
    sounding: Vec<Sounding>,
    filling: u32,
    /// True until the first stretch of a new filling is planned.
    starting: bool,
    route: Option<Output>,
    told: [Option<f64>; Control::ALL.len()],
    notes: u64,
}

impl Slot {
    pub(crate) fn new(id: SlotId, name: String, notes: u64) -> Slot {
        Slot {
            id,
            name,
            content: None,
            rung: Rung::Rest,
            audible: true,
            planned_until: Beat::ZERO,
            recent: VecDeque::new(),
            generation: GenerationId(0),
            stale: None,
            queue: VecDeque::new(),
            last_bar: LastBar::default(),
            sounding: Vec::new(),
            filling: 0,
            starting: false,
            route: None,
            told: [None; Control::ALL.len()],
            notes,
        }
    }

    /// Number of notes it ever struck: a slot that takes over the id counts on from there.
    pub(crate) fn notes(&self) -> u64 {
        self.notes
    }

    /// True while nothing fills it and nothing of it sounds.
    pub(crate) fn is_gone(&self) -> bool {
        self.content.is_none() && self.sounding.is_empty()
    }

    /// Number of notes that sound at the playhead of commitment.
    pub(crate) fn sounding(&self) -> usize {
        self.sounding.len()
    }

    /// From beat `at` something else fills the slot, at the same phase. Notes of the
    /// old filling ring until the new one strikes its first, unless it holds them too.
    pub(crate) fn fill(&mut self, content: Content, at: Beat, out: &mut Vec<Draft>) {
        let arriving = self.content.is_none();
        if arriving {
            self.release_all(at, out);
            self.told = [None; Control::ALL.len()];
            self.route = None;
            self.rung = Rung::Fresh;
            self.last_bar = LastBar::default();
            self.stale = None;
        }
        let route = match &content.spec.part {
            Part::Notes(_) => Some(&content.spec.output),
            Part::Drawing { .. } => None,
        };
        if self.route.as_ref() != route {
            // What still sounds does so elsewhere, where the new notes cannot reach it.
            self.release_all(at, out);
            self.route = route.cloned();
            out.extend(route.map(|output| self.draft(at, Action::Route { output: output.clone() })));
        }
        if let Some(old) = self.content.replace(content).filter(|old| old.played && !old.failed) {
            self.stale = Some(old);
        }
        self.queue.clear();
        self.last_bar.cut(at);
        self.planned_until = at;
        self.starting = true;
    }

    /// Where a stream lies that it plays, or played just before: whoever takes an edit back is to hear
    /// it go on.
    pub(crate) fn origin_of(&self, stream: Option<u64>) -> Option<Beat> {
        let known = self.content.iter().chain(&self.stale);
        known.filter_map(|content| content.origin_of(stream)).next()
    }

    /// The same part goes on; what the script says about it may have moved.
    pub(crate) fn keep(&mut self, spec: Rc<SlotSpec>) {
        if let Some(content) = &mut self.content {
            // The old patterns stay: they sound the same, and their takes are known.
            content.spec = Rc::new(SlotSpec {
                part: content.spec.part.clone(),
                surprises: content.spec.surprises.clone(),
                controls: content.spec.controls.clone(),
                ..SlotSpec::clone(&spec)
            });
        }
    }

    /// From beat `at` the slot is heard, or keeps its place silently.
    pub(crate) fn set_audible(&mut self, audible: bool, at: Beat, out: &mut Vec<Draft>) {
        if !audible {
            self.release_all(at, out);
        }
        self.audible = audible;
    }

    /// The slot's name left the text: it fades out from beat `at` and ends at `end`.
    pub(crate) fn stop(&mut self, at: Beat, end: Beat, seconds: f64, out: &mut Vec<Draft>) {
        self.empty();
        for note in &mut self.sounding {
            note.end = note.end.min(end);
        }
        out.push(self.draft(at, Action::FadeOut { seconds }));
    }

    /// Nothing fills the slot any more, and nothing of it sounds after beat `at`.
    pub(crate) fn hush(&mut self, at: Beat, out: &mut Vec<Draft>) {
        self.empty();
        self.release_all(at, out);
    }

    /// The playhead jumps to beat `at`: nothing sounds, and planning starts there.
    pub(crate) fn jump(&mut self, at: Beat, out: &mut Vec<Draft>) {
        self.release_all(at, out);
        self.queue.clear();
        self.last_bar.cut(self.planned_until.min(at));
        self.planned_until = at;
    }

    fn empty(&mut self) {
        self.content = None;
        self.stale = None;
        self.queue.clear();
        self.last_bar = LastBar::default();
        self.rung = Rung::Rest;
    }

    /// Plans `span`, which begins where the plan ended, by the ladder.
    ///
    /// # Errors
    /// When the slot's own pattern failed; the span is planned all the same, from a
    /// lower rung.
    pub(crate) fn plan(
        &mut self,
        span: Span,
        at_boundary: bool,
        limits: &mut Vec<Limit>,
    ) -> Result<(), QueryError> {
        self.planned_until = span.end;
        let Some(content) = &mut self.content else { return Ok(()) };
        content.forget_before(span.start);
        let bar = content.bar;
        let mut failure = None;

        let best = if self.starting { Rung::Fresh } else { self.rung.best(at_boundary) };
        let mut answer = None;
        if best == Rung::Fresh {
            match content.part(span) {
                Ok(plan) => {
                    content.tell_dropped(&plan, limits);
                    answer = Some((Rung::Fresh, plan));
                }
                Err(QueryError::Late) => {}
                Err(failed) => failure = Some(failed),
            }
        }
        if answer.is_none() && best <= Rung::Draft {
            // A draft that fails is one rung that does not hold, as below: the take itself will tell.
            answer = content.draft(span).ok().map(|plan| (Rung::Draft, plan));
        }
        if answer.is_none()
            && best <= Rung::Stale
            && !content.is_under_way()
            && let Some(stale) = &mut self.stale
        {
            // A stale part that fails too is one rung that does not hold: the next is tried.
            let plan = stale.part(span).or_else(|_| stale.draft(span));
            answer = plan.ok().map(|plan| (Rung::Stale, plan));
        }
        let items = match answer {
            Some((rung, plan)) => {
                content.played |= rung <= Rung::Draft;
                if self.starting || self.rung != rung {
                    self.filling += 1;
                    for note in &mut self.sounding {
                        let same =
                            |(whole, tone): &&(Span, Tone)| whole.start == note.start && *tone == note.tone;
                        if let Some((whole, _)) = plan.held.iter().find(same) {
                            (note.filling, note.end) = (self.filling, whole.end);
                        }
                    }
                }
                self.rung = rung;
                self.last_bar.record(span, &plan.items, bar);
                plan.items.clone()
            }
            None => {
                let again = self.last_bar.repeat(span, bar);
                self.rung = if again.is_some() { Rung::Loop } else { Rung::Rest };
                again.unwrap_or_default()
            }
        };
        self.starting = false;
        self.queue.extend(items);
        match content.controls(span, limits) {
            Ok(items) => self.queue.extend(items),
            Err(failed) => failure = failure.or(Some(failed)),
        }
        self.queue.make_contiguous().sort_by_key(Item::order);
        match failure {
            Some(failed) => Err(failed),
            None => Ok(()),
        }
    }

    /// Emits everything before beat `stop`.
    pub(crate) fn advance(&mut self, stop: Beat, out: &mut Vec<Draft>, limits: &mut Vec<Limit>) {
        loop {
            let end = self.sounding.iter().map(|note| note.end).min().filter(|end| *end < stop);
            let next = self.queue.front().map(|item| item.beat).filter(|beat| *beat < stop);
            match (end, next) {
                (None, None) => return,
                (Some(end), next) if next.is_none_or(|next| end <= next) => self.release(end, out),
                _ => {
                    if let Some(item) = self.queue.pop_front() {
                        self.emit(item, out, limits);
                    }
                }
            }
        }
    }

    fn emit(&mut self, item: Item, out: &mut Vec<Draft>, limits: &mut Vec<Limit>) {
        match item.kind {
            ItemKind::Control { control, value } => {
                let drawn = self.route.is_none();
                let told = &mut self.told[control as usize];
                if drawn || controls::is_same(*told, value) {
                    return;
                }
                let glide = if told.is_some() { GLIDE } else { 0.0 };
                *told = Some(value);
                out.push(self.draft(item.beat, Action::Control { control, value, glide }));
            }
            ItemKind::Note { end, tone, velocity, surprise } => {
                if !self.audible {
                    return;
                }
                self.release_old(item.beat, out);
                if self.sounding.len() >= MOST_SOUNDING {
                    if let Some(content) = &mut self.content {
                        content.tell(Limit::Sounding, limits);
                    }
                    return;
                }
                let id = NoteId((u64::from(self.id.0) << 48) | self.notes);
                self.notes += 1;
                let filling = self.filling;
                self.sounding.push(Sounding { id, start: item.beat, end, tone, filling });
                if self.recent.len() == MOST_RECENT {
                    self.recent.pop_front();
                }
                self.recent.push_back(Emitted { start: item.beat, end, tone, velocity, surprise });
                let duration = end - item.beat;
                out.push(self.draft(item.beat, Action::NoteOn { id, tone, velocity, duration, surprise }));
            }
            ItemKind::Stroke { stroke, duration, first } => {
                if self.audible {
                    out.push(self.draft(item.beat, Action::Stroke { stroke, duration, first }));
                }
            }
        }
    }

    fn draft(&self, beat: Beat, action: Action) -> Draft {
        Draft { beat, slot: self.id, action }
    }

    fn release(&mut self, end: Beat, out: &mut Vec<Draft>) {
        self.release_where(end, out, |note| note.end <= end);
    }

    fn release_all(&mut self, at: Beat, out: &mut Vec<Draft>) {
        self.release_where(at, out, |_| true);
    }

    /// Ends what an earlier filling struck.
    fn release_old(&mut self, at: Beat, out: &mut Vec<Draft>) {
        let filling = self.filling;
        self.release_where(at, out, |note| note.filling != filling);
    }

    fn release_where(&mut self, at: Beat, out: &mut Vec<Draft>, ends: impl Fn(&Sounding) -> bool) {
        let slot = self.id;
        let recent = &mut self.recent;
        self.sounding.retain(|note| {
            if !ends(note) {
                return true;
            }
            let same = |emitted: &&mut Emitted| emitted.start == note.start && emitted.tone == note.tone;
            if let Some(emitted) = recent.iter_mut().rev().find(same) {
                emitted.end = at;
            }
            out.push(Draft { beat: at, slot, action: Action::NoteOff { id: note.id } });
            false
        });
    }

    /// Items planned and not yet emitted, in order.
    pub(crate) fn queued(&self) -> impl Iterator<Item = &Item> {
        self.queue.iter()
    }

    /// Moment of the next note that will be struck, as far as it is planned.
    pub(crate) fn next_note(&self) -> Option<Beat> {
        let note = |item: &&Item| matches!(item.kind, ItemKind::Note { .. });
        self.queue.iter().find(note).map(|item| item.beat)
    }

    /// What would be planned for `span`, without planning it: what is shown ahead.
    pub(crate) fn tentative(&mut self, span: Span) -> Vec<Item> {
        let Some(content) = &mut self.content else { return Vec::new() };
        let bar = content.bar;
        // A failure is reported when the span is planned in earnest.
        let under_way = content.is_under_way();
        let answer = content.part(span).or_else(|_| content.draft(span));
        let answer = answer.or_else(|error| match &mut self.stale {
            Some(stale) if !under_way => stale.part(span),
            _ => Err(error),
        });
        match answer {
            Ok(plan) => plan.items.clone(),
            Err(_) => self.last_bar.repeat(span, bar).unwrap_or_default(),
        }
    }

    /// A take arrived: what was answered ahead is asked again.
    pub(crate) fn forget_ahead(&mut self) {
        for content in self.content.iter_mut().chain(&mut self.stale) {
            content.forget();
        }
    }
}
