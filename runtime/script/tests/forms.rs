//! A whole piece as one text: `form`, `parts`, `slot:only`, `slot:except`.

mod parrot;

use lilt_score::{Beat, Control, Query, Span};
use lilt_script::{Engine, Limits};
use lilt_sequencer::{Action, Part, Performance};
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
fn parts_follow_the_bars_of_the_form_whatever_time_the_slot_has() {
    let form = "form \"verse@1 chorus@1\"\nplay(\"lead\", parts { verse = 'c4 d4', chorus = 'g4' })";
    let cases = [
        ("", "0+2:c4 2+2:d4 4+4:g4 8+2:c4 10+2:d4 12+4:g4"),
        (
            ":rate(2)",
            "0+1:c4 1+1:d4 2+1:c4 3+1:d4 4+2:g4 6+2:g4 8+1:c4 9+1:d4 10+1:c4 11+1:d4 12+2:g4 14+2:g4",
        ),
        (":rate \"1/2\"", "0+4:c4 4+4:g4 8+4:c4 12+4:g4"),
        (
            ":meter \"3/4\"",
            "0+3/2:c4 3/2+3/2:d4 3+1:c4 4+3:g4 7+1:g4 8+3/2:c4 19/2+3/2:d4 11+1:c4 12+3:g4 15+1:g4",
        ),
        (
            ":fast(2)",
            "0+1:c4 1+1:d4 2+1:c4 3+1:d4 4+2:g4 6+2:g4 8+1:c4 9+1:d4 10+1:c4 11+1:d4 12+2:g4 14+2:g4",
        ),
    ];
    for (time, expected) in cases {
        let notes = played(&generation(&format!("{form}{time}")).slots[0], 4).expect("it plays");
        assert_eq!(notes, expected, "{time}");
    }
}

#[test]
fn parts_fade_into_each_other() {
    let text = "form({ { \"a\", 1 }, { \"b\", 2, fade = 1 }, { \"b\", 1, fade = 1 } }, { ending = \"stop\" })\n\
        play(\"x\", parts { a = \"c4*4\", b = \"g4*2\" })";
    let generation = generation(text);
    let Part::Notes(pattern) = &generation.slots[0].part else { panic!("notes") };
    let told = |from: i64, to: i64| {
        let span = Span::new(Beat::whole(from), Beat::whole(to));
        let events = pattern.query(Query::new(span, Beat::whole(4))).expect("it plays");
        let told = events.iter().filter_map(|event| {
            let gain = event.value.get(Control::GAIN).unwrap_or(1.0);
            Some((event.onset()?, format!("{}:{}@{gain}", event.onset()?, event.value.tone?)))
        });
        let mut told: Vec<_> = told.collect();
        told.sort();
        told.into_iter().map(|(_, told)| told).collect::<Vec<_>>()
    };
    let all = told(0, 24);
    let expected = "0:c4@1 1:c4@1 2:c4@1 3:c4@1 4:c4@0.875 4:g4@0.25 5:c4@0.625 6:c4@0.375 6:g4@0.75 7:c4@0.125 \
        8:g4@1 10:g4@1 12:g4@1 14:g4@1";
    assert_eq!(all.join(" "), expected);
    let beats: Vec<String> = (0..24).flat_map(|beat| told(beat, beat + 1)).collect();
    assert_eq!(beats, all, "beat by beat");
}

#[test]
fn where_a_piece_stops_everything_stops() {
    let text = |ending| {
        format!(
            "form(\"a@1 b@1\", {{ ending = \"{ending}\", fade = 1 }})\n\
             play(\"x\", \"c4\"):only \"a\" play(\"y\", \"e4\") loop(\"z\", function() note \"g4\" sleep(4) end)"
        )
    };
    assert_eq!(heard(&text("stop"), 4)[1..], [vec![0, 1], vec![0, 1]]);
    assert_eq!(heard(&text("repeat"), 4)[1..], [vec![0, 1, 2, 3], vec![0, 1, 2, 3]]);
    let gain = control(&generation(&text("stop")).slots[1], "gain");
    assert_eq!(gain.steady_value(), Some(&1.0), "what plays throughout does not fade");
}

#[test]
fn a_form_that_nothing_follows_is_told_of() {
    let told = |text: &str| engine().evaluate(text, "set.lua").notices;
    let notices = told("form \"intro@4 verse@8\"\nplay(\"a\", \"c4\")");
    let told_of: Vec<_> = notices.iter().map(|told| (told.line, told.message.as_str())).collect();
    assert_eq!(told_of, [(1, "no slot follows this form")]);
    for text in [
        "form \"intro verse\" play(\"a\", \"c4\"):only \"intro\"",
        "form \"intro verse\" play(\"a\", parts { verse = \"c4\" })",
        "form(\"intro verse\", { ending = \"stop\" }) play(\"a\", \"c4\")",
    ] {
        assert_eq!(told(text), [], "{text}");
    }
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
    let mut engine: Engine = engine_with(&[], Limits::unhurried());
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
        ("form { \"c4 e4\", \"g4\" }", "`c4 e4` is no name of a part"),
        ("form \"[c4 e4]*2\"", "`[c4` is no name of a part"),
        ("form { verse = \"c4 e4\" }", "`verse` expects how many bars it lasts, got the text \"c4 e4\""),
        ("form(4)", "`form` expects parts and how many bars each lasts, as in \"intro@4 verse@8\", got 4"),
    ];
    for (text, message) in cases {
        let error = engine().evaluate(text, "set.lua").result.expect_err(text);
        assert_eq!(error.message, message, "{text}");
    }
}
