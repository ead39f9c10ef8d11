//! A place in a space of sounds, as an event carries it: whoever plays the event asks for its controls there.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// How a note is played at a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Touch {
    /// As a MIDI number.
    pub pitch: f32,
    /// 0..=1.
    pub velocity: f32,
    /// Seconds of the note that are left out at its beginning.
    pub onset: f32,
    /// Seconds for which there are to be controls.
    pub seconds: f32,
}

/// A note as controls: what a synthesiser of partials and bands of noise is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Controlled {
    /// So many numbers for each moment as the synthesiser takes.
    pub moments: Vec<f32>,
    /// How many times the pitch each partial is.
    pub ratios: Vec<f32>,
    /// Seconds in which it falls by 60 dB after the end of the note.
    pub release: f32,
    /// The moments that are gone through forwards and backwards while it is held; none where it ends by itself.
    pub round: Option<Range<usize>>,
}

/// What gives the controls of notes at places. A pure function of its weights.
pub trait TimbreDecoder: Send + Sync {
    /// Names the weights: equal ones give equal controls.
    fn identity(&self) -> &str;

    /// The controls of a note at a place. It takes milliseconds: call it on a thread that no music waits for.
    fn decode(&self, place: &[f32], touch: &Touch) -> Controlled;
}

/// A place in a space of sounds. Cheap to clone.
#[derive(Clone)]
pub struct TimbrePlace {
    decoder: Arc<dyn TimbreDecoder>,
    name: Arc<str>,
    at: Arc<[f32]>,
    onset: f32,
}

impl TimbrePlace {
    /// The place `at`, which messages call `name`.
    pub fn new(decoder: Arc<dyn TimbreDecoder>, name: impl Into<Arc<str>>, at: Arc<[f32]>) -> TimbrePlace {
        TimbrePlace { decoder, name: name.into(), at, onset: 0.0 }
    }

    /// The same place, without so many seconds of each note's beginning.
    #[must_use]
    pub fn with_onset(self, seconds: f32) -> TimbrePlace {
        TimbrePlace { onset: seconds, ..self }
    }

    /// The place so far on the straight way to another: 0 is here, 1 there.
    #[must_use]
    pub fn towards(&self, other: &TimbrePlace, share: f32) -> TimbrePlace {
        let at = self.at.iter().zip(&*other.at).map(|(a, b)| a + share * (b - a)).collect();
        let name = format!("{}>{} {share:.2}", self.name, other.name);
        TimbrePlace { name: name.into(), at, ..self.clone() }
    }

    /// What messages call it.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its numbers.
    pub fn at(&self) -> &[f32] {
        &self.at
    }

    /// Seconds that are left out at the beginning of each note.
    pub fn onset(&self) -> f32 {
        self.onset
    }

    /// What gives its controls.
    pub fn decoder(&self) -> &Arc<dyn TimbreDecoder> {
        &self.decoder
    }

    /// What tells it from others: its weights and all its numbers.
    fn identity(&self) -> (&str, impl Iterator<Item = u32>) {
        (self.decoder.identity(), self.at.iter().chain([&self.onset]).map(|x| x.to_bits()))
    }
}

impl PartialEq for TimbrePlace {
    fn eq(&self, other: &TimbrePlace) -> bool {
        let ((weights, at), (others, there)) = (self.identity(), other.identity());
        weights == others && at.eq(there)
    }
}

impl Eq for TimbrePlace {}

impl Hash for TimbrePlace {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let (weights, at) = self.identity();
        weights.hash(state);
        at.for_each(|bits| bits.hash(state));
    }
}

impl fmt::Debug for TimbrePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimbrePlace({}, onset {})", self.name, self.onset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Silent(&'static str);

    impl TimbreDecoder for Silent {
        fn identity(&self) -> &str {
            self.0
        }

        fn decode(&self, _: &[f32], _: &Touch) -> Controlled {
            Controlled { moments: Vec::new(), ratios: Vec::new(), release: 0.1, round: None }
        }
    }

    #[test]
    fn places_are_told_apart_by_weights_numbers_and_onset() {
        let place =
            |weights, at: [f32; 2]| TimbrePlace::new(Arc::new(Silent(weights)), "somewhere", Arc::from(at));
        let home = place("a", [0.0, 1.0]);
        assert_eq!(home, place("a", [0.0, 1.0]));
        assert_ne!(home, place("b", [0.0, 1.0]));
        assert_ne!(home, place("a", [0.0, 2.0]));
        assert_ne!(home, home.clone().with_onset(0.4));
        let half = home.towards(&place("a", [1.0, 1.0]), 0.5);
        assert_eq!((half.at(), &**half.name()), (&[0.5, 1.0][..], "somewhere>somewhere 0.50"));
    }
}
