//! OSC, the protocol by which programs of music talk: a [`OscListener`] hears values that other programs and phones
//! send, a [`OscSender`] sends messages with their moment.

mod listener;
mod outgoing;
mod sender;

pub use listener::OscListener;
pub use outgoing::{Argument, Outgoing};
pub use sender::{OscReport, OscSender};

/// What can go wrong with OSC.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OscError {
    /// The port to listen at cannot be had.
    #[error(
        "port {port} cannot be listened to ({reason}): another program has it, most often; choose one by `--osc-port`"
    )]
    Port {
        /// Which.
        port: u16,
        /// What the system said.
        reason: String,
    },
    /// The system gives no thread, or no socket to send from.
    #[error("OSC is not available here: {0}")]
    Unavailable(String),
    /// No machine has this name.
    #[error("no machine is called \"{0}\": what goes there by OSC is not sent")]
    NoHost(String),
    /// The system refuses to send.
    #[error("OSC to {to} is not sent: {reason}")]
    Refused {
        /// Where to.
        to: String,
        /// What the system said.
        reason: String,
    },
}

/// Does some work, and says where and why it panicked where it did.
pub type Guard = fn(&mut dyn FnMut()) -> Result<(), String>;
