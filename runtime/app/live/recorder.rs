//! Records what is heard, on a thread of its own: a disk that is slow, full or gone holds up nobody who plays.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use lilt_audio::{AudioHandle, TappedBlock};

use super::caught::caught;
use super::loudspeaker::SAMPLE_RATE;
use super::sight::Sight;
use crate::failure::Failure;
use crate::output::pcm::Bits;
use crate::output::sound_file::SoundFile;

/// How often what was made is taken and written.
const TICK: Duration = Duration::from_millis(50);
/// How often a whole file is made of what was written: what a killed host loses.
const SETTLE: Duration = Duration::from_secs(1);
/// How long the start waits to hear that the file cannot be made.
const OPENING: Duration = Duration::from_millis(300);
/// How long the end waits for what is still to be written.
const FAREWELL: Duration = Duration::from_secs(1);
/// Longest silence that is written where the sound was away, in seconds.
const LONGEST_GAP: u64 = 600;

/// What the recorder is asked for.
enum Wish {
    /// To record into this file; whether that could be made is answered where somebody waits, else said.
    Start(PathBuf, Option<Sender<Result<(), String>>>),
    Stop,
    End,
}

/// Starts and ends recordings. Cheap to clone; nothing in it waits but [`Recorder::record`] and
/// [`Recorder::end`].
#[derive(Clone)]
pub struct Recorder {
    wishes: Sender<Wish>,
    ended: Receiver<()>,
    /// Where a recording goes that nobody named.
    unnamed: PathBuf,
}

impl Recorder {
    /// A recorder of this sound, for the script `script`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start_thread(sound: AudioHandle, script: &Path, view: Sender<Sight>) -> Result<Recorder, Failure> {
        let (wishes, wished) = unbounded();
        let (end, ended) = bounded(0);
        let mut name = script.file_stem().unwrap_or_default().to_os_string();
        name.push("-live.wav");
        let mut writer = Writer { sound, view, under_way: None };
        thread::Builder::new()
            .name("lilt recorder".to_string())
            .spawn(move || {
                writer.run_guarded(|writer| writer.run(&wished));
                drop(end);
            })
            .map_err(Failure::of_use)?;
        Ok(Recorder { wishes, ended, unnamed: script.with_file_name(name) })
    }

    /// Records into this file, or into one with a number where the name is taken.
    ///
    /// # Errors
    /// When the file cannot be made, in words for the performer.
    pub fn record(&self, path: &Path) -> Result<(), String> {
        let (answer, answered) = bounded(1);
        // A recorder that is not there has ended, as the host does.
        let _ending = self.wishes.send(Wish::Start(path.to_path_buf(), Some(answer)));
        answered.recv_timeout(OPENING).unwrap_or(Ok(()))
    }

    /// Begins to record beside the script, unless something is being recorded.
    pub fn start(&self) {
        let _ending = self.wishes.send(Wish::Start(self.unnamed.clone(), None));
    }

    /// Ends the recording, if there is one.
    pub fn stop(&self) {
        let _ending = self.wishes.send(Wish::Stop);
    }

    /// Ends the recording and the recorder, and waits a moment for what is still to be written.
    pub fn end(&self) {
        let _ending = self.wishes.send(Wish::End);
        // Nothing is ever sent: the thread has ended, or the time is over.
        let _ended = self.ended.recv_timeout(FAREWELL);
    }
}

/// A file that is being recorded.
struct Recording {
    file: SoundFile,
    path: PathBuf,
    /// The frame of the timeline that comes next.
    next: Option<u64>,
    /// Frames written, and those that were lost.
    frames: u64,
    lost: u64,
    settled: Instant,
}

/// The side of the file.
struct Writer {
    sound: AudioHandle,
    view: Sender<Sight>,
    under_way: Option<Recording>,
}

