//! One script that is open in the editor, and its connection to the host that plays it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam::channel::Sender;
use lsp_types::{DiagnosticSeverity, PublishDiagnosticsParams, Uri};

use crate::backoff::Backoff;
use crate::position::range_of;
use crate::protocol::{ClientMessage, Diagnostic, Severity};
use crate::throttle::StatusThrottle;
use crate::uri::uri_of;

/// A connection that lasted this long was a good one: when it is lost, the waits start anew.
const LASTING: Duration = Duration::from_secs(10);

/// How a document stands with its host.
#[derive(Debug)]
pub enum Link {
    /// A thread is looking for the host or starting it.
    Connecting,
    /// The host plays this script.
    Attached {
        /// What the host is told.
        to_host: Sender<ClientMessage>,
        /// Since when.
        since: Instant,
    },
    /// There is no host; the next try is then.
    Waiting(Instant),
    /// The host was stopped on purpose: only a save or a commit starts another.
    Stopped,
}

/// One script that is open in the editor.
#[derive(Debug)]
pub struct Document {
    /// Its address, as the editor wrote it.
    pub uri: Uri,
    /// Its path.
    pub path: PathBuf,
    /// Its whole text.
    pub text: String,
    /// The editor's number for the text.
    pub version: i32,
    /// The number of the connection attempt whose news count.
    pub attempt: u64,
    /// How it stands with its host.
    pub link: Link,
    /// Which statuses the editor sees.
    pub throttle: StatusThrottle,
    backoff: Backoff,
    /// The other files about which the editor was told something that is to be taken back.
    marked: Vec<Uri>,
}

impl Document {
    /// A document that has just been opened, about to be connected by attempt number `attempt`.
    pub fn open(uri: Uri, path: PathBuf, text: String, version: i32, attempt: u64) -> Document {
        Document {
            uri,
            path,
            text,
            version,
            attempt,
            link: Link::Connecting,
            throttle: StatusThrottle::new(),
            backoff: Backoff::new(),
            marked: Vec::new(),
        }
    }

    /// The file's name, for messages.
    pub fn name(&self) -> String {
        self.path
            .file_name()
            .map_or_else(|| self.uri.as_str().to_string(), |name| name.to_string_lossy().into())
    }

    /// The host answered: it gets the text.
    pub fn attached(&mut self, to_host: Sender<ClientMessage>, now: Instant) {
        self.link = Link::Attached { to_host, since: now };
        self.tell(ClientMessage::Change { version: self.version, text: self.text.clone() });
    }

    /// The host is gone or could not be started. Says whether the performer has to be told: once for each row
    /// of failures.
    pub fn lost(&mut self, now: Instant) -> bool {
        if let Link::Attached { since, .. } = &self.link
            && now.saturating_duration_since(*since) >= LASTING
        {
            self.backoff.succeeded();
        }
        let first = !self.backoff.is_failing();
        self.link = Link::Waiting(now + self.backoff.failed());
        self.throttle = StatusThrottle::new();
        first
    }

    /// The text changed.
    pub fn changed(&mut self, version: i32, text: String) {
        self.version = version;
        self.text = text;
        self.tell(ClientMessage::Change { version, text: self.text.clone() });
    }

    /// Tells the host something; says whether there is one. A host that has just gone is as good as none, and
    /// its going is reported by itself.
    pub fn tell(&self, message: ClientMessage) -> bool {
        matches!(&self.link, Link::Attached { to_host, .. } if to_host.send(message).is_ok())
    }

    /// How long until something is to be done for this document without anything happening.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        let retry = match &self.link {
            Link::Waiting(until) => Some(until.saturating_duration_since(now)),
            Link::Connecting | Link::Attached { .. } | Link::Stopped => None,
        };
        retry.into_iter().chain(self.throttle.wait(now)).min()
    }

    /// What the editor is to mark after an evaluation, file by file: always the script itself, and the
    /// modules that are marked now or were before. `read` gives the text of another file.
    pub fn publish(
        &mut self,
        diagnostics: &[Diagnostic],
        read: impl Fn(&Path) -> Option<String>,
    ) -> Vec<PublishDiagnosticsParams> {
        let taken_back = self.marked.drain(..).map(|uri| (uri, Vec::new()));
        let mut files: Vec<(Uri, Vec<lsp_types::Diagnostic>)> = vec![(self.uri.clone(), Vec::new())];
        files.extend(taken_back);
        for diagnostic in diagnostics {
            let path = Path::new(&diagnostic.file);
            let own = path == self.path || path.as_os_str().is_empty() || is_same_file(path, &self.path);
            let (uri, mark) = match uri_of(path) {
                _ if own => (self.uri.clone(), shown(diagnostic, &self.text)),
                // A module that cannot be read is marked at the start of the line.
                Some(uri) => (uri, shown(diagnostic, &read(path).unwrap_or_default())),
                None => (self.uri.clone(), shown(&elsewhere(diagnostic), &self.text)),
            };
            match files.iter_mut().find(|(file, _)| *file == uri) {
                Some((_, marks)) => marks.push(mark),
                None => files.push((uri, vec![mark])),
            }
        }
        let own = self.uri.clone();
        let marked = files.iter().filter(|(uri, marks)| *uri != own && !marks.is_empty());
        self.marked = marked.map(|(uri, _)| uri.clone()).collect();
        let version = self.version;
        files
            .into_iter()
            .map(|(uri, diagnostics)| {
                let version = (uri == own).then_some(version);
                PublishDiagnosticsParams { uri, diagnostics, version }
            })
            .collect()
    }
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// A diagnostic about a text that is no file (a module inside the program), marked at the script's start.
fn elsewhere(diagnostic: &Diagnostic) -> Diagnostic {
    let Diagnostic { file, line, column, message, .. } = diagnostic;
    let message = format!("{file}:{line}:{column}: {message}");
    Diagnostic { line: 1, column: 1, end_column: 2, message, ..diagnostic.clone() }
}

