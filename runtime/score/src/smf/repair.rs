//! The events of a damaged track, written anew so that every one can be read.
//!
//! What is wrong is told by what follows: of the ways in which a place may be read, that one is taken after which
//! most events make sense.

use super::Damage;

/// Events that are read ahead to judge a way of reading.
const AHEAD: usize = 12;
/// Ticks of the longest pause that is believed behind bytes that made no sense.
const LONGEST_BELIEVED: u32 = 8_000;
/// Events that must make sense before reading goes on behind bytes that do not.
const CERTAIN: usize = 4;

/// An event as it stands in the track.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Event {
    /// Ticks since the event before.
    delta: u32,
    kind: Kind,
    /// It has the status of the message before it.
    implied: bool,
    /// Where the next one begins.
    next: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Status and data of a channel message; the second byte is unused where there is only one.
    Channel { status: u8, data: [u8; 2] },
    /// Kind of a meta event, and where its data begin and end.
    Meta { kind: u8, from: usize, to: usize },
    /// What no note depends on.
    Other,
}

/// How many data bytes follow a channel message's status.
fn data_bytes(status: u8) -> usize {
    if matches!(status & 0xF0, 0xC0 | 0xD0) { 1 } else { 2 }
}

/// A track being read.
struct Track<'a> {
    bytes: &'a [u8],
    /// The last channel message's status: it holds for what has none, even behind a meta event or a sysex, where the
    /// format forbids it.
    running: Option<u8>,
    damage: Damage,
    written: Vec<u8>,
}

/// The track's events with a status of their own each, the last of them the end of the track. What is no note and
/// changes none becomes an empty text, so that time is kept.
pub(super) fn repaired(bytes: &[u8]) -> (Vec<u8>, Damage) {
    let written = Vec::with_capacity(bytes.len() + bytes.len() / 2);
    let mut track = Track { bytes, running: None, damage: Damage::default(), written };
    let mut at = 0;
    // A meta event or a sysex stands before: the format wants a status of its own for what follows.
    let mut apart = false;
    while at < bytes.len() {
        let Some(event) = event(bytes, at, track.running) else {
            track.damage.places += 1;
            at = track.mend(at);
            continue;
        };
        track.damage.places += usize::from(apart && event.implied);
        apart = true;
        match event.kind {
            Kind::Channel { status, .. } => {
                track.running = Some(status);
                apart = false;
            }
            Kind::Meta { kind: END, .. } => {
                track.running = None;
                // Some programs fill the chunk up.
                if bytes[event.next..].iter().all(|byte| *byte == 0) {
                    track.write(event.delta, Kind::Other);
                    break;
                }
            }
            _ => {}
        }
        track.write(event.delta, event.kind);
        at = event.next;
    }
    track.written.extend([0, 0xFF, END, 0]);
    (track.written, track.damage)
}

/// Kinds of meta events (Standard MIDI Files 1.0): name of the track, its end, tempo, metre, key.
const NAME: u8 = 0x03;
const END: u8 = 0x2F;
const TEMPO: u8 = 0x51;
const METER: u8 = 0x58;
const KEY: u8 = 0x59;

