//! `draw`: what it draws, when, and how that looks.

mod parrot;

use lilt_score::{Beat, Control, Event, Query, Sketch, Span};
use lilt_script::ByHand;
use lilt_sequencer::{Action, Part, Performance, Show, SlotSpec};
use parrot::{engine, generation};

fn slot(text: &str) -> SlotSpec {
    generation(text)
        .slots
        .into_iter()
        .find(|slot| matches!(slot.part, Part::Drawing { .. }))
        .expect("it draws")
}

/// What is drawn in the first `bars` bars: from when, for how long, and with how many points.
fn drawn(text: &str, bars: i64) -> String {
    let Part::Drawing { sketches } = slot(text).part else { panic!("it draws") };
    let bar = Beat::whole(4);
    let events = (0..bars).flat_map(|number| {
        let start = bar * Beat::whole(number);
        sketches.query(Query::new(Span::new(start, start + bar), bar)).expect("it answers")
    });
    let row = |event: Event<Sketch>| {
        let begins = event.onset()?;
        let whole = event.whole?;
        Some(format!("{begins}+{}:{}", whole.end - whole.start, event.value.points()))
    };
    events.filter_map(row).collect::<Vec<_>>().join(" ")
}

/// The values of a look in the first bar, where it moves.
fn look(text: &str, name: &str) -> Vec<(f64, f64)> {
    let look = Control::look(name).expect("a look");
    let mut performance = Performance::new();
    performance.propose(generation(text), 0.0).expect("accepted");
    let events = performance.fill_to(Beat::whole(4)).events;
    let said = |action: &Action| match action {
        Action::Look { look: known, value } if *known == look => Some((value * 1e3).round() / 1e3),
        _ => None,
    };
    events.iter().filter_map(|event| Some((event.beat.to_f64(), said(&event.action)?))).collect()
}

#[test]
fn a_round_is_a_bar_and_its_strokes_take_as_long_as_they_are_to() {
    for (text, want) in [
        ("draw(\"a\", line {})", "0+4:2 4+4:2"),
        ("draw(\"a\", line {}, { over = 2 })", "0+2:2 4+2:2"),
        ("draw(\"a\", line {}, { beats = 2 })", "0+2:2 2+2:2 4+2:2 6+2:2"),
        ("draw(\"a\", line {}, { over = 6 })", "0+6:2"),
        ("draw(\"a\", line {}, { beats = 2, over = 3 })", "0+2:2 2+2:2 4+2:2 6+2:2"),
        ("draw(\"a\", line {}, { over = 0 })", "0+1/256:2 4+1/256:2"),
        ("draw(\"a\", { line {}, circle {} })", "0+4:2 4+4:64"),
        ("draw(\"a\", function(beat) return circle { points = beat + 4 } end, { over = 1 })", "0+1:4 4+1:8"),
        ("draw(\"a\", \"0 <1 ~>\", { of = { line {}, circle {} } })", "0+2:2 2+2:64 4+2:2"),
        (
            "draw(\"a\", \"o*2 l\", { of = { o = circle {}, l = line {} }, over = 1/2 })",
            "0+1/2:64 1+1/2:64 2+1/2:2 4+1/2:64 5+1/2:64 6+1/2:2",
        ),
    ] {
        assert_eq!(drawn(text, 2), want, "{text}");
    }
}

#[test]
fn looks_are_methods_and_options_and_move_as_controls_do() {
    for text in ["draw(\"a\", line {}):size(\"1 .5\")", "draw(\"a\", line {}, { size = \"1 .5\" })"] {
        assert_eq!(look(text, "size"), [(2.0, 0.5)], "{text}");
    }
    let (one, other) = (slot("draw(\"a\", line {}):hue(0.2)"), slot("draw(\"a\", line {}, { hue = 0.2 })"));
    assert_eq!(one.fingerprint, other.fingerprint);
    assert_eq!(look("draw(\"a\", line {}):rotate(sine / 4)", "rotate").len(), 63);
    let colours = look("draw(\"a\", line {}):colour(\"tomato sky\")", "colour");
    assert_eq!(colours, [(0.0, f64::from(0xff6347)), (2.0, f64::from(0x4fd1ff))]);
    assert_eq!(look("draw(\"a\", line {}):color \"#102030\"", "colour"), [(0.0, f64::from(0x102030))]);
    assert_eq!(look("draw(\"a\", line {}):blend \"<add>\"", "blend"), [(0.0, 1.0)]);
    assert_eq!(look("draw(\"a\", line {}):layer(function(beat) return beat end)", "layer").len(), 31);
}

