//! Pitches moved up and down.

use super::QueryError;
use crate::{Note, Pattern, Tone};

impl Pattern<Note> {
    /// Every pitch higher by `semitones`; drums stay.
    ///
    /// Asking it fails where a pitch would leave 0 to 127.
    pub fn transpose(&self, semitones: f64) -> Pattern<Note> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut events = inner.query(query)?;
            for event in &mut events {
                if let Tone::Pitch(pitch) = event.value.tone {
                    let moved = pitch.transpose(semitones);
                    event.value.tone = Tone::Pitch(moved.map_err(|error| QueryError::Failed(error.into()))?);
                }
            }
            Ok(events)
        })
    }
}
