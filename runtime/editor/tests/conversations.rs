//! Whole conversations between an editor, the language server and a host that records what it is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crossbeam::channel::{Receiver, Sender, unbounded};
use lilt_editor::protocol::{
    ClientMessage, Diagnostic, HostMessage, Rung, Severity, SlotStatus, Status, client_message, text_mark,
    to_line,
};
use lilt_editor::{DocEntry, EditorError, HostConnection, HostLauncher, LaunchError, WordKind, serve};
use lsp_server::{Connection, Message};
use serde_json::{Value, json};

/// How long a message may take before the test calls it missing.
const PATIENCE: Duration = Duration::from_secs(20);
const URI: &str = "file:///songs/a.lua";

/// The host's end of one connection.
struct HostEnd {
    file: PathBuf,
    told: Receiver<ClientMessage>,
    say: Sender<HostMessage>,
}

/// Connects to the test; the given number of times there is no host.
struct Recorder {
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
enum Step {
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
use Step::*;

/// Plays a conversation and checks that nothing was said besides; gives back how the server ended.
fn converse(name: &str, failures: u32, steps: Vec<Step>) -> Result<(), EditorError> {
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
fn beside(script: &Path) -> Vec<DocEntry> {
    let word = |name: &str, kind| DocEntry {
        name: name.into(),
        kind,
        signature: format!("{name} beside {}", script.display()),
        summary: "One's own.".into(),
        example: String::new(),
    };
    vec![word("mine", WordKind::Model), word("helpers", WordKind::Module)]
}

fn docs() -> Vec<DocEntry> {
    vec![DocEntry {
        name: "play".into(),
        kind: WordKind::Function,
        signature: "play(name, pattern)".into(),
        summary: "Fills a slot.".into(),
        example: String::new(),
    }]
}

fn hello() -> Vec<Step> {
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

fn open(text: &str) -> Step {
    open_at(URI, text)
}

fn open_at(uri: &str, text: &str) -> Step {
    let document = json!({ "uri": uri, "languageId": "lua", "version": 1, "text": text });
    Editor(json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }))
}

fn close(uri: &str) -> Vec<Step> {
    let params = json!({ "textDocument": { "uri": uri } });
    let unmarked = json!({ "uri": uri, "diagnostics": [] });
    vec![
        Editor(json!({ "method": "textDocument/didClose", "params": params })),
        Hears(json!({ "method": "textDocument/publishDiagnostics", "params": unmarked })),
    ]
}

fn says_text(text: &str) -> Step {
    Host(HostMessage::Status(Status { text: Some(text_mark(text)), ..status(1) }.into()))
}

fn hears_text(text: &str) -> Step {
    let Hears(mut heard) = hears_status(1) else { panic!("a status") };
    heard["params"]["text"] = json!(text_mark(text));
    Hears(heard)
}

fn opened(text: &str) -> Vec<Step> {
    vec![open(text), Connects("/songs/a.lua"), log(3, "attached to the host of a.lua"), told_change(1, text)]
}

fn change(version: i32, text: &str) -> Step {
    Editor(json!({ "method": "textDocument/didChange", "params": {
        "textDocument": { "uri": URI, "version": version },
        "contentChanges": [{ "text": text }],
    } }))
}

fn told_change(version: i32, text: &str) -> Step {
    Told(ClientMessage::Change { version, text: text.into() })
}

fn evaluated(version: Option<i32>, diagnostics: &[Diagnostic]) -> Step {
    Host(HostMessage::Evaluated { version, diagnostics: diagnostics.to_vec(), micros: 300 })
}

fn unknown(line: u32, column: u32) -> Diagnostic {
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

fn published(version: Option<i32>, marks: Value) -> Step {
    let mut params = json!({ "uri": URI, "diagnostics": marks });
    if let Some(version) = version {
        params["version"] = json!(version);
    }
    Hears(json!({ "method": "textDocument/publishDiagnostics", "params": params }))
}

fn mark(line: u32, first: u32, end: u32) -> Value {
    json!({
        "range": { "start": { "line": line, "character": first }, "end": { "line": line, "character": end } },
        "severity": 1,
        "source": "lilt",
        "message": "unknown name \"paly\"\nhelp: did you mean \"play\"?",
    })
}

fn log(kind: u32, message: &str) -> Step {
    Hears(json!({ "method": "window/logMessage", "params": { "type": kind, "message": message } }))
}

fn show(kind: u32, message: &str) -> Step {
    Hears(json!({ "method": "window/showMessage", "params": { "type": kind, "message": message } }))
}

fn command(id: i32, method: &str) -> Step {
    Editor(json!({ "id": id, "method": method, "params": { "uri": URI } }))
}

fn null(id: i32) -> Step {
    Hears(json!({ "id": id, "result": null }))
}

fn no_host() -> Step {
    Hears(json!({ "method": "lilt/status", "params": { "uri": URI, "attached": false } }))
}

fn goodbye() -> Vec<Step> {
    vec![
        Editor(json!({ "id": 99, "method": "shutdown" })),
        Hears(json!({ "id": 99, "result": null })),
        Editor(json!({ "method": "exit" })),
    ]
}

fn status(generation: u64) -> Status {
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

fn hears_status(generation: u64) -> Step {
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

#[test]
fn conversations_go_as_the_protocol_says() {
    let table: Vec<(&str, u32, Vec<Step>)> = vec![
        ("every change is evaluated", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                evaluated(Some(1), &[]),
                published(Some(1), json!([])),
                change(2, "paly()"),
                told_change(2, "paly()"),
                evaluated(Some(2), &[unknown(1, 1)]),
                published(Some(2), json!([mark(0, 0, 4)])),
                change(3, "-- é\n\"🎹\" paly()"),
                told_change(3, "-- é\n\"🎹\" paly()"),
                evaluated(Some(3), &[unknown(2, 5)]),
                published(Some(3), json!([mark(1, 5, 9)])),
                Editor(json!({ "method": "textDocument/didChange", "params": {
                    "textDocument": { "uri": URI, "version": 4 },
                    "contentChanges": [
                        { "text": "l", "range": {
                            "start": { "line": 1, "character": 6 }, "end": { "line": 1, "character": 7 },
                        } },
                        { "text": "a", "range": {
                            "start": { "line": 1, "character": 7 }, "end": { "line": 1, "character": 8 },
                        } },
                    ],
                } })),
                told_change(4, "-- é\n\"🎹\" play()"),
                evaluated(Some(4), &[]),
                published(Some(4), json!([])),
            ]);
            steps
        }),
        ("answers to older texts and to other texts are dropped", 0, {
            let mut steps = hello();
            steps.extend(opened("paly()"));
            steps.extend([
                change(2, "play()"),
                told_change(2, "play()"),
                evaluated(Some(1), &[unknown(1, 1)]),
                evaluated(None, &[unknown(1, 1)]),
                evaluated(Some(2), &[]),
                published(Some(2), json!([])),
            ]);
            steps
        }),
        ("changes of what plays are told at once", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            for generation in 1..20 {
                steps
                    .extend([Host(HostMessage::Status(status(generation).into())), hears_status(generation)]);
            }
            steps
        }),
        ("what the script prints goes to the log", 0, {
            let mut steps = hello();
            steps.extend(opened("print(1)"));
            steps.extend([
                Host(HostMessage::Welcome { protocol: 1, file: "/songs/a.lua".into() }),
                Host(HostMessage::Printed { lines: vec!["1".into(), "two".into()] }),
                log(4, "1\ntwo"),
                Host(HostMessage::Refused { message: "a line that is not UTF-8 was skipped".into() }),
                show(1, "Lilt's host of a.lua: a line that is not UTF-8 was skipped"),
            ]);
            steps
        }),
        ("commands and saving reach the host", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            let save = json!({ "textDocument": { "uri": URI } });
            steps.extend([
                command(2, "lilt/hush"),
                Told(ClientMessage::Hush),
                null(2),
                command(3, "lilt/panic"),
                Told(ClientMessage::Panic),
                null(3),
                command(4, "lilt/commit"),
                Told(ClientMessage::Commit),
                null(4),
                command(7, "lilt/clearState"),
                Told(ClientMessage::ClearState),
                null(7),
                Editor(json!({ "id": 5, "method": "lilt/hush" })),
                Told(ClientMessage::Hush),
                null(5),
                Editor(json!({ "method": "lilt/panic" })),
                Told(ClientMessage::Panic),
                Editor(json!({ "method": "textDocument/didSave", "params": save })),
                Told(ClientMessage::Commit),
                Editor(json!({ "id": 6, "method": "lilt/hush", "params": { "uri": "file:///other.lua" } })),
                Hears(json!({ "id": 6, "error": { "code": -32602, "message": "this script is not open" } })),
            ]);
            steps
        }),
        ("hover, completion and definition", 0, {
            let mut steps = hello();
            steps.extend(opened("local x = 1\npl x \"🎹\" play"));
            let at = |line: u32, character: u32| json!({ "textDocument": { "uri": URI }, "position": { "line": line, "character": character } });
            let help = "```lua\nplay(name, pattern)\n```\nFills a slot.";
            steps.extend([
                Editor(json!({ "id": 2, "method": "textDocument/hover", "params": at(1, 12) })),
                Hears(json!({ "id": 2, "result": {
                    "contents": { "kind": "markdown", "value": help },
                    "range": { "start": { "line": 1, "character": 10 }, "end": { "line": 1, "character": 14 } },
                } })),
                Editor(json!({ "id": 3, "method": "textDocument/completion", "params": at(1, 2) })),
                Hears(json!({ "id": 3, "result": [{
                    "label": "play",
                    "kind": 3,
                    "detail": "play(name, pattern)",
                    "documentation": { "kind": "markdown", "value": help },
                    "textEdit": {
                        "range": { "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 2 } },
                        "newText": "play",
                    },
                }] })),
                Editor(json!({ "id": 4, "method": "textDocument/definition", "params": at(1, 3) })),
                Hears(json!({ "id": 4, "result": {
                    "uri": URI,
                    "range": { "start": { "line": 0, "character": 6 }, "end": { "line": 0, "character": 7 } },
                } })),
                Editor(json!({ "id": 5, "method": "textDocument/hover", "params": at(0, 2) })),
                null(5),
            ]);
            steps
        }),
        ("a host that breaks down is told once and reached again with the newest text", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                HostEnds,
                no_host(),
                show(2, "Lilt's host of a.lua has ended; it is started again."),
                change(2, "play(x)"),
                Editor(json!({ "id": 2, "method": "lilt/hush" })),
                Hears(
                    json!({ "id": 2, "error": { "code": -32803, "message": "no host plays this script" } }),
                ),
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                told_change(2, "play(x)"),
                HostEnds,
                no_host(),
                log(2, "Lilt's host of a.lua has ended; it is started again."),
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                told_change(2, "play(x)"),
            ]);
            steps
        }),
        ("a host that cannot be started is told once and tried again", 2, {
            let mut steps = hello();
            let why = "Lilt cannot play a.lua: the host ended at once (exit status: 1); it said: no weights. \
                       It tries again.";
            steps.extend([open("play()"), no_host(), show(2, why), no_host(), log(2, why)]);
            steps.extend([
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                told_change(1, "play()"),
            ]);
            steps
        }),
        ("a host that was stopped starts again when the script is saved", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                command(2, "lilt/stop"),
                Told(ClientMessage::Stop),
                null(2),
                Host(HostMessage::Goodbye { message: "an editor stopped it".into() }),
                HostEnds,
                no_host(),
                show(3, "Lilt's host of a.lua has stopped (an editor stopped it); saving starts it again."),
                change(2, "play(x)"),
                Editor(
                    json!({ "method": "textDocument/didSave", "params": { "textDocument": { "uri": URI } } }),
                ),
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                told_change(2, "play(x)"),
            ]);
            steps
        }),
        ("closing takes back the marks, and ends the host that was started for it", 0, {
            let mut steps = hello();
            steps.extend(opened("paly()"));
            steps.extend([evaluated(Some(1), &[unknown(1, 1)]), published(Some(1), json!([mark(0, 0, 4)]))]);
            steps.extend(close(URI));
            steps.extend([Told(ClientMessage::Release), Leaves]);
            steps
        }),
        ("closing leaves a host that played before", 0, {
            let mut steps = hello();
            steps.push(Plays("/songs/a.lua", true));
            steps.extend([open("play()"), Connects("/songs/a.lua"), log(3, "attached to the host of a.lua")]);
            steps.extend([says_text("play()"), hears_text("play()"), told_change(1, "play()")]);
            steps.extend(close(URI));
            steps.push(Leaves);
            // It can still be ended, by its name or with all others.
            steps.extend([
                command(2, "lilt/hush"),
                null(2),
                Connects("/songs/a.lua"),
                Told(ClientMessage::Hush),
                Leaves,
                Editor(json!({ "id": 3, "method": "lilt/stop" })),
                null(3),
                Connects("/songs/a.lua"),
                Told(ClientMessage::Stop),
                Leaves,
                command(4, "lilt/commit"),
                Hears(json!({ "id": 4, "error": { "code": -32602, "message": "this script is not open" } })),
            ]);
            steps
        }),
        ("an editor that closes all scripts before it ends leaves their hosts", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend(close(URI));
            steps.extend(goodbye());
            steps.extend([Leaves]);
            steps
        }),
        ("a script that is closed and opened again keeps its host", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend(close(URI));
            steps.extend([
                open("play(x)"),
                told_change(1, "play(x)"),
                command(2, "lilt/hush"),
                Told(ClientMessage::Hush),
                null(2),
            ]);
            steps
        }),
        ("a script that is saved under another name plays on by that name alone", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend(close(URI));
            steps.extend([
                open_at("file:///songs/b.lua", "play()"),
                Connects("/songs/b.lua"),
                log(3, "attached to the host of b.lua"),
                told_change(1, "play()"),
                OfHost("/songs/a.lua"),
                Told(ClientMessage::Release),
                Leaves,
            ]);
            steps
        }),
        ("the new name may be opened before the old one is closed", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                open_at("file:///songs/b.lua", "play()"),
                Connects("/songs/b.lua"),
                log(3, "attached to the host of b.lua"),
                told_change(1, "play()"),
            ]);
            steps.extend(close(URI));
            steps.extend([OfHost("/songs/a.lua"), Told(ClientMessage::Release), Leaves]);
            steps
        }),
        ("a host that hangs up and plays on is not called ended", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                Plays("/songs/a.lua", true),
                HostEnds,
                Connects("/songs/a.lua"),
                no_host(),
                log(2, "Lilt's host of a.lua hung up and plays on; the editor attaches again."),
                Connects("/songs/a.lua"),
                log(3, "attached to the host of a.lua"),
                says_text("play()"),
                hears_text("play()"),
                told_change(1, "play()"),
            ]);
            steps
        }),
        ("a refusal is shown once", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            let refusal = || Host(HostMessage::Refused { message: "too long".into() });
            let words = "Lilt's host of a.lua: too long";
            steps.extend([refusal(), show(1, words), refusal(), log(1, words)]);
            steps
        }),
        ("that another editor's text plays is told", 0, {
            let mut steps = hello();
            steps.extend(opened("play()"));
            steps.extend([
                says_text("play()"),
                hears_text("play()"),
                says_text("another"),
                show(3, "Another editor plays unsaved text of a.lua; yours plays from your next edit."),
                hears_text("another"),
            ]);
            steps
        }),
        ("addresses that are not well-formed name scripts too", 0, {
            let mut steps = hello();
            for (uri, path, name) in [
                ("file:///songs/my set.lua", "/songs/my set.lua", "my set.lua"),
                ("file:/songs/one.lua", "/songs/one.lua", "one.lua"),
                ("FILE://localhost/songs/two.lua", "/songs/two.lua", "two.lua"),
                ("file:///songs/100%.lua", "/songs/100%.lua", "100%.lua"),
            ] {
                let attached = format!("attached to the host of {name}");
                let marks = json!({ "uri": uri, "diagnostics": [], "version": 1 });
                steps.extend([
                    open_at(uri, "play()"),
                    Connects(path),
                    log(3, &attached),
                    told_change(1, "play()"),
                    evaluated(Some(1), &[]),
                    Hears(json!({ "method": "textDocument/publishDiagnostics", "params": marks })),
                ]);
            }
            // Another way to write the same address.
            let params = json!({ "textDocument": { "uri": "file:///songs/my%20set.lua" } });
            steps.extend([
                Editor(json!({ "method": "textDocument/didSave", "params": params })),
                OfHost("/songs/my set.lua"),
                Told(ClientMessage::Commit),
            ]);
            steps
        }),
        ("the words of the script's folder are known", 0, {
            let mut steps = hello();
            steps.extend(opened("model \"mine\""));
            let at = json!({ "textDocument": { "uri": URI }, "position": { "line": 0, "character": 8 } });
            let help = "```lua\nmine beside /songs/a.lua\n```\nOne's own.";
            steps.extend([
                Editor(json!({ "id": 2, "method": "textDocument/hover", "params": at })),
                Hears(json!({ "id": 2, "result": {
                    "contents": { "kind": "markdown", "value": help },
                    "range": { "start": { "line": 0, "character": 7 }, "end": { "line": 0, "character": 11 } },
                } })),
            ]);
            steps
        }),
        ("messages out of place are answered", 0, {
            let mut steps = vec![
                Editor(json!({ "id": 1, "method": "textDocument/hover", "params": {} })),
                Hears(json!({ "id": 1, "error": { "code": -32002, "message": "say initialize first" } })),
                open("play()"),
            ];
            steps.extend(hello());
            steps.extend([
                Editor(json!({ "id": 2, "method": "textDocument/rename", "params": {} })),
                Hears(json!({ "id": 2, "error": {
                    "code": -32601, "message": "Lilt has no method textDocument/rename",
                } })),
                Editor(json!({ "id": 3, "method": "textDocument/hover", "params": {} })),
                Hears(json!({ "id": 3, "error": { "code": -32602, "message": "missing field `textDocument`" } })),
                Editor(json!({ "method": "textDocument/didOpen", "params": [] })),
                log(2, "textDocument/didOpen: invalid length 0, expected struct DidOpen with 1 element"),
                Editor(json!({ "method": "$/setTrace", "params": { "value": "off" } })),
                Editor(json!({ "method": "textDocument/didOpen", "params": { "textDocument": {
                    "uri": "untitled:Untitled-1", "languageId": "lua", "version": 1, "text": "",
                } } })),
                show(2, "Lilt plays files: save untitled:Untitled-1 first"),
                change(7, "a document that is not open"),
            ]);
            steps
        }),
    ];
    for (name, failures, mut steps) in table {
        if !matches!(steps.last(), Some(Leaves)) || !name.starts_with("an editor that closes all") {
            steps.extend(goodbye());
        }
        let ended = converse(name, failures, steps);
        assert!(ended.is_ok(), "{name}: {ended:?}");
    }
}

#[test]
fn an_editor_that_breaks_off_leaves_the_host() {
    let mut steps = hello();
    steps.extend(opened("play()"));
    assert!(matches!(converse("the editor is killed", 0, steps), Err(EditorError::Left)));
    let mut steps = hello();
    steps.extend(opened("play()"));
    steps.push(Editor(json!({ "method": "exit" })));
    assert!(matches!(converse("exit without shutdown", 0, steps), Err(EditorError::Left)));
    let mut steps = hello();
    steps.extend(opened("play()"));
    steps.extend([
        Editor(json!({ "id": 9, "method": "shutdown" })),
        null(9),
        Leaves,
        Editor(json!({ "id": 10, "method": "shutdown" })),
        Hears(json!({ "id": 10, "error": { "code": -32600, "message": "the server is shut down" } })),
        Editor(json!({ "method": "exit" })),
    ]);
    assert!(converse("shutdown and exit", 0, steps).is_ok());
}
