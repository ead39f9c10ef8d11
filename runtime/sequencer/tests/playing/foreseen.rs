//! A generation that is let in before its time: it enters at the first boundary after that, however long before it was
//! there, and leaves no trace where it is taken back.

use crate::invariants::{Voice, declared, voice};
use crate::live::Live;
use crate::stage::{generation, slot, steps};
use lilt_score::Beat;
use lilt_sequencer::*;
use proptest::prelude::*;

/// Quarter notes a minute, so that a beat is half a second.
const BPM: f64 = 120.0;
/// How long a performance is listened to, in seconds.
const END: f64 = 6.0;
/// How soon before a boundary nothing can be let in or taken back any more, in seconds.
const CERTAIN: f64 = 0.02;

fn voices() -> impl Strategy<Value = Vec<Voice>> {
    prop::collection::vec(voice().prop_map(Voice::punctual), 1..3)
}

fn beat(at: i64) -> Beat {
    Beat::new(at, 960)
}

fn seconds(beat: Beat) -> f64 {
    beat.to_f64() * 60.0 / BPM
}

/// A performance of `before` that has played to `now`.
fn playing(before: &[Voice], now: f64) -> Live {
    let mut live = Live::new(0.12);
    live.let_in(declared(before, BPM, Quantum::Beat), Entrance::Boundary, 0.0).expect("accepted");
    live.play(0.0, now);
    live
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn it_enters_where_it_would_had_it_come_then(
        before in voices(), next in voices(), over in 960..5_000i64, lead in 0.0..1.0f64,
    ) {
        let over = beat(over);
        let letting_in = (seconds(over) - lead).max(0.1);
        let mut foreseen = playing(&before, letting_in);
        let entered = foreseen
            .let_in(declared(&next, BPM, Quantum::Beat), Entrance::From(over), letting_in)
            .expect("accepted");
        prop_assert_eq!(entered.boundary, Beat::whole(over.ceil()));
        foreseen.play(letting_in, END);
        // One that is let in shortly before that boundary, and without any foresight.
        let last = entered.seconds - CERTAIN;
        let mut known = playing(&before, last);
        known.let_in(declared(&next, BPM, Quantum::Beat), Entrance::Boundary, last).expect("accepted");
        known.play(last, END);
        prop_assert_eq!(foreseen.heard_until(END), known.heard_until(END));
    }

    #[test]
    fn what_is_taken_back_leaves_no_trace(
        before in voices(), next in voices(), over in 960..5_000i64, lead in 0.1..1.0f64, share in 0.0..1.0f64,
    ) {
        let over = beat(over);
        let letting_in = (seconds(over) - lead).max(0.1);
        let mut live = playing(&before, letting_in);
        let prepared = live.planner.prepare(
            declared(&next, BPM, Quantum::Beat), Entrance::From(over), &live.sequencer.ground(), letting_in,
        ).expect("accepted");
        let id = prepared.outline.id;
        live.enter(prepared, letting_in);
        let taking_back = letting_in + share * (seconds(over) - CERTAIN - letting_in).max(0.0);
        live.play(letting_in, taking_back);
        let ground = live.sequencer.ground();
        let withdrawn = live.planner.withdraw(id, &ground, taking_back).expect("it does not play yet");
        live.enter(withdrawn, taking_back);
        live.play(taking_back, END);
        let mut alone = playing(&before, END);
        alone.play(END, END + 0.1);
        live.play(END, END + 0.1);
        prop_assert_eq!(live.heard_until(END), alone.heard_until(END));
    }
}

#[test]
fn only_what_does_not_play_yet_is_taken_back() {
    let mut live = Live::new(0.12);
    let music = |fingerprint| {
        let lead = slot("lead", fingerprint, steps(Beat::ONE, Beat::ZERO, Beat::ONE, 60));
        Generation { quantum: Quantum::Beat, ..generation(vec![lead]) }
    };
    let entered = live.let_in(music(1), Entrance::Boundary, 0.0).expect("accepted");
    let ground = live.sequencer.ground();
    assert!(live.planner.withdraw(entered.generation, &ground, 0.0).is_none(), "nothing was before it");
    live.play(0.0, 0.3);
    let second = live.let_in(music(2), Entrance::From(Beat::ONE), 0.3).expect("accepted");
    live.play(0.3, 0.7);
    let ground = live.sequencer.ground();
    assert!(live.planner.withdraw(second.generation, &ground, 0.7).is_none(), "it plays");
}
