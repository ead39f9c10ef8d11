//! Planner and sequencer apart, as they play live: what is sent ahead and taken back comes to what a
//! sequencer without a horizon plays.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::invariants::{Voice, declared, voice};
use crate::stage::*;
use lilt_score::{Beat, Control, Pattern, Tone};
use lilt_sequencer::*;
use proptest::prelude::*;

/// How far ahead the plan is written, in seconds.
const WRITTEN: f64 = 3.0;

/// What falls on one frame of a synthesiser is taken back together: so much before `now` nothing may have been
/// carried out yet that is to be taken back.
const ONE_FRAME: f64 = 1e-4;

/// Somebody who carries out what is sent, each event at its moment.
#[derive(Debug, Default)]
struct Receiver {
    waiting: Vec<Timed>,
    heard: Vec<Timed>,
}

impl Receiver {
    fn take_in(&mut self, changes: &Changes) {
        for Retraction { slot, from } in &changes.retractions {
            self.waiting.retain(|event| event.slot != *slot || event.seconds < *from);
            let sounded = self.heard.iter().filter(|event| event.slot == *slot);
            assert!(sounded.clone().all(|event| event.seconds <= *from), "what was heard is taken back");
        }
        self.waiting.extend(changes.events.iter().cloned());
    }

    /// Time passes to `now`: what lies two frames before it has been carried out.
    fn hear(&mut self, now: f64) {
        let (heard, waiting): (Vec<Timed>, Vec<Timed>) =
            self.waiting.drain(..).partition(|event| event.seconds < now - ONE_FRAME);
        self.waiting = waiting;
        self.heard.extend(heard);
        self.heard.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    }

    /// What each slot did, in order.
    fn by_slot(&self) -> BTreeMap<SlotId, Vec<String>> {
        let mut slots: BTreeMap<SlotId, Vec<String>> = BTreeMap::new();
        for event in &self.heard {
            let line = format!("{} {} {:?}", event.seconds, event.beat, event.action);
            slots.entry(event.slot).or_default().push(line);
        }
        slots
    }
}

/// The two halves, and somebody who listens.
pub struct Live {
    pub planner: Planner,
    pub sequencer: Sequencer,
    receiver: Receiver,
    horizon: f64,
}

impl Live {
    pub fn new(horizon: f64) -> Live {
        let (planner, sequencer, receiver) = (Planner::new(), Sequencer::new(), Receiver::default());
        Live { planner, sequencer, receiver, horizon }
    }

    fn propose(&mut self, generation: Generation, now: f64) -> Option<Entered> {
        self.let_in(generation, Entrance::Boundary, now)
    }

    pub fn let_in(&mut self, generation: Generation, entrance: Entrance, now: f64) -> Option<Entered> {
        let prepared = self.planner.prepare(generation, entrance, &self.sequencer.ground(), now).ok()?;
        Some(self.enter(prepared, now))
    }

    pub fn enter(&mut self, prepared: Prepared, now: f64) -> Entered {
        let Prepared { outline, stretches, not_before, .. } = prepared;
        self.sequencer.enter(outline, stretches, now, not_before)
    }

    /// Time passes from `from` to `until`, and the plan is written.
    pub fn play(&mut self, from: f64, until: f64) {
        let ticks = ((until - from) / 0.01).ceil().max(1.0);
        for tick in 1..=ticks as u32 {
            let now = from + (until - from) * f64::from(tick) / ticks;
            self.write(now);
            self.fill(now);
        }
    }

    /// What each slot did until a second, in order.
    pub fn heard_until(mut self, seconds: f64) -> BTreeMap<SlotId, Vec<String>> {
        self.receiver.hear(seconds + ONE_FRAME);
        self.receiver.by_slot()
    }

