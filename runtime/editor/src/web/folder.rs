//! The scripts beside the one that plays, and the lessons: listed, read and saved for the page, and nothing else of
//! the disk.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::protocol::text_mark;

/// The longest script that is read or saved, in bytes; a message holds it even where each byte takes six.
const LONGEST: u64 = 1 << 20;
/// The most scripts that are listed.
const MOST: usize = 1_000;
/// How much of a script is looked at for its title, in bytes.
const HEAD: u64 = 400;

/// A script to learn from.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// The name of its file, such as `01-first-note.lua`.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The script.
    pub text: &'static str,
    /// Files that it reads: their paths from the script's folder, and what is in them.
    pub needs: Vec<(String, &'static [u8])>,
}

/// What the page asks for.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Question {
    /// What there is.
    List,
    /// A script of the folder.
    Open {
        /// Its name.
        name: String,
    },
    /// A lesson.
    Lesson {
        /// Its name.
        name: String,
    },
    /// Save a script.
    Save {
        /// Its name.
        name: String,
        /// What is to be in it.
        text: String,
        /// The mark of what is in it now as far as the page knows; nothing when it is not to be there yet.
        over: Option<String>,
    },
}

/// A question with its number.
#[derive(Debug, Deserialize)]
pub struct Asked {
    /// The page's number for it; the answer carries it.
    pub id: u64,
    /// What is asked.
    #[serde(flatten)]
    pub question: Question,
}

/// What the page is told.
#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum Answer {
    /// What there is.
    Listed {
        /// The name of the script that the host was started with.
        playing: String,
        /// The scripts of the folder.
        scripts: Vec<Entry>,
        /// The lessons.
        lessons: Vec<Entry>,
    },
    /// A text.
    Text {
        /// The name of its file.
        name: String,
        /// What is in it.
        text: String,
        /// What stands for it.
        mark: String,
    },
    /// It was saved.
    Saved {
        /// What stands for the text.
        mark: String,
    },
    /// It is another text by now than the page knows: nothing was saved.
    Changed {
        /// What stands for what is there; nothing when it is gone.
        mark: Option<String>,
    },
    /// It cannot be.
    Failed {
        /// Why, for a person.
        message: String,
    },
}

/// A script or a lesson in a list.
#[derive(Debug, Serialize, PartialEq, Eq)]
pub struct Entry {
    /// The name of its file.
    pub name: String,
    /// Its first comment.
    pub title: String,
}

/// The folder of a script.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Without links in it.
    path: PathBuf,
    playing: String,
    lessons: Arc<[Lesson]>,
}

impl Folder {
    /// The folder of the script with this canonical path.
    pub fn of(script: &Path, lessons: Arc<[Lesson]>) -> Folder {
        let name = script.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let path = script.parent().unwrap_or(Path::new("/")).to_path_buf();
        Folder { path, playing: name, lessons }
    }

    /// Answers a question.
    pub fn answer(&self, question: Question) -> Answer {
        let failed = |message| Answer::Failed { message };
        match question {
            Question::List => self.list().unwrap_or_else(|error| {
                failed(format!("the folder {} cannot be read: {error}", self.path.display()))
            }),
            Question::Open { name } => self.open(&name).unwrap_or_else(failed),
            Question::Lesson { name } => self.lesson(&name).unwrap_or_else(failed),
            Question::Save { name, text, over } => {
                self.save(&name, &text, over.as_deref()).unwrap_or_else(failed)
            }
        }
    }

    fn list(&self) -> io::Result<Answer> {
        let mut scripts = Vec::new();
        for entry in fs::read_dir(&self.path)?.flatten().take(20 * MOST) {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let Ok(path) = self.place(&name) else { continue };
            if path.is_file() && scripts.len() < MOST {
                let title = title(&path).unwrap_or_default();
                scripts.push(Entry { name, title });
            }
        }
        scripts.sort_by(|one, other| one.name.cmp(&other.name));
        let lessons = self.lessons.iter();
        let lessons =
            lessons.map(|lesson| Entry { name: lesson.name.clone(), title: lesson.title.clone() }).collect();
        Ok(Answer::Listed { playing: self.playing.clone(), scripts, lessons })
    }

    fn open(&self, name: &str) -> Result<Answer, String> {
        let text = read(&self.place(name)?).map_err(|error| format!("{name} cannot be read: {error}"))?;
        Ok(Answer::Text { name: name.to_string(), mark: text_mark(&text), text })
    }

