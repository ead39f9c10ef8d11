//! Tilt: from a model p and rewards R to the posterior p(x)·exp(Σ s·R(x)) / Z.
//!
//! It is sampled by a particle filter, sequential Monte Carlo (Del Moral, Doucet and Jasra 2006; for music and text
//! see Lew et al. 2023). The prior p proposes: particles grow side by side. At each boundary the target is
//! p(x)·exp(Σ s·R) of the pieces so far, the log importance weights follow it, and where the effective sample size
//! falls below half the particles are resampled. The potentials of pieces so far telescope, so that only that of the
//! whole counts; what is scored on the way decides where particles are spent, nothing else. Where a reward knows what
//! single notes are worth, the proposal is adapted to it note by note ([`crate::step_proposal`]), and the weights hold
//! ln p/q of what was proposed.

use std::sync::Arc;

use lilt_score::{Beat, Seed};

use crate::particle_filter::ParticleFilter;
use crate::{
    Extent, ModelError, Particles, Piece, Population, Reward, Sampled, Sampling, Several, StepProposal, Watch,
};

/// One in so many particles follows the rewards for a first draft. Two bars of `folk` take 10 ms of
/// processor time with 8 particles, and 72 ms with 64.
const DRAFT_SHARE: usize = 8;
/// The fewest particles of a draft.
const FEWEST_IN_DRAFT: usize = 8;

/// Which rewards pull, how hard, and how many particles follow them.
#[derive(Clone)]
pub struct Tilt {
    terms: Vec<Term>,
    particles: usize,
    every: Extent,
}

#[derive(Clone)]
struct Term {
    reward: Arc<dyn Reward>,
    strength: f64,
}

/// A tilt out of range.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum TiltError {
    /// A strength that is no number.
    #[error("strength = {0}: write a number; 0 is the model itself, below 0 leans the other way")]
    Strength(f64),
    /// A number of particles out of range.
    #[error("particles = {0}: write a whole number from 1 to 4096")]
    Particles(usize),
    /// Boundaries too close together or too far apart.
    #[error("every = {0}: write a number from 1/48 to 256")]
    Every(Extent),
}

impl Tilt {
    /// Particles when the script does not say.
    pub const DEFAULT_PARTICLES: usize = 64;

    /// Pulls toward `reward` with `strength` (nats a unit of reward, finite), following it with
    /// `particles` (1 to 4096) that are compared `every` so many beats, or points (1/48 to 256).
    ///
    /// # Errors
    /// [`TiltError`] when one is out of range.
    pub fn new(
        reward: Arc<dyn Reward>,
        strength: f64,
        particles: usize,
        every: impl Into<Extent>,
    ) -> Result<Tilt, TiltError> {
        if !strength.is_finite() {
            return Err(TiltError::Strength(strength));
        }
        if !(1..=4096).contains(&particles) {
            return Err(TiltError::Particles(particles));
        }
        let every = every.into();
        if every.beats() < Beat::new(1, 48) || every.beats() > Beat::whole(256) {
            return Err(TiltError::Every(every));
        }
        Ok(Tilt { terms: vec![Term { reward, strength }], particles, every })
    }

    /// Both tilts at once: rewards add up. The finer of the two follows.
    pub fn and(&self, other: &Tilt) -> Tilt {
        Tilt {
            terms: self.terms.iter().chain(&other.terms).cloned().collect(),
            particles: self.particles.max(other.particles),
            every: self.every.min(other.every),
        }
    }

    /// The tilt of a first draft: an eighth of the particles, which takes a fraction of the time, but not so
    /// few that they cannot follow a reward, and never more than a script has that says nothing. `None` where that is more than a quarter of them: then the whole is there nearly as soon.
    pub fn draft(&self) -> Option<Tilt> {
        let particles = (self.particles / DRAFT_SHARE).clamp(FEWEST_IN_DRAFT, Tilt::DEFAULT_PARTICLES);
        (particles * 4 <= self.particles).then(|| Tilt { particles, ..self.clone() })
    }

    /// How many particles follow the rewards.
    pub fn particles(&self) -> usize {
        self.particles
    }

    /// How much lies between two boundaries.
    pub fn every(&self) -> Extent {
        self.every
    }

    /// Names the tilt: equal for the same rewards and numbers, in whatever order they were given.
    pub fn identity(&self) -> String {
        let mut terms: Vec<String> = self
            .terms
            .iter()
            .map(|term| format!("{}*{:016x}", term.reward.identity(), term.strength.to_bits()))
            .collect();
        terms.sort();
        format!("{} particles {} every {}", terms.join("+"), self.particles, self.every)
    }

    /// The tilt as it is for what `request` asks of the model of this identity, of which `several` gives pieces: each
    /// reward as it is there.
    ///
    /// # Errors
    /// As [`Reward::under`].
    pub fn under(
        &self,
        identity: &str,
        request: &Sampling,
        several: &Several<'_>,
    ) -> Result<Tilt, ModelError> {
        let mut tilt = self.clone();
        for term in tilt.terms.iter_mut().filter(|term| term.strength != 0.0) {
            if let Some(there) = term.reward.under(identity, request, several)? {
                term.reward = there;
            }
        }
        Ok(tilt)
    }

    /// Σ s·R of each piece, in nats; minus infinity where a rule is broken.
    ///
    /// # Errors
    /// [`ModelError::Reward`] when a reward fails or gives no usable number.
    pub fn score(&self, pieces: &[Piece], watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let mut sums = vec![0.0; pieces.len()];
        for Term { reward, strength } in &self.terms {
            if *strength == 0.0 {
                continue;
            }
            let scores = reward.score(pieces, watch)?;
            for (sum, nats) in sums.iter_mut().zip(nats(scores, *strength, pieces.len())?) {
                *sum += nats;
            }
        }
        Ok(sums)
    }

