//! Terminals, pipes and files that are closed, full or not read.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::stage::{Editor, Host};
use crate::{ANCHOR, pipe, plays_on, reword};

/// Prints so much that any pipe is full after a moment.
const CHATTER: &str =
    "play(\"talks\", function(beat) for i = 1, 900 do print((\"word \"):rep(300)) end return \"c4\" end)\n";

#[test]
fn a_terminal_that_nobody_reads_does_not_stop_the_music() {
    let text = format!("{ANCHOR}{CHATTER}");
    // Pipes whose other end is open, and never read.
    let (mut _out, mut _err) = (None, None);
    let mut host = Host::start_with(&text, |command| {
        let (out, err) = (std::io::pipe().expect("a pipe"), std::io::pipe().expect("a pipe"));
        command.stdout(out.1).stderr(err.1);
        (_out, _err) = (Some(out.0), Some(err.0));
    });
    host.wait_for_events(2);
    host.save(&format!("{text}play(\"broken\""));
    plays_on(&mut host);
}

#[test]
fn a_closed_terminal_does_not_stop_the_music() {
    let closed = || {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        Stdio::from(writer)
    };
    let text = format!("{ANCHOR}{CHATTER}");
    let mut host = Host::start_with(&text, |command| {
        command.stdout(closed()).stderr(closed());
    });
    host.wait_for_events(2);
    host.save(&format!("{text}play(\"broken\""));
    plays_on(&mut host);
}

#[test]
fn a_full_disk_does_not_stop_the_music() {
    let full = || Stdio::from(OpenOptions::new().write(true).open("/dev/full").expect("a full disk"));
    let text = format!("{ANCHOR}{CHATTER}");
    let mut host = Host::start_with(&text, |command| {
        command.stdout(full()).stderr(full());
    });
    host.wait_for_events(2);
    host.save(&format!("{text}play(\"broken\""));
    plays_on(&mut host);
}

#[test]
fn a_record_that_nobody_reads_holds_up_neither_the_start_nor_the_end() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let unread = folder.path().join("unread");
    pipe(&unread);
    let mut host = Host::start_with(ANCHOR, |command| replace_events(command, &unread));
    host.wait_for("generation 1");
    let mut editor = Editor::attach(&host, ANCHOR);
    editor.status(|status| status["beat"].as_f64() > Some(4.0));
    host.signal(libc::SIGINT);
    host.wait_for_end();
}

#[test]
fn a_record_that_stalls_does_not_stop_the_music() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stalled = folder.path().join("stalled");
    pipe(&stalled);
    // Opened for both, so that opening waits for nobody; never read.
    let _reader = File::options().read(true).write(true).open(&stalled).expect("a pipe");
    let text = format!("{ANCHOR}play(\"dense\", \"c4*400\")\n");
    let host = Host::start_with(&text, |command| replace_events(command, &stalled));
    host.wait_for("generation 1");
    let mut editor = Editor::attach(&host, &text);
    let late = editor.status(|status| status["beat"].as_f64() > Some(24.0));
    assert_eq!(late["playing"], true);
}

fn replace_events(command: &mut Command, path: &Path) {
    reword(command, |words| {
        let at = words.iter().position(|word| word == "--events").expect("events are written");
        words[at + 1] = path.into();
    });
}
