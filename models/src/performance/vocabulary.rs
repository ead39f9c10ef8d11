//! The classes in which `performance` hears and speaks: where in the bar, which key, how hard, for how
//! long, and how early or late.
//!
//! Time is told as places within bars (after REMI, Huang and Yang 2020), not as waits since the note
//! before (as in Performance RNN, Oore et al. 2018): a wait that is a little wrong moves all that
//! follows off the beat, a place cannot. Expression lies in the offset from the place, on a grid of
//! 1/120 beat that tiles time without a gap.
//!
//! Keys are counted from the home note of the scale, as `melody` does: A minor and C major teach one
//! another, and so do all keys.

use crate::melody::vocabulary::Home;

/// The finer grid: this many ticks make a beat.
pub const TICKS_PER_BEAT: i64 = 120;

/// Places of a beat: sixteenths and triplets are among them.
pub const PLACES_PER_BEAT: i64 = 12;

/// Ticks from one place to the next.
pub const PLACE_TICKS: i64 = TICKS_PER_BEAT / PLACES_PER_BEAT;

/// Places of a bar of 4/4, the only metre that the pianist learnt.
pub const PLACES: usize = 48;

/// What is said when the bar is over, after the places.
pub const NEXT: u8 = PLACES as u8;

/// Key classes: the 88 keys of a piano over any home note.
pub const KEYS: usize = 99;

/// MIDI numbers of the lowest and the highest key of a piano.
pub const PIANO: [u8; 2] = [21, 108];

/// MIDI number of key class 0 when home is C.
const LOWEST: i32 = 15;

/// Classes of how hard a key is struck: MIDI velocity in parts of 8.
pub const VELOCITIES: usize = 16;

/// The durations that are said, in 1/24 beat, ascending; others go to the nearest by ratio.
pub const DURATIONS: [u8; 28] = [
    1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 21, 24, 28, 32, 36, 42, 48, 56, 64, 72, 84, 96, 128, 160, 192,
];

/// Durations are in this part of a beat.
pub const DURATIONS_PER_BEAT: i64 = 24;

/// Classes of when a note sounds: ticks from half a place before its place.
pub const OFFSETS: usize = PLACE_TICKS as usize;

/// Offset class of a note right on its place.
pub const ON_TIME: u8 = (PLACE_TICKS / 2) as u8;

/// Classes of the fields of an event: a place in this bar or [`NEXT`], which key, how hard, for how
/// long, when.
pub const FIELDS: [usize; 5] = [PLACES + 1, KEYS, VELOCITIES, DURATIONS.len(), OFFSETS];

/// An event: a note, or the end of the bar.
pub type Event = [u8; 5];

/// The event that ends a bar.
pub const BAR_LINE: Event = [NEXT, 0, 0, 0, 0];

/// The note among events.
pub fn is_note(event: &Event) -> bool {
    event[0] != NEXT
}

/// Semitones from C to the home note, the nearer way: -5 to 6.
pub fn shift(home: Home) -> i32 {
    (i32::from(home.tonic) + 5).rem_euclid(12) - 5
}

/// Class of a key of a piano; none for other MIDI numbers.
pub fn key_class(midi: u8, home: Home) -> Option<u8> {
    let [lowest, highest] = PIANO;
    (lowest..=highest).contains(&midi).then(|| (i32::from(midi) - shift(home) - LOWEST) as u8)
}

/// The MIDI number of a key class, where the piano has that key.
pub fn midi_key(class: u8, home: Home) -> Option<u8> {
    let midi = u8::try_from(i32::from(class) + LOWEST + shift(home)).ok()?;
    key_class(midi, home).map(|_| midi)
}

/// The lowest and the highest class that a piano has over `home`.
pub fn keyboard(home: Home) -> [u8; 2] {
    PIANO.map(|midi| key_class(midi, home).unwrap_or_default())
}

/// Semitones, 0 to 11, of a key class above the home note.
pub fn degree(class: u8) -> usize {
    (usize::from(class) + LOWEST as usize) % 12
}

