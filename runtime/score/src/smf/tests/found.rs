//! Files as they are found: damaged ones, and those of other kinds.

use proptest::prelude::*;

use crate::smf::*;
use crate::{Beat, Drum, Meter, Note, Tone};

/// A track chunk around `events`.
fn chunk(events: &[u8]) -> Vec<u8> {
    [b"MTrk".as_slice(), &(events.len() as u32).to_be_bytes(), events].concat()
}

/// A file of that format with 96 ticks a beat.
fn file(format: u8, tracks: &[Vec<u8>]) -> Vec<u8> {
    let header = [b"MThd\0\0\0\x06\0".as_slice(), &[format, 0, tracks.len() as u8, 0, 96]].concat();
    [header, tracks.concat()].concat()
}

/// A note of a beat on the first channel, and the next after it: every event has its status.
fn beat(key: u8) -> Vec<u8> {
    vec![0, 0x90, key, 100, 96, 0x80, key, 64]
}

const END: [u8; 4] = [0, 0xFF, 0x2F, 0];

/// Notes as `key@start:duration`, tracks after one another.
fn notes(song: &Song) -> String {
    let note = |note: &Note| format!("{}@{}:{}", note.tone.key(), note.start, note.duration);
    song.tracks.iter().flat_map(|track| track.notes.iter().map(note)).collect::<Vec<_>>().join(" ")
}

const WHOLE: &str = "60@0:1 62@1:1 64@2:1 65@3:1";

/// A track of four notes with `bytes` between the second and the third.
fn with(bytes: &[u8]) -> Vec<u8> {
    [beat(60), beat(62), bytes.to_vec(), beat(64), beat(65), END.to_vec()].concat()
}

#[test]
fn damaged_tracks_are_read_past_the_damage() {
    for (name, track, expected, places, lost) in [
        ("nothing", with(&[]), WHOLE, 0, 0),
        ("a controller above 127", with(&[0, 0xB0, 7, 0xFF]), WHOLE, 1, 0),
        ("a first data byte above 127", with(&[0, 0xB0, 0xC0, 7]), WHOLE, 1, 0),
        ("a bend above 127", with(&[0, 0xE0, 0, 0x80]), WHOLE, 1, 0),
        ("a program above 127", with(&[0, 0xC0, 0xC8]), WHOLE, 1, 0),
        ("a clock between events", with(&[0, 0xF8]), WHOLE, 1, 0),
        ("active sensing between events", with(&[0, 0xFE, 0, 0xFE]), WHOLE, 2, 0),
        ("a clock within an event", with(&[0, 0xB0, 0xF8, 7, 100]), WHOLE, 1, 0),
        ("a clock before a status", with(&[0, 0xF8, 0xB0, 7, 100]), WHOLE, 1, 0),
        ("a song position", with(&[0, 0xF2, 1, 2]), WHOLE, 1, 0),
        ("a tune request", with(&[0, 0xF6]), WHOLE, 1, 0),
        ("a sysex", with(&[0, 0xF0, 3, 1, 2, 0xF7]), WHOLE, 0, 0),
        ("a sysex without length", with(&[0, 0xF0, 0x7E, 0x7F, 9, 1, 0xF7]), WHOLE, 1, 0),
        ("a short tempo", with(&[0, 0xFF, 0x51, 1, 7]), WHOLE, 0, 0),
        ("junk", with(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xF5]), WHOLE, 1, 6),
        (
            "running status behind a meta event",
            [
                beat(60),
                vec![0, 0x90, 62, 100, 0, 0xFF, 1, 1, 65, 96, 62, 0],
                beat(64),
                beat(65),
                END.to_vec(),
            ]
            .concat(),
            WHOLE,
            1,
            0,
        ),
        (
            "running status behind a sysex",
            [beat(60), vec![0, 0x90, 62, 100, 0, 0xF0, 1, 0xF7, 96, 62, 0], beat(64), beat(65), END.to_vec()]
                .concat(),
            WHOLE,
            1,
            0,
        ),
        (
            "a note cut short",
            [
                beat(60),
                beat(62),
                vec![0, 0x90, 0x81, 0x40, 0x90, 64, 100, 96, 0x80, 64, 64],
                beat(65),
                END.to_vec(),
            ]
            .concat(),
            "60@0:1 62@1:1 64@4:1 65@5:1",
            1,
            2,
        ),
        ("no end", [beat(60), beat(62), beat(64), beat(65)].concat(), WHOLE, 0, 0),
        ("an end in the middle", with(&END), WHOLE, 0, 0),
        ("zeros behind the end", [with(&[]), vec![0; 9]].concat(), WHOLE, 0, 0),
        ("an event cut by the end", [beat(60), vec![0, 0x90, 62]].concat(), "60@0:1", 1, 3),
    ] {
        let song = read(&file(0, &[chunk(&track)])).unwrap();
        assert_eq!(notes(&song), expected, "{name}");
        assert_eq!((song.damage.places, song.damage.lost), (places, lost), "{name}");
    }
}

