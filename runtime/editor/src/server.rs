//! The language server: an editor on one side, the hosts of its open scripts on the other.
//!
//! One thread decides everything; each host has a thread that waits for it and passes on what it says.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, after, bounded, never, select};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self as notifications, Notification as _};
use lsp_types::request::{self as requests, Request as _};
use lsp_types::{
    CompletionOptions, HoverProviderCapability, LogMessageParams, MessageType, OneOf, SaveOptions,
    ServerCapabilities, ShowMessageParams, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions, TextEdit,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use crate::address::Address;
use crate::completion::{TRIGGERS, completion};
use crate::definition::{Definition, definition};
use crate::document::Document;
use crate::editor_outbox::EditorOutbox;
use crate::edits::edited;
use crate::host_listener::{News, pass_on};
use crate::hover::hover;
use crate::launcher::HostLauncher;
use crate::params::{About, At, CommandTarget, DidChange, DidOpen, Marks};
use crate::protocol::{ClientMessage, Status};
use crate::vocabulary::DocEntry;

mod hosts;

use hosts::Closed;

/// The method of the notification that tells the editor what plays.
pub const STATUS_METHOD: &str = "lilt/status";
/// How many messages of all hosts may wait for the server.
const MOST_NEWS: usize = 1024;
/// How long a server that ends waits for its last words to be taken.
const FAREWELL: Duration = Duration::from_secs(2);

/// Why the language server ended other than by `exit`.
#[derive(Debug, Error)]
pub enum EditorError {
    /// The editor closed the connection, or said `exit` without `shutdown`. The hosts play on.
    #[error("the editor left without saying goodbye")]
    Left,
    /// The system has no thread left.
    #[error("cannot start a thread for the host: {0}")]
    Thread(io::Error),
    /// Standard input or output broke.
    #[error("standard input or output broke: {0}")]
    Stdio(io::Error),
}

/// The parameters of [`STATUS_METHOD`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusParams {
    /// The script.
    pub uri: Address,
    /// Whether a host plays it. Without one there are no further fields.
    pub attached: bool,
    /// What plays.
    #[serde(flatten)]
    pub status: Option<Status>,
}

/// Speaks the language server protocol until the editor says `exit`. Every document that the editor opens is
/// played by a host of its own, which `host` finds or starts; hosts outlive this call.
///
/// `docs` are the words that every script knows, `beside` gives those that depend on where a script lies: modules
/// and models in its folder. An editor that does not read holds up nothing: what waits for it is bounded.
///
/// # Errors
/// [`EditorError::Left`] when the editor ends without `shutdown` and `exit`.
pub fn serve(
    connection: Connection,
    host: impl HostLauncher,
    docs: &[DocEntry],
    beside: impl Fn(&Path) -> Vec<DocEntry>,
) -> Result<(), EditorError> {
    let (news, heard) = bounded(MOST_NEWS);
    let outbox = Arc::new(EditorOutbox::default());
    let (waiting, sender) = (outbox.clone(), connection.sender);
    let writing = thread::Builder::new()
        .name("lilt editor outbox".into())
        .spawn(move || {
            while let Some(message) = waiting.next() {
                if sender.send(message).is_err() {
                    break;
                }
            }
            waiting.close();
        })
        .map_err(EditorError::Thread)?;
    let server = Server {
        editor: outbox.clone(),
        launcher: Arc::new(host),
        news,
        docs,
        beside: &beside,
        documents: BTreeMap::new(),
        closed: Vec::new(),
        left: BTreeSet::new(),
        attempts: 0,
        phase: Phase::New,
        asked: 0,
    };
    let served = server.run(&connection.receiver, &heard);
    outbox.close();
    let deadline = Instant::now() + FAREWELL;
    while !writing.is_finished() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(2));
    }
    served
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

struct Server<'a> {
    editor: Arc<EditorOutbox>,
    launcher: Arc<dyn HostLauncher>,
    news: Sender<News>,
    docs: &'a [DocEntry],
    beside: &'a dyn Fn(&Path) -> Vec<DocEntry>,
    /// The open scripts by their paths: one script has many addresses.
    documents: BTreeMap<PathBuf, Document>,
    /// Scripts that were closed a moment ago, whose hosts are still held.
    closed: Vec<Closed>,
    /// Scripts that were closed, whose hosts may play on without this server.
    left: BTreeSet<PathBuf>,
    attempts: u64,
    phase: Phase,
    /// How often the editor was asked for something.
    asked: i32,
}

