//! The loss of Sketch-RNN's decoder (Ha and Eck 2018, equations 9 and 10), with its gradient written by hand.
//!
//! For each move: the negative logarithm of the density of its offset, which does not count where the drawing is
//! over, and the cross entropy of the pen.

use std::f32::consts::TAU;
use std::sync::{Arc, Mutex};

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::moves::{Move, Pen};

/// Deviations are at least e to the power of this: offsets are whole pixels, whose density has no bound.
const LEAST_LOG_DEVIATION: f32 = -7.0;
/// Correlations are at most so large.
const MOST_CORRELATION: f32 = 0.999;

/// What should have been said, for each row of a batch.
#[derive(Debug, Default)]
pub struct Targets {
    /// What comes, `[rows]`; none behind the end of a drawing, which counts nothing.
    pub moves: Vec<Option<Move>>,
}

/// Nats of each row of `said`, `[rows, 3 + 6·components]`.
///
/// # Errors
/// When the targets do not fit the rows.
pub fn nats(said: &Tensor, targets: Arc<Targets>) -> Result<Tensor> {
    said.contiguous()?.apply_op1(Nats { targets, gradient: Mutex::default() })
}

struct Nats {
    targets: Arc<Targets>,
    /// Gradients of each row's nats, kept by the forward pass.
    gradient: Mutex<Vec<f32>>,
}

impl CustomOp1 for Nats {
    fn name(&self) -> &'static str {
        "sketch-nats"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, width) = layout.shape().dims2()?;
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("sketch-nats: a contiguous tensor is needed")
        };
        let Some(components) = super::mixture::components(width) else {
            bail!("sketch-nats: {width} numbers are no mixture")
        };
        if self.targets.moves.len() != rows {
            bail!("sketch-nats: targets and rows differ");
        }
        let said = &storage.as_slice::<f32>()?[start..end];
        let mut nats = vec![0.0; rows];
        let mut gradient = vec![0.0; rows * width];
        let mut room = Row::new(components);
        for (row, (said, gradient)) in
            said.chunks_exact(width).zip(gradient.chunks_exact_mut(width)).enumerate()
        {
            if let Some(next) = self.targets.moves[row] {
                nats[row] = room.nats(said, next, gradient);
            }
        }
        let kept = self.gradient.lock();
        *kept.map_err(|_| candle_core::Error::Msg("sketch-nats: another thread failed".to_owned()))? =
            gradient;
        Ok((CpuStorage::F32(nats), Shape::from(rows)))
    }

    fn bwd(&self, said: &Tensor, _nats: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let (rows, width) = said.dims2()?;
        let kept = self.gradient.lock();
        let mut gradient = std::mem::take(
            &mut *kept
                .map_err(|_| candle_core::Error::Msg("sketch-nats: another thread failed".to_owned()))?,
        );
        if gradient.len() != rows * width {
            bail!("sketch-nats: the gradient is taken once, after one forward pass");
        }
        let grad = grad.flatten_all()?.to_vec1::<f32>()?;
        for (row, grad) in gradient.chunks_exact_mut(width).zip(grad) {
            row.iter_mut().for_each(|number| *number *= grad);
        }
        Ok(Some(Tensor::from_vec(gradient, (rows, width), said.device())?))
    }
}

/// Room for what one row needs.
struct Row {
    weights: Vec<f32>,
    shares: Vec<f32>,
    near: Vec<Near>,
}

impl Row {
    fn new(components: usize) -> Row {
        let zeros = vec![0.0; components];
        Row { weights: zeros.clone(), shares: zeros, near: vec![Near::default(); components] }
    }

    /// Nats of one row; their gradient goes into `gradient`.
    fn nats(&mut self, said: &[f32], next: Move, gradient: &mut [f32]) -> f32 {
        let mut pens = [said[0], said[1], said[2]];
        let whole = log_softmax(&mut pens);
        let mut nats = whole - said[next.pen as usize];
        gradient[..3].copy_from_slice(&pens);
        gradient[next.pen as usize] -= 1.0;
        if next.pen == Pen::End {
            return nats;
        }
        let components = self.weights.len();
        let (said, gradient) = (&said[3..], &mut gradient[3..]);
        self.weights.copy_from_slice(&said[..components]);
        let whole = log_softmax(&mut self.weights);
        let mut largest = f32::NEG_INFINITY;
        for at in 0..components {
            let [x, y] = [said[3 * components + at], said[4 * components + at]].map(bounded);
            let correlation = said[5 * components + at].tanh().clamp(-MOST_CORRELATION, MOST_CORRELATION);
            let rest = 1.0 - correlation * correlation;
            let inverse = [(-x).exp(), (-y).exp()];
            let z = [
                (next.dx - said[components + at]) * inverse[0],
                (next.dy - said[2 * components + at]) * inverse[1],
            ];
            let near = Near { inverse, z, correlation };
            let log = said[at] - whole - TAU.ln() - x - y - 0.5 * rest.ln();
            self.shares[at] = log - near.square() / (2.0 * rest);
            self.near[at] = near;
            largest = largest.max(self.shares[at]);
        }
        let mut sum = 0.0;
        for share in &mut self.shares {
            *share = (*share - largest).exp();
            sum += *share;
        }
        nats -= largest + sum.ln();
        for (at, share) in self.shares.iter().enumerate() {
            let share = share / sum;
            gradient[at] = self.weights[at] - share;
            // Graves 2013, equations 32 to 36.
            let near = &self.near[at];
            let ([x, y], correlation) = (near.z, near.correlation);
            let rest = 1.0 / (1.0 - correlation * correlation);
            gradient[components + at] = -share * rest * near.inverse[0] * (x - correlation * y);
            gradient[2 * components + at] = -share * rest * near.inverse[1] * (y - correlation * x);
            gradient[3 * components + at] = -share * (rest * x * (x - correlation * y) - 1.0);
            gradient[4 * components + at] = -share * (rest * y * (y - correlation * x) - 1.0);
            gradient[5 * components + at] = -share * (x * y + correlation * (1.0 - rest * near.square()));
        }
        nats
    }
}

