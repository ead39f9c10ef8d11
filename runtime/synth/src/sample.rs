//! Recorded sound: what a sample is, and how it gets to the mixer and back.
//!
//! The control side keeps a [`SampleHandle`], the mixer a [`Library`]. Samples go over through a
//! bounded queue without locks. One that is removed comes back the same way once no voice plays it,
//! so that its memory is freed where the handle is, never in the callback.

mod library;

use std::sync::Arc;

use crate::timbre::{MOMENTS_A_SECOND, Timbre};

pub(crate) use library::Library;
pub use library::{LibraryFull, SampleHandle, SampleId};

/// Decoded sound, or a timbre, that does not change any more. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Interleaved.
    data: Arc<[f32]>,
    channels: usize,
    sample_rate: u32,
    /// What is played in the place of data, where it is no recording.
    timbre: Option<Timbre>,
    /// Frames that go round while a note is held, behind what comes before them.
    round: Option<(u32, u32)>,
}

/// Why data is no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// More channels than two, or none.
    #[error("a sample has one channel or two, not {0}: mix it down")]
    Channels(u16),
    /// No whole frame, or a part of one at the end.
    #[error("a sample of {channels} channels cannot have {samples} values")]
    Length {
        /// Channels asked for.
        channels: u16,
        /// Values that came.
        samples: usize,
    },
    /// A rate that no device records at.
    #[error("{0} Hz is no sample rate: it lies between 1,000 and 768,000 Hz")]
    Rate(u32),
}

impl Sample {
    /// `data` is interleaved: left and right in turn for two channels. `sample_rate` in frames a
    /// second; the mixer plays it right at any rate of its own.
    ///
    /// # Errors
    ///
    /// [`SampleError`] when channels, length or rate do not fit.
    pub fn new(data: Arc<[f32]>, channels: u16, sample_rate: u32) -> Result<Self, SampleError> {
        if !(1..=2).contains(&channels) {
            return Err(SampleError::Channels(channels));
        }
        if data.is_empty() || !data.len().is_multiple_of(usize::from(channels)) {
            return Err(SampleError::Length { channels, samples: data.len() });
        }
        if !(1_000..=768_000).contains(&sample_rate) {
            return Err(SampleError::Rate(sample_rate));
        }
        Ok(Sample { data, channels: usize::from(channels), sample_rate, timbre: None, round: None })
    }

    /// A timbre, which goes the same way to the mixer as a recording. It has no frames and a rate of
    /// [`MOMENTS_A_SECOND`].
    #[must_use]
    pub fn of(timbre: Timbre) -> Self {
        let data = Arc::from([]);
        Sample { data, channels: 1, sample_rate: MOMENTS_A_SECOND, timbre: Some(timbre), round: None }
    }

    /// The timbre that it is, if it is one.
    #[must_use]
    pub fn timbre(&self) -> Option<&Timbre> {
        self.timbre.as_ref()
    }

    /// With frames that go round while a note is held, once what comes before them has sounded: the sound of an
    /// instrument. What lies outside of the sample, or holds fewer than two frames, is left out.
    #[must_use]
    pub fn going_round(mut self, frames: std::ops::Range<usize>) -> Self {
        let range = u32::try_from(frames.start).ok().zip(u32::try_from(frames.end).ok());
        self.round = range.filter(|_| frames.end <= self.frames() && frames.start + 2 <= frames.end);
        self
    }

    /// The frames that go round while a note is held, as first and end.
    pub(crate) fn round(&self) -> Option<(f64, f64)> {
        self.round.map(|(first, end)| (f64::from(first), f64::from(end)))
    }

    /// How many frames it has; a timbre has none.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.data.len() / self.channels
    }

    /// Its length at its own speed.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        self.frames() as f64 / f64::from(self.sample_rate)
    }

    /// Frames a second.
    #[must_use]
    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    pub(crate) fn is_stereo(&self) -> bool {
        self.channels == 2
    }

    /// One channel of a frame; both are the same where there is one. Outside it is silent.
    #[inline(always)]
    pub(crate) fn at(&self, frame: i64, channel: usize) -> f32 {
        let at = usize::try_from(frame)
            .ok()
            .and_then(|frame| self.data.get(frame * self.channels + channel.min(self.channels - 1)));
        at.copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_sample_is_refused() {
        let data = |n: usize| Arc::<[f32]>::from(vec![0.5; n]);
        let told = |data, channels, rate| Sample::new(data, channels, rate).map_err(|e| e.to_string()).err();
        assert_eq!(told(data(6), 2, 44_100), None);
        assert_eq!(
            told(data(6), 6, 44_100).as_deref(),
            Some("a sample has one channel or two, not 6: mix it down")
        );
        assert_eq!(told(data(5), 2, 44_100).as_deref(), Some("a sample of 2 channels cannot have 5 values"));
        assert_eq!(told(data(0), 1, 44_100).as_deref(), Some("a sample of 1 channels cannot have 0 values"));
        assert_eq!(
            told(data(6), 1, 3).as_deref(),
            Some("3 Hz is no sample rate: it lies between 1,000 and 768,000 Hz")
        );
    }
}
