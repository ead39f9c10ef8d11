//! The host's end of the socket: accepts clients, reads what they want, and writes to them without waiting.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, BufReader, Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, bounded};

use crate::bound::bounded as bounded_message;
use crate::directory::{SocketDirectories, SocketError, canonical_script, host_name, this_user};
use crate::lines::{Line, read_line};
use crate::mailbox::{Letter, Mailbox};
use crate::outbox::Outbox;
use crate::protocol::{ClientMessage, HostMessage, MAX_LINE, PROTOCOL, client_message, to_line};

/// How many clients may be connected at a time: editors, of which a performer has a few.
const MOST_CLIENTS: usize = 64;
/// How long a closing host waits for its last words to reach the clients.
const FAREWELL: Duration = Duration::from_millis(300);

/// One connected client, for as long as the host runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub u64);

/// What clients do, in order for each client. A text that the host has not read when its client's next one comes
/// is left out: only the newest counts.
#[derive(Debug, Clone, PartialEq)]
pub enum HostEvent {
    /// A client said hello; it was welcomed already.
    Attached(ClientId),
    /// A client wants something. `Hello`, `Release` and `Detach` are answered by the socket and never come here.
    Message(ClientId, ClientMessage),
    /// A client left.
    Detached(ClientId),
}

impl Letter for HostEvent {
    fn sender(&self) -> u64 {
        let (HostEvent::Attached(client) | HostEvent::Message(client, _) | HostEvent::Detached(client)) =
            self;
        client.0
    }

    fn bytes(&self) -> usize {
        match self {
            HostEvent::Message(_, ClientMessage::Change { text, .. }) => text.len(),
            _ => 0,
        }
    }

    fn is_replaced_by(&self, newer: &HostEvent) -> bool {
        let is_change =
            |event: &HostEvent| matches!(event, HostEvent::Message(_, ClientMessage::Change { .. }));
        is_change(self) && is_change(newer)
    }
}

/// Whom to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// One client; nobody when it has left.
    One(ClientId),
    /// Every client that said hello.
    All,
}

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

#[derive(Debug, Default)]
struct Clients {
    connected: Mutex<BTreeMap<ClientId, Client>>,
}

#[derive(Debug)]
struct Client {
    outbox: Arc<Outbox>,
    stream: UnixStream,
    writer: JoinHandle<()>,
    greeted: bool,
}

impl Clients {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<ClientId, Client>> {
        // Each use is a single insertion, removal or look, so a panic elsewhere leaves the map whole.
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }
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

        let clients = Arc::new(Clients::default());
        let stopping = Arc::new(AtomicBool::new(false));
        let mailbox = Arc::new(Mailbox::default());
        // Handed over one by one as the host takes them, so that what is unread stays in the mailbox.
        let (events, received) = bounded(0);
        let unread = mailbox.clone();
        thread::Builder::new()
            .name("lilt editor post".into())
            .spawn(move || deliver(&unread, &events))
            .map_err(cannot_listen())?;
        let door = Door { file: file.clone(), clients: clients.clone(), mailbox: mailbox.clone() };
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
        let message = Arc::new(bounded_message(message));
        for (id, client) in self.clients.lock().iter() {
            if client.greeted && (recipient == Recipient::All || recipient == Recipient::One(*id)) {
                client.outbox.post(message.clone());
            }
        }
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
        for client in self.clients.lock().values() {
            client.outbox.close();
        }
        let deadline = Instant::now() + FAREWELL;
        while Instant::now() < deadline
            && self.clients.lock().values().any(|client| !client.writer.is_finished())
        {
            thread::sleep(Duration::from_millis(5));
        }
        for client in self.clients.lock().values() {
            hang_up(&client.stream);
        }
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
    file: PathBuf,
    clients: Arc<Clients>,
    mailbox: Arc<Mailbox<HostEvent>>,
}

