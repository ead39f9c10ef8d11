//! What comes in from outside while the music plays: keys that are struck, knobs that are turned, values that other
//! programs send.

use std::sync::Arc;

use crate::{Beat, Velocity};

/// One thing that came in from a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// When, in seconds since the performance began.
    pub seconds: f64,
    /// Which source, as the script names it.
    pub source: Arc<str>,
    /// What.
    pub gesture: Gesture,
}

/// What a hand or another program does.
#[derive(Debug, Clone, PartialEq)]
pub enum Gesture {
    /// A key goes down.
    Press {
        /// Which, 0 to 127; 60 is middle C.
        key: u8,
        /// How hard.
        velocity: Velocity,
        /// On which channel, 0 to 15: a key that goes down on one does not come up on another.
        channel: u8,
    },
    /// A key comes up.
    Release {
        /// Which, 0 to 127.
        key: u8,
        /// On which channel, 0 to 15.
        channel: u8,
    },
    /// All keys of the source come up: it has gone, or says so.
    ReleaseAll,
    /// Something that holds a value goes to another.
    Turn {
        /// What.
        dial: Dial,
        /// Where to.
        value: f64,
    },
    /// A clock that others keep says how it stands with its time.
    Clock(ClockMessage),
}

/// What a clock says that others keep (MIDI 1.0, system real time messages; or a session of Link).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockMessage {
    /// A 24th of a beat begins.
    Tick,
    /// The next tick is that of beat 0, and the music begins with it.
    Start,
    /// The music goes on with the next tick, where it was.
    Continue,
    /// The music stops. Ticks may go on.
    Stop,
    /// Where the music is to go on, in beats from its beginning.
    Position(Beat),
    /// Where it is now, and how fast it goes: for clocks that tell more than ticks.
    Now {
        /// Beats since some bar line.
        beat: f64,
        /// Quarter notes a minute.
        bpm: f64,
    },
    /// The clock has gone.
    Gone,
}

/// Ticks of a beat (MIDI 1.0, timing clock).
pub const TICKS_A_BEAT: i64 = 24;

/// Something outside that holds a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dial {
    /// A controller of MIDI, 0 to 127: a knob, a fader, a pedal. From 0 to 1.
    Controller(u8),
    /// The wheel that bends the pitch, from -1 to 1.
    Bend,
    /// How hard keys that are down are pressed, from 0 to 1.
    Pressure,
    /// The program that was chosen, 0 to 127.
    Program,
    /// A value of an address of OSC, as it was sent: the address, and which of its arguments, from 0.
    Address(Arc<str>, u8),
}

/// The controller of the pedal that holds notes (MIDI 1.0, table 3).
pub const HOLD_PEDAL: u8 = 64;

/// The piano under the letters of a keyboard, in semitones above its lowest key: A to L and the semicolon are white keys from
/// C, the row above has the black ones. `None` for letters beside it.
pub fn piano_key(letter: char) -> Option<u8> {
    let key = "awsedftgyhujkolp;".find(letter.to_ascii_lowercase())?;
    u8::try_from(key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_lie_as_the_keys_of_a_piano() {
        let keys: Vec<u8> = "asdfghjkl;".chars().filter_map(piano_key).collect();
        assert_eq!(keys, [0, 2, 4, 5, 7, 9, 11, 12, 14, 16]);
        let black: Vec<u8> = "wetyuop".chars().filter_map(piano_key).collect();
        assert_eq!(black, [1, 3, 6, 8, 10, 13, 15]);
        assert_eq!((piano_key('A'), piano_key('r'), piano_key('ä')), (Some(0), None, None));
    }
}
