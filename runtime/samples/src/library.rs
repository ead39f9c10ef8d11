//! Sounds in memory: asked for from a thread that must not wait, read on one that may.

use std::collections::{HashMap, HashSet};
use std::io;
use std::sync::Arc;

use crossbeam::channel::{Receiver, Sender, TryRecvError, TrySendError, bounded, unbounded};
use lru::LruCache;

use crate::bank::Bank;
use crate::loader::{Answer, Guard, Loader, Request, Stamp, guarded};
use crate::sound::{FontSource, Sound, Source};
use crate::{FontInstrument, Fonts, Sample, SampleError, SoundFontError, SoundName};

/// How many requests may wait for the loader. What does not fit is asked for again by the next `get`.
pub const QUEUE: usize = 256;

/// What a library keeps in memory unless told otherwise, in bytes of frames.
pub const DEFAULT_BUDGET: usize = 512_000_000;

/// How many arrivals are remembered for [`Library::arrived`].
const MAX_ARRIVALS: usize = 1_024;

/// How many failures are remembered.
const MAX_FAILURES: usize = 1_024;

/// What a library knows of a sound at this moment.
#[derive(Debug, Clone)]
pub enum State {
    /// It is in memory.
    Loaded(Arc<Sample>),
    /// It is asked for: ask again after a wake.
    Loading,
    /// It cannot be had until [`Library::rescan`].
    Failed(Arc<SampleError>),
}

/// What has arrived since it was last asked.
#[derive(Debug, Clone)]
pub enum Arrival {
    /// The folders were listed: what each name means is known.
    Listed,
    /// A sound is in memory. One that replaces an older reading of a changed file arrives likewise.
    Loaded(Arc<Sample>),
    /// A sound could not be read. Where an older reading of the file is in memory, it is kept.
    Failed(Arc<SampleError>),
}

/// The sounds of a bank in memory, as far as they were asked for and a budget allows. One thread owns it;
/// none of its methods but [`Library::wait`], [`Library::wait_for`] and [`Library::bank`] waits for a disk, a
/// decoder or a lock.
/// A thread of its own lists folders and reads files, one after the other; it ends when the
/// library is dropped and what it was reading is done.
pub struct Library {
    requests: Sender<Request>,
    answers: Receiver<Answer>,
    wakes: Receiver<()>,
    bank: Option<Bank>,
    asked_to_list: bool,
    loaded: LruCache<Source, Entry>,
    failed: HashMap<Source, Arc<SampleError>>,
    /// Asked for and not answered.
    pending: HashSet<Source>,
    bytes: usize,
    budget: usize,
    arrivals: Vec<Arrival>,
    gone: bool,
    fonts: HashMap<FontSource, FontState>,
}

/// What is known of an instrument of a SoundFont.
#[derive(Debug, Clone)]
enum FontState {
    Asked,
    Read(Result<Arc<FontInstrument>, Arc<SoundFontError>>),
}

/// What a library knows of an instrument of a SoundFont at this moment.
#[derive(Debug, Clone)]
pub enum Instruments {
    /// It is in memory.
    Loaded(Arc<FontInstrument>),
    /// It is asked for: ask again after a wake.
    Loading,
    /// It cannot be had until [`Library::rescan`].
    Failed(Arc<SoundFontError>),
}

struct Entry {
    sample: Arc<Sample>,
    stamp: Stamp,
    /// The file has changed since: the old reading stands in until the new one is here.
    stale: bool,
}

impl Library {
    /// Starts the loader, which lists the bank at once. `budget` is in bytes of frames; the sound that
    /// was asked for last is kept even where it alone is more. An error where no thread can be started.
    pub fn new(bank: Bank, budget: usize) -> io::Result<Self> {
        Library::with_fonts(bank, budget, Fonts::default())
    }

    /// As [`Library::new`], with SoundFonts that others open too. Their instruments do not count for the budget.
    pub fn with_fonts(bank: Bank, budget: usize, fonts: Fonts) -> io::Result<Self> {
        Library::start_guarded(bank, budget, fonts, guarded)
    }

