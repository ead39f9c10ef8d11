//! The sending thread: sends each message at its moment, and waits for nobody.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, TryRecvError, select};

use crate::priority;
use crate::schedule::Schedule;
use crate::watch::Request;
use crate::{Channel, Guard, Message, PortId, Report, Scheduled, Sink};

/// How long before a message is due the thread stops sleeping and watches the clock.
///
/// A sleep ends late by the timer slack (50 µs on Linux for normal threads), the timer
/// interrupt and the switch of threads (together some 10 to 100 µs on a busy core): 250
/// µs cover them. At the 100 messages a second of dense music the wait costs at most
/// 100 · 0.25 ms = 2.5 % of a core, and less where messages come together.
const WATCH: Duration = Duration::from_micros(250);
/// Longest sleep: an overflow is noticed within it even when nothing comes.
const LONGEST_SLEEP: Duration = Duration::from_millis(50);
/// How much is taken in before the thread looks at its orders again.
const MOST_AT_ONCE: usize = 1024;

/// What comes in the order in which it is to count.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Incoming {
    /// A message for its moment.
    Message(Scheduled),
    /// What was said of a slot from a second on does not count any more.
    Retract { slot: u16, from: f64 },
    /// Forget what came before, end what sounds.
    Hush,
    /// The same, and silence every channel.
    Panic,
}

/// What the sending thread is told beside the music.
pub(crate) enum Order {
    /// A port is open.
    Attach { port: PortId, sink: Box<dyn Sink> },
    /// A port is gone.
    Detach { port: PortId },
    /// Silence everything, though there is no room left among what comes.
    Panic,
    /// Forget what is scheduled, end what sounds, and end.
    End,
}

pub(crate) struct Emitter {
    incoming: Receiver<Incoming>,
    orders: Receiver<Order>,
    watch: Sender<Request>,
    tell: Sender<Report>,
    overflowed: Arc<AtomicBool>,
    sinks: BTreeMap<PortId, Box<dyn Sink>>,
    schedule: Schedule,
}

impl Emitter {
    pub(crate) fn new(
        incoming: Receiver<Incoming>,
        orders: Receiver<Order>,
        watch: Sender<Request>,
        tell: Sender<Report>,
        overflowed: Arc<AtomicBool>,
    ) -> Emitter {
        let (sinks, schedule) = (BTreeMap::new(), Schedule::new());
        Emitter { incoming, orders, watch, tell, overflowed, sinks, schedule }
    }

    /// Sends until it is told to end. What breaks it, which is a mistake of Lilt's own, is told, and it begins
    /// anew.
    pub(crate) fn run(mut self, guard: Guard) {
        self.report(Report::Priority(priority::raise()));
        while let Err(place) = guard(&mut || self.work()) {
            self.begin_anew(guard);
            self.report(Report::Broke { place });
        }
    }

    /// Ends what sounds and forgets what waits. Each end is sent by itself: the port that broke may break again.
    fn begin_anew(&mut self, guard: Guard) {
        let mut broken = std::mem::take(&mut self.schedule);
        self.sinks.keys().for_each(|port| self.schedule.attach(*port));
        let mut ends = Vec::new();
        if guard(&mut || ends = broken.hush()).is_err() {
            // What sounds is not known: everything is silenced.
            let channels = || {
                Channel::all()
                    .flat_map(|channel| [Message::all_notes_off(channel), Message::all_sound_off(channel)])
            };
            ends = self.sinks.keys().flat_map(|port| channels().map(|message| (*port, message))).collect();
        }
        for (port, message) in ends {
            let _broken_still = guard(&mut || self.write(port, message));
        }
    }

