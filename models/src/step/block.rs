//! The passes over packed matrices, written once for every processor.

use super::activation::{sigmoid, tanh};
use super::packed::{Column, Packed, ROWS};
use super::vector::{LANES, Vector};

/// How many columns ahead of its use a column is asked for: enough to hide the way from the outer cache,
/// and to cross a page before the processor's own look-ahead would stop at its end.
const AHEAD: usize = 16;

/// The start of a sum: one number for each row of a block.
type Start = [[f32; LANES]; 4];

/// One LSTM layer, for a batch of states.
pub(super) struct Cells<'a> {
    /// `[4·hidden, inputs]`, packed by gates.
    pub(super) weights: &'a Packed,
    /// What the weights are multiplied by, `[batch, inputs]`.
    pub(super) x: &'a [f32],
    /// What is added to the product, `[batch, 4·hidden]` in the order of the packed rows.
    pub(super) z: &'a [f32],
    /// The cell, `[batch, hidden]`, moved on in place.
    pub(super) c: &'a mut [f32],
    /// Where the new hidden state goes, `[batch, hidden]`.
    pub(super) h: &'a mut [f32],
}

/// One linear layer, for a batch of inputs.
pub(super) struct Products<'a> {
    /// `[rows, inputs]`.
    pub(super) weights: &'a Packed,
    /// `[batch, inputs]`.
    pub(super) x: &'a [f32],
    /// What is added to the product and is replaced by the sum, `[batch, rows]`.
    pub(super) out: &'a mut [f32],
}

impl Cells<'_> {
    /// # Panics
    /// When a slice is not as long as its shape says: nothing below reads out of bounds.
    fn batch(&self) -> usize {
        let batch = self.z.len() / self.weights.outputs();
        assert_eq!(self.x.len(), batch * self.weights.inputs());
        assert_eq!(self.z.len(), batch * self.weights.outputs());
        assert_eq!(self.c.len(), batch * self.weights.blocks() * LANES);
        assert_eq!(self.h.len(), self.c.len());
        batch
    }
}

/// Sums of one block for `P` inputs: each weight is read and widened once for all of them.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn block_sums<V: Vector, const P: usize>(
    block: &[Column],
    x: [&[f32]; P],
    start: [&Start; P],
) -> [[V; 4]; P] {
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        let x = x.map(|x| &x[..block.len()]);
        let mut sums = [[V::splat(0.0); 4]; P];
        for p in 0..P {
            for part in 0..4 {
                sums[p][part] = V::load(&start[p][part]);
            }
        }
        for (k, column) in block.iter().enumerate() {
            V::prefetch(std::ptr::from_ref(column).wrapping_add(AHEAD));
            // Written out: from a loop the compiler keeps them in memory, which halves the speed of AVX2.
            let [w0, w1, w2, w3] = &column.0;
            let weights = [V::widen(w0), V::widen(w1), V::widen(w2), V::widen(w3)];
            for p in 0..P {
                let input = V::splat(x[p][k]);
                for part in 0..4 {
                    sums[p][part] = weights[part].mul_add(input, sums[p][part]);
                }
            }
        }
        sums
    }
}

/// Runs one LSTM layer: `z' = weights·x + z`, `c' = σ(f)·c + σ(i)·tanh(g)`, `h = σ(o)·tanh(c')`.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
pub(super) unsafe fn cells<V: Vector>(mut pass: Cells<'_>) {
    let batch = pass.batch();
    for block in 0..pass.weights.blocks() {
        let mut first = 0;
        // SAFETY: the caller promises the features of `V`.
        unsafe {
            while V::WIDE && first + 4 <= batch {
                cell_block::<V, 4>(&mut pass, block, first);
                first += 4;
            }
            while first < batch {
                cell_block::<V, 1>(&mut pass, block, first);
                first += 1;
            }
        }
    }
}

/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn cell_block<V: Vector, const P: usize>(pass: &mut Cells<'_>, block: usize, first: usize) {
    let (inputs, rows) = (pass.weights.inputs(), pass.weights.outputs());
    let mut x = [pass.x; P];
    let mut z: [&Start; P] = [&[[0.0; LANES]; 4]; P];
    for p in 0..P {
        x[p] = &pass.x[(first + p) * inputs..][..inputs];
        z[p] = start(&pass.z[(first + p) * rows + block * ROWS..]);
    }
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        let sums = block_sums::<V, P>(pass.weights.block(block), x, z);
        for (p, [i, f, g, o]) in sums.into_iter().enumerate() {
            let at = (first + p) * (rows / 4) + block * LANES;
            let c = part(&mut pass.c[at..]);
            let cell = sigmoid(f).mul_add(V::load(c), sigmoid(i).mul(tanh(g)));
            cell.store(c);
            sigmoid(o).mul(tanh(cell)).store(part(&mut pass.h[at..]));
        }
    }
}

/// Runs one linear layer: `out = weights·x + out`.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
pub(super) unsafe fn products<V: Vector>(mut pass: Products<'_>) {
    let (inputs, rows) = (pass.weights.inputs(), pass.weights.outputs());
    let batch = pass.x.len() / inputs;
    assert_eq!(batch, pass.out.len() / rows);
    for block in 0..pass.weights.blocks() {
        // SAFETY: the caller promises the features of `V`.
        unsafe {
            let mut first = 0;
            while V::WIDE && first + 4 <= batch {
                product_block::<V, 4>(&mut pass, block, first);
                first += 4;
            }
            while first < batch {
                product_block::<V, 1>(&mut pass, block, first);
                first += 1;
            }
        }
    }
}

/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn product_block<V: Vector, const P: usize>(pass: &mut Products<'_>, block: usize, first: usize) {
    let (inputs, rows) = (pass.weights.inputs(), pass.weights.outputs());
    let mut x = [pass.x; P];
    let mut z: [&Start; P] = [&[[0.0; LANES]; 4]; P];
    for p in 0..P {
        x[p] = &pass.x[(first + p) * inputs..][..inputs];
        z[p] = start(&pass.out[(first + p) * rows + block * ROWS..]);
    }
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        let sums = block_sums::<V, P>(pass.weights.block(block), x, z);
        for (p, sums) in sums.into_iter().enumerate() {
            let out = &mut pass.out[(first + p) * rows + block * ROWS..][..ROWS];
            for (sum, out) in sums.into_iter().zip(out.chunks_exact_mut(LANES)) {
                sum.store(part(out));
            }
        }
    }
}

/// Adds rows to `sum`, all of the same length, a multiple of 16.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
pub(super) unsafe fn add_row<V: Vector>(sum: &mut [f32], row: &[f32]) {
    assert_eq!(sum.len(), row.len());
    for (sum, row) in sum.as_chunks_mut::<LANES>().0.iter_mut().zip(row.as_chunks::<LANES>().0) {
        // SAFETY: the caller promises the features of `V`.
        unsafe { V::load(sum).add(V::load(row)).store(sum) };
    }
}

/// The first 64 numbers, as four vectors.
#[inline(always)]
fn start(numbers: &[f32]) -> &Start {
    let (vectors, _) = numbers.as_chunks::<LANES>();
    vectors.first_chunk::<4>().expect("the lengths were checked before the pass")
}

/// The first 16 numbers.
#[inline(always)]
fn part(numbers: &mut [f32]) -> &mut [f32; LANES] {
    numbers.first_chunk_mut().expect("the lengths were checked before the pass")
}
