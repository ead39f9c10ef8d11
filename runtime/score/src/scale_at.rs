//! A scale on a tonic in an octave: what degrees are counted in.

use std::fmt;
use std::str::FromStr;

use crate::{Key, Scale};

/// A scale on a tonic. Its degree 0 is the tonic in octave 4, or in the octave that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScaleAt {
    /// MIDI number of degree 0.
    root: u8,
    scale: Scale,
}

/// What a text that is no scale gets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScaleParseError {
    /// It does not begin with a tonic.
    #[error("`{0}` is no scale: write a tonic and a name, as in C minor, D dorian or c3:minor:pentatonic")]
    NoTonic(String),
    /// Nobody knows the name after the tonic.
    #[error("there is no scale `{name}`{}", near.map_or(String::new(), |near| format!(": did you mean {near}?")))]
    NoScale {
        /// What was written.
        name: String,
        /// The nearest name that there is.
        near: Option<&'static str>,
    },
}

impl ScaleAt {
    /// Semitones above the tonic, ascending from 0.
    pub fn steps(self) -> &'static [u8] {
        self.scale.steps()
    }

    /// MIDI number of degree 0.
    pub fn root(self) -> u8 {
        self.root
    }

    /// MIDI number of a degree, which may be negative or beyond the octave. A fraction is that of the nearest degree,
    /// the upper of two that are as near: what a signal plays stays in the scale.
    pub fn pitch(self, degree: f64) -> f64 {
        let degree = (degree + 0.5).floor() as i64;
        let steps = self.steps();
        let count = steps.len() as i64;
        let step = steps[degree.rem_euclid(count) as usize];
        f64::from(self.root) + 12.0 * degree.div_euclid(count) as f64 + f64::from(step)
    }

    /// The degree whose pitch is nearest to `midi`, the lower of two that are as near.
    pub fn nearest_degree(self, midi: f64) -> i64 {
        let count = self.steps().len() as i64;
        let first = ((midi - f64::from(self.root)) / 12.0).floor() as i64 * count;
        let distance = |degree: &i64| ((self.pitch(*degree as f64) - midi).abs() * 1e6) as i64;
        (first..=first + count).min_by_key(distance).unwrap_or(first)
    }

    /// `midi` moved by so many steps of the scale; what lies between two steps stays as far above the lower.
    pub fn transposed(self, midi: f64, steps: f64) -> f64 {
        let near = self.nearest_degree(midi);
        let degree = if self.pitch(near as f64) > midi { near - 1 } else { near };
        self.pitch(degree as f64 + steps) + (midi - self.pitch(degree as f64))
    }
}

impl From<Key> for ScaleAt {
    fn from(key: Key) -> ScaleAt {
        ScaleAt { root: 60 + key.tonic(), scale: key.scale() }
    }
}

impl FromStr for ScaleAt {
    type Err = ScaleParseError;

    /// Reads `C minor`, `f#3 harmonic minor`, `D:dorian`; a tonic alone is major, `Am` is minor. Words may be
    /// held together by colons, as mini-notation needs it.
    fn from_str(text: &str) -> Result<ScaleAt, ScaleParseError> {
        let no_tonic = || ScaleParseError::NoTonic(text.to_owned());
        // `dorian` is the name of a scale, and no D of a scale `orian`.
        if text.trim().len() > 2 && Scale::named(text).is_some() {
            return Err(no_tonic());
        }
        let spaced = text.replace([':', '_'], " ");
        let mut rest = spaced.trim();
        let letter = rest.chars().next().ok_or_else(no_tonic)?;
        let class: i32 = match letter.to_ascii_lowercase() {
            'c' => 0,
            'd' => 2,
            'e' => 4,
            'f' => 5,
            'g' => 7,
            'a' => 9,
            'b' => 11,
            _ => return Err(no_tonic()),
        };
        rest = &rest[1..];
        let shift = match rest.chars().next() {
            Some('#') => 1,
            Some('b') => -1,
            _ => 0,
        };
        if shift != 0 {
            rest = &rest[1..];
        }
        let octave: i32 = match rest.chars().next().and_then(|c| c.to_digit(10)) {
            Some(octave) => {
                rest = &rest[1..];
                octave as i32
            }
            None => 4,
        };
        let name = rest.trim();
        let scale = Scale::named(name).ok_or_else(|| ScaleParseError::NoScale {
            name: name.to_ascii_lowercase(),
            near: Scale::nearest(name),
        })?;
        // The tonic of octave 9 may lie above MIDI's range.
        let root = 12 * (octave + 1) + (class + shift).rem_euclid(12);
        let root = u8::try_from(root).ok().filter(|root| *root < 128).ok_or_else(no_tonic)?;
        Ok(ScaleAt { root, scale })
    }
}

impl fmt::Display for ScaleAt {
    /// `60 major`: the MIDI number of degree 0, and the first name of its steps.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.root, self.scale.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_as_people_write_them() {
        for (text, told) in [
            ("C", "60 major"),
            ("C minor", "60 minor"),
            ("Am", "69 minor"),
            ("f#3:minor:pentatonic", "54 minor pentatonic"),
            ("Bb dorian", "70 dorian"),
            ("e wholetone", "64 whole tone"),
        ] {
            assert_eq!(text.parse::<ScaleAt>().map(|scale| scale.to_string()), Ok(told.to_owned()), "{text}");
        }
        let told = |text: &str| text.parse::<ScaleAt>().expect_err(text).to_string();
        assert_eq!(told("C mayor"), "there is no scale `mayor`: did you mean major?");
        assert_eq!(
            told("hm"),
            "`hm` is no scale: write a tonic and a name, as in C minor, D dorian or c3:minor:pentatonic"
        );
    }

    #[test]
    fn degrees_go_on_beyond_the_octave() {
        let minor: ScaleAt = "C minor".parse().expect("a scale");
        let pitches: Vec<f64> = [-1.0, 0.0, 2.0, 6.0, 7.0, 9.0, 0.5].map(|d| minor.pitch(d)).into();
        assert_eq!(pitches, [58.0, 60.0, 63.0, 70.0, 72.0, 75.0, 62.0]);
        let pentatonic: ScaleAt = "a minor pentatonic".parse().expect("a scale");
        assert_eq!(pentatonic.pitch(5.0), 81.0);
    }

    #[test]
    fn steps_of_the_scale() {
        let major: ScaleAt = "C".parse().expect("a scale");
        assert_eq!(major.transposed(64.0, 2.0), 67.0);
        assert_eq!(major.transposed(60.0, -1.0), 59.0);
        // A sharp stays one.
        assert_eq!(major.transposed(61.0, 1.0), 63.0);
        assert_eq!([59.0, 61.0, 71.6].map(|midi| major.nearest_degree(midi)), [-1, 0, 7]);
    }
}
