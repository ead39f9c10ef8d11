//! A record of the performance: every event that was played, a line each.

use std::path::Path;
use std::sync::Arc;

use lilt_sequencer::{SlotId, Timed};

use super::lines::Lines;
use super::terminal::Terminal;
use crate::output::events;

/// Events with the names of their slots.
type Batch = Vec<(Arc<str>, Timed)>;

/// A file that grows while the music plays.
pub struct Record {
    lines: Lines<Batch>,
    left_out: u64,
}

impl Record {
    /// An empty record in `path`; what goes wrong later is said in `terminal`.
    ///
    /// # Errors
    /// When the file cannot be made, in words for the performer.
    pub fn create(path: &Path, terminal: Terminal) -> Result<Record, String> {
        Ok(Record { lines: Lines::create(path, "events", lines, terminal)?, left_out: 0 })
    }

    /// Writes events down, if there is room.
    pub fn write(&mut self, events: &[Timed], name: impl Fn(SlotId) -> Arc<str>) {
        if events.is_empty() {
            return;
        }
        let batch: Batch = events.iter().map(|event| (name(event.slot), event.clone())).collect();
        let count = batch.len() as u64;
        if !self.lines.put(batch) {
            self.left_out += count;
        }
    }

    /// Events that were left out since the last call.
    pub fn take_left_out(&mut self) -> u64 {
        std::mem::take(&mut self.left_out)
    }
}

fn lines(batch: &Batch) -> String {
    let names: Vec<(SlotId, &str)> = batch.iter().map(|(name, event)| (event.slot, &**name)).collect();
    let name = |slot| names.iter().find(|(id, _)| *id == slot).map(|(_, name)| *name);
    events::lines(batch.iter().map(|(_, event)| event), name)
}
