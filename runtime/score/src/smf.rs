//! Standard MIDI Files (MMA 1996, "Standard MIDI Files 1.0"): timed notes to bytes and back.
//!
//! Written files are of format 1: tempo and metre in the first track, then one track
//! for each of ours. A beat has 5040 ticks, so that 64ths, triplets of triplets,
//! quintuplets and septuplets are exact; other times go to the nearest tick.
//! Pitches go to the nearest key: a file has no place for the cents of single notes.

mod reader;
mod writer;

pub use reader::{Song, read};
pub use writer::{TICKS_PER_BEAT, write};

use crate::Note;

/// Channel of the drums, as musicians count (General MIDI level 1).
pub const DRUM_CHANNEL: u8 = 10;

/// Notes for one instrument.
#[derive(Debug, Clone, PartialEq)]
pub struct Track {
    /// What another program shows beside it.
    pub name: String,
    /// Starts are in beats from the beginning of the file.
    pub notes: Vec<Note>,
    /// `1..=16` as musicians count; drums are on [`DRUM_CHANNEL`]. Other numbers count as the nearest.
    pub channel: u8,
    /// Instrument of General MIDI, counted from 0; `None` leaves it as it is.
    pub program: Option<u8>,
}

/// Why bytes are no MIDI file that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmfError {
    /// Not a MIDI file, or a damaged one.
    #[error("this is no MIDI file that can be read: {0}")]
    Damaged(String),
    /// Time in frames of film, which has no beats.
    #[error("this MIDI file counts frames of film, not beats: export it again with time in beats")]
    NoBeats,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Beat, Drum, Meter, Pitch, Tone, Velocity};

    fn note(start: Beat, duration: Beat, tone: Tone, velocity: u8) -> Note {
        Note { start, duration, tone, velocity: Velocity::new(f64::from(velocity) / 127.0) }
    }

    fn song() -> Song {
        let lead = (0..9)
            .map(|i| note(Beat::new(i, 3), Beat::new(1, 3), Tone::Pitch(Pitch::from_key(60 + i as u8)), 100))
            .collect();
        let drums = Drum::ALL
            .into_iter()
            .enumerate()
            .map(|(i, drum)| note(Beat::new(i as i64, 7), Beat::new(1, 4), Tone::Drum(drum), 64))
            .collect();
        Song {
            tracks: vec![
                Track { name: "lead".into(), notes: lead, channel: 1, program: Some(24) },
                Track { name: "Trommeln é".into(), notes: drums, channel: DRUM_CHANNEL, program: None },
            ],
            tempos: vec![(Beat::ZERO, 120.0), (Beat::whole(2), 60.0)],
            meter: Meter::new(6, 8),
        }
    }

    #[test]
    fn a_song_reads_back() {
        let song = song();
        let bytes = write(&song.tracks, &song.tempos, song.meter.unwrap_or_default());
        assert_eq!(read(&bytes), Ok(song));
    }

    #[test]
    fn what_is_no_file_with_beats() {
        let error = read(b"RIFF").unwrap_err();
        assert!(matches!(error, SmfError::Damaged(_)), "{error}");
        // Header of format 0, one track, 25 frames of 40 ticks.
        let mut film = b"MThd\0\0\0\x06\0\0\0\x01\xe7\x28MTrk\0\0\0\x04\0\xff\x2f\0".to_vec();
        assert_eq!(read(&film), Err(SmfError::NoBeats));
        // The same header with no ticks at all in a beat.
        film[12..14].copy_from_slice(&[0, 0]);
        assert_eq!(read(&film), Err(SmfError::Damaged("a beat has no ticks".into())));
    }

    #[test]
    fn the_first_bytes_are_what_other_programs_expect() {
        let bytes = write(&[], &[(Beat::ZERO, 120.0)], Meter::COMMON);
        assert_eq!(&bytes[..14], b"MThd\0\0\0\x06\0\x01\0\x01\x13\xb0");
        // Tempo 500,000 µs a beat, metre 4/2² with 24 clocks a click and 8 32nds a beat, end.
        assert_eq!(
            &bytes[14..],
            b"MTrk\0\0\0\x13\0\xff\x51\x03\x07\xa1\x20\0\xff\x58\x04\x04\x02\x18\x08\0\xff\x2f\0"
        );
    }

    #[test]
    fn a_repeated_key_ends_before_it_begins_again() {
        let key = Tone::Pitch(Pitch::from_key(60));
        let notes = vec![
            note(Beat::ZERO, Beat::ONE, key, 80),
            note(Beat::ONE, Beat::ONE, key, 90),
            note(Beat::ONE, Beat::whole(2), Tone::Pitch(Pitch::from_key(64)), 90),
        ];
        let track = Track { name: String::new(), notes, channel: 2, program: None };
        let bytes = write(std::slice::from_ref(&track), &[], Meter::COMMON);
        assert_eq!(read(&bytes).map(|song| song.tracks), Ok(vec![track]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            // With a good header and a track chunk the events are reached, too.
            let mut file = b"MThd\0\0\0\x06\0\x01\0\x01\x01\xe0MTrk".to_vec();
            file.extend((bytes.len() as u32).to_be_bytes());
            file.extend(&bytes);
            if let Ok(song) = read(&file) {
                check(&song)?;
            }
        }

        #[test]
        fn a_broken_file_is_read_as_far_as_it_goes(cut in 0usize..400, flip in any::<prop::sample::Index>(), to in any::<u8>()) {
            let song = song();
            let mut bytes = write(&song.tracks, &song.tempos, Meter::COMMON);
            bytes.truncate(cut.max(1));
            let at = flip.index(bytes.len());
            bytes[at] = to;
            if let Ok(song) = read(&bytes) {
                check(&song)?;
            }
        }

        #[test]
        fn notes_read_back_whatever_they_are(
            notes in prop::collection::vec((0i64..5000, 1i64..5000, 0u8..128, 1u8..128), 0..40),
            channel in 1u8..=16,
        ) {
            // Keys that overlap themselves cannot be told apart in a file: one key a note.
            let mut keys = std::collections::HashSet::new();
            let mut notes: Vec<Note> = notes
                .into_iter()
                .filter(|note| keys.insert(note.2))
                .map(|(start, duration, key, velocity)| {
                    let drum = Drum::ALL.into_iter().find(|drum| channel == DRUM_CHANNEL && drum.key() == key);
                    let tone = drum.map_or(Tone::Pitch(Pitch::from_key(key)), Tone::Drum);
                    note(Beat::new(start, 7), Beat::new(duration, 9), tone, velocity)
                })
                .collect();
            notes.sort_by(|a, b| a.start.cmp(&b.start).then(a.tone.key().cmp(&b.tone.key())));
            prop_assume!(!notes.is_empty());
            let tracks = vec![Track { name: "x".into(), notes, channel, program: Some(5) }];
            let read_back = read(&write(&tracks, &[(Beat::ZERO, 97.0)], Meter::COMMON));
            prop_assert_eq!(read_back.map(|song| song.tracks), Ok(tracks));
        }
    }

    /// What holds for every song that was read.
    fn check(song: &Song) -> Result<(), TestCaseError> {
        for track in &song.tracks {
            prop_assert!((1..=16).contains(&track.channel));
            prop_assert!(
                track.notes.iter().all(|note| note.duration > Beat::ZERO && note.start >= Beat::ZERO)
            );
        }
        prop_assert!(song.tempos.iter().all(|(_, bpm)| bpm.is_finite() && *bpm > 0.0));
        Ok(())
    }
}
