//! The host of one lesson: a `lilt live` of its own, looked at as an editor does.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{RecvTimeoutError, Sender};
use lilt_editor::protocol::{ClientMessage, HostMessage};
use lilt_editor::{HostConnection, SocketDirectories, connect};

use super::{Happening, Told};
use crate::command_line::Tour;
use crate::course::Seen;
use crate::failure::Failure;

/// How often the host's socket is looked for while it starts.
const LOOK: Duration = Duration::from_millis(50);
/// How long a host that was asked to end may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// A host that plays.
pub struct Player {
    child: Child,
    stopped: Arc<AtomicBool>,
}

impl Player {
    /// Starts a host on a script. What it says and plays, and its end, come as happenings of `number`.
    ///
    /// # Errors
    /// When the program or a thread does not start.
    pub fn start(
        number: u64,
        script: &Path,
        words: &Tour,
        draws: bool,
        happenings: Sender<Happening>,
    ) -> Result<Player, Failure> {
        let mut command = Command::new(std::env::current_exe().map_err(Failure::of_use)?);
        command.arg("live").arg(script);
        if words.no_canvas || !draws {
            command.arg("--no-canvas");
        }
        if let Some(audio) = &words.audio {
            command.args(["--audio", audio]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(Failure::of_use)?;
        let stopped = Arc::new(AtomicBool::new(false));
        let (printed, said) = (child.stdout.take(), child.stderr.take());
        // From here on the host ends with the player, whatever fails.
        let player = Player { child, stopped: Arc::clone(&stopped) };
        // False when the tour is over.
        let tell = move |told| happenings.send(Happening::Host(number, told)).is_ok();
        if let Some(printed) = printed {
            let tell = tell.clone();
            spawn(move || pass(printed, &tell))?;
        }
        if let Some(said) = said {
            let tell = tell.clone();
            spawn(move || {
                pass(said, &tell);
                // A host that says nothing more has ended.
                let _is_heard = tell(Told::Ended);
            })?;
        }
        let script = script.to_path_buf();
        spawn(move || look(&script, &stopped, &tell))?;
        Ok(player)
    }

    /// Ends the host as its editor would, so that it fades out; after some seconds it is ended all the same.
    pub fn stop(mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            // A host that cannot be asked is ended below.
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(LOOK);
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        // It may have ended by itself.
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// Tells what a host says, line by line.
fn pass(pipe: impl Read, tell: &impl Fn(Told) -> bool) {
    let mut lines = BufReader::new(pipe).lines().map_while(Result::ok);
    while lines.next().is_some_and(|line| tell(Told::Said(line))) {}
}

/// Tells what the host of a script plays, until the player is stopped; then the host is asked to end.
fn look(script: &Path, stopped: &AtomicBool, tell: &impl Fn(Told) -> bool) {
    let Some(connection) = connection(script, stopped) else { return };
    while !stopped.load(Ordering::Relaxed) {
        match connection.from_host.recv_timeout(LOOK) {
            Ok(HostMessage::Status(status)) => {
                if !tell(Told::Seen(Seen::of(&status))) {
                    return;
                }
            }
            Ok(_) | Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
    // A host that has ended already need not be asked.
    let _there = connection.to_host.send(ClientMessage::Stop);
}

/// Attaches to the host of a script as soon as it listens.
fn connection(script: &Path, stopped: &AtomicBool) -> Option<HostConnection> {
    let directories = SocketDirectories::of_this_user();
    while !stopped.load(Ordering::Relaxed) {
        // A folder that cannot be used is said by the host; then nothing is seen, and the music plays.
        if let Some(stream) = connect(&directories, script).ok()? {
            return HostConnection::over(stream, true).ok();
        }
        thread::sleep(LOOK);
    }
    None
}

fn spawn(run: impl FnOnce() + Send + 'static) -> Result<(), Failure> {
    let thread = thread::Builder::new().name("lilt tour".to_string()).spawn(run);
    thread.map(drop).map_err(Failure::of_use)
}
