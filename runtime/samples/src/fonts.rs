//! SoundFonts that are open, so that none is read twice.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::{SoundFont, SoundFontError};

/// How many files stay open: each may be hundreds of megabytes.
const MOST_OPEN: usize = 4;

/// The SoundFonts that were opened last. Cheap to clone: what is open is shared between threads that may wait.
#[derive(Debug, Clone, Default)]
pub struct Fonts {
    open: Arc<Mutex<Vec<Open>>>,
}

/// When a file was written, and its length: what tells two states of it apart.
type Stamp = Option<(SystemTime, u64)>;

#[derive(Debug)]
struct Open {
    path: PathBuf,
    stamp: Stamp,
    font: SoundFont,
}

impl Fonts {
    /// The SoundFont in a file, read if it is not open or has changed since, which takes time: call it on a
    /// thread that no music waits for. Whoever asks meanwhile waits too.
    ///
    /// # Errors
    /// As [`SoundFont::open`].
    pub fn open(&self, path: &Path) -> Result<SoundFont, SoundFontError> {
        // A poisoned lock means that reading panicked: the list itself was not touched.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = fs::metadata(path).ok().and_then(|about| Some((about.modified().ok()?, about.len())));
        if let Some(known) = open.iter().find(|known| known.path == path && known.stamp == stamp) {
            return Ok(known.font.clone());
        }
        let font = SoundFont::open(path)?;
        open.retain(|known| known.path != path);
        if open.len() == MOST_OPEN {
            open.remove(0);
        }
        open.push(Open { path: path.to_owned(), stamp, font: font.clone() });
        Ok(font)
    }
}