#[test]
fn damaged_files_are_read_past_the_damage() {
    let one = chunk(&[beat(60), beat(62), END.to_vec()].concat());
    let two = chunk(&[beat(64), beat(65), END.to_vec()].concat());
    let plain = "60@0:1 62@1:1 64@0:1 65@1:1";
    let join = |parts: &[&[u8]]| {
        let header = &file(1, &[])[..];
        let mut bytes = [header, &parts.concat()].concat();
        bytes[11] = 2;
        bytes
    };
    let measured =
        |length: u32, track: &[u8]| [b"MTrk".as_slice(), &length.to_be_bytes(), &track[8..]].concat();
    for (name, bytes, expected, damage) in [
        ("whole", join(&[&one, &two]), plain, (0, 0, 0)),
        ("junk between tracks", join(&[&one, b"junk!", &two]), plain, (1, 5, 0)),
        ("zeros between tracks", join(&[&one, &[0; 3], &two]), plain, (1, 3, 0)),
        ("a chunk of a program's own", join(&[&one, b"XFIH\0\0\0\x02ab", &two]), plain, (0, 0, 0)),
        ("a track that tells no length", join(&[&measured(0, &one), &two]), plain, (1, 0, 0)),
        ("a track that tells too much", join(&[&measured(999, &one), &two]), plain, (1, 0, 0)),
        ("a track that tells too little", join(&[&measured(3, &one), &two]), plain, (1, 0, 0)),
        ("a last track cut off", join(&[&one, &two[..two.len() - 8]]), "60@0:1 62@1:1 64@0:1", (1, 8, 0)),
        ("a missing track", join(&[&one]), "60@0:1 62@1:1", (0, 0, 1)),
        ("junk at the end", join(&[&one, &two, b"saved by a program"]), plain, (0, 0, 0)),
        ("junk at the start", [b"\0\0\0".as_slice(), &join(&[&one, &two])].concat(), plain, (0, 3, 0)),
    ] {
        let song = read(&bytes).unwrap();
        assert_eq!(notes(&song), expected, "{name}");
        assert_eq!((song.damage.places, song.damage.lost, song.damage.missing_tracks), damage, "{name}");
    }
}

#[test]
fn damage_is_told() {
    let told = |places, lost, missing_tracks| Damage { places, lost, missing_tracks }.to_string();
    for (message, expected) in [
        (told(3, 0, 0), "this MIDI file is damaged in 3 places: all of it could be mended"),
        (told(1, 17, 0), "this MIDI file is damaged in 1 place: 17 bytes were lost, the rest is read"),
        (told(0, 1, 0), "this MIDI file is damaged: 1 byte was lost, the rest is read"),
        (told(0, 0, 1), "this MIDI file is damaged: 1 track is missing, the rest is read"),
        (
            told(2, 9, 3),
            "this MIDI file is damaged in 2 places: 9 bytes were lost and 3 tracks are missing, the rest is read",
        ),
    ] {
        assert_eq!(message, expected);
    }
}

