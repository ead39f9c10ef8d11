//! Matrices of f16 weights in the order in which a step reads them.

use half::f16;

use super::vector::LANES;

/// Rows of a block: four vectors, and for an LSTM the four gates of sixteen units.
pub(super) const ROWS: usize = 4 * LANES;

/// One column of a block, on two cache lines of its own.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(128))]
pub(super) struct Column(pub(super) [[f16; LANES]; 4]);

/// A matrix, cut into blocks of 64 rows; each block is stored column by column.
#[derive(Debug, Clone)]
pub(super) struct Packed {
    columns: Vec<Column>,
    /// Columns of the matrix, the length of its input.
    inputs: usize,
    blocks: usize,
}

impl Packed {
    /// Packs the matrix of `rows` rows: `weight(row, column)` gives the number, which is rounded to f16.
    /// Rows that fill up the last block are zeros.
    fn new(rows: usize, inputs: usize, weight: impl Fn(usize, usize) -> f32) -> Packed {
        let blocks = rows.div_ceil(ROWS);
        let mut columns = vec![Column([[f16::ZERO; LANES]; 4]); blocks * inputs];
        for row in 0..rows {
            for column in 0..inputs {
                columns[row / ROWS * inputs + column].0[row % ROWS / LANES][row % LANES] =
                    f16::from_f32(weight(row, column));
            }
        }
        Packed { columns, inputs, blocks }
    }

    /// Length of its input.
    pub(super) fn inputs(&self) -> usize {
        self.inputs
    }

    /// Length of its result, a multiple of 64.
    pub(super) fn outputs(&self) -> usize {
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

/// The row of `[4·hidden, …]`, gates in the order i, f, g, o, that lies at `packed` of an LSTM layer: block
/// `b` holds the four gates of units `16·b` to `16·b + 15`.
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
        let inputs = weight.len() / rows;
        let packed = Packed::new(rows, inputs, |row, column| weight[row * inputs + column]);
        let mut bias = bias.to_vec();
        bias.resize(packed.outputs(), 0.0);
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
