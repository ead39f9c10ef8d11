//! A stack of LSTM layers over a sum of embedding rows, packed for single steps.

use super::block::{Cells, Products};
use super::heard::{Heard, Table};
use super::packed::gate_row;
use super::quantized::{Quantized, pairs};
use super::tiles::spread;
use super::vector::{LANES, Pair};
use super::{Kernel, LstmState, PackedLinear};

/// What a stack is made of, as it was trained: row by row, gates in the order i, f, g, o.
#[derive(Debug, Clone)]
pub struct LstmWeights {
    /// `[features, embed]`.
    pub embed: Vec<f32>,
    /// Width of an embedding row.
    pub width: usize,
    /// Units of each layer, a multiple of 16.
    pub hidden: usize,
    /// The layers, the lowest first.
    pub layers: Vec<LayerWeights>,
}

/// One layer as it was trained.
#[derive(Debug, Clone)]
pub struct LayerWeights {
    /// `[4·hidden, in]`: `in` is the width of an embedding row for the first layer, else `hidden`.
    pub weight_ih: Vec<f32>,
    /// `[4·hidden, hidden]`.
    pub weight_hh: Vec<f32>,
    /// `[4·hidden]`.
    pub bias: Vec<f32>,
}

/// Weights that make no stack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StackError {
    /// A width that cannot be cut into blocks.
    #[error("{0} units a layer: a multiple of 16 is needed")]
    Hidden(usize),
    /// No layer at all.
    #[error("there is no LSTM layer")]
    NoLayer,
    /// A tensor of the wrong size.
    #[error("{tensor} of layer {layer} has {found} numbers, expected {expected}")]
    Length {
        /// Which tensor.
        tensor: &'static str,
        /// Which layer, from 0.
        layer: usize,
        /// How many numbers it has.
        found: usize,
        /// How many it should have.
        expected: usize,
    },
}

/// The layers, ready to step.
#[derive(Debug, Clone)]
pub struct LstmStack {
    kernel: Kernel,
    hidden: usize,
    table: Table,
    layers: Vec<PackedLayer>,
}

#[derive(Debug, Clone)]
struct PackedLayer {
    /// `weight_hh` for layer 0, `[weight_ih | weight_hh]` for the others.
    weights: Quantized,
    /// In the order of the packed rows.
    bias: Vec<f32>,
}

/// Room for the numbers of a step, so that steps allocate nothing. One serves any number of stacks
/// and states, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    /// What the weights of a layer are multiplied by, in [`super::tiles`].
    x: Vec<Pair>,
    heard: Heard,
}

impl LstmStack {
    /// Packs `weights` for `kernel`.
    ///
    /// # Errors
    /// [`StackError`] when the weights do not fit together.
    pub fn new(weights: &LstmWeights, kernel: Kernel) -> Result<LstmStack, StackError> {
        let (hidden, width) = (weights.hidden, weights.width);
        if hidden == 0 || !hidden.is_multiple_of(LANES) {
            return Err(StackError::Hidden(hidden));
        }
        for (number, layer) in weights.layers.iter().enumerate() {
            let input = if number == 0 { width } else { hidden };
            for (tensor, found, expected) in [
                ("weight_ih", layer.weight_ih.len(), 4 * hidden * input),
                ("weight_hh", layer.weight_hh.len(), 4 * hidden * hidden),
                ("bias", layer.bias.len(), 4 * hidden),
            ] {
                if found != expected {
                    return Err(StackError::Length { tensor, layer: number, found, expected });
                }
            }
        }
        let first = weights.layers.first().ok_or(StackError::NoLayer)?;
        let order: Vec<usize> = (0..4 * hidden).map(|packed| gate_row(hidden, packed)).collect();
        let table = Table::new(&weights.embed, &first.weight_ih, width, hidden);
        let layers = weights.layers.iter().enumerate().map(|(number, layer)| PackedLayer {
            weights: if number == 0 {
                Quantized::new(hidden, hidden, |row, column| layer.weight_hh[row * hidden + column])
            } else {
                Quantized::new(hidden, 2 * hidden, |row, column| match column.checked_sub(hidden) {
                    None => layer.weight_ih[row * hidden + column],
                    Some(column) => layer.weight_hh[row * hidden + column],
                })
            },
            bias: order.iter().map(|&row| layer.bias[row]).collect(),
        });
        Ok(LstmStack { kernel, hidden, table, layers: layers.collect() })
    }

