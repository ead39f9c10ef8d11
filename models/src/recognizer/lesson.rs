//! What teaches `recognize`: drawings and what they show, each drawing changed a little whenever it is seen.

use std::collections::HashMap;

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
}

/// Drawings to learn from and drawings to be measured on.
pub struct RecognizerLesson<'a> {
    config: Config,
    manner: Manner,
    learnt: &'a [Shown],
    valid: &'a [Shown],
    order: Vec<usize>,
    at: usize,
    rng: ChaCha8Rng,
}

impl<'a> RecognizerLesson<'a> {
    /// A lesson for networks of the sizes `config`.
    pub fn new(
        config: Config,
        manner: Manner,
        learnt: &'a [Shown],
        valid: &'a [Shown],
    ) -> RecognizerLesson<'a> {
        let rng = ChaCha8Rng::seed_from_u64(0);
        RecognizerLesson { config, manner, learnt, valid, order: (0..learnt.len()).collect(), at: 0, rng }
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
        let numbers = &self.order[self.at..self.order.len().min(self.at + self.manner.batch)];
        if numbers.is_empty() {
            return Err(TrainingError::Empty);
        }
        self.at += numbers.len();
        let changed: Vec<Vec<Line>> = numbers
            .iter()
            .map(|&number| self.manner.changed(&self.learnt[number].lines, &mut self.rng))
            .collect();
        let seen = seen(changed.iter().map(Vec::as_slice))?;
        let share = self.manner.dropout;
        let kept = |_| if self.rng.random::<f32>() < share { 0.0 } else { 1.0 / (1.0 - share) };
        let mask: Vec<f32> = (0..numbers.len() * self.config.found()).map(kept).collect();
        let mask = Tensor::from_vec(mask, (numbers.len(), self.config.found()), &Device::Cpu)?;
        let said = candle_nn::ops::log_softmax(&network.forward(&seen, Some(&mask))?, D::Minus1)?;
        let kinds: Vec<u32> = numbers.iter().map(|&number| self.learnt[number].kind).collect();
        let right = nats(&said, &kinds)?;
        let even = said.mean_all()?.neg()?;
        let smoothing = self.manner.smoothing;
        let mean = ((right * (1.0 - smoothing))? + (even * smoothing)?)?;
        Ok(Loss { mean, of: numbers.len() as f64 })
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
        let mut changed: Vec<Line> = Vec::with_capacity(lines.len());
        for line in lines {
            if lines.len() > 3 && rng.random::<f32>() < self.dropped {
                continue;
            }
            let mut walk = [0.0, 0.0];
            let turned = |&[x, y]: &[f32; 2]| {
                walk = walk.map(|at| at + self.trembling * size * normal(rng));
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
    (-2.0 * radius.ln()).sqrt() * (std::f32::consts::TAU * angle).cos()
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

/// Mean nats of what drawings show.
fn nats(said: &Tensor, kinds: &[u32]) -> candle_core::Result<Tensor> {
    let kinds = Tensor::from_slice(kinds, (kinds.len(), 1), &Device::Cpu)?;
    said.gather(&kinds, D::Minus1)?.mean_all()?.neg()
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
    use crate::training::{Course, Run, Settings};

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
        let config = Config { filters: [4, 4, 4], kinds: vec!["box".into(), "cross".into()] };
        let manner =
            Manner { batch: 8, dropout: 0.2, smoothing: 0.1, bent: 0.1, dropped: 0.1, trembling: 0.01 };
        let lesson = RecognizerLesson::new(config, manner, &drawings, &drawings);
        let settings = Settings {
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
