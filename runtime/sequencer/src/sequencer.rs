//! The sequencer: outlines and stretches in, timed events out, and what must be taken back.

use std::collections::VecDeque;
use std::sync::Arc;

use lilt_score::Beat;

use crate::ground::Ground;
use crate::history::History;
use crate::outline::Outline;
use crate::plan::Notice;
use crate::playhead::{Began, Passed, Playhead, Use};
use crate::proposal::Entered;
use crate::retraction::{ONE_FRAME, Retraction, difference};
use crate::stretch::{ContentId, Shelf, Stretch};
use crate::view::{self, View};
use crate::{OuterTempo, PlannedNote, Timed};

/// What changes for whoever carries events out.
#[derive(Debug, Default)]
pub struct Changes {
    /// What was sent and must be taken back: to be carried out first.
    pub retractions: Vec<Retraction>,
    /// What must be sent, in the order of time; actions at one moment in the order in which they must be
    /// carried out.
    pub events: Vec<Timed>,
    /// What is certain by now and was not before, in the order of time: it can no longer be taken back.
    pub certain: Vec<Timed>,
    /// Generations that took over.
    pub began: Vec<Began>,
    /// What was cut down to fit the plan, each told once.
    pub notices: Vec<Notice>,
}

/// Plays outlines over the stretches that are written ahead of it.
///
/// Pure: it reads no clock; `now`, in seconds since the performance began, is an argument and
/// should not run backwards. It is the first moment that can still be changed, and a frame or two more: what falls on
/// one frame is taken back together, which reaches 50 µs before `now`. Two playheads move over the plan. One goes with `now`: what it has passed
/// is certain. The other runs ahead, and what it passes is sent. When a generation enters, or
/// a stretch comes late, the one ahead starts anew from the one behind; what it then passes is compared
/// with what was sent, and the difference is taken back and sent. So how far ahead events are sent
/// never decides how late an edit may come.
#[derive(Debug)]
pub struct Sequencer {
    behind: Playhead,
    ahead: Playhead,
    /// What was sent and is not certain yet, in the order of time.
    sent: VecDeque<Timed>,
    /// What is certain and lies so near to the playhead behind that taking back what follows takes it
    /// back too: it is then sent again.
    edge: Vec<Timed>,
    shelf: Shelf,
    history: History,
    /// True when the playhead ahead must start anew.
    stale: bool,
    /// What the playhead behind has passed since the last [`Sequencer::fill`].
    passed: Passed,
}

impl Default for Sequencer {
    fn default() -> Sequencer {
        Sequencer::new()
    }
}

impl Sequencer {
    /// Silence at beat 0, second 0.
    pub fn new() -> Sequencer {
        let silence = Playhead::new();
        Sequencer {
            behind: silence.clone(),
            ahead: silence,
            sent: VecDeque::new(),
            edge: Vec::new(),
            shelf: Shelf::default(),
            history: History::default(),
            stale: false,
            passed: Passed::default(),
        }
    }

    /// A sequencer in the place of one that is given up at second `now`: beats, tempo and metre go on, the slots
    /// go on in what they play, and what waited for its boundary is to be entered again. Whoever gives it up
    /// ends what sounds, and takes back all that was sent for `now` and later: of that this one knows nothing.
    pub fn after(given_up: Sequencer, now: f64) -> Sequencer {
        let playhead = Playhead::after(&given_up.behind, now);
        Sequencer {
            behind: playhead.clone(),
            ahead: playhead,
            shelf: given_up.shelf,
            history: given_up.history,
            stale: true,
            ..Sequencer::new()
        }
    }

    /// Moves the playhead behind to second `now`, over what is known so far: whatever comes in now changes
    /// only what comes after.
    fn catch_up(&mut self, now: f64) {
        if let Some(beat) = self.behind.beat_on_grid(now) {
            self.behind.advance(beat, &mut &self.shelf, &mut self.passed);
        }
    }

