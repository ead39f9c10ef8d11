//! The language server: an editor on one side, the hosts of its open scripts on the other.
//!
//! One thread decides everything; each host has a thread that waits for it and passes on what it says.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crossbeam::channel::{Receiver, Sender, after, bounded, never, select};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::{self as notifications, Notification as _};
use lsp_types::request::{self as requests, Request as _};
use lsp_types::{
    CompletionOptions, CompletionParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, GotoDefinitionParams, HoverParams,
    HoverProviderCapability, LogMessageParams, MessageType, OneOf, PublishDiagnosticsParams, SaveOptions,
    ServerCapabilities, ShowMessageParams, TextDocumentPositionParams, TextDocumentSyncCapability,
    TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use thiserror::Error;

use crate::completion::{TRIGGERS, completion};
use crate::definition::{Definition, definition};
use crate::document::{Document, Link};
use crate::edits::edited;
use crate::host_listener::{News, What, listen, read_module};
use crate::hover::hover;
use crate::launcher::HostLauncher;
use crate::protocol::{ClientMessage, HostMessage, Status};
use crate::uri::{path_of, uri_of};
use crate::vocabulary::DocEntry;

/// The method of the notification that tells the editor what plays.
pub const STATUS_METHOD: &str = "lilt/status";
/// How many messages of all hosts may wait for the server.
const MOST_NEWS: usize = 1024;

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
    pub uri: Uri,
    /// Whether a host plays it. Without one there are no further fields.
    pub attached: bool,
    /// What plays.
    #[serde(flatten)]
    pub status: Option<Status>,
}

/// [`serve`] on standard input and output.
///
/// # Errors
/// As [`serve`], and [`EditorError::Stdio`] when a stream breaks.
pub fn serve_stdio(host: impl HostLauncher, docs: &[DocEntry]) -> Result<(), EditorError> {
    let (connection, threads) = Connection::stdio();
    serve(connection, host, docs)?;
    threads.join().map_err(EditorError::Stdio)
}

/// Speaks the language server protocol until the editor says `exit`. Every document that the editor opens is
/// played by a host of its own, which `host` finds or starts; hosts outlive this call.
///
/// # Errors
/// [`EditorError::Left`] when the editor ends without `shutdown` and `exit`.
pub fn serve(connection: Connection, host: impl HostLauncher, docs: &[DocEntry]) -> Result<(), EditorError> {
    let (news, heard) = bounded(MOST_NEWS);
    let server = Server {
        editor: connection.sender,
        launcher: Arc::new(host),
        news,
        docs,
        documents: BTreeMap::new(),
        attempts: 0,
        phase: Phase::New,
    };
    server.run(&connection.receiver, &heard)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    New,
    Running,
    ShutDown,
}

