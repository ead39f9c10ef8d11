//! The chorales: read, and told what their bars and keys are.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use lilt_models::chorale::features::{Bars, Setting, Tonality};
use lilt_models::chorale::vocabulary::{CELLS_PER_BEAT, Frame, RANGES, REST, VOICES, class, midi};
use serde::Deserialize;

/// A chorale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its frames, a sixteenth each.
    pub frames: Vec<Frame>,
    /// Where its bars are, as far as one can tell.
    pub bars: Bars,
    /// Its key, as far as one can tell.
    pub key: Option<Tonality>,
}

impl Piece {
    /// A piece with bars and key worked out from its notes.
    pub fn new(frames: Vec<Frame>) -> Piece {
        let (bars, key) = (bars(&frames), key(&frames));
        Piece { frames, bars, key }
    }

    /// The piece as a whole, with key and bars told or not.
    pub fn setting(&self, told: bool) -> Setting {
        if told {
            Setting { key: self.key, bars: self.bars, starts: true, ends: true }
        } else {
            Setting { key: None, bars: Bars::Unknown { phase: 0 }, starts: true, ends: true }
        }
    }

    /// By how many semitones it may be moved, with every voice in its range.
    pub fn shifts(&self) -> std::ops::RangeInclusive<i32> {
        let (mut down, mut up) = (-12, 12);
        for frame in &self.frames {
            for (voice, &cell) in frame.iter().enumerate() {
                let Some(pitch) = midi(cell).map(i32::from) else { continue };
                let (low, high) = RANGES[voice];
                down = down.max(i32::from(low) - pitch);
                up = up.min(i32::from(high) - pitch);
            }
        }
        down.min(0)..=up.max(0)
    }

    /// Notes: runs of one pitch in one voice.
    pub fn notes(&self) -> usize {
        (0..VOICES)
            .map(|voice| {
                let cells = self.frames.iter().map(|frame| frame[voice]);
                let before = std::iter::once(REST).chain(cells.clone());
                cells.zip(before).filter(|(cell, before)| *cell != REST && cell != before).count()
            })
            .sum()
    }
}

/// The published split.
#[derive(Debug)]
pub struct Corpus {
    pub train: Vec<Piece>,
    pub valid: Vec<Piece>,
    pub test: Vec<Piece>,
}

/// The file: MIDI pitches, −1 for silence, soprano first.
#[derive(Debug, Deserialize)]
struct File {
    train: Vec<Vec<[i16; VOICES]>>,
    valid: Vec<Vec<[i16; VOICES]>>,
    test: Vec<Vec<[i16; VOICES]>>,
}

