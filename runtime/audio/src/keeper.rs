//! Who has the mixer when no device plays it: decides, step by step, when to open and close.
//!
//! Nothing here waits. Opening and closing are done elsewhere ([`crate::opener`]) and may take as
//! long as a hanging sound server pleases; the keeper meanwhile moves the mixer along with the
//! clock, so that commands are taken, controls are set and time goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use lilt_synth::{BLOCK_FRAMES, Mixer, MixerConfig};

use crate::device::AudioError;
use crate::handle::Shared;
use crate::stream::Stream;

/// How long to wait before a device that did not open, or was lost, is looked for again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// How long opening may take before the performer is told.
const ANSWER: Duration = Duration::from_secs(3);
/// Seconds without a callback after which the keeper takes the mixer: longer than most buffers, and
/// short enough that what is sent meanwhile finds room.
const PAUSE: f64 = 0.25;
/// As many buffers have to pass as well.
const PAUSE_BUFFERS: f64 = 4.0;
/// Seconds without a callback after which a device counts as lost: longer than any buffer.
const STALL: f64 = 3.0;

/// Seconds that the mixer stays behind the clock while it is rendered without a device: commands for the
/// clock's time then find their frame.
const BEHIND: f64 = 0.03;
/// Seconds without a step that are rendered all the same.
const MOST_MADE_UP: f64 = 1.0;

/// What is to be done with the device.
#[derive(Debug)]
pub(crate) enum Job {
    /// Find it, start it, and let this stream play.
    Open(Arc<Stream>),
    /// Close what is open.
    Close,
}

/// What became of a [`Job`].
#[derive(Debug)]
pub(crate) enum News {
    Opened { name: String, rate: u32 },
    Failed(AudioError),
    Closed,
}

/// How it stands, without the length of the buffer, which is read when it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Standing {
    Opening,
    Playing { name: String, rate: u32 },
    Silent(AudioError),
    Lost(AudioError),
}

enum Device {
    /// There is none, and at this instant it is looked for; never where there is no instant.
    Absent(Option<Instant>),
    Opening {
        stream: Arc<Stream>,
        since: Instant,
    },
    Open {
        stream: Arc<Stream>,
        name: String,
        rate: u32,
    },
    /// The mixer may still be in the callback's hands.
    Closing(Arc<Stream>),
}

pub(crate) struct Keeper {
    shared: Arc<Shared>,
    config: MixerConfig,
    /// The device asked for, for messages.
    wanted: String,
    mixer: Option<Box<Mixer>>,
    device: Device,
    standing: Standing,
}

