//! Which bars of the plan are to be written next, how long the script's functions may take over
//! them, and what they took.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use lilt_score::Beat;
use lilt_script::Usage;
use lilt_sequencer::{ContentId, Ground, Use};

use crate::live::sight::Cost;

/// How much of the time that passes the functions of the script may take, all together: the rest of a
/// core is for evaluations, for models, and for what else the machine does.
const FUNCTIONS: f64 = 0.3;

/// A bar that was written.
#[derive(Debug, Clone, Copy)]
struct Written {
    /// Nothing new would come of asking again.
    whole: bool,
    /// What had arrived when it was written.
    arrivals: u64,
    /// It was left for something more urgent.
    hurried: bool,
}

/// What is to be written next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Task {
    /// Whose bar.
    pub used: Use,
    /// Which bar.
    pub bar: i64,
    /// How long the functions of the script may take over it.
    pub budget: Duration,
}

/// A bar that may be worth writing. Of two the smaller is written first: what is only fallen back on comes
/// last, and what is heard first before the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Open {
    stale: bool,
    start: Beat,
    /// Which of the uses.
    used: usize,
    bar: i64,
}

/// What was written ahead, and what is still to be written.
///
/// The bars that are open are sorted once for each change of what is in use or has arrived, and then taken off
/// one by one: `n` bars cost `n log n`.
#[derive(Debug, Default)]
pub struct Ahead {
    written: HashMap<(ContentId, i64), Written>,
    uses: Vec<Use>,
    /// What may be worth writing, the next one last.
    open: Vec<Open>,
    /// Bars that are to be heard, other than by falling back on them, and are not whole.
    late: HashSet<(ContentId, i64)>,
    arrivals: u64,
    /// What functions have taken, by the beat at which a bar begins.
    spent: BTreeMap<Beat, Duration>,
    /// Time a bar, by content, of those that call functions.
    takes: HashMap<ContentId, Duration>,
    costs: HashMap<String, Cost>,
    told: Vec<(String, String, u32)>,
}

impl Ahead {
    /// What is in use changed: forgets what is over, and what is used no longer.
    pub fn want(&mut self, uses: &[Use]) {
        if self.uses == uses {
            return;
        }
        self.uses = uses.to_vec();
        let mut first = HashMap::<ContentId, i64>::new();
        for used in uses {
            let from = first.entry(used.content).or_insert(used.from);
            *from = used.from.min(*from);
        }
        self.written.retain(|(content, bar), _| first.get(content).is_some_and(|from| bar >= from));
        self.takes.retain(|content, _| first.contains_key(content));
        if let Some(first) = uses.iter().map(|used| used.start_of(used.from)).min() {
            self.spent.retain(|start, _| *start >= first);
        }
        self.sort();
    }

    /// Finds the bars that are open, and their order.
    fn sort(&mut self) {
        let bars = |(at, used): (usize, &Use)| {
            let used = *used;
            (used.from..=used.to).map(move |bar| (at, used, bar))
        };
        self.late.clear();
        self.open.clear();
        for (at, used, bar) in self.uses.iter().enumerate().flat_map(bars) {
            let key = (used.content, bar);
            if self.written.get(&key).is_some_and(|bar| bar.whole) {
                continue;
            }
            if !used.stale {
                self.late.insert(key);
            }
            self.open.push(Open { stale: used.stale, start: used.start_of(bar), used: at, bar });
        }
        self.open.sort_unstable_by(|one, other| other.cmp(one));
    }

    /// The next bar to write: the one that is heard first. What is only fallen back on is written
    /// last, and only while something is late.
    pub fn next(&mut self, ground: &Ground) -> Option<Task> {
        while let Some(Open { stale, used, bar, .. }) = self.open.last().copied() {
            if stale && self.late.is_empty() {
                return None;
            }
            let used = self.uses[used];
            if self.is_worth_asking(used.content, bar) {
                return Some(Task { used, bar, budget: self.budget(&used, bar, ground) });
            }
            self.open.pop();
        }
        None
    }

    /// True when asking for a bar, again or for the first time, may bring something.
    fn is_worth_asking(&self, content: ContentId, bar: i64) -> bool {
        self.written
            .get(&(content, bar))
            .is_none_or(|written| !written.whole && (written.hurried || written.arrivals != self.arrivals))
    }

    /// An equal share of what is left of the bar's time for functions, among the slots that call any.
    fn budget(&self, used: &Use, bar: i64, ground: &Ground) -> Duration {
        let start = used.start_of(bar);
        let length = ground.seconds_at(start + used.length) - ground.seconds_at(start);
        let whole = Duration::from_secs_f64((FUNCTIONS * length).max(0.0));
        let spent = self.spent.get(&start).copied().unwrap_or_default();
        let others = self.takes.keys().filter(|content| **content != used.content).count();
        let share = whole / u32::try_from(others + 1).unwrap_or(u32::MAX);
        share.min(whole.saturating_sub(spent))
    }

    /// A take has arrived: what was late may be there now.
    pub fn arrived(&mut self) {
        self.arrivals += 1;
        self.sort();
    }

