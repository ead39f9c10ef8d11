//! Baking: a tilt learnt into the weights, so that what took many particles takes one.
//!
//! First a model draws pieces from the exact tilt and learns to make them likely: it comes nearer to
//! p(x)·exp(s·R(x)) / Z in the divergence that punishes what is left out. Then it plays pieces of its own
//! and learns what they are worth (see [`crate::practice`]): that goes toward the same distribution in the
//! divergence that punishes what does not belong (Korbak et al. 2022, "RL with KL penalties is better
//! viewed as Bayesian inference"). What comes out is close to the tilt, not equal to it: how close is told
//! in reward and in nats, side by side with the exact tilt.

use std::sync::Arc;

use lilt_score::Seed;

use crate::{Advantages, Conditions, Extent, Learns, Model, ModelError, Piece, Sampling, Tilt, Watch};

/// Pieces of each kind by which what was learnt is judged.
const JUDGED: usize = 32;
/// Shares of the work that is done before a model practises: drawing what is learnt, learning.
const SHARES: [f64; 2] = [0.45, 0.55];
/// Share of all work that remains when only judging does.
const JUDGING: f64 = 0.05;
/// Temperature below which a model has next to nothing to choose from, and so nothing to practise.
const COLDEST: f64 = 0.1;
/// Rounds of practice that take as long as all that comes before them, roughly.
const LONG: f64 = 8.0;

/// What is to be baked.
#[derive(Clone)]
pub struct Bake {
    /// The tilt.
    pub tilt: Tilt,
    /// Length, temperature, conditions and seed of the pieces that are learnt.
    pub request: Sampling,
    /// How many of them.
    pub pieces: usize,
    /// Rounds of practice after that, for a model that can practise.
    pub rounds: usize,
}

/// What a model learns from.
#[derive(Debug, Clone)]
pub struct Examples {
    /// Pieces to learn.
    pub learnt: Vec<Piece>,
    /// Pieces by which it is seen when nothing more is learnt; none in practice.
    pub held_out: Vec<Piece>,
    /// What the pieces to learn are worth, in practice: what is worth less than nothing becomes less
    /// likely. `None` when all of them are to become likelier.
    pub advantages: Option<Advantages>,
    /// The conditions that they were drawn under.
    pub conditions: Conditions,
    /// Seed of what chance there is in learning.
    pub seed: u64,
    /// Names what comes out: equal for what was learnt from the same.
    pub identity: String,
}

impl Examples {
    /// How much what piece number `piece` of those to learn begins at `at`, counted from its start, is to
    /// count: 1, or what it is worth.
    pub fn weight(&self, piece: usize, at: impl Into<Extent>) -> f32 {
        self.advantages.as_ref().map_or(1.0, |advantages| advantages.at(piece, at.into()))
    }
}

/// A model that has learnt a tilt, and how it compares.
pub struct Baked {
    /// It plays without particles.
    pub model: Arc<dyn Model>,
    /// What was gained and what it cost.
    pub comparison: Comparison,
}

/// The model, its exact tilt and what was baked, side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Mean of Σ s·R of what each plays, in nats: the model, the exact tilt, what was baked. Broken rules
    /// (minus infinity) are not in the mean.
    pub reward: [f64; 3],
    /// Share of the pieces of each that break a rule.
    pub broken: [f64; 3],
    /// Nats per note, or point, that pieces of the model itself cost: under the model, and under what was baked.
    pub nats: [f64; 2],
}

impl Bake {
    /// Names what comes out of baking this into `model`.
    pub fn identity(&self, model: &dyn Model) -> String {
        let (base, tilt) = (&model.description().identity, self.tilt.identity());
        format!("{base} baked {tilt} {:?} pieces {} rounds {}", self.request, self.pieces, self.rounds)
    }

    /// Bakes the tilt into `model`.
    ///
    /// # Errors
    /// When the model cannot learn, a reward fails or forbids everything, or the watch is cancelled.
    pub fn into_model<M: Learns + ?Sized>(&self, model: &M, watch: &Watch) -> Result<Baked, ModelError> {
        let seed = Seed(self.request.seed()).child("bake");
        // What is drawn, learnt and scored on the way reports how far it is itself.
        let part = watch.part();
        let practised = match model.practises() && self.request.temperature() >= COLDEST {
            true => self.rounds,
            false => 0,
        };
        let before = (1.0 - JUDGING) * LONG / (LONG + practised as f64);
        let held_out = (self.pieces / 8).max(1);
        let wanted = self.pieces + held_out + JUDGED;
        let mut tilted = Vec::with_capacity(wanted);
        while tilted.len() < wanted {
            let draw = seed.child("tilted").child_number(tilted.len() as u64);
            let request = self.request.with_seed(draw.0);
            tilted.extend(model.gather(&request, &self.tilt, wanted - tilted.len(), &part)?);
            watch.report(before * SHARES[0] * tilted.len() as f64 / wanted as f64, 1.0);
        }
        let judged = tilted.split_off(self.pieces + held_out);
        let held_out = tilted.split_off(self.pieces);
        let examples = Examples {
            learnt: tilted,
            held_out,
            advantages: None,
            conditions: self.request.conditions().clone(),
            seed: seed.child("learn").0,
            identity: format!("{:?} {}", self.request, self.tilt.identity()),
        };
        let learning = |share: f64| watch.report(before * (SHARES[0] + SHARES[1] * share), 1.0);
        let mut baked = model.learn(&examples, &learning, &part)?;
        if practised > 0 {
            let practising = |share: f64| watch.report(before + (1.0 - JUDGING - before) * share, 1.0);
            baked = self.practise(model, baked, seed.child("practice"), &practising, &part)?;
        }
        watch.report(1.0 - JUDGING, 1.0);
        let comparison = self.compare(model, &*baked, judged, &part)?;
        Ok(Baked { model: baked, comparison })
    }

    fn compare<M: Learns + ?Sized>(
        &self,
        model: &M,
        baked: &dyn Learns,
        tilted: Vec<Piece>,
        watch: &Watch,
    ) -> Result<Comparison, ModelError> {
        let request = self.request.with_seed(Seed(self.request.seed()).child("judged").0);
        let conditions = request.conditions();
        let plain = model.several(&request, JUDGED, watch)?;
        let learnt = baked.several(&request.as_learnt(), JUDGED, watch)?;
        let mut nats = [(0.0, 0usize); 2];
        // Silence has no note that could cost anything, and not every model can score it.
        for piece in plain.iter().filter(|piece| piece.parts() > 0) {
            for (sum, scored) in nats
                .iter_mut()
                .zip([model.score(piece, conditions, watch)?, baked.score(piece, conditions, watch)?])
            {
                sum.0 += scored.iter().sum::<f64>();
                sum.1 += scored.len();
            }
        }
        let mut comparison = Comparison {
            reward: [0.0; 3],
            broken: [0.0; 3],
            nats: nats.map(|(sum, parts)| sum / parts.max(1) as f64),
        };
        for (at, pieces) in [plain, tilted, learnt].into_iter().enumerate() {
            let scores = self.tilt.score(&pieces, watch)?;
            let kept: Vec<f64> = scores.iter().copied().filter(|score| score.is_finite()).collect();
            comparison.reward[at] = kept.iter().sum::<f64>() / kept.len().max(1) as f64;
            comparison.broken[at] = 1.0 - kept.len() as f64 / scores.len().max(1) as f64;
        }
        Ok(comparison)
    }
}
