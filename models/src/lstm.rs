//! One LSTM layer over a whole batch of sequences, with its gradient written by hand.
//!
//! Candle's autograd would make a graph node for each time step and add up one weight gradient as
//! large as the weights for each of them. Here the time loop runs on plain slices, the gates are
//! kept, and backpropagation through time ends in a single matrix product for the recurrent
//! weights. The products with the layer's input are outside, for all steps at once.
//!
//! Gate order i, f, g, o; `c' = σ(f)·c + σ(i)·tanh(g)`, `h' = σ(o)·tanh(c')` (Hochreiter and
//! Schmidhuber 1997, with the forget gate of Gers et al. 2000).

use std::sync::{Arc, Mutex};

use candle_core::{CpuStorage, CustomOp2, DType, Layout, Result, Shape, Tensor, bail};

/// State of one layer for a batch: `h` and `c`, each `[batch, hidden]` row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerState {
    /// Hidden state.
    pub h: Vec<f32>,
    /// Cell state.
    pub c: Vec<f32>,
}

impl LayerState {
    /// The state before anything was heard.
    pub fn zeros(batch: usize, hidden: usize) -> LayerState {
        LayerState { h: vec![0.0; batch * hidden], c: vec![0.0; batch * hidden] }
    }
}

/// What the forward pass keeps for the backward pass.
#[derive(Debug, Default)]
struct Kept {
    /// Gates after their nonlinearity, `[steps, batch, 4·hidden]`.
    gates: Vec<f32>,
    /// Cell before each step (cleared where a sequence begins), `[steps, batch, hidden]`.
    cells_before: Vec<f32>,
    /// Cell after each step, `[steps, batch, hidden]`.
    cells: Vec<f32>,
    /// Hidden state before each step (likewise cleared), `[steps, batch, hidden]`.
    before: Vec<f32>,
    last: Option<LayerState>,
}

/// The layer as a differentiable operation of `(z, weight_hh)`: `z` is `[steps, batch, 4·hidden]`,
/// input product and bias together, `weight_hh` is `[4·hidden, hidden]`; the result is `h` of
/// every step, `[steps, batch, hidden]`. No gradient flows into `start` (truncated
/// backpropagation).
#[derive(Debug, Clone)]
pub struct Lstm {
    start: LayerState,
    /// `[steps, batch]`: at 0 the state is cleared before the step, since a tune begins.
    keep: Arc<Vec<f32>>,
    kept: Arc<Mutex<Kept>>,
}

impl Lstm {
    /// A layer that begins at `start`; `keep` is `[steps, batch]`, 0 where a sequence begins and
    /// 1 elsewhere.
    pub fn new(start: LayerState, keep: Arc<Vec<f32>>) -> Lstm {
        Lstm { start, keep, kept: Arc::default() }
    }

    /// Runs the layer; also returns the state after the last step.
    pub fn run(&self, z: &Tensor, weight_hh: &Tensor) -> Result<(Tensor, LayerState)> {
        let h = z.contiguous()?.apply_op2(&weight_hh.contiguous()?, self.clone())?;
        let last = self.kept.lock().map_err(|_| poisoned())?.last.take();
        match last {
            Some(last) => Ok((h, last)),
            None => bail!("lstm: the forward pass left no state"),
        }
    }
}

fn poisoned() -> candle_core::Error {
    candle_core::Error::Msg("lstm: another thread failed while it held the gates".to_owned())
}

fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let data = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&data[start..end]),
        None => bail!("lstm: a contiguous tensor is needed"),
    }
}

/// `e^x` within 2 units in the last place over ±87, written so that it vectorises (Cephes' `expf`:
/// split into a power of two and a polynomial on ±ln2/2).
#[inline(always)]
fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 87.0);
    let n = (x * std::f32::consts::LOG2_E).round_ties_even();
    let r = n.mul_add(-0.693_359_4, x);
    let r = n.mul_add(2.121_944_4e-4, r);
    let p = 1.987_569_1e-4_f32;
    let p = p.mul_add(r, 1.398_199_9e-3);
    let p = p.mul_add(r, 8.333_452e-3);
    let p = p.mul_add(r, 4.166_579_6e-2);
    let p = p.mul_add(r, 1.666_666_5e-1);
    let p = p.mul_add(r, 0.5);
    let p = p.mul_add(r * r, r + 1.0);
    p * f32::from_bits((((n as i32) + 127) << 23) as u32)
}

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

