//! What teaches `timbre`: the controls of notes at moments of each, said from the place of another note of the same
//! sound, so that a place says nothing of pitch and velocity.

use std::collections::HashMap;
use std::f32::consts::TAU;

use candle_core::{Device, Tensor};
use lilt_synth::PARTIALS;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::controls::{AMPLITUDES, SAID, TOLD, said, said_inharmonicity, said_release, tell};
use super::network::{Config, ENCODED, LOOKS, Network};
use crate::training::{Lesson, Loss, Measured, Start, TrainingError, draw};

/// Partials above it, in hertz, are not heard and not learnt.
const HIGHEST: f32 = 20_000.0;
/// Moments of each note in a batch.
const MOMENTS: usize = 16;
/// Deviation of noise on the places that are learnt from: what lies between them is learnt too.
pub const BLUR: f32 = 0.15;
/// How much places are drawn together.
const NEARNESS: f64 = 0.002;

/// A note: how it was played, and what it was like at its moments.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    /// Row of the sound that it is of.
    pub sound: u32,
    /// As a MIDI number.
    pub pitch: f32,
    /// 0..=1.
    pub velocity: f32,
    /// How far its partials are stretched; none where that is not known, because it has no pitch.
    pub inharmonicity: Option<f32>,
    /// Seconds in which it falls by 60 dB after its end.
    pub release: f32,
    /// Seconds since the onset, rising.
    pub times: Vec<f32>,
    /// Amplitudes, [`AMPLITUDES`] at each time.
    pub amplitudes: Vec<f32>,
}

impl Note {
    /// The amplitudes at the time that is nearest to `seconds`; none where it has ended before.
    fn at(&self, seconds: f32) -> Option<&[f32]> {
        let after = self.times.partition_point(|time| *time < seconds);
        let near =
            [after.checked_sub(1), Some(after)].into_iter().flatten().filter(|at| *at < self.times.len());
        let near = near
            .min_by(|a, b| (self.times[*a] - seconds).abs().total_cmp(&(self.times[*b] - seconds).abs()))?;
        let late = seconds - self.times[near] > 0.2;
        (!late).then(|| &self.amplitudes[near * AMPLITUDES..(near + 1) * AMPLITUDES])
    }

    /// What the encoder is told of it.
    pub fn encoded(&self) -> Vec<f32> {
        let mut encoded = Vec::with_capacity(ENCODED);
        for seconds in LOOKS {
            match self.at(seconds) {
                Some(amplitudes) => encoded.extend(amplitudes.iter().map(|a| said(*a))),
                None => encoded.extend([said(0.0); AMPLITUDES]),
            }
        }
        encoded.push(said_inharmonicity(self.inharmonicity.unwrap_or(0.0)));
        encoded.push(said_release(self.release));
        let mut told = [0.0; TOLD];
        tell(self.pitch, self.velocity, 0.0, &mut told);
        encoded.extend(told);
        encoded
    }

    /// What the network should say at a moment, and how much each number counts.
    fn target(&self, moment: usize, target: &mut Vec<f32>, weight: &mut Vec<f32>) {
        let amplitudes = &self.amplitudes[moment * AMPLITUDES..(moment + 1) * AMPLITUDES];
        let hertz = 440.0 * ((self.pitch - 69.0) / 12.0).exp2();
        let loudest = amplitudes.iter().map(|a| said(*a)).fold(f32::MIN, f32::max);
        for (number, amplitude) in amplitudes.iter().enumerate() {
            let said = said(*amplitude);
            target.push(said);
            let heard = number >= PARTIALS || (number + 1) as f32 * hertz < HIGHEST;
            // In whole up to 30 dB under the loudest, a tenth from 75 dB on.
            let loud = (1.0 - (loudest - said - 1.0).max(0.0) / 1.5 * 0.9).clamp(0.1, 1.0);
            weight.push(if heard { loud } else { 0.0 });
        }
        target.push(said_inharmonicity(self.inharmonicity.unwrap_or(0.0)));
        weight.push(if self.inharmonicity.is_some() { 2.0 } else { 0.0 });
        target.push(said_release(self.release));
        weight.push(2.0);
    }
}

/// Notes to learn from and notes to be measured on.
pub struct TimbreLesson<'a> {
    config: Config,
    batch: usize,
    learnt: &'a [Note],
    valid: &'a [Note],
    /// What the encoder is told of each note to learn from.
    encoded: Vec<Vec<f32>>,
    /// The notes of each sound.
    of_sound: Vec<Vec<usize>>,
    rng: ChaCha8Rng,
}

