//! `performance` as a model: sample, continue, score and particles.

use std::path::Path;
use std::sync::Arc;

use candle_core::Device;
use lilt_inference::{
    Conditions, Continues, Cost, Description, Examples, Grows, Learns, Model, ModelError, OptionDescription,
    OptionKind, Particles, Piece, Sampled, Sampling, Scores, Watch, capabilities,
};
use lilt_score::{Clip, Key, Seed};

use super::NAME;
use super::codec::{encode, encode_own, places};
use super::passage::Passage;
use super::vocabulary::FIELDS;
use super::walk::{
    Conditioning, DENSITIES, GROUPS, PianoWalk, ROWS, TEMPI, TIMINGS, density_class, tempo_class,
};
use crate::melody::chords::Harmony;
use crate::melody::key;
use crate::melody::vocabulary::Home;
use crate::recurrent::asked::Asked;
use crate::recurrent::batches::Piece as Learnt;
use crate::recurrent::card::load;
use crate::recurrent::config::Config;
use crate::recurrent::learner::Learner;
use crate::recurrent::particles::RecurrentParticles;
use crate::recurrent::playing::Playing;
use crate::recurrent::step::RecurrentStep;

/// Timing when none is told: an instrument that is played.
const FREE: u8 = 1;

/// Events through which gradients go back when a reward is learnt: a bar or two.
const LEARNT_STEPS: usize = 64;

/// The trained network with its name and options.
pub struct PerformanceModel {
    description: Description,
    step: RecurrentStep,
    /// None for a network in hand, which cannot learn more.
    learner: Option<Learner>,
}

impl PerformanceModel {
    /// Loads `performance.safetensors` and its card `performance.toml` from `folder`.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged, or the weights are not
    /// the card's.
    pub fn load(folder: &Path) -> Result<PerformanceModel, ModelError> {
        PerformanceModel::load_as(NAME, folder)
    }

    /// As [`PerformanceModel::load`], a model of this kind that is called `name`.
    ///
    /// # Errors
    /// As [`PerformanceModel::load`].
    pub fn load_as(name: &str, folder: &Path) -> Result<PerformanceModel, ModelError> {
        let loaded = load::<Config>(folder, name, [ROWS, GROUPS], &FIELDS, &Device::Cpu)?;
        let model = PerformanceModel::new(loaded.step, loaded.sha256, loaded.description).named(name);
        Ok(PerformanceModel { learner: Some(loaded.learner), ..model })
    }

    /// A model of a network in hand. `identity` names its weights: models of the same identity must
    /// answer alike.
    pub fn new(step: RecurrentStep, identity: String, about: String) -> PerformanceModel {
        let option = |name: &str, about: &str, default: &str, kind| OptionDescription {
            name: name.to_owned(),
            about: about.to_owned(),
            default: default.to_owned(),
            kind,
        };
        let number = |[least, most]: [f64; 2]| OptionKind::Number { least, most };
        let options = vec![
            option(
                "key",
                "Tonic and mode, as in \"D minor\" or \"G\".",
                "C major; to continue or score a clip, the key that the clip fits best",
                OptionKind::Key,
            ),
            option("density", "Notes a beat of both hands, about.", "any", number(DENSITIES)),
            option(
                "bpm",
                "Tempo that the music is meant for, in beats a minute: pianists play other things fast than slow. It does not set the tempo.",
                "any",
                number(TEMPI),
            ),
            option(
                "timing",
                "Early and late, with rolled chords (\"free\"), or right on sixteenths and triplets (\"strict\").",
                "free",
                OptionKind::Word(TIMINGS.map(str::to_owned).to_vec()),
            ),
            option("meter", "Metre; the pianist learnt no other than 4/4.", "4/4", OptionKind::Meter),
        ];
        let description =
            Description { name: NAME.to_owned(), identity, about, options, ..Description::default() };
        PerformanceModel { description, step, learner: None }
    }

    /// The same under another name.
    pub fn named(mut self, name: &str) -> PerformanceModel {
        name.clone_into(&mut self.description.name);
        self
    }

    /// What was asked for, in the pianist's numbers; a key that was not told is that of `clip`.
    fn conditioning(&self, conditions: &Conditions, clip: Option<&Clip>) -> Result<Conditioning, ModelError> {
        let asked = Asked { model: NAME, conditions };
        asked.common_time()?;
        let timing = asked.word("timing", &TIMINGS)?.unwrap_or(FREE);
        let heard = || clip.map_or(Key::C_MAJOR, |clip| key::find(&[clip], &Harmony::unknown()));
        Ok(Conditioning {
            home: Home::of(conditions.key.unwrap_or_else(heard)),
            density: asked.number("density", DENSITIES, "notes a beat")?.map(density_class),
            tempo: asked.number("bpm", TEMPI, "beats a minute")?.map(tempo_class),
            timing: Some(timing),
        })
    }

