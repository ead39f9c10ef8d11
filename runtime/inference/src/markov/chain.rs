//! Counts of what follows what, and the probabilities that they make.

use std::collections::HashMap;

use super::event::{Event, Identity};

/// Stands before the first event of a piece.
const BEGINNING: u32 = u32::MAX;

/// Counts of events after contexts of up to `order` events.
pub(super) struct Chain {
    order: usize,
    smoothing: f64,
    events: Vec<Event>,
    numbers: HashMap<Identity, u32>,
    rows: HashMap<Vec<u32>, Row>,
}

/// What followed one context.
#[derive(Default)]
struct Row {
    total: f64,
    next: HashMap<u32, f64>,
}

impl Chain {
    /// Counts `pieces`, each from its beginning.
    pub fn new(pieces: &[Vec<Event>], order: usize, smoothing: f64) -> Chain {
        let (events, numbers, rows) = Default::default();
        let mut chain = Chain { order, smoothing, events, numbers, rows };
        for piece in pieces {
            let mut context = chain.start();
            for event in piece {
                let fresh = chain.events.len() as u32;
                let number = *chain.numbers.entry(event.identity()).or_insert(fresh);
                if number == fresh {
                    chain.events.push(event.clone());
                }
                for from in 0..=context.len() {
                    let row = chain.rows.entry(context[from..].to_vec()).or_default();
                    row.total += 1.0;
                    *row.next.entry(number).or_default() += 1.0;
                }
                chain.follow(&mut context, Some(number));
            }
        }
        chain
    }

    /// The context before a piece begins.
    pub fn start(&self) -> Vec<u32> {
        vec![BEGINNING; self.order]
    }

    /// The context after `events`; those that are unknown are passed over.
    pub fn read(&self, events: &[Event]) -> Vec<u32> {
        let known: Vec<u32> = events.iter().filter_map(|event| self.number(event)).collect();
        known[known.len().saturating_sub(self.order)..].to_vec()
    }

    /// The event called `number`.
    pub fn event(&self, number: u32) -> &Event {
        &self.events[number as usize]
    }

    /// What the chain calls an event; `None` when it never heard it.
    pub fn number(&self, event: &Event) -> Option<u32> {
        self.numbers.get(&event.identity()).copied()
    }

    /// Moves a context on; something unknown leaves nothing to go by.
    pub fn follow(&self, context: &mut Vec<u32>, number: Option<u32>) {
        match number {
            Some(number) => {
                context.push(number);
                let over = context.len().saturating_sub(self.order);
                context.drain(..over);
            }
            None => context.clear(),
        }
    }

    /// Probabilities of all events after `context`.
    pub fn distribution(&self, context: &[u32]) -> Vec<f64> {
        let even = if self.smoothing > 0.0 { 1.0 / self.events.len() as f64 } else { 0.0 };
        let mut chances = vec![even; self.events.len()];
        for from in (0..=context.len()).rev() {
            let Some(row) = self.rows.get(&context[from..]) else { break };
            let whole = row.total + self.smoothing;
            chances.iter_mut().for_each(|chance| *chance *= self.smoothing / whole);
            for (number, count) in &row.next {
                chances[*number as usize] += count / whole;
            }
        }
        chances
    }

    /// ln of the probability of an event after `context`.
    pub fn log_probability(&self, context: &[u32], number: Option<u32>) -> f64 {
        number.map_or(f64::NEG_INFINITY, |number| self.distribution(context)[number as usize].ln())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lilt_score::{Beat, Note, Pitch, Tone, Velocity};

    fn piece(keys: &[u8]) -> Vec<Event> {
        let tone = |key: &u8| Tone::Pitch(Pitch::from_key(*key));
        let note = |key| Note {
            start: Beat::ZERO,
            duration: Beat::ONE,
            tone: tone(key),
            velocity: Velocity::DEFAULT,
        };
        keys.iter().map(|key| Event { notes: vec![note(key)], advance: Beat::ONE }).collect()
    }

    #[test]
    fn without_smoothing_these_are_the_counts() {
        let chain = Chain::new(&[piece(&[60, 62, 60, 62, 64]), piece(&[62])], 1, 0.0);
        assert_eq!(chain.distribution(&chain.start()), [0.5, 0.5, 0.0]);
        assert_eq!(chain.distribution(&[0]), [0.0, 1.0, 0.0]);
        assert_eq!(chain.distribution(&[1]), [0.5, 0.0, 0.5]);
        // Nothing ever followed 64: what is common comes next.
        assert_eq!(chain.distribution(&[2]), [2.0 / 6.0, 3.0 / 6.0, 1.0 / 6.0]);
    }

    #[test]
    fn smoothing_leaves_a_little_to_everything() {
        let chain = Chain::new(&[piece(&[60, 62, 60, 62, 64])], 1, 1.0);
        let chances = chain.distribution(&[0]);
        // Order 0: (2 + 1/3) / 6, (2 + 1/3) / 6, (1 + 1/3) / 6; then two counts of 62 and one of that.
        let shorter = [7.0 / 18.0, 7.0 / 18.0, 4.0 / 18.0];
        for (chance, expected) in
            chances.iter().zip([shorter[0] / 3.0, (2.0 + shorter[1]) / 3.0, shorter[2] / 3.0])
        {
            assert!((chance - expected).abs() < 1e-12, "{chances:?}");
        }
        assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }
}
