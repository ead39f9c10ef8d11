//! The playhead: all that changes as time passes. It moves over the stretches of the plan and
//! says what happens on the way.

use std::sync::Arc;

use lilt_score::{Beat, Control, Span};

use crate::ground::{Entry, Ground, Measure, commit_grid, finite};
use crate::outline::{Filling, Outline};
use crate::plan::{Item, Notice};
use crate::proposal::Entered;
use crate::slot::{Placed, Slot, Untimed};
use crate::steering::{at_position, beginning, steered};
use crate::stretch::{ContentId, Stretches};
use crate::{Action, GenerationId, OuterTempo, Output, Quantum, SlotId, Strike, Tempo, TempoMap, Timed};

/// Names that are remembered after their slot is gone, and the slots that play.
const MOST_NAMES: usize = 1024;

/// A generation on its way to its boundaries.
#[derive(Debug, Clone)]
struct Pending {
    outline: Arc<Outline>,
    /// Where it takes over tempo, metre and whatever says nothing of its own.
    entry: Entry,
    entered: bool,
    /// For each of its slots where it changes; `None` once it has.
    slots: Vec<Option<Beat>>,
    /// The numbers of its slots; a slot that it names otherwise keeps its number.
    ids: Vec<SlotId>,
}

impl Pending {
    fn next_boundary(&self) -> Option<Beat> {
        let whole = (!self.entered).then_some(self.entry.boundary);
        self.slots.iter().flatten().copied().chain(whole).min()
    }
}

/// A generation that took over.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Began {
    /// Which.
    pub generation: GenerationId,
    /// When, in seconds since the performance began.
    pub seconds: f64,
    /// Its tempo.
    pub tempo: Tempo,
}

/// A content that is played, may be fallen back on, or waits for its boundary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Use {
    /// Which.
    pub content: ContentId,
    /// The first of its bars that is not over.
    pub from: i64,
    /// The last of its bars that begins within the time asked for.
    pub to: i64,
    /// The beat of the performance on which its bar 0 falls.
    pub origin: Beat,
    /// Length of its bars in beats.
    pub length: Beat,
    /// True where it is only fallen back on.
    pub stale: bool,
    /// True where a draft of it plays, which goes on until a boundary.
    pub drafts: bool,
}

impl Use {
    /// The beat of the performance on which one of its bars begins.
    pub fn start_of(&self, bar: i64) -> Beat {
        self.origin + self.length * Beat::whole(bar)
    }
}

/// What happened on the way.
#[derive(Debug, Default)]
pub(crate) struct Passed {
    pub(crate) events: Vec<Untimed>,
    pub(crate) notices: Vec<Notice>,
    pub(crate) began: Vec<Began>,
}

/// Where the music is, and all that it depends on. Cheap to clone: one copy goes with what is
/// certain, another runs ahead with what has been sent and can be taken back.
#[derive(Debug, Clone)]
pub(crate) struct Playhead {
    pub(crate) ground: Ground,
    pub(crate) playing: Arc<Outline>,
    pub(crate) slots: Vec<Slot>,
    pending: Option<Pending>,
    /// The clock of others that is followed, and until which beat the way to it was laid.
    outer: Option<(OuterTempo, Beat)>,
}

impl Playhead {
    /// Silence at beat 0.
    pub(crate) fn new() -> Playhead {
        let ground = Ground::new();
        let silence = Outline::silence(GenerationId::default(), Tempo::DEFAULT, ground.measure.meter);
        Playhead { ground, playing: Arc::new(silence), slots: Vec::new(), pending: None, outer: None }
    }

    /// A playhead in the place of one that is given up at second `now`: it stands where the music is by then,
    /// with what fills the slots and without what waited for a boundary.
    pub(crate) fn after(given_up: &Playhead, now: f64) -> Playhead {
        let mut next = Playhead { slots: Vec::new(), ..given_up.clone() };
        next.withdraw();
        if next.ground.started {
            next.ground.committed = next.ground.earliest(now);
        }
        let seconds = next.ground.seconds_at(next.at());
        next.ground.committed_seconds = next.ground.committed_seconds.max(finite(now)).max(seconds);
        next.slots = given_up.slots.iter().map(|slot| slot.after(next.at())).collect();
        next
    }

