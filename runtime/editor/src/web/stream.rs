//! A WebSocket as a client's connection: each text message is one message of the protocol.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

use crate::lines::Line;
use crate::protocol::MAX_LINE;
use crate::transport::{HangUp, Incoming, Outgoing, Transport};

use super::rate::Rate;

/// The longest first message, in bytes: a token.
const LONGEST_FIRST: usize = 256;
/// How long a page may leave unread what it is sent, before it is hung up on.
const UNREAD: Duration = Duration::from_secs(10);
/// How many messages a page may send in a second, in the long run: nobody types as fast.
const MESSAGES: f64 = 500.0;
/// How many at once.
const MOST_MESSAGES: f64 = 2_000.0;

/// Something that is held for as long as a connection is open.
pub type Held = Box<dyn Send>;

/// The stream under a WebSocket. The WebSocket's reader answers pings by itself, so that two threads write: each
/// write is whole, as a frame is.
struct Pipe {
    read: TcpStream,
    write: Arc<Mutex<TcpStream>>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read.read(buffer)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut stream = self.write.lock().unwrap_or_else(PoisonError::into_inner);
        stream.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a page sends.
pub struct WebIncoming {
    socket: WebSocket<Pipe>,
    rate: Rate,
    _held: Held,
}

/// What a page is sent.
pub struct WebOutgoing {
    socket: WebSocket<Pipe>,
}

/// Ends a page's connection.
pub struct WebLine(TcpStream);

impl fmt::Debug for WebIncoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebIncoming").finish_non_exhaustive()
    }
}

/// A connection after its handshake, of which nobody knows yet whose it is.
pub struct Stranger {
    incoming: WebIncoming,
    write: Arc<Mutex<TcpStream>>,
    stream: TcpStream,
}

impl Stranger {
    /// The server's end of a stream on which the handshake is over; `read` is what was read of it already.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub fn over(stream: TcpStream, read: Vec<u8>, held: Held) -> io::Result<Stranger> {
        stream.set_write_timeout(Some(UNREAD))?;
        let write = Arc::new(Mutex::new(stream.try_clone()?));
        let pipe = Pipe { read: stream.try_clone()?, write: write.clone() };
        let config = limits(LONGEST_FIRST);
        let socket = WebSocket::from_partially_read(pipe, read, Role::Server, Some(config));
        let rate = Rate::new(MESSAGES, MOST_MESSAGES, Instant::now());
        Ok(Stranger { incoming: WebIncoming { socket, rate, _held: held }, write, stream })
    }

    /// The first message, which has to come within `limit`; nothing where it does not.
    pub fn introduces_itself(&mut self, limit: Duration) -> Option<String> {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.stream.set_read_timeout(Some(left)).is_err() {
                return None;
            }
            // Each read takes so long at most; who sends a byte at a time is stopped by the length.
            return match self.incoming.socket.read() {
                Ok(Message::Text(text)) => Some(text.to_string()),
                Ok(Message::Ping(_) | Message::Pong(_)) if self.incoming.rate.take(Instant::now()) => {
                    continue;
                }
                _ => None,
            };
        }
    }

    /// Hangs up, and says why.
    pub fn refuse(mut self, why: &'static str) {
        let frame = CloseFrame { code: CloseCode::Policy, reason: why.into() };
        // It may have gone already.
        let _gone = self.incoming.socket.close(Some(frame)).and_then(|()| self.incoming.socket.flush());
        WebLine(self.stream).hang_up();
    }

    /// The connection of somebody who is known.
    ///
    /// # Errors
    /// When the system does not take the new time limit.
    pub fn known(mut self) -> io::Result<(WebIncoming, WebOutgoing, WebLine)> {
        self.stream.set_read_timeout(None)?;
        self.incoming.socket.set_config(|config| *config = limits(MAX_LINE));
        let pipe = Pipe { read: self.stream.try_clone()?, write: self.write };
        let socket = WebSocket::from_raw_socket(pipe, Role::Server, Some(limits(MAX_LINE)));
        Ok((self.incoming, WebOutgoing { socket }, WebLine(self.stream)))
    }
}

impl From<(WebIncoming, WebOutgoing, WebLine)> for Transport {
    fn from((incoming, outgoing, line): (WebIncoming, WebOutgoing, WebLine)) -> Transport {
        Transport { incoming: Box::new(incoming), outgoing: Box::new(outgoing), line: Arc::new(line) }
    }
}

/// Messages of at most so many bytes.
fn limits(longest: usize) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(16 << 10)
        .write_buffer_size(0)
        .max_message_size(Some(longest))
        .max_frame_size(Some(longest))
}

impl Incoming for WebIncoming {
    fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let message = match self.socket.read() {
                Ok(message) => message,
                Err(Error::ConnectionClosed | Error::AlreadyClosed) => return Ok(None),
                Err(Error::Io(error)) => return Err(error),
                // The rest of a message that is too long would have to be read first.
                Err(error) => return Err(io::Error::other(error)),
            };
            if !self.rate.take(Instant::now()) {
                return Err(io::Error::other("more messages than anybody types"));
            }
            match message {
                Message::Text(text) => return Ok(Some(Line::Text(text.to_string()))),
                Message::Binary(_) => return Ok(Some(Line::NotUtf8)),
                _ => {}
            }
        }
    }
}

impl Outgoing for WebOutgoing {
    fn send(&mut self, message: &str) -> io::Result<()> {
        self.socket.send(Message::text(message)).map_err(|error| match error {
            Error::Io(error) => error,
            error => io::Error::other(error),
        })
    }
}

impl HangUp for WebLine {
    fn hang_up(&self) {
        // Fails where the connection has ended already.
        let _ended = self.0.shutdown(Shutdown::Both);
    }
}
