//! The server's side of the hosts: finding them, hearing them, and letting them go.

use std::mem;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use lsp_types::{MessageType, Range, TextEdit};

use super::{EditorError, Phase, Server};
use crate::document::{Document, Link, Plays};
use crate::host_connection::ToHost;
use crate::host_listener::{News, What, listen, read_text};
use crate::position::position_of_byte;
use crate::protocol::{ClientMessage, HostMessage, text_mark};

/// How long the host of a closed script is held: an editor that renames a script closes and opens it, and one
/// that ends closes all scripts and says so.
const HELD: Duration = Duration::from_secs(2);
/// How long after a script was opened the closing of another with the same text means that it was renamed.
const RENAMED: Duration = Duration::from_secs(10);

/// A script that was closed a moment ago.
pub(super) struct Closed {
    pub(super) path: PathBuf,
    pub(super) to_host: ToHost,
    /// Until when its host is held.
    pub(super) until: Instant,
    launched: bool,
    attempt: u64,
    /// What stands for the text with which it was closed.
    mark: String,
}

impl Server<'_> {
    /// Does what does not wait for anybody: sends held statuses, tries again to reach hosts, lets go.
    pub(super) fn do_what_is_due(&mut self, now: Instant) -> Result<(), EditorError> {
        let mut retries = Vec::new();
        let mut statuses = Vec::new();
        for (path, document) in &mut self.documents {
            if matches!(&document.link, Link::Waiting(until) if *until <= now) {
                retries.push(path.clone());
            }
            document.insist(now);
            if let Some(status) = document.throttle.due(now) {
                statuses.push((document.uri.clone(), status));
            }
        }
        for path in retries {
            self.connect(&path)?;
        }
        for (uri, status) in statuses {
            self.send_status(uri, Some(status))?;
        }
        for closed in self.closed.extract_if(.., |closed| closed.until <= now) {
            // The host that was started for it ends with it; one that played before plays on.
            if closed.launched {
                closed.to_host.send(ClientMessage::Release);
            }
            self.left.insert(closed.path);
        }
        Ok(())
    }

    /// Starts a thread that finds the host of a document, or starts one, and listens to it.
    pub(super) fn connect(&mut self, path: &Path) -> Result<(), EditorError> {
        self.attempts += 1;
        let Some(document) = self.documents.get_mut(path) else { return Ok(()) };
        document.attempt = self.attempts;
        document.link = Link::Connecting;
        let (attempt, path) = (self.attempts, document.path.clone());
        let (news, launcher) = (self.news.clone(), self.launcher.clone());
        thread::Builder::new()
            .name("lilt host listener".into())
            .spawn(move || listen(&*launcher, &path, |what| news.send(News { attempt, what }).is_ok()))
            .map_err(EditorError::Thread)?;
        Ok(())
    }

    /// Connects a document that has no host, without waiting for its next try.
    pub(super) fn connect_if_idle(&mut self, path: &Path) -> Result<(), EditorError> {
        match self.documents.get(path).map(|document| &document.link) {
            Some(Link::Waiting(_) | Link::Stopped) => self.connect(path),
            Some(Link::Connecting | Link::Attached { .. }) | None => Ok(()),
        }
    }

    /// Takes the host of a document that was closed a moment ago over. Gives the document back when its own host
    /// is still to be found.
    pub(super) fn reopened(&mut self, mut document: Document, now: Instant) -> Option<Document> {
        if let Some(before) = self.documents.remove(&document.path) {
            // Opened twice without being closed: the second time counts.
            self.park(before, now);
        }
        if let Some(at) = self.closed.iter().position(|closed| closed.path == document.path) {
            let closed = self.closed.remove(at);
            document.attempt = closed.attempt;
            document.launched = closed.launched;
            // The performer saw this text close and open again: it is the one that counts.
            document.attached(closed.to_host, true, now);
            document.launched = closed.launched;
            self.documents.insert(document.path.clone(), document);
            return None;
        }
        let renamed = |closed: &mut Closed| closed.mark == document.opened.0;
        let old: Vec<ToHost> = self.closed.extract_if(.., renamed).map(|closed| closed.to_host).collect();
        document.replaces.extend(old);
        Some(document)
    }

    /// A document was closed: its host is held for a while, or goes when the script plays under another name.
    pub(super) fn park(&mut self, mut document: Document, now: Instant) {
        let Link::Attached { to_host, .. } = mem::replace(&mut document.link, Link::Stopped) else { return };
        let mark = text_mark(&document.text);
        let renamed = self
            .documents
            .values_mut()
            .find(|other| other.opened.0 == mark && now.saturating_duration_since(other.opened.1) < RENAMED);
        match renamed {
            Some(Document { link: Link::Attached { .. }, .. }) => {
                to_host.send(ClientMessage::Release);
            }
            Some(other) => other.replaces.push(to_host),
            None => self.closed.push(Closed {
                path: document.path,
                to_host,
                until: now + HELD,
                launched: document.launched,
                attempt: document.attempt,
                mark,
            }),
        }
    }

    pub(super) fn hear(&mut self, news: News) -> Result<(), EditorError> {
        let now = Instant::now();
        let Some(document) = self.documents.values_mut().find(|document| document.attempt == news.attempt)
        else {
            // The document was closed, or has another connection by now.
            if let What::Attached { to_host, started: true } = news.what
                && self.phase == Phase::Running
            {
                to_host.send(ClientMessage::Release);
            }
            return Ok(());
        };
        let (uri, name) = (document.uri.clone(), document.name());
        match news.what {
            What::Attached { to_host, started } => {
                document.attached(to_host, started, now);
                self.log(MessageType::INFO, format!("attached to the host of {name}"))
            }
            What::Lost { .. } if matches!(document.link, Link::Stopped) => Ok(()),
            What::Lost { plays_on } => {
                let first = document.lost(now);
                self.send_status(uri, None)?;
                if plays_on {
                    let message =
                        format!("Lilt's host of {name} hung up and plays on; the editor attaches again.");
                    return self.log(MessageType::WARNING, message);
                }
                self.complain(first, format!("Lilt's host of {name} has ended; it is started again."))
            }
            What::Failed(error) => {
                let first = document.lost(now);
                self.send_status(uri, None)?;
                self.complain(first, format!("Lilt cannot play {name}: {error}. It tries again."))
            }
            What::Said(message) => {
                let path = document.path.clone();
                self.hear_host(&path, message, now)
            }
        }
    }

    fn hear_host(&mut self, path: &Path, message: HostMessage, now: Instant) -> Result<(), EditorError> {
        let Some(document) = self.documents.get_mut(path) else { return Ok(()) };
        let (uri, name) = (document.uri.clone(), document.name());
        match message {
            HostMessage::Welcome { .. } | HostMessage::Planned { .. } | HostMessage::Text { .. } => Ok(()),
            HostMessage::Evaluated { version, diagnostics, .. } => {
                // What is wrong with another text than the one on the screen would mark the wrong places.
                if version != Some(document.version) {
                    return Ok(());
                }
                for marks in document.publish(&diagnostics, read_text) {
                    self.publish(marks)?;
                }
                Ok(())
            }
            HostMessage::Status(status) => {
                let theirs = document.plays(status.text.as_deref(), || read_text(path));
                let edited = matches!(&document.link, Link::Attached { plays: Plays::Ours, .. });
                let status = document.throttle.offer(*status, now);
                if theirs {
                    let yours = if edited { "from your next edit" } else { "from your first edit" };
                    let message =
                        format!("Another editor plays unsaved text of {name}; yours plays {yours}.");
                    self.show(MessageType::INFO, message)?;
                }
                match status {
                    Some(status) => self.send_status(uri, Some(status)),
                    None => Ok(()),
                }
            }
            HostMessage::Rewrite { mark, from, to, text } => {
                if text_mark(&document.text) != mark {
                    return Ok(());
                }
                let range = Range {
                    start: position_of_byte(&document.text, from),
                    end: position_of_byte(&document.text, to),
                };
                self.apply_edit(&uri, TextEdit { range, new_text: text })
            }
            HostMessage::Printed { lines } => self.log(MessageType::LOG, lines.join("\n")),
            HostMessage::Refused { message } => {
                // Each keystroke of a text that is too long is refused again.
                let known = document.refused.replace(message.clone()).as_ref() == Some(&message);
                let message = format!("Lilt's host of {name}: {message}");
                match known {
                    true => self.log(MessageType::ERROR, message),
                    false => self.show(MessageType::ERROR, message),
                }
            }
            HostMessage::Goodbye { message } => {
                document.link = Link::Stopped;
                document.throttle = Default::default();
                let message =
                    format!("Lilt's host of {name} has stopped ({message}); saving starts it again.");
                self.send_status(uri, None)?;
                self.show(MessageType::INFO, message)
            }
        }
    }
}
