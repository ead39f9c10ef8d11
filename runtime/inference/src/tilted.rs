//! A model that leans toward rewards: a model like any other.

use std::sync::Arc;

use lilt_score::Seed;

use crate::{
    Bake, Baked, Conditions, Continues, Description, Examples, Learns, Model, ModelError, Piece, Sampled,
    Sampling, Scores, Tilt, Tilts, Verb, Watch,
};

/// The model whose distribution is p(x)·exp(Σ s·R(x)) / Z.
pub struct Tilted {
    base: Arc<dyn Model>,
    tilt: Tilt,
    description: Description,
}

impl Tilted {
    /// `base`, tilted. To tilt a tilted model further, add the tilts with [`Tilt::and`]. Where `base` cannot be
    /// tilted, nothing can be asked of it.
    pub fn new(base: Arc<dyn Model>, tilt: Tilt) -> Tilted {
        let identity = format!("{} tilt {}", base.description().identity, tilt.identity());
        let transforms = Vec::new();
        let description = Description { identity, transforms, ..base.description().clone() };
        Tilted { base, tilt, description }
    }

    fn base(&self) -> Result<&dyn Tilts, ModelError> {
        self.base.tilts().ok_or_else(|| self.base.unsupported("tilt"))
    }

    fn learning(&self) -> Result<&dyn Learns, ModelError> {
        self.base.learns().ok_or_else(|| self.base.unsupported("bake"))
    }
}

impl Model for Tilted {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.base()?.tilted(None, request, &self.tilt, watch)
    }

    fn continues(&self) -> Option<&dyn Continues> {
        self.base.continues().map(|_| self as &dyn Continues)
    }

    fn scores(&self) -> Option<&dyn Scores> {
        self.base.scores().map(|_| self as &dyn Scores)
    }

    fn tilts(&self) -> Option<&dyn Tilts> {
        self.base.tilts().map(|_| self as &dyn Tilts)
    }

    fn learns(&self) -> Option<&dyn Learns> {
        self.base.learns().map(|_| self as &dyn Learns)
    }

    /// The same tilt with fewer particles. The numbers of `score` are nothing to hear, and a way between pieces
    /// takes as many particles again however few the tilt has: there the whole is waited for.
    fn draft(&self, verb: &Verb) -> Option<Arc<dyn Model>> {
        match verb {
            Verb::Sample(_) | Verb::Continue { .. } => {
                Some(Arc::new(Tilted::new(Arc::clone(&self.base), self.tilt.draft()?)))
            }
            Verb::Score { .. } | Verb::Transform { .. } | Verb::Interpolate { .. } => None,
        }
    }
}

impl Continues for Tilted {
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.base()?.tilted(Some(primer), request, &self.tilt, watch)
    }

    fn later(&self, conditions: &Conditions, bars: u64) -> Conditions {
        self.base.continues().map_or_else(|| conditions.clone(), |base| base.later(conditions, bars))
    }
}

impl Scores for Tilted {
    /// Nats under the tilted distribution, −ln p(x) − s·R(x) + ln Z: the reward counts toward the part
    /// that earns it, ln Z, which is estimated, in equal parts.
    fn score(&self, piece: &Piece, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let base = self.base()?;
        let request = Sampling::like(piece, conditions.clone())?;
        let several = |request: &Sampling, count| base.several(request, count, watch);
        let tilt = self.tilt.under(&self.base.description().identity, &request, &several)?;
        let mut nats = self.base.score(piece, conditions, watch)?;
        let mut before = 0.0;
        for (count, nats) in nats.iter_mut().enumerate() {
            let begun = piece.with_parts(count + 1);
            let begun = begun.map_err(|error| ModelError::clip(&self.description.name, "score", error))?;
            let reward = tilt.score(&[begun], watch)?.first().copied().unwrap_or(0.0);
            // A rule that is broken on the way may be mended; only the whole is forbidden by it.
            if reward.is_finite() || count + 1 == piece.parts() {
                *nats += before - reward;
                before = reward;
            }
        }
        let drawn = base.tilted(None, &request, &tilt, watch)?;
        let log_z = drawn.log_z.unwrap_or(0.0) / nats.len().max(1) as f64;
        nats.iter_mut().for_each(|nats| *nats += log_z);
        Ok(nats)
    }
}

impl Tilts for Tilted {
    fn tilted(
        &self,
        primer: Option<&Piece>,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.base()?.tilted(primer, request, &self.tilt.and(tilt), watch)
    }

    fn several(&self, request: &Sampling, count: usize, watch: &Watch) -> Result<Vec<Piece>, ModelError> {
        let count = count as u64;
        let seeds = (0..count).map(|number| Seed(request.seed()).child_number(number).0);
        seeds.map(|seed| Ok(self.sample(&request.with_seed(seed), watch)?.piece)).collect()
    }

    fn gather(
        &self,
        request: &Sampling,
        tilt: &Tilt,
        most: usize,
        watch: &Watch,
    ) -> Result<Vec<Piece>, ModelError> {
        self.base()?.gather(request, &self.tilt.and(tilt), most, watch)
    }
}

impl Learns for Tilted {
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError> {
        self.learning()?.learn(examples, tell, watch)
    }

    fn practises(&self) -> bool {
        self.base.learns().is_some_and(Learns::practises)
    }

    /// Bakes both tilts.
    fn bake(&self, bake: &Bake, watch: &Watch) -> Result<Baked, ModelError> {
        self.learning()?.bake(&Bake { tilt: self.tilt.and(&bake.tilt), ..bake.clone() }, watch)
    }
}