    /// Pianists side by side who heard `primer`, which ends with a bar.
    fn side_by_side(
        &self,
        primer: Option<&Clip>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<RecurrentParticles<'_, PianoWalk>, ModelError> {
        let conditioning = self.conditioning(request.conditions(), primer)?;
        let mut piece = Playing::new(&self.step, PianoWalk::new(conditioning, 0));
        if let Some(primer) = primer {
            let first = -places(primer.length());
            let heard = encode(primer, conditioning.home, first)
                .map_err(|error| ModelError::clip(NAME, "continue", error))?;
            piece.walk = PianoWalk::new(conditioning, first);
            piece.hear_all(&heard.events, watch)?;
            piece.walk.begin_clip();
        }
        piece.walk.keep_time();
        let seed = Seed(request.seed()).child(NAME);
        let rngs = (0..count as u64).map(|place| seed.child_number(place).rng());
        Ok(RecurrentParticles::new(piece, request, rngs))
    }
}

impl Model for PerformanceModel {
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

impl Continues for PerformanceModel {
    /// The primer is heard so that it ends with a full bar.
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        self.side_by_side(Some(primer.clip()?), request, 1, watch)?.play(watch)
    }
}

impl Scores for PerformanceModel {
    /// A bar line counts toward the note after it, at the end toward the last note; of a key that is
    /// struck twice at one place only the hardest counts.
    fn score(&self, piece: &Piece, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let clip = piece.clip()?;
        let conditioning = self.conditioning(conditions, Some(clip))?;
        let heard =
            encode(clip, conditioning.home, 0).map_err(|error| ModelError::clip(NAME, "score", error))?;
        let mut piece = Playing::new(&self.step, PianoWalk::new(conditioning, 0));
        piece.score_notes(&heard.events, &heard.notes, clip.notes().len(), watch)
    }

    fn costs(
        &self,
        drawn: &[Piece],
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Vec<Vec<Cost>>, ModelError> {
        let conditioning = self.conditioning(request.conditions(), None)?;
        let read = |clip| encode_own(clip, conditioning.home, 0).map(|encoded| encoded.events);
        let events = Piece::clips(drawn)?.into_iter().map(read).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(|error| ModelError::clip(NAME, "score", error))?;
        let mut piece = Playing::new(&self.step, PianoWalk::new(conditioning, 0));
        piece.walk.keep_time();
        piece.costs(&events, request.temperature(), watch)
    }
}

impl Grows for PerformanceModel {
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

impl Learns for PerformanceModel {
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError> {
        let Some(learner) = &self.learner else { return Err(self.unsupported("bake")) };
        let conditioning = self.conditioning(&examples.conditions, None)?;
        let heard = |clip: &Clip| -> Result<Learnt, ModelError> {
            let heard = encode_own(clip, conditioning.home, 0)
                .map_err(|error| ModelError::clip(NAME, "bake", error))?;
            Ok(Passage { conditioning, events: heard.events }.played(learner.config()))
        };
        let held_out =
            Piece::clips(&examples.held_out)?.into_iter().map(heard).collect::<Result<Vec<_>, _>>()?;
        let fields = learner.config().fields.len();
        let weighed = |(number, clip)| {
            let walk = PianoWalk::new(conditioning, 0);
            Ok(heard(clip)?.weighed(walk, fields, |beat| examples.weight(number, beat)))
        };
        let learnt = Piece::clips(&examples.learnt)?
            .into_iter()
            .enumerate()
            .map(weighed)
            .collect::<Result<Vec<_>, ModelError>>()?;
        let pieces = [learnt.as_slice(), held_out.as_slice()];
        let (step, learner) =
            learner.learn(NAME, pieces, (LEARNT_STEPS, Vec::new()), examples, tell, watch)?;
        let identity = format!("{} learnt {}", self.description.identity, examples.identity);
        let model = PerformanceModel::new(step, identity, self.description.about.clone());
        Ok(Arc::new(PerformanceModel { learner: Some(learner), ..model.named(&self.description.name) }))
    }

