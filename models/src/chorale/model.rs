//! `chorale` as a model: sample, continue, score, and what it does with a clip.

use std::path::Path;
use std::sync::Arc;

use lilt_inference::{
    Conditions, Continues, Defaults, Description, Examples, Learns, Model, ModelError, OptionDescription,
    OptionKind, Piece, Sampled, Sampling, Scores, Tilt, Tilts, TransformDescription, Transforms, Watch,
    capabilities,
};
use lilt_score::{Clip, Seed};

use super::NAME;
use super::filling::{Canvas, Filling};
use super::lesson::{ChoraleLesson, Layout};
use super::network::Config;
use super::piece::Piece as Learnt;
use super::scoring::surprise;
use super::step::ChoraleStep;
use super::task::{HOME, Task, conditioning};
use super::tilted::{Population, tilted};
use super::vocabulary::{LOWEST, VOICE_NAMES};
use super::voices::{Voices, VoicesError};
use crate::card::{Card, Head, read_weights};
use crate::source::Source;
use crate::training::adapt;

/// Pieces that follow a reward, at most: each is a whole chorale that is drawn again and again.
const MOST_PIECES: usize = 16;

/// The card of this model.
pub type ChoraleCard = Card<Config, super::losses::Losses>;

/// The trained network with its name and options.
pub struct ChoraleModel {
    description: Description,
    step: ChoraleStep,
    /// What is needed to learn more; none for a network in hand.
    learner: Option<Source>,
}

impl ChoraleModel {
    /// Loads `chorale.safetensors` and its card `chorale.toml` from `folder`.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged, or the weights are not
    /// the card's.
    pub fn load(folder: &Path) -> Result<ChoraleModel, ModelError> {
        ChoraleModel::load_as(NAME, folder)
    }

    /// As [`ChoraleModel::load`], of the model `name` that was trained by the same recipe.
    ///
    /// # Errors
    /// As [`ChoraleModel::load`].
    pub fn load_as(name: &str, folder: &Path) -> Result<ChoraleModel, ModelError> {
        let card = Head::<Config>::read(&folder.join(format!("{name}.toml")))?;
        let (path, sha256) = (folder.join(format!("{name}.safetensors")), card.weights.sha256);
        let weights = read_weights(&path, &sha256, &card.network.tensors())?;
        let step = ChoraleStep::of_weights(&card.network, &weights).map_err(|error| {
            let reason = format!("the network cannot be built from it: {error}");
            ModelError::Weights { path: path.clone(), reason }
        })?;
        let model = ChoraleModel::new(step, sha256.clone(), card.description).named(name);
        Ok(ChoraleModel { learner: Some(Source::File { path, sha256 }), ..model })
    }

    /// A model of a network in hand. `identity` names its weights: models of the same identity must
    /// answer alike.
    pub fn new(step: ChoraleStep, identity: String, about: String) -> ChoraleModel {
        let option = |name: &str, about: &str, default: &str, kind| OptionDescription {
            name: name.to_owned(),
            about: about.to_owned(),
            default: default.to_owned(),
            kind,
        };
        let voice = |about: &str, default: &str| {
            let words = VOICE_NAMES.iter().map(|name| (*name).to_owned()).collect();
            vec![option("voice", about, default, OptionKind::Word(words))]
        };
        let options = vec![
            option(
                "key",
                "Tonic and mode, as in \"G\" or \"A minor\"; the church modes count by their third.",
                "G major; with a clip, what the clip suggests",
                OptionKind::Key,
            ),
            option("meter", "Metre, as in \"3/4\".", "4/4", OptionKind::Meter),
        ];
        let transforms = vec![
            TransformDescription {
                name: "harmonise",
                about: "Writes the other three voices to a melody.".to_owned(),
                defaults: Defaults::LIKE_THE_CLIP,
                options: voice("Which voice the melody is.", "soprano"),
            },
            TransformDescription {
                name: "complete",
                about: "Fills what is missing of up to four voices.".to_owned(),
                defaults: Defaults::LIKE_THE_CLIP,
                options: Vec::new(),
            },
            TransformDescription {
                name: "rewrite",
                about: "Writes one voice anew to the others.".to_owned(),
                defaults: Defaults::LIKE_THE_CLIP,
                options: voice("Which voice is written anew.", "bass"),
            },
        ];
        let name = NAME.to_owned();
        ChoraleModel {
            description: Description { name, identity, about, options, transforms, ..Description::default() },
            step,
            learner: None,
        }
    }

