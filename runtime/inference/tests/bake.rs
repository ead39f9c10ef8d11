//! Baking: what is drawn, learnt and compared, and the thread that does it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use lilt_inference::{
    Bake, BakeState, Baked, Bakery, Baking, Conditions, Description, Examples, Grows, Learns, Markov, Model,
    ModelError, Particles, Piece, Reward, Sampled, Sampling, Scores, Tilt, Tilted, Tilts, Watch,
    capabilities,
};
use lilt_score::{Beat, Clip, Note, Pitch, Seed, Tone, Velocity};

/// A clip of quarter notes.
fn line(pitches: &[u8]) -> Clip {
    let note = |(at, pitch): (usize, &u8)| Note {
        start: Beat::whole(at as i64),
        duration: Beat::ONE,
        tone: Tone::Pitch(Pitch::from_key(*pitch)),
        velocity: Velocity::DEFAULT,
    };
    let notes = pitches.iter().enumerate().map(note).collect();
    Clip::new(notes, Beat::whole(pitches.len() as i64)).unwrap()
}

fn chain(clips: &[Clip]) -> Markov {
    Markov::new(clips, 1, 0.0).unwrap()
}

/// A chain that learns by counting what it is shown.
struct Counting {
    chain: Markov,
    learnt: AtomicUsize,
    /// How often it cannot before it can.
    fails: AtomicUsize,
}

impl Model for Counting {
    fn description(&self) -> &Description {
        self.chain.description()
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.chain.sample(request, watch)
    }

    capabilities!(Scores, Tilts, Learns);
}

impl Scores for Counting {
    fn score(&self, piece: &Piece, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        self.chain.score(piece, conditions, watch)
    }
}

impl Grows for Counting {
    fn particles<'a>(
        &'a self,
        primer: Option<&Piece>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError> {
        self.chain.particles(primer, request, count, watch)
    }
}

impl Learns for Counting {
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError> {
        watch.check()?;
        let fails = |left: usize| left.checked_sub(1);
        if self.fails.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fails).is_ok() {
            return Err(self.unsupported("bake"));
        }
        tell(0.5);
        self.learnt.store(examples.learnt.len(), Ordering::Relaxed);
        assert!(!examples.held_out.is_empty());
        // Music of its own beside, so that no transition is impossible that was possible before.
        let learnt = Piece::clips(&examples.learnt)?.into_iter().cloned();
        let own = line(&[60, 62, 64, 60, 60, 62, 62, 64, 64, 60]);
        Ok(Arc::new(Counting::of(&learnt.chain([own]).collect::<Vec<Clip>>())))
    }
}

impl Counting {
    fn of(clips: &[Clip]) -> Counting {
        Counting { chain: chain(clips), learnt: AtomicUsize::new(0), fails: AtomicUsize::new(0) }
    }
}

fn counting() -> Counting {
    Counting::of(&[line(&[60, 62, 64, 60, 60, 62, 62, 64, 64, 60])])
}

/// Likes one pitch.
struct Likes(u8);

impl Reward for Likes {
    fn identity(&self) -> &str {
        "likes a pitch"
    }

    fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
        let liked = |note: &&Note| note.tone == Tone::Pitch(Pitch::from_key(self.0));
        Ok(Piece::clips(pieces)?
            .into_iter()
            .map(|clip| clip.notes().iter().filter(liked).count() as f64)
            .collect())
    }
}

fn bake(strength: f64) -> Bake {
    let tilt = Tilt::new(Arc::new(Likes(64)), strength, 32, Beat::ONE).unwrap();
    let request = Sampling::new(4, 1.0, 7, Conditions::default()).unwrap();
    Bake { tilt, request, pieces: 40, rounds: 3 }
}

fn settled(baking: &Baking) -> BakeState {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        match baking.poll() {
            BakeState::Pending(_) if Instant::now() < until => std::thread::sleep(Duration::from_millis(2)),
            state => return state,
        }
    }
}

fn ready(baking: &Baking) -> Arc<Baked> {
    match settled(baking) {
        BakeState::Ready(baked) => baked,
        BakeState::Failed(error) => panic!("{error}"),
        BakeState::Pending(share) => panic!("still at {share}"),
    }
}

#[test]
fn what_was_baked_lies_between_the_model_and_the_tilt() {
    let model = counting();
    let watch = Watch::new();
    let baked = model.bake(&bake(1.0), &watch).unwrap();
    assert_eq!(model.learnt.load(Ordering::Relaxed), 40);
    let [plain, tilted, learnt] = baked.comparison.reward;
    assert!(plain < learnt && learnt < tilted + 1.0, "{:?}", baked.comparison);
    let [own, cost] = baked.comparison.nats;
    assert!(own < cost, "{:?}", baked.comparison);
    assert_eq!(baked.comparison.broken, [0.0; 3]);
    assert!((watch.progress() - 0.95).abs() < 1e-6, "{}: judging reports nothing", watch.progress());
    // The same bake is the same model.
    let again = counting().bake(&bake(1.0), &Watch::new()).unwrap();
    assert_eq!(again.comparison, baked.comparison);
}

