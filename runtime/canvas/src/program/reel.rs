//! Records the canvas while it plays: the window's scenes, painted on a thread of their own, into a film through
//! ffmpeg, or as numbered pictures where there is no ffmpeg.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle, Thread};

use crossbeam_queue::ArrayQueue;

use super::file_name::file_name;
use crate::png;
use crate::scene::Scene;
use crate::video::{FilmPipe, Format, VideoError};

/// Pictures a second of a film. One for which no scene came is the one before.
pub const REEL_RATE: u32 = 30;
/// Scenes that may wait to be painted: a third of a second.
const MOST_WAITING: usize = 10;
/// Names that are tried where a name is taken.
const MOST_NAMES: u32 = 9_999;

/// A recording of the canvas.
#[derive(Debug)]
pub struct Reel {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<u64, VideoError>>>,
    wakes: Thread,
    size: (u32, u32),
    path: PathBuf,
    film: bool,
}

#[derive(Debug)]
struct Shared {
    /// Scenes that wait, each with its second of the film.
    scenes: ArrayQueue<(f64, Scene)>,
    ending: AtomicBool,
    left_out: AtomicU64,
}

/// What pictures are written to.
enum Film {
    Pipe(FilmPipe),
    Folder(PathBuf),
}

impl Reel {
    /// Begins a recording named after `title` in `folder`, of a window of this size in points; `program` is ffmpeg.
    /// Nothing is written over.
    ///
    /// # Errors
    /// When the folder cannot be written, or the system gives no thread.
    pub fn start(folder: &Path, title: &str, size: (u32, u32), program: &str) -> Result<Reel, VideoError> {
        // Films have an even number of pixels.
        let size = (size.0.max(2) & !1, size.1.max(2) & !1);
        let format = Format { size, rate: REEL_RATE };
        let name = format!("{}-canvas", file_name(title));
        let path = free(folder, &name, ".mp4")?;
        let (path, film) = match FilmPipe::start(program, &path, None, format) {
            Ok(pipe) => (path, Film::Pipe(pipe)),
            Err(VideoError::NoFfmpeg) => {
                let path = free(folder, &name, "")?;
                fs::create_dir_all(&path)?;
                (path.clone(), Film::Folder(path))
            }
            Err(error) => return Err(error),
        };
        let is_film = matches!(film, Film::Pipe(_));
        let shared = Arc::new(Shared {
            scenes: ArrayQueue::new(MOST_WAITING),
            ending: AtomicBool::new(false),
            left_out: AtomicU64::new(0),
        });
        let theirs = Arc::clone(&shared);
        let work = move || write(&theirs, film);
        let thread = thread::Builder::new().name("canvas reel".to_owned()).spawn(work)?;
        let wakes = thread.thread().clone();
        Ok(Reel { shared, thread: Some(thread), wakes, size, path, film: is_film })
    }

    /// The size of its pictures in pixels: scenes are to be of that size.
    pub fn size(&self) -> (u32, u32) {
        self.size
    }

    /// What is seen from a second of the film on; seconds never go back. Never waits: where the painting does not
    /// keep up, scenes are left out and counted.
    pub fn take(&self, second: f64, scene: Scene) {
        if self.shared.scenes.push((second, scene)).is_err() {
            self.shared.left_out.fetch_add(1, Ordering::Relaxed);
        }
        self.wakes.unpark();
    }

    /// Says where it is recorded.
    pub fn told(&self) -> String {
        let path = self.path.display();
        match self.film {
            true => format!("recording into {path} (R ends it)"),
            false => {
                format!("recording pictures into {path}: ffmpeg, which makes films of them, is not installed")
            }
        }
    }

    /// No scene will come any more: what waits is still written.
    pub fn end(&self) {
        self.shared.ending.store(true, Ordering::Release);
        self.wakes.unpark();
    }

    /// What became of it, in a line, once all is written or nothing more can be; then it is over.
    pub fn over(&mut self) -> Option<String> {
        self.thread.take_if(|thread| thread.is_finished()).map(|thread| self.outcome(thread))
    }

    /// True once that was said.
    pub fn is_over(&self) -> bool {
        self.thread.is_none()
    }

    fn outcome(&self, thread: JoinHandle<Result<u64, VideoError>>) -> String {
        let path = self.path.display();
        let left_out = match self.shared.left_out.load(Ordering::Relaxed) {
            0 => String::new(),
            count => format!("; {count} scenes were left out: the machine did not keep up"),
        };
        match thread.join() {
            Ok(Ok(count)) => {
                format!("recorded {:.1} s into {path}{left_out}", count as f64 / f64::from(REEL_RATE))
            }
            Ok(Err(error)) => format!("the recording {path} ends: {error}"),
            Err(_) => format!("the recording {path} ends: a mistake of Lilt's own"),
        }
    }
}

impl Drop for Reel {
    /// Waits until what was recorded can be seen.
    fn drop(&mut self) {
        self.end();
        if let Some(thread) = self.thread.take() {
            eprintln!("lilt-canvas: {}", self.outcome(thread));
        }
    }
}

