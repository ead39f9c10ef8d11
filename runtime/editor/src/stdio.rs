//! The language server on two streams of bytes, usually standard input and output.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::bounded;
use lsp_server::{Connection, Message};
use serde_json::Value;

use crate::frames::{Frame, Frames, LONGEST_FRAME};
use crate::launcher::HostLauncher;
use crate::server::{EditorError, serve};
use crate::vocabulary::DocEntry;

/// How many messages of the editor may wait for the server.
const MOST_WAITING: usize = 16;
/// How long a server that ends waits for the editor to read its last words.
const FAREWELL: Duration = Duration::from_secs(2);

/// [`serve`] on standard input and output.
///
/// # Errors
/// As [`serve`], and [`EditorError::Stdio`] when a stream breaks.
pub fn serve_stdio(
    host: impl HostLauncher,
    docs: &[DocEntry],
    beside: impl Fn(&Path) -> Vec<DocEntry>,
) -> Result<(), EditorError> {
    serve_streams(io::stdin(), io::stdout(), host, docs, beside)
}

/// [`serve`] on any two streams. What is no message of the protocol is answered with the protocol's error, and
/// reading goes on at the next message.
///
/// # Errors
/// As [`serve_stdio`].
pub fn serve_streams(
    from: impl Read + Send + 'static,
    to: impl Write + Send + 'static,
    host: impl HostLauncher,
    docs: &[DocEntry],
    beside: impl Fn(&Path) -> Vec<DocEntry>,
) -> Result<(), EditorError> {
    let to = Arc::new(Mutex::new(to));
    let (heard, receiver) = bounded(MOST_WAITING);
    let (sender, said) = bounded::<Message>(MOST_WAITING);
    let answers = to.clone();
    thread::Builder::new()
        .name("lilt editor reader".into())
        .spawn(move || {
            let mut frames = Frames::new(from, LONGEST_FRAME);
            // A stream that breaks is an editor that left.
            while let Ok(Some(frame)) = frames.next() {
                let went_on = match frame {
                    Frame::Message(message) => heard.send(message).is_ok(),
                    Frame::Wrong(answer) => write_frame(&answers, &answer).is_ok(),
                };
                if !went_on {
                    break;
                }
            }
        })
        .map_err(EditorError::Thread)?;
    let writing = thread::Builder::new()
        .name("lilt editor writer".into())
        .spawn(move || said.iter().try_for_each(|message| write_message(&to, &message)))
        .map_err(EditorError::Thread)?;
    let served = serve(Connection { sender, receiver }, host, docs, beside);
    let deadline = Instant::now() + FAREWELL;
    while !writing.is_finished() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(5));
    }
    served?;
    match writing.is_finished().then(|| writing.join()) {
        Some(Ok(written)) => written.map_err(EditorError::Stdio),
        // It does not read any more, or what went wrong was printed when it happened.
        Some(Err(_)) | None => Ok(()),
    }
}

fn write_message(to: &Mutex<impl Write>, message: &Message) -> io::Result<()> {
    write_frame(to, &json_rpc(message)?)
}

/// A message as it is written.
pub(crate) fn json_rpc(message: &Message) -> serde_json::Result<Value> {
    let mut value = serde_json::to_value(message)?;
    if let Value::Object(fields) = &mut value {
        fields.insert("jsonrpc".to_string(), "2.0".into());
    }
    Ok(value)
}

/// Writes one whole message; a lock keeps two writers apart.
fn write_frame(to: &Mutex<impl Write>, value: &Value) -> io::Result<()> {
    let text = value.to_string();
    let mut to = to.lock().unwrap_or_else(PoisonError::into_inner);
    write!(to, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    to.flush()
}