impl Track<'_> {
    /// Reads on past what makes no sense at `at`, and says where.
    fn mend(&mut self, at: usize) -> usize {
        let bytes = self.bytes;
        let Some((delta, body)) = number(bytes, at) else { return self.search(at) };
        let Some(&first) = bytes.get(body) else { return self.lose(at, bytes.len()) };
        match first {
            0x80..=0xEF => self.mend_channel(at, delta, first, body + 1),
            0..=0x7F => match self.running {
                Some(status) => self.mend_channel(at, delta, status, body),
                None => self.search(at),
            },
            // A clock or the like that was recorded with the notes: between two events, or within one.
            0xF8..=0xFE => {
                let within = bytes.get(body + 1).copied().unwrap_or(0) >= 0x80;
                let inner = message(bytes, delta, body + 1, self.running);
                let inner_score = inner.map_or(0, |event| 1 + sense(bytes, event.next, self.running, AHEAD));
                let outer_score = sense(bytes, body + 1, self.running, AHEAD);
                match inner.filter(|_| inner_score > outer_score || (within && inner_score == outer_score)) {
                    Some(event) => {
                        if let Kind::Channel { status, .. } = event.kind {
                            self.running = Some(status);
                        }
                        self.write(event.delta, event.kind);
                        event.next
                    }
                    None => {
                        self.write(delta, Kind::Other);
                        body + 1
                    }
                }
            }
            // System messages that belong on a cable, with their data.
            0xF1..=0xF6 => {
                let data = match first {
                    0xF2 => 2,
                    0xF1 | 0xF3 => 1,
                    _ => 0,
                };
                self.write(delta, Kind::Other);
                (body + 1 + data).min(bytes.len())
            }
            // A sysex that tells no length, or a wrong one, ends with F7.
            0xF0 => {
                let end = bytes[body + 1..].iter().position(|byte| *byte >= 0x80);
                match end.map(|end| body + 1 + end).filter(|&end| bytes[end] == 0xF7) {
                    Some(end) => {
                        self.write(delta, Kind::Other);
                        end + 1
                    }
                    None => self.search(at),
                }
            }
            _ => self.search(at),
        }
    }

    /// A channel message with a data byte above 127, or cut off by the end.
    fn mend_channel(&mut self, at: usize, delta: u32, status: u8, from: usize) -> usize {
        let bytes = self.bytes;
        let count = data_bytes(status);
        let Some(data) = bytes.get(from..from + count) else { return self.lose(at, bytes.len()) };
        let wrong = data.iter().position(|byte| *byte >= 0x80).unwrap_or(0);
        // The byte is too large a number; or something that was sent meanwhile; or the rest of the message is lost.
        let clamped = channel(status, data.iter().map(|byte| (*byte).min(0x7F)));
        let after_clamped = from + count;
        let mut kept = Vec::with_capacity(count);
        let mut after_skipped = from;
        while let Some(&byte) =
            bytes.get(after_skipped).filter(|byte| kept.len() < count && !(0x80..0xF8).contains(*byte))
        {
            after_skipped += 1;
            if byte < 0x80 {
                kept.push(byte);
            } else if byte == 0xFF {
                break;
            }
        }
        let skipped = (kept.len() == count).then(|| channel(status, kept));
        let mut best = (sense(bytes, after_clamped, Some(status), AHEAD), Some(clamped), after_clamped);
        if let Some(kind) = skipped {
            let score = sense(bytes, after_skipped, Some(status), AHEAD);
            if score > best.0 {
                best = (score, Some(kind), after_skipped);
            }
        }
        let cut = sense(bytes, from + wrong, Some(status), AHEAD);
        if cut > best.0 {
            best = (cut, None, from + wrong);
        }
        let (_, kind, next) = best;
        self.running = Some(status);
        match kind {
            Some(kind) => self.write(delta, kind),
            None => {
                self.write(delta, Kind::Other);
                self.damage.lost += next - at;
            }
        }
        next
    }

    /// Passes over bytes up to the next place from which events make sense.
    fn search(&mut self, at: usize) -> usize {
        let bytes = self.bytes;
        let certain = |next: &usize| {
            let told =
                number(bytes, *next).and_then(|(_, body)| bytes.get(body)).is_some_and(|byte| *byte >= 0x80);
            told && sense(bytes, *next, None, CERTAIN) >= CERTAIN
        };
        let next = (at + 1..bytes.len()).find(certain).unwrap_or(bytes.len());
        // A long pause there is more likely the rest of what made no sense, and its last byte the pause.
        let next = match number(bytes, next) {
            Some((delta, body)) if delta > LONGEST_BELIEVED => body - 1,
            _ => next,
        };
        self.lose(at, next)
    }

    fn lose(&mut self, from: usize, to: usize) -> usize {
        self.damage.lost += to - from;
        to
    }

    fn write(&mut self, delta: u32, kind: Kind) {
        variable(&mut self.written, delta);
        match kind {
            Kind::Channel { status, data } => {
                self.written.push(status);
                self.written.extend(&data[..data_bytes(status)]);
            }
            Kind::Meta { kind, from, to } => {
                let length = to - from;
                let kept = match kind {
                    NAME => Some(length.min(LONGEST_NAME)),
                    TEMPO if length >= 3 => Some(3),
                    METER if length >= 4 => Some(4),
                    KEY if length >= 2 => Some(2),
                    _ => None,
                };
                let Some(kept) = kept else { return self.written.extend(NOTHING) };
                self.written.extend([0xFF, kind]);
                variable(&mut self.written, kept as u32);
                self.written.extend(&self.bytes[from..from + kept]);
            }
            Kind::Other => self.written.extend(NOTHING),
        }
    }
}

