//! Randomness that is a pure function of seeds: the same text sounds the same on
//! every machine, and nothing depends on what was drawn before.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::Beat;

/// Where randomness comes from. Children are independent streams, so a seed can
/// be handed down a tree of names without any of them disturbing another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Seed(pub u64);

/// Increment of SplitMix64: 2⁶⁴ divided by the golden ratio, odd.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Output function of SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable
/// pseudorandom number generators", variant 13 of Stafford): a bijection in
/// which each input bit changes each output bit half of the time.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo).
fn fnv(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Seed {
    /// The seed of everything under `name`: FNV-1a of its UTF-8 bytes, mixed in.
    pub fn child(self, name: &str) -> Seed {
        self.child_number(mix(fnv(name.as_bytes())))
    }

    /// The seed of the `n`th thing under this one.
    pub fn child_number(self, n: u64) -> Seed {
        Seed(mix(mix(self.0.wrapping_add(GOLDEN)) ^ n.wrapping_mul(GOLDEN)))
    }

    /// A generator that starts here: ChaCha8 keyed with four outputs of SplitMix64.
    pub fn rng(self) -> ChaCha8Rng {
        let mut key = [0; 32];
        for (i, bytes) in (1u64..).zip(key.chunks_exact_mut(8)) {
            bytes.copy_from_slice(&mix(self.0.wrapping_add(GOLDEN.wrapping_mul(i))).to_le_bytes());
        }
        ChaCha8Rng::from_seed(key)
    }

    /// A number in `0.0..1.0`, uniform over seeds: the upper 53 bits, mixed.
    pub fn unit(self) -> f64 {
        (mix(self.0.wrapping_add(GOLDEN)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// The seed of one moment; `at` is exact, so the same moment is the same seed
    /// however it was computed.
    pub fn at(self, at: Beat) -> Seed {
        let (numerator, denominator) = (at.numerator(), at.denominator());
        [numerator, denominator]
            .iter()
            .fold(self, |seed, part| seed.child_number(*part as u64).child_number((*part >> 64) as u64))
    }
}

/// White noise over time: a number in `0.0..1.0` that depends on `seed` and the
/// exact moment only.
pub fn noise_at(seed: Seed, at: Beat) -> f64 {
    seed.at(at).unit()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    /// Every set ever played depends on these: a change here changes what scripts sound like.
    #[test]
    fn streams_are_fixed() {
        assert_eq!(mix(GOLDEN), 0xe220_a839_7b1d_cdaf, "first output of SplitMix64 seeded with 0");
        assert_eq!(fnv(b"foobar"), 0x8594_4171_f739_67e8, "from the FNV reference vectors");
        assert_eq!(Seed(7).child("lead"), Seed(7).child("lead"));
        assert_eq!(Seed(7).rng().next_u64(), Seed(7).rng().next_u64());
    }

    #[test]
    fn children_differ() {
        let seeds: std::collections::HashSet<Seed> = (0..20)
            .flat_map(|s| (0..50).map(move |n| Seed(s).child_number(n)))
            .chain(["lead", "drums", ""].iter().map(|name| Seed(0).child(name)))
            .collect();
        assert_eq!(seeds.len(), 20 * 50 + 3);
    }

    #[test]
    fn noise_is_uniform_and_knows_the_moment_only() {
        let n = 20_000;
        let values: Vec<f64> = (0..n).map(|i| noise_at(Seed(1), Beat::new(i, 16))).collect();
        let mean = values.iter().sum::<f64>() / n as f64;
        // The mean of n uniform numbers has deviation sqrt(1/12n) = 0.002: five of them.
        assert!((mean - 0.5).abs() < 0.0102, "{mean}");
        let tenths: Vec<usize> =
            (0..10).map(|t| values.iter().filter(|v| (**v * 10.0) as usize == t).count()).collect();
        // Each count is binomial: deviation sqrt(0.09n) = 42.
        assert!(tenths.iter().all(|count| count.abs_diff(2000) < 212), "{tenths:?}");
        assert_eq!(noise_at(Seed(3), Beat::new(2, 4)), noise_at(Seed(3), Beat::new(1, 2)));
    }
}
