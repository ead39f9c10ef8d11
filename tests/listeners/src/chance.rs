//! Numbers at random that follow from a seed.

use lilt_score::Seed;

/// A stream of numbers.
pub struct Chance {
    seed: Seed,
    count: u64,
}

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: Seed) -> Chance {
        Chance { seed, count: 0 }
    }

    /// The next number, `0..1`.
    pub fn unit(&mut self) -> f64 {
        self.count += 1;
        self.seed.child_number(self.count).unit()
    }

    /// The next number of these, evenly.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// The next whole number below `count`.
    pub fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// The next standard normal deviate (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let (radius, angle) = (self.unit(), self.unit());
        (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }
}