    /// A bar was written: `whole` where nothing new would come of asking again. Gives what a performer
    /// should know, once for each function.
    pub fn wrote(&mut self, task: Task, whole: bool, usage: &Usage, ground: &Ground) -> Option<String> {
        let Task { used, bar, .. } = task;
        // What went over its budget stays as it is: more calls would go over it too.
        let whole = whole || (usage.over && !usage.hurried);
        let written = Written { whole, arrivals: self.arrivals, hurried: usage.hurried };
        self.written.insert((used.content, bar), written);
        if whole {
            self.late.remove(&(used.content, bar));
        }
        let start = used.start_of(bar);
        *self.spent.entry(start).or_default() += usage.time;
        if usage.calls == 0 {
            return None;
        }
        self.takes.insert(used.content, usage.time);
        let seconds = ground.seconds_at(start + used.length) - ground.seconds_at(start);
        let most = usage.by.first()?;
        let cost = Cost {
            what: most.what.clone(),
            line: most.line,
            milliseconds_per_call: 1e3 * most.time.as_secs_f64() / f64::from(most.calls.max(1)),
            share: most.time.as_secs_f64() / seconds.max(1e-3),
            over: most.over,
        };
        let named = (usage.slot.clone(), cost.what.clone(), cost.line);
        let news = (cost.over && !self.told.contains(&named)).then(|| over(&usage.slot, &cost));
        if news.is_some() {
            self.told.push(named);
        }
        self.costs.insert(usage.slot.clone(), cost);
        news
    }

    /// What is written of a content is to be written again: it may have been forgotten where it is played.
    pub fn forget(&mut self, content: ContentId) {
        self.written.retain(|(known, _), _| *known != content);
        self.sort();
    }

    /// What the functions of each slot cost, of those that are in use.
    pub fn costs(&self) -> &HashMap<String, Cost> {
        &self.costs
    }

    /// A new text plays: what its functions cost will show.
    pub fn forget_costs(&mut self) {
        self.costs.clear();
        self.told.clear();
    }
}

fn over(slot: &str, cost: &Cost) -> String {
    let Cost { what, line, milliseconds_per_call, share, .. } = cost;
    let percent = 100.0 * share;
    format!(
        "slot \"{slot}\" (line {line}): `{what}` takes {milliseconds_per_call:.1} ms a call, {percent:.0} % of the \
         time; where that is too much it holds its last value. Make it cheaper, or give it fewer beats to think of"
    )
}

#[cfg(test)]
mod tests {
    use lilt_script::FunctionUsage;
    use lilt_sequencer::Sequencer;

    use super::*;

    fn used(content: u64, stale: bool) -> Use {
        let (origin, length) = (Beat::ZERO, Beat::whole(4));
        Use { content: ContentId(content), from: 2, to: 3, origin, length, stale, drafts: false }
    }

    fn takes(milliseconds: u64, over: bool, hurried: bool) -> Usage {
        let time = Duration::from_millis(milliseconds);
        let function = FunctionUsage {
            what: "gain".to_string(),
            file: "set.lua".to_string(),
            line: 3,
            calls: 10,
            time,
            over,
        };
        Usage { slot: "lead".to_string(), calls: 10, time, by: vec![function], over, hurried }
    }

    /// The tasks that come one after the other, each written as `done` says.
    fn tasks(
        ahead: &mut Ahead,
        uses: &[Use],
        done: impl Fn(&Task) -> (bool, Usage),
    ) -> Vec<(u64, i64, u128)> {
        let ground = Sequencer::new().ground();
        let mut told = Vec::new();
        ahead.want(uses);
        while let Some(task) = ahead.next(&ground).filter(|_| told.len() < 20) {
            let (whole, usage) = done(&task);
            ahead.wrote(task, whole, &usage, &ground);
            told.push((task.used.content.0, task.bar, task.budget.as_millis()));
        }
        told
    }

    #[test]
    fn bars_are_written_in_the_order_in_which_they_are_heard() {
        let mut ahead = Ahead::default();
        let uses = [used(1, false), used(2, false), used(3, true)];
        let whole = |_: &Task| (true, Usage::default());
        let told: Vec<(u64, i64)> =
            tasks(&mut ahead, &uses, whole).iter().map(|told| (told.0, told.1)).collect();
        assert_eq!(told, [(1, 2), (2, 2), (1, 3), (2, 3)], "what nobody falls back on is not written");
    }

    #[test]
    fn what_is_late_is_asked_again_when_something_arrives() {
        let mut ahead = Ahead::default();
        let uses = [used(1, false), used(3, true)];
        let late = |task: &Task| (task.used.stale, Usage::default());
        let told: Vec<(u64, i64)> =
            tasks(&mut ahead, &uses, late).iter().map(|told| (told.0, told.1)).collect();
        assert_eq!(told, [(1, 2), (1, 3), (3, 2), (3, 3)]);
        ahead.arrived();
        let told: Vec<(u64, i64)> =
            tasks(&mut ahead, &uses, late).iter().map(|told| (told.0, told.1)).collect();
        assert_eq!(told, [(1, 2), (1, 3)]);
    }

