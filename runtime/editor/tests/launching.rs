//! Hosts that the launcher starts: real programs over real Unix sockets.

mod place;

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

#[test]
fn a_started_host_outlives_its_editor_and_is_joined_by_the_next() {
    let place = Place::new();
    let program = place.temp.path().join("host");
    // The host is told its folder for sockets through the environment, which belongs to this test alone.
    let run = format!(
        "#!/bin/sh\nLILT_SOCKETS='{}' exec '{}' \"$@\"\n",
        place.directories.candidates()[0].display(),
        scripted_host().display()
    );
    write_program(&program, &run);
    let launcher =
        DetachedHost { program, arguments: vec!["live".into()], directories: place.directories.clone() };

    let first = launcher.connect(&place.script).expect("a new host");
    let file = place.script.canonicalize().expect("the script").display().to_string();
    assert_eq!(hear_news(&first), HostMessage::Welcome { protocol: PROTOCOL, file: file.clone() });
    let change = ClientMessage::Change { version: 1, text: "play(\"lead\")".into() };
    first.to_host.send(change).expect("the host listens");
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
    assert_eq!(hear_news(&second), HostMessage::Welcome { protocol: PROTOCOL, file });
    assert_eq!(generation(&second), 1, "it plays what the first editor left");
    second.to_host.send(ClientMessage::Stop).expect("the host listens");
    assert_eq!(hear_news(&second), HostMessage::Goodbye { message: "an editor stopped it".into() });
    assert!(second.from_host.recv_timeout(PATIENCE).is_err(), "the host has ended");
}

#[test]
fn a_host_that_does_not_start_says_why() {
    let place = Place::new();
    let script = |name: &str, text: &str| {
        let program = place.temp.path().join(name);
        write_program(&program, text);
        DetachedHost { program, arguments: vec!["live".into()], directories: place.directories.clone() }
    };
    let fails = |launcher: &DetachedHost| launcher.connect(&place.script).expect_err("no host").to_string();
    assert_eq!(
        fails(&script("loud", "#!/bin/sh\necho \"no weights for $1\" >&2\nexit 3\n")),
        "the host ended at once (exit status: 3); it said: no weights for live"
    );
    assert_eq!(
        fails(&script("quiet", "#!/bin/sh\nexit 0\n")),
        "the host ended at once (exit status: 0); it said nothing"
    );
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

fn write_program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, text).expect("a program");
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).expect("it can be run");
}
