//! Keeps what a hand drew: a drawing a line in a file beside the script, as Quick, Draw! writes raw drawings, from
//! which `lilt train sketch` makes a model. On a thread of its own, for which no window waits.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;

use lilt_score::{Point, Sketch, Stroke};
use serde::Serialize;

use super::file_name::file_name;

/// Drawings that may wait to be written.
const MOST_WAITING: usize = 4;
/// Units of the file to a side of the stage, and to a second.
const UNITS: f32 = 1_000.0;

/// A drawing as a line of the file.
#[derive(Serialize)]
struct Line<'a> {
    word: &'a str,
    recognized: bool,
    /// Strokes of `[x…], [y…], [milliseconds…]`.
    drawing: Vec<[Vec<i32>; 3]>,
}

/// What became of a drawing that was to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is the last of so many drawings in the file.
    Kept {
        /// The file.
        path: PathBuf,
        /// How many drawings it holds now.
        count: usize,
    },
    /// It is not kept: what to tell the performer.
    Lost(String),
}

/// A file of drawings.
pub struct Sketchbook {
    waiting: SyncSender<(String, Sketch)>,
    kept: Receiver<Kept>,
}

impl Sketchbook {
    /// Keeps drawings in `folder`.
    ///
    /// # Errors
    /// The system's, if it gives no thread.
    pub fn open(folder: PathBuf) -> io::Result<Sketchbook> {
        let (waiting, drawings) = sync_channel::<(String, Sketch)>(MOST_WAITING);
        let (tell, kept) = channel();
        thread::Builder::new().name("canvas sketchbook".to_owned()).spawn(move || {
            for (title, sketch) in drawings {
                let path = folder.join(format!("{}.drawn.ndjson", file_name(&title)));
                let kept = match keep(&path, &title, &sketch) {
                    Ok(count) => Kept::Kept { path, count },
                    Err(error) => {
                        Kept::Lost(format!("the drawing is not kept in {}: {error}", path.display()))
                    }
                };
                if tell.send(kept).is_err() {
                    return;
                }
            }
        })?;
        Ok(Sketchbook { waiting, kept })
    }

    /// Keeps a drawing under the title of the performance; what becomes of it is told later. Never waits.
    ///
    /// # Errors
    /// What to tell the performer, where there is nothing to keep or the disk does not keep up.
    pub fn keep(&self, title: &str, sketch: Sketch) -> Result<(), String> {
        if sketch.points() < 2 {
            return Err("there is nothing to keep: draw something first".to_owned());
        }
        let sent = self.waiting.try_send((title.to_owned(), sketch));
        sent.map_err(|_| "the drawing is not kept: the disk does not keep up".to_owned())
    }

    /// What became of the next of the drawings that were to be kept, if that is known.
    pub fn kept(&self) -> Option<Kept> {
        self.kept.try_recv().ok()
    }
}

impl Kept {
    /// As the performer is told.
    pub fn told(&self) -> String {
        match self {
            Kept::Kept { path, count } => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                format!("kept as drawing {count} of {name}")
            }
            Kept::Lost(why) => why.clone(),
        }
    }
}

/// Writes a drawing behind those of a file, whole or not at all, and gives how many there are then.
fn keep(path: &Path, word: &str, sketch: &Sketch) -> io::Result<usize> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let (end, count, whole) = lines(&mut file)?;
    let text = line(word, sketch);
    // What was cut off, as by a machine that went down, is not gone on with.
    let text = if whole { format!("{text}\n") } else { format!("\n{text}\n") };
    append(&mut file, end, &text)?;
    Ok(count + 1)
}

/// Writes a text at the end of a file, which is `end`, whole or not at all.
fn append(file: &mut File, end: u64, text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes()).and_then(|()| file.sync_data()).inspect_err(|_| {
        // Half a drawing would be one that cannot be read. Where it cannot be taken back, the next begins a line.
        let _left = file.set_len(end);
    })
}

