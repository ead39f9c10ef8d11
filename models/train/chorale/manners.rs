//! How four voices behave by the rules of the school, in Bach and in what the network writes.

use lilt_models::chorale::losses::Manners;
use lilt_models::chorale::vocabulary::{CELLS_PER_BEAT, Frame, RANGES, REST, VOICES, midi};

/// Measures `pieces`.
///
/// A chord changes where any voice does. Two voices run in parallel when both move the same way and
/// stand a fifth (or a unison or an octave) apart before and after, octaves between them aside.
pub fn manners<'a>(pieces: impl IntoIterator<Item = &'a [Frame]>) -> Manners {
    let (mut changes, mut fifths, mut octaves) = (0usize, 0usize, 0usize);
    let (mut frames, mut crossed, mut cells, mut outside, mut notes) =
        (0usize, 0usize, 0usize, 0usize, 0usize);
    for piece in pieces {
        for (at, frame) in piece.iter().enumerate() {
            frames += 1;
            let pitches: [Option<i32>; VOICES] = frame.map(|cell| midi(cell).map(i32::from));
            crossed += usize::from(pitches.windows(2).any(|pair| pair[0] < pair[1] && pair[0].is_some()));
            for (voice, pitch) in pitches.iter().enumerate() {
                let Some(pitch) = *pitch else { continue };
                cells += 1;
                let (low, high) = RANGES[voice];
                outside += usize::from(!(i32::from(low)..=i32::from(high)).contains(&pitch));
                notes += usize::from(at == 0 || piece[at - 1][voice] != frame[voice]);
            }
            if at == 0 || piece[at - 1] == *frame {
                continue;
            }
            changes += 1;
            let before = &piece[at - 1];
            for upper in 0..VOICES {
                for lower in upper + 1..VOICES {
                    if [before[upper], before[lower], frame[upper], frame[lower]].contains(&REST) {
                        continue;
                    }
                    let interval =
                        |frame: &Frame| (i32::from(frame[upper]) - i32::from(frame[lower])).rem_euclid(12);
                    let step = |voice: usize| i32::from(frame[voice]) - i32::from(before[voice]);
                    if step(upper).signum() * step(lower).signum() != 1 || interval(before) != interval(frame)
                    {
                        continue;
                    }
                    fifths += usize::from(interval(frame) == 7);
                    octaves += usize::from(interval(frame) == 0);
                }
            }
        }
    }
    let share = |part: usize, all: usize| (1e4 * part as f64 / all.max(1) as f64).round() / 100.0;
    Manners {
        parallel_fifths: share(fifths, changes),
        parallel_octaves: share(octaves, changes),
        crossings: share(crossed, frames),
        out_of_range: share(outside, cells),
        notes_a_beat: (100.0 * (notes * CELLS_PER_BEAT) as f64 / frames.max(1) as f64).round() / 100.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallels_and_crossings_by_hand() {
        // g-c fifth to a-d fifth between the outer voices; the tenor goes above the alto.
        let piece: [Frame; 3] = [[31, 28, 24, 12], [33, 29, 30, 14], [33, 29, 30, 14]];
        let found = manners([piece.as_slice()]);
        // Soprano and bass: 19 semitones, both up by two. Tenor and alto do not run with them.
        assert_eq!((found.parallel_fifths, found.parallel_octaves), (100.0, 0.0));
        assert_eq!(found.crossings, 66.67);
        assert_eq!(found.notes_a_beat, 10.67);
    }
}
