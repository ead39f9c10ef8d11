//! AVX2 with FMA and F16C: two registers hold sixteen numbers.

use core::arch::x86_64::{
    __m256, __m256i, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT, _MM_HINT_T0, _mm_loadu_si128,
    _mm_prefetch, _mm256_add_epi32, _mm256_add_ps, _mm256_castsi256_ps, _mm256_cvtepi32_ps, _mm256_cvtph_ps,
    _mm256_cvtps_epi32, _mm256_div_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_loadu_si256,
    _mm256_madd_epi16, _mm256_max_ps, _mm256_min_ps, _mm256_mul_ps, _mm256_round_ps, _mm256_set1_epi32,
    _mm256_set1_ps, _mm256_setzero_si256, _mm256_slli_epi32, _mm256_storeu_ps, _mm256_sub_ps,
};

use half::f16;

use super::block::{Cells, Products, cells, products};
use super::vector::{LANES, Pair, Vector, together};

/// # Safety
/// The processor must have `avx2`, `fma` and `f16c`.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn run_cells(pass: Cells<'_>) {
    // SAFETY: the caller promises the features.
    unsafe { cells::<Two>(pass) }
}

/// # Safety
/// The processor must have `avx2`, `fma` and `f16c`.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn run_products(pass: Products<'_>) {
    // SAFETY: the caller promises the features.
    unsafe { products::<Two>(pass) }
}

/// Lanes 0 to 7 and 8 to 15.
#[derive(Clone, Copy)]
pub(super) struct Two(__m256, __m256);

impl Vector for Two {
    const WIDE: bool = false;

    type Whole = (__m256i, __m256i);
    type Weights = (__m256i, __m256i);
    type Inputs = __m256i;

    #[inline(always)]
    fn prefetch(line: *const u8) {
        // SAFETY: every 64-bit processor of this family can prefetch, and it may at any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) }
    }

    #[inline(always)]
    unsafe fn weights(from: &[Pair; LANES]) -> Self::Weights {
        let at = from.as_ptr();
        // SAFETY: `from` is 64 readable bytes, and the caller promises the features.
        unsafe { (_mm256_loadu_si256(at.cast()), _mm256_loadu_si256(at.add(8).cast())) }
    }

    #[inline(always)]
    unsafe fn inputs(pair: Pair) -> __m256i {
        // SAFETY: the caller promises the features.
        unsafe { _mm256_set1_epi32(together(pair)) }
    }

    #[inline(always)]
    unsafe fn nothing() -> Self::Whole {
        // SAFETY: the caller promises the features.
        unsafe { (_mm256_setzero_si256(), _mm256_setzero_si256()) }
    }

    #[inline(always)]
    unsafe fn add_products(weights: Self::Weights, inputs: __m256i, sums: Self::Whole) -> Self::Whole {
        // SAFETY: the caller promises the features.
        unsafe {
            (
                _mm256_add_epi32(sums.0, _mm256_madd_epi16(weights.0, inputs)),
                _mm256_add_epi32(sums.1, _mm256_madd_epi16(weights.1, inputs)),
            )
        }
    }

    #[inline(always)]
    unsafe fn float(whole: Self::Whole) -> Self {
        // SAFETY: the caller promises the features.
        unsafe { Two(_mm256_cvtepi32_ps(whole.0), _mm256_cvtepi32_ps(whole.1)) }
    }

    #[inline(always)]
    unsafe fn load(from: &[f32; LANES]) -> Self {
        // SAFETY: `from` is 64 readable bytes, and the caller promises the features.
        unsafe { Two(_mm256_loadu_ps(from.as_ptr()), _mm256_loadu_ps(from.as_ptr().add(8))) }
    }

    #[inline(always)]
    unsafe fn store(self, to: &mut [f32; LANES]) {
        // SAFETY: `to` is 64 writable bytes, and the caller promises the features.
        unsafe {
            _mm256_storeu_ps(to.as_mut_ptr(), self.0);
            _mm256_storeu_ps(to.as_mut_ptr().add(8), self.1);
        }
    }

    #[inline(always)]
    unsafe fn widen(from: &[f16; LANES]) -> Self {
        // SAFETY: `from` is 32 readable bytes, and the caller promises the features.
        unsafe {
            let at = from.as_ptr();
            let low = _mm256_cvtph_ps(_mm_loadu_si128(at.cast()));
            Two(low, _mm256_cvtph_ps(_mm_loadu_si128(at.add(8).cast())))
        }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller promises the features.
        unsafe { Two(_mm256_set1_ps(value), _mm256_set1_ps(value)) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller promises the features.
        unsafe { Two(_mm256_add_ps(self.0, other.0), _mm256_add_ps(self.1, other.1)) }
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        // SAFETY: the caller promises the features.
        unsafe { Two(_mm256_sub_ps(self.0, other.0), _mm256_sub_ps(self.1, other.1)) }
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        // SAFETY: the caller promises the features.
        unsafe { Two(_mm256_mul_ps(self.0, other.0), _mm256_mul_ps(self.1, other.1)) }
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        // SAFETY: the caller promises the features.
        unsafe { Two(_mm256_div_ps(self.0, other.0), _mm256_div_ps(self.1, other.1)) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
        // SAFETY: the caller promises the features.
        unsafe { Two(_mm256_fmadd_ps(self.0, factor.0, term.0), _mm256_fmadd_ps(self.1, factor.1, term.1)) }
    }

    #[inline(always)]
    unsafe fn clamp(self, low: f32, high: f32) -> Self {
        // SAFETY: the caller promises the features.
        unsafe {
            let (low, high) = (_mm256_set1_ps(low), _mm256_set1_ps(high));
            Two(
                _mm256_min_ps(_mm256_max_ps(self.0, low), high),
                _mm256_min_ps(_mm256_max_ps(self.1, low), high),
            )
        }
    }

    #[inline(always)]
    unsafe fn round(self) -> Self {
        const NEAREST: i32 = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC;
        // SAFETY: the caller promises the features.
        unsafe { Two(_mm256_round_ps::<NEAREST>(self.0), _mm256_round_ps::<NEAREST>(self.1)) }
    }

    #[inline(always)]
    unsafe fn power_of_two(self) -> Self {
        // SAFETY: the caller promises the features.
        unsafe { Two(power_of_two(self.0), power_of_two(self.1)) }
    }
}

/// The exponent field of an f32 holds n + 127.
///
/// # Safety
/// The processor must have `avx2`.
#[inline(always)]
unsafe fn power_of_two(n: __m256) -> __m256 {
    // SAFETY: the caller promises the features.
    unsafe {
        let exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
        _mm256_castsi256_ps(_mm256_slli_epi32::<23>(exponent))
    }
}