    /// Writes the plan ahead, bar by bar, and lets what failed come back. What changes is sent at once.
    fn write(&mut self, now: f64) {
        for used in self.sequencer.in_use(now + WRITTEN) {
            for bar in used.from..=used.to {
                if self.sequencer.has(used.content, bar) && self.planner.knows(used.content, bar) {
                    continue;
                }
                if let Some(stretch) = self.planner.write(used.content, bar, used.drafts) {
                    self.sequencer.insert(stretch, now);
                }
                for (content, fault) in self.planner.take_faults() {
                    let _told = fault;
                    let not_before = used.start_of(bar);
                    let ground = self.sequencer.ground();
                    if let Some(good) = self.planner.come_back(content, &ground, now, not_before) {
                        self.sequencer.enter(good.outline, good.stretches, now, not_before);
                    }
                }
            }
        }
        self.fill(now);
    }

    fn carry_out(&mut self, changes: Changes, now: f64) {
        for began in &changes.began {
            self.planner.began(began.generation);
        }
        self.receiver.hear(now);
        let ground = self.sequencer.ground();
        for (content, not_before) in self.planner.take_begun_failures() {
            if let Some(good) = self.planner.come_back(content, &ground, now, not_before) {
                self.sequencer.enter(good.outline, good.stretches, now, not_before);
            }
        }
        self.receiver.take_in(&changes);
        let uses = self.sequencer.in_use(now);
        self.planner.retain(&uses.iter().map(|used| (used.content, used.from)).collect::<Vec<_>>());
    }

    fn fill(&mut self, now: f64) {
        let changes = self.sequencer.fill(now, self.horizon);
        self.carry_out(changes, now);
    }

    fn hush(&mut self, now: f64) {
        let changes = self.sequencer.hush(now);
        self.planner.hush();
        self.carry_out(changes, now);
    }
}

#[derive(Debug, Clone)]
enum Step {
    Edit {
        voices: Vec<Voice>,
        bpm: f64,
        quantum: Quantum,
        own: Option<Quantum>,
        restart: bool,
        moves: Vec<f64>,
    },
    /// Time passes, in so many looks at the clock; the plan is written on after `written` of them.
    Pass {
        seconds: f64,
        looks: u32,
        written: u32,
    },
    Hush,
    Skip {
        seconds: f64,
    },
}

fn quantum() -> impl Strategy<Value = Quantum> {
    prop_oneof![
        3 => Just(Quantum::Now),
        1 => Just(Quantum::Fraction(Beat::new(1, 4))),
        2 => Just(Quantum::Beat),
        1 => Just(Quantum::Bar),
        1 => Just(Quantum::Bars(2)),
    ]
}

/// Tempos by the quarter of a beat: in a third of all edits the tempo moves.
fn moves() -> impl Strategy<Value = Vec<f64>> {
    prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(40.0..300.0f64, 1..40)]
}

fn curve(moves: &[f64]) -> Option<Arc<TempoCurve>> {
    let tempos: Vec<Tempo> = moves.iter().filter_map(|bpm| Tempo::new(*bpm)).collect();
    TempoCurve::new(&tempos).map(Arc::new)
}

fn step() -> impl Strategy<Value = Step> {
    let edit = (
        prop::collection::vec(voice(), 0..4),
        40.0..300.0f64,
        quantum(),
        prop::option::weighted(0.3, quantum()),
        prop::bool::weighted(0.2),
        moves(),
    );
    prop_oneof![
        6 => edit.prop_map(|(voices, bpm, quantum, own, restart, moves)| {
            Step::Edit { voices, bpm, quantum, own, restart, moves }
        }),
        9 => (0.001..1.5f64, 1..30u32, 0..3u32)
            .prop_map(|(seconds, looks, written)| Step::Pass { seconds, looks, written }),
        1 => Just(Step::Hush),
        1 => (0.3..5.0f64).prop_map(|seconds| Step::Skip { seconds }),
    ]
}

