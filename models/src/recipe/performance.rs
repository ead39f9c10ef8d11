//! The recipe `performance` for a folder: the piano of MIDI files.

use std::collections::BTreeMap;

use candle_core::Device;
use lilt_inference::Model;
use lilt_score::{Beat, Note, smf};

use super::beats::{Bars, mean_tempo};
use super::folder::{Content, NO_MUSIC};
use super::kind::Kind;
use super::{File, Recipe, recurrent};
use crate::card::{Weights, sha256};
use crate::melody::key;
use crate::melody::vocabulary::Home;
use crate::performance::NAME;
use crate::performance::codec::encode;
use crate::performance::model::PerformanceModel;
use crate::performance::passage::{Passage, timing};
use crate::performance::vocabulary::FIELDS;
use crate::performance::walk::{CONDITIONS, Conditioning, GROUPS, HIDDEN, ROWS, tempo_class};
use crate::recurrent::batches::Piece;
use crate::recurrent::config::Config;
use crate::recurrent::step::RecurrentStep;
use crate::training::{Lesson, Tensors};

/// Programs of General MIDI that are pianos, counted from 0.
const PIANOS: std::ops::RangeInclusive<u8> = 0..=7;
/// Fewest notes.
const FEWEST: usize = 32;

pub(super) struct Performance;

impl Kind for Performance {
    const RECIPE: Recipe = Recipe::Performance;
    const WANTED: &'static str = "piano playing of 32 notes and more in 4/4, as .mid";
    type Config = Config;
    type Piece = Piece;

    fn pieces(file: &File) -> Vec<Result<Piece, String>> {
        vec![match &file.content {
            Content::Drawings(_) => Err(NO_MUSIC.to_owned()),
            Content::Abc(_) => Err("ABC has no piano playing".to_owned()),
            Content::Midi(song) => passage(song).map(|passage| passage.piece(&Self::config(0))),
        }]
    }

    fn notes(piece: &Piece) -> usize {
        piece.notes()
    }

    fn fingerprint(piece: &Piece) -> Vec<u8> {
        piece.events(FIELDS.len()).flatten().copied().collect()
    }

    fn config(notes: usize) -> Config {
        recurrent::config(notes, [ROWS, GROUPS], &FIELDS)
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn lesson<'a>(config: &Config, train: &'a [Piece], valid: &'a [Piece]) -> impl Lesson + 'a {
        recurrent::lesson(config, CONDITIONS, HIDDEN, train, valid)
    }

    fn model(
        name: &str,
        config: &Config,
        weights: &BTreeMap<String, Weights>,
    ) -> Result<Box<dyn Model>, String> {
        let step = RecurrentStep::new(NAME, config.clone(), weights, &Device::Cpu)?;
        Ok(Box::new(PerformanceModel::new(step, sha256(name.as_bytes()), String::new()).named(name)))
    }
}

/// The piano of a MIDI file with what the network is told of it: the key that it fits best, its tempo, and
/// whether it is strictly in time.
fn passage(song: &smf::Song) -> Result<Passage, String> {
    let piano = |track: &&smf::Track| {
        track.channel != smf::DRUM_CHANNEL && track.program.is_none_or(|program| PIANOS.contains(&program))
    };
    let notes: Vec<&Note> = song.tracks.iter().filter(piano).flat_map(|track| &track.notes).collect();
    if notes.len() < FEWEST {
        return Err(format!("fewer than {FEWEST} notes of a piano"));
    }
    let clip = Bars::find(&notes, song.meter)?.clip(&notes)?;
    let home = Home::of(key::of_clip(&clip));
    let events = encode(&clip, home, 0).map_err(|error| error.to_string())?.events;
    let end = notes.iter().map(|note| note.start).max().unwrap_or(Beat::ZERO);
    let tempo = mean_tempo(&song.tempos, end).map(tempo_class);
    Ok(Passage {
        conditioning: Conditioning { home, density: None, tempo, timing: Some(timing(&events)) },
        events,
    })
}
