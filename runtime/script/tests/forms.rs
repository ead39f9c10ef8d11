//! A whole piece as one text: `form`, `parts`, `slot:only`, `slot:except`.

mod parrot;

use lilt_score::{Beat, Query, Span};
use lilt_script::{Engine, Limits};
use lilt_sequencer::{Action, Performance};
use parrot::{control, engine, engine_with, generation, played};

/// In which of the first `bars` bars each slot begins a note.
fn heard(text: &str, bars: i64) -> Vec<Vec<i64>> {
    let generation = generation(text);
    let of_slot = |slot| {
        let notes = played(slot, bars).unwrap_or_else(|error| panic!("{error}"));
        let start = |note: &str| note.split_once('+')?.0.parse::<i64>().ok();
        notes.split(' ').filter_map(start).map(|beat| beat / 4).collect()
    };
    generation.slots.iter().map(of_slot).collect()
}

#[test]
fn every_way_to_write_a_form_means_the_same() {
    let ways = [
        "form \"intro@1 verse@2 out\"",
        "form { { \"intro\", 1 }, { \"verse\", 2 }, \"out\" }",
        "form { intro = 1, verse = 2, out = 4 }",
        "form {\n  intro = 1, -- out = 9\n  verse = 2,\n  out = 4,\n}",
        "form({ intro = 1, verse = 2, out = 4 }, { ending = \"repeat\" })",
        "form { intro = 1, verse = 2, out = 4, ending = \"repeat\", fade = 0 }",
    ];
    let slots = "play(\"a\", \"c4\"):only \"intro\" play(\"b\", \"c4\"):only(\"verse\") \
        play(\"c\", \"c4\"):except(\"verse\", \"intro\") play(\"d\", \"c4\"):except \"intro out\" play(\"e\", \"c4\")";
    for way in ways {
        let told = heard(&format!("{way}\n{slots}"), 9);
        assert_eq!(told[0], [0, 7], "{way}");
        assert_eq!(told[1], [1, 2, 8], "{way}");
        assert_eq!(told[2], [3, 4, 5, 6], "{way}");
        assert_eq!(told[3], told[1], "{way}");
        assert_eq!(told[4], [0, 1, 2, 3, 4, 5, 6, 7, 8], "{way}");
    }
}

#[test]
fn a_form_ends_as_it_says() {
    let bars = |ending| {
        heard(&format!("form(\"a@1 b@1\", {{ ending = \"{ending}\" }}) play(\"x\", \"c4\"):only \"b\""), 5)
    };
    assert_eq!(bars("repeat"), [[1, 3]]);
    assert_eq!(bars("hold"), [[1, 2, 3, 4]]);
    assert_eq!(bars("stop"), [[1]]);
}

#[test]
fn parts_play_their_own_music_from_its_beginning() {
    let text = "form \"verse@1 chorus@2\"\n\
        play(\"lead\", parts { verse = function(beat) return 'c4' end, chorus = '<e4 g4>' }):transpose(12)";
    let notes = played(&generation(text).slots[0], 6).expect("it plays");
    assert_eq!(notes, "0+4:c5 4+4:e5 8+4:g5 12+4:c5 16+4:e5 20+4:g5");
}

#[test]
fn slots_fade_where_a_part_begins() {
    let text = "form({ { \"a\", 2 }, { \"b\", 2, fade = 1 } }) \
        play(\"x\", \"c4*4\"):only \"a\":gain(0.5) play(\"y\", \"c4*4\"):only \"b\"";
    let generation = generation(text);
    let loud = |slot: usize, beat: i64| {
        let gain = control(&generation.slots[slot], "gain");
        let span = Span::new(Beat::whole(beat), Beat::whole(beat) + Beat::new(1, 16));
        gain.query(Query::new(span, Beat::whole(4))).expect("it answers")[0].value
    };
    assert_eq!([7, 8, 9, 10, 11].map(|beat| loud(0, beat)), [0.5, 0.5, 0.375, 0.25, 0.125]);
    assert_eq!([8, 9, 10, 11, 12].map(|beat| loud(1, beat)), [0.0, 0.25, 0.5, 0.75, 1.0]);
    let notes = played(&generation.slots[0], 4).expect("it plays");
    assert_eq!(notes.split(' ').count(), 12, "what fades out plays on: {notes}");
}

#[test]
fn it_begins_where_it_is_first_heard_and_goes_on_through_edits() {
    let mut engine: Engine = engine_with(&[], Limits { unhurried: true, ..Limits::default() });
    let mut performance = Performance::new();
    let mut notes = Vec::new();
    let form = "form \"a@2 b@2\"";
    let texts = [
        (0, "play(\"x\", \"c4\")".to_owned()),
        (3, format!("{form} play(\"x\", \"c4\"):only \"a\"")),
        (4, format!("{form} play(\"x\", \"d4\"):only \"a\" play(\"y\", \"e4\"):only \"b\"")),
    ];
    for bar in 0..10_i64 {
        if let Some((_, text)) = texts.iter().find(|(at, _)| *at == bar) {
            let generation = engine.evaluate(text, "set.lua").result.expect("right");
            performance.propose(generation, bar as f64 * 2.0).expect("accepted");
        }
        let filled = performance.fill_to(Beat::whole(4 * (bar + 1)));
        notes.extend(filled.events.iter().filter_map(|event| match &event.action {
            Action::NoteOn { strike, .. } => Some(format!("{}:{}", event.beat.floor() / 4, strike.tone)),
            _ => None,
        }));
    }
    assert_eq!(notes, ["0:c4", "1:c4", "2:c4", "3:c4", "4:d4", "5:e4", "6:e4", "7:d4", "8:d4", "9:e4"]);
}

#[test]
fn what_is_wrong_with_a_form_is_said() {
    let cases = [
        ("form \"intro@4 verse@x\"", "`verse@x` is no part of a form"),
        ("form \"\"", "a form of 0 parts: write 1 to 256"),
        ("form \"a\" form \"b\"", "a script has one form"),
        ("form(\"a\", { ending = \"stopp\" })", "`ending` does not know \"stopp\""),
        ("form { { \"a\", 0 } }", "`a` is 0: write a whole number from 1 to 1024"),
        ("local t = {} t[\"x y\"] = 4 form(t)", "in which order does `x y` come?"),
        ("play(\"a\", \"c4\"):only \"verse\"", "there is no form that this could be a part of"),
        ("form \"intro\" play(\"a\", \"c4\"):only \"entro\"", "the form has no part `entro`"),
        ("form \"intro\" play(\"a\", parts { verse = \"c4\" })", "the form has no part `verse`"),
        ("play(\"a\", parts { verse = \"c4\" })", "there is no form yet"),
        ("form(4)", "`form` expects parts and how many bars each lasts, as in \"intro@4 verse@8\", got 4"),
    ];
    for (text, message) in cases {
        let error = engine().evaluate(text, "set.lua").result.expect_err(text);
        assert_eq!(error.message, message, "{text}");
    }
}
