//! Log importance weights of particles: reweighting, the effective sample size, resampling, and the estimate of Z.

use crate::categorical::{choose, log_sum};

/// Below this share of the particles the effective sample size calls for resampling.
const FEW: f64 = 0.5;

/// The logarithms of importance weights, which are normalised: the weights sum to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct LogWeights {
    logs: Vec<f64>,
    log_z: f64,
    smallest_ess: f64,
}

impl LogWeights {
    /// `count` equal weights.
    pub fn equal(count: usize) -> LogWeights {
        LogWeights { logs: vec![-(count as f64).ln(); count], log_z: 0.0, smallest_ess: 1.0 }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.logs.len()
    }

    /// Multiplies each weight by the incremental weight whose logarithm is given, in order; minus infinity takes a
    /// particle out.
    pub fn reweight(&mut self, log_increments: impl IntoIterator<Item = f64>) {
        self.logs.iter_mut().zip(log_increments).for_each(|(log, increment)| *log += increment);
        let total = log_sum(self.logs.iter().copied());
        self.log_z += total;
        if total.is_finite() {
            self.logs.iter_mut().for_each(|log| *log -= total);
        }
        self.smallest_ess = self.smallest_ess.min(self.ess());
    }

    /// The weights themselves, `0..=1`; they sum to 1 unless nothing has weight.
    pub fn shares(&self) -> Vec<f64> {
        self.logs.iter().map(|log| log.exp()).collect()
    }

    /// The effective sample size as a share of the particles (Kong, Liu and Wong 1994): 1 / (n · Σ w²), and 0 when
    /// nothing has weight.
    pub fn ess(&self) -> f64 {
        let squares: f64 = self.logs.iter().map(|log| (2.0 * log).exp()).sum();
        if squares > 0.0 { 1.0 / (squares * self.logs.len() as f64) } else { 0.0 }
    }

    /// The smallest effective sample size so far, as a share of the particles, `0..=1`.
    pub fn smallest_ess(&self) -> f64 {
        self.smallest_ess
    }

    /// ln of the estimate of Z, which is unbiased for Z itself; minus infinity when nothing has weight.
    pub fn log_z(&self) -> f64 {
        self.log_z
    }

    /// Whether too few particles carry the weight.
    pub fn degenerate(&self) -> bool {
        self.ess() < FEW
    }

    /// Whose copy each place becomes when the particles are resampled, by the one number `chance` (`0..1`). All
    /// weights are equal then.
    pub fn resample(&mut self, chance: f64) -> Vec<usize> {
        let count = self.logs.len();
        let ancestors = self.systematic(count, chance);
        self.logs.fill(-(count as f64).ln());
        ancestors
    }

    /// `count` particles drawn by their weights, evenly spread: systematic resampling (Kitagawa 1996) with the one
    /// number `chance` (`0..1`). None is drawn twice that does not weigh for two.
    pub fn systematic(&self, count: usize, chance: f64) -> Vec<usize> {
        let (mut particle, mut sum) = (0, self.logs.first().map_or(0.0, |log| log.exp()));
        let draw = |place: usize| {
            let mark = (place as f64 + chance) / count as f64;
            while sum <= mark && particle + 1 < self.logs.len() {
                particle += 1;
                sum += self.logs[particle].exp();
            }
            particle
        };
        (0..count).map(draw).collect()
    }

    /// The particle at `chance` (`0..1`) of the weights; `None` when nothing has weight.
    pub fn choose(&self, chance: f64) -> Option<usize> {
        choose(&self.logs, 0.0, chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_particle_is_copied_as_often_as_its_weight_says(
            logs in prop::collection::vec(-6.0f64..6.0, 2..40),
            chance in 0.0f64..1.0,
        ) {
            let count = logs.len();
            let mut weights = LogWeights::equal(count);
            weights.reweight(logs.iter().copied());
            let shares = weights.shares();
            prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let mean = logs.iter().map(|log| log.exp()).sum::<f64>() / count as f64;
            prop_assert!((weights.log_z() - mean.ln()).abs() < 1e-9);
            let ancestors = weights.resample(chance);
            prop_assert_eq!(ancestors.len(), count);
            for (particle, share) in shares.iter().enumerate() {
                let copies = ancestors.iter().filter(|ancestor| **ancestor == particle).count() as f64;
                prop_assert!((copies - share * count as f64).abs() < 1.0 + 1e-9);
            }
            prop_assert!((weights.ess() - 1.0).abs() < 1e-9 && !weights.degenerate());
        }
    }

    #[test]
    fn where_nothing_has_weight_nothing_is_chosen() {
        let mut none = LogWeights::equal(4);
        none.reweight([f64::NEG_INFINITY; 4]);
        assert_eq!((none.choose(0.5), none.smallest_ess(), none.log_z()), (None, 0.0, f64::NEG_INFINITY));
        let mut one = LogWeights::equal(4);
        one.reweight([f64::NEG_INFINITY, f64::NEG_INFINITY, 3.0, f64::NEG_INFINITY]);
        assert_eq!((one.choose(0.999), one.smallest_ess(), one.degenerate()), (Some(2), 0.25, true));
    }
}
