//! What waits to be written to one client: bounded, and never a reason for the host to wait.

use std::sync::Arc;

use crate::bound::size;
use crate::protocol::HostMessage;
use crate::replacing_queue::{ReplacingQueue, Taken, Waiting};

/// How many messages may wait. Ten keystrokes a second make ten of them.
pub const OUTBOX_LIMIT: usize = 256;
/// How much text may wait, in bytes: four of the longest messages.
const OUTBOX_BYTES: usize = 4 << 20;

/// The queue between the host and the thread that writes to one client.
///
/// Of the statuses and of the evaluations only the newest waits: they tell of the past otherwise. Of what is
/// printed and refused the oldest is left out when too much waits; how many messages that were is told in their
/// place. A client that does not read at all keeps its connection and costs this much memory.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: ReplacingQueue<Measured>,
}

/// A message, and the bytes that it takes.
type Measured = (Arc<HostMessage>, usize);

/// What there is one newest message of.
fn is_replaced_by(old: &HostMessage, new: &HostMessage) -> bool {
    use HostMessage::{Evaluated, Status, Text};
    match (old, new) {
        (Status(_), Status(_)) | (Text { .. }, Text { .. }) => true,
        // The same version may be evaluated twice; what was said of this client's own text stays beside what
        // was said of another.
        (Evaluated { version: old, .. }, Evaluated { version: new, .. }) => old.is_some() == new.is_some(),
        _ => false,
    }
}

fn may_be_left_out(message: &HostMessage) -> bool {
    use HostMessage::{Planned, Printed, Refused, Status};
    matches!(message, Printed { .. } | Refused { .. } | Status(_) | Planned { .. })
}

fn is_full(waiting: &Waiting<Measured>) -> bool {
    let bytes: usize = waiting.iter().map(|(_, bytes)| bytes).sum();
    let count = waiting.iter().len();
    count > OUTBOX_LIMIT || (count > 1 && bytes > OUTBOX_BYTES)
}

/// The place of the first message that fits.
fn first(waiting: &Waiting<Measured>, fits: impl Fn(&HostMessage) -> bool) -> Option<usize> {
    waiting.iter().position(|(message, _)| fits(message))
}

impl Outbox {
    /// Takes a message without waiting for the client; a closed outbox takes none.
    pub fn post(&self, message: Arc<HostMessage>) {
        // Closed: nobody reads it.
        let _taken = self.queue.post(|waiting| {
            let replaced = first(waiting, |old| is_replaced_by(old, &message));
            let bytes = size(&message);
            waiting.put((message, bytes), replaced);
            while is_full(waiting) {
                // A status is replaced by the next one within a tenth of a second, and what was planned is past by
                // then: they go first.
                let moving = |message: &HostMessage| {
                    matches!(message, HostMessage::Status(_) | HostMessage::Planned { .. })
                };
                let status = first(waiting, moving);
                let Some(at) = status.or_else(|| first(waiting, may_be_left_out)) else { break };
                waiting.leave_out(at);
            }
        });
    }

    /// Waits for the next message; nothing once the outbox is closed and empty.
    pub fn next(&self) -> Option<Arc<HostMessage>> {
        match self.queue.next()? {
            Taken::Item((message, _)) => Some(message),
            Taken::LeftOut(count) => {
                let line = format!("… {count} messages were left out: this editor did not read them");
                Some(Arc::new(HostMessage::Printed { lines: vec![line] }))
            }
        }
    }

    /// No more messages are taken; those that wait are still given out.
    pub fn close(&self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bound::LONGEST_TEXT;
    use crate::protocol::Status;

    fn printed(text: &str) -> Arc<HostMessage> {
        Arc::new(HostMessage::Printed { lines: vec![text.to_string()] })
    }

    fn status(generation: u64) -> Arc<HostMessage> {
        Arc::new(HostMessage::Status(Status { generation, ..Status::default() }.into()))
    }

    fn evaluated(version: Option<i32>) -> Arc<HostMessage> {
        Arc::new(HostMessage::Evaluated { version, diagnostics: vec![], micros: 1 })
    }

    fn refused() -> Arc<HostMessage> {
        Arc::new(HostMessage::Refused { message: "no".into() })
    }

    fn goodbye() -> Arc<HostMessage> {
        Arc::new(HostMessage::Goodbye { message: "bye".into() })
    }

    fn left_out(number: usize) -> Arc<HostMessage> {
        printed(&format!("… {number} messages were left out: this editor did not read them"))
    }

    /// Everything that is given out.
    fn rest(outbox: &Outbox) -> Vec<Arc<HostMessage>> {
        outbox.close();
        std::iter::from_fn(|| outbox.next()).collect()
    }

    #[test]
    fn only_the_newest_status_and_evaluation_wait() {
        let outbox = Outbox::default();
        for number in 0..10_000 {
            outbox.post(status(number));
            outbox.post(evaluated(Some(number as i32)));
            outbox.post(evaluated(None));
        }
        outbox.post(printed("1"));
        outbox.post(status(7));
        assert_eq!(rest(&outbox), [evaluated(Some(9_999)), evaluated(None), printed("1"), status(7)]);
    }

    #[test]
    fn a_client_that_never_reads_loses_statuses_first_then_the_oldest_and_is_told_how_many() {
        type Kind = fn() -> Arc<HostMessage>;
        for kind in [(|| printed("line")) as Kind, refused] {
            let outbox = Outbox::default();
            outbox.post(status(1));
            outbox.post(evaluated(Some(1)));
            for _ in 0..100_000 {
                outbox.post(kind());
            }
            outbox.post(goodbye());
            let rest = rest(&outbox);
            let kept = OUTBOX_LIMIT - 2;
            assert_eq!(rest[..2], [left_out(100_001 - kept), evaluated(Some(1))]);
            assert_eq!(rest[2..kept + 2], vec![kind(); kept]);
            assert_eq!(rest[kept + 2..], [goodbye()]);
        }
    }

    #[test]
    fn what_waits_is_bounded_in_bytes_too() {
        let outbox = Outbox::default();
        let long = printed(&"x".repeat(LONGEST_TEXT));
        for _ in 0..10_000 {
            outbox.post(long.clone());
        }
        let rest = rest(&outbox);
        let bytes: usize = rest.iter().map(|message| size(message)).sum();
        assert!((OUTBOX_BYTES / 2..=OUTBOX_BYTES + LONGEST_TEXT).contains(&bytes), "{bytes}");
    }

    #[test]
    fn nothing_is_taken_after_closing() {
        let outbox = Outbox::default();
        outbox.close();
        outbox.post(printed("1"));
        assert_eq!(outbox.next(), None);
    }
}
