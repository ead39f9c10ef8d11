//! `chorale` as a model: sample, continue, score, and what it does with a clip.

use std::path::Path;

use lilt_inference::{
    Conditions, Description, Model, ModelError, OptionDescription, OptionKind, Sampled, Sampling, Tilt,
    TransformDescription, Watch,
};
use lilt_score::{Beat, Clip, Key, Meter, Mode, Note, Seed};

use super::features::{Bars, Known, Setting, Tonality};
use super::filling::{Canvas, Filling};
use super::network::{Config, Tensors};
use super::scoring::surprise;
use super::step::ChoraleStep;
use super::tilted::tilted;
use super::vocabulary::{LOWEST, REST, VOICE_NAMES, VOICES};
use super::voices::{Voices, VoicesError, frames_in, sung};
use crate::card::{Card, read_weights};
use crate::folk::sampling::COLDEST;
use crate::step::Kernel;

/// Name in a script, and of the two files of its weights.
pub const NAME: &str = "chorale";

/// The key of a chorale from nothing when none is asked for.
const HOME: (u8, Mode) = (7, Mode::Major);

/// Beats of a primer that are heard.
const HEARD_BEATS: i64 = 32;

/// Pieces that follow a reward, at most: each is a whole chorale that is drawn again and again.
const MOST_PIECES: usize = 16;

/// The card of this model.
pub type ChoraleCard = Card<Config, super::losses::Losses>;

/// The trained network with its name and options.
pub struct ChoraleModel {
    description: Description,
    step: ChoraleStep,
}

/// A piece before it is filled, and what is handed back with what the network writes.
struct Task {
    canvas: Canvas,
    setting: Setting,
    /// Frames before the answer begins.
    skip: usize,
    shift: i32,
    /// Cells whose music is the network's to write.
    written: Vec<Known>,
    /// Notes handed back as they were given.
    given: Vec<Note>,
    length: Beat,
}

