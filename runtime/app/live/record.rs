//! A record of the performance: every event that was committed, a line each.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use lilt_sequencer::{Sequencer, Timed};

use crate::output::events;

/// A file that grows while the music plays.
pub struct Record {
    /// `None` once the disk has refused a line; the music does not depend on it.
    file: Option<File>,
}

impl Record {
    /// An empty record in `path`.
    ///
    /// # Errors
    /// When the file cannot be made, in words for the performer.
    pub fn create(path: &Path) -> Result<Record, String> {
        let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Record { file: Some(file) })
    }

    /// Writes events down. A disk that refuses ends the record, with one line.
    pub fn write(&mut self, events: &[Timed], sequencer: &Sequencer) {
        let Some(file) = &mut self.file else { return };
        let lines = events::lines(events, |slot| sequencer.slot_name(slot));
        if let Err(error) = file.write_all(lines.as_bytes()) {
            eprintln!("lilt: the record of events ends here: {error}");
            self.file = None;
        }
    }
}
