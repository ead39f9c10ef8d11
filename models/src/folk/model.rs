//! `folk` as a model: sample, continue and score.

use std::path::Path;
use std::sync::Arc;

use candle_core::Device;
use lilt_inference::{
    Conditions, Continues, Cost, Description, Examples, Grows, Learns, Model, ModelError, OptionDescription,
    OptionKind, Particles, Piece, Sampled, Sampling, Scores, Watch, capabilities,
};
use lilt_score::{Clip, Key, Mode, Seed};

use super::NAME;
use super::codec::{CodecError, Encoded, encode};
use super::example::Example;
use super::features::{Conditions as TuneConditions, FEATURES, GROUP_COUNT, KINDS, Kind, hidden};
use super::network::Config;
use super::vocabulary::{FIELDS, NoteEvent};
use super::walk::FolkWalk;
use crate::recurrent::batches::Piece as Learnt;
use crate::recurrent::card::load;
use crate::recurrent::learner::Learner;
use crate::recurrent::particles::RecurrentParticles;
use crate::recurrent::playing::{Playing, nats};
use crate::recurrent::step::RecurrentStep;

/// The key of a tune from nothing when none is asked for: the commonest of the collections.
const HOME: (u8, Mode) = (2, Mode::Major);

/// Modes that the collections' tunes are in; a key is looked for among these.
const MODES: [Mode; 4] = [Mode::Major, Mode::Mixolydian, Mode::Dorian, Mode::Minor];

/// Events of a clip by which its key is found: some four bars.
const KEY_EVENTS: usize = 32;

/// Notes through which gradients go back when a reward is learnt.
const LEARNT_STEPS: usize = 32;

/// The trained network with its name and options.
pub struct FolkModel {
    description: Description,
    step: RecurrentStep,
    /// None for a network in hand, which cannot learn more.
    learner: Option<Learner>,
}

impl FolkModel {
    /// Loads `folk.safetensors` and its card `folk.toml` from `folder`, to run on `device`.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged, or the weights are not
    /// the card's.
    pub fn load(folder: &Path, device: &Device) -> Result<FolkModel, ModelError> {
        FolkModel::load_as(NAME, folder, device)
    }

    /// As [`FolkModel::load`], a model of this kind that is called `name`.
    ///
    /// # Errors
    /// As [`FolkModel::load`].
    pub fn load_as(name: &str, folder: &Path, device: &Device) -> Result<FolkModel, ModelError> {
        let loaded = load::<Config>(folder, name, [FEATURES, GROUP_COUNT], &FIELDS, device)?;
        let model = FolkModel::new(loaded.step, loaded.sha256, loaded.description).named(name);
        Ok(FolkModel { learner: Some(loaded.learner), ..model })
    }

    /// A model of a network in hand. `identity` names its weights: models of the same identity must
    /// answer alike.
    pub fn new(step: RecurrentStep, identity: String, about: String) -> FolkModel {
        let option = |name: &str, about: &str, default: &str, kind| OptionDescription {
            name: name.to_owned(),
            about: about.to_owned(),
            default: default.to_owned(),
            kind,
        };
        let kinds = KINDS.iter().map(|kind| (*kind).to_owned()).collect();
        let options = vec![
            option(
                "key",
                "Tonic and mode, as in \"D dorian\" or \"G\".",
                "D major; to continue or score a clip, the key that the clip fits best",
                OptionKind::Key,
            ),
            option("meter", "Metre, as in \"6/8\".", "4/4", OptionKind::Meter),
            option("kind", "Kind of tune.", "any kind", OptionKind::Word(kinds)),
        ];
        let name = NAME.to_owned();
        FolkModel {
            description: Description { name, identity, about, options, ..Description::default() },
            step,
            learner: None,
        }
    }

    /// The same under another name.
    pub fn named(mut self, name: &str) -> FolkModel {
        name.clone_into(&mut self.description.name);
        self
    }

