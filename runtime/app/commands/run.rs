//! `lilt run`: evaluates a script once and tries its first bars, with no devices.

use lilt_script::Bakes;

use crate::command_line::Run;
use crate::failure::Failure;
use crate::offline::Offline;

/// Bars in which functions that run while the music plays are tried.
const BARS: u32 = 2;

/// What the script prints goes to standard output, also where it fails later. The takes that it asks
/// for are waited for: a reward that fails is told, and the status says so. So is a function that fails in the
/// first bars, and a sound that cannot be heard.
pub fn run(words: Run) -> Result<(), Failure> {
    let mut offline = Offline::open(&words.file, None, None, Bakes::First)?;
    let evaluation = offline.evaluate();
    for line in &evaluation.printed {
        println!("{line}");
    }
    for notice in &evaluation.notices {
        eprintln!("{}", offline.drawn(notice));
    }
    let takes = evaluation.takes;
    let done = evaluation.result.and_then(|generation| {
        offline.wait_for(&takes)?;
        offline.play(generation, BARS)
    });
    for line in offline.take_printed() {
        println!("{line}");
    }
    let performed = done.map_err(|diagnostic| Failure::Script(offline.drawn(&diagnostic)))?;
    for notice in &performed.notices {
        eprintln!("{}", offline.drawn(notice));
    }
    for warning in offline.sound_warnings() {
        eprintln!("warning: {warning}");
    }
    let unheard = offline.unheard(&performed);
    let unheard: String = unheard.iter().map(|sound| offline.drawn(sound)).collect();
    match offline.drawn_failures(&performed.failed) + &unheard {
        failures if failures.is_empty() => Ok(()),
        failures => Err(Failure::Script(failures)),
    }
}
