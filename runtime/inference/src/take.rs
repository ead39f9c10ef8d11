//! Takes: the answers of models, pending or there.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use crossbeam::channel::{Receiver, Select, Sender, bounded, never};

use crate::schedule::JobId;
use crate::service::Service;
use crate::{Answer, Call, Medium, ModelError, TakeKey, Watch};

/// How a take ended.
pub(crate) type Outcome = Result<Arc<Answer>, Arc<ModelError>>;

/// One answer of a model, remembered by (weights, call, arguments, seed). A clone is the same take;
/// when the last clone goes while the take is pending, the take is cancelled.
#[derive(Clone)]
pub struct Take {
    handle: Arc<Handle>,
}

/// How far a take is.
#[derive(Debug, Clone, PartialEq)]
pub enum TakeState {
    /// Waiting, or being made.
    Pending {
        /// How much is made, `0.0..=1.0`.
        progress: f64,
    },
    /// There, for good.
    Ready(Arc<Answer>),
    /// Failed, for good.
    Failed(Arc<ModelError>),
}

impl Take {
    /// How far it is, without waiting.
    pub fn poll(&self) -> TakeState {
        state(self.outcome(), &self.handle.job.watch)
    }

    /// Waits until it is ready or has failed, or until `deadline`, and says how far it is then.
    pub fn wait(&self, deadline: Instant) -> TakeState {
        self.wait_or(deadline, &never::<Infallible>())
    }

    /// As [`Take::wait`], but no longer than until `others` has something to read, which stays there.
    pub fn wait_or<T>(&self, deadline: Instant, others: &Receiver<T>) -> TakeState {
        let mut select = Select::new();
        select.recv(&self.handle.job.settled);
        select.recv(others);
        // In time or not: the state says which.
        let _ = select.ready_deadline(deadline);
        self.poll()
    }

    /// A first draft of the answer, if one was asked for and is there: a tilt's with few particles. It is
    /// not the answer, and nothing but the ear is to go by it.
    pub fn draft(&self) -> Option<Arc<Answer>> {
        self.handle.draft.as_ref()?.outcome()?.ok()
    }

    /// The key it is remembered by; equal for equal calls.
    pub fn key(&self) -> TakeKey {
        self.handle.job.key
    }

    /// The name of the model that was asked.
    pub fn model_name(&self) -> &str {
        &self.handle.job.model
    }

    /// What its pieces are of, or, of a score, what was scored.
    pub fn medium(&self) -> Medium {
        self.handle.job.medium
    }

    /// What it was asked, as it is written in a script.
    pub fn verb(&self) -> &'static str {
        self.handle.job.verb
    }

    pub(crate) fn new(handle: Arc<Handle>) -> Take {
        Take { handle }
    }

    /// How it ended, unless it is pending.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.handle.job.outcome()
    }

    /// Its place in the schedule of `service`, when that is where it was asked.
    pub(crate) fn id_in(&self, service: &Weak<Service>) -> Option<JobId> {
        self.handle.service.ptr_eq(service).then_some(self.handle.id)
    }
}

fn state(outcome: Option<Outcome>, watch: &Watch) -> TakeState {
    match outcome {
        None => TakeState::Pending { progress: watch.progress() },
        Some(Ok(answer)) => TakeState::Ready(answer),
        Some(Err(error)) => TakeState::Failed(error),
    }
}

impl PartialEq for Take {
    fn eq(&self, other: &Take) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Take {}

impl fmt::Debug for Take {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Take")
            .field("model", &self.model_name())
            .field("verb", &self.verb())
            .field("key", &self.key())
            .field("state", &self.poll())
            .finish()
    }
}

/// What all clones of a take share: while it lives, somebody wants the answer.
pub(crate) struct Handle {
    pub(crate) job: Arc<Job>,
    /// Its first draft: kept while the take is held, and no longer.
    pub(crate) draft: Option<Arc<Job>>,
    pub(crate) id: JobId,
    pub(crate) service: Weak<Service>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(service) = self.service.upgrade() {
            service.abandon(self);
        }
    }
}

/// The work behind a take, and how it ended.
pub(crate) struct Job {
    pub(crate) key: TakeKey,
    pub(crate) model: String,
    pub(crate) medium: Medium,
    pub(crate) verb: &'static str,
    pub(crate) watch: Watch,
    /// True for the first draft of a take, which has the same key.
    pub(crate) is_draft: bool,
    /// Taken out by the worker that starts it, or when it is cancelled before: what it starts from is
    /// held no longer than it is needed.
    call: Mutex<Option<Call>>,
    phase: Mutex<Phase>,
    /// Disconnected once the job is settled; nothing is ever sent.
    settled: Receiver<Infallible>,
}

enum Phase {
    Pending { _settled: Sender<Infallible> },
    Settled(Outcome),
}

impl Job {
    pub(crate) fn new(key: TakeKey, call: Call) -> Job {
        let (sender, settled) = bounded(0);
        Job {
            key,
            model: call.model.description().name.clone(),
            medium: call.model.description().medium,
            verb: call.verb.name(),
            watch: Watch::new(),
            is_draft: false,
            call: Mutex::new(Some(call)),
            phase: Mutex::new(Phase::Pending { _settled: sender }),
            settled,
        }
    }

    /// The work behind a first draft of what `call` answers, where its model makes drafts.
    pub(crate) fn draft(key: TakeKey, call: &Call) -> Option<Job> {
        let call = Call { model: call.model.draft(&call.verb)?, verb: call.verb.clone() };
        Some(Job { is_draft: true, ..Job::new(key, call) })
    }

    /// Takes the call out: `None` when somebody did before. What it returns may hold the last clone of
    /// another take, so it is dropped outside the service's lock.
    pub(crate) fn take_call(&self) -> Option<Call> {
        self.call.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match &*self.lock_phase() {
            Phase::Pending { .. } => None,
            Phase::Settled(outcome) => Some(outcome.clone()),
        }
    }

    /// Ends the job; the first outcome stays.
    pub(crate) fn settle(&self, outcome: Outcome) {
        let mut phase = self.lock_phase();
        if let Phase::Pending { .. } = *phase {
            *phase = Phase::Settled(outcome);
        }
    }

    fn lock_phase(&self) -> MutexGuard<'_, Phase> {
        // No code that can panic runs under this lock.
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
