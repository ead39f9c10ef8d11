//! First drafts as the users of the service see them: there before the take, and never instead of it.

mod scripted;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_inference::{
    Call, Continues, Description, Inference, Input, Model, ModelError, Piece, Sampled, Sampling, Status,
    Take, TakeState, Verb, Watch, capabilities,
};
use lilt_score::Beat;
use scripted::{Scripted, Shelf, sampling};

/// Longer than any test should take; reached only when something hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A model whose first drafts another makes; both wait until the test lets them go.
struct Drafting {
    whole: Arc<Scripted>,
    rough: Arc<Scripted>,
}

impl Model for Drafting {
    fn description(&self) -> &Description {
        self.whole.description()
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.whole.sample(request, watch)
    }

    capabilities!(Continues);

    fn draft(&self, _: &Verb) -> Option<Arc<dyn Model>> {
        Some(self.rough.clone())
    }
}

impl Continues for Drafting {
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.whole.continue_from(primer, request, watch)
    }
}

struct Stage {
    inference: Inference,
    model: Arc<Drafting>,
}

impl Stage {
    fn new(workers: usize) -> Stage {
        let model = Arc::new(Drafting { whole: Arc::new(Scripted::new()), rough: Arc::new(Scripted::new()) });
        let shelf = Shelf::with(model.whole.clone());
        Stage { inference: Inference::new(shelf, workers).expect("threads"), model }
    }

    fn call(&self, verb: Verb) -> Call {
        Call { model: self.model.clone(), verb }
    }

    fn sample(&self, seed: u64) -> Take {
        self.inference.request_with_draft(self.call(Verb::Sample(sampling(seed))))
    }

    /// Waits until one more take or draft has arrived.
    fn arrival(&self) {
        self.inference.arrivals().recv_timeout(PATIENCE).expect("an arrival");
    }
}

fn beats(take: &Take) -> Beat {
    match take.wait(Instant::now() + PATIENCE) {
        TakeState::Ready(answer) => answer.piece().expect("a piece").extent().beats(),
        other => panic!("expected a clip, got {other:?}"),
    }
}

fn draft(take: &Take) -> Option<Beat> {
    take.draft().map(|answer| answer.piece().expect("a piece").extent().beats())
}

#[test]
fn a_draft_is_there_first_and_the_whole_is_remembered() {
    let stage = Stage::new(1);
    let take = stage.sample(3);
    stage.model.rough.await_start();
    assert_eq!(draft(&take), None);
    stage.model.rough.let_go(1);
    stage.arrival();
    assert_eq!(draft(&take), Some(Beat::whole(3)));
    stage.model.whole.await_start();
    assert_eq!(take.poll(), TakeState::Pending { progress: 0.5 });
    assert_eq!(stage.inference.status(), Status { waiting: 0, running: 1, remembered: 0, workers: 1 });
    stage.model.whole.let_go(1);
    assert_eq!(beats(&take), Beat::whole(3));
    assert_eq!(draft(&take), Some(Beat::whole(3)), "whoever plays it is in the middle of a bar");
    assert_eq!(stage.inference.status().remembered, 1);
    drop(take);
    let again = stage.sample(3);
    assert_eq!((beats(&again), draft(&again)), (Beat::whole(3), None));
    assert_eq!((stage.model.rough.started(), stage.model.whole.started()), (vec![3], vec![3]));
}

#[test]
fn whoever_asks_for_none_gets_none() {
    let stage = Stage::new(1);
    let take = stage.inference.request(stage.call(Verb::Sample(sampling(2))));
    stage.model.whole.let_go(1);
    assert_eq!((beats(&take), draft(&take)), (Beat::whole(2), None));
    assert!(stage.model.rough.started().is_empty());
}

#[test]
fn a_whole_that_is_there_sooner_ends_its_draft() {
    let stage = Stage::new(2);
    let take = stage.sample(4);
    stage.model.rough.await_start();
    stage.model.whole.let_go(1);
    assert_eq!(beats(&take), Beat::whole(4));
    stage.model.rough.await_cancelled();
    assert_eq!(draft(&take), None);
}

#[test]
fn nobody_drafts_what_nobody_holds() {
    let stage = Stage::new(1);
    let take = stage.sample(4);
    stage.model.rough.await_start();
    drop(take);
    stage.model.rough.await_cancelled();
    let other = stage.sample(5);
    stage.model.rough.let_go(1);
    stage.model.whole.let_go(1);
    assert_eq!(beats(&other), Beat::whole(5));
    assert_eq!((stage.model.rough.started(), stage.model.whole.started()), (vec![4, 5], vec![5]));
}

#[test]
fn a_draft_that_fails_is_no_failure() {
    let stage = Stage::new(1);
    let failing = stage.sample(Scripted::PANICS);
    let take = stage.sample(6);
    stage.model.rough.let_go(2);
    stage.model.whole.let_go(2);
    assert_eq!((beats(&take), draft(&take)), (Beat::whole(6), Some(Beat::whole(6))));
    let state = failing.wait(Instant::now() + PATIENCE);
    assert!(matches!(state, TakeState::Failed(error) if error.to_string().contains("seed 66")));
    assert_eq!(draft(&failing), None);
}

#[test]
fn a_draft_goes_on_from_the_whole_before_it() {
    let stage = Stage::new(1);
    let first = stage.sample(2);
    let primer = Input::Take(first.clone());
    let verb = Verb::Continue { primer, sampling: sampling(3) };
    let second = stage.inference.request_with_draft(stage.call(verb));
    stage.model.rough.let_go(2);
    stage.model.whole.await_start();
    assert_eq!((draft(&first), draft(&second)), (Some(Beat::whole(2)), None));
    stage.model.whole.let_go(2);
    assert_eq!((beats(&second), draft(&second)), (Beat::whole(5), Some(Beat::whole(5))));
}
