//! The passes over packed matrices, written once for every processor.

use super::activation::{sigmoid, tanh};
use super::heard::{Gates, Heard, Table};
use super::packed::{Column, Packed, ROWS};
use super::quantized::{Columns, Quantized};
use super::state::LstmState;
use super::tiles::{TILE, tile, tiles};
use super::vector::{LANES, Pair, Vector};

/// How many bytes ahead of their use weights are asked for: enough to hide the way from the outer cache,
/// and to cross a page before the processor's own look-ahead would stop at its end.
const AHEAD: usize = 2048;

/// Bytes of a cache line.
const LINE: usize = 64;

/// One LSTM layer, for a batch of states.
pub(super) struct Cells<'a> {
    /// `[4·hidden, inputs]`, packed by gates.
    pub(super) weights: &'a Quantized,
    /// What the weights are multiplied by, `[batch, inputs / 2]` in [`tiles`].
    pub(super) x: &'a [Pair],
    /// What the product is added to, `[4·hidden]` in the order of the packed rows.
    pub(super) bias: &'a [f32],
    /// What each state hears, if this layer hears anything itself.
    pub(super) heard: Option<(&'a Table, &'a Heard)>,
    /// What else is added to the product, `[4·hidden]` each in the order of the packed rows: one for each
    /// state, or none at all.
    pub(super) drives: &'a [&'a [f32]],
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
        assert_eq!(self.x.len(), batch * self.weights.inputs() / 2);
        assert_eq!(self.bias.len(), rows);
        assert!(self.heard.is_none_or(|(_, heard)| heard.states() == batch));
        assert!(self.drives.is_empty() || self.drives.len() == batch);
        assert!(self.drives.iter().all(|drive| drive.len() == rows));
    }

    /// Asks for what a state hears in a block to be brought into the cache: the rows lie apart, and are not
    /// needed before the products are there.
    #[inline(always)]
    fn look_ahead<V: Vector>(&self, block: usize, state: usize) {
        let Some((table, heard)) = self.heard else { return };
        let table = table.block(block);
        for &row in heard.of(state) {
            prefetch::<V, _>(&table[usize::from(row)]);
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

/// Weights of the 64 rows of a block as a pass reads them at once, and the inputs that they meet.
trait Terms<V: Vector>: Copy {
    /// What meets them.
    type Input: Copy;
    /// The weights of sixteen rows.
    type Weights: Copy;
    /// An input, ready to meet them.
    type Spread: Copy;
    /// Sums of sixteen rows.
    type Sums: Copy;

    /// The weights of sixteen of the rows.
    ///
    /// # Safety
    /// The processor must have the features of `V`.
    unsafe fn weights(&self, part: usize) -> Self::Weights;

    /// # Safety
    /// The processor must have the features of `V`.
    unsafe fn spread(input: Self::Input) -> Self::Spread;

    /// Adds what weights and input come to.
    ///
    /// # Safety
    /// The processor must have the features of `V`.
    unsafe fn add(weights: Self::Weights, input: Self::Spread, sums: Self::Sums) -> Self::Sums;
}

/// One column of f16 and one input.
impl<V: Vector> Terms<V> for Column {
    type Input = f32;
    type Weights = V;
    type Spread = V;
    type Sums = V;

    #[inline(always)]
    unsafe fn weights(&self, part: usize) -> V {
        // SAFETY: the caller promises the features of `V`.
        unsafe { V::widen(&self.0[part]) }
    }

    #[inline(always)]
    unsafe fn spread(input: f32) -> V {
        // SAFETY: the caller promises the features of `V`.
        unsafe { V::splat(input) }
    }

    #[inline(always)]
    unsafe fn add(weights: V, input: V, sums: V) -> V {
        // SAFETY: the caller promises the features of `V`.
        unsafe { weights.mul_add(input, sums) }
    }
}

/// Two columns of whole numbers and two inputs.
impl<V: Vector> Terms<V> for Columns {
    type Input = Pair;
    type Weights = V::Weights;
    type Spread = V::Inputs;
    type Sums = V::Whole;

    #[inline(always)]
    unsafe fn weights(&self, part: usize) -> V::Weights {
        // SAFETY: the caller promises the features of `V`.
        unsafe { V::weights(&self.0[part]) }
    }

    #[inline(always)]
    unsafe fn spread(input: Pair) -> V::Inputs {
        // SAFETY: the caller promises the features of `V`.
        unsafe { V::inputs(input) }
    }

    #[inline(always)]
    unsafe fn add(weights: V::Weights, input: V::Inputs, sums: V::Whole) -> V::Whole {
        // SAFETY: the caller promises the features of `V`.
        unsafe { V::add_products(weights, input, sums) }
    }
}

/// Asks for all of `what`, which need not exist, to be brought into the cache.
#[inline(always)]
fn prefetch<V: Vector, T>(what: *const T) {
    for line in 0..size_of::<T>() / LINE {
        V::prefetch(what.cast::<u8>().wrapping_add(line * LINE));
    }
}

/// Adds the product of a block and a tile of `P` inputs to `sums`: each weight is read once for all of
/// them. Each sum takes its columns one after the other, whatever the tile.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn multiply<V: Vector, T: Terms<V>, const P: usize>(
    block: &[T],
    x: &[[T::Input; P]],
    sums: &mut [[T::Sums; 4]; P],
) {
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        // As many vectors of the block at once as there are registers for their sums.
        if P == 1 {
            sums[0] = multiply_one::<V, T>(block, x.as_flattened(), sums[0]);
        } else if V::WIDE {
            multiply_parts::<V, T, P, 4>(block, x, sums, 0);
        } else if P == 2 {
            multiply_parts::<V, T, P, 2>(block, x, sums, 0);
            multiply_parts::<V, T, P, 2>(block, x, sums, 2);
        } else {
            multiply_parts::<V, T, P, 1>(block, x, sums, 0);
            multiply_parts::<V, T, P, 1>(block, x, sums, 1);
            multiply_parts::<V, T, P, 1>(block, x, sums, 2);
            multiply_parts::<V, T, P, 1>(block, x, sums, 3);
        }
    }
}

