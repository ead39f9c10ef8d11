//! One slot as it plays: what fills it, what sounds, how far it is planned.

use std::sync::Arc;

use lilt_score::{Beat, Control, Place, Span};

use crate::controls::{self, GLIDE};
use crate::ladder::{LastBar, Rung};
use crate::outline::Filling;
use crate::plan::{Item, ItemKind, Limit, MOST_SOUNDING, PartPlan};
use crate::stretch::{Answer, ContentId, Stretches};
use crate::wiring::Wired;
use crate::{Action, GenerationId, NoteId, Output, SlotId, Strike, Strip};

/// More notes than a slot can have been sent ahead of what is certain.
const MOST_AHEAD: u64 = (1 << 20) - 1;

/// How soon, in beats, a slot that rests looks again for what nobody has written yet.
fn soon() -> Beat {
    Beat::new(1, 8)
}

/// An action at an exact beat, before it is given its second.
#[derive(Debug, Clone)]
pub(crate) struct Untimed {
    pub(crate) beat: Beat,
    pub(crate) slot: SlotId,
    pub(crate) action: Action,
}

impl Untimed {
    /// Order of actions at one moment: ends first, so that a note can be struck
    /// again; then where and how a note will sound; then notes.
    pub(crate) fn order(&self) -> (Beat, u8, SlotId) {
        let rank = match self.action {
            Action::NoteOff { .. } => 0,
            Action::FadeOut { .. } => 1,
            Action::Route { .. } | Action::Send { .. } | Action::Duck { .. } => 2,
            Action::Control { .. } | Action::Look { .. } => 3,
            Action::NoteOn { .. } => 4,
            Action::Stroke { .. } => 5,
        };
        (self.beat, rank, self.slot)
    }
}

/// A note that was struck and not yet released.
#[derive(Debug, Clone)]
struct Sounding {
    id: NoteId,
    start: Beat,
    end: Beat,
    strike: Arc<Strike>,
    output: Arc<Output>,
    /// Which filling of the slot struck it: counts changes of what the slot plays.
    filling: u32,
}

/// Contents placed in the performance: bar 0 of `content` falls on `origin`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    pub(crate) content: ContentId,
    pub(crate) origin: Beat,
    pub(crate) bar: Beat,
    /// True once its own pattern was heard: only then is it worth coming back to.
    pub(crate) played: bool,
    failed: bool,
}

impl Placed {
    pub(crate) fn new(content: ContentId, origin: Beat, bar: Beat) -> Placed {
        Placed { content, origin, bar, played: false, failed: false }
    }

    /// Which of its bars lies at `beat`, and from when to when.
    pub(crate) fn bar_at(&self, beat: Beat) -> (i64, Span) {
        let number = (beat - self.origin).floor_div(self.bar);
        let start = self.origin + self.bar * Beat::whole(number);
        (number, Span::new(start, start + self.bar))
    }
}

/// A rung that holds: what is played on it.
struct Held {
    rung: Rung,
    plan: Arc<PartPlan>,
    /// The beat of the performance on which the plan's beat 0 falls.
    origin: Beat,
    /// Where the bar ends of which the plan is.
    end: Beat,
}

/// A named place in the performance. Cheap to clone: what is long is shared.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) id: SlotId,
    pub(crate) name: Arc<str>,
    /// What the script says of it, and what it plays, while it is filled.
    pub(crate) filling: Option<(Arc<Filling>, Placed)>,
    pub(crate) rung: Rung,
    pub(crate) audible: bool,
    /// Everything before this beat is in the queue or emitted.
    pub(crate) planned_until: Beat,
    /// Beat of the last note that was struck, and what it was.
    pub(crate) last_note: Option<(Beat, Arc<Strike>)>,
    /// Generation that last spoke of the slot.
    pub(crate) generation: GenerationId,
    /// What it played before, to go back to while what fills it is late.
    pub(crate) stale: Option<Placed>,
    queue: Arc<Vec<Item>>,
    next: usize,
    last_bar: LastBar,
    sounding: Vec<Sounding>,
    changes: u32,
    /// True until the first stretch of a new filling is planned.
    starting: bool,
    /// True once it was told that too many notes sound at once.
    told_crowded: bool,
    route: Option<Arc<Output>>,
    /// Where each control stands.
    told: Vec<(Control, f64)>,
    /// Where it goes and how it ducks, as was told last.
    wired: Wired,
    /// True when that must be told again, whatever it is.
    rewires: bool,
    notes: u64,
}

