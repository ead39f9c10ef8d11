//! The network as it plays: the arithmetic of [`super::network`] on the packed weights of
//! [`crate::step`], the same bits on every processor with fused multiply-add.

use std::collections::BTreeMap;

use super::features::{Anchors, Features};
use super::network::{Config, Tensors, VOICE_OUTPUTS, logits, normalise, shifts};
use super::vocabulary::{CLASSES, VOICES};
use crate::card::Weights;
use crate::step::{Kernel, PackedLinear};

/// A network, ready to play.
#[derive(Debug, Clone)]
pub struct ChoraleStep {
    kernel: Kernel,
    config: Config,
    embed: Vec<f32>,
    blocks: Vec<Block>,
    gain: Vec<f32>,
    /// One for each voice, so that only the cells asked for are worked out.
    out: Vec<PackedLinear>,
}

#[derive(Debug, Clone)]
struct Block {
    gain: Vec<f32>,
    /// For the frame before, the frame itself and the frame after.
    wide: [PackedLinear; 3],
    wide_bias: Vec<f32>,
    narrow: PackedLinear,
    narrow_bias: Vec<f32>,
}

/// Sizes that cannot be packed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// A width that is no whole number of blocks.
    #[error("{0} numbers a frame and {1} units a block: multiples of 64 are needed")]
    Size(usize, usize),
    /// A tensor that is not there or has another size.
    #[error("tensor `{0}` is missing or has another size")]
    Tensor(String),
}

/// A cell whose distribution is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// Row of its frame, `frame · batch + piece`.
    pub row: usize,
    /// Its voice.
    pub voice: usize,
    /// What its pitch is counted from.
    pub anchors: Anchors,
}

impl ChoraleStep {
    /// As [`ChoraleStep::new`], from weights as they are stored, for this machine's processor.
    ///
    /// # Errors
    /// As [`ChoraleStep::new`].
    pub fn of_weights(
        config: &Config,
        weights: &BTreeMap<String, Weights>,
    ) -> Result<ChoraleStep, StepError> {
        let tensors = weights.iter().map(|(name, weights)| (name.clone(), weights.values.clone())).collect();
        ChoraleStep::new(config, &tensors, Kernel::detect())
    }

    /// Packs `tensors` for `kernel`; matrices are rounded to f16.
    ///
    /// # Errors
    /// [`StepError`] when a size cannot be packed or a tensor does not fit `config`.
    pub fn new(config: &Config, tensors: &Tensors, kernel: Kernel) -> Result<ChoraleStep, StepError> {
        let (width, hidden) = (config.width, config.hidden);
        if width == 0 || hidden == 0 || !width.is_multiple_of(64) || !hidden.is_multiple_of(64) {
            return Err(StepError::Size(width, hidden));
        }
        for (name, shape) in config.tensors() {
            if tensors.get(&name).map(Vec::len) != Some(shape.iter().product()) {
                return Err(StepError::Tensor(name));
            }
        }
        let tensor = |name: &str| tensors[name].clone();
        let blocks = (0..config.dilations.len()).map(|block| {
            let part = |part: &str| tensor(&format!("block.{block}.{part}"));
            let wide = part("wide.weight");
            let third = |third: usize| {
                let rows = wide.chunks_exact(3 * width).flat_map(|row| &row[third * width..][..width]);
                PackedLinear::new(&rows.copied().collect::<Vec<f32>>(), &vec![0.0; hidden])
            };
            Block {
                gain: part("gain.bias"),
                wide: [third(0), third(1), third(2)],
                wide_bias: part("wide.bias"),
                narrow: PackedLinear::new(&part("narrow.weight"), &vec![0.0; width]),
                narrow_bias: part("narrow.bias"),
            }
        });
        let (weight, bias) = (tensor("out.weight"), tensor("out.bias"));
        let voice = |voice: usize| {
            let rows = voice * VOICE_OUTPUTS..(voice + 1) * VOICE_OUTPUTS;
            PackedLinear::new(&weight[rows.start * width..rows.end * width], &bias[rows])
        };
        Ok(ChoraleStep {
            kernel,
            config: config.clone(),
            embed: tensor("embed.weight"),
            blocks: blocks.collect(),
            gain: tensor("out.gain.bias"),
            out: (0..VOICES).map(voice).collect(),
        })
    }