impl ChoraleModel {
    /// Loads `chorale.safetensors` and its card `chorale.toml` from `folder`.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged, or the weights are not
    /// the card's.
    pub fn load(folder: &Path) -> Result<ChoraleModel, ModelError> {
        let card = ChoraleCard::read(&folder.join(format!("{NAME}.toml")))?;
        let path = folder.join(format!("{NAME}.safetensors"));
        let tensors = read_weights(&path, &card.weights.sha256, &card.network.tensors())?;
        let tensors: Tensors = tensors.into_iter().map(|(name, weights)| (name, weights.values)).collect();
        let step = ChoraleStep::new(&card.network, &tensors, Kernel::detect()).map_err(|error| {
            ModelError::Weights { path, reason: format!("the network cannot be built from it: {error}") }
        })?;
        Ok(ChoraleModel::new(step, card.weights.sha256, card.description))
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
                options: voice("Which voice the melody is.", "soprano"),
            },
            TransformDescription {
                name: "complete",
                about: "Fills what is missing of up to four voices.".to_owned(),
                options: Vec::new(),
            },
            TransformDescription {
                name: "rewrite",
                about: "Writes one voice anew to the others.".to_owned(),
                options: voice("Which voice is written anew.", "bass"),
            },
        ];
        let name = NAME.to_owned();
        ChoraleModel {
            description: Description { name, identity, about, options, transforms, ..Description::default() },
            step,
        }
    }

    /// The network, for those who measure it.
    pub fn step(&self) -> &ChoraleStep {
        &self.step
    }

    /// What is to be written: from nothing, or after `primer`.
    fn begin(&self, primer: Option<&Clip>, request: &Sampling) -> Result<Task, ModelError> {
        let conditions = request.conditions();
        let (length, bar) = (request.beats(), bar_frames(conditions.meter));
        let new = bar * request.bars() as usize;
        let Some(primer) = primer else {
            let key = conditions.key.unwrap_or(Key::new(HOME.0, HOME.1));
            return Ok(Task {
                canvas: canvas(vec![[REST; VOICES]; new], vec![[false; VOICES]; new], request, "sample"),
                setting: setting(Some(key), 0, conditions.meter, 0, (true, true)),
                skip: 0,
                shift: 0,
                written: vec![[true; VOICES]; new],
                given: Vec::new(),
                length,
            });
        };
        let refused = |error| refused(error, "continue");
        let voices = Voices::read(&last_beats(primer)?, None).map_err(refused)?;
        let (mut frames, mut known) = voices.cells();
        let skip = frames.len();
        frames.resize(skip + new, [REST; VOICES]);
        known.resize(skip + new, [false; VOICES]);
        let mut written = vec![[false; VOICES]; skip];
        written.resize(skip + new, [true; VOICES]);
        // The past ends with a full bar.
        let phase = (bar - skip % bar) % bar;
        Ok(Task {
            canvas: canvas(frames, known, request, "continue"),
            setting: setting(conditions.key, voices.shift, conditions.meter, phase, (false, true)),
            skip,
            shift: voices.shift,
            written,
            given: Vec::new(),
            length,
        })
    }

    /// What is to be written to `clip`.
    fn arrange(&self, name: &'static str, clip: &Clip, request: &Sampling) -> Result<Task, ModelError> {
        let conditions = request.conditions();
        let word = conditions.settings.word("voice");
        let voice = |default: usize| match word {
            None => Ok(default),
            Some(word) => {
                VOICE_NAMES.iter().position(|&name| name == word).ok_or_else(|| ModelError::Condition {
                    model: NAME.to_owned(),
                    condition: "voice",
                    value: word.to_owned(),
                    known: format!("the voices are {}", VOICE_NAMES.join(", ")),
                })
            }
        };
        let one = if name == "harmonise" { Some(voice(0)?) } else { None };
        let anew = if name == "rewrite" { Some(voice(VOICES - 1)?) } else { None };
        let voices = Voices::read(clip, one).map_err(|error| refused(error, name))?;
        let (frames, mut known) = voices.cells();
        for known in &mut known {
            if let Some(anew) = anew {
                known[anew] = false;
            }
        }
        let write = |known: &Known| -> Known {
            std::array::from_fn(|voice| match (one, anew) {
                (Some(one), _) => voice != one,
                (_, Some(anew)) => voice == anew,
                _ => !known[voice],
            })
        };
        let written = known.iter().map(write).collect();
        let kept = voices.parts.iter().filter(|part| anew != Some(part.voice));
        Ok(Task {
            canvas: canvas(frames, known, request, name),
            setting: setting(conditions.key, voices.shift, conditions.meter, 0, (true, true)),
            skip: 0,
            shift: voices.shift,
            written,
            given: kept.map(|part| clip.notes()[part.note]).collect(),
            length: clip.length(),
        })
    }

    fn filling<'a>(&'a self, task: &Task, request: &Sampling) -> Filling<'a> {
        Filling { step: &self.step, setting: task.setting, temperature: request.temperature() }
    }

    fn write(&self, task: Task, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        let mut canvases = [task.canvas.clone()];
        self.filling(&task, request).fill(&mut canvases, watch)?;
        let [canvas] = canvases;
        Ok(Sampled::plain(task.clip(&canvas)?))
    }
}

impl Task {
    /// The answer that `canvas` holds.
    fn clip(&self, canvas: &Canvas) -> Result<Clip, ModelError> {
        let (frames, written) = (&canvas.frames[self.skip..], &self.written[self.skip..]);
        let mut notes = sung(frames, written, self.shift, self.length);
        notes.extend_from_slice(&self.given);
        Clip::new(notes, self.length).map_err(|error| stopped(&error.to_string()))
    }
}

impl Model for ChoraleModel {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.write(self.begin(None, request)?, request, watch)
    }

    /// The primer is heard so that it ends with a full bar; the answer ends the piece.
    fn continue_from(&self, primer: &Clip, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        self.write(self.begin(Some(primer), request)?, request, watch)
    }

    /// The cells that the notes fill come in a random order, always the same; a cell's nats are those
    /// of its pitch when the cells before it in that order are known and no others. A note's nats are
    /// the sum over its cells, so the sum over all notes is −ln of the probability of the music under
    /// that order. Cells without a note count nothing and are never known.
    fn score(&self, clip: &Clip, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let voices = Voices::read(clip, None).map_err(|error| refused(error, "score"))?;
        let setting = setting(conditions.key, voices.shift, conditions.meter, 0, (true, true));
        let (frames, known) = voices.cells();
        let nats = surprise(&self.step, &frames, &known, setting, watch)?;
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

    fn transform(
        &self,
        name: &'static str,
        clip: &Clip,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        if !self.description.transforms.iter().any(|transform| transform.name == name) {
            return Err(self.unsupported(name));
        }
        self.write(self.arrange(name, clip, request)?, request, watch)
    }

    /// Whole chorales are moved toward the reward ([`super::tilted`]), at most sixteen of them.
    fn tilted(
        &self,
        primer: Option<&Clip>,
        request: &Sampling,
        tilt: &Tilt,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let task = self.begin(primer, request)?;
        let filling = self.filling(&task, request);
        let count = tilt.particles().clamp(1, MOST_PIECES);
        let seed = Seed(request.seed()).child(NAME).child("tilt");
        let clip = |canvas: &Canvas| task.clip(canvas);
        let mut nats = |clips: &[Clip]| tilt.score(clips, watch);
        match tilted(&filling, &task.canvas, count, clip, &mut nats, seed, watch)? {
            Some(drawn) => Ok(Sampled { clip: drawn.clip, ess: Some(drawn.ess), log_z: Some(drawn.log_z) }),
            None => Err(ModelError::Reward {
                reason: format!("forbids all {count} chorales that were tried: loosen the rule"),
            }),
        }
    }
}