    fn lesson(&self, name: &str) -> Result<Answer, String> {
        let lesson = self.lessons.iter().find(|lesson| lesson.name == name);
        let lesson = lesson.ok_or_else(|| format!("there is no lesson {name}"))?;
        for (path, bytes) in &lesson.needs {
            let path = self.path.join(path);
            let put = || {
                fs::create_dir_all(path.parent().unwrap_or(&self.path))?;
                fs::File::create_new(&path)?.write_all(bytes)
            };
            match put() {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(format!("{name} reads {}, which cannot be written: {error}", path.display()));
                }
                _ => {}
            }
        }
        let (name, text) = (lesson.name.clone(), lesson.text.to_string());
        Ok(Answer::Text { name, mark: text_mark(&text), text })
    }

    fn save(&self, name: &str, text: &str, over: Option<&str>) -> Result<Answer, String> {
        if text.len() as u64 > LONGEST {
            return Err(format!("{name} would be larger than {} MiB: it was not saved", LONGEST >> 20));
        }
        let path = self.place(name)?;
        let there = match read(&path) {
            Ok(text) => Some(text_mark(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(format!("{name} cannot be read: {error}; it was not saved")),
        };
        if there.as_deref() != over && there.as_deref() != Some(&text_mark(text)) {
            return Ok(Answer::Changed { mark: there });
        }
        let put = || match there {
            None => {
                let written =
                    fs::File::create_new(&path).and_then(|mut file| file.write_all(text.as_bytes()));
                // Half a script is none; where it was there before, it is not touched.
                if written.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::AlreadyExists) {
                    let _left = fs::remove_file(&path);
                }
                written
            }
            // Beside it first and then in its place, so that a full disk leaves the old text.
            Some(_) => {
                let mut file = NamedTempFile::with_prefix_in(".lilt-", &self.path)?;
                file.write_all(text.as_bytes())?;
                file.as_file().set_permissions(fs::metadata(&path)?.permissions())?;
                file.as_file().sync_all()?;
                file.persist(&path).map(drop).map_err(io::Error::from)
            }
        };
        put().map_err(|error| format!("{name} cannot be saved: {error}"))?;
        Ok(Answer::Saved { mark: text_mark(text) })
    }

    /// Where the script of a name lies.
    fn place(&self, name: &str) -> Result<PathBuf, String> {
        let stem = name.strip_suffix(".lua").unwrap_or_default();
        let is_name = !stem.is_empty()
            && name.len() <= 128
            && !name.starts_with('.')
            && !name.chars().any(|c| c == '/' || c == '\\' || c.is_control());
        if !is_name {
            return Err(format!(
                "`{}` is no name for a script: write one such as set.lua",
                name.escape_debug()
            ));
        }
        let path = self.path.join(name);
        match fs::symlink_metadata(&path) {
            // A link may lead to another script of the folder, and nowhere else.
            Ok(found) if found.is_symlink() => {
                let end = path.canonicalize().map_err(|_| format!("{name} is a link that leads nowhere"))?;
                match end.parent() == Some(&self.path) && end.extension().is_some_and(|end| end == "lua") {
                    true => Ok(end),
                    false => Err(format!("{name} is a link that leads out of the folder: it is left alone")),
                }
            }
            Ok(found) if !found.is_file() => Err(format!("{name} is no file")),
            _ => Ok(path),
        }
    }
}

/// A script's text.
fn read(path: &Path) -> io::Result<String> {
    let file = fs::File::open(path)?;
    let found = file.metadata()?;
    if !found.is_file() || found.len() > LONGEST {
        return Err(io::Error::other(format!("it is no file of up to {} MiB", LONGEST >> 20)));
    }
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    Ok(text)
}

