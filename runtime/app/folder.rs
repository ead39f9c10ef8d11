//! The script's folder, as `require` and `read` see it.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::channel;
use std::time::Duration;

use lilt_samples::{Fonts, PresetQuery, SoundFont, SoundFontError};
use lilt_score::{MusicFile, Preset};
use lilt_script::{FontFile, Refusal, SourceFile, Sources, Unread, WantedPreset};

/// How long somebody may take to open the other end of a pipe that is to be read.
const PATIENCE: Duration = Duration::from_secs(2);

/// Longest script that is read from what is no file, in bytes: 16 times what the language takes.
const LONGEST: u64 = 16 << 20;

/// Longest file of presses that is read, in bytes: some ten thousand of them.
const MOST_PRESSES: u64 = 4 << 20;

/// Most names that are looked at for files to offer in the place of one that is missing.
const MOST_NAMES: usize = 2_000;

/// Reads modules, music and SoundFonts that lie beside a script, or beside the file that the script is a link to.
#[derive(Clone)]
pub struct Folder {
    script: PathBuf,
    path: PathBuf,
    fonts: Fonts,
}

impl Folder {
    /// The folder in which `script` lies.
    pub fn of(script: &Path) -> Folder {
        let parent = script.parent().filter(|parent| !parent.as_os_str().is_empty());
        let path = parent.unwrap_or(Path::new(".")).to_path_buf();
        Folder { script: script.to_path_buf(), path, fonts: Fonts::default() }
    }

    /// The folder of the file that the script is a link to, which may become another one at any time.
    fn of_the_target(&self) -> Option<PathBuf> {
        self.script.canonicalize().ok()?.parent().map(Path::to_path_buf)
    }

    /// The SoundFonts that were opened.
    pub fn fonts(&self) -> &Fonts {
        &self.fonts
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Sources for Folder {
    /// The text of `MODULE.lua` beside the script, or else beside the file that the script is a link to. A module
    /// is a bare name: no separators, no dots, so nothing outside these folders can be named.
    fn read(&self, module: &str) -> Option<SourceFile> {
        let bare = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if module.is_empty() || !module.chars().all(bare) {
            return None;
        }
        let name = format!("{module}.lua");
        let beside = file_text(&self.path.join(&name));
        let text = beside.or_else(|| file_text(&self.of_the_target()?.join(&name)))?;
        Some(SourceFile { name, text })
    }

    /// The bytes of a file of music beside the script or in a folder there, or else beside the file that the script
    /// is a link to. What is no file is not opened.
    fn music(&self, file: &str) -> Result<Vec<u8>, Unread> {
        let inside = Path::new(file).components().all(|part| matches!(part, Component::Normal(_)));
        if !inside || !MusicFile::is_named_so(file) {
            return Err(Unread::Missing { others: Vec::new() });
        }
        let beside = self.path.join(file);
        let path = match beside.exists() {
            true => Some(beside),
            false => self.of_the_target().map(|folder| folder.join(file)).filter(|path| path.exists()),
        };
        path.map_or_else(|| Err(Unread::Missing { others: self.files_of_music() }), |path| music_bytes(&path))
    }

    /// The text of a file of presses beside the script.
    fn taste(&self, file: &str) -> Result<Option<String>, Unread> {
        let bare = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let refused = |reason: &str| Err(Unread::Refused(reason.to_owned()));
        let named =
            file.strip_suffix(".taste").is_some_and(|name| !name.is_empty() && name.chars().all(bare));
        if !named {
            return refused("it is no file of a taste");
        }
        let path = self.path.join(file);
        match std::fs::metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Ok(about) if !about.is_file() => refused("it is no file"),
            Ok(about) if about.len() > MOST_PRESSES => refused("it is too large: begin anew without it"),
            _ => match std::fs::read_to_string(&path) {
                Ok(text) => Ok(Some(text)),
                Err(error) => refused(&format!("it cannot be read: {error}")),
            },
        }
    }

    /// The SoundFont at a path from the folder of the script into it or below, or else from the folder of the file
    /// that the script is a link to.
    fn soundfont(&self, file: &str) -> Result<Box<dyn FontFile>, Refusal> {
        let refused = |message: String, help: &str| Refusal { message, help: help.to_owned() };
        let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if file.is_empty() || !Path::new(file).components().all(inside) {
            let message = format!("`{file}` lies outside of the script's folder");
            return Err(refused(message, "put the file beside the script, and write its name"));
        }
        let beside = self.path.join(file);
        let there = || self.of_the_target().map(|folder| folder.join(file)).filter(|path| path.exists());
        let path = if beside.exists() { beside } else { there().unwrap_or(beside) };
        match self.fonts.open(&path) {
            Ok(font) => Ok(Box::new(FontAt { path, font })),
            Err(_) if !path.exists() => Err(refused(
                format!("there is no file {file} beside the script"),
                "put an .sf2 file there, and write its name",
            )),
            Err(error) => Err(refused(error.to_string(), "")),
        }
    }
}

impl Folder {
    /// Files of music in the folder and in those in it, as a script names them, sorted.
    pub fn files_of_music(&self) -> Vec<String> {
        let mut looked_at = 0;
        let mut found = Vec::new();
        let mut list = |folder: &Path, prefix: &str, folders: &mut Vec<String>| {
            // A folder that cannot be read has nothing to offer.
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                looked_at += 1;
                let name = entry.file_name();
                let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else { continue };
                if looked_at > MOST_NAMES {
                    return;
                }
                if MusicFile::is_named_so(name) {
                    found.push(format!("{prefix}{name}"));
                } else if entry.path().is_dir() {
                    folders.push(name.to_owned());
                }
            }
        };
        let mut folders = Vec::new();
        list(&self.path, "", &mut folders);
        for folder in folders {
            list(&self.path.join(&folder), &format!("{folder}/"), &mut Vec::new());
        }
        found.sort();
        found
    }
}