    #[test]
    fn functions_share_the_time_of_a_bar() {
        let mut ahead = Ahead::default();
        let uses = [used(1, false), used(2, false)];
        // Two seconds a bar: 600 ms for functions. The second slot to call any gets a half from then on.
        let told = tasks(&mut ahead, &uses, |_| (true, takes(250, false, false)));
        assert_eq!(told, [(1, 2, 600), (2, 2, 300), (1, 3, 300), (2, 3, 300)]);
        let mut ahead = Ahead::default();
        let told =
            tasks(&mut ahead, &uses, |task| (false, takes(task.budget.as_millis() as u64, true, false)));
        assert_eq!(told, [(1, 2, 600), (2, 2, 0), (1, 3, 300), (2, 3, 300)]);
    }

    #[test]
    fn what_was_left_for_something_urgent_is_written_later() {
        let mut ahead = Ahead::default();
        let ground = Sequencer::new().ground();
        ahead.want(&[used(1, false)]);
        let task = ahead.next(&ground).expect("a bar");
        ahead.wrote(task, false, &takes(8, false, true), &ground);
        let again = ahead.next(&ground).expect("the same bar");
        assert_eq!((again.bar, again.budget.as_millis()), (2, 592));
    }

    #[test]
    fn fifty_thousand_short_bars_are_written_without_looking_at_all_of_them_for_each() {
        let mut ahead = Ahead::default();
        let ground = Sequencer::new().ground();
        let long = |content| Use { to: 25_001, ..used(content, false) };
        ahead.want(&[long(1), long(2), Use { to: 25_001, ..used(3, true) }]);
        let mut count = 0;
        while let Some(task) = ahead.next(&ground) {
            ahead.wrote(task, true, &Usage::default(), &ground);
            count += 1;
        }
        assert_eq!(count, 50_000);
    }

    /// What is to be written next, found by looking at everything.
    fn next_of_all(ahead: &Ahead, uses: &[Use]) -> Option<(ContentId, i64)> {
        let whole = |content, bar| ahead.written.get(&(content, bar)).is_some_and(|written| written.whole);
        let all = || uses.iter().flat_map(|used| (used.from..=used.to).map(move |bar| (used, bar)));
        let late = all().any(|(used, bar)| !used.stale && !whole(used.content, bar));
        let open = all()
            .filter(|(used, _)| late || !used.stale)
            .filter(|(used, bar)| ahead.is_worth_asking(used.content, *bar));
        let first = open.min_by_key(|(used, bar)| (used.stale, used.start_of(*bar)));
        first.map(|(used, bar)| (used.content, bar))
    }

    proptest::proptest! {
        #[test]
        fn the_next_bar_is_the_one_that_looking_at_everything_finds(
            steps in proptest::collection::vec((0u8..8, 1u64..4, 0i64..4, 0i64..4, 1i64..5), 1..120),
        ) {
            let ground = Sequencer::new().ground();
            let (mut ahead, mut uses) = (Ahead::default(), Vec::<Use>::new());
            for (step, content, from, length, beats) in steps {
                match step {
                    0 => {
                        let stale = beats % 2 == 0;
                        let length_of_bar = Beat::whole(beats);
                        let to = from + length;
                        let new = Use { from, to, length: length_of_bar, ..used(content, stale) };
                        uses.push(new);
                        uses.truncate(6);
                    }
                    1 if !uses.is_empty() => {
                        let at = usize::try_from(from).unwrap_or(0) % uses.len();
                        uses[at].from = (uses[at].from + 1).min(uses[at].to);
                    }
                    2 => ahead.arrived(),
                    3 => ahead.forget(ContentId(content)),
                    _ => {
                        if let Some(task) = ahead.next(&ground) {
                            let (whole, hurried) = (step % 2 == 0, step == 5 && length == 0);
                            ahead.wrote(task, whole, &takes(1, false, hurried), &ground);
                        }
                    }
                }
                ahead.want(&uses);
                let next = ahead.next(&ground).map(|task| (task.used.content, task.bar));
                proptest::prop_assert_eq!(next, next_of_all(&ahead, &uses));
            }
        }
    }

    #[test]
    fn a_function_that_takes_too_long_is_named_once() {
        let mut ahead = Ahead::default();
        let ground = Sequencer::new().ground();
        ahead.want(&[used(1, false)]);
        let mut told = Vec::new();
        while let Some(task) = ahead.next(&ground) {
            told.extend(ahead.wrote(task, false, &takes(40, true, false), &ground));
        }
        assert_eq!(
            told,
            [
                "slot \"lead\" (line 3): `gain` takes 4.0 ms a call, 2 % of the time; where that is too much it holds \
              its last value. Make it cheaper, or give it fewer beats to think of"
            ]
        );
        assert_eq!(ahead.costs()["lead"].milliseconds_per_call, 4.0);
    }
}
