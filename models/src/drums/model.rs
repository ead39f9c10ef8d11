//! `drums` as a model: sample, continue, score, particles, and the verbs of a drummer, groove and fill.

use std::path::Path;
use std::sync::Arc;

use candle_core::Device;
use lilt_inference::{
    Conditions, Continues, Cost, Defaults, Description, Examples, Grows, Learns, Model, ModelError,
    OptionDescription, OptionKind, Particles, Piece, Sampled, Sampling, Scores, TransformDescription,
    Transforms, Watch, capabilities,
};
use lilt_score::{Clip, Seed};
use rand_chacha::ChaCha8Rng;

use super::NAME;
use super::codec::{encode, encode_own};
use super::groove::{groove, struck};
use super::recording::{Recording, piece};
use super::vocabulary::FIELDS;
use super::walk::{Conditioning, DrumWalk, GROUPS, KINDS, ROWS, STYLES, TEMPI, tempo_class};
use crate::recurrent::asked::Asked;
use crate::recurrent::batches::Piece as Learnt;
use crate::recurrent::card::load;
use crate::recurrent::config::Config;
use crate::recurrent::learner::Learner;
use crate::recurrent::particles::RecurrentParticles;
use crate::recurrent::playing::Playing;
use crate::recurrent::step::RecurrentStep;

/// Index of the kind that a clip has when it is not told.
const BEAT: u8 = 0;
/// Index of the kind that the verb `fill` plays.
const FILL: u8 = 1;

/// Events through which gradients go back when a reward is learnt: three bars or more.
const LEARNT_STEPS: usize = 48;

/// The verb that plays a stiff clip as a drummer would.
pub const GROOVE: &str = "groove";
/// The verb that plays the fill after a clip.
pub const FILL_AFTER: &str = "fill";

/// How loosely a groove is played where the script does not say: of the temperatures that were tried the
/// highest at which its timing is nearer than the grid to that of the drummers who chose the checkpoint.
const GROOVE_TEMPERATURE: f64 = 0.75;

/// Bars of a fill where the script names no length: drummers lead out of a beat with the last bar.
const FILL_BARS: u32 = 1;

/// The trained network with its name and options.
pub struct DrumModel {
    description: Description,
    step: RecurrentStep,
    /// None for a network in hand, which cannot learn more.
    learner: Option<Learner>,
}

impl DrumModel {
    /// Loads `drums.safetensors` and its card `drums.toml` from `folder`.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged, or the weights are not
    /// the card's.
    pub fn load(folder: &Path) -> Result<DrumModel, ModelError> {
        DrumModel::load_as(NAME, folder)
    }

    /// As [`DrumModel::load`], a model of this kind that is called `name`.
    ///
    /// # Errors
    /// As [`DrumModel::load`].
    pub fn load_as(name: &str, folder: &Path) -> Result<DrumModel, ModelError> {
        let loaded = load::<Config>(folder, name, [ROWS, GROUPS], &FIELDS, &Device::Cpu)?;
        let model = DrumModel::new(loaded.step, loaded.sha256, loaded.description).named(name);
        Ok(DrumModel { learner: Some(loaded.learner), ..model })
    }

    /// A model of a network in hand. `identity` names its weights: models of the same identity must
    /// answer alike.
    pub fn new(step: RecurrentStep, identity: String, about: String) -> DrumModel {
        let words = |known: &[&str]| OptionKind::Word(known.iter().map(|&word| word.to_owned()).collect());
        let option = |name: &str, about: &str, default: &str, kind| OptionDescription {
            name: name.to_owned(),
            about: about.to_owned(),
            default: default.to_owned(),
            kind,
        };
        let [least, most] = TEMPI;
        let options = vec![
            option(
                "style",
                "Style of the groove, as in \"funk\"; of highlife, middleeastern and blues the drummer heard little.",
                "any: the drummer chooses, or goes on as the clip does",
                words(&STYLES),
            ),
            option(
                "bpm",
                "Tempo that the groove is meant for, in beats a minute: drummers play other things fast than slow. It does not set the tempo.",
                "any",
                OptionKind::Number { least, most },
            ),
            option(
                "kind",
                "Time that goes on (\"beat\"), or the figure that leads out of it (\"fill\").",
                "beat",
                words(&KINDS),
            ),
            option("meter", "Metre; the drummer learnt no other than 4/4.", "4/4", OptionKind::Meter),
        ];
        let transform = |name, about: &str, defaults| TransformDescription {
            name,
            about: about.to_owned(),
            defaults,
            options: Vec::new(),
        };
        let transforms = vec![
            transform(
                GROOVE,
                "Plays a stiff clip as a drummer would: each hit stays, how hard and how early or late it sounds is drawn anew.",
                Defaults { temperature: Some(GROOVE_TEMPERATURE), ..Defaults::LIKE_THE_CLIP },
            ),
            transform(
                FILL_AFTER,
                "Plays the fill that follows the clip.",
                Defaults { bars: Some(FILL_BARS), ..Defaults::LIKE_THE_CLIP },
            ),
        ];
        let description = Description {
            name: NAME.to_owned(),
            identity,
            about,
            options,
            transforms,
            ..Description::default()
        };
        DrumModel { description, step, learner: None }
    }

