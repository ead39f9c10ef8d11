//! The bytes of a Standard MIDI File to timed notes; reads damaged files as far as they go.

use std::collections::{BTreeMap, HashMap, VecDeque};

use midly::{MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};

use super::{DRUM_CHANNEL, SmfError, Track};
use crate::{Beat, Drum, Meter, Note, Pitch, Tone, Velocity};

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Song {
    /// One for each channel of each track that has notes; their notes are sorted by start, then key.
    pub tracks: Vec<Track>,
    /// Beats per minute from a beat on, sorted; none where the file tells none (120 is usual).
    pub tempos: Vec<(Beat, f64)>,
    /// The first metre that the file tells and Lilt knows.
    pub meter: Option<Meter>,
}

/// Microseconds in a minute.
const MINUTE: f64 = 60e6;

/// Reads a file of any format. Notes on channel 10 whose key is one of the kit's are
/// drums. A note that is never ended lasts to the track's last event; one without time is left out.
///
/// # Errors
/// When it is no MIDI file, or its time has no beats.
pub fn read(bytes: &[u8]) -> Result<Song, SmfError> {
    let smf = Smf::parse(bytes).map_err(|error| SmfError::Damaged(error.kind().message().to_string()))?;
    let ticks = match smf.header.timing {
        Timing::Metrical(ticks) => i64::from(ticks.as_int()),
        Timing::Timecode(..) => return Err(SmfError::NoBeats),
    };
    if ticks == 0 {
        return Err(SmfError::Damaged("a beat has no ticks".into()));
    }
    let mut song = Song::default();
    for events in &smf.tracks {
        read_track(events, ticks, &mut song);
    }
    song.tempos.sort_by_key(|(beat, _)| *beat);
    Ok(song)
}

/// A channel of a track while it is read.
#[derive(Default)]
struct Channel {
    notes: Vec<Note>,
    program: Option<u8>,
    /// Notes that sound, of each key the longest first, with tick and velocity.
    sounding: HashMap<u8, VecDeque<(i64, u8)>>,
}

fn read_track(events: &[TrackEvent<'_>], ticks: i64, song: &mut Song) {
    let beat = |tick: i64| Beat::new(tick, ticks);
    let mut channels: BTreeMap<u8, Channel> = BTreeMap::new();
    let mut name = String::new();
    let mut now = 0i64;
    for event in events {
        now += i64::from(event.delta.as_int());
        match event.kind {
            TrackEventKind::Meta(MetaMessage::TrackName(bytes)) if name.is_empty() => {
                name = String::from_utf8_lossy(bytes).into_owned();
            }
            TrackEventKind::Meta(MetaMessage::Tempo(micros)) if micros.as_int() > 0 => {
                song.tempos.push((beat(now), MINUTE / f64::from(micros.as_int())));
            }
            TrackEventKind::Meta(MetaMessage::TimeSignature(count, unit, _, _)) if song.meter.is_none() => {
                song.meter = 1u8.checked_shl(unit.into()).and_then(|unit| Meter::new(count, unit));
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
                    _ => {}
                }
            }
            _ => {}
        }
    }
    for (number, channel) in channels {
        let Channel { mut notes, program, sounding } = channel;
        for (key, begun) in sounding {
            notes.extend(begun.into_iter().filter_map(|begun| ended(key, begun, now, ticks, number)));
        }
        if !notes.is_empty() {
            notes.sort_by(|a, b| a.start.cmp(&b.start).then(a.tone.key().cmp(&b.tone.key())));
            song.tracks.push(Track { name: name.clone(), notes, channel: number, program });
        }
    }
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
