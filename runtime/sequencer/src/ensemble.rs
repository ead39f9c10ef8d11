//! How the music keeps time with other machines.

use std::sync::Arc;

/// The clocks that it gives and takes, and how far its outputs are apart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ensemble {
    /// MIDI ports that follow the tempo: they are sent a clock.
    pub clocks: Vec<Arc<str>>,
    /// The clock that the music follows, if it does not keep its own time.
    pub clock_in: Option<ClockIn>,
    /// How much later than it is meant what goes to an output leaves, by its name, in seconds, -0.25 to 0.25; less than 0
    /// is earlier.
    pub latencies: Vec<(Arc<str>, f64)>,
}

/// A clock that others keep and the music follows.
#[derive(Debug, Clone, PartialEq)]
pub struct ClockIn {
    /// The source that it comes from.
    pub source: Arc<str>,
    /// How much later than the clock the music is, in seconds; less than 0 is earlier.
    pub offset: f64,
}

impl Ensemble {
    /// How much later than it is meant what goes to an output leaves, in seconds.
    pub fn latency(&self, output: &str) -> f64 {
        let of = |(name, _): &&(Arc<str>, f64)| **name == *output;
        self.latencies.iter().find(of).map_or(0.0, |(_, seconds)| *seconds)
    }

    /// How much earlier than any other what leaves first does, in seconds.
    pub fn earliest(&self) -> f64 {
        self.latencies.iter().map(|(_, seconds)| -seconds).fold(0.0, f64::max)
    }
}
