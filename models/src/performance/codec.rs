//! From clips to the pianist's events and back.

use std::cmp::Reverse;

use lilt_score::{Beat, Clip, ClipError, Note, Pitch, Tone, Velocity};

use super::vocabulary::{
    BAR_LINE, DURATIONS, DURATIONS_PER_BEAT, Event, OFFSETS, PLACE_TICKS, PLACES, PLACES_PER_BEAT,
    TICKS_PER_BEAT, duration_class, is_note, key_class, midi_key, midi_velocity, place, tick, velocity_class,
};
use crate::melody::vocabulary::Home;

/// Longest clip that is read: 1024 bars.
pub const MOST_BEATS: i64 = 1024 * 4;

/// Most keys that are struck at once: ten fingers, each on two keys.
pub const MOST_AT_ONCE: usize = 20;

/// A clip as the pianist hears it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Encoded {
    /// Notes and bar lines, up to the end of the clip.
    pub events: Vec<Event>,
    /// For each event the note of the clip that it is; none for a bar line.
    pub notes: Vec<Option<usize>>,
}

/// Why a clip cannot be read.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CodecError {
    /// Nothing in it.
    #[error("it has no note: give it at least one, as in notes \"c4 e4 g4\"")]
    Empty,
    /// A drum, which no piano has.
    #[error("note {note} is the drum {tone}: the pianist reads pitches only, as in notes \"c4 e4\"")]
    Drum {
        /// Which note, from 1.
        note: usize,
        /// The drum.
        tone: Tone,
    },
    /// A pitch between two keys.
    #[error("note {note} is the pitch {midi}, between two keys of a piano: give it a whole number")]
    BetweenKeys {
        /// Which note, from 1.
        note: usize,
        /// MIDI number, with a fraction.
        midi: f64,
    },
    /// A key that is not there.
    #[error("note {note} is {tone}: a piano goes from a0 to c8")]
    OffKeyboard {
        /// Which note, from 1.
        note: usize,
        /// The pitch.
        tone: Tone,
    },
    /// More than two hands can play.
    #[error("{count} keys are struck at beat {beat}: two hands play {MOST_AT_ONCE} at most")]
    TooMany {
        /// How many.
        count: usize,
        /// When, from the start of the clip.
        beat: Beat,
    },
    /// Longer than is read.
    #[error("it lasts {0} beats: {MOST_BEATS} at most; give it a shorter one")]
    TooLong(Beat),
}

/// A note at its place.
struct Struck {
    place: i64,
    key: u8,
    velocity: u8,
    duration: u8,
    offset: u8,
    note: usize,
}

/// Reads a clip over `home` whose first place has the number `first`; bars begin at multiples of
/// [`PLACES`]. Of a key that is struck twice at one place the hardest is heard. A note that is nearest
/// to the end of the clip counts as a late one of the last place.
///
/// # Errors
/// [`CodecError`].
pub fn encode(clip: &Clip, home: Home, first: i64) -> Result<Encoded, CodecError> {
    if clip.notes().is_empty() { Err(CodecError::Empty) } else { encode_own(clip, home, first) }
}

/// As [`encode`], a clip that the pianist played: it may be silent.
///
/// # Errors
/// [`CodecError`], except that there is nothing in it.
pub fn encode_own(clip: &Clip, home: Home, first: i64) -> Result<Encoded, CodecError> {
    if clip.length() > Beat::whole(MOST_BEATS) {
        return Err(CodecError::TooLong(clip.length()));
    }
    let end = first + places(clip.length());
    let strike = |(at, note): (usize, &Note)| {
        let number = at + 1;
        let Some(pitch) = note.tone.pitch() else {
            return Err(CodecError::Drum { note: number, tone: note.tone });
        };
        if pitch.midi().fract() != 0.0 {
            return Err(CodecError::BetweenKeys { note: number, midi: pitch.midi() });
        }
        let off = CodecError::OffKeyboard { note: number, tone: note.tone };
        let key = key_class(pitch.key(), home).ok_or(off)?;
        let (mut place, mut offset) = place(first * PLACE_TICKS + ticks(note.start));
        if place >= end {
            (place, offset) = (end - 1, (OFFSETS - 1) as u8);
        }
        let velocity = velocity_class(note.velocity.midi());
        Ok(Struck {
            place,
            key,
            velocity,
            duration: duration_class(note.duration.to_f64()),
            offset,
            note: at,
        })
    };
    let mut struck = clip.notes().iter().enumerate().map(strike).collect::<Result<Vec<_>, _>>()?;
    struck.sort_by_key(|note| (note.place, note.key, Reverse(note.velocity), note.note));
    struck.dedup_by_key(|note| (note.place, note.key));
    for chord in struck.chunk_by(|a, b| a.place == b.place) {
        if chord.len() > MOST_AT_ONCE {
            let beat = Beat::new(chord[0].place - first, PLACES_PER_BEAT);
            return Err(CodecError::TooMany { count: chord.len(), beat });
        }
    }
    let mut encoded = Encoded::default();
    let mut waiting = struck.into_iter().peekable();
    for bar in first.div_euclid(PLACES as i64)..=end.div_euclid(PLACES as i64) {
        let line = (bar + 1) * PLACES as i64;
        while let Some(note) = waiting.next_if(|note| note.place < line) {
            let place = note.place.rem_euclid(PLACES as i64) as u8;
            encoded.events.push([place, note.key, note.velocity, note.duration, note.offset]);
            encoded.notes.push(Some(note.note));
        }
        if line <= end {
            encoded.events.push(BAR_LINE);
            encoded.notes.push(None);
        }
    }
    Ok(encoded)
}

