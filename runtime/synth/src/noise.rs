//! White noise from a seed: the xorshift generator of Marsaglia (2003), 32 bits.

#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise {
    state: u32,
}

impl Noise {
    pub(crate) fn new(seed: u32) -> Self {
        // The constant spreads neighbouring seeds; the state must not be 0.
        let state = (seed ^ 0x9e37_79b9).wrapping_mul(0x85eb_ca6b);
        Noise { state: (state ^ (state >> 15)).max(1) }
    }

    /// What the next samples follow from; not 0.
    pub(crate) fn state(self) -> u32 {
        self.state
    }

    /// The next sample, even over -1..1.
    pub(crate) fn next(&mut self) -> f32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        // 24 bits fit a float exactly; 2⁻²³ takes them to 0..2.
        (self.state >> 8) as f32 * (1.0 / 8_388_608.0) - 1.0
    }

    /// Adds `level` times the next samples.
    #[inline]
    pub(crate) fn add(&mut self, level: f32, out: &mut [f32]) {
        for x in out {
            *x += level * self.next();
        }
    }

    /// The next number in 0..1.
    pub(crate) fn unit(&mut self) -> f32 {
        self.next() * 0.5 + 0.5
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_centred_bounded_and_repeatable() {
        for seed in [0, 1, 2, 0x9e37_79b9, u32::MAX] {
            let mut noise = Noise::new(seed);
            let mut again = Noise::new(seed);
            let samples: Vec<f32> = (0..20_000).map(|_| noise.next()).collect();
            assert!(samples.iter().all(|s| (-1.0..1.0).contains(s)));
            let mean = samples.iter().sum::<f32>() / samples.len() as f32;
            assert!(mean.abs() < 0.02, "seed {seed}: mean {mean}");
            let power = samples.iter().map(|s| s * s).sum::<f32>() / samples.len() as f32;
            assert!((power - 1.0 / 3.0).abs() < 0.02, "seed {seed}: power {power}");
            assert!(samples.iter().all(|s| *s == again.next()));
        }
    }
}
