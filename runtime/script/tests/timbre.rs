//! `model "timbre"`: places that sound events, and what is said of what is none.

mod parrot;

use lilt_score::{Beat, Query, Span};
use lilt_sequencer::Output;
use parrot::{complaint, engine, generation};

/// The places of a slot's notes in its first bar: their numbers and onsets.
fn places(text: &str) -> Vec<(f32, f32)> {
    let generation = generation(text);
    let slot = generation.slots.last().expect("a slot");
    let lilt_sequencer::Part::Notes(pattern) = &slot.part else { panic!("no music") };
    let mut events =
        pattern.query(Query::new(Span::new(Beat::ZERO, Beat::whole(4)), Beat::whole(4))).expect("it plays");
    events.sort_by_key(|event| event.whole.map(|whole| whole.start));
    let place = |output: Option<Output>| match output {
        Some(Output::Timbre(place)) => (place.at()[0], place.onset()),
        other => panic!("no place: {other:?}"),
    };
    events.iter().map(|event| place(slot.output.playing(&event.value))).collect()
}

#[test]
fn notes_sound_at_places() {
    for (on, want) in [
        ("t:at(\"flute\")", vec![(1.0, 0.0), (1.0, 0.0)]),
        ("t:at(\"bell\"):onset(0.4)", vec![(2.0, 0.4), (2.0, 0.4)]),
        ("t:at(\"trombone\", \"flute\")", vec![(0.5, 0.0), (0.5, 0.0)]),
        ("t:at(\"trombone\", \"flute\", 0.25)", vec![(0.25, 0.0), (0.25, 0.0)]),
        ("t:at(\"flute\", \"moo\", \"0 1\")", vec![(1.0, 0.0), (3.0, 0.0)]),
        (
            "t:at(\"trombone\", \"flute\", function(beat) return beat / 4 end):onset(1)",
            vec![(0.0, 1.0), (0.5, 1.0)],
        ),
        ("t:sample { seed = 4 }", vec![(0.4, 0.0), (0.4, 0.0)]),
        ("t:interpolate(\"trombone\", \"bell\", { steps = 3 })[2]", vec![(1.0, 0.0), (1.0, 0.0)]),
        ("t:at(t:at(\"flute\", \"moo\"), \"trombone\", 0.5)", vec![(1.0, 0.0), (1.0, 0.0)]),
    ] {
        let text = format!("local t = model \"timbre\"\nplay(\"lead\", notes \"c4 e4\"):on({on})");
        assert_eq!(places(&text), want, "{on}");
        let text = format!("local t = model \"timbre\"\nplay(\"lead\", notes(\"c4 e4\"):sound({on}))");
        assert_eq!(places(&text), want, "{on}, as a verb");
    }
}

#[test]
fn an_edit_of_the_place_alone_changes_the_slot() {
    let print = |on: &str| {
        let text = format!("local t = model \"timbre\"\nplay(\"lead\", notes \"c4 e4\"):on({on})");
        generation(&text).slots[0].fingerprint
    };
    assert_eq!(print("t:at(\"flute\")"), print("t:at(\"flute\")"));
    assert_ne!(print("t:at(\"flute\")"), print("t:at(\"moo\")"));
    assert_ne!(print("t:at(\"flute\")"), print("t:at(\"flute\"):onset(0.1)"));
    assert_ne!(print("t:at(\"flute\", \"moo\", \"0 1\")"), print("t:at(\"flute\", \"moo\", \"1 0\")"));
}

#[test]
fn a_space_leans_toward_what_a_function_likes() {
    let at = |reward: &str, strength: u32| -> f32 {
        let seeds = 0..8;
        let all = seeds.map(|seed| {
            let leant = format!("t:tilt(function(sound) return {reward} end, {{ strength = {strength} }})");
            places(&format!(
                "local t = model \"timbre\"\nplay(\"x\", notes \"c4\"):on({leant}:sample {{ seed = {seed} }})"
            ))[0]
                .0
        });
        all.sum::<f32>() / 8.0
    };
    // Places of the palette are drawn evenly over all seeds, and are as bright as their number.
    let [dark, bright] = [at("-1e-17 * sound:brightness()", 50), at("1e-17 * sound:brightness()", 50)];
    assert!(bright > 1.5 * dark, "{dark} {bright}");
    assert_eq!(
        at("sound:noise()", 1),
        at("2 * sound:loudness()", 0),
        "what says the same of all leans nowhere"
    );
}

#[test]
fn what_is_no_place_is_said() {
    for (text, want) in [
        ("model(\"timbre\"):at(\"flut\")", "the space has no sound `flut`"),
        ("model(\"timbre\"):at(3)", "`at` expects a sound's name, as in \"trombone\", or a place, got 3"),
        ("model(\"timbre\"):at(\"flute\", \"moo\", 1.5)", "`at` is 1.5"),
        ("model(\"timbre\"):at(\"flute\", \"moo\", {})", "`at` expects a number"),
        ("model(\"timbre\"):at(\"flute\"):onset(-1)", "`onset` is -1"),
        ("model(\"timbre\"):near(\"flute\")", "a timbre has no `near`"),
        (
            "model(\"timbre\"):tilt(function(sound) return sound end):sample()",
            "must return a number, but it returned a sound",
        ),
        (
            "model(\"timbre\"):tilt(function(sound) return sound:bright() end):sample()",
            "a sound has no `bright`",
        ),
        ("model(\"timbre\"):tilt(3)", "`tilt` expects a function of a sound, got 3"),
        ("model(\"timbre\", { style = 1 })", "`model` has no option `style`"),
        ("model(\"timbre\"):interpolate(\"flute\", \"moo\", { steps = 1 })", "`steps` is 1"),
        (
            "local t = model \"timbre\" t:at(t:at(\"flute\", \"moo\", \"0 1\"), \"flute\")",
            "a place that moves is no end of a way",
        ),
    ] {
        let told = complaint(text);
        assert!(told.contains(want), "{text}: {told}");
    }
    let evaluation =
        engine().evaluate("print(#model(\"timbre\"):names(), model(\"timbre\"):at(\"bell\"))", "set.lua");
    assert_eq!(evaluation.printed, ["5\tbell"]);
}
