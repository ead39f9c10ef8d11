//! What the card of `chorale` says of its losses and of what it writes.

use serde::{Deserialize, Serialize};

/// Losses in nats, and how the music compares with Bach's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Losses {
    /// What `test` is, in words.
    pub measure: String,
    /// Nats per frame on the test set by that measure, and its standard error.
    pub test: [f64; 2],
    /// Nats per frame on the test set, the losses (not the probabilities) averaged over the orders.
    pub test_single_order: f64,
    /// Random orders that were averaged.
    pub orders: usize,
    /// Frames that were measured.
    pub frames: usize,
    /// Nats per frame of the validation set, one order.
    pub valid_single_order: f64,
    /// What `in_order` and `baseline` are, in words.
    pub in_order_measure: String,
    /// Nats per frame of the network on the test set, frame after frame.
    pub in_order: f64,
    /// What the baseline is.
    pub baseline: String,
    /// Nats per frame of the baseline on the test set.
    pub baseline_test: f64,
    /// How often the music breaks the rules of the school: of what the network writes.
    pub written: Manners,
    /// The same of the test set.
    pub bach: Manners,
}

/// How four voices behave.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manners {
    /// Parallel fifths for each 100 changes of chord.
    pub parallel_fifths: f64,
    /// Parallel octaves and unisons for each 100 changes of chord.
    pub parallel_octaves: f64,
    /// Share of frames in which two voices cross, in percent.
    pub crossings: f64,
    /// Share of cells outside the voice's range of the training set, in percent.
    pub out_of_range: f64,
    /// Notes a beat, all voices together.
    pub notes_a_beat: f64,
}
