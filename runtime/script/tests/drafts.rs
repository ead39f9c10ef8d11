//! First drafts of tilted takes, as a script on stage has them.

mod parrot;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_inference::{
    Catalogue, Description, Inference, Model, ModelError, Piece, Sampled, Sampling, Take, TakeState, Tilt,
    Tilts, Watch, capabilities,
};
use lilt_score::{Beat, Clip};
use lilt_script::{Engine, Evaluation, Limits};
use lilt_sequencer::SlotSpec;
use parrot::{drafted, engine, engine_with, played};

/// A tilt that few particles follow otherwise than many.
const TILTED: &str = "local own = markov(clip { 60, 62, 64, 67, 64, 62, 60, 67, 60, 64 }, { order = 1 })\n\
    local leaning = own:tilt(function(clip) return clip:leaps() end, { particles = 64 })\n";

const LATE: &str = "a take is still being made";

/// Evaluates after [`TILTED`]; the evaluation holds the takes.
fn evaluate(engine: &mut Engine, text: &str) -> Evaluation {
    let evaluation = engine.evaluate(&format!("{TILTED}{text}"), "set.lua");
    assert!(evaluation.result.is_ok(), "{:?}", evaluation.result);
    evaluation
}

fn slots(evaluation: &Evaluation) -> &[SlotSpec] {
    evaluation.result.as_ref().map_or(&[], |generation| &generation.slots)
}

/// Answers the reward, a clip at a time, until `done`.
fn answer_until(engine: &mut Engine, done: impl Fn() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !done() {
        assert!(Instant::now() < patience, "it hangs");
        engine.answer_rewards(Duration::ZERO);
    }
}

fn is_ready(take: &Take) -> bool {
    matches!(take.poll(), TakeState::Ready(_))
}

fn late(slot: &SlotSpec, play: fn(&SlotSpec, i64) -> Result<String, lilt_script::Diagnostic>) -> bool {
    play(slot, 4).is_err_and(|diagnostic| diagnostic.message == LATE)
}

#[test]
fn a_draft_stands_in_for_its_take_and_for_what_is_made_of_it() {
    let mut engine = engine();
    let evaluation = evaluate(
        &mut engine,
        "local take = leaning:sample { notes = 16, seed = 3 }\n\
         play(\"plain\", take) play(\"high\", take:transpose(12))",
    );
    let [plain, high] = slots(&evaluation) else { panic!("two slots") };
    let take = &evaluation.takes[0];
    assert!(late(plain, played) && late(plain, drafted) && late(high, drafted));

    answer_until(&mut engine, || take.draft().is_some());
    assert!(late(plain, played) && late(high, played), "only who asks for drafts hears them");
    let draft = drafted(plain, 4).expect("a draft");
    let few = TILTED.replace("particles = 64", "particles = 8");
    let limits = Limits::patient();
    let mut rough_engine = engine_with(&[], limits);
    let text = format!("{few}play(\"a\", leaning:sample {{ notes = 16, seed = 3 }})");
    let rough = rough_engine.evaluate(&text, "set.lua");
    answer_until(&mut rough_engine, || is_ready(&rough.takes[0]));
    assert_eq!(played(&slots(&rough)[0], 4).expect("it plays"), draft, "it is the tilt of few particles");
    let raised = ["c", "d", "e", "g"]
        .iter()
        .fold(draft.clone(), |draft, name| draft.replace(&format!(":{name}4"), &format!(":{name}5")));
    assert_eq!(drafted(high, 4).expect("a draft"), raised);
    assert_eq!(plain.evidence.look(), None, "what a draft found is not told of its take");

    answer_until(&mut engine, || is_ready(take));
    let whole = played(plain, 4).expect("it plays");
    assert_ne!(whole, draft);
    assert_eq!(drafted(plain, 4).expect("a draft"), draft, "it does not change amid a phrase");
    assert!(plain.evidence.look().is_some());
}

/// A model whose tilt asks at once about as many pieces as its seed says.
struct Asking(Description);

