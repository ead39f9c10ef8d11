//! Feeds the program `lilt-canvas` with frames, from a thread of its own.

use std::ffi::OsString;
use std::fmt;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_queue::ArrayQueue;

use crate::frame::Frame;
use crate::hand::{Hand, MAX_HAND_LINE};
use crate::restart::{Ending, NO_DISPLAY_STATUS, NO_DRIVER_STATUS, Next, RestartPolicy, Surrender};

/// Shortest time between two frames: at most 30 a second.
const FRAME_TIME: Duration = Duration::from_nanos(1_000_000_000 / 30);
/// How often an idle feed looks whether the canvas still lives.
const LOOK: Duration = Duration::from_millis(100);
/// How long a canvas that no longer reads has to end by itself.
const GRACE: Duration = Duration::from_secs(2);
/// Bytes kept of what the canvas last wrote to its standard error.
const LAST_WORDS: usize = 512;

/// What a feed has to tell the performer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CanvasNotice {
    /// The canvas died and is started again.
    Restarting {
        /// How it ended.
        reason: String,
        /// The time until then.
        wait: Duration,
    },
    /// The canvas is gone for good; said once, and the last notice.
    GaveUp(Surrender),
}

impl fmt::Display for CanvasNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CanvasNotice::Restarting { reason, wait } => {
                write!(f, "the canvas stopped ({reason}); starting it again in {} s", wait.as_secs_f64())
            }
            CanvasNotice::GaveUp(why) => why.fmt(f),
        }
    }
}

/// A running canvas and the pipe to it. Dropping the feed ends the canvas.
///
/// Nothing the canvas does is felt by whoever shows frames: they are left in a place
/// for one, where a newer frame replaces an older one that was not yet sent.
pub struct CanvasFeed {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What is started.
struct Program {
    path: PathBuf,
    arguments: Vec<OsString>,
}

struct Shared {
    newest: ArrayQueue<Frame>,
    stop: AtomicBool,
    child: Mutex<Option<Child>>,
    hand: OnHand,
}

/// Called with what a hand draws, on a thread of the feed's.
type OnHand = Arc<dyn Fn(Hand) + Send + Sync>;

impl Shared {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        // The place holds a whole child or none, also after a panic.
        self.child.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CanvasFeed {
    /// Starts the canvas at the path `program`, with arguments, and the thread that feeds it. `report`
    /// is called on that thread, `hand` with what a hand draws, on another; it must not
    /// wait for long.
    ///
    /// # Errors
    /// The system's, if it gives no thread. A canvas that does not start is a notice.
    pub fn start(
        program: impl Into<PathBuf>,
        arguments: Vec<OsString>,
        report: impl FnMut(CanvasNotice) + Send + 'static,
        hand: impl Fn(Hand) + Send + Sync + 'static,
    ) -> std::io::Result<CanvasFeed> {
        let program = Program { path: program.into(), arguments };
        CanvasFeed::start_with(program, RestartPolicy::default(), report, Arc::new(hand))
    }

    fn start_with(
        program: Program,
        policy: RestartPolicy,
        report: impl FnMut(CanvasNotice) + Send + 'static,
        hand: OnHand,
    ) -> std::io::Result<CanvasFeed> {
        let shared = Arc::new(Shared {
            newest: ArrayQueue::new(1),
            stop: AtomicBool::new(false),
            child: Mutex::new(None),
            hand,
        });
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("canvas feed".to_owned())
            .spawn(move || feed(&theirs, &program, policy, report))?;
        Ok(CanvasFeed { shared, thread: Some(thread) })
    }

    /// Shows a frame as soon as the canvas takes it. Never waits.
    pub fn show(&self, frame: Frame) {
        if let Some(thread) = &self.thread {
            self.shared.newest.force_push(frame);
            thread.thread().unpark();
        }
    }

    /// False once the feed has given up: frames are then shown to nobody, and need
    /// not be made.
    pub fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }
}

impl Drop for CanvasFeed {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        // The thread may be stuck in a write to a canvas that does not read.
        if let Some(child) = self.shared.child().as_mut() {
            // It may have ended already; there is nothing to do about any other failure.
            let _ = child.kill();
        }
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A panic of `report` has been printed by its thread.
            let _ = thread.join();
        }
    }
}