/// The words of a script's first comment.
fn title(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(HEAD).read_to_end(&mut bytes).ok()?;
    let head = String::from_utf8_lossy(&bytes).into_owned();
    let first = head.lines().find(|line| !line.trim().is_empty())?.strip_prefix("--")?;
    Some(first.trim_matches(['-', '[', ' ']).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    struct Place {
        temp: tempfile::TempDir,
        folder: Folder,
    }

    fn place() -> Place {
        let temp = tempfile::tempdir().expect("a folder");
        let inside = temp.path().canonicalize().expect("a path").join("inside");
        fs::create_dir(&inside).expect("made");
        fs::write(inside.join("set.lua"), "-- My set.\nplay()\n").expect("written");
        let lesson = Lesson {
            name: "01-first.lua".into(),
            title: "First".into(),
            text: "play()",
            needs: vec![("tunes/a.abc".into(), b"X:1")],
        };
        let folder = Folder::of(&inside.join("set.lua"), [lesson].into());
        Place { temp, folder }
    }

    fn text(name: &str, text: &str) -> Answer {
        Answer::Text { name: name.into(), text: text.into(), mark: text_mark(text) }
    }

    fn save(folder: &Folder, name: &str, text: &str, over: Option<&str>) -> Answer {
        folder.answer(Question::Save { name: name.into(), text: text.into(), over: over.map(text_mark) })
    }

    fn is_refused(answer: &Answer) -> bool {
        matches!(answer, Answer::Failed { .. })
    }

    #[test]
    fn scripts_and_lessons_are_listed_read_and_saved() {
        let Place { temp, folder } = place();
        let entry = |name: &str, title: &str| Entry { name: name.into(), title: title.into() };
        fs::write(folder.path.join("notes.txt"), "").expect("written");
        let listed = Answer::Listed {
            playing: "set.lua".into(),
            scripts: vec![entry("set.lua", "My set.")],
            lessons: vec![entry("01-first.lua", "First")],
        };
        assert_eq!(folder.answer(Question::List), listed);
        let open = |name: &str| folder.answer(Question::Open { name: name.into() });
        assert_eq!(open("set.lua"), text("set.lua", "-- My set.\nplay()\n"));
        assert_eq!(
            folder.answer(Question::Lesson { name: "01-first.lua".into() }),
            text("01-first.lua", "play()")
        );
        assert_eq!(fs::read(folder.path.join("tunes/a.abc")).expect("it is there"), b"X:1");

        assert_eq!(save(&folder, "new.lua", "one", None), Answer::Saved { mark: text_mark("one") });
        assert_eq!(save(&folder, "new.lua", "two", None), Answer::Changed { mark: Some(text_mark("one")) });
        assert_eq!(save(&folder, "new.lua", "two", Some("one")), Answer::Saved { mark: text_mark("two") });
        assert_eq!(open("new.lua"), text("new.lua", "two"));
        assert_eq!(save(&folder, "gone.lua", "x", Some("was")), Answer::Changed { mark: None });
        assert!(is_refused(&save(&folder, "big.lua", &"x".repeat(LONGEST as usize + 1), None)));
        drop(temp);
        assert!(is_refused(&folder.answer(Question::List)) && is_refused(&open("set.lua")));
    }

    #[test]
    fn nothing_outside_of_the_folder_is_read_or_written() {
        let Place { temp, folder } = place();
        let outside = temp.path().canonicalize().expect("a path").join("secret.lua");
        fs::write(&outside, "secret").expect("written");
        fs::create_dir(folder.path.join("deep.lua")).expect("made");
        symlink(&outside, folder.path.join("link.lua")).expect("linked");
        symlink(temp.path(), folder.path.join("up.lua")).expect("linked");
        symlink("nowhere.lua", folder.path.join("dangling.lua")).expect("linked");
        symlink("set.lua", folder.path.join("alias.lua")).expect("linked");
        symlink("/etc/passwd", folder.path.join("passwd.lua")).expect("linked");
        let names = [
            "../secret.lua",
            "..\\secret.lua",
            "/etc/passwd",
            "/secret.lua",
            "deep.lua",
            "deep.lua/../../secret.lua",
            "link.lua",
            "up.lua",
            "up.lua/secret.lua",
            "dangling.lua",
            "passwd.lua",
            ".hidden.lua",
            ".lua",
            "..lua",
            "",
            "set",
            "set.luac",
            "a\0.lua",
            "a\n.lua",
            &format!("{}.lua", "x".repeat(200)),
        ];
        for name in names {
            let opened = folder.answer(Question::Open { name: name.into() });
            assert!(is_refused(&opened), "{name}: {opened:?}");
            for over in [None, Some("secret")] {
                let saved = save(&folder, name, "mine", over);
                assert!(is_refused(&saved), "{name}: {saved:?}");
            }
        }
        assert_eq!(fs::read_to_string(&outside).expect("it is there"), "secret");
        // A link within the folder is the script that it leads to.
        let original = "-- My set.\nplay()\n";
        assert!(matches!(save(&folder, "alias.lua", "x", Some(original)), Answer::Saved { .. }));
        assert_eq!(fs::read_to_string(folder.path.join("set.lua")).expect("it is there"), "x");
        assert!(fs::symlink_metadata(folder.path.join("alias.lua")).expect("it is there").is_symlink());
    }
}