impl Writer {
    /// Does `work` until it ends. Should it break, which is a mistake of Lilt's own, the recording ends where it is,
    /// and the next one can begin.
    fn run_guarded(&mut self, mut work: impl FnMut(&mut Writer)) {
        while let Err(place) = caught(|| work(self)) {
            self.sound.close_tap();
            let ended = match self.under_way.take() {
                Some(Recording { path, .. }) => format!("{} ends there", path.display()),
                None => "nothing was recorded".to_owned(),
            };
            self.say(format!(
                "Lilt itself stumbled over the recording ({place}): {ended}, and the music goes on"
            ));
            let _ending = self.view.send(Sight::Recording(None));
        }
    }

    fn run(&mut self, wishes: &Receiver<Wish>) {
        loop {
            let wish = match self.under_way {
                Some(_) => wishes.recv_timeout(TICK),
                None => wishes.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            self.write();
            match wish {
                Ok(Wish::Start(path, answer)) => self.start(&path, answer),
                Ok(Wish::Stop) => self.stop(),
                Err(RecvTimeoutError::Timeout) => {}
                Ok(Wish::End) | Err(RecvTimeoutError::Disconnected) => return self.stop(),
            }
        }
    }

    fn say(&self, line: String) {
        // A view that is not there has ended.
        let _ending = self.view.send(Sight::Said(line));
    }

    fn start(&mut self, path: &Path, answer: Option<Sender<Result<(), String>>>) {
        if let Some(recording) = &self.under_way {
            self.say(format!("recording into {} already", recording.path.display()));
            return;
        }
        let told = match create(path) {
            Ok((file, path)) => {
                self.say(format!("recording into {}", path.display()));
                let _ending = self.view.send(Sight::Recording(Some(path.clone())));
                self.sound.open_tap();
                let settled = Instant::now();
                self.under_way = Some(Recording { file, path, next: None, frames: 0, lost: 0, settled });
                Ok(())
            }
            Err(error) => Err(format!("{}: {error}", path.display())),
        };
        match (answer, told) {
            (Some(answer), told) => {
                // Whoever asked may have gone on meanwhile.
                let _unheard = answer.send(told);
            }
            (None, Err(error)) => self.say(format!("nothing is recorded: {error}")),
            (None, Ok(())) => {}
        }
    }

    /// Writes what was made since the last time. A disk that refuses ends the recording, with one line.
    fn write(&mut self) {
        let Some(recording) = &mut self.under_way else { return };
        let mut done = Ok(());
        while done.is_ok()
            && let Some(block) = self.sound.take_tapped()
        {
            done = recording.add(&block);
        }
        recording.lost += self.sound.take_tap_left_out();
        if done.is_ok() && recording.settled.elapsed() >= SETTLE {
            recording.settled = Instant::now();
            done = recording.file.settle();
        }
        if let Err(error) = done {
            self.sound.close_tap();
            let recording = self.under_way.take();
            let path = recording.as_ref().map(|recording| recording.path.display().to_string());
            let seconds = recording.map_or(0.0, |recording| recording.seconds());
            let path = path.unwrap_or_default();
            self.say(format!("the recording {path} ends after {seconds:.1} s: {error}; the music goes on"));
            let _ending = self.view.send(Sight::Recording(None));
        }
    }

    fn stop(&mut self) {
        self.sound.close_tap();
        self.write();
        let Some(mut recording) = self.under_way.take() else { return };
        let (path, seconds) = (recording.path.display().to_string(), recording.seconds());
        match recording.file.finish() {
            Ok(()) => self.say(format!("recorded {seconds:.1} s into {path}")),
            Err(error) => self.say(format!("the recording {path} ends after {seconds:.1} s: {error}")),
        }
        if recording.lost > 0 {
            let lost = recording.lost as f64 * BLOCK / f64::from(SAMPLE_RATE);
            self.say(format!("{lost:.2} s of it are silence: the disk did not keep up"));
        }
        if recording.file.clipped() > 0 {
            self.say(format!("{} samples of it were cut off: too loud", recording.file.clipped()));
        }
        let _ending = self.view.send(Sight::Recording(None));
    }
}

/// Frames of a block.
const BLOCK: f64 = lilt_synth::BLOCK_FRAMES as f64;

/// A file that does not write over another. What is no file, such as a device, is written to as it is; but a
/// pipe is not, which cannot be gone back in.
fn create(path: &Path) -> std::io::Result<(SoundFile, PathBuf)> {
    match fs::metadata(path) {
        Ok(about) if is_pipe(&about) => Err(std::io::Error::other("that is a pipe: record into a file")),
        Ok(about) if !about.is_file() && !about.is_dir() => {
            let file = SoundFile::create(path, Bits::TwentyFour, SAMPLE_RATE)?;
            Ok((file, path.to_path_buf()))
        }
        Ok(_) | Err(_) => SoundFile::create_beside(path, Bits::TwentyFour, SAMPLE_RATE),
    }
}

#[cfg(unix)]
fn is_pipe(about: &fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&about.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_about: &fs::Metadata) -> bool {
    false
}

impl Recording {
    fn seconds(&self) -> f64 {
        self.frames as f64 / f64::from(SAMPLE_RATE)
    }