impl Slot {
    pub(crate) fn new(id: SlotId, name: Arc<str>, notes: u64) -> Slot {
        Slot {
            id,
            name,
            filling: None,
            rung: Rung::Rest,
            audible: true,
            planned_until: Beat::ZERO,
            last_note: None,
            generation: GenerationId(0),
            stale: None,
            queue: Arc::default(),
            next: 0,
            last_bar: LastBar::default(),
            sounding: Vec::new(),
            changes: 0,
            starting: false,
            told_crowded: false,
            route: None,
            told: Vec::new(),
            wired: Wired::default(),
            rewires: false,
            notes,
        }
    }

    /// The slot as it goes on at beat `at` when whoever moved it is given up: what fills it stays where it
    /// lies, and nothing of it sounds. Where its controls stand nobody knows any more, since what was sent last
    /// was taken back: each is told anew. A port is told only what it was told before.
    pub(crate) fn after(&self, at: Beat) -> Slot {
        let plays = self.filling.as_ref().filter(|(filling, _)| !filling.draws);
        let synth = plays.is_some_and(|(filling, _)| filling.output.sounds_here());
        let mut told = self.told.clone();
        for (control, stands) in &mut told {
            if synth || !controls::is_same(Some(Strip::unsaid(*control)), *stands) {
                *stands = f64::NAN;
            }
        }
        let known = |control: &Control| self.told.iter().any(|(known, _)| known == control);
        let others = Control::of_slots().filter(|control| synth && !known(control));
        told.extend(others.map(|control| (control, f64::NAN)));
        let mut last_bar = self.last_bar.clone();
        last_bar.cut(self.planned_until.min(at));
        Slot {
            route: plays.map(|(filling, _)| Arc::clone(&filling.output)),
            filling: self.filling.clone(),
            rung: self.rung,
            audible: self.audible,
            planned_until: at,
            generation: self.generation,
            stale: self.stale,
            last_bar,
            starting: self.filling.is_some(),
            told,
            // No number is given twice, however far ahead notes were sent.
            ..Slot::new(self.id, Arc::clone(&self.name), (self.notes | MOST_AHEAD) + 1)
        }
    }

    /// Number of notes it ever struck: a slot that takes over the id counts on from there.
    pub(crate) fn notes(&self) -> u64 {
        self.notes
    }

    /// True while nothing fills it and nothing of it sounds.
    pub(crate) fn is_gone(&self) -> bool {
        self.filling.is_none() && self.sounding.is_empty()
    }

    /// Number of notes that sound at the playhead of commitment.
    pub(crate) fn sounding(&self) -> usize {
        self.sounding.len()
    }

    /// Where the notes were written that sound, each place once.
    pub(crate) fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> =
            self.sounding.iter().flat_map(|note| note.strike.context.places()).copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// True when it plays that content already.
    pub(crate) fn plays(&self, content: ContentId) -> bool {
        self.filling.as_ref().is_some_and(|(_, placed)| placed.content == content && !placed.failed)
    }

    /// From beat `at` something else fills the slot. Notes of the old filling ring until the new one
    /// strikes its first, unless it holds them too.
    pub(crate) fn fill(&mut self, filling: Arc<Filling>, placed: Placed, at: Beat, out: &mut Vec<Untimed>) {
        if self.filling.is_none() {
            self.release_all(at, out);
            self.told.retain(|(control, _)| !controls::TOLD.contains(control));
            // Its place in the mixer may have been another's meanwhile: what was told is told again.
            self.tell_again();
            self.route = None;
            self.rung = Rung::Fresh;
            self.last_bar = LastBar::default();
            self.stale = None;
        }
        let route = (!filling.draws).then_some(&filling.output);
        if self.route.as_ref() != route {
            // What still sounds does so elsewhere, where the new notes cannot reach it.
            self.release_all(at, out);
            let was_mixed = self.route.as_ref().is_some_and(|output| output.sounds_here());
            if was_mixed != route.is_some_and(|output| output.sounds_here()) {
                self.tell_again();
            }
            self.route = route.cloned();
            let output = route.map(|output| Output::clone(output));
            out.extend(output.map(|output| self.untimed(at, Action::Route { output })));
        }
        let old = self.filling.replace((filling, placed)).map(|(_, old)| old);
        if let Some(old) = old.filter(|old| old.played && !old.failed) {
            self.stale = Some(old);
        }
        self.forget_queue();
        self.last_bar.cut(at);
        self.planned_until = at;
        self.starting = true;
        self.told_crowded = false;
    }

