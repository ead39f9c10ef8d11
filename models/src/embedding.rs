//! The input of the recurrent networks: a sum of embedding rows for each step.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

/// Sums rows of a table `[rows, width]`, with a gradient that makes no copy of the table for each
/// row: `heard` holds `groups` rows for each step, one step after the other.
#[derive(Debug)]
struct EmbeddingSum {
    heard: Arc<Vec<u16>>,
    groups: usize,
}

/// The sum of the rows of each step, `[heard.len() / groups, width]`. `table` is `[rows, width]`;
/// `heard` holds `groups` row numbers for each step.
///
/// # Errors
/// When a row does not exist, `heard` holds no whole number of steps, or the table is not f32 on the
/// processor.
pub fn embedding_sum(table: &Tensor, heard: Arc<Vec<u16>>, groups: usize) -> Result<Tensor> {
    if groups == 0 || !heard.len().is_multiple_of(groups) {
        bail!("embedding-sum: {} rows are no whole number of steps of {groups}", heard.len());
    }
    table.apply_op1(EmbeddingSum { heard, groups })
}

impl CustomOp1 for EmbeddingSum {
    fn name(&self) -> &'static str {
        "embedding-sum"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (count, width) = layout.shape().dims2()?;
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("embedding-sum: a contiguous tensor is needed")
        };
        let table = &storage.as_slice::<f32>()?[start..end];
        let steps = self.heard.len() / self.groups;
        let mut out = vec![0.0; steps * width];
        for (sum, rows) in out.chunks_exact_mut(width).zip(self.heard.chunks_exact(self.groups)) {
            for &row in rows {
                if usize::from(row) >= count {
                    bail!("embedding-sum: row {row} of {count}");
                }
                for (sum, &value) in sum.iter_mut().zip(&table[usize::from(row) * width..][..width]) {
                    *sum += value;
                }
            }
        }
        Ok((CpuStorage::F32(out), Shape::from((steps, width))))
    }

    fn bwd(&self, table: &Tensor, _result: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (count, width) = table.dims2()?;
        let grad = grad.flatten_all()?.to_vec1::<f32>()?;
        let mut out = vec![0.0f32; count * width];
        for (grad, rows) in grad.chunks_exact(width).zip(self.heard.chunks_exact(self.groups)) {
            for &row in rows {
                for (sum, &value) in out[usize::from(row) * width..][..width].iter_mut().zip(grad) {
                    *sum += value;
                }
            }
        }
        Ok(Some(Tensor::from_vec(out, (count, width), table.device())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::{Device, Var};

    fn table() -> Var {
        let values: Vec<f32> = (0..60).map(|at| ((at * 7919 % 1009) as f32 / 1009.0) - 0.5).collect();
        Var::from_tensor(&Tensor::from_vec(values, (10, 6), &Device::Cpu).unwrap()).unwrap()
    }

    #[test]
    fn the_gradient_is_that_of_autograd() {
        let table = table();
        // Three steps of two rows; one row is heard twice.
        let heard: Vec<u16> = vec![1, 4, 1, 1, 9, 0];
        let own = embedding_sum(&table, Arc::new(heard.clone()), 2).unwrap();
        let picked: Vec<u32> = heard.iter().map(|&row| row.into()).collect();
        let picked = Tensor::from_vec(picked, 6, &Device::Cpu).unwrap();
        let reference = table.index_select(&picked, 0).unwrap().reshape((3, 2, 6)).unwrap().sum(1).unwrap();
        assert_eq!(own.to_vec2::<f32>().unwrap(), reference.to_vec2::<f32>().unwrap());
        let scale = Tensor::arange(0f32, 18.0, &Device::Cpu).unwrap().reshape((3, 6)).unwrap();
        let gradient = |x: &Tensor| {
            let grads = (x * &scale).unwrap().sum_all().unwrap().backward().unwrap();
            grads.get(&table).unwrap().to_vec2::<f32>().unwrap()
        };
        assert_eq!(gradient(&own), gradient(&reference));
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        for (heard, groups) in [(vec![3, 10], 2), (vec![1, 2, 3], 2), (vec![1], 0)] {
            assert!(embedding_sum(&table(), Arc::new(heard), groups).is_err());
        }
    }
}