    /// Lets a generation enter at its next boundary that is neither certain nor past at second `now`,
    /// and not before beat `not_before`. One that still waits is replaced.
    pub fn enter(
        &mut self,
        outline: Arc<Outline>,
        stretches: Vec<Stretch>,
        now: f64,
        not_before: Beat,
    ) -> Entered {
        self.catch_up(now);
        for stretch in stretches {
            self.shelf.insert(stretch);
        }
        self.stale = true;
        self.behind.enter(outline, now, not_before)
    }

    /// Takes in a stretch that was written ahead, or that came late, at second `now`.
    pub fn insert(&mut self, stretch: Stretch, now: f64) {
        self.catch_up(now);
        // One that begins after all that was sent changes nothing of it.
        let until = self.ahead.at();
        let uses = |playhead: &Playhead| playhead.uses(stretch.content, stretch.bar, until);
        self.stale = self.stale || uses(&self.behind) || uses(&self.ahead);
        let again = stretch.anew.then_some((stretch.content, stretch.bar));
        self.shelf.insert(stretch);
        if let Some((content, bar)) = again {
            self.behind.plan_again(content, bar);
        }
    }

    /// Makes certain what lies before `now`, and sends what lies before `now + horizon`, both rounded up to
    /// 1/960 beat. How the time is cut into calls, and how far the horizon is, makes no difference to
    /// what is certain in the end.
    pub fn fill(&mut self, now: f64, horizon: f64) -> Changes {
        self.catch_up(now);
        let passed = std::mem::take(&mut self.passed);
        let certain = self.behind.timed(passed.events);
        let mut changes = Changes { notices: passed.notices, began: passed.began, ..Changes::default() };
        let until = now + horizon.max(0.0);
        let overtaken = self.ahead.at() < self.behind.at() || !self.ahead.ground.started;
        match self.stale || overtaken {
            true => self.send_anew(until, &certain, &mut changes),
            false => self.send_on(until, &certain, &mut changes),
        }
        self.pass(&certain);
        if !changes.began.is_empty() {
            self.tidy();
        }
        changes.certain = certain;
        changes
    }

    /// Ends every note and empties every slot until the next generation. Everything sent that lies after
    /// `now` is taken back.
    pub fn hush(&mut self, now: f64) -> Changes {
        self.leap(now, Playhead::hush)
    }

    /// Follows a clock that others keep: the tempo leads to where it is, from what is certain at second `now` on. True when
    /// that changes the tempo; as for any change of it, what was sent is then taken back and sent anew.
    pub fn follow(&mut self, outer: OuterTempo, now: f64) -> bool {
        self.catch_up(now);
        let steered = self.behind.steer(outer);
        self.stale = self.stale || steered;
        steered
    }

    /// Ends every note, empties every slot, and begins anew at a beat, which falls on that beat of the clock that is
    /// followed, or on second `now` where none is. Beats are counted from there: they may go back.
    pub fn begin_at(&mut self, beat: Beat, now: f64) -> Changes {
        let changes = self.hush(now);
        self.behind.begin_at(beat, now);
        self.ahead = self.behind.clone();
        (self.edge, self.history) = (Vec::new(), History::default());
        changes
    }

    /// Jumps over time that was missed (the machine slept, the host was stopped): ends every note and goes
    /// on at `now`, in phase, without playing what lies between.
    pub fn skip(&mut self, now: f64) -> Changes {
        self.leap(now, Playhead::skip)
    }

    fn leap(&mut self, now: f64, leap: impl Fn(&mut Playhead, f64, &mut Passed)) -> Changes {
        let mut passed = std::mem::take(&mut self.passed);
        leap(&mut self.behind, now, &mut passed);
        let mut changes = Changes { notices: passed.notices, began: passed.began, ..Changes::default() };
        let certain = self.behind.timed(passed.events);
        self.ahead = self.behind.clone();
        self.stale = false;
        self.replace_sent(&certain, Vec::new(), &mut changes);
        self.pass(&certain);
        changes.certain = certain;
        changes
    }

