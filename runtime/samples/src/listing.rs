//! What sounds a folder holds: names and numbers, from the names of files alone.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::sound::{Sound, Source};
use crate::strudel;

/// The most sounds that all roots together are searched for.
pub const MAX_SOUNDS: usize = 20_000;

/// The most entries of folders that are looked at, sounds or not.
const MAX_ENTRIES: usize = 100_000;

/// How deep folders are looked into: `samples/Dirt-Samples/bd/` is two below `samples/`.
const MAX_DEPTH: usize = 4;

/// The map of names that Strudel reads.
const STRUDEL_MAP: &str = "strudel.json";

/// Names with their sounds, and what could not be listed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Listing {
    pub(crate) names: BTreeMap<String, Vec<Sound>>,
    pub(crate) warnings: Vec<String>,
    sounds: usize,
    entries: usize,
}

impl Listing {
    /// Adds what `root` holds. Names that an earlier root has stay that root's.
    pub(crate) fn add_folder(&mut self, root: &Path) {
        let mut found = BTreeMap::new();
        self.walk(root, 0, &mut found);
        self.add(found);
    }

    /// Adds names with their sounds. Names that are there already stay as they are.
    pub(crate) fn add(&mut self, found: impl IntoIterator<Item = (String, Vec<Sound>)>) {
        for (name, sounds) in found {
            self.names.entry(name).or_insert(sounds);
        }
    }

    /// Says something once, up to a number of times that somebody reads.
    pub(crate) fn warn(&mut self, warning: String) {
        if self.warnings.len() < 20 && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Takes `folder`: files as names, folders with sounds as names, and folders without as further folders of names.
    /// The names of a map of Strudel come first: where it says a name, no file or folder does.
    fn walk(&mut self, folder: &Path, depth: usize, found: &mut BTreeMap<String, Vec<Sound>>) {
        let entries = self.read(folder);
        if let Some(map) = entries.files.iter().find(|file| file.ends_with(STRUDEL_MAP)) {
            let (map, warnings) = strudel::read(map);
            warnings.into_iter().for_each(|warning| self.warn(warning));
            for (name, sounds) in map {
                let sounds = self.bounded(sounds, folder);
                insert(found, name, sounds);
            }
        }
        for file in entries.files.into_iter().filter(|file| is_sound(file)) {
            let Some(stem) = file.file_stem().and_then(|stem| stem.to_str()) else { continue };
            let stem = stem.to_owned();
            let sounds = self.bounded(vec![Sound::at(Source::File(file))], folder);
            insert(found, stem, sounds);
        }
        for below in entries.folders {
            let Some(name) = below.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
                continue;
            };
            let inside = self.read(&below);
            let has_map = inside.files.iter().any(|file| file.ends_with(STRUDEL_MAP));
            let sounds: Vec<Sound> = inside
                .files
                .into_iter()
                .filter(|file| is_sound(file))
                .map(|file| Sound::at(Source::File(file)))
                .collect();
            if !has_map && !sounds.is_empty() {
                let sounds = self.bounded(sounds, folder);
                insert(found, name, sounds);
            } else if depth + 1 < MAX_DEPTH {
                self.walk(&below, depth + 1, found);
            }
        }
    }

    /// The entries of a folder in the order of their names' bytes, without hidden ones.
    fn read(&mut self, folder: &Path) -> Entries {
        let mut entries = Entries::default();
        let reading = match fs::read_dir(folder) {
            Ok(reading) => reading,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.warn(format!("{}: there is no such folder of sounds", folder.display()));
                return entries;
            }
            Err(error) => {
                self.warn(format!("{}: the folder cannot be read: {error}", folder.display()));
                return entries;
            }
        };
        for entry in reading.flatten() {
            if self.entries >= MAX_ENTRIES {
                self.warn(format!(
                    "{}: more than {MAX_ENTRIES} files and folders: what comes after is not listed",
                    folder.display()
                ));
                break;
            }
            self.entries += 1;
            let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
            // A link counts as what it leads to.
            let kind =
                entry.file_type().map(|kind| if kind.is_symlink() { None } else { Some(kind.is_dir()) });
            let path = entry.path();
            match kind {
                _ if hidden => {}
                Ok(Some(true)) => entries.folders.push(path),
                Ok(Some(false)) => entries.files.push(path),
                _ if path.is_dir() => entries.folders.push(path),
                _ => entries.files.push(path),
            }
        }
        entries.files.sort_unstable();
        entries.folders.sort_unstable();
        entries
    }

    /// As many of `sounds` as there is room for.
    fn bounded(&mut self, mut sounds: Vec<Sound>, folder: &Path) -> Vec<Sound> {
        let room = MAX_SOUNDS - self.sounds;
        if sounds.len() > room {
            sounds.truncate(room);
            self.warn(format!(
                "{}: more than {MAX_SOUNDS} sounds: what comes after is not listed",
                folder.display()
            ));
        }
        self.sounds += sounds.len();
        sounds
    }
}

/// Of two folders of one name below one root, the first: their numbers stay as they are.
fn insert(found: &mut BTreeMap<String, Vec<Sound>>, name: String, sounds: Vec<Sound>) {
    let name = written(&name);
    if !sounds.is_empty() && !name.is_empty() {
        found.entry(name).or_insert(sounds);
    }
}

/// The name of a file or a folder as a script writes it: what the notation takes for something else, such as
/// spaces and brackets, is an underscore.
pub(crate) fn written(name: &str) -> String {
    let stands = |c: char| c.is_alphanumeric() || matches!(c, '#' | '-' | '.' | '\'' | '_' | '~' | '^');
    let pieces = name.split(|c| !stands(c)).filter(|piece| !piece.is_empty());
    pieces.collect::<Vec<_>>().join("_")
}

#[derive(Default)]
struct Entries {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

/// Whether a file's name ends as those of sounds do.
pub(crate) fn is_sound(path: &Path) -> bool {
    const ENDINGS: [&str; 8] = ["wav", "wave", "aif", "aiff", "aifc", "flac", "ogg", "mp3"];
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)))
}
