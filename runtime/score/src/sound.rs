//! What sounds an event: the name of an instrument, of recorded sounds, or of a preset of a SoundFont.

use std::fmt;
use std::sync::Arc;

/// What sounds an event, by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sound {
    /// A built-in instrument.
    Instrument(Arc<str>),
    /// The recorded sounds of a name; the control N says which of them.
    Sample(Arc<str>),
    /// A preset of a SoundFont.
    Preset(Arc<Preset>),
}

/// A preset of a SoundFont, as it is numbered there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Preset {
    /// The file, as the script names it.
    pub file: Arc<str>,
    /// 0 for most, 128 for drum kits.
    pub bank: u16,
    /// The program, 0 to 127.
    pub program: u8,
    /// Its name in the file.
    pub name: Arc<str>,
}

impl Sound {
    /// Its name: that of the instrument, of the recorded sounds, or of the preset.
    pub fn name(&self) -> &str {
        match self {
            Sound::Instrument(name) | Sound::Sample(name) => name,
            Sound::Preset(preset) => &preset.name,
        }
    }
}

/// The instrument of this name.
impl From<&str> for Sound {
    fn from(name: &str) -> Sound {
        Sound::Instrument(name.into())
    }
}

impl fmt::Display for Sound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
