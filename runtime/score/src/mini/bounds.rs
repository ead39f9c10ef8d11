//! How much a pattern can cost to play, known when it is read: a few characters
//! such as `a*999*999*999` must not stop the music.

use std::ops::Range;

use super::MiniError;
use super::tree::{Kind, Node, Number, Sequence};
use crate::Beat;

/// Most events a pattern may play in one cycle.
const MOST_EVENTS: f64 = 4096.0;
/// Finest division of a cycle, as a power of two, whose times stay exact in 128 bits
/// with as much again for where the question begins and for the cycle's number.
const BEAT_BITS: f64 = 40.0;
/// Size of a denominator, in bits, up to which every event is as cheap as the next: beyond it the greatest
/// common divisors of long numbers cost the square of their length.
const CHEAP_BITS: f64 = 512.0;
/// Most nodes inside one another: playing is recursive.
const MOST_DEPTH: u32 = 64;

/// What playing a node can cost at worst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cost {
    /// Events that touch one cycle.
    events: f64,
    /// Size of the denominators of its times, in bits; at least as large as they get.
    bits: f64,
    /// Nodes inside one another.
    depth: u32,
}

impl Cost {
    const LEAF: Cost = Cost { events: 1.0, bits: 0.0, depth: 1 };

    /// The cost of a node, from those of its parts.
    pub(super) fn of<L>(kind: &Kind<L>) -> Cost {
        match kind {
            Kind::Rest | Kind::Leaf(_) => Cost::LEAF,
            Kind::Sequence(sequence) => {
                Cost { bits: row_bits(sequence), ..sum(sequence.steps.iter().map(|step| step.node.cost)) }
            }
            Kind::Stack(nodes) => sum(nodes.iter().map(|node| node.cost)),
            Kind::Choice { options, .. } => {
                let all = sum(options.iter().map(|node| node.cost));
                Cost { events: options.iter().map(|node| node.cost.events).fold(1.0, f64::max), ..all }
            }
            Kind::Alternate(rows) => sum(rows.iter().map(|row| row_cost(row, row.weight.to_f64()))),
            Kind::Polymeter { rows, pace } => {
                let (_, most) = sizes(pace);
                let all = sum(rows.iter().map(|row| row_cost(row, row.weight.to_f64() / most)));
                with_number(all, pace)
            }
            Kind::Fast(node, factor) => {
                let (_, most) = sizes(factor);
                with_number(Cost { events: (node.cost.events * most).max(1.0), ..node.cost }, factor)
            }
            Kind::Slow(node, factor) => {
                let (least, _) = sizes(factor);
                with_number(Cost { events: (node.cost.events / least).max(1.0), ..node.cost }, factor)
            }
            Kind::Repeat(node, copies) => {
                let events = (node.cost.events * copies.to_f64()).max(1.0);
                let depth = node.cost.depth + 1;
                // The copies' cycles begin at multiples of 1 / copies.
                Cost { events, bits: node.cost.bits + 2.0 * bits(*copies), depth }
            }
            Kind::Count { from, to, ladders } => {
                let longest = ladders.iter().map(|ladder| ladder.up.len().max(ladder.down.len())).max();
                let rungs = longest.unwrap_or(0).max(1) as f64;
                // Each event of `from` holds a cycle of `to`, each of whose values counts.
                let inside = to.cost.events + rungs * to.layers() as f64;
                Cost {
                    events: (from.cost.events * inside).max(1.0),
                    // Time runs in an event of `from` as in a step that begins and ends at its times.
                    bits: 3.0 * from.cost.bits + to.cost.bits + rungs.log2(),
                    depth: from.cost.depth.max(to.cost.depth) + 1,
                }
            }
            Kind::Join { first, second, .. } => Cost {
                events: (first.cost.events * second.layers().max(1) as f64
                    + second.cost.events * first.layers().max(1) as f64)
                    .max(1.0),
                bits: first.cost.bits.max(second.cost.bits),
                depth: first.cost.depth.max(second.cost.depth) + 1,
            },
            Kind::Euclid(node, euclid) => {
                let (_, steps) = sizes(&euclid.steps);
                // Each step asks for its own part of the cycle; what reaches over its beginning is asked twice.
                let events = node.cost.events + steps * node.layers() as f64;
                let inner = Cost { events, ..node.cost };
                let inner = with_number(with_number(inner, &euclid.hits), &euclid.steps);
                euclid.rotation.iter().fold(inner, with_number)
            }
            Kind::Degrade { node, .. } => Cost { depth: node.cost.depth + 1, ..node.cost },
        }
    }

