//! A recording of a drummer: a MIDI file on the grid, and the piece that the network learns.

use lilt_score::{Beat, Clip, Drum, Note, Tone, smf};

use super::codec::{Encoded, encode};
use super::vocabulary::{Event, NEXT, STEPS_PER_BAR};
use super::walk::{Conditioning, DrumWalk};
use crate::recurrent::batches::Piece;
use crate::recurrent::config::Config;

/// Most hits of a recording: a longer one would fill a lane of the batch for a whole epoch.
const MOST_HITS: usize = 9_216;

/// A recording.
#[derive(Debug, Clone)]
pub struct Recording {
    /// Style, kind and tempo.
    pub conditioning: Conditioning,
    /// Tempo, in beats a minute.
    pub bpm: f64,
    /// The playing, from the first bar that has a hit to the last hit.
    pub encoded: Encoded,
}

/// The drum that a pad of the Roland TD-11 stands for, by the nine groups of GrooVAE (Gillick et al.
/// 2019, table 2).
fn drum(key: u8) -> Option<Drum> {
    Some(match key {
        36 => Drum::Bass,
        37 | 38 | 40 => Drum::Snare,
        22 | 42 | 44 => Drum::ClosedHat,
        26 | 46 => Drum::OpenHat,
        43 | 58 => Drum::LowTom,
        45 | 47 => Drum::MidTom,
        48 | 50 => Drum::HighTom,
        49 | 52 | 55 | 57 => Drum::Crash,
        51 | 53 | 59 => Drum::Ride,
        _ => return None,
    })
}

/// The hits of a MIDI file, from the first bar that has one to the last hit.
///
/// # Errors
/// Why there is nothing to learn from.
pub fn play(song: &smf::Song) -> Result<Encoded, &'static str> {
    let notes: Vec<Note> = song
        .tracks
        .iter()
        .flat_map(|track| &track.notes)
        .filter_map(|note| Some(Note { tone: Tone::Drum(drum(note.tone.key())?), ..*note }))
        .collect();
    if notes.len() > MOST_HITS {
        return Err("more than 9216 hits");
    }
    let sixteenth = Beat::new(1, 4);
    let nearest = |note: &Note| (note.start + sixteenth * Beat::new(1, 2)).floor_div(sixteenth);
    let first = notes.iter().map(nearest).min().ok_or("without a hit")?;
    let first = first.div_euclid(STEPS_PER_BAR) * STEPS_PER_BAR;
    let end = notes.iter().map(nearest).max().map_or(first, |last| last + 1);
    let begin = sixteenth * Beat::whole(first);
    let early = |note: Note| Note { start: (note.start - begin).max(Beat::ZERO), ..note };
    let notes = notes.into_iter().map(early).collect();
    let clip = Clip::new(notes, sixteenth * Beat::whole(end - first)).map_err(|_| "no clip")?;
    encode(&clip).map_err(|_| "no clip")
}

/// Adds `events` to a piece that `walk` has come to the end of.
pub fn add(piece: &mut Piece, walk: &mut DrumWalk, config: &Config, events: &[Event]) {
    for event in events {
        piece.add(walk, config, event, event[0] != NEXT);
    }
}

/// A recording made ready.
pub fn piece(recording: &Recording, config: &Config) -> Piece {
    let mut piece = Piece::default();
    add(&mut piece, &mut DrumWalk::new(recording.conditioning, 0), config, &recording.encoded.events);
    piece
}
