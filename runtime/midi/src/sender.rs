//! The sender: what the rest of Lilt holds to play by MIDI.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded, unbounded};

use crate::emitter::{self, Emitter, Incoming};
use crate::watch::{self, Watch};
use crate::{Message, MidiError, OpenedAs, Priority, Sink};

/// Messages that may wait for the sending thread: some seconds of the densest music,
/// since the sequencer commits a fraction of a second ahead.
const MOST_WAITING: usize = 8192;
/// How long an ending sender waits for its ports. A JACK port waits a tenth of a second for
/// its last messages to leave; this is time for a score of them. A port that hangs has no
/// claim on more: its thread is left to itself.
const FAREWELL: Duration = Duration::from_secs(2);
/// Reports that may wait to be read; later ones are dropped.
const MOST_REPORTS: usize = 256;

/// Names a port of the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortId(pub(crate) u16);

/// A message and the moment at which it is to be sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scheduled {
    /// When; a moment that has passed means at once.
    pub at: Instant,
    /// The performance's own time of the same moment, in seconds. It is exact: the instant
    /// that is worked out for it differs by microseconds as clocks are followed, so what is
    /// taken back is found by this.
    pub seconds: f64,
    /// The slot that plays it. The end of a note comes from the slot that began it.
    pub slot: u16,
    /// Through which port.
    pub port: PortId,
    /// What.
    pub message: Message,
}

/// What the sender has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Report {
    /// What scheduling the sending thread was granted; told once.
    Priority(Priority),
    /// A port was opened, for the first time or again.
    Opened {
        /// Which.
        port: PortId,
        /// How.
        opened: OpenedAs,
    },
    /// A port could not be opened, or was lost. Its notes are forgotten, messages for
    /// it are dropped, and it is tried again.
    Failed {
        /// Which.
        port: PortId,
        /// Why.
        error: MidiError,
        /// After how long it is tried again; `None` when no port can have its name.
        retry: Option<Duration>,
    },
    /// Messages were more than 20 ms late; told once for a row of them. Beyond 50 ms notes
    /// and clock ticks are left out, ends are sent, and of controllers, bends and programs
    /// the newest.
    Late {
        /// How many messages were sent late.
        sent: usize,
        /// How many notes were left out.
        left_out: usize,
        /// How late the latest was.
        by: Duration,
    },
    /// Too many messages came at once; everything that sounded was released.
    Overflow,
    /// A mistake of Lilt's own on one of the sender's threads; what sounded was released, and it goes on.
    Broke {
        /// Where, and why.
        place: String,
    },
}

/// Does some work, and says where and why it panicked where it did: a sender that breaks ends no music.
pub type Guard = fn(&mut dyn FnMut()) -> Result<(), String>;

/// The guard of whoever has none of its own: says why.
fn guarded(work: &mut dyn FnMut()) -> Result<(), String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_string());
        text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason".to_string())
    })
}

/// Sends messages at their moments, from a thread of its own.
///
/// Dropping it releases every note and closes every port; it waits two seconds at most for
/// a port that hangs.
#[derive(Debug)]
pub struct MidiSender {
    scheduled: Option<Sender<Incoming>>,
    orders: Option<Sender<emitter::Order>>,
    requests: Option<Sender<watch::Request>>,
    reports: Receiver<Report>,
    overflowed: Arc<AtomicBool>,
    ports: AtomicU16,
    threads: Vec<JoinHandle<()>>,
    /// Both threads hold the other end; it is closed when they have ended.
    ended: Receiver<()>,
}

impl MidiSender {
    /// Starts the threads; no port is open yet.
    ///
    /// # Errors
    /// When the system starts no more threads.
    pub fn start() -> Result<MidiSender, MidiError> {
        MidiSender::start_guarded(guarded)
    }

    /// As [`MidiSender::start`]; `guard` keeps the threads from ending should they break.
    ///
    /// # Errors
    /// When the system starts no more threads.
    pub fn start_guarded(guard: Guard) -> Result<MidiSender, MidiError> {
        let (scheduled, incoming) = bounded(MOST_WAITING);
        let (orders, ordered) = unbounded();
        let (requests, requested) = unbounded();
        let (tell, reports) = bounded(MOST_REPORTS);
        let (running, ended) = bounded::<()>(0);
        let also_running = running.clone();
        let overflowed = Arc::new(AtomicBool::new(false));
        let emitter =
            Emitter::new(incoming, ordered, requests.clone(), tell.clone(), Arc::clone(&overflowed));
        let watch = Watch::new(requested, orders.clone(), tell);
        let unavailable = |error: std::io::Error| MidiError::Unavailable(error.to_string());
        let sending = thread::Builder::new()
            .name("midi sender".into())
            .spawn(move || {
                emitter.run(guard);
                drop(running);
            })
            .map_err(unavailable)?;
        let watching = thread::Builder::new()
            .name("midi ports".into())
            .spawn(move || {
                watch.run(guard);
                drop(also_running);
            })
            .map_err(unavailable)?;
        Ok(MidiSender {
            scheduled: Some(scheduled),
            orders: Some(orders),
            requests: Some(requests),
            reports,
            overflowed,
            ports: AtomicU16::new(0),
            threads: vec![sending, watching],
            ended,
        })
    }