/// Paints and writes scenes until no more come, and gives how many pictures there are.
fn write(shared: &Shared, mut film: Film) -> Result<u64, VideoError> {
    let (mut count, mut last): (u64, Option<Vec<u8>>) = (0, None);
    let mut failed = Ok(());
    while failed.is_ok() {
        // Asked for first: what comes before the end is written.
        let ending = shared.ending.load(Ordering::Acquire);
        let Some((second, scene)) = shared.scenes.pop() else {
            if ending {
                break;
            }
            thread::park();
            continue;
        };
        failed = (|| {
            let before = (second * f64::from(REEL_RATE)).round() as u64;
            while let Some(picture) = last.as_ref().filter(|_| count < before) {
                film.put(count, picture)?;
                count += 1;
            }
            if count <= before {
                let picture = film.painted(&scene)?;
                film.put(count, &picture)?;
                count += 1;
                last = Some(picture);
            }
            Ok(())
        })();
    }
    let ended = match film {
        // Why ffmpeg ended says more than that it reads no more.
        Film::Pipe(pipe) => pipe.finish(),
        Film::Folder(_) => Ok(()),
    };
    ended.and(failed).map(|()| count)
}

impl Film {
    fn painted(&self, scene: &Scene) -> Result<Vec<u8>, VideoError> {
        Ok(match self {
            Film::Pipe(_) => png::rgba(scene)?,
            Film::Folder(_) => png::png(scene)?,
        })
    }

    fn put(&mut self, count: u64, picture: &[u8]) -> Result<(), VideoError> {
        match self {
            Film::Pipe(pipe) => pipe.write(picture),
            Film::Folder(folder) => Ok(fs::write(folder.join(format!("{:05}.png", count + 1)), picture)?),
        }
    }
}

/// A path that is not taken: the name, or the name with a number.
fn free(folder: &Path, name: &str, ending: &str) -> io::Result<PathBuf> {
    let numbers = (2..=MOST_NAMES).map(|number| format!("{name}-{number}{ending}"));
    let mut paths = std::iter::once(format!("{name}{ending}")).chain(numbers).map(|name| folder.join(name));
    paths
        .find(|path| !path.exists())
        .ok_or_else(|| io::Error::other(format!("{} holds {MOST_NAMES} recordings of it", folder.display())))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::frame::Frame;

    /// Records scenes at these seconds, and gives what is said at the end.
    fn recorded(mut reel: Reel, seconds: &[f64]) -> String {
        let (width, height) = reel.size();
        for second in seconds {
            reel.take(*second, crate::scene(&Frame { beat: *second, ..Frame::default() }, width, height));
        }
        reel.end();
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(told) = reel.over() {
                return told;
            }
            assert!(Instant::now() < until, "it never ends");
            thread::sleep(Duration::from_millis(5));
        }
    }

    fn start(folder: &Path, program: &str) -> Reel {
        Reel::start(folder, "a/set", (65, 37), program).expect("it records")
    }

    #[test]
    fn what_no_scene_came_for_is_the_picture_before() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("ffmpeg");
        fs::write(&program, "#!/bin/sh\necho \"$@\" > \"$0.said\"; wc -c > \"$0.bytes\"\n").expect("written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it may run");
        let program = program.display().to_string();
        let reel = start(folder.path(), &program);
        let path = folder.path().join("a-set-canvas.mp4");
        assert_eq!(reel.told(), format!("recording into {} (R ends it)", path.display()));
        // Two that fall into one picture, and half a second without any.
        let told = recorded(reel, &[0.0, 0.001, 0.1, 0.6]);
        assert_eq!(told, format!("recorded 0.6 s into {}", path.display()));
        let bytes = fs::read_to_string(format!("{program}.bytes")).expect("it ran");
        assert_eq!(bytes.trim(), (19 * 64 * 36 * 4).to_string());
    }

    #[test]
    fn without_ffmpeg_there_are_pictures_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a-set-canvas", "a-set-canvas-2"] {
            let reel = start(folder.path(), "/nowhere/ffmpeg");
            let path = folder.path().join(name);
            let want = format!(
                "recording pictures into {}: ffmpeg, which makes films of them, is not installed",
                path.display()
            );
            assert_eq!(reel.told(), want);
            recorded(reel, &[0.0, 0.2]);
            let mut files: Vec<_> = fs::read_dir(&path)
                .expect("a folder")
                .map(|file| file.expect("a file").file_name())
                .collect();
            files.sort();
            assert_eq!(files.len(), 7);
            assert_eq!(files[6], "00007.png");
        }
    }

    #[test]
    fn a_recording_that_cannot_be_written_says_why() {
        let folder = tempfile::tempdir().expect("a folder");
        let program = folder.path().join("ffmpeg");
        fs::write(&program, "#!/bin/sh\necho 'No space left on device' >&2; exit 1\n").expect("written");
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("it may run");
        let reel = start(folder.path(), &program.display().to_string());
        let path = folder.path().join("a-set-canvas.mp4");
        let told = recorded(reel, &[0.0, 0.5, 1.0]);
        let want =
            format!("the recording {} ends: ffmpeg made no film: No space left on device", path.display());
        assert_eq!(told, want);
        // No folder, but a file.
        let nowhere = Reel::start(&program, "set", (64, 36), "/nowhere/ffmpeg");
        assert!(matches!(nowhere, Err(VideoError::System(_))));
    }
}
