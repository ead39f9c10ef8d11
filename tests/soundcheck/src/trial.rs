//! One row of the table: a host that plays, and edits of its script, one after the other.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use lilt_score::Seed;

use crate::change::Thresholds;
use crate::editor::Editor;
use crate::hearing::{Hearing, Moment};
use crate::host::Host;
use crate::notes::{Ledger, check, recorded};
use crate::recorder::{MidiEvent, Recorder};
use crate::score::{NOTES_A_BEAT, Quantum, State, TEMPO, script};

/// Longest wait for an edit to be heard; after that it counts as missed.
const UNHEARD: Duration = Duration::from_secs(3);
/// How long each state plays while it is learnt.
const LEARNING: Duration = Duration::from_millis(2500);
/// How often that is tried.
const TRIES: usize = 3;
/// Shortest and longest time from when an edit was heard to the next one. The longest lies one beat
/// after the shortest, so that edits fall everywhere between two beats.
const PAUSE: [f64; 2] = [0.35, 0.85];
/// From the last keystroke to the commit that follows it: shorter than the pause in the typing that
/// commits by itself.
const BEFORE_COMMIT: Duration = Duration::from_millis(60);

/// How an edit reaches the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Written to the file; timed before it is opened.
    Saved,
    /// Sent by an editor; timed before the last keystroke is.
    Typed,
    /// Sent by an editor and then committed; timed before the commit is sent.
    Committed,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Saved => "saved to disk",
            Way::Typed => "typed",
            Way::Committed => "committed from the editor",
        })
    }
}

/// What a trial does.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// Where edits begin.
    pub quantum: Quantum,
    /// How they reach the host.
    pub way: Way,
    /// How many are made.
    pub edits: usize,
    /// Of the times between them.
    pub seed: Seed,
    /// Whether the stream goes over MIDI too.
    pub midi: bool,
}

/// One edit, in microseconds of the server's clock.
#[derive(Debug, Clone, Copy)]
pub struct Edit {
    /// When it was made.
    pub made: f64,
    /// When the stream was heard at its new pitch.
    pub stream: Option<f64>,
    /// When the tone was heard on the way to its new loudness.
    pub tone: Option<f64>,
    /// When the first note of the new pitch came over MIDI.
    pub note: Option<f64>,
}

/// What came of a trial.
pub struct Outcome {
    /// Every edit.
    pub edits: Vec<Edit>,
    /// What came over MIDI, where it was asked for.
    pub ledger: Option<Ledger>,
    /// What the host said beside the generations.
    pub said: Vec<String>,
    /// Cycles and notes that this program was too slow to hear.
    pub lost: u64,
}

/// What has been heard of a host, kept by a thread of its own.
struct Heard {
    moments: Arc<Mutex<Vec<Moment>>>,
    notes: Arc<Mutex<Vec<MidiEvent>>>,
    ended: Arc<AtomicBool>,
}

impl Heard {
    fn of(recorder: &Arc<Recorder>) -> Result<Heard> {
        recorder.forget();
        let heard = Heard { moments: Arc::default(), notes: Arc::default(), ended: Arc::default() };
        let (moments, notes) = (Arc::clone(&heard.moments), Arc::clone(&heard.notes));
        let (ended, recorder) = (Arc::clone(&heard.ended), Arc::clone(recorder));
        thread::Builder::new().name("hearing".into()).spawn(move || {
            let mut hearing = Hearing::new();
            while !ended.load(Ordering::Relaxed) {
                let mut new = Vec::new();
                while let Some(chunk) = recorder.chunk() {
                    hearing.hear(&chunk, |moment| new.push(moment));
                }
                moments.lock().unwrap_or_else(PoisonError::into_inner).extend(new);
                notes.lock().unwrap_or_else(PoisonError::into_inner).extend(recorder.midi());
                thread::sleep(Duration::from_millis(5));
            }
        })?;
        Ok(heard)
    }

    /// What was heard since `from`, in microseconds.
    fn since(&self, from: f64) -> Vec<Moment> {
        let moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        moments[moments.partition_point(|moment| moment.at < from)..].to_vec()
    }

    /// When the first note of this key came since `from`.
    fn note(&self, key: u8, from: f64) -> Option<f64> {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let first = notes.partition_point(|note| note.at < from);
        let begins =
            |note: &&MidiEvent| matches!(note.bytes, [0x90..=0x9F, k, velocity] if k == key && velocity > 0);
        notes[first..].iter().find(begins).map(|note| note.at)
    }

