//! What can be wrong in ABC text, and where.

use std::fmt;

/// Why a tune could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct AbcError {
    /// The tune's `X:` number, if it has one.
    pub number: Option<u32>,
    /// The tune's first title, or nothing.
    pub title: String,
    /// Line of the text, the first line is 1.
    pub line: usize,
    /// Bar of the voice that is being read, as it stands on the page: the first is 1, an upbeat counts. None in the
    /// header.
    pub bar: Option<usize>,
    /// What is wrong there.
    pub kind: AbcErrorKind,
}

impl AbcError {
    /// What is wrong, by tune and bar alone: for whoever shows the line itself.
    pub fn on_its_line(&self) -> String {
        self.told(None)
    }

    fn told(&self, line: Option<usize>) -> String {
        let tune = match (self.number, self.title.as_str()) {
            (Some(number), "") => Some(format!("tune {number}")),
            (Some(number), title) => Some(format!("tune {number} `{title}`")),
            (None, "") => None,
            (None, title) => Some(format!("tune `{title}`")),
        };
        let places =
            [tune, line.map(|line| format!("line {line}")), self.bar.map(|bar| format!("bar {bar}"))];
        let places: Vec<String> = places.into_iter().flatten().collect();
        match places.is_empty() {
            true => self.kind.to_string(),
            false => format!("{}: {}", places.join(", "), self.kind),
        }
    }
}

/// ``tune 12 `The Kesh`, line 6, bar 3: …``
impl fmt::Display for AbcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(Some(self.line)))
    }
}

/// What can be wrong in ABC text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AbcErrorKind {
    /// The `K:` field names no key.
    #[error("`{0}` is no key; write a tonic and a mode, as in `K:D`, `K:F#m` or `K:A dorian`")]
    Key(String),
    /// The `M:` field names no metre.
    #[error("`{0}` is no metre; write one as in `M:6/8`, `M:C` or `M:C|`")]
    Meter(String),
    /// The `L:` field names no length.
    #[error("`{0}` is no unit length; write one as in `L:1/8`")]
    Length(String),
    /// The tune has no `K:` field, which must end its header.
    #[error("the tune has no `K:` field; its header must end with one")]
    NoKey,
    /// The tune has no note.
    #[error("the tune has no notes")]
    Empty,
    /// A number out of range.
    #[error("a length or number here is zero or too large; the largest is {0}")]
    Number(i64),
    /// A character with no meaning in ABC.
    #[error("`{0}` means nothing in ABC music")]
    Character(char),
    /// Something opened is not closed on its line.
    #[error("the `{0}` here is never closed on its line")]
    Unclosed(char),
    /// An accidental without a note, or three of them.
    #[error("an accidental must stand before a note letter, at most two of a kind")]
    Accidental,
    /// A note outside MIDI's range.
    #[error("this note is too low or too high to play")]
    Pitch,
    /// A broken rhythm that divides too far.
    #[error("a broken rhythm has at most three `>` or `<` and divides a written length")]
    Broken,
    /// A tuplet that is none.
    #[error("`({0}` is no tuplet; write from `(2` to `(9`, or notes and time as in `(10:6`")]
    Tuplet(i64),
    /// An ending out of range.
    #[error("an ending is numbered from 1 to 8, as in `[1`, `[1,3` or `[1-3`")]
    Ending,
    /// The tune with its repeats is too long.
    #[error("with its repeats the tune has over {0} notes and bar lines")]
    TooLong(usize),
    /// More voices than anybody writes.
    #[error("the tune has over {0} voices")]
    Voices(usize),
}
