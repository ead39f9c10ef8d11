//! What a performer reads when a script is wrong, word for word: each file in
//! `tests/complaints` holds scripts and what they are told, caret included.
//!
//! `LILT_BLESS=1 cargo test -p lilt-script --test complaints` writes what is told
//! now into the files; read the difference before you commit it.

mod parrot;

use std::path::{Path, PathBuf};

const SCRIPT: &str = "==== script\n";
const TOLD: &str = "---- told\n";

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/complaints");
    let entries = std::fs::read_dir(folder).expect("the folder of complaints");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files
}

/// What the script is told; `right` when nothing is wrong with it.
fn told(script: &str) -> String {
    let evaluation = parrot::engine().evaluate(script, "set.lua");
    match evaluation.result {
        Ok(_) if evaluation.notices.is_empty() => "right\n".to_owned(),
        Ok(_) => evaluation.notices.iter().map(|notice| notice.render(script)).collect(),
        Err(diagnostic) => diagnostic.render(script),
    }
}

#[test]
fn scripts_are_told_what_is_wrong() {
    let bless = std::env::var_os("LILT_BLESS").is_some();
    let (mut count, mut wrong) = (0, Vec::new());
    for path in files() {
        let text = std::fs::read_to_string(&path).expect("text");
        let mut now = String::new();
        for case in text.split(SCRIPT).skip(1) {
            let (script, before) = case.split_once(TOLD).expect("each script has what it is told");
            let script = script.strip_suffix('\n').unwrap_or(script);
            let told = told(script);
            if told != before {
                wrong.push(format!(
                    "{}:\n{script}\n\nis told\n{told}\nand was told\n{before}",
                    path.display()
                ));
            }
            now += &format!("{SCRIPT}{script}\n{TOLD}{told}");
            count += 1;
        }
        if bless {
            std::fs::write(&path, now).expect("written");
        }
    }
    assert!(count > 80, "only {count} scripts");
    assert!(bless || wrong.is_empty(), "{}", wrong.join("\n"));
}
