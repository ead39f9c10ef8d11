//! Songs as `melody` learns them: passages of whole bars, with what happens on each 16th and the chord
//! under it.

use super::chords::{Chord, Harmony};
use super::vocabulary::{BAR, HOLD, Home, REST, onsets};

/// Silent bars from which the music falls into two passages.
const GAP: usize = 2;
/// Fewest bars and notes of a passage.
const SHORTEST: (usize, usize) = (4, 8);

/// What happens on a 16th, before a home note is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Nothing begins or ends.
    Hold,
    /// What sounds ends.
    Rest,
    /// A note of this MIDI number begins.
    Note(u8),
}

impl Happening {
    /// What happens on each step of `tokens` over `home`.
    pub fn of(tokens: &[u8], home: Home) -> Vec<Happening> {
        let happening = |&token: &u8| match (token, home.pitch(token)) {
            (REST, _) => Happening::Rest,
            (_, Some(pitch)) => Happening::Note(pitch),
            _ => Happening::Hold,
        };
        tokens.iter().map(happening).collect()
    }
}

/// Some bars of a song without long silences, from a bar line on.
#[derive(Debug, Clone)]
pub struct Passage {
    /// What pitches and roots are counted from.
    pub home: Home,
    /// Whole bars.
    pub steps: Vec<Happening>,
    /// The chord of each step; there may be more, for what is announced at the end.
    pub chords: Vec<Chord>,
    /// How much each step counts in what is learnt; 1 where nothing is said.
    pub weights: Vec<f32>,
}

impl Passage {
    /// The steps as the network knows them, moved up by `shift` semitones; none when a pitch is out of
    /// range.
    pub fn tokens(&self, home: Home, shift: i32) -> Option<Vec<u8>> {
        let token = |happening: &Happening| match *happening {
            Happening::Hold => Some(HOLD),
            Happening::Rest => Some(REST),
            Happening::Note(pitch) => home.token(i32::from(pitch) + shift),
        };
        self.steps.iter().map(token).collect()
    }

    /// The chords, moved up by `shift` semitones.
    pub fn harmony(&self, shift: i32) -> Harmony {
        let moved = |chord: &Chord| match *chord {
            Chord::Named { root, quality } => {
                Chord::Named { root: (i32::from(root) + shift).rem_euclid(12) as u8, quality }
            }
            other => other,
        };
        Harmony::new(self.chords.iter().map(moved).collect())
    }

    /// Notes in it.
    pub fn notes(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Happening::Note(_))).count()
    }
}

/// A song's passages.
#[derive(Debug, Clone)]
pub struct Song {
    /// In order.
    pub passages: Vec<Passage>,
}

/// Songs, and notes in them.
pub fn size(songs: &[Song]) -> [usize; 2] {
    let notes = |passage: &Passage| onsets(&passage.tokens(passage.home, 0).unwrap_or_default());
    [songs.len(), songs.iter().flat_map(|song| &song.passages).map(notes).sum()]
}

/// The passages of whole bars of `steps`, which `chords` lie under: `home` says what key each is in, given
/// its steps and its bars. Those that are short, or out of range, are left out.
pub fn passages(
    steps: &[Happening],
    chords: &[Chord],
    home: impl Fn(&[Happening], std::ops::Range<usize>) -> Home,
) -> Vec<Passage> {
    let mut passages = Vec::new();
    for bars in sounding_bars(steps) {
        let span = bars.start * BAR..bars.end * BAR;
        let steps = from_silence(&steps[span.clone()]);
        if bars.len() < SHORTEST.0 {
            continue;
        }
        let passage =
            Passage { home: home(&steps, bars), steps, chords: chords[span].to_vec(), weights: Vec::new() };
        if passage.notes() >= SHORTEST.1 && passage.tokens(passage.home, 0).is_some() {
            passages.push(passage);
        }
    }
    passages
}

/// Runs of bars without a gap, from a bar with a note to a bar with a note.
fn sounding_bars(steps: &[Happening]) -> Vec<std::ops::Range<usize>> {
    let sounds = |bar: &[Happening]| bar.iter().any(|step| matches!(step, Happening::Note(_)));
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (bar, steps) in steps.chunks_exact(BAR).enumerate() {
        if !sounds(steps) {
            continue;
        }
        match runs.last_mut() {
            Some(run) if bar < run.end + GAP => run.end = bar + 1,
            _ => runs.push(bar..bar + 1),
        }
    }
    runs
}

/// A rest where nothing sounds is a hold.
fn from_silence(steps: &[Happening]) -> Vec<Happening> {
    let mut sounding = false;
    let quiet = |&step: &Happening| {
        let step = if step == Happening::Rest && !sounding { Happening::Hold } else { step };
        sounding = matches!(step, Happening::Note(_)) || (sounding && step == Happening::Hold);
        step
    };
    steps.iter().map(quiet).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_cuts_a_song_into_passages() {
        let mut steps = vec![Happening::Hold; 10 * BAR];
        for bar in [1, 2, 4, 8] {
            steps[bar * BAR + 3] = Happening::Note(60);
        }
        assert_eq!(sounding_bars(&steps), [1..5, 8..9]);
    }
}
