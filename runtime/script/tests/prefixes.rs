//! Every prefix of every example, as somebody types it: a generation or a
//! diagnostic with a place inside the text, never a panic.

mod parrot;

use std::path::Path;

#[test]
fn every_prefix_of_every_example_is_a_script_or_a_diagnostic() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut engine = parrot::engine_for_examples();
    let (mut examples, mut wholes) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).expect("the examples") {
        let path = entry.expect("a file").path();
        if path.extension().is_none_or(|ending| ending != "lua") {
            continue;
        }
        examples += 1;
        let text = std::fs::read_to_string(&path).expect("text");
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let prefix = &text[..end];
            let evaluation = engine.evaluate(prefix, "set.lua");
            if let Err(diagnostic) = &evaluation.result {
                let lines: Vec<&str> = prefix.lines().collect();
                let line = lines.get(diagnostic.line as usize - 1).copied().unwrap_or("");
                let width = line.chars().count() as u32;
                assert!(diagnostic.line as usize <= lines.len().max(1), "{diagnostic} in\n{prefix}");
                assert!(diagnostic.column <= width + 1, "{diagnostic} in\n{prefix}");
                assert!(diagnostic.end_column > diagnostic.column, "{diagnostic} in\n{prefix}");
                assert!(diagnostic.end_column <= width.max(1) + 1, "{diagnostic} in\n{prefix}");
                assert_eq!(diagnostic.file, "set.lua", "{diagnostic} in\n{prefix}");
            }
            if end == text.len() {
                wholes.extend(evaluation.result.err().map(|diagnostic| diagnostic.render(&text)));
            }
        }
    }
    assert!(examples >= 6, "only {examples} examples");
    assert!(wholes.is_empty(), "{}", wholes.join("\n"));
}
