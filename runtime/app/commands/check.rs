//! `lilt check`: says whether a script is right.

use std::path::{Path, PathBuf};

use lilt_script::{Bakes, Diagnostic};

use crate::command_line::Check;
use crate::failure::Failure;
use crate::live;
use crate::offline::Offline;

/// Evaluates each script and plans two bars of it, with no devices, in the time that a stage
/// would give it. What the script bakes is not baked: the exact tilt stands in, as it does on stage.
pub fn check(words: Check) -> Result<(), Failure> {
    let mut failed = None;
    for file in &words.files {
        if let Err(failure) = check_one(file, &words.samples, words.json)
            && let Some(before) = failed.replace(failure)
        {
            // The last one ends the command, which says it.
            eprintln!("{before}");
        }
    }
    failed.map_or(Ok(()), Err)
}

fn check_one(file: &Path, samples: &[PathBuf], json: bool) -> Result<(), Failure> {
    let mut offline = Offline::open(file, Some(live::LUA_TIME), None, Bakes::Never)?.with_sounds(samples);
    let checked = offline.check();
    if !json {
        for line in offline.take_printed() {
            eprintln!("{line}");
        }
        for warning in offline.sound_warnings() {
            eprintln!("warning: {warning}");
        }
    }
    match checked {
        Ok(checked) => {
            for notice in &checked.notices {
                print(notice, &offline, json);
            }
            match checked.untrained {
                _ if !checked.unheard.is_empty() => return Err(unheard(&checked.unheard, &offline, json)),
                _ if json => {}
                Some(model) => println!("{} is right as far as `{model}`, which it needs", file.display()),
                None => println!("{} is right", file.display()),
            }
            Ok(())
        }
        Err(diagnostic) if json => {
            print(&diagnostic, &offline, true);
            Err(Failure::Script(diagnostic.message))
        }
        Err(diagnostic) => Err(Failure::Script(offline.drawn(&diagnostic))),
    }
}

/// Sounds that a script plays and that cannot be heard make it fail.
fn unheard(sounds: &[Diagnostic], offline: &Offline, json: bool) -> Failure {
    if json {
        sounds.iter().for_each(|sound| print(sound, offline, true));
        return Failure::Script(sounds[0].message.clone());
    }
    Failure::Script(sounds.iter().map(|sound| offline.drawn(sound)).collect())
}

fn print(diagnostic: &Diagnostic, offline: &Offline, json: bool) {
    if json {
        // Strings and numbers always have a JSON form.
        println!("{}", serde_json::to_string(diagnostic).expect("a diagnostic serialises"));
    } else {
        println!("{}", offline.drawn(diagnostic));
    }
}
