//! A file of lines that grows while the music plays, written by a thread of its own.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};

use super::caught::caught;
use super::terminal::Terminal;

/// Batches that may wait for the disk, or for whoever reads a pipe: at 250 a second, some time.
const MOST_WAITING: usize = 4096;
/// How long the start waits to hear that the file cannot be made. A pipe that nobody reads yet is opened
/// when somebody does.
const OPENING: Duration = Duration::from_millis(300);
/// How long the end waits for what is still to be written.
const FAREWELL: Duration = Duration::from_millis(500);

/// A file that grows by batches of what happened. Putting one in never waits; what does not fit is left out.
pub struct Lines<Batch> {
    waiting: Option<Sender<Batch>>,
    ended: Receiver<()>,
}

impl<Batch: Send + 'static> Lines<Batch> {
    /// An empty file in `path` for `what`, such as "events", of which `lines` makes text; what goes wrong later is
    /// said in `terminal`.
    ///
    /// # Errors
    /// When the file cannot be made, in words for the performer.
    pub fn create(
        path: &Path,
        what: &'static str,
        lines: fn(&Batch) -> String,
        terminal: Terminal,
    ) -> Result<Lines<Batch>, String> {
        let (waiting, batches) = bounded(MOST_WAITING);
        let (opened, opening) = bounded(1);
        let (end, ended) = bounded(0);
        let (file, shown) = (path.to_owned(), path.display().to_string());
        let work = move |terminal: &Terminal| match File::create(&file) {
            Ok(file) => {
                // Nobody waits for a pipe that took longer to open.
                let _in_time = opened.send(Ok(()));
                write(file, &batches, what, lines, terminal);
            }
            Err(error) => {
                if let Err(unheard) = opened.send(Err(error.to_string()))
                    && let Err(error) = unheard.into_inner()
                {
                    terminal.say(format_args!("{what} are not written down: {error}"));
                }
            }
        };
        let run = move || {
            if let Err(place) = caught(|| work(&terminal)) {
                terminal.say(format_args!(
                    "Lilt itself stumbled over what it wrote down ({place}): {what} are not written down any more"
                ));
            }
            drop(end);
        };
        thread::Builder::new().name(format!("lilt {what}")).spawn(run).map_err(|error| error.to_string())?;
        match opening.recv_timeout(OPENING) {
            Ok(Err(error)) => Err(format!("{shown}: {error}")),
            Ok(Ok(())) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                Ok(Lines { waiting: Some(waiting), ended })
            }
        }
    }

    /// Writes a batch down, if there is room. False when it was left out for want of room.
    pub fn put(&self, batch: Batch) -> bool {
        let Some(waiting) = &self.waiting else { return true };
        // Where the file has ended, that was said.
        !matches!(waiting.try_send(batch), Err(TrySendError::Full(_)))
    }
}

impl<Batch> Drop for Lines<Batch> {
    fn drop(&mut self) {
        self.waiting = None;
        // Nothing is ever sent: the thread has ended, or the time is over.
        let _ended = self.ended.recv_timeout(FAREWELL);
    }
}

/// Writes until the performance ends. A disk that refuses ends the file, with one line.
fn write<Batch>(
    mut file: File,
    batches: &Receiver<Batch>,
    what: &str,
    lines: fn(&Batch) -> String,
    terminal: &Terminal,
) {
    for batch in batches {
        if let Err(error) = file.write_all(lines(&batch).as_bytes()) {
            terminal.say(format_args!("the record of {what} ends here: {error}"));
            return;
        }
    }
}
