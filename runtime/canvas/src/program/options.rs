//! The command line of `lilt-canvas`.

use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
lilt-canvas: shows the frames of a performance, one JSON object a line on standard input

  --size WIDTHxHEIGHT   size of the window in points (1280x720)
  --fullscreen          fill the screen
  --monitor N           open on this monitor, from 1
  --stats               show how many pictures are drawn, and what they cost
  --folder FOLDER       where recordings and drawings go (the current folder)
  --screenshot FILE     save the window's picture as FILE once frames have come, and end

In the window: F fills the screen and R records, each until it is pressed again; S shows what pictures cost;
K keeps what a hand drew, as a line of NAME.drawn.ndjson, and wipes it; Delete wipes it.
";

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Size of the window in points.
    pub size: (u32, u32),
    /// Fill the screen.
    pub fullscreen: bool,
    /// The monitor to open on, from 0.
    pub monitor: Option<usize>,
    /// Show what pictures cost.
    pub stats: bool,
    /// Where recordings go.
    pub folder: PathBuf,
    /// Save the window's picture, and end.
    pub screenshot: Option<PathBuf>,
    /// Print the help, and end.
    pub help: bool,
}

/// What is wrong with a command line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionsError {
    /// A word that is no option.
    #[error("there is no option {0}; lilt-canvas --help names those there are")]
    Unknown(String),
    /// An option without its value, and an example of one.
    #[error("{0} needs a value: {0} {1}")]
    Missing(&'static str, &'static str),
    /// A monitor that is none.
    #[error("--monitor {0} is no monitor; write a number from 1")]
    Monitor(String),
    /// A size that is none.
    #[error("--size {0} is no size; write for example --size 1280x720, each from 64 to 8192")]
    Size(String),
}

impl Default for Options {
    fn default() -> Options {
        Options {
            size: (1280, 720),
            fullscreen: false,
            monitor: None,
            stats: false,
            folder: PathBuf::from("."),
            screenshot: None,
            help: false,
        }
    }
}

impl Options {
    /// Reads the words after the program's name.
    ///
    /// # Errors
    /// [`OptionsError`] says what to write instead.
    pub fn parse(mut words: impl Iterator<Item = OsString>) -> Result<Options, OptionsError> {
        let mut options = Options::default();
        while let Some(word) = words.next() {
            match word.to_string_lossy().as_ref() {
                "--fullscreen" => options.fullscreen = true,
                "--help" | "-h" => options.help = true,
                "--stats" => options.stats = true,
                "--folder" => {
                    options.folder = words.next().ok_or(OptionsError::Missing("--folder", "FOLDER"))?.into();
                }
                "--monitor" => {
                    let text = words.next().ok_or(OptionsError::Missing("--monitor", "2"))?;
                    let text = text.to_string_lossy();
                    let number: Option<usize> = text.parse().ok().filter(|number| *number >= 1);
                    let number = number.ok_or_else(|| OptionsError::Monitor(text.into_owned()))?;
                    options.monitor = Some(number - 1);
                }
                "--screenshot" => {
                    let file = words.next().ok_or(OptionsError::Missing("--screenshot", "FILE"))?;
                    options.screenshot = Some(file.into());
                }
                "--size" => {
                    let text = words.next().ok_or(OptionsError::Missing("--size", "1280x720"))?;
                    let text = text.to_string_lossy();
                    options.size = size(&text).ok_or_else(|| OptionsError::Size(text.into_owned()))?;
                }
                other => return Err(OptionsError::Unknown(other.to_owned())),
            }
        }
        Ok(options)
    }
}

fn size(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    let side = |text: &str| text.parse().ok().filter(|side| (64..=8192).contains(side));
    Some((side(width)?, side(height)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Options, OptionsError> {
        Options::parse(words.iter().map(OsString::from))
    }

    #[test]
    fn options_are_read() {
        let words = ["--size", "800x600", "--fullscreen", "--monitor", "2", "--folder", "set", "--stats"];
        let options = parse(&[&words[..], &["--screenshot", "a.png"]].concat());
        let want = Options {
            size: (800, 600),
            fullscreen: true,
            monitor: Some(1),
            stats: true,
            folder: "set".into(),
            screenshot: Some("a.png".into()),
            help: false,
        };
        assert_eq!(options, Ok(want));
    }

    #[test]
    fn a_wrong_command_line_says_what_to_write() {
        for (words, want) in [
            (&["--sise"][..], "there is no option --sise; lilt-canvas --help names those there are"),
            (&["--monitor", "0"], "--monitor 0 is no monitor; write a number from 1"),
            (&["--size"], "--size needs a value: --size 1280x720"),
            (
                &["--size", "9x9"],
                "--size 9x9 is no size; write for example --size 1280x720, each from 64 to 8192",
            ),
        ] {
            assert_eq!(parse(words).expect_err(want).to_string(), want);
        }
    }
}
