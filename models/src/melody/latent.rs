//! The latent space of `melody`: clips as points, points as clips, and the ways between them.

use lilt_inference::{ModelError, Watch};
use lilt_score::Clip;

use super::features::{Density, Guide, MelodyState};
use super::model::MelodyModel;
use super::network::letters;
use super::particles::Room;
use super::sampling::draw;
use super::step::{MelodyStep, Plan};
use super::vocabulary::{FIRST_PITCH, HOLD, REST, SEGMENT, beats, from_silence, is_onset};
use crate::step::LstmState;

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

/// A clip that is being played, up to some segment of a breath.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// What was played.
    pub past: MelodyState,
    state: LstmState,
    /// Of the model of melodies, which knows of no points.
    free: LstmState,
}

/// What else has a say beside the points; what is not there says nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said<'a> {
    /// What each line pays for a note that begins, in nats.
    pub costs: &'a [f32],
    /// How far each line leans on the model of melodies, as in [`MelodyModel::play_points`].
    pub lean: &'a [f32],
}

impl Line {
    /// Nothing yet.
    pub fn new(step: &MelodyStep) -> Line {
        Line { past: MelodyState::new(0), state: step.start(), free: step.start() }
    }

    /// Writes the breath behind what was played before it. It begins from silence: what rings from the
    /// breath before ends here.
    pub fn append_to(&self, played: &mut Vec<u8>) {
        let at = played.len();
        played.extend_from_slice(self.past.tokens());
        if played[at] == HOLD {
            played[at] = REST;
        }
    }
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
        let segments = clips.first().map_or(0, Vec::len);
        let mut played: Vec<Vec<u8>> = vec![Vec::with_capacity(segments * SEGMENT); clips.len()];
        let mut room = Room::default();
        for breath in (0..segments).step_by(BREATH) {
            let guide = planned(guide, breath);
            let mut lines = vec![Line::new(self.step()); clips.len()];
            for segment in breath..(breath + BREATH).min(segments) {
                let points: Vec<&[f32]> = clips.iter().map(|points| points[segment].as_slice()).collect();
                self.play_segment(&mut lines, &points, &Said { costs: &[], lean }, &guide, &mut room, watch)?;
            }
            played.iter_mut().zip(&lines).for_each(|(played, line)| line.append_to(played));
        }
        Ok(played.iter().map(|tokens| from_silence(tokens)).collect())
    }

    /// Plays `lines` on by a segment each, side by side: the likeliest steps of the point of each, as `said`
    /// changes them.
    ///
    /// # Errors
    /// As [`MelodyModel::play_points`].
    pub(super) fn play_segment(
        &self,
        lines: &mut [Line],
        points: &[&[f32]],
        said: &Said<'_>,
        guide: &Guide,
        room: &mut Room,
        watch: &Watch,
    ) -> Result<(), ModelError> {
        let step = self.step();
        let free = Guide { planned: false, ..guide.clone() };
        let leaning = |line: usize| said.lean.get(line).copied().filter(|&lean| lean > 0.0);
        let plans: Vec<Plan> = points.iter().map(|point| step.plan(point)).collect();
        let mut states: Vec<LstmState> = lines.iter().map(|line| line.state.clone()).collect();
        let leaners: Vec<usize> = (0..lines.len()).filter(|&line| leaning(line).is_some()).collect();
        let mut free_states: Vec<LstmState> = leaners.iter().map(|&line| lines[line].free.clone()).collect();
        let mut of_melodies = Vec::new();
        for at in 0..SEGMENT {
            watch.check()?;
            room.features.clear();
            room.features.extend(lines.iter().map(|line| line.past.features(guide)));
            let drives: Vec<&[f32]> = plans.iter().map(|plan| plan.drive(at)).collect();
            step.step(&mut room.scratch, &room.features, &drives, &mut states);
            room.features.clear();
            room.features.extend(leaners.iter().map(|&line| lines[line].past.features(&free)));
            step.step(&mut room.scratch, &room.features, &[], &mut free_states);
            let mut free_states = free_states.iter();
            for (number, ((line, state), plan)) in lines.iter_mut().zip(&states).zip(&plans).enumerate() {
                step.logits(state, Some(plan.said(at)), &mut room.logits);
                if let Some(lean) = leaning(number)
                    && let Some(state) = free_states.next()
                {
                    step.logits(state, None, &mut of_melodies);
                    for (logit, free) in room.logits.iter_mut().zip(&of_melodies) {
                        *logit += lean * (free - *logit);
                    }
                }
                let cost = said.costs.get(number).copied().unwrap_or(0.0);
                room.logits[usize::from(FIRST_PITCH)..].iter_mut().for_each(|logit| *logit -= cost);
                line.past.advance(draw(&room.logits, &line.past, guide, 0.0, 0.0)?);
            }
        }
        lines.iter_mut().zip(states).for_each(|(line, state)| line.state = state);
        leaners.into_iter().zip(free_states).for_each(|(line, state)| lines[line].free = state);
        Ok(())
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
    ) -> Result<(Vec<Points>, Vec<Vec<u8>>), ModelError> {
        let ends = self.settle(&ends, guide, watch)?;
        let [from, to] = &ends[..] else { return Ok((Vec::new(), Vec::new())) };
        let point = |&t: &f64| from.iter().zip(to).map(|(from, to)| slerp(from, to, t)).collect();
        let points: Vec<Points> = at.iter().map(point).collect();
        let lean: Vec<f32> = at.iter().map(|&t| lean(t)).collect();
        let played = self.play_points(&points, &lean, guide, watch)?;
        Ok((points, played))
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
        .map_err(|error| ModelError::computation(super::NAME, error))
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
