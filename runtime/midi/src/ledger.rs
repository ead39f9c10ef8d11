//! What sounds where, so that nothing is left sounding.

use std::collections::BTreeMap;

use crate::message::bend;
use crate::{Channel, Message, PortId};

/// Counts the notes that sound on each key, and decides what is really sent.
///
/// A key that is struck again while it sounds is first released, so that it is heard
/// anew; it then sounds until as many ends have come as beginnings. So the end of the
/// earlier note does not cut the later one. Pure: it sends nothing itself.
#[derive(Debug, Clone, Default)]
pub struct NoteLedger {
    sounding: BTreeMap<(PortId, Channel, u8), u32>,
    bends: BTreeMap<(PortId, Channel), u16>,
}

impl NoteLedger {
    /// Nothing sounds.
    pub fn new() -> NoteLedger {
        NoteLedger::default()
    }

    /// Number of keys that sound.
    pub fn sounding(&self) -> usize {
        self.sounding.len()
    }

    /// What must be sent on `port` for `message`, in order, at most two messages. An
    /// end without a beginning, and a bend to where the channel is bent already, need
    /// nothing.
    pub fn admit(&mut self, port: PortId, message: Message) -> impl Iterator<Item = Message> + use<> {
        let mut send = [None, None];
        match message {
            Message::NoteOn { channel, key, .. } => {
                let count = self.sounding.entry((port, channel, key.min(127))).or_insert(0);
                if *count > 0 {
                    send[0] = Some(Message::NoteOff { channel, key });
                }
                *count = count.saturating_add(1);
                send[1] = Some(message);
            }
            Message::NoteOff { channel, key } => {
                let at = (port, channel, key.min(127));
                if let Some(count) = self.sounding.get_mut(&at) {
                    *count -= 1;
                    if *count == 0 {
                        self.sounding.remove(&at);
                        send[0] = Some(message);
                    }
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

    /// The ends of everything that sounds; then nothing sounds.
    pub fn release(&mut self) -> Vec<(PortId, Message)> {
        let sounding = std::mem::take(&mut self.sounding);
        sounding.into_keys().map(|(port, channel, key)| (port, Message::NoteOff { channel, key })).collect()
    }

    /// A port is gone: nothing sounds there any more, and nothing can be sent there.
    pub fn forget(&mut self, port: PortId) {
        self.sounding.retain(|(other, _, _), _| *other != port);
        self.bends.retain(|(other, _), _| *other != port);
    }
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
            assert_eq!(ledger.admit(PORT, given).collect::<Vec<_>>(), sent, "{given:?}");
        }
        assert_eq!(ledger.sounding(), 0);
    }

    #[test]
    fn bends_are_sent_when_they_change() {
        let mut ledger = NoteLedger::new();
        for (given, sent) in [(0.0, false), (0.25, true), (0.25, false), (0.0, true), (0.0, false)] {
            assert_eq!(ledger.admit(PORT, bent(given)).count() == 1, sent, "{given}");
        }
    }

    #[test]
    fn a_lost_port_sounds_no_more() {
        let mut ledger = NoteLedger::new();
        let other = PortId(1);
        for port in [PORT, other] {
            assert_eq!(ledger.admit(port, on(60)).count(), 1);
        }
        ledger.forget(PORT);
        assert_eq!(ledger.release(), [(other, off(60))]);
        assert_eq!(ledger.release(), []);
    }

    proptest! {
        /// A receiver that follows what is sent never hears a note that nobody holds,
        /// nor misses one that somebody does.
        #[test]
        fn a_receiver_agrees(steps in prop::collection::vec((any::<bool>(), 0..3u8, 1..3u8, 0..2u16), 0..200)) {
            let mut ledger = NoteLedger::new();
            let mut held: BTreeMap<(PortId, Channel, u8), u32> = BTreeMap::new();
            let mut heard = std::collections::BTreeSet::new();
            for (begins, key, number, port) in steps {
                let (channel, port) = (channel(number), PortId(port));
                let count = held.entry((port, channel, key)).or_default();
                let message = if begins {
                    *count += 1;
                    Message::NoteOn { channel, key, velocity: 64 }
                } else {
                    *count = count.saturating_sub(1);
                    Message::NoteOff { channel, key }
                };
                for sent in ledger.admit(port, message) {
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
                prop_assert_eq!(heard.contains(&(port, channel, key)), held[&(port, channel, key)] > 0);
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