impl Model for Asking {
    fn description(&self) -> &Description {
        &self.0
    }

    fn sample(&self, _: &Sampling, _: &Watch) -> Result<Sampled, ModelError> {
        Err(self.unsupported("sample"))
    }

    capabilities!(Tilts);
}

impl Tilts for Asking {
    fn tilted(
        &self,
        _: Option<&Piece>,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let piece = Piece::from(Clip::rest(Beat::whole(4)).expect("a rest"));
        tilt.score(&vec![piece.clone(); request.seed() as usize], watch)?;
        Ok(Sampled::plain(piece))
    }

    fn several(&self, _: &Sampling, _: usize, _: &Watch) -> Result<Vec<Piece>, ModelError> {
        Err(self.unsupported("sample"))
    }

    fn gather(&self, _: &Sampling, _: &Tilt, _: usize, _: &Watch) -> Result<Vec<Piece>, ModelError> {
        Err(self.unsupported("bake"))
    }
}

impl Catalogue for Asking {
    fn names(&self) -> Vec<String> {
        vec!["asking".to_owned()]
    }

    fn load(&self, _: &str) -> Result<Arc<dyn Model>, ModelError> {
        Ok(Arc::new(Asking(self.0.clone())))
    }
}

#[test]
fn who_asks_least_is_answered_first() {
    let description = Description { name: "asking".to_owned(), ..Description::default() };
    let inference = Inference::new(Asking(description), 2).expect("threads");
    let mut engine = Engine::new(inference, Box::new(()), Limits::default()).expect("an engine");
    let text = "local t = model(\"asking\"):tilt(function() return 0 end, { particles = 8 })\n\
        play(\"many\", t:sample { seed = 3 })\n";
    let first = engine.evaluate(text, "set.lua");
    let asked = engine.reward_calls();
    asked.recv().expect("a question");
    assert!(engine.answer_rewards(Duration::ZERO), "two of three are left");
    asked.recv().expect("word of what is left");
    let second = engine.evaluate(&format!("{text}play(\"one\", t:sample {{ seed = 1 }})"), "set.lua");
    asked.recv().expect("another question");
    assert!(engine.answer_rewards(Duration::ZERO));
    let one = second.takes[1].wait(Instant::now() + Duration::from_secs(60));
    assert!(matches!(one, TakeState::Ready(_)), "{one:?}");
    assert!(matches!(first.takes[0].poll(), TakeState::Pending { .. }));
    assert!(engine.answer_rewards(Duration::ZERO) && !engine.answer_rewards(Duration::ZERO));
    let many = first.takes[0].wait(Instant::now() + Duration::from_secs(60));
    assert!(matches!(many, TakeState::Ready(_)), "{many:?}");
}

#[test]
fn what_the_script_reads_is_the_take() {
    let text = "local take = leaning:sample { notes = 16, seed = 3 }\n\
        play(\"a\", take) print(take:notes()[1].pitch, take:leaps())";
    let hurried = evaluate(&mut engine(), text);
    let limits = Limits::unhurried();
    let unhurried = evaluate(&mut engine_with(&[], limits), text);
    assert_eq!(hurried.printed, unhurried.printed);
    assert_eq!(played(&slots(&hurried)[0], 4), played(&slots(&unhurried)[0], 4));
}

#[test]
fn nothing_is_drafted_where_nobody_listens_or_few_particles_are_asked_for() {
    let limits = Limits::unhurried();
    let few = "local few = own:tilt(function(clip) return 0 end, { particles = 16 })\n";
    for (mut engine, model) in [(engine_with(&[], limits), "leaning"), (engine(), "few")] {
        let text = format!("{few}play(\"a\", {model}:sample {{ notes = 8, seed = 3 }})");
        let evaluation = evaluate(&mut engine, &text);
        let take = &evaluation.takes[0];
        answer_until(&mut engine, || is_ready(take));
        assert_eq!(take.draft(), None, "{model}");
    }
}