/// An unfilled canvas with the random numbers of the request; the likeliest needs none.
fn canvas(frames: Vec<[u8; VOICES]>, known: Vec<Known>, request: &Sampling, verb: &str) -> Canvas {
    let seed = if request.temperature() < COLDEST { 0 } else { request.seed() };
    Canvas { frames, known, rng: Seed(seed).child(NAME).child(verb).rng() }
}

/// Cells in a bar; the beats of every metre are whole sixteenths.
fn bar_frames(meter: Meter) -> usize {
    frames_in(meter.bar())
}

/// What the network is told of music that is moved by `shift` and begins `phase` cells into a bar.
fn setting(key: Option<Key>, shift: i32, meter: Meter, phase: usize, ends: (bool, bool)) -> Setting {
    let key = key.map(|key| Tonality {
        tonic: (i32::from(key.tonic()) + shift).rem_euclid(12) as u8,
        minor: key.mode().degrees()[2] == 3,
    });
    let bars = match Bars::of(meter) {
        Bars::Four { .. } => Bars::Four { phase },
        Bars::Three { .. } => Bars::Three { phase },
        Bars::Unknown { .. } => Bars::Unknown { phase },
    };
    Setting { key, bars, starts: ends.0, ends: ends.1 }
}

/// The end of a long primer.
fn last_beats(primer: &Clip) -> Result<Clip, ModelError> {
    let heard = Beat::whole(HEARD_BEATS);
    if primer.length() <= heard {
        return Ok(primer.clone());
    }
    let span = lilt_score::Span::new(primer.length() - heard, primer.length());
    primer.slice(span).map_err(|error| stopped(&error.to_string()))
}

fn refused(error: VoicesError, verb: &'static str) -> ModelError {
    ModelError::Clip { model: NAME.to_owned(), verb, reason: error.to_string() }
}

