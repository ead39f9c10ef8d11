//! The client's end of a connection to the host.

use std::io::{self, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::thread;

use crossbeam::channel::{Receiver, Sender, bounded, unbounded};

use crate::lines::{Line, read_line};
use crate::protocol::{ClientMessage, HostMessage, MAX_LINE, PROTOCOL, host_message, to_line};
use crate::socket::hang_up;

/// How many messages of the host may wait to be read.
const MOST_WAITING: usize = 256;

/// A connection to the host of one script. Dropping `to_host` leaves the host, which plays on.
#[derive(Debug)]
pub struct HostConnection {
    /// What the host is told.
    pub to_host: Sender<ClientMessage>,
    /// What the host tells; it ends when the host does.
    pub from_host: Receiver<HostMessage>,
}

impl HostConnection {
    /// Says hello over a stream and starts the two threads that write and read it.
    ///
    /// # Errors
    /// When the system has no thread or no descriptor left, or the host hung up.
    pub fn over(stream: UnixStream) -> io::Result<HostConnection> {
        let (to_host, outgoing) = unbounded::<ClientMessage>();
        let (incoming, from_host) = bounded(MOST_WAITING);
        let mut written = stream.try_clone()?;
        written.write_all(to_line(&ClientMessage::Hello { protocol: PROTOCOL })?.as_bytes())?;
        thread::Builder::new().name("lilt host writer".into()).spawn(move || {
            let mut write = |message: &ClientMessage| {
                to_line(message).map_err(io::Error::from).and_then(|line| written.write_all(line.as_bytes()))
            };
            let told_all = outgoing.iter().all(|message| write(&message).is_ok());
            if told_all {
                // The end of the stream says the same, so this may fail.
                let _ = write(&ClientMessage::Detach);
            }
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
        Ok(HostConnection { to_host, from_host })
    }
}