/// The clip of `length` beats that `events` play over `home`, the first of them in its first bar. What
/// would sound before the clip begins sounds as it begins.
///
/// # Errors
/// When they make no clip of that length.
pub fn decode<'a>(
    events: impl IntoIterator<Item = &'a Event>,
    home: Home,
    length: Beat,
) -> Result<Clip, ClipError> {
    let mut bar = 0;
    let mut notes = Vec::new();
    for event in events {
        notes.extend(sounding(bar, event, home));
        bar += i64::from(!is_note(event));
    }
    Clip::new(notes, length)
}

/// The note that `event` is in the bar number `bar`; none for a bar line, and for a key that the piano does not have.
pub fn sounding(bar: i64, event: &Event, home: Home) -> Option<Note> {
    let &[place, key, velocity, duration, offset] = event;
    if !is_note(event) {
        return None;
    }
    let at = tick(bar * PLACES as i64 + i64::from(place), offset);
    Some(Note {
        start: Beat::new(at.max(0), TICKS_PER_BEAT),
        duration: Beat::new(i64::from(*DURATIONS.get(usize::from(duration))?), DURATIONS_PER_BEAT),
        tone: Tone::Pitch(Pitch::from_key(midi_key(key, home)?)),
        velocity: Velocity::new(f64::from(midi_velocity(velocity)) / 127.0),
    })
}

/// Places that begin within `length` beats.
pub fn places(length: Beat) -> i64 {
    (length * Beat::whole(PLACES_PER_BEAT)).ceil()
}

