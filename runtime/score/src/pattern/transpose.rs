//! Pitches moved up and down.

use crate::{Controls, Pattern};

impl Pattern<Controls> {
    /// Every pitch higher by `semitones`, held within 0 to 127; drums stay.
    pub fn transpose(&self, semitones: f64) -> Pattern<Controls> {
        self.map(move |controls| controls.transposed(semitones))
    }
}
