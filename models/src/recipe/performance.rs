//! The recipe `performance` for a folder: the piano of MIDI files.

use std::collections::BTreeMap;

use lilt_inference::Model;

use super::folder::Content;
use super::kind::Kind;
use super::{File, Recipe, stream};
use crate::card::{Weights, sha256};
use crate::melody::key;
use crate::melody::vocabulary::Home;
use crate::performance::beats::{Playing, playing};
use crate::performance::codec::encode;
use crate::performance::model::{NAME, PerformanceModel};
use crate::performance::passage::{Passage, timing};
use crate::performance::vocabulary::FIELDS;
use crate::performance::walk::{CONDITIONS, GROUPS, HIDDEN, ROWS, Setting, tempo_class};
use crate::stream::batches::Piece;
use crate::stream::network::Config;
use crate::stream::step::StreamStep;
use crate::training::{Lesson, Tensors};

pub(super) struct Performance;

impl Kind for Performance {
    const RECIPE: Recipe = Recipe::Performance;
    const WANTED: &'static str = "piano playing of 32 notes and more in 4/4, as .mid";
    type Config = Config;
    type Piece = Piece;

    fn pieces(file: &File) -> Vec<Result<Piece, String>> {
        vec![match &file.content {
            Content::Abc(_) => Err("ABC has no piano playing".to_owned()),
            Content::Midi(song) => playing(song)
                .and_then(|playing| passage(&playing))
                .map(|passage| passage.piece(&Self::config(0))),
        }]
    }

    fn notes(piece: &Piece) -> usize {
        piece.notes()
    }

    fn fingerprint(piece: &Piece) -> Vec<u8> {
        piece.events(FIELDS.len()).flatten().copied().collect()
    }

    fn config(notes: usize) -> Config {
        stream::config(notes, [ROWS, GROUPS], &FIELDS)
    }

    fn tensors(config: &Config) -> Tensors {
        config.tensors()
    }

    fn lesson<'a>(config: &Config, train: &'a [Piece], valid: &'a [Piece]) -> impl Lesson + 'a {
        stream::lesson(config, CONDITIONS, HIDDEN, train, valid)
    }

    fn model(
        name: &str,
        config: &Config,
        weights: &BTreeMap<String, Weights>,
    ) -> Result<Box<dyn Model>, String> {
        let step = StreamStep::new(NAME, config.clone(), weights)?;
        Ok(Box::new(PerformanceModel::new(step, sha256(name.as_bytes()), String::new()).named(name)))
    }
}

/// What the network is told of some playing: the key that it fits best, its tempo, and whether it is
/// strictly in time.
fn passage(playing: &Playing) -> Result<Passage, String> {
    let home = Home::of(key::of_clip(&playing.clip));
    let events = encode(&playing.clip, home, 0).map_err(|error| error.to_string())?.events;
    let tempo = playing.bpm.map(tempo_class);
    Ok(Passage { setting: Setting { home, density: None, tempo, timing: Some(timing(&events)) }, events })
}
