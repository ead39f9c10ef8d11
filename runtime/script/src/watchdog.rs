//! Stops Lua that runs too long.
//!
//! An interrupt that is always set doubles the cost of Lua, so it is set only
//! when the time is over: a thread sleeps until the deadline and then stores the
//! interrupt's address where Luau looks at every call and every turn of a loop.
//! It stays there until the call returns, so that `pcall` cannot outlive it.
//!
//! What counts is the time that the processor spends on the script: a busy machine
//! that lets the thread wait must not stop an honest script. A little later by the
//! clock on the wall the script is stopped all the same.
//!
//! An evaluation whose text is no longer wanted ends too: while one runs, the interrupt comes every few
//! milliseconds and asks.

use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mlua::{Lua, VmState};

use crate::fault::Fault;
use crate::files::{Place, place};

/// The thread that watches, and what it watches.
pub(crate) struct Watchdog {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// How deep calls under the watchdog are nested; only the outermost counts.
    depth: Cell<u32>,
    stopped: Rc<RefCell<Option<Stop>>>,
    time: Rc<Cell<Time>>,
    superseded: Rc<RefCell<Option<Superseded>>>,
}

/// Tells whether what is evaluated is no longer wanted.
pub(crate) type Superseded = Box<dyn Fn() -> bool>;

/// How often an evaluation looks whether it is still wanted.
pub(crate) const LOOK: Duration = Duration::from_millis(5);

/// What a call may do.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leash {
    /// How long it may run; `None` is for ever.
    pub time: Option<Duration>,
    /// True when it ends as soon as it is superseded.
    pub droppable: bool,
}

/// How much longer than its budget a script may take by the clock on the wall.
const GRACE: Duration = Duration::from_millis(80);

/// What any call may take by the clock on the wall: as long as an evaluation on stage, whose budget is 200 ms,
/// for the plan reaches past that. A machine that is held up for a tenth of a second is no fault of a reward.
const ALWAYS: Duration = Duration::from_millis(280);

/// What the outermost call was given, and when that is used up.
#[derive(Debug, Clone, Copy)]
struct Time {
    budget: Duration,
    /// By the processor time of this thread.
    cpu_end: Duration,
    /// By the clock on the wall; `None` is never.
    wall_end: Option<Instant>,
    /// True when it ends as soon as it is superseded.
    droppable: bool,
}

impl Time {
    /// How much processor time is left, if any of either time is.
    fn left(self) -> Option<Duration> {
        let wall = self.wall_end.is_none_or(|end| Instant::now() < end);
        self.cpu_end.checked_sub(cpu_time()).filter(|left| wall && !left.is_zero())
    }

    /// When the interrupt is to come; `None` is never.
    fn next_look(self) -> Option<Instant> {
        let end = self.wall_end.map(|_| self.left().unwrap_or_default());
        let look = self.droppable.then_some(LOOK);
        end.into_iter().chain(look).min().map(|time| Instant::now() + time)
    }
}

/// The processor time that this thread has used.
fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a timespec that lives through the call, which writes only to it.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    // The call fails only for a clock that the system lacks; then no time passes on it
    // and the clock on the wall decides alone.
    if status == 0 { Duration::new(time.tv_sec as u64, time.tv_nsec as u32) } else { Duration::ZERO }
}

/// Why a script was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// It ran longer than it may.
    TooLong,
    /// It read a take that is still being made, where nothing may wait.
    Late,
    /// Nobody wants what it says any more.
    Superseded,
}

/// Why, where and after how much time a script was stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    /// Why.
    pub why: Why,
    /// The time it was given.
    pub after: Duration,
    /// Where it was.
    pub place: Option<Place>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// When to set the interrupt; `None` while no Lua runs or while it waits for a take.
    deadline: Option<Instant>,
    /// When the thread wakes by itself; `None` when it sleeps until told.
    wakes: Option<Instant>,
    ended: bool,
    /// The VM that runs.
    running: Interrupt,
}

/// Where a VM looks for its interrupt, and the interrupt to put there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interrupt {
    at: *const AtomicPtr<c_void>,
    interrupt: *mut c_void,
}

// SAFETY: the thread only stores through `at`, under the mutex, and only while a call into
// that VM is under way: the call's guard takes the address back before it returns.
unsafe impl Send for Interrupt {}

impl Interrupt {
    const NONE: Interrupt = Interrupt { at: std::ptr::null(), interrupt: std::ptr::null_mut() };

