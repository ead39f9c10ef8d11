//! The thread that waits for the host of one script, and what it reports to the language server.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::host_connection::{HostConnection, ToHost};
use crate::launcher::{HostLauncher, LaunchError};
use crate::protocol::{ClientMessage, HostMessage};

/// The largest text that is read, in bytes: a host reads no longer one.
const LARGEST_TEXT: u64 = 8 << 20;

/// How long a host may take to read a command from a script that is closed.
const HANGING: Duration = Duration::from_secs(5);

/// What happened to one attempt to be connected to a host.
#[derive(Debug)]
pub struct News {
    /// The attempt's number.
    pub attempt: u64,
    /// What happened.
    pub what: What,
}

/// What can happen.
#[derive(Debug)]
pub enum What {
    /// The host answered.
    Attached {
        /// It is told things here.
        to_host: ToHost,
        /// Whether it was started for this attempt.
        started: bool,
    },
    /// The host said something.
    Said(HostMessage),
    /// The connection ended.
    Lost {
        /// Whether the host plays on.
        plays_on: bool,
    },
    /// There was no host, and none could be started.
    Failed(LaunchError),
}

/// Finds the host of a script, or starts one, and passes on what it says until it ends or nobody listens
/// (`tell` says no).
pub fn listen(launcher: &dyn HostLauncher, file: &Path, tell: impl Fn(What) -> bool) {
    let connection = match launcher.connect(file) {
        Ok(connection) => connection,
        Err(error) => {
            tell(What::Failed(error));
            return;
        }
    };
    let HostConnection { to_host, from_host: said, started, left } = connection;
    let heard_all =
        tell(What::Attached { to_host, started }) && said.iter().all(|message| tell(What::Said(message)));
    if heard_all && !left.load(Ordering::SeqCst) {
        // Without a path that works there is no host either.
        let plays_on = launcher.find(file).is_ok_and(|found| found.is_some());
        tell(What::Lost { plays_on });
    }
}

/// Tells the host of a script one thing, where there is one, and leaves it again.
pub fn pass_on(launcher: &dyn HostLauncher, file: &Path, message: ClientMessage) {
    let Ok(Some(HostConnection { to_host, from_host, .. })) = launcher.find(file) else { return };
    if to_host.send(message) {
        drop(to_host);
        // The host hangs up when it has read all; a host that hangs is left to itself.
        let deadline = Instant::now() + HANGING;
        while from_host.recv_deadline(deadline).is_ok() {}
    }
}

/// The text of a file on disk, to find the columns of a mark in it or to compare it with what plays.
pub fn read_text(path: &Path) -> Option<String> {
    let size = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?.len();
    if size > LARGEST_TEXT {
        return None;
    }
    std::fs::read_to_string(path).ok()
}
