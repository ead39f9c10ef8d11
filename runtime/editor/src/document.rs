//! One script that is open in the editor, and its connection to the host that plays it.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lsp_types::DiagnosticSeverity;

use crate::address::Address;
use crate::backoff::Backoff;
use crate::host_connection::ToHost;
use crate::params::Marks;
use crate::position::range_of;
use crate::protocol::{ClientMessage, Diagnostic, MAX_LINE, Severity, text_mark};
use crate::throttle::StatusThrottle;

/// A connection that lasted this long was a good one: when it is lost, the waits start anew.
const LASTING: Duration = Duration::from_secs(10);
/// How long a host that played already may take to say what it plays; one that says nothing gets the text.
const ANSWER: Duration = Duration::from_secs(2);
/// How many of the texts that were sent last are remembered: a host's status may be about an older one, and a
/// key that repeats makes some thirty a second.
const REMEMBERED: usize = 4096;

/// How a document stands with its host.
#[derive(Debug)]
pub enum Link {
    /// A thread is looking for the host or starting it.
    Connecting,
    /// The host plays this script.
    Attached {
        /// What the host is told.
        to_host: ToHost,
        /// Since when.
        since: Instant,
        /// Whether the host has this editor's text.
        plays: Plays,
    },
    /// There is no host; the next try is then.
    Waiting(Instant),
    /// The host was stopped on purpose: only a save or a commit starts another.
    Stopped,
}

/// Whose text a host plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plays {
    /// It played before this editor came, and has not said what.
    Unknown,
    /// This editor's; it got it.
    Ours,
    /// Another editor's text that is not saved: it gets ours with the first edit.
    Theirs,
}

/// One script that is open in the editor.
#[derive(Debug)]
pub struct Document {
    /// Its address, as the editor wrote it.
    pub uri: Address,
    /// Its path.
    pub path: PathBuf,
    /// Its whole text.
    pub text: String,
    /// The editor's number for the text.
    pub version: i32,
    /// What stands for the text with which it was opened, and when that was: a document that is saved under
    /// another name is opened with the text that the old one is closed with.
    pub opened: (String, Instant),
    /// The number of the connection attempt whose news count.
    pub attempt: u64,
    /// How it stands with its host.
    pub link: Link,
    /// Whether the host was started for this document.
    pub launched: bool,
    /// The hosts of the document's old names, to be let go as soon as the one of its new name plays.
    pub replaces: Vec<ToHost>,
    /// Which statuses the editor sees.
    pub throttle: StatusThrottle,
    /// What the host refused last.
    pub refused: Option<String>,
    backoff: Backoff,
    /// What stands for the texts that the host was sent last.
    sent: VecDeque<String>,
    /// What stands for the last text of somebody else's that the host played.
    theirs: Option<String>,
    /// The other files about which the editor was told something that is to be taken back.
    marked: Vec<Address>,
}

impl Document {
    /// A document that has just been opened, about to be connected by attempt number `attempt`.
    pub fn open(
        uri: Address,
        path: PathBuf,
        text: String,
        version: i32,
        attempt: u64,
        now: Instant,
    ) -> Document {
        Document {
            uri,
            path,
            opened: (text_mark(&text), now),
            text,
            version,
            attempt,
            link: Link::Connecting,
            launched: false,
            replaces: Vec::new(),
            throttle: StatusThrottle::new(),
            refused: None,
            backoff: Backoff::new(),
            sent: VecDeque::new(),
            theirs: None,
            marked: Vec::new(),
        }
    }

    /// The file's name, for messages.
    pub fn name(&self) -> String {
        self.path.file_name().map_or_else(|| self.uri.to_string(), |name| name.to_string_lossy().into())
    }

    /// The host answered. One that was `started` for this document gets the text; another is first to say what
    /// it plays.
    pub fn attached(&mut self, to_host: ToHost, started: bool, now: Instant) {
        self.launched |= started;
        self.refused = None;
        self.link = Link::Attached { to_host, since: now, plays: Plays::Unknown };
        if started {
            self.send_text();
        }
        for old in self.replaces.drain(..) {
            // One that has gone needs no letting go.
            let _gone = old.send(ClientMessage::Release);
        }
    }

