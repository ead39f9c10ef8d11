//! Fractions of 64 bits: nearly all times fit, and are reckoned with many times as fast as those of 128 bits.
//!
//! Sums and products as in Knuth, "The Art of Computer Programming", volume 2, section 4.5.1: what is shared is
//! taken out before numbers are multiplied, so that they stay short and most results need no second reduction.

use std::cmp::Ordering;

use num_rational::Ratio;

/// A reduced fraction; the lower part is above 0, the upper part has a negative.
#[derive(Debug, Clone, Copy)]
pub(super) struct Narrow {
    upper: i64,
    lower: i64,
}

impl Narrow {
    /// The same as a reduced fraction of 128 bits, where it fits.
    #[inline]
    pub(super) fn of(wide: &Ratio<i128>) -> Option<Narrow> {
        let upper = i64::try_from(*wide.numer()).ok().filter(|upper| *upper != i64::MIN)?;
        let lower = i64::try_from(*wide.denom()).ok()?;
        Some(Narrow { upper, lower })
    }

    #[inline]
    pub(super) fn wide(self) -> Ratio<i128> {
        Ratio::new_raw(self.upper.into(), self.lower.into())
    }

    /// The sum, where it fits.
    #[inline]
    pub(super) fn plus(self, other: Narrow) -> Option<Narrow> {
        if self.lower == other.lower {
            let upper = self.upper.checked_add(other.upper)?;
            let shared = if self.lower == 1 { 1 } else { gcd(upper, self.lower) };
            return Some(Narrow { upper: over(upper, shared), lower: over(self.lower, shared) });
        }
        let shared = gcd(self.lower, other.lower);
        if shared == 1 {
            let upper =
                self.upper.checked_mul(other.lower)?.checked_add(other.upper.checked_mul(self.lower)?)?;
            return Some(Narrow { upper, lower: self.lower.checked_mul(other.lower)? });
        }
        let (ours, theirs) = (over(self.lower, shared), over(other.lower, shared));
        let upper = self.upper.checked_mul(theirs)?.checked_add(other.upper.checked_mul(ours)?)?;
        let left = gcd(upper, shared);
        Some(Narrow { upper: over(upper, left), lower: ours.checked_mul(over(other.lower, left))? })
    }

    /// With the other sign.
    #[inline]
    pub(super) fn negative(self) -> Narrow {
        Narrow { upper: -self.upper, ..self }
    }

    /// The product, where it fits.
    #[inline]
    pub(super) fn times(self, other: Narrow) -> Option<Narrow> {
        let (one, two) = (gcd(self.upper, other.lower), gcd(other.upper, self.lower));
        let upper = over(self.upper, one).checked_mul(over(other.upper, two))?;
        let lower = over(self.lower, two).checked_mul(over(other.lower, one))?;
        Some(Narrow { upper, lower })
    }

    /// One over it; `None` for zero.
    #[inline]
    pub(super) fn inverse(self) -> Option<Narrow> {
        match self.upper {
            0 => None,
            upper if upper > 0 => Some(Narrow { upper: self.lower, lower: upper }),
            upper => Some(Narrow { upper: -self.lower, lower: -upper }),
        }
    }

    /// The last whole number at or before it.
    #[inline]
    pub(super) fn floor(self) -> i64 {
        // The lower part is above 0, so that rounding down is Euclid's division.
        if self.lower == 1 { self.upper } else { self.upper.div_euclid(self.lower) }
    }

    /// The last whole number at or before it over `step`, which is above 0; `None` where the products are
    /// too large.
    #[inline]
    pub(super) fn floor_over(self, step: Narrow) -> Option<i64> {
        let upper = self.upper.checked_mul(step.lower)?;
        Some(upper.div_euclid(self.lower.checked_mul(step.upper)?))
    }
}

impl Narrow {
    #[inline]
    pub(super) fn compare(self, other: Narrow) -> Ordering {
        if self.lower == other.lower {
            return self.upper.cmp(&other.upper);
        }
        // Products of 64 bits fit 128, and the lower parts are above 0.
        let cross = |x: i64, y: i64| i128::from(x) * i128::from(y);
        cross(self.upper, other.lower).cmp(&cross(other.upper, self.lower))
    }
}

/// `number` over one of its divisors. Divisions are slow, and most fractions have nothing to reduce.
#[inline]
fn over(number: i64, divisor: i64) -> i64 {
    if divisor == 1 { number } else { number / divisor }
}

/// The greatest common divisor of a number that has a negative and one above 0, by Stein's algorithm (1967):
/// shifts and differences. That of zero and `lower` is `lower`.
#[inline]
fn gcd(upper: i64, lower: i64) -> i64 {
    if lower == 1 || upper == 0 {
        return lower;
    }
    let (mut one, mut two) = (upper.unsigned_abs(), lower.unsigned_abs());
    let shared = (one | two).trailing_zeros();
    one >>= one.trailing_zeros();
    two >>= two.trailing_zeros();
    // A divisor of `lower`, which is positive, fits.
    while one != two {
        if one == 1 || two == 1 {
            return (1u64 << shared) as i64;
        }
        let (less, more) = if one < two { (one, two) } else { (two, one) };
        one = less;
        two = more - less;
        two >>= two.trailing_zeros();
    }
    (one << shared) as i64
}
