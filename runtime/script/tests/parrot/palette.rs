//! A space of four sounds for tests: a place is one number.

use std::sync::Arc;

use lilt_inference::{Heard, TimbreSpace};
use lilt_score::{Controlled, TimbreDecoder, Touch};

/// Names and places.
const SOUNDS: [(&str, f32); 5] =
    [("trombone", 0.0), ("flute", 1.0), ("tubular bells", 2.0), ("moo", 3.0), ("cello", 4.0)];

/// The space.
pub struct Palette(Vec<String>);

impl Palette {
    pub fn new() -> Palette {
        Palette(SOUNDS.map(|(name, _)| name.to_owned()).to_vec())
    }
}

impl TimbreDecoder for Palette {
    fn identity(&self) -> &str {
        "palette"
    }

    fn decode(&self, place: &[f32], touch: &Touch) -> Controlled {
        let moments = vec![place[0], touch.onset];
        Controlled { moments, ratios: vec![1.0], release: 0.1, round: None }
    }
}

impl TimbreSpace for Palette {
    fn names(&self) -> &[String] {
        &self.0
    }

    fn named(&self, name: &str) -> Result<Arc<[f32]>, String> {
        let has = |known: &str| {
            known == name || known.split(' ').any(|word| word == name || word.strip_suffix('s') == Some(name))
        };
        let found = SOUNDS.iter().find(|(known, _)| has(known));
        found.map(|(_, at)| Arc::from([*at])).ok_or_else(|| "did you mean `flute`?".to_owned())
    }

    fn drawn(&self, seed: u64) -> Arc<[f32]> {
        Arc::from([seed as f32 / 10.0])
    }

    fn heard(&self, place: &[f32]) -> Heard {
        Heard { brightness: place[0].into(), noise: 0.1, attack: 0.01, loudness: -20.0, decay: 0.0 }
    }

    fn decoder(self: Arc<Self>) -> Arc<dyn TimbreDecoder> {
        self
    }
}