/// Where an offset lies, seen from one Gaussian.
#[derive(Debug, Clone, Copy, Default)]
struct Near {
    /// One over its deviations.
    inverse: [f32; 2],
    /// How far the offset lies from its mean, in deviations.
    z: [f32; 2],
    correlation: f32,
}

impl Near {
    fn square(&self) -> f32 {
        let [x, y] = self.z;
        x * x + y * y - 2.0 * self.correlation * x * y
    }
}

fn bounded(log_deviation: f32) -> f32 {
    log_deviation.clamp(LEAST_LOG_DEVIATION, -LEAST_LOG_DEVIATION)
}

/// Logits become probabilities; returns the logarithm of the sum of their exponentials.
fn log_softmax(logits: &mut [f32]) -> f32 {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = (*logit - largest).exp();
        sum += *logit;
    }
    logits.iter_mut().for_each(|logit| *logit /= sum);
    largest + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::mixture::{Mixture, outputs};
    use candle_core::{Device, Var};

    const COMPONENTS: usize = 4;

    fn said(rows: usize) -> Vec<f32> {
        (0..rows * outputs(COMPONENTS)).map(|at| ((at * 7919 % 1009) as f32 / 1009.0 - 0.5) * 1.6).collect()
    }

    fn total(numbers: &[f32], targets: &Arc<Targets>) -> f64 {
        let width = outputs(COMPONENTS);
        let said = Tensor::from_slice(numbers, (numbers.len() / width, width), &Device::Cpu).unwrap();
        let nats = nats(&said, targets.clone()).unwrap().to_vec1::<f32>().unwrap();
        nats.into_iter().map(f64::from).sum()
    }

    #[test]
    fn it_is_the_likelihood_of_what_is_played() {
        let numbers = said(3);
        let steps =
            [Move { dx: 0.3, dy: -0.8, pen: Pen::Down }, Move { dx: -1.0, dy: 0.1, pen: Pen::Up }, Move::END];
        let targets = Arc::new(Targets { moves: steps.map(Some).to_vec() });
        let mut mixture = Mixture::default();
        let expected: f32 = numbers
            .chunks_exact(outputs(COMPONENTS))
            .zip(steps)
            .map(|(said, step)| {
                mixture.read(said, 1.0);
                -mixture.log_probability(step)
            })
            .sum();
        assert!((total(&numbers, &targets) - f64::from(expected)).abs() < 1e-4);
    }

    #[test]
    fn the_gradient_is_that_of_differences() {
        let step = |dx: f32, dy: f32, pen: Pen| Some(Move { dx, dy, pen });
        let moves =
            vec![step(0.3, -0.8, Pen::Up), step(0.5, 0.2, Pen::End), step(-1.0, 0.1, Pen::Down), None];
        let numbers = said(moves.len());
        let targets = Arc::new(Targets { moves });
        let width = outputs(COMPONENTS);
        let tensor = Tensor::from_slice(&numbers, (4, width), &Device::Cpu).unwrap();
        let var = Var::from_tensor(&tensor).unwrap();
        let sum = nats(var.as_tensor(), targets.clone()).unwrap().sum_all().unwrap();
        let gradients = sum.backward().unwrap();
        let found = gradients.get(var.as_tensor()).unwrap().flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let step = 2e-2;
        for at in 0..numbers.len() {
            let moved = |by: f32| {
                let mut numbers = numbers.clone();
                numbers[at] += by;
                total(&numbers, &targets)
            };
            let expected = (moved(step) - moved(-step)) / (2.0 * f64::from(step));
            assert!((f64::from(found[at]) - expected).abs() < 4e-3, "{at}: {} and {expected}", found[at]);
        }
        assert!(found[3 * width..].iter().all(|&gradient| gradient == 0.0));
    }
}
