//! What comes next in a drawing: a mixture of Gaussians of two dimensions for the move, and three probabilities for
//! the pen (Graves 2013; Ha and Eck 2018, equations 3 to 6).
//!
//! A network says `3 + 6·M` numbers, in the order of the released decoders: three logits of the pen, then M logits of
//! the components, M means rightwards, M downwards, M logarithms of the deviations rightwards, M downwards, and M
//! correlations before their tanh.

use rand::{Rng, RngExt};

use super::moves::{Move, Pen};

/// Components of our own networks.
pub const COMPONENTS: usize = 20;

/// Numbers that a network of so many components says.
pub const fn outputs(components: usize) -> usize {
    3 + 6 * components
}

/// Components of a network that says so many numbers; none where that is no such network.
pub fn components(outputs: usize) -> Option<usize> {
    let rest = outputs.checked_sub(3)?;
    (rest > 0 && rest % 6 == 0).then_some(rest / 6)
}

/// One Gaussian of the mixture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Component {
    /// Its probability.
    pub weight: f32,
    /// Means, rightwards and downwards.
    pub mean: [f32; 2],
    /// Deviations.
    pub deviation: [f32; 2],
    /// Correlation, −1 to 1.
    pub correlation: f32,
}

/// What may come next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mixture {
    /// Probabilities of the pen: down, up, end.
    pub pens: [f32; 3],
    /// Of the move.
    pub components: Vec<Component>,
}

impl Mixture {
    /// Reads what a network said, at a temperature: choices at `0.5 + temperature / 2`, deviations times its root, as
    /// Magenta's sketch models do. At 1 it is what the network learnt. (Choices at the temperature itself, as Ha and Eck
    /// 2018 have them, were tried: cold drawings fall into repeating one small stroke.)
    pub fn read(&mut self, said: &[f32], temperature: f32) {
        let count = said.len().saturating_sub(3) / 6;
        let choices = 0.5 + 0.5 * temperature;
        self.pens = [said[0], said[1], said[2]];
        softmax(&mut self.pens, choices);
        let of = |kind: usize, component: usize| said[3 + kind * count + component];
        let spread = temperature.sqrt();
        self.components.clear();
        self.components.extend((0..count).map(|at| Component {
            weight: of(0, at),
            mean: [of(1, at), of(2, at)],
            deviation: [of(3, at).exp() * spread, of(4, at).exp() * spread],
            correlation: of(5, at).tanh(),
        }));
        let largest = self.components.iter().map(|c| c.weight).fold(f32::NEG_INFINITY, f32::max);
        let mut sum = 0.0;
        for component in &mut self.components {
            component.weight = ((component.weight - largest) / choices).exp();
            sum += component.weight;
        }
        self.components.iter_mut().for_each(|component| component.weight /= sum);
    }

    /// Logarithm of the density of a move's offset, per unit of the network squared.
    pub fn log_density(&self, dx: f32, dy: f32) -> f32 {
        let of = |component: &Component| component.weight.max(f32::MIN_POSITIVE).ln() + component.log(dx, dy);
        let largest = self.components.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
        if largest == f32::NEG_INFINITY {
            return largest;
        }
        let sum: f32 = self.components.iter().map(|component| (of(component) - largest).exp()).sum();
        largest + sum.ln()
    }

    /// Logarithm of the probability of a move: its offset's density, unless the drawing is over, and its pen's
    /// probability.
    pub fn log_probability(&self, step: Move) -> f32 {
        let pen = self.pens[step.pen as usize].max(f32::MIN_POSITIVE).ln();
        if step.pen == Pen::End { pen } else { pen + self.log_density(step.dx, step.dy) }
    }

    /// As if the drawing could not be over.
    pub fn never_end(&mut self) {
        let [down, up, _] = self.pens;
        let sum = (down + up).max(f32::MIN_POSITIVE);
        self.pens = [down / sum, up / sum, 0.0];
    }

    /// Whether these are numbers that can be drawn by.
    pub fn is_usable(&self) -> bool {
        let numbers =
            |c: &Component| [c.weight, c.mean[0], c.mean[1], c.deviation[0], c.deviation[1], c.correlation];
        self.pens.iter().all(|pen| pen.is_finite())
            && self.components.iter().flat_map(numbers).all(f32::is_finite)
    }

    /// Draws a move.
    pub fn draw(&self, rng: &mut impl Rng) -> Move {
        let pen = Pen::ALL[chosen(self.pens.iter().copied(), rng.random())];
        if pen == Pen::End {
            return Move::END;
        }
        let [dx, dy] = self.draw_offset(rng);
        Move { dx, dy, pen }
    }

