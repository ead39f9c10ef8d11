//! The latent space of `melody`: clips as points, points as clips, and the ways between them.

use lilt_inference::{ModelError, Watch};
use lilt_score::Clip;

use super::features::{Density, Guide, MelodyState};
use super::model::MelodyModel;
use super::network::letters;
use super::particles::Room;
use super::sampling::draw;
use super::step::Plan;
use super::vocabulary::{HOLD, REST, SEGMENT, beats, from_silence, is_onset};

/// Segments that are played in one breath: the next begins from silence, as the network learnt it.
pub(super) const BREATH: usize = 2;

/// How far the middle of a way leans on the model of melodies.
const MOST_LEANING: f64 = 0.6;

/// A clip as points of the latent space, one for each two bars.
pub type Points = Vec<Vec<f32>>;

/// The point at `t` of the great circle from `a` to `b`, with the length that lies between theirs
/// (Shoemake 1985; for a Gaussian of many axes, whose points lie near a sphere, White 2016). `t` may lie
/// beyond the ends.
pub fn slerp(a: &[f32], b: &[f32], t: f64) -> Vec<f32> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let (long_a, long_b) = (dot(a, a).sqrt(), dot(b, b).sqrt());
    let cosine = if long_a > 0.0 && long_b > 0.0 { dot(a, b) / (long_a * long_b) } else { 1.0 };
    let angle = cosine.clamp(-1.0, 1.0).acos();
    // Opposite or equal points have no great circle of their own: go straight.
    let (of_a, of_b) = if angle.sin() < 1e-4 {
        (1.0 - t, t)
    } else {
        (((1.0 - t) * angle).sin() / angle.sin(), (t * angle).sin() / angle.sin())
    };
    a.iter().zip(b).map(|(a, b)| (of_a * f64::from(*a) + of_b * f64::from(*b)) as f32).collect()
}

/// How far a clip at `t` of a way leans on the model of melodies: not at all at the ends, which are to be
/// given back, and most in the middle, which is farthest from what the encoder has ever said.
pub fn lean(t: f64) -> f32 {
    // The sine of π is not quite 0, and an end leans on nothing.
    if t <= 0.0 || t >= 1.0 {
        return 0.0;
    }
    (MOST_LEANING * (std::f64::consts::PI * t).sin().max(0.0).sqrt()) as f32
}

/// What the breath that begins with segment `breath` is guided by.
pub(super) fn planned(guide: &Guide, breath: usize) -> Guide {
    let harmony = guide.harmony.clone().starting(-((breath * SEGMENT) as i64));
    Guide { harmony, density: Density::UNKNOWN, planned: true, ..guide.clone() }
}

/// Notes of `wanted` that `found` has: the same pitch on the same 16th.
pub fn matching(wanted: &[u8], found: &[u8]) -> usize {
    wanted.iter().zip(found).filter(|(wanted, found)| is_onset(**wanted) && wanted == found).count()
}

impl MelodyModel {
    /// The points of `tokens`, whole segments.
    pub fn points(&self, tokens: &[u8]) -> Points {
        let read = |breath: &[u8]| {
            let letters = letters(&from_silence(breath));
            letters.chunks(SEGMENT).map(|segment| self.step().encode(segment)).collect::<Points>()
        };
        tokens.chunks(BREATH * SEGMENT).flat_map(read).collect()
    }

    /// The likeliest steps of each of `clips`, which have the same number of points; the clips are
    /// played side by side. `lean[i]`, `0.0..=1.0`, is how far clip `i` leans on the model of melodies,
    /// which knows of no points: that share of its logits, and the rest of those that hear the plan.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or the watch is cancelled.
    pub fn play_points(
        &self,
        clips: &[Points],
        lean: &[f32],
        guide: &Guide,
        watch: &Watch,
    ) -> Result<Vec<Vec<u8>>, ModelError> {
        let step = self.step();
        let segments = clips.first().map_or(0, Vec::len);
        let mut played: Vec<Vec<u8>> = vec![Vec::with_capacity(segments * SEGMENT); clips.len()];
        let mut room = Room::default();
        let mut of_melodies = Vec::new();
        let leaning: Vec<usize> =
            (0..clips.len()).filter(|&clip| lean.get(clip).is_some_and(|&lean| lean > 0.0)).collect();
        for breath in (0..segments).step_by(BREATH) {
            let guide = planned(guide, breath);
            let free = Guide { planned: false, ..guide.clone() };
            let mut pasts = vec![MelodyState::new(0); clips.len()];
            let mut states = vec![step.start(); clips.len()];
            let mut free_states = vec![step.start(); leaning.len()];
            for segment in breath..(breath + BREATH).min(segments) {
                let plan = |points: &Points| points.get(segment).map(|point| step.plan(point));
                let plans: Vec<Plan> = clips.iter().filter_map(plan).collect();
                for at in 0..SEGMENT {
                    watch.check()?;
                    room.features.clear();
                    room.features.extend(pasts.iter().map(|past| past.features(&guide)));
                    let drives: Vec<&[f32]> = plans.iter().map(|plan| plan.drive(at)).collect();
                    step.step(&mut room.scratch, &room.features, &drives, &mut states);
                    room.features.clear();
                    room.features.extend(leaning.iter().map(|&clip| pasts[clip].features(&free)));
                    step.step(&mut room.scratch, &room.features, &[], &mut free_states);
                    let mut free_states = free_states.iter();
                    for (clip, (past, state)) in pasts.iter_mut().zip(&states).enumerate() {
                        step.logits(state, plans.get(clip).map(|plan| plan.said(at)), &mut room.logits);
                        if let Some(&lean) = lean.get(clip).filter(|&&lean| lean > 0.0)
                            && let Some(state) = free_states.next()
                        {
                            step.logits(state, None, &mut of_melodies);
                            for (logit, free) in room.logits.iter_mut().zip(&of_melodies) {
                                *logit += lean * (free - *logit);
                            }
                        }
                        past.advance(draw(&room.logits, past, &guide, 0.0, 0.0)?);
                    }
                }
            }
            for (played, past) in played.iter_mut().zip(&pasts) {
                let at = played.len();
                played.extend_from_slice(past.tokens());
                // A breath begins from silence: what rings from the one before ends here.
                if played[at] == HOLD {
                    played[at] = REST;
                }
            }
        }
        Ok(played.iter().map(|tokens| from_silence(tokens)).collect())
    }