fn stopped(reason: &str) -> ModelError {
    ModelError::Computation { model: NAME.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chorale::vocabulary::RANGES;
    use lilt_inference::{Reward, Setting as OptionSetting, Settings};
    use lilt_score::{Pitch, Tone, Velocity};
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use std::sync::Arc;

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
        let settings = Settings::default().with("voice", OptionSetting::Word(voice.to_owned()));
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
            let continued = model.continue_from(&primer, &request, &Watch::new()).unwrap();
            for answer in [&sampled, &continued] {
                prop_assert_eq!(answer.clip.length(), request.beats());
                prop_assert!(answer.clip.notes().iter().all(|note| note.end() <= request.beats()));
                prop_assert!(sounding(&answer.clip).iter().all(|&voices| voices == VOICES));
            }
            prop_assert_eq!(&model.sample(&request, &Watch::new()).unwrap(), &sampled);
            prop_assert_eq!(&model.continue_from(&primer, &request, &Watch::new()).unwrap(), &continued);
        }
    }

    #[test]
    fn a_melody_gets_three_voices_and_stays_as_it_was() {
        let model = untrained();
        for (voice, melody) in [("soprano", line(&[74, 76, 78, 79])), ("bass", line(&[50, 45, 43, 38]))] {
            let answer = model.transform("harmonise", &melody, &voiced(voice), &Watch::new()).unwrap().clip;
            assert_eq!(answer.length(), melody.length());
            assert!(melody.notes().iter().all(|note| answer.notes().contains(note)), "{voice}");
            assert_eq!(sounding(&answer), [VOICES; 16], "{voice}");
        }
    }

    #[test]
    fn holes_are_filled_and_one_voice_is_written_anew() {
        let model = untrained();
        let melody = line(&[74, 76, 78, 79]);
        let whole = model.transform("harmonise", &melody, &voiced("soprano"), &Watch::new()).unwrap().clip;
        let full = model.transform("complete", &whole, &plain(1, 3), &Watch::new()).unwrap().clip;
        assert_eq!(full, whole, "nothing is missing");
        let half = whole.notes().iter().copied().filter(|note| note.start < Beat::whole(2)).collect();
        let half = Clip::new(half, whole.length()).unwrap();
        let full = model.transform("complete", &half, &plain(1, 3), &Watch::new()).unwrap().clip;
        assert!(half.notes().iter().all(|note| full.notes().contains(note)));
        assert_eq!(sounding(&full), [VOICES; 16]);
        let anew = model.transform("rewrite", &whole, &voiced("soprano"), &Watch::new()).unwrap().clip;
        assert_ne!(anew, whole);
        assert_eq!(sounding(&anew), [VOICES; 16]);
    }

    #[test]
    fn scores_are_one_for_each_note_and_know_no_seed() {
        let model = untrained();
        let clip = model.sample(&plain(1, 4), &Watch::new()).unwrap().clip;
        let conditions = Conditions::default();
        let nats = model.score(&clip, &conditions, &Watch::new()).unwrap();
        assert_eq!(nats.len(), clip.notes().len());
        assert!(nats.iter().all(|nats| *nats > 0.0));
        assert_eq!(model.score(&clip, &conditions, &Watch::new()).unwrap(), nats);
    }

    struct Low;

    impl Reward for Low {
        fn identity(&self) -> &str {
            "low"
        }

        fn score(&self, clips: &[Clip], _: &Watch) -> Result<Vec<f64>, ModelError> {
            let mean = |clip: &Clip| {
                let keys = clip.notes().iter().map(|note| f64::from(note.tone.key()));
                -keys.sum::<f64>() / clip.notes().len() as f64
            };
            Ok(clips.iter().map(mean).collect())
        }
    }

    struct Never;

    impl Reward for Never {
        fn identity(&self) -> &str {
            "never"
        }

        fn score(&self, clips: &[Clip], _: &Watch) -> Result<Vec<f64>, ModelError> {
            Ok(vec![f64::NEG_INFINITY; clips.len()])
        }
    }

    #[test]
    fn a_reward_pulls() {
        let model = untrained();
        let request = plain(1, 2);
        let low = |clip: &Clip| Low.score(std::slice::from_ref(clip), &Watch::new()).unwrap()[0];
        let before = low(&model.sample(&request, &Watch::new()).unwrap().clip);
        let tilt = Tilt::new(Arc::new(Low), 4.0, 8, Beat::ONE).unwrap();
        let drawn = model.tilted(None, &request, &tilt, &Watch::new()).unwrap();
        assert!(low(&drawn.clip) > before + 0.5, "from {before} to {}", low(&drawn.clip));
        assert!(drawn.ess.is_some_and(|ess| ess > 0.0 && ess <= 1.0));
        assert_eq!(model.tilted(None, &request, &tilt, &Watch::new()).unwrap(), drawn);
        let never = Tilt::new(Arc::new(Never), 1.0, 3, Beat::ONE).unwrap();
        let error = model.tilted(None, &request, &never, &Watch::new()).unwrap_err().to_string();
        assert!(error.contains("forbids all 3 chorales that were tried: loosen the rule"), "{error}");
    }

    #[test]
    fn bad_requests_say_what_helps() {
        let model = untrained();
        let low = RANGES[3].0;
        let cases = [
            (
                model.transform("harmonise", &line(&[74]), &voiced("descant"), &Watch::new()),
                "`chorale` does not know the voice descant: the voices are soprano, alto, tenor, bass",
            ),
            (
                model.transform("harmonise", &line(&[low, 81]), &voiced("bass"), &Watch::new()),
                "`chorale` cannot harmonise this clip: no choir sings this: bass would go from c2 to a5; give music in which the bass stays within 30 semitones, or transpose part of it",
            ),
            (model.transform("groove", &line(&[74]), &plain(1, 1), &Watch::new()), "`chorale` cannot groove"),
        ];
        for (answer, message) in cases {
            assert_eq!(answer.unwrap_err().to_string(), message);
        }
        let watch = Watch::new();
        watch.cancel();
        assert_eq!(model.sample(&plain(1, 1), &watch), Err(ModelError::Cancelled));
    }
}
