//! Typing on stage: every prefix of examples of each kind through the real language
//! server into a running host. The music never stops, and no slot changes but
//! the one that is typed.

mod stage;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use stage::{Editor, Host};

/// A slot that plays on whatever is typed after it: a note every half beat, on
/// beats and not on bars, so that no metre moves it.
const ANCHOR: &str = "play(\"anchor\", clip { { pitch = 60, duration = 1/2 }, length = 1/2 })\n";

/// Numbers of the examples that are typed: of each kind of writing one or two, since a line takes a breath.
const TYPED: [&str; 14] =
    ["01", "02", "05", "07", "12", "15", "17", "18", "20", "21", "24", "25", "27", "29"];

/// Longer than the pause after which typing is committed.
const BREATH: Duration = Duration::from_millis(160);

#[test]
fn typing_examples_never_stops_the_music() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(folder).expect("examples/");
    let mut scripts: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    let is_typed = |name: &str| name.ends_with(".lua") && TYPED.iter().any(|number| name.starts_with(number));
    scripts.retain(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(is_typed));
    scripts.sort();
    assert_eq!(scripts.len(), TYPED.len(), "{scripts:?}");
    let mut keystrokes = 0;
    for path in scripts {
        let name = path.file_stem().expect("a name").to_string_lossy();
        keystrokes += type_example(&name, &fs::read_to_string(&path).expect("an example"));
    }
    println!("{keystrokes} keystrokes");
    assert!(keystrokes >= 2_000, "only {keystrokes} keystrokes");
}

fn type_example(name: &str, example: &str) -> usize {
    let mut host = Host::start(ANCHOR);
    let mut editor = Editor::attach(&host, ANCHOR);
    let mut text = ANCHOR.to_string();
    // Slots whose statement may have been touched since the last commit.
    let mut touched: BTreeSet<String> = BTreeSet::new();
    // What the last generation changes, and at which boundary.
    let mut waiting = Changes::default();
    for line in example.split_inclusive('\n') {
        for letter in line.chars() {
            text.push(letter);
            editor.change(&text);
        }
        touched.extend(last_named(&text));
        thread::sleep(BREATH);
        for said in host.said() {
            let Some(changes) = Changes::read(&said) else { continue };
            if changes.boundary == waiting.boundary {
                touched.extend(waiting.slots);
            }
            let without_cause: Vec<_> = changes.slots.difference(&touched).collect();
            assert!(
                without_cause.is_empty(),
                "{name}: {without_cause:?} changed, typed was {touched:?}: {said}"
            );
            waiting = changes;
        }
        touched = last_named(&text).collect();
    }
    host.wait_for_events(20);
    assert!(host.runs(), "{name}: the host has ended");
    let gaps = gaps(&host.played());
    assert!(gaps.is_empty(), "{name}: the anchor has gaps or repeats at beats {gaps:?}");
    example.chars().count()
}

/// The slot that the last statement of the text fills, and whatever else it names in quotes, such as a bus.
fn last_named(text: &str) -> impl Iterator<Item = String> {
    let begin = ["play(\"", "draw(\"", "bus(\""].into_iter().filter_map(|word| text.rfind(word)).max();
    text[begin.unwrap_or(text.len())..].split('"').skip(1).step_by(2).map(str::to_string)
}

/// What a generation changes, as the host says it:
/// `generation 3 at beat 8: changed lead, bass; stopped pad`.
#[derive(Default)]
struct Changes {
    boundary: String,
    slots: BTreeSet<String>,
}

impl Changes {
    fn read(line: &str) -> Option<Changes> {
        let (_, after) = line.split_once(" at beat ")?;
        let (boundary, what) = after.split_once(": ")?;
        let changed = what.split("; ").find_map(|part| part.strip_prefix("changed ")).unwrap_or_default();
        let slots = changed.split(", ").filter(|name| !name.is_empty()).map(str::to_string).collect();
        Some(Changes { boundary: boundary.to_string(), slots })
    }
}

