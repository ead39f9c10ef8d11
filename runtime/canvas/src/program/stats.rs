//! How the window keeps up, in a line a second.

use std::time::Duration;

/// How long is counted before it is told.
const SECOND: Duration = Duration::from_secs(1);

/// Counts pictures and frames. It reads no clock: whoever draws says how much time passed.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    passed: Duration,
    used: Duration,
    pictures: u32,
    shown: u32,
    /// Frames that had come when counting began.
    came: u64,
    line: Option<String>,
}

impl Stats {
    /// A picture: `passed` since the last one, in which the program used `used` of a processor; `came` frames have
    /// come since the window opened, of which this one shows a new one or not. True when there is a new line.
    pub fn tick(&mut self, passed: Duration, used: Duration, came: u64, shows: bool) -> bool {
        self.passed += passed;
        self.used += used;
        self.pictures += 1;
        self.shown += u32::from(shows);
        if self.passed < SECOND {
            return false;
        }
        let seconds = self.passed.as_secs_f64();
        let came_now = came.saturating_sub(self.came);
        self.line = Some(format!(
            "{:.1} pictures a second · {:.0} % of a core · {} of {came_now} frames left out",
            f64::from(self.pictures) / seconds,
            100.0 * self.used.as_secs_f64() / seconds,
            came_now.saturating_sub(u64::from(self.shown)),
        ));
        *self = Stats { came, line: self.line.take(), ..Stats::default() };
        true
    }

    /// What was counted in the last second, once there was one.
    pub fn line(&self) -> Option<&str> {
        self.line.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_is_told_when_it_is_over() {
        let mut stats = Stats::default();
        let (passed, used) = (Duration::from_millis(50), Duration::from_millis(20));
        assert_eq!(stats.line(), None);
        // Thirty frames a second come, and twenty pictures are drawn, each of a new one.
        let told: Vec<u64> = (1..=60).filter(|n| stats.tick(passed, used, n * 3 / 2, true)).collect();
        assert_eq!(told, [20, 40, 60]);
        let want = "20.0 pictures a second · 40 % of a core · 10 of 30 frames left out";
        assert_eq!(stats.line(), Some(want));
        for _ in 0..20 {
            stats.tick(passed, Duration::ZERO, 90, false);
        }
        assert_eq!(stats.line(), Some("20.0 pictures a second · 0 % of a core · 0 of 0 frames left out"));
    }
}
