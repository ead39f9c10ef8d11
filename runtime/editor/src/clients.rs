//! The clients of a host: each has a thread that reads what it wants and one that writes to it, however it is connected.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::bound::bounded as bounded_message;
use crate::lines::Line;
use crate::mailbox::{Letter, Mailbox};
use crate::outbox::Outbox;
use crate::protocol::{ClientMessage, HostMessage, MAX_LINE, PROTOCOL, client_message};
use crate::transport::{HangUp, Incoming, Outgoing, Transport};

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
    /// Every client that asked to be told of each event.
    Followers,
}

/// Everybody who is connected to the host of one script.
pub struct Clients {
    file: PathBuf,
    mailbox: Arc<Mailbox<HostEvent>>,
    connected: Mutex<BTreeMap<ClientId, Client>>,
    /// Numbers that were given out.
    known: AtomicU64,
    /// Whether a client asked to be told of each event.
    followed: Arc<AtomicBool>,
}

struct Client {
    outbox: Arc<Outbox>,
    line: Arc<dyn HangUp>,
    writer: JoinHandle<()>,
    greeted: bool,
    follows: bool,
}

impl fmt::Debug for Clients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clients").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Clients {
    /// Nobody yet, of the host of the script `file`; what they want goes into `mailbox`.
    pub(crate) fn new(file: PathBuf, mailbox: Arc<Mailbox<HostEvent>>) -> Clients {
        Clients {
            file,
            mailbox,
            connected: Mutex::default(),
            known: AtomicU64::new(0),
            followed: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ClientId, Client>> {
        // Each use is a single insertion, removal or look, so a panic elsewhere leaves the map whole.
        self.connected.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The canonical path of the script.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Lets a client in: it still has to say hello.
    ///
    /// # Errors
    /// When the system has no thread left; the client is let go.
    pub fn admit(self: &Arc<Clients>, transport: Transport) -> io::Result<()> {
        let Transport { incoming, mut outgoing, line } = transport;
        if self.lock().len() >= MOST_CLIENTS {
            let message = format!("{MOST_CLIENTS} editors are attached to this script already");
            let said = outgoing.send(&serde_json::to_string(&HostMessage::Refused { message })?);
            line.hang_up();
            return said;
        }
        let id = ClientId(self.known.fetch_add(1, Ordering::Relaxed) + 1);
        let outbox = Arc::new(Outbox::default());
        let writing = Writer { outbox: outbox.clone(), outgoing, line: line.clone() };
        let writer =
            thread::Builder::new().name("lilt editor writer".into()).spawn(move || writing.write())?;
        let client = Client { outbox: outbox.clone(), line, writer, greeted: false, follows: false };
        self.lock().insert(id, client);
        let mut reader = Reader { id, outbox, clients: self.clone(), incoming, greeted: false };
        // Where the system gives no thread the reader is dropped, and the client let go.
        thread::Builder::new().name("lilt editor reader".into()).spawn(move || reader.read()).map(drop)
    }

    /// As [`HostSocket::send`](crate::HostSocket::send).
    pub(crate) fn send(&self, recipient: Recipient, message: HostMessage) {
        let message = Arc::new(bounded_message(message));
        for (id, client) in self.lock().iter() {
            let meant = match recipient {
                Recipient::One(one) => one == *id,
                Recipient::All => true,
                Recipient::Followers => client.follows,
            };
            if client.greeted && meant {
                client.outbox.post(message.clone());
            }
        }
    }

    /// True while a client is there that asked to be told of each event.
    pub fn followed(&self) -> Arc<AtomicBool> {
        self.followed.clone()
    }

    /// Takes no more messages, waits a moment for the last ones to be written, and hangs up.
    pub(crate) fn dismiss(&self) {
        for client in self.lock().values() {
            client.outbox.close();
        }
        let deadline = Instant::now() + FAREWELL;
        while Instant::now() < deadline && self.lock().values().any(|client| !client.writer.is_finished()) {
            thread::sleep(Duration::from_millis(5));
        }
        for client in self.lock().values() {
            client.line.hang_up();
        }
    }

    /// A client's place is changed, or it goes.
    fn change(&self, id: ClientId, change: impl FnOnce(Option<&mut Client>) -> bool) {
        let mut connected = self.lock();
        if !change(connected.get_mut(&id)) {
            connected.remove(&id);
        }
        self.followed.store(connected.values().any(|client| client.follows), Ordering::Relaxed);
    }
}

/// Writes what waits until the outbox closes or the client is gone, and hangs up.
struct Writer {
    outbox: Arc<Outbox>,
    outgoing: Box<dyn Outgoing>,
    line: Arc<dyn HangUp>,
}

/// However writing ends, and be it by a mistake of ours: the connection is hung up, so that the editor tries again.
impl Drop for Writer {
    fn drop(&mut self) {
        self.outbox.close();
        self.line.hang_up();
    }
}

impl Writer {
    fn write(mut self) {
        while let Some(message) = self.outbox.next() {
            let text = serde_json::to_string(&*message).map_err(io::Error::from);
            if text.and_then(|text| self.outgoing.send(&text)).is_err() {
                break;
            }
        }
    }
}

/// Reads what one client sends.
struct Reader {
    id: ClientId,
    outbox: Arc<Outbox>,
    clients: Arc<Clients>,
    incoming: Box<dyn Incoming>,
    /// The client was attached.
    greeted: bool,
}

/// However reading ends, and be it by a mistake of ours: the client is let go, so that its editor tries again.
impl Drop for Reader {
    fn drop(&mut self) {
        self.clients.change(self.id, |_| false);
        self.outbox.close();
        if self.greeted {
            // The host has stopped listening when this fails.
            let _ = self.clients.mailbox.post(HostEvent::Detached(self.id));
        }
    }
}

impl Reader {
    /// Reads to the end of the connection.
    fn read(&mut self) {
        // A connection that breaks is a client that left.
        while let Ok(Some(line)) = self.incoming.next() {
            let message = match line {
                Line::Text(text) if text.is_empty() => continue,
                Line::Text(text) => client_message(&text),
                Line::TooLong => Err(format!("a line of more than {} MiB was skipped", MAX_LINE >> 20)),
                Line::NotUtf8 => Err("a line that is not UTF-8 was skipped".to_string()),
            };
            match message {
                Ok(ClientMessage::Hello { protocol: PROTOCOL }) => {
                    let file = self.clients.file.to_string_lossy().into_owned();
                    self.answer(HostMessage::Welcome { protocol: PROTOCOL, file });
                    if !self.greeted {
                        self.greeted = true;
                        self.change(|client| client.greeted = true);
                        if !self.clients.mailbox.post(HostEvent::Attached(self.id)) {
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
                Ok(ClientMessage::Follow) => {
                    self.change(|client| client.follows = true);
                    if !self.clients.mailbox.post(HostEvent::Message(self.id, ClientMessage::Follow)) {
                        break;
                    }
                }
                Ok(ClientMessage::Release) => {
                    if self.is_alone() {
                        let _ending =
                            self.clients.mailbox.post(HostEvent::Message(self.id, ClientMessage::Stop));
                    }
                    break;
                }
                Ok(message) => {
                    if !self.clients.mailbox.post(HostEvent::Message(self.id, message)) {
                        break;
                    }
                }
                Err(message) => self.answer(HostMessage::Refused { message }),
            }
        }
    }

    /// Changes what is known of this client, while it is there.
    fn change(&self, change: impl FnOnce(&mut Client)) {
        self.clients.change(self.id, |client| {
            client.map(change);
            true
        });
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
    use std::io::Read;
    use std::os::unix::net::UnixStream;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn a_client_whose_writer_breaks_is_hung_up_on() {
        let (ours, mut theirs) = UnixStream::pair().expect("a pair of sockets");
        let outbox = Arc::new(Outbox::default());
        let Transport { outgoing, line, .. } =
            Transport::unix(ours.try_clone().expect("a copy")).expect("copies");
        let writer = Writer { outbox: outbox.clone(), outgoing, line };
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
