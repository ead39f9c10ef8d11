//! The language server on streams of bytes, with hosts that it starts.

mod place;

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use lilt_editor::protocol::ClientMessage;
use lilt_editor::{DetachedHost, EditorError, HostLauncher, serve_streams};
use place::{PATIENCE, Place};
use serde_json::{Value, json};

/// An editor on one end of a stream, the server on the other.
struct Editor {
    to: UnixStream,
    from: BufReader<UnixStream>,
    served: JoinHandle<Result<(), EditorError>>,
    numbered: i64,
}

impl Editor {
    fn start(place: &Place) -> Editor {
        let (ours, theirs) = UnixStream::pair().expect("two sockets");
        ours.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let host = launcher(place);
        let to_us = theirs.try_clone().expect("a descriptor");
        let served = thread::spawn(move || serve_streams(theirs, to_us, host, &[], |_| Vec::new()));
        let from = BufReader::new(ours.try_clone().expect("a descriptor"));
        let mut editor = Editor { to: ours, from, served, numbered: 0 };
        assert!(editor.ask("initialize", json!({ "capabilities": {} }))["result"].is_object());
        editor.tell("initialized", json!({}));
        editor
    }

    fn write(&mut self, bytes: &[u8]) {
        self.to.write_all(bytes).expect("the server reads");
    }

    fn send(&mut self, value: &Value) {
        let text = value.to_string();
        self.write(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// The answer to a question.
    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.numbered += 1;
        let id = self.numbered;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        self.hear_until(|message| message["id"] == id).pop().expect("the answer")
    }

    fn hear(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).expect("the server speaks") > 0, "it hung up");
            match line.trim().strip_prefix("Content-Length: ") {
                Some(number) => length = number.parse().expect("a number"),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).expect("a whole message");
        serde_json::from_slice(&body).expect("JSON")
    }

    /// Everything up to the first message that fits.
    fn hear_until(&mut self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut heard = Vec::new();
        let patience = Instant::now() + PATIENCE;
        loop {
            heard.push(self.hear());
            if heard.last().is_some_and(&fits) {
                return heard;
            }
            // What plays is told again and again.
            assert!(Instant::now() < patience, "not heard among {} messages", heard.len());
        }
    }

    fn open(&mut self, uri: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": "lua", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn change(&mut self, uri: &str, version: i32, text: &str) {
        let document = json!({ "uri": uri, "version": version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.tell("textDocument/didChange", params);
    }

    /// Waits until the marks of a version come.
    fn evaluated(&mut self, version: i32) -> Vec<Value> {
        self.hear_until(|message| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["version"] == version
        })
    }

    fn goodbye(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null)["result"], Value::Null);
        self.tell("exit", Value::Null);
        let ended = self.served.join().expect("the server does not panic");
        assert!(ended.is_ok(), "{ended:?}");
    }
}

fn launcher(place: &Place) -> DetachedHost {
    let test = std::env::current_exe().expect("the test's own path");
    let folder = test.parent().and_then(Path::parent).expect("target/debug/deps/TEST");
    let run = format!(
        "LILT_SOCKETS='{}' exec '{}' \"$@\"",
        place.directories.candidates()[0].display(),
        folder.join("examples/scripted_host").display()
    );
    let arguments = ["-c", &run, "sh", "live"].map(OsString::from).to_vec();
    DetachedHost { program: "/bin/sh".into(), arguments, directories: place.directories.clone() }
}

/// Ends the host of a script, if there is one.
fn stop(place: &Place, script: &Path) {
    if let Some(host) = launcher(place).find(script).expect("the path works") {
        assert!(host.to_host.send(ClientMessage::Stop));
        while host.from_host.recv_timeout(PATIENCE).is_ok() {}
    }
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}

#[test]
fn three_thousand_changes_of_an_editor_that_does_not_read_meanwhile() {
    let place = Place::new();
    let script = uri(&place.script);
    let mut editor = Editor::start(&place);
    editor.open(&script, "play(\"lead\")\n");
    editor.evaluated(1);
    for version in 2..=3001 {
        editor.change(&script, version, &format!("play(\"lead\") -- {version} -- host: slow\n"));
    }
    let heard = editor.evaluated(3001);
    for message in &heard {
        let text = message["params"]["message"].as_str().unwrap_or_default();
        assert!(!text.contains("ended") && !text.contains("hung up"), "{text}");
        assert_ne!(message["method"], "window/showMessage", "{message}");
    }
    editor.goodbye();
    stop(&place, &place.script);
}

#[test]
fn a_text_of_fifty_megabytes_ends_neither_the_server_nor_the_host() {
    let place = Place::new();
    let script = uri(&place.script);
    let mut editor = Editor::start(&place);
    editor.open(&script, "play(\"lead\")\n");
    editor.evaluated(1);
    editor.change(&script, 2, &format!("play(\"lead\") -- {}\n", "é".repeat(25 << 20)));
    editor.change(&script, 3, "play(\"lead\") -- short again\n");
    let heard = editor.evaluated(3);
    for message in &heard {
        let text = message["params"]["message"].as_str().unwrap_or_default();
        assert!(!text.contains("ended") && !text.contains("hung up"), "{text}");
    }
    editor.goodbye();
    stop(&place, &place.script);
}

