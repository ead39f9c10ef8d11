//! Likeness to a clip as a reward, and the way between two clips that it gives to every model.

use std::sync::Arc;

use lilt_score::{Beat, Clip, Seed, Span};

use crate::tilted::bars_of;
use crate::{Interpolation, Model, ModelError, Reward, Sampling, Tilt, Watch};

/// How hard each note of the ends pulls between two clips, in nats: a note that both ends share becomes
/// e³, some twenty times, likelier.
const PULL: f64 = 3.0;

/// How like a clip is to another: [`Clip::likeness`], `0..=1`. Music on the way is compared with as much
/// of the other.
pub struct Likeness {
    to: Clip,
    identity: String,
}

impl Likeness {
    /// The reward for being like `to`.
    pub fn new(to: Clip) -> Likeness {
        let notes = to.notes().iter().map(|note| format!("{} {} {} ", note.start, note.duration, note.tone));
        let identity = format!("likeness {} {}", to.length(), notes.collect::<String>());
        Likeness { to, identity }
    }
}

impl Reward for Likeness {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn score(&self, clips: &[Clip], _: &Watch) -> Result<Vec<f64>, ModelError> {
        let like = |clip: &Clip| {
            if clip.length() >= self.to.length() {
                return Ok(clip.likeness(&self.to));
            }
            let begun = self.to.slice(Span::new(Beat::ZERO, clip.length()));
            begun
                .map(|begun| clip.likeness(&begun))
                .map_err(|error| ModelError::Reward { reason: error.to_string() })
        };
        clips.iter().map(like).collect()
    }
}

/// Clips on the way from one to another, both included: at each step music of `model` tilted toward
/// likeness with the two ends, more of the one or the other.
///
/// # Errors
/// As [`Model::interpolate`].
pub(crate) fn between<M: Model + ?Sized>(
    model: &M,
    from: &Clip,
    to: &Clip,
    request: &Interpolation,
    watch: &Watch,
) -> Result<Vec<Clip>, ModelError> {
    if from.length() != to.length() {
        return Err(ModelError::Clip {
            model: model.description().name.clone(),
            verb: "interpolate",
            reason: format!(
                "one end lasts {} beats and the other {}; make them equally long, with slice or concat",
                from.length(),
                to.length()
            ),
        });
    }
    let asked = request.sampling();
    let bars = bars_of(from.length(), asked.conditions().meter.bar());
    let pull = PULL * from.notes().len().max(to.notes().len()).max(1) as f64;
    let toward = |clip: &Clip, share: f64| {
        let reward = Arc::new(Likeness::new(clip.clone()));
        Tilt::new(reward, pull * share, Tilt::DEFAULT_PARTICLES, Tilt::DEFAULT_EVERY)
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
        let sampling = Sampling::new(bars, asked.temperature(), seed.0, asked.conditions().clone())?;
        Ok(model.tilted(None, &sampling, &tilt, watch)?.clip)
    };
    (0..request.steps()).map(step).collect()
}
