//! The time that a pattern of text is played in: exact, however finely a text divides its bar.
//!
//! Two kinds of numbers. A beat ([`Beat`]) holds fractions of 128 bits and is copied; nearly every text gets
//! along with it, and [`super::bounds`] tells when the text is read: the logarithms of the numerators and
//! denominators that meet along the deepest way into the tree add up to at most 40 bits, so that a product of
//! three such fractions (a step's place, where the question begins, the cycle's number) still fits. A text
//! beyond that is played in fractions of whole numbers without bounds ([`Fine`]), ten to twenty times as slowly.
//!
//! What leaves the mini-notation is in beats again. [`Time::beat`] keeps a fraction whose denominator is at most
//! 2⁶², and moves any other one up to the next multiple of 2⁻⁴⁸ of a cycle: 7 femtoseconds of a bar of two
//! seconds, where a sample lasts 20 microseconds. It keeps the order of times and leaves every moment that a
//! question can name where it is or later, so that an event is found in exactly one of the questions that a
//! span is cut into, and only events shorter than that are lost.

use num_bigint::BigInt;
use num_rational::Ratio;
use num_traits::{Signed, ToPrimitive, Zero};

use crate::random::{Seed, noise_at};
use crate::{Beat, Span};

/// A moment or a length, exact.
pub(super) trait Time: Clone + Ord {
    /// The same as a beat.
    fn of(beat: Beat) -> Self;

    fn plus(&self, other: &Self) -> Self;
    fn minus(&self, other: &Self) -> Self;
    fn times(&self, other: &Self) -> Self;
    /// Divided by `other`, which is not zero.
    fn over(&self, other: &Self) -> Self;
    /// The last whole number at or before this one.
    fn floor(&self) -> Self;
    fn is_zero(&self) -> bool;
    /// Whether it has no fraction.
    fn is_whole(&self) -> bool;

    /// Without its fraction; 0 beyond what fits.
    fn to_i32(&self) -> i32;

    /// A number in `0.0..1.0` that depends on the seed and this moment only.
    fn noise(&self, seed: Seed) -> f64;

    /// As a beat; see [the module](self).
    fn beat(&self) -> Beat;

    /// As a reduced fraction.
    fn written(&self) -> String;
}

impl Time for Beat {
    fn of(beat: Beat) -> Beat {
        beat
    }

    fn plus(&self, other: &Beat) -> Beat {
        *self + *other
    }

    fn minus(&self, other: &Beat) -> Beat {
        *self - *other
    }

    fn times(&self, other: &Beat) -> Beat {
        *self * *other
    }

    fn over(&self, other: &Beat) -> Beat {
        *self / *other
    }

    fn floor(&self) -> Beat {
        Beat::whole(Beat::floor(*self))
    }

    fn is_zero(&self) -> bool {
        Beat::is_zero(*self)
    }

    fn is_whole(&self) -> bool {
        self.denominator() == 1
    }

    fn to_i32(&self) -> i32 {
        (self.numerator() / self.denominator()).to_i32().unwrap_or(0)
    }

    fn noise(&self, seed: Seed) -> f64 {
        noise_at(seed, *self)
    }

    fn beat(&self) -> Beat {
        *self
    }

    fn written(&self) -> String {
        self.to_string()
    }
}

/// A fraction of whole numbers of any size.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fine(Ratio<BigInt>);

/// Bits of the grid that a fraction which is no beat is moved to.
const GRID_BITS: u32 = 48;
/// Largest denominator of a beat that leaves the mini-notation, in bits.
const BEAT_BITS: u64 = 62;

impl Time for Fine {
    fn of(beat: Beat) -> Fine {
        Fine(Ratio::new_raw(beat.numerator().into(), beat.denominator().into()))
    }

    fn plus(&self, other: &Fine) -> Fine {
        Fine(&self.0 + &other.0)
    }

    fn minus(&self, other: &Fine) -> Fine {
        Fine(&self.0 - &other.0)
    }

    fn times(&self, other: &Fine) -> Fine {
        Fine(&self.0 * &other.0)
    }

    fn over(&self, other: &Fine) -> Fine {
        if other.0.is_zero() { Fine::of(Beat::ZERO) } else { Fine(&self.0 / &other.0) }
    }

    fn floor(&self) -> Fine {
        Fine(self.0.floor())
    }

    fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    fn is_whole(&self) -> bool {
        self.0.is_integer()
    }

    fn to_i32(&self) -> i32 {
        self.0.to_integer().to_i32().unwrap_or(0)
    }

    fn noise(&self, seed: Seed) -> f64 {
        match self.exact() {
            Some(beat) => noise_at(seed, beat),
            None => {
                let parts = [self.0.numer(), self.0.denom()];
                let signed = seed.child_number(u64::from(self.0.is_negative()));
                let digits = parts.into_iter().flat_map(|part| part.magnitude().iter_u64_digits());
                digits.fold(signed, Seed::child_number).unit()
            }
        }
    }

    fn beat(&self) -> Beat {
        self.exact().filter(|_| self.0.denom().bits() <= BEAT_BITS).unwrap_or_else(|| {
            let grid = BigInt::from(1u64 << GRID_BITS);
            let up = (&self.0 * &grid).ceil().to_integer();
            let whole = i64::try_from(&up / &grid).unwrap_or(i64::MAX);
            let rest = i64::try_from(&up % &grid).unwrap_or(0);
            Beat::whole(whole) + Beat::new(rest, 1 << GRID_BITS)
        })
    }

    fn written(&self) -> String {
        self.0.to_string()
    }
}

impl Fine {
    /// The same as a beat, where it fits.
    fn exact(&self) -> Option<Beat> {
        let (numerator, denominator) = (self.0.numer().to_i64()?, self.0.denom().to_i64()?);
        Some(Beat::new(numerator, denominator))
    }
}

/// A stretch of time, `start` included, `end` not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Window<T> {
    pub(super) start: T,
    pub(super) end: T,
}

impl<T: Time> Window<T> {
    pub(super) fn of(span: Span) -> Window<T> {
        Window { start: T::of(span.start), end: T::of(span.end) }
    }

    pub(super) fn map(&self, time: impl Fn(&T) -> T) -> Window<T> {
        Window { start: time(&self.start), end: time(&self.end) }
    }

    /// What both share, if it is more than a point.
    pub(super) fn intersect(&self, other: &Window<T>) -> Option<Window<T>> {
        let start = if self.start < other.start { &other.start } else { &self.start };
        let end = if self.end < other.end { &self.end } else { &other.end };
        (start < end).then(|| Window { start: start.clone(), end: end.clone() })
    }

    /// Calls `each` with every cycle's beginning and what of the window lies in it.
    pub(super) fn cycles(&self, mut each: impl FnMut(&T, Window<T>)) {
        let mut start = self.start.clone();
        while start < self.end {
            let cycle = start.floor();
            let next = cycle.plus(&T::of(Beat::ONE));
            // Beyond what a beat can tell apart there is no next cycle.
            let end = if next > start && next < self.end { next } else { self.end.clone() };
            each(&cycle, Window { start, end: end.clone() });
            start = end;
        }
    }
}
