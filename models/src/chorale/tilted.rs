//! Drawing from `chorale` tilted by a reward: p(x)·exp(r(x)) / Z, r in nats.
//!
//! A chorale is not made from left to right, so particles that grow would be of no use. Instead whole
//! pieces are drawn from the model and moved, by annealed importance sampling with resampling (the
//! sequential Monte Carlo sampler of Del Moral, Doucet and Jasra 2006): the pull of the reward grows
//! level by level, β = 1/K … 1; at each level the pieces are weighed by exp(Δβ·r), those that carry too
//! little are replaced by copies of others, and every piece is moved by Metropolis steps that leave
//! p·exp(β·r) as it is. A step hides a block of cells and draws it anew from the network, one cell
//! of each voice after the other; what it draws is a sample of p given the rest of the piece, so
//! p cancels and the step is kept with probability min(1, exp(β·(r(x′) − r(x)))).
//!
//! What p is: the conditionals of an orderless network are not those of one joint distribution to the
//! last digit, since it was never made to agree with itself across orders. So p here means what
//! filling and redrawing by the network itself settle on; without a pull every step is kept and that
//! is what comes out. The weights without any step are importance sampling from what filling draws,
//! right as the number of pieces grows; the steps reach what a few pieces would not.
//!
//! A broken rule (r = −∞) counts as a finite distance on the way, the same throughout, so that rules
//! which nothing keeps at first can be walked toward; at the end what breaks one is out.

use lilt_inference::{LogWeights, ModelError, Piece, Watch};
use lilt_score::Seed;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::filling::{Canvas, Filling, Place, hidden};
use super::vocabulary::{CELLS_PER_BEAT, VOICES};

/// Levels at which the pull of the reward grows: the temperatures of the annealing.
const ANNEALING: usize = 6;

/// Blocks that are drawn anew at each level.
const MOVES: usize = 6;

/// What a broken rule counts on the way, in nats below the worst of the first pieces that keep it.
const BROKEN: f64 = 8.0;

/// What a reward is to [`tilted`]: nats for each of several pieces; −∞ forbids.
pub type Nats<'a> = dyn FnMut(&[Piece]) -> Result<Vec<f64>, ModelError> + 'a;

/// Pieces that were moved toward the reward, and what they weigh.
#[derive(Debug, Clone)]
pub struct Population {
    pieces: Vec<Canvas>,
    /// Their weights; Z is the mean of exp(r) under the model.
    pub weights: LogWeights,
    /// Share of the proposed blocks that were kept.
    pub kept: f64,
}

impl Population {
    /// How many pieces.
    pub fn size(&self) -> usize {
        self.pieces.len()
    }

    /// `count` pieces chosen by their weights, at `chance` (`0..1`) of the way from one to the next: none
    /// twice that does not weigh for two.
    pub fn choose(&self, count: usize, chance: f64) -> impl Iterator<Item = &Canvas> {
        self.weights.systematic(count, chance).into_iter().map(|chosen| &self.pieces[chosen])
    }
}

