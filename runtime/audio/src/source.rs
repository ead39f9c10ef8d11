//! The permanent rodio source around the mixer: what runs in the audio callback.

use std::num::NonZero;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_synth::{BLOCK_FRAMES, Mixer, MixerConfig};
use rodio::{ChannelCount, Sample, SampleRate, Source};

use crate::handle::{AudioHandle, Shared};
use crate::stream::Stream;
use crate::timeline::{Follower, Line, Timeline};

/// A pause between two blocks that is longer than this many seconds lies between two callbacks:
/// within one, rodio asks for block after block without a rest.
const BETWEEN_CALLBACKS: f64 = 0.0003;
/// Seconds after which a callback without a rest is taken for the next one. Only a device that
/// keeps no time at all, like a file, asks for so much at once.
const ENDLESS: f64 = 0.25;
/// When the mixer is this many seconds behind the clock, it goes on where the clock is.
const TOO_FAR_BEHIND: f64 = 0.1;
/// Callbacks come steadily when they have stayed on one line for this many seconds. A device fills
/// its ring at first, in callbacks that come as fast as they can; the time that they tell is wrong
/// by as much as the ring is long.
const STEADY: f64 = 0.2;
/// Seconds after which a device plays, steady or not.
const PATIENCE: f64 = 1.0;
/// Callbacks of which the longest is the buffer: a device that takes 100 frames at a time asks for
/// one block of 64 in one and two in the next.
const REMEMBERED: usize = 16;

/// The mixer as an endless stereo source. Before each block of 64 frames it takes in the commands
/// that were sent. It allocates, locks, logs and frees nothing. While the mixer is not in its seat
/// the source is silent, and learns the device's time; when the mixer comes, it joins the timeline
/// where the clock is.
pub struct MixerSource {
    stream: Arc<Stream>,
    shared: Arc<Shared>,
    follower: Follower,
    channels: ChannelCount,
    sample_rate: SampleRate,
    block: [f32; 2 * BLOCK_FRAMES],
    given: usize,
    last_block: Option<Instant>,
    /// When the callback began and the first one of all, in seconds.
    began: f64,
    first: f64,
    /// Frames asked for since the callback began, and by the callbacks before it.
    frames: u64,
    lengths: [u64; REMEMBERED],
    callbacks: usize,
    /// The next frame to be given out: of the timeline when joined, else counted from anywhere.
    position: u64,
    joined: bool,
    /// Frames of silence to give before the mixer goes on, which is ahead of the clock.
    silence: u64,
}

impl MixerSource {
    pub(crate) fn new(stream: Arc<Stream>, shared: Arc<Shared>, sample_rate: SampleRate) -> Self {
        MixerSource {
            follower: Follower::new(sample_rate.get()),
            stream,
            shared,
            channels: NonZero::<u16>::MIN.saturating_add(1),
            sample_rate,
            block: [0.0; 2 * BLOCK_FRAMES],
            given: 2 * BLOCK_FRAMES,
            last_block: None,
            began: 0.0,
            first: 0.0,
            frames: 0,
            lengths: [0; REMEMBERED],
            callbacks: 0,
            position: 0,
            joined: false,
            silence: 0,
        }
    }

    /// Makes the next block.
    fn refill(&mut self) {
        let now = Instant::now();
        let at = self.shared.timeline.seconds_at(now);
        let begins = self.begins_callback(now, at);
        let mixer = self.stream.take();
        if mixer.is_none() {
            self.joined = false;
            self.silence = 0;
        }
        if begins {
            self.callback_begins(at);
        }
        match mixer {
            Some(mut mixer) => {
                self.shared.take_commands(&mut mixer);
                if begins {
                    self.keep_time(&mut mixer, at);
                }
                if !self.joined {
                    self.be_silent(BLOCK_FRAMES);
                } else if self.silence > 0 {
                    let frames = self.silence.min(BLOCK_FRAMES as u64);
                    self.silence -= frames;
                    self.be_silent(frames as usize);
                } else {
                    let frame = mixer.frame();
                    mixer.render(&mut self.block);
                    self.shared.offer(frame, &self.block);
                    self.given = 0;
                    self.position = mixer.frame();
                    self.shared.rendered(&mixer);
                }
                self.frames += ((self.block.len() - self.given) / 2) as u64;
                self.stream.seat(mixer);
            }
            None => {
                if begins {
                    self.learn_time(at);
                }
                self.be_silent(BLOCK_FRAMES);
                self.frames += BLOCK_FRAMES as u64;
            }
        }
        self.last_block = Some(Instant::now());
    }

    /// Whether this block is the first of a callback.
    fn begins_callback(&self, now: Instant, at: f64) -> bool {
        self.last_block.is_none_or(|last| {
            now.duration_since(last).as_secs_f64() > BETWEEN_CALLBACKS || at - self.began > ENDLESS
        })
    }

