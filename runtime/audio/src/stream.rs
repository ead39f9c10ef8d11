//! One opened device as its two sides see it: the callback that plays, and the keeper that watches.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use crossbeam::queue::ArrayQueue;
use lilt_synth::Mixer;

use crate::timeline::Timeline;

/// What the callback of one device shares with the keeper of the mixer.
///
/// The mixer sits in the `seat`. For each block the callback takes it out, renders, and puts it
/// back, so that the keeper can take it at any other moment: also when the device hangs and never
/// calls back. Whoever holds the mixer, and nobody else, takes commands out of the queue, sets the
/// timeline and writes the figures.
#[derive(Debug)]
pub(crate) struct Stream {
    seat: ArrayQueue<Box<Mixer>>,
    /// Nanoseconds from the timeline's origin to the last callback, or to when it was open.
    last_callback: AtomicU64,
    /// Frames of the longest callback of late; 0 before the first has passed.
    longest: AtomicU64,
    /// Callbacks come regularly: the mixer may come.
    steady: AtomicBool,
    lost: AtomicBool,
}

impl Stream {
    /// A stream that begins `now`.
    pub(crate) fn new(timeline: &Timeline, now: Instant) -> Self {
        let stream = Stream {
            seat: ArrayQueue::new(1),
            last_callback: AtomicU64::new(0),
            longest: AtomicU64::new(0),
            steady: AtomicBool::new(false),
            lost: AtomicBool::new(false),
        };
        stream.called_back(timeline.seconds_at(now), 0);
        stream
    }

    /// Takes the mixer, where it is there and nobody holds it.
    pub(crate) fn take(&self) -> Option<Box<Mixer>> {
        self.seat.pop()
    }

    /// Puts the mixer in its seat. There is only one, so there is room.
    pub(crate) fn seat(&self, mixer: Box<Mixer>) {
        let returned = self.seat.push(mixer);
        debug_assert!(returned.is_ok(), "there are two mixers");
    }

    /// A callback began at so many seconds after the timeline's origin, and the longest of late
    /// took `longest` frames.
    pub(crate) fn called_back(&self, at: f64, longest: u64) {
        self.last_callback.store((at * 1e9) as u64, Ordering::Relaxed);
        self.longest.store(longest, Ordering::Relaxed);
    }

    /// Frames of the longest callback of late, whether it had the mixer or not.
    pub(crate) fn longest(&self) -> u64 {
        self.longest.load(Ordering::Relaxed)
    }

    /// Seconds since the last callback, or since the opening.
    pub(crate) fn quiet_for(&self, timeline: &Timeline, now: Instant) -> f64 {
        timeline.seconds_at(now) - self.last_callback.load(Ordering::Relaxed) as f64 / 1e9
    }

    pub(crate) fn steady(&self) -> bool {
        self.steady.load(Ordering::Relaxed)
    }

    pub(crate) fn set_steady(&self) {
        self.steady.store(true, Ordering::Relaxed);
    }

    /// Whether the system says that the device has gone.
    pub(crate) fn lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    pub(crate) fn set_lost(&self) {
        self.lost.store(true, Ordering::Relaxed);
    }
}
