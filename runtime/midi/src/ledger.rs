//! What sounds where, so that nothing is left sounding.

use std::collections::BTreeMap;
use std::time::Instant;

use crate::message::bend;
use crate::{Channel, Message, PortId};

/// Where a note comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Origin {
    /// The slot that plays it.
    pub slot: u16,
    /// The performance's time at which it begins or ends, in seconds.
    pub seconds: f64,
}

/// A note whose end has not come yet.
#[derive(Debug, Clone, Copy)]
struct Begun {
    origin: Origin,
    /// False for one that came too late to be sent: its end is not sent either.
    heard: bool,
    /// Taken back after it had been sent; it ends at this instant, unless it is meant all the same.
    doubted: Option<Instant>,
}

impl Begun {
    fn new(origin: Origin, heard: bool) -> Begun {
        Begun { origin, heard, doubted: None }
    }
}

/// Seconds by which the same note may differ between two plans: tempo is reckoned anew from another
/// anchor, which moves the last digits. Nobody hears a thousandth of a second.
const SAME_MOMENT: f64 = 0.001;

/// Keeps the notes that sound on each key, and decides what is really sent.
///
/// A key that is struck again while it sounds is first released, so that it is heard
/// anew; it then sounds until as many ends have come as beginnings. So the end of the
/// earlier note does not cut the later one. The ends that a slot sends end that slot's
/// own notes, the oldest first. A note that was taken back too late and is meant all the same
/// sounds on and is not struck again. Pure: it sends nothing itself.
#[derive(Debug, Clone, Default)]
pub struct NoteLedger {
    begun: BTreeMap<(PortId, Channel, u8), Vec<Begun>>,
    bends: BTreeMap<(PortId, Channel), u16>,
}

impl NoteLedger {
    /// Nothing sounds.
    pub fn new() -> NoteLedger {
        NoteLedger::default()
    }

    /// Number of keys that sound.
    pub fn sounding(&self) -> usize {
        self.begun.values().filter(|begun| sounds(begun)).count()
    }

    /// True when no end is awaited.
    pub fn is_empty(&self) -> bool {
        self.begun.is_empty()
    }

    /// What must be sent on `port` for `message`, in order, at most two messages. An
    /// end without a beginning of the same slot, and a bend to where the channel is bent
    /// already, need nothing.
    pub fn admit(
        &mut self,
        port: PortId,
        origin: Origin,
        message: Message,
    ) -> impl Iterator<Item = Message> + use<> {
        let mut send = [None, None];
        match message {
            Message::NoteOn { channel, key, .. } => {
                let begun = self.begun.entry((port, channel, key.min(127))).or_default();
                let same = |note: &&mut Begun| {
                    note.doubted.is_some()
                        && note.origin.slot == origin.slot
                        && (note.origin.seconds - origin.seconds).abs() < SAME_MOMENT
                };
                if let Some(note) = begun.iter_mut().find(same) {
                    *note = Begun { origin, doubted: None, ..*note };
                    return send.into_iter().flatten();
                }
                if sounds(begun) {
                    send[0] = Some(Message::NoteOff { channel, key });
                }
                begun.push(Begun::new(origin, true));
                send[1] = Some(message);
            }
            Message::NoteOff { channel, key } => {
                if self.end(port, origin.slot, channel, key.min(127)) {
                    send[0] = Some(message);
                }
            }
            Message::PitchBend { channel, semitones } => {
                // Nothing is bent before the first bend, whatever the last player left.
                let known = self.bends.insert((port, channel), bend(semitones));
                if known != Some(bend(semitones)) && (known.is_some() || bend(semitones) != bend(0.0)) {
                    send[0] = Some(message);
                }
            }
            Message::ControlChange { .. }
            | Message::ProgramChange { .. }
            | Message::Clock
            | Message::Start
            | Message::Stop => send[0] = Some(message),
        }
        send.into_iter().flatten()
    }

    /// A note is left out: the end that is still to come for it ends nothing else.
    pub fn leave_out(&mut self, port: PortId, origin: Origin, channel: Channel, key: u8) {
        let begun = self.begun.entry((port, channel, key.min(127))).or_default();
        begun.push(Begun::new(origin, false));
    }

    /// Ends the oldest note of a slot on a key; true when the key falls silent.
    fn end(&mut self, port: PortId, slot: u16, channel: Channel, key: u8) -> bool {
        let at = (port, channel, key);
        let Some(begun) = self.begun.get_mut(&at) else { return false };
        let Some(oldest) = begun.iter().position(|note| note.origin.slot == slot && note.doubted.is_none())
        else {
            return false;
        };
        let silent = begun.remove(oldest).heard && !sounds(begun);
        if begun.is_empty() {
            self.begun.remove(&at);
        }
        silent
    }

