//! `lilt examples`: lists the course, shows a lesson, and copies it to where somebody works.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::command_line::{Examples, ExamplesVerb};
use crate::course::{Course, Lesson, needs};
use crate::failure::Failure;

/// Lists the examples, or does with one what is asked.
pub fn examples(words: Examples) -> Result<(), Failure> {
    let course = Course::open()?;
    let lesson = |name: &str| Ok(&course.lessons()[course.place(name)?]);
    match words.verb {
        None => {
            for lesson in course.lessons() {
                println!("{:>2}  {:<38} {}", lesson.number(), lesson.title(), lesson.summary());
            }
            println!(
                "\n`lilt examples show NUMBER` prints one, `lilt examples copy NUMBER` puts it here to be \
                 changed, `lilt tour` walks through all"
            );
        }
        Some(ExamplesVerb::Show { name }) => print!("{}", lesson(&name)?.text()),
        Some(ExamplesVerb::Copy { name, folder }) => {
            let folder = folder.unwrap_or_else(|| PathBuf::from("."));
            let path = copy(lesson(&name)?, &folder)?;
            println!("{}: `lilt live {}` plays it", path.display(), path.display());
        }
    }
    Ok(())
}

/// Puts a lesson and what it needs into a folder; gives the path of its script. What lies there as it would be
/// written is left alone, and nothing is written over.
///
/// # Errors
/// When something else of a name lies there, which is named, or the folder cannot be written to.
pub fn copy(lesson: &Lesson, folder: &Path) -> Result<PathBuf, Failure> {
    let script = folder.join(format!("{}.lua", lesson.file_name()));
    let mut files = vec![(script.clone(), lesson.text().as_bytes())];
    files.extend(needs(lesson).into_iter().map(|(path, contents)| (folder.join(path), contents)));
    files.retain(|(path, contents)| fs::read(path).map_or(true, |there| there != *contents));
    if let Some((path, _)) = files.iter().find(|(path, _)| path.symlink_metadata().is_ok()) {
        return Err(Failure::Use(format!(
            "{} is there already, and holds something else: it is not written over; name another folder",
            path.display()
        )));
    }
    for (path, contents) in files {
        let failed = |error| Failure::Use(format!("{}: {error}", path.display()));
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        write_new(&path, contents).map_err(failed)?;
    }
    Ok(script)
}

/// Writes a file that is not there yet.
fn write_new(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    let mut file = match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(std::io::Error::new(error.kind(), "something of this name has just come there"));
        }
        opened => opened?,
    };
    file.write_all(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_brings_what_it_needs_and_writes_over_nothing() {
        let course = Course::open().expect("a course");
        let needy = course.lessons().iter().find(|lesson| !needs(lesson).is_empty()).expect("one learns");
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("not/there/yet");
        let path = copy(needy, &to).expect("copied");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), needy.text());
        assert_eq!(fs::read_dir(to.join("tunes")).expect("a folder").count(), needs(needy).len());
        assert_eq!(copy(needy, &to).expect("the same again"), path);
        fs::write(&path, "-- mine").expect("written");
        let error = copy(needy, &to).expect_err("it holds something else").to_string();
        assert!(error.ends_with("it is not written over; name another folder"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("it is there"), "-- mine");
    }
}
