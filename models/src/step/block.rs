//! The passes over packed matrices, written once for every processor.

use super::activation::{sigmoid, tanh};
use super::heard::{Gates, Heard, Table};
use super::packed::{Column, Packed, ROWS, Widened};
use super::state::LstmState;
use super::tiles::{TILE, tile, tiles};
use super::vector::{LANES, Vector};

/// How many columns ahead of its use a column is asked for: enough to hide the way from the outer cache,
/// and to cross a page before the processor's own look-ahead would stop at its end.
const AHEAD: usize = 16;

/// One LSTM layer, for a batch of states.
pub(super) struct Cells<'a> {
    /// `[4·hidden, inputs]`, packed by gates.
    pub(super) weights: &'a Packed,
    /// What the weights are multiplied by, `[batch, inputs]` in [`tiles`].
    pub(super) x: &'a [f32],
    /// What the product is added to, `[4·hidden]` in the order of the packed rows.
    pub(super) bias: &'a [f32],
    /// What each state hears, if this layer hears anything itself.
    pub(super) heard: Option<(&'a Table, &'a Heard)>,
    /// What else is added to the product, `[4·hidden]` each in the order of the packed rows: one for each
    /// state, or none at all.
    pub(super) drives: &'a [&'a [f32]],
    /// Room for a block that is widened once for all tiles.
    pub(super) room: &'a mut Vec<Widened>,
    /// The states, whose cell and hidden state at `layer` are moved on in place.
    pub(super) states: &'a mut [LstmState],
    pub(super) layer: usize,
}

/// One linear layer, for a batch of inputs.
pub(super) struct Products<'a> {
    /// `[rows, inputs]`.
    pub(super) weights: &'a Packed,
    /// `[batch, inputs]` in [`tiles`].
    pub(super) x: &'a [f32],
    /// What is added to the product and is replaced by the sum, `[batch, rows]`.
    pub(super) out: &'a mut [f32],
}

impl Cells<'_> {
    /// # Panics
    /// When a slice is not as long as its shape says.
    fn check(&self) {
        let (batch, rows) = (self.states.len(), self.weights.outputs());
        assert_eq!(self.x.len(), batch * self.weights.inputs());
        assert_eq!(self.bias.len(), rows);
        assert!(self.heard.is_none_or(|(_, heard)| heard.states() == batch));
        assert!(self.drives.is_empty() || self.drives.len() == batch);
        assert!(self.drives.iter().all(|drive| drive.len() == rows));
    }

    /// Asks for what a state hears in a block, which need not exist, to be brought into the cache: the
    /// rows lie apart, and a single state would wait for them.
    #[inline(always)]
    fn look_ahead<V: Vector>(&self, block: usize, state: usize) {
        let Some((table, heard)) = self.heard.filter(|_| block < self.weights.blocks()) else { return };
        let table = table.block(block);
        for &row in heard.of(state) {
            let columns: *const Column = std::ptr::from_ref(&table[usize::from(row)]).cast();
            V::prefetch(columns);
            V::prefetch(columns.wrapping_add(1));
        }
    }

    /// What the sums of one block begin with: the bias, what is heard, row after row, and the drive.
    ///
    /// # Safety
    /// The processor must have the features of `V`.
    #[inline(always)]
    unsafe fn start<V: Vector>(&self, block: usize, state: usize) -> [V; 4] {
        // SAFETY: the caller promises the features of `V`.
        unsafe {
            let mut sums = load(gates(&self.bias[block * ROWS..]));
            if let Some((table, heard)) = self.heard {
                let table = table.block(block);
                for &row in heard.of(state) {
                    sums = add(sums, load(&table[usize::from(row)]));
                }
            }
            if let Some(drive) = self.drives.get(state) {
                sums = add(sums, load(gates(&drive[block * ROWS..])));
            }
            sums
        }
    }
}

/// 64 weights as a pass reads them.
trait Weights: Copy {
    /// One of their four vectors.
    ///
    /// # Safety
    /// The processor must have the features of `V`.
    unsafe fn vector<V: Vector>(&self, part: usize) -> V;

    /// Asks for weights, which need not exist, to be brought into the cache, if the processor would not do
    /// so by itself.
    #[inline(always)]
    fn prefetch<V: Vector>(_: *const Self) {}
}

impl Weights for Column {
    #[inline(always)]
    unsafe fn vector<V: Vector>(&self, part: usize) -> V {
        // SAFETY: the caller promises the features of `V`.
        unsafe { V::widen(&self.0[part]) }
    }

    #[inline(always)]
    fn prefetch<V: Vector>(column: *const Self) {
        V::prefetch(column);
    }
}

