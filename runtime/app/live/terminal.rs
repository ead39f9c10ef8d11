//! What is said in the terminal, written by threads of its own: a terminal that is stopped, closed, or a
//! file on a full disk holds up nobody.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded};

use super::caught::caught;

/// Texts that may wait to be written to one of the two.
const MOST_WAITING: usize = 1024;
/// Longest text, in bytes, that is written whole: a hundred screens.
const LONGEST: usize = 256 * 1024;
/// How long the end waits for what is still to be written.
const FAREWELL: Duration = Duration::from_millis(500);

/// Standard output and standard error. Cheap to clone; nothing in it waits.
#[derive(Clone)]
pub struct Terminal {
    out: Line,
    err: Line,
}

#[derive(Clone)]
struct Line {
    waiting: Sender<String>,
    left_out: Arc<AtomicU64>,
    ended: Receiver<()>,
}

impl Terminal {
    /// Starts the threads that write.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start() -> io::Result<Terminal> {
        Ok(Terminal { out: Line::start("stdout", io::stdout())?, err: Line::start("stderr", io::stderr())? })
    }

    /// A line for the performer, on standard error.
    pub fn say(&self, line: impl std::fmt::Display) {
        self.err.write(format!("lilt: {line}\n"));
    }

    /// Text for the performer as it is, on standard error.
    pub fn tell(&self, text: String) {
        self.err.write(text);
    }

    /// A line that the script printed, on standard output.
    pub fn print(&self, line: &str) {
        self.out.write(format!("{line}\n"));
    }

    /// Waits a little until everything has been written, or cannot be.
    pub fn farewell(self) {
        let until = Instant::now() + FAREWELL;
        for Line { waiting, ended, .. } in [self.out, self.err] {
            drop(waiting);
            // Nothing is ever sent: the thread has ended, or the time is over.
            let _ended = ended.recv_deadline(until);
        }
    }
}

impl Line {
    fn start(name: &str, to: impl Write + Send + 'static) -> io::Result<Line> {
        let (waiting, texts) = bounded::<String>(MOST_WAITING);
        let (end, ended) = bounded(0);
        let left_out = Arc::new(AtomicU64::new(0));
        thread::Builder::new().name(format!("lilt {name}")).spawn(move || {
            write(to, &texts);
            drop(end);
        })?;
        Ok(Line { waiting, left_out, ended })
    }

    fn write(&self, mut text: String) {
        if text.len() > LONGEST {
            let cut = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            let more = text.len() - cut;
            text.truncate(cut);
            text.push_str(&format!("… and {more} bytes more\n"));
        }
        let missed = self.left_out.swap(0, Ordering::Relaxed);
        if missed > 0 {
            text.insert_str(0, &format!("lilt: {missed} lines were left out here: nobody read them\n"));
        }
        if self.waiting.try_send(text).is_err() {
            self.left_out.fetch_add(missed + 1, Ordering::Relaxed);
        }
    }
}

/// Writes until nobody is left who could say anything. What cannot be written, or breaks Lilt's own code, is left
/// out: the music does not depend on it, and there is nobody to tell.
fn write(mut to: impl Write, texts: &Receiver<String>) {
    for text in texts {
        let _unread = caught(|| to.write_all(text.as_bytes()).and_then(|()| to.flush()));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// A terminal that is held until the lock is free, and remembers what was written.
    #[derive(Clone, Default)]
    struct Held(Arc<Mutex<Vec<u8>>>);

    impl Write for Held {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_terminal_that_is_held_holds_up_nobody_and_says_what_was_left_out() {
        let held = Held::default();
        let line = Line::start("test", held.clone()).expect("a thread");
        let guard = held.0.lock().expect("no panic");
        (0..3 * MOST_WAITING).for_each(|n| line.write(format!("{n}\n")));
        drop(guard);
        let ended = line.ended.clone();
        // There is room again once the thread wrote; then a last line tells.
        let began = Instant::now();
        while line.left_out.load(Ordering::Relaxed) > 0 && began.elapsed() < Duration::from_secs(20) {
            line.write("last\n".to_string());
            thread::sleep(Duration::from_millis(5));
        }
        drop(line);
        let _ended = ended.recv_timeout(Duration::from_secs(20));
        let written = String::from_utf8(held.0.lock().expect("no panic").clone()).expect("text");
        assert!(written.starts_with("0\n"), "{}", &written[..20]);
        assert!(written.contains("lines were left out here: nobody read them"));
    }

    #[test]
    fn a_long_text_is_cut_and_says_how_much() {
        let held = Held::default();
        let line = Line::start("test", held.clone()).expect("a thread");
        line.write("é".repeat(LONGEST));
        let Line { waiting, ended, .. } = line;
        drop(waiting);
        let _ended = ended.recv_timeout(Duration::from_secs(20));
        let written = String::from_utf8(held.0.lock().expect("no panic").clone()).expect("whole characters");
        assert!(written.ends_with(&format!("é… and {LONGEST} bytes more\n")), "{}", written.len());
    }

    #[test]
    fn a_terminal_that_refuses_is_no_failure() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let line = Line::start("test", Closed).expect("a thread");
        (0..10).for_each(|_| line.write("lost\n".to_string()));
        let Line { waiting, ended, .. } = line;
        drop(waiting);
        assert!(ended.recv_timeout(Duration::from_secs(20)).is_err_and(|error| error.is_disconnected()));
    }
}