    /// The same under another name.
    pub fn named(mut self, name: &str) -> DrumModel {
        name.clone_into(&mut self.description.name);
        self
    }

    /// What was asked for, in the drummer's numbers; a kind that was not told is `kind`.
    fn conditioning(&self, conditions: &Conditions, kind: u8) -> Result<Conditioning, ModelError> {
        let asked = Asked { model: NAME, conditions };
        asked.common_time()?;
        let tempo = asked.number("bpm", TEMPI, "beats a minute")?.map(tempo_class);
        let kind = asked.word("kind", &KINDS)?.unwrap_or(kind);
        Ok(Conditioning { style: asked.word("style", &STYLES)?, kind: Some(kind), tempo })
    }

    /// A piece that heard `primer`, which ends with a bar, and goes on under `conditioning`.
    fn after(
        &self,
        primer: Option<&Clip>,
        verb: &'static str,
        (heard, conditioning): (Conditioning, Conditioning),
        watch: &Watch,
    ) -> Result<Playing<'_, DrumWalk>, ModelError> {
        let Some(primer) = primer else {
            return Ok(Playing::new(&self.step, DrumWalk::new(conditioning, 0)));
        };
        let encoded = encode(primer).map_err(|error| ModelError::clip(NAME, verb, error))?;
        let mut piece = Playing::new(&self.step, DrumWalk::new(heard, -encoded.steps));
        piece.hear_all(&encoded.events, watch)?;
        piece.walk.set(conditioning);
        piece.walk.begin_clip();
        Ok(piece)
    }

    fn groove(&self, clip: &Clip, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        let conditioning = self.conditioning(request.conditions(), BEAT)?;
        let struck = struck(clip).map_err(|error| ModelError::clip(NAME, GROOVE, error))?;
        let piece = Playing::new(&self.step, DrumWalk::new(conditioning, 0));
        let notes = groove(clip, &struck, piece, request.temperature(), &mut place(request, 0), watch)?;
        let clip = Clip::new(notes, clip.length()).map_err(|error| ModelError::computation(NAME, error))?;
        Ok(Sampled::plain(clip))
    }
}

impl Model for DrumModel {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        let conditioning = self.conditioning(request.conditions(), BEAT)?;
        let piece = self.after(None, "sample", (conditioning, conditioning), watch)?;
        RecurrentParticles::new(piece, request, random(request, 1)).play(watch)
    }

    capabilities!(Continues, Scores, Tilts, Transforms);

    fn learns(&self) -> Option<&dyn Learns> {
        self.learner.as_ref().map(|_| self as &dyn Learns)
    }
}

impl Continues for DrumModel {
    /// The primer is heard so that it ends with a full bar.
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let conditioning = self.conditioning(request.conditions(), BEAT)?;
        let piece = self.after(Some(primer.clip()?), "continue", (conditioning, conditioning), watch)?;
        RecurrentParticles::new(piece, request, random(request, 1)).play(watch)
    }
}

impl Scores for DrumModel {
    /// Silence counts toward the hit after it, at the end toward the last hit; a hit that is not heard,
    /// since its voice is struck harder within the same sixteenth, counts nothing.
    fn score(&self, piece: &Piece, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let clip = piece.clip()?;
        let conditioning = self.conditioning(conditions, BEAT)?;
        let encoded = encode(clip).map_err(|error| ModelError::clip(NAME, "score", error))?;
        let mut piece = Playing::new(&self.step, DrumWalk::new(conditioning, 0));
        piece.score_notes(&encoded.events, &encoded.notes, clip.notes().len(), watch)
    }

