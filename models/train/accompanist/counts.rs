//! What is counted in songs, and how much each part of it is to weigh.

use lilt_inference::HeardNote;
use lilt_models::accompanist::filter::{Filter, Tables, Weighing, evidence};
use lilt_models::accompanist::harmony::{CHORDS, Chord, Kind};
use lilt_models::melody::chords::Chord as Sounding;
use lilt_models::melody::passage::{Happening, Passage, Song};

/// Steps of half a bar.
pub const HALF: usize = 8;
/// Counts that the back-off is worth: transitions go back to how often a chord is, pitch classes to how they lie above a
/// root whatever the home note.
const BACK_OFF: f64 = 8.0;
/// What every outcome is counted beside what was seen.
const FLOOR: f64 = 0.05;

/// The chord of each half bar in relation to C, by what sounds on most of its steps; none where no chord is known.
pub fn halves(passage: &Passage) -> Vec<Option<Chord>> {
    let chord = |sounding: &Sounding| match *sounding {
        Sounding::Named { root, quality } => Some(Chord::new(root, Kind::of(quality))),
        Sounding::None | Sounding::Unknown => None,
    };
    let half = |steps: &[Sounding]| {
        let all: Vec<Chord> = steps.iter().filter_map(chord).collect();
        let often = |chord: &Chord| all.iter().filter(|other| *other == chord).count();
        // The first of those that sound as long.
        all.iter().rev().max_by_key(|chord| often(chord)).copied()
    };
    passage.chords[..passage.steps.len()].chunks_exact(HALF).map(half).collect()
}

/// The melody, in beats from the passage's first bar line.
pub fn heard(passage: &Passage) -> Vec<HeardNote> {
    let mut notes: Vec<HeardNote> = Vec::new();
    let mut sounds = false;
    for (step, happening) in passage.steps.iter().enumerate() {
        let at = step as f64 / 4.0;
        if let (true, Some(last)) = (sounds, notes.last_mut()) {
            last.end = at;
        }
        match *happening {
            Happening::Note(key) => {
                notes.push(HeardNote { start: at, end: at, key });
                sounds = true;
            }
            Happening::Rest => sounds = false,
            Happening::Hold => {}
        }
    }
    if let (true, Some(last)) = (sounds, notes.last_mut()) {
        last.end = passage.steps.len() as f64 / 4.0;
    }
    notes
}

/// Counts.
pub fn counted(songs: &[Song]) -> Tables {
    let mut transitions = vec![0.0_f64; Tables::SIZES[0]];
    let mut emissions = vec![0.0_f64; Tables::SIZES[1]];
    let mut often = vec![0.0_f64; CHORDS];
    let mut first = vec![0.0_f64; CHORDS];
    let plain = Weighing { evidence: 1.0, on_beat: 0.0, returns: [0.0; 2], moves: 0.0, fits: 0.0 };
    for passage in songs.iter().flat_map(|song| &song.passages) {
        let (chords, notes) = (halves(passage), heard(passage));
        let home = passage.home.tonic;
        if let Some(chord) = chords.iter().flatten().next() {
            first[chord.up(12 - home).number()] += 1.0;
        }
        for (half, chord) in chords.iter().enumerate() {
            let Some(chord) = chord.map(|chord| chord.up(12 - home)) else { continue };
            often[chord.number()] += 1.0;
            let weights = evidence(&notes, 2.0 * half as f64, 2.0 * half as f64 + 2.0, &plain);
            for (class, weight) in (0_u8..12).zip(weights) {
                let above = usize::from((class + 12 - home) % 12);
                emissions[chord.number() * 12 + above] += f64::from(weight);
            }
            let before = half.checked_sub(1).and_then(|before| chords[before]);
            if let Some(before) = before.map(|chord| chord.up(12 - home)) {
                transitions[((half % 2) * CHORDS + before.number()) * CHORDS + chord.number()] += 1.0;
            }
        }
    }
    let often = shares(&often.iter().map(|count| count + FLOOR).collect::<Vec<_>>());
    for row in transitions.chunks_exact_mut(CHORDS).chain([&mut first[..]]) {
        row.iter_mut().zip(&often).for_each(|(count, often)| *count += BACK_OFF * often);
    }
    // How pitch classes lie above a root of each kind, over all homes.
    let mut above = vec![FLOOR; 12 * Kind::ALL.len()];
    for chord in Chord::all() {
        for class in 0..12 {
            let over = (class + 12 - usize::from(chord.root())) % 12;
            above[chord.kind() as usize * 12 + over] += emissions[chord.number() * 12 + class];
        }
    }
    let above: Vec<f64> = above.chunks_exact(12).flat_map(shares).collect();
    for chord in Chord::all() {
        for class in 0..12 {
            let over = (class + 12 - usize::from(chord.root())) % 12;
            emissions[chord.number() * 12 + class] += BACK_OFF * above[chord.kind() as usize * 12 + over];
        }
    }
    let narrow = |table: Vec<f64>, row: usize| -> Vec<f32> {
        table.chunks_exact(row).flat_map(shares).map(|share| share as f32).collect()
    };
    Tables {
        transitions: narrow(transitions, CHORDS),
        emissions: narrow(emissions, 12),
        first: narrow(first, CHORDS),
    }
}

