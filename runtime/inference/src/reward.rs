//! What a performer likes, as a number.

use std::sync::Arc;

use lilt_score::Note;

use crate::{ModelError, Piece, Sampling, Watch};

/// A function from a piece to a number, larger is better. It is asked about what is still being made as well: a clip
/// that ends where the music has come to, a sketch with the points that there are.
///
/// Minus infinity is a rule that is broken. Numbers that are none, and plus infinity, are errors.
pub trait Reward: Send + Sync {
    /// Names what it computes: rewards of the same identity answer alike.
    fn identity(&self) -> &str;

    /// One number for each piece, in order.
    ///
    /// # Errors
    /// [`ModelError::Medium`] when it judges pieces of another medium, [`ModelError::Reward`] when it fails, [`ModelError::Cancelled`] when the watch says so.
    fn score(&self, pieces: &[Piece], watch: &Watch) -> Result<Vec<f64>, ModelError>;

    /// The part of it that is a sum over notes, where it has one: a model that can leans its next note
    /// toward that. It only says where to look; [`Reward::score`] counts it all, and gives −∞ where a
    /// step has it.
    fn steps(&self) -> Option<&dyn StepReward> {
        None
    }

    /// The reward as it is for what `request` asks of the model of this identity, where it depends on what that model
    /// plays otherwise: `several` gives as many pieces of it as one wants. `None` where it does not.
    ///
    /// # Errors
    /// As `several`.
    fn under(
        &self,
        identity: &str,
        request: &Sampling,
        several: &Several<'_>,
    ) -> Result<Option<Arc<dyn Reward>>, ModelError> {
        let _ = (identity, request, several);
        Ok(None)
    }
}

/// Gives so many pieces of a model, asked for side by side.
pub type Several<'a> = dyn Fn(&Sampling, usize) -> Result<Vec<Piece>, ModelError> + 'a;

/// A function from one note, and the one before it, to a number.
pub trait StepReward: Send + Sync {
    /// One number for each step, in order, as [`Reward::score`] gives it for pieces.
    ///
    /// # Errors
    /// As [`Reward::score`].
    fn score(&self, steps: &[Step], watch: &Watch) -> Result<Vec<f64>, ModelError>;

    /// False when the note before never counts: then fewer steps are asked about.
    fn looks_back(&self) -> bool {
        true
    }
}

/// A note that may come next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// The note, its start in beats from the start of the answer.
    pub note: Note,
    /// The note before it in the order of the clip; none before the first of the answer.
    pub before: Option<Note>,
}

#[cfg(test)]
pub(crate) mod tests {
    use lilt_score::{Beat, Note, Pitch, Tone, Velocity};

    /// A beat of the key, at a beat.
    pub fn note(start: i64, key: u8) -> Note {
        let tone = Tone::Pitch(Pitch::from_key(key));
        Note { start: Beat::whole(start), duration: Beat::ONE, tone, velocity: Velocity::DEFAULT }
    }
}
