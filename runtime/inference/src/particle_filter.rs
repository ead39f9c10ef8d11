//! The particle filter of a tilt: its particles' weights, from one intermediate target to the next.
//!
//! At each boundary the target is p(x)·exp(potential of x so far), whose logarithm the rewards give; the incremental
//! weight of a particle is the ratio of its new potential to the one before. So any finite potential on the way leaves
//! the posterior as it is: the next reweighting takes back what this one gave.

use crate::log_weights::LogWeights;

/// How far a particle's log potential falls, in nats a boundary, while it breaks a rule that nobody mends.
const BROKEN: f64 = 8.0;

/// A rule counts as one that nobody mends when at most one in so many did.
const SELDOM: usize = 20;

/// Particles that grow side by side, by number.
pub(crate) struct ParticleFilter {
    weights: LogWeights,
    /// The log potential that each weight holds already, in nats.
    potentials: Vec<f64>,
    /// Which particles broke a rule at the last boundary.
    broken: Vec<bool>,
    /// How often a particle that had broken a rule was looked at again, and how often it was mended.
    looked: usize,
    mended: usize,
}

impl ParticleFilter {
    /// `count` particles of equal weight.
    pub fn new(count: usize) -> ParticleFilter {
        let (potentials, broken) = (vec![0.0; count], vec![false; count]);
        ParticleFilter { weights: LogWeights::equal(count), potentials, broken, looked: 0, mended: 0 }
    }

    /// Reweights toward the intermediate target with these log potentials, in nats. A broken rule (−∞) pushes down
    /// and throws nothing away. “No leaps” stays broken and must weigh early, “ends at home” is broken most of the
    /// time and must not: which it is, is learnt from the boundaries before.
    pub fn reweight(&mut self, log_potentials: &[f64]) {
        let lasting = self.looked >= self.potentials.len() / 4 && self.mended * SELDOM <= self.looked;
        let push = if lasting { BROKEN } else { 0.0 };
        let finite = self.potentials.iter().zip(log_potentials);
        let finite = finite.map(|(before, new)| if new.is_finite() { *new } else { before - push });
        self.move_to(finite.collect());
        for (broken, potential) in self.broken.iter_mut().zip(log_potentials) {
            let now = !potential.is_finite();
            self.looked += usize::from(*broken);
            self.mended += usize::from(*broken && !now);
            *broken = now;
        }
    }

    /// Reweights toward the posterior, whose log potentials are those of whole pieces, in nats; minus infinity is out.
    pub fn finish(&mut self, log_potentials: &[f64]) {
        self.move_to(log_potentials.to_vec());
    }

    fn move_to(&mut self, log_potentials: Vec<f64>) {
        let increments = log_potentials.iter().zip(&self.potentials).map(|(new, before)| new - before);
        self.weights.reweight(increments.collect::<Vec<f64>>());
        self.potentials = log_potentials;
    }

    /// When too few particles carry the weight: whose copy each place becomes, by the one number `chance` (`0..1`).
    pub fn resample(&mut self, chance: f64) -> Option<Vec<usize>> {
        if !self.weights.degenerate() {
            return None;
        }
        let ancestors = self.weights.resample(chance);
        self.potentials = ancestors.iter().map(|ancestor| self.potentials[*ancestor]).collect();
        self.broken = ancestors.iter().map(|ancestor| self.broken[*ancestor]).collect();
        Some(ancestors)
    }

    /// The weights.
    pub fn weights(&self) -> &LogWeights {
        &self.weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn potentials_go_with_their_particles(
            scores in prop::collection::vec(-6.0f64..6.0, 2..40),
            chance in 0.0f64..1.0,
        ) {
            let mut filter = ParticleFilter::new(scores.len());
            filter.reweight(&scores);
            let few = filter.weights().degenerate();
            let ancestors = filter.resample(chance);
            prop_assert_eq!(ancestors.is_some(), few);
            for (place, ancestor) in ancestors.into_iter().flatten().enumerate() {
                prop_assert_eq!(filter.potentials[place], scores[ancestor]);
            }
        }

        #[test]
        fn what_an_intermediate_target_gave_the_posterior_takes_back(
            on_the_way in prop::collection::vec(prop_oneof![-3.0f64..3.0, Just(f64::NEG_INFINITY)], 8),
            scores in prop::collection::vec(prop_oneof![-3.0f64..3.0, Just(f64::NEG_INFINITY)], 8),
            chance in 0.0f64..1.0,
        ) {
            let mut guided = ParticleFilter::new(8);
            guided.reweight(&on_the_way);
            guided.finish(&scores);
            let mut plain = ParticleFilter::new(8);
            plain.finish(&scores);
            let (guided, plain) = (guided.weights(), plain.weights());
            prop_assert!(guided.log_z() == plain.log_z() || (guided.log_z() - plain.log_z()).abs() < 1e-9);
            prop_assert!(guided.ess() == plain.ess() || (guided.ess() - plain.ess()).abs() < 1e-9);
            // The chance may lie right between two particles.
            let near = |chance: f64| [guided.choose(chance), plain.choose(chance)];
            let [a, b] = near(chance);
            let [c, d] = near((chance + 1e-9).min(1.0 - 1e-12));
            prop_assert!(a == b || c == d || a == d || c == b);
        }
    }
}
