//! The service itself: it takes calls, remembers takes, and keeps its workers busy.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam::channel::{Receiver, Sender, TrySendError, bounded};

use crate::catalogue::Loaded;
use crate::memory::Memory;
use crate::population::ParticleScope;
use crate::schedule::{Due, JobId, Schedule};
use crate::take::{Handle, Job, Outcome};
use crate::worker::work;
use crate::{Accompanist, Call, Catalogue, Input, Model, ModelError, Recognizer, Take, TakeKey, TimbreSpace};

/// Most takes that may be pending at once: more than any readable script asks for.
const QUEUE: usize = 256;
/// Most bytes of answers that are remembered while nobody holds them: some 5,000 clips of 100 notes.
const MEMORY: usize = 64 << 20;
/// Wake-ups that may lie unread; one more adds nothing, the reader is awake.
const ARRIVALS: usize = 1024;

/// The inference service: a catalogue of models and the threads that ask them. Clones are the same
/// service; when the last one goes, pending takes fail with [`ModelError::Stopped`] and the workers
/// end.
#[derive(Clone)]
pub struct Inference {
    threads: Arc<Threads>,
}

/// What the service has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Takes that wait for a worker or for another take.
    pub waiting: usize,
    /// Takes that are being made.
    pub running: usize,
    /// Takes that are remembered.
    pub remembered: usize,
    /// Worker threads.
    pub workers: usize,
}

impl Inference {
    /// Starts the service with `workers` threads (at least one). A take is made by one thread, so more
    /// workers than spare cores only slow each other down.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(catalogue: impl Catalogue + 'static, workers: usize) -> std::io::Result<Inference> {
        Inference::with_bounds(catalogue, workers, QUEUE, MEMORY)
    }

    /// As [`Inference::new`], with at most `queue` takes waiting and `memory` bytes of answers
    /// remembered.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn with_bounds(
        catalogue: impl Catalogue + 'static,
        workers: usize,
        queue: usize,
        memory: usize,
    ) -> std::io::Result<Inference> {
        let service = Arc::new_cyclic(|itself| Service {
            itself: itself.clone(),
            loaded: Loaded::new(Box::new(catalogue)),
            state: Mutex::new(State {
                schedule: Schedule::new(queue),
                takes: HashMap::new(),
                memory: Memory::new(memory),
                stopped: false,
            }),
            more: Condvar::new(),
            particles: ParticleScope::new(),
            arrivals: bounded(ARRIVALS),
        });
        let mut threads = Threads { service, workers: Vec::new() };
        for worker in 0..workers.max(1) {
            let service = threads.service.clone();
            let builder = std::thread::Builder::new().name(format!("lilt-model-{worker}"));
            threads.workers.push(builder.spawn(move || work(&service))?);
        }
        Ok(Inference { threads: Arc::new(threads) })
    }

    /// The names of all models.
    pub fn names(&self) -> Vec<String> {
        self.service().loaded.names()
    }

    /// The model called `name`. The first call loads its weights, which takes some milliseconds.
    ///
    /// # Errors
    /// [`ModelError::UnknownModel`], naming what exists, or [`ModelError::Weights`].
    pub fn model(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        self.service().loaded.model(name)
    }

    /// The model called `name`, if its weights are loaded already; never waits for anybody who loads some.
    pub fn loaded(&self, name: &str) -> Option<Arc<dyn Model>> {
        self.service().loaded.loaded(name)
    }

    /// What says what drawings show. The first call loads its weights, which takes some milliseconds.
    ///
    /// # Errors
    /// As [`Catalogue::recognizer`].
    pub fn recognizer(&self) -> Result<Arc<dyn Recognizer>, ModelError> {
        self.service().loaded.recognizer()
    }

    /// What says what drawings show, if its weights are loaded already; never waits for anybody who loads them.
    pub fn loaded_recognizer(&self) -> Option<Arc<dyn Recognizer>> {
        self.service().loaded.loaded_recognizer()
    }

    /// The space of sounds. The first call loads its weights, which takes some milliseconds.
    ///
    /// # Errors
    /// As [`Catalogue::recognizer`].
    pub fn timbres(&self) -> Result<Arc<dyn TimbreSpace>, ModelError> {
        self.service().loaded.timbres()
    }

    /// The space of sounds, if its weights are loaded already; never waits for anybody who loads them.
    pub fn loaded_timbres(&self) -> Option<Arc<dyn TimbreSpace>> {
        self.service().loaded.loaded_timbres()
    }

    /// What foresees chords. The first call loads its weights.
    ///
    /// # Errors
    /// As [`Catalogue::accompanist`].
    pub fn accompanist(&self) -> Result<Arc<dyn Accompanist>, ModelError> {
        self.service().loaded.accompanist()
    }

    /// What foresees chords, if its weights are loaded already; never waits for anybody who loads them.
    pub fn loaded_accompanist(&self) -> Option<Arc<dyn Accompanist>> {
        self.service().loaded.loaded_accompanist()
    }

    /// Asks for what `call` answers, without waiting. The same call gives the same take; a call that
    /// cannot be queued gives a take that has failed.
    pub fn request(&self, call: Call) -> Take {
        self.service().request(call, false)
    }

    /// As [`Inference::request`], for somebody who would rather hear something rough in time: where the
    /// model makes drafts, [`Take::draft`] has one first, and the take is the same as without.
    pub fn request_with_draft(&self, call: Call) -> Take {
        self.service().request(call, true)
    }

    /// Says when `take` is needed: pending takes are made in order of their deadlines, those without
    /// one last; of those that are needed together, drafts and takes without one come before takes that
    /// have one. A take that it starts from becomes as urgent.
    pub fn set_deadline(&self, take: &Take, deadline: Instant) {
        let service = self.service();
        if let Some(id) = take.id_in(&service.itself) {
            service.lock().schedule.set_due(id, Due::At(deadline));
        }
    }

    /// Receives the key of each take when it or its draft becomes ready, or it fails, so that a loop can wake
    /// up for it.
    /// All receivers share one channel: have one reader. When nobody reads, older keys stay and newer
    /// ones are dropped: treat a key as a reason to look, and look at all takes.
    pub fn arrivals(&self) -> Receiver<TakeKey> {
        self.service().arrivals.1.clone()
    }

    /// Looks at the particles of tilts while they run.
    pub fn particles(&self) -> ParticleScope {
        self.service().particles.clone()
    }

    /// What the service has to do at the moment.
    pub fn status(&self) -> Status {
        let state = self.service().lock();
        Status {
            waiting: state.schedule.pending(),
            running: state.schedule.running(),
            remembered: state.memory.len(),
            workers: self.threads.workers.len(),
        }
    }

    fn service(&self) -> &Service {
        &self.threads.service
    }
}

