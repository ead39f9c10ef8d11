//! What holds of every verb, whatever it is given: arguments of each parameter's kind are made up, and music for
//! it. A question in two parts has the same answer; a bar has only so many events; the same text plays the same.

use std::sync::Arc;

use lilt_inference::{Catalogue, Inference, Model, ModelError};
use lilt_score::{Beat, Controls, Event, Pattern, Query, Span};
use lilt_sequencer::Part;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::all;
use crate::verb::{Kind, Param, Verb};
use crate::{Bakes, Engine, Limits};

/// Scripts for each verb; `PROPTEST_CASES` may ask for more.
const CASES: u32 = 10;

/// More than any script of these plays in a bar: texts play at most 64, verbs 64 times as many.
const MOST_EVENTS: usize = 64 * 64;

struct NoModels;

impl Catalogue for NoModels {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        Err(ModelError::UnknownModel { name: name.to_owned(), nearest: None, known: Vec::new() })
    }
}

pub(super) fn engine() -> Engine {
    let limits = Limits { bakes: Bakes::Never, ..Limits::patient() };
    let inference = Inference::new(NoModels, 1).expect("a thread");
    Engine::new(inference, Box::new(()), limits).expect("an engine")
}

type Text = BoxedStrategy<String>;

fn one_of(texts: &'static [&'static str]) -> Text {
    select(texts).prop_map(str::to_owned).boxed()
}

/// Mini-notation with these words.
fn notation(words: Text) -> Text {
    words
        .prop_recursive(3, 12, 3, |inner| {
            let row = prop::collection::vec(inner.clone(), 1..4).prop_map(|row| row.join(" "));
            let around =
                (row, select(vec![("[", "]"), ("<", ">"), ("{", "}%3"), ("[", "]*3"), ("[", "]/2")]));
            let other = select(vec!["*2", "!2", "@3", "(3,8)", "?", "*<2 3>", "/3", ", ~"]);
            prop_oneof![
                2 => around.prop_map(|(row, (open, close))| format!("{open}{row}{close}")),
                1 => (inner, other).prop_map(|(inner, other)| match other {
                    ", ~" => format!("[{inner}, ~]"),
                    other => format!("{inner}{other}"),
                }),
            ]
        })
        .boxed()
}

/// Music of each kind that scripts make.
fn music() -> Text {
    let tones = one_of(&["c4", "e4", "g#3", "~", "62.5", "a3'min7", "c4'maj'i1", "bb5"]);
    let drums = one_of(&["bd", "sd", "hh", "~", "cp"]);
    let numbers = one_of(&["0", "1", "2", "-3", "0.5", "7"]);
    prop_oneof![
        4 => notation(tones).prop_map(|text| format!("notes \"{text}\"")),
        2 => notation(drums).prop_map(|text| format!("drums \"{text}\"")),
        1 => notation(numbers.clone()).prop_map(|text| format!("numbers \"{text}\"")),
        1 => notation(numbers).prop_map(|text| format!("degrees \"{text}\"")),
        1 => one_of(&["sine", "saw(6)", "rand:range(48, 72)", "perlin", "(notes \"c4\" + sine:range(0, 12))"]),
        1 => one_of(&[
            "clip { 60, 62, \"~\", 65 }",
            "clip { { pitch = 60, duration = 5/3 }, { pitch = \"e4\", start = 1/2 }, length = 7/2 }",
        ]),
    ]
    .boxed()
}

/// Numbers within a range that may be written, most of them small.
fn numbers(least: f64, most: f64, whole: bool) -> Text {
    let parts = [0.0, 1.0, 2.0, 3.0, 8.0, -1.0, -2.0, 0.25, 1.0 / 3.0, 0.7, 1.5, least, least / 2.0];
    let known: Vec<f64> = parts
        .into_iter()
        .filter(|number| (least..=most).contains(number) && (!whole || number.fract() == 0.0))
        .collect();
    select(known).prop_map(|number| format!("{number}")).boxed()
}

