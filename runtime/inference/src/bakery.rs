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
    orders: Option<Sender<Weak<Order>>>,
    /// The newest last.
    known: Mutex<VecDeque<Arc<Order>>>,
    done: (Sender<()>, Receiver<()>),
    thread: Option<JoinHandle<()>>,
}

/// A bake that somebody asked for; when nobody holds it any more and it is not ready, it is given up.
#[derive(Clone)]
pub struct Baking {
    order: Arc<Order>,
    _wanted: Arc<()>,
}

struct Order {
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
        let (orders, ordered) = unbounded::<Weak<Order>>();
        let done = bounded(1);
        let tell: Sender<()> = done.0.clone();
        let builder = std::thread::Builder::new().name("lilt-bake".to_owned());
        let thread = builder.spawn(move || {
            while let Ok(order) = ordered.recv() {
                // Given up before it began.
                let Some(order) = order.upgrade() else { continue };
                let baked = catch_unwind(AssertUnwindSafe(|| order.model.bake(&order.bake, &order.watch)));
                let baked = baked.unwrap_or_else(|_| {
                    Err(ModelError::Computation {
                        model: order.model.description().name.clone(),
                        reason: "it broke while it baked".to_owned(),
                    })
                });
                *order.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(baked.map(Arc::new));
                // Full: whoever looks has been woken already.
                let _ = tell.try_send(());
            }
        })?;
        Ok(Bakery { orders: Some(orders), known: Mutex::default(), done, thread: Some(thread) })
    }

    /// Asks for a bake; the same bake is the same, however often it is asked for.
    pub fn bake(&self, model: &Arc<dyn Model>, bake: Bake) -> Baking {
        let identity = bake.identity(&**model);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let at = known.iter().position(|order| order.identity == identity);
        if let Some(order) = at.and_then(|at| known.remove(at)) {
            known.push_back(Arc::clone(&order));
            return Baking::of(order);
        }
        let order = Arc::new(Order {
            identity,
            wanted: Mutex::default(),
            model: Arc::clone(model),
            bake,
            watch: Watch::new(),
            outcome: Mutex::default(),
        });
        known.push_back(Arc::clone(&order));
        if let Some(orders) = &self.orders {
            // The thread ends only with the bakery.
            let _ = orders.send(Arc::downgrade(&order));
        }
        Baking::of(order)
    }

    /// Forgets a bake, of which it was told that it failed: whoever asks for it again has it tried anew.
    pub fn forget(&self, baking: &Baking) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|order| !Arc::ptr_eq(order, &baking.order));
    }

    /// Forgets what no script names: bakes that are not ready, and the oldest of those that are.
    pub fn tidy(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kept = 0;
        let all = std::mem::take(&mut *known);
        for order in all.into_iter().rev() {
            let idle = !order.is_wanted();
            if idle && !order.ready() {
                order.watch.cancel();
                continue;
            }
            kept += usize::from(idle);
            if !idle || kept <= KEPT {
                known.push_front(order);
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
        self.orders = None;
        for order in self.known.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            order.watch.cancel();
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            let _unread = writeln!(std::io::stderr(), "lilt: the thread that bakes had broken");
        }
    }
}

impl Order {
    fn ready(&self) -> bool {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn is_wanted(&self) -> bool {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).strong_count() > 0
    }
}

impl Baking {
    fn of(order: Arc<Order>) -> Baking {
        let wanted = {
            let mut wanted = order.wanted.lock().unwrap_or_else(PoisonError::into_inner);
            wanted.upgrade().unwrap_or_else(|| {
                let new = Arc::new(());
                *wanted = Arc::downgrade(&new);
                new
            })
        };
        Baking { order, _wanted: wanted }
    }

    /// How far it has come.
    pub fn poll(&self) -> BakeState {
        match &*self.order.outcome.lock().unwrap_or_else(PoisonError::into_inner) {
            None => BakeState::Pending(self.order.watch.progress()),
            Some(Ok(baked)) => BakeState::Ready(Arc::clone(baked)),
            Some(Err(error)) => BakeState::Failed(error.clone()),
        }
    }

    /// Name of the model that is baked.
    pub fn model_name(&self) -> &str {
        &self.order.model.description().name
    }

    /// Names what comes out.
    pub fn identity(&self) -> &str {
        &self.order.identity
    }
}

impl std::fmt::Debug for Baking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Baking").field("identity", &self.order.identity).finish_non_exhaustive()
    }
}
