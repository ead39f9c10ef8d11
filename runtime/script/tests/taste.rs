//! A taste that is taught: a reward of a file beside the script.

mod parrot;

use lilt_inference::taste::{Entry, Judgement};
use lilt_inference::{FEATURES, Features};
use lilt_score::{Beat, Clip, Dial, Gesture, Input, Note, Pitch, Tone, Velocity};
use lilt_script::{EDITOR, Engine, Limits, OSC, Press};
use parrot::{engine, engine_with};

/// The line of a press after something of these leaps and this height.
fn line(likes: bool, leaps: f64, height: f64) -> String {
    let mut values = [0.431, 0.322, 1.727, -0.012, 0.023, 0.900, 0.093, 0.437];
    (values[0], values[5]) = (leaps, height);
    let heard = vec![(1.0, Features::new(values).expect("numbers"))];
    Entry::Said(Judgement::Press { likes, heard }).line()
}

/// An engine with a file of twenty presses of somebody who likes few leaps.
fn taught() -> Engine {
    let text: String = (0..10).map(|_| line(true, 0.2, 0.9) + &line(false, 0.7, 0.9)).collect();
    engine_with(&[("mine.taste", text.leak())], Limits::default())
}

fn printed(engine: &mut Engine, text: &str) -> String {
    let evaluation = engine.evaluate(text, "set.lua");
    match evaluation.result {
        Ok(_) => evaluation.printed.join("\n"),
        Err(diagnostic) => panic!("{}", diagnostic.render(text)),
    }
}

#[test]
fn what_was_learnt_is_told_in_words_and_in_numbers() {
    let text = "local mine = taste \"mine\" print(mine:words()) play(\"a\", 60)
        print(mine(clip { 60, 62, 64, 65 }) > mine(clip { 60, 67, 60, 72 }))";
    assert_eq!(printed(&mut taught(), text), "dislikes: many leaps\ntrue");
    assert_eq!(printed(&mut engine(), text), "nothing for certain yet\nfalse");
}

#[test]
fn the_same_file_asks_for_the_same_take_and_another_for_another() {
    let text = "play(\"a\", markov(clip { 60, 62, 67 }):tilt(taste \"mine\"):sample { bars = 2, seed = 1 })";
    let key = |engine: &mut Engine| {
        let evaluation = engine.evaluate(text, "set.lua");
        assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
        assert!(evaluation.required.contains(&"mine.taste".to_owned()), "a press is heard like a save");
        evaluation.takes[0].key().to_string()
    };
    assert_eq!(key(&mut taught()), key(&mut taught()));
    assert_ne!(key(&mut taught()), key(&mut engine()));
}

