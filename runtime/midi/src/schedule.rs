//! What is to be sent and when: the part of the sender that decides, and reads no clock.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::{Channel, Message, NoteLedger, Origin, PortId, Scheduled};

/// A note that would sound later than this is left out: after a pause of the whole
/// process (a lid that was closed, a stop signal) everything missed would come at once.
/// Three times what a listener takes for a flam.
const TOO_LATE: Duration = Duration::from_millis(50);
/// Lateness worth telling: what a listener hears as a flam.
const LATE: Duration = Duration::from_millis(20);
/// A row of late messages is told of when so long none was late, so that a pause gives
/// one report and not one a message.
const ROW_ENDS: Duration = Duration::from_millis(250);
/// How long a note that was sent and then taken back sounds on: the notes that are meant now follow
/// at once, and it is most often among them. More than their way here takes on a busy machine.
const DOUBT: Duration = Duration::from_millis(10);
/// A performance's second has one instant; as clocks are followed, the instants that are
/// worked out for it at different times differ by some microseconds. A thousandth of a
/// second is far more than that, and less than anybody hears.
const ONE_MOMENT: Duration = Duration::from_millis(1);

/// A row of messages that were late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lateness {
    /// How many were sent all the same.
    pub(crate) sent: usize,
    /// How many notes were left out.
    pub(crate) left_out: usize,
    /// How late the latest was.
    pub(crate) by: Duration,
}

/// Holds messages until their moment, and can give up what it holds.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// By moment; at one moment the message that came first goes first.
    waiting: BTreeMap<(Instant, u64), Scheduled>,
    numbered: u64,
    ports: BTreeSet<PortId>,
    ledger: NoteLedger,
    late: Option<(Lateness, Instant)>,
}

/// What there is one newest message of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Controller(PortId, Channel, u8),
    Bend(PortId, Channel),
    Program(PortId, Channel),
    Transport(PortId),
}

impl Schedule {
    pub(crate) fn new() -> Schedule {
        Schedule::default()
    }

    /// Messages for this port are sent from now on.
    pub(crate) fn attach(&mut self, port: PortId) {
        self.ports.insert(port);
    }

    /// The port is gone: what sounds there is forgotten, messages for it are dropped.
    pub(crate) fn detach(&mut self, port: PortId) {
        self.ports.remove(&port);
        self.ledger.forget(port);
    }

    /// Takes a message in.
    pub(crate) fn put(&mut self, scheduled: Scheduled) {
        self.numbered += 1;
        self.waiting.insert((self.moment(&scheduled), self.numbered), scheduled);
    }

    /// The instant of a message: that of the messages which wait for the same second, so
    /// that they keep the order in which they came.
    fn moment(&self, Scheduled { at, seconds, .. }: &Scheduled) -> Instant {
        let earliest = at.checked_sub(ONE_MOMENT).unwrap_or(*at);
        let mut near = self.waiting.range((earliest, 0)..=(*at + ONE_MOMENT, u64::MAX));
        near.find(|(_, other)| other.seconds == *seconds).map_or(*at, |((instant, _), _)| *instant)
    }

    /// Drops what waits of `slot` from the performance's second `from` on. Notes of that time which
    /// were sent already end soon, unless they are put in again.
    pub(crate) fn retract(&mut self, slot: u16, from: f64, now: Instant) {
        self.waiting.retain(|_, waiting| waiting.slot != slot || waiting.seconds < from);
        self.ledger.take_back(slot, from, now + DOUBT);
    }

    /// Drops everything that waits, and gives the ends of everything that sounds.
    pub(crate) fn hush(&mut self) -> Vec<(PortId, Message)> {
        self.waiting.clear();
        self.ledger.release()
    }

