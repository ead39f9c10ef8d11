//! Likeness to a piece as a reward, and the way between two pieces that it gives to every model that tilts.

use std::fmt::Write;
use std::sync::Arc;

use lilt_score::{Beat, Clip, Seed, Sketch, Span};

use crate::{Interpolation, Medium, ModelError, Piece, Reward, Sampling, Tilt, Tilts, Watch};

/// How hard each note, or point, of the ends pulls between two pieces, in nats: a note that both ends share becomes
/// e³, some twenty times, likelier.
const PULL: f64 = 3.0;

/// How like a piece is to another: [`Clip::likeness`] or [`Sketch::likeness`], `0..=1`. Music on the way is compared
/// with as much of the other; a drawing, of which nobody knows how much is still to come, with all of it.
pub struct Likeness {
    to: Piece,
    identity: String,
}

impl Likeness {
    /// The reward for being like `to`.
    pub fn new(to: impl Into<Piece>) -> Likeness {
        let to = to.into();
        let mut identity = format!("likeness {} ", to.extent());
        // Writing to a text cannot fail.
        let _ = match &to {
            Piece::Clip(clip) => clip
                .notes()
                .iter()
                .try_for_each(|note| write!(identity, "{} {} {} ", note.start, note.duration, note.tone)),
            Piece::Sketch(sketch) => sketch.strokes().iter().try_for_each(|stroke| {
                let mut points = stroke.points.iter();
                points.try_for_each(|point| write!(identity, "{} {} ", point.x, point.y))?;
                identity.write_char('/')
            }),
        };
        Likeness { to, identity }
    }
}

impl Reward for Likeness {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
        let like = |piece: &Piece| match &self.to {
            Piece::Clip(to) => clip_likeness(piece.clip()?, to),
            Piece::Sketch(to) => Ok(Sketch::likeness(piece.sketch()?, to)),
        };
        pieces.iter().map(like).collect()
    }
}

fn clip_likeness(clip: &Clip, to: &Clip) -> Result<f64, ModelError> {
    if clip.length() >= to.length() {
        return Ok(clip.likeness(to));
    }
    let begun = to.slice(Span::new(Beat::ZERO, clip.length()));
    begun.map(|begun| clip.likeness(&begun)).map_err(|error| ModelError::Reward { reason: error.to_string() })
}

/// Pieces on the way from one to another, both included: at each step one of `model` tilted toward
/// likeness with the two ends, more of the one or the other.
///
/// # Errors
/// As [`Tilts::tilted`], and when the ends are clips that are not equally long.
pub(crate) fn between(
    model: &dyn Tilts,
    from: &Piece,
    to: &Piece,
    request: &Interpolation,
    watch: &Watch,
) -> Result<Vec<Piece>, ModelError> {
    let medium = from.medium();
    if medium == Medium::Music && from.extent() != to.extent() {
        let reason = format!(
            "one end lasts {} beats and the other {}; make them equally long, with slice or concat",
            from.extent(),
            to.extent()
        );
        return Err(ModelError::clip(&model.description().name, "interpolate", reason));
    }
    let asked = request.sampling();
    let length = match medium {
        Medium::Music => Sampling::like(from, asked.conditions().clone())?.length(),
        Medium::Drawing => asked.length(),
    };
    let pull = PULL * from.parts().max(to.parts()).max(1) as f64;
    let toward = |piece: &Piece, share: f64| {
        let reward = Arc::new(Likeness::new(piece.clone()));
        Tilt::new(reward, pull * share, Tilt::DEFAULT_PARTICLES, medium.default_every())
    };
    let last = request.steps() - 1;
    let step = |step: u32| {
        watch.report(step.into(), last.into());
        if step == 0 || step == last {
            return Ok(if step == 0 { from.clone() } else { to.clone() });
        }
        let share = f64::from(step) / f64::from(last);
        let tilt = toward(from, 1.0 - share)?.and(&toward(to, share)?);
        let seed = Seed(asked.seed()).child("interpolate").child_number(step.into());
        let sampling = Sampling::of(length, asked.temperature(), seed.0, asked.conditions().clone())?;
        Ok(model.tilted(None, &sampling, &tilt, watch)?.piece)
    };
    (0..request.steps()).map(step).collect()
}
