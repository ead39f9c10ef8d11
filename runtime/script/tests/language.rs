//! What scripts declare: slots, patterns, clips, controls, takes.

mod parrot;

use lilt_score::{Beat, Controls, Event, Query, Span};
use lilt_sequencer::{Output, Part, Quantum};
use parrot::{control, engine, evaluate, generation, played};

/// What the first slot of a script plays in its first bar.
fn first(text: &str) -> String {
    played(&generation(text).slots[0], 1).unwrap_or_else(|error| panic!("{}", error.render(text)))
}

#[test]
fn whatever_stands_for_a_pattern_plays() {
    for (text, events) in [
        (r#"play("a", "c4 e4")"#, "0+2:c4 2+2:e4"),
        (r#"play("a", 60)"#, "0+4:c4"),
        (r#"play("a", drums "bd [~ sd]")"#, "0+2:bd 3+1:sd"),
        (r#"play("a", clip { 60, { pitch = "d4", duration = 1/2 }, "~", length = 4 })"#, "0+1:c4 1+1/2:d4"),
        (
            r#"play("a", clip { { sound = "bd" }, { sound = "sd", start = 3/2 }, length = 4 })"#,
            "0+1:bd 3/2+1:sd",
        ),
        (r#"play("a", function(beat) return "c4 g4" end)"#, "0+2:c4 2+2:g4"),
        (r#"play("a", function(beat) if beat > 0 then return 60 end end)"#, ""),
        (r#"play("a", function() return clip { 60, 62, 64, 65 } end)"#, "0+1:c4 1+1:d4 2+1:e4 3+1:f4"),
        (r#"play("a", notes("c4 e4"):fast(2))"#, "0+1:c4 1+1:e4 2+1:c4 3+1:e4"),
        (r#"play("a", notes("c4 e4"):rev():transpose(12))"#, "0+2:e5 2+2:c5"),
        (r#"play("a", notes("c4"):stack "e4")"#, "0+4:c4 0+4:e4"),
        (r#"play("a", notes("c4"):every(2, function(p) return p:fast(2) end))"#, "0+2:c4 2+2:c4"),
        (r#"play("a", "c4 e4"):transpose(2):later(1)"#, "1+2:d4 3+2:f#4"),
        (r#"play("a", (clip { 60, 62 } .. clip { 64, 65 }):transpose(-12))"#, "0+1:c3 1+1:d3 2+1:e3 3+1:f3"),
        (r#"play("a", clip({ 60, 62 }):reverse():stretch(2))"#, "0+2:d4 2+2:c4"),
        (r#"play("a", clip({ 60, 62, 64, 65 }):slice(2, 4):stretch(2))"#, "0+2:e4 2+2:f4"),
    ] {
        assert_eq!(first(text), events, "{text}");
    }
}

#[test]
fn the_whole_script_is_declared() {
    let text = r#"
        tempo(90) meter "6/8" key "D dorian" quantum "beat"
        play("lead", "c4"):on(synth "bell"):gain(0.5):pan("0 1")
        play("out", "c4"):midi("Synth A", 2):silent()
        play("beat", drums "bd")
        solo "beat"
    "#;
    let generation = generation(text);
    assert_eq!(generation.tempo.bpm(), 90.0);
    assert_eq!(generation.meter.to_string(), "6/8");
    assert_eq!(generation.key.map(|key| key.to_string()).as_deref(), Some("D dorian"));
    assert_eq!(generation.quantum, Quantum::Beat);
    let told: Vec<String> = generation
        .slots
        .iter()
        .map(|slot| {
            let output = match &slot.output {
                Output::Synth(instrument) => instrument.name().to_owned(),
                Output::Midi { port, channel } => format!("{port} {channel}"),
                recorded => format!("{recorded:?}"),
            };
            format!("{} {output} line {} silent {} solo {}", slot.name, slot.line, slot.silent, slot.solo)
        })
        .collect();
    assert_eq!(
        told,
        [
            "lead bell line 3 silent false solo false",
            "out Synth A 2 line 4 silent true solo false",
            "beat kit line 5 silent false solo true",
        ]
    );
}

#[test]
fn where_and_how_a_slot_enters_is_declared() {
    let text = "quantum \"now\"\n\
        play(\"a\", \"c4\") play(\"b\", \"c4\"):quantum \"now\" play(\"c\", \"c4\"):quantum \"beat\"\n\
        play(\"d\", \"c4\"):quantum \"bar\" play(\"e\", \"c4\"):quantum \"phrase\" play(\"f\", \"c4\"):quantum(8)\n\
        play(\"g\", \"c4\"):quantum \"1/2 beat\" play(\"h\", \"c4\"):quantum \"1/4 beat\" play(\"i\", \"c4\"):quantum \"1 beat\"\n\
        play(\"j\", \"c4\"):restart() play(\"k\", \"c4\", { restart = true, quantum = \"1/3beat\" })\n\
        play(\"l\", \"c4\", { restart = false }) draw(\"m\", circle { radius = 0.2 }):restart():quantum(2)";
    let generation = generation(text);
    assert_eq!(generation.quantum, Quantum::Now);
    let told: Vec<_> = generation.slots.iter().map(|slot| (slot.quantum, slot.restart)).collect();
    let part = |denominator| Quantum::Fraction(Beat::new(1, denominator));
    let expected = [
        (None, false),
        (Some(Quantum::Now), false),
        (Some(Quantum::Beat), false),
        (Some(Quantum::Bar), false),
        (Some(Quantum::Bars(4)), false),
        (Some(Quantum::Bars(8)), false),
        (Some(part(2)), false),
        (Some(part(4)), false),
        (Some(Quantum::Beat), false),
        (None, true),
        (Some(part(3)), true),
        (None, false),
        (Some(Quantum::Bars(2)), true),
    ];
    assert_eq!(told, expected);
    for (quantum, beats) in [(Quantum::Now, Beat::new(1, 960)), (part(3), Beat::new(1, 3))] {
        assert_eq!(quantum.beats(generation.meter), beats);
    }
}

/// The values of a control over the first two beats, one for each event.
fn values(pattern: &lilt_score::Pattern<f64>) -> Vec<f64> {
    let query = Query::new(Span::new(Beat::ZERO, Beat::whole(2)), Beat::whole(2));
    pattern.query(query).expect("it answers").into_iter().map(|event| event.value).collect()
}

#[test]
fn a_control_is_a_number_a_text_or_a_function() {
    let generation = generation(
        r#"
        play("a", 60):gain(0.5):pan("0 0.5"):lowpass(function(beat) return 1000 + beat end)
        "#,
    );
    let slot = &generation.slots[0];
    assert_eq!(values(&control(slot, "gain")), [0.5]);
    assert_eq!(values(&control(slot, "pan")), [0.0, 0.5]);
    let eighths: Vec<f64> = (0..16).map(|i| 1000.0 + f64::from(i) / 8.0).collect();
    assert_eq!(values(&control(slot, "lowpass")), eighths);
    assert_eq!(values(&control(slot, "delay")), [0.0]);
}

#[test]
fn values_out_of_range_are_clamped_and_said() {
    let text = "tempo(10000)\nplay(\"a\", 60):gain(7)";
    let evaluation = evaluate(text);
    let told: String = evaluation.notices.iter().map(|notice| notice.render(text)).collect();
    assert_eq!(
        told,
        "\
warning: tempo 10000 is outside 20 to 999: played at 999
  set.lua:1:7
  |
1 | tempo(10000)
  |       ^^^^^
warning: gain 7 is outside 0 to 2: played at 2
  set.lua:2:20
  |
2 | play(\"a\", 60):gain(7)
  |                    ^
"
    );
    assert_eq!(evaluation.result.expect("it plays").tempo.bpm(), 999.0);
}

#[test]
fn a_model_is_asked_at_once_and_answers_later() {
    let text = r#"
        local slow = model("slow", { key = "D dorian" })
        local tune = slow:sample { bars = 1, seed = 12 }
        play("lead", tune:transpose(12))
        play("answer", slow:continue(tune, { bars = 1 }))
    "#;
    let mut engine = engine();
    let evaluation = engine.evaluate(text, "set.lua");
    assert_eq!(evaluation.takes.len(), 2);
    let generation = evaluation.result.expect("it plays");
    assert_eq!(generation.slots[0].model.as_deref(), Some("slow"));
    let late = played(&generation.slots[0], 1).expect_err("it is late");
    assert_eq!(late.message, "a take is still being made");
    for take in &evaluation.takes {
        take.wait(std::time::Instant::now() + std::time::Duration::from_secs(20));
    }
    assert_eq!(played(&generation.slots[0], 1), Ok("0+1:c5 1+1:c5 2+1:c5 3+1:c5".to_owned()));
    assert_eq!(played(&generation.slots[1], 1), Ok("0+1:e3 1+1:e3 2+1:e3 3+1:e3".to_owned()));
}

#[test]
fn reading_a_take_waits_for_it() {
    let text = r#"
        local tune = model("slow"):sample { bars = 2 }
        print(#tune, tune:length(), tune:leaps(), tune:contour()[1])
        print(model("parrot"):surprise(tune)[8], model("parrot"):score(tune))
        print(tune)
    "#;
    let evaluation = evaluate(text);
    assert!(evaluation.result.is_ok());
    assert_eq!(evaluation.printed, ["8\t8\t0\t0", "0.5\t0.5", "clip of 8 notes, 8 beats"]);
}

#[test]
fn a_tilted_model_follows_a_function_of_the_script() {
    let text = r#"
        local random = math.random()
        local mine = markov(clip { 60, 62, 64, 67, 64, 62, 60, 67, 60, 64 }, { order = 1, smoothing = 1 })
        local function high(clip)
            local sum = math.random() * 0
            for _, note in clip:notes() do if note.pitch == 67 then sum += 1 end end
            return sum
        end
        local tune = mine:tilt(high, { strength = 9 }):sample { notes = 8, seed = 1 }
        local low = mine:tilt(2 * reward.calm - high, { strength = 5 }):sample { notes = 8, seed = 1 }
        print(high(tune), high(low), tune:ess() < 0.6, tune:log_z() > 9)
        print(#mine:interpolate(tune, low, { steps = 3 })[2], mine:score(tune) > 0)
        print(math.random() ~= random)
    "#;
    let evaluation = evaluate(text);
    assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
    assert_eq!(evaluation.printed, ["8\t0\ttrue\ttrue", "8\ttrue", "true"]);
    assert_eq!(evaluate(text).printed, evaluation.printed);
}

#[test]
fn rewards_of_other_values_are_other_takes() {
    let key = |reward: &str| {
        let text = format!(
            r#"local wanted = 60
            play("a", markov(clip {{ 60, 62, 64 }}):tilt({reward}):sample {{ notes = 4, seed = 1 }})"#
        );
        let evaluation = evaluate(&text);
        assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
        evaluation.takes[0].key().to_string()
    };
    let rewards = [
        "reward.density(2)",
        "reward.density(3)",
        "reward.calm + reward.density(2)",
        "2 * reward.calm",
        "3 * reward.calm",
        "function(clip) return #clip - wanted end",
        "function(clip) return #clip + wanted end",
    ];
    let keys: std::collections::HashSet<String> = rewards.iter().map(|reward| key(reward)).collect();
    assert_eq!(keys.len(), rewards.len());
    assert_eq!(key("reward.density( 2 )"), key("reward.density(2)"));
}

#[test]
fn a_verb_of_a_models_own_has_its_own_length() {
    // A parrot sings once a beat.
    for (call, beats) in [
        ("sample()", 16),
        ("fill(clip { 60 })", 4),
        ("fill(clip { 60 }, { bars = 2 })", 8),
        ("continue(clip { 60 })", 16),
    ] {
        let text = format!(r#"local n = #model("parrot"):{call}:notes() play("a", clip {{ 60 + n }})"#);
        let expected = lilt_score::Pitch::from_key(60 + beats);
        assert_eq!(first(&text).split(' ').next().unwrap(), format!("0+1:{expected}"), "{call}");
    }
}

#[test]
fn the_same_text_asks_for_the_same_takes() {
    let keys = |text: &str| {
        let evaluation = evaluate(text);
        assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
        evaluation.takes.iter().map(|take| take.key().to_string()).collect::<Vec<_>>()
    };
    let one = "local m = model \"parrot\"\nplay(\"a\", m:sample { bars = 2 })";
    let more = "play(\"x\", 60)\nlocal m = model \"parrot\"\nlocal b = m:sample { bars = 3 }\n\
                play(\"a\", m:sample { bars = 2 })";
    assert_eq!(keys(one), keys(one));
    assert_eq!(keys(one)[0], keys(more)[1], "an unrelated edit changed a take");
    assert_ne!(keys(one), keys(&format!("seed(1)\n{one}")));
    let twice = keys("local m = model \"parrot\"\nm:sample {}\nm:sample {}");
    assert_ne!(twice[0], twice[1]);
    let seeded = keys("local m = model \"parrot\"\nm:sample { seed = 1 }\nm:sample { seed = 1 }");
    assert_eq!(seeded[0], seeded[1]);
}

#[test]
fn state_survives_and_a_failed_script_leaves_it_alone() {
    let mut engine = engine();
    let mut run = |text: &str| {
        let evaluation = engine.evaluate(text, "set.lua");
        (evaluation.result.is_ok(), evaluation.printed.join(" "))
    };
    let count =
        "state.n = (state.n or 0) + 1 state.list = state.list or {} table.insert(state.list, state.n)";
    assert_eq!(run(&format!("{count} print(state.n, #state.list)")), (true, "1\t1".to_owned()));
    assert_eq!(run(&format!("{count} print(state.n) nonsense()")), (false, "2".to_owned()));
    assert_eq!(run(&format!("{count} print(state.n, #state.list)")), (true, "2\t2".to_owned()));
    assert_eq!(run("left = 1"), (true, String::new()));
    assert!(!run("print(left)").0, "a global survived its evaluation");
}

#[test]
fn chance_comes_from_the_seed() {
    let printed = |text: &str| evaluate(text).printed;
    let text = "print(math.random(), math.random(6), math.random(3, 5))";
    assert_eq!(printed(text), printed(text));
    assert_ne!(printed(text), printed(&format!("seed(2) {text}")));
}

#[test]
fn a_morph_lies_where_a_number_or_a_pattern_says() {
    let text = r#"
        local mine = markov(clip { 60, 62, 64, 67, 64, 62, 60, 67, 60, 64 }, { order = 1, smoothing = 1 })
        local one, other = clip { 60, 60, 60, 60 }, clip { 67, 67, 67, 67 }
        local way = mine:morph(one, other, { steps = 5, seed = 1 })
        local list = mine:interpolate(one, other, { steps = 5, seed = 1 })
        print(way, way:at(0) == one, way:at(1) == other, way:at(0.5) == list[3], way:at(0.3) == list[2])
        play("a", way:at(function(beat) return beat / 16 end))
        play("b", way:at("<0 1>"))
        play("c", way:at(sine(8)):transpose(12))
        play("d", list[1] .. list[2] .. list[3] .. list[4])
    "#;
    let evaluation = evaluate(text);
    let generation = evaluation.result.expect("it plays");
    assert_eq!(evaluation.printed, ["morph of 5 clips\ttrue\ttrue\ttrue\ttrue"]);
    evaluation.takes.iter().for_each(|take| {
        take.wait(std::time::Instant::now() + std::time::Duration::from_secs(20));
    });
    let [a, b, c, d] = [0, 1, 2, 3].map(|slot: usize| played(&generation.slots[slot], 4).expect("it plays"));
    assert_eq!(a, d);
    let bars = |from: u32, pitches: [&str; 4]| {
        let notes = (0..).zip(pitches).flat_map(|(bar, pitch)| (0..4).map(move |at| (4 * bar + at, pitch)));
        let told = notes.map(|(beat, pitch)| format!("{}+1:{pitch}", from + beat));
        told.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(b, bars(0, ["c4", "g4", "c4", "g4"]));
    assert_eq!(c, bars(0, ["c5", "g5", "c5", "g5"]));
}

#[test]
fn notes_tell_how_much_they_surprise() {
    let text = r#"
        local mine = markov(clip { 60, 62, 60, 62, 60, 62, 60, 64 }, { order = 1, smoothing = 0 })
        local tune = mine:surprised(clip { 60, 62, 60, 64 })
        print(tune == clip { 60, 62, 60, 64 })
        play("a", tune)
        play("b", tune):fast(2):transpose(7)
        play("c", clip { 60, 62, 60, 64 })
    "#;
    let evaluation = evaluate(text);
    let generation = evaluation.result.expect("it plays");
    assert_eq!(evaluation.printed, ["true"]);
    evaluation.takes.iter().for_each(|take| {
        take.wait(std::time::Instant::now() + std::time::Duration::from_secs(20));
    });
    let told = |slot: usize| {
        let Part::Notes(pattern) = &generation.slots[slot].part else { panic!("it plays") };
        let query = Query::new(Span::new(Beat::ZERO, Beat::whole(4)), Beat::whole(4));
        let events = pattern.query(query).expect("it is there");
        let event = |event: &Event<Controls>| {
            Some(format!("{}:{} {:.2}", event.onset()?, event.value.tone?, event.context.surprise()?))
        };
        events.iter().filter_map(event).collect::<Vec<_>>().join(", ")
    };
    // After c4 came d4 three times in four, e4 once.
    let plain = "0:c4 0.00, 1:d4 0.29, 2:c4 0.00, 3:e4 1.39";
    assert_eq!(told(0), plain);
    let twice = "0:g4 0.00, 1/2:a4 0.29, 1:g4 0.00, 3/2:b4 1.39";
    assert!(told(1).starts_with(twice), "{}", told(1));
    assert_eq!(told(2), "");
    assert_ne!(generation.slots[0].fingerprint, generation.slots[2].fingerprint);
}
