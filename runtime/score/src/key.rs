//! Musical keys: a tonic and a scale.

use std::fmt;
use std::str::FromStr;

use crate::Scale;

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
}

/// A key: tonic pitch class (0 is C) and scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    tonic: u8,
    scale: Scale,
}

/// What a text that is no key gets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no key: {help}")]
pub struct KeyParseError {
    /// The text.
    pub text: String,
    /// The bytes of it that are wrong.
    pub at: std::ops::Range<usize>,
    /// What to write instead.
    pub help: String,
}

impl Key {
    /// C major.
    pub const C_MAJOR: Key = Key::new(0, Mode::Major);

    /// A key from a pitch class (taken modulo 12) and a mode.
    pub const fn new(tonic: u8, mode: Mode) -> Key {
        Key::of(tonic, mode.scale())
    }

    /// A key from a pitch class (taken modulo 12) and a scale.
    pub const fn of(tonic: u8, scale: Scale) -> Key {
        Key { tonic: tonic % 12, scale }
    }

    /// Tonic pitch class, `0..12`, 0 is C.
    pub fn tonic(self) -> u8 {
        self.tonic
    }

    /// Pitch class of the tonic of the major scale with the same notes: that of A minor is C.
    pub fn major_tonic(self) -> u8 {
        let degree = Mode::ALL.iter().position(|&mode| mode == self.mode()).unwrap_or(0);
        (self.tonic + 12 - Mode::Major.degrees()[degree]) % 12
    }

    /// The mode, or the one nearest to the scale.
    pub fn mode(self) -> Mode {
        self.scale.mode()
    }

    /// The scale.
    pub fn scale(self) -> Scale {
        self.scale
    }

    /// True when `pitch_class` (taken modulo 12) is in the scale.
    pub fn contains(self, pitch_class: i64) -> bool {
        let above = (pitch_class - i64::from(self.tonic)).rem_euclid(12) as u8;
        self.scale.steps().contains(&above)
    }
}

impl FromStr for Key {
    type Err = KeyParseError;

    /// Reads `D dorian`, `Ador`, `F#m`, `Bb`, `e minor pentatonic`.
    fn from_str(text: &str) -> Result<Key, KeyParseError> {
        let trimmed = text.trim();
        let start = text.len() - text.trim_start().len();
        let error = |from: usize, help: String| {
            let at = start + from..start + trimmed.len();
            KeyParseError { text: text.to_owned(), at, help }
        };
        let letter = trimmed.chars().next().unwrap_or(' ');
        let class = match letter.to_ascii_uppercase() {
            'C' => 0,
            'D' => 2,
            'E' => 4,
            'F' => 5,
            'G' => 7,
            'A' => 9,
            'B' => 11,
            _ => {
                let help = "write a tonic and a scale, as in D dorian, F# minor or Bb";
                return Err(error(0, help.to_owned()));
            }
        };
        let rest = &trimmed[letter.len_utf8()..];
        let (shift, rest) = match rest.chars().next() {
            Some('#') => (1, &rest[1..]),
            Some('b') => (11, &rest[1..]),
            _ => (0, rest),
        };
        let rest = rest.trim_start();
        let scale = Scale::named(rest).ok_or_else(|| {
            let tonic = trimmed[..trimmed.len() - rest.len()].trim_end();
            let help = match Scale::nearest(rest) {
                Some(near) => format!("did you mean {tonic} {near}?"),
                None => {
                    let names: Vec<&str> = Scale::all().map(Scale::name).collect();
                    format!("after the tonic write one of {}", names.join(", "))
                }
            };
            error(trimmed.len() - rest.len(), help)
        })?;
        Ok(Key::of(class + shift, scale))
    }
}

/// `D dorian`, `Bb major`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 12] = ["C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
        write!(f, "{} {}", NAMES[usize::from(self.tonic)], self.scale.name())
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
        let error = "D funky".parse::<Key>().unwrap_err();
        assert_eq!(error.at, 2..7);
        let error = " C mayor".parse::<Key>().unwrap_err();
        assert_eq!((error.at, &*error.help), (3..8, "did you mean C major?"));
        let pentatonic: Key = "E minor pentatonic".parse().expect("a key");
        assert_eq!((pentatonic.to_string().as_str(), pentatonic.mode()), ("E minor pentatonic", Mode::Minor));
        assert!(pentatonic.contains(7) && !pentatonic.contains(6));
    }

    #[test]
    fn degrees_of_the_modes() {
        assert_eq!(Mode::Dorian.degrees(), [0, 2, 3, 5, 7, 9, 10]);
        assert_eq!(Mode::Minor.degrees(), [0, 2, 3, 5, 7, 8, 10]);
        assert!(Key::new(2, Mode::Dorian).contains(5));
        assert!(!Key::new(2, Mode::Dorian).contains(6));
    }
}