/// Velocity class of a MIDI velocity, `1..=127`.
pub fn velocity_class(midi: u8) -> u8 {
    midi.min(127) / 8
}

/// MIDI velocity in the middle of a class.
pub fn midi_velocity(class: u8) -> u8 {
    (8 * class + 4).min(127)
}

/// Class of a duration in beats.
pub fn duration_class(beats: f64) -> u8 {
    let length = (beats * DURATIONS_PER_BEAT as f64).max(1.0);
    let apart = |class: &usize| (f64::from(DURATIONS[*class]) / length).ln().abs();
    (0..DURATIONS.len()).min_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap_or(0) as u8
}

/// The place to which a tick belongs, counted on from bar to bar, and its offset class.
pub fn place(tick: i64) -> (i64, u8) {
    let shifted = tick + PLACE_TICKS / 2;
    (shifted.div_euclid(PLACE_TICKS), shifted.rem_euclid(PLACE_TICKS) as u8)
}

/// The tick of an offset class at a place.
pub fn tick(place: i64, offset: u8) -> i64 {
    place * PLACE_TICKS + i64::from(offset) - PLACE_TICKS / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::Key;

    fn home(key: &str) -> Home {
        Home::of(key.parse::<Key>().unwrap())
    }

    #[test]
    fn every_tick_belongs_to_one_place() {
        for at in -100..100 {
            let (place, offset) = place(at);
            assert!(usize::from(offset) < OFFSETS);
            assert_eq!(tick(place, offset), at);
        }
        assert_eq!(place(40), (4, ON_TIME));
        assert_eq!((place(35), place(44), place(-6)), ((4, 0), (4, 9), (-1, 9)));
    }

    #[test]
    fn keys_are_counted_from_the_home_of_their_scale() {
        // The key that is struck, and its semitones above the home note of the scale.
        for (key, shift_of, midi, above) in [
            ("C", 0, 60, 0),
            ("A minor", 0, 57, 9),
            ("A", -3, 57, 0),
            ("C minor", 3, 60, 9),
            ("F# minor", -3, 54, 9),
            ("Eb", 3, 63, 0),
            ("D dorian", 0, 62, 2),
            ("G mixolydian", 0, 67, 7),
            ("F#", 6, 66, 0),
            ("G", -5, 67, 0),
        ] {
            assert_eq!(shift(home(key)), shift_of, "{key}");
            assert_eq!(degree(key_class(midi, home(key)).unwrap()), above, "{key}");
        }
    }

    #[test]
    fn a_piano_has_its_88_keys_in_every_key() {
        for tonic in 0..12 {
            let home = Home { tonic, ..home("C") };
            for midi in 0..=127 {
                let class = key_class(midi, home);
                assert_eq!(class.is_some(), (21..=108).contains(&midi));
                assert!(class.is_none_or(|class| usize::from(class) < KEYS));
                assert!(class.is_none_or(|class| midi_key(class, home) == Some(midi)));
            }
            let [lowest, highest] = keyboard(home);
            assert_eq!(highest - lowest, 87);
            assert_eq!((0..KEYS as u8).filter(|&class| midi_key(class, home).is_some()).count(), 88);
        }
    }

    #[test]
    fn durations_go_to_the_nearest_by_ratio() {
        for (class, length) in (0..).zip(DURATIONS) {
            assert_eq!(duration_class(f64::from(length) / 24.0), class);
        }
        assert_eq!((duration_class(0.001), duration_class(100.0)), (0, 27));
        assert_eq!(DURATIONS[usize::from(duration_class(0.52))], 12);
    }

    #[test]
    fn velocities_return_to_their_class() {
        for midi in 1..=127 {
            let class = velocity_class(midi);
            assert!(usize::from(class) < VELOCITIES);
            assert!(midi_velocity(class).abs_diff(midi) <= 4);
            assert_eq!(velocity_class(midi_velocity(class)), class);
        }
    }
}