#[inline(always)]
fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

/// One step of `batch` rows: from gates before their nonlinearity to gates after it, in place,
/// the cell before to the cell after, and the new hidden state.
pub(crate) fn gate_rows(
    gates: &mut [f32],
    cell_before: &[f32],
    cell: &mut [f32],
    h: &mut [f32],
    hidden: usize,
) {
    #[cfg(target_arch = "x86_64")]
    if has_fused_multiply_add() {
        // SAFETY: the processor has the features that the function names.
        return unsafe { gate_rows_fused(gates, cell_before, cell, h, hidden) };
    }
    gate_rows_any(gates, cell_before, cell, h, hidden);
}

/// [`gate_rows_any`] in vectors: without these features each [`f32::mul_add`] is a call.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn gate_rows_fused(gates: &mut [f32], cell_before: &[f32], cell: &mut [f32], h: &mut [f32], hidden: usize) {
    gate_rows_any(gates, cell_before, cell, h, hidden);
}

#[cfg(target_arch = "x86_64")]
fn has_fused_multiply_add() -> bool {
    std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma")
}

#[inline(always)]
fn gate_rows_any(gates: &mut [f32], cell_before: &[f32], cell: &mut [f32], h: &mut [f32], hidden: usize) {
    let rows = gates.chunks_exact_mut(4 * hidden);
    let cells = cell_before.chunks_exact(hidden).zip(cell.chunks_exact_mut(hidden));
    for ((gates, (before, cell)), h) in rows.zip(cells).zip(h.chunks_exact_mut(hidden)) {
        let (i, rest) = gates.split_at_mut(hidden);
        let (f, rest) = rest.split_at_mut(hidden);
        let (g, o) = rest.split_at_mut(hidden);
        let (i, f, g, o) = (&mut i[..hidden], &mut f[..hidden], &mut g[..hidden], &mut o[..hidden]);
        let (before, cell, h) = (&before[..hidden], &mut cell[..hidden], &mut h[..hidden]);
        for k in 0..hidden {
            i[k] = sigmoid(i[k]);
            f[k] = sigmoid(f[k]);
            g[k] = tanh(g[k]);
            o[k] = sigmoid(o[k]);
            cell[k] = f[k] * before[k] + i[k] * g[k];
            h[k] = o[k] * tanh(cell[k]);
        }
    }
}

/// Back through one step: gates (after their nonlinearity) become gradients of what stood before
/// it; `dc` goes from the cell after to the cell before.
fn gate_rows_back(
    gates: &mut [f32],
    before: &[f32],
    cell: &[f32],
    dh: &[f32],
    dc: &mut [f32],
    hidden: usize,
) {
    #[cfg(target_arch = "x86_64")]
    if has_fused_multiply_add() {
        // SAFETY: the processor has the features that the function names.
        return unsafe { gate_rows_back_fused(gates, before, cell, dh, dc, hidden) };
    }
    gate_rows_back_any(gates, before, cell, dh, dc, hidden);
}

/// [`gate_rows_back_any`] in vectors.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn gate_rows_back_fused(
    gates: &mut [f32],
    before: &[f32],
    cell: &[f32],
    dh: &[f32],
    dc: &mut [f32],
    hidden: usize,
) {
    gate_rows_back_any(gates, before, cell, dh, dc, hidden);
}

