//! Pictures in time order into a folder of PNG files, and through ffmpeg into a film with sound.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread::{self, JoinHandle};

use crate::frame::Frame;
use crate::layout::scene;
use crate::png::{self, PngError};
use crate::scene::Scene;

/// Size and number of the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Width and height in pixels.
    pub size: (u32, u32),
    /// Pictures a second.
    pub rate: u32,
}

/// Why there is no film.
#[derive(Debug, thiserror::Error)]
pub enum VideoError {
    /// There is no ffmpeg.
    #[error(
        "ffmpeg makes films of pictures and sound, and is not installed: install it (apt install ffmpeg, brew \
         install ffmpeg), or write --frames FOLDER for the pictures alone"
    )]
    NoFfmpeg,
    /// ffmpeg did not take the pictures.
    #[error("ffmpeg made no film: {0}")]
    Refused(String),
    /// A picture could not be drawn.
    #[error(transparent)]
    Picture(#[from] PngError),
    /// A file or a pipe.
    #[error(transparent)]
    System(#[from] io::Error),
}

/// The program that makes films.
pub const FFMPEG: &str = "ffmpeg";

/// Looks whether `program` can make films.
///
/// # Errors
/// [`VideoError::NoFfmpeg`].
pub fn look_for(program: &str) -> Result<(), VideoError> {
    let mut asked = Command::new(program);
    asked.arg("-version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if asked.status().is_ok_and(|status| status.success()) { Ok(()) } else { Err(VideoError::NoFfmpeg) }
}

/// Draws frames on every core, a few at a time, and hands on what comes of each, in order.
fn draw<T: Send>(
    frames: impl Iterator<Item = Frame>,
    size: (u32, u32),
    paint: impl Fn(&Scene) -> Result<T, PngError> + Sync,
    mut take: impl FnMut(T) -> Result<(), VideoError>,
) -> Result<u64, VideoError> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let (mut frames, mut count) = (frames.peekable(), 0);
    while frames.peek().is_some() {
        let some: Vec<Frame> = frames.by_ref().take(cores).collect();
        let painted: Vec<Result<T, PngError>> = thread::scope(|scope| {
            let paint = &paint;
            let one = |frame: Frame| scope.spawn(move || paint(&scene(&frame, size.0, size.1)));
            let threads: Vec<_> = some.into_iter().map(one).collect();
            let broken = || PngError::Encode("a mistake of Lilt's own".to_owned());
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(broken()))).collect()
        });
        for picture in painted {
            take(picture?)?;
            count += 1;
        }
    }
    Ok(count)
}

/// Writes frames into a folder, as `00001.png` and so on, and gives how many there were.
///
/// # Errors
/// When the folder or a file cannot be written, or a picture not be drawn.
pub fn write_frames(
    folder: &Path,
    frames: impl Iterator<Item = Frame>,
    format: Format,
) -> Result<u64, VideoError> {
    fs::create_dir_all(folder)?;
    let mut number = 0;
    draw(frames, format.size, png::png, |png| {
        number += 1;
        Ok(fs::write(folder.join(format!("{number:05}.png")), png)?)
    })
}

/// Pipes frames to ffmpeg, which puts them and the file of sound into a film, and gives how many there were.
///
/// # Errors
/// When there is no ffmpeg or it does not take them, with what it says.
pub fn write_film(
    program: &str,
    film: &Path,
    sound: &Path,
    frames: impl Iterator<Item = Frame>,
    format: Format,
) -> Result<u64, VideoError> {
    let mut pipe = FilmPipe::start(program, film, Some(sound), format)?;
    let written = draw(frames, format.size, png::rgba, |pixels| pipe.write(&pixels));
    // Why it ended says more than that it reads no more.
    pipe.finish()?;
    written
}

/// An ffmpeg that makes a film of the pictures it is given.
#[derive(Debug)]
pub struct FilmPipe {
    child: Child,
    stdin: Option<ChildStdin>,
    words: JoinHandle<String>,
}

impl FilmPipe {
    /// Starts it, with a file of sound; or without one for a film that is made while it is played: that takes
    /// little of the machine, and what is written of it can be seen whatever happens then.
    ///
    /// # Errors
    /// [`VideoError::NoFfmpeg`], or the system's.
    pub fn start(
        program: &str,
        film: &Path,
        sound: Option<&Path>,
        format: Format,
    ) -> Result<FilmPipe, VideoError> {
        let mut child = start(program, film, sound, format)?;
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        let words = thread::spawn(move || {
            let mut said = String::new();
            if let Some(mut stderr) = stderr {
                // What cannot be read is not told; that it failed, its status says.
                let _unread = stderr.read_to_string(&mut said);
            }
            said
        });
        Ok(FilmPipe { child, stdin, words })
    }

