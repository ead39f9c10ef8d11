//! AdamW (Loshchilov and Hutter 2019) with gradient clipping and a running mean of the weights.

use candle_core::{Result, Tensor, Var, backprop::GradStore};

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.99;
const EPSILON: f32 = 1e-8;

/// A trained tensor and what the optimiser remembers of it.
#[derive(Debug)]
pub struct Slot {
    /// Name in the network.
    pub name: String,
    /// The tensor that the network computes with.
    pub var: Var,
    /// Weights, and means of gradient and of its square.
    pub weights: Vec<f32>,
    /// Running mean of the gradient.
    pub mean: Vec<f32>,
    /// Running mean of its square.
    pub square: Vec<f32>,
    /// Running mean of the weights: what is evaluated and shipped (Polyak averaging).
    pub average: Vec<f32>,
}

impl Slot {
    /// A tensor that starts at `weights`.
    pub fn new(name: String, var: Var, weights: Vec<f32>) -> Slot {
        let zeros = vec![0.0; weights.len()];
        Slot { name, var, mean: zeros.clone(), square: zeros, average: weights.clone(), weights }
    }

    /// The averaged weights as a tensor.
    pub fn averaged(&self) -> Result<Tensor> {
        Tensor::from_slice(&self.average, self.var.shape(), self.var.device())
    }
}

/// All trained tensors.
#[derive(Debug)]
pub struct Optimizer {
    /// The tensors, in the order of the config.
    pub slots: Vec<Slot>,
    /// Updates made.
    pub updates: usize,
    /// Decay of matrices and tables per unit of learning rate; biases do not decay.
    pub weight_decay: f32,
    /// Gradients are scaled down to this norm.
    pub clip: f32,
    /// Longest memory of the averaged weights.
    pub average_decay: f32,
}

impl Optimizer {
    /// One update; returns the norm of the gradient before clipping.
    pub fn update(&mut self, grads: &GradStore, rate: f32) -> Result<f32> {
        let mut flat = Vec::with_capacity(self.slots.len());
        let mut norm = 0.0f64;
        for slot in &self.slots {
            let grad = match grads.get(slot.var.as_tensor()) {
                Some(grad) => grad.flatten_all()?.to_vec1::<f32>()?,
                None => vec![0.0; slot.weights.len()],
            };
            norm += grad.iter().map(|&g| f64::from(g * g)).sum::<f64>();
            flat.push(grad);
        }
        let norm = norm.sqrt() as f32;
        let scale = if norm > self.clip { self.clip / norm } else { 1.0 };
        self.updates += 1;
        let count = self.updates as i32;
        let (first, second) = (1.0 - BETA1.powi(count), 1.0 - BETA2.powi(count));
        let early = (1 + count) as f32 / (10 + count) as f32;
        let decay = self.average_decay.min(early);
        for (slot, grad) in self.slots.iter_mut().zip(flat) {
            let shrink = if slot.name.ends_with("bias") { 0.0 } else { rate * self.weight_decay };
            let memories = slot.mean.iter_mut().zip(&mut slot.square).zip(&mut slot.average);
            for ((weight, ((mean, square), average)), grad) in slot.weights.iter_mut().zip(memories).zip(grad)
            {
                let grad = grad * scale;
                *mean = BETA1 * *mean + (1.0 - BETA1) * grad;
                *square = BETA2 * *square + (1.0 - BETA2) * grad * grad;
                *weight -= shrink * *weight + rate * (*mean / first) / ((*square / second).sqrt() + EPSILON);
                *average = decay * *average + (1.0 - decay) * *weight;
            }
            slot.var.set(&Tensor::from_slice(&slot.weights, slot.var.shape(), slot.var.device())?)?;
        }
        Ok(norm)
    }
}
