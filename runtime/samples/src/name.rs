//! The name of a sound as a live coder writes it.

use std::fmt;

use crate::SampleError;

/// `bd` or `breaks:2`: a name, and the how-manieth sound of that name, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SoundName {
    /// What stands before the colon.
    pub name: String,
    /// What stands after it, 0 without. It wraps around the number of sounds, below 0 too.
    pub number: i64,
}

impl SoundName {
    /// Reads `bd` and `breaks:2`.
    pub fn parse(written: &str) -> Result<Self, SampleError> {
        let written = written.trim();
        let Some((name, number)) = written.split_once(':') else {
            return Ok(SoundName { name: written.to_owned(), number: 0 });
        };
        match number.parse() {
            Ok(number) => Ok(SoundName { name: name.to_owned(), number }),
            Err(_) => Err(SampleError::BadNumber { written: written.to_owned(), name: name.to_owned() }),
        }
    }
}

impl fmt::Display for SoundName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            0 => f.write_str(&self.name),
            number => write!(f, "{}:{number}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_writes() {
        for (written, name, number) in [("bd", "bd", 0), ("breaks:2", "breaks", 2), ("x:-1", "x", -1)] {
            let read = SoundName::parse(written).expect("a name");
            assert_eq!((read.name.as_str(), read.number), (name, number));
            assert_eq!(read.to_string(), written);
        }
        for written in ["bd:", "bd:x", "bd:1.5", "bd:1:2", "bd:99999999999999999999"] {
            let error = SoundName::parse(written).expect_err("no name");
            assert_eq!(
                error.to_string(),
                format!("`{written}`: after the colon stands a number, as in `bd:2`")
            );
        }
    }
}
