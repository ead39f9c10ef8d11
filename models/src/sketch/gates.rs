//! What an LSTM's gates get from outside: the product with the few numbers of a move, and what a drawing is told once
//! for all of its moves.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

use crate::product::{Matrix, multiply};

/// `weight · input + driven` for each step, `[steps, batch, gates]`: `weight` is `[gates, numbers]`, `driven`
/// is `[batch, gates]`, the same for all steps, `inputs` is `[steps, batch, numbers]`. The gradient makes no copies of `driven`.
///
/// # Errors
/// When the shapes do not fit together.
pub fn gates(weight: &Tensor, driven: &Tensor, inputs: Arc<Vec<f32>>) -> Result<Tensor> {
    weight.contiguous()?.apply_op2(&driven.contiguous()?, Gates { inputs })
}

struct Gates {
    inputs: Arc<Vec<f32>>,
}

fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let data = storage.as_slice::<f32>()?;
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&data[start..end]),
        None => bail!("sketch-gates: a contiguous tensor is needed"),
    }
}

impl CustomOp2 for Gates {
    fn name(&self) -> &'static str {
        "sketch-gates"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (width, numbers) = l1.shape().dims2()?;
        let (batch, gates) = l2.shape().dims2()?;
        if width != gates || batch == 0 || numbers == 0 || !self.inputs.len().is_multiple_of(batch * numbers)
        {
            bail!(
                "sketch-gates: {:?} and {:?} do not fit {} inputs",
                l1.shape(),
                l2.shape(),
                self.inputs.len()
            );
        }
        let (weight, driven) = (slice(s1, l1)?, slice(s2, l2)?);
        let rows = self.inputs.len() / numbers;
        let mut out = Vec::with_capacity(rows * gates);
        (0..rows / batch).for_each(|_| out.extend_from_slice(driven));
        let inputs = Matrix::new(&self.inputs, rows, numbers, numbers);
        multiply(&mut out, gates, inputs, Matrix::new(weight, gates, numbers, numbers).transposed(), true);
        Ok((CpuStorage::F32(out), Shape::from((rows / batch, batch, gates))))
    }

    fn bwd(
        &self,
        weight: &Tensor,
        driven: &Tensor,
        _gates: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (batch, gates) = driven.dims2()?;
        let numbers = weight.dims2()?.1;
        let rows = self.inputs.len() / numbers;
        let grad = grad.flatten_all()?.to_vec1::<f32>()?;
        let mut of_weight = vec![0.0; gates * numbers];
        let inputs = Matrix::new(&self.inputs, rows, numbers, numbers);
        multiply(&mut of_weight, numbers, Matrix::new(&grad, rows, gates, gates).transposed(), inputs, false);
        let mut of_driven = vec![0.0; batch * gates];
        for step in grad.chunks_exact(batch * gates) {
            of_driven.iter_mut().zip(step).for_each(|(sum, number)| *sum += number);
        }
        Ok((
            Some(Tensor::from_vec(of_weight, (gates, numbers), weight.device())?),
            Some(Tensor::from_vec(of_driven, (batch, gates), driven.device())?),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::moves::INPUTS;
    use candle_core::{D, Device, Var};

    fn var(shape: (usize, usize), seed: usize) -> Var {
        let numbers: Vec<f32> =
            (0..shape.0 * shape.1).map(|at| ((at * 7919 + seed) % 1009) as f32 / 1009.0 - 0.5).collect();
        Var::from_tensor(&Tensor::from_vec(numbers, shape, &Device::Cpu).unwrap()).unwrap()
    }

    #[test]
    fn it_is_what_autograd_makes_of_it() {
        let (steps, batch, width) = (3, 2, 8);
        let (weight, driven) = (var((width, INPUTS), 1), var((batch, width), 2));
        let inputs: Vec<f32> = (0..steps * batch * INPUTS).map(|at| (at as f32 * 0.7).sin()).collect();
        let x = Tensor::from_slice(&inputs, (steps * batch, INPUTS), &Device::Cpu).unwrap();
        let plain =
            x.matmul(&weight.as_tensor().t().unwrap()).unwrap().reshape((steps, batch, width)).unwrap();
        let plain = plain.broadcast_add(&driven.as_tensor().unsqueeze(0).unwrap()).unwrap();
        let ours = gates(&weight, &driven, Arc::new(inputs)).unwrap();
        let worth = |gates: &Tensor| gates.sin().unwrap().sum_all().unwrap();
        let [plain, ours] = [plain, ours].map(|gates| (worth(&gates).backward().unwrap(), gates));
        let near = |a: &Tensor, b: &Tensor| {
            let far = (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(D::Minus1).unwrap();
            assert!(far.to_scalar::<f32>().unwrap() < 1e-5);
        };
        near(&plain.1, &ours.1);
        for var in [&weight, &driven] {
            near(plain.0.get(var).unwrap(), ours.0.get(var).unwrap());
        }
    }
}