/// Draws `count` pieces like `start`, whose hidden cells are free, under the pull of `nats`. `piece` makes
/// one of a canvas. None when the reward forbids them all.
///
/// # Errors
/// What the reward and the network fail with, and [`ModelError::Cancelled`].
pub fn tilted(
    filling: &Filling<'_>,
    start: &Canvas,
    count: usize,
    piece: impl Fn(&Canvas) -> Result<Piece, ModelError>,
    nats: &mut Nats<'_>,
    seed: Seed,
    watch: &Watch,
) -> Result<Option<Population>, ModelError> {
    let free = hidden(&start.known);
    let mut rng = seed.child("blocks").rng();
    let mut pieces: Vec<Canvas> = (0..count as u64)
        .map(|number| Canvas { rng: seed.child_number(number).rng(), ..start.clone() })
        .collect();
    filling.fill(&mut pieces, watch)?;
    let all = |pieces: &[Canvas]| pieces.iter().map(&piece).collect::<Result<Vec<Piece>, ModelError>>();
    let mut rewards = nats(&all(&pieces)?)?;
    let worst = rewards.iter().copied().filter(|reward| reward.is_finite()).reduce(f64::min);
    let broken = worst.unwrap_or(0.0) - BROKEN;
    let mut weights = LogWeights::equal(count);
    let (mut kept, mut proposed) = (0usize, 0usize);
    for level in 1..=ANNEALING {
        let beta = level as f64 / ANNEALING as f64;
        weights.reweight(rewards.iter().map(|&reward| soft(reward, broken) / ANNEALING as f64));
        if weights.degenerate() {
            let ancestors = weights.resample(rng.random());
            pieces = ancestors
                .iter()
                .zip(&pieces)
                // Random numbers stay with their places, so that equal copies part again.
                .map(|(&ancestor, place)| Canvas { rng: place.rng.clone(), ..pieces[ancestor].clone() })
                .collect();
            rewards = ancestors.iter().map(|&ancestor| rewards[ancestor]).collect();
        }
        if level == ANNEALING {
            break;
        }
        for number in 0..MOVES {
            watch.check()?;
            watch.report(((level - 1) * MOVES + number) as f64, ((ANNEALING - 1) * MOVES) as f64);
            let mut moved = pieces.clone();
            redraw(filling, &mut moved, &free, &mut rng, watch)?;
            let new = nats(&all(&moved)?)?;
            for (place, (piece, moved)) in pieces.iter_mut().zip(moved).enumerate() {
                proposed += 1;
                // Both go on from the random numbers of the proposal.
                piece.rng = moved.rng.clone();
                let chance: f64 = piece.rng.random();
                let gain = soft(new[place], broken) - soft(rewards[place], broken);
                if chance.ln() < beta * gain {
                    let rng = piece.rng.clone();
                    *piece = Canvas { rng, ..moved };
                    rewards[place] = new[place];
                    kept += 1;
                }
            }
        }
    }
    // What a broken rule was spared on the way is taken back.
    weights.reweight(rewards.iter().map(|&reward| if reward == f64::NEG_INFINITY { reward } else { 0.0 }));
    if weights.log_z() == f64::NEG_INFINITY {
        return Ok(None);
    }
    let kept = if proposed == 0 { 1.0 } else { kept as f64 / proposed as f64 };
    Ok(Some(Population { pieces, weights, kept }))
}

/// Draws a block of the free cells anew in every piece: a beat, or two, of one voice or several.
fn redraw(
    filling: &Filling<'_>,
    pieces: &mut [Canvas],
    free: &[Place],
    rng: &mut ChaCha8Rng,
    watch: &Watch,
) -> Result<(), ModelError> {
    if free.is_empty() {
        return Ok(());
    }
    let (frame, voice) = free[rng.random_range(0..free.len())];
    let beats = rng.random_range(1..=2);
    let first = frame / CELLS_PER_BEAT * CELLS_PER_BEAT;
    let last = first + beats * CELLS_PER_BEAT;
    let mut voices = [false; VOICES];
    voices[voice] = true;
    voices[rng.random_range(0..VOICES)] = true;
    let block: Vec<Place> = free
        .iter()
        .copied()
        .filter(|&(frame, voice)| (first..last).contains(&frame) && voices[voice])
        .collect();
    for piece in pieces.iter_mut() {
        piece.hide(&block);
    }
    let mut order = block;
    order.shuffle(rng);
    while !order.is_empty() {
        watch.check()?;
        // One cell at a time: what is drawn together does not know of one another.
        let now = order.split_off(order.len() - 1);
        filling.draw(pieces, &vec![now; pieces.len()])?;
    }
    Ok(())
}