impl Weights for Widened {
    #[inline(always)]
    unsafe fn vector<V: Vector>(&self, part: usize) -> V {
        // SAFETY: the caller promises the features of `V`.
        unsafe { V::load(&self.0[part]) }
    }
}

/// Widens a block into `room`.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn widen<V: Vector>(block: &[Column], room: &mut Vec<Widened>) {
    room.resize(block.len(), Widened([[0.0; LANES]; 4]));
    for (column, widened) in block.iter().zip(room) {
        V::prefetch(std::ptr::from_ref(column).wrapping_add(AHEAD));
        for (narrow, wide) in column.0.iter().zip(&mut widened.0) {
            // SAFETY: the caller promises the features of `V`.
            unsafe { V::widen(narrow).store(wide) }
        }
    }
}

/// Adds the product of a block and a tile of `P` inputs to `sums`: each weight is read once for all of
/// them. Each sum takes its columns one after the other, whatever the tile.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn multiply<V: Vector, W: Weights, const P: usize>(
    block: &[W],
    x: &[[f32; P]],
    sums: &mut [[V; 4]; P],
) {
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        // As many vectors of the block at once as there are registers for their sums.
        if P == 1 {
            sums[0] = multiply_one(block, x.as_flattened(), sums[0]);
        } else if V::WIDE {
            multiply_parts::<V, W, P, 4>(block, x, sums, 0);
        } else if P == 2 {
            multiply_parts::<V, W, P, 2>(block, x, sums, 0);
            multiply_parts::<V, W, P, 2>(block, x, sums, 2);
        } else {
            multiply_parts::<V, W, P, 1>(block, x, sums, 0);
            multiply_parts::<V, W, P, 1>(block, x, sums, 1);
            multiply_parts::<V, W, P, 1>(block, x, sums, 2);
            multiply_parts::<V, W, P, 1>(block, x, sums, 3);
        }
    }
}

/// As [`multiply`], for one input.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn multiply_one<V: Vector, W: Weights>(block: &[W], x: &[f32], mut sums: [V; 4]) -> [V; 4] {
    let x = &x[..block.len()];
    for (k, column) in block.iter().enumerate() {
        W::prefetch::<V>(std::ptr::from_ref(column).wrapping_add(AHEAD));
        // SAFETY: the caller promises the features of `V`.
        unsafe {
            // Written out: from a loop the compiler keeps them in memory, which halves the speed of AVX2.
            let weights: [V; 4] = [column.vector(0), column.vector(1), column.vector(2), column.vector(3)];
            let input = V::splat(x[k]);
            for part in 0..4 {
                sums[part] = weights[part].mul_add(input, sums[part]);
            }
        }
    }
    sums
}

/// As [`multiply`], for `G` of the four vectors of the block from `part` on.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn multiply_parts<V: Vector, W: Weights, const P: usize, const G: usize>(
    block: &[W],
    x: &[[f32; P]],
    sums: &mut [[V; 4]; P],
    part: usize,
) {
    assert_eq!(block.len(), x.len());
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        let mut parts = [[V::splat(0.0); G]; P];
        for p in 0..P {
            for g in 0..G {
                parts[p][g] = sums[p][part + g];
            }
        }
        for (column, x) in block.iter().zip(x) {
            W::prefetch::<V>(std::ptr::from_ref(column).wrapping_add(AHEAD));
            let mut weights = [V::splat(0.0); G];
            #[expect(clippy::needless_range_loop, reason = "an iterator keeps them in memory")]
            for g in 0..G {
                weights[g] = column.vector(part + g);
            }
            for p in 0..P {
                let input = V::splat(x[p]);
                for g in 0..G {
                    parts[p][g] = weights[g].mul_add(input, parts[p][g]);
                }
            }
        }
        for p in 0..P {
            for g in 0..G {
                sums[p][part + g] = parts[p][g];
            }
        }
    }
}

/// Runs one LSTM layer: `z = weights·x + start`, `c' = σ(f)·c + σ(i)·tanh(g)`, `h = σ(o)·tanh(c')`.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
pub(super) unsafe fn cells<V: Vector>(mut pass: Cells<'_>) {
    pass.check();
    let weights = pass.weights;
    let mut room = std::mem::take(pass.room);
    for block in 0..weights.blocks() {
        // SAFETY: the caller promises the features of `V`.
        unsafe {
            if pass.states.len() > TILE {
                widen::<V>(weights.block(block), &mut room);
                cell_tiles::<V, _>(&mut pass, block, &room);
            } else {
                cell_tiles::<V, _>(&mut pass, block, weights.block(block));
            }
        }
    }
    *pass.room = room;
}

