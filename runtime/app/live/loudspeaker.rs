//! The sound card, or a silent clock where there is none. The performance's time
//! is the one that it counts.

use std::time::{Duration, Instant};

use lilt_audio::{AudioError, AudioHandle, AudioOut, Clock, SilentClock};
use lilt_sequencer::{SlotId, Timed};
use lilt_synth::{Command, CommandKind, MixerConfig};

use crate::output::sound::{STRIPS, SoundRouter};

/// Frames a second of the mixer; a device with another rate is resampled for.
const SAMPLE_RATE: u32 = 48_000;

/// How long a device that was opened may take to show its buffer.
const SETTLING: Duration = Duration::from_millis(600);

/// Where sound goes and where time comes from.
pub struct Loudspeaker {
    sound: Sound,
    router: SoundRouter,
    /// Commands that the device did not take, since the last look.
    refused: u64,
}

/// Waits until the device has shown how long its buffer is, or until [`SETTLING`] is
/// over: what is committed must lie beyond that buffer.
fn settle(handle: &AudioHandle) {
    let began = Instant::now();
    let mut longest = 0.0;
    let mut steady = 0;
    while steady < 5 && began.elapsed() < SETTLING {
        std::thread::sleep(Duration::from_millis(20));
        let buffer = handle.status().buffer_seconds;
        steady = if buffer > 0.0 && buffer <= longest { steady + 1 } else { 0 };
        longest = buffer.max(longest);
    }
}

/// A playing device, or the reason why there is none.
enum Sound {
    Device { out: AudioOut, handle: AudioHandle },
    Silent { clock: SilentClock, why: String },
}

impl Loudspeaker {
    /// Opens the sound card `name` (`none` for a silent clock), or the default one.
    /// Where none opens, time goes on without sound.
    pub fn open(name: Option<&str>) -> Loudspeaker {
        let config = MixerConfig { sample_rate: SAMPLE_RATE, slots: STRIPS, ..MixerConfig::default() };
        let silent = |why: String| Sound::Silent { clock: SilentClock::new(0.0), why };
        let sound = match name {
            Some("none") => silent("as asked".to_string()),
            name => match AudioOut::open(name, config) {
                Ok(out) => {
                    let handle = out.handle();
                    settle(&handle);
                    Sound::Device { out, handle }
                }
                Err(error) => silent(error.to_string()),
            },
        };
        Loudspeaker { sound, router: SoundRouter::new(SAMPLE_RATE), refused: 0 }
    }

    /// Where the sound goes, in a line.
    pub fn description(&self) -> String {
        match &self.sound {
            Sound::Device { out, .. } => match out.device_sample_rate() {
                Some(rate) => format!("playing through the sound card at {rate} Hz"),
                None => "the sound card is gone".to_string(),
            },
            Sound::Silent { why, .. } => format!("playing on a silent clock ({why})"),
        }
    }

    /// Seconds since the performance began, at the end of what the card has taken:
    /// what is committed must lie after it.
    pub fn now(&self) -> f64 {
        match &self.sound {
            Sound::Device { handle, .. } => handle.clock().now() + handle.status().buffer_seconds,
            Sound::Silent { clock, .. } => clock.now(),
        }
    }

    /// Seconds since the performance began, as they are heard: for pictures.
    pub fn heard(&self) -> f64 {
        match &self.sound {
            Sound::Device { handle, .. } => handle.clock().now(),
            Sound::Silent { clock, .. } => clock.now(),
        }
    }

    /// The instant of a moment of the performance.
    pub fn instant_of(&self, seconds: f64) -> Instant {
        match &self.sound {
            Sound::Device { handle, .. } => handle.clock().instant_of(seconds),
            Sound::Silent { clock, .. } => clock.instant_of(seconds),
        }
    }

    /// Sends what concerns the mixer on its way.
    pub fn send(&mut self, timed: &Timed) {
        if let Some(command) = self.router.command(timed) {
            self.push(command);
        }
    }

    /// Every voice and every tail ends, within 5 ms.
    pub fn hush(&mut self) {
        let frame = self.router.frame(self.now());
        self.push(Command { frame, slot: 0, kind: CommandKind::Hush });
    }

    /// Tells the delay its tempo.
    pub fn tempo(&mut self, seconds: f64, bpm: f64) {
        let frame = self.router.frame(seconds);
        self.push(Command { frame, slot: 0, kind: CommandKind::Tempo { bpm: bpm as f32 } });
    }

    fn push(&mut self, command: Command) {
        if let Sound::Device { handle, .. } = &self.sound
            && handle.send(command).is_err()
        {
            self.refused += 1;
        }
    }

    /// Commands that were refused since the last call: the device does not keep up.
    pub fn take_refused(&mut self) -> u64 {
        std::mem::take(&mut self.refused)
    }

    /// How loud a slot is, `0..=1`.
    pub fn level(&self, slot: SlotId) -> f32 {
        match (&self.sound, self.router.strip(slot)) {
            (Sound::Device { handle, .. }, Some(strip)) => handle.slot_peak(strip as u16),
            _ => 0.0,
        }
    }

    /// True when the device has gone away.
    pub fn lost(&self) -> bool {
        matches!(&self.sound, Sound::Device { out, .. } if out.lost())
    }

    /// Opens a lost device again; the timeline went on meanwhile.
    ///
    /// # Errors
    /// When it does not open yet.
    pub fn reopen(&mut self) -> Result<(), AudioError> {
        match &mut self.sound {
            Sound::Device { out, .. } => out.reopen(),
            Sound::Silent { .. } => Ok(()),
        }
    }

    /// Waits while the last fade sounds.
    pub fn let_ring(&self, time: Duration) {
        if matches!(self.sound, Sound::Device { .. }) {
            std::thread::sleep(time);
        }
    }
}
