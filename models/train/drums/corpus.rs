//! The Groove MIDI Dataset: recordings of drummers, brought onto the grid and split as published.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lilt_models::drums::codec::Encoded;
use lilt_models::drums::recording::{Recording, add, play};
use lilt_models::drums::vocabulary::{NEXT, STEPS_PER_BAR};
use lilt_models::drums::walk::{Conditioning, DrumWalk, KINDS, STYLES, tempo_class};
use lilt_models::recurrent::batches::Piece;
use lilt_models::recurrent::config::Config;
use lilt_score::smf;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The recordings, split as published.
#[derive(Debug, Default)]
pub struct Corpus {
    /// To learn from.
    pub train: Vec<Recording>,
    /// To choose the checkpoint.
    pub valid: Vec<Recording>,
    /// For the figures on the card.
    pub test: Vec<Recording>,
    /// Recordings left out, by reason.
    pub left_out: BTreeMap<String, usize>,
}

/// Why the corpus could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A file could not be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// The list of recordings is not as it was published.
    #[error("{path}: line {line}: {message}")]
    List {
        /// The list.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

impl Corpus {
    /// Reads the recordings that `info.csv` in `folder` lists.
    ///
    /// # Errors
    /// When a file cannot be read, or the list is not as published.
    pub fn read(folder: &Path) -> Result<Corpus, CorpusError> {
        let list = folder.join("info.csv");
        let read =
            |path: &Path| std::fs::read(path).map_err(|error| CorpusError::Read { path: path.into(), error });
        let text = String::from_utf8_lossy(&read(&list)?).into_owned();
        let mut lines = (1..).zip(text.lines());
        let wrong =
            |line, message: &str| CorpusError::List { path: list.clone(), line, message: message.to_owned() };
        let (_, header) = lines.next().ok_or_else(|| wrong(1, "nothing in it"))?;
        let column = |name: &str| {
            header
                .split(',')
                .position(|title| title == name)
                .ok_or_else(|| wrong(1, &format!("no column `{name}`")))
        };
        let [style, bpm, kind, meter, file, split] =
            ["style", "bpm", "beat_type", "time_signature", "midi_filename", "split"].map(column);
        let (style, bpm, kind, meter, file, split) = (style?, bpm?, kind?, meter?, file?, split?);
        let mut corpus = Corpus::default();
        for (line, row) in lines {
            let cells: Vec<&str> = row.split(',').collect();
            let cell = |column: usize| cells.get(column).copied().unwrap_or_default();
            if cell(meter) != "4-4" {
                *corpus.left_out.entry("not in 4/4".to_owned()).or_default() += 1;
                continue;
            }
            let primary = cell(style).split('/').next().unwrap_or_default();
            let place =
                |known: &[&str], word: &str| known.iter().position(|&name| name == word).map(|at| at as u8);
            let tempo: f64 = cell(bpm).parse().map_err(|_| wrong(line, "the tempo is no number"))?;
            let conditioning = Conditioning {
                style: Some(place(&STYLES, primary).ok_or_else(|| wrong(line, "a style that is not known"))?),
                kind: Some(place(&KINDS, cell(kind)).ok_or_else(|| wrong(line, "neither beat nor fill"))?),
                tempo: Some(tempo_class(tempo)),
            };
            let encoded = match heard(&read(&folder.join(cell(file)))?) {
                Ok(encoded) => encoded,
                Err(reason) => {
                    *corpus.left_out.entry(reason.to_owned()).or_default() += 1;
                    continue;
                }
            };
            let recording = Recording { conditioning, bpm: tempo, encoded };
            match cell(split) {
                "train" => corpus.train.push(recording),
                "validation" => corpus.valid.push(recording),
                "test" => corpus.test.push(recording),
                _ => return Err(wrong(line, "neither train, validation nor test")),
            }
        }
        Ok(corpus)
    }
}

/// The hits of a MIDI file.
fn heard(bytes: &[u8]) -> Result<Encoded, &'static str> {
    play(&smf::read(bytes).map_err(|_| "not readable as MIDI")?)
}

/// For each fill a piece in which one to four bars of a beat of its style come before it: the data has
/// fills by themselves, but they are asked for within a beat.
pub fn fills_after_beats(recordings: &[Recording], config: &Config, seed: u64) -> Vec<Piece> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let is = |recording: &&Recording, kind: u8| recording.conditioning.kind == Some(kind);
    let beats: Vec<&Recording> = recordings.iter().filter(|recording| is(recording, 0)).collect();
    let mut pieces = Vec::new();
    for fill in recordings.iter().filter(|recording| is(recording, 1)) {
        let near = |beat: &&&Recording| {
            let apart = beat.conditioning.tempo.unwrap_or(0).abs_diff(fill.conditioning.tempo.unwrap_or(0));
            beat.conditioning.style == fill.conditioning.style
                && apart <= 1
                && beat.encoded.steps > STEPS_PER_BAR
        };
        let near: Vec<&&Recording> = beats.iter().filter(near).collect();
        if near.is_empty() {
            continue;
        }
        let beat = near[rng.random_range(0..near.len())];
        let bars = beat.encoded.steps / STEPS_PER_BAR;
        let taken = rng.random_range(1..=bars.min(4));
        let from = rng.random_range(0..=bars - taken);
        let mut step = 0;
        let mut within = |event: &[u8; 3]| {
            let now = step;
            step += i64::from(event[0] == NEXT);
            (from * STEPS_PER_BAR..(from + taken) * STEPS_PER_BAR).contains(&now)
        };
        let events: Vec<[u8; 3]> =
            beat.encoded.events.iter().copied().filter(|event| within(event)).collect();
        let (mut piece, mut walk) = (Piece::default(), DrumWalk::new(beat.conditioning, 0));
        add(&mut piece, &mut walk, config, &events);
        walk.set(fill.conditioning);
        add(&mut piece, &mut walk, config, &fill.encoded.events);
        pieces.push(piece);
    }
    pieces
}
