//! A chorale to learn from, and what can be told of its bars and its key.

use lilt_inference::Conditions;
use lilt_score::Clip;

use super::features::{Bars, Conditioning, Tonality};
use super::vocabulary::{CELLS_PER_BEAT, Frame, RANGES, REST, VOICES, midi};
use super::voices::{Voices, VoicesError};

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

    /// A clip as four voices in the metre and key of `conditions`; where no note sounds a voice rests. Music
    /// outside the ranges of a choir is moved into them.
    ///
    /// # Errors
    /// [`VoicesError`] when the clip is no music for four voices.
    pub fn of_clip(clip: &Clip, conditions: &Conditions) -> Result<Piece, VoicesError> {
        let voices = Voices::read(clip, None)?;
        let (frames, _) = voices.cells();
        let piece = Piece::new(frames);
        let told = conditions.key.map(|key| Tonality::of(key, voices.shift));
        Ok(Piece { bars: Bars::of(conditions.meter), key: told.or(piece.key), ..piece })
    }

    /// The piece as a whole, with key and bars told or not.
    pub fn conditioning(&self, told: bool) -> Conditioning {
        if told {
            Conditioning { key: self.key, bars: self.bars, starts: true, ends: true }
        } else {
            Conditioning { key: None, bars: Bars::Unknown { phase: 0 }, starts: true, ends: true }
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
