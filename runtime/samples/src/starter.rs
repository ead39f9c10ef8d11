//! The sounds that come with Lilt: `runtime/samples/sounds`, within the program.

use include_dir::{Dir, include_dir};

use crate::sound::{Sound, Source};

static SOUNDS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/sounds");

/// The bytes of a file below `runtime/samples/sounds`; none for what is not there.
pub(crate) fn bytes(path: &str) -> &'static [u8] {
    SOUNDS.get_file(path).map_or(&[], |file| file.contents())
}

/// What the sounds of a name are.
pub(crate) fn about(name: &str) -> Option<&'static str> {
    Some(match name {
        "bd" => "bass drum",
        "sd" => "snare drum",
        "hh" => "closed hi-hat",
        "oh" => "open hi-hat",
        "cp" => "hand clap",
        "rs" => "rim shot and stick",
        "lt" => "low tom",
        "mt" => "middle tom",
        "ht" => "high tom",
        "cr" => "crash cymbal",
        "rd" => "ride cymbal",
        "cb" => "cowbell",
        "sh" => "shaker",
        "tb" => "tambourine",
        "cl" => "claves",
        "conga" => "congas",
        "808bd" | "909bd" => "bass drum of a drum machine",
        "808sd" | "909sd" => "snare drum of a drum machine",
        "808hh" | "909hh" => "closed hi-hat of a drum machine",
        "808oh" | "909oh" => "open hi-hat of a drum machine",
        "808cp" | "909cp" => "clap of a drum machine",
        "breaks" => "a bar of drums each, at 120, 135, 150 and 170 beats a minute",
        "bass" => "basses",
        "stab" => "chords, cut short",
        "pad" => "slow chords",
        "pluck" => "plucked and struck strings and bars",
        "bell" => "bells",
        "noise" => "noises",
        "voice" => "vowels, sung",
        "fx" => "zap, drop and riser",
        "click" => "clicks",
        _ => return None,
    })
}

/// The pitch at which a sound was made, as a MIDI number, if it has one: `runtime/samples/sounds/LICENCE.md`
/// lists them.
fn pitch(path: &str) -> Option<f64> {
    let (name, file) = path.split_once('/')?;
    match name {
        "bass" => Some(36.0),
        "voice" => Some(48.0),
        "bell" if file.starts_with("2-") => Some(84.0),
        "bell" | "pad" | "pluck" | "stab" => Some(60.0),
        _ => None,
    }
}

/// Each name with its sounds, their files in order.
pub(crate) fn sounds() -> impl Iterator<Item = (String, Vec<Sound>)> {
    SOUNDS.dirs().filter_map(|folder| {
        let name = folder.path().to_str()?.to_owned();
        let mut paths: Vec<&'static str> = folder.files().filter_map(|file| file.path().to_str()).collect();
        paths.sort_unstable();
        let sound = |path| Sound { pitch: pitch(path), ..Sound::at(Source::Starter(path)) };
        Some((name, paths.into_iter().map(sound).collect()))
    })
}