    /// The proposal that is adapted to what single notes earn, where a reward knows.
    fn proposal(&self) -> Option<StepProposal<'_>> {
        let pulling = self.terms.iter().filter(|term| term.strength != 0.0);
        let terms: Vec<_> = pulling.filter_map(|term| Some((term.reward.steps()?, term.strength))).collect();
        (!terms.is_empty()).then(|| StepProposal::new(terms))
    }

    /// The log potential of each particle: Σ s·R of its piece so far, cut at `until`, and ln p/q of how it was
    /// proposed.
    fn log_potentials(
        &self,
        particles: &dyn Particles,
        until: Option<Extent>,
        watch: &Watch,
    ) -> Result<Vec<f64>, ModelError> {
        let mut potentials = self.score(&pieces(particles, until)?, watch)?;
        let all = potentials.iter_mut().enumerate();
        all.for_each(|(particle, potential)| *potential += particles.log_ratio(particle));
        Ok(potentials)
    }

    /// Draws one piece from the posterior, by means of `particles`.
    ///
    /// # Errors
    /// As [`Tilt::score`] and [`Particles::advance`]; [`ModelError::Reward`] when no particle keeps to
    /// the rules.
    pub fn draw(
        &self,
        particles: &mut dyn Particles,
        seed: Seed,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let seed = seed.child("tilt");
        let filter = self.filter(particles, seed, watch)?;
        let weights = filter.weights();
        let chosen = weights.choose(seed.child("choice").unit());
        let piece = particles.piece(chosen.ok_or_else(|| forbidden(particles.count()))?)?;
        Ok(Sampled { piece, ess: Some(weights.smallest_ess()), log_z: Some(weights.log_z()) })
    }

    /// Draws `count` pieces from the posterior out of one population, evenly spread over its weights. They have
    /// ancestors in common, so they are worth less than as many that are drawn one by one, and cost far less.
    ///
    /// # Errors
    /// As [`Tilt::draw`].
    pub fn gather(
        &self,
        particles: &mut dyn Particles,
        seed: Seed,
        count: usize,
        watch: &Watch,
    ) -> Result<Vec<Piece>, ModelError> {
        let seed = seed.child("tilt");
        let filter = self.filter(particles, seed, watch)?;
        let shift = seed.child("choice").unit();
        let chosen = |at: usize| {
            let chosen = filter.weights().choose((at as f64 + shift) / count as f64);
            particles.piece(chosen.ok_or_else(|| forbidden(particles.count()))?)
        };
        (0..count).map(chosen).collect()
    }

    /// Runs the particle filter: proposes, reweights and resamples from boundary to boundary until all particles are
    /// whole, and then weighs them by the posterior.
    fn filter(
        &self,
        particles: &mut dyn Particles,
        seed: Seed,
        watch: &Watch,
    ) -> Result<ParticleFilter, ModelError> {
        let mut filter = ParticleFilter::new(particles.count());
        let mut proposal = self.proposal();
        let mut until = Extent::NONE;
        let run = watch.particle_run();
        for boundary in 0.. {
            until += self.every;
            match &mut proposal {
                Some(proposal) => particles.advance_adapted(until, proposal, watch)?,
                None => particles.advance(until, watch)?,
            }
            if particles.whole() {
                break;
            }
            filter.reweight(&self.log_potentials(particles, Some(until), watch)?);
            let seen = run.as_ref().map(|run| run.at(until, filter.weights(), false));
            let ancestors = filter.resample(seed.child_number(boundary).unit());
            if let Some(ancestors) = &ancestors {
                particles.resample(ancestors);
            }
            if let (Some(run), Some(seen)) = (&run, seen) {
                run.tell(Population { ancestors, ..seen });
            }
        }
        filter.finish(&self.log_potentials(particles, None, watch)?);
        if let Some(run) = &run {
            run.tell(run.at(until, filter.weights(), true));
        }
        Ok(filter)
    }
}

/// The error when no particle keeps to the rules.
fn forbidden(count: usize) -> ModelError {
    unusable(format!(
        "forbids all {count} pieces that were tried: loosen the rule, or ask for more particles"
    ))
}

/// What `count` scores are worth at a strength, in nats; minus infinity where a rule is broken.
///
/// # Errors
/// [`ModelError::Reward`] when there are more or fewer of them, or one is no usable number.
pub(crate) fn nats(scores: Vec<f64>, strength: f64, count: usize) -> Result<Vec<f64>, ModelError> {
    if scores.len() != count {
        return Err(unusable(format!("gave {} numbers for {count} pieces", scores.len())));
    }
    let nats = |score: f64| match strength * score {
        nats if nats < f64::INFINITY => Ok(nats),
        _ if score == f64::NEG_INFINITY => Err(unusable(format!(
            "forbids with minus infinity, which strength = {strength} turns into plus infinity: \
             tilt with a strength above 0, and turn the sign of the numbers inside the reward"
        ))),
        _ => Err(unusable(format!(
            "gave {score}: write a finite number; minus infinity (-math.huge) forbids what it is given for"
        ))),
    };
    scores.into_iter().map(nats).collect()
}

fn unusable(reason: String) -> ModelError {
    ModelError::Reward { reason }
}

/// The pieces so far of all particles, cut at `until`.
fn pieces(particles: &dyn Particles, until: Option<Extent>) -> Result<Vec<Piece>, ModelError> {
    let piece = |particle| {
        let piece = particles.piece(particle)?;
        let Some(until) = until else { return Ok(piece) };
        piece.begun(until).map_err(|error| unusable(error.to_string()))
    };
    (0..particles.count()).map(piece).collect()
}