    /// Sizes of the network.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Logits of the cells `asked` in a batch of pieces, rows time-major as in [`super::network`].
    ///
    /// # Panics
    /// When a cell lies outside the rows: a defect of the caller.
    pub fn logits(&self, features: &[Features], batch: usize, asked: &[Asked]) -> Vec<[f32; CLASSES]> {
        let (width, rows) = (self.config.width, features.len());
        let mut h = vec![0.0f32; rows * width];
        for (row, features) in h.chunks_exact_mut(width).zip(features) {
            for &feature in features {
                let embedded = &self.embed[usize::from(feature) * width..][..width];
                row.iter_mut().zip(embedded).for_each(|(sum, &e)| *sum += e);
            }
        }
        let hidden = self.config.hidden;
        for (block, &dilation) in self.blocks.iter().zip(&self.config.dilations) {
            let (_, normal) = normalise(&h, &block.gain, width);
            let mut units = block.wide_bias.repeat(rows);
            for (part, to, from, count) in shifts(rows, batch, dilation) {
                let input = &normal[from * width..(from + count) * width];
                let sums = &mut units[to * hidden..(to + count) * hidden];
                block.wide[part].add_to_batch(self.kernel, input, sums);
            }
            units.iter_mut().for_each(|unit| *unit = unit.max(0.0));
            for row in h.chunks_exact_mut(width) {
                row.iter_mut().zip(&block.narrow_bias).for_each(|(x, &bias)| *x += bias);
            }
            block.narrow.add_to_batch(self.kernel, &units, &mut h);
        }
        let mut outputs = Vec::new();
        let mut all = Vec::with_capacity(asked.len());
        for cell in asked {
            let (_, normal) = normalise(&h[cell.row * width..][..width], &self.gain, width);
            self.out[cell.voice].apply(self.kernel, &normal, &mut outputs);
            all.push(logits(&outputs, &cell.anchors));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chorale::features::FEATURES;
    use crate::chorale::network::{Cell, Frames, run};
    use half::f16;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// On every processor the packed network says what the trained one says.
    #[test]
    fn playing_is_the_network_that_was_trained() {
        let config = Config::new(64, 64, &[1, 2]);
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut number = |size: f32| f16::from_f32(rng.random_range(-size..size)).to_f32();
        let tensors: Tensors = config
            .tensors()
            .into_iter()
            .map(|(name, shape)| (name, (0..shape.iter().product()).map(|_| number(0.2)).collect()))
            .collect();
        let (batch, frames) = (2, 6);
        let features: Vec<Features> = (0..frames * batch)
            .map(|row| std::array::from_fn(|k| ((row * 131 + k * 37) % FEATURES) as u16))
            .collect();
        let anchors = [Some(30), Some(31), None, Some(12), Some(45)];
        let asked: Vec<Asked> =
            (0..frames * batch).map(|row| Asked { row, voice: row % VOICES, anchors }).collect();
        for kernel in Kernel::available() {
            let step = ChoraleStep::new(&config, &tensors, kernel).unwrap();
            let found = step.logits(&features, batch, &asked);
            for (cell, logits) in asked.iter().zip(found) {
                let total = logits.iter().map(|logit| logit.exp()).sum::<f32>().ln();
                for (class, logit) in logits.iter().enumerate().step_by(9) {
                    let wanted =
                        Cell { row: cell.row, voice: cell.voice, class: class as u8, anchors, weight: 0.0 };
                    let frames = Frames { features: &features, batch };
                    let nats = run(&config, &tensors, frames, &[wanted])[0];
                    assert!((total - logit - nats).abs() < 1e-3, "{kernel}");
                }
            }
        }
        let odd = Config::new(60, 64, &[1]);
        let message = ChoraleStep::new(&odd, &tensors, Kernel::detect()).unwrap_err().to_string();
        assert_eq!(message, "60 numbers a frame and 64 units a block: multiples of 64 are needed");
    }
}
