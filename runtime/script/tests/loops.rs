//! Loops in virtual time.

mod parrot;

use lilt_score::{Beat, Control, Query, Span};
use lilt_script::{Engine, Limits};
use lilt_sequencer::{Action, Part, Performance};
use parrot::{engine, engine_with, generation, played};

fn notes(text: &str, slot: usize, bars: i64) -> String {
    played(&generation(text).slots[slot], bars).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_loop_plays_round_after_round_in_virtual_time() {
    let cases = [
        ("note 'c4' sleep(1) note({ 'e4', 67 }, { length = 2 }) sleep(2)", "0+1:c4 1+2:e4 1+2:g4 3+1:c4"),
        (
            "hit 'bd' sleep(1.5) hit('sd', { length = 1/2 }) sleep(1/2)",
            "0+1/4:bd 3/2+1/2:sd 2+1/4:bd 7/2+1/2:sd",
        ),
        ("local n = ... note(59 + n) sleep(2)", "0+1:c4 2+1:c#4"),
        (
            "for i = 0, 3 do note(60 + i, { length = 1/4 }) sleep(1/4) end sleep(3)",
            "0+1/4:c4 1/4+1/4:c#4 1/2+1/4:d4 3/4+1/4:eb4",
        ),
    ];
    for (body, expected) in cases {
        let text = format!("loop(\"a\", function(...) {body} end)");
        assert_eq!(notes(&text, 0, 1), expected, "{body}");
    }
}

/// Recorded sounds, instruments and drums by one rule: what is struck, what its options say, and what `each` says.
#[test]
fn loops_and_each_strike_recorded_sounds() {
    let cases = [
        ("loop('a', function() hit 'breaks:1' sleep(4) end)", "breaks 1 none"),
        ("loop('a', function() hit('breaks', { n = 2, length = 1 }) sleep(4) end)", "breaks 2 none"),
        ("loop('a', function() hit 'bd' sleep(4) end)", "kit - bd"),
        ("loop('a', function() hit 'bd:0' sleep(4) end)", "bd 0 none"),
        ("loop('a', function() hit 'pad:1' sleep(4) end)", "pad 1 none"),
        ("loop('a', function() note(64, { sound = 'bass:3' }) sleep(4) end)", "bass 3 e4"),
        ("loop('a', function() note(64, { sound = 'acid', cutoff = 800 }) sleep(4) end)", "acid - e4"),
        ("loop('a', function() note(64, { sound = synth 'acid' }) sleep(4) end)", "acid - e4"),
        (
            "loop('a', function() note(64, { sound = soundfont('gm.sf2'):at(56) }) sleep(4) end)",
            "Trumpet - e4",
        ),
        ("play('a', notes('e4'):each(function(n) n.sound = 'breaks:1' return n end))", "breaks 1 e4"),
        ("play('a', notes('e4'):each(function(n) n.sound = 'acid' return n end))", "acid - e4"),
        ("play('a', notes('e4'):each(function(n) n.sound = 'sd' return n end))", "none - sd"),
        ("play('a', sound('breaks'):each(function(n) n.sound = 'sd' return n end))", "sd - none"),
        ("play('a', drums('bd'):each(function(n) n.sound = 'breaks:2' return n end))", "breaks 2 none"),
    ];
    for (text, expected) in cases {
        let generation = generation(text);
        let Part::Notes(pattern) = &generation.slots[0].part else { panic!("{text}") };
        let query = Query::new(Span::new(Beat::ZERO, Beat::whole(4)), Beat::whole(4));
        let events = pattern.query(query).unwrap_or_else(|error| panic!("{text}: {error}"));
        let said = &events[0].value;
        let sound = said.sound.as_ref().map_or("none", |sound| sound.name());
        let number = said.get(Control::N).map_or("-".to_owned(), |n| n.to_string());
        let tone = said.tone.map_or("none".to_owned(), |tone| tone.to_string());
        assert_eq!(format!("{sound} {number} {tone}"), expected, "{text}");
    }
}

/// A number outside its range is played at its end, and said once however often the round comes.
#[test]
fn what_a_loop_says_outside_a_range_is_told_once() {
    let text = "loop('a', function()\n note(60, { pan = 3 }) sleep(1) end)";
    let mut engine = engine();
    let generation = engine.evaluate(text, "set.lua").result.expect("right");
    played(&generation.slots[0], 4).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(engine.printed(), ["set.lua:2:13: `pan` of `note` comes to 3, outside -1 to 1: played at 1"]);
    let text = "play('a', notes('c4*4'):each(function(n) n.gain = 9 return n end))";
    let generation = engine.evaluate(text, "set.lua").result.expect("right");
    played(&generation.slots[0], 4).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(engine.printed().len(), 1);
}

#[test]
fn chance_follows_the_seed_and_the_round_whatever_else_the_script_says() {
    let text = "loop(\"a\", function() note(choose { 60, 62, 64, 65, 67 }) sleep(1/2) end)";
    let once = notes(text, 0, 8);
    assert_eq!(notes(text, 0, 8), once);
    assert_eq!(notes(&format!("play(\"x\", \"c4?\")\n{text}"), 1, 8), once);
    assert_ne!(notes(&format!("seed(3)\n{text}"), 0, 8), once);
    assert!(once.contains(":c4") && once.contains(":g4"), "{once}");
    let renamed = text.replace("\"a\"", "\"b\"");
    assert_ne!(notes(&renamed, 0, 8), once, "each loop has its own chance");
}

#[test]
fn the_key_and_the_metre_of_the_script_hold_in_every_function() {
    let head = "key \"D minor\" meter \"3/4\"\n";
    for (text, expected) in [
        ("loop(\"a\", function(n) note(degree(n)) sleep(1) end)", "0+1:d4 1+1:e4 2+1:f4"),
        ("play(\"a\", notes(\"c4 e4 g4\"):each(function(n) return degree(3) end))", "0+1:f4 1+1:f4 2+1:f4"),
        ("play(\"a\", each(1, function(n) return degrees \"0 1 2\" end))", "0+1:d4 1+1:e4 2+1:f4"),
        ("play(\"a\", function(beat) return if key() == \"D minor\" then \"d4\" else 60 end)", "0+3:d4"),
        ("play(\"a\", function(beat) return if meter() == \"3/4\" then \"d4\" else 60 end)", "0+3:d4"),
        ("play(\"a\", function(beat) return clip(scale()) end)", "0+1:d4 1+1:e4 2+1:f4"),
    ] {
        let text = format!("{head}{text}");
        let bar = lilt_score::Beat::whole(3);
        let generation = generation(&text);
        let lilt_sequencer::Part::Notes(pattern) = &generation.slots[0].part else { panic!("{text}") };
        let span = lilt_score::Span::new(Beat::ZERO, bar);
        let events = pattern
            .query(lilt_score::Query::new(span, bar))
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        let told: Vec<String> = events
            .iter()
            .filter_map(|event| {
                let length = event.whole?.length();
                Some(format!("{}+{length}:{}", event.onset()?, event.value.tone?))
            })
            .collect();
        assert_eq!(told.join(" "), expected, "{text}");
    }
    // A function that uses the key is another one in another key, and one that does not is the same.
    let print = |key: &str, body: &str| {
        let text = format!("key \"{key}\" play(\"a\", function(beat) return {body} end)");
        generation(&text).slots[0].fingerprint
    };
    assert_ne!(print("D minor", "degree(1)"), print("C minor", "degree(1)"));
    assert_eq!(print("D minor", "60"), print("C minor", "60"));
}

#[test]
fn cues_bring_loops_together() {
    let follow = "loop(\"a\", function() note \"c4\" sleep(3) end)\n\
        loop(\"b\", function() sync \"a\" note \"e4\" sleep(1) note \"g4\" end)";
    assert_eq!(notes(follow, 1, 2), "0+1:e4 1+1:g4 3+1:e4 4+1:g4 6+1:e4 7+1:g4");
    let turns = "loop(\"a\", function() note \"c4\" sleep(1) cue \"yours\" sync \"mine\" end)\n\
        loop(\"b\", function() sync \"yours\" note \"e4\" sleep(2) cue \"mine\" end)";
    for slot in [0, 1] {
        let expected = ["0+1:c4 3+1:c4 6+1:c4", "1+1:e4 4+1:e4 7+1:e4"][slot];
        assert_eq!(notes(turns, slot, 2), expected);
    }
    let never = "loop(\"a\", function() note \"c4\" sync \"b\" note \"d4\" end)\nloop(\"c\", function() sleep(1) end)";
    assert_eq!(notes(never, 0, 2), "0+1:c4", "what comes before the wait is heard");
}

#[test]
fn a_round_that_waits_for_a_cue_goes_on_from_there() {
    let mut engine = engine();
    let text = "local rounds = 0\n\
        loop(\"a\", function(n) rounds += 1 print(n .. \" \" .. rounds) note(59 + rounds) sleep(1)\n\
          local pitch = choose { 60, 61, 62, 63, 64, 65, 66, 67 } sync \"b\" note(pitch) print(\"on \" .. n) end)\n\
        loop(\"b\", function() sleep(6) end)";
    let generation = engine.evaluate(text, "set.lua").result.expect("it plays");
    let in_four = played(&generation.slots[0], 1).expect("it plays");
    assert_eq!((in_four.as_str(), engine.printed()), ("0+1:c4", vec!["1 1".to_owned()]));
    let more = played(&generation.slots[0], 2).expect("it plays");
    assert_eq!(engine.printed(), ["on 1", "2 2"]);
    let starts: Vec<&str> = more.split(' ').filter_map(|note| note.split('+').next()).collect();
    assert_eq!(starts, ["0", "6", "6"], "{more}");
    assert!(more.contains("6+1:c#4"), "{more}");
    // Chance goes on too: asked at once, the same script plays the same.
    assert_eq!(notes(text, 0, 2), more);
}

/// True when the slot is late over its first bar.
fn late(generation: &lilt_sequencer::Generation) -> bool {
    let Part::Notes(pattern) = &generation.slots[0].part else { panic!("it draws") };
    let span = lilt_score::Span::new(Beat::ZERO, Beat::whole(4));
    let answer = pattern.query(lilt_score::Query::new(span, Beat::whole(4)));
    matches!(answer, Err(lilt_score::QueryError::Late))
}

#[test]
fn a_round_that_reads_a_take_is_late_until_it_is_there() {
    let text = |model: &str| {
        format!(
            "local folk = model \"{model}\"\n\
             loop(\"a\", function() print \"asks\" local tune = folk:sample {{ bars = 1 }}\n\
               for i = 1, #tune do note(\"c4\") sleep(1) end print \"knows\" end)"
        )
    };
    // Where nobody listens it is waited for.
    let limits = Limits::unhurried();
    let mut unhurried = engine_with(&[], limits);
    let generation = unhurried.evaluate(&text("slow"), "set.lua").result.expect("it plays");
    assert_eq!(played(&generation.slots[0], 1).expect("it plays"), "0+1:c4 1+1:c4 2+1:c4 3+1:c4");
    assert_eq!(unhurried.printed(), ["asks", "knows"], "a round that is late says nothing");
    let (mut engine, gate) = parrot::gated_engine(Limits::default(), 1);
    let generation = engine.evaluate(&text("gated"), "set.lua").result.expect("it plays");
    assert!(late(&generation) && late(&generation));
    let dues = std::cell::RefCell::new(Vec::new());
    engine.make_ahead(|beat| {
        dues.borrow_mut().push(beat);
        None
    });
    assert_eq!(dues.into_inner(), [Beat::ZERO], "it is wanted when its round begins");
    gate.open();
    for _ in 0..2_000 {
        if !late(&generation) {
            assert_eq!(played(&generation.slots[0], 1).expect("it plays"), "0+1:c4 1+1:c4 2+1:c4 3+1:c4");
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("it never came");
}

/// Notes of slot "a" bar by bar, while `edits` come in at their bars.
fn performed(edits: &[(i64, &str)], bars: i64) -> String {
    let mut engine: Engine = engine_with(&[], Limits::unhurried());
    let mut performance = Performance::new();
    let mut notes = Vec::new();
    for bar in 0..bars {
        if let Some((_, text)) = edits.iter().find(|(at, _)| *at == bar) {
            let generation = engine.evaluate(text, "set.lua").result.expect("right");
            performance.propose(generation, bar as f64 * 2.0).expect("accepted");
        }
        let filled = performance.fill_to(Beat::whole(4 * (bar + 1)));
        let lead = performance.view().slots().find(|slot| slot.name == "a").map(|slot| slot.id);
        notes.extend(filled.events.iter().filter(|event| Some(event.slot) == lead).filter_map(|event| {
            match &event.action {
                Action::NoteOn { strike, .. } => Some(format!("{}:{}", event.beat, strike.tone)),
                _ => None,
            }
        }));
    }
    notes.join(" ")
}

#[test]
fn an_edit_takes_over_at_the_next_round_and_another_edit_does_not_restart_it() {
    let old = "loop(\"a\", function(n) note(59 + n) sleep(3) end)";
    let beside = format!("play(\"b\", \"c4\")\n{old}");
    assert_eq!(performed(&[(0, old)], 4), "0:c4 3:c#4 6:d4 9:eb4 12:e4 15:f4");
    assert_eq!(performed(&[(0, old), (1, &beside), (2, old)], 4), performed(&[(0, old)], 4));
    let new = "loop(\"a\", function(n) note(71 + n) sleep(2) end)";
    assert_eq!(performed(&[(0, old), (2, new)], 4), "0:c4 3:c#4 6:d4 9:eb5 11:e5 13:f5 15:f#5");
}

#[test]
fn an_edit_follows_the_cues_that_come_after_it() {
    let text = |pitch: &str| {
        format!(
            "loop(\"a\", function() sync \"b\" note \"{pitch}\" end)\nloop(\"b\", function() sleep(3) end)"
        )
    };
    assert_eq!(performed(&[(0, &text("c4"))], 4), "0:c4 3:c4 6:c4 9:c4 12:c4 15:c4");
    assert_eq!(performed(&[(0, &text("c4")), (2, &text("d4"))], 4), "0:c4 3:c4 6:c4 9:d4 12:d4 15:d4");
}

#[test]
fn what_is_wrong_with_a_loop_is_said_where_it_is() {
    let cases = [
        (
            "loop('a', function() note 'c4' end)",
            1,
            "loop `a` has no sleep: its next round would begin at once",
        ),
        (
            "loop('a', function()\n note 'h4' sleep(1) end)",
            2,
            "`h4` is no note: write a letter a to g, sharps # or flats b, and an octave, as in c4 or f#3",
        ),
        ("loop('a', function()\n hit 'bdd' sleep(1) end)", 2, "there is no sound `bdd`"),
        ("loop('a', function()\n note('c4', { cutof = 3 }) sleep(1) end)", 2, "`note` has no option `cutof`"),
        ("loop('a', function()\n note('c4', { amp = 3 }) sleep(1) end)", 2, "`note` has no option `amp`"),
        ("loop('a', function()\n note('c4', { dur = 3 }) sleep(1) end)", 2, "`note` has no option `dur`"),
        (
            "loop('a', function()\n note('c4', 3) sleep(1) end)",
            2,
            "`note` is given one thing and its options, got 3 too",
        ),
        ("loop('a', function()\n while true do sleep(1) end end)", 2, "a round of more than 1024 beats"),
        ("loop('a', function()\n sync 'b' end)", 2, "no other loop could cue `b`"),
        (
            "loop('a', function()\n while true do end sleep(1) end)",
            2,
            "stopped after 500 ms: does line 2 run for ever?",
        ),
    ];
    for (text, line, message) in cases {
        // What the words show is told before it plays.
        let mut engine = engine();
        let error = match engine.evaluate(text, "set.lua").result {
            Err(told) => told,
            Ok(generation) => played(&generation.slots[0], 1).expect_err(text),
        };
        assert_eq!((error.line, error.message.as_str()), (line, message));
    }
    let text = "loop(\"drums\", function() hit 'bd' end)";
    let error = engine().evaluate(text, "set.lua").result.expect_err("no sleep");
    assert_eq!(
        (error.column, error.help.as_deref()),
        (6, Some("write sleep(1) before its end, to wait a beat"))
    );
    for (text, message) in [
        ("note 'c4'", "`note` works inside a loop"),
        ("sleep(1)", "`sleep` works inside a loop"),
        (
            "loop('a')",
            "`loop` expects a function behind the name, as in loop(\"beat\", function() hit \"bd\" sleep(1) end), got nothing",
        ),
    ] {
        let error = engine().evaluate(text, "set.lua").result.expect_err(text);
        assert_eq!(error.message, message);
    }
}
