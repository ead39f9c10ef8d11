//! What the functions of a script cost while a stretch of the plan is made, and when no more of them are
//! called.

use std::cell::RefCell;
use std::time::{Duration, Instant};

/// What calling functions took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// The slot for which they were called.
    pub slot: String,
    /// How often functions were called; an answer that was remembered is no call.
    pub calls: u32,
    /// How long that took, all calls together.
    pub time: Duration,
    /// The same for each function, the most costly first.
    pub by: Vec<FunctionUsage>,
    /// True when calls were left out because the budget was used up.
    pub over: bool,
    /// True when calls were left out because something more urgent waited.
    pub hurried: bool,
}

/// What calling one function took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionUsage {
    /// What it was given to: `gain`, `play`.
    pub what: String,
    /// The file in which that is, by the name it was evaluated or required under.
    pub file: String,
    /// Line from 1 in which that is.
    pub line: u32,
    /// How often it was called.
    pub calls: u32,
    /// How long that took.
    pub time: Duration,
    /// True when calls of it were left out because the budget was used up.
    pub over: bool,
}

/// A function, as a meter knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metered<'a> {
    pub what: &'a str,
    pub file: &'a str,
    pub line: u32,
}

/// The meter that runs, if any.
#[derive(Default)]
pub(crate) struct Meters {
    running: RefCell<Option<Meter>>,
}

struct Meter {
    usage: Usage,
    budget: Duration,
    hurry: &'static dyn Fn() -> bool,
}

impl Meters {
    /// Does `work`, whose calls of functions may take `budget` together and end once `hurry` is true. A
    /// meter within another counts for itself.
    pub fn metered<T>(
        &self,
        slot: &str,
        budget: Duration,
        hurry: &dyn Fn() -> bool,
        work: impl FnOnce() -> T,
    ) -> (T, Usage) {
        // SAFETY: only the meter holds it, and `Running` takes the meter out before this function returns,
        // by panic too.
        let hurry = unsafe {
            std::mem::transmute::<&(dyn Fn() -> bool + '_), &'static (dyn Fn() -> bool + 'static)>(hurry)
        };
        let usage = Usage { slot: slot.to_owned(), ..Usage::default() };
        let outer = self.running.borrow_mut().replace(Meter { usage, budget, hurry });
        let running = Running { meters: self, outer };
        let done = work();
        let mut usage = running.end();
        usage.by.sort_by_key(|function| std::cmp::Reverse(function.time));
        (done, usage)
    }

    /// Calls a function, unless the meter has no more time for it: then `None`.
    pub fn call<T>(&self, function: Metered<'_>, call: impl FnOnce() -> T) -> Option<T> {
        let hurry = self.running.borrow().as_ref().map(|meter| meter.hurry);
        let Some(hurry) = hurry else { return Some(call()) };
        // Asked without holding the meter, for it is somebody else's code.
        let hurried = hurry();
        if let Some(meter) = &mut *self.running.borrow_mut() {
            meter.usage.hurried |= hurried;
            if meter.usage.hurried {
                return None;
            }
            if meter.usage.time >= meter.budget {
                meter.usage.over = true;
                meter.usage.function(function).over = true;
                return None;
            }
        }
        let began = Instant::now();
        let answer = call();
        let time = began.elapsed();
        if let Some(meter) = &mut *self.running.borrow_mut() {
            meter.usage.calls += 1;
            meter.usage.time += time;
            let function = meter.usage.function(function);
            function.calls += 1;
            function.time += time;
        }
        Some(answer)
    }
}

impl Usage {
    fn function(&mut self, metered: Metered<'_>) -> &mut FunctionUsage {
        let Metered { what, file, line } = metered;
        let same = |known: &FunctionUsage| known.line == line && known.what == what && known.file == file;
        let at = self.by.iter().position(same).unwrap_or(self.by.len());
        if at == self.by.len() {
            self.by.push(FunctionUsage {
                what: what.to_owned(),
                file: file.to_owned(),
                line,
                calls: 0,
                time: Duration::ZERO,
                over: false,
            });
        }
        &mut self.by[at]
    }
}

/// Puts the meter before back when the work ends, by panic too.
struct Running<'a> {
    meters: &'a Meters,
    outer: Option<Meter>,
}

impl Running<'_> {
    fn end(self) -> Usage {
        let meter = self.meters.running.borrow_mut().take();
        meter.map(|meter| meter.usage).unwrap_or_default()
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        *self.meters.running.borrow_mut() = self.outer.take();
    }
}