#[test]
fn words_that_mean_something_else_of_music_still_do() {
    let plays = generation(
        "play(\"a\", \"c4\"):size(0.8):layer(function(x) return x end):width(0.5) draw(\"b\", line {}):size(3)",
    );
    assert!(plays.slots[0].strip.pattern(Control::SIZE).is_some());
    assert!(plays.slots[0].strip.pattern(Control::LOOK_SIZE).is_none());
    assert!(plays.slots[1].strip.pattern(Control::LOOK_SIZE).is_some());
}

#[test]
fn a_signal_follows_what_another_slot_strikes() {
    let beat = "play(\"beat\", drums(\"bd ~ sd ~\"):velocity(\"1 1 0.4 1\"))";
    let follows =
        |said: &str| look(&format!("draw(\"a\", line {{}}, {{ opacity = {said} }}) {beat}"), "opacity");
    let all = follows("env \"beat\"");
    assert_eq!(all[0], (0.0625, 0.766), "it falls from 1, where opacity stands unsaid");
    assert!(all.contains(&(0.5, 0.0)) && all.contains(&(2.0, 0.5)), "{all:?}");
    let snare = follows("env(\"beat\", { sound = \"sd\", decay = 1/4 })");
    assert_eq!((snare[0], snare[1]), ((0.0, 0.0), (2.0, 0.5)));
    assert_eq!(follows("env(\"beat\", { attack = 1/8 })")[1], (0.0625, 0.5));
    let by_value = look("draw(\"a\", line {}):opacity(env(play(\"beat\", drums \"bd ~ ~ ~\")))", "opacity");
    assert_eq!(by_value[0], (0.0625, 0.766));
}

#[test]
fn a_silent_slot_strikes_nothing() {
    let text = "play(\"beat\", drums \"bd*4\"):silent() draw(\"a\", line {}):size(env \"beat\")";
    assert_eq!(look(text, "size"), [(0.0, 0.0)]);
}

#[test]
fn who_follows_is_another_when_the_followed_is() {
    let of = |beat: &str, loud: &str| {
        slot(&format!("play(\"beat\", drums \"{beat}\") draw(\"a\", line {{}}):size(env \"beat\" * {loud})"))
            .fingerprint
    };
    assert_eq!(of("bd sd", "2"), of("bd sd", "2"));
    assert_ne!(of("bd sd", "2"), of("bd cp", "2"));
    assert_ne!(of("bd sd", "2"), of("bd sd", "3"));
    let plain = |beat: &str| {
        slot(&format!("play(\"beat\", drums \"{beat}\") draw(\"a\", line {{}}):size(2)")).fingerprint
    };
    assert_eq!(plain("bd sd"), plain("bd cp"));
    // Music follows as drawings do.
    let pad = |beat: &str| {
        let text = format!("play(\"pad\", \"c4\"):gain(env \"beat\") play(\"beat\", drums \"{beat}\")");
        generation(&text).slots[0].fingerprint
    };
    assert_ne!(pad("bd sd"), pad("bd cp"));
}

#[test]
fn two_numbers_are_still_an_envelope() {
    assert_eq!(generation("play(\"pad\", notes(\"c4*8\"):gain(env(\"0 1 0.5\", 16)))").slots.len(), 1);
}

#[test]
fn the_canvas_shows_what_the_script_says() {
    let staging = generation("show \"code\" background \"#102030\"").staging;
    assert_eq!((staging.show, staging.background.map(|rgb| rgb.number())), (Show::Code, Some(0x102030)));
    for (name, show) in Show::ALL {
        let staging = generation(&format!("show {name:?}")).staging;
        assert_eq!((staging.show, show.is_heard()), (show, ["scope", "spectrum"].contains(&name)));
    }
    assert_eq!(generation("play(\"a\", \"c4\")").staging, lilt_sequencer::Staging::default());
}

