//! The thread that opens and closes the device. It alone waits for the system, however long.

use std::num::NonZero;
use std::sync::Arc;

use crossbeam::channel::Receiver;
use rodio::SampleRate;

use crate::device::{AudioError, Opened, find, name_of, start};
use crate::handle::Shared;
use crate::keeper::{Job, News};
use crate::source::MixerSource;
use crate::stream::Stream;

/// What is opened.
pub(crate) struct Opener {
    pub(crate) name: Option<String>,
    pub(crate) sample_rate: SampleRate,
    pub(crate) shared: Arc<Shared>,
}

impl Opener {
    /// Does jobs until there are no more to come, or nobody wants to hear of them; what is open is
    /// then closed.
    pub(crate) fn run(&self, jobs: &Receiver<Job>, mut tell: impl FnMut(News) -> bool) {
        let mut open: Option<Opened> = None;
        for job in jobs {
            // Closed first: many devices open only once.
            drop(open.take());
            let news = match job {
                Job::Close => News::Closed,
                Job::Open(stream) => match self.open(stream) {
                    Ok((opened, name)) => {
                        let rate = opened.config().sample_rate().get();
                        open = Some(opened);
                        News::Opened { name, rate }
                    }
                    Err(error) => News::Failed(error),
                },
            };
            if !tell(news) {
                break;
            }
        }
    }

    fn open(&self, stream: Arc<Stream>) -> Result<(Opened, String), AudioError> {
        let device = find(self.name.as_deref())?;
        let name = name_of(&device);
        let opened = start(device, self.sample_rate, &self.shared, &stream)?;
        // The device's one permanent source.
        opened.mixer().add(MixerSource::new(stream, self.shared.clone(), self.sample_rate));
        Ok((opened, name))
    }
}

/// The rate of a mixer, where it has one.
pub(crate) fn rate_of(sample_rate: u32) -> Result<SampleRate, AudioError> {
    NonZero::new(sample_rate).ok_or(AudioError::NoSampleRate)
}