/// Half beats at which the anchor did not play exactly once, between its first
/// and its last note.
fn gaps(played: &[Value]) -> Vec<i64> {
    let mut halves: BTreeMap<i64, usize> = BTreeMap::new();
    for event in played.iter().filter(|event| event["slot"] == "anchor") {
        let start = event["start"].as_str().expect("a beat");
        let half = match start.split_once('/') {
            Some((halves, "2")) => halves.parse().expect("a number"),
            None => start.parse::<i64>().expect("a number") * 2,
            Some(_) => panic!("the anchor plays on half beats, not at {start}"),
        };
        *halves.entry(half).or_default() += 1;
    }
    let (Some(first), Some(last)) = (halves.keys().next(), halves.keys().last()) else { return vec![0] };
    (*first..=*last).filter(|half| halves.get(half) != Some(&1)).collect()
}

#[test]
fn a_wrong_text_plays_on_and_says_where() {
    let host = Host::start(ANCHOR);
    let mut editor = Editor::attach(&host, ANCHOR);
    let diagnostics = editor.change(&format!("{ANCHOR}temp(90)\n"));
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
    assert_eq!(diagnostics[0]["range"]["start"]["line"], 1);
    assert!(diagnostics[0]["message"].as_str().is_some_and(|m| m.contains("`tempo`")), "{diagnostics:?}");
    host.wait_for_events(8);
    assert!(gaps(&host.played()).is_empty());
    assert_eq!(editor.change(ANCHOR), Vec::<Value>::new());
}

#[test]
fn what_runs_for_ever_is_stopped_and_the_music_goes_on() {
    let host = Host::start(ANCHOR);
    let mut editor = Editor::attach(&host, ANCHOR);
    for endless in [
        "while true do end",
        "pcall(function() while true do end end)",
        "coroutine.wrap(function() while true do end end)()",
        "local t = setmetatable({}, { __index = function() while true do end end }) print(t.x)",
        "table.sort({ 3, 1, 2 }, function() while true do end end)",
        "local s = 'x' while true do s = s .. s end",
        "local t = {} while true do t[#t + 1] = {} end",
        "local function f() return f() + 1 end f()",
        "print(#string.rep('x', 1e9))",
        "print(string.find(string.rep('a', 5000), string.rep('a*', 60) .. 'b'))",
    ] {
        let diagnostics = editor.change(&format!("{ANCHOR}{endless}\n"));
        assert_eq!(diagnostics.len(), 1, "{endless}: {diagnostics:?}");
        assert_eq!(diagnostics[0]["range"]["start"]["line"], 1, "{endless}: {diagnostics:?}");
        assert!(editor.change(ANCHOR).is_empty(), "the next text works after {endless}");
    }
    host.wait_for_events(8);
    assert!(gaps(&host.played()).is_empty(), "{:?}", gaps(&host.played()));
}

#[test]
fn a_save_is_heard_without_an_editor_and_a_bad_file_is_not() {
    let mut host = Host::start(ANCHOR);
    fs::write(host.script(), format!("{ANCHOR}play(\"more\", \"e4*4\")\n")).expect("saved");
    host.wait_for("more");
    fs::write(host.script(), b"play(\"\xff\xfe\")").expect("saved");
    host.wait_for("not UTF-8");
    fs::write(host.script(), "").expect("saved");
    fs::remove_file(host.script()).expect("removed");
    fs::create_dir(host.script()).expect("a folder in its place");
    thread::sleep(BREATH);
    fs::remove_dir(host.script()).expect("removed");
    fs::write(host.script(), ANCHOR).expect("saved");
    host.wait_for("generation");
    host.wait_for_events(4);
    assert!(host.runs());
}

#[test]
fn the_status_tells_an_editor_what_plays() {
    let host = Host::start(ANCHOR);
    let mut editor = Editor::attach(&host, ANCHOR);
    let status = editor.status(|status| status["slots"].as_array().is_some_and(|slots| !slots.is_empty()));
    assert_eq!(status["slots"][0]["name"], "anchor");
    assert_eq!(status["slots"][0]["line"], 1);
    assert_eq!(status["tempo"], 120.0);
    editor.change(&format!("{ANCHOR}tempo(90)\n"));
    editor.status(|status| status["tempo"] == 90.0);
}