    /// The state before anything was heard.
    pub fn start(&self) -> LstmState {
        LstmState::zeros(self.layers.len(), self.hidden)
    }

    /// Units of each layer.
    pub fn hidden(&self) -> usize {
        self.hidden
    }

    /// Which instructions it runs on.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Packs a matrix of `[4·hidden, inputs]` that adds to the gates of the first layer, so that its
    /// result can be given to [`LstmStack::driven_step`].
    ///
    /// # Panics
    /// When `weight` holds no whole number of columns: a defect of the caller.
    pub fn drive(&self, weight: &[f32]) -> PackedLinear {
        let gates = 4 * self.hidden;
        let inputs = weight.len() / gates;
        let rows = (0..gates).flat_map(|packed| {
            let row = gate_row(self.hidden, packed);
            weight[row * inputs..][..inputs].iter().copied()
        });
        PackedLinear::new(&rows.collect::<Vec<f32>>(), &vec![0.0; gates])
    }

    /// Moves `states` on by one step each; `features[i]` are the embedding rows that state `i` hears.
    /// A batch reads each weight once for several states.
    ///
    /// # Panics
    /// When there is not one set of features for each state, a row does not exist, or a state belongs
    /// to a stack of another size: defects of the caller.
    pub fn step<F: AsRef<[u16]>>(&self, scratch: &mut Scratch, features: &[F], states: &mut [LstmState]) {
        self.driven_step(scratch, features, &[], states);
    }

    /// As [`LstmStack::step`]; `drives[i]`, if there are any, is added to the gates of the first layer of
    /// state `i`: what a layer of [`LstmStack::drive`] gives, `[4·hidden]`.
    ///
    /// # Panics
    /// As [`LstmStack::step`], and when there is not one drive of the right length for each state.
    pub fn driven_step<F: AsRef<[u16]>>(
        &self,
        scratch: &mut Scratch,
        features: &[F],
        drives: &[&[f32]],
        states: &mut [LstmState],
    ) {
        assert_eq!(features.len(), states.len(), "one set of features for each state");
        assert!(drives.is_empty() || drives.len() == states.len(), "one drive for each state");
        let (batch, hidden) = (states.len(), self.hidden);
        scratch.heard.clear();
        features.iter().for_each(|features| scratch.heard.push(features.as_ref()));
        for (number, layer) in self.layers.iter().enumerate() {
            let inputs = layer.weights.inputs() / 2;
            scratch.x.resize(batch * inputs, [0; 2]);
            let own = if number == 0 {
                0
            } else {
                let below = |state: usize| pairs(states[state].layer(number - 1).0);
                spread(&mut scratch.x, inputs, batch, 0, below);
                hidden / 2
            };
            spread(&mut scratch.x, inputs, batch, own, |state| pairs(states[state].layer(number).0));
            self.kernel.cells(Cells {
                weights: &layer.weights,
                x: &scratch.x,
                bias: &layer.bias,
                heard: (number == 0).then_some((&self.table, &scratch.heard)),
                drives: if number == 0 { drives } else { &[] },
                states,
                layer: number,
            });
        }
    }
}

impl PackedLinear {
    /// Writes `weight · x + bias` to `out`; of its numbers the first [`PackedLinear::rows`] count.
    ///
    /// # Panics
    /// When `x` is not as long as the matrix is wide.
    pub fn apply(&self, kernel: Kernel, x: &[f32], out: &mut Vec<f32>) {
        assert_eq!(x.len(), self.inputs());
        out.clear();
        out.extend_from_slice(&self.bias);
        kernel.products(Products { weights: &self.weight, x, out });
        out.truncate(self.rows());
    }

