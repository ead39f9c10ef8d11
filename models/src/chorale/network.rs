//! The network: sums of embeddings, a stack of residual blocks over time, and logits for every cell.
//!
//! A frame is a vector of `width` numbers. A block looks at a frame and at the frames `dilation`
//! before and after it: `h + narrow · relu(wide · [n(t−d), n(t), n(t+d)] + b) + b'`, `n` being `h`
//! over its root mean square times a gain (Zhang and Sennrich 2019). The last layer gives, for each
//! voice, a logit for each class of the cell, and for each anchor of the cell (see
//! [`super::features`]) a logit for each distance from it; the logit of a pitch is the sum of its
//! own and those of its distances. So "the same as before", "a step up" or "an octave above the
//! bass" is learnt once for all pitches.
//!
//! Rows lie time-major, `[frames, batch]`, so that the frame before is a fixed way off and a product
//! runs over the whole batch. Forward and backward are written by hand on plain slices: a graph of
//! operations would copy each row a dozen times. Playing runs on packed weights ([`super::step`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::features::{ANCHORS, Anchors, FEATURES, Features};
use super::vocabulary::{CLASSES, PITCHES, VOICES};
use crate::product::{Matrix, multiply};

/// Distances from an anchor that have a logit: two octaves down to two octaves up.
pub const SPAN: usize = 49;

/// Numbers of the last layer for one voice.
pub const VOICE_OUTPUTS: usize = CLASSES + ANCHORS * SPAN;

/// Numbers of the last layer.
pub const OUTPUTS: usize = VOICES * VOICE_OUTPUTS;

/// Added to the mean square, so that silence is no division by zero.
const EPSILON: f32 = 1e-6;

/// Sizes of a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Rows of the table of embeddings.
    pub features: usize,
    /// Numbers of a frame.
    pub width: usize,
    /// Units within a block.
    pub hidden: usize,
    /// How far each block looks, in frames.
    pub dilations: Vec<usize>,
}

impl Config {
    /// A network of this build's features.
    pub fn new(width: usize, hidden: usize, dilations: &[usize]) -> Config {
        Config { features: FEATURES, width, hidden, dilations: dilations.to_vec() }
    }

    /// Name and shape of every tensor, in the order of the network.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let (width, hidden) = (self.width, self.hidden);
        let mut all = vec![("embed.weight".to_owned(), vec![self.features, width])];
        for block in 0..self.dilations.len() {
            all.push((format!("block.{block}.gain.bias"), vec![width]));
            all.push((format!("block.{block}.wide.weight"), vec![hidden, 3 * width]));
            all.push((format!("block.{block}.wide.bias"), vec![hidden]));
            all.push((format!("block.{block}.narrow.weight"), vec![width, hidden]));
            all.push((format!("block.{block}.narrow.bias"), vec![width]));
        }
        all.push(("out.gain.bias".to_owned(), vec![width]));
        all.push(("out.weight".to_owned(), vec![OUTPUTS, width]));
        all.push(("out.bias".to_owned(), vec![OUTPUTS]));
        all
    }

    /// Trained numbers.
    pub fn parameters(&self) -> usize {
        self.tensors().iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
    }

    /// Frames on either side that a frame's logits depend on, beside its anchors.
    pub fn reach(&self) -> usize {
        self.dilations.iter().sum()
    }
}

/// Tensors by name, each row by row.
pub type Tensors = BTreeMap<String, Vec<f32>>;

/// One hidden cell of a batch, to be predicted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Row of its frame, `frame · batch + piece`.
    pub row: usize,
    /// Its voice.
    pub voice: usize,
    /// What it is.
    pub class: u8,
    /// What its pitch is counted from.
    pub anchors: Anchors,
    /// How much its loss counts.
    pub weight: f32,
}

/// What the forward pass of a block keeps for the backward pass.
#[derive(Debug, Default)]
struct Kept {
    /// Input, `[rows, width]`.
    h: Vec<f32>,
    /// One over the root mean square of each row.
    scale: Vec<f32>,
    /// Input after normalisation, `[rows, width]`.
    normal: Vec<f32>,
    /// Units after `relu` and dropout, `[rows, hidden]`.
    units: Vec<f32>,
}

