//! The house stands as ARCHITECTURE.md says: directions of dependency, paths
//! that exist, pure crates that stay pure, files that hold one idea.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` whose name ends in `.EXTENSION`.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.expect("a readable folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn dependencies_point_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("runtime/score", &[][..]),
        ("runtime/synth", &[]),
        ("runtime/editor", &[]),
        ("runtime/sequencer", &["score"]),
        ("runtime/inference", &["score"]),
        ("runtime/midi", &["score"]),
        ("runtime/osc", &["score"]),
        ("runtime/canvas", &["score"]),
        ("runtime/audio", &["synth"]),
        ("runtime/samples", &["score"]),
        ("runtime/script", &["score", "sequencer", "inference"]),
        ("models", &["score", "synth", "inference"]),
    ]);
    for (folder, allowed) in allowed {
        let text = fs::read_to_string(root().join(folder).join("Cargo.toml")).expect("a manifest");
        let manifest: toml::Table = text.parse().expect("a manifest is TOML");
        let dependencies = manifest["dependencies"].as_table().expect("a table of dependencies");
        let ours: BTreeSet<&str> =
            dependencies.keys().filter_map(|name| name.strip_prefix("lilt-")).collect();
        let extra: Vec<_> = ours.iter().filter(|name| !allowed.contains(name)).collect();
        assert!(extra.is_empty(), "{folder} may depend on {allowed:?}, not on {extra:?}");
    }
}

#[test]
fn one_crate_holds_each_device_library() {
    let homes = [
        ("mlua", "script"),
        ("rodio", "audio"),
        ("midir", "midi"),
        ("rosc", "osc"),
        ("symphonia", "samples"),
        ("nannou", "canvas"),
        ("lsp-server", "editor"),
        ("tungstenite", "editor"),
    ];
    for path in files("runtime", "toml") {
        let text = fs::read_to_string(&path).expect("a manifest");
        let folder = path.parent().and_then(Path::file_name).expect("a crate's folder").to_string_lossy();
        for (library, home) in homes {
            let named = text.lines().any(|line| {
                line.starts_with(&format!("{library}.")) || line.starts_with(&format!("{library} "))
            });
            assert!(!named || folder == home, "{library} belongs to runtime/{home}, not to {folder}");
        }
    }
    let inference = fs::read_to_string(root().join("runtime/inference/Cargo.toml")).expect("a manifest");
    assert!(!inference.contains("candle"), "inference knows no Candle");
}

#[test]
fn every_path_in_the_architecture_exists() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let quoted = text.split('`').skip(1).step_by(2);
    let paths: Vec<&str> = quoted
        .filter(|word| {
            ["runtime", "models", "stdlib", "examples", "tests", "editor-integration"]
                .iter()
                .any(|top| word.starts_with(top))
        })
        .collect();
    assert!(paths.len() > 15, "the architecture names its paths in backquotes");
    for path in paths {
        assert!(root().join(path).exists(), "ARCHITECTURE.md names {path}, which does not exist");
    }
}

#[test]
fn pure_crates_read_no_clock_file_environment_or_global_randomness() {
    let forbidden = [
        "std::time",
        "Instant::now",
        "SystemTime",
        "std::fs",
        "std::env",
        "std::net",
        "rand::rng(",
        "thread_rng",
    ];
    for folder in ["runtime/score/src", "runtime/sequencer/src", "runtime/synth/src"] {
        for path in files(folder, "rs") {
            let text = fs::read_to_string(&path).expect("source");
            for word in forbidden {
                assert!(!text.contains(word), "{} reads {word}", path.display());
            }
        }
    }
}

#[test]
fn a_file_holds_one_idea() {
    for (folder, extension) in [
        ("runtime", "rs"),
        ("models/src", "rs"),
        ("models/train", "rs"),
        ("tests", "rs"),
        ("stdlib", "lua"),
        ("examples", "lua"),
    ] {
        for path in files(folder, extension) {
            let lines = fs::read_to_string(&path).expect("source").lines().count();
            assert!(lines <= 600, "{} has {lines} lines: 600 at most", path.display());
        }
    }
}
