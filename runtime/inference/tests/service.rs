//! The service as its users see it: takes asked for, awaited, dropped, in every order.

mod scripted;

use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_inference::{Answer, Call, Inference, Input, ModelError, Piece, Status, Take, TakeState, Verb};
use lilt_score::{Beat, Clip};
use proptest::prelude::*;
use scripted::{Scripted, Shelf, sampling};

/// What an answer takes in the memory: a clip without notes.
const ANSWER_BYTES: usize = size_of::<Answer>() + size_of::<Piece>();

/// Longer than any test should take; reached only when something hangs.
fn patience() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn ready(take: &Take) -> Clip {
    match take.wait(patience()) {
        TakeState::Ready(answer) => {
            answer.piece().expect("an answer with a piece").clip().expect("a clip").clone()
        }
        other => panic!("expected a clip, got {other:?}"),
    }
}

fn failure(take: &Take) -> String {
    match take.wait(patience()) {
        TakeState::Failed(error) => error.to_string(),
        other => panic!("expected a failure, got {other:?}"),
    }
}

/// A service with one worker and one model, whose takes wait until the test lets them go.
struct Stage {
    inference: Inference,
    model: Arc<Scripted>,
}

impl Stage {
    fn new(queue: usize, memory: usize) -> Stage {
        let model = Arc::new(Scripted::new());
        let shelf = Shelf::with(model.clone());
        let inference = Inference::with_bounds(shelf, 1, queue, memory).expect("a thread");
        Stage { inference, model }
    }

    fn sample(&self, seed: u64) -> Take {
        self.request(Verb::Sample(sampling(seed)))
    }

    fn follow(&self, primer: &Take, seed: u64) -> Take {
        self.request(Verb::Continue { primer: Input::Take(primer.clone()), sampling: sampling(seed) })
    }

    fn request(&self, verb: Verb) -> Take {
        self.inference.request(Call { model: self.model.clone(), verb })
    }
}

impl Default for Stage {
    fn default() -> Stage {
        Stage::new(256, 1 << 20)
    }
}

#[test]
fn the_same_call_is_made_once() {
    let stage = Stage::default();
    let first = stage.sample(1);
    let second = stage.sample(1);
    let other = stage.sample(2);
    assert_eq!(first, second);
    assert_ne!(first, other);
    stage.model.await_start();
    assert_eq!(first.poll(), TakeState::Pending { progress: 0.5 });
    stage.model.let_go(2);
    assert_eq!(ready(&first), ready(&second));
    assert_ne!(ready(&first), ready(&other));
    drop((first, second));
    assert_eq!(ready(&stage.sample(1)).length(), Beat::whole(1));
    assert_eq!(stage.model.started(), [1, 2]);
}

#[test]
fn a_dropped_take_is_never_started() {
    let stage = Stage::default();
    let blocking = stage.sample(1);
    stage.model.await_start();
    let dropped = stage.sample(2);
    let clone = dropped.clone();
    let kept = stage.sample(3);
    drop(dropped);
    assert_eq!(stage.inference.status().waiting, 2);
    drop(clone);
    assert_eq!(stage.inference.status(), Status { waiting: 1, running: 1, remembered: 0, workers: 1 });
    stage.model.let_go(2);
    ready(&blocking);
    ready(&kept);
    assert_eq!(stage.model.started(), [1, 3]);
}

#[test]
fn a_dropped_running_take_stops_and_can_be_asked_again() {
    let stage = Stage::default();
    let running = stage.sample(1);
    stage.model.await_start();
    drop(running);
    stage.model.await_cancelled();
    let again = stage.sample(1);
    stage.model.let_go(1);
    ready(&again);
    assert_eq!(stage.model.started(), [1, 1]);
}

#[test]
fn what_is_due_first_is_made_first() {
    let stage = Stage::default();
    let blocking = stage.sample(1);
    stage.model.await_start();
    let now = Instant::now();
    let takes: Vec<Take> = (2..=6).map(|seed| stage.sample(seed)).collect();
    for (take, seconds) in takes.iter().zip([None, Some(9), Some(3), None, Some(3)]) {
        if let Some(seconds) = seconds {
            stage.inference.set_deadline(take, now + Duration::from_secs(seconds));
        }
    }
    stage.model.let_go(6);
    ready(&blocking);
    takes.iter().for_each(|take| drop(ready(take)));
    assert_eq!(stage.model.started(), [1, 4, 6, 3, 2, 5]);
}

