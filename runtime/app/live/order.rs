//! What the conductor is told, and what it tells the author.

use std::sync::Arc;

use lilt_samples::Bank;
use lilt_score::{Beat, Input};
use lilt_sequencer::{GenerationId, Ground, Outline, Stretch, Use};

use super::ears::UnderWay;
use super::mailbox::Silences;

/// Everything that the conductor is told, as one closed list.
pub enum Order {
    /// A generation is ready to be played.
    Enter {
        /// What it declares.
        outline: Arc<Outline>,
        /// Its first bars.
        stretches: Vec<Stretch>,
        /// Not before this beat.
        not_before: Beat,
        /// How often everything had been silenced when its text was taken up: a generation from before
        /// the last time is not wanted any more.
        silences: Silences,
    },
    /// A stretch of the plan was written.
    Stretch(Stretch),
    /// Something came in from outside.
    Heard(Input, UnderWay),
    /// Folders of sounds have changed, or files in them.
    Rescan,
    /// Everything falls silent.
    Silence(Silences),
    /// The host ends.
    End,
    /// A mistake of Lilt's own, for tests of what comes of one.
    #[cfg(test)]
    Break(&'static str),
}

/// What a conductor that broke, and has begun anew, needs of whoever writes the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anew {
    /// The newest generation once more: it may have been lost on its way in.
    Again,
    /// Nothing until somebody changes the script: what it was told broke it again.
    Silence,
}

/// How it stands with the plan, for whoever writes it ahead.
pub struct Report {
    /// What generations are placed on.
    pub ground: Ground,
    /// Which bars of which contents will be needed.
    pub uses: Vec<Use>,
    /// The moment at which new music may begin, in seconds since the performance began.
    pub boundary: f64,
    /// Generations that have taken over since the last report.
    pub began: Vec<GenerationId>,
    /// True while a slot is filled.
    pub plays: bool,
    /// The recorded sounds that there are, and how often they were listed; none until they were.
    pub sounds: Option<(u64, Bank)>,
    /// Set once after the conductor broke.
    pub anew: Option<Anew>,
}