#[test]
fn other_kinds_of_files() {
    let one = chunk(&[vec![0, 0xFF, 0x51, 3, 7, 0xA1, 0x20], beat(60), END.to_vec()].concat());
    let two = chunk(&[vec![0, 0xFF, 0x51, 3, 0x0F, 0x42, 0x40], beat(62), END.to_vec()].concat());
    let song = read(&file(2, &[one.clone(), two.clone()])).unwrap();
    assert_eq!(notes(&song), "60@0:1 62@1:1", "one after the other");
    assert_eq!(song.tempos, [(Beat::ZERO, 120.0), (Beat::ONE, 60.0)]);
    assert_eq!(song.length, Beat::whole(2));
    let midi = file(1, &[one, two]);
    let riff = [b"RIFF\x60\0\0\0RMIDdata\x40\0\0\0".as_slice(), &midi, b"LISTinfo"].concat();
    let song = read(&riff).unwrap();
    assert_eq!((notes(&song), song.damage), ("60@0:1 62@0:1".to_owned(), Damage::default()));
    let xml = "<?xml version=\"1.0\"?>\n<score-partwise version=\"3.1\">";
    let wide: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let exported =
        "this is MusicXML, no MIDI file: export it as MIDI or as ABC from the program that wrote it";
    for (bytes, message) in [
        (xml.as_bytes(), exported),
        (wide.as_slice(), exported),
        (
            b"PK\x03\x04score.xml",
            "this is a packed score (.mxl, .mscz), no MIDI file: export it as MIDI or as ABC from the program that wrote it",
        ),
        (b"", "this is no MIDI file that can be read: it does not begin with `MThd`"),
        (b"MThd\0\0\0\x06\0", "this is no MIDI file that can be read: its header is cut off"),
        (b"MThd\0\0\0\x06\0\0\0\x01\0\x60", "this is no MIDI file that can be read: it has no track"),
    ] {
        assert_eq!(read(bytes).map_err(|error| error.to_string()), Err(message.to_owned()));
    }
}

/// A song with a named lead, two basses and drums.
fn band() -> Song {
    let on = |channel: u8, name: &str, keys: &[u8]| {
        let named = [&[0, 0xFF, 3, name.len() as u8], name.as_bytes()].concat();
        let notes =
            keys.iter().flat_map(|key| vec![0, 0x90 + channel, *key, 100, 96, 0x80 + channel, *key, 64]);
        chunk(&[named, notes.collect(), END.to_vec()].concat())
    };
    let header =
        [vec![0, 0xFF, 0x58, 4, 3, 2, 24, 8], vec![0, 0xFF, 0x59, 2, 0xFE, 1], END.to_vec()].concat();
    let tracks = [
        chunk(&header),
        on(0, "Lead Guitar", &[60, 62]),
        on(1, "Bass", &[40]),
        on(2, "bass", &[28]),
        on(9, "Kit", &[35, 38, 70]),
    ];
    read(&file(1, &tracks)).unwrap()
}

#[test]
fn tracks_are_found_by_name_place_and_channel() {
    let song = band();
    assert_eq!(
        (song.first_meter(), song.key.map(|key| key.to_string())),
        (Meter::new(3, 4).unwrap(), Some("G minor".to_owned()))
    );
    let found = |asked: &str| {
        let channels = |tracks: Vec<&Track>| tracks.iter().map(|track| track.channel).collect::<Vec<_>>();
        song.find(asked).map(channels).map_err(|error| error.to_string())
    };
    for (asked, channels) in [
        ("lead guitar", vec![1]),
        ("guitar", vec![1]),
        ("BASS", vec![2, 3]),
        ("4", vec![10]),
        ("drums", vec![10]),
    ] {
        assert_eq!(found(asked), Ok(channels), "{asked}");
    }
    for (asked, message) in [
        ("bas s", "there is no track `bas s` in this file: did you mean `Bass`?"),
        ("piano", "there is no track `piano` in this file: it has `Lead Guitar`, `Bass`, `bass`, `Kit`"),
        ("5", "there is no track `5` in this file: it has `Lead Guitar`, `Bass`, `bass`, `Kit`"),
    ] {
        assert_eq!(found(asked), Err(message.to_owned()), "{asked}");
    }
    assert_eq!(
        song.on_channel(7).map(|tracks| tracks.len()).map_err(|error| error.to_string()),
        Err("nothing plays on channel 7 of this file: it has notes on 1, 2, 3, 10".to_owned())
    );
    assert_eq!(Song::default().find("x"), Err(NoTrack::Silent));
    let unnamed = Song { tracks: vec![Track { channel: 1, ..Track::default() }; 2], ..Song::default() };
    assert_eq!(
        unnamed.find("x").unwrap_err().to_string(),
        "there is no track `x` in this file: its 2 tracks have no names; ask for a number or a channel"
    );
}

