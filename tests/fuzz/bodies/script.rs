//! What must hold of any text that is evaluated as a script.

use std::sync::Arc;

use lilt_inference::{Catalogue, Inference, Model, ModelError};
use lilt_score::{Beat, Query, Span};
use lilt_script::{Bakes, Engine, Limits};
use lilt_sequencer::Part;

/// Bars of each slot that are asked.
const BARS: i64 = 4;
/// Most events that a slot may answer with for a bar: what a script's patterns may weigh, each of them a chord.
const MOST_EVENTS: usize = 1 << 18;

/// How often the next text is tried.
const TRIES: u32 = 50;

struct NoModels;

impl Catalogue for NoModels {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        Err(ModelError::UnknownModel { name: name.to_owned(), nearest: None, known: Vec::new() })
    }
}

/// An engine that outlives whatever it is given.
pub struct Stage {
    engine: Engine,
}

impl Stage {
    /// With the limits of a stage, and no models.
    pub fn new() -> Stage {
        let limits = Limits { bakes: Bakes::Never, ..Limits::default() };
        let inference = Inference::new(NoModels, 1).expect("a thread");
        let engine = Engine::new(inference, Box::new(()), limits).expect("an engine");
        // Any sound may be there.
        engine.set_sounds(None);
        Stage { engine }
    }

    /// Evaluates the text and plays what is right of it; true when it is right. Panics where a law does not
    /// hold: a mistake can be shown, bars are bounded, and the next text is heard.
    pub fn check(&mut self, text: &str) -> bool {
        let evaluation = self.engine.evaluate(text, "set.lua");
        for notice in &evaluation.notices {
            assert!(!notice.render(text).is_empty(), "{text:?}");
        }
        let right = match evaluation.result {
            Ok(generation) => {
                for slot in &generation.slots {
                    let Part::Notes(pattern) = &slot.part else { continue };
                    let bar = Beat::whole(4);
                    for n in 0..BARS {
                        let span = Span::new(bar * Beat::whole(n), bar * Beat::whole(n + 1));
                        // A function of the script may fail while it plays, and then says so.
                        let Ok(events) = pattern.query(Query::new(span, bar)) else { continue };
                        assert!(events.len() <= MOST_EVENTS, "{text:?}: {} events", events.len());
                    }
                }
                true
            }
            Err(diagnostic) => {
                assert!(!diagnostic.message.is_empty(), "{text:?}");
                assert!(!diagnostic.render(text).is_empty(), "{text:?}");
                false
            }
        };
        // On a machine that does other things the time of a text may be over before it has begun.
        let mut heard =
            (0..TRIES).map(|_| self.engine.evaluate("play(\"next\", \"c4 e4\")", "set.lua").result);
        assert!(heard.any(|next| next.is_ok_and(|next| next.slots.len() == 1)), "after {text:?}");
        right
    }
}