    fn callback_begins(&mut self, at: f64) {
        if self.last_block.is_none() {
            self.first = at;
        } else {
            self.lengths[self.callbacks % REMEMBERED] = self.frames;
            self.callbacks += 1;
        }
        self.frames = 0;
        self.began = at;
        self.stream.called_back(at, self.lengths.iter().copied().fold(0, u64::max));
    }

    /// Without the mixer: follows the callbacks until they are steady.
    fn learn_time(&mut self, at: f64) {
        self.follower.callback(at, self.position as f64);
        let steady = self.follower.age(at) >= STEADY && self.callbacks >= 4;
        if steady || at - self.first >= PATIENCE {
            self.stream.set_steady();
        }
    }

    /// With the mixer: joins the timeline, or goes on with it, and publishes it.
    fn keep_time(&mut self, mixer: &mut Mixer, at: f64) {
        let timeline = &self.shared.timeline;
        let clock = timeline.frame_after(at);
        let allowed = TOO_FAR_BEHIND * timeline.sample_rate();
        if self.joined && clock - self.position as f64 > allowed {
            // The machine was asleep, or the device away.
            self.shared.count_dropout();
            self.joined = false;
            self.follower = Follower::new(self.sample_rate.get());
        }
        let (mut line, anew) = self.follower.callback(at, self.position as f64);
        if self.joined {
            if anew {
                self.shared.count_dropout();
            }
        } else {
            let (position, silence) = join(mixer, timeline, clock, self.position, &line);
            line = self.follower.shift(position as f64 - self.position as f64);
            self.position = position;
            self.silence = silence;
            self.joined = true;
        }
        timeline.publish(line);
        self.shared.callback(at, self.position, self.stream.longest());
    }

    /// The next `frames` of the block are silence.
    fn be_silent(&mut self, frames: usize) {
        self.given = self.block.len() - 2 * frames;
        self.block[self.given..].fill(0.0);
        self.position += frames as u64;
    }
}

/// Lets the mixer join a running timeline without a jump of the clock. `clock` is the frame at
/// which the clock stands, `position` the count of the device's frames, and `line` what the
/// device's callbacks say about that count when they are smoothed. Gives the frame of the timeline
/// that is given out next, and how many frames of silence come before the mixer's first: notes that
/// it has rendered already are behind it, and it cannot go back.
fn join(mixer: &mut Mixer, timeline: &Timeline, clock: f64, position: u64, line: &Line) -> (u64, u64) {
    if !timeline.runs() {
        return (mixer.frame(), 0);
    }
    let target = (clock + position as f64 - line.frame).max(0.0).round() as u64;
    let land = target.max(mixer.horizon() + 1);
    mixer.skip_to(land);
    let silence = land - target;
    // So far ahead was only a device that kept no time: there the clock jumps instead.
    if silence > timeline.sample_rate() as u64 { (land, 0) } else { (target, silence) }
}

