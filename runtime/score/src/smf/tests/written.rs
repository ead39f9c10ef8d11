//! Files that Lilt wrote, and any bytes.

use proptest::prelude::*;

use crate::smf::*;
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
            Track {
                name: "lead".into(),
                notes: lead,
                channel: 1,
                program: Some(24),
                controls: vec![Controller::gain(Beat::ZERO, 1.0), Controller::pan(Beat::ONE, -0.5)],
            },
            Track { name: "Trommeln é".into(), notes: drums, channel: DRUM_CHANNEL, ..Track::default() },
        ],
        tempos: vec![(Beat::ZERO, 120.0), (Beat::whole(2), 60.0)],
        meter: Meter::new(6, 8),
        meters: Meter::new(6, 8).map(|meter| (Beat::ZERO, meter)).into_iter().collect(),
        // To the bar: the notes end at 3, two bars of 6/8 at 6.
        length: Beat::whole(3),
        ..Song::default()
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
    let track = Track { name: String::new(), notes, channel: 2, ..Track::default() };
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
        let tracks = vec![Track { name: "x".into(), notes, channel, program: Some(5), ..Track::default() }];
        let read_back = read(&write(&tracks, &[(Beat::ZERO, 97.0)], Meter::COMMON));
        prop_assert_eq!(read_back.map(|song| song.tracks), Ok(tracks));
    }
}

/// What holds for every song that was read.
fn check(song: &Song) -> Result<(), TestCaseError> {
    for track in &song.tracks {
        prop_assert!((1..=16).contains(&track.channel));
        prop_assert!(track.notes.iter().all(|note| note.duration > Beat::ZERO && note.start >= Beat::ZERO));
    }
    prop_assert!(song.tempos.iter().all(|(_, bpm)| bpm.is_finite() && *bpm > 0.0));
    Ok(())
}

/// Starts, lengths, keys and velocities of the first track of a file.
fn first_track(bytes: &[u8]) -> Vec<(String, String, u8, u8)> {
    let song = read(bytes).unwrap();
    let note = |note: &Note| {
        (note.start.to_string(), note.duration.to_string(), note.tone.key(), note.velocity.midi())
    };
    song.tracks[0].notes.iter().map(note).collect()
}

#[test]
fn a_key_struck_while_it_sounds_ends_where_it_begins_again() {
    let key = |start: i64, duration: i64, key: u8, velocity: u8| {
        note(Beat::whole(start), Beat::whole(duration), Tone::Pitch(Pitch::from_key(key)), velocity)
    };
    for (notes, expected) in [
        (vec![key(0, 4, 60, 80), key(1, 1, 60, 90)], vec![("0", "1", 60, 80), ("1", "1", 60, 90)]),
        // In whatever order they come.
        (vec![key(1, 1, 60, 90), key(0, 4, 60, 80)], vec![("0", "1", 60, 80), ("1", "1", 60, 90)]),
        (
            vec![key(0, 9, 60, 1), key(1, 9, 60, 2), key(2, 1, 60, 3)],
            vec![("0", "1", 60, 1), ("1", "1", 60, 2), ("2", "1", 60, 3)],
        ),
        // Twice at once is once.
        (vec![key(0, 1, 60, 90), key(0, 2, 60, 70)], vec![("0", "2", 60, 90)]),
        (vec![key(0, 4, 60, 80), key(1, 1, 61, 90)], vec![("0", "4", 60, 80), ("1", "1", 61, 90)]),
    ] {
        let track = Track { notes, channel: 1, ..Track::default() };
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(start, long, key, hard)| (start.to_owned(), long.to_owned(), key, hard))
            .collect();
        assert_eq!(first_track(&write(&[track], &[], Meter::COMMON)), expected);
    }
}

#[test]
fn tracks_end_at_the_bar() {
    let track = |start: i64, duration: i64| Track {
        notes: vec![note(Beat::whole(start), Beat::whole(duration), Tone::Pitch(Pitch::from_key(60)), 80)],
        channel: 1,
        ..Track::default()
    };
    for (tracks, end, length) in [
        (vec![track(0, 1)], 0, 4),
        (vec![track(0, 4)], 0, 4),
        (vec![track(3, 2), track(0, 1)], 0, 8),
        (vec![track(0, 1)], 16, 16),
        (vec![track(0, 1)], 13, 16),
        (vec![], 8, 8),
    ] {
        let bytes = write_through(&tracks, &[], Meter::COMMON, Beat::whole(end));
        assert_eq!(read(&bytes).map(|song| song.length), Ok(Beat::whole(length)));
        // Every track, and the one of tempo and metre.
        let smf = midly::Smf::parse(&bytes).unwrap();
        for events in &smf.tracks {
            let ticks: u32 = events.iter().map(|event| event.delta.as_int()).sum();
            assert_eq!(u64::from(ticks), length as u64 * u64::from(TICKS_PER_BEAT));
        }
    }
    // A file without end is cut at what the format can tell in few events.
    let far = write_through(&[], &[], Meter::COMMON, Beat::whole(i64::MAX));
    assert!(far.len() < 100_000, "{}", far.len());
}

#[test]
fn gain_and_pan_are_controllers() {
    for (control, number, value) in [
        (Controller::gain(Beat::ZERO, 1.0), 7, 100),
        (Controller::gain(Beat::ZERO, 0.0), 7, 0),
        (Controller::gain(Beat::ZERO, 0.25), 7, 50),
        (Controller::gain(Beat::ZERO, 9.0), 7, 127),
        (Controller::gain(Beat::ZERO, -1.0), 7, 0),
        (Controller::gain(Beat::ZERO, f64::NAN), 7, 0),
        (Controller::pan(Beat::ZERO, 0.0), 10, 64),
        (Controller::pan(Beat::ZERO, -1.0), 10, 1),
        (Controller::pan(Beat::ZERO, 2.0), 10, 127),
        (Controller::pan(Beat::ZERO, f64::NAN), 10, 0),
    ] {
        assert_eq!((control.number, control.value), (number, value));
    }
}
