//! Hosts that the launcher starts: real programs over real Unix sockets.

mod place;

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use lilt_editor::protocol::{ClientMessage, HostMessage, PROTOCOL};
use lilt_editor::{DetachedHost, HostConnection, HostLauncher, LaunchError};
use place::{PATIENCE, Place};

/// The example that is built beside the tests.
fn scripted_host() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let folder = test.parent().and_then(Path::parent).expect("target/debug/deps/TEST");
    folder.join("examples/scripted_host")
}

fn hear(connection: &HostConnection) -> HostMessage {
    connection.from_host.recv_timeout(PATIENCE).expect("the host speaks")
}

/// The next message that is no status.
fn hear_news(connection: &HostConnection) -> HostMessage {
    loop {
        match hear(connection) {
            HostMessage::Status(_) => {}
            other => return other,
        }
    }
}

/// Starts what a text for the shell says, with `live` and the script's path. A program written to disk could not
/// be started while another test starts one: that one's process holds it open for a moment.
fn shell(place: &Place, text: &str) -> DetachedHost {
    let arguments = ["-c", text, "sh", "live"].map(OsString::from).to_vec();
    DetachedHost { program: "/bin/sh".into(), arguments, directories: place.directories.clone() }
}

/// Starts scripted hosts, in whose environment these words stand too.
fn scripted(place: &Place, environment: &str) -> DetachedHost {
    // The host is told its folder for sockets through the environment, which belongs to this test alone.
    let (sockets, host) = (place.directories.candidates()[0].display(), scripted_host());
    shell(place, &format!("LILT_SOCKETS='{sockets}' {environment} exec '{}' \"$@\"", host.display()))
}

#[test]
fn a_started_host_outlives_its_editor_and_is_joined_by_the_next() {
    let place = Place::new();
    let launcher = scripted(&place, "");

    assert!(launcher.find(&place.script).expect("the path works").is_none());
    let first = launcher.connect(&place.script).expect("a new host");
    assert!(first.started);
    let file = place.script.canonicalize().expect("the script").display().to_string();
    assert_eq!(hear_news(&first), HostMessage::Welcome { protocol: PROTOCOL, file: file.clone() });
    let change = ClientMessage::Change { version: 1, text: "play(\"lead\")".into() };
    assert!(first.to_host.send(change));
    let HostMessage::Evaluated { version: Some(1), diagnostics, .. } = hear_news(&first) else {
        panic!("an evaluation")
    };
    assert!(diagnostics.is_empty());
    let generation = |connection: &HostConnection| loop {
        match hear(connection) {
            HostMessage::Status(status) if status.generation > 0 => return status.generation,
            _ => {}
        }
    };
    assert_eq!(generation(&first), 1);
    drop(first);

    let second = launcher.connect(&place.script).expect("the same host");
    assert!(!second.started);
    assert_eq!(hear_news(&second), HostMessage::Welcome { protocol: PROTOCOL, file });
    assert_eq!(generation(&second), 1, "it plays what the first editor left");
    assert!(second.to_host.send(ClientMessage::Stop));
    assert_eq!(hear_news(&second), HostMessage::Goodbye { message: "an editor stopped it".into() });
    assert!(second.from_host.recv_timeout(PATIENCE).is_err(), "the host has ended");
}

#[test]
fn a_host_that_does_not_start_says_why() {
    let place = Place::new();
    let fails = |text: &str| shell(&place, text).connect(&place.script).expect_err("no host").to_string();
    assert_eq!(
        fails("echo \"no weights for $1\" >&2\nexit 3"),
        "the host ended at once (exit status: 3); it said: no weights for live"
    );
    assert_eq!(fails("exit 0"), "the host ended at once (exit status: 0); it said nothing");
    let missing = DetachedHost {
        program: place.temp.path().join("missing"),
        arguments: Vec::new(),
        directories: place.directories.clone(),
    };
    let error = missing.connect(&place.script).expect_err("no program");
    assert!(matches!(error, LaunchError::Start { .. }), "{error}");
    let log = missing.log_of(&place.script).expect("the log's path");
    let mut text = String::new();
    fs::File::open(&log).and_then(|mut file| file.read_to_string(&mut text)).expect("the log");
    assert_eq!((text.as_str(), fs::metadata(&log).expect("the log").mode() & 0o777), ("", 0o600));
}

/// What a script prints: 100,000 lines of it, and then a text that is accepted.
fn plays_however_much_it_prints(place: &Place, launcher: &DetachedHost) {
    let host = launcher.connect(&place.script).expect("a host");
    let loud = "print(\"good evening\")\n".repeat(100_000);
    assert!(host.to_host.send(ClientMessage::Change { version: 1, text: loud }));
    loop {
        if let HostMessage::Evaluated { version: Some(1), .. } = hear(&host) {
            break;
        }
    }
    assert!(host.to_host.send(ClientMessage::Change { version: 2, text: "play(\"lead\")".into() }));
    loop {
        if let HostMessage::Evaluated { version: Some(2), .. } = hear(&host) {
            break;
        }
    }
    assert!(host.to_host.send(ClientMessage::Stop));
    while let Ok(said) = host.from_host.recv_timeout(PATIENCE) {
        if let HostMessage::Goodbye { message } = said {
            assert_eq!(message, "an editor stopped it");
            return;
        }
    }
    panic!("the host did not say goodbye");
}

#[test]
fn a_log_takes_what_is_printed() {
    let place = Place::new();
    let launcher = scripted(&place, "");
    plays_however_much_it_prints(&place, &launcher);
    let log = launcher.log_of(&place.script).expect("the log's path");
    let text = fs::read_to_string(&log).expect("the log");
    assert!(text.starts_with("good evening\n"), "{text:.100}");
}

/// Every write to this device fails as on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_stops_no_music() {
    let place = Place::new();
    plays_however_much_it_prints(&place, &scripted(&place, "LILT_HOST_LOG=/dev/full"));
}

#[test]
fn a_host_starts_where_no_log_can_be_written() {
    let place = Place::new();
    let launcher = scripted(&place, "");
    let log = launcher.log_of(&place.script).expect("the log's path");
    fs::create_dir(&log).expect("a folder in the log's place");
    plays_however_much_it_prints(&place, &launcher);
}
