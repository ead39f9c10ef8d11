//! Buses and ducking as scripts declare them.

mod parrot;

use lilt_sequencer::{DuckBy, Ducking, Generation, Output, Part};
use parrot::{control, generation};

/// Name, bus, and under whom each slot ducks.
fn wired(generation: &Generation) -> Vec<String> {
    let told = |slot: &lilt_sequencer::SlotSpec| {
        let bus = if slot.output == Output::Bus { " is a bus" } else { "" };
        let to = slot.wiring.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
        let duck = slot.wiring.duck.as_ref().map(|(under, _)| format!(" under {under}")).unwrap_or_default();
        format!("{}{bus}{to}{duck}", slot.name)
    };
    generation.slots.iter().map(told).collect()
}

#[test]
fn slots_go_to_buses_and_duck() {
    let generation = generation(
        r#"play("kick", drums "bd*4"):to "drums"
        bus("drums"):gain(0.8):compressor("0.2 0.4"):to "all"
        play("pad", "c4"):to(bus "pads"):duck("kick", { depth = 0.9, attack = 0.005, by = "level" })"#,
    );
    assert_eq!(
        wired(&generation),
        ["kick to drums", "drums is a bus to all", "pad to pads under kick", "pads is a bus", "all is a bus"]
    );
    let duck = generation.slots[2].wiring.duck.as_ref().map(|(_, how)| *how);
    assert_eq!(duck, Some(Ducking { by: DuckBy::Level, depth: 0.9, attack: 0.005, release: 0.2 }));
    assert_eq!(control(&generation.slots[1], "gain").steady_value(), Some(&0.8));
    assert!(matches!(&generation.slots[1].part, Part::Notes(_)));
}

#[test]
fn silence_and_solo_of_a_bus_are_for_what_goes_to_it() {
    let silent = |text: &str| -> Vec<(bool, bool)> {
        generation(text).slots.iter().map(|slot| (slot.silent, slot.solo)).collect()
    };
    let text = "play(\"a\", \"c4\"):to \"x\" play(\"b\", \"c4\") bus(\"x\"):to \"y\" ";
    assert_eq!(
        silent(&format!("{text}silence \"y\"")),
        [(true, false), (false, false), (true, false), (true, false)]
    );
    assert_eq!(
        silent(&format!("{text}solo \"x\"")),
        [(false, true), (false, false), (false, true), (false, false)]
    );
}

#[test]
fn the_wiring_is_part_of_what_a_slot_is() {
    let print = |text: &str| generation(&format!("play(\"k\", drums \"bd\") {text}")).slots[1].fingerprint;
    let plain = print("play(\"a\", \"c4\")");
    let others = [
        print("play(\"a\", \"c4\"):to \"x\""),
        print("play(\"a\", \"c4\"):to \"y\""),
        print("play(\"a\", \"c4\"):duck \"k\""),
        print("play(\"a\", \"c4\"):duck(\"k\", { depth = 0.5 })"),
    ];
    let mut all = [&[plain], &others[..]].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 5);
    assert_eq!(print("play(\"a\", \"c4\"):to \"x\""), others[0]);
}
