//! Samples as files hold them.

/// What a sample is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bits {
    /// Whole numbers of 16 bits, with dither.
    Sixteen,
    /// Whole numbers of 24 bits.
    TwentyFour,
    /// Floats of 32 bits, which nothing is too loud for.
    Float,
}

impl Bits {
    /// Bytes of a sample.
    pub fn bytes(self) -> usize {
        match self {
            Bits::Sixteen => 2,
            Bits::TwentyFour => 3,
            Bits::Float => 4,
        }
    }
}

/// Makes whole numbers of samples.
#[derive(Debug, Clone)]
pub struct Quantiser {
    bits: Bits,
    /// State of the dither's generator.
    state: u64,
    clipped: u64,
}

impl Quantiser {
    /// For samples of so many bits; the dither is the same each time, so that equal sounds give equal files.
    pub fn new(bits: Bits) -> Quantiser {
        Quantiser { bits, state: 0x4c69_6c74, clipped: 0 }
    }

    /// The number nearest to a sample, `-1..=1`; what is beyond is cut off, and counted.
    ///
    /// With 16 bits, triangular noise of two steps from peak to peak goes before rounding, so that what is
    /// lost is noise and not distortion (Lipshitz, Wannamaker and Vanderkooy 1992).
    pub fn number(&mut self, sample: f32) -> i32 {
        let (full, dither) = match self.bits {
            Bits::Sixteen => (f64::from(i16::MAX), self.uniform() - self.uniform()),
            Bits::TwentyFour | Bits::Float => (f64::from((1 << 23) - 1), 0.0),
        };
        let sample = if sample.is_nan() { 0.0 } else { f64::from(sample) };
        self.clipped += u64::from(sample.abs() > 1.0);
        // Silence stays silence.
        let noise = if sample == 0.0 { 0.0 } else { dither };
        (sample * full + noise).round().clamp(-full - 1.0, full) as i32
    }

    /// How many samples were cut off so far.
    pub fn clipped(&self) -> u64 {
        self.clipped
    }

    /// A number in 0..1: SplitMix64 (Steele, Lea and Flood 2014).
    fn uniform(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_nearest_ones() {
        let mut fine = Quantiser::new(Bits::TwentyFour);
        let numbers = [0.0, 1.0, -1.0, 0.5, 1.5, -3.0, f32::NAN].map(|sample| fine.number(sample));
        assert_eq!(numbers, [0, 8_388_607, -8_388_607, 4_194_304, 8_388_607, -8_388_608, 0]);
        assert_eq!(fine.clipped(), 2);
    }

    #[test]
    fn dither_is_triangular_and_repeats() {
        let numbers = || {
            let mut coarse = Quantiser::new(Bits::Sixteen);
            (0..20_000).map(|_| coarse.number(0.25 / 32_767.0)).collect::<Vec<_>>()
        };
        let first = numbers();
        assert!(first == numbers());
        // A quarter of a step is heard as the mean of whole ones.
        let mean = first.iter().map(|x| f64::from(*x)).sum::<f64>() / first.len() as f64;
        assert!((mean - 0.25).abs() < 0.02, "{mean}");
        assert!(first.iter().all(|x| (-1..=1).contains(x)));
        assert_eq!(Quantiser::new(Bits::Sixteen).number(0.0), 0);
    }
}
