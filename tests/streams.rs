//! Streams in the whole program: made while they play, and rendered the same each time.

mod stage;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use stage::Host;

/// A stream that any machine makes in time: its model is a chain of three pitches.
const SCRIPT: &str = "tempo(240)\n\
    local own = markov(clip { 60, 62, 64, 67, 64, 62, 60, 67, 60, 64 }, { order = 1 })\n\
    local function high(clip) return 0.3 * clip:leaps() end\n\
    play(\"lead\", own:stream { seed = 3 })\n\
    play(\"leaning\", own:tilt(high, { particles = 8 }):stream { seed = 3 })\n";

/// What each slot strikes, bar by bar: `beat in the bar:pitch`.
fn bars(events: &[Value]) -> BTreeMap<(String, i64), Vec<String>> {
    let mut bars: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for event in events {
        let (Some(slot), Some(start)) = (event["slot"].as_str(), event["start"].as_str()) else { continue };
        let beat: i64 = start.parse().expect("the chain plays on whole beats");
        let note = format!("{}:{}", beat % 4, event["pitch"]);
        bars.entry((slot.to_owned(), beat / 4)).or_default().push(note);
    }
    bars
}

fn rendered(folder: &std::path::Path, bars: u32, name: &str) -> Vec<Vec<u8>> {
    let script = folder.join("set.lua");
    fs::write(&script, SCRIPT).expect("written");
    let file = |kind: &str| folder.join(format!("{name}.{kind}"));
    let status = Command::new(env!("CARGO_BIN_EXE_lilt"))
        .args(["render", "--bars", &bars.to_string()])
        .args(
            ["wav", "events"].iter().flat_map(|kind| [format!("--{kind}"), file(kind).display().to_string()]),
        )
        .arg(&script)
        .status()
        .expect("lilt starts");
    assert!(status.success());
    ["wav", "events"].map(|kind| fs::read(file(kind)).expect("rendered")).to_vec()
}

#[test]
fn a_stream_renders_to_the_same_bytes_twice_and_plays_the_same_live() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let first = rendered(folder.path(), 64, "first");
    assert!(first == rendered(folder.path(), 64, "second"), "the same script gives the same bytes");
    let lines = String::from_utf8(first[1].clone()).expect("events are text");
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    let offline = bars(&lines);
    assert_eq!(offline.len(), 2 * 64, "both slots play in every bar");

    let mut host = Host::start(SCRIPT);
    host.wait_for_events(160);
    assert!(host.runs());
    let live = bars(&host.played());
    // The last bar may be half written. However late this machine was, nothing else is heard than the
    // bar that was rendered or, where that was not there in time, the one before it again.
    let last = live.keys().map(|(_, bar)| *bar).max().unwrap_or(0);
    let mut fresh = 0;
    for ((slot, bar), notes) in live.iter().filter(|((_, bar), _)| *bar < last) {
        let is_fresh = offline.get(&(slot.clone(), *bar)) == Some(notes);
        fresh += usize::from(is_fresh);
        let before = live.get(&(slot.clone(), *bar - 1));
        assert!(is_fresh || before == Some(notes), "{slot}, bar {bar}: {notes:?} after {before:?}");
    }
    assert!(fresh > 0, "a stream was heard");
}
