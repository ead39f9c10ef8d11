//! What `melody` needs to learn more while the music plays.

use std::sync::Arc;

use lilt_inference::{Examples, ModelError, Piece, Watch};
use lilt_score::{Beat, Clip};

use super::NAME;
use super::batches::Telling;
use super::codec::encode;
use super::features::Guide;
use super::lesson::{Layout, MelodyLesson};
use super::network::Config;
use super::passage::{Happening, Passage, Song};
use super::step::MelodyStep;
use super::vocabulary::{BAR, beats};
use crate::step::Kernel;
use crate::training::adapt;

/// Clips learnt side by side.
const BATCH: usize = 16;
/// Share of units dropped after each layer.
const DROPOUT: f32 = 0.1;

/// Of a network of these sizes.
pub type Learner = crate::learner::Learner<Config>;

impl Learner {
    /// Learns `examples`, which were played under `guide`, into an adapter, until those held out get no
    /// likelier: what plays then, and what can learn on. The latent space stays as it is: what reads clips
    /// into points and points into plans does not learn. `tell` hears how much of the work is done, `0..=1`.
    ///
    /// # Errors
    /// When a clip cannot be read, there is none, the numbers are gone, the network fails, or the watch is
    /// cancelled.
    pub fn learn(
        &self,
        guide: &Guide,
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<(MelodyStep, Learner), ModelError> {
        let weights = self.weights(&self.config().stored())?;
        let weighed = |(number, clip)| song(clip, guide, |beat| examples.weight(number, beat));
        let songs = Piece::clips(&examples.learnt)?
            .into_iter()
            .enumerate()
            .map(weighed)
            .collect::<Result<Vec<_>, _>>()?;
        let held_out = Piece::clips(&examples.held_out)?.into_iter().map(|clip| song(clip, guide, |_| 1.0));
        let held_out = held_out.collect::<Result<Vec<_>, _>>()?;
        let telling = Telling::Asked(guide.density);
        let layout =
            Layout { songs: BATCH, clips: 0, reconstructions: 0, beta: 0.0, dropout: DROPOUT, telling };
        let lesson = MelodyLesson::new(*self.config(), layout, &songs, &held_out);
        let learnt = Arc::new(adapt(NAME, lesson, &weights, examples, tell, watch)?);
        let step = MelodyStep::new(*self.config(), &learnt, Kernel::detect())
            .map_err(|error| ModelError::computation(NAME, error))?;
        Ok((step, self.having_learnt(learnt)))
    }
}

/// A clip as it was played under `guide`, from its step 0 on; each step counts as much as `weight` says.
fn song(clip: &Clip, guide: &Guide, weight: impl Fn(Beat) -> f32) -> Result<Song, ModelError> {
    let tokens = encode(clip, guide.home).map_err(|error| ModelError::clip(NAME, "bake", error))?.tokens;
    // A bar more than there is: what is announced at the end.
    let chords = (0..tokens.len() + BAR).map(|step| guide.harmony.at(step as i64)).collect();
    let steps = Happening::of(&tokens, guide.home);
    let weights = (0..steps.len()).map(|step| weight(beats(step))).collect();
    Ok(Song { passages: vec![Passage { home: guide.home, steps, chords, weights }] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::untrained::{learning, melody, model};
    use lilt_inference::{
        Bake, Baked, Conditions, Interpolation, Learns, Model, Reward, Sampling, Setting, Settings, Tilt,
    };
    use lilt_score::Beat;

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

    fn request(bars: u32) -> Sampling {
        let settings = Settings::default()
            .with("chords", Setting::Text("C G Am".to_owned()))
            .with("density", Setting::Number(4.0));
        let conditions = Conditions { key: Some("C".parse().unwrap()), settings, ..Conditions::default() };
        Sampling::new(bars, 1.0, 1, conditions).unwrap()
    }

    #[test]
    fn a_reward_is_learnt_and_every_verb_goes_on() {
        let (plain, watch) = (learning(1).named("mine"), Watch::new());
        let tilt = Tilt::new(Arc::new(Few), 1.0, 16, Beat::whole(4)).unwrap();
        let bake = Bake { tilt, request: request(2), pieces: 32, rounds: 0 };
        let Baked { model: baked, comparison } = plain.bake(&bake, &watch).unwrap();
        let [before, tilted, learnt] = comparison.reward;
        assert!(before < learnt && learnt <= tilted + 2.0, "{comparison:?}");
        assert_eq!(baked.description().name, "mine");
        assert!(baked.learns().is_some());
        let clip = baked.sample(&request(4), &watch).unwrap().into_clip().unwrap();
        assert_ne!(clip, plain.sample(&request(4), &watch).unwrap().into_clip().unwrap());
        let (from, to) = (melody(&[60, 62, 64, 65], 8), melody(&[72, 71, 69, 67], 8));
        let way = Interpolation::new(3, request(2)).unwrap();
        assert_eq!(
            baked.interpolate(&Piece::from(&from), &Piece::from(&to), &way, &watch).unwrap().pieces().len(),
            3
        );
        assert_eq!(
            baked
                .transform("more", &Piece::from(&from), &request(2), &watch)
                .unwrap()
                .into_clip()
                .unwrap()
                .length(),
            from.length()
        );
        assert_eq!(
            baked
                .continue_from(&Piece::from(&from), &request(1), &watch)
                .unwrap()
                .into_clip()
                .unwrap()
                .length(),
            Beat::whole(4)
        );
        assert_eq!(baked.score(&Piece::from(&from), request(1).conditions(), &watch).unwrap().len(), 4);
        // A network in hand has no numbers to learn from.
        assert!(model(1).learns().is_none());
    }

    #[test]
    fn a_clip_is_learnt_as_it_was_played() {
        let model = model(1);
        let asked = request(4);
        let guide = model.guide(asked.conditions(), &[]).unwrap();
        let clip = model.sample(&asked, &Watch::new()).unwrap().into_clip().unwrap();
        let passage = &song(&clip, &guide, |_| 1.0).unwrap().passages[0];
        let tokens = encode(&clip, guide.home).unwrap().tokens;
        assert_eq!(passage.tokens(guide.home, 0).unwrap(), tokens);
        // What is announced goes on as the chords do, three bars and again.
        let harmony = passage.harmony(0);
        for step in 0..tokens.len() as i64 {
            assert_eq!(
                (harmony.at(step), harmony.next(step)),
                (guide.harmony.at(step), guide.harmony.next(step))
            );
        }
    }
}