/// A reward with a broken rule at a finite distance.
fn soft(reward: f64, broken: f64) -> f64 {
    if reward.is_finite() { reward } else { broken }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chorale::features::{Bars, Conditioning, hear};
    use crate::chorale::network::{Config, Tensors};
    use crate::chorale::step::{Asked, ChoraleStep};
    use crate::chorale::vocabulary::{CLASSES, LOWEST, RANGES};
    use crate::chorale::voices::sung;
    use crate::step::Kernel;
    use lilt_score::{Beat, Clip};
    use rand::SeedableRng;

    /// One free cell: every pitch it can hold is looked at, and what is drawn comes as often as
    /// p(x)·exp(r(x)) / Z says; so does Z.
    #[test]
    fn draws_as_exact_enumeration_says() {
        let config = Config::new(64, 64, &[1]);
        let mut rng = ChaCha8Rng::seed_from_u64(8);
        let tensors: Tensors = config
            .tensors()
            .into_iter()
            .map(|(name, shape)| {
                (name, (0..shape.iter().product()).map(|_| rng.random_range(-0.15..0.15)).collect())
            })
            .collect();
        let step = ChoraleStep::new(&config, &tensors, Kernel::detect()).unwrap();
        let conditioning =
            Conditioning { key: None, bars: Bars::Unknown { phase: 0 }, starts: false, ends: false };
        let filling = Filling { step: &step, conditioning, temperature: 1.0 };
        let mut known = vec![[true; VOICES]; 2];
        known[1][2] = false;
        let frames = vec![[36, 30, 20, 10]; 2];
        let start = Canvas { frames: frames.clone(), known: known.clone(), rng: Seed(1).rng() };

        let heard = hear(&frames, &known, conditioning);
        let asked = [Asked { row: 1, voice: 2, anchors: heard.anchors[1][2] }];
        let logits = step.logits(&heard.features, 1, &asked)[0];
        let (low, high) = RANGES[2];
        let reward = |class: usize| if class.is_multiple_of(2) { 1.5 } else { 0.0 };
        let sings = |class: usize| (low..=high).contains(&(class as u8 + LOWEST));
        let p: Vec<f64> =
            (0..CLASSES).map(|c| if sings(c) { f64::from(logits[c]).exp() } else { 0.0 }).collect();
        let total: f64 = p.iter().sum();
        let z: f64 = (0..CLASSES).map(|c| p[c] / total * f64::exp(reward(c))).sum();
        let even: f64 = (0..CLASSES).step_by(2).map(|c| p[c] / total * f64::exp(1.5) / z).sum();

        let piece = |canvas: &Canvas| {
            let notes = sung(&canvas.frames, &canvas.known, 0, Beat::new(1, 2));
            Clip::new(notes, Beat::new(1, 2))
                .map(Piece::from)
                .map_err(|error| ModelError::Reward { reason: error.to_string() })
        };
        let (mut evens, mut z_sum) = (0usize, 0.0);
        let draws = 300;
        for seed in 0..draws {
            let mut nats = |pieces: &[Piece]| {
                // The tenor is the third note from above where it is one; its pitch is all that varies.
                let tenor = |clip: &Clip| {
                    let keys: i32 = clip
                        .notes()
                        .iter()
                        .filter(|note| note.end() == Beat::new(1, 2))
                        .map(|note| i32::from(note.tone.key()) - i32::from(LOWEST))
                        .sum();
                    reward((keys - 36 - 30 - 10) as usize)
                };
                Ok(Piece::clips(pieces)?.into_iter().map(tenor).collect())
            };
            let drawn =
                tilted(&filling, &start, 4, piece, &mut nats, Seed(seed), &Watch::new()).unwrap().unwrap();
            let chosen = drawn.choose(1, Seed(seed).child("choice").unit()).next().unwrap();
            evens += usize::from(chosen.frames[1][2].is_multiple_of(2));
            z_sum += drawn.weights.log_z().exp();
            assert!(drawn.kept > 0.0 && drawn.kept <= 1.0);
        }
        let (found, z_found) = (evens as f64 / draws as f64, z_sum / draws as f64);
        // Four standard errors.
        assert!((found - even).abs() < 4.0 * (even * (1.0 - even) / draws as f64).sqrt(), "{found}, {even}");
        assert!((z_found / z - 1.0).abs() < 0.15, "{z_found}, {z}");
    }
}