    /// As [`Library::with_fonts`]; `guard` keeps the loader from ending should it break over a file.
    pub fn start_guarded(bank: Bank, budget: usize, fonts: Fonts, guard: Guard) -> io::Result<Self> {
        let (requests, inbox) = bounded(QUEUE);
        // Bounded by what is asked for: one answer a request.
        let (outbox, answers) = unbounded();
        let (wake, wakes) = bounded(1);
        Loader { inbox, outbox, wake, fonts }.start(bank, guard)?;
        Ok(Library {
            requests,
            answers,
            wakes,
            bank: None,
            asked_to_list: true,
            loaded: LruCache::unbounded(),
            failed: HashMap::new(),
            pending: HashSet::new(),
            bytes: 0,
            budget,
            arrivals: Vec::new(),
            gone: false,
            fonts: HashMap::new(),
        })
    }

    /// The sound of a name and number, from memory, or the request for it. Never waits.
    pub fn get(&mut self, name: &SoundName) -> State {
        self.take_in();
        let Some(bank) = &self.bank else { return self.loading() };
        match bank.sound(name) {
            Ok(sound) => {
                let sound = sound.clone();
                self.get_sound(&sound)
            }
            Err(error) => State::Failed(Arc::new(error)),
        }
    }

    /// The sound itself, such as [`Bank::pitched`] gives. Never waits.
    pub fn get_sound(&mut self, sound: &Sound) -> State {
        self.take_in();
        let source = &sound.source;
        if let Some(entry) = self.loaded.get(source) {
            let (sample, stale) = (Arc::clone(&entry.sample), entry.stale);
            if stale {
                self.ask(source);
            }
            return State::Loaded(sample);
        }
        if let Some(error) = self.failed.get(source) {
            return State::Failed(Arc::clone(error));
        }
        self.ask(source);
        self.loading()
    }

    /// An instrument of a SoundFont, from memory, or the request for it. Never waits.
    pub fn instrument(&mut self, source: &FontSource) -> Instruments {
        self.take_in();
        match self.fonts.get(source) {
            Some(FontState::Read(Ok(instrument))) => Instruments::Loaded(Arc::clone(instrument)),
            Some(FontState::Read(Err(error))) => Instruments::Failed(Arc::clone(error)),
            Some(FontState::Asked) => Instruments::Loading,
            None => {
                if self.send(Request::Font(source.clone())) {
                    self.fonts.insert(source.clone(), FontState::Asked);
                }
                Instruments::Loading
            }
        }
    }

    /// As [`Library::instrument`], but waits until it is there: for rendering, never for playing. `None` where the
    /// loader is gone.
    pub fn wait_for_instrument(&mut self, source: &FontSource) -> Option<Instruments> {
        loop {
            match self.instrument(source) {
                Instruments::Loading => match self.answers.recv() {
                    Ok(answer) => self.take(answer),
                    Err(_) => return None,
                },
                known => return Some(known),
            }
        }
    }

    /// As [`Library::get`], but waits until it is there: for rendering, never for playing.
    pub fn wait(&mut self, name: &SoundName) -> Result<Arc<Sample>, Arc<SampleError>> {
        self.wait_until_known(|library| library.get(name))
    }

    /// As [`Library::get_sound`], but waits until it is there: for rendering, never for playing.
    pub fn wait_for(&mut self, sound: &Sound) -> Result<Arc<Sample>, Arc<SampleError>> {
        self.wait_until_known(|library| library.get_sound(sound))
    }

    fn wait_until_known(
        &mut self,
        mut get: impl FnMut(&mut Library) -> State,
    ) -> Result<Arc<Sample>, Arc<SampleError>> {
        loop {
            match get(self) {
                State::Loaded(sample) => return Ok(sample),
                State::Failed(error) => return Err(error),
                State::Loading => match self.answers.recv() {
                    Ok(answer) => self.take(answer),
                    Err(_) => self.gone = true,
                },
            }
        }
    }

    /// Whether this reading of a sound is the one in memory. It does not count as asked for.
    pub fn holds(&self, source: &Source, sample: &Arc<Sample>) -> bool {
        self.loaded.peek(source).is_some_and(|entry| Arc::ptr_eq(&entry.sample, sample))
    }

    /// The bank as it was listed last, or `None` while it is listed for the first time.
    pub fn listed(&mut self) -> Option<&Bank> {
        self.take_in();
        self.bank.as_ref()
    }

    /// The bank as it was listed last; waits for the first listing. `None` where the loader is gone.
    pub fn bank(&mut self) -> Option<&Bank> {
        while self.bank.is_none() {
            match self.answers.recv() {
                Ok(answer) => self.take(answer),
                Err(_) => return None,
            }
        }
        self.bank.as_ref()
    }