    /// The notes of `slot` that began at `from` (seconds) or later were taken back, and their ends with them.
    /// Those that are not admitted again before `until` are to be ended then.
    pub fn take_back(&mut self, slot: u16, from: f64, until: Instant) {
        for note in self.begun.values_mut().flatten() {
            if note.origin.slot == slot && note.origin.seconds >= from {
                note.doubted.get_or_insert(until);
            }
        }
    }

    /// When the next note that was taken back is to end.
    pub fn next_end(&self) -> Option<Instant> {
        self.begun.values().flatten().filter_map(|note| note.doubted).min()
    }

    /// The ends of notes that were taken back and not admitted again until now.
    pub fn end_doubted(&mut self, now: Instant) -> Vec<(PortId, Message)> {
        let mut ends = Vec::new();
        self.begun.retain(|(port, channel, key), begun| {
            let sounded = sounds(begun);
            begun.retain(|note| note.doubted.is_none_or(|until| until > now));
            if sounded && !sounds(begun) {
                ends.push((*port, Message::NoteOff { channel: *channel, key: *key }));
            }
            !begun.is_empty()
        });
        ends
    }

    /// The ends of everything that sounds; then nothing sounds.
    pub fn release(&mut self) -> Vec<(PortId, Message)> {
        let begun = std::mem::take(&mut self.begun);
        let heard = begun.into_iter().filter(|(_, begun)| sounds(begun));
        heard.map(|((port, channel, key), _)| (port, Message::NoteOff { channel, key })).collect()
    }

    /// A port is gone: nothing sounds there any more, and nothing can be sent there.
    pub fn forget(&mut self, port: PortId) {
        self.begun.retain(|(other, _, _), _| *other != port);
        self.bends.retain(|(other, _), _| *other != port);
    }
}

