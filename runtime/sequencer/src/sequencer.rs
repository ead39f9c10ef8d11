//! The sequencer: generations in, timed events out.

mod view;

use std::rc::Rc;

use lilt_score::{Beat, QueryError, Span};

use crate::accepted::{Accepted, Pending, check_names};
use crate::content::Content;
use crate::plan::{Limit, Notice};
use crate::proposal::{Fault, Filled, GenerationId, PlanError, Proposal};
use crate::slot::{Draft, Slot};
use crate::tempo_map::TempoMap;
use crate::{Generation, SlotId, SlotSpec, Tempo, Timed};

/// Grid to which the playhead of commitment is rounded up: half a millisecond at 120 bpm.
const COMMIT_GRID: f64 = 960.0;
/// Good generations that are remembered to come back to.
const MOST_GOOD: usize = 8;
/// Names that are remembered after their slot is gone, and the slots that play.
const MOST_NAMES: usize = 1024;

/// Plays generations: turns patterns into timed events ahead of the playhead.
///
/// Pure: it reads no clock; `now`, in seconds since the performance began, is an
/// argument and should not run backwards. Beat 0 falls where the first generation
/// that names a slot is heard; until then the playhead waits at beat 0.
#[derive(Debug)]
pub struct Sequencer {
    map: TempoMap,
    /// Everything before this beat has been handed out.
    committed: Beat,
    /// Everything before this second has been handed out.
    committed_seconds: f64,
    /// True once something was heard.
    started: bool,
    playing: Rc<Accepted>,
    playing_failed: bool,
    pending: Option<Pending>,
    /// Generations that played before, oldest first.
    good: Vec<Rc<Accepted>>,
    slots: Vec<Slot>,
    accepted: u64,
}

impl Default for Sequencer {
    fn default() -> Sequencer {
        Sequencer::new()
    }
}

impl Sequencer {
    /// Silence at beat 0, second 0, [`Tempo::DEFAULT`].
    pub fn new() -> Sequencer {
        let silence =
            Accepted { id: GenerationId::default(), generation: Generation::silence(), specs: Vec::new() };
        Sequencer {
            map: TempoMap::new(0.0, Tempo::DEFAULT),
            committed: Beat::ZERO,
            committed_seconds: 0.0,
            started: false,
            playing: Rc::new(silence),
            playing_failed: false,
            pending: None,
            good: Vec::new(),
            slots: Vec::new(),
            accepted: 0,
        }
    }

    /// Tries the next two bars of every slot that changes, and accepts the generation
    /// if none fails: it is heard from the next boundary that is not yet committed. A
    /// late take is no failure. A generation that still waits is replaced.
    ///
    /// # Errors
    /// See [`PlanError`]; nothing has changed then.
    pub fn propose(&mut self, generation: Generation, now: f64) -> Result<Proposal, PlanError> {
        check_names(&generation)?;
        let specs: Vec<Rc<SlotSpec>> = generation.slots.iter().cloned().map(Rc::new).collect();
        let id = GenerationId(self.accepted + 1);
        let accepted = Rc::new(Accepted { id, generation, specs });
        let boundary = self.boundary_of(&accepted, now);

        let mut contents = self.changes(&accepted, boundary);
        let (mut changed, mut kept, mut late) = (Vec::new(), Vec::new(), Vec::new());
        let mut limits: Vec<(usize, Limit)> = Vec::new();
        for (i, (content, spec)) in contents.iter_mut().zip(&accepted.specs).enumerate() {
            let Some(content) = content else {
                kept.push(spec.name.clone());
                continue;
            };
            changed.push(spec.name.clone());
            let (mut at, end) = (boundary, boundary + accepted.bar() * Beat::whole(2));
            let (mut is_late, mut met) = (false, Vec::new());
            while at < end {
                let span = Span::new(at, accepted.stretch_end(at).min(end));
                is_late |= content.try_out(span, &mut met).map_err(|error| PlanError::Failed {
                    slot: spec.name.clone(),
                    line: spec.line,
                    error,
                })?;
                at = span.end;
            }
            if is_late {
                late.push(spec.name.clone());
            }
            limits.extend(met.into_iter().map(|limit| (i, limit)));
        }

        // From here on nothing can fail.
        self.accepted += 1;
        let ids: Vec<SlotId> = accepted.specs.iter().map(|spec| self.slot_named(&spec.name)).collect();
        let notices = limits
            .into_iter()
            .map(|(i, limit)| {
                let spec = &accepted.specs[i];
                Notice { slot: ids[i], name: spec.name.clone(), line: spec.line, limit }
            })
            .collect();
        let stopped = self.playing_names().filter(|name| !accepted.names(name)).map(String::from).collect();
        if self.is_waiting() {
            self.map = TempoMap::new(self.committed_seconds.max(finite(now)), accepted.generation.tempo);
        }
        self.wait(Pending { accepted, boundary, contents });
        Ok(Proposal {
            generation: id,
            boundary,
            seconds: self.map.seconds_at(boundary),
            changed,
            kept,
            stopped,
            late,
            notices,
        })
    }

