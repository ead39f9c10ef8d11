//! Music is one type: what any of it may be given, and what its events say.

mod parrot;

use lilt_score::{Beat, Controls, Event, Pattern, Query, Span};
use lilt_sequencer::Part;
use parrot::{evaluate, generation};

fn pattern(text: &str) -> Pattern<Controls> {
    match generation(text).slots.remove(0).part {
        Part::Notes(pattern) => pattern,
        Part::Drawing { .. } => panic!("{text} draws"),
    }
}

/// The events that begin in the first bars.
fn events(text: &str, bars: i64) -> Vec<Event<Controls>> {
    let bar = Beat::whole(4);
    let query = Query::new(Span::new(Beat::ZERO, bar * Beat::whole(bars)), bar);
    let mut events = pattern(text).query(query).unwrap_or_else(|error| panic!("{text}: {error}"));
    events.retain(|event| event.onset().is_some());
    events
}

/// An event as `start tone control number…`.
fn told(text: &str, bars: i64) -> String {
    let line = |event: &Event<Controls>| {
        let said = event.value.numbers().iter().map(|(control, value)| format!(" {control} {value}"));
        let sound = event.value.sound.as_ref().map_or(String::new(), |sound| format!(" on {sound}"));
        let tone = event.value.tone.map_or(String::new(), |tone| tone.to_string());
        let start = event.onset().map_or(String::new(), |start| start.to_string());
        format!("{start} {tone}{}{sound}", said.collect::<String>())
    };
    events(text, bars).iter().map(line).collect::<Vec<_>>().join(", ")
}

