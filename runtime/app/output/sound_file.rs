//! A file of sound, of the kind that its name says.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::flac::FlacFile;
use super::pcm::Bits;
use super::wav::WavFile;

/// How many names with a number behind them are tried.
const MOST_NUMBERS: u32 = 10_000;

/// A file of sound in two channels.
pub enum SoundFile {
    /// WAV.
    Wav(WavFile<File>),
    /// FLAC.
    Flac(Box<FlacFile<File>>),
}

/// True for a name that ends in `.flac`.
pub fn is_flac(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("flac"))
}

impl SoundFile {
    /// An empty file at `rate` frames a second, over whatever had that name.
    ///
    /// # Errors
    /// When it cannot be made, and for floats in a FLAC file.
    pub fn create(path: &Path, bits: Bits, rate: u32) -> io::Result<SoundFile> {
        SoundFile::in_file(File::create(path)?, is_flac(path), bits, rate)
    }

    /// An empty file of this name, or with a number behind it where that is taken already; and what it is called.
    ///
    /// # Errors
    /// As [`SoundFile::create`].
    pub fn create_beside(path: &Path, bits: Bits, rate: u32) -> io::Result<(SoundFile, PathBuf)> {
        let mut taken = None;
        for number in 0..MOST_NUMBERS {
            let path = numbered(path, number);
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok((SoundFile::in_file(file, is_flac(&path), bits, rate)?, path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = Some(error),
                Err(error) => return Err(error),
            }
        }
        Err(taken.unwrap_or_else(|| io::Error::from(io::ErrorKind::AlreadyExists)))
    }

    fn in_file(file: File, flac: bool, bits: Bits, rate: u32) -> io::Result<SoundFile> {
        Ok(match flac {
            true => SoundFile::Flac(Box::new(FlacFile::new(file, bits, rate)?)),
            false => SoundFile::Wav(WavFile::new(file, bits, rate)?),
        })
    }

    /// Adds frames, left and right in turn.
    ///
    /// # Errors
    /// As writing does, and when a WAV file is full.
    pub fn write(&mut self, samples: &[f32]) -> io::Result<()> {
        match self {
            SoundFile::Wav(file) => file.write(samples),
            SoundFile::Flac(file) => file.write(samples),
        }
    }

    /// True when so many more samples would be too many for one file.
    pub fn is_full_for(&self, samples: usize) -> bool {
        match self {
            SoundFile::Wav(file) => file.is_full_for(samples),
            SoundFile::Flac(_) => false,
        }
    }

    /// Makes a file that can be read of what was written so far.
    ///
    /// # Errors
    /// As writing does.
    pub fn settle(&mut self) -> io::Result<()> {
        match self {
            SoundFile::Wav(file) => file.settle(),
            SoundFile::Flac(file) => file.settle(),
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    /// As writing does.
    pub fn finish(&mut self) -> io::Result<()> {
        match self {
            SoundFile::Wav(file) => file.settle(),
            SoundFile::Flac(file) => file.finish(),
        }
    }

    /// How many samples were too loud for whole numbers and cut off.
    pub fn clipped(&self) -> u64 {
        match self {
            SoundFile::Wav(file) => file.clipped(),
            SoundFile::Flac(file) => file.clipped(),
        }
    }
}

/// `set.wav`, `set-1.wav`, `set-2.wav` …
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 0 {
        return path.to_path_buf();
    }
    let mut name = path.file_stem().unwrap_or_default().to_os_string();
    name.push(format!("-{number}"));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_taken_gets_a_number() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("my set.wav");
        for expected in ["my set.wav", "my set-1.wav", "my set-2.wav"] {
            let (_, made) = SoundFile::create_beside(&path, Bits::TwentyFour, 48_000).expect("made");
            assert_eq!(made, folder.path().join(expected));
        }
    }

    /// What was settled before the end is a file; what was finished holds every sample.
    #[test]
    fn what_is_read_back_is_what_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let tone = |frame: usize| (frame as f32 * 0.03).sin() * 0.7;
        let samples: Vec<f32> = (0..10_000).flat_map(|frame| [tone(frame), -tone(frame / 3)]).collect();
        for (name, bits, step) in [
            ("a.wav", Bits::Sixteen, 2.3 / 32_768.0),
            ("b.wav", Bits::TwentyFour, 2.5 / 8_388_608.0),
            ("c.wav", Bits::Float, 0.0),
            ("d.flac", Bits::Sixteen, 2.3 / 32_768.0),
            ("e.flac", Bits::TwentyFour, 2.5 / 8_388_608.0),
        ] {
            let path = folder.path().join(name);
            let mut file = SoundFile::create(&path, bits, 48_000).expect("made");
            file.write(&samples[..12_000]).expect("written");
            file.settle().expect("settled");
            let early = read(&path);
            assert!(early.len() >= 8_192, "{name}: {}", early.len());
            file.write(&samples[12_000..]).expect("written");
            file.finish().expect("written");
            let heard = read(&path);
            assert_eq!((heard.len(), file.clipped()), (samples.len(), 0), "{name}");
            let off = heard.iter().zip(&samples).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(off <= step, "{name}: {off}");
        }
        let float = SoundFile::create(&folder.path().join("f.flac"), Bits::Float, 48_000);
        assert_eq!(float.err().map(|error| error.to_string()).as_deref(), Some("FLAC knows no floats"));
    }

    /// The samples of a file, left and right in turn.
    fn read(path: &Path) -> Vec<f32> {
        let sound = lilt_samples::decode::read(path).expect("a sound");
        assert_eq!((sound.channels(), sound.rate()), (2, 48_000), "{}", path.display());
        sound.interleaved().to_vec()
    }
}