/// Random numbers for dropout: which units stay, 1 in 2³² parts.
#[derive(Debug, Clone)]
pub struct Dropout {
    /// Share of units dropped within each block.
    pub share: f32,
    /// State of the generator; not zero.
    pub state: u64,
}

impl Dropout {
    /// What the units that stay are scaled by.
    fn grow(&self) -> f32 {
        1.0 / (1.0 - self.share.max(0.0))
    }

    /// Drops units of `units` and scales up what stays.
    fn apply(&mut self, units: &mut [f32]) {
        if self.share <= 0.0 {
            return;
        }
        let limit = (f64::from(self.share) * 65_536.0) as u64;
        let scale = self.grow();
        for four in units.chunks_mut(4) {
            // Marsaglia 2003; sixteen bits a unit.
            self.state ^= self.state << 13;
            self.state ^= self.state >> 7;
            self.state ^= self.state << 17;
            for (part, unit) in four.iter_mut().enumerate() {
                let kept = (self.state >> (16 * part)) & 0xffff >= limit;
                *unit = if kept { *unit * scale } else { 0.0 };
            }
        }
    }
}

/// A batch of frames.
#[derive(Debug, Clone, Copy)]
pub struct Frames<'a> {
    /// Rows of the table for each row of the batch, `[frames, batch]`.
    pub features: &'a [Features],
    /// Pieces side by side.
    pub batch: usize,
}

/// What the forward pass gives and keeps.
struct Forward {
    blocks: Vec<Kept>,
    /// What goes into the last layer: `[rows, width]`, before and after normalisation.
    last: Kept,
    /// The last layer, `[rows, OUTPUTS]`.
    outputs: Vec<f32>,
}

/// Runs the network over `frames` and gives −log p of every cell (natural logarithm).
///
/// # Panics
/// When a tensor is missing or of another size than `config` says, or a cell lies outside: defects of
/// the caller, which has read the tensors by [`Config::tensors`].
pub fn run(config: &Config, tensors: &Tensors, frames: Frames<'_>, cells: &[Cell]) -> Vec<f32> {
    let forward = forward(config, tensors, frames, None);
    cells
        .iter()
        .map(|cell| log_softmax(&mut logits(forward.voice(cell), &cell.anchors), cell.class))
        .collect()
}

/// As [`run`], with `dropout`; also adds the gradient of the weighted sum of the losses to `gradients`.
///
/// # Panics
/// As [`run`], and when `gradients` are not of the shape of `tensors`.
pub fn train(
    config: &Config,
    tensors: &Tensors,
    frames: Frames<'_>,
    cells: &[Cell],
    gradients: &mut Tensors,
    dropout: &mut Dropout,
) -> Vec<f32> {
    let forward = forward(config, tensors, frames, Some(&mut *dropout));
    let mut losses = Vec::with_capacity(cells.len());
    let mut slope = vec![0.0f32; forward.outputs.len()];
    for cell in cells {
        let mut logits = logits(forward.voice(cell), &cell.anchors);
        losses.push(log_softmax(&mut logits, cell.class));
        // The gradient of −log softmax: the probabilities, less one at what it was.
        let of_logits: [f32; CLASSES] = std::array::from_fn(|class| {
            let right = if class == usize::from(cell.class) { 1.0 } else { 0.0 };
            cell.weight * (logits[class].exp() - right)
        });
        spread(&of_logits, &cell.anchors, &mut slope[cell.outputs()..][..VOICE_OUTPUTS]);
    }
    backward(config, tensors, frames, forward, &slope, gradients, dropout.grow());
    losses
}

impl Cell {
    /// Where the outputs of its voice begin.
    fn outputs(&self) -> usize {
        self.row * OUTPUTS + self.voice * VOICE_OUTPUTS
    }
}

impl Forward {
    fn voice(&self, cell: &Cell) -> &[f32] {
        &self.outputs[cell.outputs()..][..VOICE_OUTPUTS]
    }
}