fn perform(steps: &[Step], horizon: f64) -> Receiver {
    let mut live = Live::new(horizon);
    let mut now = 0.0;
    for step in steps {
        match step {
            Step::Edit { voices, bpm, quantum, own, restart, moves } => {
                let mut generation = declared(voices, *bpm, *quantum);
                generation.tempo_moves = curve(moves);
                for (i, slot) in generation.slots.iter_mut().enumerate() {
                    slot.quantum = own.filter(|_| i == 0);
                    slot.restart = *restart;
                }
                live.propose(generation, now);
                live.fill(now);
            }
            Step::Pass { seconds, looks, written } => {
                let began = now;
                for look in 1..=*looks {
                    now = began + seconds * f64::from(look) / f64::from(*looks);
                    live.fill(now);
                    if look <= *written {
                        live.write(now);
                    }
                }
            }
            Step::Hush => live.hush(now),
            Step::Skip { seconds } => {
                // The whole process stood still: nothing that was sent was heard meanwhile.
                now += seconds;
                let changes = live.sequencer.skip(now);
                live.receiver.take_in(&changes);
                live.carry_out(Changes { events: Vec::new(), retractions: Vec::new(), ..changes }, now);
            }
        }
    }
    live.hush(now);
    live.receiver.hear(f64::INFINITY);
    live.receiver
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_heard_is_what_is_played_without_a_horizon(
        steps in prop::collection::vec(step(), 1..25), horizon in 0.0..1.0f64,
    ) {
        prop_assert_eq!(perform(&steps, horizon).by_slot(), perform(&steps, 0.0).by_slot());
    }

    #[test]
    fn every_note_that_is_heard_ends_once(
        steps in prop::collection::vec(step(), 1..25), horizon in 0.0..1.0f64,
    ) {
        let receiver = perform(&steps, horizon);
        let mut sounding = std::collections::HashMap::new();
        for event in &receiver.heard {
            match &event.action {
                Action::NoteOn { id, .. } => {
                    prop_assert!(sounding.insert(*id, event.seconds).is_none(), "{id:?} is struck twice");
                }
                Action::NoteOff { id, .. } => {
                    prop_assert!(sounding.remove(id).is_some(), "{id:?} ends unstruck");
                }
                _ => {}
            }
        }
        prop_assert!(sounding.is_empty(), "hanging: {sounding:?}");
    }

    #[test]
    fn a_plan_that_is_written_in_time_is_what_is_rendered(
        voices in prop::collection::vec(voice(), 1..4), bpm in 40.0..300.0f64, horizon in 0.0..1.0f64,
        moves in moves(),
    ) {
        let voices: Vec<Voice> = voices.into_iter().map(|voice| voice.punctual()).collect();
        let generation =
            || Generation { tempo_moves: curve(&moves), ..declared(&voices, bpm, Quantum::Bar) };
        let mut rendered = Performance::new();
        rendered.propose(generation(), 0.0).expect("accepted");
        let events = rendered.fill(8.0).events;
        let mut live = Live::new(horizon);
        live.propose(generation(), 0.0).expect("accepted");
        for tick in 0..=800 {
            let now = f64::from(tick) * 0.01;
            live.write(now);
            live.fill(now);
        }
        live.receiver.hear(8.0 + ONE_FRAME);
        let line = |event: &Timed| format!("{event:?}");
        let heard: Vec<String> = live.receiver.heard.iter().map(line).collect();
        let events: Vec<String> = events.iter().filter(|event| event.seconds < 8.0).map(line).collect();
        prop_assert_eq!(heard, events);
    }
}

pub fn quarter(base: u8) -> Pattern<lilt_score::Controls> {
    steps(Beat::ONE, Beat::ZERO, Beat::ONE, base)
}

/// Plays `first` to second `edit`, then `next`, to second `end`; lines of what was heard from the edit on.
fn edited(first: Generation, edit: f64, next: Generation, end: f64) -> (Entered, Vec<String>) {
    let mut live = Live::new(0.5);
    live.propose(first, 0.0).expect("accepted");
    let mut entered = None;
    let mut next = Some(next);
    let mut now = 0.0;
    while now < end {
        if now >= edit
            && let Some(next) = next.take()
        {
            live.receiver.heard.clear();
            entered = live.propose(next, now);
        }
        live.fill(now);
        live.write(now);
        now += 0.01;
    }
    live.receiver.hear(end);
    let view = live.sequencer.view();
    let tone = |event: &Timed| match &event.action {
        Action::NoteOn { strike, .. } => {
            let name = view.slot_name(event.slot).unwrap_or("?");
            Some(format!("{} {name} on {}", event.beat, strike.tone))
        }
        Action::NoteOff { tone, .. } => {
            Some(format!("{} {} off {tone}", event.beat, view.slot_name(event.slot).unwrap_or("?")))
        }
        Action::Control { control, value, .. } => Some(format!("{} {} {value}", event.beat, control.name())),
        _ => None,
    };
    (entered.expect("an edit was made"), live.receiver.heard.iter().filter_map(tone).collect())
}

