//! Music of stretches: what a function gives for the first so many bars, for the second, and so on, asked for
//! ahead of the playhead.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::time::Instant;

use lilt_inference::{Take, TakeState};
use lilt_score::{Beat, Controls, Event, Key, Meter, Pattern, Query, QueryError, Seed, Span};
use lilt_sequencer::Instrument;
use mlua::{Function, Lua, Value};

use crate::ahead::Ahead;
use crate::context::{Context, context};
use crate::fault::Fault;
use crate::fingerprint::Fingerprint;
use crate::function::{self, Called, within};
use crate::lift;
use crate::music::Music;

/// How many bars beyond what is asked for are made: time for a model.
const AHEAD: i64 = 4;

/// Most stretches that are remembered, the newest.
const MOST: usize = 64;

/// Longest stretch, in bars.
pub(crate) const LONGEST: i64 = 256;

/// When a beat of the performance is heard; `None` where nobody knows.
type Due<'a> = &'a dyn Fn(Beat) -> Option<Instant>;

/// What a function gives, stretch by stretch.
pub(crate) struct Stretched {
    called: Called,
    context: Rc<Context>,
    bars: i64,
    seed: Seed,
    key: Option<Key>,
    meter: Meter,
    known: RefCell<Known>,
}

/// What was answered.
#[derive(Default)]
struct Known {
    /// What `state` was then.
    epoch: u64,
    /// By the number of the stretch, from 0.
    stretches: BTreeMap<i64, OneStretch>,
}

/// What is known of one stretch.
struct OneStretch {
    /// `None` while its function reads a take that is still being made.
    pattern: Option<Pattern<Controls>>,
    /// What it asked for: a take that nobody holds is cancelled.
    takes: Vec<Take>,
    start: Beat,
}

impl OneStretch {
    fn waits(&self) -> bool {
        self.takes.iter().any(|take| matches!(take.poll(), TakeState::Pending { .. }))
    }
}

/// Music whose stretches of `bars` bars are what `function` gives for their numbers, from 1.
///
/// # Errors
/// When no evaluation is under way.
pub(crate) fn stretches(lua: &Lua, bars: i64, function: Function) -> Result<Music, Fault> {
    let context = context(lua)?;
    let print = Fingerprint::of("stretches").number(bars as u64);
    let print = print.number(function::fingerprint(lua, &function).unwrap_or(0));
    let called = Called::new(lua, "each", function)?;
    let (seed, key, meter) = {
        let session = context.session("each")?;
        (session.declared.seed, session.declared.key, session.declared.meter)
    };
    let print = print.number(seed.0).text(&format!("{key:?} {meter}"));
    let stretched = Rc::new(Stretched {
        called,
        context: Rc::clone(&context),
        bars,
        seed,
        key,
        meter,
        known: RefCell::default(),
    });
    context.stretches.add(&stretched);
    Ok(Music::new(Pattern::try_new(move |query| stretched.events(query)), print, Instrument::Keys))
}

impl Stretched {
    fn events(&self, query: Query) -> Result<Vec<Event<Controls>>, QueryError> {
        let length = query.bar * Beat::whole(self.bars);
        let mut events = Vec::new();
        for part in query.span.cycles(length) {
            let number = part.start.floor_div(length);
            let start = length * Beat::whole(number);
            let made = self.made(number, start);
            // The next ones are asked for now. What is wrong with them is told when they are wanted.
            for next in number + 1..=number + 1 + (AHEAD - 1) / self.bars {
                if self.made(next, length * Beat::whole(next)).is_err() {
                    break;
                }
            }
            let place = |span: Span, by: Beat| Span::new(span.start + by, span.end + by);
            let own = Query { span: place(part, -start), origin: Beat::ZERO, ..query };
            let whole = Span::new(start, start + length);
            let answered = made?.query(own)?.into_iter();
            events.extend(answered.map(|event| within(event.placed(|span| place(span, start)), whole)));
        }
        Ok(events)
    }

    /// The music of a stretch, from its own beat 0.
    fn made(&self, number: i64, start: Beat) -> Result<Pattern<Controls>, QueryError> {
        loop {
            let late = self.asked(number, start);
            if !self.context.limits.unhurried {
                return late;
            }
            // Nobody listens: what it asked for is waited for.
            let takes = match self.known.borrow().stretches.get(&number) {
                Some(known) if known.waits() => known.takes.clone(),
                _ => return late,
            };
            let deadline = Instant::now() + self.context.limits.take_time;
            for take in &takes {
                if matches!(self.context.wait_for(take, deadline), TakeState::Pending { .. }) {
                    return late;
                }
            }
        }
    }

    fn asked(&self, number: i64, start: Beat) -> Result<Pattern<Controls>, QueryError> {
        let epoch = self.context.epoch.get();
        let mut held = Vec::new();
        {
            let mut known = self.known.borrow_mut();
            if known.epoch != epoch {
                *known = Known { epoch, ..Known::default() };
            }
            if let Some(stretch) = known.stretches.get(&number) {
                match &stretch.pattern {
                    Some(pattern) => return Ok(pattern.clone()),
                    None if stretch.waits() => return Err(QueryError::Late),
                    None => held.clone_from(&stretch.takes),
                }
            }
        }
        let seed = self.seed.child("stretch").child_number(number as u64);
        let ahead = Ahead::new(start, seed, self.key, self.meter);
        let convert = |lua: &Lua, value: &Value| match value {
            Value::Nil => Ok(Pattern::silence()),
            Value::Function(_) => Err(crate::options::expected("each", "music from the function", value)),
            value => Ok(lift::music(lua, "each", value, Instrument::Keys)?.pattern),
        };
        let (made, takes) = self.called.ahead(number + 1, ahead, convert);
        // The old ones are let go only now: the same takes were asked for again.
        drop(held);
        let pattern = match made {
            Ok(pattern) => Some(pattern),
            Err(QueryError::Late) if !takes.is_empty() => None,
            Err(error) => return Err(error),
        };
        let mut known = self.known.borrow_mut();
        if known.stretches.len() >= MOST {
            known.stretches.pop_first();
        }
        known.stretches.insert(number, OneStretch { pattern: pattern.clone(), takes, start });
        pattern.ok_or(QueryError::Late)
    }
}

/// The music of stretches that something may play.
#[derive(Default)]
pub(crate) struct AllStretches(RefCell<Vec<Weak<Stretched>>>);

impl AllStretches {
    fn add(&self, stretched: &Rc<Stretched>) {
        let mut all = self.0.borrow_mut();
        all.retain(|stretched| stretched.strong_count() > 0);
        all.push(Rc::downgrade(stretched));
    }

    /// Says by when the takes of each stretch are wanted: `due` tells when a beat is heard.
    pub fn set_deadlines(&self, due: Due<'_>) {
        for stretched in self.0.borrow().iter().filter_map(Weak::upgrade) {
            for stretch in stretched.known.borrow().stretches.values() {
                let Some(instant) = due(stretch.start) else { continue };
                for take in &stretch.takes {
                    if matches!(take.poll(), TakeState::Pending { .. }) {
                        stretched.context.inference.set_deadline(take, instant);
                    }
                }
            }
        }
    }
}
