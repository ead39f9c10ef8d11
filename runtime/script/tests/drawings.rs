//! Models of drawings as a script asks them: each verb as for music, and the drawing on its slot when it is there.

#[path = "../../inference/tests/doodler/mod.rs"]
mod doodler;

use std::sync::{Arc, Condvar, Mutex};

use doodler::{Doodler, MOVES, Move, chances};
use lilt_inference::{
    Catalogue, Conditions, Continues, Description, Inference, Model, ModelError, Sampled, Sampling, Scores,
    Tilts, Watch,
};
use lilt_score::{Beat, Query, QueryError, Sketch, Span};
use lilt_script::{Engine, Evaluation, Limits};
use lilt_sequencer::{Part, SlotSpec};

/// Closed until somebody opens it.
type Door = Arc<(Mutex<bool>, Condvar)>;

/// A doodler that draws when its door opens.
struct Patient {
    doodler: Doodler,
    door: Door,
}

impl Model for Patient {
    fn description(&self) -> &Description {
        self.doodler.description()
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        let open = self.door.0.lock().expect("nobody panics with it");
        drop(self.door.1.wait_while(open, |open| !*open).expect("nobody panics with it"));
        self.doodler.sample(request, watch)
    }

    fn continues(&self) -> Option<&dyn Continues> {
        self.doodler.continues()
    }

    fn scores(&self) -> Option<&dyn Scores> {
        self.doodler.scores()
    }

    fn tilts(&self) -> Option<&dyn Tilts> {
        self.doodler.tilts()
    }
}

/// `doodler`, one that only samples and scores, one that waits.
#[derive(Default)]
struct Easel(Door);

impl Catalogue for Easel {
    fn names(&self) -> Vec<String> {
        ["doodler", "patient", "plain"].map(str::to_owned).to_vec()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        Ok(match name {
            "plain" => Arc::new(Doodler::plain(name)),
            "patient" => Arc::new(Patient { doodler: Doodler::new(name), door: Arc::clone(&self.0) }),
            _ => Arc::new(Doodler::new(name)),
        })
    }
}

fn engine(unhurried: bool) -> Engine {
    let inference = Inference::new(Easel::default(), 1).expect("a thread");
    let limits = Limits { unhurried, ..Limits::patient() };
    Engine::new(inference, Box::new(()), limits).expect("an engine")
}

fn printed(text: &str) -> Vec<String> {
    let evaluation = engine(true).evaluate(text, "set.lua");
    match evaluation.result {
        Ok(_) => evaluation.printed,
        Err(diagnostic) => panic!("{}", diagnostic.render(text)),
    }
}

fn told(text: &str) -> String {
    match engine(true).evaluate(text, "set.lua").result {
        Ok(_) => panic!("it is right: {text}"),
        Err(diagnostic) => diagnostic.render(text),
    }
}

fn slots(evaluation: &Evaluation) -> &[SlotSpec] {
    match &evaluation.result {
        Ok(generation) => &generation.slots,
        Err(diagnostic) => panic!("{diagnostic}"),
    }
}

/// The drawings of a slot from bar `from` on.
fn drawn(slot: &SlotSpec, from: i64, bars: i64) -> Result<Vec<Sketch>, QueryError> {
    let Part::Drawing { sketches } = &slot.part else { panic!("slot {} is no drawing", slot.name) };
    let bar = |number: i64| Beat::whole(4 * number);
    let query = Query::new(Span::new(bar(from), bar(from + bars)), bar(1));
    Ok(sketches.query(query)?.into_iter().map(|event| event.value).collect())
}

#[test]
fn a_sketch_can_be_drawn_before_it_is_there_and_appears_then() {
    let easel = Easel::default();
    let door = Arc::clone(&easel.0);
    let inference = Inference::new(easel, 1).expect("a thread");
    let mut engine = Engine::new(inference, Box::new(()), Limits::default()).expect("an engine");
    let text = "local cat = model(\"patient\"):sample { seed = 3, points = 20 }\n\
        print(cat)\ndraw(\"cat\", cat) draw(\"twice\", function() return cat end)";
    let evaluation = engine.evaluate(text, "set.lua");
    assert_eq!(evaluation.printed, ["sketch that `patient` is making"]);
    let slots = slots(&evaluation);
    for slot in slots {
        assert!(matches!(drawn(slot, 0, 1), Err(QueryError::Late)), "{} is not there yet", slot.name);
    }
    *door.0.lock().unwrap() = true;
    door.1.notify_all();
    engine.wait_for(&evaluation.takes[0], std::time::Instant::now() + std::time::Duration::from_secs(60));
    let request = Sampling::drawing(20, 1.0, 3, Conditions::default()).unwrap();
    let sketch =
        Doodler::new("doodler").sample(&request, &Watch::new()).unwrap().piece.into_sketch().unwrap();
    for slot in slots {
        assert_eq!(drawn(slot, 0, 2).unwrap(), [sketch.clone(), sketch.clone()], "{}", slot.name);
    }
}

