//! How often something may happen: a bucket that fills at a steady rate and is emptied by what happens.

use std::time::Instant;

/// So many at once, and so many a second in the long run.
#[derive(Debug, Clone)]
pub struct Rate {
    per_second: f64,
    most: f64,
    left: f64,
    looked: Instant,
}

impl Rate {
    /// `most` at once, `per_second` in the long run; full at `now`.
    pub fn new(per_second: f64, most: f64, now: Instant) -> Rate {
        Rate { per_second, most, left: most, looked: now }
    }

    /// Takes one out; false when there is none.
    pub fn take(&mut self, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.looked).as_secs_f64();
        self.looked = now;
        self.left = (self.left + passed * self.per_second).min(self.most);
        let is_there = self.left >= 1.0;
        self.left -= f64::from(u8::from(is_there));
        is_there
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn so_many_at_once_and_so_many_a_second() {
        let begin = Instant::now();
        let mut rate = Rate::new(10.0, 3.0, begin);
        let mut granted = |milliseconds| rate.take(begin + Duration::from_millis(milliseconds));
        let table = [
            (0, true),
            (0, true),
            (0, true),
            (0, false),
            (90, false),
            (110, true),
            (110, false),
            (10_000, true),
            (10_000, true),
            (10_000, true),
            (10_000, false),
            // A clock that goes back gives nothing.
            (9_000, false),
        ];
        for (at, expected) in table {
            assert_eq!(granted(at), expected, "after {at} ms");
        }
    }
}
