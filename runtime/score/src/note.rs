//! A note, and what it can sound: a pitch or a drum.

use std::fmt;
use std::str::FromStr;

use crate::{Beat, Pitch};

/// How hard a note is struck, `0..=1`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Velocity(f64);

impl Velocity {
    /// What a note has when nobody says otherwise.
    pub const DEFAULT: Velocity = Velocity(0.8);

    /// Clamps to `0..=1`; a value that is no number becomes the default.
    pub fn new(value: f64) -> Velocity {
        if value.is_nan() { Velocity::DEFAULT } else { Velocity(value.clamp(0.0, 1.0)) }
    }

    /// The value, `0..=1`.
    pub fn value(self) -> f64 {
        self.0
    }

    /// As MIDI sends it, `1..=127`; zero would be a note-off.
    pub fn midi(self) -> u8 {
        (self.0 * 127.0).round().clamp(1.0, 127.0) as u8
    }
}

/// One drum of the kit, by the short name that live coders write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Drum {
    /// `bd`, bass drum.
    Bass,
    /// `sd`, snare drum.
    Snare,
    /// `rs`, rim shot.
    Rim,
    /// `cp`, hand clap.
    Clap,
    /// `hh`, closed hi-hat.
    ClosedHat,
    /// `oh`, open hi-hat.
    OpenHat,
    /// `lt`, low tom.
    LowTom,
    /// `mt`, middle tom.
    MidTom,
    /// `ht`, high tom.
    HighTom,
    /// `cr`, crash cymbal.
    Crash,
    /// `rd`, ride cymbal.
    Ride,
    /// `cb`, cowbell.
    Cowbell,
}

impl Drum {
    /// Every drum, in the order of the kit.
    pub const ALL: [Drum; 12] = [
        Drum::Bass,
        Drum::Snare,
        Drum::Rim,
        Drum::Clap,
        Drum::ClosedHat,
        Drum::OpenHat,
        Drum::LowTom,
        Drum::MidTom,
        Drum::HighTom,
        Drum::Crash,
        Drum::Ride,
        Drum::Cowbell,
    ];

    /// The short name, `bd`.
    pub fn name(self) -> &'static str {
        match self {
            Drum::Bass => "bd",
            Drum::Snare => "sd",
            Drum::Rim => "rs",
            Drum::Clap => "cp",
            Drum::ClosedHat => "hh",
            Drum::OpenHat => "oh",
            Drum::LowTom => "lt",
            Drum::MidTom => "mt",
            Drum::HighTom => "ht",
            Drum::Crash => "cr",
            Drum::Ride => "rd",
            Drum::Cowbell => "cb",
        }
    }

    /// Key of the General MIDI percussion map (GM 1, table 3).
    pub fn key(self) -> u8 {
        match self {
            Drum::Bass => 36,
            Drum::Snare => 38,
            Drum::Rim => 37,
            Drum::Clap => 39,
            Drum::ClosedHat => 42,
            Drum::OpenHat => 46,
            Drum::LowTom => 45,
            Drum::MidTom => 47,
            Drum::HighTom => 50,
            Drum::Crash => 49,
            Drum::Ride => 51,
            Drum::Cowbell => 56,
        }
    }
}

impl FromStr for Drum {
    type Err = ();

    /// Reads a short name; the caller knows the context and words the error.
    fn from_str(text: &str) -> Result<Drum, ()> {
        Drum::ALL.into_iter().find(|drum| drum.name() == text).ok_or(())
    }
}

/// What a note sounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Tone {
    /// A pitch, for an instrument.
    Pitch(Pitch),
    /// A drum, for the kit.
    Drum(Drum),
}

impl Tone {
    /// The pitch, unless it is a drum.
    pub fn pitch(self) -> Option<Pitch> {
        match self {
            Tone::Pitch(pitch) => Some(pitch),
            Tone::Drum(_) => None,
        }
    }

    /// The whole MIDI key: nearest to the pitch, or the drum's.
    pub fn key(self) -> u8 {
        match self {
            Tone::Pitch(pitch) => pitch.key(),
            Tone::Drum(drum) => drum.key(),
        }
    }
}

impl fmt::Display for Tone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tone::Pitch(pitch) => pitch.fmt(f),
            Tone::Drum(drum) => f.write_str(drum.name()),
        }
    }
}

/// One note.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Note {
    /// When it starts, in beats from the start of its clip.
    pub start: Beat,
    /// How long it lasts, in beats; above zero.
    pub duration: Beat,
    /// What it sounds.
    pub tone: Tone,
    /// How hard it is struck.
    pub velocity: Velocity,
}

impl Note {
    /// The first moment after it, in beats.
    pub fn end(&self) -> Beat {
        self.start + self.duration
    }
}
