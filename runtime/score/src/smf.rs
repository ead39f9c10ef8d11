//! Standard MIDI Files (MMA 1996, "Standard MIDI Files 1.0"): timed notes to bytes and back.
//!
//! Read is what is found, damaged files past the damage. Written files are of format 1: tempo and metre in the first track, then one track
//! for each of ours. A beat has 5040 ticks, so that 64ths, triplets of triplets,
//! quintuplets and septuplets are exact; other times go to the nearest tick.
//! Pitches go to the nearest key: a file has no place for the cents of single notes.

mod channels;
mod chunks;
mod drums;
mod reader;
mod repair;
mod song;
#[cfg(test)]
mod tests;
mod writer;

pub use channels::{Allotment, SharedChannels, Wish, allot};
pub use drums::of_key as drum_of_key;
pub use reader::read;
pub use song::{Damage, NoTrack, Song};
pub use writer::{TICKS_PER_BEAT, write, write_through};

use crate::{Beat, Note};

/// Endings of the names of files that [`read`] reads, in small letters.
pub const ENDINGS: [&str; 5] = ["mid", "midi", "smf", "kar", "rmi"];

/// Channel of the drums, as musicians count (General MIDI level 1).
pub const DRUM_CHANNEL: u8 = 10;

/// Notes for one instrument.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Track {
    /// What another program shows beside it.
    pub name: String,
    /// Starts are in beats from the beginning of the file.
    pub notes: Vec<Note>,
    /// `1..=16` as musicians count; drums are on [`DRUM_CHANNEL`]. Other numbers count as the nearest.
    pub channel: u8,
    /// Instrument of General MIDI, counted from 0; `None` leaves it as it is.
    pub program: Option<u8>,
    /// Controllers of the channel, in the order in which they change.
    pub controls: Vec<Controller>,
}

/// A controller of a channel takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Controller {
    /// When, in beats from the beginning of the file.
    pub at: Beat,
    /// Which, `0..=127`.
    pub number: u8,
    /// What it takes, `0..=127`.
    pub value: u8,
}

impl Controller {
    /// Volume, controller 7, for a gain from 0 to 1 and above. General MIDI 2 hears 40·log₁₀(value ÷ 127) dB and begins
    /// with 100, which is gain 1 here; gains above 1.61 are 127.
    pub fn gain(at: Beat, gain: f64) -> Controller {
        Controller { at, number: 7, value: (100.0 * gain.max(0.0).sqrt()).round().min(127.0) as u8 }
    }

    /// Place between left (−1) and right (1), controller 10. General MIDI 2 hears 0 and 1 alike as the left, and 64 as
    /// the middle.
    pub fn pan(at: Beat, pan: f64) -> Controller {
        Controller { at, number: 10, value: (64.0 + 63.0 * pan.clamp(-1.0, 1.0)).round() as u8 }
    }
}

/// Why bytes are no MIDI file that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmfError {
    /// Not a MIDI file, or a damaged one.
    #[error("this is no MIDI file that can be read: {0}")]
    Damaged(String),
    /// A score of another kind.
    #[error("this is MusicXML, no MIDI file: export it as MIDI or as ABC from the program that wrote it")]
    MusicXml,
    /// A score packed by a notation program.
    #[error(
        "this is a packed score (.mxl, .mscz), no MIDI file: export it as MIDI or as ABC from the program that wrote it"
    )]
    PackedScore,
    /// Time in frames of film, which has no beats.
    #[error("this MIDI file counts frames of film, not beats: export it again with time in beats")]
    NoBeats,
}
