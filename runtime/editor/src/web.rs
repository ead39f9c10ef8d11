//! Lilt's page: a small server on the loopback address with the page's files and three WebSockets, the host's
//! protocol, the language server and the script's folder.
//!
//! A request costs a thread of its own, of which there are so many at most; it has so long to say what it wants, and
//! is given what [`access`] says. What plays never waits for any of them.

mod access;
mod files;
mod folder;
mod head;
mod language;
mod rate;
mod stream;

use std::io::{self, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use thiserror::Error;
use tungstenite::handshake::derive_accept_key;

use crate::clients::Clients;
use crate::lines::Line;
use crate::transport::{Incoming, Outgoing};

use access::{Access, Grant, Socket};
use files::{file, refusal};
use folder::{Answer, Asked, Folder};
use head::{Head, NoHead};
use rate::Rate;
use stream::{Held, Stranger, WebIncoming, WebOutgoing};

pub use folder::Lesson;
pub use language::{Words, WordsBeside};

/// The port at which the page is, where no other is asked for and nobody has it.
pub const WEB_PORT: u16 = 7_171;

/// How many connections may be open at a time; a page has four while it loads, and three then.
const MOST_CONNECTIONS: usize = 64;
/// How many connections may come in a second, in the long run and at once.
const CONNECTIONS: (f64, f64) = (50.0, 200.0);
/// How long a request may take to say what it wants, and a page to say the token.
const INTRODUCTION: Duration = Duration::from_secs(5);
/// How long a page may take to be read.
const READ_WITHIN: Duration = Duration::from_secs(20);
/// How much of a file is written at a time.
const CHUNK: usize = 64 << 10;

/// Why there is no page.
#[derive(Debug, Error)]
pub enum WebError {
    /// Another program has the port.
    #[error(
        "port {0} is taken, maybe by another `lilt live --web`: stop that one, or ask for another port with \
         `--web-port {next}` (0 takes any that is free)",
        next = .0.checked_add(1).unwrap_or(1024)
    )]
    PortTaken(u16),
    /// The system refused.
    #[error("the page cannot be served: {0}")]
    Io(#[from] io::Error),
}

/// What a page is made from.
pub struct Page {
    /// The clients of the host whose page it is.
    pub clients: Arc<Clients>,
    /// What its language server knows.
    pub words: Words,
    /// The lessons that stand beside the script.
    pub lessons: Arc<[Lesson]>,
}

/// Serves a page until it is dropped.
#[derive(Debug)]
pub struct WebServer {
    address: String,
    port: u16,
    stopping: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

/// What every connection is answered from.
struct Shop {
    access: Access,
    clients: Arc<Clients>,
    words: Words,
    folder: Folder,
    open: Arc<AtomicUsize>,
}

/// One of the connections that may be open.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl WebServer {
    /// Serves a page at this port of the loopback address; at [`WEB_PORT`] or, where that is taken, at any other one
    /// when none is asked for.
    ///
    /// # Errors
    /// When the port that was asked for is taken, or the system refuses.
    pub fn start(page: Page, port: Option<u16>) -> Result<WebServer, WebError> {
        let listen = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
        let listener = match (listen(port.unwrap_or(WEB_PORT)), port) {
            (Err(error), None) if error.kind() == io::ErrorKind::AddrInUse => listen(0)?,
            (Err(error), Some(port)) if error.kind() == io::ErrorKind::AddrInUse => {
                return Err(WebError::PortTaken(port));
            }
            (listener, _) => listener?,
        };
        let port = listener.local_addr()?.port();
        let access = Access::new(port, random()?);
        let address = access.address();
        let Page { clients, words, lessons } = page;
        let folder = Folder::of(clients.file(), lessons);
        let shop = Arc::new(Shop { access, clients, words, folder, open: Arc::default() });
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = stopping.clone();
        let accepting = thread::Builder::new()
            .name("lilt page door".into())
            .spawn(move || shop.accept_all(&listener, &stop))?;
        Ok(WebServer { address, port, stopping, accepting: Some(accepting) })
    }

    /// Where a browser finds it: the address, with what nobody else knows in its fragment.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // `accept` has no time limit: a last connection wakes it.
        let woken = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            // It does not break: what could is caught.
            let _ended = accepting.join();
        }
    }
}

