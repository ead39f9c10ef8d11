//! The host's end of the socket: accepts clients, reads what they want, and writes to them without waiting.

use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, bounded};

use crate::clients::{Clients, HostEvent, Recipient};
use crate::directory::{SocketDirectories, SocketError, canonical_script, host_name, this_user};
use crate::mailbox::Mailbox;
use crate::protocol::HostMessage;
use crate::transport::Transport;

/// The socket on which the host of one script listens. Dropping it ends all connections and removes it.
#[derive(Debug)]
pub struct HostSocket {
    file: PathBuf,
    path: PathBuf,
    clients: Arc<Clients>,
    mailbox: Arc<Mailbox<HostEvent>>,
    stopping: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
    // Held for as long as the socket exists: the proof that no other host plays this script.
    lock: File,
}

impl HostSocket {
    /// Listens for clients of the script `file` and gives back their events.
    ///
    /// What an earlier host left behind is removed; a host that lives is not disturbed.
    ///
    /// # Errors
    /// [`SocketError::AlreadyPlaying`] when another host plays this script; otherwise what is wrong with the
    /// folder, the file or the system.
    pub fn bind(
        directories: &SocketDirectories,
        file: &Path,
    ) -> Result<(HostSocket, Receiver<HostEvent>), SocketError> {
        let file = canonical_script(file)?;
        let name = host_name(&file);
        if connect(directories, &file)?.is_some() {
            let process = directories.existing().find_map(|folder| process_in(&folder.join(&name)));
            return Err(SocketError::AlreadyPlaying { file, process });
        }
        let base = directories.prepare()?.join(name);
        let lock = lock(&base, &file)?;
        let path = base.with_extension("sock");
        match fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => {
                return Err(SocketError::Io {
                    what: format!("cannot remove the old {}", path.display()),
                    source,
                });
            }
        }
        let cannot_listen = || SocketError::io(format!("cannot listen on {}", path.display()));
        let listener = UnixListener::bind(&path).map_err(cannot_listen())?;
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(cannot_listen())?;

        let stopping = Arc::new(AtomicBool::new(false));
        let mailbox = Arc::new(Mailbox::default());
        let clients = Arc::new(Clients::new(file.clone(), mailbox.clone()));
        // Handed over one by one as the host takes them, so that what is unread stays in the mailbox.
        let (events, received) = bounded(0);
        let unread = mailbox.clone();
        thread::Builder::new()
            .name("lilt editor post".into())
            .spawn(move || deliver(&unread, &events))
            .map_err(cannot_listen())?;
        let door = Door { clients: clients.clone() };
        let stop = stopping.clone();
        let accepting = thread::Builder::new()
            .name("lilt editor door".into())
            .spawn(move || door.accept_all(&listener, &stop))
            .map_err(cannot_listen())?;
        Ok((
            HostSocket { file, path, clients, mailbox, stopping, accepting: Some(accepting), lock },
            received,
        ))
    }

    /// The canonical path of the script.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Where the socket is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands a message over to be written. Never waits for a client, and takes no lock that is held while
    /// something is read or written: each client has a bounded outbox, in which the newest status and the newest
    /// evaluation wait, and the oldest of the rest is left out when a client does not read. Texts of more than
    /// 64 KiB are cut.
    pub fn send(&self, recipient: Recipient, message: HostMessage) {
        self.clients.send(recipient, message);
    }

    /// The clients, however they are connected: whoever has another kind of connection lets it in there.
    pub fn clients(&self) -> Arc<Clients> {
        self.clients.clone()
    }
}

/// Hands the host one event after the other, until there are no more or nobody takes them.
fn deliver(unread: &Mailbox<HostEvent>, events: &Sender<HostEvent>) {
    while let Some(event) = unread.next() {
        if events.send(event).is_err() {
            break;
        }
    }
    unread.close();
}

impl Drop for HostSocket {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        self.mailbox.close();
        // `accept` has no time limit: a last connection wakes it. Where that fails, nothing listens any more.
        let woken = UnixStream::connect(&self.path).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ = accepting.join();
        }
        // Nobody is left who could be told about a file that is gone or cannot be removed.
        let _ = fs::remove_file(&self.path);
        self.clients.dismiss();
        // Closing the file would not do: a program that this process starts holds a copy until it runs, and
        // the lock lasts as long as any copy. Where unlocking fails, the process's end unlocks.
        let _ = self.lock.unlock();
    }
}

/// Takes the lock that only one host of a script can hold, and writes the process's number into it.
fn lock(base: &Path, file: &Path) -> Result<File, SocketError> {
    let path = base.with_extension("lock");
    let cannot = || SocketError::io(format!("cannot lock {}", path.display()));
    let mut lock = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(cannot())?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(SocketError::AlreadyPlaying { file: file.to_path_buf(), process: process_in(base) });
        }
        Err(TryLockError::Error(source)) => return Err(cannot()(source)),
    }
    lock.set_len(0).map_err(cannot())?;
    writeln!(lock, "{}", std::process::id()).map_err(cannot())?;
    Ok(lock)
}

/// The number of the process that wrote itself into the lock of a host.
fn process_in(base: &Path) -> Option<String> {
    // A number of a process has at most ten digits.
    let mut written = String::new();
    File::open(base.with_extension("lock")).ok()?.take(10).read_to_string(&mut written).ok()?;
    written.trim().parse::<u32>().ok().map(|number| number.to_string())
}

/// Connects to the host that plays a script, if there is one.
///
/// # Errors
/// [`SocketError::File`] when the script's path does not work.
pub fn connect(directories: &SocketDirectories, file: &Path) -> Result<Option<UnixStream>, SocketError> {
    let name = host_name(&canonical_script(file)?);
    let answering = directories.existing().find_map(|folder| {
        let stream = UnixStream::connect(folder.join(&name).with_extension("sock")).ok()?;
        is_this_user(&stream).then_some(stream)
    });
    Ok(answering)
}

/// Ends a connection, for its reader and its writer. It may have ended by itself already, which is as good.
pub(crate) fn hang_up(stream: &UnixStream) {
    let _ = stream.shutdown(Shutdown::Both);
}

/// Whether the other end is a process of this user, as far as the system tells (`SO_PEERCRED`). Where it does
/// not, the folder's mode alone keeps others out.
#[cfg(target_os = "linux")]
fn is_this_user(stream: &UnixStream) -> bool {
    rustix::net::sockopt::socket_peercred(stream).is_ok_and(|peer| peer.uid.as_raw() == this_user())
}

#[cfg(not(target_os = "linux"))]
fn is_this_user(_stream: &UnixStream) -> bool {
    true
}

/// What the accepting thread knows.
struct Door {
    clients: Arc<Clients>,
}

impl Door {
    fn accept_all(self, listener: &UnixListener, stopping: &AtomicBool) {
        for stream in listener.incoming() {
            if stopping.load(Ordering::SeqCst) {
                return;
            }
            match stream {
                Ok(stream) if is_this_user(&stream) => {
                    // A client for which the system has no thread or no descriptor left, or over which Lilt's own
                    // code breaks, is hung up on: its stream is dropped, and its editor tries again. The door
                    // stays open for the others.
                    let admit = || self.clients.admit(Transport::unix(stream)?);
                    let _ = catch_unwind(AssertUnwindSafe(admit));
                }
                Ok(stranger) => hang_up(&stranger),
                // Out of descriptors, most likely: accepting again at once would spin.
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }
}
