//! What the first layer hears: rows of embeddings, multiplied by its weights once for all.

use super::packed::{ROWS, gate_row};
use super::vector::LANES;

/// 64 numbers, one for each row of a block.
pub(super) type Gates = [[f32; LANES]; ROWS / LANES];

/// Row `r` is `weight_ih · embed[r]` of the first layer, in the order of the packed rows. It stays f32:
/// only a few rows are read a step. The parts of all rows that belong to one block lie together, so
/// that a batch finds them in the caches while it passes over that block.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// `[blocks, features]`.
    parts: Vec<Gates>,
    features: usize,
}

impl Table {
    /// The table of `embed`, `[features, width]`, and `weight_ih`, `[4·hidden, width]`, gates in the
    /// order i, f, g, o.
    pub(super) fn new(embed: &[f32], weight_ih: &[f32], width: usize, hidden: usize) -> Table {
        let features = embed.len() / width.max(1);
        let mut parts = Vec::with_capacity(hidden / LANES * features);
        for block in 0..hidden / LANES {
            for embedded in embed.chunks_exact(width) {
                parts.push(std::array::from_fn(|gate| {
                    std::array::from_fn(|unit| {
                        let row = gate_row(hidden, block * ROWS + gate * LANES + unit);
                        let weights = &weight_ih[row * width..][..width];
                        weights.iter().zip(embedded).map(|(w, x)| w * x).sum::<f32>()
                    })
                }));
            }
        }
        Table { parts, features }
    }

    /// The parts of all rows that belong to one block, `[features]`.
    #[inline(always)]
    pub(super) fn block(&self, block: usize) -> &[Gates] {
        &self.parts[block * self.features..][..self.features]
    }
}

/// The rows that the states of a batch hear, one after the other.
#[derive(Debug, Clone, Default)]
pub(super) struct Heard {
    rows: Vec<u16>,
    /// Where the rows of each state end.
    ends: Vec<usize>,
}

impl Heard {
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.ends.clear();
    }

    /// Adds a state.
    pub(super) fn push(&mut self, rows: &[u16]) {
        self.rows.extend_from_slice(rows);
        self.ends.push(self.rows.len());
    }

    /// How many states there are.
    pub(super) fn states(&self) -> usize {
        self.ends.len()
    }

    /// The rows of one state.
    #[inline(always)]
    pub(super) fn of(&self, state: usize) -> &[u16] {
        let start = if state == 0 { 0 } else { self.ends[state - 1] };
        &self.rows[start..self.ends[state]]
    }
}
