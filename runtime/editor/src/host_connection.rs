//! The client's end of a connection to the host.

use std::io::{self, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam::channel::{Receiver, bounded};

use crate::lines::{Line, read_line};
use crate::mailbox::{Letter, Mailbox};
use crate::protocol::{ClientMessage, HostMessage, MAX_LINE, PROTOCOL, host_message, to_line};
use crate::socket::hang_up;

/// How many messages of the host may wait to be read.
const MOST_WAITING: usize = 256;

/// A connection to the host of one script. Dropping `to_host` leaves the host, which plays on.
#[derive(Debug)]
pub struct HostConnection {
    /// What the host is told.
    pub to_host: ToHost,
    /// What the host tells; it ends when the host does.
    pub from_host: Receiver<HostMessage>,
    /// Whether the host was started for this connection; otherwise it played already.
    pub started: bool,
    /// Whether `to_host` was dropped: then the end of what the host tells means nothing.
    pub(crate) left: Arc<AtomicBool>,
}

/// Tells a host things, without ever waiting for it: a text that was not sent yet is replaced by the next one.
#[derive(Debug)]
pub struct ToHost {
    unsent: Arc<Mailbox<ClientMessage>>,
    left: Arc<AtomicBool>,
}

impl ToHost {
    /// Tells the host something; says whether it is still there as far as is known.
    pub fn send(&self, message: ClientMessage) -> bool {
        self.unsent.post_at_once(message)
    }
}

#[cfg(test)]
impl ToHost {
    /// Tells nobody; the second half gives what was told, one after the other.
    pub fn nowhere() -> (ToHost, impl Fn() -> Option<ClientMessage>) {
        let unsent = Arc::new(Mailbox::default());
        (ToHost { unsent: unsent.clone(), left: Arc::default() }, move || unsent.next())
    }
}

impl Drop for ToHost {
    fn drop(&mut self) {
        self.left.store(true, Ordering::SeqCst);
        self.unsent.close();
    }
}

impl Letter for ClientMessage {
    /// Only one client tells a host things over one connection.
    fn sender(&self) -> u64 {
        0
    }

    fn bytes(&self) -> usize {
        match self {
            ClientMessage::Change { text, .. } => text.len(),
            _ => 0,
        }
    }

    fn is_replaced_by(&self, newer: &ClientMessage) -> bool {
        matches!((self, newer), (ClientMessage::Change { .. }, ClientMessage::Change { .. })) || self == newer
    }
}

impl HostConnection {
    /// Says hello over a stream and starts the two threads that write and read it.
    ///
    /// # Errors
    /// When the system has no thread or no descriptor left, or the host hung up.
    pub fn over(stream: UnixStream, started: bool) -> io::Result<HostConnection> {
        let unsent = Arc::new(Mailbox::default());
        let left = Arc::new(AtomicBool::new(false));
        let to_host = ToHost { unsent: unsent.clone(), left: left.clone() };
        let (incoming, from_host) = bounded(MOST_WAITING);
        let mut written = stream.try_clone()?;
        written.write_all(to_line(&ClientMessage::Hello { protocol: PROTOCOL })?.as_bytes())?;
        thread::Builder::new().name("lilt host writer".into()).spawn(move || {
            let mut write = |message: &ClientMessage| {
                to_line(message).map_err(io::Error::from).and_then(|line| written.write_all(line.as_bytes()))
            };
            let mut reached = true;
            while let Some(message) = unsent.next() {
                reached = write(&message).is_ok();
                if !reached {
                    break;
                }
            }
            if reached {
                // The end of the stream says the same, so this may fail.
                let _ = write(&ClientMessage::Detach);
            }
            unsent.close();
            hang_up(&written);
        })?;
        thread::Builder::new().name("lilt host reader".into()).spawn(move || {
            let mut lines = BufReader::new(stream);
            while let Ok(Some(line)) = read_line(&mut lines, MAX_LINE) {
                let message = match line {
                    Line::Text(text) => host_message(&text),
                    Line::TooLong => Err(format!("the host sent a line of more than {} MiB", MAX_LINE >> 20)),
                    Line::NotUtf8 => Err("the host sent a line that is not UTF-8".to_string()),
                };
                let message = message.unwrap_or_else(|message| HostMessage::Refused { message });
                if incoming.send(message).is_err() {
                    break;
                }
            }
            hang_up(lines.get_ref());
        })?;
        Ok(HostConnection { to_host, from_host, started, left })
    }
}