    /// The host said what it plays: `mark` stands for it, `saved` reads the text on disk. Says whether the
    /// performer has to be told that somebody else's text plays.
    pub fn plays(&mut self, mark: Option<&str>, saved: impl FnOnce() -> Option<String>) -> bool {
        let Link::Attached { plays, .. } = &mut self.link else { return false };
        match (*plays, mark) {
            (Plays::Unknown, Some(mark)) if mark != text_mark(&self.text) => {
                // Ours is what lies on disk, and another that does not lie there plays.
                let theirs =
                    saved().is_some_and(|saved| same_lines(&saved, &self.text) && text_mark(&saved) != mark);
                if theirs {
                    *plays = Plays::Theirs;
                    self.theirs = Some(mark.to_string());
                } else {
                    self.send_text();
                }
                theirs
            }
            (Plays::Unknown, _) => {
                self.send_text();
                false
            }
            (Plays::Ours, Some(mark)) if !self.sent.is_empty() => {
                if self.sent.iter().any(|sent| sent == mark) {
                    self.theirs = None;
                    return false;
                }
                if self.theirs.is_some() {
                    return false;
                }
                self.theirs = Some(mark.to_string());
                // What was read from disk is nobody's secret: the host reads what is saved.
                saved().is_none_or(|saved| text_mark(&saved) != mark)
            }
            (Plays::Ours | Plays::Theirs, _) => false,
        }
    }

    fn send_text(&mut self) {
        let Link::Attached { to_host, plays, .. } = &mut self.link else { return };
        *plays = Plays::Ours;
        let change = ClientMessage::Change { version: self.version, text: self.text.clone() };
        // A host that has just gone is as good as none, and its going is reported by itself.
        let _gone = to_host.send(change);
        // A longer text is refused by the host, which never plays it.
        if self.text.len() < MAX_LINE {
            self.sent.push_back(text_mark(&self.text));
            if self.sent.len() > REMEMBERED {
                self.sent.pop_front();
            }
        }
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
        self.send_text();
    }

    /// Tells the host something; says whether there is one. A host that has just gone is as good as none, and
    /// its going is reported by itself.
    pub fn tell(&self, message: ClientMessage) -> bool {
        matches!(&self.link, Link::Attached { to_host, .. } if to_host.send(message))
    }

    /// Gives a host that has not said what it plays the text, when it had time enough to say so.
    pub fn insist(&mut self, now: Instant) {
        if let Link::Attached { since, plays: Plays::Unknown, .. } = &self.link
            && now >= *since + ANSWER
        {
            self.send_text();
        }
    }

    /// How long until something is to be done for this document without anything happening.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        let next = match &self.link {
            Link::Waiting(until) => Some(until.saturating_duration_since(now)),
            Link::Attached { since, plays: Plays::Unknown, .. } => {
                Some((*since + ANSWER).saturating_duration_since(now))
            }
            Link::Connecting | Link::Attached { .. } | Link::Stopped => None,
        };
        next.into_iter().chain(self.throttle.wait(now)).min()
    }

    /// What the editor is to mark after an evaluation, file by file: always the script itself, and the
    /// modules that are marked now or were before. `read` gives the text of another file.
    pub fn publish(
        &mut self,
        diagnostics: &[Diagnostic],
        read: impl Fn(&Path) -> Option<String>,
    ) -> Vec<Marks> {
        let taken_back = self.marked.drain(..).map(|uri| (uri, Vec::new()));
        let mut files: Vec<(Address, Vec<lsp_types::Diagnostic>)> = vec![(self.uri.clone(), Vec::new())];
        files.extend(taken_back);
        for diagnostic in diagnostics {
            let path = Path::new(&diagnostic.file);
            let own = path == self.path || path.as_os_str().is_empty() || is_same_file(path, &self.path);
            let (uri, mark) = match Address::of(path) {
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
                Marks { uri, diagnostics, version }
            })
            .collect()
    }
}