#[test]
fn what_an_urgent_take_starts_from_is_urgent() {
    let stage = Stage::default();
    let blocking = stage.sample(1);
    stage.model.await_start();
    let early = stage.sample(2);
    let primer = stage.sample(3);
    let follower = stage.follow(&primer, 4);
    let last = stage.follow(&follower, 5);
    stage.inference.set_deadline(&last, Instant::now());
    stage.model.let_go(5);
    for take in [&blocking, &early, &last] {
        ready(take);
    }
    assert_eq!(stage.model.started(), [1, 3, 4, 5, 2]);
}

#[test]
fn a_take_starts_from_a_pending_one() {
    let stage = Stage::default();
    let primer = stage.sample(3);
    let follower = stage.follow(&primer, 2);
    drop(primer);
    stage.model.let_go(2);
    // The scripted model answers a clip of as many beats as its seed, and of its primer before that.
    assert_eq!(ready(&follower).length(), Beat::whole(5));
}

#[test]
fn failures_reach_what_starts_from_them() {
    let stage = Stage::default();
    let primer = stage.sample(Scripted::FAILS);
    let follower = stage.follow(&primer, 2);
    let last = stage.follow(&follower, 3);
    stage.model.let_go(1);
    assert_eq!(failure(&primer), "`scripted` stopped: seed 13");
    assert_eq!(failure(&follower), "`scripted` has nothing to continue: `scripted` stopped: seed 13");
    assert_eq!(
        failure(&last),
        "`scripted` has nothing to continue: `scripted` has nothing to continue: `scripted` stopped: seed 13"
    );
    let late = stage.follow(&primer, 4);
    assert_eq!(failure(&late), "`scripted` has nothing to continue: `scripted` stopped: seed 13");
    assert_eq!(stage.model.started(), [Scripted::FAILS]);
}

#[test]
fn only_clips_can_be_started_from() {
    let stage = Stage::default();
    let clip = Clip::rest(Beat::ONE).expect("a beat of rest");
    let scores =
        stage.request(Verb::Score { piece: Input::Piece(clip.into()), conditions: Default::default() });
    let follower = stage.follow(&scores, 1);
    assert_eq!(
        failure(&follower),
        "`scripted` cannot continue this clip: it is not a clip but what another verb answered; write a \
         clip here"
    );
    match scores.poll() {
        TakeState::Ready(answer) => assert_eq!(answer.nats(), Some(&[][..])),
        other => panic!("expected scores, got {other:?}"),
    }
}

#[test]
fn a_panicking_model_loses_its_take_alone() {
    let stage = Stage::default();
    let broken = stage.sample(Scripted::PANICS);
    let fine = stage.sample(1);
    stage.model.let_go(2);
    assert_eq!(failure(&broken), "`scripted` broke while it tried to sample: seed 66");
    ready(&fine);
}

#[test]
fn a_full_queue_refuses_and_recovers() {
    let stage = Stage::new(2, 1 << 20);
    let mut held = vec![stage.sample(1)];
    stage.model.await_start();
    held.extend([stage.sample(2), stage.sample(3)]);
    let refused = stage.sample(4);
    assert_eq!(
        failure(&refused),
        "2 takes are waiting already: ask for fewer at once, or wait until some have arrived"
    );
    stage.model.let_go(4);
    held.iter().for_each(|take| drop(ready(take)));
    ready(&stage.sample(4));
}

#[test]
fn memory_is_bounded_and_forgets_the_oldest() {
    let answer = {
        let stage = Stage::default();
        stage.model.let_go(1);
        ready(&stage.sample(1));
        stage.inference.status()
    };
    assert_eq!(answer.remembered, 1);
    let stage = Stage::new(256, ANSWER_BYTES * 5 / 2);
    stage.model.let_go(4);
    let sample = |seed| drop(ready(&stage.sample(seed)));
    // Two fit. The second asking of 1 makes 2 the oldest, which goes when 3 comes.
    [1, 2, 1, 3, 1, 2].into_iter().for_each(sample);
    assert_eq!(stage.model.started(), [1, 2, 3, 2]);
    assert_eq!(stage.inference.status().remembered, 2);
}

#[test]
fn what_is_held_is_known_however_small_the_memory() {
    let stage = Stage::new(256, 0);
    stage.model.let_go(1);
    let held = stage.sample(1);
    ready(&held);
    assert_eq!(stage.sample(1), held);
    ready(&stage.sample(1));
    assert_eq!(stage.inference.status().remembered, 0);
    assert_eq!(stage.model.started(), [1]);
}

#[test]
fn pending_takes_fail_when_the_service_ends() {
    let stage = Stage::default();
    let running = stage.sample(1);
    stage.model.await_start();
    let waiting = stage.sample(2);
    let Stage { inference, model } = stage;
    drop(inference);
    for take in [&running, &waiting] {
        assert_eq!(failure(take), "the models have been shut down");
    }
    assert_eq!(model.started(), [1]);
}

