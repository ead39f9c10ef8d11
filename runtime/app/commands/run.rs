//! `lilt run`: evaluates a script once, with no devices.

use lilt_script::Bakes;

use crate::command_line::Run;
use crate::failure::Failure;
use crate::offline::{Offline, UNHURRIED};

/// What the script prints goes to standard output, also where it fails later. The takes that it asks
/// for are waited for: a reward that fails is told, and the status says so.
pub fn run(words: Run) -> Result<(), Failure> {
    let mut offline = Offline::open(&words.file, UNHURRIED, None, Bakes::First)?;
    let evaluation = offline.evaluate();
    for line in &evaluation.printed {
        println!("{line}");
    }
    for notice in &evaluation.notices {
        eprintln!("{}", offline.drawn(notice));
    }
    let done = evaluation.result.and_then(|_generation| offline.wait_for(&evaluation.takes));
    done.map_err(|diagnostic| Failure::Script(offline.drawn(&diagnostic)))
}
