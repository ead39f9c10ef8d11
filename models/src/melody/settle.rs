//! Finding the points from which clips are played as they are.
//!
//! The encoder gives a point at once, and from it most notes come back. What is still wrong is mended
//! by a short search: the clip is played as it should be, what the logits of each step lack goes back
//! through the plan to the point, and the point moves (Adam, Kingma and Ba 2015). The network's own
//! part of the logits is worked out anew in each round and stands still within it.

use lilt_inference::{ModelError, Watch};

use super::features::{Guide, MelodyState};
use super::latent::{BREATH, Points, planned};
use super::model::MelodyModel;
use super::particles::Room;
use super::sampling::draw;
use super::step::Plan;
use super::vocabulary::{SEGMENT, TOKENS, from_silence};

/// Rounds of a search at most.
const ROUNDS: usize = 8;
/// Moves of a point in a round.
const MOVES: usize = 6;
/// How far an axis moves at once.
const PACE: f32 = 0.08;
/// Adam's memories of the gradient and of its square.
const MEMORY: [f32; 2] = [0.8, 0.95];

/// One segment's search.
#[derive(Debug, Clone)]
struct Search {
    point: Vec<f32>,
    mean: Vec<f32>,
    square: Vec<f32>,
    moves: i32,
    /// The network's own part of the logits, `[32, tokens]`.
    own: Vec<f32>,
    /// Steps that are played otherwise.
    wrong: usize,
    best: (usize, Vec<f32>),
}

impl Search {
    fn new(point: Vec<f32>) -> Search {
        let zeros = vec![0.0; point.len()];
        let best = (usize::MAX, point.clone());
        Search { point, mean: zeros.clone(), square: zeros, moves: 0, own: Vec::new(), wrong: 0, best }
    }

    /// Remembers the point when it is the best so far.
    fn judge(&mut self) {
        if self.wrong < self.best.0 {
            self.best = (self.wrong, self.point.clone());
        }
    }

    /// Moves the point against `gradient`.
    fn step(&mut self, gradient: &[f32]) {
        self.moves += 1;
        let [first, second] = MEMORY.map(|memory| 1.0 - memory.powi(self.moves));
        let memories = self.mean.iter_mut().zip(&mut self.square);
        for ((axis, (mean, square)), &gradient) in self.point.iter_mut().zip(memories).zip(gradient) {
            *mean = MEMORY[0] * *mean + (1.0 - MEMORY[0]) * gradient;
            *square = MEMORY[1] * *square + (1.0 - MEMORY[1]) * gradient * gradient;
            *axis -= PACE * (*mean / first) / ((*square / second).sqrt() + 1e-6);
        }
    }
}

impl MelodyModel {
    /// The points from which each of `tokens`, clips of the same number of whole segments, is played as
    /// it is, or as nearly as a short search finds.
    ///
    /// # Errors
    /// When the network gives no usable numbers, or the watch is cancelled.
    pub fn settle(&self, tokens: &[&[u8]], guide: &Guide, watch: &Watch) -> Result<Vec<Points>, ModelError> {
        let mut settled: Vec<Points> = vec![Vec::new(); tokens.len()];
        let breaths = tokens.first().map_or(0, |tokens| tokens.len().div_ceil(BREATH * SEGMENT));
        for breath in 0..breaths {
            let from = breath * BREATH * SEGMENT;
            let wanted: Vec<Vec<u8>> = tokens
                .iter()
                .map(|tokens| from_silence(&tokens[from..(from + BREATH * SEGMENT).min(tokens.len())]))
                .collect();
            let guide = planned(guide, breath * BREATH);
            let found = self.settle_breath(&wanted, &guide, watch)?;
            settled.iter_mut().zip(found).for_each(|(settled, found)| settled.extend(found));
        }
        Ok(settled)
    }

