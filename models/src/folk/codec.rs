//! Between clips and the events of the network.
//!
//! The network hears one line. Of a clip it takes the top voice: of notes that begin together
//! (within 1/24 beat) the highest, and a note that begins under a higher one that outlasts it is
//! passed over. Gaps become rests. Onsets are brought to the grid of 1/48 beat; a length that the
//! network has no class for becomes the nearest class that leaves every later onset in its place, and
//! a rest for what is left.

use lilt_score::{Beat, Clip, ClipError, Key, Note, Pitch, Tone, Velocity};

use super::features::Conditions;
use super::vocabulary::{
    DURATIONS, NoteEvent, PITCHES, REST, TICKS_PER_BEAT, beats, duration_class, midi, pitch_class, tonic_midi,
};

/// Onsets closer than this many ticks are one chord: no class is shorter.
const SHORTEST: i64 = DURATIONS[0] as i64;

/// Longest clip that is read, in beats: more past than the longest lookback of the longest bar.
const LONGEST_BEATS: i64 = 4_096;

/// Why a clip cannot be heard by `folk`.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CodecError {
    /// A pitch that the network has no class for.
    #[error(
        "note {note} has pitch {pitch}: in {key} folk knows {lowest} to {highest}; transpose the clip, for example by an octave"
    )]
    PitchRange {
        /// Number of the note in the clip, from 1.
        note: usize,
        /// Its pitch.
        pitch: Pitch,
        /// The key that the model was asked for.
        key: Key,
        /// Lowest pitch that the network knows in that key.
        lowest: Pitch,
        /// Highest pitch.
        highest: Pitch,
    },
    /// A drum in the clip.
    #[error("note {0} is a drum: folk hears and plays melodies")]
    Drum(usize),
    /// More music than is read.
    #[error("a clip of {0} beats: folk reads at most {LONGEST_BEATS}")]
    TooLong(Beat),
}

/// A clip as the network hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Notes and rests in order, from beat 0 to the clip's end.
    pub events: Vec<NoteEvent>,
    /// For each event the index of the clip's note that it is; a rest has none.
    pub notes: Vec<Option<usize>>,
}

/// A note of the top voice.
#[derive(Debug, Clone, Copy)]
struct Sounding {
    index: usize,
    pitch: i32,
    start: i64,
    end: i64,
}

/// The nearest tick, halves up.
fn nearest_tick(time: Beat) -> i64 {
    (time * Beat::whole(TICKS_PER_BEAT) + Beat::new(1, 2)).floor()
}

/// Reads the top voice of `clip` as events over the tonic of `key`; pitches between two semitones
/// go to the nearest.
///
/// # Errors
/// When the clip has a drum, a pitch outside the network's range, or is too long.
pub fn encode(clip: &Clip, key: Key) -> Result<Encoded, CodecError> {
    if clip.length() > Beat::whole(LONGEST_BEATS) {
        return Err(CodecError::TooLong(clip.length()));
    }
    let length = nearest_tick(clip.length());
    let voice = top_voice(clip, key)?;
    let mut encoded = Encoded { events: Vec::new(), notes: Vec::new() };
    encoded.rest(voice.first().map_or(length, |first| first.start));
    for (at, sounding) in voice.iter().enumerate() {
        let next = voice.get(at + 1).map_or(length, |next| next.start);
        let slot = next - sounding.start;
        let sounds = (sounding.end - sounding.start).min(slot);
        let pitch = pitch_class(sounding.pitch, key.tonic()).unwrap_or(REST);
        encoded.note(sounds, slot, sounding.index, pitch);
    }
    Ok(encoded)
}

impl Encoded {
    /// Adds a note that sounds for `sounds` of the `slot` ticks until the next: its nearest class
    /// (the shorter of two as near), then rests. A class that would leave a single tick, for which
    /// there is no rest, is passed over.
    fn note(&mut self, sounds: i64, slot: i64, index: usize, pitch: u8) {
        let classes = DURATIONS.iter().map(|&class| i64::from(class));
        let nearest =
            classes.filter(|&class| leaves_whole(slot, class)).min_by_key(|class| (class - sounds).abs());
        let Some((ticks, duration)) = nearest.and_then(|ticks| Some((ticks, duration_class(ticks)?))) else {
            return;
        };
        self.events.push(NoteEvent { duration, pitch });
        self.notes.push(Some(index));
        self.rest(slot - ticks);
    }