    /// # Errors
    /// When this is more than can be played, told at `at`.
    pub(super) fn check(self, at: &Range<usize>) -> Result<(), MiniError> {
        let error = |message: String, help: &str| Err(MiniError::new(at.clone(), message).help(help));
        if self.depth > MOST_DEPTH {
            return error(
                format!("this is nested more than {MOST_DEPTH} deep"),
                "build it from several patterns, played together",
            );
        }
        if self.events > MOST_EVENTS {
            return error(
                format!("this could play more than {MOST_EVENTS} events in a bar"),
                "use smaller numbers after `*`, or fewer steps",
            );
        }
        if self.events * (self.bits / CHEAP_BITS).powi(2) > MOST_EVENTS {
            return error(
                "this divides the bar too finely for so many events".to_string(),
                "use fewer steps, or simpler numbers, as in bd*1.5",
            );
        }
        Ok(())
    }

    /// True where times may need more than the 128 bits of a beat.
    pub(super) fn is_fine(self) -> bool {
        self.bits > BEAT_BITS
    }
}

/// Played together.
fn sum(costs: impl Iterator<Item = Cost>) -> Cost {
    costs.fold(Cost { events: 0.0, bits: 0.0, depth: 1 }, |all, one| Cost {
        events: all.events + one.events,
        bits: all.bits.max(one.bits),
        depth: all.depth.max(one.depth + 1),
    })
}

/// Bits of the finest time of a row that fills one cycle.
fn row_bits<L>(row: &Sequence<L>) -> f64 {
    // A step begins at n/d of the cycle, and inside it time runs at 1/(end - start).
    row.steps
        .iter()
        .map(|step| bits(step.start).max(bits(step.end)) + bits(step.end - step.start) + step.node.cost.bits)
        .fold(0.0, f64::max)
}

/// A row slowed by `factor`: what touches one cycle is at worst its densest step.
fn row_cost<L>(row: &Sequence<L>, factor: f64) -> Cost {
    let all = sum(row.steps.iter().map(|step| step.node.cost));
    let densest = row
        .steps
        .iter()
        .map(|step| step.node.cost.events / (step.end - step.start).to_f64())
        .fold(0.0, f64::max);
    let events = (densest / factor).min(all.events * (1.0 / factor).max(1.0)).max(1.0);
    Cost { events, bits: row_bits(row) + bits(row.weight), depth: all.depth + 1 }
}

/// With the cost of a number that steers.
fn with_number(cost: Cost, number: &Node<Number>) -> Cost {
    let sizes = number.leaves().into_iter().map(|(Number(value), _)| bits(value));
    let bits_of_number = sizes.fold(0.0, f64::max);
    // A number that changes cuts events where it does.
    let cuts = if number.constant().is_some() { 0.0 } else { number.cost.events };
    Cost {
        events: cost.events * number.layers().max(1) as f64 + cuts,
        bits: cost.bits + bits_of_number + number.cost.bits,
        depth: cost.depth.max(number.cost.depth) + 1,
    }
}

/// The least number above zero and the greatest, 1 where there is none.
fn sizes(number: &Node<Number>) -> (f64, f64) {
    let (least, most) = number.extent().unwrap_or((Beat::ONE, Beat::ONE));
    (least.to_f64(), most.to_f64())
}

/// Bits of the larger part of the fraction.
fn bits(value: Beat) -> f64 {
    (value.numerator().unsigned_abs().max(value.denominator().unsigned_abs()) as f64).log2()
}
