//! The accompanist as it answers.

use std::path::Path;

use lilt_inference::{Accompanist, Foreseeing, Foreseen, HeardNote, ModelError};

use super::NAME;
use super::filter::{Filter, Tables, WINDOW, Weighing, evidence};
use super::harmony::{CHORDS, Chord};
use crate::card::{Head, read_weights};
use crate::training::Tensors;

/// Foresees chords by a hidden Markov model.
#[derive(Debug, Clone)]
pub struct HmmAccompanist {
    tables: Tables,
    weighing: Weighing,
    identity: String,
}

/// What is believed of a half bar.
struct Foresight {
    /// The probability of each chord, in relation to C.
    chords: [f32; CHORDS],
    /// The probability of each pitch class of the melody.
    classes: [f32; 12],
}

/// The tensors of a file of weights.
pub fn tensors() -> Tensors {
    let [transitions, emissions, first] = [vec![2, CHORDS, CHORDS], vec![CHORDS, 12], vec![CHORDS]];
    [("transitions", transitions), ("emissions", emissions), ("first", first)]
        .map(|(name, shape)| (name.to_owned(), shape))
        .into()
}

impl HmmAccompanist {
    /// One that was counted.
    pub fn new(tables: Tables, weighing: Weighing) -> HmmAccompanist {
        HmmAccompanist { tables, weighing, identity: String::new() }
    }

    /// Loads the weights of a folder.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged.
    pub fn load(folder: &Path) -> Result<HmmAccompanist, ModelError> {
        let card = folder.join(format!("{NAME}.toml"));
        let head = Head::<Weighing>::read(&card)?;
        let path = card.with_extension("safetensors");
        let mut weights = read_weights(&path, &head.weights.sha256, &tensors())?;
        let mut table = |name: &str| weights.remove(name).map(|table| table.values).unwrap_or_default();
        let tables = Tables {
            transitions: table("transitions"),
            emissions: table("emissions"),
            first: table("first"),
        };
        let sizes = [&tables.transitions, &tables.emissions, &tables.first].map(Vec::len);
        let numbers = [&tables.transitions, &tables.emissions, &tables.first].into_iter().flatten();
        if sizes != Tables::SIZES || numbers.into_iter().any(|p| !(0.0..=1.0).contains(p)) {
            return Err(ModelError::Weights { path, reason: "these are no probabilities".to_owned() });
        }
        Ok(HmmAccompanist { tables, weighing: head.network, identity: head.weights.sha256 })
    }

    /// How much each part of it weighs.
    pub fn weights_of_parts(&self) -> Weighing {
        self.weighing
    }

    /// The same with other weights of its parts.
    #[must_use]
    pub fn weighing(&self, change: impl FnOnce(&mut Weighing)) -> HmmAccompanist {
        let mut other = self.clone();
        change(&mut other.weighing);
        other
    }

    /// What is believed of each half bar that is asked for.
    fn foresight(&self, heard: &[HeardNote], of: Foreseeing) -> Vec<Foresight> {
        let known: Vec<HeardNote> = heard
            .iter()
            .filter(|note| note.start < of.until)
            .map(|note| HeardNote { end: note.end.min(of.until), ..*note })
            .collect();
        let begins = known.first().map_or(0, |note| (note.start / of.half).floor().max(0.0) as u64);
        let begins = begins.min(of.at).max(of.at.saturating_sub(WINDOW));
        let mut filter = Filter::new(&self.tables, self.weighing, begins, of.home);
        let mut asked = Vec::new();
        for half in begins..of.at + of.lasts {
            // Weights are of beats in bars of four.
            let (from, to) = (half as f64 * of.half, (half + 1) as f64 * of.half);
            let weights = evidence(&known, from, to, &self.weighing).map(|w| w * (2.0 / of.half) as f32);
            filter.step(&weights);
            if half >= of.at {
                asked.push(Foresight { chords: filter.chords(), classes: filter.classes() });
            }
        }
        asked
    }
}

impl Accompanist for HmmAccompanist {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn foresee(&self, heard: &[HeardNote], of: Foreseeing) -> Option<Foreseen> {
        if heard.first().is_none_or(|note| note.start >= of.until) {
            return None;
        }
        let foresight = self.foresight(heard, of);
        let halves = foresight.len().max(1) as f32;
        let mean = |of_half: &dyn Fn(&Foresight) -> f32| foresight.iter().map(of_half).sum::<f32>() / halves;
        let share = |chord: Chord| mean(&|half| half.chords[chord.number()]);
        let over = |chord: Chord| {
            let triad = chord.kind().intervals().iter().take(3);
            let triad: Vec<usize> = triad.map(|above| usize::from((chord.root() + above) % 12)).collect();
            mean(&|half| triad.iter().map(|class| half.classes[*class]).sum())
        };
        // Right in the most of the half bars that it lasts, under the most of what is played over it.
        let worth = |chord: Chord| share(chord) + self.weighing.fits * over(chord);
        let best = Chord::all().max_by(|a, b| worth(*a).total_cmp(&worth(*b)))?;
        Some(Foreseen {
            root: best.root(),
            kind: best.kind().name(),
            intervals: best.kind().intervals(),
            probability: f64::from(share(best)),
        })
    }
}
