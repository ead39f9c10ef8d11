//! What came over MIDI: whether each note begins once, ends, and begins when it should.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use crate::recorder::MidiEvent;
use crate::table::part;

/// What is wrong with a stream of notes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ledger {
    /// Notes that began.
    pub notes: usize,
    /// Notes that began while one of their key sounded, or again at one moment of the record.
    pub doubled: usize,
    /// Notes that did not end within ten steps.
    pub hanging: usize,
    /// How far notes begin from their moment, sorted, in microseconds. The delay that all have is left out.
    pub jitter: Vec<f64>,
    /// Notes that began at no moment of the record.
    pub unwritten: usize,
}

impl Ledger {
    /// The jitter that 99 of 100 notes keep to, in microseconds.
    pub fn jitter_p99(&self) -> Option<f64> {
        part(&self.jitter, 0.99)
    }
}

/// Notes by which the way from the clock of the record to that of the notes is followed. They are one
/// clock until a gap in the sound moves one against the other.
const FOLLOWED: usize = 32;

/// Notes at the beginning of a record that may have found no port: four seconds of them.
const MOST_UNHEARD: usize = 256;

/// Goes through what came, of notes that follow each other by `step` microseconds. `exact` holds pitch
/// and time, in microseconds since the performance began, of each note that the host says it played.
pub fn check(came: &[MidiEvent], exact: &[(u8, f64)], step: f64) -> Ledger {
    let mut ledger = Ledger::default();
    let mut sounding: BTreeMap<u8, f64> = BTreeMap::new();
    let mut onsets = Vec::new();
    for MidiEvent { at, bytes: [status, key, velocity] } in came {
        match (status & 0xF0, velocity) {
            (0x90, 1..) => {
                ledger.notes += 1;
                let sounds = sounding.insert(*key, *at).is_some();
                ledger.doubled += usize::from(sounds);
                onsets.push((*key, *at, sounds));
            }
            (0x80, _) | (0x90, 0) => {
                let length = sounding.remove(key).map_or(0.0, |from| at - from);
                ledger.hanging += usize::from(length > 10.0 * step);
            }
            _ => {}
        }
    }
    let last = came.last().map_or(0.0, |event| event.at);
    ledger.hanging += sounding.values().filter(|from| last - **from > 10.0 * step).count();
    let exact = &exact[unheard(&onsets, exact)..];
    // The first notes of both are the same, since nothing was edited yet.
    let mut offsets: VecDeque<f64> =
        onsets.iter().zip(exact).take(FOLLOWED).map(|((_, at, _), (_, moment))| at - moment).collect();
    let mut before = None;
    for (key, at, sounds) in onsets {
        let Some(offset) = median(&offsets) else { break };
        let near = nearest(exact, at - offset).and_then(|index| Some((index, *exact.get(index)?)));
        match near.filter(|(_, (pitch, moment))| *pitch == key && (at - offset - moment).abs() < step / 2.0) {
            Some((index, (_, moment))) => {
                // One that was counted because it sounded is not counted again.
                ledger.doubled += usize::from(before.replace(index) == Some(index) && !sounds);
                ledger.jitter.push((at - offset - moment).abs());
                offsets.push_back(at - moment);
                if offsets.len() > FOLLOWED {
                    offsets.pop_front();
                }
            }
            None => ledger.unwritten += 1,
        }
    }
    ledger.jitter.sort_by(f64::total_cmp);
    ledger
}

/// How many notes the record begins with that never came, for the port was not open yet: with so many left
/// out the pitches of the two agree best.
fn unheard(onsets: &[(u8, f64, bool)], exact: &[(u8, f64)]) -> usize {
    let differing = |left_out: &usize| {
        let pitch = |i: usize| exact.get(i + left_out).map(|(pitch, _)| *pitch);
        onsets.iter().enumerate().filter(|(i, (came, ..))| pitch(*i) != Some(*came)).count()
    };
    (0..=MOST_UNHEARD.min(exact.len())).min_by_key(differing).unwrap_or(0)
}

