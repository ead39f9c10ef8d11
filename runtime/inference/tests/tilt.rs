//! Tilt against counting: on chains small enough to enumerate, what is drawn is p(x)·exp(s·R(x)) / Z.

use std::collections::HashMap;
use std::sync::Arc;

use lilt_inference::{
    Conditions, Input, Markov, Model, ModelError, Piece, Reward, Sampled, Sampling, Scores, Setting,
    Settings, Step, StepReward, Tilt, Tilted, Verb, Watch,
};
use lilt_score::{Beat, Clip, Note, Pitch, Seed, Tone, Velocity};

/// Draws of each comparison.
const DRAWS: usize = 50_000;
/// Draws of those that repeat another's point.
const FEWER: usize = 10_000;

const KEYS: [u8; 3] = [60, 62, 67];

/// A reward that is a function of the melody's keys.
struct Of(&'static str, fn(&[u8]) -> f64);

impl Reward for Of {
    fn identity(&self) -> &str {
        self.0
    }

    fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
        Ok(Piece::clips(pieces)?.into_iter().map(|clip| (self.1)(&keys(clip))).collect())
    }
}

/// A reward that is a sum over the melody's keys, each with the one before it. It counts as the
/// function of the whole does that stands beside it.
struct Steps(&'static str, fn(Option<u8>, u8) -> f64, fn(&[u8]) -> f64);

impl Reward for Steps {
    fn identity(&self) -> &str {
        self.0
    }

    fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
        Ok(Piece::clips(pieces)?.into_iter().map(|clip| (self.2)(&keys(clip))).collect())
    }

    fn steps(&self) -> Option<&dyn StepReward> {
        Some(self)
    }
}

impl StepReward for Steps {
    fn score(&self, steps: &[Step], _: &Watch) -> Result<Vec<f64>, ModelError> {
        let worth = |step: &Step| {
            if let Some(before) = step.before {
                assert_eq!(before.start + before.duration, step.note.start);
            }
            (self.1)(step.before.map(|note| note.tone.key()), step.note.tone.key())
        };
        Ok(steps.iter().map(worth).collect())
    }
}

fn keys(clip: &Clip) -> Vec<u8> {
    clip.notes().iter().map(|note| note.tone.key()).collect()
}

fn clip(keys: &[u8]) -> Clip {
    let note = |(start, key): (usize, &u8)| Note {
        start: Beat::whole(start as i64),
        duration: Beat::ONE,
        tone: Tone::Pitch(Pitch::from_key(*key)),
        velocity: Velocity::DEFAULT,
    };
    Clip::new(keys.iter().enumerate().map(note).collect(), Beat::whole(keys.len() as i64)).unwrap()
}

fn chain() -> Arc<dyn Model> {
    let heard = [60, 62, 67, 62, 60, 60, 62, 60, 67, 67, 60, 62, 62, 67, 60];
    Arc::new(Markov::new(&[clip(&heard), clip(&[62, 60, 67])], 1, 0.5).unwrap())
}

fn request(notes: usize, seed: u64) -> Sampling {
    let settings = Settings::default().with("notes", Setting::Number(notes as f64));
    Sampling::new(4, 1.0, seed, Conditions { settings, ..Conditions::default() }).unwrap()
}

fn tilt(reward: impl Reward + 'static, strength: f64, particles: usize) -> Tilt {
    Tilt::new(Arc::new(reward), strength, particles, Beat::whole(2)).unwrap()
}

/// Probabilities of all pieces of `notes` notes under the chain tilted by `reward`, and Z.
fn enumerated(notes: usize, reward: fn(&[u8]) -> f64, strength: f64) -> (HashMap<Vec<u8>, f64>, f64) {
    let model = chain();
    let mut weights = HashMap::new();
    for number in 0..KEYS.len().pow(notes as u32) {
        let piece: Vec<u8> =
            (0..notes).map(|place| KEYS[number / KEYS.len().pow(place as u32) % KEYS.len()]).collect();
        let nats = model.score(&Piece::from(clip(&piece)), &Conditions::default(), &Watch::new()).unwrap();
        let pull = if strength == 0.0 { 0.0 } else { strength * reward(&piece) };
        weights.insert(piece, (pull - nats.iter().sum::<f64>()).exp());
    }
    let z: f64 = weights.values().sum();
    weights.values_mut().for_each(|weight| *weight /= z);
    (weights, z)
}