/// The feed's thread: one run of the canvas after the other.
fn feed(shared: &Shared, program: &Program, mut policy: RestartPolicy, mut report: impl FnMut(CanvasNotice)) {
    while let Some(ending) = run(shared, program) {
        match policy.after(ending) {
            Next::Restart { reason, wait } => {
                report(CanvasNotice::Restarting { reason, wait });
                if !rest(shared, wait) {
                    return;
                }
            }
            Next::GiveUp(why) => {
                report(CanvasNotice::GaveUp(why));
                return;
            }
        }
    }
}

/// Runs the canvas until it ends; `None` when the feed is to stop.
fn run(shared: &Shared, program: &Program) -> Option<Ending> {
    let (stdin, words) = match start(shared, program) {
        Ok(started) => started?,
        Err(error) => {
            let reason = error.to_string();
            return Some(Ending::Missing { program: program.path.clone(), reason });
        }
    };
    let status = pump(shared, stdin);
    let mut child = shared.child().take()?;
    let status = status.or_else(|| {
        if shared.stopped() {
            // As in `drop`: it may have ended already.
            let _ = child.kill();
        }
        child.wait().ok()
    });
    if shared.stopped() {
        return None;
    }
    let words = words.map(|words| heard(shared, words)).unwrap_or_default();
    Some(ending(status, &words))
}

/// Starts the canvas; `None` when the feed is to stop.
fn start(shared: &Shared, program: &Program) -> std::io::Result<Option<Started>> {
    let mut command = Command::new(&program.path);
    command.args(&program.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Its last words are then why it died, and not which graphics card it found.
    if std::env::var_os("RUST_LOG").is_none() {
        command.env("RUST_LOG", "error");
    }
    command.env("NO_COLOR", "1");
    // An interrupt from the terminal is the host's to handle.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    // Whoever stops the feed kills the child it finds in this place, so the place is
    // held while there is one to be put into it.
    let mut place = shared.child();
    if shared.stopped() {
        return Ok(None);
    }
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    *place = Some(child);
    drop(place);
    if let Some(stdout) = stdout {
        let hand = Arc::clone(&shared.hand);
        std::thread::Builder::new().name("canvas hand".to_owned()).spawn(move || hands(stdout, &*hand))?;
    }
    let words = match stderr {
        Some(stderr) => Some(
            std::thread::Builder::new().name("canvas words".to_owned()).spawn(move || last_words(stderr))?,
        ),
        None => None,
    };
    Ok(stdin.map(|stdin| (stdin, words)))
}

type Started = (ChildStdin, Option<JoinHandle<String>>);

/// Tells what a hand draws, line by line, until the canvas ends. What is no such line is passed over, and one
/// without end too.
fn hands(from: impl Read, hand: &dyn Fn(Hand)) {
    let mut from = BufReader::new(from);
    let mut line = Vec::new();
    let mut whole = true;
    loop {
        line.clear();
        match from.by_ref().take(MAX_HAND_LINE as u64).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let ends = line.last() == Some(&b'\n');
        if whole
            && ends
            && let Some(done) = Hand::from_line(String::from_utf8_lossy(&line).trim_end())
        {
            hand(done);
        }
        whole = ends;
    }
}

/// Sends the newest frames until the canvas ends, and gives its status; `None` when
/// the feed is to stop or the canvas had to be killed.
fn pump(shared: &Shared, mut stdin: ChildStdin) -> Option<ExitStatus> {
    let mut last = String::new();
    loop {
        if shared.stopped() {
            return None;
        }
        if let Some(status) = status(shared) {
            return Some(status);
        }
        let Some(frame) = shared.newest.pop() else {
            std::thread::park_timeout(LOOK);
            continue;
        };
        let mut line = frame.to_line();
        line.push('\n');
        if line == last {
            // Nothing has changed: nothing is drawn.
            rest(shared, FRAME_TIME);
            continue;
        }
        if stdin.write_all(line.as_bytes()).is_err() {
            drop(stdin);
            return linger(shared);
        }
        last = line;
        rest(shared, FRAME_TIME);
    }
}

/// Waits for a canvas that no longer reads, and kills it when it does not end.
fn linger(shared: &Shared) -> Option<ExitStatus> {
    let end = Instant::now() + GRACE;
    while Instant::now() < end && !shared.stopped() {
        if let Some(status) = status(shared) {
            return Some(status);
        }
        std::thread::park_timeout(LOOK / 10);
    }
    if let Some(child) = shared.child().as_mut() {
        // As in `drop`: it may have ended already.
        let _ = child.kill();
    }
    None
}

fn status(shared: &Shared) -> Option<ExitStatus> {
    // An error here means that there is nothing to wait for; the next write tells.
    shared.child().as_mut().and_then(|child| child.try_wait().ok().flatten())
}

/// Waits, through wake-ups for new frames; false when the feed is to stop.
fn rest(shared: &Shared, time: Duration) -> bool {
    let end = Instant::now() + time;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if shared.stopped() {
            return false;
        }
        if left.is_zero() {
            return true;
        }
        std::thread::park_timeout(left);
    }
}

