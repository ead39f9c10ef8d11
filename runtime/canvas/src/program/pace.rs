//! How often the window is drawn: as often as frames come, but no more than leaves the machine to the music.

use std::time::Duration;

/// Pictures a second where drawing costs little: as often as frames come.
const FASTEST: f64 = 30.0;
/// Pictures a second at least.
const SLOWEST: f64 = 4.0;
/// Looks a second for something new while nothing changes.
const IDLE: f64 = 10.0;
/// How much of a core drawing may take.
const SHARE: f64 = 0.45;
/// How long is measured before the rate changes.
const WINDOW: Duration = Duration::from_millis(800);

/// The rate of a window. It reads no clock: whoever draws says how much time passed, and how much of the
/// processor's the program used.
#[derive(Debug, Clone)]
pub struct Pace {
    rate: f64,
    measured: Duration,
    used: Duration,
    busy: bool,
}

impl Default for Pace {
    fn default() -> Pace {
        Pace { rate: FASTEST, measured: Duration::ZERO, used: Duration::ZERO, busy: false }
    }
}

impl Pace {
    /// A tick of the window: `passed` since the last one, in which the program used `used` of a processor;
    /// `busy` where there was something to draw. Gives how many ticks a second there are to be, where that changes.
    pub fn tick(&mut self, passed: Duration, used: Duration, busy: bool) -> Option<f64> {
        let before = self.ticks();
        self.busy = busy;
        if busy {
            self.measured += passed;
            self.used += used;
        }
        if self.measured >= WINDOW {
            let share = self.used.as_secs_f64() / self.measured.as_secs_f64();
            // Slower at once, faster step by step: what is drawn next may cost more.
            let factor = (SHARE / share.max(1e-3)).clamp(0.3, 1.25);
            self.rate = (self.rate * factor).clamp(SLOWEST, FASTEST);
            (self.measured, self.used) = (Duration::ZERO, Duration::ZERO);
        }
        let now = self.ticks();
        ((now - before).abs() > 0.5).then_some(now)
    }

    /// Ticks a second.
    pub fn ticks(&self) -> f64 {
        if self.busy { self.rate } else { self.rate.min(IDLE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rate after some seconds on a machine where a picture costs so much of a core's time.
    fn settled(cost: f64) -> (f64, f64) {
        let mut pace = Pace::default();
        for _ in 0..400 {
            let passed = Duration::from_secs_f64(1.0 / pace.ticks());
            pace.tick(passed, Duration::from_secs_f64(cost), true);
        }
        (pace.ticks(), pace.ticks() * cost)
    }

    #[test]
    fn drawing_takes_at_most_half_a_core_and_is_fast_where_it_is_cheap() {
        for cost in [0.001, 0.01] {
            assert_eq!(settled(cost).0, FASTEST, "{cost}");
        }
        for cost in [0.03, 0.05, 0.1] {
            let (rate, share) = settled(cost);
            assert!(share < 0.57 && rate >= SLOWEST, "{cost}: {rate} a second, {share} of a core");
        }
        assert_eq!(settled(2.0).0, SLOWEST);
    }

    #[test]
    fn nothing_new_is_looked_for_less_often() {
        let mut pace = Pace::default();
        let tick = Duration::from_millis(33);
        assert_eq!(pace.tick(tick, Duration::ZERO, true), Some(FASTEST));
        assert_eq!(pace.tick(tick, Duration::ZERO, false), Some(IDLE));
        assert_eq!(pace.tick(tick, Duration::ZERO, false), None);
        assert_eq!(pace.tick(tick, Duration::ZERO, true), Some(FASTEST));
    }
}
