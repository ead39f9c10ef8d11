//! The bytes of a Standard MIDI File to timed notes; reads damaged files as far as they go.

use std::collections::{BTreeMap, HashMap, VecDeque};

use midly::{MetaMessage, MidiMessage, Smf, TrackEvent, TrackEventKind};

use super::repair::repaired;
use super::{Controller, DRUM_CHANNEL, SmfError, Song, Track, chunks};
use crate::{Beat, Drum, Key, Meter, Mode, Note, Pitch, Tone, Velocity};

/// Microseconds in a minute.
const MINUTE: f64 = 60e6;

/// Reads a file of any format, `.kar` and `.rmi` too; the tracks of a file of format 2 are played one after the other.
/// Notes on channel 10 whose key is one of the kit's are drums. A note that is never ended lasts to the track's last
/// event; one without time is left out. What is damaged is read past, and told in [`Song::damage`].
///
/// # Errors
/// When it is no MIDI file, or its time has no beats.
pub fn read(bytes: &[u8]) -> Result<Song, SmfError> {
    let chunks = chunks::split(bytes)?;
    let [high, low] = chunks.division;
    let ticks = match u16::from_be_bytes([high, low]) {
        0x8000.. => return Err(SmfError::NoBeats),
        0 => return Err(SmfError::Damaged("a beat has no ticks".into())),
        ticks => ticks,
    };
    let mut song = Song { damage: chunks.damage, ..Song::default() };
    let mut end = 0;
    for (index, track) in chunks.tracks.into_iter().enumerate() {
        let (written, damage) = repaired(track);
        song.damage.add(damage);
        let file = file_of(&written, ticks);
        let smf = Smf::parse(&file).map_err(|error| SmfError::Damaged(error.kind().message().to_string()))?;
        let from = if chunks.format == 2 { end } else { 0 };
        for events in &smf.tracks {
            end = read_track(events, i64::from(ticks), from, index == 0, &mut song);
            song.length = song.length.max(Beat::new(end, i64::from(ticks)));
        }
    }
    song.tempos.sort_by_key(|(beat, _)| *beat);
    song.meters.sort_by_key(|(beat, _)| *beat);
    Ok(song)
}

/// A file of one track.
fn file_of(track: &[u8], ticks: u16) -> Vec<u8> {
    let mut file = Vec::with_capacity(track.len() + 22);
    // A header of six bytes: format 0, one track, ticks in a beat.
    file.extend(b"MThd\0\0\0\x06\0\0\0\x01");
    file.extend(ticks.to_be_bytes());
    file.extend(b"MTrk");
    file.extend((track.len() as u32).to_be_bytes());
    file.extend(track);
    file
}

/// The key of a key signature: sharps (negative: flats), and whether it is minor.
fn key(sharps: i8, minor: bool) -> Option<Key> {
    let major = (i32::from(sharps) * 7).rem_euclid(12);
    let (tonic, mode) = if minor { (major + 9, Mode::Minor) } else { (major, Mode::Major) };
    (-7..=7).contains(&sharps).then(|| Key::new((tonic % 12) as u8, mode))
}

/// A channel of a track while it is read.
#[derive(Default)]
struct Channel {
    notes: Vec<Note>,
    program: Option<u8>,
    controls: Vec<Controller>,
    /// Notes that sound, of each key the longest first, with tick and velocity.
    sounding: HashMap<u8, VecDeque<(i64, u8)>>,
}

/// Reads a track that begins at the tick `from`, and says at which it is over.
fn read_track(events: &[TrackEvent<'_>], ticks: i64, from: i64, is_first: bool, song: &mut Song) -> i64 {
    let beat = |tick: i64| Beat::new(tick, ticks);
    let mut channels: BTreeMap<u8, Channel> = BTreeMap::new();
    let mut name = String::new();
    let mut now = from;
    for event in events {
        now += i64::from(event.delta.as_int());
        match event.kind {
            TrackEventKind::Meta(MetaMessage::TrackName(bytes)) if name.is_empty() => {
                name = String::from_utf8_lossy(bytes).into_owned();
                // In the first track it names the whole (Standard MIDI Files 1.0).
                if is_first {
                    song.title = name.trim().to_owned();
                }
            }
            TrackEventKind::Meta(MetaMessage::Tempo(micros)) if micros.as_int() > 0 => {
                song.tempos.push((beat(now), MINUTE / f64::from(micros.as_int())));
            }
            TrackEventKind::Meta(MetaMessage::TimeSignature(count, unit, _, _)) => {
                if let Some(meter) = 1u8.checked_shl(unit.into()).and_then(|unit| Meter::new(count, unit)) {
                    song.meter.get_or_insert(meter);
                    song.meters.push((beat(now), meter));
                }
            }
            TrackEventKind::Meta(MetaMessage::KeySignature(sharps, minor)) if song.key.is_none() => {
                song.key = key(sharps, minor);
            }
            TrackEventKind::Midi { channel: number, message } => {
                let number = number.as_int() + 1;
                let channel = channels.entry(number).or_default();
                match message {
                    MidiMessage::NoteOn { key, vel } if vel.as_int() > 0 => {
                        channel.sounding.entry(key.as_int()).or_default().push_back((now, vel.as_int()));
                    }
                    MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
                        let first = channel.sounding.get_mut(&key.as_int()).and_then(VecDeque::pop_front);
                        if let Some(begun) = first {
                            channel.notes.extend(ended(key.as_int(), begun, now, ticks, number));
                        }
                    }
                    MidiMessage::ProgramChange { program } if channel.program.is_none() => {
                        channel.program = Some(program.as_int());
                    }
                    MidiMessage::Controller { controller, value } => channel.controls.push(Controller {
                        at: beat(now),
                        number: controller.as_int(),
                        value: value.as_int(),
                    }),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    for (number, channel) in channels {
        let Channel { mut notes, program, controls, sounding } = channel;
        for (key, begun) in sounding {
            notes.extend(begun.into_iter().filter_map(|begun| ended(key, begun, now, ticks, number)));
        }
        if !notes.is_empty() {
            notes.sort_by(|a, b| a.start.cmp(&b.start).then(a.tone.key().cmp(&b.tone.key())));
            song.tracks.push(Track { name: name.clone(), notes, channel: number, program, controls });
        }
    }
    now
}

/// The note of a key from when it began, with its velocity, to now.
fn ended(key: u8, (start, velocity): (i64, u8), now: i64, ticks: i64, channel: u8) -> Option<Note> {
    let drum = Drum::ALL.into_iter().find(|drum| channel == DRUM_CHANNEL && drum.key() == key);
    (now > start).then(|| Note {
        start: Beat::new(start, ticks),
        duration: Beat::new(now - start, ticks),
        tone: drum.map_or(Tone::Pitch(Pitch::from_key(key)), Tone::Drum),
        velocity: Velocity::new(f64::from(velocity) / 127.0),
    })
}
