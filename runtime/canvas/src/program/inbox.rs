//! Reads frames on a thread; the newest waits in a place for one.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_queue::ArrayQueue;

use crate::frame::{Frame, MAX_LINE};

/// Frames that come in.
pub struct Inbox {
    newest: Arc<ArrayQueue<Frame>>,
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
        let inbox = Inbox { newest: Arc::clone(&newest), ended: Arc::clone(&ended) };
        std::thread::Builder::new().name("canvas inbox".to_owned()).spawn(move || {
            if let Err(error) = read(input, &newest) {
                eprintln!("lilt-canvas: {error}");
            }
            ended.store(true, Ordering::Release);
        })?;
        Ok(inbox)
    }

    /// The newest frame that has come since the last call.
    pub fn newest(&self) -> Option<Frame> {
        self.newest.pop()
    }

    /// True when no frame will come any more.
    pub fn ended(&self) -> bool {
        self.ended.load(Ordering::Acquire)
    }
}

/// Reads to the end. A line that is no frame is reported and skipped; one without end
/// ends the reading, since nothing tells where the next begins.
fn read(mut input: impl BufRead, newest: &ArrayQueue<Frame>) -> io::Result<()> {
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
        match Frame::from_line(line.trim_end()) {
            Ok(frame) => {
                newest.force_push(frame);
            }
            Err(error) => eprintln!("lilt-canvas: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn newest_of(text: &str) -> (io::Result<()>, Option<Frame>) {
        let newest = ArrayQueue::new(1);
        (read(text.as_bytes(), &newest), newest.pop())
    }

    #[test]
    fn the_newest_frame_is_kept_and_wrong_lines_are_skipped() {
        let last = Frame { generation: 2, ..Frame::default() };
        let text = format!("{}\n\n{}\n{{ oops\n", Frame::default().to_line(), last.to_line());
        let (read, newest) = newest_of(&text);
        assert!(read.is_ok(), "{read:?}");
        assert_eq!(newest, Some(last));
    }

    #[test]
    fn a_line_without_end_ends_the_reading() {
        let (read, newest) = newest_of(&" ".repeat(MAX_LINE + 2));
        assert_eq!(read.expect_err("too long").to_string(), "a line of more than 16777216 bytes is no frame");
        assert_eq!(newest, None);
    }
}
