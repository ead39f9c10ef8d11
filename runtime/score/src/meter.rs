//! Metre: how many beats a bar has, and how they are counted.

use std::fmt;
use std::str::FromStr;

use crate::Beat;

/// A time signature. A beat is always a quarter note, so a bar of 6/8 has
/// three beats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Meter {
    count: u8,
    unit: u8,
}

/// What a text that is no metre gets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no metre: write a count from 1 to 32 and a unit of 1, 2, 4, 8 or 16, as in 4/4 or 6/8")]
pub struct MeterParseError(pub String);

impl Meter {
    /// 4/4, what a script has when it says nothing.
    pub const COMMON: Meter = Meter { count: 4, unit: 4 };

    /// `count` notes of `1/unit` a bar, or `None` when out of range.
    pub fn new(count: u8, unit: u8) -> Option<Meter> {
        let unit_ok = matches!(unit, 1 | 2 | 4 | 8 | 16);
        ((1..=32).contains(&count) && unit_ok).then_some(Meter { count, unit })
    }

    /// Upper number.
    pub fn count(self) -> u8 {
        self.count
    }

    /// Lower number.
    pub fn unit(self) -> u8 {
        self.unit
    }

    /// Length of a bar in beats.
    pub fn bar(self) -> Beat {
        Beat::new(4 * i64::from(self.count), i64::from(self.unit))
    }
}

impl Default for Meter {
    fn default() -> Meter {
        Meter::COMMON
    }
}

impl FromStr for Meter {
    type Err = MeterParseError;

    fn from_str(text: &str) -> Result<Meter, MeterParseError> {
        text.split_once('/')
            .and_then(|(count, unit)| Meter::new(count.trim().parse().ok()?, unit.trim().parse().ok()?))
            .ok_or_else(|| MeterParseError(text.to_string()))
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, self.unit)
    }
}
