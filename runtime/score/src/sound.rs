//! What sounds an event: the name of an instrument, of recorded sounds, or of a preset of a SoundFont; or a place in a
//! space of sounds.

use std::fmt;
use std::sync::Arc;

use crate::TimbrePlace;

/// What sounds an event, by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Sound {
    /// A built-in instrument.
    Instrument(Arc<str>),
    /// The recorded sounds of a name; the control N says which of them.
    Sample(Arc<str>),
    /// A preset of a SoundFont.
    Preset(Arc<Preset>),
    /// A place in a space of sounds.
    Timbre(TimbrePlace),
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
    /// Its name: that of the instrument, of the recorded sounds, of the preset, or of the place.
    pub fn name(&self) -> &str {
        match self {
            Sound::Instrument(name) | Sound::Sample(name) => name,
            Sound::Preset(preset) => &preset.name,
            Sound::Timbre(place) => place.name(),
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
