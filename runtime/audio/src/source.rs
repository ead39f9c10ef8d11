//! The permanent rodio source around the mixer: what runs in the audio callback.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crossbeam::queue::ArrayQueue;
use lilt_synth::{BLOCK_FRAMES, Mixer, MixerConfig};
use rodio::{ChannelCount, Sample, SampleRate, Source};

use crate::handle::{AudioHandle, Shared};
use crate::timeline::Follower;

/// A pause between two blocks that is longer than this many seconds lies between two callbacks:
/// within one, rodio asks for block after block without a rest.
const BETWEEN_CALLBACKS: f64 = 0.0003;
/// When the mixer is this many seconds behind the clock, it goes on where the clock is.
const TOO_FAR_BEHIND: f64 = 0.1;

/// The mixer as an endless stereo source. Before each block of 64 frames it takes in the commands
/// that were sent. It allocates, locks, logs and frees nothing; when the device closes, the mixer
/// goes back to the one who opened it.
pub struct MixerSource {
    mixer: Option<Mixer>,
    shared: Arc<Shared>,
    give_back: Arc<ArrayQueue<Mixer>>,
    follower: Follower,
    channels: ChannelCount,
    sample_rate: SampleRate,
    block: [f32; 2 * BLOCK_FRAMES],
    given: usize,
    last_block: Option<Instant>,
    /// Blocks since the callback began.
    blocks: u64,
}

impl MixerSource {
    pub(crate) fn new(
        mixer: Mixer,
        shared: Arc<Shared>,
        give_back: Arc<ArrayQueue<Mixer>>,
        sample_rate: SampleRate,
    ) -> Self {
        MixerSource {
            follower: Follower::new(sample_rate.get()),
            mixer: Some(mixer),
            shared,
            give_back,
            channels: NonZero::<u16>::MIN.saturating_add(1),
            sample_rate,
            block: [0.0; 2 * BLOCK_FRAMES],
            given: 2 * BLOCK_FRAMES,
            last_block: None,
            blocks: 0,
        }
    }

    /// Renders the next block.
    fn refill(&mut self) {
        let Some(mixer) = &mut self.mixer else { return };
        let shared = &*self.shared;
        while let Some(command) = shared.commands.pop() {
            if mixer.push(command).is_err() {
                shared.refused.fetch_add(1, Ordering::Relaxed);
            }
        }

        let now = Instant::now();
        let rested =
            self.last_block.is_none_or(|last| now.duration_since(last).as_secs_f64() > BETWEEN_CALLBACKS);
        if rested {
            let at = shared.timeline.seconds_at(now);
            shared.last_callback.store((at * 1e9) as u64, Ordering::Relaxed);
            let frames = self.blocks * BLOCK_FRAMES as u64;
            shared.buffer_frames.store(frames, Ordering::Relaxed);
            self.blocks = 0;
            // After a device was away, or the machine asleep, the clock is ahead of the mixer. A
            // source that joins a running timeline joins it exactly.
            if shared.timeline.runs() {
                let clock = shared.timeline.frame_at(now);
                let behind = clock - mixer.frame() as f64;
                let allowed = if self.last_block.is_none() {
                    0.0
                } else {
                    TOO_FAR_BEHIND * shared.timeline.sample_rate()
                };
                if behind > allowed {
                    mixer.skip_to(clock as u64);
                    self.follower = Follower::new(self.sample_rate.get());
                    shared.dropouts.fetch_add(1, Ordering::Relaxed);
                }
            }
            let (line, anew) = self.follower.callback(at, mixer.frame() as f64);
            if anew {
                shared.dropouts.fetch_add(1, Ordering::Relaxed);
            }
            shared.timeline.publish(line);
        }
        self.blocks += 1;

        mixer.render(&mut self.block);
        self.given = 0;
        shared.frame.store(mixer.frame(), Ordering::Relaxed);
        shared.take_meters(mixer.meters());
        self.last_block = Some(Instant::now());
    }
}

