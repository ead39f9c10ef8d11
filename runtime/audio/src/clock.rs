//! Clocks of the music: that of a playing device, and the silent one for machines without any.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::timeline::Timeline;

/// What tells the time of the music.
pub trait Clock: Send + Sync {
    /// Seconds of the audio timeline now. Never goes back.
    fn now(&self) -> f64;

    /// The instant at which the timeline passes `seconds`; for times long past, some past instant.
    fn instant_of(&self, seconds: f64) -> Instant;
}

/// The clock of the audio device: at the beginning of a callback it stands at the first frame that
/// the callback renders, and in between it runs on evenly. It runs on when the device goes. That of
/// a [`Speaker`](crate::Speaker) runs from the beginning; that of a
/// [`detached`](crate::detached) source stands still until the first callback.
///
/// Up to a buffer of the device after [`Clock::now`] has been rendered already: send notes no
/// earlier than [`AudioHandle::reachable_frame`](crate::AudioHandle::reachable_frame).
#[derive(Clone, Debug)]
pub struct AudioClock {
    timeline: Arc<Timeline>,
}

impl AudioClock {
    pub(crate) fn new(timeline: Arc<Timeline>) -> Self {
        AudioClock { timeline }
    }

    /// The frame nearest to a time in seconds; 0 for times before the beginning.
    #[must_use]
    pub fn frame_of(&self, seconds: f64) -> u64 {
        (seconds * self.timeline.sample_rate()).round() as u64
    }

    /// The time of a frame in seconds.
    #[must_use]
    pub fn seconds_of(&self, frame: u64) -> f64 {
        frame as f64 / self.timeline.sample_rate()
    }
}

impl Clock for AudioClock {
    fn now(&self) -> f64 {
        self.timeline.now(Instant::now())
    }

    fn instant_of(&self, seconds: f64) -> Instant {
        self.timeline.instant_of(seconds)
    }
}

/// A clock without a device: it runs from the moment it is made.
#[derive(Clone, Copy, Debug)]
pub struct SilentClock {
    origin: Instant,
    start_seconds: f64,
}

impl SilentClock {
    /// Starts at `start_seconds`, which are not negative, now.
    #[must_use]
    pub fn new(start_seconds: f64) -> Self {
        SilentClock { origin: Instant::now(), start_seconds }
    }
}

impl Clock for SilentClock {
    fn now(&self) -> f64 {
        self.start_seconds + self.origin.elapsed().as_secs_f64()
    }

    fn instant_of(&self, seconds: f64) -> Instant {
        Duration::try_from_secs_f64((seconds - self.start_seconds).max(0.0))
            .ok()
            .and_then(|d| self.origin.checked_add(d))
            .unwrap_or(self.origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silent_clock_starts_where_it_is_told_and_runs() {
        let clock = SilentClock::new(12.5);
        let first = clock.now();
        assert!(first >= 12.5);
        assert!(clock.now() >= first);
        assert_eq!(clock.instant_of(13.5), clock.origin + Duration::from_secs(1));
        assert_eq!(clock.instant_of(1.0), clock.origin);
        assert_eq!(clock.instant_of(f64::INFINITY), clock.origin);
    }

    #[test]
    fn frames_and_seconds() {
        let clock = AudioClock::new(Arc::new(Timeline::new(0, 48_000)));
        assert_eq!(clock.frame_of(1.5), 72_000);
        assert_eq!(clock.frame_of(-1.0), 0);
        assert_eq!(clock.seconds_of(24_000), 0.5);
        assert_eq!(clock.now(), 0.0);
    }
}
