//! Interpolated Kneser-Ney smoothing with modified discounts (Chen and Goodman 1999, "An empirical
//! study of smoothing techniques for language modeling"): the n-gram that a network has to beat.
//!
//! Contexts are given most recent symbol first, so that backing off drops the end of the slice.
//! They may mix symbols of several kinds, as long as each kind has its own numbers.

use std::collections::HashMap;

/// Discounts for adjusted counts of 1, 2 and 3 or more.
type Discounts = [f64; 3];

/// What is known of one context.
#[derive(Debug, Clone, Default)]
struct Context {
    /// Sum of the adjusted counts of what followed.
    total: u64,
    /// How many symbols followed with an adjusted count of 1, 2, and 3 or more.
    seen: [u32; 3],
}

/// An n-gram model over `symbols` classes.
#[derive(Debug, Clone)]
pub struct KneserNey {
    symbols: usize,
    /// Longest context.
    reach: usize,
    /// The context one symbol longer than another: (shorter, symbol) → longer. 0 is the empty one.
    longer: HashMap<(u32, u16), u32>,
    contexts: Vec<Context>,
    /// Adjusted count of a symbol after a context.
    counts: HashMap<(u32, u16), u32>,
    /// By context length.
    discounts: Vec<Discounts>,
}

impl KneserNey {
    /// Counts `events`, each a context of exactly `reach` symbols (most recent first) and the
    /// symbol that followed. An order-5 model has a reach of 4.
    pub fn train<'a>(
        events: impl IntoIterator<Item = (&'a [u16], u16)>,
        reach: usize,
        symbols: usize,
    ) -> KneserNey {
        let mut longer: HashMap<(u32, u16), u32> = HashMap::new();
        let mut parents: Vec<(u32, usize)> = vec![(0, 0)];
        let mut raw: HashMap<(u32, u16), u32> = HashMap::new();
        for (context, symbol) in events {
            let mut node = 0;
            *raw.entry((node, symbol)).or_default() += 1;
            for (length, &past) in (1..).zip(context.iter().take(reach)) {
                node = *longer.entry((node, past)).or_insert_with(|| {
                    parents.push((node, length));
                    (parents.len() - 1) as u32
                });
                *raw.entry((node, symbol)).or_default() += 1;
            }
        }
        // Below the longest context a symbol counts once for each symbol that precedes the n-gram.
        let mut counts: HashMap<(u32, u16), u32> = HashMap::with_capacity(raw.len());
        for (&(node, symbol), &count) in &raw {
            let (parent, length) = parents[node as usize];
            if length == reach {
                counts.insert((node, symbol), count);
            }
            if length > 0 {
                *counts.entry((parent, symbol)).or_default() += 1;
            }
        }
        let mut contexts = vec![Context::default(); parents.len()];
        let mut of_counts = vec![[0u64; 4]; reach + 1];
        for (&(node, _), &count) in &counts {
            let context = &mut contexts[node as usize];
            context.total += u64::from(count);
            context.seen[(count as usize).min(3) - 1] += 1;
            if let Some(number) = of_counts[parents[node as usize].1].get_mut(count as usize - 1) {
                *number += 1;
            }
        }
        let discounts = of_counts.iter().map(discounts).collect();
        KneserNey { symbols, reach, longer, contexts, counts, discounts }
    }

    /// Probability of `symbol` after `context` (most recent first; what is beyond the model's
    /// reach is passed over). Sums to 1 over all symbols for any context.
    pub fn probability(&self, context: &[u16], symbol: u16) -> f64 {
        let mut probability = 1.0 / self.symbols as f64;
        let mut node = 0;
        for length in 0..=context.len().min(self.reach) {
            if length > 0 {
                match self.longer.get(&(node, context[length - 1])) {
                    Some(&next) => node = next,
                    None => break,
                }
            }
            let known = &self.contexts[node as usize];
            if known.total == 0 {
                continue;
            }
            let discounts = self.discounts[length];
            let count = self.counts.get(&(node, symbol)).copied().unwrap_or(0);
            let own = match count {
                0 => 0.0,
                count => f64::from(count) - discounts[(count as usize).min(3) - 1],
            };
            let spared: f64 =
                known.seen.iter().zip(discounts).map(|(&seen, discount)| f64::from(seen) * discount).sum();
            probability = (own + spared * probability) / known.total as f64;
        }
        probability
    }
}

