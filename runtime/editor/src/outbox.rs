//! What waits to be written to one client: bounded, and never a reason for the host to wait.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::protocol::HostMessage;

/// How many messages beside the status may wait. Ten keystrokes a second make ten of them.
pub const OUTBOX_LIMIT: usize = 256;

/// The queue between the host and the thread that writes to one client.
///
/// Of the statuses only the newest waits. A client that leaves more than [`OUTBOX_LIMIT`] other messages
/// unread is closed: it would show the performer the past.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    filled: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Arc<HostMessage>>,
    closed: bool,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It will be written.
    Queued,
    /// The client is closed, or is closed now because it reads too slowly.
    Closed,
}

impl Outbox {
    /// Takes a message without waiting for the client.
    pub fn post(&self, message: Arc<HostMessage>) -> Posted {
        let mut queue = self.lock();
        if queue.closed {
            return Posted::Closed;
        }
        let is_status = |message: &Arc<HostMessage>| matches!(**message, HostMessage::Status(_));
        if is_status(&message) {
            queue.messages.retain(|waiting| !is_status(waiting));
        } else if queue.messages.iter().filter(|waiting| !is_status(waiting)).count() >= OUTBOX_LIMIT {
            queue.closed = true;
            queue.messages.clear();
            self.filled.notify_all();
            return Posted::Closed;
        }
        queue.messages.push_back(message);
        self.filled.notify_all();
        Posted::Queued
    }

    /// Waits for the next message; nothing once the outbox is closed and empty.
    pub fn next(&self) -> Option<Arc<HostMessage>> {
        let mut queue = self.lock();
        loop {
            if let Some(message) = queue.messages.pop_front() {
                return Some(message);
            }
            if queue.closed {
                return None;
            }
            queue = self.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// No more messages are taken; those that wait are still given out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        // The queue is whole after each statement, so a panic elsewhere leaves nothing half done.
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Status;

    fn printed(number: usize) -> Arc<HostMessage> {
        Arc::new(HostMessage::Printed { lines: vec![number.to_string()] })
    }

    fn status(generation: u64) -> Arc<HostMessage> {
        Arc::new(HostMessage::Status(Status { generation, ..Status::default() }.into()))
    }

    #[test]
    fn only_the_newest_status_waits() {
        let outbox = Outbox::default();
        for generation in 0..10_000 {
            assert_eq!(outbox.post(status(generation)), Posted::Queued);
        }
        assert_eq!(outbox.post(printed(1)), Posted::Queued);
        assert_eq!(outbox.post(status(7)), Posted::Queued);
        outbox.close();
        assert_eq!(outbox.next(), Some(printed(1)));
        assert_eq!(outbox.next(), Some(status(7)));
        assert_eq!(outbox.next(), None);
    }

    #[test]
    fn a_client_that_never_reads_is_closed() {
        let outbox = Outbox::default();
        for number in 0..OUTBOX_LIMIT {
            assert_eq!(outbox.post(printed(number)), Posted::Queued);
        }
        assert_eq!(outbox.post(status(1)), Posted::Queued);
        assert_eq!(outbox.post(printed(OUTBOX_LIMIT)), Posted::Closed);
        assert_eq!(outbox.post(status(2)), Posted::Closed);
        assert_eq!(outbox.next(), None);
    }

    #[test]
    fn nothing_is_taken_after_closing() {
        let outbox = Outbox::default();
        outbox.close();
        assert_eq!(outbox.post(printed(1)), Posted::Closed);
        assert_eq!(outbox.next(), None);
    }
}