#[test]
fn every_verb_is_asked_as_of_music() {
    let lines = printed(
        "local m = model \"doodler\"\n\
         local half = m:sample { seed = 2, points = 6, temperature = 0.9 }\n\
         local whole = m:continue(half, { seed = 5, points = 30 })\n\
         local a, b = half:strokes()[1][1], whole:strokes()[1][1]\n\
         print(a[1] == b[1] and a[2] == b[2], #whole >= #half, whole)\n\
         local way = m:interpolate(half, whole, { steps = 4, seed = 1 })\n\
         print(#way, way[1]:likeness(half), way[4]:likeness(whole), way[2]:likeness(half) < 1)\n\
         local nats = m:surprise(whole)\n\
         print(nats[1], m:score(whole) > 0, #nats == #m:surprise(way[4]))\n\
         print(m:morph(half, whole, { steps = 3 }):at(0):likeness(half))\n\
         print(m:sample { seed = 1 } == nil, m:sample { seed = 1 })",
    );
    assert!(lines[0].starts_with("true\ttrue\tsketch of "), "{}", lines[0]);
    assert!(lines[1].starts_with("4\t1\t1\ttrue"), "{}", lines[1]);
    assert!(lines[2].ends_with("\ttrue\ttrue"), "{}", lines[2]);
    assert_eq!(lines[3], "1");
}

/// Drawings are tilted by a function of the script as they are by counting.
#[test]
fn a_reward_is_asked_about_sketches() {
    // ln of the chance that the pen is never lifted: what is to come depends on the last move alone.
    let mut after = [0.0; 3];
    let sum = |before: Option<Move>, after: [f64; 3]| -> f64 {
        let worth = |step: Move| match step {
            Move::End => 1.0,
            Move::Lift => 0.0,
            step => after[step as usize],
        };
        MOVES.into_iter().zip(chances(before, 1.0)).map(|(step, chance)| chance * worth(step)).sum()
    };
    for _ in 0..1000 {
        after = [0, 1, 2].map(|step| sum(Some(MOVES[step]), after));
    }
    let asked = sum(None, after).ln();
    let lines = printed(
        "local line = model(\"doodler\"):tilt(function(s) return #s > 1 and -math.huge or 0 end,\n\
           { particles = 1024, every = 3 })\n\
         for seed = 1, 3 do\n\
           local s = line:sample { seed = seed }\n\
           print(#s, s:log_z(), s:ess() > 0)\n\
         end\n\
         print(#line:continue(sketch { { { 0.1, 0.1 }, { 0.2, 0.1 } } }, { seed = 1 }))",
    );
    for line in &lines[..3] {
        let parts: Vec<&str> = line.split('\t').collect();
        let log_z: f64 = parts[1].parse().unwrap();
        assert_eq!((parts[0], parts[2]), ("1", "true"));
        assert!((log_z - asked).abs() < 0.15, "{log_z}, by counting {asked}");
    }
    assert_eq!(lines[3], "1");
}

#[test]
fn a_stream_of_drawings_goes_on_where_the_pen_was() {
    let text = "draw(\"line\", model(\"doodler\"):stream { seed = 4, points = 12 })";
    let mut engine = engine(true);
    let evaluation = engine.evaluate(text, "set.lua");
    let slot = &slots(&evaluation)[0];
    let whole = drawn(slot, 0, 12).unwrap();
    assert_eq!(whole.len(), 12);
    for pair in whole.windows(2) {
        let stroke = pair[0].strokes().last().unwrap();
        assert_eq!(pair[1].strokes()[0].points[..stroke.points.len()], stroke.points[..]);
    }
    assert!(whole.iter().any(|sketch| *sketch != whole[0]));
    // A drawing is the same whenever it is asked for.
    assert_eq!(drawn(slot, 5, 2).unwrap(), whole[5..7]);
}

#[test]
fn a_morph_moves_a_drawing() {
    let text = "local m = model \"doodler\"\n\
        local way = m:morph(m:sample { seed = 1 }, m:sample { seed = 2 }, { steps = 3 })\n\
        draw(\"there\", way:at(saw(2))) draw(\"first\", way:at(0))";
    let mut engine = engine(true);
    let evaluation = engine.evaluate(text, "set.lua");
    for take in &evaluation.takes {
        engine.wait_for(take, std::time::Instant::now() + std::time::Duration::from_secs(60));
    }
    let slots = slots(&evaluation);
    let first = drawn(&slots[1], 0, 1).unwrap();
    assert_eq!(drawn(&slots[0], 0, 1).unwrap(), first);
    assert_eq!(drawn(&slots[0], 2, 1).unwrap(), first);
}

#[test]
fn what_a_model_cannot_is_told_where_it_is_asked() {
    for (script, message) in [
        (
            "model(\"plain\"):continue(sketch { { { 0, 0 } } })",
            r#"error: `plain` cannot continue
  set.lua:1:16
  |
1 | model("plain"):continue(sketch { { { 0, 0 } } })
  |                ^^^^^^^^
  = it can sample and score
"#,
        ),
        (
            "model(\"plain\"):tilt(function(s) return 0 end)",
            r#"error: `plain` cannot tilt
  set.lua:1:16
  |
1 | model("plain"):tilt(function(s) return 0 end)
  |                ^^^^
  = it can sample and score
"#,
        ),
        (
            "model(\"plain\"):stream()",
            r#"error: `plain` cannot stream
  set.lua:1:16
  |
1 | model("plain"):stream()
  |                ^^^^^^
  = it can sample and score
"#,
        ),
    ] {
        assert_eq!(told(script), message);
    }
}
