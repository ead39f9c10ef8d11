//! `melody` as a model: sample, continue, score, interpolate, and more or less of an attribute.

use std::path::Path;
use std::sync::Arc;

use candle_core::Device;
use lilt_inference::{
    Conditions, Continues, Cost, Defaults, Description, Examples, Grows, Interpolated, Interpolates,
    Interpolation, Learns, Model, ModelError, OptionDescription, OptionKind, Particles, Piece, Sampled,
    Sampling, Scores, Setting, TransformDescription, Transforms, Watch, capabilities,
};
use lilt_score::{Clip, Meter, Seed, chord};

use super::NAME;
use super::chords::{Harmony, turned};
use super::codec::encode;
use super::features::{Density, Guide, MelodyState};
use super::key;
use super::learner::Learner;
use super::network::{ATTRIBUTES, Config};
use super::particles::{Melodies, Past, Room};
use super::sampling::log_chances;
use super::step::MelodyStep;
use super::vocabulary::{BAR, Home, beats};
use crate::card::{Head, read_weights};
use crate::source::Source;
use crate::step::{Abreast, Kernel};

/// The transformation that moves a clip along an attribute.
pub const MORE: &str = "more";

/// Most notes a bar that can be asked for.
const BUSIEST: f64 = 16.0;

/// The trained network with its name and options.
pub struct MelodyModel {
    description: Description,
    step: MelodyStep,
    /// None for a network in hand, which cannot learn more.
    learner: Option<Learner>,
}

impl MelodyModel {
    /// Loads `melody.safetensors` and its card `melody.toml` from `folder`. It runs on the processor,
    /// whatever `device` is.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged, or the weights are not
    /// the card's.
    pub fn load(folder: &Path, device: &Device) -> Result<MelodyModel, ModelError> {
        MelodyModel::load_as(NAME, folder, device)
    }

    /// As [`MelodyModel::load`], a model of this kind that is called `name`.
    ///
    /// # Errors
    /// As [`MelodyModel::load`].
    pub fn load_as(name: &str, folder: &Path, device: &Device) -> Result<MelodyModel, ModelError> {
        let _ = device;
        let card = Head::<Config>::read(&folder.join(format!("{name}.toml")))?;
        let path = folder.join(format!("{name}.safetensors"));
        let weights = read_weights(&path, &card.weights.sha256, &card.network.stored())?;
        let step = MelodyStep::new(card.network, &weights, Kernel::detect()).map_err(|error| {
            let reason = format!("the network cannot be built from it: {error}");
            ModelError::Weights { path: path.clone(), reason }
        })?;
        let sha256 = card.weights.sha256;
        let model = MelodyModel::new(step, sha256.clone(), card.description).named(name);
        let learner = Learner::new(card.network, Source::File { path, sha256 });
        Ok(MelodyModel { learner: Some(learner), ..model })
    }

    /// A model of a network in hand. `identity` names its weights: models of the same identity must
    /// answer alike.
    pub fn new(step: MelodyStep, identity: String, about: String) -> MelodyModel {
        let option = |name: &str, about: &str, default: &str, kind: OptionKind| OptionDescription {
            name: name.to_owned(),
            about: about.to_owned(),
            default: default.to_owned(),
            kind,
        };
        let options = vec![
            option(
                "chords",
                "The chords, one a bar and again from the start, as in \"C G Am F\"; commas put more into a bar, \"C,G Am\".",
                "chords of the model's own",
                OptionKind::Text,
            ),
            option(
                "key",
                "Tonic and mode, as in \"A minor\" or \"G\".",
                "the key that the clip or else the chords fit best, C major without either",
                OptionKind::Key,
            ),
            option(
                "density",
                "How many notes a bar.",
                "as many as the model likes",
                OptionKind::Number { least: 0.0, most: BUSIEST },
            ),
        ];
        let attributes = ATTRIBUTES.iter().map(|&name| name.to_owned()).collect();
        let more = TransformDescription {
            name: MORE,
            about: "The same clip with more notes, higher notes, or more of them off the beat.".to_owned(),
            defaults: Defaults { bars: None, temperature: None },
            options: vec![
                option("attribute", "Of what.", "density", OptionKind::Word(attributes)),
                option(
                    "amount",
                    "How much more; below 0 is less. 1 is as much as songs differ: 2 notes a bar, 6.6 semitones, or 13 of 100 notes.",
                    "1",
                    OptionKind::Number { least: -3.0, most: 3.0 },
                ),
            ],
        };
        let description = Description {
            name: NAME.to_owned(),
            identity,
            about,
            options,
            transforms: vec![more],
            ..Description::default()
        };
        MelodyModel { description, step, learner: None }
    }

