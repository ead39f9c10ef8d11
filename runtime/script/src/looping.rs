//! Loops in virtual time: a function plays round after round, and `sleep` moves it on without anybody waiting.
//!
//! A round is a pure function of its text, its number, the script's seed and the cues it waits for. It runs ahead
//! of the playhead at once, and is written down: which notes, which cues, and when the next round begins. A round
//! that waits for a cue that is not given yet stands still and goes on from there once it is given; what it did up
//! to there is heard. A round that reads a take that is still being made is late, and begins again when it is
//! there. After Sonic Pi (Aaron, Orchard and Blackwell 2014, "Temporal semantics for a live coding
//! language").

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::{Rc, Weak};
use std::time::Instant;

use lilt_inference::{Take, TakeState};
use lilt_score::{
    Beat, Context as EventContext, Controls, Event, Key, Meter, Pattern, Query, QueryError, Seed, Span,
};
use mlua::{Function, Lua};

use crate::ahead::Ahead;
use crate::context::{Context, context};
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::function::{self, Called, Waiting};

/// Longest round, in beats.
pub(crate) const LONGEST: i64 = 1_024;

/// Most notes and cues of one round.
pub(crate) const MOST_OF_A_ROUND: usize = 4_096;

/// Beats behind what is asked for that are still known.
const KEPT: i64 = 128;

/// Most rounds that begin at one moment: a loop may follow several cues without a sleep.
const MOST_AT_ONCE: u32 = 64;

/// A loop as one text declares it.
pub(crate) struct Loop {
    context: Rc<Context>,
    called: Called,
    pub name: Rc<str>,
    seed: Seed,
    key: Option<Key>,
    meter: Meter,
    timeline: RefCell<Timeline>,
}

/// What a loop has done, and where its next round begins.
#[derive(Default)]
struct Timeline {
    /// Where the slot began; `None` until it was asked.
    origin: Option<Beat>,
    /// Rounds that are over, the oldest first.
    rounds: VecDeque<Round>,
    /// What is known of the next round, which waits, and where it does.
    open: Option<Round>,
    waiting: Option<Waiting>,
    /// The takes that a round is late for: one that nobody holds is cancelled.
    takes: Vec<Take>,
    number: u64,
    next: Beat,
    /// How many rounds began at `next`.
    at_once: u32,
    /// For each cue that was followed when the last of them was.
    followed: HashMap<String, Beat>,
    running: bool,
    /// True where it went on from an older text of the loop.
    taken: bool,
}

/// One round, or as much of it as is known.
#[derive(Default, Clone)]
pub(crate) struct Round {
    number: u64,
    start: Beat,
    /// Where it is in virtual time.
    pub now: Beat,
    pub notes: Vec<(Span, Controls, EventContext)>,
    pub cues: Vec<(String, Beat)>,
    followed: HashMap<String, Beat>,
    /// True once it waits for a cue that nobody has given yet.
    waits: bool,
    /// How far it may look for cues.
    until: Beat,
    name: Option<Rc<str>>,
}

impl Round {
    /// How long it is so far.
    pub fn length(&self) -> Beat {
        self.now - self.start
    }

    /// Which round it is, from 0.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// True when nothing more of it counts.
    pub fn is_over(&self) -> bool {
        self.waits
    }

    /// The first cue of this name that may be followed from `from` on and after `last`.
    fn cue(&self, wanted: &str, from: Beat, last: Option<Beat>) -> Option<Beat> {
        let own = self.name.as_deref().is_some_and(|name| name == wanted).then_some(self.start);
        let cues = self.cues.iter().filter(|(name, _)| name == wanted).map(|(_, at)| *at);
        own.into_iter().chain(cues).filter(|at| *at >= from && last.is_none_or(|last| *at > last)).min()
    }
}

/// What is told of a loop that goes round at one moment.
pub(crate) fn no_sleep(name: &str) -> Fault {
    let fault = Fault::new(format!("loop `{name}` has no sleep: its next round would begin at once"));
    fault.help("write sleep(1) before its end, to wait a beat")
}