fn sounds(begun: &[Begun]) -> bool {
    begun.iter().any(|note| note.heard)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PORT: PortId = PortId(0);

    fn channel(number: u8) -> Channel {
        Channel::new(number).expect("a channel")
    }

    fn on(key: u8) -> Message {
        Message::NoteOn { channel: channel(1), key, velocity: 90 }
    }

    fn off(key: u8) -> Message {
        Message::NoteOff { channel: channel(1), key }
    }

    fn from(slot: u16, seconds: f64) -> Origin {
        Origin { slot, seconds }
    }

    fn bent(semitones: f64) -> Message {
        Message::PitchBend { channel: channel(1), semitones }
    }

    #[test]
    fn overlapping_notes_on_one_key() {
        let mut ledger = NoteLedger::new();
        for (given, sent) in [
            (on(60), vec![on(60)]),
            (on(60), vec![off(60), on(60)]),
            (off(60), vec![]),
            (off(60), vec![off(60)]),
            (off(60), vec![]),
            (on(61), vec![on(61)]),
            (off(61), vec![off(61)]),
        ] {
            assert_eq!(ledger.admit(PORT, from(0, 0.0), given).collect::<Vec<_>>(), sent, "{given:?}");
        }
        assert_eq!(ledger.sounding(), 0);
    }

    #[test]
    fn an_end_ends_a_note_of_its_own_slot() {
        let mut ledger = NoteLedger::new();
        let mut sent = |slot, message| ledger.admit(PORT, from(slot, 0.0), message).collect::<Vec<_>>();
        assert_eq!(sent(1, on(60)), [on(60)]);
        assert_eq!(sent(2, off(60)), []);
        assert_eq!(sent(2, on(60)), [off(60), on(60)]);
        assert_eq!(sent(2, off(60)), []);
        assert_eq!(sent(2, off(60)), []);
        assert_eq!(sent(1, off(60)), [off(60)]);
        assert!(ledger.is_empty());
    }

    #[test]
    fn the_end_of_a_note_that_was_left_out_ends_no_other() {
        let mut ledger = NoteLedger::new();
        assert_eq!(ledger.admit(PORT, from(1, 0.0), on(60)).collect::<Vec<_>>(), [on(60)]);
        ledger.leave_out(PORT, from(1, 1.0), channel(1), 60);
        ledger.leave_out(PORT, from(1, 1.0), channel(1), 61);
        assert_eq!(ledger.sounding(), 1);
        assert_eq!(ledger.admit(PORT, from(1, 2.0), off(60)).collect::<Vec<_>>(), [off(60)]);
        assert_eq!(ledger.admit(PORT, from(1, 3.0), off(60)).count(), 0);
        assert!(!ledger.is_empty());
        assert_eq!(ledger.admit(PORT, from(1, 3.0), off(61)).count(), 0);
        assert!(ledger.is_empty());
    }

    #[test]
    fn what_a_slot_began_from_a_time_on_is_ended() {
        let mut ledger = NoteLedger::new();
        for (slot, seconds, key) in [(1, 0.5, 60), (1, 1.0, 61), (1, 1.5, 62), (2, 1.5, 62), (2, 2.0, 63)] {
            assert!(ledger.admit(PORT, from(slot, seconds), on(key)).count() > 0);
        }
        ledger.leave_out(PORT, from(1, 1.5), channel(1), 64);
        let now = Instant::now();
        ledger.take_back(1, 1.0, now);
        assert_eq!(ledger.next_end(), Some(now));
        assert_eq!(ledger.end_doubted(now), [(PORT, off(61))], "62 is held by slot 2 too");
        assert_eq!(ledger.end_doubted(now), []);
        assert_eq!(ledger.next_end(), None);
        assert_eq!(ledger.release(), [(PORT, off(60)), (PORT, off(62)), (PORT, off(63))]);
    }

    #[test]
    fn what_is_taken_back_too_late_and_meant_all_the_same_is_not_struck_again() {
        let mut ledger = NoteLedger::new();
        for key in [60, 61, 62] {
            assert_eq!(ledger.admit(PORT, from(1, 1.0), on(key)).count(), 1);
        }
        let (now, later) = (Instant::now(), Instant::now() + std::time::Duration::from_millis(10));
        ledger.take_back(1, 0.5, later);
        assert_eq!(ledger.admit(PORT, from(1, 1.000_000_1), on(60)).count(), 0, "it sounds already");
        let elsewhere: Vec<_> = ledger.admit(PORT, from(1, 1.1), on(61)).collect();
        assert_eq!(elsewhere, [off(61), on(61)], "another note on the same key");
        assert_eq!(ledger.end_doubted(now), []);
        assert_eq!(ledger.end_doubted(later), [(PORT, off(62))]);
        assert_eq!(ledger.admit(PORT, from(1, 2.0), off(60)).collect::<Vec<_>>(), [off(60)]);
        assert_eq!(ledger.admit(PORT, from(1, 2.0), off(61)).collect::<Vec<_>>(), [off(61)]);
        assert!(ledger.is_empty());
    }

    #[test]
    fn bends_are_sent_when_they_change() {
        let mut ledger = NoteLedger::new();
        for (given, sent) in [(0.0, false), (0.25, true), (0.25, false), (0.0, true), (0.0, false)] {
            assert_eq!(ledger.admit(PORT, from(0, 0.0), bent(given)).count() == 1, sent, "{given}");
        }
    }

    #[test]
    fn a_lost_port_sounds_no_more() {
        let mut ledger = NoteLedger::new();
        let other = PortId(1);
        for port in [PORT, other] {
            assert_eq!(ledger.admit(port, from(0, 0.0), on(60)).count(), 1);
        }
        ledger.forget(PORT);
        assert_eq!(ledger.release(), [(other, off(60))]);
        assert_eq!(ledger.release(), []);
    }

    proptest! {
        /// A receiver that follows what is sent never hears a note that nobody holds,
        /// nor misses one that somebody does.
        #[test]
        fn a_receiver_agrees(steps in prop::collection::vec((any::<bool>(), 0..3u8, 1..3u8, 0..2u16, 0..2u16), 0..200)) {
            let mut ledger = NoteLedger::new();
            let mut held: BTreeMap<(PortId, Channel, u8, u16), u32> = BTreeMap::new();
            let mut heard = std::collections::BTreeSet::new();
            for (begins, key, number, port, slot) in steps {
                let (channel, port) = (channel(number), PortId(port));
                let count = held.entry((port, channel, key, slot)).or_default();
                let message = if begins {
                    *count += 1;
                    Message::NoteOn { channel, key, velocity: 64 }
                } else {
                    *count = count.saturating_sub(1);
                    Message::NoteOff { channel, key }
                };
                for sent in ledger.admit(port, from(slot, 0.0), message) {
                    match sent {
                        Message::NoteOn { channel, key, .. } => {
                            prop_assert!(heard.insert((port, channel, key)), "struck while it sounds");
                        }
                        Message::NoteOff { channel, key } => {
                            prop_assert!(heard.remove(&(port, channel, key)), "ended while silent");
                        }
                        other => prop_assert!(false, "{other:?}"),
                    }
                }
                let holds = |slot: u16| held.get(&(port, channel, key, slot)).is_some_and(|count| *count > 0);
                prop_assert_eq!(heard.contains(&(port, channel, key)), holds(0) || holds(1));
            }
            for (port, message) in ledger.release() {
                if let Message::NoteOff { channel, key } = message {
                    heard.remove(&(port, channel, key));
                }
            }
            prop_assert!(heard.is_empty());
        }
    }
}