#[test]
fn each_arrival_wakes_the_reader() {
    let stage = Stage::default();
    let arrivals = stage.inference.arrivals();
    let takes = [stage.sample(1), stage.sample(Scripted::FAILS)];
    stage.model.let_go(2);
    for take in &takes {
        assert_eq!(arrivals.recv_deadline(patience()), Ok(take.key()));
        assert!(!matches!(take.poll(), TakeState::Pending { .. }));
    }
}

#[test]
fn progress_is_seen() {
    let stage = Stage::default();
    let take = stage.sample(2);
    stage.model.await_start();
    assert_eq!(take.wait(Instant::now()), TakeState::Pending { progress: 0.5 });
    stage.model.let_go(1);
    ready(&take);
}

#[test]
fn a_wait_ends_when_there_is_something_else_to_read() {
    let stage = Stage::default();
    let take = stage.sample(1);
    let (sender, others) = crossbeam::channel::unbounded();
    let began = Instant::now();
    sender.send("look here").expect("a reader");
    assert!(matches!(take.wait_or(patience(), &others), TakeState::Pending { .. }));
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(others.try_recv(), Ok("look here"));
    stage.model.let_go(1);
    assert!(matches!(take.wait_or(patience(), &others), TakeState::Ready(_)));
}

#[test]
fn models_are_loaded_once_and_named() {
    let model = Arc::new(Scripted::new());
    let shelf = Shelf::with(model);
    let loads = shelf.loads.clone();
    let inference = Inference::new(shelf, 1).expect("a thread");
    assert_eq!(inference.names(), ["scripted", "broken"]);
    let unknown = inference.model("scriptde").map(|_| ()).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no model `scriptde`, did you mean `scripted`?; the models are: scripted, broken"
    );
    for _ in 0..2 {
        assert!(inference.model("scripted").is_ok());
        let broken = inference.model("broken").map(|_| ()).unwrap_err();
        assert!(matches!(broken, ModelError::Weights { .. }));
    }
    assert_eq!(loads.lock().expect("the list").as_slice(), ["scripted", "broken", "broken"]);
}

#[test]
fn a_verb_that_a_model_lacks_is_an_error() {
    let stage = Stage::default();
    let rest = Input::Piece(Clip::rest(Beat::ONE).expect("a beat of rest").into());
    let take = stage.request(Verb::Transform { name: "groove", piece: rest, sampling: sampling(1) });
    assert_eq!(failure(&take), "`scripted` cannot groove: it can sample, continue, score");
}

/// What a performer's edits do to the service.
#[derive(Debug, Clone)]
enum Edit {
    Sample(u64),
    Follow(usize, u64),
    Drop(usize),
    Due(usize, u64),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (1u64..8).prop_map(Edit::Sample),
        (0usize..8, 1u64..8).prop_map(|(of, seed)| Edit::Follow(of, seed)),
        (0usize..8).prop_map(Edit::Drop),
        (0usize..8, 0u64..100).prop_map(|(of, due)| Edit::Due(of, due)),
    ];
    prop::collection::vec(edit, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However takes are asked for and dropped while three workers make them, what is still held is
    /// answered as its arguments say, and the service comes to rest.
    #[test]
    fn held_takes_are_always_answered(edits in edits()) {
        let model = Arc::new(Scripted::new());
        model.let_go(10_000);
        let shelf = Shelf::with(model.clone());
        let inference = Inference::with_bounds(shelf, 3, 256, 1 << 20).expect("threads");
        let request = |verb| inference.request(Call { model: model.clone(), verb });
        let start = Instant::now();
        let mut held: Vec<(Take, i64)> = Vec::new();
        for edit in edits {
            let at = |i: usize| (!held.is_empty()).then(|| i % held.len());
            match edit {
                Edit::Sample(seed) => {
                    held.push((request(Verb::Sample(sampling(seed))), seed as i64));
                }
                Edit::Follow(of, seed) => {
                    let Some(of) = at(of) else { continue };
                    let (primer, beats) = (Input::Take(held[of].0.clone()), held[of].1);
                    let take = request(Verb::Continue { primer, sampling: sampling(seed) });
                    held.push((take, beats + seed as i64));
                }
                Edit::Drop(of) => {
                    let Some(of) = at(of) else { continue };
                    held.remove(of);
                }
                Edit::Due(of, due) => {
                    let Some(of) = at(of) else { continue };
                    inference.set_deadline(&held[of].0, start + Duration::from_millis(due));
                }
            }
        }
        for (take, beats) in &held {
            prop_assert_eq!(ready(take).length(), Beat::whole(*beats));
        }
        drop(held);
        let status = inference.status();
        prop_assert_eq!((status.waiting, status.running), (0, 0));
    }
}
