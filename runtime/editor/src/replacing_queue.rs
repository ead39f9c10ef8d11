//! What waits between two threads where something newer takes the place of what it makes void: the shape of the
//! mailbox and of both outboxes, which say what replaces what, and what has no room.

use std::collections::vec_deque::{self, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A queue with many senders and one reader.
#[derive(Debug)]
pub struct ReplacingQueue<T> {
    waiting: Mutex<Waiting<T>>,
    /// Something came, something was taken, or the queue closed.
    moved: Condvar,
}

/// What waits, the oldest first.
#[derive(Debug)]
pub struct Waiting<T> {
    items: VecDeque<T>,
    /// Items that were left out and not told of yet.
    left_out: usize,
    closed: bool,
}

/// What the reader gets.
#[derive(Debug, PartialEq)]
pub enum Taken<T> {
    /// Before what comes next, so many were left out.
    LeftOut(usize),
    /// What waited longest.
    Item(T),
}

impl<T> Waiting<T> {
    /// The items, the oldest first.
    pub fn iter(&self) -> vec_deque::Iter<'_, T> {
        self.items.iter()
    }

    /// Puts an item at the end, so that of two senders' texts the one that came last wins; what it replaces goes.
    pub fn put(&mut self, item: T, replaced: Option<usize>) {
        if let Some(at) = replaced {
            self.items.remove(at);
        }
        self.items.push_back(item);
    }

    /// Takes out an item that nobody need be told of.
    pub fn forget(&mut self, at: usize) {
        self.items.remove(at);
    }

    /// Takes out an item for which there is no room, and counts it.
    pub fn leave_out(&mut self, at: usize) {
        self.left_out += usize::from(self.items.remove(at).is_some());
    }
}

impl<T> Default for ReplacingQueue<T> {
    fn default() -> ReplacingQueue<T> {
        let waiting = Waiting { items: VecDeque::new(), left_out: 0, closed: false };
        ReplacingQueue { waiting: Mutex::new(waiting), moved: Condvar::new() }
    }
}

impl<T> ReplacingQueue<T> {
    /// Lets `put` put something in, at once. False when the queue is closed: nobody will read it.
    pub fn post(&self, put: impl FnOnce(&mut Waiting<T>)) -> bool {
        self.post_when(|_| true, put)
    }

    /// Lets `put` put something in as soon as there `is_room`. False when the queue is closed: nobody will read it.
    pub fn post_when(
        &self,
        is_room: impl Fn(&Waiting<T>) -> bool,
        put: impl FnOnce(&mut Waiting<T>),
    ) -> bool {
        let mut waiting = self.lock();
        while !waiting.closed && !is_room(&waiting) {
            waiting = self.moved.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if waiting.closed {
            return false;
        }
        put(&mut waiting);
        self.moved.notify_all();
        true
    }

    /// Waits for what comes next; nothing once the queue is closed and empty.
    pub fn next(&self) -> Option<Taken<T>> {
        let mut waiting = self.lock();
        loop {
            let left_out = std::mem::take(&mut waiting.left_out);
            if left_out > 0 {
                return Some(Taken::LeftOut(left_out));
            }
            if let Some(item) = waiting.items.pop_front() {
                self.moved.notify_all();
                return Some(Taken::Item(item));
            }
            if waiting.closed {
                return None;
            }
            waiting = self.moved.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Nothing more is taken; what waits is still given out.
    pub fn close(&self) {
        self.lock().closed = true;
        self.moved.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        // It is whole after each statement, so a panic elsewhere leaves nothing half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_replaces_goes_to_the_end_and_what_is_left_out_is_told_first() {
        let queue = ReplacingQueue::default();
        for letter in ['a', 'b', 'c'] {
            assert!(queue.post(|waiting| waiting.put(letter, None)));
        }
        assert!(queue.post(|waiting| waiting.put('A', Some(0))));
        assert!(queue.post(|waiting| waiting.leave_out(0)));
        assert!(queue.post(|waiting| waiting.leave_out(7)));
        queue.close();
        assert!(!queue.post(|waiting| waiting.put('d', None)));
        let read: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
        assert_eq!(read, [Taken::LeftOut(1), Taken::Item('c'), Taken::Item('A')]);
    }
}