    /// The next picture: red, green, blue and 255, row by row. Waits until it is taken.
    ///
    /// # Errors
    /// When nobody reads; [`FilmPipe::finish`] says why.
    pub fn write(&mut self, pixels: &[u8]) -> Result<(), VideoError> {
        match &mut self.stdin {
            Some(stdin) => Ok(stdin.write_all(pixels)?),
            None => Ok(()),
        }
    }

    /// Ends the film, and waits until it is written.
    ///
    /// # Errors
    /// [`VideoError::Refused`] with what ffmpeg said.
    pub fn finish(mut self) -> Result<(), VideoError> {
        drop(self.stdin.take());
        let status = self.child.wait()?;
        let said = self.words.join().unwrap_or_default();
        if status.success() {
            return Ok(());
        }
        let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
        Err(VideoError::Refused(last.map_or_else(|| status.to_string(), str::to_owned)))
    }
}

fn start(program: &str, film: &Path, sound: Option<&Path>, format: Format) -> Result<Child, VideoError> {
    let (width, height) = format.size;
    let mut command = Command::new(program);
    command.args(["-y", "-loglevel", "error", "-f", "rawvideo", "-pixel_format", "rgba"]);
    command.args(["-video_size", &format!("{width}x{height}"), "-framerate", &format.rate.to_string()]);
    command.args(["-i", "-"]);
    if let Some(sound) = sound {
        command.arg("-i").arg(sound);
    }
    command.args(["-pix_fmt", "yuv420p"]);
    // What every player knows; other containers have codecs of their own, which ffmpeg chooses.
    let ending = film.extension().and_then(|ending| ending.to_str()).unwrap_or("");
    if matches!(ending, "mp4" | "mov" | "m4v") {
        command.args(["-c:v", "libx264", "-crf", "17"]);
        match sound {
            Some(_) => command.args(["-c:a", "aac", "-b:a", "256k", "-movflags", "+faststart"]),
            None => command.args(["-preset", "ultrafast", "-movflags", "+frag_keyframe+empty_moov"]),
        };
    }
    command.arg(film).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => VideoError::NoFfmpeg,
        _ => error.into(),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const FORMAT: Format = Format { size: (64, 36), rate: 10 };

    fn frames(count: usize) -> impl Iterator<Item = Frame> {
        (0..count).map(|number| Frame { beat: number as f64, ..Frame::default() })
    }

    /// An ffmpeg written in shell.
    fn fake(folder: &Path, script: &str) -> String {
        let path = folder.join("ffmpeg");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it may run");
        path.display().to_string()
    }

    #[test]
    fn frames_become_numbered_pictures() {
        let folder = tempfile::tempdir().expect("a folder");
        let count = write_frames(&folder.path().join("a/b"), frames(5), FORMAT).expect("written");
        let files = fs::read_dir(folder.path().join("a/b")).expect("a folder");
        let mut names: Vec<String> =
            files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        assert_eq!(
            (count, names.join(" ").as_str()),
            (5, "00001.png 00002.png 00003.png 00004.png 00005.png")
        );
    }

    #[test]
    fn every_pixel_and_the_sound_go_to_ffmpeg() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        let program = fake(at, "echo \"$@\" > \"$0.said\"; wc -c > \"$0.bytes\"");
        let count = write_film(&program, &at.join("f.mp4"), &at.join("s.wav"), frames(7), FORMAT);
        assert_eq!(count.expect("a film"), 7);
        let read = |what: &str| fs::read_to_string(format!("{program}.{what}")).expect("it ran");
        assert_eq!(read("bytes").trim(), (7 * 64 * 36 * 4).to_string());
        let said = read("said");
        assert!(said.contains("-video_size 64x36 -framerate 10 -i - -i") && said.contains("s.wav"), "{said}");
        assert!(said.trim_end().ends_with("f.mp4"), "{said}");
    }

    #[test]
    fn without_ffmpeg_and_where_it_fails_that_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path();
        let film = |program: &str| {
            let made = write_film(program, &at.join("f.mp4"), &at.join("s.wav"), frames(400), FORMAT);
            made.expect_err("no film").to_string()
        };
        let none = "ffmpeg makes films of pictures and sound, and is not installed: install it (apt install \
                    ffmpeg, brew install ffmpeg), or write --frames FOLDER for the pictures alone";
        assert_eq!(film("/nowhere/ffmpeg"), none);
        assert_eq!(look_for("/nowhere/ffmpeg").expect_err("none").to_string(), none);
        let broken = fake(at, "echo noise >&2; echo 'Unknown encoder libx264' >&2; exit 1");
        assert_eq!(film(&broken), "ffmpeg made no film: Unknown encoder libx264");
    }
}