    /// The same under another name.
    pub fn named(mut self, name: &str) -> MelodyModel {
        name.clone_into(&mut self.description.name);
        self
    }

    /// The same, able to learn.
    #[cfg(test)]
    pub(super) fn learning(self, learner: Learner) -> MelodyModel {
        MelodyModel { learner: Some(learner), ..self }
    }

    /// The network, for those who measure it.
    pub fn step(&self) -> &MelodyStep {
        &self.step
    }

    /// What `conditions` ask for, in the key that they or `clips` or the chords are in; the chords begin
    /// with step 0.
    ///
    /// # Errors
    /// When there is a metre or a chord that `melody` does not know.
    pub fn guide(&self, conditions: &Conditions, clips: &[&Clip]) -> Result<Guide, ModelError> {
        if conditions.meter != Meter::COMMON {
            return Err(ModelError::condition(NAME, "meter", conditions.meter, "it plays 4/4"));
        }
        let harmony = match conditions.settings.word("chords") {
            Some(text) => Harmony::parse(text).map_err(|error| {
                let names: Vec<&str> = chord::names().collect();
                let known = format!(
                    "write one chord for each bar, as in \"C G Am F7\", or two with a comma between them; a chord is a \
                     capital letter, # or b, and nothing or one of {}",
                    names.join(", ")
                );
                ModelError::condition(NAME, "chord", error.0, known)
            })?,
            None => Harmony::unknown(),
        };
        let density = match conditions.settings.number("density") {
            Some(notes) if (0.0..=BUSIEST).contains(&notes) => Density::of(notes),
            Some(notes) => {
                let known = format!("write a number of notes a bar from 0 to {BUSIEST}");
                return Err(ModelError::condition(NAME, "density", notes, known));
            }
            None => Density::UNKNOWN,
        };
        let key = conditions.key.unwrap_or_else(|| key::find(clips, &harmony));
        Ok(Guide { home: Home::of(key), harmony, density, planned: false })
    }

    /// The melodies of a request, after `primer` if there is one.
    ///
    /// The primer is heard so that it ends with a full bar; what is left over begins it as an upbeat.
    /// The chords begin after it.
    fn melodies(
        &self,
        primer: Option<&Clip>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Melodies<'_>, ModelError> {
        let clips: Vec<&Clip> = primer.into_iter().collect();
        let mut guide = self.guide(request.conditions(), &clips)?;
        let mut past = MelodyState::new(0);
        let mut state = [self.step.start()];
        if let Some(primer) = primer {
            let heard =
                encode(primer, guide.home).map_err(|error| ModelError::clip(NAME, "continue", error))?;
            past = MelodyState::new(heard.tokens.len() % BAR);
            let bars = (heard.tokens.len() / BAR * BAR) as i64;
            guide.harmony = guide.harmony.starting(bars);
            let untold = Guide { density: Density::UNKNOWN, ..guide.clone() };
            let mut room = Room::default();
            for token in heard.tokens {
                watch.check()?;
                self.step.step(&mut room.scratch, &[past.features(&untold)], &[], &mut state);
                past.advance(token);
            }
            past.cut();
        }
        let [state] = state;
        let steps = request.bars() as usize * BAR;
        let seed = Seed(request.seed());
        let past = Past { past, state };
        Ok(Melodies::new(&self.step, guide, past, count, steps, request.temperature(), seed))
    }
}