fn shares(counts: &[f64]) -> Vec<f64> {
    let all: f64 = counts.iter().sum();
    counts.iter().map(|count| count / all).collect()
}

/// Mean nats of the chords of songs, each half bar foreseen from all before it but its last beat.
pub fn nats(tables: &Tables, weighing: Weighing, songs: &[Song]) -> f64 {
    let (mut nats, mut count) = (0.0, 0);
    for passage in songs.iter().flat_map(|song| &song.passages) {
        let (chords, notes) = (halves(passage), heard(passage));
        let mut filter = Filter::new(tables, weighing, 0, None);
        for (half, chord) in chords.iter().enumerate() {
            let from = 2.0 * half as f64;
            if half > 0 {
                // What is known a beat before it sounds: the first beat of the half bar before.
                let mut ahead = filter.clone();
                ahead.step(&evidence(&notes, from - 2.0, from - 1.0, &weighing));
                ahead.step(&[0.0; 12]);
                if let Some(chord) = chord {
                    nats -= f64::from(ahead.chords()[chord.number()].max(1e-9)).ln();
                    count += 1;
                }
                filter.step(&evidence(&notes, from - 2.0, from, &weighing));
            }
        }
    }
    nats / f64::from(count.max(1))
}

/// Values that a weight is tried at, and how it is set.
type Way = (&'static [f32], fn(&mut Weighing, f32));

/// The weights under which songs that were not counted are likeliest: one after the other is moved while that helps.
pub fn weighed(tables: &Tables, songs: &[Song]) -> Weighing {
    let mut best = Weighing { evidence: 1.0, on_beat: 0.5, returns: [0.2, 0.2], moves: 0.001, fits: 0.0 };
    let mut least = nats(tables, best, songs);
    let ways: [Way; 5] = [
        (&[0.4, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2], |w, value| w.evidence = value),
        (&[0.0, 0.25, 0.5, 1.0, 2.0], |w, value| w.on_beat = value),
        (&[0.0, 0.1, 0.2, 0.3, 0.4, 0.5], |w, value| w.returns[0] = value),
        (&[0.0, 0.1, 0.2, 0.3, 0.4, 0.5], |w, value| w.returns[1] = value),
        (&[0.0003, 0.001, 0.003, 0.01], |w, value| w.moves = value),
    ];
    loop {
        let before = least;
        for (values, set) in ways {
            for &value in values {
                let mut tried = best;
                set(&mut tried, value);
                let told = nats(tables, tried, songs);
                if told < least && tried.returns.iter().sum::<f32>() < 1.0 {
                    (best, least) = (tried, told);
                }
            }
        }
        eprintln!("{least:.4} nats a chord of the songs that choose, with {best:?}");
        if before - least < 1e-4 {
            return best;
        }
    }
}

#[cfg(test)]
mod tests {
    use lilt_models::melody::chords::Quality;
    use lilt_models::melody::vocabulary::{Color, Home};

    use super::*;

    /// Two bars in D: a d and an a over D, an e over A7.
    fn passage() -> Passage {
        let mut steps = vec![Happening::Hold; 32];
        (steps[0], steps[4], steps[6]) = (Happening::Note(62), Happening::Note(69), Happening::Rest);
        steps[16] = Happening::Note(64);
        let named = |root, quality| Sounding::Named { root, quality };
        let mut chords = vec![named(2, Quality::MajorSeventh); 16];
        chords.extend([named(9, Quality::Seventh); 16]);
        Passage { home: Home { tonic: 2, color: Color::Major }, steps, chords, weights: Vec::new() }
    }

    #[test]
    fn a_passage_is_its_notes_and_the_chords_of_half_bars() {
        let note = |start, end, key| HeardNote { start, end, key };
        assert_eq!(heard(&passage()), [note(0.0, 1.0, 62), note(1.0, 1.5, 69), note(4.0, 8.0, 64)]);
        let (tonic, dominant) = (Chord::new(2, Kind::Major), Chord::new(9, Kind::Seventh));
        assert_eq!(halves(&passage()), [tonic, tonic, dominant, dominant].map(Some));
    }

    #[test]
    fn what_is_counted_is_in_relation_to_the_home_note() {
        let tables = counted(&[Song { passages: vec![passage()] }]);
        let (tonic, dominant) = (Chord::new(0, Kind::Major), Chord::new(7, Kind::Seventh));
        let to = |place: usize, from: Chord, to: Chord| {
            tables.transitions[(place * CHORDS + from.number()) * CHORDS + to.number()]
        };
        assert!(to(0, tonic, dominant) > to(0, tonic, Chord::new(5, Kind::Major)));
        assert!(
            to(1, tonic, tonic) > to(1, tonic, dominant)
                && to(1, dominant, dominant) > to(1, dominant, tonic)
        );
        let rows = [(&tables.transitions, CHORDS), (&tables.emissions, 12), (&tables.first, CHORDS)];
        for (table, row) in rows {
            assert!(table.chunks_exact(row).all(|row| (row.iter().sum::<f32>() - 1.0).abs() < 1e-4));
        }
        // The tune of D has its d and its a.
        let emissions = &tables.emissions[tonic.number() * 12..][..12];
        assert!(emissions[0] > emissions[2] && emissions[7] > emissions[2]);
    }
}
