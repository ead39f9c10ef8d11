//! A baked tilt in the whole program: the exact tilt plays while it is learnt, then what was learnt, and
//! a rendered script waits for it.

mod stage;

use std::fs;
use std::process::Command;

use stage::Host;

/// As little as can be baked: what is learnt from so few bars is tested elsewhere.
const SCRIPT: &str = "tempo(120)\n\
    local function low(clip) return -clip:leaps() end\n\
    local calm = model(\"folk\"):bake(low, { strength = 0.2, bars = 1, pieces = 16, rounds = 0, particles = 8 })\n\
    play(\"calm\", calm:sample { bars = 1, seed = 3 })\n";

fn rendered(text: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (script, events) = (folder.path().join("set.lua"), folder.path().join("events.jsonl"));
    fs::write(&script, text).expect("written");
    let status = Command::new(env!("CARGO_BIN_EXE_lilt"))
        .args(["render", "--bars", "1", "--events"])
        .args([&events, &script])
        .status()
        .expect("lilt starts");
    assert!(status.success());
    fs::read(events).expect("rendered")
}

#[test]
fn the_tilt_plays_until_it_is_baked_and_the_music_never_stops() {
    let mut host = Host::start(SCRIPT);
    let said = host.wait_for("generation 2");
    let told: Vec<&String> = said.iter().filter(|line| line.contains("folk is baked: reward")).collect();
    assert_eq!(told.len(), 1, "{said:#?}");
    assert!(said.iter().any(|line| line.contains("its own music of before costs")), "{said:#?}");
    host.wait_for_events(4);
    assert!(host.runs());
}

#[test]
fn a_check_bakes_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = folder.path().join("set.lua");
    // Half an hour of learning, if it were learnt.
    fs::write(&script, SCRIPT.replace("pieces = 16", "pieces = 4096")).expect("written");
    let output =
        Command::new(env!("CARGO_BIN_EXE_lilt")).arg("check").arg(&script).output().expect("lilt starts");
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(told, format!("{} is right\n", script.display()));
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn rendering_waits_for_what_is_baked_and_is_the_same_each_time() {
    let baked = rendered(SCRIPT);
    assert!(!baked.is_empty());
    assert_eq!(baked, rendered(SCRIPT));
    // Not the exact tilt, which would have played had it not waited.
    let tilt = SCRIPT.replace(
        ":bake(low, { strength = 0.2, bars = 1, pieces = 16, rounds = 0,",
        ":tilt(low, { strength = 0.2,",
    );
    assert_ne!(baked, rendered(&tilt));
}
