//! Hush, panic, stop and edits are heard whatever the script is doing.

use std::thread;
use std::time::Duration;

use crate::stage::{Editor, Host};
use crate::{ANCHOR, SLOW, plays_on};

fn slow(seed: u32) -> String {
    format!("{}local n = #slow:notes()\nplay(\"slow\", slow)\n", SLOW.replace("SEED", &seed.to_string()))
}

#[test]
fn the_music_plays_on_while_an_evaluation_waits_for_a_take() {
    let mut host = Host::start(ANCHOR);
    let _editor = Editor::attach(&host, ANCHOR);
    host.save(&format!("{ANCHOR}{}", slow(1)));
    plays_on(&mut host);
}

#[test]
fn hush_and_stop_are_heard_while_an_evaluation_waits_for_a_take() {
    let mut host = Host::start(ANCHOR);
    let mut editor = Editor::attach(&host, ANCHOR);
    editor.type_unanswered(&format!("{ANCHOR}{}", slow(2)));
    thread::sleep(Duration::from_millis(300));
    editor.command("lilt/hush");
    editor.status(|status| status["playing"] == false);
    editor.type_unanswered(&format!("{ANCHOR}{}", slow(3)));
    thread::sleep(Duration::from_millis(300));
    host.signal(libc::SIGINT);
    host.wait_for_end();
}

#[test]
fn a_newer_text_drops_the_wait_and_only_the_newest_is_evaluated() {
    let host = Host::start(ANCHOR);
    let mut editor = Editor::attach(&host, ANCHOR);
    for seed in 10..15 {
        editor.type_unanswered(&format!("{ANCHOR}{}", slow(seed)));
        thread::sleep(Duration::from_millis(100));
    }
    let newest = format!("{ANCHOR}play(\"newest\", \"c5\")\n");
    assert_eq!(editor.change(&newest).len(), 0);
    let said = host.wait_for("newest");
    assert!(!said.iter().any(|line| line.contains("slow")), "{said:#?}");
}

#[test]
fn panic_within_the_pause_of_typing_cancels_what_was_typed() {
    let host = Host::start(ANCHOR);
    let mut editor = Editor::attach(&host, ANCHOR);
    editor.change(&format!("{ANCHOR}play(\"late\", \"c5\")\n"));
    editor.command("lilt/panic");
    editor.status(|status| status["playing"] == false);
    thread::sleep(Duration::from_millis(600));
    let said = host.said();
    assert!(!said.iter().any(|line| line.contains("late")), "{said:#?}");
    editor.change(&format!("{ANCHOR}play(\"again\", \"c5\")\n"));
    host.wait_for("again");
}

#[test]
fn commit_now_waits_for_no_boundary() {
    let phrase = format!("quantum \"phrase\"\n{ANCHOR}");
    let host = Host::start(&phrase);
    let mut editor = Editor::attach(&host, &phrase);
    host.wait_for_events(3);
    editor.change(&format!("{phrase}play(\"new\", \"c5\")\n"));
    editor.command("lilt/commit");
    let said = host.wait_for("changed new");
    let line = said.last().expect("a line");
    let beat = line.split("at beat ").nth(1).and_then(|rest| rest.split(':').next()).expect("a beat");
    let (over, under) = beat.split_once('/').unwrap_or((beat, "1"));
    let beat = over.parse::<f64>().expect("a number") / under.parse::<f64>().expect("a number");
    assert!(beat < 16.0, "before the phrase is over: {line}");
}

#[test]
fn an_emptied_file_says_how_to_stop() {
    let mut host = Host::start(ANCHOR);
    host.save("");
    let said = host.wait_for("is empty");
    let line = said.last().expect("a line");
    assert!(line.contains("To stop, save a text without slots, such as `-- nothing`"), "{line}");
    plays_on(&mut host);
    host.save("-- nothing\n");
    host.wait_for("stopped anchor");
}

#[test]
fn of_two_saves_the_newer_plays_however_slow_the_older_is() {
    let host = Host::start(ANCHOR);
    let busy = "local x = 0 for i = 1, 3000000 do x = x + i end\n";
    for round in 0..5 {
        host.save(&format!("{ANCHOR}{busy}play(\"old{round}\", \"c4\")\n"));
        thread::sleep(Duration::from_millis(20));
        host.save(&format!("{ANCHOR}play(\"new{round}\", \"c5\")\n"));
        let mut said = host.wait_for(&format!("new{round}"));
        thread::sleep(Duration::from_millis(300));
        said.extend(host.said());
        let after = said.iter().skip_while(|line| !line.contains(&format!("new{round}"))).skip(1);
        assert!(!after.clone().any(|line| line.contains("old")), "{said:#?}");
    }
}
