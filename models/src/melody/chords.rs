//! The harmony under a melody: which chord sounds on each 16th.

use std::sync::Arc;

use lilt_score::chord;

use super::vocabulary::{BAR, Home};

/// Kinds of chord that the network tells apart.
pub const QUALITIES: usize = 9;
/// Classes of a chord: each root with each quality, no chord, not known.
pub const CHORDS: usize = 12 * QUALITIES + 2;
/// Farthest change of chord that is announced, in steps.
pub const AHEAD: usize = BAR;

/// Kind of chord.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Quality {
    /// Major triad, with a sixth or a ninth too.
    Major,
    /// Minor triad, likewise.
    Minor,
    /// Major third, minor seventh.
    Seventh,
    /// Major third, major seventh.
    MajorSeventh,
    /// Minor third with a seventh.
    MinorSeventh,
    /// Diminished fifth under a minor third.
    Diminished,
    /// Augmented fifth.
    Augmented,
    /// A second in place of the third.
    Second,
    /// A fourth in place of the third.
    Fourth,
}

impl Quality {
    /// The kind of a chord with these semitones above its root.
    pub fn of(intervals: &[u8]) -> Quality {
        let has = |semitones: u8| intervals.contains(&semitones);
        match (has(4), has(3)) {
            (true, _) if has(8) => Quality::Augmented,
            (true, _) if has(11) => Quality::MajorSeventh,
            (true, _) if has(10) => Quality::Seventh,
            (true, _) => Quality::Major,
            (_, true) if has(6) => Quality::Diminished,
            (_, true) if has(10) || has(11) => Quality::MinorSeventh,
            (_, true) => Quality::Minor,
            _ if has(5) => Quality::Fourth,
            _ if has(2) => Quality::Second,
            _ => Quality::Major,
        }
    }

    /// Semitones of its notes above the root.
    pub fn intervals(self) -> &'static [u8] {
        match self {
            Quality::Major => &[0, 4, 7],
            Quality::Minor => &[0, 3, 7],
            Quality::Seventh => &[0, 4, 7, 10],
            Quality::MajorSeventh => &[0, 4, 7, 11],
            Quality::MinorSeventh => &[0, 3, 7, 10],
            Quality::Diminished => &[0, 3, 6],
            Quality::Augmented => &[0, 4, 8],
            Quality::Second => &[0, 2, 7],
            Quality::Fourth => &[0, 5, 7],
        }
    }
}

/// What sounds under a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Chord {
    /// Nobody says.
    Unknown,
    /// No chord.
    None,
    /// A chord.
    Named {
        /// Pitch class of its root.
        root: u8,
        /// Its kind.
        quality: Quality,
    },
}

impl Chord {
    /// Reads a chord as musicians write it: `C`, `F#m7`, `Bbmaj7`, `G/B` (the bass is passed over), `N`
    /// for none.
    pub fn named(text: &str) -> Option<Chord> {
        if text == "N" {
            return Some(Chord::None);
        }
        let (root, intervals) = chord::named(text)?;
        Some(Chord::Named { root, quality: Quality::of(intervals) })
    }

    /// Its class, the root relative to `home`.
    pub fn class(self, home: Home) -> usize {
        match self {
            Chord::Named { root, quality } => {
                usize::from((root + 12 - home.tonic) % 12) * QUALITIES + quality as usize
            }
            Chord::None => CHORDS - 2,
            Chord::Unknown => CHORDS - 1,
        }
    }

    /// True for a chord, not for none or one that nobody says.
    pub fn is_named(self) -> bool {
        matches!(self, Chord::Named { .. })
    }

    /// True when the note of MIDI number `pitch` is one of the chord's.
    pub fn contains(self, pitch: u8) -> bool {
        match self {
            Chord::Named { root, quality } => quality.intervals().contains(&((pitch % 12 + 12 - root) % 12)),
            Chord::None | Chord::Unknown => false,
        }
    }
}

/// Why a text is no progression of chords: the word that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no chord")]
pub struct ProgressionError(pub String);

/// The chords of each step, again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Harmony {
    steps: Arc<[Chord]>,
    /// The step of the first chord.
    from: i64,
}

impl Harmony {
    /// Chords that nobody knows.
    pub fn unknown() -> Harmony {
        Harmony { steps: Arc::new([]), from: 0 }
    }

    /// One chord a step.
    pub fn new(steps: Vec<Chord>) -> Harmony {
        Harmony { steps: steps.into(), from: 0 }
    }

