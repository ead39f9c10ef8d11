//! The recipe `drums` for a folder: the drums of MIDI files.

use std::collections::BTreeMap;

use candle_core::Device;
use lilt_inference::Model;

use super::folder::{Content, NO_MUSIC};
use super::kind::Kind;
use super::{File, Recipe, recurrent};
use crate::card::{Weights, sha256};
use crate::drums::NAME;
use crate::drums::model::DrumModel;
use crate::drums::recording::{Recording, piece, play};
use crate::drums::vocabulary::FIELDS;
use crate::drums::walk::{CONDITIONS, Conditioning, GROUPS, ROWS, tempo_class};
use crate::recurrent::batches::Piece;
use crate::recurrent::config::Config;
use crate::recurrent::step::RecurrentStep;
use crate::training::{Lesson, Tensors};

/// Share of pieces whose tempo is hidden, as performers often name none; style and kind never are told.
const HIDDEN: [f64; 3] = [0.3; 3];

pub(super) struct Drums;

impl Kind for Drums {
    const RECIPE: Recipe = Recipe::Drums;
    const WANTED: &'static str = "drums on channel 10 of .mid files, in 4/4";
    type Config = Config;
    type Piece = Piece;

    fn pieces(file: &File) -> Vec<Result<Piece, String>> {
        vec![match &file.content {
            Content::Drawings(_) => Err(NO_MUSIC.to_owned()),
            Content::Abc(_) => Err("ABC has no drums".to_owned()),
            Content::Midi(song) if song.meter.is_some_and(|meter| meter != lilt_score::Meter::COMMON) => {
                Err("not in 4/4".to_owned())
            }
            Content::Midi(song) => play(song).map_err(str::to_owned).map(|encoded| {
                let bpm = song.tempos.first().map_or(120.0, |(_, bpm)| *bpm);
                let conditioning = Conditioning { style: None, kind: None, tempo: Some(tempo_class(bpm)) };
                piece(&Recording { conditioning, bpm, encoded }, &Self::config(0))
            }),
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
        Ok(Box::new(DrumModel::new(step, sha256(name.as_bytes()), String::new()).named(name)))
    }
}
