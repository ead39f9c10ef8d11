//! The recipe `chorale` for a folder: music in up to four voices, from MIDI files.

use std::collections::BTreeMap;

use lilt_inference::{Conditions, Model};
use lilt_score::{Beat, Clip, Note, smf};

use super::folder::{Content, NO_MUSIC};
use super::kind::Kind;
use super::{File, Recipe};
use crate::card::{Weights, sha256};
use crate::chorale::lesson::{ChoraleLesson, Layout};
use crate::chorale::model::ChoraleModel;
use crate::chorale::network::Config;
use crate::chorale::piece::Piece;
use crate::chorale::step::ChoraleStep;
use crate::chorale::vocabulary::{REST, VOICES};
use crate::melody::key;
use crate::training::{Lesson, Tensors};

/// Fewest sixteenths of a piece: a bar.
const SHORTEST: usize = 16;
/// Least share of the cells of four voices that sound: three voices with some rests.
const SOUNDING: f64 = 0.6;

pub(super) struct Chorale;

impl Kind for Chorale {
    const RECIPE: Recipe = Recipe::Chorale;
    const WANTED: &'static str = "music in three or four voices, as .mid";
    type Config = Config;
    type Piece = Piece;

    fn pieces(file: &File) -> Vec<Result<Piece, String>> {
        vec![match &file.content {
            Content::Drawings(_) => Err(NO_MUSIC.to_owned()),
            Content::Abc(_) => Err("ABC has one voice, and a chorale needs three or four".to_owned()),
            Content::Midi(song) => voices(song),
        }]
    }

    fn notes(piece: &Piece) -> usize {
        piece.notes()
    }

    fn fingerprint(piece: &Piece) -> Vec<u8> {
        piece.frames.concat()
    }

    fn config(notes: usize) -> Config {
        match notes {
            0..20_000 => Config::new(128, 128, &[1, 2, 4, 8, 1, 2]),
            _ => Config::new(256, 256, &[1, 2, 4, 8, 1, 2, 4, 8]),
        }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn lesson<'a>(config: &Config, train: &'a [Piece], valid: &'a [Piece]) -> impl Lesson + 'a {
        let batch = train.len().clamp(1, 16);
        let layout = Layout { batch, frames: 64, dropout: 0.1, told: [0.4, 0.5], moved: true, holes: 2 };
        ChoraleLesson::new(config.clone(), layout, train, valid)
    }

    fn model(
        name: &str,
        config: &Config,
        weights: &BTreeMap<String, Weights>,
    ) -> Result<Box<dyn Model>, String> {
        let step = ChoraleStep::of_weights(config, weights).map_err(|error| error.to_string())?;
        Ok(Box::new(ChoraleModel::new(step, sha256(name.as_bytes()), String::new()).named(name)))
    }
}

/// All tracks that are no drums, from the first bar that has a note.
fn voices(song: &smf::Song) -> Result<Piece, String> {
    let pitched = song.tracks.iter().filter(|track| track.channel != smf::DRUM_CHANNEL);
    let notes: Vec<Note> = pitched.flat_map(|track| track.notes.iter().copied()).collect();
    let meter = song.meter.unwrap_or_default();
    let bar = meter.bar();
    let Some(first) = notes.iter().map(|note| note.start.floor_div(bar)).min() else {
        return Err("no notes that are no drums".to_owned());
    };
    let begin = bar * Beat::whole(first);
    let notes: Vec<Note> = notes.into_iter().map(|note| Note { start: note.start - begin, ..note }).collect();
    let end = notes.iter().map(Note::end).max().unwrap_or(Beat::ZERO);
    let clip = Clip::new(notes, end).map_err(|error| error.to_string())?;
    let conditions = Conditions { key: Some(key::of_clip(&clip)), meter, ..Conditions::default() };
    let piece = Piece::of_clip(&clip, &conditions).map_err(|error| error.to_string())?;
    let sounding = piece.frames.iter().flatten().filter(|&&cell| cell != REST).count();
    let share = sounding as f64 / (piece.frames.len() * VOICES) as f64;
    if piece.frames.len() < SHORTEST {
        Err("shorter than a bar".to_owned())
    } else if share < SOUNDING {
        let percent = (share * 100.0).round();
        Err(format!("its voices fill {percent} % of four; a chorale needs three or four voices that sing on"))
    } else {
        Ok(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::{Meter, Pitch, Tone, Velocity};

    /// A voice of quarter notes that begin at beat `after`.
    fn track(channel: u8, keys: &[u8], after: i64) -> smf::Track {
        let note = |(at, key): (usize, &u8)| Note {
            start: Beat::whole(after + at as i64),
            duration: Beat::ONE,
            tone: Tone::Pitch(Pitch::from_key(*key)),
            velocity: Velocity::DEFAULT,
        };
        let notes = keys.iter().enumerate().map(note).collect();
        smf::Track { notes, channel, ..smf::Track::default() }
    }

    fn song(tracks: Vec<smf::Track>) -> smf::Song {
        smf::Song { tracks, ..smf::Song::default() }
    }

    #[test]
    fn the_tracks_are_the_voices_from_their_first_bar_on() {
        let lines = [[72, 71, 72, 74, 76], [67, 67, 67, 67, 67], [64, 62, 60, 59, 60], [48, 43, 45, 47, 48]];
        let tracks = lines.iter().zip(1..).map(|(keys, channel)| track(channel, keys, 8)).collect();
        let piece = voices(&song(tracks)).unwrap();
        assert_eq!(piece.frames.len(), 20);
        assert_eq!(piece.notes(), 16, "the alto holds");
        assert_eq!(piece.bars, crate::chorale::features::Bars::of(Meter::COMMON));
    }

    #[test]
    fn what_is_no_chorale_says_why() {
        let line = |channel| track(channel, &[60, 62, 64, 65, 67], 0);
        let chord = [48, 52, 55, 60, 64].iter().zip(1..).map(|(&key, at)| track(at, &[key; 4], 0)).collect();
        let cases = [
            (
                vec![line(1)],
                "its voices fill 25 % of four; a chorale needs three or four voices that sing on",
            ),
            (vec![line(smf::DRUM_CHANNEL)], "no notes that are no drums"),
            (
                chord,
                "more than four notes sound at beat 0: chorale has a soprano, an alto, a tenor and a bass; take some notes out",
            ),
        ];
        for (tracks, reason) in cases {
            assert_eq!(voices(&song(tracks)).unwrap_err(), reason);
        }
        let lines = [72, 67, 64, 48].iter().zip(1..).map(|(&key, at)| track(at, &[key; 2], 0)).collect();
        assert_eq!(voices(&song(lines)).unwrap_err(), "shorter than a bar");
    }
}