/// Whether the conversation goes on.
enum Next {
    Listen,
    Exit,
}

impl Server<'_> {
    fn run(mut self, editor: &Receiver<Message>, heard: &Receiver<News>) -> Result<(), EditorError> {
        loop {
            let now = Instant::now();
            let documents = self.documents.values().filter_map(|document| document.wait(now));
            let closed = self.closed.iter().map(|closed| closed.until.saturating_duration_since(now));
            let wait = documents.chain(closed).min();
            let timer = wait.map_or_else(never, after);
            select! {
                recv(editor) -> message => match message.map_err(|_| EditorError::Left)? {
                    Message::Request(request) => self.request(request)?,
                    Message::Notification(notification) => match self.notification(notification)? {
                        Next::Listen => {}
                        Next::Exit => return Ok(()),
                    },
                    // Whether an edit was applied shows in the text.
                    Message::Response(_) => {}
                },
                recv(heard) -> news => if let Ok(news) = news {
                    self.hear(news)?;
                },
                recv(timer) -> _ => {}
            }
            self.do_what_is_due(Instant::now())?;
        }
    }

    // The editor's requests.

    fn request(&mut self, request: Request) -> Result<(), EditorError> {
        let id = request.id.clone();
        let answer = match (self.phase, request.method.as_str()) {
            (Phase::New, requests::Initialize::METHOD) => {
                self.phase = Phase::Running;
                Ok(capabilities())
            }
            (Phase::New, _) => Err((ErrorCode::ServerNotInitialized, "say initialize first".to_string())),
            (Phase::ShutDown, _) => Err((ErrorCode::InvalidRequest, "the server is shut down".to_string())),
            (Phase::Running, requests::Shutdown::METHOD) => {
                self.phase = Phase::ShutDown;
                // Dropping the connections detaches from the hosts, which play on.
                self.documents.clear();
                self.closed.clear();
                Ok(Value::Null)
            }
            (Phase::Running, requests::HoverRequest::METHOD) => self.hover(request.params),
            (Phase::Running, requests::Completion::METHOD) => self.completion(request.params),
            (Phase::Running, requests::GotoDefinition::METHOD) => self.definition(request.params),
            (Phase::Running, method) => match command(method) {
                Some(message) => self.command(request.params, message)?,
                None => Err((ErrorCode::MethodNotFound, format!("Lilt has no method {method}"))),
            },
        };
        self.answer(id, answer)
    }

    fn answer(&self, id: RequestId, answer: Answer) -> Result<(), EditorError> {
        let response = match answer {
            Ok(value) => Response::new_ok(id, value),
            Err((code, message)) => Response::new_err(id, code as i32, message),
        };
        self.send(response.into())
    }

    fn hover(&self, params: Value) -> Answer {
        self.look(params, |document, at| {
            json!(hover(&document.text, at.position, &self.words(document), document.throttle.latest()))
        })
    }

    fn completion(&self, params: Value) -> Answer {
        self.look(params, |document, at| {
            json!(completion(&document.text, at.position, &self.words(document), document.throttle.latest()))
        })
    }

    fn definition(&self, params: Value) -> Answer {
        self.look(params, |document, at| match definition(&document.text, at.position, &document.path) {
            Some(Definition::Here(range)) => json!({ "uri": document.uri, "range": range }),
            Some(Definition::Module(path)) if path.is_file() => {
                let start = lsp_types::Range::default();
                json!(Address::of(&path).map(|uri| json!({ "uri": uri, "range": start })))
            }
            _ => Value::Null,
        })
    }

    /// The words that a script knows where it lies.
    fn words(&self, document: &Document) -> Vec<DocEntry> {
        let mut words = (self.beside)(&document.path);
        words.extend_from_slice(self.docs);
        words
    }

    /// Answers a question about a place in an open document; about any other the answer is `null`.
    fn look(&self, params: Value, answer: impl FnOnce(&Document, &At) -> Value) -> Answer {
        let at: At = parsed(params)?;
        let document = at.text_document.uri.path().and_then(|path| self.documents.get(&path));
        Ok(document.map_or(Value::Null, |document| answer(document, &at)))
    }

    /// One of Lilt's own commands, for one script or for all that this server attached to.
    fn command(&mut self, params: Value, message: ClientMessage) -> Result<Answer, EditorError> {
        let target: CommandTarget = match params {
            Value::Null => CommandTarget::default(),
            params => match parsed(params) {
                Ok(target) => target,
                Err(error) => return Ok(Err(error)),
            },
        };
        let address = target.address();
        let path = address.as_ref().map(Address::path);
        let is_meant = |other: &Path| path.as_ref().is_none_or(|path| path.as_deref() == Some(other));
        let open: Vec<PathBuf> = self.documents.keys().filter(|path| is_meant(path)).cloned().collect();
        let (mut told, mut meant) = (0, open.len());
        for path in &open {
            let Some(document) = self.documents.get(path) else { continue };
            let reached = document.tell(message.clone());
            for old in &document.replaces {
                old.send(message.clone());
            }
            told += usize::from(reached);
            if !reached && message == ClientMessage::CommitNow {
                self.connect_if_idle(path)?;
                told += 1;
            }
        }
        // What a closed script plays can be ended, and no more.
        let ends = |message: &ClientMessage| {
            use ClientMessage::{Hush, Panic, Stop, StopRecording};
            matches!(message, Hush | Panic | Stop | StopRecording)
        };
        if ends(&message) {
            for closed in self.closed.iter().filter(|closed| is_meant(&closed.path)) {
                (told, meant) = (told + 1, meant + 1);
                closed.to_host.send(message.clone());
            }
            for path in self.left.iter().filter(|path| is_meant(path)) {
                (told, meant) = (told + 1, meant + 1);
                let (launcher, path, message) = (self.launcher.clone(), path.clone(), message.clone());
                thread::Builder::new()
                    .name("lilt host command".into())
                    .spawn(move || pass_on(&*launcher, &path, message))
                    .map_err(EditorError::Thread)?;
            }
        }
        Ok(if told > 0 {
            Ok(Value::Null)
        } else if meant == 0 {
            Err((ErrorCode::InvalidParams, "this script is not open".to_string()))
        } else {
            Err((ErrorCode::RequestFailed, "no host plays this script".to_string()))
        })
    }

    // The editor's notifications.

    fn notification(&mut self, notification: Notification) -> Result<Next, EditorError> {
        let Notification { method, params } = notification;
        let handled = match method.as_str() {
            notifications::Exit::METHOD => {
                return if self.phase == Phase::ShutDown { Ok(Next::Exit) } else { Err(EditorError::Left) };
            }
            _ if self.phase != Phase::Running => Ok(()),
            notifications::DidOpenTextDocument::METHOD => match parsed(params) {
                Ok(params) => Ok(self.opened(params)?),
                Err(error) => Err(error),
            },
            notifications::DidChangeTextDocument::METHOD => parsed(params).map(|params| self.changed(params)),
            notifications::DidSaveTextDocument::METHOD => match parsed(params) {
                Ok(params) => Ok(self.saved(params)?),
                Err(error) => Err(error),
            },
            notifications::DidCloseTextDocument::METHOD => match parsed(params) {
                Ok(params) => Ok(self.closed(params)?),
                Err(error) => Err(error),
            },
            method => match command(method) {
                Some(message) => self.command(params, message)?.map(|_| ()),
                // Editors send much that does not concern Lilt ($/setTrace, workspace changes).
                None => Ok(()),
            },
        };
        if let Err((_, message)) = handled {
            self.log(MessageType::WARNING, format!("{method}: {message}"))?;
        }
        Ok(Next::Listen)
    }

    fn opened(&mut self, params: DidOpen) -> Result<(), EditorError> {
        let item = params.text_document;
        let Some(path) = item.uri.path() else {
            let message = format!("Lilt plays files: save {} first", item.uri);
            return self.show(MessageType::WARNING, message);
        };
        let now = Instant::now();
        self.left.remove(&path);
        let document = Document::open(item.uri, path.clone(), item.text, item.version, 0, now);
        if let Some(document) = self.reopened(document, now) {
            self.documents.insert(path.clone(), document);
            return self.connect(&path);
        }
        Ok(())
    }

    fn changed(&mut self, params: DidChange) {
        let Some(path) = params.text_document.uri.path() else { return };
        if let Some(document) = self.documents.get_mut(&path) {
            let text = edited(std::mem::take(&mut document.text), params.content_changes);
            document.changed(params.text_document.version, text);
        }
    }

    fn saved(&mut self, params: About) -> Result<(), EditorError> {
        let Some(path) = params.text_document.uri.path() else { return Ok(()) };
        let told = self.documents.get(&path).is_some_and(|document| document.tell(ClientMessage::Commit));
        if told { Ok(()) } else { self.connect_if_idle(&path) }
    }

    fn closed(&mut self, params: About) -> Result<(), EditorError> {
        let path = params.text_document.uri.path();
        let Some(mut document) = path.and_then(|path| self.documents.remove(&path)) else { return Ok(()) };
        for marks in document.publish(&[], |_| None) {
            self.publish(Marks { version: None, ..marks })?;
        }
        self.park(document, Instant::now());
        Ok(())
    }

    // What the editor is told.

    fn send_status(&self, uri: Address, status: Option<Status>) -> Result<(), EditorError> {
        self.notify(STATUS_METHOD, StatusParams { uri, attached: status.is_some(), status })
    }

    fn publish(&self, marks: Marks) -> Result<(), EditorError> {
        self.notify(notifications::PublishDiagnostics::METHOD, marks)
    }

    /// The first failure of a row is shown, the others go to the log.
    fn complain(&self, first: bool, message: String) -> Result<(), EditorError> {
        if first { self.show(MessageType::WARNING, message) } else { self.log(MessageType::WARNING, message) }
    }

    fn show(&self, typ: MessageType, message: String) -> Result<(), EditorError> {
        self.notify(notifications::ShowMessage::METHOD, ShowMessageParams { typ, message })
    }

    fn log(&self, typ: MessageType, message: String) -> Result<(), EditorError> {
        self.notify(notifications::LogMessage::METHOD, LogMessageParams { typ, message })
    }

    /// Asks the editor to change a text. What it answers changes nothing here: the text that it then shows comes as any
    /// other change.
    fn apply_edit(&mut self, uri: &Address, edit: TextEdit) -> Result<(), EditorError> {
        self.asked += 1;
        let edit = json!({ "changes": { uri.to_string(): [edit] } });
        let (id, method) = (RequestId::from(self.asked), requests::ApplyWorkspaceEdit::METHOD.to_string());
        self.send(Request::new(id, method, json!({ "label": "learn", "edit": edit })).into())
    }

    fn notify(&self, method: &str, params: impl Serialize) -> Result<(), EditorError> {
        self.send(Notification::new(method.to_string(), params).into())
    }

    fn send(&self, message: Message) -> Result<(), EditorError> {
        self.editor.post(message).then_some(()).ok_or(EditorError::Left)
    }
}