impl<'a> TimbreLesson<'a> {
    /// A lesson for networks of the sizes `config`, by `batch` notes at once.
    pub fn new(config: Config, batch: usize, learnt: &'a [Note], valid: &'a [Note]) -> TimbreLesson<'a> {
        let encoded = learnt.iter().map(Note::encoded).collect();
        let of_sound = of_sounds(config.names.len(), learnt);
        TimbreLesson { config, batch, learnt, valid, encoded, of_sound, rng: ChaCha8Rng::seed_from_u64(0) }
    }
}

/// The notes of each of so many sounds.
fn of_sounds(sounds: usize, notes: &[Note]) -> Vec<Vec<usize>> {
    let mut of_sound = vec![Vec::new(); sounds];
    for (number, note) in notes.iter().enumerate() {
        if let Some(notes) = of_sound.get_mut(note.sound as usize) {
            notes.push(number);
        }
    }
    of_sound
}

impl Lesson for TimbreLesson<'_> {
    type Network = Network;

    fn config(&self) -> String {
        // Sizes and names, which TOML can always write.
        toml::to_string(&self.config).unwrap_or_default()
    }

    fn start(&self, seed: u64) -> Vec<Start> {
        draw(self.config.trained(), 0, seed, |name, shape| match shape.len() {
            2 if name.ends_with("last.weight") => (1.0 / shape[0] as f32).sqrt(),
            2 => (3.0 / shape[0] as f32).sqrt(),
            _ => 0.0,
        })
    }

    fn network(&self, tensors: HashMap<String, Tensor>) -> candle_core::Result<Network> {
        Network::new(self.config.clone(), tensors)
    }

    fn epoch(&self) -> usize {
        self.learnt.len().div_ceil(self.batch)
    }

    fn deal(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
    }

    fn loss(&mut self, network: &Network) -> Result<Loss, TrainingError> {
        if self.learnt.is_empty() {
            return Err(TrainingError::Empty);
        }
        let rng = &mut self.rng;
        let mut notes: Vec<f32> = Vec::with_capacity(self.batch * ENCODED);
        let (mut told, mut target, mut weight, mut rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.batch {
            // Each sound as often as any other, however many notes it has.
            let sound = rng.random_range(0..self.of_sound.len());
            let Some(of_sound) = Some(&self.of_sound[sound]).filter(|notes| !notes.is_empty()) else {
                continue;
            };
            let encoded = of_sound[rng.random_range(0..of_sound.len())];
            notes.extend(&self.encoded[encoded]);
            let note = &self.learnt[of_sound[rng.random_range(0..of_sound.len())]];
            for _ in 0..MOMENTS {
                let moment = rng.random_range(0..note.times.len());
                let from = told.len();
                told.resize(from + TOLD, 0.0);
                tell(note.pitch, note.velocity, note.times[moment], &mut told[from..]);
                note.target(moment, &mut target, &mut weight);
                rows.push(notes.len() as u32 / ENCODED as u32 - 1);
            }
        }
        let count = rows.len();
        let encoded = notes.len() / ENCODED;
        let blur: Vec<f32> = (0..encoded * self.config.place).map(|_| BLUR * normal(rng)).collect();
        let device = &Device::Cpu;
        let places = network.encode(&Tensor::from_vec(notes, (encoded, ENCODED), device)?)?;
        let near = (places.sqr()?.mean_all()? * NEARNESS)?;
        let places = (places + Tensor::from_vec(blur, (encoded, self.config.place), device)?)?;
        let places = places.index_select(&Tensor::from_vec(rows, count, device)?, 0)?;
        let said = network.decode(&places, &Tensor::from_vec(told, (count, TOLD), device)?)?;
        let target = Tensor::from_vec(target, (count, SAID), device)?;
        let weight = Tensor::from_vec(weight, (count, SAID), device)?;
        let apart = apart(&said, &target, &weight)?;
        Ok(Loss { mean: (apart + near)?, of: count as f64 })
    }

    fn measure(&self, network: &Network) -> Result<Measured, TrainingError> {
        let places = places(network, self.learnt)?;
        let apart = measured(network, &places, self.valid)?;
        Ok(Measured { nats: apart, also: Some(format!("{:.2} dB apart", 30.0 * apart)) })
    }
}

/// The weighted mean of how far apart what is said and what should be are; what is far counts by its distance, what is
/// near by its square.
fn apart(said: &Tensor, target: &Tensor, weight: &Tensor) -> candle_core::Result<Tensor> {
    let apart = ((said - target)?.sqr()? + 1e-3)?.sqrt()?;
    (apart * weight)?.sum_all()? / weight.sum_all()?
}

