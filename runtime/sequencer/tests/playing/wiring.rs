//! Buses and ducking: who goes where, and from when on.

use lilt_score::{Beat, Pattern};
use lilt_sequencer::*;

use crate::stage::*;

fn quarter(base: u8) -> Pattern<lilt_score::Controls> {
    steps(Beat::ONE, Beat::ZERO, Beat::ONE, base)
}

fn bus(name: &str, gain: f64) -> SlotSpec {
    let strip = Strip::new().with(lilt_score::Control::GAIN, Pattern::steady(gain));
    let fingerprint = 100 + (gain * 100.0) as u64;
    SlotSpec { output: Output::Bus, strip, ..slot(name, fingerprint, Pattern::silence()) }
}

fn kick(fingerprint: u64, to: Option<&str>) -> SlotSpec {
    let wiring = Wiring { to: to.map(Into::into), duck: None };
    SlotSpec { wiring, ..slot("kick", fingerprint, quarter(36)) }
}

fn pad(fingerprint: u64, under: Option<&str>) -> SlotSpec {
    let how = Ducking { by: DuckBy::Notes, depth: 0.8, attack: 0.01, release: 0.2 };
    let wiring = Wiring { to: None, duck: under.map(|under| (under.into(), how)) };
    SlotSpec { wiring, ..slot("pad", fingerprint, quarter(60)) }
}

/// What is told of routes, gains, buses and ducking; the neutral rest and the notes are left out.
fn told(events: &[Timed], sequencer: &Performance) -> Vec<String> {
    let wanted = [" to ", " ducks ", " fade ", " gain 0."];
    let lines = text(events, sequencer).into_iter();
    lines.filter(|line| wanted.iter().any(|word| line.contains(word))).collect()
}

#[test]
fn a_slot_goes_to_its_bus_and_ducks_and_leaves_both() {
    let mut sequencer = Performance::new();
    let first = vec![kick(1, Some("drums")), bus("drums", 0.5), pad(2, Some("kick"))];
    sequencer.propose(generation(first), 0.0).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(2)).events;
    assert_eq!(
        told(&events, &sequencer),
        ["0 kick to drums", "0 pad ducks 0.8 under kick", "0 drums gain 0.5"]
    );
    let second = vec![kick(3, None), pad(4, None)];
    sequencer.propose(generation(second), 1.0).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(6)).events;
    let lines = told(&events, &sequencer);
    assert_eq!(lines, ["4 drums fade 0.5", "4 kick to the master", "4 pad ducks no longer"]);
    // It comes back: all is told again.
    let third = vec![kick(1, Some("drums")), bus("drums", 0.5), pad(2, Some("kick"))];
    sequencer.propose(generation(third), 3.0).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(10)).events;
    let lines = told(&events, &sequencer);
    assert_eq!(lines, ["8 kick to drums", "8 pad ducks 0.8 under kick", "8 drums gain 0.5"]);
}

#[test]
fn a_slot_that_comes_back_is_wired_again() {
    let mut sequencer = Performance::new();
    let all = || vec![kick(1, Some("drums")), bus("drums", 0.5), pad(2, None)];
    sequencer.propose(generation(all()), 0.0).expect("accepted");
    sequencer.fill_to(Beat::whole(2));
    sequencer.propose(generation(vec![pad(2, None)]), 1.0).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(6)).events;
    assert_eq!(told(&events, &sequencer), ["4 kick fade 0.5", "4 drums fade 0.5"]);
    sequencer.propose(generation(all()), 3.0).expect("accepted");
    let events = sequencer.fill_to(Beat::whole(10)).events;
    assert_eq!(told(&events, &sequencer), ["8 kick to drums", "8 kick ducks no longer", "8 drums gain 0.5"]);
}

#[test]
fn buses_are_counted_apart_and_never_left_out_by_a_solo() {
    let mut slots: Vec<SlotSpec> = (0..17).map(|n| bus(&format!("bus {n}"), 0.5)).collect();
    let refused = Performance::new().propose(generation(slots.clone()), 0.0).expect_err("too many");
    assert_eq!(refused.to_string(), "17 buses: a script may have 16 at most; send more slots to one bus");
    slots.truncate(1);
    slots.push(SlotSpec { solo: true, ..slot("lead", 9, quarter(60)) });
    let mut sequencer = Performance::new();
    sequencer.propose(generation(slots), 0.0).expect("accepted");
    sequencer.fill_to(Beat::ONE);
    let audible: Vec<bool> = sequencer.slots().map(|slot| slot.audible).collect();
    assert_eq!(audible, [true, true]);
}
