//! MIDI messages as values, and the bytes they are sent as.

use lilt_score::{Tone, Velocity};

/// A MIDI channel as musicians count, `1..=16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Channel(u8);

impl Channel {
    /// A channel, or `None` outside `1..=16`.
    pub fn new(channel: u8) -> Option<Channel> {
        (1..=16).contains(&channel).then_some(Channel(channel))
    }

    /// Every channel.
    pub fn all() -> impl Iterator<Item = Channel> {
        (1..=16).map(Channel)
    }

    /// As musicians count, `1..=16`.
    pub fn number(self) -> u8 {
        self.0
    }
}

/// How far a pitch bend reaches at most, in semitones: what receivers have when
/// nobody says otherwise (MIDI 1.0, RP-018 registered parameter 0).
const BEND_RANGE: f64 = 2.0;

/// One message. Data above 127 is sent as 127.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Message {
    /// A key goes down.
    NoteOn {
        /// On which channel.
        channel: Channel,
        /// Which key, `0..=127`.
        key: u8,
        /// How hard, `1..=127`; 0 would end the note, and is sent as 1.
        velocity: u8,
    },
    /// A key goes up.
    NoteOff {
        /// On which channel.
        channel: Channel,
        /// Which key, `0..=127`.
        key: u8,
    },
    /// A controller moves.
    ControlChange {
        /// On which channel.
        channel: Channel,
        /// Which controller, `0..=127`.
        controller: u8,
        /// Where to, `0..=127`.
        value: u8,
    },
    /// All notes of a channel bend by some semitones, `-2..=2`.
    PitchBend {
        /// On which channel.
        channel: Channel,
        /// How far up, in semitones.
        semitones: f64,
    },
    /// Another sound.
    ProgramChange {
        /// On which channel.
        channel: Channel,
        /// Which, `0..=127`.
        program: u8,
    },
    /// How hard the keys of a channel are pressed while they are down: aftertouch.
    ChannelPressure {
        /// On which channel.
        channel: Channel,
        /// How hard, `0..=127`.
        pressure: u8,
    },
    /// One of 24 ticks a beat.
    Clock,
    /// The clock starts from the beginning.
    Start,
    /// The clock stops.
    Stop,
}

/// The bytes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoded {
    bytes: [u8; 3],
    length: u8,
}

impl Encoded {
    /// One to three bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl Message {
    /// Controller 120: every sound off at once, tails included.
    pub fn all_sound_off(channel: Channel) -> Message {
        Message::ControlChange { channel, controller: 120, value: 0 }
    }

    /// Controller 123: every key up.
    pub fn all_notes_off(channel: Channel) -> Message {
        Message::ControlChange { channel, controller: 123, value: 0 }
    }

    /// What begins a note: the bend that tunes it, then the key nearest to its pitch.
    /// A channel has one bend, so microtones of a chord need a channel each.
    pub fn note_on(channel: Channel, tone: Tone, velocity: Velocity) -> [Message; 2] {
        let key = tone.key();
        let semitones = tone.pitch().map_or(0.0, |pitch| pitch.midi() - f64::from(key));
        [
            Message::PitchBend { channel, semitones },
            Message::NoteOn { channel, key, velocity: velocity.midi() },
        ]
    }

    /// What ends a note.
    pub fn note_off(channel: Channel, tone: Tone) -> Message {
        Message::NoteOff { channel, key: tone.key() }
    }

    /// The bytes on the wire (MIDI 1.0 detailed specification, table 1).
    pub fn encode(&self) -> Encoded {
        let voice = |status: u8, channel: Channel| status | (channel.0 - 1);
        let data = |value: u8| value.min(127);
        let (bytes, length) = match *self {
            Message::NoteOff { channel, key } => ([voice(0x80, channel), data(key), 64], 3),
            Message::NoteOn { channel, key, velocity } => {
                ([voice(0x90, channel), data(key), data(velocity).max(1)], 3)
            }
            Message::ControlChange { channel, controller, value } => {
                ([voice(0xB0, channel), data(controller), data(value)], 3)
            }
            Message::ProgramChange { channel, program } => ([voice(0xC0, channel), data(program), 0], 2),
            Message::ChannelPressure { channel, pressure } => ([voice(0xD0, channel), data(pressure), 0], 2),
            Message::PitchBend { channel, semitones } => {
                let bend = bend(semitones);
                ([voice(0xE0, channel), (bend & 0x7F) as u8, (bend >> 7) as u8], 3)
            }
            Message::Clock => ([0xF8, 0, 0], 1),
            Message::Start => ([0xFA, 0, 0], 1),
            Message::Stop => ([0xFC, 0, 0], 1),
        };
        Encoded { bytes, length }
    }
}

/// Fourteen bits, 8192 in the middle. A bend that is no number is none.
pub(crate) fn bend(semitones: f64) -> u16 {
    let share = if semitones.is_finite() { semitones / BEND_RANGE } else { 0.0 };
    (8192.0 + share * 8192.0).round().clamp(0.0, 16383.0) as u16
}

#[cfg(test)]
mod tests {
    use lilt_score::{Drum, Pitch};

    use super::*;

    #[test]
    fn bytes_on_the_wire() {
        let channel = Channel::new(2).expect("a channel");
        for (message, bytes) in [
            (Message::NoteOn { channel, key: 60, velocity: 100 }, &[0x91, 60, 100][..]),
            (Message::NoteOn { channel, key: 200, velocity: 0 }, &[0x91, 127, 1]),
            (Message::NoteOff { channel, key: 60 }, &[0x81, 60, 64]),
            (Message::all_notes_off(channel), &[0xB1, 123, 0]),
            (Message::all_sound_off(channel), &[0xB1, 120, 0]),
            (Message::ProgramChange { channel, program: 5 }, &[0xC1, 5]),
            (Message::ChannelPressure { channel, pressure: 90 }, &[0xD1, 90]),
            (Message::PitchBend { channel, semitones: 0.0 }, &[0xE1, 0, 64]),
            (Message::PitchBend { channel, semitones: 0.5 }, &[0xE1, 0, 80]),
            (Message::PitchBend { channel, semitones: 9.0 }, &[0xE1, 127, 127]),
            (Message::PitchBend { channel, semitones: -2.0 }, &[0xE1, 0, 0]),
            (Message::PitchBend { channel, semitones: f64::NAN }, &[0xE1, 0, 64]),
            (Message::Clock, &[0xF8]),
            (Message::Start, &[0xFA]),
            (Message::Stop, &[0xFC]),
        ] {
            assert_eq!(message.encode().bytes(), bytes, "{message:?}");
        }
    }

    #[test]
    fn a_microtone_is_a_key_and_a_bend() {
        let channel = Channel::new(1).expect("a channel");
        let pitch = Pitch::new(60.75).expect("a pitch");
        assert_eq!(
            Message::note_on(channel, Tone::Pitch(pitch), Velocity::new(1.0)),
            [
                Message::PitchBend { channel, semitones: -0.25 },
                Message::NoteOn { channel, key: 61, velocity: 127 }
            ]
        );
        assert_eq!(
            Message::note_off(channel, Tone::Drum(Drum::Snare)),
            Message::NoteOff { channel, key: 38 }
        );
    }

    #[test]
    fn channels_count_from_one() {
        assert_eq!(Channel::new(0), None);
        assert_eq!(Channel::new(17), None);
        assert_eq!(Channel::all().map(Channel::number).sum::<u8>(), 136);
    }
}
