//! A tempo that moves, slots with a time of their own, and functions that are called bar by bar.

mod parrot;

use lilt_score::Beat;
use lilt_script::{Engine, Limits};
use lilt_sequencer::Performance;
use parrot::{engine, engine_with, evaluate, generation, played};

/// Seconds at which beats fall.
fn seconds(text: &str, beats: &[i64]) -> Vec<f64> {
    let mut performance = Performance::new();
    performance.propose(generation(text), 0.0).expect("accepted");
    performance.fill_to(Beat::whole(512));
    beats.iter().map(|beat| performance.view().seconds_at(Beat::whole(*beat))).collect()
}

fn near(found: &[f64], expected: &[f64]) {
    let same = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-3);
    assert!(same, "{found:?}, expected {expected:?}");
}

#[test]
fn a_tempo_follows_a_text_or_a_signal() {
    let slot = "play(\"a\", \"c4\")";
    near(&seconds(&format!("tempo \"<120 60>\" {slot}"), &[0, 4, 8, 12, 16]), &[0.0, 2.0, 6.0, 8.0, 12.0]);
    near(&seconds(&format!("tempo \"<120 [60 240]>\" {slot}"), &[4, 6, 8]), &[2.0, 4.0, 4.5]);
    near(
        &seconds(&format!("tempo(square(8):range(240, 60)) {slot}"), &[4, 8, 12, 500]),
        &[1.0, 5.0, 6.0, 311.0],
    );
    // 60 to 120 in 16 beats: the integral of 60 over the tempo, 16 ln 2, to the quarter of a beat.
    let steps: f64 = (0..64).map(|step| 15.0 / (60.0 + 60.0 * f64::from(step) / 64.0)).sum();
    near(&seconds(&format!("tempo(line(60, 120, 16)) {slot}"), &[16, 18]), &[steps, steps + 1.0]);
    assert!((steps - 16.0 * std::f64::consts::LN_2).abs() < 0.15);
    near(&seconds(&format!("tempo \"<120 60>\" tempo(90) {slot}"), &[3]), &[2.0]);
}

#[test]
fn a_tempo_is_asked_for_where_the_music_is() {
    let mut engine: Engine = engine_with(&[], Limits::default());
    let text = "tempo \"<120 60 90>\" print(tempo())\n\
        loop(\"a\", function() sleep(4) print(\"loop \" .. tempo()) end)\n\
        play(\"b\", function() print(\"play \" .. tempo()) return \"c4\" end)\n\
        on(\"bar\", function() print(\"bar \" .. tempo()) end)";
    let evaluation = engine.evaluate(text, "set.lua");
    assert_eq!(evaluation.printed, ["120"]);
    let generation = evaluation.result.expect("it plays");
    played(&generation.slots[0], 2).expect("it plays");
    assert_eq!(engine.printed(), ["bar 120", "bar 60", "loop 60", "loop 90"]);
    played(&generation.slots[1], 2).expect("it plays");
    assert_eq!(engine.printed(), ["play 120", "play 60"]);
    engine.set_playhead(Beat::whole(9));
    assert_eq!(engine.evaluate(text, "set.lua").printed, ["90"]);
    assert_eq!(engine.evaluate("tempo(100) print(tempo())", "set.lua").printed, ["100"]);
    assert_eq!(engine.evaluate("print(tempo())", "set.lua").printed, ["120"], "what this text says counts");
}

#[test]
fn what_is_no_tempo_is_said() {
    for (text, message) in [
        (
            "tempo(function(beat) return 90 end)",
            "a function cannot set the tempo: all of it is known before it is played",
        ),
        ("tempo {}", "`tempo` expects a number, got a table"),
        ("tempo \"x\"", "`tempo` expects a number, got the text \"x\""),
    ] {
        let error = engine().evaluate(text, "set.lua").result.expect_err(text);
        assert_eq!(error.message, message);
    }
    let evaluation = evaluate("tempo \"<120 5000>\" play(\"a\", \"c4\")");
    assert_eq!(evaluation.notices[0].message, "tempo 5000 is outside 20 to 999: played at 999");
}

#[test]
fn a_slot_has_a_time_of_its_own() {
    let cases = [
        ("play(\"a\", \"c4 e4 g4\"):meter \"3/4\"", 1, "0+1:c4 1+1:e4 2+1:g4 3+1:c4"),
        ("play(\"a\", \"<c4 e4>\"):meter \"2/4\"", 2, "0+2:c4 2+2:e4 4+2:c4 6+2:e4"),
        ("play(\"a\", \"<c4 e4 g4>\"):rate(3/2)", 2, "0+8/3:c4 8/3+8/3:e4 16/3+8/3:g4"),
        ("play(\"a\", \"c4\"):rate \"1/2\"", 2, "0+8:c4"),
    ];
    for (text, bars, expected) in cases {
        assert_eq!(played(&generation(text).slots[0], bars).expect("it plays"), expected, "{text}");
    }
    let same = |text| generation(text).slots[0].fingerprint;
    assert_ne!(same(cases[0].0), same("play(\"a\", \"c4 e4 g4\")"));
}

#[test]
fn a_function_is_called_once_for_each_bar_ahead() {
    let text = "on(\"bar\", function(n) print(\"bar \" .. n) state.bars = n end)\n\
        on(\"phrase\", function(n) print(\"phrase \" .. n) end)\n\
        play(\"a\", \"c4\") play(\"b\", function(beat) return 60 + (state.bars or 0) end)";
    let mut engine: Engine = engine_with(&[], Limits::default());
    let generation = engine.evaluate(text, "set.lua").result.expect("it plays");
    let told = |bars| {
        for slot in &generation.slots {
            played(slot, bars).expect("it plays");
        }
    };
    told(2);
    let printed = engine.printed();
    assert_eq!(printed, ["bar 1", "bar 2", "phrase 1"]);
    told(5);
    assert_eq!(engine.printed(), ["bar 3", "bar 4", "bar 5", "phrase 2"]);
    // Another keystroke calls nothing twice.
    let edited = format!("{text} play(\"c\", \"c5\")");
    let generation = engine.evaluate(&edited, "set.lua").result.expect("it plays");
    played(&generation.slots[2], 6).expect("it plays");
    assert_eq!(engine.printed(), ["bar 6"]);
}

#[test]
fn a_function_that_fails_is_told_of_once_and_the_music_goes_on() {
    let mut engine = engine();
    let text = "on(\"beat\", function(n)\n return n + nil end) play(\"a\", \"c4\")";
    let generation = engine.evaluate(text, "set.lua").result.expect("it plays");
    assert_eq!(played(&generation.slots[0], 2).expect("it plays"), "0+4:c4 4+4:c4");
    let printed = engine.printed();
    assert_eq!(printed.len(), 1, "{printed:?}");
    assert!(
        printed[0].starts_with("on: line 2: ") && printed[0].ends_with("(it is called no more)"),
        "{printed:?}"
    );
    let error = engine.evaluate("on('bra', function() end)", "set.lua").result.expect_err("no such time");
    assert_eq!(
        (error.message.as_str(), error.help.as_deref()),
        ("`on` does not know \"bra\"", Some("did you mean `bar`?"))
    );
}