/// A source and its handle without any device: whoever takes its samples is the callback. For
/// tests, and for feeding the sound somewhere else.
///
/// A sample rate of 0 is taken as 1.
#[must_use]
pub fn detached(config: MixerConfig) -> (MixerSource, AudioHandle) {
    let mixer = Box::new(Mixer::new(config));
    let timeline = Timeline::new(config.start_frame, config.sample_rate);
    let shared = Arc::new(Shared::new(&config, timeline, mixer.samples()));
    let rate = NonZero::new(config.sample_rate).unwrap_or(NonZero::<u32>::MIN);
    let stream = Arc::new(Stream::new(&shared.timeline, Instant::now()));
    stream.seat(mixer);
    (MixerSource::new(stream, shared.clone(), rate), AudioHandle::new(shared))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use assert_no_alloc::assert_no_alloc;
    use lilt_synth::{Command, CommandKind, DrumSound, Params, VoiceKind};

    fn snare(frame: u64) -> Command {
        let kind = CommandKind::NoteOn {
            id: frame,
            voice: VoiceKind::Drum(DrumSound::Snare),
            velocity: 1.0,
            params: Params::NONE,
        };
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
    fn a_queue_that_is_not_emptied_fills_and_still_takes_retractions() {
        let (_source, handle) = detached(MixerConfig { commands: 1, ..MixerConfig::default() });
        assert_eq!(handle.send(snare(0)), Ok(()));
        let full = handle.send(snare(0)).expect_err("there is room for one");
        assert_eq!(
            full.to_string(),
            "1 sound commands wait for the sound device: it does not keep up, or is lost"
        );
        let retract = Command { frame: 0, slot: 0, kind: CommandKind::Retract };
        assert_eq!(handle.send(retract), Ok(()));
        assert!(handle.send(snare(0)).is_err());
    }

    #[test]
    fn what_it_gives_out_can_be_tapped() {
        let (mut source, handle) = detached(MixerConfig::default());
        handle.send(snare(100)).expect("the queue is empty");
        take(&mut source, 64);
        handle.open_tap();
        let heard: Vec<f32> = source.by_ref().take(2 * 640).collect();
        handle.close_tap();
        take(&mut source, 64);
        let tapped: Vec<_> = std::iter::from_fn(|| handle.take_tapped()).collect();
        assert_eq!(
            tapped.iter().map(|block| block.frame).collect::<Vec<_>>(),
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(|n| 64 * n)
        );
        assert!(tapped.iter().flat_map(|block| block.samples).eq(heard.iter().copied()));
        assert!(heard.iter().any(|x| *x != 0.0));
    }

    /// A source without the mixer is silent and leaves commands and clock alone.
    #[test]
    fn without_the_mixer_it_is_silent() {
        let (mut source, handle) = detached(MixerConfig::default());
        take(&mut source, 64);
        let mixer = source.stream.take().expect("nobody is rendering");
        handle.send(snare(200)).expect("the queue is empty");
        assert!(take(&mut source, 640).iter().all(|x| *x == 0.0));
        assert_eq!((mixer.frame(), handle.status().frame), (64, 64));
        assert!(source.stream.take().is_none());
    }

    /// Learning the device's time, taking the mixer up, joining, losing it and taking it up again.
    #[test]
    fn a_mixer_that_comes_and_goes_makes_the_callback_allocate_nothing() {
        let (mut source, handle) = detached(MixerConfig::default());
        let mut heard = 0.0f32;
        for n in 0..6u64 {
            let mixer = source.stream.take().expect("nobody is rendering");
            let frame = handle.reachable_frame() + 1_000;
            for command in [snare(frame), Command { frame, slot: 1, kind: CommandKind::Retract }] {
                handle.send(command).expect("there is room");
            }
            let callback = |source: &mut MixerSource, heard: &mut f32| {
                std::thread::sleep(Duration::from_millis(1));
                assert_no_alloc(|| {
                    for _ in 0..2 * 512 {
                        *heard = source.next().map_or(*heard, |x| heard.max(x.abs()));
                    }
                });
            };
            callback(&mut source, &mut heard);
            source.stream.seat(mixer);
            for _ in 0..10 + n {
                callback(&mut source, &mut heard);
            }
        }
        assert!(heard > 0.1, "it played: {heard}");
    }

    /// The mixer of a lost device joins the timeline where the clock has run to meanwhile, with
    /// the notes in between left out.
    #[test]
    fn a_new_stream_joins_the_running_timeline() {
        let (mut source, handle) = detached(MixerConfig::default());
        take(&mut source, 64);
        let clock = handle.clock();
        let shared = source.shared.clone();
        let mixer = source.stream.take().expect("nobody is rendering");
        handle.send(snare(500)).expect("the queue is empty");
        std::thread::sleep(Duration::from_millis(30));
        let lost_until = clock.now();
        assert_eq!(mixer.frame(), 64);
        let stream = Arc::new(Stream::new(&shared.timeline, Instant::now()));
        stream.seat(mixer);
        let rate = NonZero::<u32>::MIN.saturating_add(47_999);
        let mut source = MixerSource::new(stream, shared, rate);
        let heard = take(&mut source, 64);
        assert!(handle.status().frame >= clock.frame_of(lost_until));
        assert!(heard.iter().all(|x| *x == 0.0), "the missed note stays silent");
        assert!(clock.now() >= lost_until);
    }

    /// A mixer joins at the clock's frame; one that is ahead waits for it in silence.
    #[test]
    fn joining_moves_the_mixer_and_not_the_clock() {
        let timeline = Timeline::running(0, 48_000);
        // What is rendered, where the clock is, the device's count and its smoothed value; then
        // the frame that comes next, and the silence before the mixer's first.
        for (rendered, clock, position, smooth, expected) in [
            (64, 5_000.4, 700, 700.0, (5_000, 0)),
            (64, 5_000.0, 700, 730.5, (4_970, 0)),
            (4_800, 4_700.0, 0, 0.0, (4_700, 165)),
            (96_000, 5_000.0, 0, 0.0, (96_065, 0)),
        ] {
            let mut mixer = Mixer::new(MixerConfig::default());
            mixer.render(&mut vec![0.0; 2 * rendered]);
            let line = Line { at: 1.0, frame: smooth, rate: 48_000.0 };
            let joined = join(&mut mixer, &timeline, clock, position, &line);
            assert_eq!(joined, expected, "{rendered} rendered, clock at {clock}");
            assert_eq!(mixer.frame(), joined.0 + joined.1);
        }
    }
}