struct Server<'a> {
    editor: Sender<Message>,
    launcher: Arc<dyn HostLauncher>,
    news: Sender<News>,
    docs: &'a [DocEntry],
    documents: BTreeMap<Uri, Document>,
    attempts: u64,
    phase: Phase,
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
            let wait = self.documents.values().filter_map(|document| document.wait(now)).min();
            let timer = wait.map_or_else(never, after);
            select! {
                recv(editor) -> message => match message.map_err(|_| EditorError::Left)? {
                    Message::Request(request) => self.request(request)?,
                    Message::Notification(notification) => match self.notification(notification)? {
                        Next::Listen => {}
                        Next::Exit => return Ok(()),
                    },
                    // This server asks the editor nothing, so no answer is expected.
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

    /// Sends held statuses and tries again to reach hosts, where the time has come.
    fn do_what_is_due(&mut self, now: Instant) -> Result<(), EditorError> {
        let mut retries = Vec::new();
        let mut statuses = Vec::new();
        for (uri, document) in &mut self.documents {
            if matches!(&document.link, Link::Waiting(until) if *until <= now) {
                retries.push(uri.clone());
            }
            if let Some(status) = document.throttle.due(now) {
                statuses.push((uri.clone(), status));
            }
        }
        for uri in retries {
            self.connect(&uri)?;
        }
        for (uri, status) in statuses {
            self.send_status(uri, Some(status))?;
        }
        Ok(())
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
        let params: HoverParams = parsed(params)?;
        Ok(self.look(&params.text_document_position_params, |document, at| {
            json!(hover(&document.text, at.position, self.docs, document.throttle.latest()))
        }))
    }

    fn completion(&self, params: Value) -> Answer {
        let params: CompletionParams = parsed(params)?;
        Ok(self.look(&params.text_document_position, |document, at| {
            json!(completion(&document.text, at.position, self.docs, document.throttle.latest()))
        }))
    }

    fn definition(&self, params: Value) -> Answer {
        let params: GotoDefinitionParams = parsed(params)?;
        Ok(self.look(&params.text_document_position_params, |document, at| {
            match definition(&document.text, at.position, &document.path) {
                Some(Definition::Here(range)) => json!({ "uri": document.uri, "range": range }),
                Some(Definition::Module(path)) if path.is_file() => {
                    json!(
                        uri_of(&path).map(|uri| json!({ "uri": uri, "range": lsp_types::Range::default() }))
                    )
                }
                _ => Value::Null,
            }
        }))
    }

    /// Answers a question about a place in an open document; about any other the answer is `null`.
    fn look(
        &self,
        at: &TextDocumentPositionParams,
        answer: impl FnOnce(&Document, &TextDocumentPositionParams) -> Value,
    ) -> Value {
        self.documents.get(&at.text_document.uri).map_or(Value::Null, |document| answer(document, at))
    }

    /// One of Lilt's own commands, for one script or for all that are open.
    fn command(&mut self, params: Value, message: ClientMessage) -> Result<Answer, EditorError> {
        let target: CommandTarget = match params {
            Value::Null => CommandTarget::default(),
            params => match parsed(params) {
                Ok(target) => target,
                Err(error) => return Ok(Err(error)),
            },
        };
        let uri = target.uri.or(target.text_document.map(|document| document.uri));
        let meant: Vec<Uri> =
            self.documents.keys().filter(|key| uri.as_ref().is_none_or(|uri| uri == *key)).cloned().collect();
        let mut told = 0;
        for key in &meant {
            let reached = self.documents.get(key).is_some_and(|document| document.tell(message.clone()));
            told += usize::from(reached);
            if !reached && message == ClientMessage::Commit {
                self.connect_if_idle(key)?;
                told += 1;
            }
        }
        Ok(if told > 0 {
            Ok(Value::Null)
        } else if meant.is_empty() {
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

    fn opened(&mut self, params: DidOpenTextDocumentParams) -> Result<(), EditorError> {
        let item = params.text_document;
        let Some(path) = path_of(&item.uri) else {
            let message = format!("Lilt plays files: save {} first", item.uri.as_str());
            return self.show(MessageType::WARNING, message);
        };
        let document = Document::open(item.uri.clone(), path, item.text, item.version, 0);
        self.documents.insert(item.uri.clone(), document);
        self.connect(&item.uri)
    }

    fn changed(&mut self, params: DidChangeTextDocumentParams) {
        if let Some(document) = self.documents.get_mut(&params.text_document.uri) {
            let text = edited(std::mem::take(&mut document.text), params.content_changes);
            document.changed(params.text_document.version, text);
        }
    }

    fn saved(&mut self, params: DidSaveTextDocumentParams) -> Result<(), EditorError> {
        let uri = params.text_document.uri;
        let told = self.documents.get(&uri).is_some_and(|document| document.tell(ClientMessage::Commit));
        if told { Ok(()) } else { self.connect_if_idle(&uri) }
    }

    fn closed(&mut self, params: DidCloseTextDocumentParams) -> Result<(), EditorError> {
        let Some(mut document) = self.documents.remove(&params.text_document.uri) else { return Ok(()) };
        for marks in document.publish(&[], |_| None) {
            self.publish(PublishDiagnosticsParams { version: None, ..marks })?;
        }
        Ok(())
    }

    // The hosts.

    /// Starts a thread that finds the host of a document, or starts one, and listens to it.
    fn connect(&mut self, uri: &Uri) -> Result<(), EditorError> {
        self.attempts += 1;
        let Some(document) = self.documents.get_mut(uri) else { return Ok(()) };
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
    fn connect_if_idle(&mut self, uri: &Uri) -> Result<(), EditorError> {
        match self.documents.get(uri).map(|document| &document.link) {
            Some(Link::Waiting(_) | Link::Stopped) => self.connect(uri),
            Some(Link::Connecting | Link::Attached { .. }) | None => Ok(()),
        }
    }

    fn hear(&mut self, news: News) -> Result<(), EditorError> {
        let now = Instant::now();
        let Some(document) = self.documents.values_mut().find(|document| document.attempt == news.attempt)
        else {
            // The document was closed, or has another connection by now.
            return Ok(());
        };
        let (uri, name) = (document.uri.clone(), document.name());
        match news.what {
            What::Attached(to_host) => {
                document.attached(to_host, now);
                self.log(MessageType::INFO, format!("attached to the host of {name}"))
            }
            What::Lost if matches!(document.link, Link::Stopped) => Ok(()),
            What::Lost => {
                let first = document.lost(now);
                self.send_status(uri, None)?;
                self.complain(first, format!("Lilt's host of {name} has ended; it is started again."))
            }
            What::Failed(error) => {
                let first = document.lost(now);
                self.send_status(uri, None)?;
                self.complain(first, format!("Lilt cannot play {name}: {error}. It tries again."))
            }
            What::Said(message) => self.hear_host(&uri, message, now),
        }
    }

    fn hear_host(&mut self, uri: &Uri, message: HostMessage, now: Instant) -> Result<(), EditorError> {
        let Some(document) = self.documents.get_mut(uri) else { return Ok(()) };
        match message {
            HostMessage::Welcome { .. } => Ok(()),
            HostMessage::Evaluated { version, diagnostics, .. } => {
                // What is wrong with another text than the one on the screen would mark the wrong places.
                if version != Some(document.version) {
                    return Ok(());
                }
                for marks in document.publish(&diagnostics, read_module) {
                    self.publish(marks)?;
                }
                Ok(())
            }
            HostMessage::Status(status) => match document.throttle.offer(*status, now) {
                Some(status) => self.send_status(uri.clone(), Some(status)),
                None => Ok(()),
            },
            HostMessage::Printed { lines } => self.log(MessageType::LOG, lines.join("\n")),
            HostMessage::Refused { message } => {
                let message = format!("Lilt's host of {}: {message}", document.name());
                self.show(MessageType::ERROR, message)
            }
            HostMessage::Goodbye { message } => {
                document.link = Link::Stopped;
                document.throttle = Default::default();
                let message = format!(
                    "Lilt's host of {} has stopped ({message}); saving starts it again.",
                    document.name()
                );
                self.send_status(uri.clone(), None)?;
                self.show(MessageType::INFO, message)
            }
        }
    }

    // What the editor is told.

    fn send_status(&self, uri: Uri, status: Option<Status>) -> Result<(), EditorError> {
        self.notify(STATUS_METHOD, StatusParams { uri, attached: status.is_some(), status })
    }

    fn publish(&self, marks: PublishDiagnosticsParams) -> Result<(), EditorError> {
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

    fn notify(&self, method: &str, params: impl Serialize) -> Result<(), EditorError> {
        self.send(Notification::new(method.to_string(), params).into())
    }

    fn send(&self, message: Message) -> Result<(), EditorError> {
        self.editor.send(message).map_err(|_| EditorError::Left)
    }
}

type Answer = Result<Value, (ErrorCode, String)>;

/// Whom a command is for: `{ "uri": … }` or `{ "textDocument": { "uri": … } }`; without either, all.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommandTarget {
    uri: Option<Uri>,
    text_document: Option<lsp_types::TextDocumentIdentifier>,
}

/// What one of Lilt's own methods tells the host.
fn command(method: &str) -> Option<ClientMessage> {
    Some(match method {
        "lilt/commit" => ClientMessage::Commit,
        "lilt/hush" => ClientMessage::Hush,
        "lilt/panic" => ClientMessage::Panic,
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
