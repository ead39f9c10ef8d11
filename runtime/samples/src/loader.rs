//! The thread that lists folders and reads files. What breaks over one of them, which is a mistake of Lilt's own, is
//! answered as not to be had, and the thread goes on with the next.

use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
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

/// Runs work that may panic: where in Lilt it did and why, in a line.
pub type Guard = fn(&mut dyn FnMut()) -> Result<(), String>;

/// The guard of whoever has none of its own: says why.
pub(crate) fn guarded(work: &mut dyn FnMut()) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason".to_owned())
    })
}

pub(crate) struct Loader {
    pub(crate) inbox: Receiver<Request>,
    pub(crate) outbox: Sender<Answer>,
    /// Holds at most one unit: who is behind is woken once.
    pub(crate) wake: Sender<()>,
    pub(crate) fonts: Fonts,
}

impl Loader {
    pub(crate) fn start(self, bank: Bank, guard: Guard) -> io::Result<()> {
        thread::Builder::new().name("lilt-samples".into()).spawn(move || self.run(bank, guard)).map(drop)
    }

    fn run(self, mut bank: Bank, guard: Guard) {
        if let Err(place) = guard(&mut || bank.list()) {
            bank.broke(&place);
        }
        if !self.answer(Answer::Listed { bank: bank.clone(), changed: Vec::new() }) {
            return;
        }
        // The queue's end is the library's.
        for request in &self.inbox {
            let mut done = None;
            let worked = guard(&mut || done = Some(self.work(&request, &mut bank)));
            let answer = match (worked, done) {
                (Ok(()), Some(answer)) => answer,
                (worked, _) => broken(request, &worked.err().unwrap_or_default(), &mut bank),
            };
            if !self.answer(answer) {
                return;
            }
        }
    }

    fn work(&self, request: &Request, bank: &mut Bank) -> Answer {
        match request {
            Request::Read(source) => {
                // Before reading: a change meanwhile is then a change.
                let stamp = stamp(source);
                let outcome = source.read().map(Arc::new).map_err(Arc::new);
                Answer::Read { source: source.clone(), stamp, outcome }
            }
            Request::Font(source) => {
                let outcome = source.read(&self.fonts).map(Arc::new).map_err(Arc::new);
                Answer::Font { source: source.clone(), outcome }
            }
            Request::Rescan(stamps) => {
                bank.rescan();
                bank.list();
                let changed = stamps.iter().filter(|(source, old)| stamp(source) != *old);
                Answer::Listed {
                    bank: bank.clone(),
                    changed: changed.map(|(source, _)| source.clone()).collect(),
                }
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

/// The answer to what broke, at a place of Lilt's own.
fn broken(request: Request, place: &str, bank: &mut Bank) -> Answer {
    match request {
        Request::Read(source) => {
            let error = SampleError::Stumbled { file: source.path(), place: place.to_owned() };
            Answer::Read { stamp: stamp(&source), source, outcome: Err(Arc::new(error)) }
        }
        Request::Font(source) => {
            let error = SoundFontError::Stumbled { file: source.file.clone(), place: place.to_owned() };
            Answer::Font { source, outcome: Err(Arc::new(error)) }
        }
        Request::Rescan(_) => {
            bank.broke(place);
            Answer::Listed { bank: bank.clone(), changed: Vec::new() }
        }
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