/// Plays each quarter note of four bars by itself, one pitch out of three, as likely as its numbers say.
struct Dice {
    description: Description,
    logits: [f64; 3],
    /// How far it goes up the gradient; less than 0 is the wrong way.
    stride: f64,
}

impl Dice {
    const PITCHES: [u8; 3] = [60, 64, 67];

    fn new(logits: [f64; 3], identity: String) -> Dice {
        let description = Description { name: "dice".to_owned(), identity, ..Description::default() };
        Dice { description, logits, stride: 1.0 / 4096.0 }
    }

    /// ln of how likely each pitch is.
    fn log_odds(&self) -> [f64; 3] {
        let sum: f64 = self.logits.iter().map(|logit| logit.exp()).sum();
        self.logits.map(|logit| logit - sum.ln())
    }

    fn face(note: &Note) -> usize {
        Dice::PITCHES.iter().position(|key| note.tone == Tone::Pitch(Pitch::from_key(*key))).unwrap()
    }
}

impl Model for Dice {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, _: &Watch) -> Result<Sampled, ModelError> {
        let notes = (request.beats() / Beat::ONE).to_f64() as u64;
        let pitch = |note: u64| {
            let mut chance = Seed(request.seed()).child_number(note).unit();
            let odds = self.log_odds().map(f64::exp);
            let over = |share: &f64| {
                chance -= share;
                chance < 0.0
            };
            Dice::PITCHES[odds.iter().position(over).unwrap_or(2)]
        };
        Ok(Sampled::plain(line(&(0..notes).map(pitch).collect::<Vec<u8>>())))
    }

    capabilities!(Tilts, Scores, Learns);
}

/// A tilted one is no better than the model: practice has to do it all.
impl Tilts for Dice {
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
        let seeds = (0..count as u64).map(|number| Seed(request.seed()).child_number(number).0);
        seeds.map(|seed| Ok(self.sample(&request.with_seed(seed), watch)?.piece)).collect()
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

impl Scores for Dice {
    fn score(&self, piece: &Piece, _: &Conditions, _: &Watch) -> Result<Vec<f64>, ModelError> {
        Ok(piece.clip()?.notes().iter().map(|note| -self.log_odds()[Dice::face(note)]).collect())
    }
}

impl Learns for Dice {
    fn practises(&self) -> bool {
        true
    }

    /// A step up the gradient of Σ weight·ln q; of examples without advantages it learns nothing.
    fn learn(&self, examples: &Examples, _: &dyn Fn(f64), _: &Watch) -> Result<Arc<dyn Learns>, ModelError> {
        let mut logits = self.logits;
        let odds = self.log_odds().map(f64::exp);
        for (number, piece) in examples.learnt.iter().enumerate().filter(|_| examples.advantages.is_some()) {
            for note in piece.clip()?.notes() {
                let step = f64::from(examples.weight(number, note.start)) * self.stride;
                logits[Dice::face(note)] += step;
                logits.iter_mut().zip(odds).for_each(|(logit, odds)| *logit -= step * odds);
            }
        }
        let identity = format!("{} learnt {}", self.description.identity, examples.identity);
        Ok(Arc::new(Dice { stride: self.stride, ..Dice::new(logits, identity) }))
    }
}

/// Practice goes to the tilt itself, not to the best reward: exp(s·R) times as likely, no more.
#[test]
fn practice_goes_toward_the_tilt() {
    let dice = Dice::new([0.0, -0.5, 0.4], "dice".to_owned());
    let baked = dice.bake(&Bake { rounds: 400, ..bake(0.8) }, &Watch::new()).unwrap().model;
    let asked = Dice::new([0.0, -0.5 + 0.8, 0.4], "asked".to_owned()).log_odds();
    for (key, asked) in Dice::PITCHES.into_iter().zip(asked) {
        let nats = baked.score(&Piece::from(line(&[key])), &Conditions::default(), &Watch::new()).unwrap()[0];
        assert!((nats + asked).abs() < 0.08, "{key}: {nats} for {}", -asked);
    }
    // None of it without practice, and again the same with it.
    let plain = dice.bake(&Bake { rounds: 0, ..bake(0.8) }, &Watch::new()).unwrap();
    assert_eq!(plain.comparison.nats[0], plain.comparison.nats[1]);
    let short = || dice.bake(&Bake { rounds: 2, ..bake(0.8) }, &Watch::new()).unwrap();
    assert_eq!(short().comparison, short().comparison);
}

/// Of what it was on the way, what is best is kept.
#[test]
fn practice_that_goes_wrong_gives_nothing_up() {
    let wrong = Dice { stride: -1.0 / 256.0, ..Dice::new([0.0, -0.5, 0.4], "dice".to_owned()) };
    let baked = wrong.bake(&Bake { rounds: 20, ..bake(0.8) }, &Watch::new()).unwrap();
    assert_eq!(baked.comparison.nats[0], baked.comparison.nats[1]);
}

/// Forbids one pitch.
struct Forbids(u8);

impl Reward for Forbids {
    fn identity(&self) -> &str {
        "forbids a pitch"
    }

    fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
        let forbidden = |note: &Note| note.tone == Tone::Pitch(Pitch::from_key(self.0));
        let score = |clip: &Clip| if clip.notes().iter().any(forbidden) { f64::NEG_INFINITY } else { 0.0 };
        Ok(Piece::clips(pieces)?.into_iter().map(score).collect())
    }
}

#[test]
fn practice_learns_rules() {
    let dice = Dice::new([0.0, -1.5, 0.0], "dice".to_owned());
    let tilt = Tilt::new(Arc::new(Forbids(64)), 1.0, 32, Beat::ONE).unwrap();
    let baked = dice.bake(&Bake { rounds: 100, tilt, ..bake(1.0) }, &Watch::new()).unwrap();
    let [before, _, after] = baked.comparison.broken;
    assert!(after < 0.5 * before, "{:?}", baked.comparison);
}

#[test]
fn a_tilted_model_bakes_both_tilts() {
    let tilted = Tilted::new(Arc::new(counting()), bake(1.0).tilt);
    assert!(tilted.learns().is_some());
    let once = counting().bake(&bake(1.0), &Watch::new()).unwrap().comparison.reward;
    let twice = tilted.bake(&bake(1.0), &Watch::new()).unwrap().comparison.reward;
    // Counted in nats, and of two tilts.
    assert!(twice[1] > 2.0 * once[1], "{once:?} {twice:?}");
}

#[test]
fn a_chain_cannot_learn() {
    let model: &dyn Model = &chain(&[line(&[60, 62, 64, 60])]);
    let error = model.bake(&bake(1.0), &Watch::new()).err().unwrap();
    assert_eq!(error.to_string(), "`markov` cannot bake: it can sample, continue, score, interpolate, tilt");
}

#[test]
fn the_bakery_bakes_each_once_and_forgets_what_nobody_wants() {
    let bakery = Bakery::new().unwrap();
    let model: Arc<dyn Model> = Arc::new(counting());
    let first = bakery.bake(&model, bake(1.0));
    let same = bakery.bake(&model, bake(1.0));
    let other = bakery.bake(&model, bake(2.0));
    assert_eq!(first.identity(), same.identity());
    assert_ne!(first.identity(), other.identity());
    assert!(Arc::ptr_eq(&ready(&first), &ready(&same)));
    ready(&other);
    bakery.done().recv_timeout(Duration::from_secs(10)).unwrap();
    // What is ready is kept for a while after the script has let it go.
    let kept = ready(&other);
    drop(other);
    bakery.tidy();
    assert!(Arc::ptr_eq(&ready(&bakery.bake(&model, bake(2.0))), &kept));
}

#[test]
fn what_fails_is_told_and_the_bakery_goes_on() {
    let bakery = Bakery::new().unwrap();
    let chain: Arc<dyn Model> = Arc::new(chain(&[line(&[60, 62, 64, 60])]));
    let failing = bakery.bake(&chain, bake(1.0));
    assert!(matches!(settled(&failing), BakeState::Failed(ModelError::Unsupported { .. })));
    let model: Arc<dyn Model> = Arc::new(counting());
    ready(&bakery.bake(&model, bake(1.0)));
}

#[test]
fn what_failed_is_tried_again_once_it_is_forgotten() {
    let bakery = Bakery::new().unwrap();
    let model = counting();
    model.fails.store(1, Ordering::Relaxed);
    let model: Arc<dyn Model> = Arc::new(model);
    let first = bakery.bake(&model, bake(1.0));
    assert!(matches!(settled(&first), BakeState::Failed(_)));
    assert!(matches!(bakery.bake(&model, bake(1.0)).poll(), BakeState::Failed(_)), "it is kept");
    bakery.forget(&first);
    ready(&bakery.bake(&model, bake(1.0)));
    assert!(matches!(first.poll(), BakeState::Failed(_)), "what was tried before stays as it was");
}