impl Model for MelodyModel {
    fn description(&self) -> &Description {
        &self.description
    }

    fn sample(&self, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
        one(self.melodies(None, request, 1, watch)?, request, watch)
    }

    capabilities!(Continues, Scores, Tilts, Interpolates, Transforms);

    fn learns(&self) -> Option<&dyn Learns> {
        self.learner.as_ref().map(|_| self as &dyn Learns)
    }
}

impl Continues for MelodyModel {
    fn continue_from(
        &self,
        primer: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        one(self.melodies(Some(primer.clip()?), request, 1, watch)?, request, watch)
    }

    fn later(&self, conditions: &Conditions, bars: u64) -> Conditions {
        let settings = conditions.settings.clone();
        let Some(text) = settings.word("chords").map(|text| turned(text, bars)) else {
            return conditions.clone();
        };
        Conditions { settings: settings.with("chords", Setting::Text(text)), ..conditions.clone() }
    }
}

impl Scores for MelodyModel {
    /// Steps in which nothing begins count toward the note before them, those before the first note
    /// toward it; a note that `melody` does not hear, since another sounds above it, counts nothing. The
    /// sum is the nats of the whole clip.
    fn score(&self, piece: &Piece, conditions: &Conditions, watch: &Watch) -> Result<Vec<f64>, ModelError> {
        let clip = piece.clip()?;
        let mut guide = self.guide(conditions, &[clip])?;
        let heard = encode(clip, guide.home).map_err(|error| ModelError::clip(NAME, "score", error))?;
        guide.harmony = guide.harmony.starting(-((heard.tokens.len() % BAR) as i64));
        let mut nats = vec![0.0; clip.notes().len()];
        let first = heard.notes.iter().flatten().next();
        let Some(&(mut note)) = first else { return Ok(nats) };
        let steps = self.nats(&heard.tokens, heard.tokens.len() % BAR, &guide, watch)?;
        for (step, begins) in steps.iter().zip(&heard.notes) {
            note = begins.unwrap_or(note);
            nats[note] += step;
        }
        Ok(nats)
    }

    fn costs(
        &self,
        drawn: &[Piece],
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Vec<Vec<Cost>>, ModelError> {
        let guide = self.guide(request.conditions(), &[])?;
        let read = |clip| encode(clip, guide.home).map(|encoded| encoded.tokens);
        let tokens = Piece::clips(drawn)?.into_iter().map(read).collect::<Result<Vec<_>, _>>();
        let tokens = tokens.map_err(|error| ModelError::clip(NAME, "score", error))?;
        let tokens: Vec<&[u8]> = tokens.iter().map(Vec::as_slice).collect();
        let nats = self.nats_of(&tokens, 0, &guide, request.temperature(), watch)?;
        let cost = |(step, nats)| Cost { at: beats(step).into(), nats };
        Ok(nats.into_iter().map(|nats| nats.into_iter().enumerate().map(cost).collect()).collect())
    }
}

impl Grows for MelodyModel {
    fn particles<'a>(
        &'a self,
        primer: Option<&Piece>,
        request: &Sampling,
        count: usize,
        watch: &Watch,
    ) -> Result<Box<dyn Particles + 'a>, ModelError> {
        let primer = primer.map(Piece::clip).transpose()?;
        Ok(Box::new(self.melodies(primer, request, count, watch)?))
    }
}

impl Interpolates for MelodyModel {
    fn interpolate(
        &self,
        from: &Piece,
        to: &Piece,
        request: &Interpolation,
        watch: &Watch,
    ) -> Result<Interpolated, ModelError> {
        let last = f64::from(request.steps() - 1);
        let at: Vec<f64> = (0..request.steps()).map(|step| f64::from(step) / last).collect();
        let (clips, points) = self.along(from.clip()?, to.clip()?, &at, request.sampling(), watch)?;
        Ok(Interpolated::through(clips.into_iter().map(Piece::from).collect(), &points))
    }
}