/// The loop `name` whose rounds are calls of `function`, as music, and its identity.
///
/// # Errors
/// When no evaluation is under way.
pub(crate) fn looping(
    lua: &Lua,
    name: &str,
    function: Function,
) -> Result<(Pattern<Controls>, Fingerprint), Fault> {
    let context = context(lua)?;
    let print = Fingerprint::of("loop").text(name);
    let print = print.number(function::fingerprint(lua, &function).unwrap_or(0));
    let called = Called::new(lua, "loop", function)?;
    let (seed, key, meter) = context.declared("loop")?;
    let print = print.number(seed.0).text(&format!("{key:?} {meter}"));
    let made = Rc::new(Loop {
        context: Rc::clone(&context),
        called,
        name: name.into(),
        seed: seed.child("loop").child(name),
        key,
        meter,
        timeline: RefCell::default(),
    });
    context.loops.declare(&made);
    Ok((Pattern::try_new(move |query| made.events(query)), print))
}

impl Loop {
    fn events(self: &Rc<Self>, query: Query) -> Result<Vec<Event<Controls>>, QueryError> {
        if query.span.end <= query.origin {
            return Ok(Vec::new());
        }
        self.begin(query)?;
        self.advance(query.span.end)?;
        self.context.loops.plays(self);
        let timeline = self.timeline.borrow();
        let rounds = timeline.rounds.iter().chain(&timeline.open);
        let notes = rounds.flat_map(|round| &round.notes);
        Ok(notes
            .filter_map(|(whole, controls, context)| {
                let part = whole.intersect(query.span)?;
                Some(Event { context: context.clone(), ..Event::new(*whole, part, controls.clone()) })
            })
            .collect())
    }

    /// Begins where the slot began; or, where an older text of this loop plays, with its next round.
    ///
    /// # Errors
    /// When the older text is late.
    fn begin(self: &Rc<Self>, query: Query) -> Result<(), QueryError> {
        {
            let timeline = self.timeline.borrow();
            let kept = timeline.rounds.front().map_or(query.origin, |round| round.start);
            let from = query.span.start.max(query.origin);
            if timeline.origin == Some(query.origin)
                && (timeline.taken || kept <= from || timeline.number == 0)
            {
                return Ok(());
            }
        }
        let mut begun = Timeline { origin: Some(query.origin), next: query.origin, ..Timeline::default() };
        if let Some(older) = self.context.loops.playing(&self.name).filter(|older| !Rc::ptr_eq(older, self)) {
            let at = query.span.start;
            let same = older.timeline.borrow().origin == Some(query.origin);
            let advanced = if same { older.advance(at) } else { Ok(()) };
            if matches!(advanced, Err(QueryError::Late)) {
                return Err(QueryError::Late);
            }
            if same && advanced.is_ok() {
                let older = older.timeline.borrow();
                let (mut number, mut next) = (older.number, older.next.max(at));
                begun.followed.clone_from(&older.followed);
                if let Some(next_round) = older.rounds.iter().find(|round| round.start >= at) {
                    (number, next) = (next_round.number, next_round.start);
                    // What it has followed since is not followed yet.
                    let before = older.rounds.iter().rfind(|round| round.number < number);
                    begun.followed = before.map_or_else(HashMap::new, |before| before.followed.clone());
                }
                begun.rounds = older.rounds.iter().filter(|round| round.number < number).cloned().collect();
                (begun.number, begun.next, begun.taken) = (number, next, true);
            }
        }
        *self.timeline.borrow_mut() = begun;
        Ok(())
    }

    /// Runs rounds until the next one begins at `until` or later, or waits.
    fn advance(&self, until: Beat) -> Result<(), QueryError> {
        loop {
            {
                let mut timeline = self.timeline.borrow_mut();
                if timeline.origin.is_none() || timeline.running || timeline.next >= until {
                    return Ok(());
                }
                timeline.running = true;
            }
            let round = self.round(until);
            let mut timeline = self.timeline.borrow_mut();
            timeline.running = false;
            let round = round?;
            if round.waits {
                timeline.open = Some(round);
                return Ok(());
            }
            timeline.takes.clear();
            let start = timeline.next;
            timeline.at_once = if round.now > start { 0 } else { timeline.at_once + 1 };
            let moved = round.followed.len() != timeline.followed.len()
                || round.followed.iter().any(|(name, at)| timeline.followed.get(name) != Some(at));
            if (!moved && round.now == start) || timeline.at_once > MOST_AT_ONCE {
                return Err(self.called.failed(no_sleep(&self.name).text(&*self.name).argument("loop", 0)));
            }
            (timeline.number, timeline.next) = (round.number + 1, round.now);
            timeline.followed.clone_from(&round.followed);
            timeline.rounds.push_back(round);
            let kept = until - Beat::whole(KEPT);
            while timeline.rounds.front().is_some_and(|round| round.now < kept) {
                timeline.rounds.pop_front();
            }
        }
    }

