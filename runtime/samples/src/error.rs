//! What can be wrong with a sound, said to a musician.

use std::path::PathBuf;

/// Why a sound cannot be had. Each message names the file or the name, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// No root holds a sound of this name. `help` offers the nearest, or says what there is.
    #[error("there is no sound `{name}`: {help}")]
    UnknownName {
        /// The name as it was written.
        name: String,
        /// What to write instead.
        help: String,
    },
    /// What stands after the colon of a sound's name is no number.
    #[error("`{written}`: after the colon stands a number, as in `{name}:2`")]
    BadNumber {
        /// The whole text.
        written: String,
        /// What stands before the colon.
        name: String,
    },
    /// The file is not there, may not be read, or the disk failed.
    #[error("{}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A folder, a pipe or a device stands where a file should.
    #[error("{}: is no file that could be read", file.display())]
    NotAFile {
        /// Its path.
        file: PathBuf,
    },
    /// The file has no bytes.
    #[error("{}: the file is empty", file.display())]
    Empty {
        /// The file.
        file: PathBuf,
    },
    /// The content is something else than sound, or sound of a kind that is not read here.
    #[error("{}: {what}", file.display())]
    NotSound {
        /// The file.
        file: PathBuf,
        /// What it is, and what to do.
        what: String,
    },
    /// The file is a sound file, but its content makes no sense.
    #[error("{}: the file is damaged ({reason}): export it once more", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was found.
        reason: String,
    },
    /// A sound file without a single frame.
    #[error("{}: holds no sound, only a header", file.display())]
    Silent {
        /// The file.
        file: PathBuf,
    },
    /// Longer than [`MAX_SECONDS`](crate::MAX_SECONDS).
    #[error("{}: is {length} long, and a sample is at most 10 minutes: cut out what you need", file.display())]
    TooLong {
        /// The file.
        file: PathBuf,
        /// Its length in words.
        length: String,
    },
    /// More frames than [`MAX_BYTES`](crate::MAX_BYTES) hold.
    #[error(
        "{}: would take {megabytes} MB of memory, and a sample takes at most 256: \
         cut it, or export it at 48 kHz", file.display()
    )]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// What it would take, in units of 10⁶ bytes.
        megabytes: u64,
    },
    /// Lilt itself broke over the file.
    #[error("{}: Lilt itself stumbled over it ({place}): it is silent, and the others are read", file.display())]
    Stumbled {
        /// The file.
        file: PathBuf,
        /// Where in Lilt, and why.
        place: String,
    },
    /// The loader's thread has gone, so nothing is read any more.
    #[error("sounds are no longer loaded: start Lilt anew")]
    LoaderGone,
}
