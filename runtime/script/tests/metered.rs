//! What functions of the script cost while a stretch is planned, and what is left out when that is too much.

mod parrot;

use std::cell::Cell;
use std::time::Duration;

use lilt_score::{Beat, Pattern, Query, QueryError, Span};
use lilt_script::{Engine, Limits};
use lilt_sequencer::{Generation, Part};
use parrot::{control, engine_with};

const AMPLE: Duration = Duration::from_secs(600);

fn planned(text: &str) -> (Engine, Generation) {
    let mut engine = engine_with(&[], Limits { call_time: AMPLE, ..Limits::default() });
    match engine.evaluate(text, "set.lua").result {
        Ok(generation) => (engine, generation),
        Err(diagnostic) => panic!("{}", diagnostic.render(text)),
    }
}

fn bar() -> Query {
    Query::new(Span::new(Beat::ZERO, Beat::whole(4)), Beat::whole(4))
}

/// How many values there are, or that it is late.
fn count(pattern: &Pattern<f64>) -> Result<usize, &'static str> {
    match pattern.query(bar()) {
        Ok(events) => Ok(events.len()),
        Err(QueryError::Late) => Err("late"),
        Err(QueryError::Failed(error)) => panic!("{error}"),
    }
}

#[test]
fn what_functions_cost_is_told_by_their_names_and_lines() {
    let (engine, generation) = planned(
        "play(\"a\", function(beat) return 60 end)\n  :gain(function(beat) return 1 end)\n  \
         :pan(function(beat) return 0 end)",
    );
    let slot = &generation.slots[0];
    let Part::Notes(notes) = &slot.part else { panic!("it plays") };
    let (done, usage) = engine.metered("a", AMPLE, &|| false, || {
        let notes = notes.query(bar()).map(|events| events.len()).ok();
        (notes, count(&control(slot, "gain")), count(&control(slot, "pan")), count(&control(slot, "reverb")))
    });
    assert_eq!(done, (Some(1), Ok(32), Ok(32), Ok(1)));
    assert_eq!((&*usage.slot, usage.calls, usage.over, usage.hurried), ("a", 65, false, false));
    let mut by: Vec<_> = usage.by.iter().map(|f| (&*f.what, &*f.file, f.line, f.calls, f.over)).collect();
    by.sort_unstable();
    let expected = [
        ("gain", "set.lua", 2, 32, false),
        ("pan", "set.lua", 3, 32, false),
        ("play", "set.lua", 1, 1, false),
    ];
    assert_eq!(by, expected);
    assert_eq!(usage.by.iter().map(|function| function.time).sum::<Duration>(), usage.time);
    let (again, usage) = engine.metered("a", Duration::ZERO, &|| true, || count(&control(slot, "gain")));
    assert_eq!(
        (again, usage.calls, usage.hurried, usage.over),
        (Ok(32), 0, false, false),
        "it is remembered"
    );
}

#[test]
fn what_does_not_fit_into_the_budget_is_late_and_goes_on_the_next_time() {
    let slow = "function(beat) local x = 0 for i = 1, 30000 do x += math.sin(i) end return x end";
    let (engine, generation) =
        planned(&format!("play(\"a\", 60):gain({slow})\n:pan({slow})\n:reverb({slow})"));
    let slot = &generation.slots[0];
    let work =
        || [count(&control(slot, "gain")), count(&control(slot, "pan")), count(&control(slot, "reverb"))];
    let mut calls = 0;
    for round in 0.. {
        // Less than one call takes: each round does one.
        let (done, usage) = engine.metered("a", Duration::from_nanos(1), &|| false, work);
        calls += usage.calls;
        if done == [Ok(32); 3] {
            assert!(!usage.over);
            break;
        }
        assert!(round < 100 && usage.over && !usage.hurried && usage.calls == 1, "{usage:?}");
        assert!(usage.by.iter().any(|function| function.over), "{usage:?}");
    }
    assert_eq!(calls, 96);
}

#[test]
fn no_function_is_called_while_something_more_urgent_waits() {
    let (engine, generation) = planned("play(\"a\", 60):gain(function(beat) return beat / 4 end)");
    let gain = &control(&generation.slots[0], "gain");
    let asked = Cell::new(0);
    let hurry = || {
        asked.set(asked.get() + 1);
        asked.get() > 5
    };
    let (done, usage) = engine.metered("a", AMPLE, &hurry, || (count(gain), count(gain)));
    assert_eq!((done, usage.calls, usage.hurried, usage.over), ((Err("late"), Err("late")), 5, true, false));
    let (done, usage) = engine.metered("a", AMPLE, &|| false, || count(gain));
    assert_eq!((done, usage.calls), (Ok(32), 27));
    assert_eq!(count(gain), Ok(32), "without a meter there is no limit");
}

#[test]
fn a_beat_keeps_its_first_answer_until_an_evaluation_changes_state() {
    let text = "play(\"a\", function(beat) state.asked = (state.asked or 0) + 1\n\
        return (state.sharp and \"c#4 \" or \"c4 \") .. \"~\" end)";
    let (mut engine, generation) = planned(text);
    let slot = &generation.slots[0];
    let asked = |engine: &mut Engine| engine.evaluate("print(state.asked)", "set.lua").printed;
    assert_eq!(parrot::played(slot, 2), Ok("0+2:c4 4+2:c4".to_owned()));
    assert_eq!(parrot::played(slot, 2), Ok("0+2:c4 4+2:c4".to_owned()));
    assert_eq!(asked(&mut engine), ["2"], "it counts bars");
    assert_eq!(parrot::played(slot, 3), Ok("0+2:c4 4+2:c4 8+2:c4".to_owned()));
    assert_eq!(asked(&mut engine), ["3"]);
    assert!(engine.evaluate("state.sharp = true", "set.lua").result.is_ok());
    let sharp = Ok("0+2:c#4 4+2:c#4".to_owned());
    assert_eq!(parrot::played(slot, 2), sharp);
    assert_eq!(asked(&mut engine), ["5"]);
    assert!(engine.evaluate("state.sharp = true", "set.lua").result.is_ok(), "nothing new");
    assert!(engine.evaluate("state.sharp = false error(\"no\")", "set.lua").result.is_err());
    assert_eq!(parrot::played(slot, 2), sharp);
    assert_eq!(asked(&mut engine), ["5"]);
}
