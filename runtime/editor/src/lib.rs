//! The editor's side of Lilt: the language server (`lilt lsp`), the host that plays a script, and the socket
//! between the two.
#![warn(missing_docs)]

mod backoff;
mod completion;
mod cursor;
mod debounce;
mod definition;
mod directory;
mod document;
mod edits;
mod host_connection;
mod host_listener;
mod hover;
mod launcher;
mod lines;
mod outbox;
mod position;
pub mod protocol;
mod server;
mod socket;
mod throttle;
mod tokens;
mod uri;
mod vocabulary;

pub use debounce::{Debounce, QUIET};
pub use directory::{SocketDirectories, SocketError, canonical_script, host_name};
pub use host_connection::HostConnection;
pub use launcher::{DetachedHost, HostLauncher, LaunchError};
pub use server::{EditorError, STATUS_METHOD, StatusParams, serve, serve_stdio};
pub use socket::{ClientId, HostEvent, HostSocket, Recipient, connect};
pub use throttle::{STATUS_INTERVAL, StatusThrottle};
pub use vocabulary::{DocEntry, WordKind};