impl Transforms for MelodyModel {
    fn transform(
        &self,
        name: &'static str,
        piece: &Piece,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Sampled, ModelError> {
        if name != MORE {
            return Err(self.unsupported(name));
        }
        let settings = &request.conditions().settings;
        let attribute = settings.word("attribute").unwrap_or(ATTRIBUTES[0]);
        let amount = settings.number("amount").unwrap_or(1.0);
        Ok(Sampled::plain(self.more(piece.clip()?, attribute, amount, request, watch)?))
    }
}

impl Learns for MelodyModel {
    fn learn(
        &self,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<Arc<dyn Learns>, ModelError> {
        let Some(learner) = &self.learner else { return Err(self.unsupported("bake")) };
        let guide = self.guide(&examples.conditions, &[])?;
        let (step, learner) = learner.learn(&guide, examples, tell, watch)?;
        let identity = format!("{} learnt {}", self.description.identity, examples.identity);
        let model = MelodyModel::new(step, identity, self.description.about.clone());
        Ok(Arc::new(MelodyModel { learner: Some(learner), ..model.named(&self.description.name) }))
    }

    fn practises(&self) -> bool {
        true
    }
}

impl MelodyModel {
    /// Nats of each of `tokens`, among the steps that may come; the first `pickup` of them are an upbeat.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or the watch is cancelled.
    pub fn nats(
        &self,
        tokens: &[u8],
        pickup: usize,
        guide: &Guide,
        watch: &Watch,
    ) -> Result<Vec<f64>, ModelError> {
        Ok(self.nats_of(&[tokens], pickup, guide, 1.0, watch)?.into_iter().flatten().collect())
    }

    /// As [`MelodyModel::nats`], of melodies side by side that were drawn at a temperature.
    fn nats_of(
        &self,
        melodies: &[&[u8]],
        pickup: usize,
        guide: &Guide,
        temperature: f64,
        watch: &Watch,
    ) -> Result<Vec<Vec<f64>>, ModelError> {
        let abreast = Abreast::new(melodies.iter().map(|tokens| tokens.len()));
        let mut pasts = vec![MelodyState::new(pickup); abreast.at(0).len()];
        let mut states = vec![self.step.start(); pasts.len()];
        let mut nats: Vec<Vec<f64>> =
            melodies.iter().map(|tokens| Vec::with_capacity(tokens.len())).collect();
        let mut room = Room::default();
        for at in abreast.steps() {
            watch.check()?;
            watch.report(at as f64, abreast.longest() as f64);
            let going = abreast.at(at);
            let features: Vec<_> = pasts[..going.len()].iter().map(|past| past.features(guide)).collect();
            self.step.step(&mut room.scratch, &features, &[], &mut states[..going.len()]);
            for ((melody, past), state) in going.zip(&mut pasts).zip(&states) {
                self.step.logits(state, None, &mut room.logits);
                let logs = log_chances(&room.logits, past, guide, temperature)?;
                let token = melodies[melody][at];
                let surprise = -logs.get(usize::from(token)).copied().unwrap_or(f64::NAN);
                if !surprise.is_finite() {
                    return Err(ModelError::no_numbers(NAME));
                }
                nats[melody].push(surprise);
                past.advance(token);
            }
        }
        Ok(nats)
    }