    /// Lists the folders anew, and reads anew what has changed on disk, at its next `get`: until then, and
    /// where the new file is broken, what is in memory plays on. What has failed is tried again.
    /// Call it when a watcher says so, or when the script is evaluated; a second call before the first is
    /// answered does nothing. Never waits.
    pub fn rescan(&mut self) {
        self.take_in();
        if self.asked_to_list {
            return;
        }
        let stamps = self.loaded.iter().map(|(source, entry)| (source.clone(), entry.stamp)).collect();
        self.asked_to_list = self.send(Request::Rescan(stamps));
    }

    /// Whether all that was asked for is answered, the first listing included. Never waits.
    pub fn is_settled(&mut self) -> bool {
        self.take_in();
        let asked = self.fonts.values().any(|state| matches!(state, FontState::Asked));
        self.gone || (self.bank.is_some() && self.pending.is_empty() && !asked)
    }

    /// Holds a unit when something has arrived since it was last received: wait for it, or select on
    /// it, then ask again.
    pub fn wakes(&self) -> Receiver<()> {
        self.wakes.clone()
    }

    /// What has arrived since the last call, oldest first; beyond 1,024 the newest are left out. Never waits.
    pub fn arrived(&mut self) -> Vec<Arrival> {
        self.take_in();
        std::mem::take(&mut self.arrivals)
    }

    /// How many bytes of frames are in memory. Sounds that still play after they were let go do not count.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn loading(&self) -> State {
        if self.gone { State::Failed(Arc::new(SampleError::LoaderGone)) } else { State::Loading }
    }

    fn ask(&mut self, source: &Source) {
        if !self.pending.contains(source) && self.send(Request::Read(source.clone())) {
            self.pending.insert(source.clone());
        }
    }

    /// Whether the loader will see it. A full queue is no failure: the next `get` asks again.
    fn send(&mut self, request: Request) -> bool {
        match self.requests.try_send(request) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => false,
            Err(TrySendError::Disconnected(_)) => {
                self.gone = true;
                false
            }
        }
    }

    fn take_in(&mut self) {
        loop {
            match self.answers.try_recv() {
                Ok(answer) => self.take(answer),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.gone = true;
                    return;
                }
            }
        }
    }

    fn take(&mut self, answer: Answer) {
        let arrival = match answer {
            Answer::Listed { bank, changed } => {
                self.bank = Some(bank);
                self.asked_to_list = false;
                self.failed.clear();
                // What is asked for is answered still.
                self.fonts.retain(|_, state| !matches!(state, FontState::Read(Err(_))));
                for source in changed {
                    if let Some(entry) = self.loaded.peek_mut(&source) {
                        entry.stale = true;
                    }
                }
                Arrival::Listed
            }
            Answer::Font { source, outcome } => {
                self.fonts.insert(source, FontState::Read(outcome));
                return;
            }
            Answer::Read { source, stamp, outcome: Ok(sample) } => {
                self.pending.remove(&source);
                self.failed.remove(&source);
                self.keep(source, Entry { sample: Arc::clone(&sample), stamp, stale: false });
                Arrival::Loaded(sample)
            }
            Answer::Read { source, stamp, outcome: Err(error) } => {
                self.pending.remove(&source);
                match self.loaded.peek_mut(&source) {
                    // The old reading plays on, and is not asked for until the file changes again.
                    Some(entry) => (entry.stamp, entry.stale) = (stamp, false),
                    None => {
                        if self.failed.len() >= MAX_FAILURES {
                            self.failed.clear();
                        }
                        self.failed.insert(source, Arc::clone(&error));
                    }
                }
                Arrival::Failed(error)
            }
        };
        if self.arrivals.len() < MAX_ARRIVALS {
            self.arrivals.push(arrival);
        }
    }

    /// Puts a sample in, and lets those go that were not asked for longest.
    fn keep(&mut self, source: Source, entry: Entry) {
        self.bytes += entry.sample.bytes();
        if let Some((_, old)) = self.loaded.push(source, entry) {
            self.bytes -= old.sample.bytes();
        }
        while self.bytes > self.budget && self.loaded.len() > 1 {
            let Some((_, oldest)) = self.loaded.pop_lru() else { break };
            self.bytes -= oldest.sample.bytes();
        }
    }
}