    /// Adds silence, the largest classes first.
    fn rest(&mut self, mut ticks: i64) {
        let classes = || DURATIONS.iter().rev().map(|&class| i64::from(class));
        while let Some(class) = classes().find(|&class| leaves_whole(ticks, class)) {
            self.events.extend(duration_class(class).map(|duration| NoteEvent { duration, pitch: REST }));
            self.notes.push(None);
            ticks -= class;
        }
    }
}

/// Whether `class` fits `ticks` and what it leaves can be filled by further classes.
fn leaves_whole(ticks: i64, class: i64) -> bool {
    ticks == class || ticks - class >= SHORTEST
}

/// The notes of the top voice in the order of their onsets, which are at least a class apart; a note
/// may ring into the next.
fn top_voice(clip: &Clip, key: Key) -> Result<Vec<Sounding>, CodecError> {
    let length = nearest_tick(clip.length());
    let mut voice: Vec<Sounding> = Vec::new();
    for (index, note) in clip.notes().iter().enumerate() {
        let Tone::Pitch(pitch) = note.tone else { return Err(CodecError::Drum(index + 1)) };
        let nearest = pitch.midi().round() as i32;
        if pitch_class(nearest, key.tonic()).is_none() {
            return Err(out_of_range(index, pitch, key));
        }
        let start = nearest_tick(note.start);
        let end = nearest_tick(note.end()).max(start + SHORTEST);
        let next = Sounding { index, pitch: nearest, start, end };
        if length - start < SHORTEST {
            continue;
        }
        match voice.last_mut() {
            Some(last) if start - last.start < SHORTEST => {
                if next.pitch > last.pitch {
                    *last = Sounding { start: last.start, ..next };
                }
            }
            Some(last) if last.end > start && last.pitch > next.pitch && last.end >= next.end => {}
            Some(_) => voice.push(next),
            None => voice.push(Sounding { start: if start < SHORTEST { 0 } else { start }, ..next }),
        }
    }
    Ok(voice)
}

fn out_of_range(index: usize, pitch: Pitch, key: Key) -> CodecError {
    let end = |class: i32| {
        let midi = tonic_midi(key.tonic()) + super::vocabulary::LOWEST + class;
        Pitch::from_key(midi.clamp(0, 127) as u8)
    };
    CodecError::PitchRange { note: index + 1, pitch, key, lowest: end(0), highest: end(PITCHES as i32 - 1) }
}

/// Writes events as a clip of exactly `length` beats: a note that rings over the end is cut there,
/// what begins later is left out, and what is missing is silence. Notes on the bar and on the beat
/// are struck a little harder.
///
/// # Errors
/// When `length` is no length for a clip.
pub fn decode(events: &[NoteEvent], conditions: &Conditions, length: Beat) -> Result<Clip, ClipError> {
    let mut notes = Vec::with_capacity(events.len());
    let mut now = 0;
    for event in events {
        notes.extend(sounding(*event, now, conditions, length));
        now += event.ticks();
    }
    Clip::new(notes, length)
}

/// The note that `event` is at tick `now` of music of `length` beats; none for a rest, and from the
/// end on.
pub fn sounding(event: NoteEvent, now: i64, conditions: &Conditions, length: Beat) -> Option<Note> {
    soundings(event.ticks(), now, conditions, length)(event.pitch)
}

