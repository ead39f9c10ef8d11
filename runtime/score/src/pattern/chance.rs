//! What chance decides for each event, and for each bar.

use crate::random::{Seed, noise_at};
use crate::{Beat, Pattern};

impl<T: 'static> Pattern<T> {
    /// The events that [`Pattern::degrade`] of the same chance and seed leaves out. What flows stays out.
    pub fn undegrade(&self, chance: f64, seed: Seed) -> Pattern<T> {
        let inner = self.clone();
        Pattern::try_new(move |query| {
            let mut events = inner.query(query)?;
            events.retain(|event| {
                event.whole.is_some_and(|whole| noise_at(seed, whole.start / query.bar) < chance)
            });
            Ok(events)
        })
    }

    /// In each bar one of these patterns by chance, as likely as its weight is of all; at its own place.
    pub fn by_chance(patterns: Vec<(f64, Pattern<T>)>, seed: Seed) -> Pattern<T> {
        let (weights, patterns): (Vec<f64>, Vec<_>) = patterns.into_iter().unzip();
        Pattern::chosen_by_bar(patterns, move |bar| drawn(&weights, noise_at(seed, Beat::whole(bar))))
    }

    /// For each moment at which something begins, one of these patterns by chance, as likely as its weight is
    /// of all: only its events begin there.
    pub fn chosen(patterns: Vec<(f64, Pattern<T>)>, seed: Seed) -> Pattern<T> {
        let (weights, patterns): (Vec<f64>, Vec<_>) = patterns.into_iter().unzip();
        Pattern::try_new(move |query| {
            let mut events = Vec::new();
            for (i, pattern) in patterns.iter().enumerate() {
                let found = pattern.query(query)?.into_iter();
                events.extend(found.filter(|event| {
                    let at = event.whole.unwrap_or(event.part).start / query.bar;
                    drawn(&weights, noise_at(seed, at)) == i
                }));
            }
            events.sort_by_key(|event| event.part.start);
            Ok(events)
        })
    }
}

/// Which of the weights a throw from 0 to 1 falls on; without a weight above 0, none of them.
fn drawn(weights: &[f64], throw: f64) -> usize {
    let mut left = throw * weights.iter().map(|weight| weight.max(0.0)).sum::<f64>();
    for (i, weight) in weights.iter().enumerate() {
        left -= weight.max(0.0);
        if left < 0.0 {
            return i;
        }
    }
    weights.len()
}
