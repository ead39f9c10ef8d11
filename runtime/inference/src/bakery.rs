//! Where baking happens: one thread beside the music, one bake at a time. What was baked is kept for as
//! long as anybody may ask for it again.

use std::collections::VecDeque;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;

use crossbeam::channel::{Receiver, Sender, bounded, unbounded};

use crate::{Bake, Baked, Model, ModelError, Watch};

/// Baked models that are kept while no script names them, for edits that are taken back: each holds its own
/// weights.
const KEPT: usize = 2;

/// The thread that bakes.
pub struct Bakery {
    queue: Option<Sender<Weak<Work>>>,
    /// The newest last.
    known: Mutex<VecDeque<Arc<Work>>>,
    done: (Sender<()>, Receiver<()>),
    thread: Option<JoinHandle<()>>,
}

/// A bake that somebody asked for; when nobody holds it any more and it is not ready, it is given up.
#[derive(Clone)]
pub struct Baking {
    work: Arc<Work>,
    _wanted: Arc<()>,
}

struct Work {
    identity: String,
    /// Alive while a [`Baking`] is held.
    wanted: Mutex<Weak<()>>,
    model: Arc<dyn Model>,
    bake: Bake,
    watch: Watch,
    outcome: Mutex<Option<Result<Arc<Baked>, ModelError>>>,
}

/// How far a bake has come.
pub enum BakeState {
    /// The share that is done, `0..=1`.
    Pending(f64),
    /// It can be played.
    Ready(Arc<Baked>),
    /// It cannot be baked.
    Failed(ModelError),
}

impl Bakery {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn new() -> std::io::Result<Bakery> {
        let (queue, ordered) = unbounded::<Weak<Work>>();
        let done = bounded(1);
        let tell: Sender<()> = done.0.clone();
        let builder = std::thread::Builder::new().name("lilt-bake".to_owned());
        let thread = builder.spawn(move || {
            while let Ok(work) = ordered.recv() {
                // Given up before it began.
                let Some(work) = work.upgrade() else { continue };
                let baked = catch_unwind(AssertUnwindSafe(|| work.model.bake(&work.bake, &work.watch)));
                let baked = baked.unwrap_or_else(|_| {
                    Err(ModelError::Computation {
                        model: work.model.description().name.clone(),
                        reason: "it broke while it baked".to_owned(),
                    })
                });
                *work.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(baked.map(Arc::new));
                // Full: whoever looks has been woken already.
                let _ = tell.try_send(());
            }
        })?;
        Ok(Bakery { queue: Some(queue), known: Mutex::default(), done, thread: Some(thread) })
    }

    /// Asks for a bake; the same bake is the same, however often it is asked for.
    pub fn bake(&self, model: &Arc<dyn Model>, bake: Bake) -> Baking {
        let identity = bake.identity(&**model);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().position(|work| work.identity == identity);
        if let Some(work) = at.and_then(|at| known.remove(at)) {
            known.push_back(Arc::clone(&work));
            return Baking::of(work);
        }
        let work = Arc::new(Work {
            identity,
            wanted: Mutex::default(),
            model: Arc::clone(model),
            bake,
            watch: Watch::new(),
            outcome: Mutex::default(),
        });
        known.push_back(Arc::clone(&work));
        if let Some(queue) = &self.queue {
            // The thread ends only with the bakery.
            let _ = queue.send(Arc::downgrade(&work));
        }
        Baking::of(work)
    }

    /// Forgets a bake, of which it was told that it failed: whoever asks for it again has it tried anew.
    pub fn forget(&self, baking: &Baking) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|work| !Arc::ptr_eq(work, &baking.work));
    }

    /// Forgets what no script names: bakes that are not ready, and the oldest of those that are.
    pub fn tidy(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = 0;
        let all = std::mem::take(&mut *known);
        for work in all.into_iter().rev() {
            let idle = !work.is_wanted();
            if idle && !work.ready() {
                work.watch.cancel();
                continue;
            }
            kept += usize::from(idle);
            if !idle || kept <= KEPT {
                known.push_front(work);
            }
        }
    }

    /// Becomes readable when a bake is done.
    pub fn done(&self) -> Receiver<()> {
        self.done.1.clone()
    }
}

impl Drop for Bakery {
    fn drop(&mut self) {
        self.queue = None;
        for work in self.known.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            work.watch.cancel();
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            let _unread = writeln!(std::io::stderr(), "lilt: the thread that bakes had broken");
        }
    }
}

impl Work {
    fn ready(&self) -> bool {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn is_wanted(&self) -> bool {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).strong_count() > 0
    }
}

impl Baking {
    fn of(work: Arc<Work>) -> Baking {
        let wanted = {
            let mut wanted = work.wanted.lock().unwrap_or_else(PoisonError::into_inner);
            wanted.upgrade().unwrap_or_else(|| {
                let new = Arc::new(());
                *wanted = Arc::downgrade(&new);
                new
            })
        };
        Baking { work, _wanted: wanted }
    }

    /// How far it has come.
    pub fn poll(&self) -> BakeState {
        match &*self.work.outcome.lock().unwrap_or_else(PoisonError::into_inner) {
            None => BakeState::Pending(self.work.watch.progress()),
            Some(Ok(baked)) => BakeState::Ready(Arc::clone(baked)),
            Some(Err(error)) => BakeState::Failed(error.clone()),
        }
    }

    /// Name of the model that is baked.
    pub fn model_name(&self) -> &str {
        &self.work.model.description().name
    }

    /// Names what comes out.
    pub fn identity(&self) -> &str {
        &self.work.identity
    }
}

impl std::fmt::Debug for Baking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Baking").field("identity", &self.work.identity).finish_non_exhaustive()
    }
}