/// Half of the sum of differences between what was drawn and what should be.
fn distance(counts: &HashMap<Vec<u8>, usize>, target: &HashMap<Vec<u8>, f64>) -> f64 {
    let draws = counts.values().sum::<usize>() as f64;
    let known: f64 = target
        .iter()
        .map(|(piece, chance)| (counts.get(piece).copied().unwrap_or(0) as f64 / draws - chance).abs())
        .sum();
    let unknown: usize =
        counts.iter().filter(|(piece, _)| !target.contains_key(*piece)).map(|(_, count)| count).sum();
    (known + unknown as f64 / draws) / 2.0
}

/// What as many exact draws show.
fn exact_distance(target: &HashMap<Vec<u8>, f64>, draws: usize) -> f64 {
    let mut pieces: Vec<(&Vec<u8>, f64)> = target.iter().map(|(piece, chance)| (piece, *chance)).collect();
    pieces.sort_by(|a, b| a.0.cmp(b.0));
    let mut sum = 0.0;
    let sums: Vec<f64> = pieces
        .iter()
        .map(|(_, chance)| {
            sum += chance;
            sum
        })
        .collect();
    let mut counts = HashMap::new();
    for draw in 0..draws {
        let chance = Seed(5).child("exact").child_number(draw as u64).unit();
        let at = sums.partition_point(|sum| *sum <= chance).min(pieces.len() - 1);
        *counts.entry(pieces[at].0.clone()).or_default() += 1;
    }
    distance(&counts, target)
}

fn drawn(model: &Tilted, notes: usize, draws: usize) -> Vec<Sampled> {
    let part = |from: usize, to: usize| {
        let draw = |seed| model.sample(&request(notes, seed as u64), &Watch::new()).unwrap();
        (from..to).map(draw).collect::<Vec<_>>()
    };
    let (first, second) = std::thread::scope(|scope| {
        let second = scope.spawn(|| part(draws / 2, draws));
        (part(0, draws / 2), second.join().unwrap())
    });
    [first, second].concat()
}

fn counted(samples: &[Sampled]) -> HashMap<Vec<u8>, usize> {
    let mut counts = HashMap::new();
    for sample in samples {
        *counts.entry(keys(sample.piece.clip().unwrap())).or_default() += 1;
    }
    counts
}

/// Checks draws against the target, and the estimate of Z.
fn check(reward: Of, strength: f64, notes: usize) {
    let whole = reward.1;
    checked(reward, whole, strength, notes, DRAWS);
}

fn checked(
    reward: impl Reward + 'static,
    whole: fn(&[u8]) -> f64,
    strength: f64,
    notes: usize,
    draws: usize,
) {
    let name = reward.identity().to_owned();
    let (target, z) = enumerated(notes, whole, strength);
    let samples = drawn(&Tilted::new(chain(), tilt(reward, strength, 256)), notes, draws);
    let found = distance(&counted(&samples), &target);
    let exact = exact_distance(&target, draws);
    println!("{name}, strength {strength}: distance {found:.4}, of exact draws {exact:.4}");
    assert!(found <= 2.0 * exact, "{name}: {found} from the target, exact draws {exact}");
    let estimates: Vec<f64> = samples.iter().map(|sample| sample.log_z.unwrap().exp()).collect();
    let mean = estimates.iter().sum::<f64>() / draws as f64;
    let variance = estimates.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / draws as f64;
    let error = (variance / draws as f64).sqrt().max(1e-12);
    println!("{name}: Z {mean:.5} ± {error:.5}, by counting {z:.5}");
    assert!((mean - z).abs() < 5.0 * error, "{name}: Z {mean} ± {error}, by counting {z}");
}

fn leaps(keys: &[u8]) -> f64 {
    -(keys.windows(2).filter(|pair| pair[0].abs_diff(pair[1]) > 2).count() as f64)
}

fn different(keys: &[u8]) -> f64 {
    KEYS.iter().filter(|key| keys.contains(key)).count() as f64
}

fn ends_at_home(keys: &[u8]) -> f64 {
    if keys.last() == Some(&60) { 0.0 } else { f64::NEG_INFINITY }
}

#[test]
fn a_sum_over_steps_is_drawn_as_it_is_counted() {
    check(Of("fewer leaps", leaps), 1.5, 6);
}

#[test]
fn what_only_the_whole_shows_is_drawn_as_it_is_counted() {
    check(Of("less variety", different), -2.0, 5);
}

#[test]
fn a_rule_that_must_hold_holds_and_nothing_else_changes() {
    check(Of("ends at home", ends_at_home), 1.0, 5);
}

fn leap(before: Option<u8>, key: u8) -> f64 {
    -f64::from(before.is_some_and(|before| before.abs_diff(key) > 2))
}

