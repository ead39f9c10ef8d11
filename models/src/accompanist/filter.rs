//! The forward filter: what is believed of home note and chord, half bar by half bar.

use lilt_inference::HeardNote;
use serde::{Deserialize, Serialize};

use super::harmony::{CHORDS, Chord};

/// Half bars that are looked back to: 32 bars.
pub const WINDOW: u64 = 64;
/// How many half bars back songs return, the near one first: four bars and eight.
pub const RETURNS: [usize; 2] = [8, 16];

/// Weights of the parts, chosen by the likelihood of chords of held-out songs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Weighing {
    /// How much a beat of melody counts: its notes are not independent of each other.
    pub evidence: f32,
    /// How much more a note counts that begins on a beat.
    pub on_beat: f32,
    /// Share of the chord that stood [`RETURNS`] half bars ago.
    pub returns: [f32; 2],
    /// Probability that the home note is another half a bar later.
    pub moves: f32,
    /// How much a chord is chosen for the melody that is likely to come over it, beside being likely itself.
    pub fits: f32,
}

/// What was counted: all in relation to a home note.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// `[place][from][to]`: the probability of a chord after another, into a first half of a bar and into a second one.
    pub transitions: Vec<f32>,
    /// `[chord][pitch class]`: the probability of a pitch class while a chord sounds.
    pub emissions: Vec<f32>,
    /// `[chord]`: the probability of the first chord of a passage.
    pub first: Vec<f32>,
}

impl Tables {
    /// Numbers of `transitions`, `emissions` and `first`.
    pub const SIZES: [usize; 3] = [2 * CHORDS * CHORDS, CHORDS * 12, CHORDS];

    /// The row of transitions from a chord into a place of the bar.
    fn after(&self, place: usize, from: usize) -> &[f32] {
        &self.transitions[(place * CHORDS + from) * CHORDS..][..CHORDS]
    }
}

/// How long each pitch class is heard within some beats, in weighted beats.
pub fn evidence(heard: &[HeardNote], from: f64, to: f64, weighing: &Weighing) -> [f32; 12] {
    let mut weights = [0.0; 12];
    for note in heard.iter().filter(|note| note.start < to && note.end > from) {
        let long = (note.end.min(to) - note.start.max(from)) as f32;
        let begins = note.start >= from && (note.start - note.start.round()).abs() < 0.1;
        weights[usize::from(note.key % 12)] += long * if begins { 1.0 + weighing.on_beat } else { 1.0 };
    }
    weights
}

/// What is believed of a half bar: the joint probability of each home note and each chord.
type Belief = Vec<[f32; CHORDS]>;

/// What is believed while it goes forward.
#[derive(Debug, Clone)]
pub struct Filter<'a> {
    tables: &'a Tables,
    weighing: Weighing,
    /// What was believed of each half bar from the first on.
    beliefs: Vec<Belief>,
    /// Number of the first half bar.
    begins: u64,
    /// The home note, where it is known.
    home: Option<u8>,
}

