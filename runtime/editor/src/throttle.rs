//! How often an editor is told what plays: ten times a second at most, and at each change at once.

use std::time::{Duration, Instant};

use crate::protocol::Status;

/// The shortest time between two statuses that differ only in where the playhead is.
pub const STATUS_INTERVAL: Duration = Duration::from_millis(100);

/// Passes on the statuses that an editor is to see.
#[derive(Debug, Default)]
pub struct StatusThrottle {
    sent: Option<(Instant, Status)>,
    held: Option<Status>,
}

impl StatusThrottle {
    /// Nothing was sent yet: the first status passes.
    pub fn new() -> StatusThrottle {
        StatusThrottle::default()
    }

    /// A status came from the host. It is given back when it is to be sent now, and held otherwise.
    pub fn offer(&mut self, status: Status, now: Instant) -> Option<Status> {
        let at_once = match &self.sent {
            None => true,
            Some((at, last)) => {
                now.saturating_duration_since(*at) >= STATUS_INTERVAL || last.differs_in_substance(&status)
            }
        };
        if at_once {
            self.held = None;
            self.sent = Some((now, status.clone()));
            Some(status)
        } else {
            self.held = Some(status);
            None
        }
    }

    /// The held status, when its time has come.
    pub fn due(&mut self, now: Instant) -> Option<Status> {
        if self.wait(now)? > Duration::ZERO {
            return None;
        }
        let status = self.held.take()?;
        self.sent = Some((now, status.clone()));
        Some(status)
    }

    /// How long to sleep until [`StatusThrottle::due`] gives something; nothing when nothing is held.
    pub fn wait(&self, now: Instant) -> Option<Duration> {
        self.held.as_ref()?;
        let (at, _) = self.sent.as_ref()?;
        Some(STATUS_INTERVAL.saturating_sub(now.saturating_duration_since(*at)))
    }

    /// The last status that was offered, sent or not.
    pub fn latest(&self) -> Option<&Status> {
        self.held.as_ref().or(self.sent.as_ref().map(|(_, status)| status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at_beat(beat: f64) -> Status {
        Status { beat, ..Status::default() }
    }

    #[test]
    fn beats_wait_and_changes_do_not() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut throttle = StatusThrottle::new();
        assert_eq!(throttle.offer(at_beat(0.0), at(0)), Some(at_beat(0.0)));
        assert_eq!(throttle.offer(at_beat(1.0), at(20)), None);
        assert_eq!(throttle.offer(at_beat(2.0), at(40)), None);
        assert_eq!(throttle.wait(at(40)), Some(Duration::from_millis(60)));
        assert_eq!(throttle.due(at(99)), None);
        assert_eq!(throttle.due(at(100)), Some(at_beat(2.0)));
        assert_eq!(throttle.wait(at(100)), None);
        let changed = Status { generation: 1, ..at_beat(3.0) };
        assert_eq!(throttle.offer(changed.clone(), at(101)), Some(changed));
        assert_eq!(throttle.due(at(500)), None);
    }

    proptest! {
        #[test]
        fn a_moving_playhead_is_told_ten_times_a_second_at_most(gaps in proptest::collection::vec(0u64..70, 1..200)) {
            let start = Instant::now();
            let mut now = start;
            let mut throttle = StatusThrottle::new();
            let mut sent = Vec::new();
            for (index, gap) in gaps.iter().enumerate() {
                now += Duration::from_millis(*gap);
                sent.extend(throttle.due(now).map(|_| now));
                sent.extend(throttle.offer(at_beat(index as f64), now).map(|_| now));
            }
            prop_assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= STATUS_INTERVAL));
            let last = throttle.latest().expect("statuses were offered").beat;
            prop_assert_eq!(last, (gaps.len() - 1) as f64);
        }
    }
}
