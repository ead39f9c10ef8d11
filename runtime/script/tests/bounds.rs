//! Runaway scripts are stopped, full memories are freed, and the next evaluation works.

mod parrot;

use std::time::Duration;

use lilt_score::{Beat, Query, Span};
use lilt_script::{Diagnostic, Engine, Limits};
use parrot::{control, engine, engine_with, told};

/// As on stage.
fn live() -> Engine {
    engine_with(&[], Limits::default())
}

/// What a script that must be stopped is told.
fn stopped(engine: &mut Engine, text: &str) -> Diagnostic {
    let evaluation = engine.evaluate(text, "set.lua");
    let next = engine.evaluate("play(\"a\", \"c4\")", "set.lua").result;
    assert!(next.is_ok(), "after {text}: {next:?}");
    match evaluation.result {
        Ok(_) => panic!("it was not stopped: {text}"),
        Err(diagnostic) => diagnostic,
    }
}

#[test]
fn whatever_runs_for_ever_is_stopped_and_its_line_named() {
    let mut engine = live();
    for (text, line) in [
        ("local x = 1\nwhile true do end", 2),
        ("while true do pcall(function()\nwhile true do end end) end", 2),
        ("pcall(function()\n\nwhile true do end end)", 3),
        ("coroutine.wrap(function()\nwhile true do end end)()", 2),
        ("local t = setmetatable({}, { __index = function()\nwhile true do end end })\nprint(t.x)", 2),
        ("table.sort({ 3, 1, 2 }, function(a, b)\nwhile true do end end)", 2),
        ("local function f() return pcall(f) or f() end\nf() while true do f() end", 0),
        ("repeat until false", 1),
        ("for i = 1, math.huge do end", 1),
        ("string.gsub(string.rep(\"a\", 1000), \"a\", function()\nwhile true do end end)", 2),
        ("print(setmetatable({}, { __tostring = function()\nwhile true do end end }))", 2),
        ("string.find(string.rep(\"a\", 5000), string.rep(\"a*\", 20) .. \"b\")", 1),
        ("play(\"a\", notes(\"c4\"):every(2, function(p)\nwhile true do end end))", 2),
        ("xpcall(function() while true do end end,\nfunction() while true do end end)", 1),
    ] {
        let diagnostic = stopped(&mut engine, text);
        assert!(diagnostic.message.starts_with("stopped after 200 ms"), "{text}: {}", diagnostic.message);
        // Two functions that call each other may be caught in either.
        if line > 0 {
            assert_eq!(diagnostic.line, line, "{text}");
            assert_eq!(diagnostic.message, format!("stopped after 200 ms: does line {line} run for ever?"));
        }
    }
}

#[test]
fn whatever_eats_memory_is_stopped() {
    let mut engine = live();
    for text in [
        "local s = \"a\"\nwhile true do s = s .. s end",
        "local t = {}\nwhile true do t[#t + 1] = {} end",
        "return string.rep(\"a\", 2^30)",
        "return table.create(2^26, 1)",
        "return buffer.create(2^30)",
        "local t = {} pcall(function() while true do t[#t + 1] = \"text\" .. #t end end) t[#t + 1] = string.rep(\"b\", 2^26)",
    ] {
        let diagnostic = stopped(&mut engine, text);
        let stopped = diagnostic.message.starts_with("stopped after 200 ms");
        let full = diagnostic.message == "the script needs more memory than it may have";
        assert!(stopped || full, "{text}: {}", diagnostic.message);
        assert!(engine.used_memory() < 48 << 20, "{} bytes stay in use after {text}", engine.used_memory());
    }
}

#[test]
fn what_no_interrupt_reaches_is_bounded() {
    let mut engine = live();
    for (text, message) in [
        (
            "string.find(string.rep(\"a\", 2^20), string.rep(\"a\", 2^19) .. \"b\", 1, true)",
            "string.find: a text of 1048576 letters and a pattern of 524289 take too long: cut the text into pieces",
        ),
        ("table.sort(table.create(2^20, 1))", "table.sort: 1048576 values: 100000 at most"),
        ("table.move({}, 1, 2^30, 2)", "table.move: 1073741824 values: 1000000 at most"),
        ("local function f() return f() + 1 end f()", "a function calls itself without end"),
    ] {
        let diagnostic = stopped(&mut engine, text);
        assert_eq!(diagnostic.message, message, "{text}");
    }
}

#[test]
fn functions_are_stopped_while_planning_too() {
    let text = "play(\"a\", 60):gain(function(beat)\nif beat < 1 then return 1 end\nwhile true do end end)";
    let mut engine = live();
    let generation = engine.evaluate(text, "set.lua").result.expect("it is a script");
    let gain = &control(&generation.slots[0], "gain");
    let at = |start: i64| {
        let span = Span::new(Beat::whole(start), Beat::whole(start) + Beat::new(1, 8));
        gain.query(Query::new(span, Beat::whole(4)))
    };
    assert_eq!(at(0).expect("one").len(), 1);
    let lilt_score::QueryError::Failed(error) = at(1).expect_err("it runs for ever") else {
        panic!("not late, failed")
    };
    let diagnostic = error.downcast::<Diagnostic>().expect("a diagnostic");
    assert_eq!(
        diagnostic.render(text),
        "\
error: stopped after 10 ms: does line 3 run for ever?
  set.lua:3:1
  |
3 | while true do end end)
  | ^^^^^^^^^^^^^^^^^^^^^^
  = a script must finish at once: look for a loop that never ends
"
    );
    assert_eq!(at(0).expect("it goes on").len(), 1);
}

#[test]
fn waiting_for_a_take_does_not_count() {
    let limits = Limits { lua_time: Some(Duration::from_millis(150)), ..Limits::default() };
    let text = "local tune = model(\"slow\"):sample { bars = 1 } print(#tune)";
    let evaluation = engine_with(&[], limits).evaluate(text, "set.lua");
    assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
    assert_eq!(evaluation.printed, ["4"]);
}

#[test]
fn waiting_ends() {
    let limits = Limits { take_time: Duration::from_millis(20), ..Limits::default() };
    let text = "local tune = model(\"slow\"):sample { bars = 1 }\nprint(#tune)";
    let evaluation = engine_with(&[], limits).evaluate(text, "set.lua");
    assert_eq!(
        told(evaluation, text),
        "\
error: `slow` has not finished this clip yet, and the script needs it to go on
  set.lua:2:1
  |
2 | print(#tune)
  | ^^^^^^^^^^^^
  = try again in a moment, or play the clip without reading it
"
    );
}

#[test]
fn a_generation_outlives_the_scripts_after_it() {
    let mut engine = engine();
    let text = "local depth = 2 play(\"a\", function(beat) return 60 + depth end)";
    let generation = engine.evaluate(text, "set.lua").result.expect("it is a script");
    for _ in 0..50 {
        assert!(engine.evaluate("local t = {} for i = 1, 1000 do t[i] = {} end", "set.lua").result.is_ok());
    }
    drop(engine);
    assert_eq!(parrot::played(&generation.slots[0], 1), Ok("0+4:d4".to_owned()));
}