    /// What was told of the way of its sound is told again, where that is not as in the beginning.
    fn tell_again(&mut self) {
        self.told.iter_mut().for_each(|(_, stands)| *stands = f64::NAN);
        self.rewires = self.wired != Wired::default();
    }

    /// The same part goes on; what the script says about it may have moved.
    pub(crate) fn keep(&mut self, filling: Arc<Filling>) {
        if let Some((known, _)) = &mut self.filling {
            *known = filling;
        }
    }

    /// From beat `at` its sound goes there, and it ducks so.
    pub(crate) fn wire(&mut self, wired: Wired, at: Beat, out: &mut Vec<Untimed>) {
        let Some(output) = &self.route else { return };
        let again = std::mem::take(&mut self.rewires);
        if again || wired.to != self.wired.to {
            let action = Action::Send { bus: wired.to, output: Arc::clone(output) };
            out.push(self.untimed(at, action));
        }
        if again || wired.duck != self.wired.duck {
            let action = Action::Duck { under: wired.duck, output: Arc::clone(output) };
            out.push(self.untimed(at, action));
        }
        self.wired = wired;
    }

    /// From beat `at` the slot is heard, or keeps its place silently.
    pub(crate) fn set_audible(&mut self, audible: bool, at: Beat, out: &mut Vec<Untimed>) {
        if !audible {
            self.release_all(at, out);
        }
        self.audible = audible;
    }

    /// The slot's name left the text: it fades out from beat `at` and ends at `end`.
    pub(crate) fn stop(&mut self, at: Beat, end: Beat, seconds: f64, out: &mut Vec<Untimed>) {
        self.empty();
        for note in &mut self.sounding {
            note.end = note.end.min(end);
        }
        out.push(self.untimed(at, Action::FadeOut { seconds }));
    }

    /// Nothing fills the slot any more, and nothing of it sounds after beat `at`.
    pub(crate) fn hush(&mut self, at: Beat, out: &mut Vec<Untimed>) {
        self.empty();
        self.release_all(at, out);
    }

    /// The playhead jumps to beat `at`: nothing sounds, and planning starts there.
    pub(crate) fn jump(&mut self, at: Beat, out: &mut Vec<Untimed>) {
        self.release_all(at, out);
        self.forget_queue();
        self.last_bar.cut(self.planned_until.min(at));
        self.planned_until = at;
    }

    /// What it plays of a bar of a content was written anew: what is planned of that from beat `at` on is planned
    /// again. Notes that sound keep their ends.
    pub(crate) fn plan_again(&mut self, content: ContentId, bar: i64, at: Beat) {
        let plays = |placed: &Placed| placed.content == content && placed.bar_at(at).0 == bar;
        let plays = self.filling.as_ref().is_some_and(|(_, placed)| plays(placed))
            || self.stale.as_ref().is_some_and(plays);
        if plays && self.planned_until > at {
            self.forget_queue();
            self.last_bar.cut(at);
            self.planned_until = at;
        }
    }

    fn empty(&mut self) {
        self.filling = None;
        self.stale = None;
        self.forget_queue();
        self.last_bar = LastBar::default();
        self.rung = Rung::Rest;
    }

    fn forget_queue(&mut self) {
        self.queue = Arc::default();
        self.next = 0;
    }

    /// True for an endless part that was heard: where it is late its own last bar is nearer to it than
    /// what the slot played before.
    fn is_under_way(&self) -> bool {
        self.filling.as_ref().is_some_and(|(filling, placed)| placed.played && filling.endless)
    }