    /// When the next message is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        let waiting = self.waiting.first_key_value().map(|((at, _), _)| *at);
        waiting.into_iter().chain(self.ledger.next_end()).min()
    }

    /// What is to be sent for the next message that is due, or for all that were missed.
    /// Perhaps nothing, when something was due; `None` when nothing is.
    pub(crate) fn take(&mut self, now: Instant) -> Option<Vec<(PortId, Message)>> {
        if self.ledger.next_end().is_some_and(|at| at <= now) {
            return Some(self.ledger.end_doubted(now));
        }
        let (at, _) = *self.waiting.first_key_value().filter(|((at, _), _)| *at <= now)?.0;
        let late = now.duration_since(at);
        if late > TOO_LATE {
            return Some(self.catch_up(now));
        }
        let (_, scheduled) = self.waiting.pop_first()?;
        if late > LATE {
            self.was_late(now, late, 1, 0);
        }
        Some(self.admit(scheduled).collect())
    }

    /// Everything that is too late, at once: all ends, of each kind of setting the
    /// newest, and no beginnings.
    fn catch_up(&mut self, now: Instant) -> Vec<(PortId, Message)> {
        // What is exactly as late as is allowed is not missed.
        let bound = now.checked_sub(TOO_LATE).unwrap_or(now);
        let kept = self.waiting.split_off(&(bound, 0));
        let missed = std::mem::replace(&mut self.waiting, kept);
        let by = missed.keys().next().map_or(Duration::ZERO, |(at, _)| now.duration_since(*at));
        let notes: BTreeSet<(PortId, Channel, u16, u64)> = missed
            .values()
            .filter_map(|one| match one.message {
                Message::NoteOn { channel, .. } => Some((one.port, channel, one.slot, one.seconds.to_bits())),
                _ => None,
            })
            .collect();
        // A bend of the moment at which a note begins tunes that note, and goes with it.
        let tunes_a_note = |one: &Scheduled| match one.message {
            Message::PitchBend { channel, .. } => {
                notes.contains(&(one.port, channel, one.slot, one.seconds.to_bits()))
            }
            _ => false,
        };
        let settings = missed.iter().filter(|(_, one)| !tunes_a_note(one));
        let newest: BTreeMap<Kind, u64> =
            settings.filter_map(|((_, number), one)| Some((kind(one)?, *number))).collect();
        let (mut sent, mut left_out) = (Vec::new(), 0);
        for ((_, number), one) in missed {
            let goes = match one.message {
                Message::NoteOff { .. } => true,
                Message::NoteOn { .. } | Message::Clock => false,
                _ => kind(&one).and_then(|kind| newest.get(&kind)) == Some(&number),
            };
            if goes {
                sent.extend(self.admit(one));
            } else if let Message::NoteOn { channel, key, .. } = one.message
                && self.ports.contains(&one.port)
            {
                left_out += 1;
                self.ledger.leave_out(one.port, origin(&one), channel, key);
            }
        }
        self.was_late(now, by, sent.len(), left_out);
        sent
    }

    /// What to send for a message whose moment has come.
    fn admit(&mut self, one: Scheduled) -> impl Iterator<Item = (PortId, Message)> + use<> {
        let known = self.ports.contains(&one.port);
        let sent = known.then(|| self.ledger.admit(one.port, origin(&one), one.message));
        sent.into_iter().flatten().map(move |message| (one.port, message))
    }

    fn was_late(&mut self, now: Instant, by: Duration, sent: usize, left_out: usize) {
        if sent + left_out == 0 {
            return;
        }
        let (row, last) = self.late.get_or_insert((Lateness { sent: 0, left_out: 0, by }, now));
        row.sent += sent;
        row.left_out += left_out;
        row.by = row.by.max(by);
        *last = now;
    }

    /// A row of late messages that has ended; each is given once.
    pub(crate) fn lateness(&mut self, now: Instant) -> Option<Lateness> {
        self.late.take_if(|(_, last)| now.saturating_duration_since(*last) >= ROW_ENDS).map(|(row, _)| row)
    }
}

fn origin(one: &Scheduled) -> Origin {
    Origin { slot: one.slot, seconds: one.seconds }
}

fn kind(one: &Scheduled) -> Option<Kind> {
    match one.message {
        Message::ControlChange { channel, controller, .. } => {
            Some(Kind::Controller(one.port, channel, controller))
        }
        Message::PitchBend { channel, .. } => Some(Kind::Bend(one.port, channel)),
        Message::ProgramChange { channel, .. } => Some(Kind::Program(one.port, channel)),
        Message::Start | Message::Stop => Some(Kind::Transport(one.port)),
        Message::NoteOn { .. } | Message::NoteOff { .. } | Message::Clock => None,
    }
}

#[cfg(test)]
mod tests;
