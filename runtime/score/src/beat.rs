//! Musical time: exact rational beats, and spans of them.

mod narrow;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Add, AddAssign, Div, Mul, Neg, Rem, Sub, SubAssign};
use std::str::FromStr;

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, Zero};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smallvec::SmallVec;

use narrow::Narrow;

/// A point or a length in musical time, in beats (quarter notes), exact.
///
/// Arithmetic is exact as long as numerator and denominator fit 128 bits, which
/// every value made by the parsers of this crate does (they bound both).
/// Beyond that it saturates to the nearest multiple of 2⁻³² rather than panic.
#[derive(Clone, Copy, Default)]
pub struct Beat(Ratio<i128>);

/// Denominator to which a result falls back when exact arithmetic would overflow.
const FALLBACK_DENOMINATOR: i128 = 1 << 32;

impl Beat {
    /// No time at all, and the first beat of the performance.
    pub const ZERO: Beat = Beat(Ratio::new_raw(0, 1));
    /// One beat.
    pub const ONE: Beat = Beat(Ratio::new_raw(1, 1));

    /// `numerator / denominator` beats. A denominator of zero counts as one.
    pub fn new(numerator: i64, denominator: i64) -> Beat {
        let denominator = if denominator == 0 { 1 } else { denominator };
        Beat(Ratio::new(numerator.into(), denominator.into()))
    }

    /// A whole number of beats.
    pub const fn whole(beats: i64) -> Beat {
        Beat(Ratio::new_raw(beats as i128, 1))
    }

    /// One beat in so many parts; a count of zero counts as one.
    pub(crate) const fn part(count: u32) -> Beat {
        Beat(Ratio::new_raw(1, if count == 0 { 1 } else { count as i128 }))
    }

    /// The simplest fraction within 2⁻²⁰ relative of `value`, found by
    /// continued fractions (so `0.333333` of Lua is a third), or `None` when
    /// `value` is not finite or beyond ±10⁹.
    pub fn approximate(value: f64) -> Option<Beat> {
        if !value.is_finite() || value.abs() > 1e9 {
            return None;
        }
        let tolerance = value.abs().max(1.0) * 2f64.powi(-20);
        let (mut p0, mut q0, mut p1, mut q1) = (0i128, 1i128, 1i128, 0i128);
        let mut rest = value.abs();
        for _ in 0..40 {
            let whole = rest.floor();
            let (p2, q2) = (whole as i128 * p1 + p0, whole as i128 * q1 + q0);
            (p0, q0, p1, q1) = (p1, q1, p2, q2);
            let error = (p1 as f64 / q1 as f64 - value.abs()).abs();
            let fraction = rest - whole;
            if error <= tolerance || fraction < 1e-12 {
                break;
            }
            rest = 1.0 / fraction;
        }
        let sign = if value < 0.0 { -1 } else { 1 };
        Some(Beat(Ratio::new(sign * p1, q1)))
    }

    /// Numerator of the reduced fraction.
    pub fn numerator(self) -> i128 {
        *self.0.numer()
    }

    /// Denominator of the reduced fraction, always positive.
    pub fn denominator(self) -> i128 {
        *self.0.denom()
    }

    /// The nearest `f64`, for sound, pictures and seconds.
    pub fn to_f64(self) -> f64 {
        self.numerator() as f64 / self.denominator() as f64
    }