fn forward(
    config: &Config,
    tensors: &Tensors,
    frames: Frames<'_>,
    mut dropout: Option<&mut Dropout>,
) -> Forward {
    let (width, hidden) = (config.width, config.hidden);
    let rows = frames.features.len();
    let tensor = |name: &str| tensors[name].as_slice();
    let embed = tensor("embed.weight");
    let mut h = vec![0.0f32; rows * width];
    for (row, features) in h.chunks_exact_mut(width).zip(frames.features) {
        for &feature in features {
            let embedded = &embed[usize::from(feature) * width..][..width];
            row.iter_mut().zip(embedded).for_each(|(sum, &e)| *sum += e);
        }
    }
    let mut blocks = Vec::with_capacity(config.dilations.len());
    for (block, &dilation) in config.dilations.iter().enumerate() {
        let part = |part: &str| tensor(&format!("block.{block}.{part}"));
        let (scale, normal) = normalise(&h, part("gain.bias"), width);
        let wide = part("wide.weight");
        let mut units = part("wide.bias").repeat(rows);
        for (third, to, from, count) in shifts(rows, frames.batch, dilation) {
            let weight = Matrix::new(&wide[third * width..], hidden, width, 3 * width).transposed();
            let input = Matrix::new(&normal[from * width..], count, width, width);
            multiply(&mut units[to * hidden..], hidden, input, weight, true);
        }
        units.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        if let Some(dropout) = dropout.as_deref_mut() {
            dropout.apply(&mut units);
        }
        let narrow = Matrix::new(part("narrow.weight"), width, hidden, hidden).transposed();
        let mut next = h.clone();
        add_to_rows(&mut next, part("narrow.bias"));
        multiply(&mut next, width, Matrix::new(&units, rows, hidden, hidden), narrow, true);
        if dropout.is_some() {
            blocks.push(Kept { h, scale, normal, units });
        }
        h = next;
    }
    let (scale, normal) = normalise(&h, tensor("out.gain.bias"), width);
    let mut outputs = tensor("out.bias").repeat(rows);
    let out = Matrix::new(tensor("out.weight"), OUTPUTS, width, width).transposed();
    multiply(&mut outputs, OUTPUTS, Matrix::new(&normal, rows, width, width), out, true);
    Forward { blocks, last: Kept { h, scale, normal, units: Vec::new() }, outputs }
}

/// Adds to `gradients` what flows back from `slope`, the gradient of the outputs; `grow` is what
/// dropout scaled the units that stayed by.
fn backward(
    config: &Config,
    tensors: &Tensors,
    frames: Frames<'_>,
    forward: Forward,
    slope: &[f32],
    gradients: &mut Tensors,
    grow: f32,
) {
    let (width, hidden) = (config.width, config.hidden);
    let rows = frames.features.len();
    let tensor = |name: &str| tensors[name].as_slice();
    let last = &forward.last;
    let by_outputs = Matrix::new(slope, rows, OUTPUTS, OUTPUTS);
    let mut inner = vec![0.0f32; rows * width];
    let out = Matrix::new(tensor("out.weight"), OUTPUTS, width, width);
    multiply(&mut inner, width, by_outputs, out, false);
    let input = Matrix::new(&last.normal, rows, width, width);
    multiply(gradient(gradients, "out.weight"), width, by_outputs.transposed(), input, true);
    sum_rows(gradient(gradients, "out.bias"), slope);
    let mut dh = vec![0.0f32; rows * width];
    let own = gradient(gradients, "out.gain.bias");
    normalise_back(last, tensor("out.gain.bias"), &inner, &mut dh, own, width);
    for (block, (&dilation, kept)) in config.dilations.iter().zip(&forward.blocks).enumerate().rev() {
        let name = |part: &str| format!("block.{block}.{part}");
        let by_width = Matrix::new(&dh, rows, width, width);
        let units = Matrix::new(&kept.units, rows, hidden, hidden);
        multiply(gradient(gradients, &name("narrow.weight")), hidden, by_width.transposed(), units, true);
        sum_rows(gradient(gradients, &name("narrow.bias")), &dh);
        let mut back = vec![0.0f32; rows * hidden];
        let narrow = Matrix::new(tensor(&name("narrow.weight")), width, hidden, hidden);
        multiply(&mut back, hidden, by_width, narrow, false);
        for (back, &unit) in back.iter_mut().zip(&kept.units) {
            *back = if unit > 0.0 { *back * grow } else { 0.0 };
        }
        sum_rows(gradient(gradients, &name("wide.bias")), &back);
        let wide = tensor(&name("wide.weight"));
        inner.fill(0.0);
        for (third, to, from, count) in shifts(rows, frames.batch, dilation) {
            let back = Matrix::new(&back[to * hidden..], count, hidden, hidden);
            let weight = Matrix::new(&wide[third * width..], hidden, width, 3 * width);
            multiply(&mut inner[from * width..], width, back, weight, true);
            let input = Matrix::new(&kept.normal[from * width..], count, width, width);
            let own = &mut gradient(gradients, &name("wide.weight"))[third * width..];
            multiply(own, 3 * width, back.transposed(), input, true);
        }
        let own = gradient(gradients, &name("gain.bias"));
        normalise_back(kept, tensor(&name("gain.bias")), &inner, &mut dh, own, width);
    }
    let own = gradient(gradients, "embed.weight");
    for (slope, features) in dh.chunks_exact(width).zip(frames.features) {
        for &feature in features {
            let row = &mut own[usize::from(feature) * width..][..width];
            row.iter_mut().zip(slope).for_each(|(sum, &s)| *sum += s);
        }
    }
}

