//! What foresees the chords under a melody that is still being played.

/// A note that was heard.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeardNote {
    /// The beat on which it began.
    pub start: f64,
    /// The beat on which it ended, or until which it has been heard.
    pub end: f64,
    /// Its MIDI number.
    pub key: u8,
}

/// What is asked: which chord will sound, by what was heard until then.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foreseeing {
    /// Beats of half a bar: chords change with these, counted from beat 0.
    pub half: f64,
    /// The half bar that is asked for, from 0.
    pub at: u64,
    /// Half bars that its chord lasts, one or two.
    pub lasts: u64,
    /// The beat from which on nothing is known.
    pub until: f64,
    /// Pitch class of the home note, the tonic of the major scale with the same notes, where it is known; it is found
    /// where it is not.
    pub home: Option<u8>,
}

/// A chord that is foreseen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foreseen {
    /// Pitch class of its root.
    pub root: u8,
    /// Its name behind the root, as musicians write it: `m` of `Am`.
    pub kind: &'static str,
    /// Semitones of its notes above the root.
    pub intervals: &'static [u8],
    /// How probable it is, of all chords that could come, 0 to 1.
    pub probability: f64,
}

/// What accompanies. What it answers is a pure function of its weights, the notes and the question.
pub trait Accompanist: Send + Sync {
    /// Names its weights: those of the same identity answer alike.
    fn identity(&self) -> &str;

    /// The chord of a half bar. Of `heard`, which are in order of their beginnings, it knows only what was heard before
    /// [`Foreseeing::until`]; nothing is foreseen where that is nothing.
    fn foresee(&self, heard: &[HeardNote], of: Foreseeing) -> Option<Foreseen>;
}
