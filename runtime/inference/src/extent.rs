//! How much of a piece there is.

use std::fmt;
use std::ops::{Add, AddAssign};

use lilt_score::Beat;

/// How much of a piece there is, or how far it has come, in what its medium counts: beats of music, points of a
/// drawing. Exact; particles, tilt and practice calculate with it whatever it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extent(Beat);

impl Extent {
    /// Where every piece begins.
    pub const NONE: Extent = Extent(Beat::ZERO);

    /// So many points of a drawing.
    pub fn of_points(points: usize) -> Extent {
        Extent(Beat::whole(i64::try_from(points).unwrap_or(i64::MAX)))
    }

    /// It as beats of music.
    pub fn beats(self) -> Beat {
        self.0
    }

    /// It as points of a drawing; a part of one counts as one.
    pub fn points(self) -> usize {
        usize::try_from(self.0.ceil()).unwrap_or(0)
    }

    /// So many times as much.
    pub fn times(self, count: usize) -> Extent {
        Extent(self.0 * Extent::of_points(count).0)
    }

    /// How many spans of `every`, which is above nothing, hold it: one at least.
    pub fn spans(self, every: Extent) -> usize {
        ((self.0 / every.0).to_f64().ceil() as usize).max(1)
    }

    /// The number of the span of `every` that it lies in; what lies before all is in the first.
    pub fn span(self, every: Extent) -> usize {
        (self.0 / every.0).to_f64().max(0.0) as usize
    }
}

/// So many beats of music.
impl From<Beat> for Extent {
    fn from(beats: Beat) -> Extent {
        Extent(beats)
    }
}

impl Add for Extent {
    type Output = Extent;

    fn add(self, other: Extent) -> Extent {
        Extent(self.0 + other.0)
    }
}

impl AddAssign for Extent {
    fn add_assign(&mut self, other: Extent) {
        self.0 += other.0;
    }
}

/// The number alone.
impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_hold_what_lies_in_them() {
        let every = Extent::from(Beat::new(3, 2));
        let beats = |beats: Beat| Extent::from(beats);
        for (at, span) in [(Beat::new(-1, 2), 0), (Beat::ZERO, 0), (Beat::ONE, 0), (Beat::new(3, 2), 1)] {
            assert_eq!(beats(at).span(every), span);
        }
        assert_eq!(
            [Beat::ZERO, Beat::ONE, Beat::whole(3), Beat::new(7, 2)].map(|b| beats(b).spans(every)),
            [1, 1, 2, 3]
        );
        assert_eq!(every.times(4), beats(Beat::whole(6)));
        assert_eq!(
            (Extent::of_points(7).points(), every.points(), every.to_string()),
            (7, 2, "3/2".to_owned())
        );
    }
}
