//! Functions that are called for each beat, bar or phrase as the plan comes to it.
//!
//! They are no music: the plan of any slot that reaches a beat for the first time calls them. One that fails is
//! told of as a printed line, and called no more; the music goes on.

use std::cell::RefCell;
use std::rc::Rc;

use lilt_score::{Beat, Key, Meter, Query, QueryError, Seed};
use mlua::{Function, Lua};

use crate::ahead::Ahead;
use crate::context::{Context, context};
use crate::diagnostic::Diagnostic;
use crate::fault::Fault;
use crate::function::{self, Called};

/// Bars of a phrase.
const PHRASE: i64 = 4;

/// So far behind what was reached nobody plans: then the performance has begun anew.
const ANEW: i64 = 64;

/// How often a function is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Every {
    Beat,
    Bar,
    Phrase,
}

impl Every {
    /// As a script writes it.
    pub fn named(name: &str) -> Option<Every> {
        match name {
            "beat" => Some(Every::Beat),
            "bar" => Some(Every::Bar),
            "phrase" => Some(Every::Phrase),
            _ => None,
        }
    }

    fn beats(self, bar: Beat) -> Beat {
        match self {
            Every::Beat => Beat::ONE,
            Every::Bar => bar,
            Every::Phrase => bar * Beat::whole(PHRASE),
        }
    }
}

/// A function that is called so.
#[derive(Clone)]
pub(crate) struct Watcher {
    called: Called,
    every: Every,
    print: u64,
    seed: Seed,
    key: Option<Key>,
    meter: Meter,
    /// The first number, from 0, for which it was not called yet; `None` before the first.
    next: Option<i64>,
    failed: bool,
}

impl Watcher {
    /// `function`, to be called as often as `every` says.
    ///
    /// # Errors
    /// When no evaluation is under way.
    pub fn new(lua: &Lua, every: Every, function: Function) -> Result<Watcher, Fault> {
        let print = function::fingerprint(lua, &function).unwrap_or(0);
        let called = Called::new(lua, "on", function)?;
        let (seed, key, meter) = context(lua)?.declared("on")?;
        Ok(Watcher { called, every, print, seed: seed.child("on"), key, meter, next: None, failed: false })
    }
}

/// The functions of the newest script that is right.
#[derive(Default)]
pub(crate) struct Watchers {
    known: RefCell<Vec<Watcher>>,
    /// True while they are called: what they do asks no pattern.
    busy: std::cell::Cell<bool>,
}

impl Watchers {
    /// Takes the place of those before; one that is the same goes on where it was.
    pub fn replace(&self, mut new: Vec<Watcher>) {
        let mut known = self.known.borrow_mut();
        for watcher in &mut new {
            let same = |old: &&Watcher| old.print == watcher.print && old.every == watcher.every;
            if let Some(old) = known.iter().find(same) {
                watcher.next = old.next;
            }
        }
        *known = new;
    }

    /// The plan has come to what is asked: calls what is to be called for it.
    pub fn come_to(&self, context: &Rc<Context>, query: Query) {
        if self.busy.replace(true) {
            return;
        }
        let count = self.known.borrow().len();
        for i in 0..count {
            self.call(context, i, query);
        }
        self.busy.set(false);
    }

    fn call(&self, context: &Rc<Context>, i: usize, query: Query) {
        loop {
            let Some(watcher) = self.known.borrow().get(i).cloned() else { return };
            let step = watcher.every.beats(query.bar);
            let (from, to) = (query.span.start.next_multiple(step), query.span.end);
            let first = from.floor_div(step);
            // A performance that begins anew counts anew.
            let anew = watcher.next.is_some_and(|next| next - first > ANEW);
            let number = watcher.next.filter(|_| !anew).map_or(first, |next| next.max(first));
            if watcher.failed || step * Beat::whole(number) >= to {
                return;
            }
            let (beat, seed) = (step * Beat::whole(number), watcher.seed.child_number(number as u64));
            let ahead = Ahead::new(beat, seed, watcher.key, watcher.meter);
            let (answer, _) = watcher.called.ahead(number + 1, ahead, |_, _| Ok(()));
            let failed = match answer {
                Ok(()) => false,
                Err(QueryError::Late) => return,
                Err(QueryError::Failed(error)) => {
                    let place = error.downcast_ref::<Diagnostic>();
                    let place = place.map_or_else(String::new, |error| format!("line {}: ", error.line));
                    context.print(format!("on: {place}{error} (it is called no more)"));
                    true
                }
            };
            if let Some(watcher) = self.known.borrow_mut().get_mut(i) {
                (watcher.next, watcher.failed) = (Some(number + 1), failed);
            }
        }
    }
}
