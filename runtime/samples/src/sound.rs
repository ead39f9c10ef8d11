//! One sound of a bank: where it is, before anything of it was read.

use std::path::PathBuf;

use crate::{Sample, SampleError, decode};

/// Where the bytes of a sound are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// In a file of the disk.
    File(PathBuf),
    /// In the program: a path below `runtime/samples/sounds`.
    Starter(&'static str),
}

impl Source {
    /// Reads and decodes it, which takes time: see [`decode::read`].
    pub fn read(&self) -> Result<Sample, SampleError> {
        match self {
            Source::File(path) => decode::read(path),
            Source::Starter(path) => decode::read_bytes(crate::starter::bytes(path), path.as_ref()),
        }
    }
}

/// One sound under a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Where it is.
    pub source: Source,
    /// The pitch at which it was recorded, as a MIDI number, where a map of Strudel says so.
    pub pitch: Option<f64>,
}

impl Sound {
    pub(crate) fn at(source: Source) -> Self {
        Sound { source, pitch: None }
    }
}
