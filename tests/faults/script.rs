//! Scripts that are slow, hostile or broken.

use std::fs;

use crate::stage::{Editor, Host};
use crate::{ANCHOR, plays_on};

/// Slots whose gain is slow on any machine: some ten milliseconds a call, which no third of a bar has room for.
fn slow_gain(slots: usize) -> String {
    let slot = |n: usize| {
        format!(
            "play(\"s{n}\", \"c4\"):gain(function(beat) local x = {n} for i = 1, 1500000 do x = x + i end return 0.5 end)\n"
        )
    };
    (0..slots).map(slot).collect()
}

#[test]
fn functions_that_are_slow_delay_nobody_and_are_named() {
    let mut host = Host::start(ANCHOR);
    host.save(&format!("{ANCHOR}{}", slow_gain(8)));
    let said = host.wait_for("`gain` takes");
    assert!(said.last().is_some_and(|line| line.contains("it holds its last value")), "{said:#?}");
    plays_on(&mut host);
    let text = format!("{ANCHOR}{}play(\"after\", \"c5\")\n", slow_gain(8));
    let mut editor = Editor::attach(&host, &text);
    editor.change(&format!("{text}-- answered\n"));
    host.save(&text);
    host.wait_for("after");
    let status = editor.status(|status| {
        status["slots"].as_array().is_some_and(|slots| slots.iter().any(|slot| !slot["cost"].is_null()))
    });
    let cost = status["slots"].as_array().and_then(|slots| slots.iter().find(|slot| !slot["cost"].is_null()));
    assert_eq!(cost.map(|slot| slot["cost"]["what"].clone()), Some("gain".into()));
    host.signal(libc::SIGINT);
    host.wait_for_end();
}

#[test]
fn a_text_of_bytecode_is_refused() {
    let mut host = Host::start(ANCHOR);
    fs::write(host.script(), b"\x03play(\"anchor\", \"c4\")").expect("written");
    host.wait_for("still playing: anchor");
    plays_on(&mut host);
}

#[test]
fn a_required_file_that_comes_later_is_heard() {
    let mut host = Host::start(ANCHOR);
    host.save(&format!("{ANCHOR}local mine = require \"mine\"\nplay(\"mine\", mine)\n"));
    host.wait_for("still playing: anchor");
    fs::write(host.folder().join("mine.lua"), "return \"c5 e5\"\n").expect("written");
    host.wait_for("changed mine");
    plays_on(&mut host);
}

#[test]
fn a_file_of_music_that_is_edited_is_heard() {
    let mut host = Host::start(ANCHOR);
    host.save(&format!("{ANCHOR}play(\"tune\", read \"tunes/reel.abc\")\n"));
    host.wait_for("still playing: anchor");
    let tunes = host.folder().join("tunes");
    fs::create_dir(&tunes).expect("made");
    for (round, note, pitch) in [(0, "c", 72), (1, "d", 74), (2, "e", 76)] {
        // An editor saves a new file over the old one; the first comes after it was looked for in vain.
        fs::write(tunes.join("draft"), format!("L:1/1\nK:C\n{note}|\n")).expect("written");
        fs::rename(tunes.join("draft"), tunes.join("reel.abc")).expect("renamed");
        host.wait_for("tune");
        while !host.played().iter().any(|event| event["slot"] == "tune" && event["pitch"] == pitch) {
            host.wait_for_events(1);
        }
        assert!(host.runs(), "round {round}");
    }
    plays_on(&mut host);
}

#[test]
fn a_folder_of_sounds_that_comes_while_it_plays_is_heard() {
    let mut host = Host::start(ANCHOR);
    let samples = host.folder().join("samples");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 48_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    // The first comes with the folder `samples` itself, the second into what is there.
    for name in ["mine", "yours"] {
        host.save(&format!("{ANCHOR}play(\"{name}\", sound \"{name}\")\n"));
        host.wait_for("still playing: anchor");
        let draft = host.folder().join("draft");
        fs::create_dir(&draft).expect("made");
        let mut writer = hound::WavWriter::create(draft.join("one.wav"), spec).expect("created");
        (0..4_800).for_each(|i| writer.write_sample((i % 100) as i16 * 200).expect("written"));
        writer.finalize().expect("written");
        fs::create_dir_all(&samples).expect("made");
        fs::rename(&draft, samples.join(name)).expect("renamed");
        host.wait_for(name);
        while !host.played().iter().any(|event| event["slot"] == name) {
            host.wait_for_events(1);
        }
    }
    plays_on(&mut host);
}

#[test]
fn what_is_wrong_in_a_required_file_is_shown_over_its_own_text() {
    let host = Host::start(ANCHOR);
    fs::write(host.folder().join("mine.lua"), "-- one\n-- two\nreturn colour(\"c5\")\n").expect("written");
    host.save(&format!("{ANCHOR}local mine = require \"mine\"\n"));
    let said = host.wait_for("still playing: anchor");
    assert!(said.iter().any(|line| line.contains("mine.lua:3")), "{said:#?}");
    assert!(said.iter().any(|line| line.ends_with("return colour(\"c5\")")), "{said:#?}");
}

#[test]
fn what_is_printed_and_complained_without_end_is_cut() {
    let mut host = Host::start(ANCHOR);
    host.save(&format!("{ANCHOR}print((\"x\"):rep(30000000))\nerror((\"y\"):rep(20000000))\n"));
    let said = host.wait_for("still playing: anchor");
    let longest = said.iter().map(String::len).max();
    assert!(longest.is_some_and(|longest| longest < 300_000), "{longest:?}");
    plays_on(&mut host);
}

#[test]
fn a_function_that_reads_a_clip_still_being_made_is_late_and_no_mistake() {
    let text = format!(
        "{ANCHOR}{}play(\"a\", function(beat) return #slow:notes() > 3 and \"c4 e4\" or \"g4\" end)\n",
        crate::SLOW.replace("SEED", "5").replace("bars = 16", "bars = 4").replace("256", "64")
    );
    let mut host = Host::start(&text);
    plays_on(&mut host);
    let mut editor = Editor::attach(&host, &text);
    let status = editor.status(|status| {
        let slots = status["slots"].as_array().cloned().unwrap_or_default();
        slots.iter().any(|slot| slot["name"] == "a" && (slot["rung"].is_null() || slot["rung"] == "fresh"))
    });
    assert!(status["lastError"].is_null(), "{status}");
}