/// As [`sounding`], for each pitch class that an event of so many ticks may have.
pub fn soundings(
    ticks: i64,
    now: i64,
    conditions: &Conditions,
    length: Beat,
) -> impl Fn(u8) -> Option<Note> + use<> {
    let (start, end) = (beats(now), beats(now + ticks).min(length));
    let velocity = Velocity::new(if now % conditions.bar_ticks() == 0 {
        0.9
    } else if now % conditions.pulse_ticks() == 0 {
        0.8
    } else {
        0.7
    });
    let (tonic, sounds, duration) = (conditions.key.tonic(), start < length, end - start);
    move |pitch| {
        let key = midi(pitch, tonic).filter(|_| sounds)?;
        Some(Note { start, duration, tone: Tone::Pitch(Pitch::from_key(key)), velocity })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::folk::features::Kind;
    use lilt_score::{Drum, Meter, Mode};
    use proptest::prelude::*;

    fn note(start: (i64, i64), duration: (i64, i64), midi: f64) -> Note {
        Note {
            start: Beat::new(start.0, start.1),
            duration: Beat::new(duration.0, duration.1),
            tone: Tone::Pitch(Pitch::new(midi).unwrap()),
            velocity: Velocity::DEFAULT,
        }
    }

    fn d_major() -> Key {
        Key::new(2, Mode::Major)
    }

    fn conditions() -> Conditions {
        Conditions { key: d_major(), meter: Meter::COMMON, kind: Kind::UNKNOWN }
    }

    /// Events as "pitch:ticks", with `z` for rests.
    fn heard(notes: Vec<Note>, length: i64) -> String {
        let clip = Clip::new(notes, Beat::whole(length)).unwrap();
        let encoded = encode(&clip, d_major()).unwrap();
        let text = |event: &NoteEvent| match midi(event.pitch, 2) {
            Some(midi) => format!("{midi}:{}", event.ticks()),
            None => format!("z:{}", event.ticks()),
        };
        encoded.events.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_the_network_hears() {
        let cases = [
            (vec![note((0, 1), (1, 1), 62.0), note((1, 1), (1, 1), 64.0)], 2, "62:48 64:48"),
            // Gaps and the end become rests.
            (vec![note((1, 2), (1, 2), 62.0)], 2, "z:24 62:24 z:48"),
            // Triplets are exact.
            (vec![note((0, 1), (1, 3), 62.0), note((1, 3), (2, 3), 66.0)], 1, "62:16 66:32"),
            // The highest of a chord, and no lower voice beneath it.
            (
                vec![note((0, 1), (2, 1), 74.0), note((0, 1), (2, 1), 62.0), note((1, 1), (1, 1), 64.0)],
                2,
                "74:96",
            ),
            // A note is cut where the next begins.
            (vec![note((0, 1), (2, 1), 62.0), note((1, 1), (1, 1), 69.0)], 2, "62:48 69:48"),
            // A microtone goes to its nearest semitone; a length between two classes keeps the next onset.
            (vec![note((0, 1), (11, 16), 62.4), note((3, 4), (1, 4), 64.0)], 1, "62:32 z:4 64:12"),
            (Vec::new(), 1, "z:48"),
        ];
        for (notes, length, expected) in cases {
            assert_eq!(heard(notes.clone(), length), expected, "{notes:?}");
        }
    }

    #[test]
    fn what_it_refuses() {
        let clip = Clip::new(vec![note((0, 1), (1, 1), 30.0)], Beat::ONE).unwrap();
        assert_eq!(
            encode(&clip, d_major()).unwrap_err().to_string(),
            "note 1 has pitch f#1: in D major folk knows f#2 to a6; transpose the clip, for example by an octave"
        );
        let drum = Note { tone: Tone::Drum(Drum::Bass), ..note((0, 1), (1, 1), 60.0) };
        let clip = Clip::new(vec![drum], Beat::ONE).unwrap();
        assert_eq!(
            encode(&clip, d_major()).unwrap_err().to_string(),
            "note 1 is a drum: folk hears and plays melodies"
        );
    }

    #[test]
    fn a_clip_is_cut_at_its_end() {
        let whole = NoteEvent { duration: duration_class(96).unwrap(), pitch: pitch_class(62, 2).unwrap() };
        let clip = decode(&[whole; 3], &conditions(), Beat::whole(5)).unwrap();
        let lengths: Vec<String> = clip.notes().iter().map(|note| note.duration.to_string()).collect();
        assert_eq!(lengths, ["2", "2", "1"]);
        assert_eq!(clip.length(), Beat::whole(5));
    }

    proptest! {
        #[test]
        fn events_survive_a_round_trip(choices in prop::collection::vec((0..DURATIONS.len(), 0..PITCHES), 1..80)) {
            let events: Vec<NoteEvent> = choices
                .iter()
                .map(|&(duration, pitch)| NoteEvent { duration: duration as u8, pitch: pitch as u8 })
                .collect();
            let length = beats(events.iter().map(|event| event.ticks()).sum());
            let clip = decode(&events, &conditions(), length).unwrap();
            prop_assert_eq!(encode(&clip, d_major()).unwrap().events, events);
        }

        #[test]
        fn any_clip_keeps_its_time(
            notes in prop::collection::vec((0i64..500, 1i64..300, 42.0f64..93.0), 0..40),
            length in 1i64..600,
        ) {
            let notes = notes.iter().map(|&(start, duration, midi)| note((start, 53), (duration, 71), midi)).collect();
            let clip = Clip::new(notes, Beat::new(length, 24)).unwrap();
            let encoded = encode(&clip, d_major()).unwrap();
            let ticks: i64 = encoded.events.iter().map(|event| event.ticks()).sum();
            prop_assert_eq!(beats(ticks), clip.length());
            prop_assert_eq!(encoded.events.len(), encoded.notes.len());
        }
    }
}