    fn set(self, interrupt: *mut c_void) {
        if !self.at.is_null() {
            // SAFETY: `at` is the address of the interrupt field of a VM (see `watch`) that
            // is alive: either a call into it is under way or it has just been made. Luau
            // reads the field as one aligned word and allows it to be set from any thread.
            unsafe { (*self.at).store(interrupt, Ordering::Relaxed) }
        }
    }
}

impl Watchdog {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new() -> std::io::Result<Watchdog> {
        let state = State { deadline: None, wakes: None, ended: false, running: Interrupt::NONE };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let watched = Arc::clone(&shared);
        let thread =
            std::thread::Builder::new().name("script watchdog".to_owned()).spawn(move || watched.watch())?;
        Ok(Watchdog {
            shared,
            thread: Some(thread),
            depth: Cell::new(0),
            stopped: Rc::default(),
            time: Rc::new(Cell::new(Time {
                budget: Duration::MAX,
                cpu_end: Duration::MAX,
                wall_end: None,
                droppable: false,
            })),
            superseded: Rc::default(),
        })
    }

    /// Prepares a VM to be stopped.
    pub fn watch(&self, lua: &Lua) -> mlua::Result<Interrupt> {
        let stopped = Rc::clone(&self.stopped);
        let (time, shared) = (Rc::clone(&self.time), Arc::clone(&self.shared));
        let superseded = Rc::clone(&self.superseded);
        lua.set_interrupt(move |lua| {
            let now = time.get();
            let why = match now.droppable && is_superseded(&superseded) {
                true => Some(Why::Superseded),
                false => now.left().is_none().then_some(Why::TooLong),
            };
            let mut stop = stopped.borrow_mut();
            if let (None, None) = (&*stop, why) {
                shared.arm(now.next_look());
                return Ok(VmState::Continue);
            }
            let new = || Stop { why: why.unwrap_or(Why::TooLong), after: now.budget, place: place(lua) };
            Err(stop.get_or_insert_with(new).fault().into())
        });
        let mut own = Interrupt::NONE;
        // SAFETY: the state is alive, and `lua_callbacks` gives the address of a structure
        // inside it whose `interrupt` is one pointer wide, as `AtomicPtr` is.
        let found = unsafe {
            lua.exec_raw::<()>((), |state| {
                let callbacks = mlua::ffi::lua_callbacks(state);
                let at = (&raw mut (*callbacks).interrupt).cast::<AtomicPtr<c_void>>();
                own = Interrupt { at, interrupt: (*at).load(Ordering::Relaxed) };
            })
        };
        found?;
        own.set(std::ptr::null_mut());
        Ok(own)
    }

    /// Says who tells whether an evaluation is no longer wanted.
    pub fn set_superseded(&self, superseded: Superseded) {
        *self.superseded.borrow_mut() = Some(superseded);
    }

    /// Runs `work`, whose Lua in the VM of `interrupt` is held by `leash`. A call inside another runs on
    /// the time of the outer one. The VM must stay alive until `work` returns.
    pub fn limited<T>(&self, interrupt: Interrupt, leash: Leash, work: impl FnOnce() -> T) -> T {
        let outermost = self.depth.get() == 0;
        if outermost {
            *self.stopped.borrow_mut() = None;
            let (now, budget) = (Instant::now(), leash.time);
            let time = Time {
                budget: budget.unwrap_or(Duration::MAX),
                cpu_end: budget.map_or(Duration::MAX, |budget| cpu_time() + budget),
                wall_end: budget.and_then(|budget| now.checked_add((budget + GRACE).max(ALWAYS))),
                droppable: leash.droppable && self.superseded.borrow().is_some(),
            };
            self.time.set(time);
            self.shared.lock().running = interrupt;
            self.shared.arm(time.next_look());
        }
        self.depth.set(self.depth.get() + 1);
        let guard = Armed { dog: self, outermost };
        let result = work();
        drop(guard);
        result
    }

    /// Runs `work` with the clock standing still: it waits for somebody else.
    pub fn waiting<T>(&self, work: impl FnOnce() -> T) -> T {
        let time = self.time.get();
        let (cpu, wall) = (cpu_time(), Instant::now());
        self.shared.arm(None);
        let result = work();
        if self.stopped.borrow().is_none() {
            let time = Time {
                cpu_end: time.cpu_end.saturating_add(cpu_time().saturating_sub(cpu)),
                wall_end: time.wall_end.and_then(|end| end.checked_add(wall.elapsed())),
                ..time
            };
            self.time.set(time);
            self.shared.arm(time.next_look());
        } else {
            // What was stopped stays stopped, though it caught that and then waited.
            self.shared.interrupt();
        }
        result
    }

