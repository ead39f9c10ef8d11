//! How long to wait before trying again what keeps failing.

use std::time::Duration;

/// The first wait.
const FIRST: Duration = Duration::from_millis(250);
/// The longest wait: a performer who repairs what was wrong waits no longer than this.
const LONGEST: Duration = Duration::from_secs(15);

/// Waits that double from a quarter of a second to fifteen seconds.
#[derive(Debug, Clone, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Nothing has failed yet.
    pub fn new() -> Backoff {
        Backoff::default()
    }

    /// It failed: how long to wait before the next try.
    pub fn failed(&mut self) -> Duration {
        let wait = FIRST.saturating_mul(2u32.saturating_pow(self.failures)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        wait
    }

    /// It worked: the next failure waits shortly again.
    pub fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// Whether it failed since it last worked.
    pub fn is_failing(&self) -> bool {
        self.failures > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let mut backoff = Backoff::new();
        let waits: Vec<u128> = (0..9).map(|_| backoff.failed().as_millis()).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
        assert!(backoff.is_failing());
        backoff.succeeded();
        assert_eq!((backoff.is_failing(), backoff.failed()), (false, FIRST));
        let mut forever = Backoff { failures: u32::MAX };
        assert_eq!(forever.failed(), LONGEST);
    }
}