    /// The last whole beat at or before this one.
    pub fn floor(self) -> i64 {
        if let Some(narrow) = Narrow::of(&self.0) {
            return narrow.floor();
        }
        self.0.floor().to_integer().clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    /// The first whole beat at or after this one.
    pub fn ceil(self) -> i64 {
        self.0.ceil().to_integer().clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    /// How many whole `step`s lie at or before this beat: `floor(self / step)`.
    pub fn floor_div(self, step: Beat) -> i64 {
        let quickly = || Narrow::of(&self.0)?.floor_over(Narrow::of(&step.0).filter(|_| step > Beat::ZERO)?);
        quickly().unwrap_or_else(|| (self / step).floor())
    }

    /// The smallest multiple of `step` that is at or after this beat.
    /// A `step` of zero or less returns the beat itself.
    pub fn next_multiple(self, step: Beat) -> Beat {
        if step <= Beat::ZERO { self } else { step * Beat::whole((self / step).ceil()) }
    }

    /// True for zero.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Distance from zero.
    pub fn abs(self) -> Beat {
        if self < Beat::ZERO { -self } else { self }
    }

    fn saturated(value: f64) -> Beat {
        let bounded = value.clamp(-1e18, 1e18);
        Beat(Ratio::new((bounded * FALLBACK_DENOMINATOR as f64) as i128, FALLBACK_DENOMINATOR))
    }
}

impl Beat {
    /// The result of `operation` if it and both sides fit 64 bits, as nearly all do.
    #[inline]
    fn quickly(self, other: Beat, operation: impl Fn(Narrow, Narrow) -> Option<Narrow>) -> Option<Beat> {
        operation(Narrow::of(&self.0)?, Narrow::of(&other.0)?).map(|narrow| Beat(narrow.wide()))
    }
}

/// Fractions are always reduced, so equal beats have equal parts, which are compared and hashed without
/// any division.
impl PartialEq for Beat {
    fn eq(&self, other: &Beat) -> bool {
        (self.numerator(), self.denominator()) == (other.numerator(), other.denominator())
    }
}

impl Eq for Beat {}

impl Hash for Beat {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.numerator().hash(state);
        self.denominator().hash(state);
    }
}

impl Ord for Beat {
    fn cmp(&self, other: &Beat) -> Ordering {
        match (Narrow::of(&self.0), Narrow::of(&other.0)) {
            (Some(one), Some(another)) => one.compare(another),
            _ => self.0.cmp(&other.0),
        }
    }
}

impl PartialOrd for Beat {
    fn partial_cmp(&self, other: &Beat) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Add for Beat {
    type Output = Beat;
    fn add(self, other: Beat) -> Beat {
        if self.is_zero() {
            return other;
        }
        self.quickly(other, Narrow::plus)
            .or_else(|| self.0.checked_add(&other.0).map(Beat))
            .unwrap_or_else(|| Beat::saturated(self.to_f64() + other.to_f64()))
    }
}

impl Sub for Beat {
    type Output = Beat;
    fn sub(self, other: Beat) -> Beat {
        if other.is_zero() {
            return self;
        }
        self.quickly(other, |one, another| one.plus(another.negative()))
            .or_else(|| self.0.checked_sub(&other.0).map(Beat))
            .unwrap_or_else(|| Beat::saturated(self.to_f64() - other.to_f64()))
    }
}

impl Mul for Beat {
    type Output = Beat;
    fn mul(self, other: Beat) -> Beat {
        self.quickly(other, Narrow::times)
            .or_else(|| self.0.checked_mul(&other.0).map(Beat))
            .unwrap_or_else(|| Beat::saturated(self.to_f64() * other.to_f64()))
    }
}

/// Division by zero is zero: an empty span has no inside to divide.
impl Div for Beat {
    type Output = Beat;
    fn div(self, other: Beat) -> Beat {
        if other.is_zero() {
            return Beat::ZERO;
        }
        if other == Beat::ONE {
            return self;
        }
        self.quickly(other, |one, another| one.times(another.inverse()?))
            .or_else(|| self.0.checked_div(&other.0).map(Beat))
            .unwrap_or_else(|| Beat::saturated(self.to_f64() / other.to_f64()))
    }
}

/// Euclidean remainder: always in `0..step` for a positive step.
impl Rem for Beat {
    type Output = Beat;
    fn rem(self, step: Beat) -> Beat {
        self - step * Beat::whole(self.floor_div(step))
    }
}

impl Neg for Beat {
    type Output = Beat;
    fn neg(self) -> Beat {
        Beat(-self.0)
    }
}

impl AddAssign for Beat {
    fn add_assign(&mut self, other: Beat) {
        *self = *self + other;
    }
}

impl SubAssign for Beat {
    fn sub_assign(&mut self, other: Beat) {
        *self = *self - other;
    }
}

impl std::iter::Sum for Beat {
    fn sum<I: Iterator<Item = Beat>>(beats: I) -> Beat {
        beats.fold(Beat::ZERO, Add::add)
    }
}

/// `3/2`, or `3` for a whole number.
impl fmt::Display for Beat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator() == 1 {
            write!(f, "{}", self.numerator())
        } else {
            write!(f, "{}/{}", self.numerator(), self.denominator())
        }
    }
}

impl fmt::Debug for Beat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a text that is no beat gets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no number of beats: write a whole number or a fraction such as 3/2")]
pub struct BeatParseError(pub String);

impl FromStr for Beat {
    type Err = BeatParseError;

    /// Reads `3`, `-3/2`; both parts must fit 63 bits and the lower not be zero.
    fn from_str(text: &str) -> Result<Beat, BeatParseError> {
        let error = || BeatParseError(text.to_string());
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        let numerator: i64 = numerator.trim().parse().map_err(|_| error())?;
        let denominator: i64 = denominator.trim().parse().map_err(|_| error())?;
        if denominator == 0 { Err(error()) } else { Ok(Beat::new(numerator, denominator)) }
    }
}

impl Serialize for Beat {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Beat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Beat, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A stretch of musical time, `start` included, `end` not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First moment, in beats.
    pub start: Beat,
    /// First moment after it, in beats; never before `start`.
    pub end: Beat,
}

impl Span {
    /// From `start` to `end`; an `end` before `start` gives an empty span.
    pub fn new(start: Beat, end: Beat) -> Span {
        Span { start, end: end.max(start) }
    }

    /// Length in beats.
    pub fn length(self) -> Beat {
        self.end - self.start
    }

