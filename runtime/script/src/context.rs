//! What the bindings of a VM share: the services they call, and the draft of the
//! generation that the evaluation under way declares.

use std::cell::{Cell, RefCell, RefMut};
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use lilt_inference::{Bakery, Baking, Inference, Take, TakeState};
use lilt_score::Seed;
use mlua::{Lua, Table};

use crate::diagnostic::{Diagnostic, Severity};
use crate::draft::Draft;
use crate::engine::{Limits, Sources};
use crate::fault::Fault;
use crate::files::{Files, Place, place};
use crate::rewards::Rewards;
use crate::stream::Streams;
use crate::watchdog::Watchdog;

/// Most lines that `print` keeps of one evaluation.
const MOST_PRINTED: usize = 1_000;

/// How long a wait blocks before the host does its own work again: a fraction of
/// what it commits ahead.
const WAITING_SLICE: Duration = Duration::from_millis(10);

/// The services of a VM, shared by all its bindings.
pub(crate) struct Context {
    pub inference: Inference,
    pub sources: Box<dyn Sources>,
    pub limits: Limits,
    pub watchdog: Watchdog,
    /// The performer's line at the last error that was raised.
    pub thrown: RefCell<Option<Place>>,
    /// `Some` while an evaluation runs.
    session: RefCell<Option<Session>>,
    /// Where the function was written that runs while planning.
    pub planning: RefCell<Option<Origin>>,
    /// What `print` wrote: of the evaluation, then of functions that run while planning.
    printed: RefCell<Vec<String>>,
    pub random: Random,
    /// Functions of the script that models ask.
    pub rewards: Rewards,
    /// Where tilts are learnt.
    pub bakery: Bakery,
    /// Music that is made while it plays.
    pub streams: Streams,
    /// How long the clock of the evaluation under way has stood still.
    waited: Cell<Duration>,
    /// How long it has waited for takes alone: that may become too long.
    waited_for_takes: Cell<Duration>,
    /// What the host does while an evaluation waits.
    idle: RefCell<Option<Box<dyn FnMut()>>>,
}

/// One evaluation under way.
pub(crate) struct Session {
    pub draft: Draft,
    pub files: Rc<RefCell<Files>>,
    /// Name of the file that is evaluated.
    pub main: String,
    pub environment: Table,
    /// Modules that have run, by name.
    pub modules: HashMap<String, mlua::Value>,
    /// Modules that are running: one that appears twice requires itself.
    pub loading: Vec<String>,
    /// Names of the files that were required.
    pub required: Vec<String>,
    pub notices: Vec<Diagnostic>,
    pub bakings: Vec<Baking>,
    /// A model that it names and that is not there, nor any of a like name.
    pub untrained: Option<String>,
    pub takes: Vec<Take>,
    /// How often each call of a model was made, by what identifies it.
    pub calls: HashMap<u64, u64>,
}

/// The source of `math.random`: the n-th child of a seed is its n-th number.
#[derive(Default, Clone)]
pub(crate) struct Random {
    seed: Cell<Seed>,
    count: Cell<u64>,
}

impl Random {
    /// Begins again from `seed`.
    pub fn restart(&self, seed: Seed) {
        self.seed.set(seed);
        self.count.set(0);
    }

    /// Goes on as another copy would.
    pub fn go_on_from(&self, other: &Random) {
        self.seed.set(other.seed.get());
        self.count.set(other.count.get());
    }

    /// True once a number was drawn.
    pub fn used(&self) -> bool {
        self.count.get() > 0
    }

    /// The next number, `0..1`.
    pub fn next(&self) -> f64 {
        let count = self.count.get();
        self.count.set(count.wrapping_add(1));
        self.seed.get().child_number(count).unit()
    }
}

/// Where a value came from, for what goes wrong with it later.
#[derive(Clone)]
pub(crate) struct Origin {
    pub files: Rc<RefCell<Files>>,
    pub place: Place,
}

impl Origin {
    /// The fault, at this place.
    pub fn diagnostic(&self, fault: Fault) -> Diagnostic {
        self.files.borrow().diagnostic(fault, &self.place, Severity::Error)
    }
}

impl Context {
    pub fn new(
        inference: Inference,
        sources: Box<dyn Sources>,
        limits: Limits,
        watchdog: Watchdog,
        bakery: Bakery,
    ) -> Context {
        Context {
            inference,
            sources,
            limits,
            watchdog,
            thrown: RefCell::default(),
            session: RefCell::default(),
            planning: RefCell::default(),
            printed: RefCell::default(),
            random: Random::default(),
            rewards: Rewards::new(),
            bakery,
            streams: Streams::default(),
            waited: Cell::default(),
            waited_for_takes: Cell::default(),
            idle: RefCell::default(),
        }
    }

    /// The seed to use where the script says `written`.
    pub fn seed(&self, written: Option<u64>) -> Seed {
        Seed(self.limits.seed.or(written).unwrap_or(0))
    }

    /// Begins an evaluation.
    pub fn begin(&self, session: Session) {
        *self.session.borrow_mut() = Some(session);
        *self.thrown.borrow_mut() = None;
        self.printed.borrow_mut().clear();
        self.waited.set(Duration::ZERO);
        self.waited_for_takes.set(Duration::ZERO);
    }

