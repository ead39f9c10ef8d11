//! What silenced hosts, or spoilt them for good: each row of the fault table in ARCHITECTURE.md that needs a
//! whole host is a test here. None of them judges how long something takes.

#[path = "../stage/mod.rs"]
mod stage;

mod others;
mod outputs;
mod page;
mod performer;
mod process;
mod recordings;
mod saves;
mod script;

use std::collections::BTreeMap;
use std::ffi::{CString, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use stage::Host;

/// A slot that plays on whatever else happens: a note every half beat, whatever the metre.
pub const ANCHOR: &str = "play(\"anchor\", clip { { pitch = 60, duration = 1/2 }, length = 1/2 })\n";

/// A tilt that takes long: its reward is asked again and again, and each answer takes some milliseconds.
pub const SLOW: &str = "local slow = model(\"folk\"):tilt(function(clip) local x = 0 for i = 1, 200000 do x = x + i end \
                        return -clip:leaps() end, { strength = 2, particles = 256 }):sample { bars = 16, seed = SEED }\n";

/// Makes a named pipe.
pub fn pipe(path: &Path) {
    let path = CString::new(path.as_os_str().as_bytes()).expect("no NUL in a path");
    // SAFETY: `path` is a NUL-terminated string that outlives the call.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0, "a pipe can be made");
}

/// The same command with other words.
pub fn reword(command: &mut Command, change: impl FnOnce(&mut Vec<OsString>)) {
    let mut words: Vec<_> = command.get_args().map(std::ffi::OsStr::to_owned).collect();
    change(&mut words);
    let mut again = Command::new(command.get_program());
    again.args(words);
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            again.env(name, value);
        }
    }
    again.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    *command = again;
}

/// Half beats at which the anchor did not play exactly once, between its first and its last note.
pub fn gaps(played: &[Value]) -> Vec<i64> {
    let mut halves: BTreeMap<i64, usize> = BTreeMap::new();
    for event in played.iter().filter(|event| event["slot"] == "anchor") {
        *halves.entry(half(event)).or_default() += 1;
    }
    let (Some(first), Some(last)) = (halves.keys().next(), halves.keys().last()) else { return vec![0] };
    (*first..=*last).filter(|half| halves.get(half) != Some(&1)).collect()
}

/// The half beat on which an event begins.
pub fn half(event: &Value) -> i64 {
    let start = event["start"].as_str().expect("a beat");
    let (over, under) = start.split_once('/').unwrap_or((start, "1"));
    2 * over.parse::<i64>().expect("a number") / under.parse::<i64>().expect("a number")
}

/// Asserts that the anchor plays on, without a gap until now.
pub fn plays_on(host: &mut Host) {
    host.wait_for_events(8);
    assert!(host.runs(), "the host has ended");
    assert_eq!(gaps(&host.played()), [] as [i64; 0], "half beats that did not play once");
}