    /// Opens a port by a part of its name, see [`crate::MidiOut::open`]. Returns at
    /// once; how it went is reported. Messages sent before it is open are dropped.
    ///
    /// # Errors
    /// When the sender has ended.
    pub fn open(&self, name: &str) -> Result<PortId, MidiError> {
        let port = self.next_port();
        let request = watch::Request::Open { port, name: name.to_string() };
        let requests = self.requests.as_ref().ok_or(MidiError::Ended)?;
        requests.send(request).map_err(|_| MidiError::Ended)?;
        Ok(port)
    }

    /// Sends through a sink of one's own; it is not opened again when it fails.
    ///
    /// # Errors
    /// When the sender has ended.
    pub fn open_sink(&self, sink: Box<dyn Sink>) -> Result<PortId, MidiError> {
        let port = self.next_port();
        self.order(emitter::Order::Attach { port, sink })?;
        Ok(port)
    }

    /// Schedules a message. Never waits.
    ///
    /// # Errors
    /// [`MidiError::Overflow`] when too many wait: the message is dropped and the
    /// sender releases everything that sounds, since the message might have been an end.
    pub fn send(&self, scheduled: Scheduled) -> Result<(), MidiError> {
        self.tell(Incoming::Message(scheduled))
    }

    /// Takes back what was sent of `slot` for the performance's second `from` and later; what is
    /// sent after this call counts again. Ends of notes that began before `from` are taken back
    /// too: whoever takes back sends the ends that are meant now. Notes of that time which
    /// have left already end within 10 ms, unless they are sent again. Never waits.
    ///
    /// # Errors
    /// As [`MidiSender::send`]; after an overflow nothing waits any more.
    pub fn retract(&self, slot: u16, from: f64) -> Result<(), MidiError> {
        self.tell(Incoming::Retract { slot, from })
    }

    /// Forgets what was scheduled until now, and ends what sounds.
    ///
    /// # Errors
    /// When the sender has ended.
    pub fn hush(&self) -> Result<(), MidiError> {
        match self.tell(Incoming::Hush) {
            // An overflow does the same.
            Err(MidiError::Overflow) => Ok(()),
            told => told,
        }
    }

    /// As [`MidiSender::hush`], and tells every channel of every port to stop all notes
    /// and all sound, whoever began them.
    ///
    /// # Errors
    /// When the sender has ended.
    pub fn panic(&self) -> Result<(), MidiError> {
        match self.tell(Incoming::Panic) {
            Err(MidiError::Overflow) => self.order(emitter::Order::Panic),
            told => told,
        }
    }

    fn tell(&self, incoming: Incoming) -> Result<(), MidiError> {
        let sender = self.scheduled.as_ref().ok_or(MidiError::Ended)?;
        sender.try_send(incoming).map_err(|error| match error {
            TrySendError::Full(_) => {
                self.overflowed.store(true, Ordering::Release);
                MidiError::Overflow
            }
            TrySendError::Disconnected(_) => MidiError::Ended,
        })
    }

    /// What there is to say since the last call.
    pub fn reports(&self) -> impl Iterator<Item = Report> + '_ {
        self.reports.try_iter()
    }

    fn next_port(&self) -> PortId {
        PortId(self.ports.fetch_add(1, Ordering::Relaxed))
    }

    fn order(&self, order: emitter::Order) -> Result<(), MidiError> {
        let orders = self.orders.as_ref().ok_or(MidiError::Ended)?;
        orders.send(order).map_err(|_| MidiError::Ended)
    }
}

impl Drop for MidiSender {
    fn drop(&mut self) {
        if let Some(orders) = self.orders.take() {
            // Refused only when the thread has ended, which released everything.
            let _ended = orders.send(emitter::Order::End);
        }
        if let Some(requests) = self.requests.take() {
            let _ended = requests.send(watch::Request::End);
        }
        self.scheduled = None;
        if self.ended.recv_timeout(FAREWELL) == Err(RecvTimeoutError::Timeout) {
            // A port does not come back from the system. Its thread holds nothing of ours.
            return;
        }
        for thread in self.threads.drain(..) {
            // A panic there was printed when it happened.
            let _panicked = thread.join();
        }
    }
}
