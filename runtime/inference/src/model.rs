//! What every model can be asked, and what it answers.

use lilt_score::Clip;

use crate::{Conditions, Description, Interpolation, ModelError, Sampling, Watch};

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

    /// How much each note of `clip` surprises the model: nats (−ln p), one for each note.
    ///
    /// # Errors
    /// When the clip is nothing the model can read, the network fails, or the watch is cancelled.
    fn score(&self, clip: &Clip, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let _ = (clip, conditions, watch);
        Err(self.unsupported("score"))
    }

    /// Clips on the way from `from` to `to`, both ends included.
    ///
    /// # Errors
    /// As [`Model::continue_from`].
    fn interpolate(
        &self,
        from: &Clip,
        to: &Clip,
        request: &Interpolation,
        watch: &Watch,
    ) -> Result<Vec<Clip>, ModelError> {
        let _ = (from, to, request, watch);
        Err(self.unsupported("interpolate"))
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
    /// Effective sample size as a share of the particles, `0..=1`, where sampling has particles.
    pub ess: Option<f64>,
    /// Estimate of ln Z, the log of what the tilted weights sum to, where there is a tilt.
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
