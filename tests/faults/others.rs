//! Other processes beside the host: they are killed and come back, there are several of one kind, or they are
//! silent.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::{Child, Output};
use std::thread;
use std::time::Duration;

use crate::stage::{Editor, Host};
use crate::{ANCHOR, plays_on, reword};

#[test]
fn a_host_that_was_killed_leaves_its_place_to_the_next() {
    let mut host = Host::start(ANCHOR);
    for _ in 0..2 {
        host.signal(libc::SIGKILL);
        host.wait_for_end();
        host.start_again();
        host.wait_for("generation 1");
        plays_on(&mut host);
    }
}

#[test]
fn a_host_that_was_killed_under_an_editor_is_started_again() {
    let mut host = Host::start(ANCHOR);
    let mut editor = Editor::attach(&host, ANCHOR);
    editor.status(|status| status["playing"] == true);
    host.signal(libc::SIGKILL);
    host.wait_for_end();
    editor.status(|status| status["attached"] == false);
    editor.status(|status| status["playing"] == true);
    editor.command("lilt/stop");
    editor.status(|status| status["attached"] == false);
}

#[test]
fn a_language_server_that_was_killed_takes_nothing_with_it() {
    let mut host = Host::start(ANCHOR);
    let mut text = ANCHOR.to_string();
    for round in 0..3 {
        let mut editor = Editor::attach(&host, &text);
        text = format!("{ANCHOR}play(\"edit{round}\", \"c5\")\n");
        editor.change(&text);
        host.wait_for(&format!("edit{round}"));
        // What is typed and not saved is not the next editor's to replace.
        host.save(&text);
        // Kills it.
        drop(editor);
    }
    plays_on(&mut host);
}

#[test]
fn a_canvas_that_was_killed_comes_back_and_the_music_goes_on() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let canvas = folder.path().join("canvas");
    let started = folder.path().join("started");
    fs::write(&canvas, format!("#!/bin/sh\necho $$ >> '{}'\nexec cat > /dev/null\n", started.display()))
        .expect("written");
    fs::set_permissions(&canvas, fs::Permissions::from_mode(0o755)).expect("it may be run");
    let processes = || -> Vec<i32> {
        let text = fs::read_to_string(&started).unwrap_or_default();
        text.lines().filter_map(|line| line.parse().ok()).collect()
    };
    let mut host = Host::start_with(ANCHOR, |command| {
        reword(command, |words| {
            words.retain(|word| word != "--no-canvas");
            words.extend(["--canvas".into(), canvas.clone().into()]);
        });
    });
    host.wait_for("generation 1");
    for round in 0..2 {
        while processes().len() <= round {
            thread::sleep(Duration::from_millis(20));
        }
        // SAFETY: the process is the canvas of this host, which waits for it to end before it takes the next.
        assert_eq!(unsafe { libc::kill(processes()[round], libc::SIGKILL) }, 0, "the canvas runs");
        host.wait_for("the canvas stopped");
    }
    while processes().len() < 3 {
        thread::sleep(Duration::from_millis(20));
    }
    plays_on(&mut host);
}

#[test]
fn a_second_host_of_a_file_is_refused() {
    let mut host = Host::start(ANCHOR);
    let second = host.another().output().expect("lilt starts");
    assert_eq!(second.status.code(), Some(2));
    assert!(refusal(&second), "{second:?}");
    plays_on(&mut host);
}

fn refusal(output: &Output) -> bool {
    String::from_utf8_lossy(&output.stderr).contains("is being played already")
}

#[test]
fn of_six_that_start_at_once_one_plays() {
    let mut host = Host::start(ANCHOR);
    host.signal(libc::SIGKILL);
    host.wait_for_end();
    let mut all: Vec<Child> = (0..6).map(|_| host.another().spawn().expect("lilt starts")).collect();
    let mut refused = Vec::new();
    while all.len() > 1 {
        thread::sleep(Duration::from_millis(20));
        let ended = all.iter_mut().position(|one| one.try_wait().expect("it can be asked").is_some());
        if let Some(at) = ended {
            refused.push(all.remove(at).wait_with_output().expect("it has ended"));
        }
    }
    assert_eq!(refused.iter().map(|one| one.status.code()).collect::<Vec<_>>(), [Some(2); 5]);
    assert!(refused.iter().all(refusal), "{refused:?}");
    let mut editor = Editor::attach(&host, ANCHOR);
    editor.status(|status| status["playing"] == true);
    editor.command("lilt/stop");
    let played = all.remove(0).wait_with_output().expect("it ends");
    assert_eq!(played.status.code(), Some(0), "{played:?}");
}

#[test]
fn forty_silent_clients_hold_up_neither_the_music_nor_an_editor() {
    let mut host = Host::start(ANCHOR);
    let sockets = fs::read_dir(host.folder().join("lilt")).expect("the folder of the sockets");
    let socket =
        sockets.flatten().map(|entry| entry.path()).find(|path| path.extension() == Some("sock".as_ref()));
    let socket = socket.expect("the socket of the host");
    let silent: Vec<UnixStream> =
        (0..40).map(|_| UnixStream::connect(&socket).expect("the host listens")).collect();
    let mut editor = Editor::attach(&host, ANCHOR);
    editor.change(&format!("{ANCHOR}play(\"heard\", \"c5\")\n"));
    host.wait_for("heard");
    plays_on(&mut host);
    editor.command("lilt/hush");
    editor.status(|status| status["playing"] == false);
    drop(silent);
}
