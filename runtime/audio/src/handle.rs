//! The control side: sends commands to the callback, and reads how it is doing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use crossbeam::queue::ArrayQueue;
use lilt_synth::{Command, Meters, MixerConfig};

use crate::clock::AudioClock;
use crate::timeline::Timeline;

/// Seconds without a callback after which a device counts as lost: longer than any buffer.
const STALL: f64 = 3.0;

/// What the two sides share. Everything in it is free of locks.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) commands: ArrayQueue<Command>,
    pub(crate) timeline: Arc<Timeline>,
    pub(crate) frame: AtomicU64,
    /// Nanoseconds from the timeline's origin to the last callback.
    pub(crate) last_callback: AtomicU64,
    /// Frames of the longest callback of late.
    pub(crate) buffer_frames: AtomicU64,
    pub(crate) dropouts: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) lost: AtomicBool,
    late: AtomicU64,
    stolen: AtomicU64,
    active: AtomicU64,
    master: [AtomicU32; 2],
    limiter_gain: AtomicU32,
    slots: Vec<AtomicU32>,
}

impl Shared {
    pub(crate) fn new(config: &MixerConfig) -> Self {
        let zero = || AtomicU32::new(0f32.to_bits());
        Shared {
            commands: ArrayQueue::new(config.commands.max(1)),
            timeline: Arc::new(Timeline::new(config.start_frame, config.sample_rate)),
            frame: AtomicU64::new(config.start_frame),
            last_callback: AtomicU64::new(0),
            buffer_frames: AtomicU64::new(0),
            dropouts: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            lost: AtomicBool::new(false),
            late: AtomicU64::new(0),
            stolen: AtomicU64::new(0),
            active: AtomicU64::new(0),
            master: [zero(), zero()],
            limiter_gain: AtomicU32::new(1f32.to_bits()),
            slots: (0..config.slots).map(|_| zero()).collect(),
        }
    }

    /// True when a stream that played has asked for no sound for [`STALL`].
    pub(crate) fn stalled(&self, now: Instant) -> bool {
        let last = self.last_callback.load(Ordering::Relaxed) as f64 / 1e9;
        last > 0.0 && self.timeline.seconds_at(now) - last > STALL
    }

    /// A stream begins: until its first callback it has time to start.
    pub(crate) fn begin(&self, now: Instant) {
        let at = self.timeline.seconds_at(now);
        self.last_callback.store((at * 1e9) as u64, Ordering::Relaxed);
        self.lost.store(false, Ordering::Relaxed);
    }

    pub(crate) fn take_meters(&self, meters: &Meters) {
        let put = |cell: &AtomicU32, x: f32| cell.store(x.to_bits(), Ordering::Relaxed);
        self.late.store(meters.late_commands, Ordering::Relaxed);
        self.stolen.store(meters.stolen_voices, Ordering::Relaxed);
        self.active.store(meters.active_voices as u64, Ordering::Relaxed);
        put(&self.master[0], meters.master[0]);
        put(&self.master[1], meters.master[1]);
        put(&self.limiter_gain, meters.limiter_gain);
        for (cell, peak) in self.slots.iter().zip(&meters.slots) {
            put(cell, *peak);
        }
    }
}

/// As many commands wait for the callback as the mixer was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{capacity} sound commands wait for the sound device: it does not keep up, or is lost")]
pub struct QueueFull {
    /// How many can wait.
    pub capacity: usize,
}

/// How the playing goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AudioStatus {
    /// Frames of the timeline rendered so far, the start frame included.
    pub frame: u64,
    /// Seconds from opening to the last callback.
    pub last_callback: f64,
    /// Length of the device's callbacks in seconds; 0 before the first has passed.
    pub buffer_seconds: f64,
    /// How often the device ran out of sound, or time went on without it.
    pub dropouts: u64,
    /// Commands carried out after their frame.
    pub late_commands: u64,
    /// Commands that the mixer did not take.
    pub refused_commands: u64,
    /// Voices that sound.
    pub active_voices: u64,
    /// Voices that had to give their place to another.
    pub stolen_voices: u64,
    /// Peaks of left and right.
    pub master: [f32; 2],
    /// Gain of the limiter, 1 at rest.
    pub limiter_gain: f32,
}

/// What the other threads hold of the sound. Cheap to clone; nothing in it ever waits.
#[derive(Clone, Debug)]
pub struct AudioHandle {
    shared: Arc<Shared>,
}

impl AudioHandle {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        AudioHandle { shared }
    }

    /// Sends a command to the callback, which takes it before its next block of 64 frames.
    ///
    /// # Errors
    ///
    /// [`QueueFull`] when the callback has not kept up; the command is then not sent.
    pub fn send(&self, command: Command) -> Result<(), QueueFull> {
        self.shared
            .commands
            .push(command)
            .map_err(|_| QueueFull { capacity: self.shared.commands.capacity() })
    }

    /// The clock of this device.
    #[must_use]
    pub fn clock(&self) -> AudioClock {
        AudioClock::new(self.shared.timeline.clone())
    }

    /// Whether the device has gone away; see [`AudioOut::reopen`](crate::AudioOut::reopen).
    #[must_use]
    pub fn lost(&self) -> bool {
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// Peak of a slot of late; 0 for a slot that does not exist.
    #[must_use]
    pub fn slot_peak(&self, slot: u16) -> f32 {
        self.shared
            .slots
            .get(usize::from(slot))
            .map_or(0.0, |cell| f32::from_bits(cell.load(Ordering::Relaxed)))
    }

    /// How the playing goes.
    #[must_use]
    pub fn status(&self) -> AudioStatus {
        let s = &*self.shared;
        let count = |cell: &AtomicU64| cell.load(Ordering::Relaxed);
        let level = |cell: &AtomicU32| f32::from_bits(cell.load(Ordering::Relaxed));
        AudioStatus {
            frame: count(&s.frame),
            last_callback: count(&s.last_callback) as f64 / 1e9,
            buffer_seconds: count(&s.buffer_frames) as f64 / s.timeline.sample_rate(),
            dropouts: count(&s.dropouts),
            late_commands: count(&s.late),
            refused_commands: count(&s.refused),
            active_voices: count(&s.active),
            stolen_voices: count(&s.stolen),
            master: [level(&s.master[0]), level(&s.master[1])],
            limiter_gain: level(&s.limiter_gain),
        }
    }
}
