//! The texts of a long performance: the examples in turn, each edited again and again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Edits of one example before the next one comes.
const EDITS: usize = 10;

/// Notes that an edit adds, one of them each time.
const NOTES: [&str; 5] = ["c5", "e5 g5", "~ a5", "d5*3", "<g4 b4>"];

/// What makes a piece end by itself, and what makes it go round instead: a bar after its end is silent because it was
/// written so, and would be counted beside those that were not.
const ENDS: [&str; 2] = ["ending = \"stop\"", "ending = \"repeat\""];

/// The examples.
pub struct Set {
    texts: Vec<(String, String)>,
}

impl Set {
    /// The scripts of `examples` that `lilt` plays as they are. One that needs a model of one's own is
    /// left out; what they require is copied beside `script`.
    ///
    /// # Errors
    /// When the folder cannot be read, or none plays.
    pub fn of(lilt: &Path, examples: &Path, script: &Path) -> Result<Set> {
        let folder = script.parent().context("the script lies in a folder")?;
        let entries = fs::read_dir(examples).with_context(|| examples.display().to_string())?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        let mut texts = Vec::new();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "lua")) {
            let name = path.file_name().context("a file has a name")?.to_string_lossy().into_owned();
            let text = fs::read_to_string(path)?;
            fs::copy(path, folder.join(&name))?;
            let checked = Command::new(lilt).arg("check").arg(path).output()?;
            let said = String::from_utf8_lossy(&checked.stdout).into_owned();
            if checked.status.success() && !said.contains("which it needs") {
                texts.push((name, text.replace(ENDS[0], ENDS[1])));
            } else {
                eprintln!("{name} is left out: {}", said.trim());
            }
        }
        if texts.is_empty() {
            bail!("no script in {} plays", examples.display());
        }
        Ok(Set { texts })
    }

    /// Name and text of the edit of this number.
    pub fn text(&self, edit: usize) -> (&str, String) {
        let (name, text) = &self.texts[edit / EDITS % self.texts.len()];
        let notes = NOTES[edit % NOTES.len()];
        (name, format!("{text}\nplay(\"edit\", \"{notes}\"):gain(0.{}) -- edit {edit}\n", 2 + edit % 4))
    }
}