#[test]
fn an_edit_at_once_enters_with_the_next_event_in_phase() {
    let now = |slots| Generation { quantum: Quantum::Now, ..generation(slots) };
    let first = now(vec![slot("lead", 1, quarter(60))]);
    let next = now(vec![slot("lead", 2, steps(Beat::new(1, 2), Beat::ZERO, Beat::new(1, 2), 72))]);
    let (entered, heard) = edited(first, 0.6, next, 1.3);
    assert_eq!(entered.boundary, Beat::new(6, 5), "at second 0.6");
    assert_eq!(
        heard,
        [
            "3/2 lead off c#4",
            "3/2 lead on eb5",
            "2 lead off eb5",
            "2 lead on e5",
            "5/2 lead off e5",
            "5/2 lead on c5"
        ]
    );
}

#[test]
fn controls_of_what_sounds_change_at_once() {
    let long = || steps(Beat::whole(16), Beat::ZERO, Beat::whole(16), 60);
    let now = |slots| Generation { quantum: Quantum::Now, ..generation(slots) };
    let louder = Strip::new().with(Control::GAIN, Pattern::steady(1.5));
    let next = now(vec![SlotSpec { strip: louder, ..slot("pad", 2, long()) }]);
    let (_, heard) = edited(now(vec![slot("pad", 1, long())]), 1.0, next, 3.0);
    assert_eq!(heard, ["2 gain 1.5"], "and the note goes on");
}

#[test]
fn a_slot_has_a_boundary_of_its_own() {
    let bass = || slot("bass", 7, quarter(30));
    let next = SlotSpec { quantum: Some(Quantum::Beat), ..slot("lead", 2, quarter(72)) };
    let other = slot("bass", 8, quarter(40));
    let (entered, heard) = edited(
        generation(vec![slot("lead", 1, quarter(60)), bass()]),
        0.6,
        generation(vec![next, other]),
        2.4,
    );
    assert_eq!(entered.boundary, Beat::whole(2));
    let began: Vec<&String> = heard.iter().filter(|line| line.contains(" on ")).collect();
    assert_eq!(
        began,
        ["2 bass on ab1", "2 lead on d5", "3 lead on eb5", "3 bass on a1", "4 lead on e5", "4 bass on ab2"]
    );
}

#[test]
fn new_material_can_begin_at_its_first_note() {
    let tune =
        |restart| SlotSpec { restart, ..slot("lead", 2, steps(Beat::whole(16), Beat::ONE, Beat::ONE, 72)) };
    let (_, heard) =
        edited(generation(vec![slot("lead", 1, quarter(60))]), 1.0, generation(vec![tune(true)]), 3.3);
    let began: Vec<&String> = heard.iter().filter(|line| line.contains(" on ")).collect();
    assert_eq!(
        began,
        ["2 lead on d4", "3 lead on eb4", "5 lead on c5"],
        "its beat 1 falls a beat after the boundary at 4"
    );
}

#[test]
fn a_plan_that_runs_out_repeats_its_last_bar() {
    let mut live = Live::new(0.1);
    live.propose(generation(vec![slot("lead", 1, steps(Beat::new(3, 2), Beat::ZERO, Beat::ONE, 60))]), 0.0);
    for tick in 0..900 {
        live.fill(f64::from(tick) * 0.01);
    }
    assert_eq!(live.sequencer.view().slots().next().map(|slot| slot.rung), Some(Rung::Loop));
    live.write(9.0);
    for tick in 900..1100 {
        live.fill(f64::from(tick) * 0.01);
    }
    assert_eq!(live.sequencer.view().slots().next().map(|slot| slot.rung), Some(Rung::Fresh));
}

