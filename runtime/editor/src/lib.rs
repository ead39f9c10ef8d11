//! The editor's side of Lilt: the language server (`lilt lsp`), the host that plays a script, and the socket
//! between the two.
#![warn(missing_docs)]

mod address;
mod backoff;
mod bound;
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
mod vocabulary;

pub use address::Address;
pub use debounce::{Debounce, QUIET};
pub use directory::{SocketDirectories, SocketError, canonical_script, host_name};
pub use host_connection::{HostConnection, ToHost};
pub use host_log::HostLog;
pub use launcher::{DetachedHost, HostLauncher, LOG_VARIABLE, LaunchError};
pub use server::{EditorError, STATUS_METHOD, StatusParams, serve};
pub use socket::{ClientId, HostEvent, HostSocket, Recipient, connect};
pub use stdio::{serve_stdio, serve_streams};
pub use throttle::{STATUS_INTERVAL, StatusThrottle};
pub use vocabulary::{DocEntry, WordKind};