impl Keeper {
    /// Looks for the device `wanted` from now on, or for none.
    pub(crate) fn new(
        shared: Arc<Shared>,
        mixer: Box<Mixer>,
        config: MixerConfig,
        wanted: Option<&str>,
        now: Instant,
    ) -> Self {
        let (device, standing) = match wanted {
            Some(_) => (Device::Absent(Some(now)), Standing::Opening),
            None => (Device::Absent(None), Standing::Silent(AudioError::NotWanted)),
        };
        Keeper {
            mixer: Some(mixer),
            shared,
            config,
            wanted: wanted.unwrap_or_default().to_owned(),
            device,
            standing,
        }
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// The opener is gone for good: what can be done without a device goes on.
    pub(crate) fn give_up(&mut self, why: AudioError) {
        self.take_back();
        self.device = Device::Absent(None);
        self.standing = Standing::Silent(why);
    }

    /// One step: takes in what became of the last job, looks after the mixer, and says what to do
    /// next. To be called every few milliseconds.
    pub(crate) fn step(&mut self, now: Instant, news: Option<News>) -> Option<Job> {
        if let Some(news) = news {
            self.take_in(now, news);
        }
        let job = self.watch(now);
        if let Some(mixer) = &mut self.mixer {
            self.shared.take_commands(mixer);
            let clock = self.shared.timeline.frame_at(now).max(0.0) as u64;
            match self.shared.is_tapped() {
                true => play_unheard(mixer, &self.shared, clock),
                false => mixer.skip_to(clock),
            }
            self.shared.silent(mixer);
        }
        job
    }

    fn take_in(&mut self, now: Instant, news: News) {
        let device = std::mem::replace(&mut self.device, Device::Absent(Some(now + LOOK_AGAIN)));
        match (news, device) {
            (News::Opened { name, rate }, Device::Opening { stream, .. }) => {
                // It has time for its first callback from here on, however long it took to open.
                stream.called_back(self.shared.timeline.seconds_at(now), 0);
                self.device = Device::Open { stream, name, rate };
            }
            (News::Failed(error), _) => {
                // Of a lost device it is the loss that counts, until it is back.
                if !matches!(self.standing, Standing::Lost(_)) {
                    self.standing = Standing::Silent(error);
                }
            }
            (News::Closed, Device::Closing(stream)) => {
                self.mixer = self.mixer.take().or_else(|| stream.take()).or_else(|| Some(self.new_mixer()));
            }
            (News::Opened { .. } | News::Closed, device) => self.device = device,
        }
    }

    /// A mixer in the place of one that a callback did not bring back.
    fn new_mixer(&self) -> Box<Mixer> {
        let start_frame = self.shared.timeline.frame_at(Instant::now()).max(0.0) as u64;
        let mixer = Box::new(Mixer::new(MixerConfig { start_frame, ..self.config }));
        self.shared.replaced(&mixer);
        mixer
    }

    fn watch(&mut self, now: Instant) -> Option<Job> {
        match &self.device {
            Device::Absent(next) => {
                if next.is_none_or(|next| now < next) {
                    return None;
                }
                let stream = Arc::new(Stream::new(&self.shared.timeline, now));
                self.device = Device::Opening { stream: stream.clone(), since: now };
                Some(Job::Open(stream))
            }
            Device::Opening { since, .. } => {
                if self.standing == Standing::Opening && now.saturating_duration_since(*since) > ANSWER {
                    self.standing = Standing::Silent(AudioError::NoAnswer { name: self.wanted.clone() });
                }
                None
            }
            Device::Open { stream, name, rate } => {
                let quiet = stream.quiet_for(&self.shared.timeline, now);
                if stream.lost() || quiet > STALL {
                    let name = name.clone();
                    self.standing = Standing::Lost(if stream.lost() {
                        AudioError::Gone { name }
                    } else {
                        AudioError::NoAnswer { name }
                    });
                    let stream = stream.clone();
                    self.mixer = self.mixer.take().or_else(|| stream.take());
                    self.device = Device::Closing(stream);
                    return Some(Job::Close);
                }
                let buffer = stream.longest() as f64 / self.shared.timeline.sample_rate();
                let paused = quiet > PAUSE.max(PAUSE_BUFFERS * buffer);
                if paused {
                    self.mixer = self.mixer.take().or_else(|| stream.take());
                } else if let Some(mixer) = self.mixer.take_if(|_| stream.steady()) {
                    stream.seat(mixer);
                } else if self.mixer.is_none() && self.shared.buffer_seconds() > 0.0 {
                    // The device has taken the mixer up, and its buffer is known.
                    if !matches!(self.standing, Standing::Playing { .. }) {
                        self.standing = Standing::Playing { name: name.clone(), rate: *rate };
                    }
                }
                None
            }
            Device::Closing(stream) => {
                self.mixer = self.mixer.take().or_else(|| stream.take());
                None
            }
        }
    }

    fn take_back(&mut self) {
        let stream = match &self.device {
            Device::Absent(_) => None,
            Device::Opening { stream, .. } | Device::Open { stream, .. } | Device::Closing(stream) => {
                Some(stream)
            }
        };
        self.mixer = self.mixer.take().or_else(|| stream?.take()).or_else(|| Some(self.new_mixer()));
    }
}

/// Renders the mixer for the tap alone, up to some frames behind the clock.
fn play_unheard(mixer: &mut Mixer, shared: &Shared, clock: u64) {
    let frames = |seconds: f64| (seconds * shared.timeline.sample_rate()) as u64;
    let until = clock.saturating_sub(frames(BEHIND));
    // What was missed while the machine stood still is not made up for.
    if until > mixer.frame() + frames(MOST_MADE_UP) {
        mixer.skip_to(until);
    }
    let mut block = [0.0; 2 * BLOCK_FRAMES];
    while mixer.frame() + (BLOCK_FRAMES as u64) <= until {
        let frame = mixer.frame();
        mixer.render(&mut block);
        shared.offer(frame, &block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handle::AudioHandle;
    use crate::timeline::Timeline;
    use lilt_synth::{Command, CommandKind, DrumSound, Params, SlotControl, VoiceKind};

    fn keeper(wanted: Option<&str>) -> (Keeper, AudioHandle, Instant) {
        let config = MixerConfig { commands: 8, ..MixerConfig::default() };
        let mixer = Box::new(Mixer::new(config));
        let shared = Arc::new(Shared::new(&config, Timeline::running(0, 48_000), mixer.samples()));
        let now = Instant::now();
        (Keeper::new(shared.clone(), mixer, config, wanted, now), AudioHandle::new(shared), now)
    }

    fn after(now: Instant, milliseconds: u64) -> Instant {
        now + Duration::from_millis(milliseconds)
    }

    fn opened() -> News {
        News::Opened { name: "card".to_owned(), rate: 44_100 }
    }

    fn open(keeper: &mut Keeper, now: Instant) -> Arc<Stream> {
        let Some(Job::Open(stream)) = keeper.step(now, None) else { panic!("it is time to open") };
        assert!(keeper.step(now, Some(opened())).is_none());
        stream
    }

    /// A callback, seen from here: it takes the mixer up where it is there.
    fn calls_back_for(frames: u64, keeper: &Keeper, stream: &Stream, now: Instant) {
        let at = keeper.shared.timeline.seconds_at(now);
        stream.set_steady();
        stream.called_back(at, frames);
        if let Some(mixer) = stream.take() {
            keeper.shared.callback(at, mixer.frame(), frames);
            stream.seat(mixer);
        }
    }

    fn calls_back(keeper: &Keeper, stream: &Stream, now: Instant) {
        calls_back_for(128, keeper, stream, now);
    }

    /// A callback before the keeper's step, and one after it.
    fn plays(keeper: &mut Keeper, stream: &Stream, now: Instant) {
        calls_back(keeper, stream, now);
        assert!(keeper.step(now, None).is_none());
        calls_back(keeper, stream, now);
        assert!(keeper.step(now, None).is_none());
        assert_eq!(*keeper.standing(), playing());
    }

    fn playing() -> Standing {
        Standing::Playing { name: "card".to_owned(), rate: 44_100 }
    }

    #[test]
    fn a_device_that_is_not_there_is_looked_for_again() {
        let (mut keeper, _, now) = keeper(Some("card"));
        assert_eq!(*keeper.standing(), Standing::Opening);
        assert!(matches!(keeper.step(now, None), Some(Job::Open(_))));
        assert!(keeper.step(after(now, 10), None).is_none());
        assert!(keeper.step(after(now, 20), Some(News::Failed(AudioError::NoDevice))).is_none());
        assert_eq!(*keeper.standing(), Standing::Silent(AudioError::NoDevice));
        assert!(keeper.step(after(now, 1000), None).is_none());
        assert!(matches!(keeper.step(after(now, 1020), None), Some(Job::Open(_))));
    }

    #[test]
    fn where_none_is_wanted_none_is_opened() {
        let (mut keeper, _, now) = keeper(None);
        assert!(keeper.step(after(now, 5000), None).is_none());
        assert_eq!(*keeper.standing(), Standing::Silent(AudioError::NotWanted));
    }

    #[test]
    fn the_mixer_goes_to_a_device_that_is_steady() {
        let (mut keeper, _, now) = keeper(Some("card"));
        let stream = open(&mut keeper, now);
        assert_eq!(*keeper.standing(), Standing::Opening);
        assert!(stream.take().is_none());
        calls_back(&keeper, &stream, after(now, 200));
        assert!(keeper.step(after(now, 200), None).is_none());
        assert_eq!(*keeper.standing(), Standing::Opening, "until its buffer is known");
        plays(&mut keeper, &stream, after(now, 210));
        assert!(stream.take().is_some());
    }

    #[test]
    fn a_pause_of_the_device_is_bridged() {
        let (mut keeper, handle, now) = keeper(Some("card"));
        let stream = open(&mut keeper, now);
        plays(&mut keeper, &stream, now);
        // Half a second without a callback: what is sent is taken all the same.
        for n in 0..50 {
            keeper.step(after(now, 300 + n), None);
            let command = Command { frame: 0, slot: 0, kind: CommandKind::NoteOff { id: n } };
            assert_eq!(handle.send(command), Ok(()));
        }
        assert!(stream.take().is_none());
        assert_eq!(*keeper.standing(), playing());
        calls_back(&keeper, &stream, after(now, 400));
        keeper.step(after(now, 400), None);
        assert!(stream.take().is_some());
    }

    /// Callbacks 0.4 s apart are no pause where each takes 0.4 s of sound.
    #[test]
    fn a_device_of_long_buffers_keeps_the_mixer() {
        let (mut keeper, _, now) = keeper(Some("card"));
        let stream = open(&mut keeper, now);
        calls_back_for(19_200, &keeper, &stream, now);
        for n in 0..=40 {
            assert!(keeper.step(after(now, 10 * n), None).is_none());
        }
        calls_back_for(19_200, &keeper, &stream, after(now, 400));
        assert!(keeper.step(after(now, 410), None).is_none());
        assert_eq!(*keeper.standing(), playing());
    }

    #[test]
    fn a_device_that_hangs_is_lost_and_comes_back() {
        let (mut keeper, handle, now) = keeper(Some("card"));
        let stream = open(&mut keeper, now);
        plays(&mut keeper, &stream, now);
        assert!(matches!(keeper.step(after(now, 3100), None), Some(Job::Close)));
        let lost = Standing::Lost(AudioError::NoAnswer { name: "card".to_owned() });
        assert_eq!(*keeper.standing(), lost);
        // Closing hangs as well.
        for n in 0..50 {
            assert!(keeper.step(after(now, 3200 + 100 * n), None).is_none());
            let command = Command { frame: 0, slot: 0, kind: CommandKind::NoteOff { id: n } };
            assert_eq!(handle.send(command), Ok(()));
        }
        assert!(keeper.step(after(now, 9000), Some(News::Closed)).is_none());
        assert!(keeper.step(after(now, 9900), None).is_none());
        let Some(Job::Open(stream)) = keeper.step(after(now, 10_000), None) else { panic!("it is time") };
        assert!(keeper.step(after(now, 10_010), Some(News::Failed(AudioError::NoDevice))).is_none());
        assert_eq!(*keeper.standing(), lost, "what was lost stays lost until it is back");
        drop(stream);
        let stream = open(&mut keeper, after(now, 12_000));
        plays(&mut keeper, &stream, after(now, 12_000));
    }

    /// The callback has the mixer in its hands when the device goes, and never brings it back.
    #[test]
    fn a_mixer_that_does_not_come_back_is_replaced() {
        let (mut keeper, _, now) = keeper(Some("card"));
        let stream = open(&mut keeper, now);
        plays(&mut keeper, &stream, now);
        let kept = stream.take();
        stream.set_lost();
        assert!(matches!(keeper.step(after(now, 10), None), Some(Job::Close)));
        assert_eq!(*keeper.standing(), Standing::Lost(AudioError::Gone { name: "card".to_owned() }));
        assert!(keeper.mixer.is_none());
        keeper.step(after(now, 20), Some(News::Closed));
        assert!(keeper.mixer.is_some());
        drop(kept);
    }

    #[test]
    fn a_device_that_hangs_while_it_opens_is_told() {
        let (mut keeper, _, now) = keeper(Some("card"));
        keeper.step(now, None);
        keeper.step(after(now, 3100), None);
        assert_eq!(*keeper.standing(), Standing::Silent(AudioError::NoAnswer { name: "card".to_owned() }));
        keeper.step(after(now, 8000), Some(opened()));
        assert!(matches!(keeper.device, Device::Open { .. }));
    }

    /// Controls that were sent while nothing played hold when a device comes; notes are past.
    #[test]
    fn what_was_set_in_silence_holds() {
        let (mut keeper, handle, now) = keeper(Some("card"));
        let set = |value| CommandKind::Control { control: SlotControl::Gain, value, glide_frames: 0 };
        let note = |id| CommandKind::NoteOn {
            id,
            voice: VoiceKind::Drum(DrumSound::Snare),
            velocity: 1.0,
            params: Params::NONE,
        };
        for (frame, slot, kind) in
            [(100, 0, set(0.0)), (100, 1, note(1)), (48_000, 0, note(2)), (48_010, 2, note(3))]
        {
            assert_eq!(handle.send(Command { frame, slot, kind }), Ok(()));
        }
        keeper.step(after(now, 900), None);
        assert_eq!(handle.status().buffer_seconds, 0.0);
        let mut mixer = keeper.mixer.take().expect("no device plays");
        assert!(mixer.frame() < 48_000);
        let mut heard = vec![0.0; 2 * 9_600];
        let start = mixer.frame();
        mixer.render(&mut heard);
        let first = heard.iter().position(|x| *x != 0.0).map(|n| start + n as u64 / 2);
        assert_eq!(first, Some(48_010));
    }
}
