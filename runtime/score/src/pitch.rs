//! Pitch as a MIDI number in which fractions are allowed.

use std::fmt;
use std::str::FromStr;

/// A pitch in semitones as MIDI counts them (60 is middle C), `0..=127`,
/// fractions allowed.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Pitch(f64);

/// What a number or a name that is no pitch gets.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PitchError {
    /// Not a finite number from 0 to 127.
    #[error("pitch {0} is outside 0 to 127 (60 is middle C)")]
    OutOfRange(f64),
    /// Not a note name.
    #[error("`{0}` is no note: write a letter a to g, sharps # or flats b, and an octave, as in c4 or f#3")]
    NotAName(String),
}

const LETTERS: [(char, i32); 7] = [('c', 0), ('d', 2), ('e', 4), ('f', 5), ('g', 7), ('a', 9), ('b', 11)];
const NAMES: [&str; 12] = ["c", "c#", "d", "eb", "e", "f", "f#", "g", "ab", "a", "bb", "b"];

impl Pitch {
    /// A pitch from its MIDI number.
    pub fn new(midi: f64) -> Result<Pitch, PitchError> {
        if (0.0..=127.0).contains(&midi) { Ok(Pitch(midi)) } else { Err(PitchError::OutOfRange(midi)) }
    }

    /// A whole MIDI key number; the top bit is ignored.
    pub fn from_key(key: u8) -> Pitch {
        Pitch(f64::from(key & 127))
    }

    /// MIDI number, fractions included.
    pub fn midi(self) -> f64 {
        self.0
    }

    /// Nearest whole MIDI key number.
    pub fn key(self) -> u8 {
        self.0.round() as u8
    }

    /// Frequency in hertz, equal temperament, A4 = 440.
    pub fn hertz(self) -> f64 {
        440.0 * 2f64.powf((self.0 - 69.0) / 12.0)
    }

    /// Higher by `semitones`.
    ///
    /// # Errors
    /// When the result leaves 0 to 127.
    pub fn transpose(self, semitones: f64) -> Result<Pitch, PitchError> {
        Pitch::new(self.0 + semitones)
    }
}

impl FromStr for Pitch {
    type Err = PitchError;

    /// Reads `c4`, `F#3`, `eb5`, `cs4` (s for sharp); without an octave, octave 4.
    /// A plain number is a MIDI number.
    fn from_str(text: &str) -> Result<Pitch, PitchError> {
        let error = || PitchError::NotAName(text.to_string());
        if let Ok(midi) = text.parse::<f64>() {
            return Pitch::new(midi);
        }
        let mut rest = text.chars();
        let letter = rest.next().ok_or_else(error)?.to_ascii_lowercase();
        let (_, class) = LETTERS.iter().find(|(name, _)| *name == letter).ok_or_else(error)?;
        let rest = rest.as_str();
        let octave_at = rest.find(|c: char| c == '-' || c.is_ascii_digit()).unwrap_or(rest.len());
        let (accidentals, octave) = rest.split_at(octave_at);
        if accidentals.len() > 3 {
            return Err(error());
        }
        let mut shift = 0;
        for accidental in accidentals.chars() {
            shift += match accidental {
                '#' | 's' => 1,
                'b' | 'f' => -1,
                _ => return Err(error()),
            };
        }
        let octave: i32 = if octave.is_empty() { 4 } else { octave.parse().map_err(|_| error())? };
        if !(-1..=9).contains(&octave) {
            return Err(error());
        }
        Pitch::new(f64::from(12 * (octave + 1) + class + shift))
    }
}

/// `c4`, `eb5`; a microtone adds its cents, `c4+25`.
impl fmt::Display for Pitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = i32::from(self.key());
        let cents = ((self.0 - f64::from(key)) * 100.0).round();
        write!(f, "{}{}", NAMES[(key % 12) as usize], key / 12 - 1)?;
        if cents == 0.0 { Ok(()) } else { write!(f, "{cents:+}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        for (text, midi) in
            [("c4", 60.0), ("F#3", 54.0), ("eb5", 75.0), ("a", 69.0), ("60.5", 60.5), ("c-1", 0.0)]
        {
            assert_eq!(text.parse::<Pitch>().map(Pitch::midi), Ok(midi), "{text}");
        }
        for text in ["", "h4", "c44", "c#q", "200", "nan"] {
            assert!(text.parse::<Pitch>().is_err(), "{text}");
        }
    }

    #[test]
    fn every_key_reads_back_from_its_name() {
        for key in 0..128 {
            let pitch = Pitch::from_key(key);
            assert_eq!(pitch.to_string().parse::<Pitch>(), Ok(pitch));
        }
    }
}
