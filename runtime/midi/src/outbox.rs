//! Where messages are left to be sent at their moment.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::schedule::Schedule;
use crate::{Channel, Encoded, Message, MidiError, MidiSender, PortId, Report, Scheduled};

/// Takes messages with their moments, and takes them back. Nothing in it waits.
pub trait Outbox: Send {
    /// As [`MidiSender::open`].
    ///
    /// # Errors
    /// When nothing is sent any more.
    fn open(&self, name: &str) -> Result<PortId, MidiError>;

    /// As [`MidiSender::send`].
    ///
    /// # Errors
    /// When there is no room, or nothing is sent any more.
    fn send(&self, scheduled: Scheduled) -> Result<(), MidiError>;

    /// As [`MidiSender::retract`].
    ///
    /// # Errors
    /// As [`Outbox::send`].
    fn retract(&self, slot: u16, from: f64) -> Result<(), MidiError>;

    /// As [`MidiSender::panic`].
    ///
    /// # Errors
    /// When nothing is sent any more.
    fn panic(&self) -> Result<(), MidiError>;

    /// What there is to say since the last call.
    fn news(&self) -> Vec<Report>;
}

impl Outbox for MidiSender {
    fn open(&self, name: &str) -> Result<PortId, MidiError> {
        MidiSender::open(self, name)
    }

    fn send(&self, scheduled: Scheduled) -> Result<(), MidiError> {
        MidiSender::send(self, scheduled)
    }

    fn retract(&self, slot: u16, from: f64) -> Result<(), MidiError> {
        MidiSender::retract(self, slot, from)
    }

    fn panic(&self) -> Result<(), MidiError> {
        MidiSender::panic(self)
    }

    fn news(&self) -> Vec<Report> {
        self.reports().collect()
    }
}

/// An outbox without threads, ports or a clock: time passes when somebody says so, and what is sent meanwhile is
/// remembered with its instants. For tests and for whoever compares. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct SteppedOutbox(Arc<Mutex<Stepped>>);

#[derive(Debug)]
struct Stepped {
    now: Instant,
    schedule: Schedule,
    ports: Vec<String>,
    sent: Vec<(Instant, String, Encoded)>,
}

impl SteppedOutbox {
    /// Nothing waits; its time stands at `now`.
    pub fn new(now: Instant) -> SteppedOutbox {
        let (schedule, ports, sent) = (Schedule::new(), Vec::new(), Vec::new());
        SteppedOutbox(Arc::new(Mutex::new(Stepped { now, schedule, ports, sent })))
    }

    fn lock(&self) -> MutexGuard<'_, Stepped> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Time passes to `until`: what is due by then is sent, each message at its moment.
    pub fn pass(&self, until: Instant) {
        let mut stepped = self.lock();
        while let Some(due) = stepped.schedule.next().filter(|due| *due <= until) {
            let at = due.max(stepped.now);
            let messages = stepped.schedule.take(at).unwrap_or_default();
            stepped.write(at, messages);
        }
        stepped.now = until.max(stepped.now);
    }

    /// What was sent so far, in order: when, through the port of which name, and what.
    pub fn sent(&self) -> Vec<(Instant, String, Encoded)> {
        self.lock().sent.clone()
    }
}

impl Stepped {
    fn write(&mut self, at: Instant, messages: impl IntoIterator<Item = (PortId, Message)>) {
        for (port, message) in messages {
            let name = self.ports.get(usize::from(port.0)).cloned().unwrap_or_default();
            self.sent.push((at, name, message.encode()));
        }
    }
}

impl Outbox for SteppedOutbox {
    fn open(&self, name: &str) -> Result<PortId, MidiError> {
        let mut stepped = self.lock();
        let port = PortId(stepped.ports.len() as u16);
        stepped.ports.push(name.to_string());
        stepped.schedule.attach(port);
        Ok(port)
    }

    fn send(&self, scheduled: Scheduled) -> Result<(), MidiError> {
        self.lock().schedule.put(scheduled);
        Ok(())
    }

    fn retract(&self, slot: u16, from: f64) -> Result<(), MidiError> {
        let mut stepped = self.lock();
        let now = stepped.now;
        stepped.schedule.retract(slot, from, now);
        Ok(())
    }

    fn panic(&self) -> Result<(), MidiError> {
        let mut stepped = self.lock();
        let (now, ends) = (stepped.now, stepped.schedule.hush());
        stepped.write(now, ends);
        for port in (0..stepped.ports.len() as u16).map(PortId) {
            for channel in Channel::all() {
                let silence = [Message::all_notes_off(channel), Message::all_sound_off(channel)];
                stepped.write(now, silence.map(|message| (port, message)));
            }
        }
        Ok(())
    }

    fn news(&self) -> Vec<Report> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_due_is_sent_at_its_moment_as_time_passes() {
        let start = Instant::now();
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let channel = Channel::new(1).expect("a channel");
        let outbox = SteppedOutbox::new(start);
        let port = outbox.open("Synth A").expect("it opens");
        let message = |milliseconds: u64, message| Scheduled {
            at: at(milliseconds),
            seconds: milliseconds as f64 / 1e3,
            slot: 0,
            port,
            message,
        };
        let (on, off) =
            (Message::NoteOn { channel, key: 60, velocity: 9 }, Message::NoteOff { channel, key: 60 });
        for scheduled in [message(20, off), message(10, on), message(30, on), message(40, off)] {
            outbox.send(scheduled).expect("room");
        }
        outbox.pass(at(25));
        let name = || "Synth A".to_string();
        let expected = [(at(10), name(), on.encode()), (at(20), name(), off.encode())];
        assert_eq!(outbox.sent(), expected);
        outbox.retract(0, 0.03).expect("room");
        outbox.pass(at(100));
        assert_eq!(outbox.sent(), expected);
    }
}
