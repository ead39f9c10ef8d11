//! `require`: files beside the script and modules of the standard library.

mod parrot;

use lilt_script::Limits;
use parrot::{control, engine_with, told};

#[test]
fn a_file_beside_the_script_is_required_once_and_watched() {
    let files = [("mine", "print(\"mine runs\") return { note = function() return 64 end }")];
    let text = "local a, b = require \"mine\", require \"mine\" print(a == b, a.note(), (require \"scales\").degree(1))";
    let evaluation = engine_with(&files, Limits::default()).evaluate(text, "set.lua");
    assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
    assert_eq!(evaluation.printed, ["mine runs", "true\t64\t60"]);
    assert_eq!(evaluation.required, ["mine.lua", "scales.lua"], "a copy of a standard module may come");
}

#[test]
fn a_copy_of_a_standard_module_takes_its_place() {
    let files = [("scales", "return { scale = function() return { 1, 2, 3 } end }")];
    let text = "print(#(require \"scales\").scale(), #scale())";
    let evaluation = engine_with(&files, Limits::default()).evaluate(text, "set.lua");
    assert_eq!(evaluation.printed, ["3\t8"]);
}

#[test]
fn what_is_wrong_in_a_module_is_shown_there() {
    for (module, message) in [
        ("return {", "mine.lua:1:8: this `{` is never closed (write a `}` where it ends)"),
        (
            "\nlocal x = nothing",
            "mine.lua:2:11: unknown name `nothing` (set it first, as in local nothing = …)",
        ),
        (
            "\n\nplay(\"a\", \"c4 [\")",
            "mine.lua:3:15: this `[` is never closed (write steps after it, and the sign that closes it)",
        ),
        (
            "while true do end",
            "mine.lua:1:1: stopped after 200 ms: does line 1 run for ever? \
                              (a script must finish at once: look for a loop that never ends)",
        ),
    ] {
        let evaluation =
            engine_with(&[("mine", module)], Limits::default()).evaluate("\nrequire \"mine\"", "set.lua");
        assert_eq!(evaluation.required, ["mine.lua"], "a broken file is watched too");
        assert_eq!(evaluation.result.expect_err("it is wrong").to_string(), message);
    }
}

#[test]
fn a_diagnostic_shows_the_file_that_it_is_of() {
    let files = [(
        "mine",
        "-- mine\nlocal m = {}\nfunction m.gain(beat) return beat.x end\nfunction m.boom() error(\"no\") end\nreturn m",
    )];
    let text = "local m = require \"mine\"\nplay(\"a\", 60):gain(m.gain)";
    let mut engine = engine_with(&files, Limits::default());
    let generation = engine.evaluate(text, "set.lua").result.expect("it is a script");
    let bar = lilt_score::Beat::whole(4);
    let span = lilt_score::Span::new(lilt_score::Beat::ZERO, bar);
    let asked = control(&generation.slots[0], "gain").query(lilt_score::Query::new(span, bar));
    let Err(lilt_score::QueryError::Failed(error)) = asked else { panic!("it fails") };
    let error = error.downcast::<lilt_script::Diagnostic>().expect("a diagnostic");
    let shown = "  mine.lua:3:35\n  |\n3 | function m.gain(beat) return beat.x end\n  |                                   ^\n";
    assert!(error.render(text).contains(shown), "{}", error.render(text));
    let evaluation = engine.evaluate("require(\"mine\").boom()", "set.lua");
    assert_eq!(
        told(evaluation, text),
        "error: no\n  mine.lua:4:19\n  |\n4 | function m.boom() error(\"no\") end\n  \
         |                   ^^^^^\n"
    );
}

#[test]
fn a_module_that_is_not_there_is_watched_for() {
    let text = "pcall(require, \"mine\")\npcall(require, \"mine\")\nrequire \"yours\"";
    let evaluation = engine_with(&[], Limits::default()).evaluate(text, "set.lua");
    assert_eq!(evaluation.required, ["mine.lua", "yours.lua"]);
    assert!(evaluation.result.is_err());
}

#[test]
fn circles_are_refused() {
    let files = [("a", "require \"b\""), ("b", "require \"a\"")];
    let text = "require \"a\"";
    let evaluation = engine_with(&files, Limits::default()).evaluate(text, "set.lua");
    assert_eq!(evaluation.required, ["a.lua", "b.lua"]);
    let source = "require \"a\"";
    assert_eq!(
        told(evaluation, source),
        "\
error: modules require each other in a circle: `a` requires `b` requires `a`
  b.lua:1:9
  |
1 | require \"a\"
  |         ^^^
  = move what both need into a third file
"
    );
}
