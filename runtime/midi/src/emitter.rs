//! The sending thread: sends each message at its moment, and waits for nobody.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, Sender, TryRecvError, select};

use crate::priority;
use crate::watch::Request;
use crate::{Channel, Message, NoteLedger, PortId, Report, Scheduled, Sink};

/// How long before a message is due the thread stops sleeping and watches the clock.
///
/// A sleep ends late by the timer slack (50 µs on Linux for normal threads), the timer
/// interrupt and the switch of threads (together some 10 to 100 µs on a busy core): 250
/// µs cover them. At the 100 messages a second of dense music the wait costs at most
/// 100 · 0.25 ms = 2.5 % of a core, and less where messages come together.
const WATCH: Duration = Duration::from_micros(250);
/// Lateness worth telling: what a listener hears as a flam.
const LATE: Duration = Duration::from_millis(20);
/// Longest sleep: an overflow is noticed within it even when nothing comes.
const LONGEST_SLEEP: Duration = Duration::from_millis(50);

/// What the sending thread is told.
pub(crate) enum Order {
    /// A port is open.
    Attach { port: PortId, sink: Box<dyn Sink> },
    /// A port is gone.
    Detach { port: PortId },
    /// Forget what is scheduled, end what sounds.
    Hush,
    /// The same, and silence every channel.
    Panic,
    /// The same, and end.
    End,
}

/// A scheduled message; of two at one moment the one that came first is sent first.
#[derive(Debug)]
struct Due {
    at: Instant,
    number: u64,
    port: PortId,
    message: Message,
}

impl Due {
    fn order(&self) -> (Instant, u64) {
        (self.at, self.number)
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Due) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Due) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Due) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

pub(crate) struct Emitter {
    incoming: Receiver<Scheduled>,
    orders: Receiver<Order>,
    watch: Sender<Request>,
    tell: Sender<Report>,
    overflowed: Arc<AtomicBool>,
    sinks: BTreeMap<PortId, Box<dyn Sink>>,
    ledger: NoteLedger,
    due: BinaryHeap<Reverse<Due>>,
    numbered: u64,
}

impl Emitter {
    pub(crate) fn new(
        incoming: Receiver<Scheduled>,
        orders: Receiver<Order>,
        watch: Sender<Request>,
        tell: Sender<Report>,
        overflowed: Arc<AtomicBool>,
    ) -> Emitter {
        let (sinks, ledger, due) = (BTreeMap::new(), NoteLedger::new(), BinaryHeap::new());
        Emitter { incoming, orders, watch, tell, overflowed, sinks, ledger, due, numbered: 0 }
    }

    pub(crate) fn run(mut self) {
        self.report(Report::Priority(priority::raise()));
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
                self.hush();
                self.report(Report::Overflow);
            }
            self.take_in();
            let now = Instant::now();
            let Some(at) = self.due.peek().map(|Reverse(next)| next.at) else {
                if !self.sleep(LONGEST_SLEEP) {
                    return;
                }
                continue;
            };
            if at <= now {
                self.send_next(now);
            } else if at - now > WATCH {
                if !self.sleep((at - now - WATCH).min(LONGEST_SLEEP)) {
                    return;
                }
            } else {
                std::hint::spin_loop();
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
            recv(self.incoming) -> scheduled => {
                // Nobody is left to schedule anything: the order to end is on its way.
                if let Ok(scheduled) = scheduled {
                    self.put(scheduled);
                }
                true
            }
            default(longest) => true,
        }
    }

    fn take_in(&mut self) {
        while let Ok(scheduled) = self.incoming.try_recv() {
            self.put(scheduled);
        }
    }

    fn put(&mut self, Scheduled { at, port, message }: Scheduled) {
        self.numbered += 1;
        self.due.push(Reverse(Due { at, number: self.numbered, port, message }));
    }

    fn send_next(&mut self, now: Instant) {
        let Some(Reverse(Due { at, port, message, .. })) = self.due.pop() else { return };
        let late = now.duration_since(at);
        if late > LATE {
            self.report(Report::Late(late));
        }
        if self.sinks.contains_key(&port) {
            for message in self.ledger.admit(port, message) {
                self.write(port, message);
            }
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
        self.ledger.forget(port);
        if let Some(sink) = self.sinks.remove(&port) {
            let _ending = self.watch.send(Request::Close { sink });
        }
    }

    /// False when the thread is to end.
    fn obey(&mut self, order: Order) -> bool {
        match order {
            Order::Attach { port, sink } => {
                self.detach(port);
                self.sinks.insert(port, sink);
            }
            Order::Detach { port } => self.detach(port),
            Order::Hush => self.hush(),
            Order::Panic => self.panic(),
            Order::End => {
                self.hush();
                return false;
            }
        }
        true
    }

    /// Forgets what is scheduled and ends what sounds.
    fn hush(&mut self) {
        while self.incoming.try_recv().is_ok() {}
        self.due.clear();
        for (port, message) in self.ledger.release() {
            self.write(port, message);
        }
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