#[test]
fn a_planner_in_the_place_of_another_is_not_mixed_up_with_it() {
    let notes = |base| generation(vec![slot("lead", 1, steps(Beat::ONE, Beat::ZERO, Beat::new(1, 2), base))]);
    let mut live = Live::new(0.1);
    let first = live.propose(notes(60), 0.0).expect("accepted").generation;
    for tick in 0..500 {
        live.fill(f64::from(tick) * 0.01);
    }
    let old = live.sequencer.in_use(5.0 + WRITTEN);
    live.planner = Planner::after(&live.planner);
    for used in &old {
        assert!(
            live.planner.write(used.content, used.to, true).is_none(),
            "nothing is known of the old plan"
        );
        assert!(live.planner.knows(used.content, used.to), "and nothing asked");
    }
    let second = live.propose(notes(72), 5.0).expect("accepted").generation;
    assert!(second > first, "{second:?} after {first:?}");
    live.write(5.0);
    for tick in 500..900 {
        live.fill(f64::from(tick) * 0.01);
    }
    live.receiver.hear(9.0);
    let pitches: Vec<(Beat, Tone)> = live
        .receiver
        .heard
        .iter()
        .filter_map(|event| match event.action {
            Action::NoteOn { ref strike, .. } => Some((event.beat, strike.tone)),
            _ => None,
        })
        .collect();
    let beats: Vec<Beat> = pitches.iter().map(|(beat, _)| *beat).collect();
    assert_eq!(beats, (0..18).map(Beat::whole).collect::<Vec<_>>(), "no beat is missed or doubled");
    let low = |tone: &Tone| matches!(tone, Tone::Pitch(pitch) if pitch.midi() < 70.0);
    let changes: Vec<bool> = pitches.windows(2).map(|pair| low(&pair[0].1) && !low(&pair[1].1)).collect();
    assert_eq!(changes.iter().filter(|changed| **changed).count(), 1, "{pitches:?}");
}

#[test]
fn a_sequencer_in_the_place_of_another_goes_on_in_the_same_beat() {
    let mut live = Live::new(0.5);
    let loud = Strip::new().with(Control::GAIN, Pattern::steady(1.5));
    live.propose(generation(vec![SlotSpec { strip: loud, ..slot("lead", 1, quarter(60)) }]), 0.0);
    let play = |live: &mut Live, ticks: std::ops::Range<u32>| {
        for tick in ticks {
            live.write(f64::from(tick) * 0.01);
        }
    };
    play(&mut live, 0..131);
    // What was sent is taken back, and what sounds is ended.
    live.receiver.waiting.retain(|event| event.seconds < 1.3);
    live.sequencer = Sequencer::after(std::mem::take(&mut live.sequencer), 1.3);
    play(&mut live, 131..400);
    live.receiver.hear(3.9);
    let mut ids = std::collections::HashSet::new();
    let (mut beats, mut gains) = (Vec::new(), Vec::new());
    for event in &live.receiver.heard {
        match &event.action {
            Action::NoteOn { id, .. } => {
                assert!(ids.insert(*id), "{id:?} is given twice");
                beats.push(event.beat);
            }
            Action::Control { control: Control::GAIN, value, .. } => gains.push((event.beat, *value)),
            _ => {}
        }
    }
    assert_eq!(beats, (0..8).map(Beat::whole).collect::<Vec<_>>(), "no beat is missed or doubled");
    // Second 1.3 is beat 2.6.
    assert_eq!(gains, [(Beat::ZERO, 1.5), (Beat::new(13, 5), 1.5)], "where it stands is told anew");
}

