//! Every example plays what its golden event list says. `LILT_BLESS=1` writes
//! the lists anew, for a change of the music that was meant.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn examples() -> Vec<PathBuf> {
    let folder = fs::read_dir(root().join("examples")).expect("examples/");
    let mut scripts: Vec<_> = folder.map(|entry| entry.expect("readable").path()).collect();
    scripts.retain(|path| path.extension().is_some_and(|extension| extension == "lua"));
    scripts.sort();
    scripts
}

/// Names of models that examples want trained first, and those that come with Lilt which stand in for them.
const OWN: [(&str, &str); 2] = [("island", "folk"), ("hand", "sketch")];

/// A script where it finds its model: one that plays a model of one's own stands in a folder in which a
/// shipped one has that name, since no machine can be asked to train first.
fn staged(script: &Path) -> (PathBuf, Option<tempfile::TempDir>) {
    let text = fs::read_to_string(script).expect("a script");
    let wants = |(own, _): &&(&str, &str)| {
        [format!("model(\"{own}\""), format!("model \"{own}\"")].iter().any(|call| text.contains(call))
    };
    let Some((own, shipped)) = OWN.iter().find(wants) else {
        return (script.to_path_buf(), None);
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    for ending in ["toml", "safetensors"] {
        let weights = root().join(format!("models/weights/{shipped}.{ending}"));
        fs::copy(weights, folder.path().join(format!("{own}.{ending}"))).expect("copied");
    }
    let copy = folder.path().join(script.file_name().expect("a name"));
    fs::write(&copy, text).expect("written");
    (copy, Some(folder))
}

fn events(script: &Path, bars: u32) -> String {
    let (script, _folder) = staged(script);
    let output = Command::new(env!("CARGO_BIN_EXE_lilt"))
        .args(["render", "--events", "-", "--bars", &bars.to_string()])
        .arg(&script)
        .output()
        .expect("lilt starts");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {complaint}", script.display());
    String::from_utf8(output.stdout).expect("events are text")
}

#[test]
fn examples_play_what_their_golden_lists_say() {
    let bless = std::env::var_os("LILT_BLESS").is_some();
    let scripts = examples();
    assert!(scripts.len() >= 32, "a course of 32 examples or more");
    let mut wrong = Vec::new();
    for script in scripts {
        let name = script.file_stem().expect("a name").to_string_lossy().into_owned();
        let golden = root().join("tests/golden").join(format!("{name}.jsonl"));
        let played = events(&script, 8);
        assert!(played.lines().count() > 7, "{name} plays something");
        if bless {
            fs::write(&golden, &played).expect("the golden list is written");
            continue;
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if played != expected {
            let first = played.lines().zip(expected.lines()).position(|(a, b)| a != b);
            let line = first.unwrap_or(expected.lines().count().min(played.lines().count()));
            wrong.push(format!(
                "{name}, line {}:\n  played   {}\n  expected {}",
                line + 1,
                played.lines().nth(line).unwrap_or("nothing"),
                expected.lines().nth(line).unwrap_or("nothing"),
            ));
        }
    }
    assert!(wrong.is_empty(), "{}\n(LILT_BLESS=1 accepts what is played now)", wrong.join("\n"));
}

#[test]
fn an_example_renders_to_the_same_bytes_twice() {
    let script = root().join("examples/07-chords-and-bass.lua");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let render = |name: &str| {
        let file = |extension: &str| folder.path().join(format!("{name}.{extension}"));
        let status = Command::new(env!("CARGO_BIN_EXE_lilt"))
            .args(["render", "--bars", "4"])
            .args(
                ["wav", "midi", "svg", "png"]
                    .iter()
                    .flat_map(|kind| [format!("--{kind}"), file(kind).display().to_string()]),
            )
            .arg(&script)
            .status()
            .expect("lilt starts");
        assert!(status.success());
        ["wav", "midi", "svg", "png"].map(|kind| fs::read(file(kind)).expect("rendered"))
    };
    let (first, second) = (render("first"), render("second"));
    assert!(first.iter().all(|bytes| bytes.len() > 500), "each file holds something");
    assert!(first == second, "the same script gives the same bytes");
}