/// Longest name of a track, in bytes.
const LONGEST_NAME: usize = 1_024;
/// A text without letters.
const NOTHING: [u8; 3] = [0xFF, 0x01, 0];

/// Writes a number of up to 28 bits, seven in a byte.
fn variable(written: &mut Vec<u8>, number: u32) {
    for shift in [21, 14, 7] {
        if number >> shift > 0 {
            written.push((number >> shift) as u8 | 0x80);
        }
    }
    written.push(number as u8 & 0x7F);
}

/// A number of up to 28 bits, and where it ends.
fn number(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let mut number = 0;
    for (index, &byte) in bytes.get(at..)?.iter().take(4).enumerate() {
        number = number << 7 | u32::from(byte & 0x7F);
        if byte < 0x80 {
            return Some((number, at + index + 1));
        }
    }
    None
}

/// The event at `at`, if all of it is as it should be.
fn event(bytes: &[u8], at: usize, running: Option<u8>) -> Option<Event> {
    let (delta, body) = number(bytes, at)?;
    message(bytes, delta, body, running)
}

/// The event whose status, or data, begin at `body`.
fn message(bytes: &[u8], delta: u32, body: usize, running: Option<u8>) -> Option<Event> {
    let first = *bytes.get(body)?;
    let span = |from: usize| {
        let (length, from) = number(bytes, from)?;
        let to = from.checked_add(length as usize).filter(|&to| to <= bytes.len())?;
        Some((from, to))
    };
    let (kind, next) = match first {
        0xFF => {
            let kind = *bytes.get(body + 1).filter(|kind| **kind < 0x80)?;
            let (from, to) = span(body + 2)?;
            (Kind::Meta { kind, from, to }, to)
        }
        0xF0 | 0xF7 => (Kind::Other, span(body + 1)?.1),
        0xF1.. => return None,
        _ => {
            let (status, from) = if first < 0x80 { (running?, body) } else { (first, body + 1) };
            let data = bytes.get(from..from + data_bytes(status))?;
            if data.iter().any(|byte| *byte >= 0x80) {
                return None;
            }
            (channel(status, data.iter().copied()), from + data.len())
        }
    };
    Some(Event { delta, kind, implied: first < 0x80, next })
}

fn channel(status: u8, data: impl IntoIterator<Item = u8>) -> Kind {
    let mut data = data.into_iter();
    Kind::Channel { status, data: std::array::from_fn(|_| data.next().unwrap_or(0)) }
}

/// How many events from `at` on make sense, up to `most`; the end of the track makes all sense there is.
fn sense(bytes: &[u8], mut at: usize, mut running: Option<u8>, most: usize) -> usize {
    for count in 0..most {
        if at == bytes.len() {
            return most;
        }
        let Some(event) = event(bytes, at, running) else { return count };
        if let Kind::Channel { status, .. } = event.kind {
            running = Some(status);
        }
        at = event.next;
    }
    most
}
