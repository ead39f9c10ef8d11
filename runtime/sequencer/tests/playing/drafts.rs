//! A slot whose take is late plays its draft, and the take from the boundary after it is there.

use std::cell::RefCell;
use std::rc::Rc;

use crate::stage::*;
use lilt_score::{Beat, Context, Controls, Event, Pattern};
use lilt_sequencer::*;

/// A note in each half bar.
fn halves(base: u8) -> Pattern<Controls> {
    steps(Beat::whole(2), Beat::ZERO, Beat::ONE, base)
}

/// A note in each bar.
fn bars(base: u8) -> Pattern<Controls> {
    steps(Beat::whole(4), Beat::ZERO, Beat::ONE, base)
}

/// A note in each bar, with a draft in halves.
fn drafted_bars() -> (Pattern<Controls>, Rc<RefCell<bool>>) {
    drafted(bars(72), halves(60))
}

fn rung(sequencer: &Performance) -> Option<Rung> {
    sequencer.view().slots().next().map(|slot| slot.rung)
}

fn play(sequencer: &mut Performance, to: i64) -> Vec<String> {
    let events = sequencer.fill_to(Beat::whole(to)).events;
    onsets(&events, sequencer, "lead")
}

#[test]
fn a_draft_plays_until_the_boundary_after_the_take_is_there() {
    let (notes, ready) = drafted_bars();
    let mut sequencer = Performance::new();
    let proposal = sequencer.propose(generation(vec![slot("lead", 1, notes)]), 0.0).expect("accepted");
    assert_eq!(proposal.late, ["lead"]);
    assert_eq!(play(&mut sequencer, 6), ["0", "2", "4"]);
    assert_eq!(rung(&sequencer), Some(Rung::Draft));
    *ready.borrow_mut() = true;
    sequencer.arrived();
    assert_eq!(play(&mut sequencer, 13), ["6", "8", "12"], "not before the bar");
    assert_eq!(rung(&sequencer), Some(Rung::Fresh));
}

#[test]
fn a_draft_goes_on_where_boundaries_are_far_apart() {
    let (notes, ready) = drafted_bars();
    let far = |slots| Generation { quantum: Quantum::Bars(4), ..generation(slots) };
    let mut sequencer = Performance::new();
    sequencer.propose(far(vec![slot("lead", 1, notes)]), 0.0).expect("accepted");
    sequencer.fill_to(Beat::whole(3));
    *ready.borrow_mut() = true;
    sequencer.arrived();
    assert_eq!(play(&mut sequencer, 25), ["4", "6", "8", "10", "12", "14", "16", "20", "24"]);
}

#[test]
fn a_draft_is_nearer_than_what_played_before_and_is_worth_coming_back_to() {
    let mut sequencer = Performance::new();
    sequencer.propose(generation(vec![slot("lead", 1, halves(50))]), 0.0).expect("accepted");
    sequencer.fill_to(Beat::whole(1));
    let (first, _first_ready) = drafted_bars();
    sequencer.propose(generation(vec![slot("lead", 2, first)]), 0.5).expect("accepted");
    sequencer.fill_to(Beat::whole(5));
    assert_eq!(rung(&sequencer), Some(Rung::Draft));

    let (second, ready) = late(halves(40));
    sequencer.propose(generation(vec![slot("lead", 3, second)]), 2.5).expect("accepted");
    assert_eq!(play(&mut sequencer, 11), ["6", "8", "10"]);
    assert_eq!(rung(&sequencer), Some(Rung::Stale), "the draft of the take before");
    *ready.borrow_mut() = true;
    sequencer.arrived();
    sequencer.fill_to(Beat::whole(13));
    assert_eq!(rung(&sequencer), Some(Rung::Fresh));
}

#[test]
fn what_surprises_is_told_of_the_take_and_not_of_its_draft() {
    let scored = Pattern::new(|query| {
        let events = bars(72).query(query).unwrap_or_default();
        let told = |event| Event { context: Context::none().surprising(2.5), ..event };
        events.into_iter().map(told).collect()
    });
    let (notes, ready) = drafted(scored, halves(60));
    let spec = slot("lead", 1, notes);
    let mut sequencer = Performance::new();
    sequencer.propose(generation(vec![spec]), 0.0).expect("accepted");
    let told =
        |sequencer: &Performance| sequencer.view().slots().next().map(|slot| (slot.rung, slot.surprise));
    sequencer.fill_to(Beat::whole(1));
    assert_eq!(told(&sequencer), Some((Rung::Draft, None)));
    *ready.borrow_mut() = true;
    sequencer.arrived();
    sequencer.fill_to(Beat::whole(5));
    assert_eq!(told(&sequencer), Some((Rung::Fresh, Some(2.5))));
}
