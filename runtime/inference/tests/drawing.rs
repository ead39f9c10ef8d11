//! Drawings go the way of clips: a model that is small enough to be counted is sampled, continued, tilted and scored,
//! alone and through the service.

mod doodler;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use doodler::{Doodler, MOVES, Move, chances, drawn, moved, moves};
use lilt_inference::{
    Bake, Call, Catalogue, Conditions, Extent, Inference, Input, Interpolation, Markov, Model, ModelError,
    Piece, Reward, Sampled, Sampling, Take, TakeState, Tilt, Tilted, Verb, Watch,
};
use lilt_score::{Beat, Clip, Note, Pitch, Seed, Sketch, Tone, Velocity};

/// Draws of each comparison.
const DRAWS: usize = 6_000;

/// A reward that is a function of the moves.
struct Of(&'static str, fn(&[Move]) -> f64);

impl Reward for Of {
    fn identity(&self) -> &str {
        self.0
    }

    fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
        Ok(Piece::sketches(pieces)?.into_iter().map(|sketch| (self.1)(&moves(sketch))).collect())
    }
}

fn doodler() -> Arc<dyn Model> {
    Arc::new(Doodler::new("doodler"))
}

fn request(points: u32, seed: u64) -> Sampling {
    Sampling::drawing(points, 1.0, seed, Conditions::default()).unwrap()
}

fn tilt(reward: Of, strength: f64, particles: usize, every: usize) -> Tilt {
    Tilt::new(Arc::new(reward), strength, particles, Extent::of_points(every)).unwrap()
}

/// Probabilities of all drawings of at most `points` points that go on from `before`, under the doodler.
fn enumerate(points: usize, before: &[Move], log: f64, all: &mut HashMap<Vec<Move>, f64>) {
    if before.len() + 1 == points {
        all.insert(before.to_vec(), log);
        return;
    }
    for (step, chance) in MOVES.into_iter().zip(chances(before.last().copied(), 1.0)) {
        let log = log + chance.ln();
        match step {
            Move::End => {
                all.insert(before.to_vec(), log);
            }
            step => enumerate(points, &[before, &[step]].concat(), log, all),
        }
    }
}

/// What a tilt by counting gives each drawing, and Z.
fn target(points: usize, reward: fn(&[Move]) -> f64, strength: f64) -> (HashMap<Vec<Move>, f64>, f64) {
    let mut all = HashMap::new();
    enumerate(points, &[], 0.0, &mut all);
    assert!((all.values().map(|log| log.exp()).sum::<f64>() - 1.0).abs() < 1e-9);
    for (moves, weight) in &mut all {
        *weight = (*weight + strength * reward(moves)).exp();
    }
    let z: f64 = all.values().sum();
    all.values_mut().for_each(|weight| *weight /= z);
    (all, z)
}

/// Z of `crooked` over drawings of any length: what is to come depends on the last move alone.
fn total(strength: f64) -> f64 {
    let mut after = [0.0; 3];
    let sum = |before: Option<Move>, after: [f64; 3]| -> f64 {
        let worth = |step: Move| match step {
            Move::End => 1.0,
            step if before == Some(step) => (-strength).exp() * after[step as usize],
            step => after[step as usize],
        };
        MOVES.into_iter().zip(chances(before, 1.0)).map(|(step, chance)| chance * worth(step)).sum()
    };
    for _ in 0..1000 {
        after = [0, 1, 2].map(|step| sum(Some(MOVES[step]), after));
    }
    sum(None, after)
}

/// Half of the sum of differences between what was drawn and what should be.
fn distance(drawn: impl Iterator<Item = Vec<Move>>, target: &HashMap<Vec<Move>, f64>) -> f64 {
    let mut counts: HashMap<Vec<Move>, f64> = HashMap::new();
    drawn.for_each(|moves| *counts.entry(moves).or_default() += 1.0 / DRAWS as f64);
    let of = |moves: &Vec<Move>| counts.get(moves).copied().unwrap_or(0.0);
    let known: f64 = target.iter().map(|(moves, chance)| (of(moves) - chance).abs()).sum();
    let unknown: f64 =
        counts.iter().filter(|(moves, _)| !target.contains_key(*moves)).map(|(_, share)| share).sum();
    (known + unknown) / 2.0
}

