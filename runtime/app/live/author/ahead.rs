//! Which bars of the plan are to be written next, how long the script's functions may take over
//! them, and what they took.

use std::collections::{BTreeMap, HashMap};
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

/// What was written ahead, and what is still to be written.
#[derive(Debug, Default)]
pub struct Ahead {
    written: HashMap<(ContentId, i64), Written>,
    arrivals: u64,
    /// What functions have taken, by the beat at which a bar begins.
    spent: BTreeMap<Beat, Duration>,
    /// Time a bar, by content, of those that call functions.
    takes: HashMap<ContentId, Duration>,
    costs: HashMap<String, Cost>,
    told: Vec<(String, String, u32)>,
}

impl Ahead {
    /// The next bar to write: the one that is heard first. What is only fallen back on is written
    /// last, and only while something is late.
    pub fn next(&self, uses: &[Use], ground: &Ground) -> Option<Task> {
        let late = uses.iter().any(|used| {
            !used.stale && (used.from..=used.to).any(|bar| self.is_open(used.content, bar, false))
        });
        let open = uses
            .iter()
            .filter(|used| late || !used.stale)
            .flat_map(|used| (used.from..=used.to).map(move |bar| (used, bar)))
            .filter(|(used, bar)| self.is_open(used.content, *bar, true));
        let (used, bar) = open.min_by_key(|(used, bar)| (used.stale, used.start_of(*bar)))?;
        Some(Task { used: *used, bar, budget: self.budget(used, bar, ground) })
    }

    /// True when a bar is not whole; with `worth`, only when asking again may bring something.
    fn is_open(&self, content: ContentId, bar: i64, worth: bool) -> bool {
        self.written.get(&(content, bar)).is_none_or(|written| {
            !written.whole && (!worth || written.hurried || written.arrivals != self.arrivals)
        })
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
    }

    /// A bar was written: `whole` where nothing new would come of asking again. Gives what a performer
    /// should know, once for each function.
    pub fn wrote(&mut self, task: Task, whole: bool, usage: &Usage, ground: &Ground) -> Option<String> {
        let Task { used, bar, .. } = task;
        // What went over its budget stays as it is: more calls would go over it too.
        let whole = whole || (usage.over && !usage.hurried);
        let written = Written { whole, arrivals: self.arrivals, hurried: usage.hurried };
        self.written.insert((used.content, bar), written);
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
    }

    /// What the functions of each slot cost, of those that are in use.
    pub fn costs(&self) -> &HashMap<String, Cost> {
        &self.costs
    }

    /// Forgets what is over, and what is not in use.
    pub fn retain(&mut self, uses: &[Use]) {
        let wanted = |content: ContentId, bar: i64| {
            uses.iter().any(|used| used.content == content && bar >= used.from)
        };
        self.written.retain(|(content, bar), _| wanted(*content, *bar));
        self.takes.retain(|content, _| uses.iter().any(|used| used.content == *content));
        if let Some(first) = uses.iter().map(|used| used.start_of(used.from)).min() {
            self.spent.retain(|start, _| *start >= first);
        }
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
        while let Some(task) = ahead.next(uses, &ground).filter(|_| told.len() < 20) {
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
        let uses = [used(1, false)];
        let task = ahead.next(&uses, &ground).expect("a bar");
        ahead.wrote(task, false, &takes(8, false, true), &ground);
        let again = ahead.next(&uses, &ground).expect("the same bar");
        assert_eq!((again.bar, again.budget.as_millis()), (2, 592));
    }

    #[test]
    fn a_function_that_takes_too_long_is_named_once() {
        let mut ahead = Ahead::default();
        let ground = Sequencer::new().ground();
        let uses = [used(1, false)];
        let mut told = Vec::new();
        while let Some(task) = ahead.next(&uses, &ground) {
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
