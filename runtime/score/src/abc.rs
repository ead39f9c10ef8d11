//! ABC, the text form in which folk tunes are written and collected: a reader of whole tune books.
//!
//! It reads what the collections use of the ABC standard 2.1 and of what was written before it: headers, keys and
//! modes, clefs that shift octaves, accidentals that hold for the bar, tuplets, broken rhythm, ties, chords, voices and
//! voices written over others, repeats, endings and orders of parts (written out in playing order), chord symbols as
//! they are written. Grace notes, decorations and slurs are passed over. Time is exact, in quarter-note beats.

mod bars;
mod body;
mod book;
mod error;
mod fields;
mod key;
mod parts;
mod reader;
mod repeats;
mod scanner;
#[cfg(test)]
mod tests;
mod text;
mod timing;
mod tune;

pub use book::{Book, BookError, read_tune};
pub use error::{AbcError, AbcErrorKind};
pub use text::decode;
pub use tune::{Tune, TuneNote, Voice, VoiceNote};

/// The tunes of a [`Book`]. A tune that cannot be read is an error in its place, and the rest is still read.
pub fn read_book(text: &str) -> Vec<Result<Tune, AbcError>> {
    Book::read(text).tunes
}
