//! A record of the performance: every event that was played, a line each, written by a thread of its
//! own.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};
use lilt_sequencer::{SlotId, Timed};

use super::caught::caught;
use super::terminal::Terminal;
use crate::output::events;

/// Batches of events that may wait for the disk, or for whoever reads a pipe: at 250 a second, some time.
const MOST_WAITING: usize = 4096;
/// How long the start waits to hear that the file cannot be made. A pipe that nobody reads yet is opened
/// when somebody does.
const OPENING: Duration = Duration::from_millis(300);
/// How long the end waits for what is still to be written.
const FAREWELL: Duration = Duration::from_millis(500);

/// Events with the names of their slots.
type Batch = Vec<(Arc<str>, Timed)>;

/// A file that grows while the music plays.
pub struct Record {
    waiting: Option<Sender<Batch>>,
    left_out: u64,
    ended: Receiver<()>,
}

impl Record {
    /// An empty record in `path`; what goes wrong later is said in `terminal`.
    ///
    /// # Errors
    /// When the file cannot be made, in words for the performer.
    pub fn create(path: &Path, terminal: Terminal) -> Result<Record, String> {
        let (waiting, batches) = bounded(MOST_WAITING);
        let (opened, opening) = bounded(1);
        let (end, ended) = bounded(0);
        let (file, shown) = (path.to_owned(), path.display().to_string());
        let work = move |terminal: &Terminal| match File::create(&file) {
            Ok(file) => {
                // Nobody waits for a pipe that took longer to open.
                let _in_time = opened.send(Ok(()));
                write(file, &batches, terminal);
            }
            Err(error) => {
                if let Err(unheard) = opened.send(Err(error.to_string()))
                    && let Err(error) = unheard.into_inner()
                {
                    terminal.say(format_args!("events are not written down: {error}"));
                }
            }
        };
        let run = move || {
            if let Err(place) = caught(|| work(&terminal)) {
                terminal.say(format_args!(
                    "Lilt itself stumbled over an event ({place}): events are not written down any more"
                ));
            }
            drop(end);
        };
        thread::Builder::new()
            .name("lilt events".to_string())
            .spawn(run)
            .map_err(|error| error.to_string())?;
        match opening.recv_timeout(OPENING) {
            Ok(Err(error)) => Err(format!("{shown}: {error}")),
            Ok(Ok(())) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                Ok(Record { waiting: Some(waiting), left_out: 0, ended })
            }
        }
    }

    /// Writes events down, if there is room.
    pub fn write(&mut self, events: &[Timed], name: impl Fn(SlotId) -> Arc<str>) {
        let Some(waiting) = self.waiting.as_ref().filter(|_| !events.is_empty()) else { return };
        let batch: Batch = events.iter().map(|event| (name(event.slot), event.clone())).collect();
        match waiting.try_send(batch) {
            Ok(()) => {}
            Err(TrySendError::Full(batch)) => self.left_out += batch.len() as u64,
            // The record has ended, which was said.
            Err(TrySendError::Disconnected(_)) => self.waiting = None,
        }
    }

    /// Events that were left out since the last call.
    pub fn take_left_out(&mut self) -> u64 {
        std::mem::take(&mut self.left_out)
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.waiting = None;
        // Nothing is ever sent: the thread has ended, or the time is over.
        let _ended = self.ended.recv_timeout(FAREWELL);
    }
}

/// Writes until the performance ends. A disk that refuses ends the record, with one line.
fn write(mut file: File, batches: &Receiver<Batch>, terminal: &Terminal) {
    for batch in batches {
        let names: Vec<(SlotId, &str)> = batch.iter().map(|(name, event)| (event.slot, &**name)).collect();
        let name = |slot| names.iter().find(|(id, _)| *id == slot).map(|(_, name)| *name);
        let lines = events::lines(batch.iter().map(|(_, event)| event), name);
        if let Err(error) = file.write_all(lines.as_bytes()) {
            terminal.say(format_args!("the record of events ends here: {error}"));
            return;
        }
    }
}
