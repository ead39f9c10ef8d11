//! Sixteen numbers at once, whatever the processor calls them.

use half::f16;

/// How many numbers a [`Vector`] holds on every processor: one register of AVX-512, two of AVX2,
/// four of NEON.
pub(super) const LANES: usize = 16;

/// Two numbers that one instruction multiplies and adds.
pub(super) type Pair = [i16; 2];

/// A pair as the instructions of x86 repeat it: the first number in the lower half.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(super) fn together([low, high]: Pair) -> i32 {
    i32::from(high) << 16 | i32::from(low as u16)
}

/// Sixteen f32 in registers, and sixteen sums of products of whole numbers.
///
/// # Safety
/// Every method may be called only where the processor has the features that the implementing type
/// names; [`super::Kernel::detect`] finds out which it has.
pub(super) trait Vector: Copy {
    /// True when 24 of them and some more fit into the registers, so that six inputs can share all that
    /// is read of a block; otherwise they share one of its four vectors at a time.
    const WIDE: bool;

    /// Sixteen whole numbers of 32 bits.
    type Whole: Copy;
    /// Two weights of each of sixteen rows.
    type Weights: Copy;
    /// Two inputs, ready to meet the weights of sixteen rows.
    type Inputs: Copy;

    /// Asks for the cache line at an address, which need not exist, to be brought into the cache, if the
    /// processor would not do so by itself.
    #[inline(always)]
    fn prefetch(_line: *const u8) {}

    unsafe fn weights(from: &[Pair; LANES]) -> Self::Weights;
    unsafe fn inputs(pair: Pair) -> Self::Inputs;
    unsafe fn nothing() -> Self::Whole;
    /// To the sum of each row, both products of its weights and the inputs.
    unsafe fn add_products(weights: Self::Weights, inputs: Self::Inputs, sums: Self::Whole) -> Self::Whole;
    /// Each rounded to the nearest f32.
    unsafe fn float(whole: Self::Whole) -> Self;

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
