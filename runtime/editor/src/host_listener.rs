//! The thread that waits for the host of one script, and what it reports to the language server.

use std::path::Path;

use crossbeam::channel::Sender;

use crate::launcher::{HostLauncher, LaunchError};
use crate::protocol::{ClientMessage, HostMessage};

/// The largest module that is read to place a mark in it, in bytes.
const LARGEST_MODULE: u64 = 4 << 20;

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
    /// The host answered; it is told things here.
    Attached(Sender<ClientMessage>),
    /// The host said something.
    Said(HostMessage),
    /// The host is gone.
    Lost,
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
    let said = connection.from_host;
    if tell(What::Attached(connection.to_host)) && said.iter().all(|message| tell(What::Said(message))) {
        tell(What::Lost);
    }
}

/// The text of a module, to find the columns of a mark in it.
pub fn read_module(path: &Path) -> Option<String> {
    let size = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?.len();
    if size > LARGEST_MODULE {
        return None;
    }
    std::fs::read_to_string(path).ok()
}