    /// Ends the evaluation; `None` when none is under way.
    pub fn end(&self) -> Option<Session> {
        self.session.borrow_mut().take()
    }

    /// The evaluation under way.
    ///
    /// # Errors
    /// When none is: `what` was called by a function that runs while planning.
    pub fn session(&self, what: &str) -> Result<RefMut<'_, Session>, Fault> {
        RefMut::filter_map(self.session.borrow_mut(), Option::as_mut).map_err(|_| {
            Fault::new(format!("`{what}` cannot be called while the music plays"))
                .word(what)
                .help("call it in the script itself, outside the function")
        })
    }

    /// Where the script is, for what may go wrong later.
    ///
    /// # Errors
    /// As [`Context::session`].
    pub fn origin(&self, lua: &Lua, what: &str) -> Result<Origin, Fault> {
        if let Some(origin) = &*self.planning.borrow() {
            return Ok(origin.clone());
        }
        let session = self.session(what)?;
        let start = || Place { file: session.main.clone(), line: 1 };
        Ok(Origin { files: Rc::clone(&session.files), place: place(lua).unwrap_or_else(start) })
    }

    /// Says that a value is played otherwise than it was written.
    ///
    /// # Errors
    /// As [`Context::session`].
    pub fn notice(&self, lua: &Lua, what: &str, fault: Fault) -> Result<(), Fault> {
        let origin = self.origin(lua, what)?;
        let mut notice = origin.diagnostic(fault);
        notice.severity = Severity::Warning;
        self.session(what)?.notices.push(notice);
        Ok(())
    }

    /// Keeps a printed line; beyond a thousand they are counted by one last line.
    pub fn print(&self, line: String) {
        let mut printed = self.printed.borrow_mut();
        match printed.len() {
            n if n < MOST_PRINTED => printed.push(line),
            MOST_PRINTED => printed.push(format!("… more than {MOST_PRINTED} lines printed")),
            _ => {}
        }
    }

    /// What was printed since the last call.
    pub fn take_printed(&self) -> Vec<String> {
        std::mem::take(&mut *self.printed.borrow_mut())
    }

    /// Runs `work` with the clock of the script standing still.
    pub fn paused<T>(&self, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = self.watchdog.waiting(work);
        self.waited.set(self.waited.get() + start.elapsed());
        result
    }

    /// Polls until there is an answer or this evaluation has waited for takes as long as it may.
    pub fn wait<T>(&self, poll: impl FnMut(Instant) -> Option<T>) -> Option<T> {
        let (start, before) = (Instant::now(), self.waited_for_takes.get());
        let answer = self.wait_until(start + self.limits.take_time.saturating_sub(before), poll);
        self.waited_for_takes.set(before + start.elapsed());
        answer
    }

    /// Polls until there is an answer or `deadline` has come; `poll` gets the moment until which it may
    /// block, and ends sooner when a model asks something ([`Context::look_at`]). The host's own work is
    /// done meanwhile, and the clock of the script stands still.
    pub fn wait_until<T>(&self, deadline: Instant, mut poll: impl FnMut(Instant) -> Option<T>) -> Option<T> {
        loop {
            let until = deadline.min(Instant::now() + WAITING_SLICE);
            let answer = loop {
                let answer = self.paused(|| poll(until));
                let now = Instant::now();
                if answer.is_some() || now >= until {
                    break answer;
                }
                self.answer_rewards(until - now);
            };
            if answer.is_some() || Instant::now() >= deadline {
                return answer;
            }
            self.streams.make_ahead(&|_| None);
            if let Ok(mut idle) = self.idle.try_borrow_mut()
                && let Some(work) = &mut *idle
            {
                work();
            }
        }
    }

    /// How far a take is when it is settled, a model asks a function of the script, or `until` has come.
    pub fn look_at(&self, take: &Take, until: Instant) -> TakeState {
        take.wait_or(until, self.rewards.wakes())
    }

    /// How far a take is when it is settled or `deadline` has come. Models that ask functions of the script
    /// are answered meanwhile.
    pub fn wait_for(&self, take: &Take, deadline: Instant) -> TakeState {
        loop {
            match self.look_at(take, deadline) {
                TakeState::Pending { .. } if Instant::now() < deadline => {
                    self.answer_rewards(WAITING_SLICE);
                }
                state => return state,
            }
        }
    }

    /// Answers models that ask functions of the script, for `time` at least once; true when there is
    /// more to answer. An evaluation that waits does not pay for it.
    pub fn answer_rewards(&self, time: Duration) -> bool {
        self.paused(|| self.watchdog.apart(|| self.rewards.answer(Instant::now() + time)))
    }

    /// What the host does while an evaluation waits for a take.
    pub fn set_idle(&self, work: Box<dyn FnMut()>) {
        *self.idle.borrow_mut() = Some(work);
    }

    /// How long the clock of the evaluation has stood still.
    pub fn waited(&self) -> Duration {
        self.waited.get()
    }
}

/// The context of a VM.
///
/// # Errors
/// Never in a VM of this crate: each is made with its context.
pub(crate) fn context(lua: &Lua) -> Result<Rc<Context>, Fault> {
    match lua.app_data_ref::<Rc<Context>>() {
        Some(context) => Ok(Rc::clone(&context)),
        None => Err(Fault::new("this Lua was not started by Lilt")),
    }
}