    /// The network, for those who measure it.
    pub fn step(&self) -> &RecurrentStep {
        &self.step
    }

    /// What holds for a tune in `key`.
    fn tune(&self, key: Key, conditions: &Conditions) -> TuneConditions {
        let kind = conditions.settings.word("kind").map_or(Kind::UNKNOWN, Kind::named);
        TuneConditions { key, meter: conditions.meter, kind }
    }

    /// A tune of `events` before anything was heard: what exceeds whole bars begins it as an upbeat.
    fn begin(&self, key: Key, conditions: &Conditions, events: &[NoteEvent]) -> FolkWalk {
        let tune = self.tune(key, conditions);
        let ticks: i64 = events.iter().map(|event| event.ticks()).sum();
        FolkWalk::new(tune, ticks % tune.bar_ticks())
    }

    /// Reads a clip in the key that was asked for, or in the one that it fits best.
    fn read(
        &self,
        clip: &Clip,
        conditions: &Conditions,
        verb: &'static str,
        watch: &Watch,
    ) -> Result<(Key, Encoded), ModelError> {
        let refused = |error: CodecError| ModelError::clip(&self.description.name, verb, error);
        if let Some(key) = conditions.key {
            return Ok((key, encode(clip, key).map_err(refused)?));
        }
        let mut readings = Vec::new();
        let mut refusal = None;
        for mode in MODES {
            for tonic in 0..12 {
                let key = Key::new(tonic, mode);
                match encode(clip, key) {
                    Ok(encoded) => readings.push((key, encoded)),
                    Err(error) => refusal = refusal.or(Some(error)),
                }
            }
        }
        let surprise = self.surprise(&readings, conditions, watch)?;
        let best = surprise.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map(|(reading, _)| reading);
        match (best, refusal) {
            (Some(reading), _) => Ok(readings.swap_remove(reading)),
            (None, Some(error)) => Err(refused(error)),
            (None, None) => Err(ModelError::computation(NAME, "no key was tried")),
        }
    }

    /// Nats of the first events of each reading.
    fn surprise(
        &self,
        readings: &[(Key, Encoded)],
        conditions: &Conditions,
        watch: &Watch,
    ) -> Result<Vec<f64>, ModelError> {
        let first = |(key, encoded): &(Key, Encoded)| {
            let few = encoded.events.len().min(KEY_EVENTS);
            (self.begin(*key, conditions, &encoded.events), fields(&encoded.events[..few]))
        };
        let tunes: Vec<(FolkWalk, Vec<[u8; 2]>)> = readings.iter().map(first).collect();
        let tunes: Vec<_> = tunes.iter().map(|(walk, events)| (walk.clone(), events.as_slice())).collect();
        let nats = nats(&self.step, &tunes, 1.0, watch)?;
        Ok(nats.iter().map(|nats| nats.iter().map(|(_, nats)| nats).sum()).collect())
    }

    /// Where a new tune, or one that follows `primer`, begins.
    fn prepared(
        &self,
        primer: Option<&Clip>,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Playing<'_, FolkWalk>, ModelError> {
        let conditions = request.conditions();
        let mut piece = match primer {
            None => {
                let key = conditions.key.unwrap_or(Key::new(HOME.0, HOME.1));
                Playing::new(&self.step, self.begin(key, conditions, &[]))
            }
            Some(primer) => {
                let (key, encoded) = self.read(primer, conditions, "continue", watch)?;
                let mut piece = Playing::new(&self.step, self.begin(key, conditions, &encoded.events));
                piece.hear_all(&fields(&encoded.events), watch)?;
                piece
            }
        };
        piece.walk.fill(i64::from(request.bars()) * piece.walk.conditions().bar_ticks());
        Ok(piece)
    }

