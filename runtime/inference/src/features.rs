//! Eight numbers of a clip that a taste is made of: those rewards of the standard library that say how music moves and
//! not which notes it has, each counted so that clips of different lengths can be compared.

use std::collections::BTreeSet;

use lilt_score::{Beat, Clip, Note, Tone};

/// How many there are.
pub const FEATURES: usize = 8;

/// Middle C, from which the height is counted.
const MIDDLE_C: f64 = 60.0;

/// The fewest different pitches of a bar that can be known again (as in `reward.returning_bars`).
const FEWEST_PITCHES: usize = 3;

/// What a clip is like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features([f64; FEATURES]);

impl Features {
    /// What each is called in a file of labels, in order:
    ///
    /// - `leaps`: of the steps of the melody, the part wider than a whole tone (`reward.calm`, turned round)
    /// - `variety`: different pitches, as a part of all notes (`reward.variety`)
    /// - `density`: notes a beat (`reward.density`)
    /// - `rising`: steps up minus steps down, as a part of all steps (`reward.rising`)
    /// - `returns`: of the bars, the part that was heard before (`reward.returning_bars`)
    /// - `height`: the mean pitch of the melody, in octaves above middle C (`reward.height`)
    /// - `repeats`: of the notes of the melody, the part that strikes the pitch before once more (`reward.repeats`)
    /// - `off_beat`: of the notes, the part that starts beside the beat (`reward.off_beat`)
    pub const NAMES: [&'static str; FEATURES] =
        ["leaps", "variety", "density", "rising", "returns", "height", "repeats", "off_beat"];

    /// What much of each is, for people.
    pub(crate) const WORDS: [&'static str; FEATURES] = [
        "many leaps",
        "many different pitches",
        "many notes",
        "rising lines",
        "returning bars",
        "high notes",
        "repeated notes",
        "notes off the beat",
    ];

    /// The features of a clip in bars of so many beats (above 0). Without notes all are 0.
    pub fn of(clip: &Clip, bar: Beat) -> Features {
        let notes = clip.notes();
        let melody = melody(notes);
        let steps = melody.len().saturating_sub(1);
        let share = |count: usize, of: usize| count as f64 / of.max(1) as f64;
        let (mut leaps, mut repeats, mut up) = (0, 0, 0.0);
        for pair in melody.windows(2) {
            let step = pair[1].1 - pair[0].1;
            leaps += usize::from(step.abs() > 2.0);
            repeats += usize::from(step == 0.0);
            up += if step == 0.0 { 0.0 } else { step.signum() };
        }
        let tones: BTreeSet<(bool, u64)> = notes.iter().map(|note| tone(note.tone)).collect();
        let height = melody.iter().map(|(_, pitch)| pitch - MIDDLE_C).sum::<f64>() / 12.0;
        let bars = (clip.length() / bar).ceil().max(1);
        let off_beat = notes.iter().filter(|note| note.start != Beat::whole(note.start.floor())).count();
        Features([
            share(leaps, steps),
            share(tones.len(), notes.len()),
            notes.len() as f64 / clip.length().to_f64(),
            up / steps.max(1) as f64,
            returning(&melody, bar) as f64 / bars as f64,
            height / melody.len().max(1) as f64,
            share(repeats, melody.len()),
            share(off_beat, notes.len()),
        ])
    }

    /// Those of these numbers, in the order of [`Features::NAMES`]; `None` where one is no number.
    pub fn new(values: [f64; FEATURES]) -> Option<Features> {
        values.iter().all(|value| value.is_finite()).then_some(Features(values))
    }

    /// The numbers, in the order of [`Features::NAMES`].
    pub fn values(&self) -> &[f64; FEATURES] {
        &self.0
    }
}

/// The top voice: when each note starts, and its pitch. The last of a chord is its highest.
fn melody(notes: &[Note]) -> Vec<(Beat, f64)> {
    let mut melody: Vec<(Beat, f64)> = Vec::with_capacity(notes.len());
    for note in notes {
        let Some(pitch) = note.tone.pitch() else { continue };
        match melody.last_mut() {
            Some((start, top)) if *start == note.start => *top = pitch.midi(),
            _ => melody.push((note.start, pitch.midi())),
        }
    }
    melody
}

/// A tone as something that can be sorted: two of the same are the same note.
fn tone(tone: Tone) -> (bool, u64) {
    match tone.pitch() {
        Some(pitch) => (true, pitch.midi().to_bits()),
        None => (false, tone.key().into()),
    }
}

/// How many bars of three different pitches or more were heard before, note for note.
fn returning(melody: &[(Beat, f64)], bar: Beat) -> usize {
    let mut heard: Vec<&[(Beat, f64)]> = Vec::new();
    let number = |at: &(Beat, f64)| at.0.floor_div(bar);
    let same = |one: &[(Beat, f64)], other: &[(Beat, f64)]| {
        let between = bar * Beat::whole(number(&one[0]) - number(&other[0]));
        let mut pairs = one.iter().zip(other);
        one.len() == other.len() && pairs.all(|(one, other)| one.1 == other.1 && one.0 - other.0 == between)
    };
    let mut count = 0;
    for bar in melody.chunk_by(|one, other| number(one) == number(other)) {
        let pitches: BTreeSet<u64> = bar.iter().map(|(_, pitch)| pitch.to_bits()).collect();
        if pitches.len() < FEWEST_PITCHES {
            continue;
        }
        match heard.iter().any(|earlier| same(bar, earlier)) {
            true => count += 1,
            false => heard.push(bar),
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reward::tests::note;

    #[test]
    fn each_says_how_a_clip_moves() {
        let keys = [60, 64, 62, 62, 60, 64, 62, 62, 72, 71, 69, 67];
        let notes = (0..).zip(keys).map(|(beat, key)| note(beat, key)).collect();
        let clip = Clip::new(notes, Beat::whole(12)).unwrap();
        let Features([leaps, variety, density, rising, returns, height, repeats, off_beat]) =
            Features::of(&clip, Beat::whole(4));
        assert_eq!((leaps, variety, density), (3.0 / 11.0, 7.0 / 12.0, 1.0));
        assert_eq!((rising, returns, repeats, off_beat), (-3.0 / 11.0, 1.0 / 3.0, 2.0 / 12.0, 0.0));
        assert!((height - (775.0 / 12.0 - 60.0) / 12.0).abs() < 1e-12);
    }

    #[test]
    fn silence_and_one_note_have_numbers() {
        let rest = Clip::rest(Beat::new(1, 3)).unwrap();
        assert_eq!(Features::of(&rest, Beat::whole(4)), Features([0.0; FEATURES]));
        let one = Clip::new(vec![note(0, 72)], Beat::whole(4)).unwrap();
        assert_eq!(*Features::of(&one, Beat::whole(3)).values(), [0.0, 1.0, 0.25, 0.0, 0.0, 1.0, 0.0, 0.0]);
    }

    proptest::proptest! {
        #[test]
        fn they_are_numbers_of_any_clip(
            notes in proptest::collection::vec((0u8..128, 0i64..64, 1i64..9), 0..40),
            beats in 1i64..20,
            bar in 1i64..8,
        ) {
            let notes = notes.into_iter().map(|(key, start, long)| Note {
                start: Beat::new(start, 4),
                duration: Beat::new(long, 4),
                ..note(0, key)
            });
            let clip = Clip::new(notes.collect(), Beat::whole(beats)).unwrap();
            let features = Features::of(&clip, Beat::whole(bar));
            proptest::prop_assert_eq!(Features::new(*features.values()), Some(features));
            // What is moved by whole bars is the same music.
            let later = clip.slice(lilt_score::Span::new(Beat::ZERO, Beat::whole(beats))).unwrap();
            proptest::prop_assert_eq!(Features::of(&later, Beat::whole(bar)), features);
        }
    }
}
