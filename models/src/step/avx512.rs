//! AVX-512 with VNNI: one register holds sixteen numbers, and one instruction multiplies 32 pairs of
//! whole numbers and adds them up.

use core::arch::x86_64::{
    __m512, __m512i, _MM_FROUND_NO_EXC, _MM_FROUND_TO_NEAREST_INT, _MM_HINT_T0, _mm_prefetch,
    _mm256_loadu_si256, _mm512_add_ps, _mm512_cvtepi32_ps, _mm512_cvtph_ps, _mm512_div_ps,
    _mm512_dpwssd_epi32, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_loadu_si512, _mm512_max_ps, _mm512_min_ps,
    _mm512_mul_ps, _mm512_roundscale_ps, _mm512_scalef_ps, _mm512_set1_epi32, _mm512_set1_ps,
    _mm512_setzero_si512, _mm512_storeu_ps, _mm512_sub_ps,
};

use half::f16;

use super::block::{Cells, Products, cells, products};
use super::vector::{LANES, Pair, Vector, together};

/// # Safety
/// The processor must have `avx512f` and `avx512vnni`.
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) unsafe fn run_cells(pass: Cells<'_>) {
    // SAFETY: the caller promises the features.
    unsafe { cells::<__m512>(pass) }
}

/// # Safety
/// The processor must have `avx512f` and `avx512vnni`.
#[target_feature(enable = "avx512f,avx512vnni")]
pub(super) unsafe fn run_products(pass: Products<'_>) {
    // SAFETY: the caller promises the features.
    unsafe { products::<__m512>(pass) }
}

impl Vector for __m512 {
    const WIDE: bool = true;

    type Whole = __m512i;
    type Weights = __m512i;
    type Inputs = __m512i;

    #[inline(always)]
    fn prefetch(line: *const u8) {
        // SAFETY: every 64-bit processor of this family can prefetch, and it may at any address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(line.cast()) }
    }

    #[inline(always)]
    unsafe fn weights(from: &[Pair; LANES]) -> __m512i {
        // SAFETY: `from` is 64 readable bytes, and the caller promises `avx512f`.
        unsafe { _mm512_loadu_si512(from.as_ptr().cast()) }
    }

    #[inline(always)]
    unsafe fn inputs(pair: Pair) -> __m512i {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_set1_epi32(together(pair)) }
    }

    #[inline(always)]
    unsafe fn nothing() -> __m512i {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_setzero_si512() }
    }

    #[inline(always)]
    unsafe fn add_products(weights: __m512i, inputs: __m512i, sums: __m512i) -> __m512i {
        // SAFETY: the caller promises `avx512vnni`.
        unsafe { _mm512_dpwssd_epi32(sums, weights, inputs) }
    }

    #[inline(always)]
    unsafe fn float(whole: __m512i) -> Self {
        // SAFETY: the caller promises `avx512f`.
        unsafe { _mm512_cvtepi32_ps(whole) }
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
