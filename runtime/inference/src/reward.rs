//! What a performer likes, as a number.

use lilt_score::Clip;

use crate::{ModelError, Watch};

/// A function from a clip to a number, larger is better. It is asked about music that is still being
/// made as well, in a clip that ends where the music has come to.
///
/// Minus infinity is a rule that is broken. Numbers that are none, and plus infinity, are errors.
pub trait Reward: Send + Sync {
    /// Names what it computes: rewards of the same identity answer alike.
    fn identity(&self) -> &str;

    /// One number for each clip, in order.
    ///
    /// # Errors
    /// [`ModelError::Reward`] when it fails, [`ModelError::Cancelled`] when the watch says so.
    fn score(&self, clips: &[Clip], watch: &Watch) -> Result<Vec<f64>, ModelError>;
}
