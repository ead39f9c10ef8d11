//! Which frame belongs to which instant: written by the audio callback, read by everybody.
//!
//! Callbacks come in jerks; the second-order loop of Adriaensen ("Using a DLL to filter time",
//! Linux Audio Conference 2005) makes a smooth line out of them. The line is published as a
//! sequence lock over atomics: the callback never waits, a reader tries again if it was disturbed.

use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::time::{Duration, Instant};

/// Bandwidth of the loop in hertz: slow enough to flatten the jitter of callbacks, fast enough to
/// follow a sound card's quartz.
const BANDWIDTH: f64 = 0.1;
/// While a line is younger than a few seconds the bandwidth is wider: this over its age in seconds.
const SETTLING: f64 = 0.3;
/// A callback that is off the line by more than this many seconds starts a new line.
const LOST_TRACK: f64 = 0.06;

/// A straight line from time to frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Line {
    /// Seconds since the origin of the timeline's instants.
    pub(crate) at: f64,
    /// The frame then.
    pub(crate) frame: f64,
    /// Frames a second.
    pub(crate) rate: f64,
}

/// The published line.
#[derive(Debug)]
pub(crate) struct Timeline {
    origin: Instant,
    sample_rate: f64,
    version: AtomicU64,
    at: AtomicU64,
    frame: AtomicU64,
    rate: AtomicU64,
    /// The latest time told, in nanoseconds of the audio timeline.
    latest: AtomicU64,
}

impl Timeline {
    /// Stands at `start_frame` until the first callback.
    pub(crate) fn new(start_frame: u64, sample_rate: u32) -> Self {
        let start = start_frame as f64;
        Timeline {
            origin: Instant::now(),
            sample_rate: f64::from(sample_rate),
            version: AtomicU64::new(0),
            at: AtomicU64::new(0f64.to_bits()),
            frame: AtomicU64::new(start.to_bits()),
            rate: AtomicU64::new(0f64.to_bits()),
            latest: AtomicU64::new(0),
        }
    }

    /// Runs from `start_frame` on at once.
    pub(crate) fn running(start_frame: u64, sample_rate: u32) -> Self {
        let timeline = Timeline::new(start_frame, sample_rate);
        let rate = timeline.sample_rate;
        timeline.publish(Line { at: 0.0, frame: start_frame as f64, rate });
        timeline
    }

    pub(crate) fn sample_rate(&self) -> f64 {
        self.sample_rate
    }

    /// Seconds since the origin.
    pub(crate) fn seconds_at(&self, instant: Instant) -> f64 {
        instant.saturating_duration_since(self.origin).as_secs_f64()
    }

    /// To be called by one thread at a time.
    pub(crate) fn publish(&self, line: Line) {
        let version = self.version.load(Ordering::Relaxed);
        self.version.store(version + 1, Ordering::Relaxed);
        fence(Ordering::Release);
        self.at.store(line.at.to_bits(), Ordering::Relaxed);
        self.frame.store(line.frame.to_bits(), Ordering::Relaxed);
        self.rate.store(line.rate.to_bits(), Ordering::Relaxed);
        self.version.store(version + 2, Ordering::Release);
    }

    pub(crate) fn line(&self) -> Line {
        loop {
            let before = self.version.load(Ordering::Acquire);
            let line = Line {
                at: f64::from_bits(self.at.load(Ordering::Relaxed)),
                frame: f64::from_bits(self.frame.load(Ordering::Relaxed)),
                rate: f64::from_bits(self.rate.load(Ordering::Relaxed)),
            };
            fence(Ordering::Acquire);
            if before.is_multiple_of(2) && self.version.load(Ordering::Relaxed) == before {
                return line;
            }
            std::hint::spin_loop();
        }
    }

    /// Whether a callback has set the line going.
    pub(crate) fn runs(&self) -> bool {
        self.line().rate > 0.0
    }

    /// The frame at an instant, by the line alone.
    pub(crate) fn frame_at(&self, instant: Instant) -> f64 {
        self.frame_after(self.seconds_at(instant))
    }

    /// The frame at so many seconds after the origin, by the line alone.
    pub(crate) fn frame_after(&self, at: f64) -> f64 {
        let line = self.line();
        line.frame + (at - line.at) * line.rate
    }

    /// Seconds of the audio timeline at an instant; never less than what was told before.
    pub(crate) fn now(&self, instant: Instant) -> f64 {
        let seconds = (self.frame_at(instant) / self.sample_rate).max(0.0);
        let nanoseconds = (seconds * 1e9) as u64;
        let latest = self.latest.fetch_max(nanoseconds, Ordering::Relaxed);
        latest.max(nanoseconds) as f64 / 1e9
    }

    /// The instant at which the line passes `seconds` of the audio timeline.
    pub(crate) fn instant_of(&self, seconds: f64) -> Instant {
        let line = self.line();
        let rate = if line.rate > 0.0 { line.rate } else { self.sample_rate };
        let after = line.at + (seconds * self.sample_rate - line.frame) / rate;
        // Before the origin nothing can be waited for anyway.
        Duration::try_from_secs_f64(after.max(0.0))
            .ok()
            .and_then(|d| self.origin.checked_add(d))
            .unwrap_or(self.origin)
    }
}

/// The loop itself, owned by the callback.
#[derive(Debug)]
pub(crate) struct Follower {
    nominal: f64,
    line: Option<Line>,
    /// When the line started, in seconds.
    start: f64,
}

impl Follower {
    pub(crate) fn new(sample_rate: u32) -> Self {
        Follower { nominal: f64::from(sample_rate), line: None, start: 0.0 }
    }

