//! A server with an editor and hosts that say and expect what a test writes down.

use crossbeam::channel::{Receiver, Sender, unbounded};
use lilt_editor::protocol::{
    ClientMessage, Diagnostic, HostMessage, Rung, Severity, SlotStatus, Status, client_message, text_mark,
    to_line,
};
use lilt_editor::{DocEntry, EditorError, HostConnection, HostLauncher, LaunchError, WordKind, serve};
use lsp_server::{Connection, Message};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How long a message may take before the test calls it missing.
pub const PATIENCE: Duration = Duration::from_secs(20);
pub const URI: &str = "file:///songs/a.lua";

/// The host's end of one connection.
pub struct HostEnd {
    file: PathBuf,
    told: Receiver<ClientMessage>,
    say: Sender<HostMessage>,
}

/// Connects to the test; the given number of times there is no host.
pub struct Recorder {
    ends: Sender<HostEnd>,
    failures: Mutex<u32>,
    /// The scripts whose hosts play without this server.
    playing: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Recorder {
    /// A connection whose other end goes to the test.
    fn connection(&self, file: &Path, started: bool) -> HostConnection {
        let (ours, theirs) = UnixStream::pair().expect("two sockets");
        let (tell, told) = unbounded();
        let (say, said) = unbounded::<HostMessage>();
        let mut written = theirs.try_clone().expect("a descriptor");
        thread::spawn(move || {
            for line in BufReader::new(theirs).lines().map_while(Result::ok) {
                match client_message(&line).expect("a message of the protocol") {
                    ClientMessage::Hello { .. } => {}
                    ClientMessage::Detach => break,
                    // The test is over when nobody listens.
                    message => drop(tell.send(message)),
                }
            }
        });
        thread::spawn(move || {
            for message in said {
                let line = to_line(&message).expect("messages are JSON");
                if written.write_all(line.as_bytes()).is_err() {
                    break;
                }
            }
            // The other side may have hung up before.
            let _gone = written.shutdown(Shutdown::Both);
        });
        self.ends.send(HostEnd { file: file.to_path_buf(), told, say }).expect("the test listens");
        HostConnection::over(ours, started).expect("a connection")
    }

    fn plays(&self, file: &Path) -> bool {
        self.playing.lock().expect("no test panics while it holds this").contains(file)
    }
}

impl HostLauncher for Recorder {
    fn connect(&self, file: &Path) -> Result<HostConnection, LaunchError> {
        let mut failures = self.failures.lock().expect("no test panics while it holds this");
        if *failures > 0 {
            *failures -= 1;
            let (status, log) = ("exit status: 1".into(), "it said: no weights".into());
            return Err(LaunchError::Ended { status, log });
        }
        Ok(self.connection(file, !self.plays(file)))
    }