/// What an exit status and the last words on standard error mean.
fn ending(status: Option<ExitStatus>, words: &str) -> Ending {
    let Some(status) = status else {
        return Ending::Died("nothing tells how it ended".to_owned());
    };
    match status.code() {
        Some(0) => Ending::Closed,
        Some(code) if code == i32::from(NO_DISPLAY_STATUS) => Ending::NoDisplay,
        Some(code) if code == i32::from(NO_DRIVER_STATUS) => Ending::NoDriver,
        // What it said before somebody killed it is not why it ended.
        _ if words.is_empty() || was_killed(status) => Ending::Died(status.to_string()),
        _ => Ending::Died(format!("{status}: {words}")),
    }
}

#[cfg(unix)]
fn was_killed(status: ExitStatus) -> bool {
    const SIGKILL: i32 = 9;
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGKILL)
}

#[cfg(not(unix))]
fn was_killed(_status: ExitStatus) -> bool {
    false
}

/// The last words of a canvas that has ended; none where something that it started
/// holds its standard error open.
fn heard(shared: &Shared, words: JoinHandle<String>) -> String {
    let end = Instant::now() + GRACE;
    while !words.is_finished() && Instant::now() < end && !shared.stopped() {
        std::thread::park_timeout(LOOK / 10);
    }
    if words.is_finished() { words.join().unwrap_or_default() } else { String::new() }
}

