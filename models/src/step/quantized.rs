//! Weights of LSTM layers as whole numbers, two columns at a time.
//!
//! What such a layer is multiplied by are hidden states, −1 to 1: rounded to multiples of 2⁻¹² they are
//! whole numbers of 16 bits, and so are the weights, each row with a scale of its own. Sums of their
//! products are exact, in whatever order and on whatever processor, and a processor makes twice as many
//! of them in its time as of f32.

use super::packed::{ROWS, gate_row};
use super::vector::{LANES, Pair};

/// Steps in which a hidden state is counted, per unit. Rounded like this and to weights that leave room for
/// the sums, the logits of `folk` differ by 5e-4 on average after 64 notes (at most 2.4e-3), which costs
/// some 1e-7 nats; with half or twice as many steps they differ by more.
const STEPS: i32 = 1 << 12;

/// Two columns of a block, on four cache lines of their own.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(256))]
pub(super) struct Columns(pub(super) [[Pair; LANES]; ROWS / LANES]);

/// The gates of an LSTM layer, `[4·hidden, inputs]`, cut into blocks of 64 rows: the four gates of sixteen
/// units. Each block is stored two columns after two columns.
#[derive(Debug, Clone)]
pub(super) struct Quantized {
    columns: Vec<Columns>,
    /// What a sum of products is multiplied by, in the order of the packed rows.
    scales: Vec<f32>,
    inputs: usize,
}

impl Quantized {
    /// Packs `weight(row, column)` of `[4·hidden, inputs]`, gates in the order i, f, g, o.
    ///
    /// # Panics
    /// When `hidden` is no multiple of 16 or `inputs` is odd, which [`super::LstmStack::new`] has ruled out.
    pub(super) fn new(hidden: usize, inputs: usize, weight: impl Fn(usize, usize) -> f32) -> Quantized {
        assert!(
            hidden.is_multiple_of(LANES) && inputs.is_multiple_of(2),
            "blocks of 16 units, pairs of inputs"
        );
        let mut columns = vec![Columns([[[0; 2]; LANES]; ROWS / LANES]); hidden / LANES * inputs / 2];
        let mut scales = Vec::with_capacity(4 * hidden);
        for packed in 0..4 * hidden {
            let row = gate_row(hidden, packed);
            let weights: Vec<f32> = (0..inputs).map(|column| weight(row, column)).collect();
            let steps = steps(&weights);
            scales.push((1.0 / (steps * f64::from(STEPS))) as f32);
            let block = &mut columns[packed / ROWS * inputs / 2..][..inputs / 2];
            for (pair, columns) in weights.as_chunks::<2>().0.iter().zip(block) {
                columns.0[packed % ROWS / LANES][packed % LANES] =
                    pair.map(|weight| (f64::from(weight) * steps).round() as i16);
            }
        }
        Quantized { columns, scales, inputs }
    }

    /// Length of its input, even.
    pub(super) fn inputs(&self) -> usize {
        self.inputs
    }

    /// Length of its result, a multiple of 64.
    pub(super) fn outputs(&self) -> usize {
        self.scales.len()
    }

    pub(super) fn blocks(&self) -> usize {
        self.outputs() / ROWS
    }

    /// The columns of one block, two by two.
    pub(super) fn block(&self, block: usize) -> &[Columns] {
        &self.columns[block * self.inputs / 2..][..self.inputs / 2]
    }

    /// What the sums of one block are multiplied by, `[64]`.
    pub(super) fn scales(&self, block: usize) -> &[f32] {
        &self.scales[block * ROWS..][..ROWS]
    }
}

/// In how many steps per unit the weights of one row are counted: as many as 16 bits hold, and as keep the
/// sum of all products of the row within 32 bits, whatever the inputs. Rounding adds at most half a step
/// for each weight.
fn steps(weights: &[f32]) -> f64 {
    let magnitudes = || weights.iter().map(|&weight| f64::from(weight).abs());
    let room = f64::from(i32::MAX) / f64::from(STEPS) - weights.len() as f64 / 2.0;
    let (largest, sum) = (magnitudes().fold(0.0, f64::max), magnitudes().sum::<f64>());
    // A row of zeros, or nearly, has no largest number to go by.
    (f64::from(i16::MAX) / largest).min(room / sum).min(f64::from(i16::MAX) * f64::from(STEPS))
}

/// Hidden states of −1 to 1 as whole numbers, two by two.
pub(super) fn pairs(hidden: &[f32]) -> impl Iterator<Item = Pair> {
    hidden.as_chunks::<2>().0.iter().map(|pair| pair.map(whole))
}

/// `hidden` in [`STEPS`], rounded to the nearest.
#[inline(always)]
fn whole(hidden: f32) -> i16 {
    // Added to 1.5·2²³, a number leaves no bits for a fraction, and its whole part in the lowest bits.
    const SHIFT: f32 = 12_582_912.0;
    (hidden * STEPS as f32 + SHIFT).to_bits() as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hidden_states_are_rounded_to_the_nearest_step() {
        for (hidden, steps) in [(0.0, 0), (1.0, 4096), (-1.0, -4096), (0.5, 2048), (-1e-4, 0), (-2e-4, -1)] {
            assert_eq!(whole(hidden), steps, "{hidden}");
        }
        let hidden: Vec<f32> = (-1000..=1000).map(|n| n as f32 / 1000.0).collect();
        assert!(hidden.iter().all(|&h| (f32::from(whole(h)) / 4096.0 - h).abs() <= 0.5 / 4096.0));
        assert_eq!(pairs(&[0.25, -0.25, 1.0, 0.0]).collect::<Vec<_>>(), [[1024, -1024], [4096, 0]]);
    }

    proptest! {
        /// Each weight is within half a step of what it was, but for the rounding of the scale to f32, and no
        /// input makes a sum too large.
        #[test]
        fn weights_are_rounded_and_sums_fit(
            weights in prop::collection::vec(-40.0f32..40.0, 64 * 6),
            size in prop::sample::select(vec![0.0f32, 1e-6, 0.02, 1.0, 1000.0]),
        ) {
            let weight = |row: usize, column: usize| size * weights[row * 6 + column];
            let quantized = Quantized::new(16, 6, weight);
            for (packed, &scale) in quantized.scales.iter().enumerate() {
                let of = |columns: &Columns| columns.0[packed / LANES][packed % LANES];
                let found: Vec<i16> = quantized.block(0).iter().flat_map(of).collect();
                let step = scale * STEPS as f32;
                for (column, &found) in found.iter().enumerate() {
                    let exact = weight(gate_row(16, packed), column);
                    prop_assert!((f32::from(found) * step - exact).abs() <= 0.51 * step, "{exact}");
                }
                let most: i64 = found.iter().map(|&weight| i64::from(weight.unsigned_abs())).sum();
                prop_assert!(most * i64::from(STEPS) <= i64::from(i32::MAX));
            }
        }
    }
}