    fn find(&self, file: &Path) -> Result<Option<HostConnection>, LaunchError> {
        Ok(self.plays(file).then(|| self.connection(file, false)))
    }
}

/// One step of a conversation.
pub enum Step {
    /// The editor says this.
    Editor(Value),
    /// The editor hears this.
    Hears(Value),
    /// A host of this script plays, or plays no longer, without this server.
    Plays(&'static str, bool),
    /// The server asks for the host of this file and gets it: the steps that follow are about it.
    Connects(&'static str),
    /// The steps that follow are about the host of this file.
    OfHost(&'static str),
    /// The host says this.
    Host(HostMessage),
    /// The host is told this.
    Told(ClientMessage),
    /// The host breaks down.
    HostEnds,
    /// The server leaves the host.
    Leaves,
}
pub use Step::*;

/// Plays a conversation and checks that nothing was said besides; gives back how the server ended.
pub fn converse(name: &str, failures: u32, steps: Vec<Step>) -> Result<(), EditorError> {
    let (server, editor) = Connection::memory();
    let (ends, connected) = unbounded();
    let playing = Arc::new(Mutex::new(BTreeSet::new()));
    let recorder = Recorder { ends, failures: Mutex::new(failures), playing: playing.clone() };
    let served = thread::spawn(move || serve(server, recorder, &docs(), beside));
    let mut hosts: BTreeMap<PathBuf, HostEnd> = BTreeMap::new();
    let mut current = PathBuf::new();
    for (number, step) in steps.into_iter().enumerate() {
        let place = format!("{name}, step {number}");
        let host = hosts.get(&current);
        match step {
            Editor(value) => {
                let mut value = value;
                value["jsonrpc"] = json!("2.0");
                let message: Message = serde_json::from_value(value).expect("a message of the protocol");
                editor.sender.send(message).expect("the server listens");
            }
            Hears(expected) => match editor.receiver.recv_timeout(PATIENCE) {
                Ok(message) => {
                    let message = serde_json::to_value(&message).expect("messages are JSON");
                    assert_eq!(message, expected, "{place}");
                }
                Err(error) => panic!("{place}: {error} instead of {expected}"),
            },
            Plays(file, plays) => {
                let mut playing = playing.lock().expect("no test panics while it holds this");
                match plays {
                    true => playing.insert(file.into()),
                    false => playing.remove(Path::new(file)),
                };
            }
            Connects(file) => {
                let end = connected.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("{place}: {error}"));
                assert_eq!(end.file, Path::new(file), "{place}");
                current = file.into();
                hosts.insert(current.clone(), end);
            }
            OfHost(file) => current = file.into(),
            Host(message) => host.expect("a host").say.send(message).expect("the server listens"),
            Told(expected) => {
                let told = host.expect("a host").told.recv_timeout(PATIENCE);
                assert_eq!(told, Ok(expected), "{place}");
            }
            HostEnds => drop(hosts.remove(&current)),
            Leaves => {
                let end = hosts.remove(&current).expect("a host");
                let more: Vec<ClientMessage> = end.told.iter().collect();
                assert!(more.is_empty(), "{place}: the host was told {more:?} too");
            }
        }
    }
    drop(editor.sender);
    let ended = served.join().expect("the server does not panic");
    let rest: Vec<Message> = editor.receiver.iter().collect();
    assert!(rest.is_empty(), "{name}: the editor also heard {rest:?}");
    ended
}

/// The words of the script's folder.
pub fn beside(script: &Path) -> Vec<DocEntry> {
    let word = |name: &str, kind| DocEntry {
        name: name.into(),
        kind,
        signature: format!("{name} beside {}", script.display()),
        summary: "One's own.".into(),
        example: String::new(),
    };
    vec![word("mine", WordKind::Model), word("helpers", WordKind::Module)]
}

pub fn docs() -> Vec<DocEntry> {
    vec![DocEntry {
        name: "play".into(),
        kind: WordKind::Function,
        signature: "play(name, pattern)".into(),
        summary: "Fills a slot.".into(),
        example: String::new(),
    }]
}

pub fn hello() -> Vec<Step> {
    vec![
        Editor(json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } })),
        Hears(json!({ "id": 1, "result": {
            "capabilities": {
                "textDocumentSync": { "openClose": true, "change": 2, "save": { "includeText": false } },
                "hoverProvider": true,
                "definitionProvider": true,
                "completionProvider": { "triggerCharacters": [".", ":", "\"", "'", " "] },
            },
            "serverInfo": { "name": "lilt", "version": env!("CARGO_PKG_VERSION") },
        } })),
        Editor(json!({ "method": "initialized", "params": {} })),
    ]
}

pub fn open(text: &str) -> Step {
    open_at(URI, text)
}

pub fn open_at(uri: &str, text: &str) -> Step {
    let document = json!({ "uri": uri, "languageId": "lua", "version": 1, "text": text });
    Editor(json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }))
}

pub fn close(uri: &str) -> Vec<Step> {
    let params = json!({ "textDocument": { "uri": uri } });
    let unmarked = json!({ "uri": uri, "diagnostics": [] });
    vec![
        Editor(json!({ "method": "textDocument/didClose", "params": params })),
        Hears(json!({ "method": "textDocument/publishDiagnostics", "params": unmarked })),
    ]
}

