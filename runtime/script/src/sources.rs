//! What a script may read of the files beside it: the engine itself touches none.

use lilt_score::Preset;

/// A file beside the script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name in messages, and what to watch: `mine.lua`.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// Reads what a script names.
pub trait Sources {
    /// The file of the module `module`, a bare name without a path or an ending.
    fn read(&self, module: &str) -> Option<SourceFile>;

    /// The bytes of a file of music in the script's folder or below it: names with `/` between them, none of
    /// which leads out of it, and the last ends as [`MusicFile::is_named_so`](lilt_score::MusicFile) knows it.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn music(&self, _file: &str) -> Result<Vec<u8>, Unread> {
        Err(Unread::Missing { others: Vec::new() })
    }

    /// The text of `file`, NAME.taste in the script's folder with a bare name; nothing where there is none yet.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn taste(&self, _file: &str) -> Result<Option<String>, Unread> {
        Ok(None)
    }

    /// The SoundFont in `file`, a path from the script's folder into it or below.
    ///
    /// # Errors
    /// When it cannot be read, or may not.
    fn soundfont(&self, file: &str) -> Result<Box<dyn FontFile>, Refusal> {
        Err(Refusal { message: format!("there is no file {file}"), help: String::new() })
    }
}

/// Why a file of music cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unread {
    /// There is none of that name.
    Missing {
        /// Files of music that there are in the folder and in those in it, written as the script would name them.
        others: Vec<String>,
    },
    /// Why, for a musician: it is a pipe, is too large, or cannot be opened.
    Refused(String),
}

/// No files at all.
impl Sources for () {
    fn read(&self, _: &str) -> Option<SourceFile> {
        None
    }
}

/// An open SoundFont.
pub trait FontFile {
    /// One of its instruments.
    ///
    /// # Errors
    /// When it has no such.
    fn find(&self, wanted: &WantedPreset) -> Result<Preset, Refusal>;
}

/// How a script names an instrument of a SoundFont.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WantedPreset {
    /// By its name in the file, or General MIDI's for its program.
    Name(String),
    /// By its numbers.
    Number {
        /// 0 for most, 128 for drum kits.
        bank: i64,
        /// The program, 0 to 127.
        program: i64,
    },
}

/// Why a script does not get what it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub message: String,
    /// What to write instead; may be empty.
    pub help: String,
}