#[test]
fn what_was_not_written_in_time_is_heard_as_soon_as_it_is() {
    let mut live = Live::new(0.1);
    let first = generation(vec![slot("lead", 1, steps(Beat::new(1, 4), Beat::ZERO, Beat::new(1, 4), 60))]);
    let prepared =
        live.planner.prepare(first, Entrance::Boundary, &live.sequencer.ground(), 0.0).expect("good");
    live.sequencer.enter(prepared.outline, Vec::new(), 0.0, Beat::ZERO);
    for tick in 0..120 {
        let now = f64::from(tick) * 0.01;
        if tick == 62 {
            live.write(now);
        }
        live.fill(now);
    }
    let begins = |event: &&Timed| matches!(event.action, Action::NoteOn { .. });
    let first = live.receiver.heard.iter().find(begins).map(|event| event.beat);
    assert_eq!(first, Some(Beat::new(5, 4)), "written at beat 1.24, and not only at the bar line");
}

#[test]
fn what_fails_ahead_of_its_generation_gives_way_when_it_plays() {
    let phrase = |slots| Generation { quantum: Quantum::Bars(4), ..at_tempo(480.0, slots) };
    let mut live = Live::new(0.1);
    live.propose(phrase(vec![slot("lead", 1, quarter(60))]), 0.0).expect("accepted");
    let bad = fails_from(quarter(72), Beat::whole(26));
    let mut bad = Some(phrase(vec![slot("lead", 2, bad)]));
    // At 480 bpm a bar takes half a second: the bar that fails is written while its generation waits.
    for tick in 0..600 {
        let now = f64::from(tick) * 0.01;
        if now > 0.5
            && let Some(bad) = bad.take()
        {
            live.propose(bad, now).expect("its first two bars are good");
        }
        live.write(now);
        live.fill(now);
    }
    assert_eq!(live.sequencer.view().playing().0, GenerationId(1), "the good one is back");
    let onsets = live.receiver.heard.iter().filter(|event| matches!(event.action, Action::NoteOn { .. }));
    let beats: Vec<i64> = onsets.map(|event| event.beat.floor()).collect();
    assert_eq!(beats, (0..beats.len() as i64).collect::<Vec<_>>(), "without a gap");
}

#[test]
fn what_was_silenced_does_not_come_back_by_itself() {
    let mut live = Live::new(0.1);
    live.propose(generation(vec![slot("loud", 1, quarter(60))]), 0.0).expect("accepted");
    for tick in 0..600 {
        let now = f64::from(tick) * 0.01;
        if tick == 100 {
            live.hush(now);
            live.receiver.heard.clear();
            let bad = fails_from(quarter(72), Beat::whole(13));
            live.propose(generation(vec![slot("lead", 2, bad)]), now).expect("its first two bars are good");
        }
        live.write(now);
        live.fill(now);
    }
    let names: Vec<String> = live.sequencer.view().slots().map(|slot| slot.name).collect();
    assert_eq!(names, ["lead"]);
}

#[test]
fn a_pause_over_a_boundary_lets_the_generation_in_at_its_end() {
    let mut live = Live::new(0.1);
    live.propose(generation(vec![slot("lead", 1, quarter(60))]), 0.0).expect("accepted");
    live.fill(0.0);
    live.fill(1.0);
    live.propose(at_tempo(240.0, vec![slot("lead", 2, quarter(72))]), 1.1).expect("accepted");
    live.write(1.1);
    // The bar line lies at second 2.
    let changes = live.sequencer.skip(3.0);
    live.carry_out(changes, 3.0);
    live.fill(3.01);
    assert_eq!(live.sequencer.view().playing().0, GenerationId(2));
    assert_eq!(live.sequencer.view().tempo_at(3.01), 240.0, "time went on at its tempo");
}

#[test]
fn one_evaluation_may_enter_at_once() {
    let phrase = |slots| Generation { quantum: Quantum::Bars(4), ..generation(slots) };
    let mut live = Live::new(0.5);
    live.propose(phrase(vec![slot("lead", 1, quarter(60))]), 0.0).expect("accepted");
    live.fill(0.0);
    live.fill(0.6);
    let next = phrase(vec![slot("lead", 2, quarter(72))]);
    let prepared = live.planner.prepare(next, Entrance::Now, &live.sequencer.ground(), 0.6).expect("good");
    let entered = live.sequencer.enter(prepared.outline, prepared.stretches, 0.6, Beat::ZERO);
    assert_eq!(entered.boundary, Beat::new(6, 5), "at second 0.6");
}
