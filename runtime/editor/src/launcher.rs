//! Finding the host of a script, or starting one that outlives the editor.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::directory::{SocketDirectories, SocketError, canonical_script, host_name};
use crate::host_connection::HostConnection;
use crate::socket::connect;

/// How long a started host may take to listen: it opens devices first, and a sound server may be slow.
const START_LIMIT: Duration = Duration::from_secs(15);
/// How often to look whether it listens.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);
/// How much of a failed host's log is shown, in bytes from its end.
const LOG_SHOWN: usize = 600;

/// Why there is no host.
#[derive(Debug, Error)]
pub enum LaunchError {
    /// The socket or its folder does not work.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// The program could not be started.
    #[error("cannot start {}: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The host ended before it listened.
    #[error("the host ended at once ({status}); {log}")]
    Ended {
        /// How it ended.
        status: String,
        /// The end of its log.
        log: String,
    },
    /// The host did not listen in time.
    #[error("the host did not answer within {} seconds; its log is {}", START_LIMIT.as_secs(), log.display())]
    Silent {
        /// The path of its log.
        log: PathBuf,
    },
    /// The connection broke while it was made.
    #[error("the host hung up: {0}")]
    HungUp(#[from] io::Error),
}

/// Connects the language server to the host of a script.
pub trait HostLauncher: Send + Sync + 'static {
    /// The host of `file`: the one that runs, or a new one. May take as long as a program takes to start; it
    /// is called on a thread of its own.
    ///
    /// # Errors
    /// Why there is no host, for the performer to read.
    fn connect(&self, file: &Path) -> Result<HostConnection, LaunchError>;

    /// The host of `file` that runs; nothing when there is none.
    ///
    /// # Errors
    /// When the file's path does not work, or the connection broke while it was made.
    fn find(&self, file: &Path) -> Result<Option<HostConnection>, LaunchError>;
}

/// Where a host that was started by a [`DetachedHost`] finds the path of its log, see
/// [`crate::HostLog::take_over`].
pub const LOG_VARIABLE: &str = "LILT_HOST_LOG";

/// Starts `PROGRAM ARGUMENTS… FILE` as a process that belongs to no terminal and no editor. What it prints
/// goes to a log beside its socket.
#[derive(Debug, Clone)]
pub struct DetachedHost {
    /// The program, usually this one.
    pub program: PathBuf,
    /// What stands before the file's path, such as `live`.
    pub arguments: Vec<OsString>,
    /// Where sockets and logs live.
    pub directories: SocketDirectories,
}

impl DetachedHost {
    /// Where the host of a script writes its log.
    ///
    /// # Errors
    /// What is wrong with the folder or the file.
    pub fn log_of(&self, file: &Path) -> Result<PathBuf, SocketError> {
        let name = host_name(&canonical_script(file)?);
        Ok(self.directories.prepare()?.join(name).with_extension("log"))
    }

    fn start(&self, file: &Path, log: &Path) -> Result<Child, LaunchError> {
        let program = self.program.clone();
        let not_started = |source| LaunchError::Start { program, source };
        // The first words only: the host takes its log over. Without room for a log the music plays all the same.
        let streams = new_log(log).and_then(|written| Ok((written.try_clone()?.into(), written.into())));
        let (output, errors): (Stdio, Stdio) = streams.unwrap_or_else(|_| (Stdio::null(), Stdio::null()));
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(file).env(LOG_VARIABLE, log);
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        let detach = || rustix::process::setsid().map(|_| ()).map_err(io::Error::from);
        // SAFETY: between fork and exec only `setsid` is called, a plain system call that is
        // async-signal-safe, takes no lock and allocates nothing.
        unsafe { command.pre_exec(detach) };
        command.spawn().map_err(not_started)
    }
}

impl HostLauncher for DetachedHost {
    fn connect(&self, file: &Path) -> Result<HostConnection, LaunchError> {
        if let Some(connection) = self.find(file)? {
            return Ok(connection);
        }
        let file = canonical_script(file)?;
        let log = self.log_of(&file)?;
        let mut child = self.start(&file, &log)?;
        let started = Instant::now();
        loop {
            // Looked at before the socket: when another host was faster, ours ends and that one answers.
            let ended = child.try_wait()?;
            if let Some(stream) = connect(&self.directories, &file)? {
                // Somebody has to take note when the host ends, or it stays in the process table.
                thread::Builder::new().name("lilt host reaper".into()).spawn(move || child.wait())?;
                return Ok(HostConnection::over(stream, ended.is_none())?);
            }
            if let Some(status) = ended {
                return Err(LaunchError::Ended { status: status.to_string(), log: log_end(&log) });
            }
            if started.elapsed() > START_LIMIT {
                thread::Builder::new().name("lilt host reaper".into()).spawn(move || child.wait())?;
                return Err(LaunchError::Silent { log });
            }
            thread::sleep(LOOK_INTERVAL);
        }
    }

    fn find(&self, file: &Path) -> Result<Option<HostConnection>, LaunchError> {
        let stream = connect(&self.directories, &canonical_script(file)?)?;
        Ok(stream.map(|stream| HostConnection::over(stream, false)).transpose()?)
    }
}

/// An empty log that has room for some words: a program that prints may end where it cannot.
fn new_log(path: &Path) -> io::Result<File> {
    let mut log = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    log.set_len(0)?;
    log.write_all(&[b' '; LOG_SHOWN])?;
    log.set_len(0)?;
    Ok(log)
}

/// The last lines of a log, for a message.
fn log_end(log: &Path) -> String {
    match std::fs::read(log) {
        Err(error) => format!("its log {} cannot be read: {error}", log.display()),
        Ok(bytes) => {
            let text =
                String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(LOG_SHOWN)..]).trim().to_string();
            if text.is_empty() { "it said nothing".to_string() } else { format!("it said: {text}") }
        }
    }
}