/// The place of each sound, `[sounds, place]`: the mean of those of its notes.
///
/// # Errors
/// When the network fails.
pub fn places(network: &Network, notes: &[Note]) -> candle_core::Result<Vec<Vec<f32>>> {
    let mut sums = vec![(vec![0.0f32; network.config().place], 0.0f32); network.config().names.len()];
    for (note, place) in notes.iter().zip(places_of_notes(network, notes)?) {
        let (sum, count) = &mut sums[note.sound as usize];
        sum.iter_mut().zip(place).for_each(|(sum, x)| *sum += x);
        *count += 1.0;
    }
    Ok(sums.into_iter().map(|(sum, count)| sum.into_iter().map(|x| x / count.max(1.0)).collect()).collect())
}

/// The place of each note.
///
/// # Errors
/// When the network fails.
pub fn places_of_notes(network: &Network, notes: &[Note]) -> candle_core::Result<Vec<Vec<f32>>> {
    let mut all = Vec::with_capacity(notes.len());
    for chunk in notes.chunks(512) {
        let encoded: Vec<f32> = chunk.iter().flat_map(Note::encoded).collect();
        let encoded = Tensor::from_vec(encoded, (chunk.len(), ENCODED), &Device::Cpu)?;
        all.extend(network.encode(&encoded)?.to_vec2::<f32>()?);
    }
    Ok(all)
}

/// How far what is said of notes from the places of their sounds is from what they are, in units of 30 dB.
///
/// # Errors
/// When the network fails.
pub fn measured(network: &Network, places: &[Vec<f32>], notes: &[Note]) -> candle_core::Result<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for chunk in notes.chunks(64) {
        let [mut place, mut told, mut target, mut weight] = [const { Vec::new() }; 4];
        for note in chunk {
            for moment in (0..note.times.len()).step_by(3) {
                place.extend(&places[note.sound as usize]);
                let from = told.len();
                told.resize(from + TOLD, 0.0);
                tell(note.pitch, note.velocity, note.times[moment], &mut told[from..]);
                note.target(moment, &mut target, &mut weight);
            }
        }
        let rows = told.len() / TOLD;
        let of = |values, columns| Tensor::from_vec(values, (rows, columns), &Device::Cpu);
        let said = network.decode(&of(place, network.config().place)?, &of(told, TOLD)?)?;
        let apart = apart(&said, &of(target, SAID)?, &of(weight, SAID)?)?;
        sum += f64::from(apart.to_scalar::<f32>()?) * rows as f64;
        count += rows as f64;
    }
    Ok(sum / f64::max(count, 1.0))
}

/// A number of the standard normal distribution (Box and Muller 1958).
fn normal(rng: &mut impl Rng) -> f32 {
    let [radius, angle] = [1.0 - rng.random::<f32>(), rng.random::<f32>()];
    (-2.0 * radius.ln()).sqrt() * (TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::training::{Course, Hyperparameters, Run};

    /// Two sounds that differ in which partials they have, at three pitches.
    fn notes() -> Vec<Note> {
        let note = |number: usize| {
            let mut amplitudes = vec![0.0; AMPLITUDES];
            (0..20).filter(|k| k % 2 == number % 2).for_each(|k| amplitudes[k] = 0.1 / (k + 1) as f32);
            let times: Vec<f32> = (0..40).map(|n| 0.05 * n as f32).collect();
            Note {
                sound: number as u32 % 2,
                pitch: 48.0 + 4.0 * (number / 2) as f32,
                velocity: 0.8,
                inharmonicity: Some(0.0),
                release: 0.2,
                amplitudes: amplitudes.repeat(times.len()),
                times,
            }
        };
        (0..6).map(note).collect()
    }

    #[test]
    fn sounds_are_told_apart_and_said_again() {
        let notes = notes();
        let config = Config { place: 4, width: 32, layers: 1, names: vec!["even".into(), "odd".into()] };
        let lesson = TimbreLesson::new(config, 8, &notes[..4], &notes[4..]);
        let settings = Hyperparameters {
            seed: 1,
            epochs: 300.0,
            rate: 0.01,
            warm_up: 5,
            course: Course::Falling,
            weight_decay: 0.0,
            every: Some(100),
            patience: None,
            checkpoints: None,
        };
        let mut run = Run::new(lesson, settings).unwrap();
        let mut apart = f64::INFINITY;
        run.train(|progress| {
            if let Some((_, measured, _)) = &progress.measured {
                apart = measured.nats;
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        assert!(30.0 * apart < 4.0, "a third pitch is said within 4 dB: {}", 30.0 * apart);
    }
}
