//! The files that a script is made of as they were last told, and which of them were saved since.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long a file must be missing before that is told: an editor that moves the old file out of
/// the way and writes a new one takes less.
const MISSING: Duration = Duration::from_millis(500);

/// The longest way from link to link that is followed, as on Linux.
const LINKS: usize = 40;

/// The Lua files in the folder of a script, and in that of the file that the script is a link to; and what else the
/// script reads from there.
pub struct Listing {
    script: PathBuf,
    /// What the script requires or reads, by its names from these folders.
    required: Vec<String>,
    files: BTreeMap<PathBuf, Known>,
}

/// What is known of one file.
#[derive(Default)]
struct Known {
    /// Every place that leads to the file: its own name, those of the links between, that of the
    /// file itself, each in a folder whose path holds no link.
    way: Vec<PathBuf>,
    /// As it was last told; nothing where it is missing.
    told: Option<Stamp>,
    /// Seen like this once, and perhaps still being written.
    unsettled: Option<Outside>,
    /// Since when it is missed, untold.
    missed: Option<Instant>,
}

/// How far the file system's clock may lag behind the system's: it moves in ticks, of 10 ms at most.
const CLOCK: Duration = Duration::from_millis(10);

/// What is seen of a file without reading it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Outside {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: Option<SystemTime>,
}

/// A file as it was read.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    outside: Outside,
    /// A hash of the content; nothing where it cannot be read, which is for the reader to say.
    content: Option<u64>,
}

impl Listing {
    /// All files as they are.
    pub fn of(script: &Path) -> Listing {
        let mut listing =
            Listing { script: script.to_path_buf(), required: Vec::new(), files: BTreeMap::new() };
        for path in listing.entries() {
            let told = stamp(&path);
            listing.files.insert(path.clone(), Known { way: way(&path), told, ..Known::default() });
        }
        listing
    }

    /// From here on these are looked at too. They were read after `began`: one that was written since may hold
    /// something else by now, and is found. True when they are others than before.
    pub fn require(&mut self, required: Vec<String>, began: SystemTime) -> bool {
        if self.required == required {
            return false;
        }
        self.required = required;
        let entries = self.entries();
        self.files.retain(|path, _| entries.contains(path));
        let as_read = |stamp: &Stamp| stamp.outside.modified.is_none_or(|modified| modified + CLOCK < began);
        for path in entries {
            self.files.entry(path).or_insert_with_key(|path| Known {
                way: way(path),
                told: stamp(path).filter(as_read),
                ..Known::default()
            });
        }
        true
    }

    /// The folders in which a save of one of the files would happen. Their paths hold no links.
    pub fn folders(&self) -> BTreeSet<PathBuf> {
        let ways = self.files.values().flat_map(|known| &known.way);
        let beside = self.beside();
        ways.filter_map(|place| place.parent().map(Path::to_path_buf)).chain(beside).collect()
    }

    /// True where no file was seen changing.
    pub fn is_settled(&self) -> bool {
        self.files.values().all(|known| known.unsettled.is_none() && known.missed.is_none())
    }

    /// The files that a change at `place` saved: those whose way leads over it. One that is
    /// missing is left to [`Listing::look_around`], since a new one may be on its way.
    pub fn look_at(&mut self, place: &Path) -> Vec<PathBuf> {
        let mut concerned: Vec<PathBuf> = self
            .files
            .iter()
            .filter(|(_, known)| known.way.iter().any(|on_the_way| on_the_way == place))
            .map(|(path, _)| path.clone())
            .collect();
        concerned.extend(self.entry_at(place, &self.beside()).filter(|path| !self.files.contains_key(path)));
        let mut saved = Vec::new();
        for path in concerned {
            let known = self.files.entry(path.clone()).or_default();
            known.way = way(&path);
            // Read also where the outside is the same: two saves may fall into one tick of the
            // file system's clock.
            let Some(stamp) = stamp(&path) else { continue };
            (known.unsettled, known.missed) = (None, None);
            if known.told.replace(stamp) != Some(stamp) {
                saved.push(path);
            }
        }
        self.once_each(saved)
    }

