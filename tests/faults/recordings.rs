//! Recordings of a host that plays: they are whole files whatever becomes of the host, write over nothing, and
//! hold up nobody.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::stage::{Editor, Host};
use crate::{ANCHOR, plays_on};

/// Bytes of the header of a WAV file of 24 bits.
const HEADER: usize = 44;

fn number(bytes: &[u8], at: usize) -> usize {
    bytes[at..at + 4].iter().rev().fold(0, |sum, byte| (sum << 8) | usize::from(*byte))
}

/// The samples that the header tells of.
fn samples(bytes: &[u8]) -> &[u8] {
    assert_eq!((&bytes[..4], &bytes[8..16], &bytes[36..40]), (&b"RIFF"[..], &b"WAVEfmt "[..], &b"data"[..]));
    assert_eq!(number(bytes, 4) + 8, number(bytes, 40) + HEADER);
    &bytes[HEADER..HEADER + number(bytes, 40)]
}

/// Waits until the header of a file tells of so many bytes of samples.
fn wait_for_samples(path: &Path, count: usize) -> Vec<u8> {
    for _ in 0..3_000 {
        let bytes = fs::read(path).unwrap_or_default();
        if bytes.len() >= HEADER && number(&bytes, 40) >= count {
            return bytes;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{} does not grow", path.display());
}

#[test]
fn the_recording_of_a_host_that_is_killed_can_be_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("set.wav");
    fs::write(&path, "mine").expect("written");
    let mut host = Host::start_with(ANCHOR, |command| {
        command.arg("--record").arg(&path);
    });
    host.wait_for("set-1.wav");
    let beside = folder.path().join("set-1.wav");
    wait_for_samples(&beside, 500_000);
    host.signal(libc::SIGKILL);
    host.wait_for_end();
    let bytes = fs::read(&beside).expect("a file");
    let heard = samples(&bytes);
    assert_eq!(heard.len() % 6, 0, "whole frames");
    assert!(heard.iter().any(|byte| *byte != 0), "the music is in it, though no card plays");
    assert_eq!(fs::read(&path).expect("there"), b"mine", "what had the name stays");
}

#[test]
fn an_editor_starts_and_ends_a_recording() {
    let mut host = Host::start(ANCHOR);
    let mut editor = Editor::attach(&host, ANCHOR);
    editor.command("lilt/record");
    let status = editor.status(|status| status["recording"].is_string());
    let path = host.folder().join("set-live.wav");
    assert!(status["recording"].as_str().is_some_and(|file| file.ends_with("set-live.wav")), "{status}");
    wait_for_samples(&path, 300_000);
    editor.command("lilt/stopRecording");
    editor.status(|status| status["recording"].is_null());
    let said = host.wait_for("s into ");
    assert!(said.last().is_some_and(|line| line.contains("recorded ")), "{said:#?}");
    let bytes = fs::read(&path).expect("a file");
    assert_eq!(samples(&bytes).len() + HEADER, bytes.len());
    // A second one gets a name of its own.
    editor.command("lilt/record");
    wait_for_samples(&host.folder().join("set-live-1.wav"), 1);
    plays_on(&mut host);
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_music() {
    let mut host = Host::start_with(ANCHOR, |command| {
        command.args(["--record", "/dev/full"]);
    });
    let said = host.wait_for("the recording");
    let ends = said.last().is_some_and(|line| line.contains("/dev/full ends after"));
    assert!(ends, "{said:#?}");
    plays_on(&mut host);
}

#[test]
fn a_recording_that_cannot_be_made_is_refused_at_the_start() {
    let mut host = Host::start_with(ANCHOR, |command| {
        command.args(["--record", "/nowhere/set.wav"]);
    });
    host.wait_for("/nowhere/set.wav: ");
    host.wait_for_end();
}