/// Runs one block, of the weights `columns`, for all tiles.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn cell_tiles<V: Vector, W: Weights>(pass: &mut Cells<'_>, block: usize, columns: &[W]) {
    for (first, count) in tiles(pass.states.len()) {
        // SAFETY: the caller promises the features of `V`.
        unsafe {
            match count {
                1 => cell_tile::<V, W, 1>(pass, block, columns, first),
                2 => cell_tile::<V, W, 2>(pass, block, columns, first),
                3 => cell_tile::<V, W, 3>(pass, block, columns, first),
                4 => cell_tile::<V, W, 4>(pass, block, columns, first),
                5 => cell_tile::<V, W, 5>(pass, block, columns, first),
                _ => cell_tile::<V, W, TILE>(pass, block, columns, first),
            }
        }
    }
}

/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn cell_tile<V: Vector, W: Weights, const P: usize>(
    pass: &mut Cells<'_>,
    block: usize,
    columns: &[W],
    first: usize,
) {
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        let mut sums = [[V::splat(0.0); 4]; P];
        for (p, sums) in sums.iter_mut().enumerate() {
            *sums = pass.start(block, first + p);
        }
        if P == 1 {
            pass.look_ahead::<V>(block + 1, first);
        }
        multiply(columns, tile(pass.x, pass.weights.inputs(), first), &mut sums);
        for (state, [i, f, g, o]) in pass.states[first..].iter_mut().zip(sums) {
            let (h, c) = state.layer_mut(pass.layer);
            let (h, c) = (units(&mut h[block * LANES..]), units(&mut c[block * LANES..]));
            let cell = sigmoid(f).mul_add(V::load(c), sigmoid(i).mul(tanh(g)));
            cell.store(c);
            sigmoid(o).mul(tanh(cell)).store(h);
        }
    }
}

/// Runs one linear layer: `out = weights·x + out`.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
pub(super) unsafe fn products<V: Vector>(mut pass: Products<'_>) {
    let batch = pass.x.len() / pass.weights.inputs();
    assert_eq!(pass.out.len(), batch * pass.weights.outputs());
    for block in 0..pass.weights.blocks() {
        for (first, count) in tiles(batch) {
            // SAFETY: the caller promises the features of `V`.
            unsafe {
                match count {
                    1 => product_tile::<V, 1>(&mut pass, block, first),
                    2 => product_tile::<V, 2>(&mut pass, block, first),
                    3 => product_tile::<V, 3>(&mut pass, block, first),
                    4 => product_tile::<V, 4>(&mut pass, block, first),
                    5 => product_tile::<V, 5>(&mut pass, block, first),
                    _ => product_tile::<V, TILE>(&mut pass, block, first),
                }
            }
        }
    }
}

/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn product_tile<V: Vector, const P: usize>(pass: &mut Products<'_>, block: usize, first: usize) {
    let rows = pass.weights.outputs();
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        let mut sums = [[V::splat(0.0); 4]; P];
        for (p, sums) in sums.iter_mut().enumerate() {
            *sums = load(gates(&pass.out[(first + p) * rows + block * ROWS..]));
        }
        multiply(pass.weights.block(block), tile(pass.x, pass.weights.inputs(), first), &mut sums);
        for (p, sums) in sums.into_iter().enumerate() {
            let out = &mut pass.out[(first + p) * rows + block * ROWS..][..ROWS];
            for (sum, out) in sums.into_iter().zip(out.chunks_exact_mut(LANES)) {
                sum.store(units(out));
            }
        }
    }
}

/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn load<V: Vector>(numbers: &Gates) -> [V; 4] {
    // SAFETY: the caller promises the features of `V`.
    numbers.each_ref().map(|numbers| unsafe { V::load(numbers) })
}

/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn add<V: Vector>([a, b, c, d]: [V; 4], [e, f, g, h]: [V; 4]) -> [V; 4] {
    // SAFETY: the caller promises the features of `V`.
    unsafe { [a.add(e), b.add(f), c.add(g), d.add(h)] }
}

/// The first 64 numbers, as four vectors.
#[inline(always)]
fn gates(numbers: &[f32]) -> &Gates {
    let (vectors, _) = numbers.as_chunks::<LANES>();
    vectors.first_chunk().expect("the lengths were checked before the pass")
}

/// The first 16 numbers.
#[inline(always)]
fn units(numbers: &mut [f32]) -> &mut [f32; LANES] {
    numbers.first_chunk_mut().expect("the lengths were checked before the pass")
}
