//! The thread that lists folders and reads files.

use std::fs;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::SystemTime;

use crossbeam::channel::{Receiver, Sender};

use crate::bank::Bank;
use crate::sound::{FontSource, Source};
use crate::{FontInstrument, Fonts, Sample, SampleError, SoundFontError};

/// What tells two states of a file apart: when it was written, and its length. `None` where there is none.
pub(crate) type Stamp = Option<(SystemTime, u64)>;

/// What the loader is asked.
pub(crate) enum Request {
    /// Read and decode this.
    Read(Source),
    /// Read this instrument of a SoundFont.
    Font(FontSource),
    /// List the bank anew, and say which of these are no longer as they were.
    Rescan(Vec<(Source, Stamp)>),
}

/// What the loader answers: once for its start, once for each request.
pub(crate) enum Answer {
    /// The bank, listed.
    Listed { bank: Bank, changed: Vec<Source> },
    /// An instrument of a SoundFont was read, or could not be.
    Font { source: FontSource, outcome: Result<Arc<FontInstrument>, Arc<SoundFontError>> },
    /// A file was read, or could not be.
    Read { source: Source, stamp: Stamp, outcome: Result<Arc<Sample>, Arc<SampleError>> },
}

pub(crate) struct Loader {
    pub(crate) inbox: Receiver<Request>,
    pub(crate) outbox: Sender<Answer>,
    /// Holds at most one unit: who is behind is woken once.
    pub(crate) wake: Sender<()>,
    pub(crate) fonts: Fonts,
}

impl Loader {
    pub(crate) fn start(self, bank: Bank) -> io::Result<()> {
        thread::Builder::new().name("lilt-samples".into()).spawn(move || self.run(bank)).map(drop)
    }

    fn run(self, mut bank: Bank) {
        bank.list();
        if !self.answer(Answer::Listed { bank: bank.clone(), changed: Vec::new() }) {
            return;
        }
        // The queue's end is the library's.
        for request in &self.inbox {
            let answer = match request {
                Request::Read(source) => {
                    // Before reading: a change meanwhile is then a change.
                    let stamp = stamp(&source);
                    let outcome = source.read().map(Arc::new).map_err(Arc::new);
                    Answer::Read { source, stamp, outcome }
                }
                Request::Font(source) => {
                    let outcome = source.read(&self.fonts).map(Arc::new).map_err(Arc::new);
                    Answer::Font { source, outcome }
                }
                Request::Rescan(stamps) => {
                    bank.rescan();
                    bank.list();
                    let changed = stamps.into_iter().filter(|(source, old)| stamp(source) != *old);
                    Answer::Listed {
                        bank: bank.clone(),
                        changed: changed.map(|(source, _)| source).collect(),
                    }
                }
            };
            if !self.answer(answer) {
                return;
            }
        }
    }

    /// Whether somebody is there to hear it.
    fn answer(&self, answer: Answer) -> bool {
        let heard = self.outbox.send(answer).is_ok();
        // Full: a wake is on its way already.
        let _ = self.wake.try_send(());
        heard
    }
}

fn stamp(source: &Source) -> Stamp {
    match source {
        Source::File(path) => {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        }
        Source::Starter(_) => None,
    }
}