    /// Takes in that a callback began at `at` seconds with `frame` to be rendered next. Gives the
    /// new line, and whether the callback was so far off that the line starts anew.
    pub(crate) fn callback(&mut self, at: f64, frame: f64) -> (Line, bool) {
        let fresh = Line { at, frame, rate: self.nominal };
        let (line, anew) = match self.line {
            None => {
                self.start = at;
                (fresh, false)
            }
            Some(line) => {
                let period = (at - line.at).max(0.0);
                let predicted = line.frame + period * line.rate;
                let error = frame - predicted;
                if error.abs() > LOST_TRACK * self.nominal {
                    self.start = at;
                    (fresh, true)
                } else {
                    // Critically damped for a loop of this bandwidth, and stable for any period.
                    let bandwidth = BANDWIDTH.max(SETTLING / (at - self.start).max(0.1));
                    let omega = (std::f64::consts::TAU * bandwidth * period).min(0.5);
                    let rate =
                        if period > 0.0 { line.rate + error * omega * omega / period } else { line.rate };
                    // No quartz is off by more than half a percent.
                    let rate = rate.clamp(0.995 * self.nominal, 1.005 * self.nominal);
                    let frame = predicted + std::f64::consts::SQRT_2 * omega * error;
                    (Line { at, frame, rate }, false)
                }
            }
        };
        self.line = Some(line);
        (line, anew)
    }

    /// Seconds for which the callbacks have been on one line.
    pub(crate) fn age(&self, at: f64) -> f64 {
        if self.line.is_some() { at - self.start } else { 0.0 }
    }

    /// Counts frames from elsewhere: every frame is `frames` further on. Gives the line so counted.
    pub(crate) fn shift(&mut self, frames: f64) -> Line {
        let line = self.line.unwrap_or(Line { at: self.start, frame: 0.0, rate: self.nominal });
        let line = Line { frame: line.frame + frames, ..line };
        self.line = Some(line);
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Callbacks late by up to 3 ms come out as a line that is straight within 0.6 ms once
        /// the loop has settled.
        #[test]
        fn jerks_become_a_line(late in proptest::collection::vec(0.0f64..0.003, 3000)) {
            let mut follower = Follower::new(48_000);
            let mut worst = 0.0f64;
            let mean = 0.0015;
            for (n, late) in late.iter().enumerate() {
                let frame = n as f64 * 512.0;
                let (line, anew) = follower.callback(frame / 48_000.0 + late, frame);
                prop_assert!(!anew);
                if n > 1500 {
                    let exact = (line.at - mean) * 48_000.0;
                    worst = worst.max((line.frame - exact).abs() / 48_000.0);
                }
            }
            prop_assert!(worst < 0.0006, "{} ms", worst * 1e3);
        }

        #[test]
        fn time_never_goes_back(steps in proptest::collection::vec((0.0f64..0.05, 0u64..4000), 1..50)) {
            let timeline = Timeline::new(0, 48_000);
            let mut follower = Follower::new(48_000);
            let (mut at, mut frame, mut last) = (0.0, 0, 0.0);
            for (later, frames) in steps {
                at += later;
                frame += frames;
                timeline.publish(follower.callback(at, frame as f64).0);
                let now = timeline.now(timeline.origin + Duration::from_secs_f64(at));
                prop_assert!(now >= last);
                last = now;
            }
        }
    }

    #[test]
    fn a_running_timeline_needs_no_callback() {
        let timeline = Timeline::running(48_000, 48_000);
        assert!(timeline.runs());
        assert_eq!(timeline.now(timeline.origin + Duration::from_millis(1500)), 2.5);
    }

    #[test]
    fn a_shift_moves_frames_and_keeps_time() {
        let mut follower = Follower::new(48_000);
        follower.callback(1.0, 0.0);
        assert_eq!(follower.shift(500.0), Line { at: 1.0, frame: 500.0, rate: 48_000.0 });
        let (line, anew) = follower.callback(1.5, 24_500.0);
        assert!(!anew);
        assert_eq!(line, Line { at: 1.5, frame: 24_500.0, rate: 48_000.0 });
        assert_eq!(follower.age(1.75), 0.75);
    }

    #[test]
    fn instants_and_seconds_are_each_others_inverse() {
        let timeline = Timeline::new(48_000, 48_000);
        assert!(!timeline.runs());
        timeline.publish(Line { at: 2.0, frame: 96_000.0, rate: 48_010.0 });
        for seconds in [2.0, 2.5, 60.0] {
            let instant = timeline.instant_of(seconds);
            let back = timeline.frame_at(instant) / 48_000.0;
            assert!((back - seconds).abs() < 1e-6, "{seconds} came back as {back}");
        }
    }

    #[test]
    fn a_gap_starts_a_new_line() {
        let mut follower = Follower::new(48_000);
        follower.callback(0.0, 0.0);
        let (line, anew) = follower.callback(1.0, 1024.0);
        assert!(anew);
        assert_eq!(line, Line { at: 1.0, frame: 1024.0, rate: 48_000.0 });
    }

    #[test]
    fn readers_never_see_half_a_line() {
        let timeline = Timeline::new(0, 48_000);
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for n in 0..200_000 {
                    let x = f64::from(n);
                    timeline.publish(Line { at: x, frame: x, rate: x });
                }
            });
            while !writer.is_finished() {
                let line = timeline.line();
                assert_eq!((line.at, line.frame), (line.frame, line.rate));
            }
        });
    }
}
