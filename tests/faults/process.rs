//! What happens to the process: it is stopped for a while, its terminal goes.

use std::fs;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::stage::{Editor, Host};
use crate::{ANCHOR, half, plays_on};

#[test]
fn what_was_missed_while_the_process_stood_still_is_not_played_at_once() {
    let host = Host::start(ANCHOR);
    host.wait_for_events(8);
    host.signal(libc::SIGSTOP);
    thread::sleep(Duration::from_secs(3));
    host.signal(libc::SIGCONT);
    host.wait_for("held up for");
    host.wait_for_events(8);
    let halves: Vec<i64> = host.played().iter().map(half).collect();
    let jumps: Vec<i64> = halves.windows(2).map(|pair| pair[1] - pair[0]).filter(|step| *step != 1).collect();
    assert_eq!(jumps.len(), 1, "one jump, in phase: {halves:?}");
    assert!(jumps[0] >= 8, "three seconds are twelve half beats: {halves:?}");
}

/// What the process does at a hangup: what is set before it begins stays.
fn at_hangup(command: &mut Command, action: libc::sighandler_t) {
    // SAFETY: `signal` may be called between fork and exec.
    unsafe {
        command.pre_exec(move || {
            libc::signal(libc::SIGHUP, action);
            Ok(())
        });
    }
}

#[test]
fn a_hangup_that_was_to_be_ignored_is_ignored() {
    let mut host = Host::start_with(ANCHOR, |command| at_hangup(command, libc::SIG_IGN));
    host.wait_for("generation 1");
    host.signal(libc::SIGHUP);
    plays_on(&mut host);
}

#[test]
fn a_hangup_ends_the_host_otherwise() {
    // Whoever starts the tests may have it ignored, as nohup does.
    let mut host = Host::start_with(ANCHOR, |command| at_hangup(command, libc::SIG_DFL));
    host.signal(libc::SIGHUP);
    host.wait_for_end();
}

/// Memory that the host has left beside what it uses, in bytes: enough for itself, and too little for any model.
#[cfg(target_os = "linux")]
const LEFT: u64 = 32 << 20;

#[test]
#[cfg(target_os = "linux")]
fn a_model_that_does_not_fit_into_memory_is_refused_and_the_music_goes_on() {
    let mut host = Host::start(ANCHOR);
    let _editor = Editor::attach(&host, ANCHOR);
    let status = fs::read_to_string(format!("/proc/{}/status", host.id())).expect("it runs");
    let used = status.lines().find_map(|line| line.strip_prefix("VmSize:")).expect("a size");
    let used: u64 = used.trim().trim_end_matches(" kB").parse().expect("a number");
    let text = format!("{ANCHOR}play(\"folk\", model(\"folk\"):sample {{ bars = 1, seed = 1 }})\n");
    limit(&host, 1024 * used + LEFT);
    host.save(&text);
    let said = host.wait_for("still playing: anchor");
    let refused = said.iter().any(|line| line.contains("there is no room for this model: it takes"));
    assert!(refused, "{said:#?}");
    plays_on(&mut host);
    limit(&host, libc::RLIM_INFINITY);
    host.save(&format!("{text}-- again\n"));
    host.wait_for("changed folk");
    plays_on(&mut host);
}

/// Limits the memory of a running host, in bytes.
#[cfg(target_os = "linux")]
fn limit(host: &Host, bytes: u64) {
    let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
    let id = i32::try_from(host.id()).expect("a process number");
    // SAFETY: `limit` outlives the call, and nothing is to be written back.
    let done = unsafe { libc::prlimit(id, libc::RLIMIT_AS, &limit, std::ptr::null_mut()) };
    assert_eq!(done, 0, "the memory of the host can be limited");
}