impl Corpus {
    /// Reads `Jsb16thSeparated.json` in the folder `data`.
    pub fn read(data: &Path) -> Result<Corpus> {
        let path = data.join("Jsb16thSeparated.json");
        let text = std::fs::read(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let file: File = serde_json::from_slice(&text)
            .with_context(|| format!("{}: this is no list of chorales", path.display()))?;
        let pieces = |pieces: Vec<Vec<[i16; VOICES]>>| -> Result<Vec<Piece>> {
            ensure!(!pieces.is_empty(), "{}: a split is empty", path.display());
            pieces.iter().map(|piece| Ok(Piece::new(frames(piece)?))).collect()
        };
        Ok(Corpus { train: pieces(file.train)?, valid: pieces(file.valid)?, test: pieces(file.test)? })
    }
}

fn frames(piece: &[[i16; VOICES]]) -> Result<Vec<Frame>> {
    let cell = |pitch: i16| match u8::try_from(pitch) {
        Ok(pitch) => match class(pitch) {
            Some(class) => Ok(class),
            None => bail!("MIDI pitch {pitch} lies outside the range of the chorales"),
        },
        Err(_) => Ok(REST),
    };
    piece
        .iter()
        .map(|frame| {
            let mut cells = [REST; VOICES];
            for (to, &pitch) in cells.iter_mut().zip(frame) {
                *to = cell(pitch)?;
            }
            Ok(cells)
        })
        .collect()
}

/// The bass ends a chorale on its tonic; the third that is heard more often tells the mode (the last
/// chord does not: minor chorales like to end on a major one).
fn key(frames: &[Frame]) -> Option<Tonality> {
    let last = frames.iter().rev().find_map(|frame| midi(frame[VOICES - 1]))?;
    let tonic = last % 12;
    let heard = |interval: u8| {
        let cells = frames.iter().flatten().filter_map(|&cell| midi(cell));
        cells.filter(|pitch| (pitch + 12 - tonic) % 12 == interval).count()
    };
    Some(Tonality { tonic, minor: heard(3) > heard(4) })
}

/// The grid of bars along which the voices move together most: more of them change on a strong beat.
/// The data says nothing of bars, so this is a guess, left out where nothing stands out.
fn bars(frames: &[Frame]) -> Bars {
    let beats = frames.len() / CELLS_PER_BEAT;
    let moved: Vec<f64> = (0..beats)
        .map(|beat| {
            let at = beat * CELLS_PER_BEAT;
            let changed = |at: usize| {
                if at == 0 { 0 } else { (0..VOICES).filter(|&v| frames[at][v] != frames[at - 1][v]).count() }
            };
            // A note that starts here and stays for a beat is long; one within the beat is not.
            let within: usize = (1..CELLS_PER_BEAT).map(|part| changed(at + part)).sum();
            changed(at) as f64 - 0.7 * within as f64
        })
        .collect();
    let mean = moved.iter().sum::<f64>() / beats.max(1) as f64;
    let fit = |strong: &[f64], first: usize| -> f64 {
        let weights = |beat: usize| strong[(beat + first) % strong.len()];
        let product: f64 = moved.iter().enumerate().map(|(beat, x)| (x - mean) * weights(beat)).sum();
        let size = strong.iter().map(|w| w * w).sum::<f64>() / strong.len() as f64;
        product / (size * beats.max(1) as f64).sqrt()
    };
    let mut best = (1.5, Bars::Unknown { phase: 0 });
    for first in 0..4 {
        let bars = Bars::Four { phase: first * CELLS_PER_BEAT };
        let found = fit(&[1.0, -1.0, 0.7, -0.7], first);
        if found > best.0 {
            best = (found, bars);
        }
    }
    for first in 0..3 {
        let bars = Bars::Three { phase: first * CELLS_PER_BEAT };
        let found = fit(&[1.0, -0.5, -0.5], first);
        if found > best.0 {
            best = (found, bars);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_read_with_its_key_and_its_rests() {
        let folder = std::env::temp_dir().join(format!("lilt-chorales-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("Jsb16thSeparated.json");
        let piece = "[[72,67,63,48],[72,67,63,48],[-1,67,62,43],[72,67,64,48]]";
        let text = format!("{{\"train\":[{piece}],\"valid\":[{piece}],\"test\":[{piece}]}}");
        std::fs::write(&file, &text).unwrap();
        let corpus = Corpus::read(&folder).unwrap();
        let piece = &corpus.train[0];
        assert_eq!(piece.frames[2], [REST, 31, 26, 7]);
        // C minor, though the last chord is major.
        assert_eq!(piece.key, Some(Tonality { tonic: 0, minor: true }));
        assert_eq!(piece.notes(), 2 + 1 + 3 + 3);
        // The tenor stays between a#2 and a4, the soprano between c4 and a5.
        assert_eq!(piece.shifts(), -7..=5);
        std::fs::write(&file, text.replace("43", "20")).unwrap();
        let error = Corpus::read(&folder).unwrap_err().to_string();
        assert_eq!(error, "MIDI pitch 20 lies outside the range of the chorales");
    }

    /// Voices that move on every third beat, long before it, tell of bars of three.
    #[test]
    fn bars_are_found_where_they_stand_out() {
        let frames = |bar: usize, from: usize| -> Vec<Frame> {
            let frame = |at: usize| {
                let strong = ((at + from) / (bar * CELLS_PER_BEAT)) as u8;
                [20 + strong % 2, 18 - strong % 2, 10 + strong % 2, 5 - strong % 2]
            };
            (0..12 * bar * CELLS_PER_BEAT).map(frame).collect()
        };
        assert_eq!(bars(&frames(3, 0)), Bars::Three { phase: 0 });
        assert_eq!(bars(&frames(3, 4)), Bars::Three { phase: 4 });
        assert!(matches!(bars(&frames(4, 8)), Bars::Four { phase: 8 }));
        assert_eq!(bars(&[[20, 15, 10, 5]; 64]), Bars::Unknown { phase: 0 });
    }
}