    /// Plans from beat `at`, where the plan ended, to the end of the bar, by the ladder; to `climb`, where
    /// a better rung may be tried, if that comes first and there is a better one.
    pub(crate) fn plan(&mut self, at: Beat, at_boundary: bool, climb: Beat, stretches: &mut impl Stretches) {
        let Some(placed) = self.filling.as_ref().map(|(_, placed)| *placed) else { return };
        let (number, bar) = placed.bar_at(at);
        let best = if self.starting { Rung::Fresh } else { self.rung.best(at_boundary) };
        let held = self.hold(at, best, stretches);
        let fresh = held.as_ref().is_some_and(|held| held.rung == Rung::Fresh);
        let end = held.as_ref().map_or(bar.end, |held| held.end.min(bar.end));
        let span = Span::new(at, if fresh { end } else { end.min(climb) });
        let mut items = match held {
            Some(held) => {
                let enters = self.starting || self.rung != held.rung;
                self.enter_rung(&held, at);
                let items = held.plan.within(span, held.origin, enters);
                self.last_bar.record(span, &items, placed.bar);
                items
            }
            None => {
                let again = self.last_bar.repeat(span, placed.bar);
                self.rung = if again.is_some() { Rung::Loop } else { Rung::Rest };
                again.unwrap_or_default()
            }
        };
        self.starting = false;
        self.planned_until = span.end;
        if self.rung == Rung::Rest
            && matches!(stretches.part(placed.content, number, true), Answer::Unwritten)
        {
            // No phrase is broken, and nothing is waited for but the pen.
            self.planned_until = span.end.min(at + soon());
        }
        if let Some(controls) = stretches.controls(placed.content, number) {
            items.extend(controls::within(&controls, span, placed.origin));
        }
        items.sort_by_key(Item::order);
        self.queue = Arc::new(items);
        self.next = 0;
    }

    /// The best rung that holds at beat `at`, none above `best`.
    fn hold(&mut self, at: Beat, best: Rung, stretches: &mut impl Stretches) -> Option<Held> {
        let under_way = self.is_under_way();
        let (_, placed) = self.filling.as_mut()?;
        let (number, bar) = placed.bar_at(at);
        let own = |rung, plan, placed: &Placed| Held { rung, plan, origin: placed.origin, end: bar.end };
        if best == Rung::Fresh {
            match stretches.part(placed.content, number, false) {
                Answer::Known(plan) => return Some(own(Rung::Fresh, plan, placed)),
                Answer::Late | Answer::Unwritten => {}
                Answer::Failed => placed.failed = true,
            }
        }
        if best <= Rung::Draft
            && let Some(plan) = stretches.part(placed.content, number, true).known()
        {
            return Some(own(Rung::Draft, plan, placed));
        }
        let stale = self.stale.filter(|_| best <= Rung::Stale && !under_way)?;
        let (number, bar) = stale.bar_at(at);
        let plan = stretches.part(stale.content, number, false).known();
        let plan = plan.or_else(|| stretches.part(stale.content, number, true).known())?;
        Some(Held { rung: Rung::Stale, plan, origin: stale.origin, end: bar.end })
    }

    /// A rung is played from beat `at` on: notes that it holds too go on.
    fn enter_rung(&mut self, held: &Held, at: Beat) {
        let Held { rung, ref plan, origin, .. } = *held;
        if rung <= Rung::Draft
            && let Some((_, placed)) = &mut self.filling
        {
            placed.played = true;
        }
        if self.starting || self.rung != rung {
            self.changes += 1;
            for note in &mut self.sounding {
                if let Some(end) = plan.holds(at - origin, note.start - origin, note.strike.tone) {
                    (note.filling, note.end) = (self.changes, end + origin);
                }
            }
        }
        self.rung = rung;
    }

    /// Emits everything before beat `stop`.
    pub(crate) fn advance(&mut self, stop: Beat, out: &mut Vec<Untimed>, limits: &mut Vec<Limit>) {
        loop {
            let end = self.sounding.iter().map(|note| note.end).min().filter(|end| *end < stop);
            let next = self.queue.get(self.next).map(|item| item.beat).filter(|beat| *beat < stop);
            match (end, next) {
                (None, None) => return,
                (Some(end), next) if next.is_none_or(|next| end <= next) => self.release(end, out),
                _ => {
                    if let Some(item) = self.queue.get(self.next).cloned() {
                        self.next += 1;
                        self.emit(item, out, limits);
                    }
                }
            }
        }
    }