    fn practises(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recurrent::config::FieldNames;
    use crate::recurrent::tests::random_weights;
    use crate::source::Source;
    use lilt_inference::{Bake, Baked, Reward, Setting, Settings, Tilt};
    use lilt_score::{Beat, Drum, Note, Pitch, Tone, Velocity};
    use proptest::prelude::*;

    /// A model that knows nothing, with the sizes of a small one.
    fn untrained() -> PerformanceModel {
        let config = Config {
            rows: ROWS,
            groups: GROUPS,
            embed: 8,
            hidden: 32,
            layers: 2,
            gate: 16,
            fields: FIELDS.to_vec(),
            names: FieldNames::Numbered,
        };
        let weights = random_weights(&config, 1);
        let step = RecurrentStep::new(NAME, config.clone(), &weights, &Device::Cpu).unwrap();
        let learner = Some(Learner::new(config, Source::Memory(Arc::new(weights))));
        let model = PerformanceModel::new(step, "0".repeat(64), "Knows nothing.".to_owned());
        PerformanceModel { learner, ..model }
    }

    fn sampling(bars: u32, temperature: f64, seed: u64, key: Option<&str>) -> Sampling {
        let conditions = Conditions { key: key.map(|key| key.parse().unwrap()), ..Conditions::default() };
        Sampling::new(bars, temperature, seed, conditions).unwrap()
    }

    /// Three keys a beat.
    fn chords(tones: impl IntoIterator<Item = Tone>, beats: i64) -> Clip {
        let note = |(at, tone): (i64, Tone)| Note {
            start: Beat::whole(at / 3),
            duration: Beat::ONE,
            tone,
            velocity: Velocity::DEFAULT,
        };
        Clip::new((0..).zip(tones).map(note).collect(), Beat::whole(beats)).unwrap()
    }

    fn cadence(beats: i64) -> Clip {
        chords([60, 64, 67, 65, 69, 72, 67, 71, 74].map(|key| Tone::Pitch(Pitch::from_key(key))), beats)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn answers_fill_their_bars_and_depend_on_the_seed_alone(
            bars in 1u32..4,
            temperature in prop_oneof![Just(0.0), 0.1..2.0f64],
            seed: u64,
            key in prop::option::of(prop::sample::select(vec!["C", "F# minor", "Bb"])),
            beats in 4i64..20,
        ) {
            let (model, watch) = (untrained(), Watch::new());
            let request = sampling(bars, temperature, seed, key);
            let primer = cadence(beats);
            let sampled = model.sample(&request, &watch).unwrap().into_clip().unwrap();
            let continued = model.continue_from(&Piece::from(&primer), &request, &watch).unwrap().into_clip().unwrap();
            for answer in [&sampled, &continued] {
                prop_assert_eq!(answer.length(), request.beats());
                let piano = |note: &Note| (21..=108).contains(&note.tone.key());
                prop_assert!(answer.notes().iter().all(piano));
            }
            prop_assert_eq!(&model.sample(&request, &watch).unwrap().into_clip().unwrap(), &sampled);
            let mut pieces = model.particles(Some(&Piece::from(&primer)), &request, 3, &watch).unwrap();
            pieces.advance(Beat::whole(2).into(), &watch).unwrap();
            pieces.advance(request.extent(), &watch).unwrap();
            prop_assert!(pieces.whole());
            // The first of many is the one that is made alone.
            prop_assert_eq!(pieces.piece(0).unwrap().into_clip().unwrap(), continued);
            pieces.resample(&[2, 2, 2]);
            prop_assert_eq!(pieces.piece(0).unwrap(), pieces.piece(2).unwrap());
        }
    }

    #[test]
    fn scores_tell_each_note_and_sum_to_the_whole() {
        let model = untrained();
        let drawn =
            model.sample(&sampling(2, 1.0, 3, Some("E minor")), &Watch::new()).unwrap().into_clip().unwrap();
        let conditions = sampling(1, 1.0, 1, Some("E minor")).conditions().clone();
        let nats = model.score(&Piece::from(&drawn), &conditions, &Watch::new()).unwrap();
        assert_eq!(nats.len(), drawn.notes().len());
        let conditioning = model.conditioning(&conditions, None).unwrap();
        let mut piece = Playing::new(&model.step, PianoWalk::new(conditioning, 0));
        let events = encode(&drawn, conditioning.home, 0).unwrap().events;
        let whole: f64 = events.iter().map(|event| piece.score(event).unwrap()).sum();
        assert!((nats.iter().sum::<f64>() - whole).abs() < 1e-9);
        // Of a key that is struck twice at once only one is heard.
        let twice = chords([60, 60, 67].map(|key| Tone::Pitch(Pitch::from_key(key))), 4);
        let nats = model.score(&Piece::from(&twice), &Conditions::default(), &Watch::new()).unwrap();
        assert_eq!(nats.iter().filter(|&&nats| nats == 0.0).count(), 1);
    }

    /// Likes few notes.
    struct Few;

    impl Reward for Few {
        fn identity(&self) -> &str {
            "few"
        }

        fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
            Ok(Piece::clips(pieces)?.into_iter().map(|clip| -(clip.notes().len() as f64)).collect())
        }
    }