impl<'a> Filter<'a> {
    /// Before the half bar `begins`, where nothing is known but the home note, if that is.
    pub fn new(tables: &'a Tables, weighing: Weighing, begins: u64, home: Option<u8>) -> Filter<'a> {
        let moves = if home.is_some() { 0.0 } else { weighing.moves };
        Filter { tables, weighing: Weighing { moves, ..weighing }, beliefs: Vec::new(), begins, home }
    }

    /// Goes one half bar on, in which each pitch class is heard for so many weighted beats.
    pub fn step(&mut self, heard: &[f32; 12]) {
        let mut belief = self.predicted();
        if heard.iter().any(|&weight| weight > 0.0) {
            self.see(&mut belief, heard);
        }
        self.beliefs.push(belief);
    }

    /// The probability of each chord, in relation to C, in the newest half bar.
    pub fn chords(&self) -> [f32; CHORDS] {
        let mut chords = [0.0; CHORDS];
        for (home, of_home) in self.beliefs.last().into_iter().flatten().enumerate() {
            for chord in Chord::all() {
                chords[chord.up(home as u8).number()] += of_home[chord.number()];
            }
        }
        chords
    }

    /// The probability of each pitch class in the newest half bar.
    pub fn classes(&self) -> [f32; 12] {
        let mut classes = [0.0; 12];
        for (home, of_home) in self.beliefs.last().into_iter().flatten().enumerate() {
            for (weight, emissions) in of_home.iter().zip(self.tables.emissions.chunks_exact(12)) {
                let all = emissions.iter().enumerate();
                all.for_each(|(above, p)| classes[(above + home) % 12] += weight * p);
            }
        }
        classes
    }

    /// What is believed of the next half bar before anything of it is heard.
    fn predicted(&self) -> Belief {
        let Some(last) = self.beliefs.last() else {
            let share = |home: usize| match self.home {
                Some(known) => f32::from(usize::from(known) == home),
                None => 1.0 / 12.0,
            };
            let of_home = |home: usize| {
                let mut row = [0.0; CHORDS];
                row.iter_mut().zip(&self.tables.first).for_each(|(p, first)| *p = first * share(home));
                row
            };
            return (0..12).map(of_home).collect();
        };
        let place = ((self.begins + self.beliefs.len() as u64) % 2) as usize;
        let homes: Vec<f32> = last.iter().map(|row| row.iter().sum()).collect();
        let all: f32 = homes.iter().sum();
        let ago = |back: usize| self.beliefs.len().checked_sub(back).map(|at| &self.beliefs[at]);
        let returns: Vec<(f32, &Belief)> = RETURNS
            .iter()
            .zip(self.weighing.returns)
            .filter_map(|(&back, share)| ago(back).map(|belief| (share, belief)))
            .collect();
        let onward = 1.0 - returns.iter().map(|(share, _)| share).sum::<f32>();
        let mut next = vec![[0.0; CHORDS]; 12];
        for (home, row) in next.iter_mut().enumerate() {
            for (from, &weight) in last[home].iter().enumerate() {
                let weight = weight * onward;
                if weight > 1e-9 {
                    let after = self.tables.after(place, from);
                    row.iter_mut().zip(after).for_each(|(to, p)| *to += weight * p);
                }
            }
            for (share, belief) in &returns {
                let then: f32 = belief[home].iter().sum();
                let weight = if then > 0.0 { share * homes[home] / then } else { 0.0 };
                row.iter_mut().zip(&belief[home]).for_each(|(to, p)| *to += weight * p);
            }
        }
        // A song that goes on in another key keeps its chords no longer than its home.
        let moved = self.weighing.moves * all / 12.0;
        for row in &mut next {
            row.iter_mut()
                .zip(&self.tables.first)
                .for_each(|(to, first)| *to = *to * (1.0 - self.weighing.moves) + moved * first);
        }
        next
    }

    /// Weighs each state by how likely it makes what is heard.
    fn see(&self, belief: &mut Belief, heard: &[f32; 12]) {
        // In logarithms, against the likeliest: a long stretch of one note would be nothing otherwise.
        let likelihood = |home: usize, chord: usize| -> f32 {
            let emissions = &self.tables.emissions[chord * 12..][..12];
            let told = heard.iter().enumerate().filter(|(_, weight)| **weight > 0.0);
            told.map(|(class, weight)| weight * emissions[(class + 12 - home) % 12].ln()).sum::<f32>()
                * self.weighing.evidence
        };
        let mut logs = vec![[0.0_f32; CHORDS]; 12];
        for (home, row) in logs.iter_mut().enumerate() {
            row.iter_mut().enumerate().for_each(|(chord, log)| *log = likelihood(home, chord));
        }
        let most = logs.iter().flatten().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut all = 0.0;
        for (row, logs) in belief.iter_mut().zip(&logs) {
            for (weight, log) in row.iter_mut().zip(logs) {
                *weight *= (log - most).exp();
                all += *weight;
            }
        }
        if all > 0.0 {
            belief.iter_mut().flatten().for_each(|weight| *weight /= all);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accompanist::harmony::Kind;

    const WEIGHING: Weighing =
        Weighing { evidence: 1.0, on_beat: 0.0, returns: [0.0, 0.0], moves: 0.0, fits: 0.0 };

    fn chord(root: u8, kind: Kind) -> Chord {
        Chord::new(root, kind)
    }

    /// A world of three chords, I, IV and V, that go round bar by bar: each stays for the second half.
    fn round() -> Tables {
        let way = [chord(0, Kind::Major), chord(5, Kind::Major), chord(7, Kind::Major)].map(Chord::number);
        let mut transitions = vec![0.0; Tables::SIZES[0]];
        for (at, &from) in way.iter().enumerate() {
            transitions[from * CHORDS + way[(at + 1) % 3]] = 1.0;
            transitions[(CHORDS + from) * CHORDS + from] = 1.0;
        }
        let mut emissions = vec![0.0; Tables::SIZES[1]];
        for chord in Chord::all() {
            for class in 0..12 {
                let p = if chord.contains(class) { 0.28 } else { 0.16 / 9.0 };
                emissions[chord.number() * 12 + usize::from(class)] = p;
            }
        }
        let mut first = vec![0.0; CHORDS];
        way.iter().for_each(|&chord| first[chord] = 1.0 / 3.0);
        Tables { transitions, emissions, first }
    }

    fn heard(keys: &[(u8, f64, f64)]) -> Vec<HeardNote> {
        keys.iter().map(|&(key, start, end)| HeardNote { start, end, key }).collect()
    }

    #[test]
    fn it_finds_where_it_is_and_what_comes_next() {
        // In G: a bar of G, a bar of C; D comes next, in both halves of the bar.
        let tables = round();
        let notes = heard(&[(67, 0.0, 2.0), (71, 2.0, 4.0), (72, 4.0, 6.0), (76, 6.0, 8.0)]);
        let mut filter = Filter::new(&tables, WEIGHING, 0, None);
        for half in 0..4 {
            let from = f64::from(half) * 2.0;
            filter.step(&evidence(&notes, from, from + 2.0, &WEIGHING));
        }
        for _ in 0..2 {
            filter.step(&[0.0; 12]);
            let chords = filter.chords();
            let best = Chord::all().max_by(|a, b| chords[a.number()].total_cmp(&chords[b.number()]));
            assert_eq!(best, Some(chord(2, Kind::Major)));
            assert!((chords.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn what_is_believed_sums_to_one_whatever_is_heard() {
        let tables = round();
        let weighing = Weighing { returns: [0.3, 0.2], moves: 0.01, on_beat: 1.0, ..WEIGHING };
        let mut filter = Filter::new(&tables, weighing, 3, None);
        for half in 0..40_u32 {
            let mut weights = [0.0; 12];
            weights[(half as usize * 5) % 12] = (half % 4) as f32 * 40.0;
            filter.step(&weights);
            let sum: f32 = filter.chords().iter().sum();
            assert!((sum - 1.0).abs() < 1e-3, "{sum} after {half}");
        }
    }

    #[test]
    fn a_note_counts_for_as_long_as_it_sounds_and_more_on_a_beat() {
        let weighing = Weighing { on_beat: 0.5, ..WEIGHING };
        let notes = heard(&[(60, 1.0, 2.5), (62, 2.5, 3.0), (64, 3.0, 9.0)]);
        let weights = evidence(&notes, 2.0, 4.0, &weighing);
        assert_eq!((weights[0], weights[2], weights[4]), (0.5, 0.5, 1.5));
    }
}