    fn costs(
        &self,
        drawn: &[Piece],
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Vec<Vec<Cost>>, ModelError> {
        let conditioning = self.conditioning(request.conditions(), BEAT)?;
        let read = |clip| encode_own(clip).map(|encoded| encoded.events);
        let events = Piece::clips(drawn)?.into_iter().map(read).collect::<Result<Vec<_>, _>>();
        let events = events.map_err(|error| ModelError::clip(NAME, "score", error))?;
        Playing::new(&self.step, DrumWalk::new(conditioning, 0)).costs(&events, request.temperature(), watch)
    }
}

impl Grows for DrumModel {
    fn particles<'a>(
        &'a self,
        primer: Option<&Piece>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError> {
        let conditioning = self.conditioning(request.conditions(), BEAT)?;
        let primer = primer.map(Piece::clip).transpose()?;
        let verb = if primer.is_some() { "continue" } else { "sample" };
        let piece = self.after(primer, verb, (conditioning, conditioning), watch)?;
        Ok(Box::new(RecurrentParticles::new(piece, request, random(request, count))))
    }
}

impl Transforms for DrumModel {
    fn transform(
        &self,
        name: &'static str,
        piece: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        let clip = piece.clip()?;
        match name {
            GROOVE => self.groove(clip, request, watch),
            FILL_AFTER => {
                let conditioning = self.conditioning(request.conditions(), FILL)?;
                let before = Conditioning { kind: Some(BEAT), ..conditioning };
                let piece = self.after(Some(clip), FILL_AFTER, (before, conditioning), watch)?;
                RecurrentParticles::new(piece, request, random(request, 1)).play(watch)
            }
            _ => Err(self.unsupported(name)),
        }
    }
}

impl Learns for DrumModel {
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError> {
        let Some(learner) = &self.learner else { return Err(self.unsupported("bake")) };
        let conditioning = self.conditioning(&examples.conditions, BEAT)?;
        let bpm = examples.conditions.settings.number("bpm").unwrap_or(120.0);
        let heard = |clip: &Clip| -> Result<Learnt, ModelError> {
            let encoded = encode_own(clip).map_err(|error| ModelError::clip(NAME, "bake", error))?;
            Ok(piece(&Recording { conditioning, bpm, encoded }, learner.config()))
        };
        let fields = learner.config().fields.len();
        let weighed = |(number, clip)| {
            let walk = DrumWalk::new(conditioning, 0);
            Ok(heard(clip)?.weighed(walk, fields, |beat| examples.weight(number, beat)))
        };
        let learnt = Piece::clips(&examples.learnt)?
            .into_iter()
            .enumerate()
            .map(weighed)
            .collect::<Result<Vec<_>, ModelError>>()?;
        let held_out =
            Piece::clips(&examples.held_out)?.into_iter().map(heard).collect::<Result<Vec<_>, _>>()?;
        let pieces = [learnt.as_slice(), held_out.as_slice()];
        let (step, learner) =
            learner.learn(NAME, pieces, (LEARNT_STEPS, Vec::new()), examples, tell, watch)?;
        let identity = format!("{} learnt {}", self.description.identity, examples.identity);
        let model = DrumModel::new(step, identity, self.description.about.clone());
        Ok(Arc::new(DrumModel { learner: Some(learner), ..model.named(&self.description.name) }))
    }

