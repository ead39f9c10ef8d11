//! Sixteen numbers at once, whatever the processor calls them.

use half::f16;

use super::packed::Column;

/// How many numbers a [`Vector`] holds on every processor: one register of AVX-512, two of AVX2,
/// four of NEON.
pub(super) const LANES: usize = 16;

/// Sixteen f32 in registers.
///
/// # Safety
/// Every method may be called only where the processor has the features that the implementing type
/// names; [`super::Kernel::detect`] finds out which it has.
pub(super) trait Vector: Copy {
    /// True when 24 of them and some more fit into the registers, so that six inputs can share all that
    /// is read of a block; otherwise they share one of its four vectors at a time.
    const WIDE: bool;

    /// Asks for a column, which need not exist, to be brought into the cache.
    #[inline(always)]
    fn prefetch(_column: *const Column) {}

    unsafe fn load(from: &[f32; LANES]) -> Self;
    unsafe fn store(self, to: &mut [f32; LANES]);
    /// Sixteen f16 as f32, exactly.
    unsafe fn widen(from: &[f16; LANES]) -> Self;
    unsafe fn splat(value: f32) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    unsafe fn div(self, other: Self) -> Self;
    /// `self · factor + term`, rounded once where the processor can.
    unsafe fn mul_add(self, factor: Self, term: Self) -> Self;
    /// Not below `low`, not above `high`.
    unsafe fn clamp(self, low: f32, high: f32) -> Self;
    /// The nearest whole number.
    unsafe fn round(self) -> Self;
    /// 2 to the power of `self`, a whole number of −126 to 127.
    unsafe fn power_of_two(self) -> Self;
}
