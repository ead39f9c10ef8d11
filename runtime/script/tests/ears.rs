//! What comes in from outside, as a script reads it.

mod parrot;

use lilt_score::{Control, Dial, Gesture, Input, Velocity};
use lilt_script::{Engine, KEYS, OSC};
use lilt_sequencer::{Action, Performance};
use parrot::{engine, printed};

fn input(source: &str, gesture: Gesture) -> Input {
    Input { seconds: 0.0, source: source.into(), gesture }
}

fn turn(dial: Dial, value: f64) -> Gesture {
    Gesture::Turn { dial, value }
}

fn press(key: u8) -> Gesture {
    Gesture::Press { key, velocity: Velocity::DEFAULT, channel: 0 }
}

fn release(key: u8) -> Gesture {
    Gesture::Release { key, channel: 0 }
}

/// A performance of the text.
fn performance(engine: &mut Engine, text: &str) -> Performance {
    let evaluation = engine.evaluate(text, "set.lua");
    let generation = evaluation.result.unwrap_or_else(|error| panic!("{}", error.render(text)));
    let mut performance = Performance::new();
    performance.propose(generation, 0.0).expect("plays");
    performance
}

/// Values of a control of the notes that are struck until `seconds`.
fn struck(performance: &mut Performance, seconds: f64, control: Control) -> Vec<f64> {
    let events = performance.fill(seconds).events;
    let numbers = events.iter().filter_map(|event| match &event.action {
        Action::NoteOn { strike, .. } => strike.number(control),
        _ => None,
    });
    numbers.collect()
}

#[test]
fn knobs_stand_wherever_a_pattern_may() {
    let text =
        "play(\"a\", notes(\"c4*4\"):cutoff(cc(74, 0.5):range(200, 4200)):pan(midi_in(\"Keys\"):bend()))";
    let mut engine = engine();
    let mut performance = performance(&mut engine, text);
    assert_eq!(struck(&mut performance, 0.9, Control::CUTOFF), [2_200.0, 2_200.0]);
    engine.hear(&input("Knobs", turn(Dial::Controller(74), 1.0)), 1.8);
    performance.follow();
    assert_eq!(struck(&mut performance, 1.9, Control::CUTOFF), [4_200.0, 4_200.0]);
    engine.hear(&input("Pads", turn(Dial::Bend, -1.0)), 3.8);
    engine.hear(&input("Keys", turn(Dial::Bend, 1.0)), 3.8);
    performance.follow();
    assert_eq!(struck(&mut performance, 2.9, Control::PAN), [1.0, 1.0], "of one device alone");
    assert_eq!(engine.sources(), ["Keys".into()]);
}

#[test]
fn what_asks_for_a_knob_is_known() {
    let mut engine = engine();
    let mut performance =
        performance(&mut engine, "play(\"a\", notes(\"c4\"):gain(osc_in(\"/fader/1\", { unsaid = 0.3 })))");
    // Its first bars were asked for when it was tried.
    performance.follow();
    let (gains, heeded) = engine.heeding(|| struck(&mut performance, 0.1, Control::GAIN));
    assert_eq!(gains, [0.3]);
    let fader = |address: &str| turn(Dial::Address(address.into(), 0), 1.0);
    assert!(heeded.concerns(&input(OSC, fader("/fader/1"))));
    assert!(!heeded.concerns(&input(OSC, fader("/fader/2"))));
    assert!(!heeded.concerns(&input(OSC, press(60))));
    let (_, others) = engine.heeding(|| ());
    assert!(others.is_empty());
}

#[test]
fn what_is_played_is_a_clip_like_any_other() {
    let mut engine = engine();
    let ask = "local said = phrase { from = \"Keys\" } print(#said:notes(), said:length())\n\
               local last = played { bars = 1 } print(#last:notes(), last:length())\n\
               for _, note in ipairs(said:notes()) do print(note.pitch, note.start, note.duration) end";
    assert_eq!(printed(&mut engine, ask), "0\t4\n0\t4");
    for (beat, gesture) in [(1.02, press(60)), (1.9, release(60)), (2.1, press(64)), (3.4, release(64))] {
        engine.hear(&input("Keys", gesture), beat);
    }
    assert_eq!(engine.phrase_due(), Some(lilt_score::Beat::new(3744, 960)), "half a beat for `played`");
    engine.set_playhead(lilt_score::Beat::new(9, 2));
    assert_eq!(
        printed(&mut engine, ask),
        "2\t3\n2\t4\n60\t0\t1\n64\t1\t1.25",
        "a phrase begins with the beat of its first note"
    );
    assert_eq!(engine.phrase_due(), None, "it was asked for");
    assert_eq!(engine.sources(), ["Keys".into()]);
}