    fn settle_breath(
        &self,
        wanted: &[Vec<u8>],
        guide: &Guide,
        watch: &Watch,
    ) -> Result<Vec<Points>, ModelError> {
        let searches = |tokens: &Vec<u8>| self.points(tokens).into_iter().map(Search::new).collect();
        let mut clips: Vec<(usize, Vec<Search>)> = wanted.iter().map(searches).enumerate().collect();
        let mut found: Vec<Points> = vec![Vec::new(); wanted.len()];
        for round in 0..=ROUNDS {
            self.play_as_wanted(wanted, &mut clips, guide, watch)?;
            for (_, searches) in &mut clips {
                searches.iter_mut().for_each(Search::judge);
            }
            clips.retain(|(clip, searches)| {
                let done = round == ROUNDS || searches.iter().all(|search| search.wrong == 0);
                if done {
                    found[*clip] = searches.iter().map(|search| search.best.1.clone()).collect();
                }
                !done
            });
            for (clip, searches) in &mut clips {
                for (search, wanted) in searches.iter_mut().zip(wanted[*clip].chunks(SEGMENT)) {
                    if search.wrong > 0 {
                        self.mend(search, wanted);
                    }
                }
            }
            if clips.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// Plays clips step by step as they should be, and finds what the network's own part of the logits
    /// is and which steps would be played otherwise.
    fn play_as_wanted(
        &self,
        wanted: &[Vec<u8>],
        clips: &mut [(usize, Vec<Search>)],
        guide: &Guide,
        watch: &Watch,
    ) -> Result<(), ModelError> {
        let step = self.step();
        let mut pasts = vec![MelodyState::new(0); clips.len()];
        let mut states = vec![step.start(); clips.len()];
        let mut room = Room::default();
        let segments = clips.first().map_or(0, |(_, searches)| searches.len());
        for segment in 0..segments {
            let plans: Vec<Plan> =
                clips.iter().map(|(_, searches)| step.plan(&searches[segment].point)).collect();
            for (_, searches) in clips.iter_mut() {
                searches[segment].own.clear();
                searches[segment].wrong = 0;
            }
            for at in 0..SEGMENT {
                watch.check()?;
                room.features.clear();
                room.features.extend(pasts.iter().map(|past| past.features(guide)));
                let drives: Vec<&[f32]> = plans.iter().map(|plan| plan.drive(at)).collect();
                step.step(&mut room.scratch, &room.features, &drives, &mut states);
                let places = clips.iter_mut().zip(&mut pasts).zip(&states).zip(&plans);
                for ((((clip, searches), past), state), plan) in places {
                    let token = wanted[*clip][segment * SEGMENT + at];
                    let search = &mut searches[segment];
                    step.logits(state, None, &mut room.logits);
                    search.own.extend_from_slice(&room.logits);
                    for (logit, said) in room.logits.iter_mut().zip(plan.said(at)) {
                        *logit += said;
                    }
                    search.wrong += usize::from(draw(&room.logits, past, guide, 0.0, 0.0)? != token);
                    past.advance(token);
                }
            }
        }
        Ok(())
    }

    /// Moves a point so that its plan says what is wanted.
    fn mend(&self, search: &mut Search, wanted: &[u8]) {
        let decoder = self.step().decoder();
        for _ in 0..MOVES {
            let said = decoder.say(&search.point);
            let mut gradient = vec![0.0; SEGMENT * TOKENS];
            let steps = gradient.chunks_exact_mut(TOKENS).zip(search.own.chunks_exact(TOKENS));
            for (((gradient, own), said), &token) in steps.zip(said.logits.chunks_exact(TOKENS)).zip(wanted) {
                softmax(own, said, gradient);
                gradient[usize::from(token)] -= 1.0;
            }
            let gradient = decoder.back(&said, &gradient);
            search.step(&gradient);
        }
    }
}

/// The probabilities of `own + said`.
fn softmax(own: &[f32], said: &[f32], out: &mut [f32]) {
    out.iter_mut().zip(own.iter().zip(said)).for_each(|(out, (own, said))| *out = own + said);
    let top = out.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for out in out.iter_mut() {
        *out = exp(*out - top);
        sum += *out;
    }
    out.iter_mut().for_each(|out| *out /= sum);
}

/// e to the power of `x`, at most 0, within a hundred-thousandth. Unlike the library's it gives the same
/// bits everywhere.
fn exp(x: f32) -> f32 {
    if x < -80.0 {
        return 0.0;
    }
    // 2^n · e^r with |r| at most ln 2 / 2, and a polynomial of e^r (Taylor).
    let n = (x * std::f32::consts::LOG2_E).round();
    let r = x - n * std::f32::consts::LN_2;
    let p = 1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0)))));
    p * f32::from_bits(((n as i32 + 127) as u32) << 23)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::melody::chords::Harmony;
    use crate::melody::features::Density;
    use crate::melody::step::MelodyStep;
    use crate::melody::untrained::{config, weights};
    use crate::melody::vocabulary::{Color, HOLD, Home};
    use crate::step::Kernel;

    #[test]
    fn exp_is_near_enough() {
        for x in [0.0f32, -1e-3, -0.5, -1.0, -7.3, -40.0] {
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 1e-5, "{x}");
        }
        assert_eq!(exp(-100.0), 0.0);
    }

    /// Even a network that knows nothing can be talked into more of a clip than its encoder finds, when
    /// its plans speak loudly.
    #[test]
    fn a_search_brings_clips_nearer() {
        let mut weights = weights(5);
        for name in ["plan.said.weight", "plan.steps.weight"] {
            weights.get_mut(name).unwrap().values.iter_mut().for_each(|weight| *weight *= 4.0);
        }
        let step = MelodyStep::new(config(), &weights, Kernel::detect()).unwrap();
        let model = MelodyModel::new(step, String::new(), String::new());
        let home = Home { tonic: 0, color: Color::Major };
        let guide = Guide { home, harmony: Harmony::unknown(), density: Density::UNKNOWN, planned: true };
        let clip: Vec<u8> = (0..2 * SEGMENT).map(|step| if step % 8 == 0 { 24 } else { HOLD }).collect();
        let watch = Watch::new();
        let wrong = |points: &Points| {
            let played = model.play_points(std::slice::from_ref(points), &[], &guide, &watch).unwrap();
            played[0].iter().zip(&clip).filter(|(a, b)| a != b).count()
        };
        let settled = model.settle(&[&clip], &guide, &watch).unwrap();
        assert_eq!(settled[0].len(), 2);
        assert!(wrong(&settled[0]) < wrong(&model.points(&clip)));
        assert_eq!(settled, model.settle(&[&clip], &guide, &watch).unwrap());
    }
}
