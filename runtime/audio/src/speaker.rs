//! The sound of a performance, with a device or without: it never lets the performer wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam::channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use lilt_synth::{Mixer, MixerConfig};

use crate::clock::AudioClock;
use crate::device::AudioError;
use crate::handle::{AudioHandle, Shared};
use crate::keeper::{Job, Keeper, News, Standing};
use crate::opener::{Opener, rate_of};
use crate::timeline::Timeline;

/// How often the keeper looks after the mixer.
const TICK: Duration = Duration::from_millis(10);
/// How long the end waits for the device to close.
const CLOSING: Duration = Duration::from_secs(1);

/// How it stands with the device.
#[derive(Clone, Debug, PartialEq)]
pub enum SpeakerState {
    /// The device is being opened for the first time, or shows how long its buffer is.
    Opening,
    /// The device plays.
    Playing {
        /// The name of the device.
        name: String,
        /// The sample rate of the device itself, in hertz; the timeline counts in that of the mixer.
        rate: u32,
        /// Length of the device's callbacks in seconds.
        buffer_seconds: f64,
    },
    /// No device has played yet. It is looked for every second.
    Silent {
        /// Why not.
        why: AudioError,
    },
    /// The device that played has gone, or hangs. It is looked for every second.
    Lost {
        /// What happened.
        why: AudioError,
    },
}

/// A mixer that plays through a device whenever there is one.
///
/// It is made at once, and its handle and clock are good from the first moment on. Devices are
/// opened, watched, closed and looked for again on threads of its own: a sound server that hangs
/// holds up nobody else. While no device plays, the mixer goes along with the clock in silence, so
/// that commands are taken, controls hold, and notes pass; a device that comes joins the timeline
/// where the clock is.
///
/// Dropping it ends the sound. That waits a second at most for the device to close; a device that
/// hangs then is left to itself.
pub struct Speaker {
    shared: Arc<Shared>,
    standing: Arc<Mutex<Standing>>,
    wake: Sender<Wake>,
    /// Closed when the threads have ended.
    ended: Receiver<()>,
}

/// What the keeper's thread is woken by.
enum Wake {
    News(News),
    End,
}

impl Speaker {
    /// Plays through the output device of this name (see [`devices`](crate::devices)), of which a
    /// part is enough, or through the default one, whichever that is when it opens. The mixer is
    /// made by `config` and keeps its sample rate; a device that does not know it is resampled for.
    ///
    /// # Errors
    ///
    /// [`AudioError::NoSampleRate`], and [`AudioError::NoThread`] when the system gives no thread.
    /// What is wrong with the device is told by [`Speaker::state`].
    pub fn new(name: Option<&str>, config: MixerConfig) -> Result<Self, AudioError> {
        Speaker::start(Some(name), config)
    }

    /// Time and figures without a device, for machines that shall not sound. Its state is
    /// [`SpeakerState::Silent`] because of [`AudioError::NotWanted`].
    ///
    /// # Errors
    ///
    /// As those of [`Speaker::new`].
    pub fn silent(config: MixerConfig) -> Result<Self, AudioError> {
        Speaker::start(None, config)
    }

    fn start(device: Option<Option<&str>>, config: MixerConfig) -> Result<Self, AudioError> {
        let sample_rate = rate_of(config.sample_rate)?;
        let timeline = Timeline::running(config.start_frame, config.sample_rate);
        let mixer = Box::new(Mixer::new(config));
        let shared = Arc::new(Shared::new(&config, timeline, mixer.samples()));
        let wanted = device.map(|name| name.unwrap_or("default"));
        let mut keeper = Keeper::new(shared.clone(), mixer, config, wanted, Instant::now());
        let standing = Arc::new(Mutex::new(keeper.standing().clone()));
        let (wake, woken) = unbounded();
        let (jobs, to_do) = unbounded();
        let (end, ended) = bounded(0);

        if let Some(name) = device {
            let opener = Opener { name: name.map(str::to_owned), sample_rate, shared: shared.clone() };
            let (wake, end) = (wake.clone(), end.clone());
            spawn("sound device", move || {
                opener.run(&to_do, |news| wake.send(Wake::News(news)).is_ok());
                drop(end);
            })?;
        }
        let told = standing.clone();
        spawn("sound keeper", move || {
            keep(&mut keeper, &jobs, &woken, &told);
            drop(end);
        })?;
        Ok(Speaker { shared, standing, wake, ended })
    }

    /// The control side.
    #[must_use]
    pub fn handle(&self) -> AudioHandle {
        AudioHandle::new(self.shared.clone())
    }

    /// The time of the performance. It runs from the start frame on from the moment at which the
    /// speaker was made, follows the device while one plays, and never goes back or jumps when one
    /// comes or goes.
    #[must_use]
    pub fn clock(&self) -> AudioClock {
        AudioClock::new(self.shared.timeline.clone())
    }

    /// How it stands with the device. Never waits for one.
    #[must_use]
    pub fn state(&self) -> SpeakerState {
        match self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Standing::Opening => SpeakerState::Opening,
            Standing::Playing { name, rate } => {
                SpeakerState::Playing { name, rate, buffer_seconds: self.shared.buffer_seconds() }
            }
            Standing::Silent(why) => SpeakerState::Silent { why },
            Standing::Lost(why) => SpeakerState::Lost { why },
        }
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        // When the keeper has ended already there is nothing to be told.
        let _told = self.wake.send(Wake::End);
        // Nothing is ever sent: it is closed, or the time is over.
        let _closed = self.ended.recv_timeout(CLOSING);
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), AudioError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map(drop)
        .map_err(|error| AudioError::NoThread { reason: error.to_string() })
}

/// The keeper's thread. The standing is told under a lock that is held for a copy only.
fn keep(keeper: &mut Keeper, jobs: &Sender<Job>, woken: &Receiver<Wake>, told: &Mutex<Standing>) {
    let mut news = None;
    loop {
        if let Some(job) = keeper.step(Instant::now(), news.take())
            && jobs.send(job).is_err()
        {
            let reason = "the thread that opens devices has ended".to_owned();
            keeper.give_up(AudioError::NoThread { reason });
        }
        let mut standing = told.lock().unwrap_or_else(PoisonError::into_inner);
        if *standing != *keeper.standing() {
            standing.clone_from(keeper.standing());
        }
        drop(standing);
        match woken.recv_timeout(TICK) {
            Ok(Wake::News(what)) => news = Some(what),
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Wake::End) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