    /// `count` melodies of `steps` steps over any chords of any step, for those who measure the network.
    pub fn begin(
        &self,
        guide: Guide,
        count: usize,
        steps: usize,
        temperature: f64,
        seed: Seed,
    ) -> Melodies<'_> {
        let past = Past { past: MelodyState::new(0), state: self.step.start() };
        Melodies::new(&self.step, guide, past, count, steps, temperature, seed)
    }
}

/// A single melody, made to its end.
fn one(mut melodies: Melodies<'_>, request: &Sampling, watch: &Watch) -> Result<Sampled, ModelError> {
    melodies.advance(request.extent(), watch)?;
    Ok(Sampled::plain(melodies.piece(0)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::untrained::{melody, model};
    use lilt_inference::Settings;
    use lilt_score::{Beat, Drum, Note, Tone, Velocity};
    use proptest::prelude::*;

    const SCALE: [u8; 8] = [60, 62, 64, 65, 67, 69, 71, 72];

    fn conditions(key: Option<&str>, chords: Option<&str>, density: Option<f64>) -> Conditions {
        let mut settings = Settings::default();
        if let Some(chords) = chords {
            settings = settings.with("chords", Setting::Text(chords.to_owned()));
        }
        if let Some(density) = density {
            settings = settings.with("density", Setting::Number(density));
        }
        Conditions { key: key.map(|key| key.parse().unwrap()), settings, ..Conditions::default() }
    }

    fn sampling(bars: u32, temperature: f64, seed: u64) -> Sampling {
        Sampling::new(bars, temperature, seed, Conditions::default()).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn answers_fill_their_bars_and_depend_on_the_seed_alone(
            bars in 1u32..6,
            temperature in prop_oneof![Just(0.0), 0.1..4.0f64],
            seed: u64,
            key in prop::option::of(prop::sample::select(vec!["D", "A minor", "Bb minor", "F# mixolydian"])),
            chords in prop::option::of(prop::sample::select(vec!["C G Am F", "Dm7,G7 Cmaj7", "N"])),
            density in prop::option::of(0.0..16.0f64),
        ) {
            let (model, watch) = (model(1), Watch::new());
            let request = Sampling::new(bars, temperature, seed, conditions(key, chords, density)).unwrap();
            let primer = melody(&SCALE, 5);
            let sampled = model.sample(&request, &watch).unwrap();
            let continued = model.continue_from(&Piece::from(&primer), &request, &watch).unwrap();
            for answer in [&sampled, &continued] {
                let end = Beat::whole(4 * i64::from(bars));
                prop_assert_eq!(answer.piece.clip().unwrap().length(), end);
                prop_assert!(answer.piece.clip().unwrap().notes().iter().all(|note| note.end() <= end));
            }
            prop_assert_eq!(&model.sample(&request, &watch).unwrap(), &sampled);
            prop_assert_eq!(&model.continue_from(&Piece::from(&primer), &request, &watch).unwrap(), &continued);
        }
    }

    #[test]
    fn seeds_primers_and_chords_make_a_difference() {
        let (model, watch) = (model(1), Watch::new());
        let sample = |temperature, seed| model.sample(&sampling(4, temperature, seed), &watch).unwrap();
        assert_ne!(sample(1.0, 1), sample(1.0, 2));
        assert_eq!(sample(0.0, 1), sample(0.0, 2));
        let over = |chords| {
            let request = Sampling::new(4, 1.0, 1, conditions(Some("C"), Some(chords), None)).unwrap();
            model.sample(&request, &watch).unwrap()
        };
        assert_ne!(over("C F"), over("Am E7"));
        let request = Sampling::new(4, 1.0, 1, conditions(Some("C"), None, None)).unwrap();
        let follow =
            |primer: &[u8]| model.continue_from(&Piece::from(melody(primer, 4)), &request, &watch).unwrap();
        assert_ne!(follow(&[60, 62, 64, 65]), follow(&[72, 71, 69, 67]));
    }

    #[test]
    fn scores_are_those_of_the_notes() {
        let (model, watch) = (model(1), Watch::new());
        let clip = melody(&SCALE, 8);
        let asked = conditions(Some("C"), Some("C F"), None);
        let nats = model.score(&Piece::from(&clip), &asked, &watch).unwrap();
        assert_eq!(nats.len(), 8);
        assert!(nats.iter().all(|nats| *nats > 0.0));
        let guide = model.guide(&asked, &[&clip]).unwrap();
        let tokens = encode(&clip, guide.home).unwrap().tokens;
        let steps: f64 = model.nats(&tokens, 0, &guide, &watch).unwrap().iter().sum();
        assert!((nats.iter().sum::<f64>() - steps).abs() < 1e-9);
        // What lies under the top voice counts nothing.
        let both = clip.stack(&melody(&[48, 50, 52, 53, 55, 57, 59, 60], 8)).unwrap();
        let scored = model.score(&Piece::from(&both), &asked, &watch).unwrap();
        let upper: Vec<f64> = scored.iter().copied().filter(|nats| *nats > 0.0).collect();
        assert_eq!((scored.len(), upper), (16, nats));
        let rest = Clip::rest(Beat::ONE).unwrap();
        assert_eq!(model.score(&Piece::from(&rest), &asked, &watch), Ok(Vec::new()));
    }

    #[test]
    fn what_it_cannot_do_is_said() {
        let (model, watch) = (model(1), Watch::new());
        let sample = |conditions: Conditions| {
            let request = Sampling::new(1, 1.0, 1, conditions).unwrap();
            model.sample(&request, &watch).unwrap_err().to_string()
        };
        let meter = Conditions { meter: "3/4".parse().unwrap(), ..Conditions::default() };
        assert_eq!(sample(meter), "`melody` does not know the meter 3/4: it plays 4/4");
        let message = sample(conditions(None, Some("C Hm G"), None));
        assert!(
            message.starts_with(
                "`melody` does not know the chord Hm: write one chord for each bar, as in \"C G Am F7\","
            ) && message.contains("m7b5"),
            "{message}"
        );
        assert_eq!(
            sample(conditions(None, None, Some(40.0))),
            "`melody` does not know the density 40: write a number of notes a bar from 0 to 16"
        );
        let request = Interpolation::new(3, sampling(2, 1.0, 1)).unwrap();
        let way = |from: &Clip, to: &Clip| {
            model.interpolate(&Piece::from(from), &Piece::from(to), &request, &watch).unwrap_err().to_string()
        };
        assert_eq!(
            way(&melody(&SCALE, 8), &melody(&SCALE, 16)),
            "`melody` cannot interpolate this clip: it has 8 beats and the other 16; make them equally long, 2 or 4 bars each"
        );
        assert_eq!(
            way(&melody(&SCALE, 8), &melody(&[], 8)),
            "`melody` cannot interpolate this clip: it has no notes"
        );
        let drum = Note {
            start: Beat::ZERO,
            duration: Beat::ONE,
            tone: Tone::Drum(Drum::Bass),
            velocity: Velocity::DEFAULT,
        };
        let clip = Clip::new(vec![drum], Beat::ONE).unwrap();
        assert_eq!(
            model.score(&Piece::from(&clip), &Conditions::default(), &watch).unwrap_err().to_string(),
            "`melody` cannot score this clip: note 1 is a drum: melody hears and plays melodies"
        );
        let error = model.more(&melody(&SCALE, 8), "sadness", 1.0, request.sampling(), &watch).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`melody` does not know the attribute sadness: density, pitch, syncopation"
        );
    }

    #[test]
    fn a_cancelled_request_stops() {
        let (model, watch) = (model(1), Watch::new());
        watch.cancel();
        let (request, clip) = (sampling(4, 1.0, 1), melody(&SCALE, 8));
        assert_eq!(model.sample(&request, &watch), Err(ModelError::Cancelled));
        assert_eq!(model.continue_from(&Piece::from(&clip), &request, &watch), Err(ModelError::Cancelled));
        assert_eq!(
            model.score(&Piece::from(&clip), request.conditions(), &watch),
            Err(ModelError::Cancelled)
        );
        assert_eq!(model.between(&clip, &clip, &[0.0], &request, &watch), Err(ModelError::Cancelled));
    }
}