    /// Commits everything up to `now + horizon` seconds, rounded up to 1/960 beat,
    /// and hands it out in the order of time. How the time is cut into calls makes no
    /// difference to what is handed out.
    pub fn fill(&mut self, now: f64, horizon: f64) -> Filled {
        let until = now + horizon.max(0.0);
        if !until.is_finite() {
            return Filled::default();
        }
        if self.is_idle() {
            self.committed_seconds = self.committed_seconds.max(until);
            return Filled::default();
        }
        let beat = self.map.beat_at(until);
        self.fill_to(commit_grid(beat))
    }

    /// Commits everything before an exact beat, as [`Sequencer::fill`] does.
    pub fn fill_to(&mut self, beat: Beat) -> Filled {
        let mut filled = Filled::default();
        let mut drafts = Vec::new();
        while self.committed < beat {
            let at = self.committed;
            if self.pending.as_ref().is_some_and(|next| next.boundary <= at) {
                self.swap(&mut drafts);
                continue;
            }
            if self.plan_stretches(at, &mut filled) {
                continue;
            }
            let boundary = self.pending.as_ref().map(|next| next.boundary);
            let ends = self.slots.iter().filter(|slot| slot.content.is_some()).map(|slot| slot.planned_until);
            let stop = ends.chain(boundary).fold(beat, Beat::min);
            for slot in &mut self.slots {
                let mut limits = Vec::new();
                slot.advance(stop, &mut drafts, &mut limits);
                filled.notices.extend(notices_of(slot, limits));
            }
            self.committed = stop;
            self.started = true;
        }
        self.map.forget_before(self.committed);
        self.committed_seconds = self.committed_seconds.max(self.map.seconds_at(self.committed));
        filled.events = self.timed(drafts);
        filled
    }

    /// A take arrived: what was planned ahead and not committed is asked for again.
    /// It is heard from the next boundary on.
    pub fn arrived(&mut self) {
        for slot in &mut self.slots {
            slot.forget_ahead();
        }
        for content in self.pending.iter_mut().flat_map(|next| next.contents.iter_mut().flatten()) {
            content.forget();
        }
    }

    /// Ends every note and empties every slot until the next proposal. The ends are
    /// stamped with the end of what is committed, or with `now` if that is later.
    pub fn hush(&mut self, now: f64) -> Vec<Timed> {
        self.withdraw_pending();
        let events = self.jump(now, Slot::hush);
        if !self.playing.specs.is_empty() {
            self.remember_playing();
        }
        self.playing = Rc::new(Accepted {
            id: self.playing.id,
            generation: Generation { slots: Vec::new(), ..self.playing.generation.clone() },
            specs: Vec::new(),
        });
        events
    }

    /// Jumps over time that was missed (the machine slept, the host was stopped): ends
    /// every note and goes on at `now`, in phase, without playing what lies between.
    pub fn skip(&mut self, now: f64) -> Vec<Timed> {
        self.jump(now, Slot::jump)
    }

    /// True until the playhead has moved: the first generation is still placed freely.
    fn is_waiting(&self) -> bool {
        !self.started
    }

    /// True until a slot was named: the playhead waits at beat 0.
    fn is_idle(&self) -> bool {
        self.is_waiting() && self.pending.as_ref().is_none_or(|next| next.accepted.specs.is_empty())
    }

    fn plays_nothing(&self) -> bool {
        self.slots.iter().all(Slot::is_gone)
    }

    fn playing_names(&self) -> impl Iterator<Item = &str> {
        self.slots.iter().filter(|slot| slot.content.is_some()).map(|slot| slot.name.as_str())
    }

    /// First boundary of a generation that is neither committed nor past. On a silent
    /// host every beat is one.
    fn boundary_of(&self, accepted: &Accepted, now: f64) -> Beat {
        if self.is_waiting() {
            return Beat::ZERO;
        }
        let step = if self.plays_nothing() { Beat::ONE } else { accepted.quantum() };
        self.committed.max(commit_grid(self.map.beat_at(finite(now)))).next_multiple(step)
    }

