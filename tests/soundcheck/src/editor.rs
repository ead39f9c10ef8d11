//! An editor that is attached to the host's socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use lilt_editor::connect;
use lilt_editor::protocol::{ClientMessage, PROTOCOL, to_line};
use serde_json::Value;

use crate::host::Host;

/// What the host has told lately.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The newest status, as JSON, so that fields of newer hosts are seen too.
    pub status: Value,
    /// Diagnostics of the newest texts, not yet taken.
    pub diagnostics: Vec<String>,
}

/// A connection.
pub struct Editor {
    stream: UnixStream,
    version: i32,
    told: Arc<Mutex<Told>>,
}

impl Editor {
    /// Attaches to a host.
    ///
    /// # Errors
    /// When the host has no socket, or no thread is to be had.
    pub fn attach(host: &Host) -> Result<Editor> {
        let stream = connect(host.directories(), host.script())?.context("the host has no socket")?;
        let mut editor = Editor { stream: stream.try_clone()?, version: 0, told: Arc::default() };
        editor.send(&ClientMessage::Hello { protocol: PROTOCOL })?;
        let told = Arc::clone(&editor.told);
        thread::Builder::new().name("editor".into()).spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let Ok(message) = serde_json::from_str::<Value>(&line) else { continue };
                let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                match message["type"].as_str() {
                    Some("status") => told.status = message,
                    Some("evaluated") => {
                        let diagnostics = message["diagnostics"].as_array().into_iter().flatten();
                        told.diagnostics.extend(diagnostics.map(|one| one["message"].to_string()));
                    }
                    _ => {}
                }
            }
        })?;
        Ok(editor)
    }

    /// Types: sends the whole text.
    ///
    /// # Errors
    /// When the host has hung up.
    pub fn change(&mut self, text: &str) -> Result<()> {
        self.version += 1;
        self.send(&ClientMessage::Change { version: self.version, text: text.to_string() })
    }

    /// Plays what was typed without waiting for the typing to pause.
    ///
    /// # Errors
    /// When the host has hung up.
    pub fn commit(&mut self) -> Result<()> {
        self.send(&ClientMessage::Commit)
    }

    /// The newest status, and the diagnostics since the last call.
    pub fn told(&self) -> Told {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        Told { status: told.status.clone(), diagnostics: std::mem::take(&mut told.diagnostics) }
    }

    fn send(&mut self, message: &ClientMessage) -> Result<()> {
        Ok(self.stream.write_all(to_line(message)?.as_bytes())?)
    }
}