#[test]
fn any_control_may_be_set_by_any_pattern() {
    for (text, bars, expected) in [
        (
            r#"play("a", notes("c4*4"):gain("1 .5"))"#,
            1,
            "0 c4 gain 1, 1 c4 gain 1, 2 c4 gain 0.5, 3 c4 gain 0.5",
        ),
        (r#"play("a", notes("c4"):gain("1 .5", { from = "right" }))"#, 1, "0 c4 gain 1, 2 c4 gain 0.5"),
        (r#"play("a", notes("c4 e4"):pan(saw))"#, 1, "0 c4 pan 0, 2 e4 pan 0.5"),
        (r#"play("a", sound "bd*2 [~ sd:1]")"#, 1, "0  on bd, 1  on bd, 3  n 1 on sd"),
        (r#"play("a", s "breaks:<0 2>")"#, 2, "0  n 0 on breaks, 4  n 2 on breaks"),
        (r#"play("a", n("0 1"):sound "breaks")"#, 1, "0  n 0 on breaks, 2  n 1 on breaks"),
        (r#"play("a", (n("0 1") + n("4")):s "breaks")"#, 1, "0  n 4 on breaks, 2  n 5 on breaks"),
        (r#"play("a", (n("0 1") + 2):s "breaks")"#, 1, "0  n 2 on breaks, 2  n 3 on breaks"),
        (r#"play("a", n("0 2"):scale("C minor"))"#, 1, "0 c4 degree 0, 2 eb4 degree 2"),
        (r#"play("a", notes("c4 e4"):sound("pad:1"))"#, 1, "0 c4 n 1 on pad, 2 e4 n 1 on pad"),
        (r#"play("a", "c4 e4"):on "breaks""#, 1, "0 c4 on breaks, 2 e4 on breaks"),
        (r#"play("a", sound("<pad pad:0>"))"#, 2, "0  on pad, 4  n 0 on pad"),
        (r#"play("a", "c4"):sound(soundfont("gm.sf2"):at "Trumpet")"#, 1, "0 c4 on Trumpet"),
        (r#"play("a", sound("c4 e4", "<sd hh>"))"#, 1, "0 c4 on sd, 2 e4 on sd"),
        (r#"play("a", "c4 e4"):transpose("<0 12>")"#, 2, "0 c4, 2 e4, 4 c5, 6 e5"),
        (
            r#"play("a", "c4 e4"):sound("<pluck bell>")"#,
            2,
            "0 c4 on pluck, 2 e4 on pluck, 4 c4 on bell, 6 e4 on bell",
        ),
        (r#"play("a", "c4"):on "<pluck bell>""#, 2, "0 c4 on pluck, 4 c4 on bell"),
        (r#"play("a", "c4"):fast("<1 2>")"#, 2, "0 c4, 4 c4, 6 c4"),
        (r#"play("a", notes("c4"):cc(74, "<10 20>"))"#, 2, "0 c4 cc 74 10, 4 c4 cc 74 20"),
        (r#"play("a", clip { 60, 62, length = 4 }:gain(0.5))"#, 1, "0 c4 gain 0.5, 1 d4 gain 0.5"),
        (r#"play("a", function(beat) return notes("c4"):lpf(800) end)"#, 1, "0 c4 lowpass 800"),
        (r#"play("a", gain("c4 e4", 0.5))"#, 1, "0 c4 gain 0.5, 2 e4 gain 0.5"),
        (r#"play("a", notes("c4"):gain(0.5):stack(notes("e4")))"#, 1, "0 c4 gain 0.5, 0 e4"),
    ] {
        assert_eq!(told(text, bars), expected, "{text}");
    }
}

#[test]
fn signs_reckon_with_music() {
    for (text, bars, expected) in [
        (r#"play("a", notes("c4 e4") + "<0 7>")"#, 2, "0 c4, 2 e4, 4 g4, 6 b4"),
        (r#"play("a", 12 + notes("c4"))"#, 1, "0 c5"),
        (r#"play("a", notes("c4 e4") - 12)"#, 1, "0 c3, 2 e3"),
        (r#"play("a", notes("c4 e4"):gain((sine + 1) / 4))"#, 1, "0 c4 gain 0.25, 2 e4 gain 0.5"),
        (r#"play("a", notes("c4"):add("0 7", { from = "right" }))"#, 1, "0 c4, 2 g4"),
        (r#"play("a", notes("c4 e4"):add("0 7", { from = "both" }))"#, 1, "0 c4, 2 b4"),
        (r#"play("a", notes("c4 e4"):add("0 7", { from = "squeeze" }))"#, 1, "0 c4, 1 g4, 2 e4, 3 b4"),
        (r#"play("a", notes("c4 e4") .. notes("g4"))"#, 2, "0 c4, 2 e4, 4 g4"),
    ] {
        assert_eq!(told(text, bars), expected, "{text}");
    }
}

/// What of the script the events were written in, one list an event.
fn written(text: &str, bars: i64) -> Vec<Vec<String>> {
    let evaluation = evaluate(text);
    let number = evaluation.texts[0].number;
    let generation = evaluation.result.expect("it plays");
    let Part::Notes(pattern) = &generation.slots[0].part else { panic!("it plays") };
    let bar = Beat::whole(4);
    let query = Query::new(Span::new(Beat::ZERO, bar * Beat::whole(bars)), bar);
    let mut events = pattern.query(query).expect("it answers");
    events.retain(|event| event.onset().is_some());
    let places = |event: &Event<Controls>| {
        let places = event.context.places().iter().inspect(|place| assert_eq!(place.text, number));
        places.map(|place| text[place.from as usize..place.to as usize].to_owned()).collect()
    };
    events.iter().map(places).collect()
}

#[test]
fn events_know_where_they_were_written() {
    assert_eq!(written(r#"play("a", "c4 [e4 g4]")"#, 1), [["c4"], ["e4"], ["g4"]]);
    assert_eq!(
        written(r#"play("a", notes("c4 e4"):gain("1 .5"):fast("<1 2>"):rev())"#, 1),
        [["e4", ".5", "1"], ["c4", "1", "1"]]
    );
    // Of a tune the line, with its repeats, and behind verbs too.
    let tune = "play(\"a\", abc [[\nL:1/4\nK:C\n|: C2 E2 :|\nG4 |]]):fast(2)";
    let (first, second) = (vec!["|: C2 E2 :|".to_owned()], vec!["G4 |".to_owned()]);
    let lines = [&first, &first, &first, &first, &second];
    let found = written(tune, 2);
    assert_eq!(found.iter().take(5).collect::<Vec<_>>(), lines, "{found:?}");
    // Changed as a clip, it is the tune as a whole.
    let changed = "play(\"a\", abc [[\nL:1/4\nK:C\nC2 E2|\nG4 |]]:transpose(2):reverse())";
    let found = written(changed, 1);
    assert_eq!(found[0], ["C2 E2|\nG4 |"], "{found:?}");
    // Of two equal texts of a line each is its own.
    let twice = r#"play("a", notes("c4"):stack(notes("c4")))"#;
    let places: Vec<u32> = pattern_places(twice);
    assert_ne!(places[0], places[1]);
}

fn pattern_places(text: &str) -> Vec<u32> {
    events(text, 1).iter().flat_map(|event| event.context.places().iter().map(|place| place.from)).collect()
}

#[test]
fn the_same_written_elsewhere_is_the_same() {
    let print = |text: &str| generation(text).slots[0].fingerprint;
    let one = print(r#"play("a", notes("c4*4"):gain("1 .5"):pan(sine))"#);
    assert_eq!(one, print("-- a remark\n\n   play(\"a\", notes(\"c4*4\"):gain(\"1 .5\"):pan(sine))"));
    assert_ne!(one, print(r#"play("a", notes("c4*4"):gain("1 .6"):pan(sine))"#));
    assert_ne!(one, print(r#"play("a", notes("c4*4"):gain("1 .5"):pan(saw))"#));
}

#[test]
fn numbers_that_nothing_makes_sound_are_told_of() {
    for (text, told) in [
        (r#"play("a", numbers("60 62"))"#, true),
        (r#"play("a", sine:range(40, 80):segment(8))"#, true),
        (r#"play("a", numbers("0 2") * 2)"#, true),
        (r#"play("a", numbers("0 2")):scale("C minor")"#, false),
        (r#"play("a", numbers("0 2") + notes("c4"))"#, false),
        (r#"play("a", 60):gain(numbers("1 0.5"))"#, false),
    ] {
        let notices = evaluate(text).notices;
        assert_eq!(notices.len(), usize::from(told), "{text}: {notices:?}");
        if told {
            assert_eq!(notices[0].message, "slot `a` is given numbers, which do not sound");
        }
    }
}