/// The same, standing still or moving.
fn moving(least: f64, most: f64, whole: bool) -> Text {
    let number = numbers(least, most, whole);
    let (low, high) = (least.max(-8.0), most.min(8.0).max(least));
    prop_oneof![
        4 => number.clone(),
        3 => notation(number).prop_map(|text| format!("\"{text}\"")),
        1 => Just(format!("sine(6):range({low}, {high})")),
        1 => Just(format!("rand:range({low}, {high}):segment(4)")),
        1 => Just(format!("function(beat) return {low} + beat % 3 end")),
    ]
    .boxed()
}

fn change() -> Text {
    one_of(&[
        "rev",
        "fast(2)",
        "fast(\"<1 2>\"):rev()",
        "function(p) return p:late(1/8) end",
        "degradeBy(0.5)",
        "function(p) return p:every(2, rev):ply(2) end",
    ])
}

/// What may stand for the parameter.
fn argument(verb: &'static Verb, param: &'static Param) -> Text {
    let many = |one: Text| prop::collection::vec(one, 1..3).prop_map(|all| all.join(", ")).boxed();
    match param.kind {
        Kind::Number { least, most } => moving(least, most, false),
        Kind::Whole { least, most } => moving(least, most, true),
        Kind::Numbers => moving(-2.0, 8.0, false),
        Kind::Bounded { least, most } => moving(least, most, false),
        Kind::Music => prop_oneof![music(), one_of(&["7", "notes \"c4 [e4 g4]\"", "\"<0 7>\""])].boxed(),
        Kind::Musics => many(music()),
        Kind::Change => change(),
        Kind::Changes => many(change()),
        Kind::Text if verb.name.ends_with("randcat") || verb.name == "wchoose" => {
            one_of(&["\"3 1\"", "\"0 1 2\""])
        }
        Kind::Text => one_of(&["\"c4\"", "\"bd sd\"", "\"n=2 e4\"", "\"pan=0\""]),
        Kind::Sounds => one_of(&["\"pluck\"", "\"<pluck bell>*2\"", "synth \"pad\""]),
        Kind::Words if verb.name == "arp" => one_of(&["\"up\"", "\"<updown converge>\"", "\"0 [2 -1] 5\""]),
        Kind::Words => one_of(&["\"maj\"", "\"<min7 sus4>*2\"", "\"maj7 7\""]),
        Kind::Truths => one_of(&["\"x ~ x\"", "\"<1 0> [1 0 1]\"", "1", "\"x(3,8)\"", "square"]),
        Kind::Scale => one_of(&["\"C minor\"", "\"<C:major a3:minor>\"", "\"E minor pentatonic\""]),
        Kind::Structure => one_of(&[
            "{ from = \"left\" }",
            "{ from = \"right\" }",
            "{ from = \"both\" }",
            "{ from = \"squeeze\" }",
        ]),
        Kind::Note => one_of(&[
            "function(n) return n end",
            "function(n) return n.pitch and n.pitch > 62 and n or nil end",
            "function(n) return { n, n } end",
        ]),
        Kind::Pitches => one_of(&["60", "\"c4\"", "\"<c4 e4>\""]),
        Kind::Seed => one_of(&["0", "7"]),
    }
}

/// Scripts in which the verb changes music.
fn scripts(verb: &'static Verb) -> Text {
    let needed: Vec<Text> =
        verb.params.iter().filter(|param| param.is_needed()).map(|param| argument(verb, param)).collect();
    let every: Vec<Text> = verb.params.iter().map(|param| argument(verb, param)).collect();
    let written = Union::new([needed, every]).prop_map(|arguments| arguments.join(", "));
    (music(), written)
        .prop_map(|(music, written)| format!("local m = {music} play(\"a\", m:{}({written}))", verb.name))
        .boxed()
}