/// What as many exact draws show.
fn exact_distance(target: &HashMap<Vec<Move>, f64>) -> f64 {
    let mut drawings: Vec<(&Vec<Move>, f64)> =
        target.iter().map(|(moves, chance)| (moves, *chance)).collect();
    drawings.sort_by_key(|(moves, _)| moves.iter().map(|step| *step as u8).collect::<Vec<u8>>());
    let draw = |number: usize| {
        let mut chance = Seed(5).child_number(number as u64).unit();
        let under = |(_, share): &&(&Vec<Move>, f64)| {
            chance -= share;
            chance < 0.0
        };
        drawings.iter().find(under).unwrap_or(&drawings[0]).0.clone()
    };
    distance((0..DRAWS).map(draw), target)
}

fn sketch(sampled: &Sampled) -> &Sketch {
    sampled.piece.sketch().unwrap()
}

fn check(reward: Of, strength: f64, points: u32, every: usize) {
    let (name, whole) = (reward.0, reward.1);
    let (target, z) = target(points as usize, whole, strength);
    let model = Tilted::new(doodler(), tilt(reward, strength, 128, every));
    let draw = |seed| model.sample(&request(points, seed as u64), &Watch::new()).unwrap();
    let samples: Vec<Sampled> = (0..DRAWS).map(draw).collect();
    let found = distance(samples.iter().map(|sample| moves(sketch(sample))), &target);
    let exact = exact_distance(&target);
    println!("{name}, every {every} points: distance {found:.4}, of exact draws {exact:.4}");
    assert!(found <= 2.0 * exact, "{name}: {found} from the target, exact draws {exact}");
    let estimates: Vec<f64> = samples.iter().map(|sample| sample.log_z.unwrap().exp()).collect();
    let mean = estimates.iter().sum::<f64>() / DRAWS as f64;
    let variance = estimates.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / DRAWS as f64;
    let error = (variance / DRAWS as f64).sqrt().max(1e-12);
    assert!((mean - z).abs() < 5.0 * error, "{name}: Z {mean} ± {error}, by counting {z}");
}

/// Straight lines are hated: a move that repeats the one before.
fn crooked(moves: &[Move]) -> f64 {
    -(moves.windows(2).filter(|pair| pair[0] == pair[1]).count() as f64)
}

fn one_line(moves: &[Move]) -> f64 {
    if moves.contains(&Move::Lift) { f64::NEG_INFINITY } else { 0.0 }
}

fn long(moves: &[Move]) -> f64 {
    moves.len() as f64
}

#[test]
fn a_drawing_is_tilted_as_it_is_counted() {
    check(Of("no straight lines", crooked), 1.5, 6, 1);
    check(Of("no straight lines", crooked), 1.5, 6, 2);
    check(Of("long", long), 0.7, 5, 2);
}

#[test]
fn a_rule_for_drawings_holds_and_nothing_else_changes() {
    check(Of("one line", one_line), 1.0, 5, 2);
}

#[test]
fn a_drawing_goes_on_from_what_was_begun_and_keeps_it() {
    let begun = drawn(&[Move::Right, Move::Down]);
    let model = Tilted::new(doodler(), tilt(Of("one line", one_line), 1.0, 16, 2));
    let mut ways = Vec::new();
    for seed in 0..20 {
        for model in [&*doodler(), &model as &dyn Model] {
            let answer = model.continue_from(&Piece::from(&begun), &request(8, seed), &Watch::new()).unwrap();
            let answer = answer.piece.into_sketch().unwrap();
            assert!(answer.points() <= 8 && answer.begun(3) == begun, "{answer:?}");
            ways.push(answer);
        }
    }
    ways.sort_by_key(Sketch::points);
    ways.dedup();
    assert!(ways.len() > 5, "it is completed in {} ways", ways.len());
}