/// Ends the workers when the last [`Inference`] goes.
struct Threads {
    service: Arc<Service>,
    workers: Vec<JoinHandle<()>>,
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.service.stop();
        for worker in self.workers.drain(..) {
            if worker.join().is_err() {
                let _unread =
                    writeln!(std::io::stderr(), "lilt: a model's thread had broken; its takes were lost");
            }
        }
    }
}

/// What callers and workers share.
pub(crate) struct Service {
    itself: Weak<Service>,
    loaded: Loaded,
    state: Mutex<State>,
    more: Condvar,
    particles: ParticleScope,
    arrivals: (Sender<TakeKey>, Receiver<TakeKey>),
}

struct State {
    schedule: Schedule,
    /// Every take that somebody holds.
    takes: HashMap<TakeKey, (JobId, Weak<Handle>)>,
    memory: Memory,
    stopped: bool,
}

impl Service {
    /// Dropping a [`Take`] or a [`Call`] takes this lock, so none is dropped under it.
    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic under the lock would be a defect of this crate; the state is then still the best
        // there is, and the music goes on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn particles(&self) -> &ParticleScope {
        &self.particles
    }

    fn request(&self, call: Call, drafted: bool) -> Take {
        let key = TakeKey::of(&call);
        let mut state = self.lock();
        let state = &mut *state;
        if let Some(handle) = state.takes.get(&key).and_then(|(_, handle)| handle.upgrade()) {
            state.memory.recall(&key);
            return Take::new(handle);
        }
        if let Some(job) = state.memory.recall(&key) {
            let id = state.schedule.reserve();
            return self.hand_out(state, id, job, None);
        }
        let mut inputs = Vec::new();
        let mut refused = state.stopped.then_some(ModelError::Stopped);
        for input in call.verb.inputs() {
            let Input::Take(take) = input else { continue };
            match take.outcome() {
                Some(Ok(_)) => {}
                Some(Err(cause)) => {
                    refused = Some(ModelError::Input {
                        model: call.model.description().name.clone(),
                        verb: call.verb.name(),
                        cause,
                    });
                }
                None => inputs.extend(take.id_in(&self.itself)),
            }
        }
        let draft = if drafted { Job::draft(key, &call).map(Arc::new) } else { None };
        let job = Arc::new(Job::new(key, call));
        if refused.is_none() {
            match state.schedule.add(job.clone(), draft.clone(), &inputs) {
                Some(id) => {
                    self.more.notify_all();
                    return self.hand_out(state, id, job, draft);
                }
                None => refused = Some(ModelError::QueueFull(state.schedule.pending())),
            }
        }
        // A refusal is no answer of the model: it is not remembered, so that the same call can be made
        // again when there is room.
        if let Some(error) = refused {
            job.settle(Err(Arc::new(error)));
        }
        let id = state.schedule.reserve();
        Take::new(Arc::new(Handle { job, draft: None, id, service: self.itself.clone() }))
    }

    fn hand_out(&self, state: &mut State, id: JobId, job: Arc<Job>, draft: Option<Arc<Job>>) -> Take {
        let key = job.key;
        let handle = Arc::new(Handle { job, draft, id, service: self.itself.clone() });
        state.takes.insert(key, (id, Arc::downgrade(&handle)));
        Take::new(handle)
    }

    /// Nobody holds the take any more.
    pub(crate) fn abandon(&self, handle: &Handle) {
        let mut state = self.lock();
        let key = handle.job.key;
        // Another take of the same call may have been handed out since this one lost its last clone.
        if state.takes.get(&key).is_some_and(|(latest, _)| *latest == handle.id) {
            state.takes.remove(&key);
        }
        state.schedule.cancel(handle.id);
        drop(state);
        // A worker that has started took the call before; then there is nothing to drop here.
        for job in handle.draft.iter().chain([&handle.job]) {
            drop(job.take_call());
        }
    }

    /// Waits for work; `None` when the service has ended.
    pub(crate) fn next_job(&self) -> Option<(JobId, Arc<Job>)> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(next) = state.schedule.start_next() {
                return Some(next);
            }
            state = self.more.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A worker is done with a job.
    pub(crate) fn finish(&self, id: JobId, job: &Arc<Job>, outcome: Outcome) {
        let mut settled = vec![job.key];
        let mut calls = Vec::new();
        let mut state = self.lock();
        job.settle(outcome.clone());
        match outcome {
            // A draft is no answer: it is not remembered, and whoever waits for the take waits on.
            _ if job.is_draft => state.schedule.succeed(id),
            Ok(answer) => {
                state.memory.remember(job.clone(), answer.bytes());
                state.schedule.succeed(id);
            }
            Err(error) => {
                let mut causes = HashMap::from([(id, error)]);
                for (lost, lost_id, input) in state.schedule.fail(id) {
                    let cause = Arc::new(ModelError::Input {
                        model: lost.model.clone(),
                        verb: lost.verb,
                        cause: causes[&input].clone(),
                    });
                    causes.insert(lost_id, cause.clone());
                    lost.settle(Err(cause));
                    settled.push(lost.key);
                    calls.push(lost.take_call());
                }
            }
        }
        drop(state);
        self.more.notify_all();
        for key in settled {
            match self.arrivals.0.try_send(key) {
                Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
            }
        }
    }

    fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        let jobs = state.schedule.clear();
        drop(state);
        self.more.notify_all();
        let error = Arc::new(ModelError::Stopped);
        for job in jobs {
            job.settle(Err(error.clone()));
            drop(job.take_call());
        }
    }
}