    /// The next round, as far as it goes before `until`. Where nobody listens, what it asks for is waited for.
    fn round(&self, until: Beat) -> Result<Round, QueryError> {
        loop {
            let late = self.run(until);
            if !self.context.limits.unhurried || !matches!(late, Err(QueryError::Late)) {
                return late;
            }
            let takes = self.timeline.borrow().takes.clone();
            let pending = |take: &Take| matches!(take.poll(), TakeState::Pending { .. });
            if !takes.iter().any(pending) {
                return late;
            }
            let deadline = Instant::now() + self.context.limits.take_time;
            for take in &takes {
                if matches!(self.context.wait_for(take, deadline), TakeState::Pending { .. }) {
                    return late;
                }
            }
        }
    }

    fn run(&self, until: Beat) -> Result<Round, QueryError> {
        let (round, mut waiting, held) = {
            let mut timeline = self.timeline.borrow_mut();
            if timeline.takes.iter().any(|take| matches!(take.poll(), TakeState::Pending { .. })) {
                return Err(QueryError::Late);
            }
            let waiting = timeline.waiting.take();
            let held = std::mem::take(&mut timeline.takes);
            let round = match timeline.open.take().filter(|_| waiting.is_some()) {
                Some(open) => Round { waits: false, until, ..open },
                None => Round {
                    number: timeline.number,
                    start: timeline.next,
                    now: timeline.next,
                    followed: timeline.followed.clone(),
                    until,
                    name: Some(Rc::clone(&self.name)),
                    ..Round::default()
                },
            };
            (round, waiting, held)
        };
        let (number, start, before) = (round.number, round.start, round.clone());
        let loops = &self.context.loops;
        loops.rounds.borrow_mut().push(round);
        let ahead = || Ahead::new(start, self.seed.child_number(number), self.key, self.meter);
        let waited = waiting.is_some();
        let (answer, takes) = self.called.begin_or_go_on(&mut waiting, number + 1, ahead);
        // The old ones are let go only now: the same takes were asked for again.
        drop(held);
        let round = loops.rounds.borrow_mut().pop().unwrap_or_default();
        let mut timeline = self.timeline.borrow_mut();
        if let Err(error) = answer {
            timeline.takes = takes;
            // It had no time to go on: it waits where it was.
            if waited && waiting.is_some() {
                (timeline.open, timeline.waiting) = (Some(Round { waits: true, ..before }), waiting);
            }
            return Err(error);
        }
        timeline.waiting = waiting;
        Ok(round)
    }

    /// The first cue of this name in what the loop has done.
    fn cue(&self, wanted: &str, from: Beat, last: Option<Beat>) -> Option<Beat> {
        let timeline = self.timeline.borrow();
        let rounds = timeline.rounds.iter().chain(&timeline.open);
        rounds.filter_map(|round| round.cue(wanted, from, last)).min()
    }
}

/// The loops that something may play, and the rounds that run.
#[derive(Default)]
pub(crate) struct Loops {
    /// As the newest text declares them.
    declared: RefCell<Vec<Weak<Loop>>>,
    /// As they were asked last.
    asked: RefCell<Vec<Weak<Loop>>>,
    /// Rounds that run now, one in another where one waits for the other's cue.
    rounds: RefCell<Vec<Round>>,
}

impl Loops {
    fn declare(&self, new: &Rc<Loop>) {
        put(&mut self.declared.borrow_mut(), new);
    }

    fn plays(&self, new: &Rc<Loop>) {
        put(&mut self.asked.borrow_mut(), new);
    }

    fn playing(&self, name: &str) -> Option<Rc<Loop>> {
        self.asked.borrow().iter().filter_map(Weak::upgrade).find(|known| &*known.name == name)
    }