    fn notes(&self) -> Vec<MidiEvent> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Heard {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

impl Trial {
    /// Starts a host, edits its script, and ends it. `progress` is told how many edits were made.
    ///
    /// # Errors
    /// When the host does not play, or says that a text is wrong, or what it plays cannot be told apart.
    pub fn run(&self, lilt: &Path, recorder: &Arc<Recorder>, progress: impl Fn(usize)) -> Result<Outcome> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("set.lua");
        let record = folder.path().join("played.jsonl");
        fs::write(&path, script(self.quantum, State::Low, 0, self.midi))?;
        let heard = Heard::of(recorder)?;
        let host = Host::start(lilt, &path, folder.path(), Some(&record))?;
        let mut editor = Editor::attach(&host)?;
        let mut said = Vec::new();

        let thresholds = self.learn(&host, recorder, &heard)?;
        let mut state = State::Low;
        let mut edits = Vec::with_capacity(self.edits);
        for number in 0..self.edits {
            let random = self.seed.child_number(number as u64).unit();
            thread::sleep(Duration::from_secs_f64(PAUSE[0] + (PAUSE[1] - PAUSE[0]) * random));
            state = state.other();
            let text = script(self.quantum, state, number + 3, self.midi);
            let made = self.make(&text, &path, &mut editor, recorder)?;
            let edit = self.hear(made, state, &thresholds, &heard);
            if heard.since(recorder.now() - 1e6).is_empty() {
                bail!("nothing comes from the JACK server any more");
            }
            edits.push(edit);
            let wrong = editor.told().diagnostics;
            said.extend(host.said().into_iter().filter(|line| !line.contains("generation")));
            if !wrong.is_empty() {
                bail!("the host does not accept the script: {}", wrong.join("; "));
            }
            progress(number + 1);
        }
        thread::sleep(Duration::from_millis(500));
        let notes = heard.notes();
        said.extend(host.stop()?.into_iter().filter(|line| !line.contains("generation")));
        let ledger = match self.midi {
            true => {
                let exact = recorded(&fs::read_to_string(&record).context("the host's record")?, "notes");
                Some(check(&notes, &exact, 60e6 / TEMPO / f64::from(NOTES_A_BEAT)))
            }
            false => None,
        };
        Ok(Outcome { edits, ledger, said, lost: recorder.lost() })
    }

    /// Lets each state play undisturbed; these edits are saved and not counted.
    fn learn(&self, host: &Host, recorder: &Recorder, heard: &Heard) -> Result<Thresholds> {
        // The first second is left out: the edit comes in, and what was before dies away.
        let play = || {
            thread::sleep(Duration::from_secs(1));
            let from = recorder.now();
            thread::sleep(LEARNING);
            heard.since(from)
        };
        let mut learnt = Err(anyhow!("nothing was tried"));
        // Gaps in the sound, on a machine that does not keep up, may make one try useless.
        for _ in 0..TRIES {
            let low = play();
            fs::write(host.script(), script(self.quantum, State::High, 1, self.midi))?;
            let high = play();
            fs::write(host.script(), script(self.quantum, State::Low, 2, self.midi))?;
            learnt = Thresholds::learn(&low, &high);
            if learnt.is_ok() {
                break;
            }
        }
        play();
        learnt
    }

    /// Makes an edit; when it was made.
    fn make(&self, text: &str, path: &Path, editor: &mut Editor, recorder: &Recorder) -> Result<f64> {
        Ok(match self.way {
            Way::Saved => {
                let made = recorder.now();
                fs::write(path, text)?;
                made
            }
            Way::Typed => {
                let made = recorder.now();
                editor.change(text)?;
                made
            }
            Way::Committed => {
                editor.change(text)?;
                thread::sleep(BEFORE_COMMIT);
                let made = recorder.now();
                editor.commit()?;
                made
            }
        })
    }

    /// Waits until all of an edit is heard.
    fn hear(&self, made: f64, state: State, thresholds: &Thresholds, heard: &Heard) -> Edit {
        let begin = Instant::now();
        loop {
            let moments = heard.since(made);
            let edit = Edit {
                made,
                stream: thresholds.stream(state, &moments),
                tone: thresholds.tone(state, &moments),
                note: heard.note(state.pitch(), made).filter(|_| self.midi),
            };
            let all = edit.stream.is_some() && edit.tone.is_some() && (edit.note.is_some() || !self.midi);
            if all || begin.elapsed() > UNHEARD {
                return edit;
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}
