//! The scribe: adds lines to files that a performer keeps, on a thread of its own. Whoever gives it a line never waits.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;

use crossbeam::channel::{Sender, bounded};

use super::caught::caught;

/// Lines that may wait for the disk: more than anybody presses in a minute.
const MOST_WAITING: usize = 256;

/// A line, and the file that it is added to.
type Waiting = (PathBuf, String);

/// Whoever writes.
#[derive(Default)]
pub struct Scribe {
    waiting: Option<Sender<Waiting>>,
}

impl Scribe {
    /// Adds a line, its end included, to a file; it is made where there is none. What goes wrong is told to `say`. False
    /// where nobody can write it.
    pub fn add(&mut self, path: PathBuf, line: String, say: impl Fn(String) + Send + 'static) -> bool {
        if self.waiting.is_none() {
            let (waiting, lines) = bounded::<Waiting>(MOST_WAITING);
            let write = move || {
                for (path, line) in lines {
                    match caught(|| append(&path, &line)) {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => say(format!("{} cannot be written: {error}", path.display())),
                        Err(place) => say(format!("Lilt itself stumbled ({place}): a line is not written")),
                    }
                }
            };
            if thread::Builder::new().name("lilt scribe".to_string()).spawn(write).is_err() {
                return false;
            }
            self.waiting = Some(waiting);
        }
        self.waiting.as_ref().is_some_and(|waiting| waiting.try_send((path, line)).is_ok())
    }
}

/// Adds a line to a file. Somebody may have edited that, and left out the end of its last line.
fn append(path: &Path, line: &str) -> io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|about| !about.is_file()) {
        return Err(io::Error::other("it is no file"));
    }
    let mut file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
    let whole = if ends_with_a_line(&mut file)? { line.to_owned() } else { format!("\n{line}") };
    // In one piece, so that nobody reads half a line.
    file.write_all(whole.as_bytes())
}

fn ends_with_a_line(file: &mut File) -> io::Result<bool> {
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_and_nothing_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.taste");
        append(&path, "one\n").unwrap();
        append(&path, "two\n").unwrap();
        std::fs::write(&path, "one\nedited").unwrap();
        append(&path, "three\n").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one\nedited\nthree\n");
        assert!(append(folder.path(), "one\n").is_err());
    }
}