/// A source and its handle without any device: whoever takes its samples is the callback. For
/// tests, and for feeding the sound somewhere else.
///
/// A sample rate of 0 is taken as 1.
#[must_use]
pub fn detached(config: MixerConfig) -> (MixerSource, AudioHandle) {
    let shared = Arc::new(Shared::new(&config));
    let rate = NonZero::new(config.sample_rate).unwrap_or(NonZero::<u32>::MIN);
    let returned = Arc::new(ArrayQueue::new(1));
    let source = MixerSource::new(Mixer::new(config), shared.clone(), returned, rate);
    (source, AudioHandle::new(shared))
}

impl Iterator for MixerSource {
    type Item = Sample;

    #[inline]
    fn next(&mut self) -> Option<Sample> {
        if self.given == self.block.len() {
            self.refill();
        }
        let sample = self.block[self.given];
        self.given += 1;
        Some(sample)
    }
}

impl Source for MixerSource {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> ChannelCount {
        self.channels
    }

    fn sample_rate(&self) -> SampleRate {
        self.sample_rate
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

impl Drop for MixerSource {
    fn drop(&mut self) {
        if let Some(mixer) = self.mixer.take() {
            // There is room for one mixer, and only one exists; were it not so, it is freed here,
            // which happens after the last callback.
            drop(self.give_back.push(mixer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use lilt_synth::{Command, CommandKind, DrumSound, VoiceKind};

    fn snare(frame: u64) -> Command {
        let kind = CommandKind::NoteOn { id: frame, voice: VoiceKind::Drum(DrumSound::Snare), velocity: 1.0 };
        Command { frame, slot: 0, kind }
    }

    fn take(source: &mut MixerSource, frames: usize) -> Vec<f32> {
        source.take(2 * frames).step_by(2).collect()
    }

    #[test]
    fn plays_what_is_sent_on_its_frame() {
        let (mut source, handle) = detached(MixerConfig::default());
        take(&mut source, 640);
        handle.send(snare(1000)).expect("the queue is empty");
        let heard = take(&mut source, 640);
        assert_eq!(heard.iter().position(|x| *x != 0.0), Some(360));
        let status = handle.status();
        assert_eq!((status.frame, status.late_commands), (1280, 0));
        assert!(handle.slot_peak(0) > 0.1);
        assert_eq!((handle.slot_peak(1), handle.slot_peak(999)), (0.0, 0.0));
    }

    #[test]
    fn a_queue_that_is_not_emptied_fills() {
        let (_source, handle) = detached(MixerConfig { commands: 1, ..MixerConfig::default() });
        assert_eq!(handle.send(snare(0)), Ok(()));
        let full = handle.send(snare(0)).expect_err("there is room for one");
        assert_eq!(
            full.to_string(),
            "1 sound commands wait for the sound device: it does not keep up, or is lost"
        );
    }

    /// The mixer of a lost device joins the timeline where the clock has run to meanwhile, with
    /// the notes in between left out.
    #[test]
    fn a_new_stream_joins_the_running_timeline() {
        let (mut source, handle) = detached(MixerConfig::default());
        take(&mut source, 64);
        let clock = handle.clock();
        let returned = source.give_back.clone();
        let shared = source.shared.clone();
        drop(source);
        handle.send(snare(500)).expect("the queue is empty");
        std::thread::sleep(Duration::from_millis(30));
        let lost_until = clock.now();
        let mixer = returned.pop().expect("the mixer came back");
        assert_eq!(mixer.frame(), 64);
        let mut source =
            MixerSource::new(mixer, shared, returned, NonZero::<u32>::MIN.saturating_add(47_999));
        let heard = take(&mut source, 64);
        assert!(handle.status().frame >= clock.frame_of(lost_until));
        assert!(heard.iter().all(|x| *x == 0.0), "the missed note stays silent");
        assert!(clock.now() >= lost_until);
    }
}
