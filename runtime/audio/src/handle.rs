//! The control side: sends commands to the callback, and reads how it is doing.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crossbeam::queue::ArrayQueue;
use lilt_synth::{BLOCK_FRAMES, Command, CommandKind, Meters, Mixer, MixerConfig, SampleHandle};

use crate::clock::AudioClock;
use crate::tap::{MOST_RECORDED, MOST_SEEN, Tap, TappedBlock};
use crate::timeline::Timeline;

/// Callbacks come late, and sometimes early: one that is expected within so many seconds may have
/// begun before a command gets there.
const EARLY: f64 = 0.001;

/// What the two sides share. Everything in it is free of locks. The figures are written by whoever
/// holds the mixer.
#[derive(Debug)]
pub(crate) struct Shared {
    commands: ArrayQueue<Command>,
    /// How many commands wait at most, retractions not counted.
    capacity: usize,
    pub(crate) timeline: Arc<Timeline>,
    frame: AtomicU64,
    /// Nanoseconds from the timeline's origin to the last callback.
    last_callback: AtomicU64,
    /// The frame at which the last callback began.
    callback_frame: AtomicU64,
    /// Frames of the longest callback of late; 0 while no device plays.
    buffer_frames: AtomicU64,
    dropouts: AtomicU64,
    refused: AtomicU64,
    late: AtomicU64,
    dropped_late: AtomicU64,
    late_retractions: AtomicU64,
    stolen: AtomicU64,
    active: AtomicU64,
    master: [AtomicU32; 2],
    limiter_gain: AtomicU32,
    slots: Vec<AtomicU32>,
    pub(crate) tap: Tap,
    pub(crate) scope: Tap,
    /// The samples of the mixer that plays. The callback never touches it.
    samples: Mutex<SampleHandle>,
}

impl Shared {
    pub(crate) fn new(config: &MixerConfig, timeline: Timeline, samples: SampleHandle) -> Self {
        let zero = || AtomicU32::new(0f32.to_bits());
        let capacity = config.commands.max(1);
        Shared {
            // Everything can be taken back even when the queue is full: each slot and bus, and the tempo.
            commands: ArrayQueue::new(capacity + config.slots + config.buses + 1),
            capacity,
            timeline: Arc::new(timeline),
            frame: AtomicU64::new(config.start_frame),
            last_callback: AtomicU64::new(0),
            callback_frame: AtomicU64::new(config.start_frame),
            buffer_frames: AtomicU64::new(0),
            dropouts: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            late: AtomicU64::new(0),
            dropped_late: AtomicU64::new(0),
            late_retractions: AtomicU64::new(0),
            stolen: AtomicU64::new(0),
            active: AtomicU64::new(0),
            master: [zero(), zero()],
            limiter_gain: AtomicU32::new(1f32.to_bits()),
            slots: (0..config.slots + config.buses).map(|_| zero()).collect(),
            tap: Tap::new(MOST_RECORDED),
            scope: Tap::new(MOST_SEEN),
            samples: Mutex::new(samples),
        }
    }

    /// The mixer made this block: whoever takes it is offered it.
    pub(crate) fn offer(&self, frame: u64, block: &[f32; 2 * BLOCK_FRAMES]) {
        self.tap.offer(frame, block);
        self.scope.offer(frame, block);
    }

    /// True while somebody takes what the mixer makes.
    pub(crate) fn is_tapped(&self) -> bool {
        self.tap.is_open() || self.scope.is_open()
    }

    /// Another mixer plays from here on.
    pub(crate) fn replaced(&self, mixer: &Mixer) {
        *self.samples.lock().unwrap_or_else(PoisonError::into_inner) = mixer.samples();
    }

