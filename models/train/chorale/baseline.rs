//! The baseline: an interpolated Kneser-Ney 5-gram for each voice.
//!
//! Frame after frame and from the soprano down, a voice hears its own last cell, the voice above it,
//! the place in the beat, and its own cell a beat ago. Like the network it learns from every key in
//! which the voices stay in their ranges.

use crate::kneser_ney::KneserNey;
use lilt_models::chorale::vocabulary::{CELLS_PER_BEAT, CLASSES, Frame, REST, VOICES};

use lilt_models::chorale::piece::Piece;

/// What the card calls it.
pub const NAME: &str = "interpolated Kneser-Ney 5-gram for each voice over its last cell, the voice above, the place in the beat and its cell a beat ago, in every key";

const REACH: usize = 4;

/// What a voice hears at `at`, the most telling first; each kind has its own numbers.
fn context(frames: &[Frame], at: usize, voice: usize) -> [u16; REACH] {
    let kinds = CLASSES as u16 + 1;
    let cell = |back: usize| at.checked_sub(back).map_or(CLASSES as u16, |at| u16::from(frames[at][voice]));
    let above = if voice == 0 { cell(2) } else { u16::from(frames[at][voice - 1]) };
    let place = (at % CELLS_PER_BEAT) as u16;
    [cell(1), kinds + place, 2 * kinds + above, 3 * kinds + cell(CELLS_PER_BEAT)]
}

fn moved(piece: &Piece) -> Vec<Vec<Frame>> {
    let moved = |shift: i32| {
        let cell = |cell: u8| if cell == REST { REST } else { (i32::from(cell) + shift) as u8 };
        piece.frames.iter().map(|frame| frame.map(cell)).collect()
    };
    piece.shifts().map(moved).collect()
}

/// Nats per frame on `test` of what `train` taught.
pub fn measure(train: &[Piece], test: &[Piece]) -> f64 {
    let train: Vec<Vec<Frame>> = train.iter().flat_map(moved).collect();
    let frames: usize = test.iter().map(|piece| piece.frames.len()).sum();
    let mut nats = 0.0;
    for voice in 0..VOICES {
        let events: Vec<([u16; REACH], u16)> = train
            .iter()
            .flat_map(|frames| {
                (0..frames.len()).map(move |at| (context(frames, at, voice), u16::from(frames[at][voice])))
            })
            .collect();
        let events = events.iter().map(|(context, cell)| (context.as_slice(), *cell));
        let model = KneserNey::train(events, REACH, CLASSES);
        for piece in test {
            for at in 0..piece.frames.len() {
                let context = context(&piece.frames, at, voice);
                nats -= model.probability(&context, u16::from(piece.frames[at][voice])).ln();
            }
        }
    }
    nats / frames as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_is_soon_known() {
        let piece = |from: u8| Piece::new((0..64).map(|at| [36 + from + at / 4 % 2, 28, 20, 10]).collect());
        let train: Vec<Piece> = (0..3).map(piece).collect();
        assert!(measure(&train, &[piece(1)]) < 1.0);
    }
}
