//! A live host and an editor attached to it through the real language server.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Longest wait for an answer that must come; nothing is judged by how soon it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running `lilt live` on a silent clock, in a folder of its own.
pub struct Host {
    child: Child,
    folder: tempfile::TempDir,
    lines: Receiver<String>,
}

impl Host {
    /// Starts the host on a script that says `text`, and waits until it plays.
    pub fn start(text: &str) -> Host {
        let host = Host::start_with(text, |_| {});
        host.wait_for("generation 1");
        host
    }

    /// Starts the host on a script that says `text`, its command changed by `change`. Its events go to
    /// `played.jsonl` in the folder, unless something lies there already.
    pub fn start_with(text: &str, change: impl FnOnce(&mut Command)) -> Host {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("set.lua"), text).expect("written");
        let mut command = command(folder.path());
        change(&mut command);
        let (child, lines) = spawn(&mut command);
        Host { child, folder, lines }
    }

    /// Starts another process on the same script, in the place of one that has ended.
    pub fn start_again(&mut self) {
        (self.child, self.lines) = spawn(&mut command(self.folder()));
    }

    /// The command that plays the same script.
    pub fn another(&self) -> Command {
        command(self.folder())
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends the process a signal.
    pub fn signal(&self, signal: i32) {
        let id = i32::try_from(self.id()).expect("a process number");
        // SAFETY: the child has not been waited for, so the number is its own.
        assert_eq!(unsafe { libc::kill(id, signal) }, 0, "the host can be signalled");
    }

    /// Waits until the host has ended.
    pub fn wait_for_end(&mut self) {
        for _ in 0..PATIENCE.as_millis() / 20 {
            if !self.runs() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the host does not end");
    }

    /// Saves another text.
    pub fn save(&self, text: &str) {
        fs::write(self.script(), text).expect("written");
    }

    /// The script.
    pub fn script(&self) -> PathBuf {
        self.folder.path().join("set.lua")
    }

    /// The folder of the script, which is also where its socket lies.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Reads what the host says until a line holds `words`; returns every line read.
    pub fn wait_for(&self, words: &str) -> Vec<String> {
        let mut read = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("the host never said `{words}`, but {read:#?}"));
            let found = line.contains(words);
            read.push(line);
            if found {
                return read;
            }
        }
    }

    /// Every line that the host has said since the last look.
    pub fn said(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }

    /// True while the host runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a process can be asked").is_none()
    }

    /// What has been played so far.
    pub fn played(&self) -> Vec<Value> {
        // It is made while the host starts.
        let text = fs::read_to_string(self.folder.path().join("played.jsonl")).unwrap_or_default();
        // The last line may be half written.
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Waits until `count` more events have been played than before.
    pub fn wait_for_events(&self, count: usize) {
        let wanted = self.played().len() + count;
        for _ in 0..PATIENCE.as_millis() / 20 {
            if self.played().len() >= wanted {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("the music stopped: {} events, waited for {wanted}", self.played().len());
    }
}

/// The command that plays the script in `folder` without devices.
fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lilt"));
    command
        .args(["live", "--no-canvas", "--audio", "none", "--events"])
        .arg(folder.join("played.jsonl"))
        .arg(folder.join("set.lua"))
        .env("XDG_RUNTIME_DIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Starts a process, and reads what it says.
fn spawn(command: &mut Command) -> (Child, Receiver<String>) {
    let mut child = command.spawn().expect("lilt starts");
    let (sender, lines) = channel();
    if let Some(errors) = child.stderr.take() {
        thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
    }
    (child, lines)
}

impl Drop for Host {
    fn drop(&mut self) {
        // The process may have ended by itself, which `runs` tells the test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An editor that speaks the language server protocol to `lilt lsp`.
pub struct Editor {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    uri: String,
    version: i64,
}

impl Editor {
    /// Attaches an editor to the host, with `text` in its buffer.
    pub fn attach(host: &Host, text: &str) -> Editor {
        let mut child = Command::new(env!("CARGO_BIN_EXE_lilt"))
            .arg("lsp")
            .env("XDG_RUNTIME_DIR", host.folder())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("lilt starts");
        let input = child.stdin.take().expect("piped");
        let output = BufReader::new(child.stdout.take().expect("piped"));
        let (sender, messages) = channel();
        thread::spawn(move || read_messages(output, |message| sender.send(message).is_ok()));
        let uri = format!("file://{}", host.script().display());
        let mut editor = Editor { child, input, messages, uri, version: 1 };
        editor.send(json!({ "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
        editor.wait_for(|message| message["id"] == 1);
        editor.send(json!({ "method": "initialized", "params": {} }));
        let document =
            json!({ "uri": editor.uri, "languageId": "lua", "version": editor.version, "text": text });
        editor.send(json!({ "method": "textDocument/didOpen", "params": { "textDocument": document } }));
        editor.diagnostics();
        editor
    }

    /// Puts `text` into the buffer, and returns the diagnostics of just this text.
    pub fn change(&mut self, text: &str) -> Vec<Value> {
        self.type_unanswered(text);
        self.diagnostics()
    }

    /// Puts `text` into the buffer, and waits for no answer.
    pub fn type_unanswered(&mut self, text: &str) {
        self.version += 1;
        let document = json!({ "uri": self.uri, "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [{ "text": text }] });
        self.send(json!({ "method": "textDocument/didChange", "params": params }));
    }

    /// Lets the server carry out a command on the script, such as `lilt/hush`.
    pub fn command(&mut self, command: &str) {
        let params = json!({ "textDocument": { "uri": self.uri } });
        self.send(json!({ "id": command, "method": command, "params": params }));
        self.wait_for(|message| message["id"] == command);
    }

    /// Waits for a notification `lilt/status` that satisfies `wanted`.
    pub fn status(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let message =
            self.wait_for(|message| message["method"] == "lilt/status" && wanted(&message["params"]));
        message["params"].clone()
    }

    fn diagnostics(&mut self) -> Vec<Value> {
        let version = self.version;
        let message = self.wait_for(|message| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["version"] == version
        });
        message["params"]["diagnostics"].as_array().cloned().unwrap_or_default()
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = json!("2.0");
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("the server listens");
        self.input.flush().expect("the server listens");
    }

    fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.messages.recv_timeout(PATIENCE).expect("the server answers");
            if wanted(&message) {
                return message;
            }
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // Closing its input ends the server; the test is over either way.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads messages with their `Content-Length` headers until `take` says no or the
/// stream ends.
fn read_messages(mut stream: impl BufRead, take: impl Fn(Value) -> bool) {
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            match stream.read_line(&mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) if line.trim().is_empty() => break,
                Ok(_) => {
                    if let Some(number) = line.strip_prefix("Content-Length:") {
                        length = number.trim().parse().expect("a length is a number");
                    }
                }
            }
        }
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        if !take(serde_json::from_slice(&body).expect("the server sends JSON")) {
            return;
        }
    }
}