    /// What was sent gives way to what is `certain` and what lies `ahead`.
    fn replace_sent(&mut self, certain: &[Timed], ahead: Vec<Timed>, changes: &mut Changes) {
        let edge = self.edge.iter().cloned();
        let sent: Vec<Timed> = edge.clone().chain(self.sent.drain(..)).collect();
        let meant: Vec<Timed> = edge.chain(certain.iter().cloned()).chain(ahead.iter().cloned()).collect();
        (changes.retractions, changes.events) = difference(&sent, &meant);
        self.sent = ahead.into();
    }

    /// Takes in what has become certain.
    fn pass(&mut self, certain: &[Timed]) {
        certain.iter().for_each(|event| self.history.record(event));
        self.edge.extend(certain.iter().cloned());
        let edge = self.behind.ground.seconds_at(self.behind.at()) - ONE_FRAME;
        self.edge.retain(|event| event.seconds >= edge);
    }

    /// Sends what the playhead ahead passes on its way to second `until`.
    fn send_on(&mut self, until: f64, certain: &[Timed], changes: &mut Changes) {
        for event in certain {
            match self.sent.pop_front() {
                Some(sent) => debug_assert_eq!(&sent, event, "what is certain was sent"),
                None => changes.events.push(event.clone()),
            }
        }
        if let Some(beat) = self.ahead.beat_on_grid(until) {
            let events = run(&mut self.ahead, beat, &self.shelf);
            self.sent.extend(events.iter().cloned());
            changes.events.extend(events);
        }
    }

    /// Starts the playhead ahead anew, and finds what differs from what was sent.
    fn send_anew(&mut self, until: f64, certain: &[Timed], changes: &mut Changes) {
        self.stale = false;
        self.ahead = self.behind.clone();
        let ahead = match self.ahead.beat_on_grid(until) {
            Some(beat) => run(&mut self.ahead, beat, &self.shelf),
            None => Vec::new(),
        };
        self.replace_sent(certain, ahead, changes);
    }

    /// Forgets stretches that nothing can play any more.
    fn tidy(&mut self) {
        let uses = self.in_use_at(self.behind.at());
        self.shelf.retain(|content, bar| uses.iter().any(|used| used.content == content && bar >= used.from));
    }

    fn in_use_at(&self, until: Beat) -> Vec<Use> {
        self.behind.in_use(until)
    }

    /// Which contents are in use, and which of their bars begin before second `until`: what is to be
    /// written ahead.
    pub fn in_use(&self, until: f64) -> Vec<Use> {
        let beat = Beat::approximate(self.behind.ground.map.beat_at(until)).unwrap_or(self.behind.at());
        self.in_use_at(beat.max(self.behind.at()))
    }

    /// True when a part is there over a bar, and not only a draft of it.
    pub fn has(&self, content: ContentId, bar: i64) -> bool {
        self.shelf.get(content, bar).is_some_and(Stretch::is_fresh)
    }

    /// The ground that generations are placed on.
    pub fn ground(&self) -> Ground {
        self.behind.ground_now()
    }

    /// The notes of the plan whose time touches `back` beats behind the playhead to `ahead` beats
    /// before it, sorted by start. Tentative notes are those that the plan would play if nothing changed.
    pub fn plan(&self, now: f64, back: Beat, ahead: Beat) -> Vec<PlannedNote> {
        view::notes(&self.ahead, &self.history, self.sent.iter(), &mut &self.shelf, now, back, ahead)
    }

    /// What can be seen of what plays.
    pub fn view(&self) -> View<'_> {
        View(&self.behind)
    }

    /// What can be seen of what was sent: as [`Sequencer::view`], further ahead.
    pub fn view_ahead(&self) -> View<'_> {
        View(&self.ahead)
    }
}

fn run(playhead: &mut Playhead, to: Beat, shelf: &Shelf) -> Vec<Timed> {
    let mut passed = Passed::default();
    playhead.advance(to, &mut { shelf }, &mut passed);
    playhead.timed(passed.events)
}
