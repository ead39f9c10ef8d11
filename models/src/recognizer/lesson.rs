//! What teaches `recognize`: drawings and what they show, each drawing changed a little whenever it is seen.

use std::collections::HashMap;
use std::f32::consts::TAU;

use candle_core::{D, Device, Tensor};
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::ink::{Line, MAPS, SIDE, maps};
use super::network::{Config, Network};
use super::views::probabilities;
use crate::training::{Lesson, Loss, Measured, Start, TrainingError, draw};

/// Drawings side by side when they are measured.
const MEASURED: usize = 256;

/// A drawing, and what it shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Row of its kind.
    pub kind: u32,
    /// Its strokes.
    pub lines: Vec<Line>,
}

/// How a drawing is learnt.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// Drawings side by side.
    pub batch: usize,
    /// Share of what the filters found that is dropped.
    pub dropout: f32,
    /// Share of the probability that goes to all kinds alike (label smoothing, Szegedy et al. 2016).
    pub smoothing: f64,
    /// Deviation of rotation (radians), of the logarithm of each side's size, and of shear.
    pub bent: f32,
    /// Share of strokes that are left out, where there are more than three.
    pub dropped: f32,
    /// Deviation of each step of a walk that the points go, in sides of the drawing.
    pub trembling: f32,
    /// Deviation of the place of each stroke, in sides of the drawing, and of the logarithm of its size.
    pub loose: f32,
    /// Largest amplitude of a wave that bends the page either way, in sides of the drawing.
    pub waved: f32,
    /// Share of drawings that are seen through another one, and stand for both (mixup, Zhang et al. 2018).
    pub mixed: f32,
    /// Share of drawings of the second pool, where there are any.
    pub made: f32,
}

/// Drawings to learn from and drawings to be measured on.
pub struct RecognizerLesson<'a> {
    config: Config,
    manner: Manner,
    learnt: &'a [Shown],
    made: &'a [Shown],
    valid: &'a [Shown],
    order: Vec<usize>,
    at: usize,
    rng: ChaCha8Rng,
}

impl<'a> RecognizerLesson<'a> {
    /// A lesson for networks of the sizes `config`: `learnt` are drawings of the data and made ones.
    pub fn new(
        config: Config,
        manner: Manner,
        learnt: [&'a [Shown]; 2],
        valid: &'a [Shown],
    ) -> RecognizerLesson<'a> {
        let rng = ChaCha8Rng::seed_from_u64(0);
        let [learnt, made] = learnt;
        let order = (0..learnt.len()).collect();
        RecognizerLesson { config, manner, learnt, made, valid, order, at: 0, rng }
    }

    /// A drawing of the data, or by chance a made one in its place.
    fn dealt(&mut self, number: usize) -> &'a Shown {
        if self.made.is_empty() || self.rng.random::<f32>() >= self.manner.made {
            return &self.learnt[number];
        }
        &self.made[self.rng.random_range(0..self.made.len())]
    }
}

