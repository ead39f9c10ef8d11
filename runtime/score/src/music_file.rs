//! A file of music as people have it, told by the ending of its name: MIDI, or a book of ABC tunes.

use crate::{abc, smf};

/// What a file of music holds.
#[derive(Debug, Clone, PartialEq)]
pub enum MusicFile {
    /// A MIDI file.
    Midi(smf::Song),
    /// A book of tunes, each read or with what is wrong with it; at least one.
    Abc(abc::Book),
}

/// Why a file gives no music.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MusicFileError {
    /// Its name ends as no file of music does.
    #[error("neither MIDI (.mid) nor ABC (.abc)")]
    OtherKind,
    /// No byte is in it.
    #[error("it is empty")]
    Empty,
    /// More bytes than are read.
    #[error("{} MiB: {} at most are read", .0 >> 20, MusicFile::MOST_BYTES >> 20)]
    TooLarge(u64),
    /// No MIDI file that can be read.
    #[error(transparent)]
    Midi(#[from] smf::SmfError),
    /// No tune is in it.
    #[error(transparent)]
    Abc(#[from] abc::BookError),
}

impl MusicFile {
    /// Largest file that is read, in bytes: the longest symphony as MIDI has about one million, the largest
    /// collections of tunes as ABC ten.
    pub const MOST_BYTES: u64 = 16 << 20;

    /// True for the name of a file that [`read`](MusicFile::read) reads, in large or small letters.
    pub fn is_named_so(name: &str) -> bool {
        matches!(Kind::of(name), Some(Kind::Midi | Kind::Abc))
    }

    /// Whether a file of this name and so many bytes is one to be read.
    ///
    /// # Errors
    /// When it is of another kind, empty, or too large.
    pub fn check(name: &str, bytes: u64) -> Result<(), MusicFileError> {
        match bytes {
            _ if Kind::of(name).is_none() => Err(MusicFileError::OtherKind),
            0 => Err(MusicFileError::Empty),
            bytes if bytes > MusicFile::MOST_BYTES => Err(MusicFileError::TooLarge(bytes)),
            _ => Ok(()),
        }
    }

    /// Reads a file by the ending of its name.
    ///
    /// # Errors
    /// As [`check`](MusicFile::check), and when the bytes are no music of that kind.
    pub fn read(name: &str, bytes: &[u8]) -> Result<MusicFile, MusicFileError> {
        MusicFile::check(name, bytes.len() as u64)?;
        if Kind::of(name) != Some(Kind::Abc) {
            return Ok(MusicFile::Midi(smf::read(bytes)?));
        }
        let book = abc::Book::of_bytes(bytes);
        if book.tunes.is_empty() {
            return Err(abc::BookError::NoTunes.into());
        }
        Ok(MusicFile::Abc(book))
    }
}

/// What the ending of a name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Midi,
    Abc,
    /// A score of a notation program: not read, but what to do with it is told.
    Score,
}

impl Kind {
    fn of(name: &str) -> Option<Kind> {
        let ending = name.rsplit_once('.')?.1.to_lowercase();
        match ending.as_str() {
            "abc" => Some(Kind::Abc),
            "musicxml" | "mxl" => Some(Kind::Score),
            ending => smf::ENDINGS.contains(&ending).then_some(Kind::Midi),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_by_its_ending_or_told_of() {
        let midi = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0";
        for name in ["a.mid", "a.MIDI", "a.b.kar", "a.rmi", "a.smf"] {
            assert!(matches!(MusicFile::read(name, midi), Ok(MusicFile::Midi(_))), "{name}");
            assert!(MusicFile::is_named_so(name), "{name}");
        }
        let book = MusicFile::read("a.ABC", b"X:1\nK:C\nCDEF|\nK:\n");
        assert!(matches!(book, Ok(MusicFile::Abc(book)) if book.tunes.len() == 1));
        for (name, bytes, told) in [
            ("notes.txt", &b"x"[..], "neither MIDI (.mid) nor ABC (.abc)"),
            ("mid", b"x", "neither MIDI (.mid) nor ABC (.abc)"),
            ("a.mid", b"", "it is empty"),
            ("a.mid", b"x", "this is no MIDI file that can be read: it does not begin with `MThd`"),
            (
                "a.abc",
                b"once upon a time",
                "there is no tune in it: each begins with a line like `X:1`, and its header ends with one like `K:G`",
            ),
            (
                "a.musicxml",
                b"<?xml version=\"1.0\"?><score-partwise>",
                "this is MusicXML, no MIDI file: export it as MIDI or as ABC from the program that wrote it",
            ),
        ] {
            let error = MusicFile::read(name, bytes).expect_err(name);
            assert_eq!(error.to_string(), told, "{name}");
        }
        let error = MusicFile::check("a.mid", 17 << 20).expect_err("too large");
        assert_eq!(error.to_string(), "17 MiB: 16 at most are read");
    }
}
