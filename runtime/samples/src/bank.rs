//! All sounds that a script may name.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use lilt_score::nearest;

use crate::listing::{Listing, written};
use crate::sound::Sound;
use crate::{SampleError, SoundName, starter};

/// Names that other collections have for drums, and ours.
const ALIASES: [(&str, &str); 5] =
    [("sn", "sd"), ("kick", "bd"), ("snare", "sd"), ("clap", "cp"), ("hat", "hh")];

/// One place where sounds are looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Root {
    /// A folder: each folder in it that holds sounds is a name, its files in the order of their names are
    /// the numbers (Dirt-Samples); a file in it is a name; a `strudel.json` in it says names too, which come first. Where
    /// a name has spaces or signs of the notation, a script writes underscores.
    Folder(PathBuf),
    /// The same, where there may be none.
    Optional(PathBuf),
    /// The sounds that come with Lilt.
    Starter,
}

/// Names and numbers of sounds from several roots, of which an earlier one's names hide a later one's.
/// Folders are listed when something is first asked, and again after [`Bank::rescan`]; no file is opened
/// except maps. Cheap to clone: what is listed is shared.
#[derive(Debug, Clone, Default)]
pub struct Bank {
    roots: Vec<Root>,
    listing: OnceLock<Arc<Listing>>,
}

impl Bank {
    /// A bank of these roots, first come first served. A folder that is not there is a warning.
    pub fn new(roots: impl IntoIterator<Item = Root>) -> Self {
        Bank { roots: roots.into_iter().collect(), listing: OnceLock::new() }
    }

    /// A bank for scripts of `folder`: its folder `samples/` if there is one, then `further` folders, then
    /// the sounds that come with Lilt.
    pub fn beside(folder: &std::path::Path, further: impl IntoIterator<Item = PathBuf>) -> Self {
        let own = [Root::Optional(folder.join("samples"))];
        Bank::new(own.into_iter().chain(further.into_iter().map(Root::Folder)).chain([Root::Starter]))
    }

    fn listing(&self) -> &Arc<Listing> {
        self.listing.get_or_init(|| {
            let mut listing = Listing::default();
            for root in &self.roots {
                match root {
                    Root::Optional(folder) if !folder.is_dir() => {}
                    Root::Folder(folder) | Root::Optional(folder) => listing.add_folder(folder),
                    Root::Starter => listing.add(starter::sounds()),
                }
            }
            Arc::new(listing)
        })
    }

    /// The folders that are looked into, whether they are there or not.
    pub fn folders(&self) -> Vec<PathBuf> {
        let folder = |root: &Root| match root {
            Root::Folder(folder) | Root::Optional(folder) => Some(folder.clone()),
            Root::Starter => None,
        };
        self.roots.iter().filter_map(folder).collect()
    }

    /// Lists all roots now, if they are not listed: reads folders, at most 100,000 entries.
    pub fn list(&self) {
        self.listing();
    }

    /// What listing broke over is told, and what comes with Lilt is there all the same.
    pub(crate) fn broke(&mut self, place: &str) {
        let mut listing = Listing::default();
        listing.warn(format!(
            "Lilt itself stumbled over the folders of sounds ({place}): what comes with Lilt is there"
        ));
        if self.roots.contains(&Root::Starter) {
            listing.add(starter::sounds());
        }
        self.listing = OnceLock::from(Arc::new(listing));
    }

    /// Forgets what was listed: what is asked next lists anew.
    pub fn rescan(&mut self) {
        self.listing = OnceLock::new();
    }

    /// All names in order, each with the number of its sounds (at least 1).
    pub fn names(&self) -> impl Iterator<Item = (&str, usize)> {
        self.listing().names.iter().map(|(name, sounds)| (name.as_str(), sounds.len()))
    }

    /// Other names of what is there, each with the number of its sounds: where no folder has such a name,
    /// these stand for what other collections call so.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, usize)> {
        let names = &self.listing().names;
        let unknown = ALIASES.iter().filter(|(alias, _)| !names.contains_key(*alias));
        unknown.filter_map(|(alias, own)| Some((*alias, names.get(*own)?.len())))
    }

    /// What sounds that come with Lilt are, in a few words; none of others.
    pub fn about(&self, name: &str) -> Option<&'static str> {
        let first = self.listing().names.get(name)?.first()?;
        matches!(first.source, crate::Source::Starter(_)).then(|| starter::about(name)).flatten()
    }

    /// What of the roots could not be listed, in words; at most 20.
    pub fn warnings(&self) -> &[String] {
        &self.listing().warnings
    }

    /// All sounds of a name, by number: at least one. An unknown name is answered with the nearest.
    pub fn sounds(&self, name: &str) -> Result<&[Sound], SampleError> {
        let names = &self.listing().names;
        let other = || ALIASES.iter().find(|(alias, _)| *alias == name).and_then(|(_, own)| names.get(*own));
        match names.get(name).or_else(other).or_else(|| names.get(&written(name))) {
            Some(sounds) => Ok(sounds),
            None => Err(SampleError::UnknownName { name: name.to_owned(), help: self.help(name) }),
        }
    }

    /// The sound of a name and number; the number wraps around, -1 is the last.
    pub fn sound(&self, name: &SoundName) -> Result<&Sound, SampleError> {
        let sounds = self.sounds(&name.name)?;
        let index = name.number.rem_euclid(sounds.len() as i64) as usize;
        Ok(&sounds[index])
    }

    /// The sound that is written `bd` or `breaks:2`.
    pub fn find(&self, written: &str) -> Result<&Sound, SampleError> {
        self.sound(&SoundName::parse(written)?)
    }

    /// The sound to play for a note: of a name's sounds the `number`th, which wraps around. Where the name has
    /// recordings at several pitches and the note says its `pitch`, a MIDI number, those nearest to it are
    /// counted alone.
    pub fn choose(&self, name: &str, number: i64, pitch: Option<f64>) -> Result<&Sound, SampleError> {
        let sounds = self.sounds(name)?;
        let of = |count: usize| number.rem_euclid(count.max(1) as i64) as usize;
        let Some(pitch) = pitch.filter(|_| sounds.iter().any(|sound| sound.keyed)) else {
            return Ok(&sounds[of(sounds.len())]);
        };
        let nearest = self.pitched(name, pitch)?;
        let alike: Vec<&Sound> = sounds.iter().filter(|sound| sound.pitch == nearest.pitch).collect();
        Ok(alike.get(of(alike.len())).copied().unwrap_or(nearest))
    }

    /// Of a name's sounds with a pitch the nearest to `pitch` (a MIDI number), the lower of two; the first
    /// sound where none has a pitch.
    pub fn pitched(&self, name: &str, pitch: f64) -> Result<&Sound, SampleError> {
        let sounds = self.sounds(name)?;
        let distance = |sound: &Sound| sound.pitch.map_or(f64::INFINITY, |own| (own - pitch).abs());
        let nearest = sounds.iter().min_by(|one, other| distance(one).total_cmp(&distance(other)));
        Ok(nearest.unwrap_or(&sounds[0]))
    }

    fn help(&self, name: &str) -> String {
        let names = &self.listing().names;
        if names.is_empty() {
            return "there are none yet: put WAV, AIFF, FLAC, OGG or MP3 files into a folder `samples` \
                    beside the script"
                .to_owned();
        }
        match nearest(name, names.keys().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                let some: Vec<&str> = names.keys().map(String::as_str).take(8).collect();
                let more = names.len() - some.len();
                let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
                format!("there is {}{rest}", some.join(", "))
            }
        }
    }
}
