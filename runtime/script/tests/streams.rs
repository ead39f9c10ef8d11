//! Streams as a script declares them.

mod parrot;

use lilt_script::Limits;
use lilt_sequencer::{Generation, Performance, SlotSpec};
use parrot::{engine_with, generation, played};

const OWN: &str = "local own = markov(clip { 60, 62, 64, 67, 64, 62, 60, 67, 60, 64 }, { order = 1 })\n";

/// A script's slots where nobody listens, so that no bar is late.
fn unhurried(text: &str) -> Generation {
    let limits = Limits::unhurried();
    let text = format!("{OWN}{text}");
    match engine_with(&[], limits).evaluate(&text, "set.lua").result {
        Ok(generation) => generation,
        Err(diagnostic) => panic!("{}", diagnostic.render(&text)),
    }
}

fn sixteen_bars(slot: &SlotSpec) -> String {
    played(slot, 16).unwrap_or_else(|diagnostic| panic!("{diagnostic}"))
}

#[test]
fn the_same_text_streams_the_same_whatever_else_it_says() {
    let one = unhurried("play(\"a\", own:stream { seed = 3 })");
    let more = unhurried(
        "play(\"x\", own:stream { seed = 9 }) play(\"a\", own:stream { seed = 3 }):gain(0.5)\n\
         play(\"b\", own:stream()) play(\"c\", own:stream())",
    );
    let alone = sixteen_bars(&one.slots[0]);
    assert!(alone.split(' ').count() > 40, "{alone}");
    assert_eq!(sixteen_bars(&more.slots[1]), alone);
    assert_eq!(one.slots[0].stream, more.slots[1].stream);
    assert_ne!(one.slots[0].fingerprint, more.slots[1].fingerprint);
    assert_ne!(sixteen_bars(&more.slots[0]), alone);
    assert_ne!(
        sixteen_bars(&more.slots[2]),
        sixteen_bars(&more.slots[3]),
        "the second call of two is another"
    );
}

#[test]
fn it_can_be_changed_as_a_pattern_can() {
    let generation = unhurried(
        "local s = own:stream { seed = 3 }\n\
         play(\"a\", s) play(\"b\", s:transpose(12)) play(\"c\", s):later(4) play(\"d\", s:stack \"c2\")\n\
         play(\"e\", function(beat) if beat >= 8 then return s end end)",
    );
    let [plain, high, later, both, function] =
        [0, 1, 2, 3, 4].map(|slot: usize| played(&generation.slots[slot], 4).expect("it plays"));
    assert_eq!(high.replace("c5", "c4").len(), plain.len());
    assert!(later.starts_with("4+1"), "{later}");
    assert!(both.contains(":c2") && both.contains(plain.split(' ').next().expect("a note")), "{both}");
    let end = plain.find(" 8+").expect("bar 3 begins with a note");
    assert_eq!(function, plain[end + 1..]);
    let streams: Vec<_> = generation.slots.iter().map(|slot| slot.stream.is_some()).collect();
    assert_eq!(streams, [true, true, true, true, false]);
    assert!(generation.slots[..4].iter().all(|slot| slot.model.as_deref() == Some("markov")));
}

#[test]
fn a_tilted_model_streams_as_well() {
    let generation = unhurried(
        "local function high(clip)\n  local sum = 0\n\
         for _, note in clip:notes() do if note.pitch == 67 then sum += 1 end end\n  return sum\nend\n\
         play(\"a\", own:tilt(high, { strength = 9 }):stream { seed = 3 })",
    );
    let played = played(&generation.slots[0], 8).expect("it plays");
    let high = played.matches(":g4").count();
    assert!(2 * high > played.split(' ').count(), "{played}");
    assert!(generation.slots[0].evidence.look().is_some_and(|evidence| evidence.ess < 1.0));
}

#[test]
fn a_model_that_fails_is_told_where_the_script_asks_for_it() {
    let generation = unhurried("\nplay(\"a\", model(\"broken\"):stream { seed = 1 })");
    let error = played(&generation.slots[0], 1).expect_err("it fails");
    assert_eq!((error.line, error.message.contains("it has lost its voice")), (3, true), "{error}");
}

#[test]
fn a_bar_that_is_not_made_yet_is_late_and_comes_when_it_is() {
    let text = "play(\"a\", model(\"slow\"):stream { bars = 1, seed = 1 })";
    let mut engine = parrot::engine();
    let evaluation = engine.evaluate(text, "set.lua");
    let generation = evaluation.result.expect("it plays");
    assert_eq!(evaluation.takes.len(), 1, "the opening");
    let late = |bars| played(&generation.slots[0], bars).is_err();
    assert!(late(3));
    for _ in 0..2_000 {
        engine.make_ahead(|_| None);
        if !late(3) {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("it never came");
}

/// Notes of a slot over its first bars, as a performance hands them out, while `edits` come in bar by bar.
fn performed(edits: &[&str], bars: i64) -> Vec<String> {
    use lilt_score::Beat;
    let limits = Limits::unhurried();
    let mut engine = engine_with(&[], limits);
    let mut performance = Performance::new();
    let mut notes = Vec::new();
    for bar in 0..bars {
        if let Some(edit) = edits.get(bar as usize) {
            let generation = engine.evaluate(&format!("{OWN}{edit}"), "set.lua").result.expect("right");
            performance.propose(generation, bar as f64 * 2.0).expect("accepted");
        }
        let filled = performance.fill_to(Beat::whole(4 * (bar + 1)));
        let lead = performance.view().slots().find(|slot| slot.name == "lead").map(|slot| slot.id);
        notes.extend(filled.events.iter().filter(|event| Some(event.slot) == lead).filter_map(|event| {
            match &event.action {
                lilt_sequencer::Action::NoteOn { strike, .. } => {
                    Some(format!("{}:{}", event.beat, strike.tone))
                }
                _ => None,
            }
        }));
    }
    notes
}

#[test]
fn edits_leave_it_going() {
    let plain = "play(\"lead\", own:stream { seed = 3 })";
    let alone = performed(&[plain], 12);
    let louder = format!("{plain}:gain(0.5)");
    let beside = format!("play(\"drums\", drums \"bd\")\n{plain}");
    assert_eq!(performed(&[plain, plain, &louder, &beside, &louder], 12), alone);
    // Another one begins at its own bar 0; the first goes on where it would be when the edit is taken back.
    let other = "play(\"lead\", own:stream { seed = 4 })";
    let there_and_back = performed(&[plain, plain, other, other, other, plain], 12);
    assert_eq!(there_and_back[..8], alone[..8]);
    let moved = |note: &String| {
        let (beat, tone) = note.split_once(':').expect("a note");
        format!("{}:{tone}", beat.parse::<i64>().expect("whole beats") + 8)
    };
    let begun: Vec<String> = performed(&[other], 3).iter().map(moved).collect();
    assert_eq!(there_and_back[8..20], begun[..]);
    assert_eq!(there_and_back[20..], alone[20..]);
}

#[test]
fn a_generation_keeps_its_stream() {
    assert!(generation("play(\"a\", model(\"parrot\"):stream())").slots[0].stream.is_some());
    assert_eq!(generation("play(\"a\", \"c4\")").slots[0].stream, None);
}
