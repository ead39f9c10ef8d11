//! Files of music that a script reads: parsed once for as long as their bytes stay the same.

use std::collections::HashMap;
use std::rc::Rc;

use lilt_score::{MusicFile, MusicFileError};

/// What the files of the last evaluations hold, by their names.
#[derive(Default)]
pub(crate) struct MusicFiles {
    known: HashMap<String, Known>,
}

struct Known {
    bytes: Vec<u8>,
    file: Result<Rc<MusicFile>, MusicFileError>,
}

impl MusicFiles {
    /// What a file of these bytes holds.
    ///
    /// # Errors
    /// When it is no music.
    pub fn read(&mut self, name: &str, bytes: Vec<u8>) -> Result<Rc<MusicFile>, MusicFileError> {
        if let Some(known) = self.known.get(name)
            && known.bytes == bytes
        {
            return known.file.clone();
        }
        let file = MusicFile::read(name, &bytes).map(Rc::new);
        self.known.insert(name.to_owned(), Known { bytes, file: file.clone() });
        file
    }

    /// How many bytes those of these names have.
    pub fn bytes(&self, names: &[String]) -> u64 {
        let known = names.iter().filter_map(|name| self.known.get(name));
        known.map(|known| known.bytes.len() as u64).sum()
    }

    /// Forgets all but those of these names.
    pub fn keep_only(&mut self, names: &[String]) {
        self.known.retain(|name, _| names.contains(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_parsed_again_when_its_bytes_are_others() {
        let mut files = MusicFiles::default();
        let mut read = |text: &str| files.read("a.abc", text.as_bytes().to_vec()).expect("a book");
        let first = read("X:1\nK:C\nC|\n");
        assert!(Rc::ptr_eq(&first, &read("X:1\nK:C\nC|\n")));
        assert!(!Rc::ptr_eq(&first, &read("X:1\nK:C\nD|\n")));
        assert_eq!(files.bytes(&["a.abc".to_owned(), "b.abc".to_owned()]), 11);
        files.keep_only(&[]);
        assert!(files.known.is_empty());
    }
}
