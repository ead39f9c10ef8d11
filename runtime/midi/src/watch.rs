//! The thread beside the sender that opens ports, watches them, and opens them again.
//!
//! Opening and listing ports may take many milliseconds, which the sending thread does
//! not have.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender};

use crate::emitter::Order;
use crate::ports::Directory;
use crate::{Guard, MidiError, MidiOut, OpenedAs, PortId, Report, Sink};

/// How often open ports are looked for. A JACK client whose server died still sees the
/// ports of its shared memory, so there each look takes a new client, and looks are rarer.
const EVERY: Duration = Duration::from_secs(if cfg!(feature = "jack") { 3 } else { 1 });

/// What the watching thread is asked.
pub(crate) enum Request {
    Open { port: PortId, name: String },
    Lost { port: PortId, error: MidiError },
    Close { sink: Box<dyn Sink> },
    End,
}

/// Time until the next attempt: doubles from half a second to half a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Backoff(u32);

impl Backoff {
    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_secs(30);

    fn next(&mut self) -> Duration {
        let wait = Backoff::FIRST.saturating_mul(1 << self.0.min(16)).min(Backoff::LONGEST);
        self.0 += 1;
        wait
    }
}

#[derive(Debug)]
enum State {
    Open(OpenedAs),
    Waiting { until: Instant, backoff: Backoff },
}

#[derive(Debug)]
struct Wanted {
    name: String,
    state: State,
}

pub(crate) struct Watch {
    requests: Receiver<Request>,
    orders: Sender<Order>,
    tell: Sender<Report>,
    wanted: BTreeMap<PortId, Wanted>,
    directory: Option<Directory>,
    looked: Instant,
}

impl Watch {
    pub(crate) fn new(requests: Receiver<Request>, orders: Sender<Order>, tell: Sender<Report>) -> Watch {
        Watch { requests, orders, tell, wanted: BTreeMap::new(), directory: None, looked: Instant::now() }
    }

    /// Works until it is told to end, whatever breaks.
    pub(crate) fn run(mut self, guard: Guard) {
        while let Err(place) = guard(&mut || self.work()) {
            self.report(Report::Broke { place });
        }
    }

    fn work(&mut self) {
        loop {
            let now = Instant::now();
            match self.requests.recv_timeout(self.wait(now)) {
                Ok(Request::Open { port, name }) => self.open(port, name, Backoff(0)),
                Ok(Request::Lost { port, error }) => self.lost(port, error),
                Ok(Request::Close { sink }) => close(sink),
                Ok(Request::End) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = Instant::now();
            if now >= self.looked + EVERY {
                self.looked = now;
                self.look();
            }
            self.retry(now);
        }
    }

    /// Time until the next look or attempt.
    fn wait(&self, now: Instant) -> Duration {
        let attempts = self.wanted.values().filter_map(|wanted| match wanted.state {
            State::Waiting { until, .. } => Some(until),
            State::Open(_) => None,
        });
        attempts.fold(self.looked + EVERY, Instant::min).saturating_duration_since(now)
    }

    fn open(&mut self, port: PortId, name: String, mut backoff: Backoff) {
        match MidiOut::open(&name) {
            Ok(out) => {
                let opened = out.opened().clone();
                // Refused only when Lilt is ending.
                let _ending = self.orders.send(Order::Attach { port, sink: Box::new(out) });
                self.report(Report::Opened { port, opened: opened.clone() });
                self.wanted.insert(port, Wanted { name, state: State::Open(opened) });
            }
            Err(error) => {
                let retry = match error {
                    MidiError::BadName(_) => None,
                    _ => Some(backoff.next()),
                };
                self.report(Report::Failed { port, error, retry });
                if let Some(wait) = retry {
                    let state = State::Waiting { until: Instant::now() + wait, backoff };
                    self.wanted.insert(port, Wanted { name, state });
                }
            }
        }
    }

    /// A port does not take messages any more, or is no longer listed.
    fn lost(&mut self, port: PortId, error: MidiError) {
        let _ending = self.orders.send(Order::Detach { port });
        // Names and clients of a server that is gone are looked up anew.
        self.directory = None;
        let mut backoff = Backoff(0);
        let retry = self.wanted.get_mut(&port).map(|wanted| {
            let wait = backoff.next();
            wanted.state = State::Waiting { until: Instant::now() + wait, backoff };
            wait
        });
        self.report(Report::Failed { port, error, retry });
    }

    /// Looks whether the open ports are still there.
    fn look(&mut self) {
        let mut open = self.wanted.values().filter(|wanted| matches!(wanted.state, State::Open(_)));
        if open.next().is_none() {
            return;
        }
        if self.directory.is_none() {
            self.directory = Directory::new().ok();
        }
        let known = |opened: &OpenedAs| self.directory.as_ref().is_some_and(|all| all.knows(opened));
        let gone = |(port, wanted): (&PortId, &Wanted)| match &wanted.state {
            State::Open(opened) if !known(opened) => Some((*port, wanted.name.clone())),
            _ => None,
        };
        let gone: Vec<(PortId, String)> = self.wanted.iter().filter_map(gone).collect();
        if cfg!(feature = "jack") {
            self.directory = None;
        }
        for (port, name) in gone {
            let reason = "it is no longer listed".to_string();
            self.lost(port, MidiError::Lost { name, reason });
        }
    }

    fn retry(&mut self, now: Instant) {
        let due = |(port, wanted): (&PortId, &Wanted)| match wanted.state {
            State::Waiting { until, backoff } if until <= now => Some((*port, wanted.name.clone(), backoff)),
            _ => None,
        };
        let due: Vec<(PortId, String, Backoff)> = self.wanted.iter().filter_map(due).collect();
        for (port, name, backoff) in due {
            self.open(port, name, backoff);
        }
    }

    fn report(&self, report: Report) {
        let _unread = self.tell.try_send(report);
    }
}

/// Closes a port that was lost.
///
/// Once a JACK server has died, opening a client of the next one frees the clients of
/// the old inside libjack, and closing one of those afterwards is a use after free. So
/// it is let go instead: a few kilobytes for each time that a server is lost.
fn close(sink: Box<dyn Sink>) {
    if cfg!(feature = "jack") {
        std::mem::forget(sink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_grow_rarer() {
        let mut backoff = Backoff(0);
        let waits: Vec<f64> = (0..8).map(|_| backoff.next().as_secs_f64()).collect();
        assert_eq!(waits, [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
    }
}