/// As [`multiply`], for one input.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn multiply_one<V: Vector, T: Terms<V>>(
    block: &[T],
    x: &[T::Input],
    mut sums: [T::Sums; 4],
) -> [T::Sums; 4] {
    let x = &x[..block.len()];
    for (k, terms) in block.iter().enumerate() {
        prefetch::<V, T>(std::ptr::from_ref(terms).wrapping_byte_add(AHEAD));
        // SAFETY: the caller promises the features of `V`.
        unsafe {
            // Written out: from a loop the compiler keeps them in memory, which halves the speed of AVX2.
            let weights = [terms.weights(0), terms.weights(1), terms.weights(2), terms.weights(3)];
            let input = T::spread(x[k]);
            for part in 0..4 {
                sums[part] = T::add(weights[part], input, sums[part]);
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
unsafe fn multiply_parts<V: Vector, T: Terms<V>, const P: usize, const G: usize>(
    block: &[T],
    x: &[[T::Input; P]],
    sums: &mut [[T::Sums; 4]; P],
    part: usize,
) {
    assert_eq!(block.len(), x.len());
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        let mut parts = [[sums[0][0]; G]; P];
        for p in 0..P {
            for g in 0..G {
                parts[p][g] = sums[p][part + g];
            }
        }
        for (terms, x) in block.iter().zip(x) {
            prefetch::<V, T>(std::ptr::from_ref(terms).wrapping_byte_add(AHEAD));
            let mut weights = [terms.weights(part); G];
            #[expect(clippy::needless_range_loop, reason = "an iterator keeps them in memory")]
            for g in 1..G {
                weights[g] = terms.weights(part + g);
            }
            for p in 0..P {
                let input = T::spread(x[p]);
                for g in 0..G {
                    parts[p][g] = T::add(weights[g], input, parts[p][g]);
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
    for block in 0..pass.weights.blocks() {
        for (first, count) in tiles(pass.states.len()) {
            // SAFETY: the caller promises the features of `V`.
            unsafe {
                match count {
                    1 => cell_tile::<V, 1>(&mut pass, block, first),
                    2 => cell_tile::<V, 2>(&mut pass, block, first),
                    3 => cell_tile::<V, 3>(&mut pass, block, first),
                    4 => cell_tile::<V, 4>(&mut pass, block, first),
                    5 => cell_tile::<V, 5>(&mut pass, block, first),
                    _ => cell_tile::<V, TILE>(&mut pass, block, first),
                }
            }
        }
    }
}

/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn cell_tile<V: Vector, const P: usize>(pass: &mut Cells<'_>, block: usize, first: usize) {
    let weights = pass.weights;
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        for state in first..first + P {
            pass.look_ahead::<V>(block, state);
        }
        let mut sums = [[V::nothing(); 4]; P];
        let x = tile(pass.x, weights.inputs() / 2, first);
        multiply::<V, Columns, P>(weights.block(block), x, &mut sums);
        let scales = load(gates(weights.scales(block)));
        for (p, sums) in sums.into_iter().enumerate() {
            let [i, f, g, o] = scaled(sums, scales, pass.start::<V>(block, first + p));
            let (h, c) = pass.states[first + p].layer_mut(pass.layer);
            let (h, c) = (units(&mut h[block * LANES..]), units(&mut c[block * LANES..]));
            let cell = sigmoid(f).mul_add(V::load(c), sigmoid(i).mul(tanh(g)));
            cell.store(c);
            sigmoid(o).mul(tanh(cell)).store(h);
        }
    }
}

/// `sums·scales + start`.
///
/// # Safety
/// The processor must have the features of `V`.
#[inline(always)]
unsafe fn scaled<V: Vector>([a, b, c, d]: [V::Whole; 4], scales: [V; 4], start: [V; 4]) -> [V; 4] {
    // SAFETY: the caller promises the features of `V`.
    unsafe {
        [
            V::float(a).mul_add(scales[0], start[0]),
            V::float(b).mul_add(scales[1], start[1]),
            V::float(c).mul_add(scales[2], start[2]),
            V::float(d).mul_add(scales[3], start[3]),
        ]
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
        let x = tile(pass.x, pass.weights.inputs(), first);
        multiply::<V, Column, P>(pass.weights.block(block), x, &mut sums);
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
