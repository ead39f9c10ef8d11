//! Commands waiting for their frame: a heap of fixed capacity.
//!
//! The first frame goes first. The commands of one frame go by slot, and those of one slot in the
//! order of arrival. By slot, because what was sent for a slot can be taken back and sent again,
//! and then arrives last: were arrival to decide between slots, an edit of the bass would let the
//! drums start before it where they had started after it, another voice would be stolen, and the
//! drums would sound different for it.
//!
//! A hush concerns all slots, so it divides arrival itself: at its frame it comes after whatever
//! had arrived before it, and before whatever arrives after it. Tempos concern no slot; they have a
//! place of their own behind the slots, in the order of arrival.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::command::{Command, CommandKind};

/// Behind every slot, which are 16 bits wide.
const TEMPOS: u32 = 1 << 16;
/// Behind the tempos.
const HUSHES: u32 = TEMPOS + 1;

struct Waiting {
    /// Hushes that had arrived before.
    hushes: u64,
    serial: u64,
    command: Command,
}

impl Waiting {
    fn key(&self) -> (u64, u64, u32, u64) {
        let place = match self.command.kind {
            CommandKind::Hush => HUSHES,
            CommandKind::Tempo { .. } => TEMPOS,
            _ => u32::from(self.command.slot),
        };
        (self.command.frame, self.hushes, place, self.serial)
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
    hushes: u64,
    /// How many hushes had arrived before the one that was taken out last.
    hushed: u64,
}

impl CommandQueue {
    pub(crate) fn new(capacity: usize) -> Self {
        CommandQueue { heap: BinaryHeap::with_capacity(capacity), capacity, serial: 0, hushes: 0, hushed: 0 }
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
        self.heap.push(Reverse(Waiting { hushes: self.hushes, serial: self.serial, command }));
        if matches!(command.kind, CommandKind::Hush) {
            self.hushes += 1;
        }
        true
    }

    /// Forgets every note that has not begun and had arrived before the hush that was taken out last: what
    /// came after it is new music. Works in place, without memory.
    pub(crate) fn forget_notes(&mut self) {
        let hushed = self.hushed;
        self.heap
            .retain(|Reverse(w)| w.hushes > hushed || !matches!(w.command.kind, CommandKind::NoteOn { .. }));
    }

    /// Forgets what waits for `slot` at `frame` or later. Like every retraction it looks at each
    /// command once and puts the heap in order again in place.
    pub(crate) fn retract(&mut self, slot: u16, frame: u64) {
        self.heap.retain(|Reverse(w)| match w.command.kind {
            CommandKind::Hush | CommandKind::Tempo { .. } | CommandKind::Reset => true,
            _ => w.command.slot != slot || w.command.frame < frame,
        });
    }

    /// Forgets the tempos that wait for `frame` or later.
    pub(crate) fn retract_tempos(&mut self, frame: u64) {
        self.heap.retain(|Reverse(w)| {
            !matches!(w.command.kind, CommandKind::Tempo { .. }) || w.command.frame < frame
        });
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
        let Reverse(first) = self.heap.pop()?;
        if matches!(first.command.kind, CommandKind::Hush) {
            self.hushed = first.hushes;
        }
        Some(first.command)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn off(frame: u64, id: u64) -> Command {
        Command { frame, slot: 0, kind: CommandKind::NoteOff { id } }
    }

    fn all(queue: &mut CommandQueue) -> Vec<Command> {
        std::iter::from_fn(|| queue.pop_due(u64::MAX)).collect()
    }

    #[test]
    fn a_hush_comes_where_it_came() {
        let mut queue = CommandQueue::new(8);
        let hush = Command { frame: 5, slot: 0, kind: CommandKind::Hush };
        let (before, after) = (Command { slot: 7, ..off(5, 0) }, Command { slot: 1, ..off(5, 1) });
        let tempo = |frame| Command { frame, slot: 0, kind: CommandKind::Tempo { bpm: 90.0 } };
        for command in [tempo(5), before, hush, after, off(6, 2), off(4, 3)] {
            assert!(queue.push(command));
        }
        assert_eq!(all(&mut queue), [off(4, 3), before, tempo(5), hush, after, off(6, 2)]);
    }

    #[test]
    fn a_hush_forgets_the_notes_that_came_before_it_alone() {
        let mut queue = CommandQueue::new(8);
        let voice = crate::VoiceKind::Drum(crate::DrumSound::BassDrum);
        let on = |frame, id| {
            let params = crate::Params::NONE;
            Command { frame, slot: 0, kind: CommandKind::NoteOn { id, voice, velocity: 1.0, params } }
        };
        let hush = Command { frame: 5, slot: 0, kind: CommandKind::Hush };
        for command in [on(9, 1), hush, on(5, 2), on(9, 3)] {
            assert!(queue.push(command));
        }
        assert_eq!(queue.pop_due(5), Some(hush));
        queue.forget_notes();
        assert_eq!(all(&mut queue), [on(5, 2), on(9, 3)]);
    }

    #[test]
    fn hushes_and_tempos_are_not_retracted_with_a_slot() {
        let mut queue = CommandQueue::new(8);
        let hush = Command { frame: 5, slot: 0, kind: CommandKind::Hush };
        let tempo = |frame| Command { frame, slot: 0, kind: CommandKind::Tempo { bpm: 90.0 } };
        for command in [hush, tempo(5), tempo(6), off(5, 1), off(6, 2)] {
            assert!(queue.push(command));
        }
        queue.retract(0, 5);
        queue.retract_tempos(6);
        assert_eq!(all(&mut queue), [hush, tempo(5)]);
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
        fn comes_out_by_frame_then_by_slot_then_by_arrival(
            places in proptest::collection::vec((0u64..8, 0u16..3), 0..64),
        ) {
            let mut queue = CommandQueue::new(64);
            let mut expected = Vec::new();
            for (id, (frame, slot)) in places.into_iter().enumerate() {
                let command = Command { slot, ..off(frame, id as u64) };
                prop_assert!(queue.push(command));
                expected.push(command);
            }
            expected.sort_by_key(|c| (c.frame, c.slot));
            prop_assert_eq!(all(&mut queue), expected);
        }

        /// Taking back the tail of a slot leaves the rest, in its order, and gives the room back.
        #[test]
        fn a_retraction_takes_the_tail_of_one_slot(
            places in proptest::collection::vec((0u64..8, 0u16..3, any::<bool>()), 0..64),
            from in 0u64..9, of in 0u16..3,
        ) {
            let mut queue = CommandQueue::new(64);
            let mut expected = Vec::new();
            for (id, (frame, slot, tempo)) in places.iter().enumerate() {
                let kind = if *tempo { CommandKind::Tempo { bpm: id as f32 } } else { off(0, id as u64).kind };
                let command = Command { frame: *frame, slot: *slot, kind };
                prop_assert!(queue.push(command));
                if *tempo || *slot != of || *frame < from {
                    expected.push(command);
                }
            }
            let place = |c: &Command| match c.kind {
                CommandKind::Tempo { .. } => TEMPOS,
                _ => u32::from(c.slot),
            };
            expected.sort_by_key(|c| (c.frame, place(c)));
            queue.retract(of, from);
            prop_assert_eq!(queue.heap.len(), expected.len());
            prop_assert_eq!(all(&mut queue), expected);
        }
    }
}
