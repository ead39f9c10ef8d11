//! A performance on one thread: the planner is asked when the playhead comes to a bar. What is
//! rendered is played so; and what is heard live must be no different.

use lilt_score::Beat;

use crate::ground::Ground;
use crate::history::History;
use crate::outline::Entrance;
use crate::planner::{Peek, Planner, Prepared};
use crate::playhead::{Passed, Playhead};
use crate::proposal::{Filled, PlanError, Proposal};
use crate::view::{self, View};
use crate::{Generation, PlannedNote, SlotStatus, Timed};

/// Plays generations: turns their patterns into timed events as time passes, without any horizon.
///
/// Pure: it reads no clock; `now`, in seconds since the performance began, is an argument and
/// should not run backwards. Beat 0 falls where the first generation that names a slot is heard; until
/// then the playhead waits at beat 0.
#[derive(Debug)]
pub struct Performance {
    planner: Planner,
    playhead: Playhead,
    history: History,
}

impl Default for Performance {
    fn default() -> Performance {
        Performance::new()
    }
}

impl Performance {
    /// Silence at beat 0, second 0.
    pub fn new() -> Performance {
        Performance { planner: Planner::new(), playhead: Playhead::new(), history: History::default() }
    }

    /// Tries the next two bars of every slot that changes, and accepts the generation
    /// if none fails: it is heard from the next boundary that is not yet committed. A
    /// late take is no failure. A generation that still waits is replaced.
    ///
    /// # Errors
    /// See [`PlanError`]; nothing has changed then.
    pub fn propose(&mut self, generation: Generation, now: f64) -> Result<Proposal, PlanError> {
        let prepared = self.planner.prepare(generation, Entrance::Boundary, &self.ground(), now)?;
        let Prepared { outline, late, notices, not_before, .. } = prepared;
        let entered = self.playhead.enter(outline, now, not_before);
        let concerned = |name: &str| entered.changed.iter().any(|changed| changed == name);
        let late = late.into_iter().filter(|name| concerned(name)).collect();
        let notices = notices.into_iter().filter(|notice| concerned(&notice.name)).collect();
        Ok(Proposal { entered, late, notices })
    }

    /// Commits everything up to second `until`, rounded up to 1/960 beat, and hands it out in the order
    /// of time. How the time is cut into calls makes no difference to what is handed out.
    pub fn fill(&mut self, until: f64) -> Filled {
        match self.playhead.beat_on_grid(until) {
            Some(beat) => self.fill_to(beat),
            None => Filled::default(),
        }
    }

    /// Commits everything before an exact beat, as [`Performance::fill`] does.
    pub fn fill_to(&mut self, beat: Beat) -> Filled {
        let mut filled = Filled::default();
        let mut passed = Passed::default();
        while !self.playhead.advance(beat, &mut self.planner, &mut passed) {
            self.take_over(&mut passed, &mut filled);
            let (at, ground) = (self.playhead.at(), self.ground());
            for (content, mut fault) in self.planner.take_faults() {
                if let Some(prepared) = self.planner.come_back(content, &ground, ground.committed_seconds, at)
                {
                    let entered = self.playhead.enter(prepared.outline, ground.committed_seconds, at);
                    fault.comes_back = Some((entered.generation, entered.boundary));
                }
                filled.faults.push(fault);
            }
        }
        self.take_over(&mut passed, &mut filled);
        let uses = self.playhead.in_use(self.playhead.at());
        self.planner.retain(&uses.iter().map(|used| (used.content, used.from)).collect::<Vec<_>>());
        filled.notices = passed.notices;
        filled.notices.extend(self.planner.take_notices());
        filled.events = self.hand_out(passed.events);
        filled
    }

    /// Generations that took over are known to the planner, and told.
    fn take_over(&mut self, passed: &mut Passed, filled: &mut Filled) {
        passed.began.iter().for_each(|began| self.planner.began(began.generation));
        filled.began.append(&mut passed.began);
    }

    /// A take arrived: what was planned ahead and not committed is asked for again.
    /// It is heard from the next boundary on.
    pub fn arrived(&mut self) {
        self.planner.arrived();
    }

    /// What patterns follow, such as a knob, has moved: from the end of what is committed on, all that is planned is
    /// asked for again.
    pub fn follow(&mut self) {
        self.planner.follow_all();
        self.playhead.plan_all_again();
    }

    /// Ends every note and empties every slot until the next proposal. The ends are
    /// stamped with the end of what is committed, or with `now` if that is later.
    pub fn hush(&mut self, now: f64) -> Vec<Timed> {
        let mut passed = Passed::default();
        self.playhead.hush(now, &mut passed);
        self.planner.hush();
        self.hand_out(passed.events)
    }

    /// Jumps over time that was missed: ends every note and goes on at `now`, in phase,
    /// without playing what lies between.
    pub fn skip(&mut self, now: f64) -> Vec<Timed> {
        let mut passed = Passed::default();
        self.playhead.skip(now, &mut passed);
        self.hand_out(passed.events)
    }

    fn hand_out(&mut self, events: Vec<crate::slot::Untimed>) -> Vec<Timed> {
        let events = self.playhead.timed(events);
        events.iter().for_each(|event| self.history.record(event));
        events
    }

    fn ground(&self) -> Ground {
        self.playhead.ground_now()
    }

    /// The notes of the plan whose time touches `back` beats behind the playhead to
    /// `ahead` beats before it, sorted by start. Tentative notes are those the plan
    /// would play if nothing changed; a pattern that fails there shows nothing, and
    /// the failure is reported when it is filled.
    pub fn plan(&mut self, now: f64, back: Beat, ahead: Beat) -> Vec<PlannedNote> {
        let mut peek = Peek(&mut self.planner);
        view::notes(&self.playhead, &self.history, [].iter(), &mut peek, now, back, ahead)
    }

    /// The slots that are filled, in the order in which they were first named.
    pub fn slots(&self) -> impl Iterator<Item = SlotStatus> {
        let told = |slot: SlotStatus| SlotStatus { evidence: self.planner.evidence(slot.content), ..slot };
        self.view().slots().map(told)
    }

    /// What can be seen of what plays.
    pub fn view(&self) -> View<'_> {
        View(&self.playhead)
    }
}