#[inline(always)]
fn gate_rows_back_any(
    gates: &mut [f32],
    before: &[f32],
    cell: &[f32],
    dh: &[f32],
    dc: &mut [f32],
    hidden: usize,
) {
    let rows = gates.chunks_exact_mut(4 * hidden).zip(dh.chunks_exact(hidden));
    let cells = before.chunks_exact(hidden).zip(cell.chunks_exact(hidden)).zip(dc.chunks_exact_mut(hidden));
    for ((gates, dh), ((before, cell), dc)) in rows.zip(cells) {
        let (i, rest) = gates.split_at_mut(hidden);
        let (f, rest) = rest.split_at_mut(hidden);
        let (g, o) = rest.split_at_mut(hidden);
        let (i, f, g, o) = (&mut i[..hidden], &mut f[..hidden], &mut g[..hidden], &mut o[..hidden]);
        let (before, cell) = (&before[..hidden], &cell[..hidden]);
        let (dh, dc) = (&dh[..hidden], &mut dc[..hidden]);
        for k in 0..hidden {
            let squashed = tanh(cell[k]);
            let through = dc[k] + dh[k] * o[k] * (1.0 - squashed * squashed);
            let (gi, gf, gg, go) = (i[k], f[k], g[k], o[k]);
            i[k] = through * gg * gi * (1.0 - gi);
            f[k] = through * before[k] * gf * (1.0 - gf);
            g[k] = through * gi * (1.0 - gg * gg);
            o[k] = dh[k] * squashed * go * (1.0 - go);
            dc[k] = through * gf;
        }
    }
}

