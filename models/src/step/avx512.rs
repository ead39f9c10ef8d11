//! AVX-512: one register holds sixteen numbers, and widening f16 is one instruction.

use core::arch::x86_64::{
    __m512, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT, _MM_HINT_T0, _mm_prefetch, _mm256_loadu_si256,
    _mm512_add_ps, _mm512_cvtph_ps, _mm512_div_ps, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_max_ps,
    _mm512_min_ps, _mm512_mul_ps, _mm512_roundscale_ps, _mm512_scalef_ps, _mm512_set1_ps, _mm512_storeu_ps,
    _mm512_sub_ps,
};

use half::f16;

use super::block::{Cells, Products, cells, products};
use super::packed::Column;
use super::vector::{LANES, Vector};

/// # Safety
/// The processor must have `avx512f`.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn run_cells(pass: Cells<'_>) {
    // SAFETY: the caller promises the feature.
    unsafe { cells::<__m512>(pass) }
}

/// # Safety
/// The processor must have `avx512f`.
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn run_products(pass: Products<'_>) {
    // SAFETY: the caller promises the feature.
    unsafe { products::<__m512>(pass) }
}

impl Vector for __m512 {
    const WIDE: bool = true;

    #[inline(always)]
    fn prefetch(column: *const Column) {
        // SAFETY: every 64-bit processor of this family can prefetch, and it may at any address.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(column.cast());
            _mm_prefetch::<_MM_HINT_T0>(column.cast::<i8>().wrapping_add(64));
        }
    }

    #[inline(always)]
    unsafe fn load(from: &[f32; LANES]) -> Self {
        // SAFETY: `from` is 64 readable bytes, and the caller promises `avx512f`.
        unsafe { _mm512_loadu_ps(from.as_ptr()) }
    }

    #[inline(always)]
    unsafe fn store(self, to: &mut [f32; LANES]) {
        // SAFETY: `to` is 64 writable bytes, and the caller promises `avx512f`.
        unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self) }
    }

    #[inline(always)]
    unsafe fn widen(from: &[f16; LANES]) -> Self {
        // SAFETY: `from` is 32 readable bytes, and the caller promises `avx512f`, which has `avx`.
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(from.as_ptr().cast())) }
    }

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_set1_ps(value) }
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_add_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_sub_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_mul_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn div(self, other: Self) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_div_ps(self, other) }
    }

    #[inline(always)]
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_fmadd_ps(self, factor, term) }
    }

    #[inline(always)]
    unsafe fn clamp(self, low: f32, high: f32) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_min_ps(_mm512_max_ps(self, _mm512_set1_ps(low)), _mm512_set1_ps(high)) }
    }

    #[inline(always)]
    unsafe fn round(self) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(self) }
    }

    #[inline(always)]
    unsafe fn power_of_two(self) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_scalef_ps(_mm512_set1_ps(1.0), self) }
    }
}
