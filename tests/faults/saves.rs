//! Scripts that are rewritten, replaced and deleted faster than anybody types, and what is no file.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::stage::{Editor, Host};
use crate::{ANCHOR, pipe, plays_on};

/// Two hundred a second, for two seconds.
const ROUNDS: usize = 400;
const PAUSE: Duration = Duration::from_millis(5);

/// Does something to the script again and again; what is saved at last plays.
fn survives(disturb: impl Fn(&Host, usize)) {
    let mut host = Host::start(ANCHOR);
    for round in 0..ROUNDS {
        disturb(&host, round);
        thread::sleep(PAUSE);
    }
    // Other music than before: a slot that is only named otherwise goes on, and nothing has changed.
    host.save(&format!("{ANCHOR}play(\"last\", \"e5\")\n"));
    host.wait_for("changed last");
    plays_on(&mut host);
}

fn text(round: usize) -> String {
    // Each third text is broken.
    let more = ["play(\"more\", \"c5\")", "-- nothing more", "play(\"more\""][round % 3];
    format!("{ANCHOR}-- {round}\n{more}\n")
}

#[test]
fn a_script_may_be_rewritten_two_hundred_times_a_second() {
    survives(|host, round| host.save(&text(round)));
}

#[test]
fn a_script_may_be_replaced_two_hundred_times_a_second() {
    survives(|host, round| {
        let new = host.folder().join("new");
        fs::write(&new, text(round)).expect("written");
        fs::rename(&new, host.script()).expect("renamed");
    });
}

#[test]
fn a_script_may_be_deleted_two_hundred_times_a_second() {
    survives(|host, round| match round % 2 {
        0 => fs::remove_file(host.script()).expect("it was there"),
        _ => host.save(&text(round)),
    });
}

#[test]
fn a_script_that_is_a_pipe_is_not_waited_for() {
    let mut host = Host::start_with(ANCHOR, |command| {
        let script = command.get_args().last().expect("the script").to_owned();
        fs::remove_file(&script).expect("it was there");
        pipe(script.as_ref());
    });
    let said = host.wait_for("is no file");
    let line = said.last().expect("a line");
    assert!(line.ends_with("set.lua is no file: play a script that can be saved"), "{line}");
    fs::remove_file(host.script()).expect("it was there");
    host.save(ANCHOR);
    host.wait_for("generation 1");
    plays_on(&mut host);
}

#[test]
fn a_module_that_is_a_pipe_is_not_waited_for() {
    let mut host = Host::start(ANCHOR);
    pipe(&host.folder().join("mine.lua"));
    host.save(&format!("{ANCHOR}require \"mine\"\n"));
    host.wait_for("still playing: anchor");
    let mut editor = Editor::attach(&host, ANCHOR);
    editor.change(&format!("{ANCHOR}play(\"heard\", \"c5\")\n"));
    host.wait_for("heard");
    plays_on(&mut host);
}
