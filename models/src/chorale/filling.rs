//! Filling the holes of a chorale.
//!
//! First every hidden cell is drawn from what is known by then, a few at a time: a sixteenth of what is
//! known, or of what is left if that is less, so that cells drawn together seldom have to do with one
//! another. Then the music is gone over as Coconet does, by blocked Gibbs sampling with an annealed
//! block (Yao et al. 2014): ever fewer of the cells are hidden again and drawn anew, so that what does
//! not go together is mended. Every piece of a batch draws from random numbers of its own.

use lilt_inference::categorical::{COLDEST, choose, log_softmax};
use lilt_inference::{ModelError, Watch};
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::NAME;
use super::features::{ACTIVE, Conditioning, Known, hear};
use super::step::{Asked, ChoraleStep};
use super::vocabulary::{CLASSES, Frame, LOWEST, RANGES, REST, VOICE_NAMES, VOICES};

/// What part of the cells that are known, or left, is drawn at once.
const PART: usize = 16;

/// Times that the music is gone over.
const ROUNDS: usize = 48;

/// Share of the cells drawn anew in the first round and in the last.
const SHARES: (f64, f64) = (0.3, 0.02);

/// A cell: frame and voice.
pub type Place = (usize, usize);

/// A chorale that is being filled.
#[derive(Debug, Clone)]
pub struct Canvas {
    /// The cells.
    pub frames: Vec<Frame>,
    /// Which of them hold something.
    pub known: Vec<Known>,
    /// Its own random numbers.
    pub rng: ChaCha8Rng,
}

/// How holes are filled.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// The network.
    pub step: &'a ChoraleStep,
    /// Key, bars and ends.
    pub conditioning: Conditioning,
    /// What logits are divided by; 0 takes the likeliest.
    pub temperature: f64,
}

impl Filling<'_> {
    /// Draws `places[i]` of `canvases[i]`, each by itself from what is known; they are known then. All
    /// canvases are equally long.
    ///
    /// # Errors
    /// [`ModelError::Computation`] when the network gives no usable numbers.
    pub fn draw(&self, canvases: &mut [Canvas], places: &[Vec<Place>]) -> Result<(), ModelError> {
        let batch = canvases.len();
        let frames = canvases.first().map_or(0, |canvas| canvas.frames.len());
        let mut features = vec![[0u16; ACTIVE]; frames * batch];
        let mut asked = Vec::new();
        for (column, (canvas, places)) in canvases.iter().zip(places).enumerate() {
            let heard = hear(&canvas.frames, &canvas.known, self.conditioning);
            for (frame, rows) in heard.features.iter().enumerate() {
                features[frame * batch + column] = *rows;
            }
            asked.extend(places.iter().map(|&(frame, voice)| Asked {
                row: frame * batch + column,
                voice,
                anchors: heard.anchors[frame][voice],
            }));
        }
        let mut logits = self.step.logits(&features, batch, &asked).into_iter();
        for (canvas, places) in canvases.iter_mut().zip(places) {
            for &(frame, voice) in places {
                let logits = logits.next().unwrap_or([f32::NAN; CLASSES]);
                canvas.frames[frame][voice] = self.choose(&logits, voice, canvas.rng.random())?;
                canvas.known[frame][voice] = true;
            }
        }
        Ok(())
    }

    /// A pitch that the voice sings; it is never silent.
    fn choose(&self, logits: &[f32; CLASSES], voice: usize, chance: f64) -> Result<u8, ModelError> {
        let sings = |class: usize| {
            let (low, high) = RANGES[voice];
            class != usize::from(REST) && (low..=high).contains(&(class as u8 + LOWEST))
        };
        let chosen = if logits.iter().all(|logit| logit.is_finite()) {
            choose(&log_softmax(logits, self.temperature, sings), 0.0, chance)
        } else {
            None
        };
        chosen.and_then(|class| u8::try_from(class).ok()).ok_or_else(|| {
            let reason = format!("the network gave no usable numbers for the {}", VOICE_NAMES[voice]);
            ModelError::computation(NAME, reason)
        })
    }

    /// Fills every hidden cell of every canvas, and goes over those cells again.
    ///
    /// # Errors
    /// As [`Filling::draw`], and [`ModelError::Cancelled`].
    pub fn fill(&self, canvases: &mut [Canvas], watch: &Watch) -> Result<(), ModelError> {
        let holes: Vec<Vec<Place>> = canvases.iter().map(|canvas| hidden(&canvas.known)).collect();
        let most = holes.iter().map(Vec::len).max().unwrap_or(0);
        if most == 0 {
            return Ok(());
        }
        let mut left = holes.clone();
        for (canvas, left) in canvases.iter_mut().zip(&mut left) {
            left.shuffle(&mut canvas.rng);
        }
        let all = canvases.iter().map(|canvas| canvas.frames.len() * VOICES).max().unwrap_or(0);
        let all = (passes(most, all - most) + ROUNDS) as f64;
        let mut done = 0.0;
        while left.iter().any(|left| !left.is_empty()) {
            watch.check()?;
            watch.report(done, all);
            done += 1.0;
            let cells = canvases.iter().map(|canvas| canvas.frames.len() * VOICES);
            let now: Vec<Vec<Place>> = left
                .iter_mut()
                .zip(cells)
                .map(|(left, cells)| left.split_off(left.len() - at_once(left.len(), cells - left.len())))
                .collect();
            self.draw(canvases, &now)?;
        }
        // The likeliest again and again is soon where it stays.
        let rounds = if self.temperature < COLDEST { ROUNDS / 4 } else { ROUNDS };
        for round in 0..rounds {
            watch.check()?;
            watch.report(done, all);
            done += 1.0;
            let progress = round as f64 / (rounds - 1).max(1) as f64;
            let share = SHARES.0 + (SHARES.1 - SHARES.0) * progress;
            let now: Vec<Vec<Place>> = canvases
                .iter_mut()
                .zip(&holes)
                .map(|(canvas, holes)| {
                    let now: Vec<Place> =
                        holes.iter().copied().filter(|_| canvas.rng.random::<f64>() < share).collect();
                    canvas.hide(&now);
                    now
                })
                .collect();
            self.draw(canvases, &now)?;
        }
        Ok(())
    }
}

impl Canvas {
    /// Hides `places`.
    pub fn hide(&mut self, places: &[Place]) {
        for &(frame, voice) in places {
            self.known[frame][voice] = false;
        }
    }
}

/// The cells that are not known, in order of time.
pub fn hidden(known: &[Known]) -> Vec<Place> {
    let cells = known.iter().enumerate();
    cells
        .flat_map(|(frame, known)| {
            (0..VOICES).filter(|&voice| !known[voice]).map(move |voice| (frame, voice))
        })
        .collect()
}

/// How many of `left` cells are drawn at once when `known` are known.
fn at_once(left: usize, known: usize) -> usize {
    (known.min(left) / PART).max(1).min(left)
}

/// Passes that the first filling of `left` cells takes beside `known`.
fn passes(mut left: usize, mut known: usize) -> usize {
    let mut passes = 0;
    while left > 0 {
        let now = at_once(left, known);
        (left, known, passes) = (left - now, known + now, passes + 1);
    }
    passes
}
