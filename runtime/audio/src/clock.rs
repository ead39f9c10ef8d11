//! The clock of the music.

use std::sync::Arc;
use std::time::Instant;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_and_seconds() {
        let clock = AudioClock::new(Arc::new(Timeline::new(0, 48_000)));
        assert_eq!(clock.frame_of(1.5), 72_000);
        assert_eq!(clock.frame_of(-1.0), 0);
        assert_eq!(clock.seconds_of(24_000), 0.5);
        assert_eq!(clock.now(), 0.0);
    }
}
