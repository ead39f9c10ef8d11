//! The weights of particles, as logarithms: weighing, resampling, choosing.

use crate::categorical::{choose, log_sum};

/// How far a particle's guide falls, in nats a boundary, while it breaks a rule that nobody mends.
const BROKEN: f64 = 8.0;

/// A rule counts as one that nobody mends when at most one in so many did.
const SELDOM: usize = 20;

/// Below this share of the particles the effective sample size calls for resampling.
const FEW: f64 = 0.5;

/// Weights of particles that grow side by side.
pub(crate) struct Swarm {
    /// ln of the weights, which sum to 1.
    log_weights: Vec<f64>,
    /// What each weight holds of the particle's reward already, in nats.
    held: Vec<f64>,
    /// Which particles broke a rule at the last boundary.
    broken: Vec<bool>,
    /// How often a particle that had broken a rule was looked at again, and how often it was mended.
    looked: usize,
    mended: usize,
    log_z: f64,
    smallest: f64,
}

impl Swarm {
    /// `count` particles of equal weight.
    pub fn new(count: usize) -> Swarm {
        let log_weights = vec![-(count as f64).ln(); count];
        let broken = vec![false; count];
        Swarm { log_weights, held: vec![0.0; count], broken, looked: 0, mended: 0, log_z: 0.0, smallest: 1.0 }
    }

    /// Weighs music on the way by its scores in nats. Any finite guide leaves the target as it is, for
    /// the next weighing takes back what this one gave; so a broken rule (−∞) pushes down and throws
    /// nothing away. “No leaps” stays broken and must weigh early, “ends at home” is broken most of the
    /// time and must not: which it is, is learnt from the boundaries before.
    pub fn guide(&mut self, scores: &[f64]) {
        let lasting = self.looked >= self.held.len() / 4 && self.mended * SELDOM <= self.looked;
        let push = if lasting { BROKEN } else { 0.0 };
        let guides = self.held.iter().zip(scores);
        let guides = guides.map(|(held, score)| if score.is_finite() { *score } else { held - push });
        self.weigh(guides.collect());
        for (broken, score) in self.broken.iter_mut().zip(scores) {
            let now = !score.is_finite();
            self.looked += usize::from(*broken);
            self.mended += usize::from(*broken && !now);
            *broken = now;
        }
    }

    /// Weighs whole music by its scores in nats; minus infinity is out.
    pub fn settle(&mut self, scores: &[f64]) {
        self.weigh(scores.to_vec());
    }

    fn weigh(&mut self, scores: Vec<f64>) {
        for ((weight, held), score) in self.log_weights.iter_mut().zip(&self.held).zip(&scores) {
            *weight += score - held;
        }
        self.held = scores;
        let total = log_sum(self.log_weights.iter().copied());
        self.log_z += total;
        if total.is_finite() {
            self.log_weights.iter_mut().for_each(|weight| *weight -= total);
        }
        self.smallest = self.smallest.min(self.share());
    }

    /// The effective sample size as a share of the particles (Kong, Liu and Wong 1994):
    /// 1 / (n · Σ w²), and 0 when nothing has weight.
    fn share(&self) -> f64 {
        let squares: f64 = self.log_weights.iter().map(|weight| (2.0 * weight).exp()).sum();
        if squares > 0.0 { 1.0 / (squares * self.log_weights.len() as f64) } else { 0.0 }
    }

    /// When too few particles carry the weight: whose copy each place becomes, by systematic resampling
    /// (Kitagawa 1996) with the one number `chance` (`0..1`). All weights are equal then.
    pub fn resample(&mut self, chance: f64) -> Option<Vec<usize>> {
        if self.share() >= FEW {
            return None;
        }
        let count = self.log_weights.len();
        let mut ancestors = Vec::with_capacity(count);
        let (mut particle, mut sum) = (0, self.log_weights.first()?.exp());
        for place in 0..count {
            let mark = (place as f64 + chance) / count as f64;
            while sum <= mark && particle + 1 < count {
                particle += 1;
                sum += self.log_weights[particle].exp();
            }
            ancestors.push(particle);
        }
        self.held = ancestors.iter().map(|ancestor| self.held[*ancestor]).collect();
        self.broken = ancestors.iter().map(|ancestor| self.broken[*ancestor]).collect();
        self.log_weights.fill(-(count as f64).ln());
        Some(ancestors)
    }

    /// The particle at `chance` (`0..1`) of the weights; `None` when nothing has weight.
    pub fn choose(&self, chance: f64) -> Option<usize> {
        choose(&self.log_weights, 0.0, chance)
    }

    /// The smallest effective sample size so far, as a share of the particles, `0..=1`.
    pub fn ess(&self) -> f64 {
        self.smallest
    }

    /// ln of the estimate of Z, which is unbiased for Z itself.
    pub fn log_z(&self) -> f64 {
        self.log_z
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_particle_is_copied_as_often_as_its_weight_says(
            scores in prop::collection::vec(-6.0f64..6.0, 2..40),
            chance in 0.0f64..1.0,
        ) {
            let count = scores.len();
            let mut swarm = Swarm::new(count);
            swarm.guide(&scores);
            let weights: Vec<f64> = swarm.log_weights.iter().map(|weight| weight.exp()).collect();
            let share = swarm.ess();
            match swarm.resample(chance) {
                None => prop_assert!(share >= FEW),
                Some(ancestors) => {
                    prop_assert!(share < FEW);
                    prop_assert_eq!(ancestors.len(), count);
                    for (particle, weight) in weights.iter().enumerate() {
                        let copies = ancestors.iter().filter(|ancestor| **ancestor == particle).count() as f64;
                        prop_assert!((copies - weight * count as f64).abs() < 1.0 + 1e-9);
                    }
                    for (place, ancestor) in ancestors.iter().enumerate() {
                        prop_assert_eq!(swarm.held[place], scores[*ancestor]);
                    }
                }
            }
        }

        #[test]
        fn what_a_guide_gave_the_whole_takes_back(
            guides in prop::collection::vec(prop_oneof![-3.0f64..3.0, Just(f64::NEG_INFINITY)], 8),
            scores in prop::collection::vec(prop_oneof![-3.0f64..3.0, Just(f64::NEG_INFINITY)], 8),
        ) {
            let mut guided = Swarm::new(8);
            guided.guide(&guides);
            guided.settle(&scores);
            let mut plain = Swarm::new(8);
            plain.settle(&scores);
            for (a, b) in guided.log_weights.iter().zip(&plain.log_weights) {
                prop_assert!(a == b || (a - b).abs() < 1e-9);
            }
            prop_assert!(guided.log_z() == plain.log_z() || (guided.log_z() - plain.log_z()).abs() < 1e-9);
        }
    }

    #[test]
    fn all_rules_broken_leaves_nothing_to_choose() {
        let mut swarm = Swarm::new(4);
        swarm.settle(&[f64::NEG_INFINITY; 4]);
        assert_eq!((swarm.choose(0.5), swarm.ess(), swarm.log_z()), (None, 0.0, f64::NEG_INFINITY));
        let mut swarm = Swarm::new(4);
        swarm.settle(&[f64::NEG_INFINITY, f64::NEG_INFINITY, 3.0, f64::NEG_INFINITY]);
        assert_eq!((swarm.choose(0.999), swarm.ess()), (Some(2), 0.25));
    }
}