    /// For each slot of a generation what fills it anew at `boundary`, or `None` where the
    /// slot already plays the like.
    fn changes(&self, accepted: &Accepted, boundary: Beat) -> Vec<Option<Content>> {
        let plays = |spec: &SlotSpec| {
            let slot = self.slots.iter().find(|slot| slot.name == spec.name)?;
            slot.content.as_ref().filter(|content| content.sounds_like(spec, accepted.bar()))
        };
        let fresh = |spec: &Rc<SlotSpec>| match plays(spec) {
            Some(_) => None,
            None => {
                let origin = origin(&self.slots, spec, accepted.bar(), boundary);
                Some(Content::new(Rc::clone(spec), accepted.bar(), origin))
            }
        };
        accepted.specs.iter().map(fresh).collect()
    }

    /// Number of the slot of this name, new or known.
    fn slot_named(&mut self, name: &str) -> SlotId {
        if let Some(slot) = self.slots.iter().find(|slot| slot.name == name) {
            return slot.id;
        }
        if self.slots.len() < MOST_NAMES {
            let id = SlotId(self.slots.len() as u16);
            self.slots.push(Slot::new(id, name.to_string(), 0));
            return id;
        }
        // Names far outnumber slots: the one longest unspoken of lends its number.
        let waits = |slot: &Slot| self.pending.as_ref().is_some_and(|next| next.accepted.names(&slot.name));
        let oldest = (0..self.slots.len())
            .filter(|i| self.slots[*i].is_gone() && !waits(&self.slots[*i]))
            .min_by_key(|i| self.slots[*i].generation)
            .unwrap_or(0);
        let slot = &mut self.slots[oldest];
        *slot = Slot::new(slot.id, name.to_string(), slot.notes());
        slot.generation = GenerationId(self.accepted);
        slot.id
    }

    fn withdraw_pending(&mut self) {
        if self.pending.take().is_some() {
            self.map.forget_after(self.committed);
        }
    }

    /// Makes a generation wait for its boundary, and its tempo with it.
    fn wait(&mut self, next: Pending) {
        self.withdraw_pending();
        if !self.is_waiting() {
            let glide = if self.plays_nothing() { Beat::ZERO } else { Beat::ONE };
            self.map.change(next.boundary, next.accepted.generation.tempo, glide);
        }
        self.pending = Some(next);
    }

    /// Plans the next stretch of every slot whose plan ends at `at`. True when a
    /// failure brings an older generation back at once.
    fn plan_stretches(&mut self, at: Beat, filled: &mut Filled) -> bool {
        let end = self.playing.stretch_end(at);
        let at_boundary = (at % self.playing.quantum()).is_zero();
        let mut failures = Vec::new();
        for (i, slot) in self.slots.iter_mut().enumerate() {
            if slot.content.is_none() || slot.planned_until > at {
                continue;
            }
            let mut limits = Vec::new();
            let planned = slot.plan(Span::new(at, end), at_boundary, &mut limits);
            filled.notices.extend(notices_of(slot, limits));
            if let (Err(error), Some(content)) = (planned, &mut slot.content)
                && !content.failed
            {
                content.failed = true;
                failures.push((i, error));
            }
        }
        for (i, error) in failures {
            let fault = self.fault(i, at, error);
            filled.faults.push(fault);
        }
        self.pending.as_ref().is_some_and(|next| next.boundary <= at)
    }

    /// The playing generation failed at beat `at`: the last good one comes back.
    fn fault(&mut self, slot: usize, at: Beat, error: QueryError) -> Fault {
        self.playing_failed = true;
        let failed = &self.slots[slot];
        let spec = failed.content.as_ref().map(|content| Rc::clone(&content.spec));
        let fingerprint = spec.as_ref().map(|spec| spec.fingerprint);
        let (name, id) = (failed.name.clone(), failed.id);
        let fails_too = |accepted: &Accepted| {
            accepted.specs.iter().any(|spec| spec.name == name && Some(spec.fingerprint) == fingerprint)
        };
        let newer = self.pending.as_ref().is_some_and(|next| next.accepted.id > self.playing.id);
        let mut comes_back = None;
        if !newer {
            while self.good.last().is_some_and(|accepted| fails_too(accepted)) {
                self.good.pop();
            }
            if let Some(accepted) = self.good.last().cloned() {
                let boundary = at.next_multiple(accepted.quantum());
                comes_back = Some((accepted.id, boundary));
                let contents = self.changes(&accepted, boundary);
                self.wait(Pending { accepted, boundary, contents });
            }
        }
        let line = spec.map_or(0, |spec| spec.line);
        Fault { slot: id, name, line, generation: self.playing.id, error, comes_back }
    }