/// Discounts from how many n-grams occur once, twice, three and four times (Chen and Goodman,
/// equation 26), kept between 0 and the count itself where a set is too small for the estimate.
fn discounts(of_counts: &[u64; 4]) -> Discounts {
    let [n1, n2, n3, n4] = of_counts.map(|n| n as f64);
    let y = if n1 + 2.0 * n2 > 0.0 { n1 / (n1 + 2.0 * n2) } else { 0.5 };
    let estimate = |count: f64, here: f64, next: f64| {
        let discount = if here > 0.0 { count - (count + 1.0) * y * next / here } else { 0.5 };
        discount.clamp(0.1, count)
    };
    [estimate(1.0, n1, n2), estimate(2.0, n2, n3), estimate(3.0, n3, n4)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn model(text: &[u16], reach: usize, symbols: usize) -> KneserNey {
        let events: Vec<(Vec<u16>, u16)> = (0..text.len())
            .map(|at| {
                let past = (1..=reach).map(|back| at.checked_sub(back).map_or(symbols as u16, |at| text[at]));
                (past.collect(), text[at])
            })
            .collect();
        KneserNey::train(events.iter().map(|(context, symbol)| (context.as_slice(), *symbol)), reach, symbols)
    }

    #[test]
    fn a_bigram_by_hand() {
        // a b a b a c: after a: b twice, c once; after b: a twice; after c nothing.
        let model = model(&[0, 1, 0, 1, 0, 2], 1, 3);
        // Bigrams (start a) 1, (a b) 2, (b a) 2, (a c) 1: n1 = 2, n2 = 2, y = 1/3,
        // D1 = 1 − 2/3·2/2 = 1/3, D2 = 2 − 0 = 2.
        // Continuations: a after 2 symbols, b and c after 1: n1 = 2, n2 = 1, y = 1/2,
        // D1 = 1 − 2·1/2·1/2 = 1/2, D2 = 2.
        // Unigrams: b: (1 − 1/2)/4 + (2·1/2 + 1·2)/4 · 1/3 = 1/8 + 1/4 = 3/8.
        // After a (3 in all): (2 − 2)/3 + (1/3 + 2)/3 · 3/8 = 7/24.
        assert!((model.probability(&[0], 1) - 7.0 / 24.0).abs() < 1e-12);
        assert!((model.probability(&[], 1) - 3.0 / 8.0).abs() < 1e-12);
        // Nothing is known after c, so the unigram stands.
        assert!((model.probability(&[2], 1) - 3.0 / 8.0).abs() < 1e-12);
    }

    #[test]
    fn a_long_context_beats_a_short_one_on_a_rule() {
        // The symbol repeats what stood two before.
        let text: Vec<u16> = (0..400).map(|at| [0, 0, 1, 1][at % 4]).collect();
        assert!(model(&text, 2, 2).probability(&[0, 0], 1) > 0.9);
        assert!(model(&text, 1, 2).probability(&[0], 1) < 0.7);
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one(
            text in prop::collection::vec(0u16..6, 0..200),
            context in prop::collection::vec(0u16..7, 0..6),
            reach in 0usize..5,
        ) {
            let model = model(&text, reach, 6);
            let sum: f64 = (0..6).map(|symbol| model.probability(&context, symbol)).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9, "sum {sum}");
            for symbol in 0..6 {
                prop_assert!(model.probability(&context, symbol) > 0.0);
            }
        }
    }
}