    /// The same network under another name.
    pub fn named(mut self, name: &str) -> ChoraleModel {
        self.description.name = name.to_owned();
        self
    }

    /// The network, for those who measure it.
    pub fn step(&self) -> &ChoraleStep {
        &self.step
    }

    /// `count` pieces of `task` that were moved toward the reward, and a chance to choose by.
    fn moved(
        &self,
        task: &Task,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<(Population, f64), ModelError> {
        let several = |request: &Sampling, count| self.several(request, count, watch);
        let tilt = tilt.under(&self.description.identity, request, &several)?;
        let filling = self.filling(task, request);
        let count = tilt.particles().clamp(1, MOST_PIECES);
        let seed = Seed(request.seed()).child(NAME).child("tilt");
        let piece = |canvas: &Canvas| task.clip(canvas).map(Piece::from);
        let mut nats = |pieces: &[Piece]| tilt.score(pieces, watch);
        match tilted(&filling, &task.canvas, count, piece, &mut nats, seed, watch)? {
            Some(population) => Ok((population, seed.child("choice").unit())),
            None => Err(ModelError::Reward {
                reason: format!("forbids all {count} chorales that were tried: loosen the rule"),
            }),
        }
    }

    fn filling<'a>(&'a self, task: &Task, request: &Sampling) -> Filling<'a> {
        Filling { step: &self.step, conditioning: task.conditioning, temperature: request.temperature() }
    }

    fn write(&self, task: Task, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        let mut canvases = [task.canvas.clone()];
        self.filling(&task, request).fill(&mut canvases, watch)?;
        let [canvas] = canvases;
        Ok(Sampled::plain(task.clip(&canvas)?))
    }
}

impl Model for ChoraleModel {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.write(Task::begin(&self.description.name, None, request)?, request, watch)
    }

    capabilities!(Continues, Scores, Tilts, Transforms);

    fn learns(&self) -> Option<&dyn Learns> {
        self.learner.as_ref().map(|_| self as &dyn Learns)
    }
}

impl Continues for ChoraleModel {
    /// The primer is heard so that it ends with a full bar; the answer ends the piece.
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.write(Task::begin(&self.description.name, Some(primer.clip()?), request)?, request, watch)
    }
}

impl Scores for ChoraleModel {
    /// The cells that the notes fill come in a random order, always the same; a cell's nats are those
    /// of its pitch when the cells before it in that order are known and no others. A note's nats are
    /// the sum over its cells, so the sum over all notes is −ln of the probability of the music under
    /// that order. Cells without a note count nothing and are never known.
    fn score(&self, piece: &Piece, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let clip = piece.clip()?;
        let voices = Voices::read(clip, None)
            .map_err(|error| ModelError::clip(&self.description.name, "score", error))?;
        let conditioning = conditioning(conditions.key, voices.shift, conditions.meter, 0, (true, true));
        let (frames, known) = voices.cells();
        let nats = surprise(&self.step, &frames, &known, conditioning, watch)?;
        let mut notes = vec![0.0; clip.notes().len()];
        for part in &voices.parts {
            let class = |frame: usize| frames[frame][part.voice];
            let own = (part.pitch as i32 + voices.shift - i32::from(LOWEST)) as u8;
            for frame in (part.start..part.end).filter(|&frame| class(frame) == own) {
                notes[part.note] += nats[frame][part.voice];
            }
        }
        Ok(notes)
    }
}