    /// Reads `C G Am F`, one chord a bar, repeated as long as the music lasts; commas put two or four
    /// chords into one bar, `C,G Am F`.
    ///
    /// # Errors
    /// When a word is no chord, or a bar cannot be cut into that many.
    pub fn parse(text: &str) -> Result<Harmony, ProgressionError> {
        let mut steps = Vec::new();
        for word in text.split_whitespace() {
            let chords: Vec<&str> = word.split(',').collect();
            if !BAR.is_multiple_of(chords.len()) {
                return Err(ProgressionError(word.to_owned()));
            }
            for text in &chords {
                let chord = Chord::named(text).ok_or_else(|| ProgressionError((*text).to_owned()))?;
                steps.extend(std::iter::repeat_n(chord, BAR / chords.len()));
            }
        }
        if steps.is_empty() {
            return Err(ProgressionError(text.to_owned()));
        }
        Ok(Harmony::new(steps))
    }

    /// The same chords, the first of them at step `from`.
    pub fn starting(self, from: i64) -> Harmony {
        Harmony { from, ..self }
    }

    /// The chord of a step; before the first none is known.
    pub fn at(&self, step: i64) -> Chord {
        let Ok(step) = usize::try_from(step - self.from) else { return Chord::Unknown };
        if self.steps.is_empty() { Chord::Unknown } else { self.steps[step % self.steps.len()] }
    }

    /// In how many steps the chord of `step` changes, `1..=AHEAD`, and to which; it may stay longer than
    /// is announced.
    pub fn next(&self, step: i64) -> (usize, Chord) {
        let now = self.at(step);
        let change = (1..=AHEAD).map(|ahead| (ahead, self.at(step + ahead as i64)));
        change.into_iter().find(|&(_, chord)| chord != now).unwrap_or((AHEAD, now))
    }

    /// The named chord of each step, once around.
    pub fn named(&self) -> impl Iterator<Item = (u8, Quality)> + '_ {
        self.steps.iter().filter_map(|chord| match *chord {
            Chord::Named { root, quality } => Some((root, quality)),
            Chord::None | Chord::Unknown => None,
        })
    }
}

/// The chords of `text` as they stand `bars` bars on: again from the start after the last.
pub(super) fn turned(text: &str, bars: u64) -> String {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let count = words.len().max(1) as u64;
    words.rotate_left((bars % count) as usize);
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::vocabulary::Color;

    #[test]
    fn chords_as_musicians_write_them() {
        for (text, root, quality) in [
            ("C", 0, Quality::Major),
            ("Am", 9, Quality::Minor),
            ("F#m7", 6, Quality::MinorSeventh),
            ("Bbmaj7", 10, Quality::MajorSeventh),
            ("G/B", 7, Quality::Major),
            ("Dsus4", 2, Quality::Fourth),
            ("G7sus4", 7, Quality::Fourth),
            ("Esus2", 4, Quality::Second),
            ("Bm7b5", 11, Quality::Diminished),
            ("Eaug", 4, Quality::Augmented),
            ("A7", 9, Quality::Seventh),
            ("C69", 0, Quality::Major),
            ("E5", 4, Quality::Major),
        ] {
            assert_eq!(Chord::named(text), Some(Chord::Named { root, quality }), "{text}");
        }
        for text in ["", "H", "Cfoo", "c", "C/H", "|"] {
            assert_eq!(Chord::named(text), None, "{text}");
        }
    }

    #[test]
    fn a_progression_goes_round() {
        let harmony = Harmony::parse("C G,Am").unwrap();
        let chord = |text| Chord::named(text).unwrap();
        assert_eq!(harmony.at(0), chord("C"));
        assert_eq!(harmony.at(16), chord("G"));
        assert_eq!(harmony.at(24), chord("Am"));
        assert_eq!(harmony.at(32), chord("C"));
        assert_eq!(harmony.at(-1), Chord::Unknown);
        assert_eq!(harmony.next(20), (4, chord("Am")));
        let later = harmony.clone().starting(16);
        assert_eq!((later.at(15), later.at(32)), (Chord::Unknown, chord("G")));
        assert_eq!(Harmony::parse("C").unwrap().next(3), (AHEAD, chord("C")));
        assert_eq!(Harmony::parse("C Q").unwrap_err().to_string(), "`Q` is no chord");
        assert_eq!(Harmony::parse("C,F,G").unwrap_err().to_string(), "`C,F,G` is no chord");
        assert!(Harmony::parse("").is_err());
    }

    #[test]
    fn chords_go_on_where_they_stand() {
        for (bars, text) in [(0, "C G,F Am"), (2, "Am C G,F"), (7, "G,F Am C")] {
            assert_eq!(turned("C  G,F Am", bars), text, "{bars}");
        }
        assert_eq!(turned("", 3), "");
    }

    #[test]
    fn classes_are_relative_and_within_range() {
        let home = Home { tonic: 7, color: Color::Major };
        assert_eq!(Chord::named("G").unwrap().class(home), 0);
        assert_eq!(Chord::named("F#sus4").unwrap().class(home), 12 * QUALITIES - 1);
        assert_eq!(Chord::Unknown.class(home), CHORDS - 1);
        assert!(Chord::named("G").unwrap().contains(62) && !Chord::named("G").unwrap().contains(60));
    }
}
