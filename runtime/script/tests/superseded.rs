//! A text that is no longer wanted ends at once, whatever it is doing.

mod parrot;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use lilt_script::{Engine, Evaluation, Limits};
use parrot::gated_engine;

/// No limit but being superseded ends an evaluation.
fn patient() -> Limits {
    Limits { lua_time: None, take_time: Duration::from_secs(600), ..Limits::default() }
}

/// Evaluates `text`, which is superseded when that has been asked `looks` times.
fn supersede(engine: &mut Engine, looks: u32, text: &str) -> Evaluation {
    let asked = Rc::new(Cell::new(0));
    engine.set_superseded(move || {
        asked.set(asked.get() + 1);
        asked.get() > looks
    });
    let evaluation = engine.evaluate(text, "set.lua");
    engine.set_superseded(|| false);
    evaluation
}

#[test]
fn whatever_a_script_waits_for_it_ends() {
    for text in [
        "state.n = 2\nlocal tune = model(\"gated\"):sample { bars = 1 }\nprint(#tune)",
        // What it catches it has not escaped.
        "state.n = 2\nlocal tune = model(\"gated\"):sample { bars = 1 }\n\
         while true do pcall(function() return #tune end) end",
        "state.n = 2\nlocal tune = model(\"gated\"):sample { bars = 1 }\n\
         local wrapped = coroutine.wrap(function() return tune:leaps() end) pcall(wrapped) play(\"a\", tune)",
        "state.n = 2\nprint(model(\"heavy\"))",
        "state.n = 2\nprint(model(\"parrot\"):score(model(\"gated\"):sample { bars = 1 }:reverse()))",
        "state.n = 2\nprint(markov(model(\"gated\"):sample { bars = 1 }))",
        "state.n = 2\nwhile true do end",
        "state.n = 2\nwhile true do pcall(function() while true do end end) end",
    ] {
        let (mut engine, gate) = gated_engine(patient(), 1);
        assert!(engine.evaluate("state.n = 1", "set.lua").result.is_ok());
        let evaluation = supersede(&mut engine, 3, text);
        assert!(evaluation.superseded, "{text}");
        assert!(evaluation.result.is_err(), "{text}");
        assert_eq!(evaluation.printed, Vec::<String>::new(), "{text}");
        let next = engine.evaluate("print(state.n)", "set.lua");
        assert_eq!((next.printed, next.superseded), (vec!["1".to_owned()], false), "{text}");
        drop(gate);
    }
}

#[test]
fn it_ends_while_rewards_are_answered() {
    let text = "local own = markov(clip { 60, 62, 64, 67, 64, 62, 60, 67, 60, 64 }, { order = 1 })\n\
        local leaning = own:tilt(function(clip) return clip:leaps() end, { particles = 4096 })\n\
        print(#leaning:sample { notes = 4096 })";
    let (mut engine, _gate) = gated_engine(patient(), 1);
    let evaluation = supersede(&mut engine, 20, text);
    assert!(evaluation.superseded, "{:?}", evaluation.result);
}

#[test]
fn what_is_not_superseded_is_whole() {
    let (mut engine, gate) = gated_engine(patient(), 1);
    gate.open();
    let text =
        "local tune = model(\"gated\"):sample { bars = 1 } print(#tune, model(\"heavy\")) play(\"a\", tune)";
    let evaluation = supersede(&mut engine, u32::MAX, text);
    assert!(evaluation.result.is_ok() && !evaluation.superseded, "{:?}", evaluation.result);
    assert_eq!(evaluation.printed, ["4\tmodel \"heavy\""]);
}

#[test]
fn what_is_wrong_with_a_text_is_not_called_superseded() {
    let (mut engine, _gate) = gated_engine(Limits::default(), 1);
    for text in ["nothing()", "while true do end", "local"] {
        let evaluation = supersede(&mut engine, u32::MAX, text);
        assert!(evaluation.result.is_err() && !evaluation.superseded, "{text}");
    }
}
