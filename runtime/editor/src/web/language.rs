//! The language server for the page, in the host's own process: completion, hover and definitions. What is typed the
//! page tells the host itself, so the server only looks on.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use crossbeam::channel::bounded;
use lsp_server::{Connection, Message};

use crate::clients::Clients;
use crate::frames::{Frame, message};
use crate::host_connection::HostConnection;
use crate::launcher::{HostLauncher, LaunchError};
use crate::lines::Line;
use crate::protocol::{ClientMessage, client_message};
use crate::server::serve;
use crate::stdio::json_rpc;
use crate::transport::{HangUp, Incoming, Outgoing, Transport};
use crate::vocabulary::DocEntry;

use super::stream::{WebIncoming, WebLine, WebOutgoing};

/// How many messages of the page may wait for the server.
const MOST_WAITING: usize = 16;

/// Gives the words that a script knows where it lies.
pub type WordsBeside = dyn Fn(&Path) -> Vec<DocEntry> + Send + Sync;

/// The words that a language server knows.
#[derive(Clone)]
pub struct Words {
    /// Those that every script knows.
    pub everywhere: Arc<[DocEntry]>,
    /// Those that depend on where a script lies.
    pub beside: Arc<WordsBeside>,
}

/// Serves one page until it leaves.
pub fn speak(
    (mut incoming, mut outgoing, line): (WebIncoming, WebOutgoing, WebLine),
    clients: Arc<Clients>,
    words: &Words,
) -> io::Result<()> {
    let (heard, receiver) = bounded(MOST_WAITING);
    let (sender, said) = bounded::<Message>(MOST_WAITING);
    let answers = sender.clone();
    thread::Builder::new().name("lilt page language reader".into()).spawn(move || {
        // A connection that breaks is a page that left.
        while let Ok(Some(Line::Text(text))) = incoming.next() {
            let went_on = match message(text.as_bytes()) {
                Some(Frame::Message(message)) => heard.send(message).is_ok(),
                Some(Frame::Wrong(answer)) => match serde_json::from_value::<Message>(answer) {
                    Ok(answer) => answers.send(answer).is_ok(),
                    // Without a number there is nobody to answer.
                    Err(_) => true,
                },
                None => true,
            };
            if !went_on {
                break;
            }
        }
    })?;
    let line = Arc::new(line);
    let end = line.clone();
    thread::Builder::new().name("lilt page language writer".into()).spawn(move || {
        for message in said {
            let text = json_rpc(&message).map_err(io::Error::from).map(|value| value.to_string());
            if text.and_then(|text| outgoing.send(&text)).is_err() {
                break;
            }
        }
        end.hang_up();
    })?;
    let beside = words.beside.clone();
    // A page that is closed says neither shutdown nor exit.
    let _left =
        serve(Connection { sender, receiver }, OnlookersHost { clients }, &words.everywhere, |path| {
            beside(path)
        });
    line.hang_up();
    Ok(())
}

/// Finds the host that serves the page, whatever the file is called: a page edits one script.
struct OnlookersHost {
    clients: Arc<Clients>,
}

impl HostLauncher for OnlookersHost {
    fn connect(&self, _file: &Path) -> Result<HostConnection, LaunchError> {
        let (ours, theirs) = UnixStream::pair()?;
        let Transport { incoming, outgoing, line } = Transport::unix(ours)?;
        self.clients.admit(Transport { incoming: Box::new(Onlooker(incoming)), outgoing, line })?;
        Ok(HostConnection::over(theirs, false)?)
    }

    fn find(&self, file: &Path) -> Result<Option<HostConnection>, LaunchError> {
        self.connect(file).map(Some)
    }
}

/// A client that is told everything, and wants nothing but to come and to leave.
struct Onlooker(Box<dyn Incoming>);

impl Incoming for Onlooker {
    fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let line = self.0.next()?;
            let Some(Line::Text(text)) = &line else { return Ok(line) };
            if matches!(client_message(text), Ok(ClientMessage::Hello { .. } | ClientMessage::Detach)) {
                return Ok(line);
            }
        }
    }
}