#[test]
fn surprise_is_told_point_by_point() {
    let model = doodler();
    let strange = drawn(&[Move::Right, Move::Lift, Move::Lift, Move::Down]);
    let nats = model.score(&Piece::from(&strange), &Conditions::default(), &Watch::new()).unwrap();
    assert_eq!(nats.len(), strange.points());
    assert!(nats[3] > nats[1] && nats[3] > nats[2], "{nats:?}");
    // Tilted, it costs what the tilt says: ln Z, which is estimated, is in it.
    let reward = tilt(Of("no straight lines", crooked), 1.0, 4096, 2);
    let tilted = Tilted::new(doodler(), reward);
    let dull = drawn(&[Move::Right, Move::Right, Move::Right]);
    let found: f64 = (&tilted as &dyn Model)
        .score(&Piece::from(&dull), &Conditions::default(), &Watch::new())
        .unwrap()
        .iter()
        .sum();
    let plain: f64 =
        model.score(&Piece::from(&dull), &Conditions::default(), &Watch::new()).unwrap().iter().sum();
    let asked = plain + 2.0 + total(1.0).ln();
    assert!((found - asked).abs() < 0.05, "{found}, by counting {asked}");
}

#[test]
fn between_two_drawings_each_step_is_nearer_to_the_other() {
    let (from, to) = (drawn(&[Move::Right; 6]), drawn(&[Move::Down; 6]));
    let way = Interpolation::new(5, request(12, 3)).unwrap();
    let way = doodler().interpolate(&from.clone().into(), &to.clone().into(), &way, &Watch::new()).unwrap();
    let way = way.pieces();
    assert_eq!((way.len(), &way[0], &way[4]), (5, &from.clone().into(), &to.clone().into()));
    let nearer = |piece: &Piece| {
        let sketch = piece.sketch().unwrap();
        sketch.likeness(&to) - sketch.likeness(&from)
    };
    let nearer: Vec<f64> = way.iter().map(nearer).collect();
    // Each step is one draw, so that two beside each other may change places by chance.
    assert!(nearer[1] < 0.0 && nearer[3] > 0.0, "{nearer:?}");
}

/// A catalogue without models: the tests bring theirs.
struct Nothing;

impl Catalogue for Nothing {
    fn names(&self) -> Vec<String> {
        Vec::new()
    }

    fn load(&self, name: &str) -> Result<Arc<dyn Model>, ModelError> {
        Err(ModelError::UnknownModel { name: name.to_owned(), nearest: None, known: Vec::new() })
    }
}

fn ready(take: &Take) -> Piece {
    match take.wait(Instant::now() + Duration::from_secs(60)) {
        TakeState::Ready(answer) => answer.piece().unwrap().clone(),
        other => panic!("expected a drawing, got {other:?}"),
    }
}

#[test]
fn takes_of_drawings_are_remembered_and_go_on_from_each_other() {
    let inference = Inference::new(Nothing, 1).unwrap();
    let model = doodler();
    let ask = |verb| inference.request(Call { model: Arc::clone(&model), verb });
    let first = ask(Verb::Sample(request(6, 2)));
    let primer = Input::Take(first.clone());
    let second = ask(Verb::Continue { primer, sampling: request(20, 3) });
    let (begun, whole) = (ready(&first), ready(&second));
    assert_eq!(whole.begun(begun.extent()), Ok(begun.clone()));
    assert_eq!(inference.status().remembered, 2);
    drop((first, second));
    let again = ask(Verb::Sample(request(6, 2)));
    assert_eq!((ready(&again), inference.status().remembered), (begun, 2));
}