    /// The files that were saved, or are missing for a while, since they were last told: those
    /// that were seen twice with the same new outside and hold something else.
    pub fn look_around(&mut self, now: Instant) -> Vec<PathBuf> {
        let mut saved = Vec::new();
        let entries = self.entries();
        for path in &entries {
            let known = self.files.entry(path.clone()).or_default();
            known.way = way(path);
            let Some(outside) = outside(path) else { continue };
            known.missed = None;
            if known.told.is_some_and(|told| told.outside == outside) {
                known.unsettled = None;
            } else if known.unsettled.replace(outside) == Some(outside) {
                known.unsettled = None;
                let stamp = Stamp { outside, content: content(path).ok() };
                let before = known.told.replace(stamp);
                if before.map(|before| before.content) != Some(stamp.content) {
                    saved.push(path.clone());
                }
            }
        }
        let mut over = Vec::new();
        for (path, known) in &mut self.files {
            if outside(path).is_some() {
                continue;
            }
            known.unsettled = None;
            match (known.told, known.missed) {
                (None, _) if !entries.contains(path) => over.push(path.clone()),
                (None, _) => {}
                (Some(_), None) => known.missed = Some(now),
                (Some(_), Some(since)) if now.saturating_duration_since(since) < MISSING => {}
                (Some(_), Some(_)) => {
                    (known.told, known.missed) = (None, None);
                    saved.push(path.clone());
                }
            }
        }
        for path in over {
            self.files.remove(&path);
        }
        self.once_each(saved)
    }

    /// One name for each file: the script's, that in the script's folder, or its own.
    fn once_each(&self, mut saved: Vec<PathBuf>) -> Vec<PathBuf> {
        let folder = self.script.parent();
        saved.sort_by_key(|path| (*path != self.script, path.parent() != folder));
        let mut told = BTreeSet::new();
        saved.retain(|path| {
            let file = self.files.get(path).and_then(|known| known.way.last());
            told.insert(file.cloned().unwrap_or_else(|| path.clone()))
        });
        saved
    }

    /// The folder of the script as it is named, and that of the file it leads to, without links.
    fn beside(&self) -> Vec<PathBuf> {
        let mut folders: Vec<PathBuf> = Vec::new();
        let way = way(&self.script);
        for place in way.first().into_iter().chain(way.last()) {
            let folder = place.parent().map(Path::to_path_buf);
            folders.extend(folder.filter(|folder| !folders.contains(folder)));
        }
        folders
    }

    /// The Lua files there are, by the names that are told, and the script and what it requires whether or not they
    /// are there.
    fn entries(&self) -> BTreeSet<PathBuf> {
        let mut entries = BTreeSet::from([self.script.clone()]);
        let beside = self.beside();
        for folder in &beside {
            // A folder that cannot be read, or is gone, is looked for again.
            let Ok(found) = fs::read_dir(folder) else { continue };
            entries.extend(found.flatten().filter_map(|entry| self.entry_at(&entry.path(), &beside)));
        }
        let named = self.script.parent().into_iter();
        for folder in named.chain(beside.iter().skip(1).map(PathBuf::as_path)) {
            entries.extend(self.required.iter().map(|name| folder.join(name)));
        }
        entries
    }

    /// The name by which a file at `place` is told, if it is one of those in the folders `beside`.
    fn entry_at(&self, place: &Path, beside: &[PathBuf]) -> Option<PathBuf> {
        let name = place.file_name()?;
        let at = beside.iter().position(|folder| Some(folder.as_path()) == place.parent())?;
        let named = match (at, self.script.parent()) {
            (0, Some(folder)) => folder.join(name),
            _ => place.to_path_buf(),
        };
        (is_lua(place) || named == self.script).then_some(named)
    }
}

fn is_lua(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "lua" || extension == "luau")
}

/// Every place that leads to the file of this path. The last is the file, be it there or not.
fn way(path: &Path) -> Vec<PathBuf> {
    let mut places = Vec::new();
    let mut next = Some(path.to_path_buf());
    while let Some(path) = next.take()
        && places.len() < LINKS
    {
        let Some(place) = in_real_folder(&path) else { break };
        next = fs::read_link(&place).ok().and_then(|to| place.parent().map(|folder| folder.join(to)));
        places.push(place);
    }
    if places.is_empty() {
        places.push(path.to_path_buf());
    }
    places
}

/// The path with its folder resolved, and its own name left as it is.
fn in_real_folder(path: &Path) -> Option<PathBuf> {
    let name: &OsStr = path.file_name()?;
    let parent = path.parent()?;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    Some(parent.canonicalize().ok()?.join(name))
}

/// Nothing where there is no file. What is no file (a folder, a pipe) is not read.
fn outside(path: &Path) -> Option<Outside> {
    let seen: Metadata = fs::metadata(path).ok().filter(Metadata::is_file)?;
    Some(Outside { device: seen.dev(), inode: seen.ino(), bytes: seen.len(), modified: seen.modified().ok() })
}

/// Nothing where there is no file.
fn stamp(path: &Path) -> Option<Stamp> {
    Some(Stamp { outside: outside(path)?, content: content(path).ok() })
}

fn content(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut hasher = DefaultHasher::new();
    let mut part = [0; 16 << 10];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hasher.finish()),
            length => hasher.write(&part[..length]),
        }
    }
}