fn shown(diagnostic: &Diagnostic, text: &str) -> lsp_types::Diagnostic {
    let severity = match diagnostic.severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Info => DiagnosticSeverity::INFORMATION,
    };
    let message = match &diagnostic.help {
        None => diagnostic.message.clone(),
        Some(help) => format!("{}\nhelp: {help}", diagnostic.message),
    };
    lsp_types::Diagnostic {
        range: range_of(diagnostic, text),
        severity: Some(severity),
        source: Some("lilt".to_string()),
        message,
        ..lsp_types::Diagnostic::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Document {
        let uri = "file:///songs/a.lua".parse().unwrap();
        Document::open(uri, "/songs/a.lua".into(), "🎹 paly()\n".into(), 4, 1)
    }

    fn diagnostic(file: &str, help: Option<&str>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            file: file.into(),
            line: 1,
            column: 3,
            end_column: 7,
            message: "unknown name \"paly\"".into(),
            help: help.map(String::from),
        }
    }

    /// Each published file with its version and its marks as `first-last message`.
    fn published(
        document: &mut Document,
        diagnostics: &[Diagnostic],
    ) -> Vec<(String, Option<i32>, Vec<String>)> {
        let read = |path: &Path| path.ends_with("b.lua").then(|| "🎹🎹 x\n".to_string());
        let shown = |mark: &lsp_types::Diagnostic| {
            format!("{}-{} {}", mark.range.start.character, mark.range.end.character, mark.message)
        };
        let files = document.publish(diagnostics, read).into_iter();
        files
            .map(|file| {
                (file.uri.as_str().to_string(), file.version, file.diagnostics.iter().map(shown).collect())
            })
            .collect()
    }

    #[test]
    fn marks_go_to_their_files_and_are_taken_back() {
        let mut document = document();
        let own = "file:///songs/a.lua".to_string();
        let other = "file:///songs/b.lua".to_string();
        let text = "unknown name \"paly\"".to_string();
        assert_eq!(
            published(
                &mut document,
                &[diagnostic("/songs/a.lua", Some("play")), diagnostic("/songs/b.lua", None)]
            ),
            [
                (own.clone(), Some(4), vec![format!("3-7 {text}\nhelp: play")]),
                (other.clone(), None, vec![format!("4-6 {text}")]),
            ]
        );
        assert_eq!(published(&mut document, &[]), [(own.clone(), Some(4), vec![]), (other, None, vec![])]);
        assert_eq!(published(&mut document, &[]), [(own.clone(), Some(4), vec![])]);
        let nowhere = [diagnostic("", None), diagnostic("stdlib:scales", None)];
        assert_eq!(
            published(&mut document, &nowhere),
            [(own, Some(4), vec![format!("3-7 {text}"), format!("0-2 stdlib:scales:1:3: {text}")])]
        );
    }

    #[test]
    fn a_row_of_failures_is_told_once_and_waits_longer_each_time() {
        let mut document = document();
        let start = Instant::now();
        let millis = |document: &Document, now| document.wait(now).map(|wait| wait.as_millis());
        assert_eq!(document.wait(start), None);
        assert!(document.lost(start));
        assert_eq!(millis(&document, start), Some(250));
        assert!(!document.lost(start));
        assert_eq!(millis(&document, start), Some(500));

        let (to_host, told) = crossbeam::channel::unbounded();
        document.attached(to_host.clone(), start);
        let change = ClientMessage::Change { version: 4, text: "🎹 paly()\n".into() };
        assert_eq!(told.try_recv(), Ok(change));
        assert!(!document.lost(start + LASTING / 2), "a host that dies at once is the same trouble");
        assert_eq!(millis(&document, start + LASTING / 2), Some(1000));

        document.attached(to_host, start);
        assert!(document.lost(start + LASTING), "a host that had played is news");
        assert_eq!(millis(&document, start + LASTING), Some(250));
        assert!(!document.tell(ClientMessage::Hush));
    }
}
