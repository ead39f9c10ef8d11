//! How the music keeps time with other machines.

use std::sync::Arc;

/// The name of the sound card among outputs.
const SOUND: &str = "sound";

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
    /// How much later than it is meant what goes to an output leaves, in seconds. The sound card is what all others are
    /// measured by: where it is to be later, all others are earlier.
    pub fn latency(&self, output: &str) -> f64 {
        self.told(output) - self.told(SOUND)
    }

    /// How much earlier than the sound card what leaves first does, in seconds.
    pub fn earliest(&self) -> f64 {
        let others = self.latencies.iter().filter(|(name, _)| **name != *SOUND);
        let earliest = others.map(|(_, seconds)| -seconds).fold(0.0, f64::max);
        (earliest + self.told(SOUND)).max(0.0)
    }

    fn told(&self, output: &str) -> f64 {
        let of = |(name, _): &&(Arc<str>, f64)| **name == *output;
        self.latencies.iter().find(of).map_or(0.0, |(_, seconds)| *seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_apart_as_they_are_told_to_be() {
        let of = |told: &[(&str, f64)]| Ensemble {
            latencies: told.iter().map(|(name, seconds)| ((*name).into(), *seconds)).collect(),
            ..Ensemble::default()
        };
        // What is told, what a synthesiser and another leave later, and how far ahead things are sent.
        for (told, synth, other, earliest) in [
            (&[][..], 0.0, 0.0, 0.0),
            (&[("Synth", 0.02)], 0.02, 0.0, 0.0),
            (&[("Synth", -0.02)], -0.02, 0.0, 0.02),
            (&[(SOUND, 0.03)], -0.03, -0.03, 0.03),
            (&[(SOUND, -0.03)], 0.03, 0.03, 0.0),
            (&[("Synth", -0.02), (SOUND, 0.03)], -0.05, -0.03, 0.05),
            (&[("Synth", -0.02), (SOUND, -0.05)], 0.03, 0.05, 0.0),
        ] {
            let ensemble = of(told);
            let found = [ensemble.latency("Synth"), ensemble.latency("other"), ensemble.earliest()];
            for (found, meant) in found.into_iter().zip([synth, other, earliest]) {
                assert!((found - meant).abs() < 1e-12, "{told:?}: {found} for {meant}");
            }
        }
    }
}
