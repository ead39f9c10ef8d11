//! What comes in from outside: knobs that patterns follow, and keys that play at once.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::live::quarter;
use crate::stage::*;
use lilt_score::{Beat, Control, Dial, Event, Gesture, HOLD_PEDAL, Input, Pattern, Velocity};
use lilt_sequencer::*;
use proptest::prelude::*;

/// A slot whose gain stands where the knob does.
fn follower(knob: &Rc<Cell<f64>>) -> SlotSpec {
    let knob = Rc::clone(knob);
    let gain = Pattern::new(move |query| vec![Event::flowing(query.span, knob.get())]);
    SlotSpec { strip: Strip::new().with(Control::GAIN, gain), ..slot("lead", 1, quarter(60)) }
}

/// Planner and sequencer with so long a horizon, and what they have been told.
pub struct Live {
    pub planner: Planner,
    pub sequencer: Sequencer,
    horizon: f64,
    waiting: Vec<Timed>,
    pub heard: Vec<Timed>,
}

impl Live {
    pub fn new(horizon: f64, generation: Generation) -> Live {
        let (planner, sequencer) = (Planner::new(), Sequencer::new());
        let mut live = Live { planner, sequencer, horizon, waiting: Vec::new(), heard: Vec::new() };
        live.enter(generation, 0.0);
        live
    }

    /// A generation comes in.
    pub fn enter(&mut self, generation: Generation, now: f64) {
        let ground = self.sequencer.ground();
        let prepared = self.planner.prepare(generation, Entrance::Boundary, &ground, now).expect("plays");
        self.sequencer.enter(prepared.outline, prepared.stretches, now, prepared.not_before);
    }

    /// Time passes to `now`.
    pub fn pass(&mut self, now: f64) {
        for used in self.sequencer.in_use(now + 2.5) {
            for bar in used.from..=used.to {
                if let Some(stretch) = self.planner.write(used.content, bar, used.drafts) {
                    self.sequencer.insert(stretch, now);
                }
            }
        }
        let changes = self.sequencer.fill(now, self.horizon);
        self.carry_out(changes, now);
    }

    /// Takes back and sends what is to be, at `now`.
    pub fn carry_out(&mut self, changes: Changes, now: f64) {
        changes.began.iter().for_each(|began| self.planner.began(began.generation));
        let (heard, waiting): (Vec<Timed>, Vec<Timed>) =
            self.waiting.drain(..).partition(|event| event.seconds < now - 1e-4);
        self.heard.extend(heard);
        self.waiting = waiting;
        for Retraction { slot, from } in changes.retractions {
            self.waiting.retain(|event| event.slot != slot || event.seconds < from);
        }
        self.waiting.extend(changes.events);
        self.waiting.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    }

    /// What the slot follows has moved.
    fn follow(&mut self) {
        for used in self.sequencer.in_use(0.0) {
            self.planner.follow(used.content);
        }
    }

    /// Where the gain went, and when, in milliseconds; and how many notes began.
    fn told(&self) -> (Vec<(i64, f64)>, usize) {
        let gains = self.heard.iter().filter_map(|event| match event.action {
            Action::Control { control: Control::GAIN, value, .. } => {
                Some(((event.seconds * 1e3).round() as i64, value))
            }
            _ => None,
        });
        let notes = self.heard.iter().filter(|event| matches!(event.action, Action::NoteOn { .. }));
        (gains.collect(), notes.count())
    }
}

#[test]
fn a_knob_is_heard_from_where_the_playhead_stands_and_breaks_no_note() {
    let knob = Rc::new(Cell::new(0.25));
    let mut live = Live::new(0.12, generation(vec![follower(&knob)]));
    for step in 0..400 {
        let now = f64::from(step) * 0.01;
        if step == 130 {
            knob.set(0.75);
            live.follow();
        }
        live.pass(now);
    }
    assert_eq!(live.told(), (vec![(0, 0.25), (1_300, 0.75)], 8));
}

proptest! {
    #[test]
    fn how_far_ahead_is_sent_makes_no_difference_to_what_a_knob_does(
        turns in prop::collection::vec((0.0..6.0f64, 0.1..1.9f64), 1..12),
        step in 0.003..0.05f64,
    ) {
        let played = |horizon: f64| {
            let knob = Rc::new(Cell::new(1.0));
            let mut live = Live::new(horizon, generation(vec![follower(&knob)]));
            let mut turns = turns.clone();
            turns.sort_by(|one, other| one.0.total_cmp(&other.0));
            let (mut now, mut next) = (0.0, 0);
            while now < 7.0 {
                while let Some((_, value)) = turns.get(next).filter(|(at, _)| *at <= now) {
                    knob.set(*value);
                    live.follow();
                    next += 1;
                }
                live.pass(now);
                now += step;
            }
            live.told()
        };
        prop_assert_eq!(played(0.0), played(0.12));
    }
}

fn played_by(source: &str) -> SlotSpec {
    SlotSpec { hands: Some(source.into()), ..slot("keys", 1, Pattern::silence()) }
}

fn input(source: &str, gesture: Gesture) -> Input {
    Input { seconds: 0.0, source: source.into(), gesture }
}

fn press(key: u8) -> Gesture {
    Gesture::Press { key, velocity: Velocity::DEFAULT, channel: 0 }
}

fn release(key: u8) -> Gesture {
    Gesture::Release { key, channel: 0 }
}

fn pedal(value: f64) -> Gesture {
    Gesture::Turn { dial: Dial::Controller(HOLD_PEDAL), value }
}

