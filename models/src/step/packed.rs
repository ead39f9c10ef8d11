//! Matrices of f16 weights in the order in which a step reads them.

use half::f16;

use super::heard::Gates;
use super::vector::LANES;

/// Rows of a block: four vectors, and for an LSTM the four gates of sixteen units.
pub(super) const ROWS: usize = 4 * LANES;

/// One column of a block, on two cache lines of its own.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(128))]
pub(super) struct Column(pub(super) [[f16; LANES]; 4]);

/// A column of a block as f32.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(256))]
pub(super) struct Widened(pub(super) Gates);

/// A matrix, cut into blocks of 64 rows; each block is stored column by column.
#[derive(Debug, Clone)]
pub struct Packed {
    columns: Vec<Column>,
    /// Columns of the matrix, the length of its input.
    inputs: usize,
    blocks: usize,
}

impl Packed {
    /// Packs the matrix whose row `order(block, row of 64)` is that of the original, or none for a row
    /// of zeros. `weight(row, column)` gives the number, which is rounded to f16.
    fn new(
        blocks: usize,
        inputs: usize,
        order: impl Fn(usize, usize) -> Option<usize>,
        weight: impl Fn(usize, usize) -> f32,
    ) -> Packed {
        let mut columns = vec![Column([[f16::ZERO; LANES]; 4]); blocks * inputs];
        for block in 0..blocks {
            for row in 0..ROWS {
                let Some(original) = order(block, row) else { continue };
                for column in 0..inputs {
                    let rounded = f16::from_f32(weight(original, column));
                    columns[block * inputs + column].0[row / LANES][row % LANES] = rounded;
                }
            }
        }
        Packed { columns, inputs, blocks }
    }

    /// Packs the gates of an LSTM layer: `weight(row, column)` of `[4·hidden, inputs]`, gates in the
    /// order i, f, g, o. Block `b` holds the four gates of units `16·b` to `16·b + 15`.
    ///
    /// # Panics
    /// When `hidden` is no multiple of 16, which [`super::LstmStack::new`] has ruled out.
    pub(super) fn gates(hidden: usize, inputs: usize, weight: impl Fn(usize, usize) -> f32) -> Packed {
        assert!(hidden.is_multiple_of(LANES), "a block holds 16 units");
        Packed::new(hidden / LANES, inputs, |block, row| Some(gate_row(hidden, block * ROWS + row)), weight)
    }

    /// Length of its input.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Length of its result, a multiple of 64.
    pub fn outputs(&self) -> usize {
        self.blocks * ROWS
    }

    /// The columns of one block.
    pub(super) fn block(&self, block: usize) -> &[Column] {
        &self.columns[block * self.inputs..][..self.inputs]
    }

    pub(super) fn blocks(&self) -> usize {
        self.blocks
    }
}

/// The row of `[4·hidden, …]` that lies at `packed` in the order of [`Packed::gates`].
pub(super) fn gate_row(hidden: usize, packed: usize) -> usize {
    let (block, row) = (packed / ROWS, packed % ROWS);
    (row / LANES) * hidden + block * LANES + row % LANES
}

/// A linear layer, `weight · x + bias`, with any number of rows.
#[derive(Debug, Clone)]
pub struct PackedLinear {
    pub(super) weight: Packed,
    /// Padded with zeros to whole blocks.
    pub(super) bias: Vec<f32>,
    rows: usize,
}

impl PackedLinear {
    /// Packs `weight` of `[bias.len(), weight.len() / bias.len()]`, row by row, and `bias`.
    ///
    /// # Panics
    /// When `bias` is empty, or `weight` holds no whole number of columns.
    pub fn new(weight: &[f32], bias: &[f32]) -> PackedLinear {
        let rows = bias.len();
        assert!(rows > 0 && weight.len().is_multiple_of(rows), "a matrix of {rows} rows");
        let (inputs, blocks) = (weight.len() / rows, rows.div_ceil(ROWS));
        let packed = Packed::new(
            blocks,
            inputs,
            |block, row| Some(block * ROWS + row).filter(|&row| row < rows),
            |row, column| weight[row * inputs + column],
        );
        let mut bias = bias.to_vec();
        bias.resize(blocks * ROWS, 0.0);
        PackedLinear { weight: packed, bias, rows }
    }

    /// What is added to the product, `[rows]`.
    pub fn bias(&self) -> &[f32] {
        &self.bias[..self.rows]
    }

    /// Length of its result.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Length of its input.
    pub fn inputs(&self) -> usize {
        self.weight.inputs
    }
}
