//! `each(bars, function)`: music that a function gives stretch by stretch, models included.

mod parrot;

use lilt_score::{Beat, Query, QueryError, Span};
use lilt_script::{Engine, Limits};
use lilt_sequencer::{Generation, Part};
use parrot::{engine, engine_with, gated_engine, generation, played};

/// Where nobody listens.
fn unhurried(text: &str) -> Generation {
    let limits = Limits::unhurried();
    match engine_with(&[], limits).evaluate(text, "set.lua").result {
        Ok(generation) => generation,
        Err(diagnostic) => panic!("{}", diagnostic.render(text)),
    }
}

/// True when the first slot is late over one bar.
fn late(generation: &Generation, bar: i64) -> bool {
    let Part::Notes(pattern) = &generation.slots[0].part else { panic!("it draws") };
    let span = Span::new(Beat::whole(4 * bar), Beat::whole(4 * bar + 4));
    matches!(pattern.query(Query::new(span, Beat::whole(4))), Err(QueryError::Late))
}

fn bars(text: &str, bars: i64) -> String {
    played(&unhurried(text).slots[0], bars).unwrap_or_else(|diagnostic| panic!("{diagnostic}"))
}

#[test]
fn the_nth_stretch_is_what_the_function_gives_for_n() {
    let cases = [
        ("each(1, function(n) return 59 + n end)", 3, "0+4:c4 4+4:c#4 8+4:d4"),
        // Each begins at its own first bar, and ends with its stretch.
        ("each(2, function(n) return '<c4 d4 e4>' end)", 4, "0+4:c4 4+4:d4 8+4:c4 12+4:d4"),
        ("each(1, function(n) return notes('c4'):slow(2) end)", 2, "0+4:c4 4+4:c4"),
        ("each(1, function(n) if n == 2 then return 'c4' end end)", 3, "4+4:c4"),
        ("each(2, function(n) return clip { 60, length = 8 } end):transpose(2)", 4, "0+1:d4 8+1:d4"),
    ];
    for (written, count, expected) in cases {
        assert_eq!(bars(&format!("play(\"a\", {written})"), count), expected, "{written}");
    }
}

#[test]
fn a_model_is_asked_anew_for_each_stretch_and_the_same_text_plays_the_same() {
    let text = "local folk = model \"parrot\"\n\
        play(\"a\", each(1, function() return folk:sample { bars = 1 } end))";
    let once = bars(text, 12);
    assert_eq!(once.split(' ').count(), 48, "{once}");
    assert_eq!(bars(text, 12), once);
    let pitches: std::collections::BTreeSet<_> =
        once.split(' ').filter_map(|note| note.split_once(':')).map(|(_, pitch)| pitch).collect();
    assert!(pitches.len() > 3, "{pitches:?}");
    let beside = format!("play(\"b\", model(\"parrot\"):sample {{ bars = 1 }})\n{text}");
    let beside = unhurried(&beside);
    assert_eq!(played(&beside.slots[1], 12).expect("it plays"), once, "what else the script says");
    assert_ne!(bars(&format!("seed(4)\n{text}"), 12), once);
}

#[test]
fn what_it_reads_of_a_model_is_waited_for() {
    let text = "local slow = model \"slow\"\n\
        play(\"a\", each(1, function() local tune = slow:sample { bars = 1 } return if #tune == 4 then 'c4' else 'd4' end))";
    assert_eq!(bars(text, 2), "0+4:c4 4+4:c4");
}

#[test]
fn a_stretch_is_late_until_its_take_is_there_and_the_next_is_asked_for_before() {
    let (mut engine, gate): (Engine, _) = gated_engine(Limits::default(), 1);
    let text = "local folk = model \"gated\"\n\
        play(\"a\", each(2, function(n) print(n) return folk:sample { bars = 2 } end))";
    let generation = engine.evaluate(text, "set.lua").result.expect("it plays");
    assert!(late(&generation, 0));
    assert_eq!(engine.printed(), ["1", "2", "3"], "a stretch and four bars ahead");
    assert!(late(&generation, 1) && late(&generation, 2));
    assert_eq!(engine.printed(), ["4"]);
    let dues = std::cell::RefCell::new(Vec::new());
    engine.make_ahead(|beat| {
        dues.borrow_mut().push(beat);
        None
    });
    assert_eq!(dues.into_inner(), [0, 8, 16, 24].map(Beat::whole), "each is wanted when its stretch begins");
    gate.open();
    for _ in 0..2_000 {
        if !late(&generation, 0) && !late(&generation, 4) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("it never came");
}

#[test]
fn what_is_wrong_is_told_where_it_is() {
    let cases = [
        ("play('a', each(1, function(n)\n return {} end))", 1, "`each` expects a pattern"),
        ("play('a', each(1, function(n)\n return nil + n end))", 2, "nil"),
        ("play('a', each(1, function(n)\n return model 'folk' end))", 2, "`model` cannot be called while"),
    ];
    for (text, line, message) in cases {
        let error = played(&generation(text).slots[0], 1).expect_err(text);
        assert_eq!((error.line, error.message.contains(message)), (line, true), "{error}");
    }
    let wrong = [
        ("play('a', each(0, function() end))", "`each` is 0: write a whole number from 1 to 256"),
        (
            "play('a', each(4, 'c4'))",
            "`each` expects a function behind the number of bars, as in each(4, function(n) … end), got the text \"c4\"",
        ),
    ];
    for (text, message) in wrong {
        let error = engine().evaluate(text, "set.lua").result.expect_err(text);
        assert_eq!(error.message, message);
    }
}
