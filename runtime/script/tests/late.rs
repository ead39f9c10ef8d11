//! Functions that read a take that is still being made: nothing waits for it, and they are asked again.

mod parrot;

use std::time::{Duration, Instant};

use lilt_inference::TakeState;
use lilt_score::{Beat, Query, QueryError, Span};
use lilt_script::{Evaluation, Limits};
use lilt_sequencer::{Part, SlotSpec};
use parrot::{control, gated_engine, played};

const TUNE: &str = "local tune = model(\"gated\"):sample { bars = 8, seed = 99 }\n";
const LATE: &str = "a take is still being made";

fn slots(evaluation: &Evaluation) -> &[SlotSpec] {
    match &evaluation.result {
        Ok(generation) => &generation.slots,
        Err(diagnostic) => panic!("{diagnostic}"),
    }
}

fn first_bar() -> Query {
    Query::new(Span::new(Beat::ZERO, Beat::whole(4)), Beat::whole(4))
}

fn ready(evaluation: &Evaluation) {
    for take in &evaluation.takes {
        let state = take.wait(Instant::now() + Duration::from_secs(60));
        assert!(matches!(state, TakeState::Ready(_)), "{state:?}");
    }
}

#[test]
fn music_of_a_function_is_late_until_the_take_is_there() {
    for text in [
        "play(\"a\", function(beat) return #tune:notes() > 3 and \"c4 e4\" or \"g4\" end)",
        "play(\"a\", function(beat) local ok, notes = pcall(function() return tune:notes() end)\n\
         return ok and \"c4 e4\" or \"g4\" end)",
        "play(\"a\", function(beat)\n\
         while true do local ok = pcall(function() return #tune end) if ok then return \"c4 e4\" end end end)",
        "play(\"a\", function(beat)\n\
         return notes(\"g4\"):every(1, function(p) return tune:leaps() >= 0 and \"c4 e4\" or p end) end)",
        "play(\"a\", function(beat) return tune == clip { 60 } and \"g4\" or \"c4 e4\" end)",
        "play(\"a\", function(beat) markov(tune) end)",
    ] {
        let (mut engine, gate) = gated_engine(Limits::default(), 1);
        let evaluation = engine.evaluate(&format!("{TUNE}{text}"), "set.lua");
        let slot = &slots(&evaluation)[0];
        for _ in 0..3 {
            assert_eq!(played(slot, 1).expect_err("it is late").message, LATE, "{text}");
        }
        gate.open();
        ready(&evaluation);
        match text.contains("markov") {
            true => {
                let told = played(slot, 1).expect_err("it asks for what it may not").message;
                assert_eq!(told, "`markov` cannot be called while the music plays");
            }
            false => assert_eq!(played(slot, 1), Ok("0+2:c4 2+2:e4".to_owned()), "{text}"),
        }
    }
}

#[test]
fn controls_drawings_and_places_are_late_too() {
    let text = format!(
        "{TUNE}play(\"a\", 60):gain(function(beat) return #tune / 64 end)\n\
         draw(\"b\", function(beat) return circle {{ radius = #tune / 1000 }} end)\n\
         local way = model(\"parrot\"):morph(clip {{ 60, 62 }}, clip {{ 64, 65 }})\n\
         play(\"c\", way:at(function(beat) return #tune > 0 and 1 or 0 end))"
    );
    let (mut engine, gate) = gated_engine(Limits::default(), 1);
    let evaluation = engine.evaluate(&text, "set.lua");
    let [gain, drawing, moving] = slots(&evaluation) else { panic!("three slots") };
    let asked = || {
        let Part::Drawing { sketches } = &drawing.part else { panic!("it draws") };
        let Part::Notes(notes) = &moving.part else { panic!("it plays") };
        [
            control(gain, "gain").query(first_bar()).map(|events| events.len()),
            sketches.query(first_bar()).map(|events| events.len()),
            notes.query(first_bar()).map(|events| events.len()),
        ]
    };
    assert!(asked().iter().all(|answer| matches!(answer, Err(QueryError::Late))), "{:?}", asked());
    gate.open();
    ready(&evaluation);
    assert!(asked().iter().all(|answer| matches!(answer, Ok(1..))), "{:?}", asked());
}

/// A model that leans toward what is like the tune.
const LEANING: &str = "local own = markov(clip { 60, 62, 64, 67, 64, 62, 60, 67, 60, 64 }, { order = 1 })\n\
    local leaning = own:tilt(function(clip)\nreturn clip:likeness(tune) end, { particles = 4 })\n";

#[test]
fn a_reward_that_reads_a_take_is_asked_again_when_that_is_there() {
    let (mut engine, gate) = gated_engine(Limits::default(), 2);
    let text = format!("{TUNE}{LEANING}play(\"a\", leaning:sample {{ notes = 4, seed = 1 }})");
    let evaluation = engine.evaluate(&text, "set.lua");
    let take = evaluation.takes[1].clone();
    // Asked at least once before the tune is there.
    assert!(engine.reward_calls().recv_timeout(Duration::from_secs(60)).is_ok(), "it asks");
    assert!(!engine.answer_rewards(Duration::ZERO), "what is late is nothing to answer");
    assert!(matches!(take.poll(), TakeState::Pending { .. }));
    gate.open();
    ready(&Evaluation { takes: vec![evaluation.takes[0].clone()], ..engine.evaluate("", "set.lua") });
    let state = engine.wait_for(&take, Instant::now() + Duration::from_secs(60));
    assert!(matches!(state, TakeState::Ready(_)), "{state:?}");
}

#[test]
fn a_reward_that_waits_too_long_says_so() {
    let limits = Limits { take_time: Duration::from_millis(30), ..Limits::default() };
    let (mut engine, _gate) = gated_engine(limits, 2);
    let text = format!("{TUNE}{LEANING}play(\"a\", leaning:sample {{ notes = 4, seed = 1 }})");
    let evaluation = engine.evaluate(&text, "set.lua");
    let state = engine.wait_for(&evaluation.takes[1], Instant::now() + Duration::from_secs(60));
    let TakeState::Failed(error) = state else { panic!("{state:?}") };
    assert_eq!(
        error.to_string(),
        "the reward failed on line 4: a take is still being made (read it outside the function, as in #tune: \
         the script waits for it there)"
    );
}

#[test]
fn a_reward_declares_nothing_while_an_evaluation_waits() {
    let (mut engine, _gate) = gated_engine(Limits::default(), 1);
    let text = "local own = markov(clip { 60, 62, 64, 67 }, { order = 1 })\n\
        local leaning = own:tilt(function(clip) play(\"b\", clip) return 1 end, { particles = 4 })\n\
        print(#leaning:sample { notes = 4, seed = 1 })";
    let evaluation = engine.evaluate(text, "set.lua");
    assert_eq!(
        evaluation.result.expect_err("it is refused").message,
        "the reward failed on line 2: `play` cannot be called while the music plays (call it in the script \
         itself, outside the function)"
    );
}
