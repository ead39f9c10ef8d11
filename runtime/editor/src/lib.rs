//! The editor's side of Lilt: the language server (`lilt lsp`), the host that plays a script, and the socket
//! between the two.
#![warn(missing_docs)]

mod address;
mod backoff;
mod bound;
mod clients;
mod completion;
mod cursor;
mod debounce;
mod definition;
mod directory;
mod document;
mod editor_outbox;
mod edits;
mod frames;
mod host_connection;
mod host_listener;
mod host_log;
mod hover;
mod launcher;
mod lines;
mod mailbox;
mod outbox;
mod params;
mod position;
pub mod protocol;
mod replacing_queue;
mod server;
mod socket;
mod stdio;
mod throttle;
mod tokens;
mod transport;
mod vocabulary;
mod web;

pub use address::Address;
pub use clients::{ClientId, Clients, HostEvent, Recipient};
pub use debounce::{Debounce, QUIET};
pub use directory::{SocketDirectories, SocketError, canonical_script, host_name};
pub use host_connection::{HostConnection, ToHost};
pub use host_log::HostLog;
pub use launcher::{DetachedHost, HostLauncher, LOG_VARIABLE, LaunchError};
pub use server::{EditorError, STATUS_METHOD, StatusParams, serve};
pub use socket::{HostSocket, connect};
pub use stdio::{serve_stdio, serve_streams};
pub use throttle::{STATUS_INTERVAL, StatusThrottle};
pub use transport::{HangUp, Incoming, Outgoing, Transport};
pub use vocabulary::{DocEntry, WordKind};
pub use web::{Lesson, Page, WEB_PORT, WebError, WebServer, Words, WordsBeside};
