//! The computer's keyboard as a piano: letters in, gestures out.

use std::time::{Duration, Instant};

use lilt_score::{Gesture, Velocity, piano_key};
use lilt_script::letter_dial;

/// A terminal tells when a key goes down, and never when it comes up: a note sounds for so long after the last that is
/// heard of its key. A key that is held repeats after half a second, and some thirty times a second from then on.
const RINGS: Duration = Duration::from_millis(550);
/// The same once it repeats.
const RINGS_ON: Duration = Duration::from_millis(120);
/// The key of the piano's lowest letter in the middle octave: middle C.
const MIDDLE: i16 = 60;
/// Octaves up and down from there.
const OCTAVES: std::ops::RangeInclusive<i16> = -4..=4;

/// The piano as it stands.
#[derive(Debug, Default)]
pub struct Keyboard {
    octave: i16,
    /// Keys that sound, and until when.
    held: Vec<(u8, Instant)>,
    /// Letters that are down in a window, and the keys that they struck.
    down: Vec<(char, u8)>,
}

impl Keyboard {
    /// A letter was typed: what comes of it. Z and X move the piano by an octave.
    pub fn typed(&mut self, letter: char, now: Instant) -> Vec<Gesture> {
        match letter.to_ascii_lowercase() {
            'z' => self.move_by(-1),
            'x' => self.move_by(1),
            letter => {
                if let Some(dial) = letter_dial(letter) {
                    return vec![Gesture::Turn { dial, value: 1.0 }];
                }
                let Some(key) = piano_key(letter).and_then(|key| self.key(key)) else { return Vec::new() };
                if let Some((_, until)) = self.held.iter_mut().find(|(held, _)| *held == key) {
                    *until = now + RINGS_ON;
                    return Vec::new();
                }
                self.held.push((key, now + RINGS));
                vec![Gesture::Press { key, velocity: Velocity::DEFAULT, channel: 0 }]
            }
        }
    }

    /// A key of a window went down, which tells when it comes up again. A window repeats it meanwhile.
    pub fn pressed(&mut self, letter: char) -> Vec<Gesture> {
        match letter {
            'z' => self.move_by(-1),
            'x' => self.move_by(1),
            letter => {
                let key = piano_key(letter).and_then(|key| self.key(key));
                let Some(key) = key.filter(|_| self.down.iter().all(|(known, _)| *known != letter)) else {
                    return Vec::new();
                };
                self.down.push((letter, key));
                vec![Gesture::Press { key, velocity: Velocity::DEFAULT, channel: 0 }]
            }
        }
    }

    /// A key of a window came up.
    pub fn released(&mut self, letter: char) -> Vec<Gesture> {
        let up = self.down.extract_if(.., |(known, _)| *known == letter);
        up.map(|(_, key)| Gesture::Release { key, channel: 0 }).collect()
    }

    /// The piano moves by octaves, as far as there are keys; what sounds is let go.
    fn move_by(&mut self, octaves: i16) -> Vec<Gesture> {
        let moved = self.octave + octaves;
        if OCTAVES.contains(&moved) {
            self.octave = moved;
        }
        let typed = self.held.drain(..).map(|(key, _)| key);
        let down = self.down.drain(..).map(|(_, key)| key);
        typed.chain(down).map(|key| Gesture::Release { key, channel: 0 }).collect()
    }

    fn key(&self, key: u8) -> Option<u8> {
        u8::try_from(MIDDLE + 12 * self.octave + i16::from(key)).ok().filter(|key| *key < 128)
    }

    /// Notes that have ended by `now`.
    pub fn ended(&mut self, now: Instant) -> Vec<Gesture> {
        let mut ended = Vec::new();
        self.held.retain(|(key, until)| {
            if *until <= now {
                ended.push(Gesture::Release { key: *key, channel: 0 });
            }
            *until > now
        });
        ended
    }

    /// When the next note ends.
    pub fn next(&self) -> Option<Instant> {
        self.held.iter().map(|(_, until)| *until).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(gestures: Vec<Gesture>) -> String {
        let told = gestures.into_iter().map(|gesture| match gesture {
            Gesture::Press { key, .. } => format!("+{key}"),
            Gesture::Release { key, .. } => format!("-{key}"),
            other => format!("{other:?}"),
        });
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_key_that_is_held_sounds_until_it_repeats_no_more() {
        let mut keyboard = Keyboard::default();
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(told(keyboard.typed('a', at(0))), "+60");
        assert_eq!(told(keyboard.typed('G', at(10))), "+67");
        for milliseconds in (500..900).step_by(33) {
            assert_eq!(told(keyboard.typed('a', at(milliseconds))), "");
        }
        assert_eq!(told(keyboard.ended(at(600))), "-67");
        assert_eq!(keyboard.next(), Some(at(896) + RINGS_ON));
        assert_eq!(told(keyboard.ended(at(1_100))), "-60");
        assert_eq!(told(keyboard.typed('?', at(1_200))), "");
        // Letters beside the piano are no notes.
        assert!(matches!(keyboard.typed('n', at(1_300))[..], [Gesture::Turn { value: 1.0, .. }]));
    }

    #[test]
    fn a_key_of_a_window_sounds_until_it_comes_up() {
        let mut keyboard = Keyboard::default();
        assert_eq!(told(keyboard.pressed('a')), "+60");
        assert_eq!(told(keyboard.pressed('a')), "");
        assert_eq!(told(keyboard.pressed('d')), "+64");
        assert_eq!(told(keyboard.released('a')), "-60");
        assert_eq!(told(keyboard.released('a')), "");
        assert_eq!(told(keyboard.pressed('x')), "-64");
        assert_eq!(told(keyboard.released('d')), "");
        assert_eq!(told(keyboard.pressed('d')), "+76");
        assert_eq!(told(keyboard.pressed('q')), "");
    }

    #[test]
    fn the_piano_moves_by_octaves_and_lets_go() {
        let mut keyboard = Keyboard::default();
        let now = Instant::now();
        assert_eq!(told(keyboard.typed('k', now)), "+72");
        assert_eq!(told(keyboard.typed('z', now)), "-72");
        assert_eq!(told(keyboard.typed('k', now)), "+60");
        // Four octaves up the highest letters have no key.
        (0..12).for_each(|_| drop(keyboard.typed('x', now)));
        assert_eq!(told(keyboard.typed('a', now)), "+108");
        assert_eq!(told(keyboard.typed(';', now)), "+124");
    }
}