impl Tilts for ChoraleModel {
    /// Whole chorales are moved toward the reward ([`super::tilted`]), at most sixteen of them.
    fn tilted(
        &self,
        primer: Option<&Piece>,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let primer = primer.map(Piece::clip).transpose()?;
        let task = Task::begin(&self.description.name, primer, request)?;
        let (population, chance) = self.moved(&task, request, tilt, watch)?;
        let clips = population.choose(1, chance).map(|canvas| task.clip(canvas));
        let clip = clips.collect::<Result<Vec<Clip>, ModelError>>()?.swap_remove(0);
        Ok(Sampled {
            piece: clip.into(),
            ess: Some(population.weights.smallest_ess()),
            log_z: Some(population.weights.log_z()),
        })
    }

    fn several(&self, request: &Sampling, count: usize, watch: &Watch) -> Result<Vec<Piece>, ModelError> {
        let task = Task::begin(&self.description.name, None, request)?;
        let seed = Seed(request.seed()).child(NAME).child("several");
        let piece = |number| Canvas { rng: seed.child_number(number).rng(), ..task.canvas.clone() };
        let mut pieces: Vec<Canvas> = (0..count as u64).map(piece).collect();
        for pieces in pieces.chunks_mut(MOST_PIECES) {
            self.filling(&task, request).fill(pieces, watch)?;
        }
        pieces.iter().map(|piece| task.clip(piece).map(Piece::from)).collect()
    }

    /// Each piece of a population was begun by itself, so all of them are taken.
    fn gather(
        &self,
        request: &Sampling,
        tilt: &Tilt,
        most: usize,
        watch: &Watch,
    ) -> Result<Vec<Piece>, ModelError> {
        let task = Task::begin(&self.description.name, None, request)?;
        let (population, chance) = self.moved(&task, request, tilt, watch)?;
        let chosen = population.choose(most.min(population.size()), chance);
        chosen.map(|canvas| task.clip(canvas).map(Piece::from)).collect()
    }
}

impl Transforms for ChoraleModel {
    fn transform(
        &self,
        name: &'static str,
        piece: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        if !self.description.transforms.iter().any(|transform| transform.name == name) {
            return Err(self.unsupported(name));
        }
        self.write(Task::arrange(&self.description.name, name, piece.clip()?, request)?, request, watch)
    }
}