    /// The waiting generation becomes the playing one.
    fn swap(&mut self, drafts: &mut Vec<Draft>) {
        let Some(Pending { accepted, boundary, contents }) = self.pending.take() else { return };
        if self.good.last().is_some_and(|good| good.id == accepted.id) {
            self.good.pop();
        } else if !self.playing_failed && !self.playing.specs.is_empty() {
            self.remember_playing();
        }
        self.playing_failed = false;
        self.stop_unnamed(&accepted, boundary, drafts);
        for (spec, content) in accepted.specs.iter().zip(contents) {
            let id = self.slot_named(&spec.name);
            let slot = &mut self.slots[usize::from(id.0)];
            match content {
                Some(content) => slot.fill(content, boundary, drafts),
                None => slot.keep(Rc::clone(spec)),
            }
            slot.generation = accepted.id;
            slot.set_audible(accepted.is_audible(spec), boundary, drafts);
        }
        self.playing = accepted;
    }

    fn stop_unnamed(&mut self, accepted: &Accepted, boundary: Beat, drafts: &mut Vec<Draft>) {
        let beat = self.map.seconds_at(boundary + Beat::ONE) - self.map.seconds_at(boundary);
        let seconds = beat.min(1.0);
        let end = commit_grid(self.map.beat_at(self.map.seconds_at(boundary) + seconds));
        for slot in &mut self.slots {
            if slot.content.is_some() && !accepted.names(&slot.name) {
                slot.stop(boundary, end, seconds, drafts);
            }
        }
    }

    fn remember_playing(&mut self) {
        if self.good.len() == MOST_GOOD {
            self.good.remove(0);
        }
        self.good.push(Rc::clone(&self.playing));
    }

    fn jump(&mut self, now: f64, each: impl Fn(&mut Slot, Beat, &mut Vec<Draft>)) -> Vec<Timed> {
        if self.is_waiting() {
            return Vec::new();
        }
        let mut drafts = Vec::new();
        let to = self.committed.max(commit_grid(self.map.beat_at(finite(now))));
        if let Some(next) = &mut self.pending {
            // What lies between is not played, and so the generation waits on.
            let boundary = next.boundary.max(to.next_multiple(next.accepted.quantum()));
            next.boundary = boundary;
            for (spec, content) in next.accepted.specs.iter().zip(&mut next.contents) {
                if let Some(content) = content {
                    content.begin_at(origin(&self.slots, spec, next.accepted.bar(), boundary));
                }
            }
        }
        for slot in &mut self.slots {
            each(slot, to, &mut drafts);
        }
        self.committed = to;
        self.committed_seconds = self.committed_seconds.max(self.map.seconds_at(to));
        self.timed(drafts)
    }

    fn timed(&self, mut drafts: Vec<Draft>) -> Vec<Timed> {
        drafts.sort_by_key(Draft::order);
        drafts
            .into_iter()
            .map(|Draft { beat, slot, action }| Timed {
                seconds: self.map.seconds_at(beat),
                beat,
                slot,
                action,
            })
            .collect()
    }
}

/// Where bar 0 of a slot's stream lies when the slot is filled at `boundary`: where it lay, if it plays
/// the same one, else at the bar line, so that its bars are those of all others.
fn origin(slots: &[Slot], spec: &SlotSpec, bar: Beat, boundary: Beat) -> Beat {
    let known = slots.iter().find(|slot| slot.name == spec.name).and_then(|slot| slot.origin_of(spec.stream));
    known.unwrap_or_else(|| bar * Beat::whole(boundary.floor_div(bar)))
}

fn notices_of(slot: &Slot, limits: Vec<Limit>) -> Vec<Notice> {
    let line = slot.content.as_ref().map_or(0, |content| content.spec.line);
    limits.into_iter().map(|limit| Notice { slot: slot.id, name: slot.name.clone(), line, limit }).collect()
}

/// The beat at or just after `beat` on the grid of commitment. A millionth of a step
/// below the next one is rounding of the conversion from seconds, and not crossed.
fn commit_grid(beat: f64) -> Beat {
    Beat::new((beat.max(0.0) * COMMIT_GRID - 1e-6).ceil() as i64, COMMIT_GRID as i64)
}

fn finite(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds } else { 0.0 }
}
