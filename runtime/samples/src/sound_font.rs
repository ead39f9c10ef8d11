//! SoundFonts: files of sampled instruments, asked for by name.

use std::fmt;
use std::fs;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lilt_score::nearest;

use crate::FontInstrument;
use crate::decode::reason;
use lilt_score::GENERAL_MIDI;

/// The largest file that is opened, in bytes: all of it is held in memory.
const MAX_BYTES: u64 = 1_000_000_000;

/// What is said of a file that was cut.
const TOO_SHORT: &str = "it ends too early";

/// The bank in which General MIDI's drum kits stand.
pub const DRUM_BANK: u16 = 128;

/// Why a SoundFont or one of its presets cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SoundFontError {
    /// The file cannot be read.
    #[error("{}: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why, in words.
        reason: String,
    },
    /// The file is something else.
    #[error("{}: is no SoundFont: give an .sf2 file", file.display())]
    NotASoundFont {
        /// The file.
        file: PathBuf,
    },
    /// The samples are packed, as in .sf3.
    #[error("{}: its sounds are packed (.sf3): unpack it to .sf2", file.display())]
    Packed {
        /// The file.
        file: PathBuf,
    },
    /// The file begins like a SoundFont, but its content makes no sense.
    #[error("{}: the SoundFont is damaged ({reason}): fetch it again", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What was found.
        reason: String,
    },
    /// Lilt itself broke over the file.
    #[error("{}: Lilt itself stumbled over it ({place}): it is silent, and the others are read", file.display())]
    Stumbled {
        /// The file.
        file: PathBuf,
        /// Where in Lilt, and why.
        place: String,
    },
    /// No preset has this name or number.
    #[error("{} has no preset `{wanted}`: {help}", file.display())]
    UnknownPreset {
        /// The file.
        file: PathBuf,
        /// The name or the number as it was asked for.
        wanted: String,
        /// What to write instead.
        help: String,
    },
}

/// One instrument of a SoundFont.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preset {
    /// Its name in the file.
    pub name: String,
    /// 0 for most, [`DRUM_BANK`] for drum kits.
    pub bank: u16,
    /// The program, 0 to 127.
    pub program: u8,
}

/// How a preset is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PresetQuery {
    /// By its own name, or by General MIDI's for its program; case does not count.
    Name(String),
    /// By its program in bank 0.
    Program(i64),
    /// By bank and program.
    Bank(i64, i64),
}

impl From<&str> for PresetQuery {
    fn from(name: &str) -> Self {
        PresetQuery::Name(name.to_owned())
    }
}

impl From<i64> for PresetQuery {
    fn from(program: i64) -> Self {
        PresetQuery::Program(program)
    }
}

impl From<(i64, i64)> for PresetQuery {
    fn from((bank, program): (i64, i64)) -> Self {
        PresetQuery::Bank(bank, program)
    }
}

impl fmt::Display for PresetQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PresetQuery::Name(name) => f.write_str(name),
            PresetQuery::Program(program) => write!(f, "{program}"),
            PresetQuery::Bank(bank, program) => write!(f, "{bank}:{program}"),
        }
    }
}

/// An open SoundFont, all of it in memory. Cheap to clone.
#[derive(Clone)]
pub struct SoundFont {
    file: PathBuf,
    presets: Arc<[Preset]>,
    font: Arc<rustysynth::SoundFont>,
}

impl fmt::Debug for SoundFont {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoundFont").field("file", &self.file).field("presets", &self.presets).finish()
    }
}

impl SoundFont {
    /// Reads all of a file, which takes time: call it on a thread that no music waits for.
    pub fn open(path: &Path) -> Result<Self, SoundFontError> {
        let unreadable = |reason: String| SoundFontError::Unreadable { file: path.to_owned(), reason };
        let metadata = fs::metadata(path).map_err(|error| unreadable(reason(&error)))?;
        if !metadata.is_file() {
            return Err(unreadable("is no file that could be read".to_owned()));
        }
        if metadata.len() > MAX_BYTES {
            return Err(unreadable("is larger than 1 GB: take a smaller SoundFont".to_owned()));
        }
        let bytes = fs::read(path).map_err(|error| unreadable(reason(&error)))?;
        Self::from_bytes(&bytes, path)
    }

    /// Reads a SoundFont that is in memory already; `name` is what messages call it.
    pub fn from_bytes(bytes: &[u8], name: &Path) -> Result<Self, SoundFontError> {
        let file = name.to_owned();
        if bytes.len() < 12 || &bytes[..4] != b"RIFF" || &bytes[8..12] != b"sfbk" {
            return Err(SoundFontError::NotASoundFont { file });
        }
        if let Err(reason) = check_chunks(&bytes[12..]) {
            return Err(SoundFontError::Damaged { file, reason: reason.to_owned() });
        }
        // The reader is not ours: should it panic on a file, the file is at fault.
        let read = catch_unwind(AssertUnwindSafe(|| rustysynth::SoundFont::new(&mut Cursor::new(bytes))));
        let font = match read {
            Ok(Ok(font)) => font,
            Ok(Err(rustysynth::SoundFontError::UnsupportedSampleFormat)) => {
                return Err(SoundFontError::Packed { file });
            }
            Ok(Err(rustysynth::SoundFontError::IoError(_))) => {
                return Err(SoundFontError::Damaged { file, reason: TOO_SHORT.to_owned() });
            }
            Ok(Err(error)) => return Err(SoundFontError::Damaged { file, reason: error.to_string() }),
            Err(_) => {
                let reason = "its parts contradict each other".to_owned();
                return Err(SoundFontError::Damaged { file, reason });
            }
        };
        let mut presets: Vec<Preset> = font.get_presets().iter().filter_map(preset).collect();
        presets.sort_by_key(|preset| (preset.bank, preset.program));
        Ok(SoundFont { file, presets: presets.into(), font: Arc::new(font) })
    }

