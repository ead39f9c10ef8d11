//! The recipe `folk` for a folder: tunes from ABC books, and the melody of MIDI files.

use std::collections::BTreeMap;

use candle_core::Device;
use lilt_inference::Model;
use lilt_score::{Beat, Clip, Note, smf};

use super::folder::{Content, NO_MUSIC};
use super::kind::Kind;
use super::{File, Recipe};
use crate::card::{Weights, sha256};
use crate::folk::NAME;
use crate::folk::example::Example;
use crate::folk::features::{Conditions, FEATURES, Kind as TuneKind, hidden};
use crate::folk::model::FolkModel;
use crate::folk::network::Config;
use crate::folk::vocabulary::{DURATION_CLASSES, FIELDS, PITCH_CLASSES};
use crate::melody::key;
use crate::recurrent::batches::Piece;
use crate::recurrent::card::Sizes;
use crate::recurrent::lesson::{Layout, RecurrentLesson};
use crate::recurrent::step::RecurrentStep;
use crate::training::{Lesson, Tensors};

/// Fewest notes by which a track of a MIDI file is taken for a melody.
const MELODY: usize = 16;

pub(super) struct Folk;

impl Kind for Folk {
    const RECIPE: Recipe = Recipe::Folk;
    const WANTED: &'static str = "tunes of 16 notes and more, as .abc or .mid";
    type Config = Config;
    type Piece = Piece;

    fn pieces(file: &File) -> Vec<Result<Piece, String>> {
        let config = Self::config(0).network();
        let ready = |tune: &Example| tune.piece(&config);
        match &file.content {
            Content::Drawings(_) => vec![Err(NO_MUSIC.to_owned())],
            Content::Abc(book) => book
                .iter()
                .map(|tune| match tune {
                    Ok(tune) => Example::of_tune(tune).map(|tune| ready(&tune)).map_err(str::to_owned),
                    Err(reason) => Err(format!("not readable as ABC: {reason}")),
                })
                .collect(),
            Content::Midi(song) => vec![melody(song).map(|tune| ready(&tune))],
        }
    }

    fn notes(piece: &Piece) -> usize {
        piece.notes()
    }

    fn fingerprint(piece: &Piece) -> Vec<u8> {
        let field = |at: usize| piece.events(FIELDS.len()).map(move |event| event[at]);
        field(0).chain(field(1)).collect()
    }

    fn config(notes: usize) -> Config {
        let hidden = match notes {
            0..20_000 => 128,
            20_000..200_000 => 256,
            _ => 512,
        };
        Config {
            features: FEATURES,
            embed: hidden / 2,
            hidden,
            layers: 2,
            durations: DURATION_CLASSES,
            gate: hidden / 2,
            pitches: PITCH_CLASSES,
        }
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn lesson<'a>(config: &Config, train: &'a [Piece], valid: &'a [Piece]) -> impl Lesson + 'a {
        // Few tunes fill few lanes.
        let batch = train.len().clamp(1, 32);
        let layout = Layout { batch, steps: 64, dropout: vec![0.25, 0.35], hidden: hidden() };
        RecurrentLesson::new(config.network(), layout, train, valid)
    }

    fn model(
        name: &str,
        config: &Config,
        weights: &BTreeMap<String, Weights>,
    ) -> Result<Box<dyn Model>, String> {
        let step = RecurrentStep::new(NAME, config.network(), weights, &Device::Cpu)?;
        Ok(Box::new(FolkModel::new(step, sha256(name.as_bytes()), String::new()).named(name)))
    }
}

/// The highest track of a MIDI file.
///
/// # Errors
/// When none has the notes of a melody.
pub(super) fn highest(song: &smf::Song) -> Result<&smf::Track, String> {
    let height = |track: &&smf::Track| -> f64 {
        track.notes.iter().map(|note| f64::from(note.tone.key())).sum::<f64>() / track.notes.len() as f64
    };
    song.tracks
        .iter()
        .filter(|track| track.channel != smf::DRUM_CHANNEL && track.notes.len() >= MELODY)
        .max_by(|a, b| height(a).total_cmp(&height(b)))
        .ok_or_else(|| format!("no track of {MELODY} notes or more that are no drums"))
}

/// The highest track of a MIDI file, from its first bar that has a note, in the key that it fits best.
fn melody(song: &smf::Song) -> Result<Example, String> {
    let track = highest(song)?;
    let meter = song.meter.unwrap_or_default();
    let bar = meter.bar();
    let first = track.notes.iter().map(|note| note.start.floor_div(bar)).min().unwrap_or(0);
    let begin = bar * Beat::whole(first);
    let notes: Vec<Note> =
        track.notes.iter().map(|note| Note { start: note.start - begin, ..*note }).collect();
    let end = notes.iter().map(Note::end).max().unwrap_or(Beat::ZERO);
    let bars = (-(-end).floor_div(bar)).max(1);
    let clip = Clip::new(notes, bar * Beat::whole(bars)).map_err(|error| error.to_string())?;
    let key = key::of_clip(&clip);
    Example::of_clip(&clip, Conditions { key, meter, kind: TuneKind::UNKNOWN }, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::{Pitch, Tone, Velocity};

    fn track(channel: u8, keys: &[u8], after: i64) -> smf::Track {
        let note = |(at, key): (usize, &u8)| Note {
            start: Beat::whole(after) + Beat::new(at as i64, 2),
            duration: Beat::new(1, 2),
            tone: Tone::Pitch(Pitch::from_key(*key)),
            velocity: Velocity::DEFAULT,
        };
        let notes = keys.iter().enumerate().map(note).collect();
        smf::Track { notes, channel, ..smf::Track::default() }
    }

    #[test]
    fn the_highest_track_is_the_melody_and_begins_with_its_bar() {
        let scale = [60, 62, 64, 65, 67, 69, 71, 72, 71, 69, 67, 65, 64, 62, 60, 60];
        let low: Vec<u8> = scale.iter().map(|key| key - 24).collect();
        let song = smf::Song {
            tracks: vec![track(1, &low, 0), track(2, &scale, 8), track(3, &[90, 91], 0)],
            ..smf::Song::default()
        };
        let tune = melody(&song).unwrap();
        assert_eq!(tune.conditions.key.to_string(), "C major");
        assert_eq!((tune.events.len(), tune.pickup, tune.ends), (16, 0, true));
        let none = smf::Song { tracks: vec![track(10, &scale, 0)], ..smf::Song::default() };
        assert_eq!(melody(&none).unwrap_err(), "no track of 16 notes or more that are no drums");
    }
}