impl Lesson for RecognizerLesson<'_> {
    type Network = Network;

    fn config(&self) -> String {
        // Sizes and names, which TOML can always write.
        toml::to_string(&self.config).unwrap_or_default()
    }

    fn start(&self, seed: u64) -> Vec<Start> {
        draw(self.config.tensors(), 0, seed, |name, shape| match name {
            // Deviations that carry what is heard through layers of rectifiers (He et al. 2015); evenly drawn.
            _ if shape.len() == 2 && !name.starts_with("kind") => (6.0 / shape[0] as f32).sqrt(),
            _ if shape.len() == 2 => (1.0 / shape[0] as f32).sqrt(),
            _ => 0.0,
        })
    }

    fn network(&self, tensors: HashMap<String, Tensor>) -> candle_core::Result<Network> {
        Network::new(self.config.clone(), tensors)
    }

    fn epoch(&self) -> usize {
        self.learnt.len().div_ceil(self.manner.batch)
    }

    fn deal(&mut self, seed: u64) {
        self.rng = ChaCha8Rng::seed_from_u64(seed);
        self.order.shuffle(&mut self.rng);
        self.at = 0;
    }

    fn loss(&mut self, network: &Network) -> Result<Loss, TrainingError> {
        if self.at >= self.order.len() {
            self.at = 0;
        }
        let numbers = self.order[self.at..self.order.len().min(self.at + self.manner.batch)].to_vec();
        if numbers.is_empty() {
            return Err(TrainingError::Empty);
        }
        let count = numbers.len();
        self.at += count;
        let dealt: Vec<&Shown> = numbers.into_iter().map(|number| self.dealt(number)).collect();
        let changed: Vec<Vec<Line>> =
            dealt.iter().map(|shown| self.manner.changed(&shown.lines, &mut self.rng)).collect();
        let alone = seen(changed.iter().map(Vec::as_slice))?;
        // Each is seen through the next; the drawings of a batch stand in no order.
        let mixed = |_| match self.rng.random::<f32>() < self.manner.mixed {
            true => 0.5 * self.rng.random::<f32>(),
            false => 0.0,
        };
        let others: Vec<f32> = (0..count).map(mixed).collect();
        let others = Tensor::from_vec(others, count, &Device::Cpu)?;
        let own = (1.0 - &others)?;
        let next: Vec<u32> = (0..count as u32).map(|at| (at + 1) % count as u32).collect();
        let through = alone.index_select(&Tensor::from_slice(&next, count, &Device::Cpu)?, 0)?;
        let share = |shares: &Tensor| shares.reshape((count, 1, 1, 1));
        let seen = (alone.broadcast_mul(&share(&own)?)? + through.broadcast_mul(&share(&others)?)?)?;
        let share = self.manner.dropout;
        let kept = |_| if self.rng.random::<f32>() < share { 0.0 } else { 1.0 / (1.0 - share) };
        let mask: Vec<f32> = (0..count * self.config.found()).map(kept).collect();
        let mask = Tensor::from_vec(mask, (count, self.config.found()), &Device::Cpu)?;
        let said = candle_nn::ops::log_softmax(&network.forward(&seen, Some(&mask))?, D::Minus1)?;
        let kinds: Vec<u32> = dealt.iter().map(|shown| shown.kind).collect();
        let others_kinds: Vec<u32> = next.iter().map(|&at| kinds[at as usize]).collect();
        let right = ((nats(&said, &kinds)? * own)? + (nats(&said, &others_kinds)? * others)?)?.mean_all()?;
        let even = said.mean_all()?.neg()?;
        let smoothing = self.manner.smoothing;
        let mean = ((right * (1.0 - smoothing))? + (even * smoothing)?)?;
        Ok(Loss { mean, of: count as f64 })
    }

    fn measure(&self, network: &Network) -> Result<Measured, TrainingError> {
        let measured = measured(network, self.valid)?;
        let also =
            format!("right {:.1} %, among five {:.1} %", 100.0 * measured.first, 100.0 * measured.five);
        Ok(Measured { nats: measured.nats, also: Some(also) })
    }
}

impl Manner {
    /// A drawing changed by chance.
    fn changed(&self, lines: &[Line], rng: &mut impl Rng) -> Vec<Line> {
        let (sin, cos) = (self.bent * normal(rng)).sin_cos();
        let [width, height, shear] = [0; 3].map(|_| self.bent * normal(rng));
        let (width, height) = (if rng.random() { -width.exp() } else { width.exp() }, height.exp());
        let size = size(lines);
        // One wave bends rows and another columns; half a wave to two of them cross the drawing.
        let wave = |rng: &mut _| {
            let [amplitude, waves, phase] = [0; 3].map(|_| RngExt::random::<f32>(rng));
            [
                self.waved * size * amplitude,
                TAU * (0.5 + 1.5 * waves) / size.max(f32::MIN_POSITIVE),
                TAU * phase,
            ]
        };
        let waves = [wave(rng), wave(rng)];
        let mut changed: Vec<Line> = Vec::with_capacity(lines.len());
        for line in lines {
            if lines.len() > 3 && rng.random::<f32>() < self.dropped {
                continue;
            }
            let first = line.first().copied().unwrap_or_default();
            let larger = (self.loose * normal(rng)).exp();
            let mut walk = [0; 2].map(|_| self.loose * size * normal(rng));
            let turned = |at: &[f32; 2]| {
                walk = walk.map(|at| at + self.trembling * size * normal(rng));
                let [x, y] = [0, 1].map(|axis| first[axis] + larger * (at[axis] - first[axis]));
                let bend = |[amplitude, speed, phase]: [f32; 3], along: f32| {
                    amplitude * (speed * along + phase).sin()
                };
                let [x, y] = [x + bend(waves[0], y), y + bend(waves[1], x)];
                let [x, y] = [width * (x + shear * y), height * y];
                [cos * x - sin * y + walk[0], sin * x + cos * y + walk[1]]
            };
            changed.push(line.iter().map(turned).collect());
        }
        changed
    }
}

