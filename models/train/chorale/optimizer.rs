//! AdamW (Loshchilov and Hutter 2019) with gradient clipping and a running mean of the weights, on
//! plain slices.

use lilt_models::chorale::network::Tensors;

const BETA1: f32 = 0.9;
const BETA2: f32 = 0.99;
const EPSILON: f32 = 1e-8;

/// All trained tensors, and what is remembered of them.
#[derive(Debug, Clone)]
pub struct Optimizer {
    /// The weights that the network computes with.
    pub weights: Tensors,
    /// Running mean of the gradient.
    pub mean: Tensors,
    /// Running mean of its square.
    pub square: Tensors,
    /// Running mean of the weights: what is evaluated and shipped (Polyak averaging).
    pub average: Tensors,
    /// Updates made.
    pub updates: usize,
    /// Decay of matrices and tables per unit of learning rate; biases and gains do not decay.
    pub weight_decay: f32,
    /// Gradients are scaled down to this norm.
    pub clip: f32,
    /// Longest memory of the averaged weights.
    pub average_decay: f32,
}

/// Zeros in the shape of `tensors`.
pub fn zeros(tensors: &Tensors) -> Tensors {
    tensors.iter().map(|(name, values)| (name.clone(), vec![0.0; values.len()])).collect()
}

impl Optimizer {
    /// One that starts at `weights`.
    pub fn new(weights: Tensors, weight_decay: f32) -> Optimizer {
        Optimizer {
            mean: zeros(&weights),
            square: zeros(&weights),
            average: weights.clone(),
            weights,
            updates: 0,
            weight_decay,
            clip: 1.0,
            average_decay: 0.998,
        }
    }

    /// One update by `gradients`, which become zeros; returns their norm before clipping.
    pub fn update(&mut self, gradients: &mut Tensors, rate: f32) -> f32 {
        let square: f64 = gradients.values().flatten().map(|&g| f64::from(g * g)).sum();
        let norm = square.sqrt() as f32;
        let scale = if norm > self.clip { self.clip / norm } else { 1.0 };
        self.updates += 1;
        let count = self.updates as i32;
        let (first, second) = (1.0 - BETA1.powi(count), 1.0 - BETA2.powi(count));
        let early = (1 + count) as f32 / (10 + count) as f32;
        let decay = self.average_decay.min(early);
        let tensors = self.weights.iter_mut().zip(self.mean.values_mut()).zip(self.square.values_mut());
        let tensors = tensors.zip(self.average.values_mut()).zip(gradients.values_mut());
        for (((((name, weights), mean), square), average), gradient) in tensors {
            let shrink = if name.ends_with("bias") { 0.0 } else { rate * self.weight_decay };
            let memories = mean.iter_mut().zip(square).zip(average).zip(gradient);
            for (weight, (((mean, square), average), gradient)) in weights.iter_mut().zip(memories) {
                let g = *gradient * scale;
                *gradient = 0.0;
                *mean = BETA1 * *mean + (1.0 - BETA1) * g;
                *square = BETA2 * *square + (1.0 - BETA2) * g * g;
                *weight -= shrink * *weight + rate * (*mean / first) / ((*square / second).sqrt() + EPSILON);
                *average = decay * *average + (1.0 - decay) * *weight;
            }
        }
        norm
    }
}