    /// The beat before which everything has happened.
    pub(crate) fn at(&self) -> Beat {
        self.ground.committed
    }

    /// True until a slot was named: the playhead waits at beat 0.
    pub(crate) fn is_idle(&self) -> bool {
        !self.ground.started && self.pending.as_ref().is_none_or(|next| next.outline.slots.is_empty())
    }

    /// The ground as it is now.
    pub(crate) fn ground_now(&self) -> Ground {
        Ground { silent: self.slots.iter().all(Slot::is_gone), ..self.ground.clone() }
    }

    /// Makes a generation wait for its boundaries; one that still waits is replaced.
    pub(crate) fn enter(&mut self, outline: Arc<Outline>, now: f64, not_before: Beat) -> Entered {
        self.withdraw();
        self.ground.silent = self.slots.iter().all(Slot::is_gone);
        if !self.ground.started {
            let origin = self.ground.committed_seconds.max(finite(now));
            self.ground.map = TempoMap::new(origin, outline.tempo);
            match (&outline.tempo_moves, self.outer_of(&outline)) {
                (_, Some(outer)) => self.ground.map = beginning(outer, outline.meter.bar(), origin),
                (Some(curve), None) => self.ground.map.follow(Beat::ZERO, curve, Beat::ZERO),
                (None, None) => {}
            }
        }
        let (entry, slots) = self.boundaries(&outline, now, not_before);
        if self.outer_of(&outline).is_none() {
            self.outer = None;
        }
        if self.ground.started && self.outer.is_none() {
            let glide = if self.ground.silent { Beat::ZERO } else { Beat::ONE };
            match &outline.tempo_moves {
                Some(curve) => self.ground.map.follow(entry.boundary, curve, entry.measure.origin),
                None => self.ground.map.change(entry.boundary, outline.tempo, glide),
            }
        }
        let (mut changed, mut kept, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for filling in &outline.slots {
            let id = self.renamed(filling, &outline, &ids);
            let id = id.unwrap_or_else(|| self.slot_named(&filling.name, &outline));
            ids.push(id);
            let same = self.slots[usize::from(id.0)].plays(filling.content);
            if same { &mut kept } else { &mut changed }.push(filling.name.to_string());
        }
        let filled = self.slots.iter().filter(|slot| slot.filling.is_some());
        let stopped =
            filled.filter(|slot| !ids.contains(&slot.id)).map(|slot| slot.name.to_string()).collect();
        let boundary = slots.iter().flatten().copied().min().unwrap_or(entry.boundary).min(entry.boundary);
        let generation = outline.id;
        self.pending = Some(Pending { outline, entry, entered: false, slots, ids });
        Entered { generation, boundary, seconds: self.ground.seconds_at(boundary), changed, kept, stopped }
    }

    /// Where a generation enters, and where each of its slots does.
    fn boundaries(&self, outline: &Outline, now: f64, not_before: Beat) -> (Entry, Vec<Option<Beat>>) {
        let entry =
            |own: Quantum| self.ground.entry(outline.entrance.quantum(own), outline.meter, now, not_before);
        let whole = entry(outline.quantum);
        let moves = whole.measure != self.ground.measure;
        let slots = outline.slots.iter().map(|filling| match filling.quantum {
            // A change of metre concerns all slots at once.
            Some(quantum) if !moves => Some(entry(quantum).boundary),
            _ => Some(whole.boundary),
        });
        let slots = slots.collect();
        (whole, slots)
    }

    /// The slot that plays what `filling` declares and that the text names otherwise now: it goes on under
    /// its new name. Not one that is `given` already.
    fn renamed(&self, filling: &Filling, outline: &Outline, given: &[SlotId]) -> Option<SlotId> {
        if self.slots.iter().any(|slot| slot.name == filling.name && !slot.is_gone()) {
            return None;
        }
        let same = |slot: &&Slot| {
            slot.plays(filling.content) && outline.slot(&slot.name).is_none() && !given.contains(&slot.id)
        };
        self.slots.iter().find(same).map(|slot| slot.id)
    }

    /// Gives a slot its name. Whoever had it before, and is gone, takes the old one.
    fn name(&mut self, id: SlotId, name: &Arc<str>) {
        let index = usize::from(id.0);
        if self.slots[index].name == *name {
            return;
        }
        let before = std::mem::replace(&mut self.slots[index].name, Arc::clone(name));
        if let Some(slot) = self.slots.iter_mut().find(|slot| slot.name == *name && slot.id != id) {
            slot.name = before;
        }
    }

    /// Number of the slot of this name, new or known.
    fn slot_named(&mut self, name: &Arc<str>, waiting: &Outline) -> SlotId {
        if let Some(slot) = self.slots.iter().find(|slot| slot.name == *name) {
            return slot.id;
        }
        if self.slots.len() < MOST_NAMES {
            let id = SlotId(self.slots.len() as u16);
            self.slots.push(Slot::new(id, Arc::clone(name), 0));
            return id;
        }
        // Names far outnumber slots: the one longest unspoken of lends its number.
        let waits = |slot: &Slot| waiting.slot(&slot.name).is_some();
        let first = |i: &usize| {
            let slot = &self.slots[*i];
            (!slot.is_gone(), waits(slot), slot.generation)
        };
        let oldest = (0..self.slots.len()).min_by_key(first).unwrap_or(0);
        let slot = &mut self.slots[oldest];
        *slot = Slot::new(slot.id, Arc::clone(name), slot.notes());
        slot.generation = waiting.id;
        slot.id
    }

    /// The clock that a generation follows, where one is known.
    fn outer_of(&self, outline: &Outline) -> Option<OuterTempo> {
        outline.ensemble.clock_in.as_ref()?;
        self.outer.map(|(outer, _)| outer)
    }

    /// Leads the tempo to a clock that others keep, from what is certain on. True when that changes the tempo.
    pub(crate) fn steer(&mut self, outer: OuterTempo) -> bool {
        let laid = self.outer.map_or(Beat::ZERO, |(_, laid)| laid);
        let way = if self.ground.started { steered(&mut self.ground, outer, laid) } else { None };
        self.outer = Some((outer, way.unwrap_or(laid)));
        way.is_some()
    }

    /// The music begins at a beat, which falls on that of the clock it follows, or on second `now`: nothing sounds, and
    /// nothing waits.
    pub(crate) fn begin_at(&mut self, beat: Beat, now: f64) {
        let bpm = self.ground.map.bpm_at(self.at());
        let here = OuterTempo { seconds: finite(now), beat: beat.to_f64(), bpm };
        let outer = self.outer.map_or(here, |(outer, _)| outer);
        self.ground = Ground {
            map: at_position(outer, beat),
            committed: beat,
            committed_seconds: finite(now),
            // At beat 0 it waits for what is played first.
            started: beat > Beat::ZERO,
            silent: true,
            measure: Measure { origin: Beat::ZERO, ..self.ground.measure },
        };
        self.outer = self.outer.map(|(outer, _)| (outer, Beat::ZERO));
    }

    fn withdraw(&mut self) {
        if self.pending.take_if(|next| !next.entered).is_some() && self.outer.is_none() {
            self.ground.map.forget_after(self.ground.committed);
        }
        self.pending = None;
    }

    /// Moves to an exact beat. False when something failed that must be dealt with first: the
    /// playhead then stands where that is, and goes on from there when it is called again.
    pub(crate) fn advance(&mut self, to: Beat, stretches: &mut impl Stretches, passed: &mut Passed) -> bool {
        while self.at() < to {
            let at = self.at();
            if self.cross(at, passed) {
                continue;
            }
            self.plan_slots(at, stretches);
            if stretches.interrupts() {
                return false;
            }
            let boundary = self.pending.as_ref().and_then(Pending::next_boundary);
            let ends = self.slots.iter().filter(|slot| slot.filling.is_some()).map(|slot| slot.planned_until);
            let stop = ends.chain(boundary).fold(to, Beat::min);
            for slot in &mut self.slots {
                let mut limits = Vec::new();
                slot.advance(stop, &mut passed.events, &mut limits);
                let line = slot.filling.as_ref().map_or(0, |(filling, _)| filling.line);
                let notice = |limit| Notice { name: slot.name.to_string(), line, limit };
                passed.notices.extend(limits.into_iter().map(notice));
            }
            self.ground.committed = stop;
            self.ground.started = true;
        }
        self.ground.map.forget_before(self.at());
        let seconds = self.ground.seconds_at(self.at());
        self.ground.committed_seconds = self.ground.committed_seconds.max(seconds);
        true
    }

    /// Where second `until` lies on the grid of commitment; `None` while the playhead waits.
    pub(crate) fn beat_on_grid(&mut self, until: f64) -> Option<Beat> {
        if !until.is_finite() {
            return None;
        }
        if self.is_idle() {
            self.ground.committed_seconds = self.ground.committed_seconds.max(until);
            return None;
        }
        Some(commit_grid(self.ground.map.beat_at(until)))
    }

    /// Takes over what waits for a boundary at or before `at`. True when there was something.
    fn cross(&mut self, at: Beat, passed: &mut Passed) -> bool {
        let Some(mut next) = self.pending.take_if(|next| next.next_boundary().is_some_and(|due| due <= at))
        else {
            return false;
        };
        if !next.entered && next.entry.boundary <= at {
            next.entered = true;
            self.stop_unnamed(&next.ids, at, &mut passed.events);
            self.ground.measure = next.entry.measure;
            self.playing = Arc::clone(&next.outline);
            passed.began.push(Began {
                generation: next.outline.id,
                seconds: self.ground.seconds_at(at),
                tempo: next
                    .outline
                    .tempo_moves
                    .as_ref()
                    .map_or(next.outline.tempo, |curve| curve.tempo_at(at - self.ground.measure.origin)),
            });
        }
        for ((filling, due), id) in next.outline.slots.iter().zip(&mut next.slots).zip(&next.ids) {
            // A boundary that was jumped over is made up for as soon as time goes on.
            let Some(boundary) = due.take_if(|due| *due <= at).map(|due| due.max(at)) else { continue };
            self.name(*id, &filling.name);
            let find = |name: &str| {
                let at = next.outline.slots.iter().position(|filling| &*filling.name == name)?;
                Some((*next.ids.get(at)?, *next.outline.slots[at].output == Output::Bus))
            };
            let wired = filling.wiring.wired(find);
            let (measure, events) = (self.ground.measure, &mut passed.events);
            let slot = &mut self.slots[usize::from(id.0)];
            if slot.plays(filling.content) {
                slot.keep(Arc::clone(filling));
            } else {
                let origin = if filling.restart { boundary } else { measure.origin };
                let placed = Placed::new(filling.content, origin, next.outline.meter.bar());
                slot.fill(Arc::clone(filling), placed, boundary, events);
            }
            slot.wire(wired, boundary, events);
            slot.generation = next.outline.id;
            slot.set_audible(next.outline.is_audible(filling), boundary, events);
        }
        if next.next_boundary().is_some() {
            self.pending = Some(next);
        }
        true
    }

    fn stop_unnamed(&mut self, named: &[SlotId], boundary: Beat, events: &mut Vec<Untimed>) {
        let map = &self.ground.map;
        let beat = map.seconds_at(boundary + Beat::ONE) - map.seconds_at(boundary);
        let seconds = beat.min(1.0);
        let end = commit_grid(map.beat_at(map.seconds_at(boundary) + seconds));
        for slot in &mut self.slots {
            if slot.filling.is_some() && !named.contains(&slot.id) {
                slot.stop(boundary, end, seconds, events);
            }
        }
    }

    /// A bar of a content was written anew: whoever plays it plans the rest of it again.
    pub(crate) fn plan_again(&mut self, content: ContentId, bar: i64) {
        let at = self.at();
        self.slots.iter_mut().for_each(|slot| slot.plan_again(content, bar, at));
    }

    /// Every slot plans the rest of its bar again.
    pub(crate) fn plan_all_again(&mut self) {
        let at = self.at();
        for slot in &mut self.slots {
            let contents = slot.filling.iter().map(|(_, placed)| *placed).chain(slot.stale);
            let bars: Vec<_> = contents.map(|placed| (placed.content, placed.bar_at(at).0)).collect();
            bars.into_iter().for_each(|(content, bar)| slot.plan_again(content, bar, at));
        }
    }

    /// Distance of the beats at which a late slot may climb: never less than a beat, so that a take does
    /// not come in amid a figure.
    fn climbs(&self) -> Beat {
        self.playing.quantum.beats(self.playing.meter).max(Beat::ONE)
    }

    /// Plans the next stretch of every slot whose plan ends at `at`.
    fn plan_slots(&mut self, at: Beat, stretches: &mut impl Stretches) {
        let (measure, step) = (self.ground.measure, self.climbs());
        let (at_boundary, climb) = (measure.is_multiple(at, step), measure.after(at, step));
        for slot in &mut self.slots {
            if slot.filling.is_some() && slot.planned_until <= at {
                slot.plan(at, at_boundary, climb, stretches);
            }
        }
    }

    /// Ends every note and empties every slot. The ends lie where the playhead is, or at `now` if that is
    /// later.
    pub(crate) fn hush(&mut self, now: f64, passed: &mut Passed) {
        self.withdraw();
        self.jump(now, passed, Slot::hush);
        let Outline { id, tempo, meter, quantum, .. } = *self.playing;
        let ensemble = Arc::clone(&self.playing.ensemble);
        self.playing = Arc::new(Outline { quantum, ensemble, ..Outline::silence(id, tempo, meter) });
    }

    /// Jumps over time that was missed: ends every note and goes on at `now`, in phase.
    pub(crate) fn skip(&mut self, now: f64, passed: &mut Passed) {
        self.jump(now, passed, Slot::jump);
    }

    fn jump(&mut self, now: f64, passed: &mut Passed, each: impl Fn(&mut Slot, Beat, &mut Vec<Untimed>)) {
        if !self.ground.started {
            return;
        }
        let to = self.ground.earliest(now);
        for slot in &mut self.slots {
            each(slot, to, &mut passed.events);
        }
        self.ground.committed = to;
        self.ground.committed_seconds = self.ground.committed_seconds.max(self.ground.seconds_at(to));
    }

    /// Gives events their seconds, in the order in which they must be carried out.
    pub(crate) fn timed(&self, mut events: Vec<Untimed>) -> Vec<Timed> {
        events.sort_by_key(Untimed::order);
        let time = |Untimed { beat, slot, action }| Timed {
            seconds: self.ground.seconds_at(beat),
            beat,
            slot,
            action: self.in_seconds(action, beat),
        };
        events.into_iter().map(time).collect()
    }

    /// An action at `beat`, where a sound that is to last so many beats is told how many seconds that is.
    fn in_seconds(&self, action: Action, beat: Beat) -> Action {
        let Action::NoteOn { strike, .. } = &action else { return action };
        let beats = strike.number(Control::BEATS).filter(|beats| *beats > 0.0).and_then(Beat::approximate);
        let (Some(beats), Action::NoteOn { id, strike, duration, output }) = (beats, action.clone()) else {
            return action;
        };
        let seconds = self.ground.seconds_at(beat + beats) - self.ground.seconds_at(beat);
        let others =
            strike.numbers.iter().filter(|(known, _)| !matches!(*known, Control::BEATS | Control::SECONDS));
        let mut numbers: Vec<_> = others.copied().chain([(Control::SECONDS, seconds)]).collect();
        numbers.sort_by_key(|(control, _)| *control);
        let strike = Arc::new(Strike { numbers: numbers.into(), ..Strike::clone(&strike) });
        Action::NoteOn { id, strike, duration, output }
    }

    /// The outline that waits for its boundary, and where that is.
    pub(crate) fn waiting(&self) -> Option<(&Outline, Beat)> {
        let next = self.pending.as_ref()?;
        Some((&next.outline, next.next_boundary()?))
    }

    /// Which contents are in use, and which of their bars begin before beat `until`.
    pub(crate) fn in_use(&self, until: Beat) -> Vec<Use> {
        self.in_use_of(until, |_| true)
    }

    /// True when a bar of a content begins before beat `until`, where it is in use.
    pub(crate) fn uses(&self, content: ContentId, bar: i64, until: Beat) -> bool {
        self.in_use_of(until, |known| known == content).iter().any(|used| bar <= used.to)
    }

    fn in_use_of(&self, until: Beat, wanted: impl Fn(ContentId) -> bool) -> Vec<Use> {
        let at = self.at();
        let bars = |placed: &Placed, from: Beat, stale: bool, drafts: bool| Use {
            content: placed.content,
            from: placed.bar_at(from).0,
            to: placed.bar_at(until.max(from)).0,
            origin: placed.origin,
            length: placed.bar,
            stale,
            drafts,
        };
        let mut uses = Vec::new();
        if let Some(next) = &self.pending {
            let places = next.outline.slots.iter().zip(&next.slots);
            let places = places.filter(|(filling, _)| wanted(filling.content));
            for (filling, boundary) in places.filter_map(|(filling, due)| Some((filling, (*due)?))) {
                let origin = if filling.restart { boundary } else { next.entry.measure.origin };
                let placed = Placed::new(filling.content, origin, next.outline.meter.bar());
                uses.push(bars(&placed, boundary.max(at), false, false));
            }
        }
        for slot in &self.slots {
            if let Some((_, placed)) = slot.filling.as_ref().filter(|(_, placed)| wanted(placed.content)) {
                uses.push(bars(placed, at, false, slot.rung == crate::Rung::Draft));
            }
            let stale = slot.stale.iter().filter(|stale| wanted(stale.content));
            uses.extend(stale.map(|stale| bars(stale, at, true, true)));
        }
        uses
    }

    /// What would be played from where the playhead is to beat `until`.
    pub(crate) fn tentative(&self, until: Beat, stretches: &mut impl Stretches) -> Vec<(SlotId, Item)> {
        let mut items = Vec::new();
        let changing = |slot: &Slot| {
            let next = self.pending.as_ref()?;
            match next.ids.iter().position(|id| *id == slot.id) {
                Some(i) if slot.plays(next.outline.slots[i].content) => None,
                Some(i) => next.slots[i],
                None => (!next.entered).then_some(next.entry.boundary),
            }
        };
        for slot in self.slots.iter().filter(|slot| slot.audible) {
            let until = changing(slot).map_or(until, |boundary| boundary.min(until));
            items.extend(slot.queued().filter(|item| item.beat < until).map(|item| (slot.id, item.clone())));
            let mut at = slot.planned_until.max(self.at());
            while at < until {
                let Some((end, ahead)) = slot.tentative(at, stretches) else { break };
                items.extend(ahead.into_iter().filter(|item| item.beat < until).map(|item| (slot.id, item)));
                at = end;
            }
        }
        let Some(next) = &self.pending else { return items };
        for ((filling, due), id) in next.outline.slots.iter().zip(&next.slots).zip(&next.ids) {
            let (Some(boundary), slot) = (*due, &self.slots[usize::from(id.0)]) else { continue };
            if slot.plays(filling.content) || !next.outline.is_audible(filling) {
                continue;
            }
            let origin = if filling.restart { boundary } else { next.entry.measure.origin };
            let placed = Placed::new(filling.content, origin, next.outline.meter.bar());
            let mut at = boundary;
            while at < until {
                let (number, bar) = placed.bar_at(at);
                if let Some(plan) = stretches.part(filling.content, number, false).known() {
                    let ahead = plan.within(Span::new(at, bar.end.min(until)), origin, false);
                    items.extend(ahead.into_iter().map(|item| (slot.id, item)));
                }
                at = bar.end;
            }
        }
        items
    }
}
