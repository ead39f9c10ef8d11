//! Every lesson is what its head says.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use lilt_inference::Inference;
use lilt_models::catalogue::{Processor, catalogue};
use lilt_script::{Bakes, Diagnostic, Engine, Limits, Severity};
use lilt_sequencer::Performance;

use super::*;
use crate::diagnosis;
use crate::folder::Folder;
use crate::place;

fn examples() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples"))
}

/// An engine in the folder of the examples that gives everything its time.
fn engine() -> Engine {
    let models = catalogue(place::weights().expect("weights"), None, Processor::Cpu);
    let inference = Inference::new(models, 1).expect("workers");
    let limits = Limits { bakes: Bakes::Never, ..Limits::unhurried() };
    let script = examples().join("lesson.lua");
    let engine = Engine::new(inference, Box::new(Folder::of(&script)), limits).expect("an engine");
    let bank = place::sounds(&script, &[]);
    bank.list();
    engine.set_sounds(Some(Arc::new(place::sound_names(&bank))));
    engine
}

/// What is wrong with a text, as a host says it: when it is read, or when its first bars are tried.
fn mistake(engine: &mut Engine, text: &str, name: &str) -> Option<Diagnostic> {
    let generation = match engine.evaluate(text, name).result {
        Ok(generation) => generation,
        Err(diagnostic) => return Some(diagnostic),
    };
    let refused = Performance::new().propose(generation, 0.0).err();
    refused.map(|error| diagnosis::of_plan(error, name))
}

#[test]
fn the_course_is_the_folder_in_its_order() {
    let course = Course::open().unwrap_or_else(|error| panic!("{error}"));
    let numbers: Vec<u32> = course.lessons().iter().map(Lesson::number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u32).collect::<Vec<_>>(), "numbers of the heads");
    let entries = fs::read_dir(examples()).expect("examples/");
    let files = entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned());
    let files: BTreeSet<String> = files.filter(|name| name.ends_with(".lua")).collect();
    let lessons = course.lessons().iter().map(|lesson| format!("{}.lua", lesson.file_name()));
    assert_eq!(lessons.collect::<BTreeSet<_>>(), files);
    for lesson in course.lessons() {
        let (name, lines) = (lesson.file_name(), lesson.text().lines().count());
        assert!(
            name.starts_with(&format!("{:02}-", lesson.number())),
            "{name} has another number in its head"
        );
        assert!(lines <= 60, "{name} has {lines} lines: a lesson has 60 at most");
        assert_eq!(lesson.places(), [1, 1], "{name}: what is exchanged stands once in the script");
        assert!((6..=110).contains(&lesson.summary().len()), "{name}: {}", lesson.summary());
        for line in lesson.text().lines() {
            assert!(line.chars().count() <= 120, "{name} has a line that no screen shows: {line}");
        }
    }
}

#[test]
fn what_breaks_a_lesson_is_told_as_its_head_says() {
    let course = Course::open().unwrap_or_else(|error| panic!("{error}"));
    let mut engine = engine();
    let mut wrong = Vec::new();
    for lesson in course.lessons() {
        let said = mistake(&mut engine, &lesson.broken(), lesson.file_name());
        let said = said.map_or("nothing: it plays".to_string(), |diagnostic| diagnostic.message);
        if said != lesson.says() {
            wrong.push(format!("{}:\n  Lilt says {said}\n  the head  {}", lesson.file_name(), lesson.says()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_to_be_changed_first_plays() {
    let course = Course::open().unwrap_or_else(|error| panic!("{error}"));
    let mut engine = engine();
    for lesson in course.lessons() {
        let (name, changed) = (lesson.file_name(), lesson.changed());
        let evaluation = engine.evaluate(&changed, name);
        // A model of one's own is not there; everything before it is right.
        let untrained = evaluation.untrained.is_some() && lesson.first().is_some();
        if let Err(diagnostic) = &evaluation.result {
            assert!(untrained, "{name}: {}", diagnostic.render(&changed));
        }
        let warnings = evaluation.notices.iter().filter(|notice| notice.severity == Severity::Warning);
        let warnings: Vec<_> = warnings.map(|notice| notice.render(&changed)).collect();
        assert!(warnings.is_empty(), "{name}: {}", warnings.join("\n"));
    }
}

#[test]
fn lessons_are_found_by_number_name_and_title() {
    let course = Course::open().unwrap_or_else(|error| panic!("{error}"));
    for wanted in ["2", "02", "beat", "02-beat", "02-beat.lua", "A beat", " a BEAT "] {
        assert_eq!(course.place(wanted).ok(), Some(1), "{wanted}");
    }
    let error = course.place("first-not").expect_err("there is none").to_string();
    assert_eq!(
        error,
        "lilt: no example is called `first-not`: did you mean `first-note`? (`lilt examples` lists them all)"
    );
}
