//! Commands waiting for their frame: a heap of fixed capacity, first frame first and, within a
//! frame, in the order of arrival.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::command::{Command, CommandKind};

struct Waiting {
    serial: u64,
    command: Command,
}

impl Waiting {
    fn key(&self) -> (u64, u64) {
        (self.command.frame, self.serial)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// The waiting commands. Memory is taken once; a push never allocates.
pub(crate) struct CommandQueue {
    heap: BinaryHeap<Reverse<Waiting>>,
    capacity: usize,
    serial: u64,
}

impl CommandQueue {
    pub(crate) fn new(capacity: usize) -> Self {
        CommandQueue { heap: BinaryHeap::with_capacity(capacity), capacity, serial: 0 }
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Whether there was room.
    pub(crate) fn push(&mut self, command: Command) -> bool {
        if self.heap.len() == self.capacity {
            return false;
        }
        self.serial += 1;
        self.heap.push(Reverse(Waiting { serial: self.serial, command }));
        true
    }

    /// Forgets every note that has not begun. Works in place, without memory.
    pub(crate) fn forget_notes(&mut self) {
        self.heap.retain(|Reverse(w)| !matches!(w.command.kind, CommandKind::NoteOn { .. }));
    }

    /// Frame of the first command.
    pub(crate) fn next_frame(&self) -> Option<u64> {
        self.heap.peek().map(|Reverse(w)| w.command.frame)
    }

    /// Takes the first command if it is due at `frame` or before.
    pub(crate) fn pop_due(&mut self, frame: u64) -> Option<Command> {
        if self.next_frame()? > frame {
            return None;
        }
        self.heap.pop().map(|Reverse(w)| w.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn off(frame: u64, id: u64) -> Command {
        Command { frame, slot: 0, kind: CommandKind::NoteOff { id } }
    }

    #[test]
    fn refuses_what_it_has_no_room_for() {
        let mut queue = CommandQueue::new(2);
        assert!(queue.push(off(1, 0)));
        assert!(queue.push(off(0, 1)));
        assert!(!queue.push(off(0, 2)));
        assert_eq!(queue.pop_due(0), Some(off(0, 1)));
        assert_eq!(queue.pop_due(0), None);
        assert!(queue.push(off(0, 3)));
    }

    proptest! {
        #[test]
        fn comes_out_by_frame_then_by_arrival(frames in proptest::collection::vec(0u64..8, 0..64)) {
            let mut queue = CommandQueue::new(64);
            for (id, frame) in frames.iter().enumerate() {
                prop_assert!(queue.push(off(*frame, id as u64)));
            }
            let mut expected: Vec<Command> =
                frames.iter().enumerate().map(|(id, f)| off(*f, id as u64)).collect();
            expected.sort_by_key(|c| c.frame);
            let found: Vec<Command> = std::iter::from_fn(|| queue.pop_due(u64::MAX)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