/// Never the same key twice; no 62 at the beginning.
fn moves(before: Option<u8>, key: u8) -> f64 {
    if before == Some(key) || (before.is_none() && key == 62) { f64::NEG_INFINITY } else { 0.0 }
}

fn all_moves(keys: &[u8]) -> f64 {
    let before = std::iter::once(None).chain(keys.iter().map(|key| Some(*key)));
    before.zip(keys).map(|(before, key)| moves(before, *key)).sum()
}

#[test]
fn steps_are_drawn_as_they_are_counted() {
    checked(Steps("fewer leaps, step by step", leap, leaps), leaps, 1.5, 6, DRAWS);
}

#[test]
fn a_rule_for_steps_holds_and_nothing_else_changes() {
    checked(Steps("moves", moves, all_moves), all_moves, 1.0, 5, FEWER);
}

/// What steps do not know counts all the same.
#[test]
fn rewards_on_steps_and_on_wholes_add_up() {
    fn both(keys: &[u8]) -> f64 {
        leaps(keys) + different(keys)
    }
    checked(Steps("leaps and variety", leap, both), both, 1.0, 5, FEWER);
}

#[test]
fn steps_keep_more_particles_in_play() {
    let kept = |reward: Arc<dyn Reward>| {
        let tilt = Tilt::new(reward, 3.0, 64, Beat::whole(2)).unwrap();
        let samples = drawn(&Tilted::new(chain(), tilt), 8, 200);
        samples.iter().map(|sample| sample.ess.unwrap()).sum::<f64>() / 200.0
    };
    let (whole, steps) = (kept(Arc::new(Of("leaps", leaps))), kept(Arc::new(Steps("leaps", leap, leaps))));
    println!("effective share of the particles, whole: {whole:.3}, step by step: {steps:.3}");
    assert!(steps > 1.3 * whole, "{steps}, {whole}");
}

/// The weight of a step is the same whatever was drawn, so after one note nothing is left to chance.
#[test]
fn weights_do_not_depend_on_the_draw() {
    let one = |_: Option<u8>, key: u8| f64::from(key) - 62.0;
    let all = |keys: &[u8]| keys.iter().map(|key| f64::from(*key) - 62.0).sum();
    let (_, z) = enumerated(1, all, -0.7);
    let model = Tilted::new(chain(), tilt(Steps("low", one, all), -0.7, 4));
    for sample in drawn(&model, 1, 50) {
        assert!((sample.log_z.unwrap() - z.ln()).abs() < 1e-9 && sample.ess.unwrap() > 1.0 - 1e-9);
    }
}

#[test]
fn more_particles_come_nearer() {
    let (target, _) = enumerated(5, different, 3.0);
    let distances = [2, 16, 128].map(|particles| {
        let model = Tilted::new(chain(), tilt(Of("variety", different), 3.0, particles));
        distance(&counted(&drawn(&model, 5, 10_000)), &target)
    });
    println!("distance by particles 2, 16, 128: {distances:.4?}");
    assert!(distances[0] > 1.5 * distances[1] && distances[1] > distances[2], "{distances:?}");
}

#[test]
fn strength_zero_is_the_model_itself_and_asks_no_reward() {
    let (target, z) = enumerated(4, different, 0.0);
    assert!((z - 1.0).abs() < 1e-9);
    let never = Of("never asked", |_| panic!("strength 0 has no use for a reward"));
    let samples = drawn(&Tilted::new(chain(), tilt(never, 0.0, 8)), 4, 20_000);
    let found = distance(&counted(&samples), &target);
    assert!(found <= 2.0 * exact_distance(&target, 20_000), "{found}");
    assert!(samples.iter().all(|sample| sample.ess.is_some_and(|ess| ess > 0.999_999)));
}

#[test]
fn tilting_twice_is_tilting_by_the_sum() {
    let (first, second) = (tilt(Of("leaps", leaps), 1.0, 64), tilt(Of("variety", different), 0.5, 64));
    let both = Tilted::new(chain(), first.and(&second));
    let turned = Tilted::new(chain(), second.and(&first));
    assert_eq!(both.description().identity, turned.description().identity);
    let sum = Of("sum", |keys| leaps(keys) + 0.5 * different(keys));
    let once = Tilted::new(chain(), tilt(sum, 1.0, 64));
    for seed in 0..20 {
        let ask = |model: &Tilted| model.sample(&request(8, seed), &Watch::new()).unwrap();
        assert_eq!(ask(&both).piece, ask(&once).piece);
    }
}

