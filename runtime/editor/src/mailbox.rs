//! What was sent and is not read yet: a quick typist's newest text replaces the ones nobody has read.

use crate::replacing_queue::{ReplacingQueue, Taken, Waiting};

/// How many letters of one sender may be unread before that sender has to wait.
const MOST_UNREAD: usize = 256;
/// How much text of one sender may be unread before that sender has to wait, in bytes: twice the longest line.
const MOST_BYTES: usize = 16 << 20;

/// What can lie in a mailbox.
pub trait Letter {
    /// Who sent it.
    fn sender(&self) -> u64;
    /// How many bytes of text it carries.
    fn bytes(&self) -> usize;
    /// Whether it says nothing any more once `newer`, the next letter of its sender, has come.
    fn is_replaced_by(&self, newer: &Self) -> bool;
}

/// A queue with many senders and one reader.
///
/// A letter replaces the last unread one of its sender where that says nothing any more; what replaces takes its
/// place at the end, so that of two senders' texts the one that came last wins. All others are kept in order. A
/// sender with too much unread waits, and nobody else does.
#[derive(Debug)]
pub struct Mailbox<L> {
    queue: ReplacingQueue<L>,
}

/// Whether a sender has to wait. Two letters always have room.
fn is_full_for<L: Letter>(unread: &Waiting<L>, sender: u64) -> bool {
    let unread = unread.iter().filter(|letter| letter.sender() == sender);
    let (count, bytes) = unread.fold((0, 0), |(count, bytes), letter| (count + 1, bytes + letter.bytes()));
    count >= MOST_UNREAD || (count > 1 && bytes >= MOST_BYTES)
}

/// Puts a letter at the end; what it replaces goes.
fn put<L: Letter>(unread: &mut Waiting<L>, letter: L) {
    let sender = letter.sender();
    let last = unread.iter().enumerate().rev().find(|(_, other)| other.sender() == sender);
    let replaced = last.filter(|(_, last)| last.is_replaced_by(&letter)).map(|(at, _)| at);
    unread.put(letter, replaced);
}

impl<L> Default for Mailbox<L> {
    fn default() -> Mailbox<L> {
        Mailbox { queue: ReplacingQueue::default() }
    }
}

impl<L: Letter> Mailbox<L> {
    /// Puts a letter in; waits while too much of its sender is unread. False when nobody will read it.
    pub fn post(&self, letter: L) -> bool {
        let sender = letter.sender();
        self.queue.post_when(|unread| !is_full_for(unread, sender), |unread| put(unread, letter))
    }

    /// Puts a letter in at once; where too much is unread, the oldest goes. False when nobody will read it.
    pub fn post_at_once(&self, letter: L) -> bool {
        let sender = letter.sender();
        self.queue.post(|unread| {
            while is_full_for(unread, sender)
                && let Some(oldest) = unread.iter().position(|other| other.sender() == sender)
            {
                unread.forget(oldest);
            }
            put(unread, letter);
        })
    }

    /// Waits for the next letter; nothing once the mailbox is closed and empty.
    pub fn next(&self) -> Option<L> {
        loop {
            if let Taken::Item(letter) = self.queue.next()? {
                return Some(letter);
            }
        }
    }

    /// No more letters are taken; those that are unread can still be read.
    pub fn close(&self) {
        self.queue.close();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    /// A text when it carries bytes, a command otherwise.
    #[derive(Debug, Clone, PartialEq)]
    struct Note(u64, &'static str, usize);

    impl Letter for Note {
        fn sender(&self) -> u64 {
            self.0
        }

        fn bytes(&self) -> usize {
            self.2
        }

        fn is_replaced_by(&self, newer: &Note) -> bool {
            self.2 > 0 && newer.2 > 0
        }
    }

    fn rest(mailbox: &Mailbox<Note>) -> Vec<Note> {
        mailbox.close();
        std::iter::from_fn(|| mailbox.next()).collect()
    }

    fn said(notes: &[Note]) -> Vec<&'static str> {
        notes.iter().map(|note| note.1).collect()
    }

    #[test]
    fn a_text_replaces_the_unread_one_before_it() {
        type Row = (&'static [(u64, &'static str, usize)], &'static [&'static str]);
        let table: [Row; 5] = [
            (&[(1, "a", 9), (1, "b", 9), (1, "c", 9)], &["c"]),
            (&[(1, "a", 9), (1, "commit", 0), (1, "b", 9), (1, "c", 9)], &["a", "commit", "c"]),
            (&[(1, "a", 9), (1, "hush", 0), (1, "hush", 0)], &["a", "hush", "hush"]),
            (&[(1, "a", 9), (2, "b", 9), (1, "c", 9)], &["b", "c"]),
            (&[(1, "a", 9), (2, "hush", 0), (1, "c", 9), (2, "b", 9)], &["hush", "c", "b"]),
        ];
        for (sent, read) in table {
            let mailbox = Mailbox::default();
            for (sender, text, bytes) in sent {
                assert!(mailbox.post(Note(*sender, text, *bytes)));
            }
            assert_eq!(said(&rest(&mailbox)), read);
        }
    }

    #[test]
    fn a_sender_with_too_much_unread_waits_and_no_other_does() {
        let mailbox = Arc::new(Mailbox::default());
        for _ in 0..MOST_UNREAD {
            assert!(mailbox.post(Note(1, "hush", 0)));
        }
        assert!(mailbox.post(Note(2, "other", 0)), "another sender has room");
        let waiting = thread::spawn({
            let mailbox = mailbox.clone();
            move || mailbox.post(Note(1, "last", 0))
        });
        let read: Vec<Note> = (0..MOST_UNREAD + 2).filter_map(|_| mailbox.next()).collect();
        assert!(waiting.join().expect("it does not panic"));
        let expected = [vec!["hush"; MOST_UNREAD], vec!["other", "last"]].concat();
        assert_eq!(said(&read), expected);
        mailbox.close();
        assert!(!mailbox.post(Note(1, "late", 0)));
        assert_eq!(mailbox.next(), None);
    }

    #[test]
    fn a_closed_mailbox_lets_a_waiting_sender_go() {
        let mailbox = Arc::new(Mailbox::default());
        for _ in 0..MOST_UNREAD {
            assert!(mailbox.post(Note(1, "hush", 0)));
        }
        let waiting = thread::spawn({
            let mailbox = mailbox.clone();
            move || mailbox.post(Note(1, "last", 0))
        });
        mailbox.close();
        assert!(!waiting.join().expect("it does not panic"));
    }

    #[test]
    fn what_is_posted_at_once_takes_the_place_of_the_oldest() {
        let mailbox = Mailbox::default();
        for _ in 0..1000 {
            assert!(mailbox.post_at_once(Note(1, "text", MOST_BYTES / 4)));
            assert!(mailbox.post_at_once(Note(1, "commit", 0)));
        }
        assert!(mailbox.post_at_once(Note(1, "newest", 9)));
        let left = rest(&mailbox);
        assert!(left.len() < 12, "{}", left.len());
        assert_eq!(left.last(), Some(&Note(1, "newest", 9)));
        assert!(!mailbox.post_at_once(Note(1, "late", 0)));
    }
}