pub fn says_text(text: &str) -> Step {
    Host(HostMessage::Status(Status { text: Some(text_mark(text)), ..status(1) }.into()))
}

pub fn hears_text(text: &str) -> Step {
    let Hears(mut heard) = hears_status(1) else { panic!("a status") };
    heard["params"]["text"] = json!(text_mark(text));
    Hears(heard)
}

pub fn opened(text: &str) -> Vec<Step> {
    vec![open(text), Connects("/songs/a.lua"), log(3, "attached to the host of a.lua"), told_change(1, text)]
}

pub fn change(version: i32, text: &str) -> Step {
    Editor(json!({ "method": "textDocument/didChange", "params": {
        "textDocument": { "uri": URI, "version": version },
        "contentChanges": [{ "text": text }],
    } }))
}

pub fn told_change(version: i32, text: &str) -> Step {
    Told(ClientMessage::Change { version, text: text.into() })
}

pub fn evaluated(version: Option<i32>, diagnostics: &[Diagnostic]) -> Step {
    Host(HostMessage::Evaluated { version, diagnostics: diagnostics.to_vec(), micros: 300 })
}

pub fn unknown(line: u32, column: u32) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        file: "/songs/a.lua".into(),
        line,
        column,
        end_column: column + 4,
        message: "unknown name \"paly\"".into(),
        help: Some("did you mean \"play\"?".into()),
    }
}

pub fn published(version: Option<i32>, marks: Value) -> Step {
    let mut params = json!({ "uri": URI, "diagnostics": marks });
    if let Some(version) = version {
        params["version"] = json!(version);
    }
    Hears(json!({ "method": "textDocument/publishDiagnostics", "params": params }))
}

pub fn mark(line: u32, first: u32, end: u32) -> Value {
    json!({
        "range": { "start": { "line": line, "character": first }, "end": { "line": line, "character": end } },
        "severity": 1,
        "source": "lilt",
        "message": "unknown name \"paly\"\nhelp: did you mean \"play\"?",
    })
}

pub fn log(kind: u32, message: &str) -> Step {
    Hears(json!({ "method": "window/logMessage", "params": { "type": kind, "message": message } }))
}

pub fn show(kind: u32, message: &str) -> Step {
    Hears(json!({ "method": "window/showMessage", "params": { "type": kind, "message": message } }))
}

pub fn command(id: i32, method: &str) -> Step {
    Editor(json!({ "id": id, "method": method, "params": { "uri": URI } }))
}

pub fn null(id: i32) -> Step {
    Hears(json!({ "id": id, "result": null }))
}

pub fn no_host() -> Step {
    Hears(json!({ "method": "lilt/status", "params": { "uri": URI, "attached": false } }))
}

pub fn goodbye() -> Vec<Step> {
    vec![
        Editor(json!({ "id": 99, "method": "shutdown" })),
        Hears(json!({ "id": 99, "result": null })),
        Editor(json!({ "method": "exit" })),
    ]
}

pub fn status(generation: u64) -> Status {
    let lead = SlotStatus {
        name: "lead".into(),
        line: Some(1),
        rung: Some(Rung::Fresh),
        playing: "folk take 3f2a · pluck".into(),
        model: Some("folk".into()),
        level: 0.5,
        ..SlotStatus::default()
    };
    Status {
        generation,
        tempo: 112.0,
        meter: "4/4".into(),
        playing: true,
        slots: vec![lead],
        ..Status::default()
    }
}

pub fn hears_status(generation: u64) -> Step {
    Hears(json!({ "method": "lilt/status", "params": {
        "uri": URI,
        "attached": true,
        "generation": generation,
        "beat": 0.0, "bar": 0, "beatInBar": 0.0, "tempo": 112.0, "meter": "4/4", "playing": true,
        "slots": [{
            "name": "lead", "line": 1, "rung": "fresh", "playing": "folk take 3f2a · pluck", "model": "folk",
            "ess": null, "logZ": null, "surprise": null, "silent": false, "level": 0.5,
        }],
        "baking": [],
        "lastError": null, "audio": "", "midi": [],
    } }))
}