    fn work(&mut self) {
        loop {
            match self.orders.try_recv() {
                Ok(order) => {
                    if !self.obey(order) {
                        return;
                    }
                    continue;
                }
                Err(TryRecvError::Disconnected) => {
                    self.obey(Order::End);
                    return;
                }
                Err(TryRecvError::Empty) => {}
            }
            if self.overflowed.swap(false, Ordering::AcqRel) {
                self.forget_incoming();
                self.hush();
                self.report(Report::Overflow);
            }
            self.take_in();
            let now = Instant::now();
            if let Some(late) = self.schedule.lateness(now) {
                self.report(Report::Late { sent: late.sent, left_out: late.left_out, by: late.by });
            }
            if let Some(messages) = self.schedule.take(now) {
                self.write_all(messages);
                continue;
            }
            let wait = self.schedule.next().map(|at| at.saturating_duration_since(now));
            match wait {
                Some(wait) if wait <= WATCH => std::hint::spin_loop(),
                wait => {
                    let longest = wait.map_or(LONGEST_SLEEP, |wait| (wait - WATCH).min(LONGEST_SLEEP));
                    if !self.sleep(longest) {
                        return;
                    }
                }
            }
        }
    }

    /// Sleeps until something comes, at most so long. False when the thread is to end.
    fn sleep(&mut self, longest: Duration) -> bool {
        select! {
            recv(self.orders) -> order => match order {
                Ok(order) => self.obey(order),
                Err(_) => self.obey(Order::End),
            },
            recv(self.incoming) -> incoming => {
                // Nobody is left to schedule anything: the order to end is on its way.
                if let Ok(incoming) = incoming {
                    self.hear(incoming);
                }
                true
            }
            default(longest) => true,
        }
    }

    fn take_in(&mut self) {
        for _ in 0..MOST_AT_ONCE {
            let Ok(incoming) = self.incoming.try_recv() else { return };
            self.hear(incoming);
        }
    }

    fn hear(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Message(scheduled) => self.schedule.put(scheduled),
            Incoming::Retract { slot, from } => self.schedule.retract(slot, from, Instant::now()),
            Incoming::Hush => self.hush(),
            Incoming::Panic => self.panic(),
        }
    }

    fn write_all(&mut self, messages: Vec<(PortId, Message)>) {
        for (port, message) in messages {
            self.write(port, message);
        }
    }

    fn write(&mut self, port: PortId, message: Message) {
        let Some(sink) = self.sinks.get_mut(&port) else { return };
        if let Err(error) = sink.send(message.encode().bytes()) {
            self.detach(port);
            // Refused only when Lilt is ending.
            let _ending = self.watch.send(Request::Lost { port, error });
        }
    }

    /// Gives a port back to be closed, which may take longer than there is time here.
    fn detach(&mut self, port: PortId) {
        self.schedule.detach(port);
        if let Some(sink) = self.sinks.remove(&port) {
            let _ending = self.watch.send(Request::Close { sink });
        }
    }

    /// False when the thread is to end.
    fn obey(&mut self, order: Order) -> bool {
        match order {
            Order::Attach { port, sink } => {
                self.detach(port);
                self.schedule.attach(port);
                self.sinks.insert(port, sink);
            }
            Order::Detach { port } => self.detach(port),
            Order::Panic => {
                self.forget_incoming();
                self.panic();
            }
            Order::End => {
                self.forget_incoming();
                self.hush();
                return false;
            }
        }
        true
    }

    fn forget_incoming(&self) {
        while self.incoming.try_recv().is_ok() {}
    }

    /// Forgets what is scheduled and ends what sounds.
    fn hush(&mut self) {
        let ends = self.schedule.hush();
        self.write_all(ends);
    }

    fn panic(&mut self) {
        self.hush();
        let ports: Vec<PortId> = self.sinks.keys().copied().collect();
        for port in ports {
            for channel in Channel::all() {
                self.write(port, Message::all_notes_off(channel));
                self.write(port, Message::all_sound_off(channel));
            }
        }
    }

    /// A report that nobody reads is dropped: the music does not wait for it.
    fn report(&self, report: Report) {
        let _unread = self.tell.try_send(report);
    }
}
