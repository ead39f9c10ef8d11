//! What every model can be asked, and what it answers.

use std::sync::Arc;

use lilt_score::{Beat, Clip, Note, Seed};

use crate::{
    Bake, Baked, Conditions, Cost, Description, Examples, Interpolation, ModelError, Particles, Sampling,
    Tilt, Verb, Watch, likeness,
};

/// A model. Each verb is a pure function of the weights, the arguments and the seed; a tilted model
/// is a model too.
///
/// A verb looks at its [`Watch`] at least once a note and stops with [`ModelError::Cancelled`] when
/// it says so.
pub trait Model: Send + Sync {
    /// What it is called, what it was made from, which options it takes.
    fn description(&self) -> &Description;

    /// A clip drawn from the model, exactly [`Sampling::bars`] bars long.
    ///
    /// # Errors
    /// When a condition is unknown to the model, the network fails, or the watch is cancelled.
    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError>;

    /// A clip of exactly [`Sampling::bars`] bars that follows `primer`, without the primer.
    ///
    /// # Errors
    /// As [`Model::sample`], and when the primer is nothing the model can read.
    fn continue_from(&self, primer: &Clip, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        let _ = (primer, request, watch);
        Err(self.unsupported("continue"))
    }

    /// What `conditions` say `bars` bars on, where music is made piece by piece: chords, for one, go on
    /// from there.
    fn later(&self, conditions: &Conditions, bars: u64) -> Conditions {
        let _ = bars;
        conditions.clone()
    }

    /// How much each note of `clip` surprises the model: nats (−ln p), one for each note.
    ///
    /// # Errors
    /// When the clip is nothing the model can read, the network fails, or the watch is cancelled.
    fn score(&self, clip: &Clip, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let _ = (clip, conditions, watch);
        Err(self.unsupported("score"))
    }

    /// What each step of each of `drawn` cost, which `request` may have drawn: the sum is −ln p of just this
    /// draw. Here notes are all that costs anything, at temperature 1; a model whose rests cost something
    /// too says what, and where they begin.
    ///
    /// # Errors
    /// As [`Model::score`].
    fn costs(&self, drawn: &[Clip], request: &Sampling, watch: &Watch) -> Result<Vec<Vec<Cost>>, ModelError> {
        let costs = |clip: &Clip| {
            let nats = self.score(clip, request.conditions(), watch)?;
            let cost = |(note, nats): (&Note, f64)| Cost { at: note.start, nats };
            Ok(clip.notes().iter().zip(nats).map(cost).collect())
        };
        drawn.iter().map(costs).collect()
    }

    /// Clips on the way from `from` to `to`, both ends included. Here each step is drawn from the model
    /// tilted toward a likeness with both ends; a model with a space of its own goes through that.
    ///
    /// # Errors
    /// As [`Model::tilted`], and when the clips are not equally long.
    fn interpolate(
        &self,
        from: &Clip,
        to: &Clip,
        request: &Interpolation,
        watch: &Watch,
    ) -> Result<Vec<Clip>, ModelError> {
        likeness::between(self, from, to, request, watch)
    }

    /// What the verb `name`, one of [`Description::transforms`], makes out of `clip`.
    ///
    /// # Errors
    /// As [`Model::continue_from`].
    fn transform(
        &self,
        name: &'static str,
        clip: &Clip,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let _ = (clip, request, watch);
        Err(self.unsupported(name))
    }

    /// `count` pieces to be made side by side, after `primer` if there is one.
    ///
    /// # Errors
    /// As [`Model::continue_from`].
    fn particles<'a>(
        &'a self,
        primer: Option<&Clip>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError> {
        let _ = (primer, request, count, watch);
        Err(self.unsupported("tilt"))
    }

    /// A clip drawn from the model tilted by `tilt`, after `primer` if there is one: by sequential
    /// Monte Carlo over [`Model::particles`], unless the model has a better way.
    ///
    /// # Errors
    /// As [`Model::particles`], and [`ModelError::Reward`] when a reward fails or forbids everything.
    fn tilted(
        &self,
        primer: Option<&Clip>,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let mut particles = self.particles(primer, request, tilt.particles(), watch)?;
        tilt.draw(particles.as_mut(), Seed(request.seed()), watch)
    }

    /// `count` clips drawn from the model side by side.
    ///
    /// # Errors
    /// As [`Model::particles`].
    fn several(&self, request: &Sampling, count: usize, watch: &Watch) -> Result<Vec<Clip>, ModelError> {
        let mut particles = self.particles(None, request, count, watch)?;
        let mut until = Beat::ZERO;
        while !particles.whole() {
            until += request.conditions().meter.bar();
            particles.advance(until, watch)?;
        }
        (0..particles.count()).map(|particle| particles.clip(particle)).collect()
    }