fn median(values: &VecDeque<f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.iter().copied().collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// Which note of a sorted record is nearest to a moment.
fn nearest(exact: &[(u8, f64)], moment: f64) -> Option<usize> {
    let after = exact.partition_point(|(_, at)| *at < moment);
    let near = [after.checked_sub(1), Some(after)].into_iter().flatten().filter(|index| *index < exact.len());
    near.min_by(|a, b| (exact[*a].1 - moment).abs().total_cmp(&(exact[*b].1 - moment).abs()))
}

/// Pitch and microseconds of each note of a slot in a record of events, in time order.
pub fn recorded(record: &str, slot: &str) -> Vec<(u8, f64)> {
    // The last line may be half written.
    let events = record.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut notes: Vec<(u8, f64)> = events
        .filter(|event| event["slot"] == slot)
        .filter_map(|event| {
            let pitch = u8::try_from(event["pitch"].as_u64()?).ok()?;
            Some((pitch, event["seconds"].as_f64()? * 1e6))
        })
        .collect();
    notes.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: f64 = 15_625.0;

    /// Notes one after the other, each ending as the next begins, heard 3 ms late.
    fn stream(count: usize) -> (Vec<MidiEvent>, Vec<(u8, f64)>) {
        let exact: Vec<(u8, f64)> = (0..count).map(|i| (60, i as f64 * STEP)).collect();
        let came = exact.iter().flat_map(|(key, at)| {
            let event =
                |after: f64, status| MidiEvent { at: at + 1e6 + 3e3 + after, bytes: [status, *key, 80] };
            [event(0.0, 0x90), event(STEP - 100.0, 0x80)]
        });
        (came.collect(), exact)
    }

    #[test]
    fn an_even_stream_has_nothing_wrong() {
        let (came, exact) = stream(100);
        let ledger = check(&came, &exact, STEP);
        assert_eq!((ledger.notes, ledger.doubled, ledger.hanging, ledger.unwritten), (100, 0, 0, 0));
        assert!(ledger.jitter_p99().is_some_and(|jitter| jitter < 1.0), "{ledger:?}");
    }

    #[test]
    fn a_port_that_opens_late_is_no_fault_of_the_notes() {
        let exact: Vec<(u8, f64)> = (0..400).map(|i| (60 + (i / 50 % 2) as u8, i as f64 * STEP)).collect();
        let came: Vec<MidiEvent> = exact[7..]
            .iter()
            .flat_map(|(key, at)| {
                let event =
                    |after: f64, status| MidiEvent { at: at + 1e6 + after, bytes: [status, *key, 80] };
                [event(0.0, 0x90), event(STEP - 100.0, 0x80)]
            })
            .collect();
        let ledger = check(&came, &exact, STEP);
        assert_eq!((ledger.notes, ledger.unwritten), (393, 0));
    }

    #[test]
    fn a_clock_that_jumps_is_followed() {
        let (mut came, exact) = stream(400);
        came.iter_mut().skip(300).for_each(|event| event.at += 5e3);
        let ledger = check(&came, &exact, STEP);
        assert_eq!((ledger.doubled, ledger.hanging, ledger.unwritten), (0, 0, 0));
        assert!(part(&ledger.jitter, 0.9).is_some_and(|jitter| jitter < 1.0), "{ledger:?}");
    }

    #[test]
    fn each_fault_is_counted() {
        let (even, exact) = stream(100);
        // Doubled, hanging, unwritten.
        type Fault = (&'static str, fn(&mut Vec<MidiEvent>), [usize; 3]);
        let faults: [Fault; 5] = [
            (
                "the end of one is missing, and the next begins while it sounds",
                |came| {
                    came.remove(61);
                },
                [1, 0, 0],
            ),
            (
                "one comes twice",
                |came| {
                    let again = MidiEvent { at: came[60].at + 4e3, ..came[60] };
                    came.insert(61, again);
                },
                [1, 0, 0],
            ),
            (
                "one comes twice, and ends between",
                |came| {
                    let [on, off] = [came[60], came[61]];
                    came.insert(61, MidiEvent { at: on.at + 2e3, ..off });
                    came.insert(62, MidiEvent { at: on.at + 4e3, ..on });
                },
                [1, 0, 0],
            ),
            ("one comes on another key, and never ends", |came| came[100].bytes[1] = 70, [0, 1, 1]),
            (
                "one comes when the record has ended",
                |came| came.iter_mut().skip(198).for_each(|e| e.at += 1e6),
                [0, 0, 1],
            ),
        ];
        for (about, fault, expected) in faults {
            let mut came = even.clone();
            fault(&mut came);
            let ledger = check(&came, &exact, STEP);
            assert_eq!([ledger.doubled, ledger.hanging, ledger.unwritten], expected, "{about}");
        }
    }

    #[test]
    fn the_record_is_read_by_slot() {
        let record = "{\"slot\":\"notes\",\"seconds\":0.5,\"pitch\":62}\n{\"slot\":\"other\",\"seconds\":0,\"pitch\":1}\n\
                      {\"slot\":\"notes\",\"seconds\":0.25,\"pitch\":60}\n{\"slot\":\"no";
        assert_eq!(recorded(record, "notes"), [(60, 250_000.0), (62, 500_000.0)]);
    }
}