#[test]
fn an_editor_that_never_reads_holds_up_nothing() {
    let place = Place::new();
    let script = uri(&place.script);
    let mut editor = Editor::start(&place);
    editor.open(&script, "play(\"lead\")\n");
    editor.evaluated(1);
    let loud = "print(\"good evening\")\n".repeat(2_000);
    for version in 2..=200 {
        editor.change(&script, version, &format!("{loud}play(\"v{version}\")\n"));
    }
    // The host evaluates the newest text, though nobody reads what comes of the others.
    let second = launcher(&place).connect(&place.script).expect("the same host");
    let patience = Instant::now() + PATIENCE;
    let newest = |message: &lilt_editor::protocol::HostMessage| match message {
        lilt_editor::protocol::HostMessage::Status(status) => {
            status.slots.first().is_some_and(|slot| slot.name == "v200")
        }
        _ => false,
    };
    while !second.from_host.recv_deadline(patience).is_ok_and(|message| newest(&message)) {
        assert!(Instant::now() < patience, "the newest text does not play");
    }
    drop(second);
    stop(&place, &place.script);
}

#[test]
fn what_is_no_message_is_answered_and_the_conversation_goes_on() {
    let place = Place::new();
    let mut editor = Editor::start(&place);
    for (bytes, code) in [
        ("Content-Length: 99999999999999\r\n\r\n{}", -32600),
        ("Content-Length: 7\r\n\r\n{\"id\":}", -32700),
        ("Content-Length: many\r\n\r\n", -32600),
        ("GET / HTTP/1.1\r\n\r\n", -32600),
        ("Content-Length: 2\r\n\r\n[]", -32600),
    ] {
        editor.write(bytes.as_bytes());
        let hover =
            json!({ "textDocument": { "uri": "file:///a.lua" }, "position": { "line": 0, "character": 0 } });
        editor.numbered += 1;
        let id = editor.numbered;
        editor.send(&json!({ "jsonrpc": "2.0", "id": id, "method": "textDocument/hover", "params": hover }));
        let answer = editor.hear();
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(code)), "{bytes:?}");
        assert_eq!(editor.hear(), json!({ "jsonrpc": "2.0", "id": id, "result": null }), "{bytes:?}");
    }
    editor.goodbye();
}

#[test]
fn a_second_editor_does_not_replace_unsaved_text() {
    let place = Place::new();
    let script = uri(&place.script);
    let mut first = Editor::start(&place);
    first.open(&script, "play(\"lead\")\n");
    first.evaluated(1);
    first.change(&script, 2, "play(\"unsaved\")\n");
    first.evaluated(2);

    let mut second = Editor::start(&place);
    second.open(&script, "play(\"lead\")\n");
    let heard = second.hear_until(|message| message["method"] == "window/showMessage");
    assert_eq!(
        heard.last().map(|message| &message["params"]["message"]),
        Some(&json!("Another editor plays unsaved text of song.lua; yours plays from your first edit."))
    );
    let plays = |name: &'static str| {
        move |message: &Value| {
            message["method"] == "lilt/status" && message["params"]["slots"][0]["name"] == name
        }
    };
    second.hear_until(plays("unsaved"));
    second.change(&script, 2, "play(\"mine\")\n");
    second.hear_until(plays("mine"));
    let heard = first.hear_until(|message| message["method"] == "window/showMessage");
    assert_eq!(
        heard.last().map(|message| &message["params"]["message"]),
        Some(&json!("Another editor plays unsaved text of song.lua; yours plays from your next edit."))
    );
    first.goodbye();
    second.goodbye();
    stop(&place, &place.script);
}

#[test]
fn a_script_saved_under_another_name_has_one_host() {
    let place = Place::new();
    let other: PathBuf = place.temp.path().join("my new song.lua");
    fs::write(&other, "play(\"lead\")\n").expect("a script");
    let mut editor = Editor::start(&place);
    editor.open(&uri(&place.script), "play(\"lead\")\n");
    editor.evaluated(1);
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": uri(&place.script) } }));
    // Not escaped, as some editors send it.
    editor.open(&uri(&other), "play(\"lead\")\n");
    editor.hear_until(|message| message["method"] == "lilt/status" && message["params"]["generation"] == 1);
    let patience = Instant::now() + PATIENCE;
    while launcher(&place).find(&place.script).expect("the path works").is_some() {
        assert!(Instant::now() < patience, "the host of the old name plays on");
        thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(launcher(&place).find(&other).expect("the path works").is_some());
    editor.goodbye();
    assert!(launcher(&place).find(&other).expect("the path works").is_some(), "it outlives its editor");
    stop(&place, &other);
}