/// Whether two texts say the same; editors differ in how a line, and the last one, ends.
fn same_lines(one: &str, other: &str) -> bool {
    one.lines().eq(other.lines())
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
        let uri = Address::from("file:///songs/a.lua");
        Document::open(uri, "/songs/a.lua".into(), "🎹 paly()\n".into(), 4, 1, Instant::now())
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
            .map(|file| (file.uri.to_string(), file.version, file.diagnostics.iter().map(shown).collect()))
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

        let (to_host, told) = ToHost::nowhere();
        document.attached(to_host, true, start);
        let change = ClientMessage::Change { version: 4, text: "🎹 paly()\n".into() };
        assert_eq!(told(), Some(change));
        assert!(!document.lost(start + LASTING / 2), "a host that dies at once is the same trouble");
        assert_eq!(millis(&document, start + LASTING / 2), Some(1000));

        document.attached(ToHost::nowhere().0, true, start);
        assert!(document.lost(start + LASTING), "a host that had played is news");
        assert_eq!(millis(&document, start + LASTING), Some(250));
        assert!(!document.tell(ClientMessage::Hush));
    }

    /// Attaches a document to a host that played already, which then says what it plays. Gives what the host was
    /// told, and whether the performer was.
    fn joined(mark: Option<&str>, saved: Option<&str>) -> (bool, bool) {
        let mut document = document();
        let (to_host, told) = ToHost::nowhere();
        document.attached(to_host, false, Instant::now());
        let shown = document.plays(mark.map(text_mark).as_deref(), || saved.map(String::from));
        let changed = document.tell(ClientMessage::Hush) && told() != Some(ClientMessage::Hush);
        (changed, shown)
    }

    #[test]
    fn an_unsaved_text_of_another_editor_plays_on() {
        let ours = "🎹 paly()\n";
        // (what plays, what lies on disk), (whether our text is sent, whether the performer is told)
        let table = [
            ((Some("theirs"), Some(ours)), (false, true)),
            ((Some("theirs"), Some("🎹 paly()")), (false, true)),
            ((Some("theirs"), Some("🎹 paly()\r\n")), (false, true)),
            ((Some(ours), Some(ours)), (true, false)),
            // The host plays what lies on disk.
            ((Some("🎹 paly()"), Some("🎹 paly()")), (true, false)),
            // Ours is not saved either, or there is no file: ours is newer.
            ((Some("theirs"), Some("other")), (true, false)),
            ((Some("theirs"), None), (true, false)),
            // A host that does not say.
            ((None, Some(ours)), (true, false)),
        ];
        for ((mark, saved), expected) in table {
            assert_eq!(joined(mark, saved), expected, "{mark:?}, {saved:?}");
        }
    }

    #[test]
    fn the_first_edit_plays_whatever_played_before() {
        let mut document = document();
        let start = Instant::now();
        let (to_host, told) = ToHost::nowhere();
        document.attached(to_host, false, start);
        assert!(document.plays(Some(&text_mark("theirs")), || Some("🎹 paly()\n".into())));
        assert!(!document.plays(Some(&text_mark("theirs too")), || None));
        document.changed(5, "play()".into());
        assert_eq!(told(), Some(ClientMessage::Change { version: 5, text: "play()".into() }));
    }

    #[test]
    fn a_host_that_does_not_say_what_it_plays_gets_the_text() {
        let mut document = document();
        let start = Instant::now();
        let (to_host, told) = ToHost::nowhere();
        document.attached(to_host, false, start);
        assert_eq!(document.wait(start), Some(ANSWER));
        document.insist(start + ANSWER / 2);
        document.insist(start + ANSWER);
        assert_eq!(document.wait(start + ANSWER), None);
        assert_eq!(told(), Some(ClientMessage::Change { version: 4, text: "🎹 paly()\n".into() }));
    }

    #[test]
    fn that_another_editor_takes_over_is_told_once() {
        let mut document = document();
        document.attached(ToHost::nowhere().0, true, Instant::now());
        document.changed(5, "play()".into());
        // (what plays, what lies on disk), whether the performer is told
        let table = [
            (("🎹 paly()\n", "saved"), false),
            (("play()", "saved"), false),
            (("theirs", "saved"), true),
            (("theirs, edited", "saved"), false),
            (("play()", "saved"), false),
            (("saved", "saved"), false),
            (("play()", "saved"), false),
            (("theirs", "saved"), true),
        ];
        for ((text, saved), expected) in table {
            let told = document.plays(Some(&text_mark(text)), || Some(saved.to_string()));
            assert_eq!(told, expected, "{text}");
        }
    }

    #[test]
    fn the_host_of_an_old_name_goes_when_the_one_of_the_new_name_plays() {
        let mut document = document();
        let (old, told) = ToHost::nowhere();
        document.replaces.push(old);
        document.attached(ToHost::nowhere().0, true, Instant::now());
        assert_eq!(told(), Some(ClientMessage::Release));
    }
}
