//! The space as scripts and players have it: places as plain numbers.

use std::path::Path;
use std::sync::Arc;

use lilt_inference::{Heard, ModelError, TimbreSpace};
use lilt_score::{Controlled, TimbreDecoder, Touch};
use lilt_synth::{NOISE_BANDS, PARTIALS, noise_band};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::controls::AMPLITUDES;
use super::decoder::{Decoder, Place, Played};

/// Named places that a drawn one lies between.
const BETWEEN: usize = 3;

/// The pitch at which a place is heard, as a MIDI number.
const MIDDLE: f32 = 60.0;
/// When a place is heard, in seconds since its onset; the last two are a second apart.
const LOOKS: [f32; 14] = [0.0, 0.004, 0.012, 0.024, 0.04, 0.06, 0.1, 0.16, 0.24, 0.36, 0.5, 0.7, 1.0, 2.0];
/// The first of those at which brightness and noise are heard.
const HELD: usize = 6;

fn partials(moment: &[f32]) -> f32 {
    moment[..PARTIALS].iter().map(|a| 0.5 * a * a).sum()
}

fn noise(moment: &[f32]) -> f32 {
    moment[PARTIALS..].iter().map(|a| a * a).sum()
}

/// Octaves over the pitch of each partial and band, weighed by their powers.
fn octaves(moment: &[f32]) -> f32 {
    let hertz = 440.0 * ((MIDDLE - 69.0) / 12.0).exp2();
    let partials = (0..PARTIALS).map(|i| 0.5 * moment[i] * moment[i] * ((i + 1) as f32).log2());
    let bands = (0..NOISE_BANDS).map(|i| moment[PARTIALS + i].powi(2) * (noise_band(i)[0] / hertz).log2());
    partials.chain(bands).sum()
}

/// The space of the shipped weights.
#[derive(Debug)]
pub struct Space {
    decoder: Decoder,
}

impl Space {
    /// Loads the weights of a folder.
    ///
    /// # Errors
    /// [`ModelError::Weights`], naming the file, when one is missing or damaged.
    pub fn load(folder: &Path) -> Result<Space, ModelError> {
        Ok(Space { decoder: Decoder::load(folder)? })
    }

    fn place(&self, at: &[f32]) -> Place {
        let (at, elsewhere) = at.split_at(at.len().saturating_sub(PARTIALS));
        Place { at: at.to_vec(), elsewhere: elsewhere.to_vec() }
    }
}

/// A place as plain numbers: its own, then where its partials are.
fn numbers(place: &Place) -> Arc<[f32]> {
    place.at.iter().chain(&place.elsewhere).copied().collect()
}

impl TimbreDecoder for Space {
    fn identity(&self) -> &str {
        self.decoder.identity()
    }

    fn decode(&self, place: &[f32], touch: &Touch) -> Controlled {
        let Touch { pitch, velocity, onset, seconds } = *touch;
        let played = Played { pitch, velocity, onset, seconds };
        self.decoder.decode(&self.place(place), &played)
    }
}

impl TimbreSpace for Space {
    fn names(&self) -> &[String] {
        self.decoder.names()
    }

    fn named(&self, name: &str) -> Result<Arc<[f32]>, String> {
        self.decoder.place(name).map(numbers)
    }

    /// A place between three that have names, each with a share by chance: beyond them nothing was learnt.
    fn drawn(&self, seed: u64) -> Arc<[f32]> {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let places = self.decoder.places();
        let chosen: Vec<(&Place, f32)> = (0..BETWEEN)
            .filter_map(|_| {
                // Even over all shares that add up to 1.
                let share = -(1.0 - rng.random::<f32>()).ln();
                Some((places.get(rng.random_range(0..places.len().max(1)))?, share))
            })
            .collect();
        let all: f32 = chosen.iter().map(|(_, share)| share).sum();
        let mut sum: Vec<f32> = vec![0.0; chosen.first().map_or(0, |(place, _)| numbers(place).len())];
        for (place, share) in &chosen {
            sum.iter_mut()
                .zip(&*numbers(place))
                .for_each(|(sum, x)| *sum += share / all.max(f32::MIN_POSITIVE) * x);
        }
        sum.into()
    }

    fn heard(&self, place: &[f32]) -> Heard {
        let played = Played { pitch: MIDDLE, velocity: 0.8, onset: 0.0, seconds: 0.0 };
        let moments = self.decoder.moments(&self.place(place), &played, &LOOKS);
        let power = |moment: &[f32]| [partials(moment), noise(moment)];
        let powers: Vec<[f32; 2]> = moments.chunks(AMPLITUDES).map(power).collect();
        let level = |at: usize| 10.0 * (powers[at][0] + powers[at][1]).max(1e-12).log10();
        let loudest = (0..powers.len()).max_by(|a, b| level(*a).total_cmp(&level(*b))).unwrap_or(0);
        let attack = (0..=loudest).find(|at| level(*at) > level(loudest) - 6.02).unwrap_or(0);
        // Behind the stroke, where that is what is loudest.
        let (mut weighed, mut all) = (0.0, 1e-12);
        for (moment, [tones, noises]) in moments.chunks(AMPLITUDES).zip(&powers).skip(HELD).take(4) {
            weighed += octaves(moment);
            all += tones + noises;
        }
        let noises: f32 = powers.iter().skip(HELD).take(4).map(|[_, noise]| noise).sum();
        Heard {
            brightness: f64::from(weighed / all),
            noise: f64::from(noises / all),
            attack: f64::from(LOOKS[attack]),
            loudness: f64::from(level(loudest)) + 3.01,
            decay: f64::from(level(LOOKS.len() - 2) - level(LOOKS.len() - 1)),
        }
    }

    fn decoder(self: Arc<Self>) -> Arc<dyn TimbreDecoder> {
        self
    }
}
