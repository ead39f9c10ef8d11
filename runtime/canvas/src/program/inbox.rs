//! Reads the lines of frames on a thread; the newest waits in a place for one, and only what is shown is understood.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;

use crate::frame::{Frame, MAX_LINE};

/// Frames that come in.
pub struct Inbox {
    newest: Arc<ArrayQueue<String>>,
    came: Arc<AtomicU64>,
    ended: Arc<AtomicBool>,
}

impl Inbox {
    /// Reads lines from `input` on a thread of its own.
    ///
    /// # Errors
    /// The system's, if it gives no thread.
    pub fn open(input: impl BufRead + Send + 'static) -> io::Result<Inbox> {
        let newest = Arc::new(ArrayQueue::new(1));
        let ended = Arc::new(AtomicBool::new(false));
        let came = Arc::new(AtomicU64::new(0));
        let inbox = Inbox { newest: Arc::clone(&newest), came: Arc::clone(&came), ended: Arc::clone(&ended) };
        std::thread::Builder::new().name("canvas inbox".to_owned()).spawn(move || {
            if let Err(error) = read(input, &newest, &came) {
                eprintln!("lilt-canvas: {error}");
            }
            ended.store(true, Ordering::Release);
        })?;
        Ok(inbox)
    }

    /// The newest frame that has come since the last call; a line that is no frame is reported.
    pub fn newest(&self) -> Option<Frame> {
        understood(&self.newest.pop()?)
    }

    /// How many frames have come.
    pub fn came(&self) -> u64 {
        self.came.load(Ordering::Relaxed)
    }

    /// True when no frame will come any more.
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

fn understood(line: &str) -> Option<Frame> {
    Frame::from_line(line.trim_end()).map_err(|error| eprintln!("lilt-canvas: {error}")).ok()
}

/// Reads to the end. A line without end ends the reading, since nothing tells where the next begins.
fn read(mut input: impl BufRead, newest: &ArrayQueue<String>, came: &AtomicU64) -> io::Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        // One byte more than a frame and its line's end can have.
        let read = input.by_ref().take(MAX_LINE as u64 + 2).read_line(&mut line)?;
        if read == 0 {
            return Ok(());
        }
        if read > MAX_LINE + 1 {
            let reason = format!("a line of more than {MAX_LINE} bytes is no frame");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        if line.trim().is_empty() {
            continue;
        }
        came.fetch_add(1, Ordering::Relaxed);
        // The line that nobody took is written over next.
        line = newest.force_push(std::mem::take(&mut line)).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest_of(text: &str) -> (io::Result<()>, Option<Frame>, u64) {
        let (newest, came) = (ArrayQueue::new(1), AtomicU64::new(0));
        let read = read(text.as_bytes(), &newest, &came);
        (read, newest.pop().and_then(|line| understood(&line)), came.into_inner())
    }

    #[test]
    fn the_newest_frame_is_kept_and_what_is_none_is_no_frame() {
        let last = Frame { generation: 2, ..Frame::default() };
        let text = format!("{}\n\n{{ oops\n{}\n", Frame::default().to_line(), last.to_line());
        let (read, newest, came) = newest_of(&text);
        assert!(read.is_ok(), "{read:?}");
        assert_eq!((newest, came), (Some(last), 3));
        assert_eq!(newest_of("{ oops\n").1, None);
    }

    #[test]
    fn a_line_without_end_ends_the_reading() {
        let (read, newest, _) = newest_of(&" ".repeat(MAX_LINE + 2));
        assert_eq!(read.expect_err("too long").to_string(), "a line of more than 16777216 bytes is no frame");
        assert_eq!(newest, None);
    }
}
