//! Notes to other instruments and from them: MIDI ports, a sender that keeps time, and a listener.
//!
//! [`MidiSender`] owns two threads. One sends what is due and waits for nobody; the
//! other opens ports, watches them, and opens them again when they were lost. No note
//! is left sounding: a [`NoteLedger`] knows what sounds where, and everything is
//! released on panic, on overflow, when a port goes and when the sender is dropped.

mod emitter;
mod gestures;
mod ledger;
mod listener;
mod message;
mod outbox;
mod ports;
mod priority;
mod schedule;
mod sender;
mod sink;
mod watch;

pub use gestures::gesture;
pub use ledger::{NoteLedger, Origin};
pub use listener::{Heard, Listener, Tell};
pub use message::{Channel, Encoded, Message};
pub use outbox::{Outbox, SteppedOutbox};
pub use ports::{MidiError, MidiOut, OpenedAs, input_ports, ports};
pub use priority::{Priority, raise};
pub use sender::{Guard, MidiSender, PortId, Report, Scheduled};
pub use sink::{MemorySink, Sent, Sink};