    /// True when nothing fits inside.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// True when `at` lies inside.
    pub fn contains(self, at: Beat) -> bool {
        self.start <= at && at < self.end
    }

    /// What both spans share, if it is more than a point.
    pub fn intersect(self, other: Span) -> Option<Span> {
        let shared = Span { start: self.start.max(other.start), end: self.end.min(other.end) };
        (shared.start < shared.end).then_some(shared)
    }

    /// The same length, later by `beats`.
    pub fn shift(self, beats: Beat) -> Span {
        Span { start: self.start + beats, end: self.end + beats }
    }

    /// Cuts at every multiple of `step`, so that each piece lies within one cycle.
    /// A step of zero or less returns the span whole.
    pub fn cycles(self, step: Beat) -> SmallVec<[Span; 1]> {
        // Most questions are about one bar: their only piece needs no memory of its own.
        let mut pieces = SmallVec::new();
        let mut start = self.start;
        while start < self.end {
            let next = if step <= Beat::ZERO {
                self.end
            } else {
                (step * Beat::whole(start.floor_div(step).saturating_add(1))).min(self.end)
            };
            // Beyond what a beat can tell apart there is no next cycle.
            let next = if next > start { next } else { self.end };
            pieces.push(Span { start, end: next });
            start = next;
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_fractions() {
        for (text, beat) in [("3", Beat::whole(3)), ("3/2", Beat::new(3, 2)), ("-6/4", Beat::new(-3, 2))] {
            assert_eq!(text.parse::<Beat>(), Ok(beat));
        }
        assert_eq!(Beat::new(6, 4).to_string(), "3/2");
        assert_eq!(
            "1/0".parse::<Beat>().unwrap_err().to_string(),
            "`1/0` is no number of beats: write a whole number or a fraction such as 3/2"
        );
    }

    #[test]
    fn lua_numbers_become_the_fraction_that_was_meant() {
        for (value, beat) in
            [(1.0 / 3.0, (1, 3)), (0.1, (1, 10)), (2.0 / 7.0, (2, 7)), (-1.5, (-3, 2)), (0.0, (0, 1))]
        {
            assert_eq!(Beat::approximate(value), Some(Beat::new(beat.0, beat.1)), "{value}");
        }
        assert_eq!(Beat::approximate(f64::NAN), None);
        assert_eq!(Beat::approximate(1e12), None);
    }

    #[test]
    fn the_largest_and_least_are_exact_or_near() {
        let least = Beat::whole(i64::MIN);
        let half = Beat::new(1 << 62, 3);
        for (result, exact) in [
            (least / Beat::whole(-1), (1i128 << 63, 1)),
            (least - Beat::ONE, ((i64::MIN as i128) - 1, 1)),
            (Beat::whole(1 << 32) * Beat::whole(-(1 << 31)) / Beat::whole(-1), (1i128 << 63, 1)),
            (half + half, (1i128 << 63, 3)),
            (half / Beat::new(-1, 2), (-(1i128 << 63), 3)),
        ] {
            assert_eq!((result.numerator(), result.denominator()), exact);
        }
    }

    proptest! {
        #[test]
        fn cycles_cover_the_span_without_gap(start in -50i64..50, length in 0i64..40, denominator in 1i64..7) {
            let span = Span::new(Beat::new(start, denominator), Beat::new(start + length, denominator));
            let pieces = span.cycles(Beat::new(3, 2));
            let total: Beat = pieces.iter().map(|p| p.length()).sum();
            prop_assert_eq!(total, span.length());
            prop_assert!(pieces.windows(2).all(|w| w[0].end == w[1].start));
        }

        #[test]
        fn both_widths_agree(a in any::<i64>(), b in 1i64.., c in any::<i64>(), d in 1i64.., shift in 0u32..63) {
            let (x, y) = (Beat::new(a >> shift, (b >> shift).max(1)), Beat::new(c >> shift, (d >> shift).max(1)));
            prop_assert_eq!(x.cmp(&y), x.0.cmp(&y.0));
            for (wide, result) in [
                (x.0.checked_add(&y.0), x + y),
                (x.0.checked_sub(&y.0), x - y),
                (x.0.checked_mul(&y.0), x * y),
                (x.0.checked_div(&y.0).filter(|_| !y.is_zero()), x / y),
            ] {
                if let Some(wide) = wide {
                    prop_assert_eq!(Beat(wide), result);
                    prop_assert_eq!(result, Beat(Ratio::new(result.numerator(), result.denominator())), "not reduced");
                }
            }
        }

        #[test]
        fn arithmetic_never_panics(a in any::<i64>(), b in any::<i64>(), c in any::<i64>(), d in any::<i64>()) {
            let (x, y) = (Beat::new(a, b), Beat::new(c, d));
            let all = [x + y, x - y, x * y, x / y, x * y * x * y, x % y];
            prop_assert!(all.iter().all(|beat| beat.denominator() > 0));
        }
    }
}