    fn emit(&mut self, item: Item, out: &mut Vec<Untimed>, limits: &mut Vec<Limit>) {
        match item.kind {
            ItemKind::Control { control, value } => {
                if control.is_look() {
                    self.look(item.beat, control, value, out);
                    return;
                }
                let Some(output) = self.route.clone() else { return };
                let told = self.told.iter_mut().find(|(known, _)| *known == control);
                let stands = match &told {
                    Some((_, stands)) => Some(*stands),
                    // A port's instrument has settings of its own, which nothing changes unasked.
                    None if controls::TOLD.contains(&control) && output.sounds_here() => None,
                    None => Some(output.unsaid(control)),
                };
                if controls::is_same(stands, value) {
                    return;
                }
                let glide = if stands.is_some() { GLIDE } else { 0.0 };
                match told {
                    Some((_, stands)) => *stands = value,
                    None => self.told.push((control, value)),
                }
                out.push(self.untimed(item.beat, Action::Control { control, value, glide, output }));
            }
            ItemKind::Note { end, strike } => {
                let Some(route) = self.route.clone().filter(|_| self.audible) else { return };
                // What an event is played on, unless the slot's notes leave by MIDI.
                let own = strike.output.clone().filter(|_| route.sounds_here());
                let output = own.unwrap_or(route);
                self.release_old(item.beat, out);
                if self.sounding.len() >= MOST_SOUNDING {
                    if !std::mem::replace(&mut self.told_crowded, true) {
                        limits.push(Limit::Sounding);
                    }
                    return;
                }
                let id = NoteId((u64::from(self.id.0) << 48) | self.notes);
                self.notes += 1;
                let filling = self.changes;
                let start = item.beat;
                let sounding = Sounding {
                    id,
                    start,
                    end,
                    strike: Arc::clone(&strike),
                    output: Arc::clone(&output),
                    filling,
                };
                self.sounding.push(sounding);
                self.last_note = Some((start, Arc::clone(&strike)));
                let duration = end - start;
                let action = Action::NoteOn { id, strike, duration, output };
                out.push(self.untimed(start, action));
            }
            ItemKind::Stroke { stroke, duration, first, begun } => {
                if self.audible {
                    out.push(self.untimed(item.beat, Action::Stroke { stroke, duration, first, begun }));
                }
            }
        }
    }

    /// A look of the drawing goes to a value, if it is not there already.
    fn look(&mut self, beat: Beat, look: Control, value: f64, out: &mut Vec<Untimed>) {
        let stands = self.told.iter_mut().find(|(known, _)| *known == look);
        if controls::is_same(stands.as_ref().map_or(Some(look.neutral()), |(_, stands)| Some(*stands)), value)
        {
            return;
        }
        match stands {
            Some((_, stands)) => *stands = value,
            None => self.told.push((look, value)),
        }
        out.push(self.untimed(beat, Action::Look { look, value }));
    }

    fn untimed(&self, beat: Beat, action: Action) -> Untimed {
        Untimed { beat, slot: self.id, action }
    }

    fn release(&mut self, end: Beat, out: &mut Vec<Untimed>) {
        self.release_where(end, out, |note| note.end <= end);
    }

    fn release_all(&mut self, at: Beat, out: &mut Vec<Untimed>) {
        self.release_where(at, out, |_| true);
    }

    /// Ends what an earlier filling struck.
    fn release_old(&mut self, at: Beat, out: &mut Vec<Untimed>) {
        let filling = self.changes;
        self.release_where(at, out, |note| note.filling != filling);
    }

    fn release_where(&mut self, at: Beat, out: &mut Vec<Untimed>, ends: impl Fn(&Sounding) -> bool) {
        let slot = self.id;
        self.sounding.retain(|note| {
            if !ends(note) {
                return true;
            }
            let action =
                Action::NoteOff { id: note.id, tone: note.strike.tone, output: Arc::clone(&note.output) };
            out.push(Untimed { beat: at, slot, action });
            false
        });
    }

    /// Items planned and not yet emitted, in order.
    pub(crate) fn queued(&self) -> impl Iterator<Item = &Item> {
        self.queue.iter().skip(self.next)
    }

    /// Moment of the next note that will be struck, as far as it is planned.
    pub(crate) fn next_note(&self) -> Option<Beat> {
        let note = |item: &&Item| matches!(item.kind, ItemKind::Note { .. });
        self.queued().find(note).map(|item| item.beat)
    }

    /// What would be planned from beat `at` to the end of its bar, and where that is: what is
    /// shown ahead.
    pub(crate) fn tentative(&self, at: Beat, stretches: &mut impl Stretches) -> Option<(Beat, Vec<Item>)> {
        let (_, placed) = self.filling.as_ref()?;
        let (_, bar) = placed.bar_at(at);
        let items = match self.clone().hold(at, Rung::Fresh, stretches) {
            Some(held) => held.plan.within(Span::new(at, bar.end.min(held.end)), held.origin, false),
            None => self.last_bar.repeat(Span::new(at, bar.end), placed.bar).unwrap_or_default(),
        };
        Some((bar.end, items))
    }
}
