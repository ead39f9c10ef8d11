//! Events left out by chance.

use crate::Pattern;
use crate::random::{Seed, noise_at};

impl<T: 'static> Pattern<T> {
    /// Leaves each event out with probability `chance`, thrown for by where its whole
    /// begins: all that begins there meets the same fate. What flows without onsets stays.
    pub fn degrade(&self, chance: f64, seed: Seed) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut events = inner.query(query)?;
            events.retain(|event| {
                event.whole.is_none_or(|whole| noise_at(seed, whole.start / query.bar) >= chance)
            });
            Ok(events)
        })
    }
}