    /// Tunes side by side that go on where `primer` ends. The first place draws as a tune alone does.
    fn side_by_side(
        &self,
        primer: Option<&Clip>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<RecurrentParticles<'_, FolkWalk>, ModelError> {
        let seed = Seed(request.seed()).child(NAME);
        let others = (1..count as u64).map(|place| seed.child_number(place).rng());
        let rngs = std::iter::once(seed.rng()).chain(others).take(count);
        Ok(RecurrentParticles::new(self.prepared(primer, request, watch)?, request, rngs))
    }
}

impl Model for FolkModel {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.side_by_side(None, request, 1, watch)?.play(watch)
    }

    capabilities!(Continues, Scores, Tilts);

    fn learns(&self) -> Option<&dyn Learns> {
        self.learner.as_ref().map(|_| self as &dyn Learns)
    }
}

impl Continues for FolkModel {
    /// The primer is heard so that it ends with a full bar; what is left over begins it as an upbeat.
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.side_by_side(Some(primer.clip()?), request, 1, watch)?.play(watch)
    }
}

impl Scores for FolkModel {
    /// Rests count toward the note after them, those at the end toward the last note; a note that
    /// `folk` does not hear, since another sounds above it, counts nothing. The sum is the nats of the
    /// whole clip.
    fn score(&self, piece: &Piece, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let clip = piece.clip()?;
        let (key, encoded) = self.read(clip, conditions, "score", watch)?;
        let mut piece = Playing::new(&self.step, self.begin(key, conditions, &encoded.events));
        piece.score_notes(&fields(&encoded.events), &encoded.notes, clip.notes().len(), watch)
    }

    fn costs(
        &self,
        drawn: &[Piece],
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Vec<Vec<Cost>>, ModelError> {
        let piece = self.prepared(None, request, watch)?;
        let key = piece.walk.conditions().key;
        let read = |clip| encode(clip, key).map(|encoded| fields(&encoded.events));
        let events = Piece::clips(drawn)?.into_iter().map(read).collect::<Result<Vec<_>, CodecError>>();
        let events = events.map_err(|error| ModelError::clip(&self.description.name, "score", error))?;
        piece.costs(&events, request.temperature(), watch)
    }
}

impl Grows for FolkModel {
    fn particles<'a>(
        &'a self,
        primer: Option<&Piece>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError> {
        let primer = primer.map(Piece::clip).transpose()?;
        Ok(Box::new(self.side_by_side(primer, request, count, watch)?))
    }
}

impl Learns for FolkModel {
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError> {
        let Some(learner) = &self.learner else { return Err(self.unsupported("bake")) };
        let name = &self.description.name;
        let key = examples.conditions.key.unwrap_or(Key::new(HOME.0, HOME.1));
        let tune = self.tune(key, &examples.conditions);
        let heard = |clip: &Clip| -> Result<Learnt, ModelError> {
            let example = Example::of_clip(clip, tune, false);
            Ok(example.map_err(|reason| ModelError::clip(name, "bake", reason))?.piece(learner.config()))
        };
        let weighed = |(number, clip)| {
            let weight = |beat| examples.weight(number, beat);
            Ok(heard(clip)?.weighed(FolkWalk::new(tune, 0), FIELDS.len(), weight))
        };
        let learnt = Piece::clips(&examples.learnt)?
            .into_iter()
            .enumerate()
            .map(weighed)
            .collect::<Result<Vec<_>, ModelError>>()?;
        let held_out =
            Piece::clips(&examples.held_out)?.into_iter().map(heard).collect::<Result<Vec<_>, _>>()?;
        let pieces = [learnt.as_slice(), held_out.as_slice()];
        let (step, learner) = learner.learn(name, pieces, (LEARNT_STEPS, hidden()), examples, tell, watch)?;
        let identity = format!("{} learnt {}", self.description.identity, examples.identity);
        let model = FolkModel::new(step, identity, self.description.about.clone()).named(name);
        Ok(Arc::new(FolkModel { learner: Some(learner), ..model }))
    }