#[test]
fn what_a_hand_drew_is_a_sketch() {
    let mut engine = engine();
    let points = |engine: &mut lilt_script::Engine| {
        let text = "print(#drawn():strokes()) draw(\"hand\", drawn())";
        let evaluation = engine.evaluate(text, "set.lua");
        let slots = evaluation.result.expect("it is right").slots;
        (evaluation.printed, engine.reads_hand(), slots[0].fingerprint)
    };
    let nothing = points(&mut engine);
    assert_eq!((&nothing.0[..], nothing.1), (&["0".to_owned()][..], true));
    let point = |x| lilt_score::Point { x, y: 0.5, width: 0.01, time: x };
    let stroke = lilt_score::Stroke { points: vec![point(0.1), point(0.9)] };
    engine.set_by_hand(ByHand { sketch: Sketch::new(vec![stroke]), clicks: Vec::new() });
    let something = points(&mut engine);
    assert_eq!(something.0, ["1"]);
    assert_ne!(something.2, nothing.2);
    let other = engine.evaluate("play(\"a\", \"c4\")", "set.lua");
    assert!(other.result.is_ok() && !engine.reads_hand());
}

/// Where the ring lies on the map that is drawn in the second bar.
fn ring(generation: &lilt_sequencer::Generation) -> (f32, f32) {
    let Part::Drawing { sketches } = &generation.slots[0].part else { panic!("it draws") };
    let bar = Beat::whole(4);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    let map = loop {
        match sketches.query(Query::new(Span::new(bar, bar + bar), bar)) {
            Ok(events) => break events[0].value.clone(),
            Err(lilt_score::QueryError::Late) if std::time::Instant::now() < until => {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            Err(error) => panic!("{error}"),
        }
    };
    let ring = &map.strokes().last().expect("strokes").points;
    let middle = |of: fn(&lilt_score::Point) -> f32| {
        (ring[1..].iter().map(of).sum::<f32>() / (ring.len() - 1) as f32 * 100.0).round() / 100.0
    };
    (middle(|point| point.x), middle(|point| point.y))
}

#[test]
fn a_way_is_a_map_that_is_clicked() {
    let text = "local way = model(\"sketch\"):morph(line {}, circle {}, { steps = 3 }) \
                local here = way:clicked(0) print(here) draw(\"map\", way:chart(here), { over = 0 })";
    let mut engine = engine();
    let mut clicked = |clicks: Vec<[f32; 2]>| {
        engine.set_by_hand(ByHand { sketch: Sketch::default(), clicks });
        let evaluation = engine.evaluate(text, "set.lua");
        let generation = evaluation.result.expect("it is right");
        assert!(engine.reads_hand());
        (evaluation.printed[0].clone(), ring(&generation), generation.slots[0].fingerprint)
    };
    let first = clicked(vec![]);
    assert_eq!((first.0.as_str(), first.1), ("0", (0.08, 0.93)));
    let middle = clicked(vec![[0.9, 0.9], [0.5, 0.9]]);
    assert_eq!((middle.0.as_str(), middle.1), ("0.5", (0.5, 0.93)));
    assert_ne!(middle.2, first.2);
    // What is far from the path is no click on the map.
    assert_eq!(clicked(vec![[0.5, 0.9], [0.5, 0.2]]).0, "0.5");
    let moving = "local way = model(\"sketch\"):morph(line {}, circle {}, { steps = 3 }) \
                  draw(\"map\", way:chart(\"<0 1>\"), { over = 0 })";
    assert_eq!(ring(&generation(moving)), (0.92, 0.93));
}

#[test]
fn a_click_is_a_point_of_the_stage() {
    let mut engine = engine();
    let mut printed = |clicks: Vec<[f32; 2]>| {
        engine.set_by_hand(ByHand { sketch: Sketch::default(), clicks });
        let evaluation = engine.evaluate("print(clicked()) play(\"a\", \"c4\")", "set.lua");
        assert!(evaluation.result.is_ok() && engine.reads_hand());
        evaluation.printed[0].clone()
    };
    assert_eq!(printed(vec![]), "0.5\t0.5");
    assert_eq!(printed(vec![[0.125, 0.5], [0.25, 1.5]]), "0.25\t1.5");
}

#[test]
fn a_place_beside_the_way_is_told() {
    let way = "local way = model(\"sketch\"):morph(line {}, circle {}, { steps = 3 }) ";
    for (call, want) in [
        ("way:clicked(5)", "`clicked` is 5: write a number from 0 to 1"),
        ("draw(\"map\", way:chart(2))", "`chart` is 2: write a number from 0 to 1"),
    ] {
        let told = parrot::complaint(&format!("{way}{call}"));
        assert!(told.contains(want), "{call}: {told}");
    }
}
