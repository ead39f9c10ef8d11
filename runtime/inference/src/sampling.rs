//! The arguments of a call: parsed once, in range ever after.

use lilt_score::{Beat, Key, Meter};

use crate::{ModelError, Settings};

/// What music is asked for, whatever the verb.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Conditions {
    /// The key; `None` leaves it to the model.
    pub key: Option<Key>,
    /// The metre; 4/4 by default.
    pub meter: Meter,
    /// What else this model, or this call, can be told.
    pub settings: Settings,
}

/// How to sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampling {
    bars: u32,
    temperature: f64,
    seed: u64,
    conditions: Conditions,
}

impl Sampling {
    /// Length of the answer in bars when the script does not say.
    pub const DEFAULT_BARS: u32 = 4;
    /// Temperature when the script does not say: the model as it was trained.
    pub const DEFAULT_TEMPERATURE: f64 = 1.0;

    /// Asks for `bars` bars (1 to 256) of the metre in `conditions`, drawn at `temperature`: logits
    /// are divided by it, so 1 is the model itself and 0 always takes the likeliest note (0 to 4).
    ///
    /// # Errors
    /// [`ModelError::Bars`] or [`ModelError::Temperature`] when one is out of range.
    pub fn new(
        bars: u32,
        temperature: f64,
        seed: u64,
        conditions: Conditions,
    ) -> Result<Sampling, ModelError> {
        if !(1..=256).contains(&bars) {
            return Err(ModelError::Bars(bars));
        }
        if !(0.0..=4.0).contains(&temperature) {
            return Err(ModelError::Temperature(temperature));
        }
        // Minus zero and zero are the same request, so they must be the same bits.
        let temperature = temperature.abs();
        Ok(Sampling { bars, temperature, seed, conditions })
    }

    /// Length of the answer, in bars of the metre, `1..=256`.
    pub fn bars(&self) -> u32 {
        self.bars
    }

    /// What logits are divided by, `0.0..=4.0`; 0 is greedy.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// Where all randomness comes from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The same with other randomness.
    pub fn with_seed(&self, seed: u64) -> Sampling {
        Sampling { seed, ..self.clone() }
    }

    /// What a model is asked for that has learnt to play by itself as this asks another to: it needs no
    /// temperature.
    pub(crate) fn as_learnt(&self) -> Sampling {
        Sampling { temperature: Sampling::DEFAULT_TEMPERATURE, ..self.clone() }
    }

    /// The conditions.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Length of the answer in beats.
    pub fn beats(&self) -> Beat {
        self.conditions.meter.bar() * Beat::whole(self.bars.into())
    }
}

/// How to interpolate between two clips.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolation {
    steps: u32,
    sampling: Sampling,
}

impl Interpolation {
    /// Clips when the script does not say.
    pub const DEFAULT_STEPS: u32 = 5;

    /// Asks for `steps` clips (2 to 64), the two ends included, each as `sampling` says.
    ///
    /// # Errors
    /// [`ModelError::Steps`] when out of range.
    pub fn new(steps: u32, sampling: Sampling) -> Result<Interpolation, ModelError> {
        if !(2..=64).contains(&steps) {
            return Err(ModelError::Steps(steps));
        }
        Ok(Interpolation { steps, sampling })
    }

    /// How many clips, the two ends included.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// How each clip is sampled.
    pub fn sampling(&self) -> &Sampling {
        &self.sampling
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_range_is_an_error() {
        let sampling = |bars, temperature| Sampling::new(bars, temperature, 1, Conditions::default());
        assert_eq!(sampling(0, 1.0), Err(ModelError::Bars(0)));
        assert_eq!(sampling(257, 1.0), Err(ModelError::Bars(257)));
        assert_eq!(sampling(1, 4.5), Err(ModelError::Temperature(4.5)));
        assert_eq!(sampling(1, -0.5), Err(ModelError::Temperature(-0.5)));
        assert!(matches!(sampling(1, f64::NAN), Err(ModelError::Temperature(t)) if t.is_nan()));
        let greedy = sampling(4, -0.0).expect("zero is in range");
        assert_eq!(greedy.temperature().to_bits(), 0);
        assert_eq!(Interpolation::new(1, greedy), Err(ModelError::Steps(1)));
    }
}
