//! A model that leans toward rewards: a model like any other.

use std::sync::Arc;

use lilt_score::{Beat, Clip, Seed};

use crate::{
    Bake, Baked, Conditions, Description, Interpolation, Model, ModelError, Particles, Sampled, Sampling,
    Tilt, Verb, Watch,
};

/// The model whose distribution is p(x)·exp(Σ s·R(x)) / Z.
pub struct Tilted {
    base: Arc<dyn Model>,
    tilt: Tilt,
    description: Description,
}

impl Tilted {
    /// `base`, tilted. To tilt a tilted model further, add the tilts with [`Tilt::and`].
    pub fn new(base: Arc<dyn Model>, tilt: Tilt) -> Tilted {
        let identity = format!("{} tilt {}", base.description().identity, tilt.identity());
        let transforms = Vec::new();
        let description = Description { identity, transforms, ..base.description().clone() };
        Tilted { base, tilt, description }
    }
}

impl Model for Tilted {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.base.tilted(None, request, &self.tilt, watch)
    }

    fn continue_from(&self, primer: &Clip, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.base.tilted(Some(primer), request, &self.tilt, watch)
    }

    fn later(&self, conditions: &Conditions, bars: u64) -> Conditions {
        self.base.later(conditions, bars)
    }

    /// Nats under the tilted distribution, −ln p(x) − s·R(x) + ln Z: the reward counts toward the note
    /// that earns it, ln Z, which is estimated, in equal parts.
    fn score(&self, clip: &Clip, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let mut nats = self.base.score(clip, conditions, watch)?;
        let mut before = 0.0;
        for (count, nats) in nats.iter_mut().enumerate() {
            let begun = Clip::new(clip.notes()[..=count].to_vec(), clip.length());
            let begun = begun.map_err(|error| ModelError::clip(&self.description.name, "score", error))?;
            let reward = self.tilt.score(&[begun], watch)?.first().copied().unwrap_or(0.0);
            // A rule that is broken on the way may be mended; only the whole is forbidden by it.
            if reward.is_finite() || count + 1 == clip.notes().len() {
                *nats += before - reward;
                before = reward;
            }
        }
        let bars = bars_of(clip.length(), conditions.meter.bar());
        let request = Sampling::new(bars, Sampling::DEFAULT_TEMPERATURE, 0, conditions.clone())?;
        let drawn = self.base.tilted(None, &request, &self.tilt, watch)?;
        let log_z = drawn.log_z.unwrap_or(0.0) / nats.len().max(1) as f64;
        nats.iter_mut().for_each(|nats| *nats += log_z);
        Ok(nats)
    }

    fn interpolate(
        &self,
        from: &Clip,
        to: &Clip,
        request: &Interpolation,
        watch: &Watch,
    ) -> Result<Vec<Clip>, ModelError> {
        crate::likeness::between(self, from, to, request, watch)
    }

    fn particles<'a>(
        &'a self,
        primer: Option<&Clip>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError> {
        self.base.particles(primer, request, count, watch)
    }

    fn tilted(
        &self,
        primer: Option<&Clip>,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.base.tilted(primer, request, &self.tilt.and(tilt), watch)
    }

    fn several(&self, request: &Sampling, count: usize, watch: &Watch) -> Result<Vec<Clip>, ModelError> {
        let count = count as u64;
        let seeds = (0..count).map(|number| Seed(request.seed()).child_number(number).0);
        seeds.map(|seed| Ok(self.sample(&request.with_seed(seed), watch)?.clip)).collect()
    }

    fn gather(
        &self,
        request: &Sampling,
        tilt: &Tilt,
        most: usize,
        watch: &Watch,
    ) -> Result<Vec<Clip>, ModelError> {
        self.base.gather(request, &self.tilt.and(tilt), most, watch)
    }

    /// The same tilt with fewer particles. The numbers of `score` are no music, and a way between clips
    /// takes as many particles again however few the tilt has: there the whole is waited for.
    fn draft(&self, verb: &Verb) -> Option<Arc<dyn Model>> {
        match verb {
            Verb::Sample(_) | Verb::Continue { .. } => {
                Some(Arc::new(Tilted::new(Arc::clone(&self.base), self.tilt.draft()?)))
            }
            Verb::Score { .. } | Verb::Transform { .. } | Verb::Interpolate { .. } => None,
        }
    }

    fn learns(&self) -> bool {
        self.base.learns()
    }

    fn practises(&self) -> bool {
        self.base.practises()
    }

    /// Bakes both tilts.
    fn bake(&self, bake: &Bake, watch: &Watch) -> Result<Baked, ModelError> {
        self.base.bake(&Bake { tilt: self.tilt.and(&bake.tilt), ..bake.clone() }, watch)
    }
}

/// The shortest answer whose bars hold `length` beats.
pub(crate) fn bars_of(length: Beat, bar: Beat) -> u32 {
    (length / bar).to_f64().ceil().clamp(1.0, 256.0) as u32
}
