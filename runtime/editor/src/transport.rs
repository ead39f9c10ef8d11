//! How the messages of one client come and go: as lines of a Unix socket, or as text messages of a WebSocket. What is
//! said is the same.

use std::fmt;
use std::io::{self, BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use crate::lines::{Line, read_line};
use crate::protocol::MAX_LINE;

/// Reads what a client sends.
pub trait Incoming: Send + 'static {
    /// The next message, without a line end; nothing once the client has left.
    ///
    /// # Errors
    /// When the connection breaks.
    fn next(&mut self) -> io::Result<Option<Line>>;
}

/// Writes to a client.
pub trait Outgoing: Send + 'static {
    /// Writes one message, given without a line end.
    ///
    /// # Errors
    /// When the connection breaks, or the client does not read for longer than its kind of connection allows.
    fn send(&mut self, message: &str) -> io::Result<()>;
}

/// Ends a connection, for its reader and its writer.
pub trait HangUp: Send + Sync + 'static {
    /// Ends it. It may have ended by itself already, which is as good.
    fn hang_up(&self);
}

/// One client's connection, in the three parts that three threads hold.
pub struct Transport {
    /// What the client sends.
    pub incoming: Box<dyn Incoming>,
    /// What the client is sent.
    pub outgoing: Box<dyn Outgoing>,
    /// Ends both.
    pub line: Arc<dyn HangUp>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

impl Transport {
    /// A connection over a Unix socket: one message a line.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub fn unix(stream: UnixStream) -> io::Result<Transport> {
        let (written, read) = (stream.try_clone()?, stream.try_clone()?);
        Ok(Transport {
            incoming: Box::new(UnixIncoming(BufReader::new(read))),
            outgoing: Box::new(written),
            line: Arc::new(stream),
        })
    }
}

struct UnixIncoming(BufReader<UnixStream>);

impl Incoming for UnixIncoming {
    fn next(&mut self) -> io::Result<Option<Line>> {
        read_line(&mut self.0, MAX_LINE)
    }
}

impl Outgoing for UnixStream {
    fn send(&mut self, message: &str) -> io::Result<()> {
        let mut line = String::with_capacity(message.len() + 1);
        line.push_str(message);
        line.push('\n');
        self.write_all(line.as_bytes())
    }
}

impl HangUp for UnixStream {
    fn hang_up(&self) {
        // Fails where the connection has ended already.
        let _ended = self.shutdown(Shutdown::Both);
    }
}
