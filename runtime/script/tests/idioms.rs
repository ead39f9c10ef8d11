//! The page of idioms, run: every text of Lilt on it is right, sounds, is no longer than one and a half times the
//! peer's, and plays the events that are written down in `tests/golden/idioms.txt`.

mod parrot;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use lilt_score::{Beat, Event, Query, Span};
use lilt_sequencer::{Output, Part, SlotSpec};
use parrot::generation;

/// An idiom of the page: what one wants, how the peer says it, and how Lilt does.
struct Idiom {
    wanted: String,
    peers: Vec<(String, String)>,
    lilt: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn page() -> Vec<Idiom> {
    let text = fs::read_to_string(root().join("stdlib/IDIOMS.md")).expect("the page");
    let sections = text.split("\n### ").skip(1);
    sections.map(idiom).collect()
}

fn idiom(section: &str) -> Idiom {
    let (wanted, rest) = section.split_once('\n').expect("a heading has a text below it");
    let (mut peers, mut lilt) = (Vec::new(), None);
    let mut blocks = rest.split("```");
    while let (Some(_), Some(block)) = (blocks.next(), blocks.next()) {
        let (language, text) = block.split_once('\n').expect("a block has lines");
        match language {
            "lua" => assert!(lilt.replace(text.to_owned()).is_none(), "{wanted}: two texts of Lilt"),
            "haskell" | "js" | "ruby" => peers.push((language.to_owned(), text.to_owned())),
            other => panic!("{wanted}: a block of {other:?}"),
        }
    }
    assert!(!peers.is_empty(), "{wanted}: no peer says it");
    Idiom {
        wanted: wanted.to_owned(),
        peers,
        lilt: lilt.unwrap_or_else(|| panic!("{wanted}: Lilt says nothing")),
    }
}

/// Letters of a text whose spaces and line ends count as one space each.
fn length(text: &str) -> usize {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().count()
}

#[test]
fn each_is_no_longer_than_one_and_a_half_times_the_peers() {
    let page = page();
    let mut long = Vec::new();
    for idiom in &page {
        for (language, text) in &idiom.peers {
            let (ours, theirs) = (length(&idiom.lilt), length(text));
            if 2 * ours > 3 * theirs {
                long.push(format!("{}: {ours} letters, {theirs} in {language}", idiom.wanted));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
    for (language, least) in [("haskell", 20), ("js", 15), ("ruby", 10)] {
        let of = page.iter().filter(|idiom| idiom.peers.iter().any(|(peer, _)| peer == language)).count();
        assert!(of >= least, "{of} idioms in {language}");
    }
}

/// Bars of each idiom that are written down.
const BARS: i64 = 4;

/// The events of a slot, `start+length tone` and what else they say, in their order.
fn told(slot: &SlotSpec) -> String {
    let Part::Notes(pattern) = &slot.part else { panic!("{} draws", slot.name) };
    let bar = Beat::whole(4);
    let mut events = Vec::new();
    for n in 0..BARS {
        let span = Span::new(bar * Beat::whole(n), bar * Beat::whole(n + 1));
        events.extend(pattern.query(Query::new(span, bar)).expect("it plays"));
    }
    let mut lines: Vec<(Beat, String)> = events.iter().filter_map(line).collect();
    assert!(!lines.is_empty(), "{} is silent", slot.name);
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn line(event: &Event<lilt_score::Controls>) -> Option<(Beat, String)> {
    let start = event.onset()?;
    let says = &event.value;
    assert!(says.tone.is_some() || says.sound.is_some(), "{event:?} does not sound");
    let mut line = format!("  {start}+{}", event.whole?.length());
    if let Some(tone) = says.tone {
        let _ = write!(line, " {tone}");
    }
    if let Some(sound) = &says.sound {
        let _ = write!(line, " {sound}");
    }
    if let Some(velocity) = says.velocity {
        let _ = write!(line, " velocity={:.3}", velocity.value());
    }
    for (control, value) in says.numbers() {
        let _ = write!(line, " {}={}", control.name(), (value * 1e6).round() / 1e6);
    }
    Some((start, line + "\n"))
}

#[test]
fn each_plays_the_events_that_are_written_down() {
    let mut found = String::new();
    for Idiom { wanted, lilt, .. } in page() {
        let _ = writeln!(found, "# {wanted}");
        // What sets up the performance alone plays with the next text that does.
        let slots = generation(&lilt).slots;
        // A bus has no music of its own.
        for slot in slots.iter().filter(|slot| slot.output != Output::Bus) {
            let _ = write!(found, "{}\n{}", slot.name, told(slot));
        }
    }
    let golden = root().join("tests/golden/idioms.txt");
    if std::env::var_os("LILT_BLESS").is_some() {
        fs::write(&golden, &found).expect("the golden list is written");
    }
    let known = fs::read_to_string(&golden).unwrap_or_default();
    let wrong = known.lines().zip(found.lines()).enumerate().find(|(_, (known, found))| known != found);
    if let Some((at, (known, found))) = wrong {
        panic!("line {} of tests/golden/idioms.txt: is {found:?}, was {known:?}", at + 1);
    }
    assert_eq!(known.lines().count(), found.lines().count(), "lines of tests/golden/idioms.txt");
}
