//! Any processor: plain numbers, which the compiler turns into whatever vectors there are.

use half::f16;

use super::vector::{LANES, Pair, Vector};

/// Sixteen numbers.
#[derive(Clone, Copy)]
pub(super) struct Plain([f32; LANES]);

impl Plain {
    #[inline(always)]
    fn map(mut self, f: impl Fn(f32) -> f32) -> Plain {
        for lane in &mut self.0 {
            *lane = f(*lane);
        }
        self
    }

    #[inline(always)]
    fn zip(mut self, other: Plain, f: impl Fn(f32, f32) -> f32) -> Plain {
        for (lane, other) in self.0.iter_mut().zip(other.0) {
            *lane = f(*lane, other);
        }
        self
    }
}

/// An f16 as f32. The bits move to the place they have in f32; the product with 2¹¹² makes up for the
/// exponents' offsets (127 and 15), also for numbers too small for a leading one. Weights are finite.
#[inline(always)]
fn widen(half: f16) -> f32 {
    let bits = u32::from(half.to_bits());
    let magnitude = f32::from_bits((bits & 0x7fff) << 13) * f32::from_bits((127 + 112) << 23);
    f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
}

// No method needs a feature of the processor.
impl Vector for Plain {
    const WIDE: bool = false;

    type Whole = [i32; LANES];
    type Weights = [Pair; LANES];
    type Inputs = Pair;

    #[inline(always)]
    unsafe fn weights(from: &[Pair; LANES]) -> Self::Weights {
        *from
    }

    #[inline(always)]
    unsafe fn inputs(pair: Pair) -> Pair {
        pair
    }

    #[inline(always)]
    unsafe fn nothing() -> Self::Whole {
        [0; LANES]
    }

    #[inline(always)]
    unsafe fn add_products(weights: Self::Weights, inputs: Pair, mut sums: Self::Whole) -> Self::Whole {
        for (sum, weights) in sums.iter_mut().zip(weights) {
            for (weight, input) in weights.into_iter().zip(inputs) {
                *sum += i32::from(weight) * i32::from(input);
            }
        }
        sums
    }

    #[inline(always)]
    unsafe fn float(whole: Self::Whole) -> Self {
        Plain(whole.map(|sum| sum as f32))
    }

    #[inline(always)]
    unsafe fn load(from: &[f32; LANES]) -> Self {
        Plain(*from)
    }

    #[inline(always)]
    unsafe fn store(self, to: &mut [f32; LANES]) {
        *to = self.0;
    }

    #[inline(always)]
    unsafe fn widen(from: &[f16; LANES]) -> Self {
        let mut lanes = [0.0; LANES];
        for (lane, half) in lanes.iter_mut().zip(from) {
            *lane = widen(*half);
        }
        Plain(lanes)
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        Plain([value; LANES])
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
        // Not `f32::mul_add`, which is a slow function where the processor has no such instruction.
        self.zip(factor, |a, b| a * b).zip(term, |a, b| a + b)
    }

    #[inline(always)]
    unsafe fn clamp(self, low: f32, high: f32) -> Self {
        self.map(|lane| lane.max(low).min(high))
    }

    #[inline(always)]
    unsafe fn round(self) -> Self {
        // Adding 1.5·2²³ leaves no bits for a fraction. Arguments are below 2²².
        const SHIFT: f32 = 12_582_912.0;
        self.map(|lane| (lane + SHIFT) - SHIFT)
    }

    #[inline(always)]
    unsafe fn power_of_two(self) -> Self {
        self.map(|lane| f32::from_bits(((lane as i32 + 127) as u32) << 23))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_finite_half_is_widened_exactly() {
        for bits in 0..=u16::MAX {
            let half = f16::from_bits(bits);
            if half.is_finite() {
                assert_eq!(widen(half).to_bits(), half.to_f32().to_bits(), "{bits:04x}");
            }
        }
    }
}
