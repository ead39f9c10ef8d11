//! Where bytes go: a port, or memory.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::MidiError;

/// Takes the bytes of one message at a time.
pub trait Sink: Send {
    /// Sends one message now.
    ///
    /// # Errors
    /// When the port is gone; nothing more can be sent through it.
    fn send(&mut self, bytes: &[u8]) -> Result<(), MidiError>;
}

/// A message, and when it was sent.
pub type Sent = (Instant, Vec<u8>);

/// Remembers what was sent and when; clones share one memory.
#[derive(Debug, Clone, Default)]
pub struct MemorySink {
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl MemorySink {
    /// Nothing was sent.
    pub fn new() -> MemorySink {
        MemorySink::default()
    }

    /// What was sent until now, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Sink for MemorySink {
    fn send(&mut self, bytes: &[u8]) -> Result<(), MidiError> {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.push((Instant::now(), bytes.to_vec()));
        Ok(())
    }
}