    #[test]
    fn a_reward_is_learnt_and_every_verb_goes_on() {
        let (model, watch) = (untrained().named("mine"), Watch::new());
        let tilt = Tilt::new(Arc::new(Few), 1.0, 16, Beat::whole(4)).unwrap();
        let bake = Bake { tilt, request: sampling(1, 1.0, 1, Some("A minor")), pieces: 16, rounds: 0 };
        let Baked { model: baked, comparison } = model.bake(&bake, &watch).unwrap();
        let [plain, tilted, learnt] = comparison.reward;
        assert!(plain < learnt && learnt <= tilted + 1.0, "{comparison:?}");
        let description = baked.description();
        assert_eq!((description.name.as_str(), description.options.len()), ("mine", 5));
        assert_ne!(description.identity, model.description().identity);
        let request = sampling(2, 1.0, 1, Some("A minor"));
        let clip = baked.sample(&request, &watch).unwrap().into_clip().unwrap();
        assert_ne!(clip, model.sample(&request, &watch).unwrap().into_clip().unwrap());
        assert_eq!(
            clip,
            model.bake(&bake, &watch).unwrap().model.sample(&request, &watch).unwrap().into_clip().unwrap()
        );
        assert_eq!(
            baked
                .continue_from(&Piece::from(cadence(4)), &request, &watch)
                .unwrap()
                .into_clip()
                .unwrap()
                .length(),
            request.beats()
        );
        let nats = baked.score(&Piece::from(cadence(4)), request.conditions(), &watch).unwrap();
        assert!(nats.len() == 9 && nats.iter().all(|nats| *nats > 0.0), "{nats:?}");
        assert!(baked.learns().is_some());
    }

    #[test]
    fn the_key_is_the_one_that_is_told_or_heard() {
        let model = untrained();
        let home = |key: &str| Home::of(key.parse().unwrap());
        let told = |key: Option<&str>, clip: Option<&Clip>| {
            model.conditioning(sampling(1, 1.0, 1, key).conditions(), clip).unwrap().home
        };
        assert_eq!(told(None, None), home("C"));
        assert_eq!(told(Some("A minor"), None), home("A minor"));
        let in_g = cadence(4).transpose(7.0).unwrap();
        assert_eq!(told(None, Some(&in_g)), home("G"));
        assert_eq!(told(Some("E minor"), Some(&in_g)), home("E minor"));
    }

    #[test]
    fn what_the_pianist_does_not_know_says_what_it_knows() {
        let (model, watch) = (untrained(), Watch::new());
        let ask = |meter: &str, settings: Settings| {
            let conditions = Conditions { meter: meter.parse().unwrap(), settings, ..Conditions::default() };
            let request = Sampling::new(1, 1.0, 1, conditions).unwrap();
            model.sample(&request, &watch).unwrap_err().to_string()
        };
        let with = |name: &str, value: Setting| Settings::default().with(name, value);
        let cases = [
            (ask("3/4", Settings::default()), "the meter 3/4: it plays 4/4"),
            (
                ask("4/4", with("density", Setting::Number(50.0))),
                "the density 50: it plays from 0.5 to 16 notes a beat",
            ),
            (
                ask("4/4", with("bpm", Setting::Number(10.0))),
                "the bpm 10: it plays from 40 to 240 beats a minute",
            ),
            (
                ask("4/4", with("timing", Setting::Word("late".to_owned()))),
                "the timing late: it knows strict, free",
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(message, format!("`performance` does not know {expected}"));
        }
    }

    #[test]
    fn what_the_pianist_cannot_read_says_what_to_write() {
        let (model, watch, request) = (untrained(), Watch::new(), sampling(1, 1.0, 1, None));
        let hundred = (0..100).map(|voice| Note {
            start: Beat::ZERO,
            duration: Beat::ONE,
            tone: Tone::Pitch(Pitch::from_key(21 + voice % 88)),
            velocity: Velocity::DEFAULT,
        });
        let cases = [
            (
                chords([Tone::Drum(Drum::Snare)], 4),
                "note 1 is the drum sd: the pianist reads pitches only, as in notes \"c4 e4\"",
            ),
            (
                chords([Tone::Pitch(Pitch::new(60.5).unwrap())], 4),
                "note 1 is the pitch 60.5, between two keys of a piano: give it a whole number",
            ),
            (
                Clip::rest(Beat::whole(4)).unwrap(),
                "it has no note: give it at least one, as in notes \"c4 e4 g4\"",
            ),
            (
                Clip::new(hundred.collect(), Beat::ONE).unwrap(),
                "88 keys are struck at beat 0: two hands play 20 at most",
            ),
        ];
        for (clip, expected) in cases {
            let told = |verb: &str| format!("`performance` cannot {verb} this clip: {expected}");
            let refusal = model.continue_from(&Piece::from(&clip), &request, &watch).unwrap_err();
            assert_eq!(refusal.to_string(), told("continue"));
            assert_eq!(
                model.score(&Piece::from(&clip), &Conditions::default(), &watch).unwrap_err().to_string(),
                told("score")
            );
            assert!(model.particles(Some(&Piece::from(&clip)), &request, 2, &watch).is_err());
        }
    }
}