#[test]
fn particles_are_seen_while_a_tilt_runs_and_change_nothing() {
    let falls = || Of("falls", |moves| moves.iter().filter(|step| **step == Move::Down).count() as f64);
    let asked = |seen: bool| {
        let inference = Inference::new(Nothing, 1).unwrap();
        let scope = inference.particles();
        scope.open(seen);
        let model: Arc<dyn Model> = Arc::new(Tilted::new(doodler(), tilt(falls(), 3.0, 32, 2)));
        let take = inference.request(Call { model, verb: Verb::Sample(request(12, 5)) });
        let piece = ready(&take);
        (piece, std::iter::from_fn(move || scope.take()).collect::<Vec<_>>())
    };
    let (unseen, nothing) = asked(false);
    assert_eq!(nothing, []);
    let (piece, seen) = asked(true);
    assert_eq!(piece, unseen);
    assert!(seen.len() > 2 && seen.iter().all(|population| population.run == seen[0].run));
    for (number, population) in seen.iter().enumerate() {
        assert_eq!(
            (&*population.model, population.is_draft, population.weights.len()),
            ("doodler", false, 32)
        );
        assert!((population.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert_eq!(population.is_whole, number + 1 == seen.len());
        assert_eq!(population.ancestors.is_some(), population.ess < 0.5 && !population.is_whole);
    }
    assert!(seen.iter().any(|population| population.ancestors.is_some()), "it is resampled");
}

fn markov() -> Arc<dyn Model> {
    let tone = Tone::Pitch(Pitch::from_key(60));
    let note = Note { start: Beat::ZERO, duration: Beat::ONE, tone, velocity: Velocity::DEFAULT };
    Arc::new(Markov::new(&[Clip::new(vec![note], Beat::ONE).unwrap()], 1, 0.1).unwrap())
}

#[test]
fn what_a_model_cannot_is_known_before_it_is_asked() {
    let (clip, sketch) = (Piece::from(Clip::rest(Beat::ONE).unwrap()), Piece::from(drawn(&[])));
    let bars = Sampling::new(4, 1.0, 1, Conditions::default()).unwrap();
    let plain: Arc<dyn Model> = Arc::new(Doodler::plain("doodler"));
    let goes_on = |primer: &Piece, sampling: Sampling| Verb::Continue {
        primer: Input::Piece(primer.clone()),
        sampling,
    };
    let way = |from: &Piece, to: &Piece| Verb::Interpolate {
        from: Input::Piece(from.clone()),
        to: Input::Piece(to.clone()),
        interpolation: Interpolation::new(3, request(6, 1)).unwrap(),
    };
    let told = |model: &Arc<dyn Model>, verb: Verb| {
        let call = Call { model: Arc::clone(model), verb };
        call.check().unwrap_err().to_string()
    };
    let only = |wanted, given| format!("this is a {given}, where only a {wanted} will do");
    assert_eq!(
        told(&plain, goes_on(&sketch, request(6, 1))),
        "`doodler` cannot continue: it can sample, score"
    );
    assert_eq!(told(&plain, way(&sketch, &sketch)), "`doodler` cannot interpolate: it can sample, score");
    assert!(told(&doodler(), goes_on(&clip, request(6, 1))).starts_with(&only("sketch", "clip")));
    assert!(told(&doodler(), way(&sketch, &clip)).starts_with(&only("sketch", "clip")));
    assert!(told(&doodler(), Verb::Sample(bars.clone())).starts_with(&only("sketch", "clip")));
    assert!(told(&markov(), goes_on(&sketch, bars)).starts_with(&only("clip", "sketch")));
    let call = Call { model: doodler(), verb: way(&sketch, &sketch) };
    assert_eq!(call.check(), Ok(()));
    let bake =
        Bake { tilt: tilt(Of("long", long), 1.0, 8, 2), request: request(6, 1), pieces: 16, rounds: 0 };
    assert_eq!(
        doodler().bake(&bake, &Watch::new()).err().unwrap().to_string(),
        "`doodler` cannot bake: it can sample, continue, score, interpolate, tilt"
    );
}

/// A reward of another medium is told of, and never counts as 0.
#[test]
fn a_reward_of_another_medium_is_told_of() {
    let tilted = Tilted::new(markov(), tilt(Of("long", long), 1.0, 8, 2));
    let bars = Sampling::new(1, 1.0, 1, Conditions::default()).unwrap();
    assert_eq!(
        tilted.sample(&bars, &Watch::new()).unwrap_err().to_string(),
        "this is a clip, where only a sketch will do: give it drawings"
    );
}

#[test]
fn a_draft_of_a_drawing_has_fewer_particles() {
    let model = Tilted::new(doodler(), tilt(Of("long", long), 0.5, 64, 2));
    let draft = model.draft(&Verb::Sample(request(9, 4))).expect("a draft");
    let few = Tilted::new(doodler(), tilt(Of("long", long), 0.5, 8, 2));
    let ask = |model: &dyn Model| model.sample(&request(9, 4), &Watch::new()).unwrap();
    assert_eq!(ask(&*draft), ask(&few));
    assert_eq!(moved(&Sketch::default(), &[]).points(), 1);
}
