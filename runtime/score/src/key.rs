//! Musical keys: a tonic and a mode.

use std::fmt;
use std::str::FromStr;

/// One of the seven modes of the major scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mode {
    /// Ionian.
    Major,
    /// Second mode.
    Dorian,
    /// Third mode.
    Phrygian,
    /// Fourth mode.
    Lydian,
    /// Fifth mode.
    Mixolydian,
    /// Aeolian.
    Minor,
    /// Seventh mode.
    Locrian,
}

impl Mode {
    /// Every mode, in the order of the degrees of the major scale they start on.
    pub const ALL: [Mode; 7] = [
        Mode::Major,
        Mode::Dorian,
        Mode::Phrygian,
        Mode::Lydian,
        Mode::Mixolydian,
        Mode::Minor,
        Mode::Locrian,
    ];

    /// Name as it is written after a tonic.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Major => "major",
            Mode::Dorian => "dorian",
            Mode::Phrygian => "phrygian",
            Mode::Lydian => "lydian",
            Mode::Mixolydian => "mixolydian",
            Mode::Minor => "minor",
            Mode::Locrian => "locrian",
        }
    }

    /// Semitones of the seven degrees above the tonic, ascending from 0.
    pub fn degrees(self) -> [u8; 7] {
        const MAJOR: [u8; 7] = [0, 2, 4, 5, 7, 9, 11];
        let first = Mode::ALL.iter().position(|mode| *mode == self).unwrap_or(0);
        std::array::from_fn(|i| (MAJOR[(first + i) % 7] + 12 - MAJOR[first]) % 12)
    }

    /// Reads a mode's name or its first three letters, in any case; `m`, `aeolian`
    /// and `ionian` too. An empty text is major.
    fn read(text: &str) -> Option<Mode> {
        let text = text.trim();
        if text == "m" {
            return Some(Mode::Minor);
        }
        let lower = text.to_ascii_lowercase();
        match lower.as_str() {
            "" | "m" | "ion" | "ionian" => Some(Mode::Major),
            "aeo" | "aeolian" => Some(Mode::Minor),
            _ => Mode::ALL.into_iter().find(|mode| lower == mode.name() || lower == mode.name()[..3]),
        }
    }
}

/// A key: tonic pitch class (0 is C) and mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    tonic: u8,
    mode: Mode,
}

/// What a text that is no key gets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no key: write a tonic and a mode, as in D dorian, F# minor or Bb")]
pub struct KeyParseError(pub String);

impl Key {
    /// C major.
    pub const C_MAJOR: Key = Key { tonic: 0, mode: Mode::Major };

    /// A key from a pitch class (taken modulo 12) and a mode.
    pub const fn new(tonic: u8, mode: Mode) -> Key {
        Key { tonic: tonic % 12, mode }
    }

    /// Tonic pitch class, `0..12`, 0 is C.
    pub fn tonic(self) -> u8 {
        self.tonic
    }

    /// The mode.
    pub fn mode(self) -> Mode {
        self.mode
    }

    /// True when `pitch_class` (taken modulo 12) is in the scale.
    pub fn contains(self, pitch_class: i64) -> bool {
        let above = (pitch_class - i64::from(self.tonic)).rem_euclid(12) as u8;
        self.mode.degrees().contains(&above)
    }
}

impl FromStr for Key {
    type Err = KeyParseError;

    /// Reads `D dorian`, `Ador`, `F#m`, `Bb`, `e minor`.
    fn from_str(text: &str) -> Result<Key, KeyParseError> {
        let error = || KeyParseError(text.to_string());
        let trimmed = text.trim();
        let letter = trimmed.chars().next().ok_or_else(error)?;
        let class = match letter.to_ascii_uppercase() {
            'C' => 0,
            'D' => 2,
            'E' => 4,
            'F' => 5,
            'G' => 7,
            'A' => 9,
            'B' => 11,
            _ => return Err(error()),
        };
        let rest = &trimmed[letter.len_utf8()..];
        let (shift, rest) = match rest.chars().next() {
            Some('#') => (1, &rest[1..]),
            Some('b') => (11, &rest[1..]),
            _ => (0, rest),
        };
        let mode = Mode::read(rest).ok_or_else(error)?;
        Ok(Key::new(class + shift, mode))
    }
}

/// `D dorian`, `Bb major`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 12] = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
        write!(f, "{} {}", NAMES[usize::from(self.tonic)], self.mode.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_as_people_write_them() {
        for (text, tonic, mode) in [
            ("D dorian", 2, Mode::Dorian),
            ("Ador", 9, Mode::Dorian),
            ("F#m", 6, Mode::Minor),
            ("Bb", 10, Mode::Major),
            ("AMix", 9, Mode::Mixolydian),
            ("E Minor", 4, Mode::Minor),
            ("G Major", 7, Mode::Major),
        ] {
            assert_eq!(text.parse(), Ok(Key::new(tonic, mode)), "{text}");
        }
        assert!("H major".parse::<Key>().is_err());
        assert!("D funky".parse::<Key>().is_err());
    }

    #[test]
    fn degrees_of_the_modes() {
        assert_eq!(Mode::Dorian.degrees(), [0, 2, 3, 5, 7, 9, 10]);
        assert_eq!(Mode::Minor.degrees(), [0, 2, 3, 5, 7, 8, 10]);
        assert!(Key::new(2, Mode::Dorian).contains(5));
        assert!(!Key::new(2, Mode::Dorian).contains(6));
    }
}