/// What begins, as it can be compared.
fn begun(
    pattern: &Pattern<Controls>,
    bar: Beat,
    spans: &[(Beat, Beat)],
) -> Result<Vec<String>, TestCaseError> {
    let mut told = Vec::new();
    for (from, to) in spans {
        let span = Span::new(bar * *from, bar * *to);
        let events =
            pattern.query(Query::new(span, bar)).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let bars = (*to - *from).ceil().max(1) as usize;
        prop_assert!(events.len() <= MOST_EVENTS * bars, "{} events in {bars} bars", events.len());
        prop_assert!(events.iter().all(|event| inside(event, span)), "{from} to {to}: {events:?}");
        let begun = events.into_iter().filter(|event| event.onset().is_some());
        // Texts are numbered as they are read: the number of a place is another each time.
        let places = |event: &Event<Controls>| -> Vec<(u32, u32)> {
            event.context.places().iter().map(|place| (place.from, place.to)).collect()
        };
        told.extend(begun.map(|event| format!("{:?} {:?} {:?}", event.whole, event.value, places(&event))));
    }
    told.sort();
    Ok(told)
}

/// Whether what of the event was answered lies where it was asked for, and in the event.
fn inside(event: &Event<Controls>, asked: Span) -> bool {
    let within = |part: Span, whole: Span| whole.start <= part.start && part.end <= whole.end;
    within(event.part, asked) && event.whole.is_none_or(|whole| within(event.part, whole))
}

fn played(engine: &mut Engine, text: &str) -> Option<Pattern<Controls>> {
    // What a verb refuses is an error with a message, as it should be.
    let generation = engine.evaluate(text, "set.lua").result.ok()?;
    match &generation.slots[0].part {
        Part::Notes(pattern) => Some(pattern.clone()),
        _ => None,
    }
}

#[test]
fn every_verb_keeps_the_laws() {
    let (mut engine, mut again) = (engine(), engine());
    let cuts =
        [(1, 7), (1, 2), (1, 1), (5, 3), (9, 4), (47, 16)].map(|(upper, lower)| Beat::new(upper, lower));
    let (start, end) = (Beat::ZERO, Beat::whole(3));
    let far = Beat::whole(1_000);
    let (mut total, mut sounding, mut broken) = (0, 0, Vec::new());
    for verb in all() {
        let config = Config { failure_persistence: None, ..Config::default() };
        let cases = if std::env::var_os("PROPTEST_CASES").is_some() { config.cases } else { CASES };
        let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut runner = TestRunner::new_with_rng(Config { cases, ..config }, rng);
        let (mut plays, mut seen) = (0, 0);
        let law = |text: &str, plays: &mut u32, seen: &mut u32| {
            *seen += 1;
            let Some(pattern) = played(&mut engine, text) else { return Ok(()) };
            *plays += 1;
            for bar in [Beat::whole(4), Beat::new(7, 2)] {
                let whole = begun(&pattern, bar, &[(start, end)])?;
                for cut in cuts {
                    let halves = begun(&pattern, bar, &[(start, cut), (cut, end)])?;
                    prop_assert_eq!(&halves, &whole, "cut at {} bars of {} beats", cut, bar);
                }
            }
            let (bar, after) = (Beat::whole(4), far + Beat::whole(1));
            let late = begun(&pattern, bar, &[(far, after)])?;
            let Some(twin) = played(&mut again, text) else { return Err(TestCaseError::fail("plays once")) };
            prop_assert_eq!(begun(&twin, bar, &[(far, after)])?, late, "the same text");
            Ok(())
        };
        let counted = std::cell::RefCell::new((law, &mut plays, &mut seen));
        let result = runner.run(&scripts(verb), |text| {
            let (law, plays, seen) = &mut *counted.borrow_mut();
            law(&text, plays, seen)
        });
        match result {
            Err(error) => broken.push(format!("{}: {error}", verb.name)),
            Ok(()) if plays * 3 < seen => {
                broken.push(format!("only {plays} of {seen} scripts with {} play", verb.name));
            }
            Ok(()) => {}
        }
        total += seen;
        sounding += plays;
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    assert!(sounding * 2 > total, "only {sounding} of {total} scripts play");
}