    /// Hands the mixer what was sent.
    pub(crate) fn take_commands(&self, mixer: &mut Mixer) {
        while let Some(command) = self.commands.pop() {
            if mixer.push(command).is_err() {
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    pub(crate) fn count_dropout(&self) {
        self.dropouts.fetch_add(1, Ordering::Relaxed);
    }

    /// A callback that gives out `frame` first began at so many seconds after the origin; the
    /// longest of late took `longest` frames.
    pub(crate) fn callback(&self, at: f64, frame: u64, longest: u64) {
        self.last_callback.store((at * 1e9) as u64, Ordering::Relaxed);
        self.callback_frame.store(frame, Ordering::Relaxed);
        self.buffer_frames.store(longest, Ordering::Relaxed);
    }

    /// The mixer goes with the clock, and no device plays it.
    pub(crate) fn silent(&self, mixer: &Mixer) {
        self.callback_frame.store(mixer.frame(), Ordering::Relaxed);
        self.buffer_frames.store(0, Ordering::Relaxed);
        self.rendered(mixer);
    }

    /// Takes the figures over from the mixer.
    pub(crate) fn rendered(&self, mixer: &Mixer) {
        let meters: &Meters = mixer.meters();
        let put = |cell: &AtomicU32, x: f32| cell.store(x.to_bits(), Ordering::Relaxed);
        self.frame.store(mixer.frame(), Ordering::Relaxed);
        self.late.store(meters.late_commands, Ordering::Relaxed);
        self.dropped_late.store(meters.dropped_late, Ordering::Relaxed);
        self.late_retractions.store(meters.late_retractions, Ordering::Relaxed);
        self.stolen.store(meters.stolen_voices, Ordering::Relaxed);
        self.active.store(meters.active_voices as u64, Ordering::Relaxed);
        put(&self.master[0], meters.master[0]);
        put(&self.master[1], meters.master[1]);
        put(&self.limiter_gain, meters.limiter_gain);
        for (cell, peak) in self.slots.iter().zip(meters.slots.iter().chain(&meters.buses)) {
            put(cell, *peak);
        }
    }

    pub(crate) fn buffer_seconds(&self) -> f64 {
        self.buffer_frames.load(Ordering::Relaxed) as f64 / self.timeline.sample_rate()
    }

    fn reachable_frame(&self, now: Instant) -> u64 {
        let clock = self.timeline.frame_at(now) + EARLY * self.timeline.sample_rate();
        let begun = self.callback_frame.load(Ordering::Relaxed);
        reachable(clock, begun, self.buffer_frames.load(Ordering::Relaxed))
    }
}

/// The first frame that a command sent when the clock stands at `clock` reaches exactly. The last
/// callback began at the frame `begun` and may still run; a callback takes up to `buffer` frames,
/// 0 when no device plays.
fn reachable(clock: f64, begun: u64, buffer: u64) -> u64 {
    let clock = clock.max(0.0).ceil() as u64;
    // Without a device commands are taken at every moment: what lies ahead is reached.
    let Some(further) = clock.saturating_sub(begun).checked_div(buffer) else { return clock.max(begun) };
    // The callbacks that have begun by now, to their end, and the block that the limiter holds back.
    begun + (further + 1) * buffer + BLOCK_FRAMES as u64
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
    /// Length of the device's longest callback of late in seconds; 0 while no device plays.
    pub buffer_seconds: f64,
    /// How often the device ran out of sound, or time went on without it.
    pub dropouts: u64,
    /// Commands carried out after their frame.
    pub late_commands: u64,
    /// Notes that came so long after their frame that they were not played.
    pub dropped_late: u64,
    /// Notes that sounded already when they were taken back.
    pub late_retractions: u64,
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

    /// The way in for recorded sounds, and back for those that were given up: a sample that is put in before a
    /// note is sent is there for it. Where a device took the mixer with it, the mixer that comes in its place
    /// holds no sample: this is then another handle than before ([`SampleHandle::is_of_the_mixer_of`]). Not for
    /// the callback. Waits for a copy at most.
    #[must_use]
    pub fn samples(&self) -> SampleHandle {
        self.shared.samples.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sends a command to the callback, which takes it before its next block of 64 frames. Never
    /// waits. Retractions have room of their own, and find it when the queue is full.
    ///
    /// # Errors
    ///
    /// [`QueueFull`] when the callback has not kept up; the command is then not sent.
    pub fn send(&self, command: Command) -> Result<(), QueueFull> {
        let shared = &*self.shared;
        let full = QueueFull { capacity: shared.capacity };
        let retracts = matches!(command.kind, CommandKind::Retract | CommandKind::RetractTempo);
        if !retracts && shared.commands.len() >= shared.capacity {
            return Err(full);
        }
        shared.commands.push(command).map_err(|_| full)
    }

    /// The first frame that a command sent at this moment reaches exactly: the end of the callback
    /// that runs or is about to, and the 64 frames that the limiter looks ahead. It is never less
    /// than where the clock stands. Between asking and sending a thread can be held up; add the few
    /// milliseconds that the machine needs for that. While no device plays it is the clock's frame.
    #[must_use]
    pub fn reachable_frame(&self) -> u64 {
        self.shared.reachable_frame(Instant::now())
    }

    /// The clock of this device.
    #[must_use]
    pub fn clock(&self) -> AudioClock {
        AudioClock::new(self.shared.timeline.clone())
    }

    /// Peak of a slot or bus of late, by the slot that names it in a command; 0 for one that does not exist.
    #[must_use]
    pub fn slot_peak(&self, slot: u16) -> f32 {
        self.shared
            .slots
            .get(usize::from(slot))
            .map_or(0.0, |cell| f32::from_bits(cell.load(Ordering::Relaxed)))
    }

    /// From here on what the mixer makes can be [taken](AudioHandle::take_tapped), until it is closed. While no
    /// device plays, the mixer is then rendered along with the clock, a moment behind it.
    pub fn open_tap(&self) {
        self.shared.tap.set_open(true);
    }

    /// Nothing more is tapped. What was made until now can still be taken.
    pub fn close_tap(&self) {
        self.shared.tap.set_open(false);
    }

    /// The next block that the mixer made, if one waits. Five seconds of them wait at most; where the frame of
    /// one is further than the end of the one before it, what lies between was silent or left out.
    #[must_use]
    pub fn take_tapped(&self) -> Option<TappedBlock> {
        self.shared.tap.take()
    }

    /// How many blocks found no room since the last call.
    #[must_use]
    pub fn take_tap_left_out(&self) -> u64 {
        self.shared.tap.take_left_out()
    }

    /// Opens or closes a second way for what the mixer makes, for pictures: it holds a third of a second, and
    /// what nobody looks at in time is left out. It is rendered where no device plays, as for the other.
    pub fn open_scope(&self, open: bool) {
        self.shared.scope.set_open(open);
    }

    /// The next block for pictures, if one waits.
    #[must_use]
    pub fn take_seen(&self) -> Option<TappedBlock> {
        self.shared.scope.take()
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
            buffer_seconds: s.buffer_seconds(),
            dropouts: count(&s.dropouts),
            late_commands: count(&s.late),
            dropped_late: count(&s.dropped_late),
            late_retractions: count(&s.late_retractions),
            refused_commands: count(&s.refused),
            active_voices: count(&s.active),
            stolen_voices: count(&s.stolen),
            master: [level(&s.master[0]), level(&s.master[1])],
            limiter_gain: level(&s.limiter_gain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_still_reaches() {
        // Clock, first frame of the last callback, buffer; the frame reached.
        for (clock, begun, buffer, expected) in [
            // No device: the clock, or what is done already.
            (1000.2, 990, 0, 1001),
            (1000.2, 1010, 0, 1010),
            // The callback that began at 960 ends at 1216; its last block is 64 further on.
            (1000.2, 960, 256, 1280),
            (950.0, 960, 256, 1280),
            // The next may have begun, or the one after it.
            (1216.0, 960, 256, 1536),
            (1480.0, 960, 256, 1792),
        ] {
            let found = reachable(clock, begun, buffer);
            assert_eq!(found, expected, "clock {clock}, callback {begun}, buffer {buffer}");
        }
    }
}