    /// Ends whatever call is under way, as if its time were over: the interrupt comes at once, and
    /// [`Watchdog::take_stopped`] tells in the end, whatever the script catches.
    pub fn end(&self, why: Why) {
        if self.depth.get() > 0 {
            let new = || Stop { why, after: self.time.get().budget, place: None };
            self.stopped.borrow_mut().get_or_insert_with(new);
            self.shared.interrupt();
        }
    }

    /// True when what runs is stopped, or ends here because it is superseded.
    pub fn ends(&self) -> bool {
        if self.stopped.borrow().is_none() && self.time.get().droppable && is_superseded(&self.superseded) {
            self.end(Why::Superseded);
        }
        self.stopped.borrow().is_some()
    }

    /// Runs `work` as if no other call were under way: calls in it are limited by their own budgets.
    /// Whatever call is under way must be [`Watchdog::waiting`].
    pub fn apart<T>(&self, work: impl FnOnce() -> T) -> T {
        let (depth, time) = (self.depth.replace(0), self.time.get());
        let stopped = self.stopped.borrow_mut().take();
        let running = self.shared.lock().running;
        let result = work();
        self.shared.lock().running = running;
        *self.stopped.borrow_mut() = stopped;
        self.time.set(time);
        self.depth.set(depth);
        result
    }

    /// Where the outermost work was stopped, if it was; asked once.
    pub fn take_stopped(&self) -> Option<Stop> {
        if self.depth.get() == 0 { self.stopped.borrow_mut().take() } else { None }
    }
}

/// Clears the deadline when the outermost work ends, by panic too.
struct Armed<'a> {
    dog: &'a Watchdog,
    outermost: bool,
}

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        self.dog.depth.set(self.dog.depth.get() - 1);
        if self.outermost {
            self.dog.shared.arm(None);
            self.dog.shared.lock().running = Interrupt::NONE;
        }
    }
}

fn is_superseded(superseded: &RefCell<Option<Superseded>>) -> bool {
    superseded.borrow().as_ref().is_some_and(|superseded| superseded())
}

impl Stop {
    /// What the performer reads.
    pub fn fault(&self) -> Fault {
        match self.why {
            Why::TooLong => {}
            Why::Late => {
                return Fault::new(lilt_score::QueryError::Late.to_string())
                    .help("read it outside the function, as in #tune: the script waits for it there");
            }
            Why::Superseded => return Fault::new("a newer text took the place of this one"),
        }
        let time = self.after.as_millis();
        match &self.place {
            Some(place) => {
                Fault::new(format!("stopped after {time} ms: does line {} run for ever?", place.line))
            }
            None => Fault::new(format!("stopped after {time} ms")),
        }
        .help("a script must finish at once: look for a loop that never ends")
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics under this lock; the state is whole even if something did.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves the deadline; the interrupt is cleared in any case.
    fn arm(&self, deadline: Option<Instant>) {
        let mut state = self.lock();
        state.running.set(std::ptr::null_mut());
        state.deadline = deadline;
        // A thread that wakes earlier looks at the new deadline by itself: waking it
        // costs microseconds that a function called while planning does not have.
        if deadline.is_some_and(|deadline| state.wakes.is_none_or(|wakes| wakes > deadline)) {
            self.changed.notify_one();
        }
    }

    /// Sets the interrupt at once.
    fn interrupt(&self) {
        let mut state = self.lock();
        state.deadline = None;
        state.running.set(state.running.interrupt);
    }

    fn watch(&self) {
        let mut state = self.lock();
        while !state.ended {
            let now = Instant::now();
            if state.deadline.is_some_and(|deadline| deadline <= now) {
                state.running.set(state.running.interrupt);
                state.deadline = None;
            }
            state.wakes = state.deadline;
            state = match state.deadline {
                Some(deadline) => {
                    let sleep = deadline.saturating_duration_since(now);
                    self.changed.wait_timeout(state, sleep).unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.shared.lock().ended = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // The thread cannot panic; there is nobody to tell if it did.
            let _ = thread.join();
        }
    }
}
