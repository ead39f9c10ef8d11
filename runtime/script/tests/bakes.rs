//! What a script is told of its bakes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lilt_inference::{
    Bake, Baked, Catalogue, Comparison, Conditions, Continues, Description, Examples, Inference, Learns,
    Model, ModelError, Piece, Sampled, Sampling, Scores, Tilt, Tilts, Watch, capabilities,
};
use lilt_score::{Beat, Clip};
use lilt_script::{Bakes, Engine, Limits};

const SCRIPT: &str = "local low = model(\"pupil\"):bake(function(clip) return 1 end)\n\
    play(\"a\", low:sample { bars = 1 })\n";

/// A model that learns at the second attempt.
struct Pupil {
    description: Description,
    tried: AtomicBool,
    /// One for each of them that is alive.
    alive: Arc<()>,
}

impl Model for Pupil {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, _: &Sampling, _: &Watch) -> Result<Sampled, ModelError> {
        Clip::rest(Beat::whole(4)).map(Sampled::plain).map_err(|_| self.unsupported("sample"))
    }

    capabilities!(Continues, Tilts, Learns);
}

/// Silence, whatever is liked.
impl Tilts for Pupil {
    fn tilted(
        &self,
        _: Option<&Piece>,
        request: &Sampling,
        _: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.sample(request, watch)
    }

    fn several(&self, request: &Sampling, count: usize, watch: &Watch) -> Result<Vec<Piece>, ModelError> {
        Ok(vec![self.sample(request, watch)?.piece; count])
    }

    fn gather(
        &self,
        request: &Sampling,
        _: &Tilt,
        most: usize,
        watch: &Watch,
    ) -> Result<Vec<Piece>, ModelError> {
        self.several(request, most, watch)
    }
}

impl Scores for Pupil {
    fn score(&self, piece: &Piece, _: &Conditions, _: &Watch) -> Result<Vec<f64>, ModelError> {
        Ok(vec![0.0; piece.parts()])
    }
}

impl Continues for Pupil {
    fn continue_from(&self, _: &Piece, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.sample(request, watch)
    }
}

impl Learns for Pupil {
    fn learn(&self, _: &Examples, _: &dyn Fn(f64), _: &Watch) -> Result<Arc<dyn Learns>, ModelError> {
        Err(self.unsupported("bake"))
    }

    fn bake(&self, _: &Bake, _: &Watch) -> Result<Baked, ModelError> {
        if !self.tried.swap(true, Ordering::Relaxed) {
            let reason = "it was not listening".to_owned();
            return Err(ModelError::Computation { model: "pupil".to_owned(), reason });
        }
        let comparison = Comparison { reward: [0.0; 3], broken: [0.0; 3], nats: [0.0; 2] };
        let (description, alive) = (self.description.clone(), Arc::clone(&self.alive));
        Ok(Baked { model: Arc::new(Pupil { description, tried: AtomicBool::new(true), alive }), comparison })
    }
}

#[derive(Default)]
struct School {
    alive: Arc<()>,
}

impl Catalogue for School {
    fn names(&self) -> Vec<String> {
        vec!["pupil".to_owned()]
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        let description = Description { name: name.to_owned(), ..Description::default() };
        let alive = Arc::clone(&self.alive);
        Ok(Arc::new(Pupil { description, tried: AtomicBool::new(false), alive }))
    }
}

#[test]
fn a_bake_that_failed_is_told_and_tried_again_when_the_text_is_evaluated_again() {
    let inference = Inference::new(School::default(), 1).expect("a thread");
    let limits = Limits { bakes: Bakes::First, ..Limits::patient() };
    let mut engine = Engine::new(inference, Box::new(()), limits).expect("an engine");
    let told = engine.evaluate(SCRIPT, "set.lua").result.expect_err("it fails").render(SCRIPT);
    assert_eq!(
        told,
        "error: `pupil` stopped: it was not listening\n  set.lua:1:28\n  |\n\
         1 | local low = model(\"pupil\"):bake(function(clip) return 1 end)\n  \
         |                            ^^^^\n"
    );
    let again = engine.evaluate(SCRIPT, "set.lua");
    assert!(again.result.is_ok(), "{:?}", again.result);
}

#[test]
fn what_was_baked_for_texts_of_before_is_freed() {
    let school = School::default();
    let alive = Arc::downgrade(&school.alive);
    let inference = Inference::new(school, 1).expect("a thread");
    let limits = Limits { bakes: Bakes::First, ..Limits::patient() };
    let mut engine = Engine::new(inference, Box::new(()), limits).expect("an engine");
    assert!(engine.evaluate(SCRIPT, "set.lua").result.is_err(), "the first attempt fails");
    let mut playing = None;
    for strength in 1..=50 {
        let text = format!(
            "local low = model(\"pupil\"):bake(function(clip) return 1 end, {{ strength = {strength} }})\n\
             play(\"a\", low:sample {{ bars = 1 }}) play(\"b\", low:stream {{ seed = 1 }})"
        );
        let evaluation = engine.evaluate(&text, "set.lua");
        assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
        playing = Some(evaluation);
        engine.tidy_bakes();
        // The school and its pupil, what plays, what played just before, and the two that an edit that is taken
        // back needs again.
        assert!(alive.strong_count() <= 6, "{} at {strength}", alive.strong_count());
    }
    drop(playing);
}
