//! The way from a point of the latent space to what its plan says by itself, and back: how a point is
//! moved so that the plan says something else.
//!
//! It is worked out in plain f32, in an order that every processor keeps, so that the same clips lead
//! to the same points everywhere.

use super::vocabulary::{SEGMENT, TOKENS};

/// The layers of the upper decoder and what its plans say, row by row.
#[derive(Debug, Clone)]
pub struct PlanDecoder {
    /// `[upper, latent]`.
    hidden: Vec<f32>,
    hidden_bias: Vec<f32>,
    /// `[32·plan, upper]`.
    steps: Vec<f32>,
    steps_bias: Vec<f32>,
    /// `[tokens, plan]`.
    said: Vec<f32>,
    latent: usize,
    plan: usize,
    /// `hidden`, `steps` and `said` column by column.
    transposed: [Vec<f32>; 3],
}

/// What a plan says, and what is needed to go back.
#[derive(Debug, Clone)]
pub struct Said {
    /// Added to the logits, `[32, tokens]`.
    pub logits: Vec<f32>,
    hidden: Vec<f32>,
}

/// Columns of a matrix of so many columns, one after the other.
fn transpose(weight: &[f32], columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| weight.iter().skip(column).step_by(columns).copied()).collect()
}

/// `sum += Σ x[i] · rows[i]`; a sum of rows vectorises without changing its order.
fn add_rows(sum: &mut [f32], x: &[f32], rows: &[f32]) {
    for (&x, row) in x.iter().zip(rows.chunks_exact(sum.len())) {
        if x != 0.0 {
            sum.iter_mut().zip(row).for_each(|(sum, weight)| *sum += x * weight);
        }
    }
}

impl PlanDecoder {
    /// The layers `plan.hidden`, `plan.steps` (weight and bias each) and `plan.said` of a network.
    pub fn new(
        [hidden, hidden_bias, steps, steps_bias, said]: [Vec<f32>; 5],
        latent: usize,
        plan: usize,
    ) -> PlanDecoder {
        let upper = hidden_bias.len();
        let transposed = [transpose(&hidden, latent), transpose(&steps, upper), transpose(&said, plan)];
        PlanDecoder { hidden, hidden_bias, steps, steps_bias, said, latent, plan, transposed }
    }

    /// What the plan for `z`, `[latent]`, says.
    pub fn say(&self, z: &[f32]) -> Said {
        let mut hidden = self.hidden_bias.clone();
        add_rows(&mut hidden, z, &self.transposed[0]);
        hidden.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        let mut plans = self.steps_bias.clone();
        add_rows(&mut plans, &hidden, &self.transposed[1]);
        let mut logits = vec![0.0; SEGMENT * TOKENS];
        for (logits, plan) in logits.chunks_exact_mut(TOKENS).zip(plans.chunks_exact(self.plan)) {
            add_rows(logits, plan, &self.transposed[2]);
        }
        Said { logits, hidden }
    }

    /// The gradient of something with respect to `z`, `[latent]`, from its gradient with respect to the
    /// logits, `[32, tokens]`.
    pub fn back(&self, said: &Said, gradient: &[f32]) -> Vec<f32> {
        let mut plans = vec![0.0; SEGMENT * self.plan];
        for (plan, gradient) in plans.chunks_exact_mut(self.plan).zip(gradient.chunks_exact(TOKENS)) {
            add_rows(plan, gradient, &self.said);
        }
        let mut hidden = vec![0.0; said.hidden.len()];
        add_rows(&mut hidden, &plans, &self.steps);
        for (gradient, unit) in hidden.iter_mut().zip(&said.hidden) {
            if *unit <= 0.0 {
                *gradient = 0.0;
            }
        }
        let mut z = vec![0.0; self.latent];
        add_rows(&mut z, &hidden, &self.hidden);
        z
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    #[test]
    fn the_way_back_is_the_gradient() {
        let (latent, upper, plan) = (3, 5, 2);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut numbers =
            |count: usize| -> Vec<f32> { (0..count).map(|_| rng.random_range(-1.0..1.0)).collect() };
        let layers = [
            numbers(upper * latent),
            numbers(upper),
            numbers(SEGMENT * plan * upper),
            numbers(SEGMENT * plan),
            numbers(TOKENS * plan),
        ];
        let (z, weights) = (numbers(latent), numbers(SEGMENT * TOKENS));
        let decoder = PlanDecoder::new(layers, latent, plan);
        let value = |z: &[f32]| -> f64 {
            decoder.say(z).logits.iter().zip(&weights).map(|(x, w)| f64::from(x * w)).sum()
        };
        let gradient = decoder.back(&decoder.say(&z), &weights);
        for axis in 0..latent {
            let mut moved = [z.clone(), z.clone()];
            moved[0][axis] += 1e-3;
            moved[1][axis] -= 1e-3;
            let slope = (value(&moved[0]) - value(&moved[1])) / 2e-3;
            assert!((slope - f64::from(gradient[axis])).abs() < 0.02, "{slope} and {}", gradient[axis]);
        }
    }
}