fn gradient<'a>(gradients: &'a mut Tensors, name: &str) -> &'a mut [f32] {
    gradients.get_mut(name).expect("a gradient for every tensor of the network")
}

/// The three parts of a block's window: which part, first row that hears it, first row heard, rows.
pub(super) fn shifts(rows: usize, batch: usize, dilation: usize) -> [(usize, usize, usize, usize); 3] {
    let shift = (dilation * batch).min(rows);
    [(0, shift, 0, rows - shift), (1, 0, 0, rows), (2, 0, shift, rows - shift)]
}

fn add_to_rows(rows: &mut [f32], bias: &[f32]) {
    for row in rows.chunks_exact_mut(bias.len()) {
        row.iter_mut().zip(bias).for_each(|(x, &b)| *x += b);
    }
}

fn sum_rows(sum: &mut [f32], rows: &[f32]) {
    for row in rows.chunks_exact(sum.len()) {
        sum.iter_mut().zip(row).for_each(|(sum, &x)| *sum += x);
    }
}

/// Sum of products in sixteen partial sums, the same on every processor.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 16];
    let (a, a_rest) = a.as_chunks::<16>();
    let (b, b_rest) = b.as_chunks::<16>();
    for (a, b) in a.iter().zip(b) {
        for lane in 0..16 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

/// Each row over its root mean square, times `gain`; also one over the root mean squares.
pub(super) fn normalise(h: &[f32], gain: &[f32], width: usize) -> (Vec<f32>, Vec<f32>) {
    let mut normal = vec![0.0f32; h.len()];
    let mut scales = Vec::with_capacity(h.len() / width);
    for (row, normal) in h.chunks_exact(width).zip(normal.chunks_exact_mut(width)) {
        let scale = 1.0 / (dot(row, row) / width as f32 + EPSILON).sqrt();
        scales.push(scale);
        for ((normal, &x), &gain) in normal.iter_mut().zip(row).zip(gain) {
            *normal = x * scale * gain;
        }
    }
    (scales, normal)
}

/// Adds to `dh` and `dgain` what flows back through [`normalise`].
fn normalise_back(kept: &Kept, gain: &[f32], slope: &[f32], dh: &mut [f32], dgain: &mut [f32], width: usize) {
    let mut scaled = vec![0.0f32; width];
    let rows = kept.h.chunks_exact(width).zip(slope.chunks_exact(width)).zip(dh.chunks_exact_mut(width));
    for (((row, slope), dh), &scale) in rows.zip(&kept.scale) {
        for k in 0..width {
            dgain[k] += row[k] * scale * slope[k];
            scaled[k] = slope[k] * gain[k];
        }
        let along = dot(row, &scaled) * scale * scale * scale / width as f32;
        for k in 0..width {
            dh[k] += scale * scaled[k] - along * row[k];
        }
    }
}

/// The classes of a voice and the outputs they are counted from: calls `each(class, output)` for every
/// distance that has a logit.
fn distances(anchors: &Anchors, mut each: impl FnMut(usize, usize)) {
    const HALF: usize = SPAN / 2;
    for (number, anchor) in anchors.iter().enumerate() {
        let Some(anchor) = anchor.map(usize::from) else { continue };
        let outputs = CLASSES + number * SPAN;
        for class in anchor.saturating_sub(HALF)..PITCHES.min(anchor + HALF + 1) {
            each(class, outputs + class + HALF - anchor);
        }
    }
}

/// The logits of a cell from the outputs of its voice.
pub(super) fn logits(outputs: &[f32], anchors: &Anchors) -> [f32; CLASSES] {
    let mut logits: [f32; CLASSES] = std::array::from_fn(|class| outputs[class]);
    distances(anchors, |class, output| logits[class] += outputs[output]);
    logits
}

/// The way back of [`logits`].
fn spread(slope: &[f32; CLASSES], anchors: &Anchors, outputs: &mut [f32]) {
    outputs.iter_mut().zip(slope).for_each(|(output, &slope)| *output += slope);
    distances(anchors, |class, output| outputs[output] += slope[class]);
}

/// Turns logits into logarithms of probabilities and gives −log p of `class`.
fn log_softmax(logits: &mut [f32; CLASSES], class: u8) -> f32 {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|&logit| (logit - highest).exp()).sum();
    let total = highest + sum.ln();
    logits.iter_mut().for_each(|logit| *logit -= total);
    -logits[usize::from(class)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chorale::features::ACTIVE;

    fn numbers(count: usize, state: &mut u32, size: f32) -> Vec<f32> {
        let mut next = || {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((*state >> 8) as f32 / (1 << 24) as f32 * 2.0 - 1.0) * size
        };
        (0..count).map(|_| next()).collect()
    }

    /// The gradient agrees with differences of the loss along a random direction of each tensor.
    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let config = Config::new(6, 5, &[1, 2]);
        let mut state = 5;
        let mut tensors: Tensors = config
            .tensors()
            .into_iter()
            .map(|(name, shape)| {
                let size = if name == "embed.weight" { 0.6 } else { 0.4 };
                (name, numbers(shape.iter().product(), &mut state, size))
            })
            .collect();
        let batch = 2;
        let features: Vec<Features> = (0..5 * batch)
            .map(|row| std::array::from_fn(|k| ((row * 31 + k * 17) % FEATURES.min(60 + ACTIVE)) as u16))
            .collect();
        let cells: Vec<Cell> = (0..7)
            .map(|number| Cell {
                row: number,
                voice: number % VOICES,
                class: (number * 6) as u8,
                anchors: [Some(number as u8), None, Some(40), Some(20), None],
                weight: 0.3 + number as f32 * 0.1,
            })
            .collect();
        let frames = Frames { features: &features, batch };
        let loss = |tensors: &Tensors| -> f64 {
            let losses = run(&config, tensors, frames, &cells);
            losses.iter().zip(&cells).map(|(&l, cell)| f64::from(l) * f64::from(cell.weight)).sum()
        };
        let mut gradients: Tensors =
            tensors.iter().map(|(name, values)| (name.clone(), vec![0.0; values.len()])).collect();
        let mut dropout = Dropout { share: 0.0, state: 1 };
        train(&config, &tensors, frames, &cells, &mut gradients, &mut dropout);
        let names: Vec<String> = tensors.keys().cloned().collect();
        for name in names {
            let direction = numbers(tensors[&name].len(), &mut state, 1.0);
            let expected: f64 =
                gradients[&name].iter().zip(&direction).map(|(&g, &d)| f64::from(g) * f64::from(d)).sum();
            let original = tensors[&name].clone();
            let mut at = |step: f32| {
                let moved = original.iter().zip(&direction).map(|(&x, &d)| x + step * d).collect();
                tensors.insert(name.clone(), moved);
                loss(&tensors)
            };
            let step = 2e-3;
            let slope = (at(step) - at(-step)) / (2.0 * f64::from(step));
            tensors.insert(name.clone(), original);
            assert!((slope - expected).abs() < 0.02 * (1.0 + expected.abs()), "{name}: {slope}, {expected}");
        }
    }
}
