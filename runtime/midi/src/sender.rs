//! The sender: what the rest of Lilt holds to play by MIDI.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, TrySendError, bounded, unbounded};

use crate::emitter::{self, Emitter};
use crate::watch::{self, Watch};
use crate::{Message, MidiError, OpenedAs, Priority, Sink};

/// Messages that may wait for the sending thread: some seconds of the densest music,
/// since the sequencer commits a fraction of a second ahead.
const MOST_WAITING: usize = 8192;
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
    /// A message was sent this long after its moment, more than 20 ms.
    Late(Duration),
    /// Too many messages came at once; everything that sounded was released.
    Overflow,
}

/// Sends messages at their moments, from a thread of its own.
///
/// Dropping it releases every note and closes every port.
#[derive(Debug)]
pub struct MidiSender {
    scheduled: Option<Sender<Scheduled>>,
    orders: Option<Sender<emitter::Order>>,
    requests: Option<Sender<watch::Request>>,
    reports: Receiver<Report>,
    overflowed: Arc<AtomicBool>,
    ports: AtomicU16,
    threads: Vec<JoinHandle<()>>,
}

impl MidiSender {
    /// Starts the threads; no port is open yet.
    ///
    /// # Errors
    /// When the system starts no more threads.
    pub fn start() -> Result<MidiSender, MidiError> {
        let (scheduled, incoming) = bounded(MOST_WAITING);
        let (orders, ordered) = unbounded();
        let (requests, requested) = unbounded();
        let (tell, reports) = bounded(MOST_REPORTS);
        let overflowed = Arc::new(AtomicBool::new(false));
        let emitter =
            Emitter::new(incoming, ordered, requests.clone(), tell.clone(), Arc::clone(&overflowed));
        let watch = Watch::new(requested, orders.clone(), tell);
        let unavailable = |error: std::io::Error| MidiError::Unavailable(error.to_string());
        let sending = thread::Builder::new()
            .name("midi sender".into())
            .spawn(move || emitter.run())
            .map_err(unavailable)?;
        let watching = thread::Builder::new()
            .name("midi ports".into())
            .spawn(move || watch.run())
            .map_err(unavailable)?;
        Ok(MidiSender {
            scheduled: Some(scheduled),
            orders: Some(orders),
            requests: Some(requests),
            reports,
            overflowed,
            ports: AtomicU16::new(0),
            threads: vec![sending, watching],
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
        let sender = self.scheduled.as_ref().ok_or(MidiError::Ended)?;
        sender.try_send(scheduled).map_err(|error| match error {
            TrySendError::Full(_) => {
                self.overflowed.store(true, Ordering::Release);
                MidiError::Overflow
            }
            TrySendError::Disconnected(_) => MidiError::Ended,
        })
    }

    /// Forgets what is scheduled, and ends what sounds.
    ///
    /// # Errors
    /// When the sender has ended.
    pub fn hush(&self) -> Result<(), MidiError> {
        self.order(emitter::Order::Hush)
    }

    /// As [`MidiSender::hush`], and tells every channel of every port to stop all notes
    /// and all sound, whoever began them.
    ///
    /// # Errors
    /// When the sender has ended.
    pub fn panic(&self) -> Result<(), MidiError> {
        self.order(emitter::Order::Panic)
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
        for thread in self.threads.drain(..) {
            // A panic there was printed when it happened.
            let _panicked = thread.join();
        }
    }
}
