//! NEON, which every 64-bit ARM has: four registers hold sixteen numbers.

use core::arch::aarch64::{
    float32x4_t, int16x8_t, int32x4_t, vaddq_f32, vaddq_s32, vcvt_f32_f16, vcvtnq_s32_f32, vcvtq_f32_s32,
    vdivq_f32, vdupq_n_f32, vdupq_n_s16, vdupq_n_s32, vfmaq_f32, vget_low_s16, vld1_u16, vld1q_f32,
    vld2q_s16, vmaxq_f32, vminq_f32, vmlal_high_s16, vmlal_s16, vmulq_f32, vreinterpret_f16_u16,
    vreinterpretq_f32_s32, vrndnq_f32, vshlq_n_s32, vst1q_f32, vsubq_f32,
};

use half::f16;

use super::vector::{LANES, Pair, Vector};

/// Lanes in order, four a register.
#[derive(Clone, Copy)]
pub(super) struct Four([float32x4_t; 4]);

impl Four {
    #[inline(always)]
    fn map(mut self, f: impl Fn(float32x4_t) -> float32x4_t) -> Four {
        for part in &mut self.0 {
            *part = f(*part);
        }
        self
    }

    #[inline(always)]
    fn zip(mut self, other: Four, f: impl Fn(float32x4_t, float32x4_t) -> float32x4_t) -> Four {
        for (part, other) in self.0.iter_mut().zip(other.0) {
            *part = f(*part, other);
        }
        self
    }
}

impl Vector for Four {
    const WIDE: bool = false;

    type Whole = [int32x4_t; 4];
    /// Of rows 0 to 7 and 8 to 15 the first weights, then the second ones.
    type Weights = [[int16x8_t; 2]; 2];
    type Inputs = [int16x8_t; 2];

    #[inline(always)]
    unsafe fn weights(from: &[Pair; LANES]) -> Self::Weights {
        let at: *const i16 = from.as_ptr().cast();
        // SAFETY: `from` is 64 readable bytes; NEON is part of the architecture.
        let (low, high) = unsafe { (vld2q_s16(at), vld2q_s16(at.add(16))) };
        [[low.0, low.1], [high.0, high.1]]
    }

    #[inline(always)]
    unsafe fn inputs([first, second]: Pair) -> Self::Inputs {
        // SAFETY: NEON is part of the architecture.
        unsafe { [vdupq_n_s16(first), vdupq_n_s16(second)] }
    }

    #[inline(always)]
    unsafe fn nothing() -> Self::Whole {
        // SAFETY: NEON is part of the architecture.
        unsafe { [vdupq_n_s32(0); 4] }
    }

    #[inline(always)]
    unsafe fn add_products(
        weights: Self::Weights,
        inputs: Self::Inputs,
        mut sums: Self::Whole,
    ) -> Self::Whole {
        for (eight, weights) in weights.into_iter().enumerate() {
            for (weight, input) in weights.into_iter().zip(inputs) {
                // SAFETY: NEON is part of the architecture.
                unsafe {
                    let (low, high) = (sums[2 * eight], sums[2 * eight + 1]);
                    sums[2 * eight] = vmlal_s16(low, vget_low_s16(weight), vget_low_s16(input));
                    sums[2 * eight + 1] = vmlal_high_s16(high, weight, input);
                }
            }
        }
        sums
    }

    #[inline(always)]
    unsafe fn float(whole: Self::Whole) -> Self {
        // SAFETY: NEON is part of the architecture.
        Four(whole.map(|part| unsafe { vcvtq_f32_s32(part) }))
    }

    #[inline(always)]
    unsafe fn load(from: &[f32; LANES]) -> Self {
        let at = from.as_ptr();
        // SAFETY: `from` is 64 readable bytes; NEON is part of the architecture.
        unsafe { Four([vld1q_f32(at), vld1q_f32(at.add(4)), vld1q_f32(at.add(8)), vld1q_f32(at.add(12))]) }
    }

    #[inline(always)]
    unsafe fn store(self, to: &mut [f32; LANES]) {
        for (part, to) in self.0.into_iter().zip(to.as_chunks_mut::<4>().0) {
            // SAFETY: `to` is 16 writable bytes; NEON is part of the architecture.
            unsafe { vst1q_f32(to.as_mut_ptr(), part) };
        }
    }

    #[inline(always)]
    unsafe fn widen(from: &[f16; LANES]) -> Self {
        let at: *const u16 = from.as_ptr().cast();
        // SAFETY: `from` is 32 readable bytes, and `f16` has the layout of `u16`; NEON is part of the
        // architecture.
        unsafe {
            let part = |i: usize| vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(at.add(4 * i))));
            Four([part(0), part(1), part(2), part(3)])
        }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: NEON is part of the architecture.
        unsafe { Four([vdupq_n_f32(value); 4]) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: NEON is part of the architecture.
        self.zip(other, |a, b| unsafe { vaddq_f32(a, b) })
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        // SAFETY: NEON is part of the architecture.
        self.zip(other, |a, b| unsafe { vsubq_f32(a, b) })
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        // SAFETY: NEON is part of the architecture.
        self.zip(other, |a, b| unsafe { vmulq_f32(a, b) })
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        // SAFETY: NEON is part of the architecture.
        self.zip(other, |a, b| unsafe { vdivq_f32(a, b) })
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, mut term: Self) -> Self {
        for ((term, a), b) in term.0.iter_mut().zip(self.0).zip(factor.0) {
            // SAFETY: NEON is part of the architecture.
            *term = unsafe { vfmaq_f32(*term, a, b) };
        }
        term
    }

    #[inline(always)]
    unsafe fn clamp(self, low: f32, high: f32) -> Self {
        // SAFETY: NEON is part of the architecture.
        self.map(|part| unsafe { vminq_f32(vmaxq_f32(part, vdupq_n_f32(low)), vdupq_n_f32(high)) })
    }

    #[inline(always)]
    unsafe fn round(self) -> Self {
        // SAFETY: NEON is part of the architecture.
        self.map(|part| unsafe { vrndnq_f32(part) })
    }

    #[inline(always)]
    unsafe fn power_of_two(self) -> Self {
        // The exponent field of an f32 holds n + 127.
        // SAFETY: NEON is part of the architecture.
        self.map(|n| unsafe {
            let exponent = vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127));
            vreinterpretq_f32_s32(vshlq_n_s32::<23>(exponent))
        })
    }
}