    /// The likeliest pen, and the mean of the likeliest component.
    pub fn likeliest(&self) -> Move {
        let most = |numbers: &mut dyn Iterator<Item = f32>| {
            numbers.enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(at, _)| at)
        };
        let pen = Pen::ALL[most(&mut self.pens.iter().copied())];
        if pen == Pen::End {
            return Move::END;
        }
        let [dx, dy] = self.components[most(&mut self.components.iter().map(|c| c.weight))].mean;
        Move { dx, dy, pen }
    }

    /// Draws where a move goes.
    pub fn draw_offset(&self, rng: &mut impl Rng) -> [f32; 2] {
        let weights = self.components.iter().map(|component| component.weight);
        self.components[chosen(weights, rng.random())].draw(rng)
    }
}

impl Component {
    /// Logarithm of its density (Graves 2013, equation 24).
    fn log(&self, dx: f32, dy: f32) -> f32 {
        let [x, y] = [(dx - self.mean[0]) / self.deviation[0], (dy - self.mean[1]) / self.deviation[1]];
        let rest = (1.0 - self.correlation * self.correlation).max(1e-6);
        let z = x * x + y * y - 2.0 * self.correlation * x * y;
        -z / (2.0 * rest)
            - (std::f32::consts::TAU * self.deviation[0] * self.deviation[1] * rest.sqrt())
                .max(f32::MIN_POSITIVE)
                .ln()
    }

    fn draw(&self, rng: &mut impl Rng) -> [f32; 2] {
        let [a, b] = normal_pair(rng);
        let apart = (1.0 - self.correlation * self.correlation).max(0.0).sqrt();
        [
            self.mean[0] + self.deviation[0] * (apart * a + self.correlation * b),
            self.mean[1] + self.deviation[1] * b,
        ]
    }
}

/// The number of the chosen one of probabilities, for a `draw` of 0 to 1.
fn chosen(probabilities: impl Iterator<Item = f32>, draw: f32) -> usize {
    let (mut sum, mut last) = (0.0, 0);
    for (at, probability) in probabilities.enumerate() {
        sum += probability;
        last = at;
        if draw < sum {
            break;
        }
    }
    last
}

/// Two numbers of the standard normal distribution (Box and Muller 1958).
pub fn normal_pair(rng: &mut impl Rng) -> [f32; 2] {
    let (u, v): (f32, f32) = (rng.random(), rng.random());
    let length = (-2.0 * f64::from(1.0 - u).ln()).sqrt();
    let angle = std::f64::consts::TAU * f64::from(v);
    [(length * angle.cos()) as f32, (length * angle.sin()) as f32]
}

fn softmax(logits: &mut [f32], temperature: f32) {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for logit in logits.iter_mut() {
        *logit = ((*logit - largest) / temperature).exp();
        sum += *logit;
    }
    logits.iter_mut().for_each(|logit| *logit /= sum);
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    /// Two components; pens 1 : 1 : 0.
    fn said() -> Vec<f32> {
        let zero = -1e3;
        [0.0, 0.0, zero]
            .into_iter()
            .chain([0.0, 3.0f32.ln()])
            .chain([0.0, 5.0])
            .chain([0.0, -1.0])
            .chain([0.0, 0.5f32.ln()])
            .chain([0.0, 2.0f32.ln()])
            .chain([0.0, 0.5f32.atanh()])
            .collect()
    }

    #[test]
    fn densities_by_hand() {
        let mut mixture = Mixture::default();
        mixture.read(&said(), 1.0);
        assert_eq!(mixture.pens, [0.5, 0.5, 0.0]);
        let second = mixture.components[1];
        assert!((second.weight - 0.75).abs() < 1e-6 && (second.correlation - 0.5).abs() < 1e-6);
        // At the second mean the first component is 26 / 2 nats down.
        let first = 0.25 * (-13.0f32).exp() / std::f32::consts::TAU;
        let other = 0.75 / (std::f32::consts::TAU * 0.75f32.sqrt());
        assert!((mixture.log_density(5.0, -1.0) - (first + other).ln()).abs() < 1e-5);
        let step = Move { dx: 5.0, dy: -1.0, pen: Pen::Up };
        let difference = mixture.log_probability(step) - mixture.log_density(5.0, -1.0);
        assert!((difference - 0.5f32.ln()).abs() < 1e-6);
        mixture.read(&said(), 0.25);
        assert!((mixture.components[0].deviation[0] - 0.5).abs() < 1e-6);
        assert!(mixture.components[1].weight > 0.8);
    }

    #[test]
    fn what_is_drawn_has_the_moments_of_the_mixture() {
        let mut mixture = Mixture::default();
        mixture.read(&said(), 1.0);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let count = 40_000;
        let (mut x, mut y, mut ups) = (0.0, 0.0, 0);
        for _ in 0..count {
            let step = mixture.draw(&mut rng);
            x += f64::from(step.dx);
            y += f64::from(step.dy);
            ups += usize::from(step.pen == Pen::Up);
        }
        let n = f64::from(count);
        assert!((x / n - 3.75).abs() < 0.05 && (y / n + 0.75).abs() < 0.05);
        assert!((ups as f64 / n - 0.5).abs() < 0.01);
    }

    #[test]
    fn sizes() {
        assert_eq!(
            (outputs(20), components(123), components(3), components(124)),
            (123, Some(20), None, None)
        );
    }
}