/// The bytes of a file of music.
fn music_bytes(path: &Path) -> Result<Vec<u8>, Unread> {
    let refused = |reason: String| Err(Unread::Refused(reason));
    let about = match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => return refused("it is a folder, no file".to_owned()),
        Ok(about) if !about.is_file() => return refused("it is a pipe or a device, no file".to_owned()),
        Ok(about) => about,
        Err(error) => return refused(format!("it cannot be read: {error}")),
    };
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if let Err(error) = MusicFile::check(&name, about.len()) {
        return refused(error.to_string());
    }
    let mut bytes = Vec::new();
    // It may grow meanwhile: one byte too many shows that it is too large.
    let read = File::open(path).and_then(|file| file.take(MusicFile::MOST_BYTES + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => refused(format!("it cannot be read: {error}")),
    }
}

/// An open SoundFont, and where it is.
struct FontAt {
    path: PathBuf,
    font: SoundFont,
}

impl FontFile for FontAt {
    fn find(&self, wanted: &WantedPreset) -> Result<Preset, Refusal> {
        let query = match wanted.clone() {
            WantedPreset::Name(name) => PresetQuery::Name(name),
            WantedPreset::Number { bank, program } => PresetQuery::Bank(bank, program),
        };
        match self.font.preset(query) {
            Ok(found) => Ok(Preset {
                file: self.path.to_string_lossy().into(),
                bank: found.bank,
                program: found.program,
                name: found.name.as_str().into(),
            }),
            Err(SoundFontError::UnknownPreset { wanted, help, .. }) => {
                Err(Refusal { message: format!("the SoundFont has no instrument `{wanted}`"), help })
            }
            Err(other) => Err(Refusal { message: other.to_string(), help: String::new() }),
        }
    }
}

/// The text of a file. What is no file is not opened: a pipe would keep whoever reads it waiting.
fn file_text(path: &Path) -> Option<String> {
    if path.is_file() { std::fs::read_to_string(path).ok() } else { None }
}

/// Reads a script that somebody may have saved. What is no file is not opened: a pipe would keep whoever
/// reads it waiting.
///
/// # Errors
/// As [`read_script`], and when it is neither a file nor a folder.
pub fn read_saved(path: &Path) -> Result<String, String> {
    match std::fs::metadata(path) {
        Ok(about) if !about.is_file() && !about.is_dir() => {
            Err(format!("{} is no file: play a script that can be saved", path.display()))
        }
        _ => read_script(path),
    }
}

/// Reads what is no file, such as `/dev/stdin` or a pipe, while somebody writes it. `None` when nobody
/// opened its other end.
fn read_from_pipe(path: &Path) -> Option<io::Result<Vec<u8>>> {
    let (tell, told) = channel();
    let (done, read) = channel();
    let named = path.to_path_buf();
    // A pipe cannot be opened before its other end, however long that takes. Nobody waits for this thread.
    let reading = std::thread::Builder::new().name("lilt pipe".to_string()).spawn(move || {
        let opened = File::open(named);
        // Whoever waited may have lost patience.
        let _alone = tell.send(());
        let mut bytes = Vec::new();
        let text = opened.and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
        let _alone = done.send(text.map(|_| bytes));
    });
    match reading {
        Ok(_) => told.recv_timeout(PATIENCE).ok().and_then(|()| read.recv().ok()),
        Err(error) => Some(Err(error)),
    }
}