    fn practises(&self) -> bool {
        true
    }
}

/// Events as the network has them.
fn fields(events: &[NoteEvent]) -> Vec<[u8; 2]> {
    events.iter().map(|event| event.fields()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::card::Weights;
    use crate::folk::vocabulary::{DURATION_CLASSES, PITCH_CLASSES, TICKS_PER_BEAT};
    use crate::recurrent::card::Sizes;
    use crate::recurrent::tests::random_weights;
    use lilt_inference::{Reward, Step, StepReward, Tilt, Tilts};
    use lilt_score::{Beat, Drum, Meter, Note, Pitch, Tone, Velocity};
    use proptest::prelude::*;

    fn config() -> Config {
        let (durations, pitches) = (DURATION_CLASSES, PITCH_CLASSES);
        Config { features: FEATURES, embed: 16, hidden: 32, layers: 2, durations, gate: 16, pitches }
    }

    fn of(weights: &BTreeMap<String, Weights>) -> FolkModel {
        let step = RecurrentStep::new(NAME, config().network(), weights, &Device::Cpu).unwrap();
        FolkModel::new(step, "0".repeat(64), "Knows nothing.".to_owned())
    }

    /// A model that knows nothing, with the sizes of a small one.
    fn untrained() -> FolkModel {
        of(&random_weights(&config().network(), 1))
    }

    fn sampling(bars: u32, temperature: f64, seed: u64, key: Option<&str>, meter: &str) -> Sampling {
        let key = key.map(|key| key.parse().unwrap());
        let conditions = Conditions { key, meter: meter.parse().unwrap(), ..Conditions::default() };
        Sampling::new(bars, temperature, seed, conditions).unwrap()
    }

    fn melody(pitches: &[u8]) -> Clip {
        let note = |(i, pitch): (usize, &u8)| Note {
            start: Beat::new(i as i64, 2),
            duration: Beat::new(1, 2),
            tone: Tone::Pitch(Pitch::from_key(*pitch)),
            velocity: Velocity::DEFAULT,
        };
        let notes = pitches.iter().enumerate().map(note).collect();
        Clip::new(notes, Beat::new(pitches.len() as i64, 2)).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn answers_fill_their_bars_and_depend_on_the_seed_alone(
            bars in 1u32..6,
            temperature in prop_oneof![Just(0.0), 0.1..4.0f64],
            seed: u64,
            meter in prop::sample::select(vec!["4/4", "6/8", "9/8", "3/4", "2/2", "7/16", "5/4"]),
            key in prop::option::of(prop::sample::select(vec!["D", "A dorian", "Bb minor", "F# mixolydian"])),
        ) {
            let model = untrained();
            let request = sampling(bars, temperature, seed, key, meter);
            let meter: Meter = meter.parse().unwrap();
            let primer = melody(&[62, 64, 66, 67, 69, 67, 66]);
            let sampled = model.sample(&request, &Watch::new()).unwrap();
            let continued = model.continue_from(&Piece::from(&primer), &request, &Watch::new()).unwrap();
            for answer in [&sampled, &continued] {
                prop_assert_eq!(answer.piece.clip().unwrap().length(), meter.bar() * Beat::whole(i64::from(bars)));
                let end = answer.piece.clip().unwrap().length();
                prop_assert!(answer.piece.clip().unwrap().notes().iter().all(|note| note.end() <= end));
                let grid = Beat::whole(TICKS_PER_BEAT);
                prop_assert!(answer.piece.clip().unwrap().notes().iter().all(|note| (note.start * grid).denominator() == 1));
            }
            prop_assert_eq!(&model.sample(&request, &Watch::new()).unwrap(), &sampled);
            prop_assert_eq!(&model.continue_from(&Piece::from(&primer), &request, &Watch::new()).unwrap(), &continued);
        }
    }

    #[test]
    fn seeds_and_primers_make_a_difference_and_greed_needs_no_seed() {
        let model = untrained();
        let sample = |temperature, seed| {
            model.sample(&sampling(4, temperature, seed, None, "4/4"), &Watch::new()).unwrap()
        };
        assert_ne!(sample(1.0, 1), sample(1.0, 2));
        assert_eq!(sample(0.0, 1), sample(0.0, 2));
        let request = sampling(4, 0.0, 1, Some("D"), "4/4");
        let follow = |primer: &[u8]| {
            model.continue_from(&Piece::from(melody(primer)), &request, &Watch::new()).unwrap()
        };
        assert_ne!(follow(&[62, 64, 66, 67]), follow(&[74, 73, 71, 69]));
    }

    #[test]
    fn scores_sum_to_the_likelihood_that_sampling_follows() {
        let model = untrained();
        let request = sampling(8, 1.0, 3, Some("D"), "4/4");
        let clip = model.sample(&request, &Watch::new()).unwrap().into_clip().unwrap();
        let nats = model.score(&Piece::from(&clip), request.conditions(), &Watch::new()).unwrap();
        assert_eq!(nats.len(), clip.notes().len());
        assert!(nats.iter().all(|nats| *nats > 0.0));
        // An untrained network is nearly even: about ln 26 + ln 53 an event.
        let mean = nats.iter().sum::<f64>() / nats.len() as f64;
        assert!((5.0..10.0).contains(&mean), "{mean}");
    }

    #[test]
    fn unheard_notes_score_nothing() {
        let model = untrained();
        let line = melody(&[74, 72, 71, 69]);
        let both = line.stack(&melody(&[50, 52, 53, 55])).unwrap();
        let conditions = Conditions { key: Some(Key::C_MAJOR), ..Conditions::default() };
        let alone = model.score(&Piece::from(&line), &conditions, &Watch::new()).unwrap();
        let nats = model.score(&Piece::from(&both), &conditions, &Watch::new()).unwrap();
        let upper: Vec<f64> = nats.iter().copied().filter(|nats| *nats > 0.0).collect();
        assert_eq!((nats.len(), upper), (8, alone));
        let rest = Clip::rest(Beat::ONE).unwrap();
        assert_eq!(model.score(&Piece::from(&rest), &conditions, &Watch::new()), Ok(Vec::new()));
    }

    #[test]
    fn a_key_is_found_when_none_is_given() {
        let model = untrained();
        let clip = melody(&[62, 64, 66, 67, 69, 71, 73, 74]);
        let (found, _) = model.read(&clip, &Conditions::default(), "score", &Watch::new()).unwrap();
        let total = |key: Key| {
            let conditions = Conditions { key: Some(key), ..Conditions::default() };
            model.score(&Piece::from(&clip), &conditions, &Watch::new()).unwrap().iter().sum::<f64>()
        };
        for mode in MODES {
            for tonic in 0..12 {
                assert!(total(found) <= total(Key::new(tonic, mode)));
            }
        }
    }

    #[test]
    fn a_cancelled_request_stops() {
        let (model, watch) = (untrained(), Watch::new());
        watch.cancel();
        let request = sampling(4, 1.0, 1, None, "4/4");
        assert_eq!(model.sample(&request, &watch), Err(ModelError::Cancelled));
        assert_eq!(
            model.continue_from(&Piece::from(melody(&[60])), &request, &watch),
            Err(ModelError::Cancelled)
        );
        let conditions = request.conditions();
        assert_eq!(model.score(&Piece::from(melody(&[60])), conditions, &watch), Err(ModelError::Cancelled));
    }

    #[test]
    fn copies_of_a_tune_part_again() {
        let model = untrained();
        let request = sampling(4, 1.0, 5, Some("D"), "4/4");
        let watch = Watch::new();
        let mut tunes = model.particles(None, &request, 3, &watch).unwrap();
        tunes.advance(Beat::whole(4).into(), &watch).unwrap();
        tunes.resample(&[1, 1, 0]);
        let begun: Vec<Clip> = (0..3).map(|tune| tunes.piece(tune).unwrap().into_clip().unwrap()).collect();
        assert_eq!(begun[0], begun[1]);
        assert_ne!(begun[0], begun[2]);
        tunes.advance(request.extent(), &watch).unwrap();
        assert!(tunes.whole());
        let whole: Vec<Clip> = (0..3).map(|tune| tunes.piece(tune).unwrap().into_clip().unwrap()).collect();
        assert_ne!(whole[0], whole[1]);
        for (begun, whole) in begun.iter().zip(&whole) {
            let same = begun.notes().iter().zip(whole.notes()).filter(|(a, b)| a == b).count();
            assert!(same + 1 >= begun.notes().len(), "{begun:?} became {whole:?}");
        }
    }

    #[test]
    fn one_of_many_places_draws_as_a_tune_alone() {
        let (model, watch) = (untrained(), Watch::new());
        let request = sampling(3, 1.0, 8, None, "6/8");
        let mut tunes = model.particles(None, &request, 4, &watch).unwrap();
        tunes.advance(request.extent(), &watch).unwrap();
        assert_eq!(tunes.piece(0).unwrap(), model.sample(&request, &watch).unwrap().piece);
    }

    #[test]
    fn what_it_cannot_hear_is_said() {
        let drum = Note {
            start: Beat::ZERO,
            duration: Beat::ONE,
            tone: Tone::Drum(Drum::Bass),
            velocity: Velocity::DEFAULT,
        };
        let clip = Clip::new(vec![drum], Beat::ONE).unwrap();
        let error =
            untrained().score(&Piece::from(&clip), &Conditions::default(), &Watch::new()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`folk` cannot score this clip: note 1 is a drum: folk hears and plays melodies"
        );
    }

    #[test]
    fn numbers_that_are_none_are_an_error() {
        let mut broken = random_weights(&config().network(), 1);
        let bias = Weights { shape: vec![PITCH_CLASSES], values: vec![f32::NAN; PITCH_CLASSES] };
        broken.insert("pitch.bias".to_owned(), bias);
        let model = of(&broken);
        let error = model.sample(&sampling(1, 1.0, 1, None, "4/4"), &Watch::new()).unwrap_err();
        assert_eq!(error.to_string(), "`folk` stopped: the network gave no usable numbers");
    }

    /// What single notes are worth by their key, known to the steps or to the whole alone.
    struct Worth(bool, fn(u8) -> f64);

    impl Reward for Worth {
        fn identity(&self) -> &str {
            "worth"
        }

        fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
            let sum = |clip: &Clip| clip.notes().iter().map(|note| (self.1)(note.tone.key())).sum();
            Ok(Piece::clips(pieces)?.into_iter().map(sum).collect())
        }

        fn steps(&self) -> Option<&dyn StepReward> {
            self.0.then_some(self)
        }
    }

    impl StepReward for Worth {
        fn score(&self, steps: &[Step], _: &Watch) -> Result<Vec<f64>, ModelError> {
            Ok(steps.iter().map(|step| (self.1)(step.note.tone.key())).collect())
        }
    }

    #[test]
    fn tilt_leans_toward_steps() {
        let model = untrained();
        let request = sampling(2, 1.0, 5, Some("D"), "4/4");
        let drawn = |worth: Worth| {
            let tilt = Tilt::new(Arc::new(worth), 1.0, 8, Beat::ONE).unwrap();
            model.tilted(None, &request, &tilt, &Watch::new()).unwrap()
        };
        // Where every note is worth the same nothing leans, and the same music is drawn.
        assert_eq!(drawn(Worth(true, |_| 0.0)), drawn(Worth(false, |_| 0.0)));
        let even = drawn(Worth(true, |key| if key % 2 == 0 { 0.0 } else { f64::NEG_INFINITY }));
        assert!(even.piece.clip().unwrap().notes().iter().all(|note| note.tone.key() % 2 == 0));
        // One pitch in two is forbidden each time, so that no particle breaks the rule.
        assert!(even.ess.unwrap() > 0.3, "{even:?}");
    }
}