/// Row-major `out [m, n] += a [m, k] · b [k, n]`, where `a_transposed` says that `a` lies as
/// `[k, m]`. With `add` false, `out` is overwritten.
fn product(
    out: &mut [f32],
    a: &[f32],
    b: &[f32],
    (m, n, k): (usize, usize, usize),
    a_transposed: bool,
    add: bool,
) {
    assert!(out.len() == m * n && a.len() == m * k && b.len() == k * n, "product: lengths and shape differ");
    let (a_rows, a_cols) = if a_transposed { (1, m as isize) } else { (k as isize, 1) };
    // The transposed product, since the kernel likes its result column by column.
    // SAFETY: the lengths above hold every index that these strides reach, and `out` is borrowed
    // alone.
    unsafe {
        gemm::gemm(
            n,
            m,
            k,
            out.as_mut_ptr(),
            n as isize,
            1,
            add,
            b.as_ptr(),
            n as isize,
            1,
            a.as_ptr(),
            a_rows,
            a_cols,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

fn clear_rows(state: &mut [f32], keep: &[f32], hidden: usize) {
    for (row, &keep) in state.chunks_exact_mut(hidden).zip(keep) {
        if keep == 0.0 {
            row.fill(0.0);
        }
    }
}

impl CustomOp2 for Lstm {
    fn name(&self) -> &'static str {
        "lstm"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (steps, batch, gates4) = l1.shape().dims3()?;
        let hidden = gates4 / 4;
        if l2.shape().dims2()? != (gates4, hidden)
            || self.start.h.len() != batch * hidden
            || self.keep.len() != steps * batch
        {
            bail!("lstm: weight_hh, the start state or the reset mask does not fit input {:?}", l1.shape());
        }
        let weight = slice(s2, l2)?;
        let row = batch * hidden;
        let mut gates = slice(s1, l1)?.to_vec();
        let mut cells_before = vec![0.0; steps * row];
        let mut cells = vec![0.0; steps * row];
        let mut before = vec![0.0; steps * row];
        let mut out = vec![0.0; steps * row];
        let mut h = self.start.h.clone();
        let mut c = self.start.c.clone();
        // Transposed once, so that the kernel need not pack it at each step.
        let mut transposed = vec![0.0; gates4 * hidden];
        for (g, weights) in weight.chunks_exact(hidden).enumerate() {
            for (k, &w) in weights.iter().enumerate() {
                transposed[k * gates4 + g] = w;
            }
        }
        for step in 0..steps {
            let keep = &self.keep[step * batch..][..batch];
            clear_rows(&mut h, keep, hidden);
            clear_rows(&mut c, keep, hidden);
            before[step * row..][..row].copy_from_slice(&h);
            cells_before[step * row..][..row].copy_from_slice(&c);
            let cell = &mut cells[step * row..][..row];
            let gates = &mut gates[step * 4 * row..][..4 * row];
            product(gates, &h, &transposed, (batch, gates4, hidden), false, true);
            gate_rows(gates, &c, cell, &mut h, hidden);
            c.copy_from_slice(cell);
            out[step * row..][..row].copy_from_slice(&h);
        }
        let last = LayerState { h, c };
        *self.kept.lock().map_err(|_| poisoned())? =
            Kept { gates, cells_before, cells, before, last: Some(last) };
        Ok((CpuStorage::F32(out), Shape::from((steps, batch, hidden))))
    }

    fn bwd(
        &self,
        z: &Tensor,
        weight_hh: &Tensor,
        _h: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        if z.dtype() != DType::F32 {
            bail!("lstm: gradients are f32");
        }
        let (steps, batch, gates4) = z.dims3()?;
        let hidden = gates4 / 4;
        let row = batch * hidden;
        let kept = std::mem::take(&mut *self.kept.lock().map_err(|_| poisoned())?);
        if kept.gates.len() != steps * 4 * row {
            bail!("lstm: the gradient is taken once, after one forward pass");
        }
        let mut gates = kept.gates;
        let grad = grad.flatten_all()?.to_vec1::<f32>()?;
        let weight = weight_hh.flatten_all()?.to_vec1::<f32>()?;
        let mut dh = vec![0.0; row];
        let mut dc = vec![0.0; row];
        for step in (0..steps).rev() {
            for (sum, &g) in dh.iter_mut().zip(&grad[step * row..][..row]) {
                *sum += g;
            }
            let before = &kept.cells_before[step * row..][..row];
            let cell = &kept.cells[step * row..][..row];
            let gates = &mut gates[step * 4 * row..][..4 * row];
            gate_rows_back(gates, before, cell, &dh, &mut dc, hidden);
            product(&mut dh, gates, &weight, (batch, hidden, gates4), false, false);
            let keep = &self.keep[step * batch..][..batch];
            clear_rows(&mut dh, keep, hidden);
            clear_rows(&mut dc, keep, hidden);
        }
        let mut dweight = vec![0.0; gates4 * hidden];
        product(&mut dweight, &gates, &kept.before, (gates4, hidden, steps * batch), true, false);
        let device = z.device();
        Ok((
            Some(Tensor::from_vec(gates, (steps, batch, gates4), device)?),
            Some(Tensor::from_vec(dweight, (gates4, hidden), device)?),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{D, Device, Var};

    const STEPS: usize = 5;
    const BATCH: usize = 3;
    const HIDDEN: usize = 4;

    /// Numbers that look random and are the same each time.
    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 * 2.0 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    fn var(shape: &[usize], seed: u32) -> Var {
        let count = shape.iter().product();
        Var::from_tensor(&Tensor::from_vec(numbers(count, seed), shape, &Device::Cpu).unwrap()).unwrap()
    }

    /// The layer from Candle's own operations, step by step.
    fn by_autograd(z: &Tensor, weight: &Tensor, start: &LayerState, keep: &[f32]) -> Result<Tensor> {
        let shape = (BATCH, HIDDEN);
        let mut h = Tensor::from_slice(&start.h, shape, &Device::Cpu)?;
        let mut c = Tensor::from_slice(&start.c, shape, &Device::Cpu)?;
        let mut all = Vec::new();
        for step in 0..STEPS {
            let keep = Tensor::from_slice(&keep[step * BATCH..][..BATCH], (BATCH, 1), &Device::Cpu)?;
            let a = (z.get(step)? + h.broadcast_mul(&keep)?.matmul(&weight.t()?)?)?;
            let gates = a.chunk(4, D::Minus1)?;
            let sigmoid = candle_nn::ops::sigmoid;
            c = ((sigmoid(&gates[1])? * c.broadcast_mul(&keep)?)?
                + (sigmoid(&gates[0])? * gates[2].tanh()?)?)?;
            h = (sigmoid(&gates[3])? * c.tanh()?)?;
            all.push(h.clone());
        }
        Tensor::stack(&all, 0)
    }

    fn close(a: &Tensor, b: &Tensor, what: &str) {
        let worst = (a - b).unwrap().abs().unwrap().max_all().unwrap().to_scalar::<f32>().unwrap();
        assert!(worst < 2e-5, "{what} differ by {worst}");
    }

    #[test]
    fn the_gradient_is_that_of_autograd() {
        let z = var(&[STEPS, BATCH, 4 * HIDDEN], 1);
        let weight = var(&[4 * HIDDEN, HIDDEN], 2);
        let start = LayerState { h: numbers(BATCH * HIDDEN, 3), c: numbers(BATCH * HIDDEN, 4) };
        let mut keep = vec![1.0; STEPS * BATCH];
        // Tunes begin at the first step of the second row and within the third.
        keep[1] = 0.0;
        keep[3 * BATCH + 2] = 0.0;
        // Each output weighs differently, so that no gradient hides behind another.
        let scale =
            Tensor::from_vec(numbers(STEPS * BATCH * HIDDEN, 5), (STEPS, BATCH, HIDDEN), &Device::Cpu)
                .unwrap();

        let expected = by_autograd(&z, &weight, &start, &keep).unwrap();
        let lstm = Lstm::new(start, Arc::new(keep));
        let (h, last) = lstm.run(&z, &weight).unwrap();
        close(&h, &expected, "outputs");
        close(
            &Tensor::from_vec(last.h, (BATCH, HIDDEN), &Device::Cpu).unwrap(),
            &expected.get(STEPS - 1).unwrap(),
            "last states",
        );

        let gradients = |h: &Tensor| (h * &scale).unwrap().sum_all().unwrap().backward().unwrap();
        let (own, reference) = (gradients(&h), gradients(&expected));
        for (name, var) in [("gradients of z", &z), ("gradients of weight_hh", &weight)] {
            close(own.get(var).unwrap(), reference.get(var).unwrap(), name);
        }
    }

    #[test]
    fn carrying_the_state_over_is_one_long_run() {
        let z = var(&[STEPS, BATCH, 4 * HIDDEN], 6);
        let weight = var(&[4 * HIDDEN, HIDDEN], 7);
        let keep = |steps: usize| Arc::new(vec![1.0; steps * BATCH]);
        let zeros = LayerState::zeros(BATCH, HIDDEN);
        let (whole, end) = Lstm::new(zeros.clone(), keep(STEPS)).run(&z, &weight).unwrap();
        let (first, between) = Lstm::new(zeros, keep(2)).run(&z.narrow(0, 0, 2).unwrap(), &weight).unwrap();
        let (second, last) = Lstm::new(between, keep(3)).run(&z.narrow(0, 2, 3).unwrap(), &weight).unwrap();
        close(&Tensor::cat(&[first, second], 0).unwrap(), &whole, "outputs");
        assert_eq!(last, end);
    }

    #[test]
    fn exp_and_its_kin_are_near_the_real_ones() {
        for step in -2_000..2_000 {
            let x = step as f32 / 100.0;
            let near = |a: f32, b: f64| (f64::from(a) - b).abs() <= 3e-7 * b.abs().max(1e-3);
            let wide = f64::from(x);
            assert!(near(exp(x), wide.exp()), "exp {x}");
            assert!((f64::from(sigmoid(x)) - 1.0 / (1.0 + (-wide).exp())).abs() < 2e-7, "sigmoid {x}");
            assert!((f64::from(tanh(x)) - wide.tanh()).abs() < 4e-7, "tanh {x}");
        }
        assert!(exp(1e4).is_finite() && exp(-1e4) >= 0.0);
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        let z = var(&[STEPS, BATCH, 4 * HIDDEN], 8);
        let weight = var(&[4 * HIDDEN, HIDDEN + 1], 9);
        let lstm = Lstm::new(LayerState::zeros(BATCH, HIDDEN), Arc::new(vec![1.0; STEPS * BATCH]));
        assert!(lstm.run(&z, &weight).is_err());
    }
}