type Answer = Result<Value, (ErrorCode, String)>;

/// What one of Lilt's own methods tells the host.
fn command(method: &str) -> Option<ClientMessage> {
    Some(match method {
        "lilt/commit" => ClientMessage::CommitNow,
        "lilt/hush" => ClientMessage::Hush,
        "lilt/panic" => ClientMessage::Panic,
        "lilt/clearState" => ClientMessage::ClearState,
        "lilt/like" => ClientMessage::Like,
        "lilt/nope" => ClientMessage::Nope,
        "lilt/undoTaste" => ClientMessage::UndoTaste,
        "lilt/forgetTaste" => ClientMessage::ForgetTaste,
        "lilt/record" => ClientMessage::Record,
        "lilt/stopRecording" => ClientMessage::StopRecording,
        "lilt/stop" => ClientMessage::Stop,
        _ => return None,
    })
}

fn parsed<T: DeserializeOwned>(params: Value) -> Result<T, (ErrorCode, String)> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

/// What the server can do, as the answer to `initialize`.
fn capabilities() -> Value {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        // VS Code holds back the changes of a server that wants whole texts for 250 ms.
        change: Some(TextDocumentSyncKind::INCREMENTAL),
        save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
        ..TextDocumentSyncOptions::default()
    };
    let capabilities = ServerCapabilities {
        text_document_sync: Some(TextDocumentSyncCapability::Options(sync)),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(TRIGGERS.map(String::from).to_vec()),
            ..CompletionOptions::default()
        }),
        ..ServerCapabilities::default()
    };
    json!({
        "capabilities": capabilities,
        "serverInfo": { "name": "lilt", "version": env!("CARGO_PKG_VERSION") },
    })
}