/// `+60` where a key sounds, `-60` where it ends.
fn told(events: &[Timed]) -> String {
    let told = events.iter().map(|event| match &event.action {
        Action::NoteOn { strike, .. } => format!("+{}", strike.tone.key()),
        Action::NoteOff { tone, .. } => format!("-{}", tone.key()),
        other => format!("{other:?}"),
    });
    told.collect::<Vec<_>>().join(" ")
}

#[test]
fn keys_sound_on_the_slots_that_listen_to_their_source() {
    let mut live = Live::new(0.12, generation(vec![played_by("Keys"), slot("lead", 2, quarter(60))]));
    live.pass(0.01);
    let mut hands = Hands::default();
    let view = live.sequencer.view();
    for (source, gesture, says) in [
        ("Keys", press(60), "+60"),
        ("Pads", press(62), ""),
        // The same key again, without having come up.
        ("Keys", press(60), "-60 +60"),
        ("Keys", release(64), ""),
        ("Keys", pedal(1.0), ""),
        ("Keys", release(60), ""),
        ("Keys", press(67), "+67"),
        ("Keys", pedal(0.0), "-60"),
        ("Keys", Gesture::ReleaseAll, "-67"),
        ("Keys", release(67), ""),
    ] {
        let events = hands.take(&input(source, gesture.clone()), view, 0.5);
        assert_eq!(told(&events), says, "{source} {gesture:?}");
    }
    let drums = SlotSpec { output: Output::Synth(Instrument::Kit), ..played_by("Keys") };
    let mut live = Live::new(0.12, generation(vec![drums]));
    live.pass(0.01);
    let events = hands.take(&input("Keys", press(40)), live.sequencer.view(), 0.5);
    assert_eq!(told(&events), "+38", "an electric snare is a snare");
}

#[derive(Debug, Clone)]
enum Step {
    Hand(bool, Gesture),
    Edit(bool, bool),
    Pass(f64),
    Hush,
}

fn step() -> impl Strategy<Value = Step> {
    let gesture = prop_oneof![
        5 => (58..63u8).prop_map(press),
        5 => (58..63u8).prop_map(release),
        1 => Just(pedal(1.0)),
        1 => Just(pedal(0.0)),
        1 => Just(Gesture::ReleaseAll),
    ];
    prop_oneof![
        8 => (prop::bool::ANY, gesture).prop_map(|(keys, gesture)| Step::Hand(keys, gesture)),
        2 => (prop::bool::ANY, prop::bool::ANY).prop_map(|(listens, silent)| Step::Edit(listens, silent)),
        3 => (0.01..1.5f64).prop_map(Step::Pass),
        1 => Just(Step::Hush),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn whatever_happens_every_note_of_a_hand_ends_once(steps in prop::collection::vec(step(), 1..80)) {
        let mut live = Live::new(0.12, generation(vec![played_by("Keys")]));
        let (mut hands, mut now, mut fingerprint) = (Hands::default(), 0.0, 1);
        let mut sounding = BTreeMap::<NoteId, ()>::new();
        let mut take = |events: Vec<Timed>| {
            for event in events {
                match event.action {
                    Action::NoteOn { id, .. } => assert!(sounding.insert(id, ()).is_none(), "struck twice"),
                    Action::NoteOff { id, .. } => assert!(sounding.remove(&id).is_some(), "ended twice"),
                    _ => {}
                }
            }
            sounding.len()
        };
        for step in steps {
            match step {
                Step::Hand(keys, gesture) => {
                    let source = if keys { "Keys" } else { "Pads" };
                    take(hands.take(&input(source, gesture), live.sequencer.view(), now));
                }
                Step::Edit(listens, silent) => {
                    fingerprint += 1;
                    let slot = SlotSpec {
                        hands: listens.then(|| "Keys".into()),
                        silent,
                        fingerprint,
                        ..played_by("Keys")
                    };
                    let ground = live.sequencer.ground();
                    let next = Generation { quantum: Quantum::Beat, ..generation(vec![slot]) };
                    let next = live.planner.prepare(next, Entrance::Boundary, &ground, now).expect("plays");
                    live.sequencer.enter(next.outline, next.stretches, now, next.not_before);
                }
                Step::Pass(seconds) => now += seconds,
                Step::Hush => {
                    live.sequencer.hush(now);
                    live.planner.hush();
                    let left = take(hands.release_all(live.sequencer.view(), now));
                    prop_assert_eq!(left, 0);
                }
            }
            live.pass(now);
            take(hands.tidy(live.sequencer.view(), now));
        }
        prop_assert_eq!(take(hands.release_all(live.sequencer.view(), now)), 0);
        prop_assert_eq!(hands.held(), 0);
    }
}

#[test]
fn a_performance_follows_a_knob_as_what_plays_live_does() {
    let knob = Rc::new(Cell::new(0.25));
    let mut performance = Performance::new();
    performance.propose(generation(vec![follower(&knob)]), 0.0).expect("plays");
    let mut events = performance.fill(1.3).events;
    knob.set(0.75);
    performance.follow();
    events.extend(performance.fill(4.0).events);
    let gains: Vec<(f64, f64)> = events
        .iter()
        .filter_map(|event| match event.action {
            Action::Control { control: Control::GAIN, value, .. } => Some((event.beat.to_f64(), value)),
            _ => None,
        })
        .collect();
    assert_eq!(gains, [(0.0, 0.25), (2.6, 0.75)]);
    let notes: Vec<Beat> = events
        .iter()
        .filter(|event| matches!(event.action, Action::NoteOn { .. }))
        .map(|event| event.beat)
        .collect();
    assert_eq!(notes, (0..8).map(Beat::whole).collect::<Vec<_>>());
}
