//! A folder of music or drawings, as somebody has it: MIDI and ABC files, drawings of Quick, Draw! and in SVG, in
//! folders within folders, and what is none of these.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use lilt_score::{MusicFile, abc, smf};

use crate::sketch::ndjson::{Drawn, read_line};
use crate::sketch::svg;

/// Why nothing of music is learnt from drawings.
pub(super) const NO_MUSIC: &str = "these are drawings, and no music";
/// Largest file of drawings that is read, in bytes: a whole kind of Quick, Draw!, raw.
const MOST_BYTES: u64 = 1 << 30;
/// Largest picture that is read, in bytes: far more than a hand draws.
const MOST_BYTES_OF_A_PICTURE: u64 = 8 << 20;
/// How deep folders are looked through.
const DEEPEST: usize = 8;

/// A file that could be read.
#[derive(Debug)]
pub struct File {
    /// Where it lies.
    pub path: PathBuf,
    /// What is in it.
    pub content: Content,
}

/// What is in a file.
#[derive(Debug)]
pub enum Content {
    /// A MIDI file.
    Midi(smf::Song),
    /// A tune book: tunes, or why one could not be read.
    Abc(Vec<Result<abc::Tune, String>>),
    /// Drawings, or why one could not be read.
    Drawings(Vec<Result<Drawn, String>>),
}

/// Something that nothing is learnt from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The file.
    pub file: PathBuf,
    /// Which piece of it, from 1; 0 for all of it.
    pub piece: usize,
    /// Why.
    pub reason: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.piece {
            0 => write!(f, "{}: {}", self.file.display(), self.reason),
            piece => write!(f, "{}, {piece}: {}", self.file.display(), self.reason),
        }
    }
}

/// The music of a folder.
#[derive(Debug, Default)]
pub struct Music {
    /// What can be read, in the order of the paths.
    pub files: Vec<File>,
    /// What cannot.
    pub left_out: Vec<LeftOut>,
}

impl Music {
    /// Reads a folder and all folders in it, or a single file. A file that cannot be read is named, never an error.
    ///
    /// # Errors
    /// When the folder itself cannot be read.
    pub fn read(folder: &Path) -> io::Result<Music> {
        let mut music = Music::default();
        let mut paths = Vec::new();
        match folder.is_file() {
            true => paths.push(folder.to_path_buf()),
            false => gather(folder, 0, &mut paths)?,
        }
        paths.sort();
        for path in paths {
            match content(&path) {
                Ok(content) => {
                    if let Content::Midi(smf::Song { damage, .. }) = &content
                        && damage.is_loss()
                    {
                        let reason = damage.to_string();
                        music.left_out.push(LeftOut { file: path.clone(), piece: 0, reason });
                    }
                    music.files.push(File { path, content });
                }
                Err(reason) => music.left_out.push(LeftOut { file: path, piece: 0, reason }),
            }
        }
        Ok(music)
    }
}

/// The files below `folder`. A link to a folder is not followed: it might lead back.
fn gather(folder: &Path, depth: usize, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        match entry.file_type()? {
            kind if kind.is_dir() && !hidden && !unfinished(&entry.path()) && depth < DEEPEST => {
                gather(&entry.path(), depth + 1, paths)?;
            }
            kind if kind.is_dir() || hidden => {}
            _ => paths.push(entry.path()),
        }
    }
    Ok(())
}

/// Whether a folder is what a run keeps until it is over.
fn unfinished(folder: &Path) -> bool {
    folder.extension().is_some_and(|ending| ending == "training")
}

/// Whether a run wrote this, as `NAME.svg`, `NAME.mid` or `NAME.drawn.svg`: the model NAME is here, or what it is made of.
fn made_here(path: &Path) -> bool {
    let plain = path.with_extension("");
    let name =
        if plain.extension().is_some_and(|last| last == "drawn") { plain.with_extension("") } else { plain };
    ["safetensors", "training"].iter().any(|ending| name.with_extension(ending).exists())
}

fn content(path: &Path) -> Result<Content, String> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let is = |ending: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
    if !is("ndjson") && made_here(path) {
        if !is("svg") {
            // What is no music at all is told of as that.
            MusicFile::check(&name, 1).map_err(|error| error.to_string())?;
        }
        return Err("what a model makes that was trained here".to_owned());
    }
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if is("ndjson") {
        if size > MOST_BYTES {
            return Err(format!("{} MiB: {} at most are read", size >> 20, MOST_BYTES >> 20));
        }
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        let drawing = |line| read_line(line).map_err(|reason| format!("not readable as a drawing: {reason}"));
        return Ok(Content::Drawings(lines.map(drawing).collect()));
    }
    if is("svg") {
        return picture(path, size).map(|drawn| Content::Drawings(vec![drawn]));
    }
    MusicFile::check(&name, size).map_err(|error| error.to_string())?;
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    match MusicFile::read(&name, &bytes).map_err(|error| error.to_string())? {
        MusicFile::Midi(song) => Ok(Content::Midi(song)),
        MusicFile::Abc(book) => {
            let tunes = book.tunes.into_iter();
            Ok(Content::Abc(tunes.map(|tune| tune.map_err(|error| error.to_string())).collect()))
        }
    }
}

/// A drawing in SVG, of what its folder is called.
fn picture(path: &Path, size: u64) -> Result<Result<Drawn, String>, String> {
    if size > MOST_BYTES_OF_A_PICTURE {
        return Err(format!("{} MiB: {} at most are read", size >> 20, MOST_BYTES_OF_A_PICTURE >> 20));
    }
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let word = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let lines = svg::read(&text).map_err(|reason| format!("not readable as a drawing: {reason}"));
    Ok(lines.map(|lines| Drawn { word, key: String::new(), recognized: true, lines }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_or_named_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        std::fs::create_dir(folder.path().join("more")).unwrap();
        write("a.abc", b"X:1\nK:C\nCDEF|\n");
        write("empty.mid", b"");
        write("more/broken.MID", b"MThd no, not really");
        write("more/notes.txt", b"buy strings");
        write("prose.abc", b"once upon a time");
        write("score.musicxml", b"<?xml version=\"1.0\"?><score-partwise>");
        write("song.kar", b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x04\0\xff\x2f\0");
        write("cat.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><path d='M0 0L9 9'/></svg>");
        write("empty.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>");
        write(".hidden", b"");
        write("mine.mid", b"a sample of the model beside it");
        std::fs::create_dir(folder.path().join("mine.training")).unwrap();
        write("mine.training/last.safetensors", b"");
        let music = Music::read(folder.path()).unwrap();
        assert_eq!(music.files.len(), 4);
        let drawings = music.files.iter().filter_map(|file| match &file.content {
            Content::Drawings(drawings) => drawings[0].as_ref().map(|drawn| drawn.lines.len()).ok(),
            _ => None,
        });
        assert_eq!(drawings.collect::<Vec<_>>(), [1]);
        let told: Vec<String> = music
            .left_out
            .iter()
            .map(|left| left.to_string().replace(&format!("{}/", folder.path().display()), ""))
            .collect();
        assert_eq!(
            told,
            [
                "empty.mid: it is empty",
                "mine.mid: what a model makes that was trained here",
                "more/broken.MID: this is no MIDI file that can be read: it has no track",
                "more/notes.txt: neither MIDI (.mid) nor ABC (.abc)",
                "prose.abc: there is no tune in it: each begins with a line like `X:1`, and its header ends with one like `K:G`",
                "score.musicxml: this is MusicXML, no MIDI file: export it as MIDI or as ABC from the program that wrote it",
            ]
        );
    }
}