    /// The clips at each `t` of `at` (0 is `from`, 1 is `to`) on the way between two clips of whole
    /// segments.
    ///
    /// # Errors
    /// As [`MelodyModel::play_points`].
    pub fn way(
        &self,
        ends: [&[u8]; 2],
        at: &[f64],
        guide: &Guide,
        watch: &Watch,
    ) -> Result<Vec<Vec<u8>>, ModelError> {
        let ends = self.settle(&ends, guide, watch)?;
        let [from, to] = &ends[..] else { return Ok(Vec::new()) };
        let point = |&t: &f64| from.iter().zip(to).map(|(from, to)| slerp(from, to, t)).collect();
        let points: Vec<Points> = at.iter().map(point).collect();
        let lean: Vec<f32> = at.iter().map(|&t| lean(t)).collect();
        self.play_points(&points, &lean, guide, watch)
    }

    /// `tokens`, whole segments, moved by `amount` along the direction of an attribute.
    ///
    /// # Errors
    /// As [`MelodyModel::play_points`].
    pub fn moved(
        &self,
        tokens: &[u8],
        direction: &[f32],
        amount: f64,
        guide: &Guide,
        watch: &Watch,
    ) -> Result<Vec<u8>, ModelError> {
        let mut points = self.settle(&[tokens], guide, watch)?;
        for point in points.iter_mut().flatten() {
            for (point, direction) in point.iter_mut().zip(direction) {
                *point += amount as f32 * direction;
            }
        }
        Ok(self.play_points(&points, &[], guide, watch)?.swap_remove(0))
    }
}

/// `tokens` filled up with silence to whole segments.
pub(super) fn whole_segments(tokens: &[u8]) -> Vec<u8> {
    let mut whole = tokens.to_vec();
    let length = tokens.len().div_ceil(SEGMENT) * SEGMENT;
    if whole.len() < length {
        whole.push(REST);
        whole.resize(length, HOLD);
    }
    from_silence(&whole)
}

/// A clip of the first `steps` steps of `tokens`.
pub(super) fn clip(tokens: &[u8], guide: &Guide, steps: usize) -> Result<Clip, ModelError> {
    let cut = &tokens[..steps.min(tokens.len())];
    super::codec::decode(cut, guide.home, beats(steps))
        .map_err(|error| super::model::stopped(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_great_circle_keeps_its_ends_and_its_length() {
        let (a, b) = ([3.0, 0.0, 4.0], [0.0, 5.0, 0.0]);
        assert_eq!(slerp(&a, &b, 0.0), a);
        let end = slerp(&a, &b, 1.0);
        assert!(end.iter().zip(b).all(|(x, b)| (x - b).abs() < 1e-5), "{end:?}");
        let half = slerp(&a, &b, 0.5);
        let length = half.iter().map(|x| x * x).sum::<f32>().sqrt();
        assert!((length - 5.0).abs() < 1e-5, "{half:?}");
        assert_eq!(slerp(&a, &a, 0.3), a);
        assert_eq!(slerp(&[1.0, 0.0], &[-1.0, 0.0], 0.25), [0.5, 0.0]);
        assert_eq!(slerp(&[0.0, 0.0], &[0.0, 2.0], 0.5), [0.0, 1.0]);
    }

    #[test]
    fn ends_lean_on_nothing() {
        assert_eq!((lean(0.0), lean(1.0), lean(-0.5), lean(1.5)), (0.0, 0.0, 0.0, 0.0));
        assert!(lean(0.5) > lean(0.25) && (f64::from(lean(0.5)) - MOST_LEANING).abs() < 1e-6);
    }

    #[test]
    fn clips_are_filled_up_with_silence() {
        let whole = whole_segments(&[20, HOLD, 21]);
        assert_eq!(whole.len(), SEGMENT);
        assert_eq!(whole[..5], [20, HOLD, 21, REST, HOLD]);
        assert_eq!(whole_segments(&[20; 2 * SEGMENT]), [20; 2 * SEGMENT]);
    }

    proptest! {
        #[test]
        fn a_way_goes_on_steadily(
            a in prop::collection::vec(-2.0f32..2.0, 8),
            b in prop::collection::vec(-2.0f32..2.0, 8),
            t in 0.0f64..1.0,
        ) {
            prop_assume!(a.iter().any(|x| x.abs() > 0.1) && b.iter().any(|x| x.abs() > 0.1));
            let point = slerp(&a, &b, t);
            let back = slerp(&b, &a, 1.0 - t);
            for (x, y) in point.iter().zip(&back) {
                prop_assert!(x.is_finite() && (x - y).abs() < 1e-3);
            }
        }
    }
}