/// Reads to the end, and gives the last line that says something.
fn last_words(mut from: impl Read) -> String {
    let mut tail: Vec<u8> = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        tail.extend_from_slice(&buffer[..length]);
        tail.drain(..tail.len().saturating_sub(LAST_WORDS));
    }
    let text = String::from_utf8_lossy(&tail);
    text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::sync::mpsc::{Receiver, channel};

    /// Starts a canvas written in shell.
    fn start_fake(script: &str) -> (CanvasFeed, Receiver<CanvasNotice>) {
        start_program(Program { path: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] })
    }

    fn start_program(program: Program) -> (CanvasFeed, Receiver<CanvasNotice>) {
        let (tell, told) = channel();
        let policy = RestartPolicy::new(2, Duration::ZERO);
        let report = move |notice| {
            // Nobody listens any more once a test is over.
            let _ = tell.send(notice);
        };
        (CanvasFeed::start_with(program, policy, report, Arc::new(|_| {})).expect("a thread"), told)
    }

    #[test]
    fn an_ending_is_reported_and_the_last_notice_ends_the_feed() {
        let died =
            |reason: &str| CanvasNotice::Restarting { reason: reason.to_owned(), wait: Duration::ZERO };
        let gave_up = |last: &str| CanvasNotice::GaveUp(Surrender::Died { times: 3, last: last.to_owned() });
        for (script, want) in [
            ("exit 0", vec![CanvasNotice::GaveUp(Surrender::Closed)]),
            ("exit 3", vec![CanvasNotice::GaveUp(Surrender::NoDisplay)]),
            ("exit 4", vec![CanvasNotice::GaveUp(Surrender::NoDriver)]),
            (
                "echo noise >&2; echo 'no such shader' >&2; exit 101",
                vec![
                    died("exit status: 101: no such shader"),
                    died("exit status: 101: no such shader"),
                    gave_up("exit status: 101: no such shader"),
                ],
            ),
            (
                "echo noise >&2; kill -9 $$",
                vec![
                    died("signal: 9 (SIGKILL)"),
                    died("signal: 9 (SIGKILL)"),
                    gave_up("signal: 9 (SIGKILL)"),
                ],
            ),
        ] {
            let (feed, told) = start_fake(script);
            feed.show(Frame::default());
            // The channel ends with the thread that reports.
            assert_eq!(told.iter().collect::<Vec<_>>(), want, "{script}");
        }
    }

    #[test]
    fn what_a_hand_draws_comes_back() {
        let script = r#"echo noise; echo '{"stroke":[[0.5,0.5,0.01,1]]}'; head -c 3000000 /dev/zero | tr '\0' ' '
            echo; echo '"wipe"'; printf '{"stroke":[[0.5'; exec sleep 600"#;
        let program = Program { path: "/bin/sh".into(), arguments: vec!["-c".into(), script.into()] };
        let (tell, told) = channel();
        let tell = Mutex::new(tell);
        let hand: OnHand = Arc::new(move |hand| {
            let tell = tell.lock().expect("nobody panics with it");
            // Nobody listens any more once a test is over.
            let _ = tell.send(hand);
        });
        let policy = RestartPolicy::new(0, Duration::ZERO);
        let feed = CanvasFeed::start_with(program, policy, |_| {}, hand).expect("a thread");
        let got: Vec<Hand> = told.iter().take(2).collect();
        assert_eq!(got, [Hand::Stroke(vec![[0.5, 0.5, 0.01, 1.0]]), Hand::Wipe]);
        drop(feed);
    }

    #[test]
    fn a_missing_program_is_a_notice() {
        let path = PathBuf::from("/nowhere/lilt-canvas");
        let (_feed, told) = start_program(Program { path: path.clone(), arguments: Vec::new() });
        let reason = "No such file or directory (os error 2)".to_owned();
        let want = Surrender::Missing { program: path, reason };
        assert_eq!(told.iter().collect::<Vec<_>>(), [CanvasNotice::GaveUp(want)]);
    }

    #[test]
    fn the_newest_frame_arrives() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let seen = folder.path().join("seen");
        // Reads until the last frame has come, and closes its window.
        let script = format!(
            "while read -r line; do echo \"$line\" >> '{}'; case $line in *last*) exit 0;; esac; done",
            seen.display()
        );
        let (feed, told) = start_fake(&script);
        for generation in 0..500 {
            feed.show(Frame { generation, ..Frame::default() });
        }
        let last = Frame { title: "last".to_owned(), ..Frame::default() };
        feed.show(last.clone());
        assert_eq!(told.iter().collect::<Vec<_>>(), [CanvasNotice::GaveUp(Surrender::Closed)]);
        let seen = std::fs::read_to_string(seen).expect("it has read");
        let frames: Vec<Frame> =
            seen.lines().map(|line| Frame::from_line(line).expect("a whole frame a line")).collect();
        assert_eq!(frames.last(), Some(&last));
        assert!(frames.len() < 501, "all {} frames were sent: none was replaced", frames.len());
    }

    #[test]
    fn a_canvas_that_does_not_read_holds_nobody_up() {
        let (feed, _told) = start_fake("exec sleep 600");
        // Many times what a pipe holds; this and the drop would hang if they waited.
        let title = "t".repeat(60);
        let slots = vec![crate::SlotView { name: title, ..Default::default() }; 32];
        for generation in 0..2000 {
            feed.show(Frame { generation, slots: slots.clone(), ..Frame::default() });
        }
        assert!(feed.is_alive());
        drop(feed);
    }
}
