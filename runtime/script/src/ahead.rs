//! What a function may know and ask that makes music ahead of the playhead.
//!
//! Such a function is called for one stretch or one round of the music, early enough for a model. What it asks
//! depends on the script's seed and the number of the stretch alone: asked again, it asks for the same takes,
//! and they are found in memory.

use std::collections::HashMap;

use lilt_inference::Take;
use lilt_score::{Beat, Key, Meter, Seed};

/// One call of such a function.
#[derive(Debug, Clone)]
pub(crate) struct Ahead {
    /// Where the stretch or the round begins.
    pub beat: Beat,
    /// Where its chance and its takes come from.
    pub seed: Seed,
    /// What the script declared before it gave the function away.
    pub key: Option<Key>,
    /// The same, of the metre.
    pub meter: Meter,
    /// How often each call of a model was made in it, by what identifies the call.
    pub calls: HashMap<u64, u64>,
    /// What it asked for.
    pub takes: Vec<Take>,
}

impl Ahead {
    /// A call from this seed, for what begins at `beat`.
    pub fn new(beat: Beat, seed: Seed, key: Option<Key>, meter: Meter) -> Ahead {
        Ahead { beat, seed, key, meter, calls: HashMap::new(), takes: Vec::new() }
    }
}