    fn practises(&self) -> bool {
        true
    }
}

/// The random numbers of one place of a call.
fn place(request: &Sampling, number: u64) -> ChaCha8Rng {
    Seed(request.seed()).child(NAME).child_number(number).rng()
}

/// Those of its first `count` places.
fn random(request: &Sampling, count: usize) -> impl Iterator<Item = ChaCha8Rng> {
    (0..count as u64).map(|number| place(request, number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drums::vocabulary::{DRUMS, TICKS_PER_BEAT};
    use crate::recurrent::config::FieldNames;
    use crate::recurrent::tests::random_weights;
    use lilt_inference::{Setting, Settings};
    use lilt_score::{Beat, Drum, Note, Tone, Velocity};
    use proptest::prelude::*;

    /// A model that knows nothing, with the sizes of a small one.
    fn untrained() -> DrumModel {
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
        let step =
            RecurrentStep::new(NAME, config.clone(), &random_weights(&config, 1), &Device::Cpu).unwrap();
        DrumModel::new(step, "0".repeat(64), "Knows nothing.".to_owned())
    }

    fn sampling(bars: u32, temperature: f64, seed: u64, settings: Settings) -> Sampling {
        Sampling::new(bars, temperature, seed, Conditions { settings, ..Conditions::default() }).unwrap()
    }

    fn plain(bars: u32, temperature: f64, seed: u64) -> Sampling {
        sampling(bars, temperature, seed, Settings::default())
    }

    fn clip(hits: &[(i64, i64, Drum)], beats: i64) -> Clip {
        let note = |&(at, of, drum): &(i64, i64, Drum)| Note {
            start: Beat::new(at, of),
            duration: Beat::new(1, 8),
            tone: Tone::Drum(drum),
            velocity: Velocity::DEFAULT,
        };
        Clip::new(hits.iter().map(note).collect(), Beat::whole(beats)).unwrap()
    }

    /// Kick, snare and hats; a clap on the second snare, a triplet, a rim shot just before the end.
    fn stiff() -> Clip {
        let mut hits = vec![(0, 1, Drum::Bass), (2, 1, Drum::Bass), (1, 1, Drum::Snare), (3, 1, Drum::Snare)];
        hits.extend((0..8).map(|at| (at, 2, Drum::ClosedHat)));
        hits.extend([(3, 1, Drum::Clap), (7, 3, Drum::LowTom), (479, 120, Drum::Rim)]);
        clip(&hits, 4)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn answers_fill_their_bars_and_depend_on_the_seed_alone(
            bars in 1u32..5,
            temperature in prop_oneof![Just(0.0), 0.1..2.0f64],
            seed: u64,
            style in prop::option::of(prop::sample::select(STYLES.to_vec())),
            bpm in prop::option::of(40.0f64..300.0),
        ) {
            let model = untrained();
            let mut settings = Settings::default();
            if let Some(style) = style {
                settings = settings.with("style", Setting::Word(style.to_owned()));
            }
            if let Some(bpm) = bpm {
                settings = settings.with("bpm", Setting::Number(bpm));
            }
            let request = sampling(bars, temperature, seed, settings);
            let (watch, primer) = (Watch::new(), stiff());
            let verbs: [&dyn Fn() -> Clip; 4] = [
                &|| model.sample(&request, &watch).unwrap().into_clip().unwrap(),
                &|| model.continue_from(&Piece::from(&primer), &request, &watch).unwrap().into_clip().unwrap(),
                &|| model.transform(FILL_AFTER, &Piece::from(&primer), &request, &watch).unwrap().into_clip().unwrap(),
                &|| {
                    let mut pieces = model.particles(Some(&Piece::from(&primer)), &request, 2, &watch).unwrap();
                    pieces.advance(request.extent(), &watch).unwrap();
                    assert!(pieces.whole());
                    pieces.piece(0).unwrap().into_clip().unwrap()
                },
            ];
            let answers: Vec<Clip> = verbs.iter().map(|verb| verb()).collect();
            for (answer, verb) in answers.iter().zip(verbs) {
                prop_assert_eq!(answer.length(), request.beats());
                let grid = Beat::whole(TICKS_PER_BEAT);
                prop_assert!(answer.notes().iter().all(|note| (note.start * grid).denominator() == 1));
                prop_assert_eq!(&verb(), answer);
            }
            // The first of many is the one that is made alone.
            prop_assert_eq!(&answers[1], &answers[3]);
        }

        #[test]
        fn a_groove_keeps_every_hit(
            hits in prop::collection::vec((0i64..960, 0usize..12), 1..60),
            temperature in prop_oneof![Just(0.0), 0.5..2.0f64],
            seed: u64,
        ) {
            let hits: Vec<(i64, i64, Drum)> =
                hits.into_iter().map(|(at, drum)| (at, 240, Drum::ALL[drum])).collect();
            let stiff = clip(&hits, 4);
            let played =
                untrained().transform(GROOVE, &Piece::from(&stiff), &plain(1, temperature, seed), &Watch::new()).unwrap().into_clip().unwrap();
            prop_assert_eq!(played.length(), stiff.length());
            prop_assert_eq!(played.notes().len(), stiff.notes().len());
            let count = |clip: &Clip, drum: Drum| clip.notes().iter().filter(|note| note.tone == Tone::Drum(drum)).count();
            for drum in Drum::ALL {
                prop_assert_eq!(count(&played, drum), count(&stiff, drum));
            }
        }
    }

    #[test]
    fn a_groove_moves_each_hit_by_less_than_its_sixteenth() {
        let (model, stiff) = (untrained(), stiff());
        let played = model
            .transform(GROOVE, &Piece::from(&stiff), &plain(1, 1.0, 3), &Watch::new())
            .unwrap()
            .into_clip()
            .unwrap();
        let starts = |clip: &Clip, drum: Drum| -> Vec<Beat> {
            let notes = clip.notes().iter().filter(|note| note.tone == Tone::Drum(drum));
            notes.map(|note| note.start).collect()
        };
        for drum in DRUMS {
            for (before, after) in starts(&stiff, drum).into_iter().zip(starts(&played, drum)) {
                assert!((after - before).abs() <= Beat::new(1, 8), "{drum:?} from {before} to {after}");
            }
        }
        // Snare and clap are struck together, a triplet stays one.
        assert_eq!(starts(&played, Drum::Clap)[0], starts(&played, Drum::Snare)[1]);
        assert!((starts(&played, Drum::LowTom)[0] - Beat::new(7, 3)).abs() <= Beat::new(1, 15));
        assert_ne!(played, stiff);
    }

    #[test]
    fn scores_tell_each_note_and_sum_to_the_whole() {
        let model = untrained();
        let drawn = model.sample(&plain(2, 1.0, 3), &Watch::new()).unwrap().into_clip().unwrap();
        let nats = model.score(&Piece::from(&drawn), &Conditions::default(), &Watch::new()).unwrap();
        assert_eq!(nats.len(), drawn.notes().len());
        let mut piece = Playing::new(
            &model.step,
            DrumWalk::new(model.conditioning(&Conditions::default(), BEAT).unwrap(), 0),
        );
        let whole: f64 = encode(&drawn).unwrap().events.iter().map(|event| piece.score(event).unwrap()).sum();
        assert!((nats.iter().sum::<f64>() - whole).abs() < 1e-9);
        // Of snare and clap at once only one is heard.
        let nats = model.score(&Piece::from(stiff()), &Conditions::default(), &Watch::new()).unwrap();
        assert_eq!(nats.iter().filter(|&&nats| nats == 0.0).count(), 1);
    }

    #[test]
    fn particles_part_after_they_were_copied() {
        let (model, watch) = (untrained(), Watch::new());
        let mut pieces = model.particles(None, &plain(4, 1.0, 5), 3, &watch).unwrap();
        pieces.advance(Beat::whole(4).into(), &watch).unwrap();
        assert!(!pieces.whole());
        pieces.resample(&[1, 1, 2]);
        assert_eq!(pieces.piece(0).unwrap(), pieces.piece(1).unwrap());
        pieces.advance(Beat::whole(16).into(), &watch).unwrap();
        assert!(pieces.whole());
        assert_ne!(pieces.piece(0).unwrap(), pieces.piece(1).unwrap());
        assert_eq!(pieces.piece(0).unwrap().into_clip().unwrap().length(), Beat::whole(16));
    }

    #[test]
    fn what_the_drummer_does_not_know_says_what_it_knows() {
        let model = untrained();
        let word = |name: &str, word: &str| Settings::default().with(name, Setting::Word(word.to_owned()));
        let ask = |meter: &str, settings: Settings| {
            let conditions = Conditions { meter: meter.parse().unwrap(), settings, ..Conditions::default() };
            let request = Sampling::new(1, 1.0, 1, conditions).unwrap();
            model.sample(&request, &Watch::new()).unwrap_err().to_string()
        };
        assert_eq!(ask("6/8", Settings::default()), "`drums` does not know the meter 6/8: it plays 4/4");
        assert_eq!(
            ask("4/4", word("style", "polka")),
            format!("`drums` does not know the style polka: it knows {}", STYLES.join(", "))
        );
        assert_eq!(
            ask("4/4", word("kind", "solo")),
            "`drums` does not know the kind solo: it knows beat, fill"
        );
        assert_eq!(
            ask("4/4", Settings::default().with("bpm", Setting::Number(10.0))),
            "`drums` does not know the bpm 10: it plays from 40 to 300 beats a minute"
        );
        let rest = Clip::rest(Beat::whole(4)).unwrap();
        let request = plain(1, 1.0, 1);
        for (answer, verb) in [
            (model.continue_from(&Piece::from(&rest), &request, &Watch::new()), "continue"),
            (model.transform(GROOVE, &Piece::from(&rest), &request, &Watch::new()), "groove"),
            (model.transform(FILL_AFTER, &Piece::from(&rest), &request, &Watch::new()), "fill"),
        ] {
            let message = answer.unwrap_err().to_string();
            let expected = "it has no note: give it at least one drum, as in drums \"bd sd\"";
            assert_eq!(message, format!("`drums` cannot {verb} this clip: {expected}"));
        }
        assert!(matches!(
            model.transform("harmonise", &Piece::from(&rest), &request, &Watch::new()),
            Err(ModelError::Unsupported { .. })
        ));
    }
}
