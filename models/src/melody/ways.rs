//! The verbs that go through the latent space: from clip to clip, and along an attribute.

use lilt_inference::{Conditions, ModelError, Sampling, Watch};
use lilt_score::Clip;

use super::NAME;
use super::codec::encode;
use super::features::Guide;
use super::latent::{clip as segment_clip, whole_segments};
use super::model::{MORE, MelodyModel};
use super::more::MOST;
use super::vocabulary::{BAR, onsets};

/// Longest clip that is moved through the latent space, in bars.
const LONGEST_BARS: usize = 64;

impl MelodyModel {
    /// Both ends of a way as whole segments over one home, and how many steps of them are music.
    fn ends(
        &self,
        from: &Clip,
        to: &Clip,
        conditions: &Conditions,
    ) -> Result<(Guide, [Vec<u8>; 2], usize), ModelError> {
        let guide = self.guide(conditions, &[from, to])?;
        let verb = "interpolate";
        if from.length() != to.length() {
            let reason = format!(
                "it has {} beats and the other {}; make them equally long, 2 or 4 bars each",
                from.length(),
                to.length()
            );
            return Err(ModelError::clip(NAME, verb, reason));
        }
        let (from, steps) = self.segments(from, &guide, verb)?;
        let (to, _) = self.segments(to, &guide, verb)?;
        Ok((guide, [from, to], steps))
    }

    /// A clip as whole segments, and how many steps of them are the clip.
    fn segments(
        &self,
        clip: &Clip,
        guide: &Guide,
        verb: &'static str,
    ) -> Result<(Vec<u8>, usize), ModelError> {
        let tokens = encode(clip, guide.home).map_err(|error| ModelError::clip(NAME, verb, error))?.tokens;
        let because = |reason: String| ModelError::clip(NAME, verb, reason);
        if onsets(&tokens) == 0 {
            return Err(because("it has no notes".to_owned()));
        }
        if tokens.len() > LONGEST_BARS * BAR {
            let bars = tokens.len().div_ceil(BAR);
            return Err(because(format!("it has {bars} bars; take {LONGEST_BARS} or fewer")));
        }
        Ok((whole_segments(&tokens), tokens.len()))
    }

    /// Clips at each `t` of `at` on the way from `from` (0) to `to` (1) through the latent space, each
    /// two bars along a great circle of their own. What is played is always the likeliest, so a request's
    /// temperature and seed change nothing.
    ///
    /// # Errors
    /// As [`lilt_inference::Interpolates::interpolate`], and when the clips are not equally long.
    pub fn between(
        &self,
        from: &Clip,
        to: &Clip,
        at: &[f64],
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Vec<Clip>, ModelError> {
        self.along(from, to, at, request, watch).map(|(clips, _)| clips)
    }

    /// As [`MelodyModel::between`], with the point of the latent space at which each clip lies: those of its segments,
    /// one after the other.
    pub(super) fn along(
        &self,
        from: &Clip,
        to: &Clip,
        at: &[f64],
        request: &Sampling,
        watch: &Watch,
    ) -> Result<(Vec<Clip>, Vec<Vec<f32>>), ModelError> {
        let (guide, [from, to], steps) = self.ends(from, to, request.conditions())?;
        let (points, played) = self.way([&from, &to], at, &guide, watch)?;
        let clips =
            played.iter().map(|tokens| segment_clip(tokens, &guide, steps)).collect::<Result<_, _>>()?;
        Ok((clips, points.into_iter().map(|points| points.concat()).collect()))
    }

    /// `clip` with more of an attribute (`density`, `pitch`, `syncopation`), or less where `amount` is
    /// below 0: in each two bars by `amount` times what [`super::attributes::unit`] says, or as near to that as the latent
    /// space goes.
    ///
    /// # Errors
    /// When there is no such attribute, and as [`lilt_inference::Transforms::transform`].
    pub fn more(
        &self,
        clip: &Clip,
        attribute: &str,
        amount: f64,
        request: &Sampling,
        watch: &Watch,
    ) -> Result<Clip, ModelError> {
        if !(-MOST..=MOST).contains(&amount) {
            let known = format!("write a number from -{MOST} to {MOST}");
            return Err(ModelError::condition(NAME, "amount", amount, known));
        }
        let guide = self.guide(request.conditions(), &[clip])?;
        let (tokens, steps) = self.segments(clip, &guide, MORE)?;
        let moved = self.moved(&tokens, attribute, amount, &guide, watch)?;
        segment_clip(&moved, &guide, steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::untrained::{melody, model};
    use lilt_inference::{Interpolates, Interpolation, Piece, Setting, Settings, Transforms};
    use lilt_score::Beat;

    const SCALE: [u8; 8] = [60, 62, 64, 65, 67, 69, 71, 72];

    fn sampling(bars: u32, temperature: f64, seed: u64) -> Sampling {
        Sampling::new(bars, temperature, seed, Conditions::default()).unwrap()
    }

    #[test]
    fn ways_have_their_steps_and_their_length() {
        let (model, watch) = (model(1), Watch::new());
        for beats in [6, 8, 16, 20] {
            let request = Interpolation::new(5, sampling(2, 1.0, 1)).unwrap();
            let (from, to) = (melody(&SCALE, beats), melody(&[72, 71, 69, 67], beats));
            let way = model.interpolate(&Piece::from(&from), &Piece::from(&to), &request, &watch).unwrap();
            let path = way.path();
            assert!(path[0] == [0.0, 0.0] && (path[4][0] - 1.0).abs() < 1e-6 && path[2][1] > 0.0, "{path:?}");
            let way = way.pieces();
            assert_eq!(way.len(), 5);
            assert!(way.iter().all(|piece| piece.clip().unwrap().length() == Beat::whole(beats)));
            let between = model.between(&from, &to, &[0.0, 0.25], request.sampling(), &watch).unwrap();
            let begun: Vec<Clip> = way[..2].iter().map(|piece| piece.clip().unwrap().clone()).collect();
            assert_eq!(between, begun);
        }
    }

    #[test]
    fn more_of_nothing_is_the_clip_as_the_network_plays_it() {
        let (model, watch) = (model(1), Watch::new());
        let clip = melody(&SCALE, 8);
        let settings = Settings::default()
            .with("attribute", Setting::Word("pitch".to_owned()))
            .with("amount", Setting::Number(0.0));
        let asked = Conditions { settings, ..Conditions::default() };
        let request = Sampling::new(2, 1.0, 1, asked).unwrap();
        let same = model.transform(MORE, &Piece::from(&clip), &request, &watch).unwrap().into_clip().unwrap();
        assert_eq!(same, model.between(&clip, &clip, &[0.0], &request, &watch).unwrap()[0]);
        assert!(model.transform("groove", &Piece::from(&clip), &request, &watch).is_err());
    }
}
