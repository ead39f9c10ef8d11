//! What happens to the process: it is stopped for a while, its terminal goes.

use std::os::unix::process::CommandExt;
use std::thread;
use std::time::Duration;

use crate::stage::Host;
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

#[test]
fn a_hangup_that_was_to_be_ignored_is_ignored() {
    let mut host = Host::start_with(ANCHOR, |command| {
        // SAFETY: `signal` may be called between fork and exec, and an ignored signal stays ignored.
        unsafe {
            command.pre_exec(|| {
                libc::signal(libc::SIGHUP, libc::SIG_IGN);
                Ok(())
            });
        }
    });
    host.wait_for("generation 1");
    host.signal(libc::SIGHUP);
    plays_on(&mut host);
}

#[test]
fn a_hangup_ends_the_host_otherwise() {
    let mut host = Host::start(ANCHOR);
    host.signal(libc::SIGHUP);
    host.wait_for_end();
}
