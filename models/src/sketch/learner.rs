//! What a model of drawings needs to learn more while the music plays.

use std::sync::Arc;

use lilt_inference::{Examples, ModelError, Watch};

use super::batches::Layout;
use super::drawing::{Drawing, Variation};
use super::lesson::{SketchLesson, Weighing};
use super::network::Config;
use super::step::SketchStep;
use crate::training::adapt;

/// Drawings learnt side by side.
const BATCH: usize = 16;
/// Share of units dropped after the LSTM.
const DROPOUT: f32 = 0.1;
/// Drawings are learnt as they were drawn: a reward may look at their sides, and at every point.
const UNCHANGED: Variation =
    Variation { scale: 0.0, rotation: 0.0, shear: 0.0, mirrored: 0.0, dropped: 0.0, unchanged: 1.0 };

/// Of a network of these sizes.
pub type Learner = crate::learner::Learner<Config>;

impl Learner {
    /// Learns `drawings`, which are those of `examples`, into an adapter, until those of `held_out` get no likelier:
    /// what draws then, and what can learn on. The latent space stays as it is: no drawing is told a point of it.
    /// `model` is what errors call it; `tell` hears how much of the work is done, `0..=1`.
    ///
    /// # Errors
    /// When there is nothing to learn, the numbers are gone, the network fails, or the watch is cancelled.
    pub fn learn(
        &self,
        model: &str,
        [drawings, held_out]: [Vec<Drawing>; 2],
        examples: &Examples,
        tell: &dyn Fn(f64),
        watch: &Watch,
    ) -> Result<(SketchStep, Learner), ModelError> {
        let weights = self.weights(&self.config().tensors())?;
        let layout = Layout { batch: BATCH, points: 0, real: 1.0, hidden_kinds: 0.0, variation: UNCHANGED };
        let weighing = Weighing { dropout: DROPOUT, beta: 0.0, free: 0.0, growing: 1.0 };
        let learnt_from = [drawings.into(), Arc::from([])];
        let lesson = SketchLesson::new(self.config().clone(), layout, weighing, learnt_from, held_out.into());
        let learnt = Arc::new(adapt(model, lesson, &weights, examples, tell, watch)?);
        let step = SketchStep::new(self.config().clone(), &learnt)
            .map_err(|error| ModelError::computation(model, error))?;
        Ok((step, self.having_learnt(learnt)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::model::SketchModel;
    use crate::sketch::untrained::{config, weights};
    use crate::source::Source;
    use lilt_inference::{
        Bake, Baked, Conditions, Extent, Interpolation, Learns, Model, Piece, Reward, Sampling, Setting,
        Settings, Tilt,
    };

    /// Likes drawings of many points: one that was never trained ends after a few.
    struct Many;

    impl Reward for Many {
        fn identity(&self) -> &str {
            "many"
        }

        fn score(&self, pieces: &[Piece], _: &Watch) -> Result<Vec<f64>, ModelError> {
            pieces.iter().map(|piece| Ok(piece.sketch()?.points() as f64)).collect()
        }
    }

    fn request(seed: u64) -> Sampling {
        let settings = Settings::default().with("kind", Setting::Word("cat".to_owned()));
        Sampling::drawing(24, 1.0, seed, Conditions { settings, ..Conditions::default() }).unwrap()
    }

    fn model() -> SketchModel {
        let weights = Arc::new(weights(&config(), 5));
        let step = SketchStep::new(config(), &weights).unwrap();
        SketchModel::new(step, "mine", "mine".to_owned(), String::new())
            .learning(Learner::new(config(), Source::Memory(weights)))
    }

    #[test]
    fn a_reward_is_learnt_and_every_verb_goes_on() {
        let (plain, watch) = (model(), Watch::new());
        let tilt = Tilt::new(Arc::new(Many), 0.4, 32, Extent::of_points(4)).unwrap();
        let bake = Bake { tilt, request: request(1), pieces: 256, rounds: 0 };
        let Baked { model: baked, comparison } = plain.bake(&bake, &watch).unwrap();
        let [before, tilted, learnt] = comparison.reward;
        assert!(before + 0.5 < learnt && learnt <= tilted + 1.0, "{comparison:?}");
        assert_eq!(baked.description().name, "mine");
        assert_ne!(baked.description().identity, plain.description().identity);
        let drawn = |model: &dyn Model, seed| model.sample(&request(seed), &watch).unwrap().piece;
        let (cat, bus) = (drawn(&*baked, 1), drawn(&plain, 2));
        let further = baked.continue_from(&cat, &request(3), &watch).unwrap().piece;
        assert!(further.sketch().unwrap().points() >= cat.sketch().unwrap().points());
        let way = Interpolation::new(3, request(4)).unwrap();
        assert_eq!(baked.interpolate(&cat, &bus, &way, &watch).unwrap().pieces().len(), 3);
        let nats = baked.score(&bus, request(1).conditions(), &watch).unwrap();
        assert_eq!(nats.len(), bus.sketch().unwrap().points());
        // It can learn on, and a network in hand cannot.
        assert!(baked.learns().is_some());
        let step = SketchStep::new(config(), &weights(&config(), 5)).unwrap();
        assert!(SketchModel::new(step, "mine", String::new(), String::new()).learns().is_none());
    }

    #[test]
    fn what_it_cannot_read_is_refused() {
        let music = Piece::from(&lilt_score::Clip::rest(lilt_score::Beat::whole(4)).unwrap());
        let examples = Examples {
            learnt: vec![music],
            held_out: Vec::new(),
            advantages: None,
            conditions: request(1).conditions().clone(),
            seed: 1,
            identity: String::new(),
        };
        assert!(model().learn(&examples, &|_| (), &Watch::new()).is_err());
    }
}