/// Bytes that nobody can guess.
fn random() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

impl Shop {
    fn accept_all(self: &Arc<Shop>, listener: &TcpListener, stopping: &AtomicBool) {
        let mut rate = Rate::new(CONNECTIONS.0, CONNECTIONS.1, Instant::now());
        for stream in listener.incoming() {
            if stopping.load(Ordering::SeqCst) {
                return;
            }
            match stream {
                // One too many is let go at once: its browser tries again.
                Ok(stream) if rate.take(Instant::now()) => self.clone().receive(stream),
                Ok(_) => {}
                // Out of descriptors, most likely: accepting again at once would spin.
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// Gives a connection a thread, where there is a place for it.
    fn receive(self: Arc<Shop>, stream: TcpStream) {
        let before = self.open.fetch_add(1, Ordering::AcqRel);
        let place = Place(self.open.clone());
        if before >= MOST_CONNECTIONS {
            return;
        }
        let serve = move || {
            // Over whatever breaks, this one connection is let go.
            let _ended = catch_unwind(AssertUnwindSafe(|| self.serve(stream, place)));
        };
        // Without a thread it is let go too.
        let _served = thread::Builder::new().name("lilt page".into()).spawn(serve);
    }

    fn serve(&self, mut stream: TcpStream, place: Place) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let (head, rest) = match Head::read(&mut stream, INTRODUCTION) {
            Ok(read) => read,
            Err(NoHead::Malformed) => return say(&mut stream, &refusal(400, "Bad Request")),
            Err(NoHead::TooLong) => {
                return say(&mut stream, &refusal(431, "Request Header Fields Too Large"));
            }
            Err(NoHead::Gone) => return Ok(()),
        };
        match self.access.grant(&head) {
            Err(refused) => {
                let (status, words) = refused.status();
                say(&mut stream, &refusal(status, words))
            }
            Ok(Grant::File(path)) => match file(&path) {
                Some(file) => {
                    let nonce = random()?.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                    say(&mut stream, &file.answer(&self.access.sockets(), &nonce))
                }
                None => say(&mut stream, &refusal(404, "Not Found")),
            },
            Ok(Grant::Socket { socket, key }) => {
                let accept = derive_accept_key(key.as_bytes());
                let answer = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                     Sec-WebSocket-Accept: {accept}\r\n\r\n"
                );
                say_all(&mut stream, answer.as_bytes())?;
                self.open_socket(socket, Stranger::over(stream, rest, Box::new(place) as Held)?)
            }
        }
    }

    fn open_socket(&self, socket: Socket, mut stranger: Stranger) -> io::Result<()> {
        if !stranger.introduces_itself(INTRODUCTION).is_some_and(|said| self.access.knows(&said)) {
            stranger.refuse("the token is wrong: open the address that Lilt printed");
            return Ok(());
        }
        let known = stranger.known()?;
        match socket {
            Socket::Host => self.clients.admit(known.into()),
            Socket::Language => language::speak(known, self.clients.clone(), &self.words),
            Socket::Folder => {
                let (incoming, outgoing, _line) = known;
                self.leaf(incoming, outgoing)
            }
        }
    }

    /// Answers questions about the folder until the page leaves.
    fn leaf(&self, mut incoming: WebIncoming, mut outgoing: WebOutgoing) -> io::Result<()> {
        while let Some(line) = incoming.next()? {
            let Line::Text(text) = line else { continue };
            let (id, answer) = match serde_json::from_str::<Asked>(&text) {
                Ok(Asked { id, question }) => (Some(id), self.folder.answer(question)),
                Err(error) => (None, Answer::Failed { message: format!("this is no question: {error}") }),
            };
            let mut answer = serde_json::to_value(answer)?;
            answer["id"] = id.into();
            outgoing.send(&answer.to_string())?;
        }
        Ok(())
    }
}

/// Writes an answer, and ends.
fn say(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    say_all(stream, bytes)?;
    stream.shutdown(Shutdown::Write)
}

/// Writes an answer; whoever reads it too slowly is let go.
fn say_all(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    let deadline = Instant::now() + READ_WITHIN;
    for chunk in bytes.chunks(CHUNK) {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_write_timeout(Some(left))?;
        stream.write_all(chunk)?;
    }
    Ok(())
}