#[test]
fn a_model_leans_toward_what_is_liked() {
    let text = "local m = markov({ clip { 60, 62, 67, 60, 62, 64, 72 } }, { smoothing = 2 })
        local function leaps(model)
            local count = 0
            for seed = 1, 40 do count += model:sample { bars = 4, seed = seed }:leaps() end
            return count
        end
        print(leaps(m:tilt(taste \"mine\")) < 0.9 * leaps(m)) play(\"a\", 60)";
    assert_eq!(printed(&mut taught(), text), "true");
}

#[test]
fn the_features_are_rewards_of_the_standard_library() {
    let keys = [60, 64, 62, 62, 60, 64, 62, 62, 72, 71, 69, 67, 60, 64, 62, 62];
    let starts = [0, 2, 4, 6, 8, 10, 12, 14, 16, 17, 20, 24, 32, 34, 36, 38];
    let notes = keys.iter().zip(starts).map(|(key, start)| Note {
        start: Beat::new(start, 2),
        duration: Beat::new(1, 2),
        tone: Tone::Pitch(Pitch::from_key(*key)),
        velocity: Velocity::DEFAULT,
    });
    let clip = Clip::new(notes.collect(), Beat::whole(20)).expect("a clip");
    let written: Vec<String> = clip
        .notes()
        .iter()
        .map(|note| {
            let (start, pitch) = (note.start.to_f64(), note.tone.key());
            format!("{{ pitch = {pitch}, start = {start}, duration = 0.5 }}")
        })
        .collect();
    let text = format!(
        "local c = clip({{ {}, length = 20 }}) play(\"a\", c)
        local steps = #c - 1
        print(-reward.calm(c) / steps, reward.variety(c), #c / c:length(), reward.rising(c),
            reward.returning_bars(4)(c) / 5, reward.height(c), -reward.repeats(1)(c) / #c, reward.off_beat(c))",
        written.join(", ")
    );
    let told = printed(&mut engine(), &text);
    let told: Vec<f64> = told.split('\t').map(|number| number.parse().expect("a number")).collect();
    let features = Features::of(&clip, Beat::whole(4));
    assert_eq!(told.len(), FEATURES);
    for ((name, told), feature) in Features::NAMES.iter().zip(told).zip(features.values()) {
        assert!((told - feature).abs() < 1e-9, "{name}: {told} in Lua, {feature} here");
    }
}

#[test]
fn keys_letters_and_addresses_teach_it() {
    let mut engine = engine();
    let text =
        "taste(\"mine\", { like = \"n\", nope = \"/nope\", undo = { from = midi_in \"Pads\", cc = 20 } })
        taste(\"other\", { like = 36 }) play(\"a\", 60)";
    printed(&mut engine, text);
    let sources: Vec<String> = engine.sources().iter().map(|source| source.to_string()).collect();
    assert_eq!(sources, ["OSC", "Pads", "computer keys"]);
    let tastes = engine.tastes();
    let files: Vec<&str> = tastes.iter().map(|taught| taught.file.as_str()).collect();
    assert_eq!(files, ["mine.taste", "other.taste"]);
    let said = |source: &str, gesture: Gesture| {
        let input = Input { seconds: 0.0, source: source.into(), gesture };
        [tastes[0].press(&input), tastes[1].press(&input)]
    };
    let turn = |dial| Gesture::Turn { dial, value: 1.0 };
    let letter = lilt_script::letter_dial('n').expect("no key of the piano");
    assert_eq!(said("computer keys", turn(letter)), [Some(Press::Like), None]);
    assert_eq!(said(OSC, turn(Dial::Address("/nope".into(), 0))), [Some(Press::Nope), None]);
    assert_eq!(said("Pads", turn(Dial::Controller(20))), [Some(Press::Undo), None]);
    let key = Gesture::Press { key: 36, velocity: Velocity::DEFAULT, channel: 9 };
    assert_eq!(said("Pads", key), [None, Some(Press::Like)]);
    assert_eq!(said(EDITOR, Press::Forget.gesture()), [Some(Press::Forget); 2]);
    printed(&mut engine, "play(\"a\", 60)");
    assert!(engine.tastes().is_empty());
}

#[test]
fn two_takes_sound_by_turns() {
    let text = "play(\"lead\", either(clip { 60, 62, 64, 65 }, clip { 72 }, { bars = 1 }))";
    let spec = parrot::generation(text).slots.remove(0);
    assert_eq!(spec.turns, Some(1));
    let played = parrot::played(&spec, 3).expect("plays");
    let pitches: Vec<&str> = played.split(' ').collect();
    assert_eq!(pitches.len(), 12, "{played}");
    let text =
        "local m = markov(clip { 60, 62 }) play(\"a\", either(m:sample { seed = 1 }, m:sample { seed = 2 }))";
    let spec = parrot::generation(text).slots.remove(0);
    assert_eq!((spec.turns, spec.model.as_deref()), (Some(4), Some("markov")));
}

#[test]
fn what_is_wrong_with_it_is_told() {
    for (text, says) in [
        ("taste \"../mine\"", "is no name of a taste"),
        ("taste(\"mine\", { like = \"a\" })", "plays the piano of the terminal"),
        ("taste(\"mine\", { lik = 36 })", "did you mean `like`"),
        ("taste(\"mine\", { nats = 9 })", "nats"),
        ("model(\"doodler\"):tilt(taste \"mine\")", ""),
    ] {
        let told = engine().evaluate(text, "set.lua").result.expect_err(text).to_string();
        let rendered = engine().evaluate(text, "set.lua").result.expect_err(text).render(text);
        assert!(told.contains(says) || rendered.contains(says), "{rendered}");
    }
    let mut broken = engine_with(&[("mine.taste", "{\"love\":[]}")], Limits::default());
    let told = broken.evaluate("taste \"mine\"", "set.lua").result.expect_err("no press").to_string();
    assert!(told.contains("mine.taste holds something that no press wrote: line 1"), "{told}");
}
