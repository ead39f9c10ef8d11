//! `lilt check`: says whether a script is right.

use lilt_script::Bakes;

use crate::command_line::Check;
use crate::failure::Failure;
use crate::live;
use crate::offline::Offline;

/// Evaluates the script and plans two bars of it, with no devices, in the time that a stage
/// would give it. What the script bakes is not baked: the exact tilt stands in, as it does on stage.
pub fn check(words: Check) -> Result<(), Failure> {
    let mut offline = Offline::open(&words.file, live::LUA_TIME, None, Bakes::Never)?;
    match offline.check() {
        Ok(notices) => {
            for notice in &notices {
                print(notice, &offline, words.json);
            }
            if !words.json {
                println!("{} is right", words.file.display());
            }
            Ok(())
        }
        Err(diagnostic) if words.json => {
            print(&diagnostic, &offline, true);
            Err(Failure::Script(diagnostic.message))
        }
        Err(diagnostic) => Err(Failure::Script(offline.drawn(&diagnostic))),
    }
}

fn print(diagnostic: &lilt_script::Diagnostic, offline: &Offline, json: bool) {
    if json {
        // Strings and numbers always have a JSON form.
        println!("{}", serde_json::to_string(diagnostic).expect("a diagnostic serialises"));
    } else {
        println!("{}", offline.drawn(diagnostic));
    }
}