impl Learns for ChoraleModel {
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError> {
        let Some(source) = &self.learner else { return Err(self.unsupported("bake")) };
        let (name, config) = (&self.description.name, self.step.config());
        let weights = source.read(&config.tensors())?;
        let key = examples.conditions.key.or(Some(HOME));
        let conditions = Conditions { key, ..examples.conditions.clone() };
        let pieces = |pieces: &[Piece]| -> Result<Vec<Learnt>, ModelError> {
            let piece = |clip| Learnt::of_clip(clip, &conditions);
            let read = Piece::clips(pieces)?.into_iter().map(piece).collect::<Result<_, VoicesError>>();
            read.map_err(|error| ModelError::clip(&self.description.name, "bake", error))
        };
        let (learnt, held_out) = (pieces(&examples.learnt)?, pieces(&examples.held_out)?);
        // What is asked for while it plays names its key and its bars, and rewards may be for one key.
        let layout = Layout { batch: 8, frames: 64, dropout: 0.05, told: [1.0, 1.0], moved: false, holes: 4 };
        let lesson = ChoraleLesson::new(config.clone(), layout, &learnt, &held_out);
        let learnt = Arc::new(adapt(name, lesson, &weights, examples, tell, watch)?);
        let step =
            ChoraleStep::of_weights(config, &learnt).map_err(|error| ModelError::computation(name, error))?;
        let identity = format!("{} learnt {}", self.description.identity, examples.identity);
        let model = ChoraleModel::new(step, identity, self.description.about.clone()).named(name);
        Ok(Arc::new(ChoraleModel { learner: Some(Source::Memory(learnt)), ..model }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Weights;
    use crate::chorale::network::Tensors;
    use crate::chorale::vocabulary::{RANGES, VOICES};
    use crate::chorale::voices::frames_in;
    use crate::step::Kernel;
    use lilt_inference::{Reward, Setting, Settings};
    use lilt_score::{Beat, Note, Pitch, Tone, Velocity};
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// A model that knows nothing, with the sizes of a small one.
    fn untrained() -> ChoraleModel {
        let config = Config::new(64, 64, &[1, 2]);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let tensors: Tensors = config
            .tensors()
            .into_iter()
            .map(|(name, shape)| {
                (name, (0..shape.iter().product()).map(|_| rng.random_range(-0.2..0.2)).collect())
            })
            .collect();
        let step = ChoraleStep::new(&config, &tensors, Kernel::detect()).unwrap();
        ChoraleModel::new(step, "0".repeat(64), "Knows nothing.".to_owned())
    }

    fn sampling(bars: u32, temperature: f64, seed: u64, meter: &str, settings: Settings) -> Sampling {
        let key = Some("D".parse().unwrap());
        let conditions = Conditions { key, meter: meter.parse().unwrap(), settings };
        Sampling::new(bars, temperature, seed, conditions).unwrap()
    }

    fn plain(bars: u32, seed: u64) -> Sampling {
        sampling(bars, 1.0, seed, "4/4", Settings::default())
    }

    fn voiced(voice: &str) -> Sampling {
        let settings = Settings::default().with("voice", Setting::Word(voice.to_owned()));
        sampling(1, 1.0, 5, "4/4", settings)
    }

    fn line(pitches: &[u8]) -> Clip {
        let note = |(at, pitch): (usize, &u8)| Note {
            start: Beat::whole(at as i64),
            duration: Beat::ONE,
            tone: Tone::Pitch(Pitch::from_key(*pitch)),
            velocity: Velocity::new(0.5),
        };
        Clip::new(pitches.iter().enumerate().map(note).collect(), Beat::whole(pitches.len() as i64)).unwrap()
    }

    /// Which voices sound in every sixteenth of `clip`, by how many notes do.
    fn sounding(clip: &Clip) -> Vec<usize> {
        (0..frames_in(clip.length()))
            .map(|cell| {
                let at = Beat::new(cell as i64, 4);
                clip.notes().iter().filter(|note| note.start <= at && at < note.end()).count()
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(6))]

        #[test]
        fn answers_fill_their_bars_with_four_voices(
            bars in 1u32..3,
            temperature in prop_oneof![Just(0.0), 0.5..2.0f64],
            seed: u64,
            meter in prop::sample::select(vec!["4/4", "3/4", "6/8", "7/16"]),
        ) {
            let model = untrained();
            let request = sampling(bars, temperature, seed, meter, Settings::default());
            let primer = line(&[74, 76, 78]);
            let sampled = model.sample(&request, &Watch::new()).unwrap();
            let continued = model.continue_from(&Piece::from(&primer), &request, &Watch::new()).unwrap();
            for answer in [&sampled, &continued] {
                prop_assert_eq!(answer.piece.clip().unwrap().length(), request.beats());
                prop_assert!(answer.piece.clip().unwrap().notes().iter().all(|note| note.end() <= request.beats()));
                prop_assert!(sounding(answer.piece.clip().unwrap()).iter().all(|&voices| voices == VOICES));
            }
            prop_assert_eq!(&model.sample(&request, &Watch::new()).unwrap(), &sampled);
            prop_assert_eq!(&model.continue_from(&Piece::from(&primer), &request, &Watch::new()).unwrap(), &continued);
        }
    }

    #[test]
    fn a_melody_gets_three_voices_and_stays_as_it_was() {
        let model = untrained();
        for (voice, melody) in [("soprano", line(&[74, 76, 78, 79])), ("bass", line(&[50, 45, 43, 38]))] {
            let answer = model
                .transform("harmonise", &Piece::from(&melody), &voiced(voice), &Watch::new())
                .unwrap()
                .into_clip()
                .unwrap();
            assert_eq!(answer.length(), melody.length());
            assert!(melody.notes().iter().all(|note| answer.notes().contains(note)), "{voice}");
            assert_eq!(sounding(&answer), [VOICES; 16], "{voice}");
        }
    }

    #[test]
    fn holes_are_filled_and_one_voice_is_written_anew() {
        let model = untrained();
        let melody = line(&[74, 76, 78, 79]);
        let whole = model
            .transform("harmonise", &Piece::from(&melody), &voiced("soprano"), &Watch::new())
            .unwrap()
            .into_clip()
            .unwrap();
        let full = model
            .transform("complete", &Piece::from(&whole), &plain(1, 3), &Watch::new())
            .unwrap()
            .into_clip()
            .unwrap();
        assert_eq!(full, whole, "nothing is missing");
        let half = whole.notes().iter().copied().filter(|note| note.start < Beat::whole(2)).collect();
        let half = Clip::new(half, whole.length()).unwrap();
        let full = model
            .transform("complete", &Piece::from(&half), &plain(1, 3), &Watch::new())
            .unwrap()
            .into_clip()
            .unwrap();
        assert!(half.notes().iter().all(|note| full.notes().contains(note)));
        assert_eq!(sounding(&full), [VOICES; 16]);
        let anew = model
            .transform("rewrite", &Piece::from(&whole), &voiced("soprano"), &Watch::new())
            .unwrap()
            .into_clip()
            .unwrap();
        assert_ne!(anew, whole);
        assert_eq!(sounding(&anew), [VOICES; 16]);
    }

    #[test]
    fn scores_are_one_for_each_note_and_know_no_seed() {
        let model = untrained();
        let clip = model.sample(&plain(1, 4), &Watch::new()).unwrap().into_clip().unwrap();
        let conditions = Conditions::default();
        let nats = model.score(&Piece::from(&clip), &conditions, &Watch::new()).unwrap();
        assert_eq!(nats.len(), clip.notes().len());
        assert!(nats.iter().all(|nats| *nats > 0.0));
        assert_eq!(model.score(&Piece::from(&clip), &conditions, &Watch::new()).unwrap(), nats);
    }

    struct Low;

    impl Reward for Low {
        fn identity(&self) -> &str {
            "low"
        }

        fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
            let mean = |clip: &Clip| {
                let keys = clip.notes().iter().map(|note| f64::from(note.tone.key()));
                -keys.sum::<f64>() / clip.notes().len() as f64
            };
            Ok(Piece::clips(pieces)?.into_iter().map(mean).collect())
        }
    }

    struct Never;

    impl Reward for Never {
        fn identity(&self) -> &str {
            "never"
        }

        fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
            Ok(vec![f64::NEG_INFINITY; pieces.len()])
        }
    }

    #[test]
    fn a_reward_pulls() {
        let model = untrained();
        let request = plain(1, 2);
        let low = |piece: &Piece| Low.score(std::slice::from_ref(piece), &Watch::new()).unwrap()[0];
        let before = low(&model.sample(&request, &Watch::new()).unwrap().piece);
        let tilt = Tilt::new(Arc::new(Low), 4.0, 8, Beat::ONE).unwrap();
        let drawn = model.tilted(None, &request, &tilt, &Watch::new()).unwrap();
        assert!(low(&drawn.piece) > before + 0.5, "from {before} to {}", low(&drawn.piece));
        assert!(drawn.ess.is_some_and(|ess| ess > 0.0 && ess <= 1.0));
        assert_eq!(model.tilted(None, &request, &tilt, &Watch::new()).unwrap(), drawn);
        let never = Tilt::new(Arc::new(Never), 1.0, 3, Beat::ONE).unwrap();
        let error = model.tilted(None, &request, &never, &Watch::new()).unwrap_err().to_string();
        assert!(error.contains("forbids all 3 chorales that were tried: loosen the rule"), "{error}");
    }

    /// What was learnt makes the examples likelier, plays under another identity and learns on.
    #[test]
    fn examples_become_likelier() {
        let mut model = untrained();
        let config = model.step.config().clone();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let weights = config.tensors().into_iter().map(|(name, shape)| {
            let values = (0..shape.iter().product()).map(|_| rng.random_range(-0.2..0.2)).collect();
            (name, Weights { shape, values })
        });
        model.learner = Some(Source::Memory(Arc::new(weights.collect())));
        let choir = |by: u8| {
            let voices = [72, 67, 60, 48].map(|key| line(&[key + by, key].repeat(8)));
            let notes = voices.iter().flat_map(|voice| voice.notes().iter().copied()).collect();
            Clip::new(notes, Beat::whole(16)).unwrap()
        };
        let examples = Examples {
            learnt: [2, 4, 5, 7].repeat(6).into_iter().map(|by| choir(by).into()).collect(),
            advantages: None,
            held_out: vec![choir(4).into()],
            conditions: Conditions::default(),
            seed: 3,
            identity: "choirs".to_owned(),
        };
        let learnt = model.learn(&examples, &|_| (), &Watch::new()).unwrap();
        let nats = |model: &dyn Model| -> f64 {
            model.score(&Piece::from(choir(2)), &Conditions::default(), &Watch::new()).unwrap().iter().sum()
        };
        assert!(nats(&*learnt) < 0.8 * nats(&model), "{} from {}", nats(&*learnt), nats(&model));
        assert_eq!(learnt.description().identity, format!("{} learnt choirs", "0".repeat(64)));
        assert!(learnt.learns().is_some());
        let drum = Clip::new(
            vec![Note { tone: Tone::Drum("bd".parse().unwrap()), ..choir(0).notes()[0] }],
            Beat::whole(16),
        );
        let examples = Examples { learnt: vec![drum.unwrap().into()], ..examples };
        let error = model.learn(&examples, &|_| (), &Watch::new()).map(|_| ()).unwrap_err().to_string();
        assert_eq!(
            error,
            "`chorale` cannot bake this clip: note 1 is a drum: chorale hears and writes voices; give it pitches"
        );
    }

    #[test]
    fn several_are_drawn_side_by_side_and_a_reward_gathers_some() {
        let model = untrained();
        let request = plain(1, 6);
        let several = model.several(&request, 3, &Watch::new()).unwrap();
        assert_eq!(several.len(), 3);
        assert!(several[0] != several[1] && several[1] != several[2]);
        assert!(several.iter().all(|piece| sounding(piece.clip().unwrap()) == [VOICES; 16]));
        let tilt = Tilt::new(Arc::new(Low), 4.0, 8, Beat::ONE).unwrap();
        let gathered = model.gather(&request, &tilt, 4, &Watch::new()).unwrap();
        let mean = |pieces: &[Piece]| {
            Low.score(pieces, &Watch::new()).unwrap().iter().sum::<f64>() / pieces.len() as f64
        };
        assert_eq!(gathered.len(), 4);
        assert!(mean(&gathered) > mean(&several) + 0.5, "{} and {}", mean(&gathered), mean(&several));
    }

    #[test]
    fn bad_requests_say_what_helps() {
        let model = untrained();
        let low = RANGES[3].0;
        let cases = [
            (
                model.transform("harmonise", &Piece::from(line(&[74])), &voiced("descant"), &Watch::new()),
                "`chorale` does not know the voice descant: the voices are soprano, alto, tenor, bass",
            ),
            (
                model.transform("harmonise", &Piece::from(line(&[low, 81])), &voiced("bass"), &Watch::new()),
                "`chorale` cannot harmonise this clip: no choir sings this: bass would go from c2 to a5; give music in which the bass stays within 30 semitones, or transpose part of it",
            ),
            (
                model.transform("groove", &Piece::from(line(&[74])), &plain(1, 1), &Watch::new()),
                "`chorale` cannot groove: it can sample, continue, score, interpolate, tilt, harmonise, complete, rewrite",
            ),
        ];
        for (answer, message) in cases {
            assert_eq!(answer.unwrap_err().to_string(), message);
        }
        let watch = Watch::new();
        watch.cancel();
        assert_eq!(model.sample(&plain(1, 1), &watch), Err(ModelError::Cancelled));
    }
}
