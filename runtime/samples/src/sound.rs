//! One sound of a bank: where it is, before anything of it was read.

use std::path::PathBuf;

use crate::{FontInstrument, Fonts, Sample, SampleError, SoundFontError, decode};

/// Where the bytes of a sound are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// In a file of the disk.
    File(PathBuf),
    /// In the program: a path below `runtime/samples/sounds`.
    Starter(&'static str),
}

impl Source {
    /// What messages call it.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Source::File(path) => path.clone(),
            Source::Starter(path) => PathBuf::from(path),
        }
    }

    /// Reads and decodes it, which takes time: see [`decode::read`].
    pub fn read(&self) -> Result<Sample, SampleError> {
        match self {
            Source::File(path) => decode::read(path),
            Source::Starter(path) => decode::read_bytes(crate::starter::bytes(path), path.as_ref()),
        }
    }
}

/// An instrument of a SoundFont.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FontSource {
    /// The file.
    pub file: PathBuf,
    /// 0 for most, [`DRUM_BANK`](crate::DRUM_BANK) for drum kits.
    pub bank: u16,
    /// The program, 0 to 127.
    pub program: u8,
}

impl FontSource {
    /// Opens the file, if it is not open, and reads the instrument, which takes time.
    pub(crate) fn read(&self, fonts: &Fonts) -> Result<FontInstrument, SoundFontError> {
        let font = fonts.open(&self.file)?;
        let preset = font.preset((i64::from(self.bank), i64::from(self.program)))?;
        font.instrument(preset)
    }
}

/// One sound under a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Where it is.
    pub source: Source,
    /// The pitch at which it was recorded, as a MIDI number, where the bank knows.
    pub pitch: Option<f64>,
    /// True for one of several recordings of an instrument at different pitches, as a map of Strudel lists them: a
    /// note then plays the recording that is nearest to it.
    pub keyed: bool,
}

impl Sound {
    pub(crate) fn at(source: Source) -> Self {
        Sound { source, pitch: None, keyed: false }
    }
}
