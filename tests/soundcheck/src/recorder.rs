//! A JACK client that hears what the host plays, each sample with its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use crossbeam::queue::ArrayQueue;
use jack::{
    AsyncClient, AudioIn, Client, ClientOptions, Control, MidiIn, NotificationHandler, Port, ProcessHandler,
    ProcessScope,
};

use crate::server::{PERIOD, RATE};

/// Name of the client. Its ports are `left`, `right` and, for MIDI, `notes`.
pub const CLIENT: &str = "soundcheck";

/// Cycles that may wait to be looked at: five seconds.
const WAITING: usize = 5 * RATE / PERIOD;

/// One cycle of sound.
#[derive(Clone, Copy)]
pub struct Chunk {
    /// When the first frame leaves a sound card, in microseconds of the server's clock: one
    /// period after its cycle began.
    pub at: f64,
    /// Left and right.
    pub frames: [[f32; 2]; PERIOD],
}

/// One MIDI message of three bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MidiEvent {
    /// When it came, in microseconds of the server's clock.
    pub at: f64,
    /// Status, key and velocity.
    pub bytes: [u8; 3],
}

/// What the client's callback and its owner share.
struct Shared {
    chunks: ArrayQueue<Chunk>,
    midi: ArrayQueue<MidiEvent>,
    xruns: AtomicU64,
    lost: AtomicU64,
}

/// Records until dropped.
pub struct Recorder {
    client: AsyncClient<Notices, Ears>,
    shared: Arc<Shared>,
}

impl Recorder {
    /// Joins the server, as soon as it answers.
    ///
    /// # Errors
    /// When it does not within half a minute.
    pub fn start() -> Result<Recorder> {
        jack::set_logger(jack::LoggerType::None);
        let patience = Instant::now() + Duration::from_secs(30);
        let client = loop {
            match Client::new(CLIENT, ClientOptions::NO_START_SERVER | ClientOptions::USE_EXACT_NAME) {
                Ok((client, _)) => break client,
                Err(error) if Instant::now() > patience => {
                    return Err(error).context("the JACK server does not answer");
                }
                Err(_) => thread::sleep(Duration::from_millis(100)),
            }
        };
        let shared = Arc::new(Shared {
            chunks: ArrayQueue::new(WAITING),
            midi: ArrayQueue::new(1 << 14),
            xruns: AtomicU64::new(0),
            lost: AtomicU64::new(0),
        });
        let ears = Ears {
            left: client.register_port("left", AudioIn::default())?,
            right: client.register_port("right", AudioIn::default())?,
            notes: client.register_port("notes", MidiIn::default())?,
            shared: Arc::clone(&shared),
        };
        let client = client.activate_async(Notices(Arc::clone(&shared)), ears)?;
        Ok(Recorder { client, shared })
    }

    /// Microseconds of the server's clock, the one that [`Chunk::at`] is read from.
    pub fn now(&self) -> f64 {
        self.client.as_client().time() as f64
    }

    /// The next cycle that was recorded.
    pub fn chunk(&self) -> Option<Chunk> {
        self.shared.chunks.pop()
    }

    /// The MIDI messages since the last call.
    pub fn midi(&self) -> Vec<MidiEvent> {
        std::iter::from_fn(|| self.shared.midi.pop()).collect()
    }

    /// Cycles that the server or one of its clients missed, since the start.
    pub fn xruns(&self) -> u64 {
        self.shared.xruns.load(Ordering::Relaxed)
    }

    /// Forgets what was recorded, and what was lost, while nobody listened.
    pub fn forget(&self) {
        while self.shared.chunks.pop().is_some() {}
        while self.shared.midi.pop().is_some() {}
        self.shared.lost.store(0, Ordering::Relaxed);
    }

    /// Cycles and messages that nobody looked at in time, since the last [`Recorder::forget`].
    pub fn lost(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }
}

struct Notices(Arc<Shared>);

impl NotificationHandler for Notices {
    fn xrun(&mut self, _: &Client) -> Control {
        self.0.xruns.fetch_add(1, Ordering::Relaxed);
        Control::Continue
    }
}

struct Ears {
    left: Port<AudioIn>,
    right: Port<AudioIn>,
    notes: Port<MidiIn>,
    shared: Arc<Shared>,
}

impl ProcessHandler for Ears {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        let Ok(times) = scope.cycle_times() else { return Control::Continue };
        let frame = 1e6 / RATE as f64;
        // The start of the next cycle, as the server guesses it, is before that of this one when this one
        // came late.
        let begin = times.current_usecs as f64;
        let mut lost = 0;
        let mut chunk = Chunk { at: begin + frame * PERIOD as f64, frames: [[0.0; 2]; PERIOD] };
        let heard = self.left.as_slice(scope).iter().zip(self.right.as_slice(scope));
        for (frame, (left, right)) in chunk.frames.iter_mut().zip(heard) {
            *frame = [*left, *right];
        }
        lost += u64::from(self.shared.chunks.push(chunk).is_err());
        for message in self.notes.iter(scope) {
            if let [status, key, velocity] = *message.bytes {
                let at = begin + frame * f64::from(message.time);
                let event = MidiEvent { at, bytes: [status, key, velocity] };
                lost += u64::from(self.shared.midi.push(event).is_err());
            }
        }
        self.shared.lost.fetch_add(lost, Ordering::Relaxed);
        Control::Continue
    }
}