#[test]
fn clips_are_whole_bars_and_drums_are_drums() {
    let song = band();
    let drums = song.clip_of(song.drums().unwrap()).unwrap();
    let tones: Vec<Tone> = drums.notes().iter().map(|note| note.tone).collect();
    assert_eq!(tones, [Drum::Bass, Drum::Snare, Drum::ClosedHat].map(Tone::Drum));
    // Three beats fill the bar of 3/4.
    assert_eq!(drums.length(), Beat::whole(3));
    assert_eq!(song.clip().unwrap().notes().len(), 7);
    for (beats, late, length) in [(3, 0, 3), (3, 4, 3), (3, 48, 6), (6, 0, 6), (0, 0, 3)] {
        let events = [beat(60), vec![late, 0xFF, 0x2F, 0]].concat();
        let mut song = read(&file(0, &[chunk(&events)])).unwrap();
        song.length += Beat::whole(beats - 1);
        song.meter = Meter::new(3, 4);
        assert_eq!(song.clip().unwrap().length(), Beat::whole(length), "{beats} beats and {late} ticks");
    }
}

/// What midly itself reads of a file that is as it should be: ticks, channel, key and velocity of every note message.
fn strictly(bytes: &[u8]) -> Vec<(u32, u8, u8, u8, bool)> {
    let mut messages = Vec::new();
    for events in midly::Smf::parse(bytes).unwrap().tracks {
        let mut now = 0;
        for event in events {
            now += event.delta.as_int();
            if let midly::TrackEventKind::Midi { channel, message } = event.kind {
                match message {
                    midly::MidiMessage::NoteOn { key, vel } => {
                        messages.push((now, channel.as_int(), key.as_int(), vel.as_int(), vel.as_int() > 0));
                    }
                    midly::MidiMessage::NoteOff { key, vel } => {
                        messages.push((now, channel.as_int(), key.as_int(), vel.as_int(), false));
                    }
                    _ => {}
                }
            }
        }
    }
    messages
}

/// Events of valid tracks.
fn event() -> impl Strategy<Value = Vec<u8>> {
    let byte = || 0u8..128;
    prop_oneof![
        4 => (byte(), 0x80u8..0xC0, byte(), byte()).prop_map(|(delta, status, a, b)| vec![delta, status, a, b]),
        1 => (byte(), 0xE0u8..0xF0, byte(), byte()).prop_map(|(delta, status, a, b)| vec![delta, status, a, b]),
        1 => (byte(), 0xC0u8..0xE0, byte()).prop_map(|(delta, status, a)| vec![delta, status, a]),
        1 => (byte(), prop::collection::vec(any::<u8>(), 0..9)).prop_map(|(delta, text)| {
            [vec![0x81, delta, 0xFF, 1, text.len() as u8], text].concat()
        }),
        1 => (byte(), prop::collection::vec(byte(), 0..9)).prop_map(|(delta, data)| {
            [vec![delta, 0xF0, data.len() as u8 + 1], data, vec![0xF7]].concat()
        }),
    ]
}

proptest! {
    #[test]
    fn what_is_whole_is_read_as_it_is(events in prop::collection::vec(event(), 0..40)) {
        let track = [events.concat(), END.to_vec()].concat();
        let (written, damage) = super::super::repair::repaired(&track);
        prop_assert_eq!(damage, Damage::default());
        let before = file(0, &[chunk(&track)]);
        let after = file(0, &[chunk(&written)]);
        prop_assert_eq!(strictly(&before), strictly(&after));
    }

    /// One byte that is wrong costs what stands around it, never the rest.
    #[test]
    fn one_wrong_byte_costs_little(events in prop::collection::vec(event(), 60), at in any::<prop::sample::Index>(), to in 0x80u8..) {
        let mut track = [events.concat(), END.to_vec()].concat();
        let whole = strictly(&file(0, &[chunk(&track)])).len();
        let at = at.index(track.len() - END.len());
        // Long pauses and long texts that swallow what follows are no damage that can be seen.
        let plain = events.iter().scan(0, |end, event| {
            let start = *end;
            *end += event.len();
            Some(start..*end)
        });
        let inside = plain.zip(&events).any(|(range, event)| {
            range.contains(&at) && at > range.start + 1 && matches!(event[1], 0x80..0xF0)
        });
        prop_assume!(inside);
        track[at] = to;
        let (written, damage) = super::super::repair::repaired(&track);
        prop_assert_eq!(damage.places, 1);
        let left = strictly(&file(0, &[chunk(&written)])).len();
        prop_assert!(left + 4 >= whole, "{} of {} are left", left, whole);
    }

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let (written, _) = super::super::repair::repaired(&bytes);
        prop_assert!(midly::Smf::parse(&file(0, &[chunk(&written)])).is_ok());
        let _ = read(&file(1, &[chunk(&bytes), bytes.clone()]));
    }
}