    /// All loops, as they play, or else as they were declared.
    fn all(&self) -> Vec<Rc<Loop>> {
        let mut all: Vec<Rc<Loop>> = self.asked.borrow().iter().filter_map(Weak::upgrade).collect();
        for declared in self.declared.borrow().iter().filter_map(Weak::upgrade) {
            if all.iter().all(|known| known.name != declared.name) {
                all.push(declared);
            }
        }
        all
    }

    /// Where the round is that runs, if any.
    pub fn now(&self) -> Option<Beat> {
        self.rounds.borrow().last().map(|round| round.now)
    }

    /// Changes the round that runs; `what` wants to.
    ///
    /// # Errors
    /// When none does.
    pub fn change<T>(
        &self,
        what: &str,
        change: impl FnOnce(&mut Round) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        match self.rounds.borrow_mut().last_mut() {
            Some(round) => change(round),
            None => {
                let help = match what {
                    "note" => {
                        "write play(\"lead\", \"c4 e4\"), or loop(\"name\", function() … end) around it"
                    }
                    "hit" => {
                        "write play(\"beat\", drums \"bd sd\"), or loop(\"name\", function() … end) around it"
                    }
                    _ => "write loop(\"name\", function() … end) around it",
                };
                Err(Fault::new(format!("`{what}` works inside a loop")).name(what).help(help))
            }
        }
    }

    /// Moves the round that runs to the next cue of this name; false when that is not given yet, and the round is
    /// to wait.
    ///
    /// # Errors
    /// When none runs, or no other loop is there.
    pub fn follow(&self, context: &Context, wanted: &str) -> Result<bool, Fault> {
        let (own, from, last, until) = self.change("sync", |round| {
            let last = round.followed.get(wanted).copied();
            Ok((round.name.clone(), round.now, last, round.until))
        })?;
        let others = self.all();
        let others: Vec<_> = others.into_iter().filter(|other| Some(&other.name) != own.as_ref()).collect();
        if others.is_empty() {
            let fault = Fault::new(format!("no other loop could cue `{wanted}`")).text(wanted).of("sync");
            return Err(
                fault.help(format!("write another loop that calls cue \"{wanted}\", or has that name"))
            );
        }
        for other in &others {
            other.begin_with(self);
            // What is wrong with it is told by itself.
            let _ = context.paused(|| context.watchdog.apart(|| other.advance(until)));
        }
        let ended = others.iter().filter_map(|other| other.cue(wanted, from, last));
        let rounds = self.rounds.borrow();
        let running = rounds.iter().rev().skip(1).filter_map(|round| round.cue(wanted, from, last));
        let found = ended.chain(running).filter(|at| *at < until).min();
        drop(rounds);
        self.change("sync", |round| {
            match found {
                Some(at) => {
                    round.now = at;
                    round.followed.insert(wanted.to_owned(), at);
                }
                None => round.waits = true,
            }
            Ok(found.is_some())
        })
    }

    /// Says by when the takes of each loop are wanted: `due` tells when a beat is heard.
    pub fn set_deadlines(&self, due: &dyn Fn(Beat) -> Option<Instant>) {
        for known in self.all() {
            let timeline = known.timeline.borrow();
            for take in &timeline.takes {
                if let (TakeState::Pending { .. }, Some(instant)) = (take.poll(), due(timeline.next)) {
                    known.context.inference.set_deadline(take, instant);
                }
            }
        }
    }
}

impl Loop {
    /// A loop that nobody has asked yet begins where the others did.
    fn begin_with(&self, loops: &Loops) {
        if self.timeline.borrow().origin.is_some() {
            return;
        }
        let asked = loops.all();
        let origin = asked.iter().find_map(|other| other.timeline.try_borrow().ok()?.origin);
        if let Some(origin) = origin {
            let mut timeline = self.timeline.borrow_mut();
            (timeline.origin, timeline.next) = (Some(origin), origin);
        }
    }
}

/// In the place of the one of its name.
fn put(known: &mut Vec<Weak<Loop>>, new: &Rc<Loop>) {
    known.retain(|known| known.upgrade().is_some_and(|known| known.name != new.name));
    known.push(Rc::downgrade(new));
}