/// The nearest tick.
fn ticks(time: Beat) -> i64 {
    (time * Beat::whole(TICKS_PER_BEAT) + Beat::new(1, 2)).floor()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::performance::vocabulary::ON_TIME;
    use lilt_score::{Drum, Key};
    use proptest::prelude::*;

    fn home(key: &str) -> Home {
        Home::of(key.parse::<Key>().unwrap())
    }

    fn clip(notes: &[(Beat, Tone, f64)], beats: Beat) -> Clip {
        let note = |&(start, tone, velocity): &(Beat, Tone, f64)| Note {
            start,
            duration: Beat::new(1, 2),
            tone,
            velocity: Velocity::new(velocity),
        };
        Clip::new(notes.iter().map(note).collect(), beats).unwrap()
    }

    fn pitch(midi: f64) -> Tone {
        Tone::Pitch(Pitch::new(midi).unwrap())
    }

    #[test]
    fn notes_come_place_by_place_and_from_below() {
        let clip = clip(
            &[
                (Beat::ZERO, pitch(64.0), 0.5),
                (Beat::ZERO, pitch(60.0), 0.5),
                // The same key once more: the hardest is heard.
                (Beat::new(1, 60), pitch(60.0), 0.9),
                // A triplet, a little early; and a note just before the end.
                (Beat::new(39, 120), pitch(67.0), 0.5),
                (Beat::new(599, 120), pitch(72.0), 0.5),
            ],
            Beat::whole(5),
        );
        let encoded = encode(&clip, home("C"), 0).unwrap();
        let heard =
            [[0, 45, 14, 9, 7], [0, 49, 8, 9, ON_TIME], [4, 52, 8, 9, 4], BAR_LINE, [11, 57, 8, 9, 9]];
        assert_eq!(encoded.events, heard);
        assert_eq!(encoded.notes, [Some(2), Some(1), Some(3), None, Some(4)]);
        // Heard as what ends with a bar, the clip begins with its fourth beat.
        let upbeat = encode(&clip, home("C"), -60).unwrap().events;
        assert_eq!(upbeat.iter().map(|event| event[0]).collect::<Vec<_>>(), [36, 36, 40, 48, 47, 48]);
    }

    #[test]
    fn what_cannot_be_read_says_what_to_write() {
        let one = |tone, beats| clip(&[(Beat::ZERO, tone, 0.5)], beats);
        let hundred: Vec<_> =
            (0..100).map(|voice| (Beat::ONE, pitch(f64::from(21 + voice % 88)), 0.5)).collect();
        let cases = [
            (
                Clip::rest(Beat::ONE).unwrap(),
                "it has no note: give it at least one, as in notes \"c4 e4 g4\"",
            ),
            (
                one(Tone::Drum(Drum::Snare), Beat::ONE),
                "note 1 is the drum sd: the pianist reads pitches only, as in notes \"c4 e4\"",
            ),
            (
                one(pitch(60.5), Beat::ONE),
                "note 1 is the pitch 60.5, between two keys of a piano: give it a whole number",
            ),
            (one(pitch(20.0), Beat::ONE), "note 1 is ab0: a piano goes from a0 to c8"),
            (clip(&hundred, Beat::whole(2)), "88 keys are struck at beat 1: two hands play 20 at most"),
            (one(pitch(60.0), Beat::whole(4097)), "it lasts 4097 beats: 4096 at most; give it a shorter one"),
        ];
        for (clip, message) in cases {
            assert_eq!(encode(&clip, home("C"), 0).unwrap_err().to_string(), message);
        }
    }

    /// Notes that lie on a piano over any home, no two of a key at a place, and no more than 20 at one.
    fn notes() -> impl Strategy<Value = Vec<(i64, u8, u8, u8, u8)>> {
        let note = (0..200i64, 12u8..80, 0u8..16, 0u8..28, 0u8..10);
        prop::collection::vec(note, 1..60).prop_map(|mut notes| {
            notes.sort_unstable();
            notes.dedup_by_key(|&mut (place, key, ..)| (place, key));
            notes.chunk_by(|a, b| a.0 == b.0).flat_map(|chord| chord.iter().take(20).copied()).collect()
        })
    }

    proptest! {
        #[test]
        fn what_was_said_is_read_back(notes in notes(), tonic in 0u8..12) {
            let home = Home { tonic, ..home("C") };
            let mut events = Vec::new();
            for bar in 0..5i64 {
                for &(place, key, velocity, duration, offset) in notes.iter().filter(|note| note.0 / 48 == bar) {
                    // Nothing sounds before the clip begins.
                    let offset = if place == 0 { offset.max(ON_TIME) } else { offset };
                    events.push([(place % 48) as u8, key, velocity, duration, offset]);
                }
                events.push(BAR_LINE);
            }
            let clip = decode(&events, home, Beat::whole(20)).unwrap();
            prop_assert_eq!(clip.notes().len(), notes.len());
            let read = encode(&clip, home, 0).unwrap();
            prop_assert_eq!(&read.events, &events);
            // Another scale counts from another note, and plays the same.
            let other = Home { tonic: (tonic + 5) % 12, ..home };
            let elsewhere = encode(&clip, other, 0).unwrap();
            prop_assert_eq!(decode(&elsewhere.events, other, Beat::whole(20)).unwrap(), clip);
            prop_assert!(read.notes.iter().zip(&events).all(|(note, event)| note.is_some() == is_note(event)));
        }

        #[test]
        fn every_moment_is_read_within_half_a_tick(
            start in 0i64..4800, key in 21u8..=108, tonic in 0u8..12, beats in 1i64..10,
        ) {
            let home = Home { tonic, ..home("C") };
            let start = Beat::new(start, 1200).min(Beat::whole(beats) - Beat::new(1, 1200));
            let clip = clip(&[(start, Tone::Pitch(Pitch::from_key(key)), 0.5)], Beat::whole(beats));
            let heard = decode(&encode(&clip, home, 0).unwrap().events, home, clip.length()).unwrap();
            let note = heard.notes()[0];
            prop_assert_eq!(note.tone, clip.notes()[0].tone);
            // A note nearest to the end is a late one of the last place.
            prop_assert!((note.start - start).abs() <= Beat::new(1, 20));
            if start < Beat::whole(beats) - Beat::new(1, 20) {
                prop_assert!((note.start - start).abs() <= Beat::new(1, 240));
            }
        }
    }
}