    /// Clips of one draw from the model tilted by `tilt`, `most` or fewer: only as many as differ.
    ///
    /// # Errors
    /// As [`Model::tilted`].
    fn gather(
        &self,
        request: &Sampling,
        tilt: &Tilt,
        most: usize,
        watch: &Watch,
    ) -> Result<Vec<Clip>, ModelError> {
        let mut particles = self.particles(None, request, tilt.particles(), watch)?;
        // Particles of one population share their beginnings: more would be copies of each other.
        let count = most.min(8).min(particles.count());
        tilt.gather(particles.as_mut(), Seed(request.seed()), count, watch)
    }

    /// What makes a first draft of an answer to `verb` for the ear, in a fraction of the time, where that
    /// can be had: `None` where the model itself is quick, or nothing rougher is of use.
    fn draft(&self, verb: &Verb) -> Option<Arc<dyn Model>> {
        let _ = verb;
        None
    }

    /// Whether [`Model::learn`] can be asked for.
    fn learns(&self) -> bool {
        false
    }

    /// Whether [`Model::learn`] hears what pieces are worth, so that the model can practise: its
    /// [`Model::costs`] must be those of its own draws.
    fn practises(&self) -> bool {
        false
    }

    /// A model of the same kind that makes `examples` likelier, or those that are worth something, beside
    /// what it knew; `tell` hears how much of the work is done, `0..=1`.
    ///
    /// # Errors
    /// When the model cannot learn, cannot read an example, or the watch is cancelled.
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Model>, ModelError> {
        let _ = (examples, tell, watch);
        Err(self.unsupported("bake"))
    }

    /// The model with a tilt learnt into it.
    ///
    /// # Errors
    /// As [`Model::learn`] and [`Model::tilted`].
    fn bake(&self, bake: &Bake, watch: &Watch) -> Result<Baked, ModelError> {
        bake.into_model(self, watch)
    }

    /// The error for a verb that this model cannot do; `verb` as it is written in a script.
    fn unsupported(&self, verb: &'static str) -> ModelError {
        ModelError::Unsupported { model: self.description().name.clone(), verb }
    }
}

/// One clip drawn from a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// The music.
    pub clip: Clip,
    /// The smallest effective sample size on the way, as a share of the particles, `0..=1`, where
    /// sampling has particles.
    pub ess: Option<f64>,
    /// Estimate of ln Z, the logarithm of the sum of p(x)·exp(s·R(x)), where there is a tilt.
    pub log_z: Option<f64>,
}

impl Sampled {
    /// A clip drawn without particles and without a tilt.
    pub fn plain(clip: Clip) -> Sampled {
        Sampled { clip, ess: None, log_z: None }
    }
}

/// What a take yields: which kind follows from the verb.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Of `sample` and `continue`.
    Sampled(Sampled),
    /// Of `score`: nats, one for each note of the clip.
    Scored(Vec<f64>),
    /// Of `interpolate`: the clips in order.
    Interpolated(Vec<Clip>),
}

impl Answer {
    /// The clip of `sample` or `continue`.
    pub fn clip(&self) -> Option<&Clip> {
        match self {
            Answer::Sampled(sampled) => Some(&sampled.clip),
            Answer::Scored(_) | Answer::Interpolated(_) => None,
        }
    }

    /// The clips, in order: the one of `sample` and its like, those of `interpolate`.
    pub fn clips(&self) -> &[Clip] {
        match self {
            Answer::Sampled(sampled) => std::slice::from_ref(&sampled.clip),
            Answer::Interpolated(clips) => clips,
            Answer::Scored(_) => &[],
        }
    }

    /// Nats for each note, of `score`.
    pub fn nats(&self) -> Option<&[f64]> {
        match self {
            Answer::Scored(nats) => Some(nats),
            Answer::Sampled(_) | Answer::Interpolated(_) => None,
        }
    }

    /// Effective sample size as a share of the particles, `0..=1`.
    pub fn ess(&self) -> Option<f64> {
        match self {
            Answer::Sampled(sampled) => sampled.ess,
            Answer::Scored(_) | Answer::Interpolated(_) => None,
        }
    }

    /// ln Z of the tilt, where there is one.
    pub fn log_z(&self) -> Option<f64> {
        match self {
            Answer::Sampled(sampled) => sampled.log_z,
            Answer::Scored(_) | Answer::Interpolated(_) => None,
        }
    }

    /// Roughly how many bytes remembering it takes.
    pub(crate) fn bytes(&self) -> usize {
        let clip = |clip: &Clip| size_of::<Clip>() + size_of_val(clip.notes());
        size_of::<Answer>()
            + match self {
                Answer::Sampled(sampled) => clip(&sampled.clip),
                Answer::Scored(nats) => size_of_val(nats.as_slice()),
                Answer::Interpolated(clips) => clips.iter().map(clip).sum(),
            }
    }
}
