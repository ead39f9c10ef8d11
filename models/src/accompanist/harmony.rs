//! The chords that are foreseen, in relation to a home note.

use crate::melody::chords::Quality;

/// Kinds of chord that a melody can tell apart.
pub const KINDS: usize = 5;
/// Chords in relation to a home note: each root with each kind.
pub const CHORDS: usize = 12 * KINDS;

/// A kind of chord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A major triad.
    Major,
    /// A minor triad.
    Minor,
    /// A diminished triad.
    Diminished,
    /// A major triad with a minor seventh.
    Seventh,
    /// A fourth in place of the third.
    Fourth,
}

impl Kind {
    /// All of them, in the order of their numbers.
    pub const ALL: [Kind; KINDS] = [Kind::Major, Kind::Minor, Kind::Diminished, Kind::Seventh, Kind::Fourth];

    /// The kind that a song's chord is counted as.
    pub fn of(quality: Quality) -> Kind {
        match quality {
            Quality::Major | Quality::MajorSeventh | Quality::Augmented | Quality::Second => Kind::Major,
            Quality::Minor | Quality::MinorSeventh => Kind::Minor,
            Quality::Diminished => Kind::Diminished,
            Quality::Seventh => Kind::Seventh,
            Quality::Fourth => Kind::Fourth,
        }
    }

    /// What stands behind the root: `m` of `Am`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Major => "",
            Kind::Minor => "m",
            Kind::Diminished => "dim",
            Kind::Seventh => "7",
            Kind::Fourth => "sus4",
        }
    }

    /// Semitones of its notes above the root.
    pub fn intervals(self) -> &'static [u8] {
        match self {
            Kind::Major => &[0, 4, 7],
            Kind::Minor => &[0, 3, 7],
            Kind::Diminished => &[0, 3, 6],
            Kind::Seventh => &[0, 4, 7, 10],
            Kind::Fourth => &[0, 5, 7],
        }
    }
}

/// A chord by its number, `0..CHORDS`, in relation to a home note or to C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chord(usize);

impl Chord {
    /// The chord with its root so many semitones above the home note.
    pub fn new(root: u8, kind: Kind) -> Chord {
        Chord(usize::from(root % 12) * KINDS + kind as usize)
    }

    /// All of them.
    pub fn all() -> impl Iterator<Item = Chord> {
        (0..CHORDS).map(Chord)
    }

    /// Its number.
    pub fn number(self) -> usize {
        self.0
    }

    /// Semitones from the home note to its root.
    pub fn root(self) -> u8 {
        (self.0 / KINDS) as u8
    }

    /// Its kind.
    pub fn kind(self) -> Kind {
        Kind::ALL[self.0 % KINDS]
    }

    /// The same chord with its root `semitones` higher: in relation to C, when that is the home note.
    pub fn up(self, semitones: u8) -> Chord {
        Chord::new(self.root() + semitones % 12, self.kind())
    }

    /// True where a pitch class is one of its notes.
    pub fn contains(self, class: u8) -> bool {
        self.kind().intervals().contains(&((class % 12 + 12 - self.root()) % 12))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chord_is_its_root_and_its_kind() {
        for chord in Chord::all() {
            assert_eq!(Chord::new(chord.root(), chord.kind()), chord);
            assert_eq!(chord.up(7).up(5), chord);
        }
        let dominant = Chord::new(7, Kind::Seventh);
        let notes: Vec<u8> = (0..12).filter(|&class| dominant.contains(class)).collect();
        assert_eq!((notes, dominant.up(2).root()), (vec![2, 5, 7, 11], 9));
    }
}
