//! The open device, and opening it again when it was lost.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use crossbeam::queue::ArrayQueue;
use lilt_synth::{Mixer, MixerConfig};
use rodio::{MixerDeviceSink, SampleRate};

use crate::device::{AudioError, find, start};
use crate::handle::{AudioHandle, Shared};
use crate::source::MixerSource;

/// A playing device. Dropping it ends the sound.
pub struct AudioOut {
    config: MixerConfig,
    sample_rate: SampleRate,
    name: Option<String>,
    shared: Arc<Shared>,
    /// Where the mixer lands when a stream is closed.
    returned: Arc<ArrayQueue<Mixer>>,
    sink: Option<MixerDeviceSink>,
}

impl AudioOut {
    /// Opens the output device of this name (see [`devices`](crate::devices)), or the default one,
    /// and starts playing a mixer made by `config`, from its start frame on. The mixer keeps its
    /// sample rate; a device that does not know it is resampled for.
    ///
    /// # Errors
    ///
    /// [`AudioError`] when there is no such device, or it does not start.
    pub fn open(name: Option<&str>, config: MixerConfig) -> Result<Self, AudioError> {
        let sample_rate = NonZero::new(config.sample_rate).ok_or(AudioError::NoSampleRate)?;
        let device = find(name)?;
        let mut out = AudioOut {
            config,
            sample_rate,
            name: name.map(str::to_owned),
            shared: Arc::new(Shared::new(&config)),
            returned: Arc::new(ArrayQueue::new(1)),
            sink: None,
        };
        let sink = start(device, sample_rate, &out.shared)?;
        out.play(sink, Mixer::new(config));
        Ok(out)
    }

    /// The control side.
    #[must_use]
    pub fn handle(&self) -> AudioHandle {
        AudioHandle::new(self.shared.clone())
    }

    /// Whether the device has gone away since it was opened.
    #[must_use]
    pub fn lost(&self) -> bool {
        self.shared.lost.load(Ordering::Relaxed) || self.shared.stalled(Instant::now())
    }

    /// Opens the device again, by its name or whichever is the default now. Handles and clocks
    /// stay good: the timeline went on meanwhile, the mixer joins it with the controls it had, and
    /// notes that were due in between are not made up for.
    ///
    /// # Errors
    ///
    /// [`AudioError`] when it does not open yet; try again later.
    pub fn reopen(&mut self) -> Result<(), AudioError> {
        // Closed first: many devices open only once. The mixer comes back with it.
        self.sink = None;
        let sink = start(find(self.name.as_deref())?, self.sample_rate, &self.shared)?;
        self.shared.begin(Instant::now());
        let mixer = self.returned.pop().unwrap_or_else(|| {
            Mixer::new(MixerConfig { start_frame: self.shared.frame.load(Ordering::Relaxed), ..self.config })
        });
        self.play(sink, mixer);
        Ok(())
    }

    /// Hands the device its one permanent source.
    fn play(&mut self, sink: MixerDeviceSink, mixer: Mixer) {
        sink.mixer().add(MixerSource::new(
            mixer,
            self.shared.clone(),
            self.returned.clone(),
            self.sample_rate,
        ));
        self.sink = Some(sink);
    }

    /// The sample rate of the device itself, in hertz; the timeline counts in that of the mixer.
    #[must_use]
    pub fn device_sample_rate(&self) -> Option<u32> {
        self.sink.as_ref().map(|sink| sink.config().sample_rate().get())
    }
}