impl Door {
    fn accept_all(self, listener: &UnixListener, stopping: &AtomicBool) {
        let mut next = 0;
        for stream in listener.incoming() {
            if stopping.load(Ordering::SeqCst) {
                return;
            }
            match stream {
                Ok(stream) if is_this_user(&stream) => {
                    next += 1;
                    // A client for which the system has no thread or no descriptor left, or over which Lilt's own
                    // code breaks, is hung up on: its stream is dropped, and its editor tries again. The door
                    // stays open for the others.
                    let _ = catch_unwind(AssertUnwindSafe(|| self.admit(ClientId(next), stream)));
                }
                Ok(stranger) => hang_up(&stranger),
                // Out of descriptors, most likely: accepting again at once would spin.
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    fn admit(&self, id: ClientId, stream: UnixStream) -> io::Result<()> {
        if self.clients.lock().len() >= MOST_CLIENTS {
            let message = format!("{MOST_CLIENTS} editors are attached to this script already");
            let mut stream = stream;
            stream.set_write_timeout(Some(FAREWELL))?;
            return stream.write_all(to_line(&HostMessage::Refused { message })?.as_bytes());
        }
        let outbox = Arc::new(Outbox::default());
        let (written, read) = (stream.try_clone()?, stream.try_clone()?);
        let waiting = outbox.clone();
        let writer = thread::Builder::new()
            .name("lilt editor writer".into())
            .spawn(move || Writer { outbox: waiting, stream: written }.write())?;
        let client = Client { outbox: outbox.clone(), stream, writer, greeted: false };
        self.clients.lock().insert(id, client);
        let mut reader = Reader {
            id,
            file: self.file.clone(),
            outbox,
            clients: self.clients.clone(),
            mailbox: self.mailbox.clone(),
            greeted: false,
        };
        // Where the system gives no thread the reader is dropped, and the client let go.
        thread::Builder::new()
            .name("lilt editor reader".into())
            .spawn(move || reader.read(&mut BufReader::new(read)))
            .map(drop)
    }
}

/// Writes what waits until the outbox closes or the client is gone, and hangs up.
struct Writer {
    outbox: Arc<Outbox>,
    stream: UnixStream,
}

/// However writing ends, and be it by a mistake of ours: the connection is hung up, so that the editor tries again.
impl Drop for Writer {
    fn drop(&mut self) {
        self.outbox.close();
        hang_up(&self.stream);
    }
}

impl Writer {
    fn write(mut self) {
        while let Some(message) = self.outbox.next() {
            let line = to_line(&*message).map_err(io::Error::from);
            if line.and_then(|line| self.stream.write_all(line.as_bytes())).is_err() {
                break;
            }
        }
    }
}

/// Reads what one client sends.
struct Reader {
    id: ClientId,
    file: PathBuf,
    outbox: Arc<Outbox>,
    clients: Arc<Clients>,
    mailbox: Arc<Mailbox<HostEvent>>,
    /// The client was attached.
    greeted: bool,
}

/// However reading ends, and be it by a mistake of ours: the client is let go, so that its editor tries again.
impl Drop for Reader {
    fn drop(&mut self) {
        self.clients.lock().remove(&self.id);
        self.outbox.close();
        if self.greeted {
            // The host has stopped listening when this fails.
            let _ = self.mailbox.post(HostEvent::Detached(self.id));
        }
    }
}

impl Reader {
    /// Reads to the end of the connection.
    fn read(&mut self, lines: &mut impl io::BufRead) {
        // A connection that breaks is a client that left.
        while let Ok(Some(line)) = read_line(lines, MAX_LINE) {
            let message = match line {
                Line::Text(text) if text.is_empty() => continue,
                Line::Text(text) => client_message(&text),
                Line::TooLong => Err(format!("a line of more than {} MiB was skipped", MAX_LINE >> 20)),
                Line::NotUtf8 => Err("a line that is not UTF-8 was skipped".to_string()),
            };
            match message {
                Ok(ClientMessage::Hello { protocol: PROTOCOL }) => {
                    let file = self.file.to_string_lossy().into_owned();
                    self.answer(HostMessage::Welcome { protocol: PROTOCOL, file });
                    if !self.greeted {
                        self.greeted = true;
                        if let Some(client) = self.clients.lock().get_mut(&self.id) {
                            client.greeted = true;
                        }
                        if !self.mailbox.post(HostEvent::Attached(self.id)) {
                            break;
                        }
                    }
                }
                Ok(ClientMessage::Hello { protocol }) => {
                    let message = format!(
                        "the host speaks protocol {PROTOCOL} and the editor {protocol}: \
                         they are of different versions of Lilt; stop the host and start it again"
                    );
                    self.answer(HostMessage::Refused { message });
                    break;
                }
                Ok(ClientMessage::Detach) => break,
                Ok(_) if !self.greeted => {
                    self.answer(HostMessage::Refused { message: "say hello first".into() });
                }
                Ok(ClientMessage::Release) => {
                    if self.is_alone() {
                        let _ending = self.mailbox.post(HostEvent::Message(self.id, ClientMessage::Stop));
                    }
                    break;
                }
                Ok(message) => {
                    if !self.mailbox.post(HostEvent::Message(self.id, message)) {
                        break;
                    }
                }
                Err(message) => self.answer(HostMessage::Refused { message }),
            }
        }
    }

    /// Whether no other client is attached.
    fn is_alone(&self) -> bool {
        self.clients.lock().iter().all(|(id, client)| *id == self.id || !client.greeted)
    }

    fn answer(&self, message: HostMessage) {
        self.outbox.post(Arc::new(bounded_message(message)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_whose_writer_breaks_is_hung_up_on() {
        let (ours, mut theirs) = UnixStream::pair().expect("a pair of sockets");
        let outbox = Arc::new(Outbox::default());
        let writer = Writer { outbox: outbox.clone(), stream: ours.try_clone().expect("a copy") };
        let broken = catch_unwind(AssertUnwindSafe(move || {
            let _writer = writer;
            // As a panic, without a line in the output of the tests.
            std::panic::resume_unwind(Box::new("broken"));
        }));
        assert!(broken.is_err());
        // `ours` is still open: only hanging up ends the connection.
        let mut read = Vec::new();
        theirs.read_to_end(&mut read).expect("the end of the connection");
        assert!(read.is_empty() && outbox.next().is_none());
        drop(ours);
    }
}
