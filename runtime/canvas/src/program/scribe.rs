//! Writes what the hand does to whoever started the canvas, on a thread of its own: a pipe that nobody reads
//! holds up no window.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::Thread;

use crossbeam_queue::ArrayQueue;

use crate::hand::Hand;

/// Strokes that may wait to be read.
const MOST_WAITING: usize = 64;

/// A way back.
pub struct Scribe {
    waiting: Arc<ArrayQueue<Hand>>,
    thread: Thread,
}

impl Scribe {
    /// Writes lines to `output` on a thread of its own, until nobody reads them.
    ///
    /// # Errors
    /// The system's, if it gives no thread.
    pub fn open(mut output: impl Write + Send + 'static) -> io::Result<Scribe> {
        let waiting = Arc::new(ArrayQueue::new(MOST_WAITING));
        let theirs = Arc::clone(&waiting);
        let thread = std::thread::Builder::new().name("canvas scribe".to_owned()).spawn(move || {
            loop {
                let Some(hand) = theirs.pop() else {
                    std::thread::park();
                    continue;
                };
                let line = Hand::to_line(&hand) + "\n";
                if output.write_all(line.as_bytes()).and_then(|()| output.flush()).is_err() {
                    // Nobody reads; what is drawn is still seen.
                    return;
                }
            }
        })?;
        Ok(Scribe { waiting, thread: thread.thread().clone() })
    }

    /// Tells what the hand did; where too much waits, the oldest is left out. Never waits.
    pub fn tell(&self, hand: Hand) {
        self.waiting.force_push(hand);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{Sender, channel};

    struct Tell(Sender<Vec<u8>>);

    impl Write for Tell {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_the_hand_does_is_written_line_by_line() {
        let (tell, told) = channel();
        let scribe = Scribe::open(Tell(tell)).expect("a thread");
        let stroke = Hand::Stroke(vec![[0.5, 0.5, 0.01, 0.0]]);
        scribe.tell(stroke.clone());
        scribe.tell(Hand::Wipe);
        let lines: Vec<Option<Hand>> = told
            .iter()
            .take(2)
            .map(|bytes| Hand::from_line(String::from_utf8_lossy(&bytes).trim_end()))
            .collect();
        assert_eq!(lines, [Some(stroke), Some(Hand::Wipe)]);
    }

    #[test]
    fn a_pipe_that_nobody_reads_holds_nobody_up() {
        let (tell, told) = channel();
        drop(told);
        let scribe = Scribe::open(Tell(tell)).expect("a thread");
        for _ in 0..10 * MOST_WAITING {
            scribe.tell(Hand::Wipe);
        }
    }
}
