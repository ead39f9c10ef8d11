//! Bytes that come in as gestures.

use lilt_score::{Beat, ClockMessage, Dial, Gesture, Velocity};

/// Beats that a step of a song position is: a sixteenth note (MIDI 1.0, song position pointer).
const SONG_STEP: (i64, i64) = (1, 4);

/// What one message of MIDI says (MIDI 1.0, tables 1 to 5); `None` for what says nothing of keys, dials and clocks, such
/// as exclusive messages, and for bytes that are no whole message.
///
/// All notes off, all sound off and a reset bring all keys up. A key that is struck with velocity 0 comes up.
pub fn gesture(bytes: &[u8]) -> Option<Gesture> {
    let (status, data) = bytes.split_first()?;
    if data.iter().any(|byte| *byte > 127) {
        return None;
    }
    let part = |value: u8| f64::from(value) / 127.0;
    let channel = status & 15;
    let turn = |dial, value| Some(Gesture::Turn { dial, value });
    let clock = |message| Some(Gesture::Clock(message));
    match (*status, data) {
        (0xf2, [low, high]) => {
            let steps = i64::from(*high) << 7 | i64::from(*low);
            return clock(ClockMessage::Position(Beat::whole(steps) * Beat::new(SONG_STEP.0, SONG_STEP.1)));
        }
        (0xf8, []) => return clock(ClockMessage::Tick),
        (0xfa, []) => return clock(ClockMessage::Start),
        (0xfb, []) => return clock(ClockMessage::Continue),
        (0xfc, []) => return clock(ClockMessage::Stop),
        _ => {}
    }
    match (status >> 4, data) {
        (8, [key, _]) | (9, [key, 0]) => Some(Gesture::Release { key: *key, channel }),
        (9, [key, velocity]) => {
            Some(Gesture::Press { key: *key, velocity: Velocity::new(part(*velocity)), channel })
        }
        (10, [_, pressure]) | (13, [pressure]) => turn(Dial::Pressure, part(*pressure)),
        (11, [120 | 121 | 123..=127, _]) => Some(Gesture::ReleaseAll),
        (11, [number, value]) => turn(Dial::Controller(*number), part(*value)),
        (12, [program]) => turn(Dial::Program, f64::from(*program)),
        // 14 bits, the lower seven first; 8192 is the middle, and 8191 is as far up as 8192 is down.
        (14, [low, high]) => {
            let value = f64::from(u16::from(*high) << 7 | u16::from(*low)) - 8192.0;
            turn(Dial::Bend, if value > 0.0 { value / 8191.0 } else { value / 8192.0 })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_say_what_the_tables_say() {
        let press = |key, velocity: u8, channel| {
            Some(Gesture::Press { key, velocity: Velocity::new(f64::from(velocity) / 127.0), channel })
        };
        let turn = |dial, value| Some(Gesture::Turn { dial, value });
        let clock = |message| Some(Gesture::Clock(message));
        let table: [(&[u8], Option<Gesture>); 20] = [
            (&[0x90, 60, 100], press(60, 100, 0)),
            (&[0x9f, 60, 1], press(60, 1, 15)),
            (&[0x92, 60, 0], Some(Gesture::Release { key: 60, channel: 2 })),
            (&[0x80, 60, 64], Some(Gesture::Release { key: 60, channel: 0 })),
            (&[0xb0, 74, 127], turn(Dial::Controller(74), 1.0)),
            (&[0xb0, 123, 0], Some(Gesture::ReleaseAll)),
            (&[0xe0, 0, 64], turn(Dial::Bend, 0.0)),
            (&[0xe0, 127, 127], turn(Dial::Bend, 1.0)),
            (&[0xe0, 0, 0], turn(Dial::Bend, -1.0)),
            (&[0xd3, 127], turn(Dial::Pressure, 1.0)),
            (&[0xc0, 12], turn(Dial::Program, 12.0)),
            (&[0xf8], clock(ClockMessage::Tick)),
            (&[0xfa], clock(ClockMessage::Start)),
            (&[0xfb], clock(ClockMessage::Continue)),
            (&[0xfc], clock(ClockMessage::Stop)),
            (&[0xf2, 2, 1], clock(ClockMessage::Position(Beat::new(65, 2)))),
            (&[0xf0, 1, 2, 0xf7], None),
            (&[0x90, 60], None),
            (&[0x90, 200, 100], None),
            (&[], None),
        ];
        for (bytes, says) in table {
            assert_eq!(gesture(bytes), says, "{bytes:x?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(0u8..=255, 0..12)) {
            if let Some(Gesture::Turn { value, .. }) = gesture(&bytes) {
                proptest::prop_assert!((-1.0..=127.0).contains(&value));
            }
        }
    }
}