    /// All presets by bank and program.
    pub fn presets(&self) -> &[Preset] {
        &self.presets
    }

    /// The preset of a name (`"Violin"`), a program (`40`) or bank and program (`(128, 0)`). The file's own
    /// names go before General MIDI's. What is not there is answered with the nearest.
    pub fn preset(&self, query: impl Into<PresetQuery>) -> Result<&Preset, SoundFontError> {
        let query = query.into();
        let at = |bank: i64, program: i64| {
            self.presets
                .iter()
                .find(|preset| (i64::from(preset.bank), i64::from(preset.program)) == (bank, program))
        };
        let found = match &query {
            PresetQuery::Program(program) => at(0, *program),
            PresetQuery::Bank(bank, program) => at(*bank, *program),
            PresetQuery::Name(name) => {
                let name = name.trim();
                let own = self.presets.iter().find(|preset| preset.name.trim().eq_ignore_ascii_case(name));
                own.or_else(|| {
                    let program = GENERAL_MIDI.iter().position(|known| known.eq_ignore_ascii_case(name))?;
                    at(0, program as i64)
                })
            }
        };
        found.ok_or_else(|| SoundFontError::UnknownPreset {
            file: self.file.clone(),
            wanted: query.to_string(),
            help: self.help(&query),
        })
    }

    /// The instrument that a preset is, with its sounds, which takes time.
    ///
    /// # Errors
    /// When what the file says of it makes no sense.
    pub fn instrument(&self, preset: &Preset) -> Result<FontInstrument, SoundFontError> {
        // As when it was read: should the reader panic on what the file says, the file is at fault.
        catch_unwind(AssertUnwindSafe(|| FontInstrument::read(self, preset))).map_err(|_| {
            let reason = format!("what it says of `{}` makes no sense", preset.name);
            SoundFontError::Damaged { file: self.file.clone(), reason }
        })
    }

    /// What messages call it: the file's path.
    pub fn name(&self) -> String {
        self.file.display().to_string()
    }

    /// The data as the library `rustysynth` reads it.
    pub fn font(&self) -> &Arc<rustysynth::SoundFont> {
        &self.font
    }

    fn help(&self, query: &PresetQuery) -> String {
        if let PresetQuery::Name(name) = query {
            let own = self.presets.iter().map(|preset| preset.name.as_str());
            let standard = self.presets.iter().filter(|preset| preset.bank == 0);
            let standard =
                standard.filter_map(|preset| GENERAL_MIDI.get(usize::from(preset.program)).copied());
            if let Some(near) = nearest(name, own.chain(standard)) {
                return format!("did you mean `{near}`?");
            }
        }
        let some: Vec<String> = self
            .presets
            .iter()
            .take(8)
            .map(|preset| match preset.bank {
                0 => format!("{} ({})", preset.name, preset.program),
                bank => format!("{} ({bank}:{})", preset.name, preset.program),
            })
            .collect();
        let more = self.presets.len() - some.len();
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("there is {}{rest}", some.join(", "))
    }
}

/// A preset whose numbers are those of MIDI.
fn preset(preset: &rustysynth::Preset) -> Option<Preset> {
    let program = u8::try_from(preset.get_patch_number()).ok().filter(|program| *program < 128)?;
    let bank = u16::try_from(preset.get_bank_number()).ok()?;
    Some(Preset { name: preset.get_name().trim().to_owned(), bank, program })
}

/// Whether each chunk ends within what holds it: the reader makes room for what a chunk says it holds.
/// `rest` is what follows `sfbk`.
fn check_chunks(mut rest: &[u8]) -> Result<(), &'static str> {
    while !rest.is_empty() {
        let (id, mut content, after) = chunk(rest).ok_or(TOO_SHORT)?;
        if id == *b"LIST" {
            content = content.get(4..).ok_or(TOO_SHORT)?;
            while !content.is_empty() {
                (_, _, content) = chunk(content).ok_or(TOO_SHORT)?;
            }
        }
        rest = after;
    }
    Ok(())
}

/// The first chunk: its name, its content, and what comes after.
fn chunk(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let id = bytes.get(..4)?.try_into().ok()?;
    let length = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    let content = bytes.get(8..)?.get(..length)?;
    // Of an odd length a filling byte follows, which the last chunk of a file may lack.
    let padded = (8 + length + length % 2).min(bytes.len());
    Some((id, content, &bytes[padded..]))
}