/// The longer side of a drawing.
fn size(lines: &[Line]) -> f32 {
    let side = |axis: usize| {
        let along = lines.iter().flatten().map(|point| point[axis]);
        let (least, most) =
            along.fold((f32::MAX, f32::MIN), |(least, most), at| (least.min(at), most.max(at)));
        most - least
    };
    side(0).max(side(1)).max(0.0)
}

/// A number of the standard normal distribution (Box and Muller 1958).
fn normal(rng: &mut impl Rng) -> f32 {
    let [radius, angle] = [1.0 - rng.random::<f32>(), rng.random::<f32>()];
    (-2.0 * radius.ln()).sqrt() * (TAU * angle).cos()
}

/// The maps of drawings, as the network sees them.
///
/// # Errors
/// When Candle has no room for them.
pub fn seen<'a>(drawings: impl IntoIterator<Item = &'a [Line]>) -> candle_core::Result<Tensor> {
    let all: Vec<f32> = drawings.into_iter().flat_map(maps).collect();
    let count = all.len() / (SIDE * SIDE * MAPS);
    Tensor::from_vec(all, (count, SIDE, SIDE, MAPS), &Device::Cpu)
}

/// Nats of what each drawing shows.
fn nats(said: &Tensor, kinds: &[u32]) -> candle_core::Result<Tensor> {
    let kinds = Tensor::from_slice(kinds, (kinds.len(), 1), &Device::Cpu)?;
    said.gather(&kinds, D::Minus1)?.squeeze(D::Minus1)?.neg()
}

/// How well drawings are recognised.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Recognised {
    /// Mean nats of what they show.
    pub nats: f64,
    /// Share whose kind is the likeliest.
    pub first: f64,
    /// Share whose kind is among the five likeliest.
    pub five: f64,
}

/// Measures a network on drawings, as it answers: by several views of each.
///
/// # Errors
/// When the network fails.
pub fn measured(network: &Network, drawings: &[Shown]) -> candle_core::Result<Recognised> {
    let mut sum = Recognised::default();
    for chunk in drawings.chunks(MEASURED) {
        let drawings: Vec<&[Line]> = chunk.iter().map(|shown| shown.lines.as_slice()).collect();
        let said = probabilities(network, &drawings)?;
        for (row, shown) in said.to_vec2::<f32>()?.iter().zip(chunk) {
            let Some(&right) = row.get(shown.kind as usize) else { continue };
            let likelier = row.iter().filter(|&&other| other > right).count();
            sum.nats -= f64::from(right.max(f32::MIN_POSITIVE)).ln();
            sum.first += f64::from(u8::from(likelier == 0));
            sum.five += f64::from(u8::from(likelier < 5));
        }
    }
    let count = drawings.len().max(1) as f64;
    Ok(Recognised { nats: sum.nats / count, first: sum.first / count, five: sum.five / count })
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::training::{Course, Hyperparameters, Run};

    /// Boxes and crosses.
    fn drawings() -> Vec<Shown> {
        let of = |number: usize| {
            let size = 1.0 + number as f32;
            let lines = match number % 2 {
                0 => vec![vec![[0.0, 0.0], [size, 0.0], [size, size], [0.0, size], [0.0, 0.0]]],
                _ => vec![vec![[0.0, 0.0], [size, size]], vec![[size, 0.0], [0.0, size]]],
            };
            Shown { kind: number as u32 % 2, lines }
        };
        (0..16).map(of).collect()
    }

    #[test]
    fn boxes_are_told_from_crosses() {
        let drawings = drawings();
        let config = Config { filters: [4, 4, 4], residual: 1, kinds: vec!["box".into(), "cross".into()] };
        let manner = Manner {
            batch: 8,
            dropout: 0.2,
            smoothing: 0.1,
            bent: 0.1,
            dropped: 0.1,
            trembling: 0.01,
            loose: 0.01,
            waved: 0.02,
            mixed: 0.3,
            made: 0.1,
        };
        let lesson = RecognizerLesson::new(config, manner, [&drawings, &drawings[..4]], &drawings);
        let settings = Hyperparameters {
            seed: 1,
            epochs: 30.0,
            rate: 0.01,
            warm_up: 5,
            course: Course::Falling,
            weight_decay: 0.01,
            every: Some(20),
            patience: None,
            checkpoints: None,
        };
        let mut run = Run::new(lesson, settings).unwrap();
        let mut told = String::new();
        run.train(|progress| {
            if let Some((_, measured, _)) = &progress.measured {
                told = measured.also.clone().unwrap();
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(told, "right 100.0 %, among five 100.0 %");
    }
}
