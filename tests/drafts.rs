//! Drafts in the whole program: a tilt that is slow to follow plays its first draft, then the take, which
//! is the one that is rendered.

mod stage;

use std::fs;
use std::process::Command;

use serde_json::Value;

use stage::{Editor, Host};

/// A tilt of a chain of four pitches with so many particles that no machine has followed them all by the
/// next bar. A draft has 64.
const SCRIPT: &str = "tempo(240)\n\
    local own = markov(clip { 60, 62, 64, 67, 64, 62, 60, 67, 60, 64 }, { order = 1 })\n\
    local function slow(clip)\n\
      local sum = 0\n\
      for i = 1, 20000 do sum = sum + i % 7 end\n\
      return clip:leaps() + sum * 0\n\
    end\n\
    local leaning = own:tilt(slow, { particles = 4096, strength = 0.5 })\n\
    play(\"lead\", leaning:sample { notes = 8, seed = 3 })\n\
    play(\"beat\", drums \"bd*4\")\n";

/// The pitches of the lead from one beat on, a beat each.
fn lead(events: &[Value], from: i64) -> Vec<String> {
    let struck = |beat: i64| {
        let beat = beat.to_string();
        let at = |event: &&Value| event["slot"] == "lead" && event["start"] == beat.as_str();
        events.iter().find(at).map(|event| event["pitch"].to_string())
    };
    (from..).map_while(struck).collect()
}

fn rendered(text: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (script, events) = (folder.path().join("set.lua"), folder.path().join("events.jsonl"));
    fs::write(&script, text).expect("written");
    let status = Command::new(env!("CARGO_BIN_EXE_lilt"))
        .args(["render", "--bars", "2", "--events"])
        .args([&events, &script])
        .status()
        .expect("lilt starts");
    assert!(status.success());
    let lines = fs::read_to_string(events).expect("rendered");
    lines.lines().map(|line| serde_json::from_str(line).expect("an event")).collect()
}

#[test]
fn a_slow_tilt_plays_its_draft_and_then_the_take_that_is_rendered() {
    let before = "play(\"beat\", drums \"bd*4\")\n";
    let host = Host::start(before);
    let mut editor = Editor::attach(&host, before);
    assert_eq!(editor.change(SCRIPT), Vec::<Value>::new());
    let slot = |status: &Value, rung: &str| {
        let slots = status["slots"].as_array()?;
        slots.iter().find(|slot| slot["name"] == "lead" && slot["rung"] == rung).cloned()
    };
    let draft = editor.status(|status| slot(status, "draft").is_some());
    let draft = slot(&draft, "draft").expect("it was seen");
    assert_eq!((&draft["ess"], &draft["logZ"]), (&Value::Null, &Value::Null), "they are the take's");
    // What only the script knows of the take follows what plays by a moment.
    editor.status(|status| slot(status, "fresh").is_some_and(|slot| slot["ess"].is_number()));
    host.wait_for_events(48);
    let live = host.played();
    let take = lead(&rendered(SCRIPT), 0);
    let draft = lead(&rendered(&SCRIPT.replace("particles = 4096", "particles = 64")), 0);
    assert_eq!((take.len(), draft.len()), (8, 8));
    assert_ne!(take, draft);
    let first = live.iter().find(|event| event["slot"] == "lead").expect("it was heard");
    let beat: usize = first["start"].as_str().and_then(|beat| beat.parse().ok()).expect("a beat");
    assert_eq!(first["pitch"].to_string(), draft[beat % 8], "the draft comes first");
    // The last two whole bars of the clip that was heard, wherever it came in.
    let beats = live.iter().filter_map(|event| event["start"].as_str()?.parse::<i64>().ok()).max();
    let from = (beats.unwrap_or(0) / 8 - 1) * 8;
    assert_eq!(lead(&live, from)[..8], take, "{live:#?}");
}
