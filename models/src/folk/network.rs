//! Sizes of the network behind `folk`, as its card has them.
//!
//! One step of the network is one note. The note is factored into a duration and then a pitch,
//! p(note) = p(duration | past) · p(pitch | duration, past), after Bob Sturm's folk-rnn (a deep
//! LSTM over folk tunes) with the lookback inputs of Magenta's Lookback RNN. [`crate::recurrent::config`] says what
//! it computes; the fields are called `duration`, whose last class is "the tune ends", and `pitch`.

use serde::{Deserialize, Serialize};

use super::features::GROUP_COUNT;
use crate::recurrent::card::Sizes;
use crate::recurrent::config::{self, FieldNames};

/// Sizes of the network; written on the card and read back from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Rows of `embed.weight`: all values of all input features ([`super::features::FEATURES`]).
    pub features: usize,
    /// Width of an embedding row.
    pub embed: usize,
    /// Width of each LSTM layer.
    pub hidden: usize,
    /// Number of LSTM layers.
    pub layers: usize,
    /// Duration classes, the end of the tune included.
    pub durations: usize,
    /// Width of the hidden layer in front of the pitch logits.
    pub gate: usize,
    /// Pitch classes, the rest included.
    pub pitches: usize,
}

impl Config {
    /// Names and shapes of all tensors, in the order in which they are stored.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        self.network().tensors()
    }

    /// Number of trained numbers.
    pub fn parameters(&self) -> usize {
        self.network().parameters()
    }
}

impl Sizes for Config {
    fn network(self) -> config::Config {
        config::Config {
            rows: self.features,
            groups: GROUP_COUNT,
            embed: self.embed,
            hidden: self.hidden,
            layers: self.layers,
            gate: self.gate,
            fields: vec![self.durations, self.pitches],
            names: FieldNames::Words(&["duration", "pitch"]),
        }
    }
}