    /// Adds a block, with silence in front of it where none were made or some were lost.
    fn add(&mut self, block: &TappedBlock) -> std::io::Result<()> {
        let gap = self.next.map_or(0, |next| block.frame.saturating_sub(next));
        let silence = [0.0; 2 * lilt_synth::BLOCK_FRAMES];
        let mut left = 2 * gap.min(LONGEST_GAP * u64::from(SAMPLE_RATE));
        while left > 0 {
            let piece = left.min(silence.len() as u64);
            self.put(&silence[..piece as usize])?;
            left -= piece;
        }
        self.put(&block.samples)?;
        self.next = Some(block.frame + lilt_synth::BLOCK_FRAMES as u64);
        Ok(())
    }

    /// Writes samples; a file that is full is ended, and another one begun.
    fn put(&mut self, samples: &[f32]) -> std::io::Result<()> {
        if self.file.is_full_for(samples.len()) {
            self.file.finish()?;
            (self.file, self.path) = create(&self.path)?;
        }
        self.file.write(samples)?;
        self.frames += samples.len() as u64 / 2;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use lilt_audio::Speaker;
    use lilt_synth::MixerConfig;

    use super::*;

    /// A recorder that breaks says so, leaves what was written as a file that can be read, and records again.
    #[test]
    fn a_recorder_that_breaks_ends_the_recording_and_begins_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = MixerConfig { sample_rate: SAMPLE_RATE, ..MixerConfig::default() };
        let speaker = Speaker::silent(config).expect("a silent clock");
        let (view, sights) = unbounded();
        let mut writer = Writer { sound: speaker.handle(), view, under_way: None };
        let mut round = 0;
        writer.run_guarded(|writer| {
            round += 1;
            writer.start(&folder.path().join("set.wav"), None);
            let recording = writer.under_way.as_mut().expect("it records");
            recording.put(&[0.25; 2_000]).expect("written");
            recording.file.settle().expect("settled");
            if round == 1 {
                panic!("a mistake of ours");
            }
            writer.stop();
        });
        let told: Vec<String> = sights
            .try_iter()
            .filter_map(|sight| match sight {
                Sight::Said(line) => Some(line),
                _ => None,
            })
            .collect();
        let [_, broke, _, recorded] = &told[..] else { panic!("{told:?}") };
        let first = folder.path().join("set.wav");
        assert!(
            broke.starts_with("Lilt itself stumbled over the recording (runtime/app/live/recorder.rs:")
                && broke.ends_with(&format!(
                    ": a mistake of ours): {} ends there, and the music goes on",
                    first.display()
                )),
            "{broke}"
        );
        assert!(recorded.starts_with("recorded 0.0 s into "), "{recorded}");
        let files: Vec<u64> = fs::read_dir(folder.path())
            .expect("a folder")
            .map(|file| {
                hound::WavReader::open(file.expect("a file").path()).expect("a WAV file").duration().into()
            })
            .collect();
        assert_eq!(files, [1_000, 1_000]);
    }
}
