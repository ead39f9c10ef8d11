//! What models answer.

use lilt_score::Clip;

use crate::{Interpolated, ModelError, Piece};

/// One piece drawn from a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Sampled {
    /// What was drawn.
    pub piece: Piece,
    /// The smallest effective sample size on the way, as a share of the particles, `0..=1`, where
    /// sampling has particles.
    pub ess: Option<f64>,
    /// Estimate of ln Z, the logarithm of the sum of p(x)·exp(s·R(x)), where there is a tilt.
    pub log_z: Option<f64>,
}

impl Sampled {
    /// A piece drawn without particles and without a tilt.
    pub fn plain(piece: impl Into<Piece>) -> Sampled {
        Sampled { piece: piece.into(), ess: None, log_z: None }
    }

    /// The clip.
    ///
    /// # Errors
    /// [`ModelError::Medium`] when it is something else.
    pub fn into_clip(self) -> Result<Clip, ModelError> {
        self.piece.into_clip()
    }
}

/// What a take yields: which kind follows from the verb.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Of `sample`, `continue` and verbs of a model's own.
    Sampled(Sampled),
    /// Of `score`: nats, one for each note of the clip, or each point of the sketch.
    Scored(Vec<f64>),
    /// Of `interpolate`: the pieces in order, and where they lie.
    Interpolated(Interpolated),
}

impl Answer {
    /// The piece of `sample` and its like.
    pub fn piece(&self) -> Option<&Piece> {
        match self {
            Answer::Sampled(sampled) => Some(&sampled.piece),
            Answer::Scored(_) | Answer::Interpolated(_) => None,
        }
    }

    /// The pieces, in order: the one of `sample` and its like, those of `interpolate`.
    pub fn pieces(&self) -> &[Piece] {
        match self {
            Answer::Sampled(sampled) => std::slice::from_ref(&sampled.piece),
            Answer::Interpolated(way) => way.pieces(),
            Answer::Scored(_) => &[],
        }
    }

    /// Where the pieces of `interpolate` lie, in order, as [`Interpolated::path`] says; none of others.
    pub fn path(&self) -> &[[f64; 2]] {
        match self {
            Answer::Interpolated(way) => way.path(),
            Answer::Sampled(_) | Answer::Scored(_) => &[],
        }
    }

    /// Nats for each note, or each point, of `score`.
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
        size_of::<Answer>()
            + match self {
                Answer::Sampled(sampled) => sampled.piece.bytes(),
                Answer::Scored(nats) => size_of_val(nats.as_slice()),
                Answer::Interpolated(way) => {
                    way.pieces().iter().map(Piece::bytes).sum::<usize>() + size_of_val(way.path())
                }
            }
    }
}
