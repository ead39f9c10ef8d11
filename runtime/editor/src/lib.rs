//! The editor's side of Lilt: the language server (`lilt lsp`), the host that plays a script, and the socket
//! between the two.
#![warn(missing_docs)]

mod backoff;
mod debounce;
mod directory;
mod host_connection;
mod launcher;
mod lines;
mod outbox;
mod position;
pub mod protocol;
mod socket;
mod throttle;
mod tokens;
mod uri;

pub use debounce::{Debounce, QUIET};
pub use directory::{SocketDirectories, SocketError, canonical_script, host_name};
pub use host_connection::HostConnection;
pub use launcher::{DetachedHost, HostLauncher, LaunchError};
pub use socket::{ClientId, HostEvent, HostSocket, Recipient, connect};
pub use throttle::{STATUS_INTERVAL, StatusThrottle};