#[test]
fn slots_are_played_by_hand() {
    let mut engine = engine();
    for text in [
        "play(\"a\", midi_in \"Keys\"):on \"pad\"",
        "play(\"a\", midi_in(\"Keys\"):through())",
        "play(\"a\", \"c4 e4\"):through(midi_in \"Keys\")",
        "play(\"a\", \"c4 e4\"):through \"Keys\"",
    ] {
        let evaluation = engine.evaluate(text, "set.lua");
        let generation = evaluation.result.unwrap_or_else(|error| panic!("{}", error.render(text)));
        assert_eq!(generation.slots[0].hands.as_deref(), Some("Keys"), "{text}");
        assert_eq!(evaluation.notices, [], "{text}");
        assert_eq!(engine.sources(), ["Keys".into()], "{text}");
    }
    engine.evaluate("play(\"a\", keys_in())", "set.lua").result.expect("plays");
    assert_eq!(engine.sources(), [KEYS.into()]);
}

#[test]
fn notes_for_other_programs_go_where_the_script_says() {
    use lilt_sequencer::{OscShape, Output};
    let mut engine = engine();
    for (text, told) in [
        ("play(\"a\", \"c4\"):dirt()", ("127.0.0.1", 57_120, "/dirt/play", OscShape::Dirt, None)),
        (
            "play(\"a\", \"c4\"):dirt(\"superpiano\", { port = 57121 })",
            ("127.0.0.1", 57_121, "/dirt/play", OscShape::Dirt, Some("superpiano")),
        ),
        (
            "play(\"a\", \"c4\"):osc(\"localhost\", 9000, \"/play\")",
            ("localhost", 9_000, "/play", OscShape::Named, None),
        ),
    ] {
        let evaluation = engine.evaluate(text, "set.lua");
        let generation = evaluation.result.unwrap_or_else(|error| panic!("{}", error.render(text)));
        let Output::Osc(target) = &generation.slots[0].output else { panic!("{text}") };
        let sound = target.sound.as_deref();
        assert_eq!((&*target.host, target.port, &*target.path, target.shape, sound), told, "{text}");
    }
}

#[test]
fn chords_go_under_what_is_played() {
    let mut engine = engine();
    let mut performance = performance(&mut engine, "tempo(60) accompany { listen = midi_in \"Keys\" }");
    assert_eq!(engine.sources(), ["Keys".into()]);
    // The seconds are beats here, and the notes of all slots together.
    let keys = |performance: &mut Performance, until: f64| -> Vec<String> {
        let events = performance.fill(until).events;
        let struck = events.iter().filter_map(|event| match &event.action {
            Action::NoteOn { strike, .. } => Some(format!("{}:{}", event.seconds, strike.tone.key())),
            _ => None,
        });
        struck.collect()
    };
    assert_eq!(keys(&mut performance, 0.1), [""; 0], "nothing was played");
    for (beat, gesture) in [(0.2, press(60)), (1.5, release(60))] {
        engine.hear(&input("Keys", gesture), beat);
        performance.follow();
    }
    let mut chords = keys(&mut performance, 2.6);
    chords.sort();
    assert_eq!(chords, ["2:36", "2:48", "2:52", "2:55"], "the chord and its bass");
    engine.hear(&input("Keys", press(65)), 2.7);
    performance.follow();
    let mut chords = keys(&mut performance, 4.5);
    chords.sort();
    assert_eq!(chords, ["4:41", "4:48", "4:53", "4:57"]);
    // What comes within the beat before a chord is too late for it.
    engine.hear(&input("Keys", press(67)), 5.2);
    performance.follow();
    let mut chords = keys(&mut performance, 6.5);
    chords.sort();
    assert_eq!(chords, ["6:41", "6:48", "6:53", "6:57"]);
}

#[test]
fn what_an_accompaniment_cannot_be_is_told() {
    let mut engine = engine();
    for (text, told) in [
        ("accompaniment { lead = 0 }", "`lead` is 0: write a number from 1 to 4"),
        ("accompaniment { changes = 3 }", "`changes` is 3: write a whole number from 1 to 2"),
        (
            "accompaniment { part = \"drums\" }",
            "`part` expects \"chords\" or \"bass\", got the text \"drums\"",
        ),
        (
            "accompany { led = 1 }",
            "`accompany` has no option `led`: its options are bass, changes, keys, lead, listen, name",
        ),
    ] {
        let error = engine.evaluate(text, "set.lua").result.expect_err(text);
        assert_eq!(error.message, told, "{text}");
    }
}