/// Reads a script. Bytes that are no UTF-8 are an error, since a half-written
/// file must not reach the music.
///
/// # Errors
/// In words for the performer: the file is missing, is a folder, is a pipe that nobody writes to, or is not
/// text.
pub fn read_script(path: &Path) -> Result<String, String> {
    let bytes = match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => {
            return Err(format!("{} is a folder, not a script", path.display()));
        }
        Ok(about) if !about.is_file() => read_from_pipe(path).ok_or_else(|| {
            format!("{} is a pipe, and nobody writes to it: give the file of a script", path.display())
        })?,
        _ => std::fs::read(path),
    };
    let bytes = bytes.map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("there is no file {}: check its name", path.display()),
        _ => format!("{} cannot be read: {error}", path.display()),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("{} is not UTF-8 text: line {line} holds other bytes", path.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bare_names_are_read() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("mine.lua"), "return 1").expect("written");
        let sources = Folder::of(&folder.path().join("set.lua"));
        assert_eq!(sources.read("mine").map(|file| file.text), Some("return 1".to_string()));
        for escape in ["../mine", "/etc/passwd", "mine.lua", "", "a/b"] {
            assert!(sources.read(escape).is_none(), "{escape}");
        }
    }

    #[test]
    fn a_module_beside_the_target_of_a_link_is_read_after_those_beside_the_link() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (here, there) = (folder.path().join("here"), folder.path().join("there"));
        for folder in [&here, &there] {
            std::fs::create_dir(folder).expect("made");
        }
        std::fs::write(there.join("set.lua"), "").expect("written");
        std::os::unix::fs::symlink("../there/set.lua", here.join("set.lua")).expect("linked");
        std::fs::write(there.join("mine.lua"), "there").expect("written");
        let sources = Folder::of(&here.join("set.lua"));
        let read = || sources.read("mine").map(|file| file.text);
        assert_eq!(read(), Some("there".to_string()));
        std::fs::write(here.join("mine.lua"), "here").expect("written");
        assert_eq!(read(), Some("here".to_string()));
    }

    #[test]
    fn music_is_read_in_the_folder_and_below_it_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let here = folder.path().join("here");
        std::fs::create_dir_all(here.join("tunes")).expect("made");
        std::fs::create_dir(here.join("folder.abc")).expect("made");
        std::fs::write(folder.path().join("outside.abc"), "K:C\nC").expect("written");
        std::fs::write(here.join("a.abc"), "K:C\nC").expect("written");
        std::fs::write(here.join("empty.mid"), "").expect("written");
        std::fs::write(here.join("tunes/b.abc"), "K:C\nD").expect("written");
        let large = File::create(here.join("large.mid")).expect("made");
        large.set_len(MusicFile::MOST_BYTES + (1 << 20)).expect("a file of holes");
        let path = std::ffi::CString::new(here.join("pipe.abc").to_str().expect("UTF-8")).expect("no NUL");
        // SAFETY: `path` is a NUL-terminated string that outlives the call.
        assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
        let sources = Folder::of(&here.join("set.lua"));
        assert_eq!(sources.music("a.abc"), Ok(b"K:C\nC".to_vec()));
        assert_eq!(sources.music("tunes/b.abc"), Ok(b"K:C\nD".to_vec()));
        let absolute = here.join("a.abc").to_string_lossy().into_owned();
        for escape in ["../outside.abc", &absolute, "tunes/../../outside.abc", "a.abc/", "set.lua"] {
            let read = sources.music(escape);
            assert!(
                escape == "a.abc/" || read == Err(Unread::Missing { others: Vec::new() }),
                "{escape}: {read:?}"
            );
        }
        let refused = |reason: &str| Err(Unread::Refused(reason.to_owned()));
        assert_eq!(sources.music("folder.abc"), refused("it is a folder, no file"));
        assert_eq!(sources.music("pipe.abc"), refused("it is a pipe or a device, no file"));
        assert_eq!(sources.music("empty.mid"), refused("it is empty"));
        assert_eq!(sources.music("large.mid"), refused("17 MiB: 16 at most are read"));
        let others = ["a.abc", "empty.mid", "folder.abc", "large.mid", "pipe.abc", "tunes/b.abc"];
        let others = others.map(str::to_owned).to_vec();
        assert_eq!(sources.music("c.abc"), Err(Unread::Missing { others }));
    }

    #[test]
    fn what_is_no_text_is_named_with_its_line() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let script = folder.path().join("set.lua");
        std::fs::write(&script, b"tempo(100)\nplay(\"\xff\")").expect("written");
        let error = read_script(&script).expect_err("not text");
        assert!(error.ends_with("is not UTF-8 text: line 2 holds other bytes"), "{error}");
        let error = read_script(folder.path()).expect_err("a folder");
        assert!(error.ends_with("is a folder, not a script"), "{error}");
    }
}