    /// Writes `weight · x + start` for a batch to `out`, `[batch, rows]`: `x(i)` and `start(i)` are those of
    /// number `i`. Each weight is read once for six of them; the bits are those of single ones. `room` is
    /// overwritten.
    ///
    /// # Panics
    /// When an `x` is not as long as the matrix is wide, or a start not as long as it is high.
    pub fn apply_to_batch<'a>(
        &self,
        kernel: Kernel,
        batch: usize,
        x: impl Fn(usize) -> &'a [f32],
        start: impl Fn(usize) -> &'a [f32],
        room: &mut Vec<f32>,
        out: &mut Vec<f32>,
    ) {
        let (inputs, rows, outputs) = (self.inputs(), self.rows(), self.weight.outputs());
        room.resize(batch * inputs, 0.0);
        spread(room, inputs, batch, 0, |number| x(number).iter().copied());
        out.clear();
        out.resize(batch * outputs, 0.0);
        for (number, out) in out.chunks_exact_mut(outputs).enumerate() {
            out[..rows].copy_from_slice(start(number));
        }
        kernel.products(Products { weights: &self.weight, x: room, out });
        for number in 1..batch {
            out.copy_within(number * outputs..number * outputs + rows, number * rows);
        }
        out.truncate(batch * rows);
    }

    /// Adds `weight · x` to a batch: `x` is `[batch, inputs]`, `sums` is `[batch, rows]`, and the rows
    /// are a multiple of 64. Each weight is read once for six inputs; the bits are those of single ones.
    ///
    /// # Panics
    /// When the lengths do not fit, or the rows are no multiple of 64.
    pub fn add_to_batch(&self, kernel: Kernel, x: &[f32], sums: &mut [f32]) {
        assert_eq!(self.rows(), self.weight.outputs(), "rows in whole blocks");
        assert_eq!(x.len() / self.inputs() * self.rows(), sums.len());
        assert_eq!(x.len() % self.inputs(), 0);
        let mut spread_out = vec![0.0; x.len()];
        let inputs = self.inputs();
        let row = |input: usize| x[input * inputs..][..inputs].iter().copied();
        spread(&mut spread_out, inputs, x.len() / inputs, 0, row);
        kernel.products(Products { weights: &self.weight, x: &spread_out, out: sums });
    }

    /// Adds `weight · x` to `sum`, whose first [`PackedLinear::rows`] numbers count, and drops the
    /// rest.
    ///
    /// # Panics
    /// When `x` is not as long as the matrix is wide.
    pub fn add_to(&self, kernel: Kernel, x: &[f32], sum: &mut Vec<f32>) {
        assert_eq!(x.len(), self.inputs());
        sum.resize(self.weight.outputs(), 0.0);
        kernel.products(Products { weights: &self.weight, x, out: sum });
        sum.truncate(self.rows());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::f16;
    use proptest::prelude::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    fn numbers(rng: &mut ChaCha8Rng, count: usize, size: f32) -> Vec<f32> {
        (0..count).map(|_| f16::from_f32(rng.random_range(-size..size)).to_f32()).collect()
    }

    /// Random weights that f16 holds exactly.
    fn weights(seed: u64, hidden: usize, width: usize, layers: usize, features: usize) -> LstmWeights {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let layer = |input: usize, rng: &mut ChaCha8Rng| LayerWeights {
            weight_ih: numbers(rng, 4 * hidden * input, 0.3),
            weight_hh: numbers(rng, 4 * hidden * hidden, 0.3),
            bias: numbers(rng, 4 * hidden, 0.5),
        };
        LstmWeights {
            embed: numbers(&mut rng, features * width, 1.0),
            width,
            hidden,
            layers: (0..layers).map(|l| layer(if l == 0 { width } else { hidden }, &mut rng)).collect(),
        }
    }

    /// The textbook's step, in f64.
    fn reference(weights: &LstmWeights, features: &[u16], state: &mut [(Vec<f64>, Vec<f64>)]) {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let dot = |row: &[f32], x: &[f64]| row.iter().zip(x).map(|(w, x)| f64::from(*w) * x).sum::<f64>();
        let mut x = vec![0.0; weights.width];
        for &feature in features {
            let row = &weights.embed[usize::from(feature) * weights.width..][..weights.width];
            x.iter_mut().zip(row).for_each(|(x, e)| *x += f64::from(*e));
        }
        let hidden = weights.hidden;
        for (layer, (h, c)) in weights.layers.iter().zip(state) {
            let z: Vec<f64> = (0..4 * hidden)
                .map(|row| {
                    f64::from(layer.bias[row])
                        + dot(&layer.weight_ih[row * x.len()..][..x.len()], &x)
                        + dot(&layer.weight_hh[row * hidden..][..hidden], h)
                })
                .collect();
            for k in 0..hidden {
                let gate = |g: usize| z[g * hidden + k];
                c[k] = sigmoid(gate(1)) * c[k] + sigmoid(gate(0)) * gate(2).tanh();
                h[k] = sigmoid(gate(3)) * c[k].tanh();
            }
            x.clone_from(h);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Every kernel, every batch: each state goes where the textbook says, but for the rounding of
        /// weights and hidden states, and a batch gives the very bits of single steps.
        #[test]
        fn steps_as_the_textbook_says(
            seed: u64,
            hidden in 1usize..6,
            width in 1usize..40,
            layers in 1usize..4,
            batch in 1usize..15,
        ) {
            let hidden = hidden * LANES;
            let weights = weights(seed, hidden, width, layers, 9);
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let heard: Vec<Vec<[u16; 3]>> = (0..5)
                .map(|_| (0..batch).map(|_| std::array::from_fn(|_| rng.random_range(0..9))).collect())
                .collect();
            let zero = || vec![(vec![0.0; hidden], vec![0.0; hidden]); layers];
            let mut expected = vec![zero(); batch];
            for step in &heard {
                for (features, state) in step.iter().zip(&mut expected) {
                    reference(&weights, features, state);
                }
            }
            for kernel in Kernel::available() {
                let stack = LstmStack::new(&weights, kernel).unwrap();
                let mut scratch = Scratch::default();
                let mut states = vec![stack.start(); batch];
                let mut alone = states.clone();
                for step in &heard {
                    stack.step(&mut scratch, step, &mut states);
                    for (features, state) in step.iter().zip(&mut alone) {
                        stack.step(&mut scratch, &[features], std::slice::from_mut(state));
                    }
                }
                prop_assert_eq!(&alone, &states);
                for (state, expected) in states.iter().zip(&expected) {
                    for (layer, (h, c)) in expected.iter().enumerate() {
                        let (found_h, found_c) = state.layer(layer);
                        for (found, exact) in found_h.iter().chain(found_c).zip(h.iter().chain(c)) {
                            prop_assert!((f64::from(*found) - exact).abs() < 2e-3, "{}", kernel);
                        }
                    }
                }
            }
        }

        #[test]
        fn linear_layers_as_the_textbook_says(seed: u64, rows in 1usize..200, inputs in 1usize..70) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let weight = numbers(&mut rng, rows * inputs, 1.0);
            let (bias, x) = (numbers(&mut rng, rows, 1.0), numbers(&mut rng, inputs, 1.0));
            let linear = PackedLinear::new(&weight, &bias);
            for kernel in Kernel::available() {
                let mut out = Vec::new();
                linear.apply(kernel, &x, &mut out);
                prop_assert_eq!(out.len(), rows);
                for (row, found) in out.iter().enumerate() {
                    let weights = &weight[row * inputs..][..inputs];
                    let exact: f32 = weights.iter().zip(&x).map(|(w, x)| w * x).sum::<f32>() + bias[row];
                    prop_assert!((found - exact).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn a_batch_gives_the_bits_of_single_products() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let (rows, inputs, batch) = (128, 24, 9);
        let linear = PackedLinear::new(&numbers(&mut rng, rows * inputs, 1.0), &vec![0.0; rows]);
        let (x, start) = (numbers(&mut rng, batch * inputs, 1.0), numbers(&mut rng, batch * rows, 1.0));
        for kernel in Kernel::available() {
            let mut together = start.clone();
            linear.add_to_batch(kernel, &x, &mut together);
            let mut apart = Vec::new();
            for (x, start) in x.chunks_exact(inputs).zip(start.chunks_exact(rows)) {
                let mut sum = start.to_vec();
                linear.add_to(kernel, x, &mut sum);
                apart.extend(sum);
            }
            assert_eq!(together, apart);
        }
    }

    #[test]
    fn a_batch_of_layers_gives_the_bits_of_single_ones() {
        let mut rng = ChaCha8Rng::seed_from_u64(4);
        let (rows, inputs, batch) = (70, 24, 9);
        let bias = numbers(&mut rng, rows, 1.0);
        let linear = PackedLinear::new(&numbers(&mut rng, rows * inputs, 1.0), &bias);
        let x = numbers(&mut rng, batch * inputs, 1.0);
        for kernel in Kernel::available() {
            let (mut room, mut together) = (Vec::new(), Vec::new());
            let x_of = |i| &x[i * inputs..][..inputs];
            linear.apply_to_batch(kernel, batch, x_of, |_| &bias[..], &mut room, &mut together);
            let (mut one, mut apart) = (Vec::new(), Vec::new());
            for x in x.chunks_exact(inputs) {
                linear.apply(kernel, x, &mut one);
                apart.extend_from_slice(&one);
            }
            assert_eq!(together, apart);
        }
    }

    /// All processors with fused multiply-add play the same notes: AVX-512, AVX2 and NEON.
    #[test]
    fn every_fused_kernel_gives_the_same_bits() {
        let weights = weights(1, 64, 8, 2, 4);
        let run = |kernel: Kernel| {
            let stack = LstmStack::new(&weights, kernel).unwrap();
            // A full tile and one of three.
            let (mut scratch, mut states) = (Scratch::default(), vec![stack.start(); 9]);
            for step in 0..50u16 {
                let heard: Vec<[u16; 2]> = (0..9).map(|state| [step % 4, (step + state) % 4]).collect();
                stack.step(&mut scratch, &heard, &mut states);
            }
            let numbers = states.iter().flat_map(|state| (0..2).map(|layer| state.layer(layer)));
            // FNV-1a, word by word.
            numbers.flat_map(|(h, c)| h.iter().chain(c)).fold(0xcbf2_9ce4_8422_2325_u64, |hash, number| {
                (hash ^ u64::from(number.to_bits())).wrapping_mul(0x0100_0000_01b3)
            })
        };
        for kernel in Kernel::available() {
            if kernel.to_string() != "portable" {
                assert_eq!(run(kernel), 0x302a_bd2d_478d_e3d6, "{kernel}");
            }
        }
    }

    #[test]
    fn weights_that_do_not_fit_are_refused() {
        let good = weights(1, 16, 4, 2, 3);
        let mut odd = good.clone();
        odd.hidden = 20;
        let mut short = good.clone();
        short.layers[1].weight_ih.pop();
        let empty = LstmWeights { layers: Vec::new(), ..good };
        for (weights, message) in [
            (odd, "20 units a layer: a multiple of 16 is needed"),
            (short, "weight_ih of layer 1 has 1023 numbers, expected 1024"),
            (empty, "there is no LSTM layer"),
        ] {
            assert_eq!(LstmStack::new(&weights, Kernel::detect()).unwrap_err().to_string(), message);
        }
    }
}