#[test]
fn scores_are_those_of_the_tilted_distribution() {
    let (target, _) = enumerated(4, leaps, 1.0);
    let model = Tilted::new(chain(), tilt(Of("leaps", leaps), 1.0, 4096));
    // In 4/4, four notes are a bar.
    for piece in [[60, 62, 67, 60], [62, 62, 60, 60], [67, 60, 67, 60]] {
        let nats = model.score(&Piece::from(clip(&piece)), &Conditions::default(), &Watch::new()).unwrap();
        let (found, exact) = (nats.iter().sum::<f64>(), -target[piece.as_slice()].ln());
        assert!((found - exact).abs() < 0.05, "{piece:?}: {found}, by counting {exact}");
    }
}

#[test]
fn rewards_that_fail_are_told_of() {
    let told = |reward: fn(&[u8]) -> f64| {
        let model = Tilted::new(chain(), tilt(Of("bad", reward), 1.0, 16));
        model.sample(&request(4, 1), &Watch::new()).unwrap_err().to_string()
    };
    assert_eq!(
        told(|_| f64::NEG_INFINITY),
        "the reward forbids all 16 pieces that were tried: loosen the rule, or ask for more particles"
    );
    let unusable = "write a finite number; minus infinity (-math.huge) forbids what it is given for";
    assert_eq!(told(|_| f64::NAN), format!("the reward gave NaN: {unusable}"));
    assert_eq!(told(|_| f64::INFINITY), format!("the reward gave inf: {unusable}"));
    let turned = Tilted::new(chain(), tilt(Of("rule", ends_at_home), -2.0, 16));
    assert_eq!(
        turned.sample(&request(4, 1), &Watch::new()).unwrap_err().to_string(),
        "the reward forbids with minus infinity, which strength = -2 turns into plus infinity: \
         tilt with a strength above 0, and turn the sign of the numbers inside the reward"
    );
}

#[test]
fn a_reward_that_fights_its_model_shows() {
    let high = |keys: &[u8]| keys.iter().filter(|key| **key == 67).count() as f64;
    let ess = |strength| {
        let model = Tilted::new(chain(), tilt(Of("high", high), strength, 256));
        model.sample(&request(6, 3), &Watch::new()).unwrap().ess.unwrap()
    };
    assert!(ess(0.1) > 0.9 && ess(10.0) < 0.2, "{} {}", ess(0.1), ess(10.0));
}

#[test]
fn between_two_clips_each_step_is_nearer_to_the_other() {
    let (from, to) = (clip(&[60, 60, 62, 60]), clip(&[67, 62, 67, 67]));
    let sampling = Sampling::new(1, 1.0, 3, Conditions::default()).unwrap();
    let request = lilt_inference::Interpolation::new(7, sampling).unwrap();
    let way = chain().interpolate(&Piece::from(&from), &Piece::from(&to), &request, &Watch::new()).unwrap();
    let way = way.pieces();
    let way: Vec<Clip> = way.iter().map(|piece| piece.clone().into_clip().unwrap()).collect();
    assert_eq!((way.len(), &way[0], &way[6]), (7, &from, &to));
    let likeness: Vec<f64> = way.iter().map(|clip| clip.likeness(&to) - clip.likeness(&from)).collect();
    assert!(likeness[1] < likeness[3] && likeness[3] < likeness[5], "{likeness:?}");
    let error = chain().interpolate(&from.into(), &clip(&[60]).into(), &request, &Watch::new());
    let error = error.unwrap_err().to_string();
    assert_eq!(
        error,
        "`markov` cannot interpolate this clip: one end lasts 4 beats and the other 1; make them equally long, with slice or concat"
    );
}

#[test]
fn a_draft_is_the_tilt_with_few_particles_where_that_saves_much() {
    let few = |particles| {
        let tilt = tilt(Of("any", |_| 0.0), 1.0, particles);
        tilt.draft().map(|draft| draft.particles())
    };
    let asked = [1, 8, 31, 32, 64, 100, 256, 512, 4096];
    let drafts = [None, None, None, Some(8), Some(8), Some(12), Some(32), Some(64), Some(64)];
    assert_eq!(asked.map(few), drafts);

    let high = |particles| tilt(Of("high", |keys| f64::from(keys[0])), 0.3, particles);
    let whole = Tilted::new(chain(), high(64));
    let request = request(5, 3);
    let draft = whole.draft(&Verb::Sample(request.clone())).expect("a draft");
    let plain = Tilted::new(chain(), high(8));
    assert_eq!(draft.sample(&request, &Watch::new()), plain.sample(&request, &Watch::new()));
    let score = Verb::Score { piece: Input::Piece(clip(&[60]).into()), conditions: Conditions::default() };
    assert!(whole.draft(&score).is_none(), "numbers are no music");
}
