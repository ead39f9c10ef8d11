//! Runs the Lua tests of the standard library, and every example of the documentation.

mod parrot;

use std::collections::BTreeMap;
use std::path::Path;

use lilt_script::{Bakes, Engine, Limits, SourceFile, Sources};

/// `check.lua` beside the tests.
struct Tests(BTreeMap<String, String>);

impl Sources for Tests {
    fn read(&self, module: &str) -> Option<SourceFile> {
        // The tests are evaluated, not required: `require "scales"` is the library's.
        let text = self.0.get(module).filter(|_| module == "check")?;
        Some(SourceFile { name: format!("{module}.lua"), text: text.clone() })
    }
}

fn lua_tests() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/lua");
    let entries = std::fs::read_dir(&folder).expect("the folder of the Lua tests");
    let read = entries.map(|entry| {
        let path = entry.expect("a file").path();
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        (name, std::fs::read_to_string(path).expect("text"))
    });
    read.collect()
}

/// Each function of a test file runs in an evaluation of its own.
#[test]
fn the_standard_library_does_what_its_tests_say() {
    let files = lua_tests();
    let limits = Limits::patient();
    let mut engine =
        Engine::new(parrot::inference(), Box::new(Tests(files.clone())), limits).expect("an engine");
    let (mut passed, mut failed) = (0, Vec::new());
    for (file, text) in files.iter().filter(|(file, _)| *file != "check") {
        let functions =
            text.lines().filter_map(|line| line.strip_prefix("function tests.")?.strip_suffix("()"));
        for function in functions {
            let call = format!("tests.{function}()\n\nreturn tests");
            let one = text.replace("\nreturn tests", &format!("\n{call}"));
            let evaluation = engine.evaluate(&one, &format!("tests/lua/{file}.lua"));
            match evaluation.result {
                Ok(_) => passed += 1,
                Err(diagnostic) => failed.push(format!("{file}.{function}\n{}", diagnostic.render(&one))),
            }
        }
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), passed + failed.len(), failed.join("\n"));
    assert!(passed > 30, "only {passed} Lua tests ran");
}

#[test]
fn every_script_of_a_subject_plays() {
    for subject in ["buses", "changes", "chance", "samples"] {
        let page = lilt_script::subject(subject).expect(subject);
        assert!(page.lines().all(|line| line.chars().count() <= 116), "{subject}");
        // Lines that are indented by four and follow each other are one script.
        let mut scripts = vec![String::new()];
        for line in page.lines() {
            match line.strip_prefix("    ").filter(|line| !line.starts_with(' ')) {
                Some(line) => scripts.last_mut().expect("one").push_str(&format!("{line}\n")),
                None => scripts.push(String::new()),
            }
        }
        scripts.retain(|script| !script.is_empty());
        assert!(!scripts.is_empty(), "{subject}");
        for script in scripts {
            let evaluation = parrot::engine().evaluate(&script, "set.lua");
            let told: Vec<String> = evaluation.notices.iter().map(|notice| notice.render(&script)).collect();
            assert!(told.is_empty(), "{}", told.join("\n"));
            if let Err(diagnostic) = evaluation.result {
                panic!("{}", diagnostic.render(&script));
            }
        }
    }
}

#[test]
fn every_module_of_the_library_has_tests() {
    let tests = lua_tests();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    for entry in std::fs::read_dir(folder).expect("the standard library") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|ending| ending != "lua") {
            continue;
        }
        let name = path.file_stem().and_then(|stem| stem.to_str()).expect("a name").to_owned();
        // Chance is tested with rhythm, options through every function that has them.
        let tested = tests.contains_key(&name) || ["chance", "options"].contains(&name.as_str());
        assert!(tested, "tests/lua/{name}.lua is missing");
    }
}

#[test]
fn every_example_of_the_documentation_works() {
    let docs = lilt_script::documentation();
    assert!(docs.len() > 80, "only {} functions are documented", docs.len());
    // A parrot cannot learn what it says that it can.
    let limits = Limits { bakes: Bakes::Never, ..Limits::patient() };
    let mut engine = parrot::engine_with(&[], limits);
    for doc in &docs {
        assert!(!doc.summary.is_empty(), "{} has no summary", doc.name);
        assert!(!doc.example.is_empty(), "{} has no example", doc.name);
        let text =
            ["folk", "melody", "drums", "chorale"].into_iter().fold(doc.example.clone(), |text, name| {
                text.replace(&format!("model(\"{name}\""), "model(\"parrot\"")
            });
        let evaluation = engine.evaluate(&text, &doc.name);
        if let Err(diagnostic) = evaluation.result {
            panic!("{}", diagnostic.render(&text));
        }
    }
}