/// Where a file ends, how many lines it holds, and whether the last of them is ended.
fn lines(file: &mut File) -> io::Result<(u64, usize, bool)> {
    let end = file.seek(SeekFrom::Start(0))?.max(file.metadata()?.len());
    let (mut count, mut last, mut part) = (0, b'\n', [0; 1 << 16]);
    loop {
        let read = file.read(&mut part)?;
        let Some(newest) = part[..read].last() else { break };
        last = *newest;
        count += part[..read].iter().filter(|byte| **byte == b'\n').count();
    }
    let whole = last == b'\n';
    Ok((end, count + usize::from(!whole), whole))
}

/// A drawing as a line without its end. Points that are no numbers were left out when the hand drew them.
fn line(word: &str, sketch: &Sketch) -> String {
    let column = |stroke: &Stroke, of: fn(&Point) -> f32| -> Vec<i32> {
        stroke.points.iter().map(|point| (of(point) * UNITS).round() as i32).collect()
    };
    let drawing = sketch.strokes().iter().map(|stroke| {
        [column(stroke, |point| point.x), column(stroke, |point| point.y), column(stroke, |point| point.time)]
    });
    let line = Line { word, recognized: true, drawing: drawing.collect() };
    serde_json::to_string(&line).expect("a word and lists of numbers can always be written")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::{Duration, Instant};

    use super::*;

    fn sketch(x: f32) -> Sketch {
        let point = |x: f32, time: f32| Point { x, y: 0.25, width: 0.01, time };
        Sketch::new(vec![Stroke { points: vec![point(x, 0.0), point(x + 0.1, 0.5)] }])
    }

    fn outcome(book: &Sketchbook) -> Kept {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(kept) = book.kept() {
                return kept;
            }
            assert!(Instant::now() < until, "it is never told");
            thread::sleep(Duration::from_millis(2));
        }
    }

    #[test]
    fn drawings_lie_line_by_line_beside_the_script() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("bird.drawn.ndjson");
        let book = Sketchbook::open(folder.path().to_path_buf()).expect("a thread");
        for count in 1..=2 {
            book.keep("bird", sketch(0.5)).expect("it may wait");
            let kept = outcome(&book);
            assert_eq!(kept, Kept::Kept { path: path.clone(), count });
            assert_eq!(kept.told(), format!("kept as drawing {count} of bird.drawn.ndjson"));
        }
        let line = r#"{"word":"bird","recognized":true,"drawing":[[[500,600],[250,250],[0,500]]]}"#;
        assert_eq!(fs::read_to_string(&path).expect("it is there"), format!("{line}\n{line}\n"));
    }

    #[test]
    fn a_line_that_was_cut_off_spoils_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.ndjson");
        fs::write(&path, "{\"drawing\":[]}\n{\"draw").expect("written");
        assert_eq!(keep(&path, "a", &sketch(0.0)).expect("kept"), 3);
        let text = fs::read_to_string(&path).expect("it is there");
        assert_eq!(text.lines().nth(1), Some("{\"draw"));
        assert!(text.lines().nth(2).is_some_and(|line| line.starts_with("{\"word\":\"a\"")), "{text}");
    }

    #[test]
    fn what_cannot_be_kept_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let book = Sketchbook::open(folder.path().join("nowhere")).expect("a thread");
        let nothing = book.keep("a", Sketch::default());
        assert_eq!(nothing, Err("there is nothing to keep: draw something first".to_owned()));
        book.keep("a", sketch(0.0)).expect("it may wait");
        let path = folder.path().join("nowhere/a.drawn.ndjson");
        let want =
            format!("the drawing is not kept in {}: No such file or directory (os error 2)", path.display());
        assert_eq!(outcome(&book).told(), want);
    }

    /// A disk without room, as Linux has one.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_keeps_nothing() {
        let path = Path::new("/dev/full");
        assert_eq!(keep(path, "a", &sketch(0.0)).expect_err("a device").to_string(), "it is no file");
        let mut full = OpenOptions::new().append(true).open(path).expect("it is there");
        let error = append(&mut full, 0, "a drawing").expect_err("it is full");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
