//! A device that is waited for: for programs that have nothing else to do meanwhile.

use std::time::Duration;

use lilt_synth::MixerConfig;

use crate::device::AudioError;
use crate::handle::AudioHandle;
use crate::speaker::{Speaker, SpeakerState};

/// A playing device. Dropping it ends the sound. A performance uses a [`Speaker`], which never
/// waits.
pub struct AudioOut {
    speaker: Speaker,
}

impl AudioOut {
    /// As [`Speaker::new`], but waits until the device plays.
    ///
    /// # Errors
    ///
    /// [`AudioError`] when there is no such device, or it does not start.
    pub fn open(name: Option<&str>, config: MixerConfig) -> Result<Self, AudioError> {
        let speaker = Speaker::new(name, config)?;
        loop {
            match speaker.state() {
                SpeakerState::Opening => std::thread::sleep(Duration::from_millis(5)),
                SpeakerState::Playing { .. } => return Ok(AudioOut { speaker }),
                SpeakerState::Silent { why } | SpeakerState::Lost { why } => return Err(why),
            }
        }
    }

    /// The control side.
    #[must_use]
    pub fn handle(&self) -> AudioHandle {
        self.speaker.handle()
    }

    /// Whether the device has gone away since it was opened, and is not back yet.
    #[must_use]
    pub fn lost(&self) -> bool {
        !matches!(self.speaker.state(), SpeakerState::Playing { .. })
    }

    /// Whether the device is back: it is taken up by itself.
    ///
    /// # Errors
    ///
    /// [`AudioError`] when it is not; ask again later.
    pub fn reopen(&mut self) -> Result<(), AudioError> {
        match self.speaker.state() {
            SpeakerState::Opening | SpeakerState::Playing { .. } => Ok(()),
            SpeakerState::Silent { why } | SpeakerState::Lost { why } => Err(why),
        }
    }

    /// The sample rate of the device itself, in hertz; the timeline counts in that of the mixer.
    #[must_use]
    pub fn device_sample_rate(&self) -> Option<u32> {
        match self.speaker.state() {
            SpeakerState::Playing { rate, .. } => Some(rate),
            _ => None,
        }
    }
}
