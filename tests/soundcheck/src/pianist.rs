//! A JACK client that plays keys, each at the start of a cycle whose time is known.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result};
use crossbeam::queue::ArrayQueue;
use jack::{
    AsyncClient, Client, ClientOptions, Control, MidiOut, Port, ProcessHandler, ProcessScope, RawMidi,
};

/// Name of the client; its port is `keys`.
pub const PIANIST: &str = "pianist";

struct Shared {
    waiting: ArrayQueue<[u8; 3]>,
    /// When the newest message left, in microseconds of the server's clock.
    left: AtomicU64,
}

/// Plays keys until dropped.
pub struct Pianist {
    _client: AsyncClient<(), Fingers>,
    shared: Arc<Shared>,
}

impl Pianist {
    /// Joins the server.
    ///
    /// # Errors
    /// When it does not let it in.
    pub fn start() -> Result<Pianist> {
        let options = ClientOptions::NO_START_SERVER | ClientOptions::USE_EXACT_NAME;
        let (client, _) = Client::new(PIANIST, options).context("the JACK server lets no pianist in")?;
        let keys = client.register_port("keys", MidiOut::default())?;
        let shared = Arc::new(Shared { waiting: ArrayQueue::new(64), left: AtomicU64::new(0) });
        let client = client.activate_async((), Fingers { keys, shared: Arc::clone(&shared) })?;
        Ok(Pianist { _client: client, shared })
    }

    /// Sends a message with the next cycle.
    pub fn send(&self, message: [u8; 3]) {
        self.shared.left.store(0, Ordering::Release);
        // There is room for more keys than anybody has.
        let _full = self.shared.waiting.push(message);
    }

    /// When the cycle began with which the last message left, in microseconds; none before it has.
    pub fn left(&self) -> Option<f64> {
        let left = self.shared.left.load(Ordering::Acquire);
        (left > 0).then_some(left as f64)
    }
}

struct Fingers {
    keys: Port<MidiOut>,
    shared: Arc<Shared>,
}

impl ProcessHandler for Fingers {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        let mut keys = self.keys.writer(scope);
        while let Some(message) = self.shared.waiting.pop() {
            if keys.write(&RawMidi { time: 0, bytes: &message }).is_ok()
                && let Ok(times) = scope.cycle_times()
            {
                self.shared.left.store(times.current_usecs, Ordering::Release);
            }
        }
        Control::Continue
    }
}
