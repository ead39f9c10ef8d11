//! A decoded sound: frames in memory, and what verbs ask of them.

use std::ops::Range;
use std::sync::Arc;

/// A sound in memory: one or two channels of frames, -1 to 1 (a little more where a file
/// of floats says so), all finite. Cheap to clone: the frames are shared.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    name: String,
    rate: u32,
    channels: usize,
    /// Interleaved: `channels` numbers for each frame.
    interleaved: Arc<[f32]>,
    cut_short: bool,
}

impl Sample {
    /// `interleaved` holds `channels` numbers a frame (1 or 2); `rate` is in frames a second.
    /// What is left over after the last whole frame is dropped; what is no number becomes 0.
    /// `None` where there is no whole frame, no rate, or another number of channels.
    pub fn new(
        name: impl Into<String>,
        rate: u32,
        channels: usize,
        mut interleaved: Vec<f32>,
    ) -> Option<Self> {
        if !(1..=2).contains(&channels) || rate == 0 || interleaved.len() < channels {
            return None;
        }
        interleaved.truncate(interleaved.len() / channels * channels);
        for value in &mut interleaved {
            // Files of floats may hold anything; 16 is 24 dB above full scale.
            *value = if value.is_finite() { value.clamp(-16.0, 16.0) } else { 0.0 };
        }
        Some(Sample { name: name.into(), rate, channels, interleaved: interleaved.into(), cut_short: false })
    }

    pub(crate) fn cut_short(mut self, cut_short: bool) -> Self {
        self.cut_short = cut_short;
        self
    }

    /// What messages call it: the file's path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Frames a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// 1 or 2.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// How many frames there are: at least one.
    pub fn frames(&self) -> usize {
        self.interleaved.len() / self.channels
    }

    /// All frames, [`Sample::channels`] numbers each.
    pub fn interleaved(&self) -> &[f32] {
        &self.interleaved
    }

    /// The same frames, shared.
    pub fn data(&self) -> Arc<[f32]> {
        Arc::clone(&self.interleaved)
    }

    /// Left and right of a frame; silence outside of the sound.
    pub fn frame(&self, index: usize) -> [f32; 2] {
        match (self.channels, index) {
            (_, index) if index >= self.frames() => [0.0, 0.0],
            (1, index) => [self.interleaved[index]; 2],
            (_, index) => [self.interleaved[2 * index], self.interleaved[2 * index + 1]],
        }
    }

    /// Its length in seconds at its own speed: more than 0.
    pub fn seconds(&self) -> f64 {
        self.frames() as f64 / f64::from(self.rate)
    }

    /// What it takes in memory.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.interleaved)
    }

    /// Whether the file ended before what its header promises, or parts of it could not be read.
    pub fn is_cut_short(&self) -> bool {
        self.cut_short
    }

    /// `count` slices of equal length in frames, up to a rounding to whole frames; together they are
    /// the sound. For `chop`, `slice` and `striate`. At least one, and no more than there are frames.
    pub fn slices(&self, count: usize) -> Vec<Range<usize>> {
        let frames = self.frames();
        let count = count.clamp(1, frames);
        // u128: frames · count may exceed 64 bits on no machine, but costs nothing to rule out.
        let edge = |i: usize| (frames as u128 * i as u128 / count as u128) as usize;
        (0..count).map(|i| edge(i)..edge(i + 1)).collect()
    }

    /// The speed at which the sound lasts `seconds`: 2 is an octave up and half as long.
    /// For `fit` and `loopAt`. `None` unless `seconds` is finite and above 0.
    pub fn speed_to_last(&self, seconds: f64) -> Option<f64> {
        (seconds.is_finite() && seconds > 0.0).then(|| self.seconds() / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn frames_of_one_and_two_channels() {
        let mono = Sample::new("m", 4, 1, vec![0.1, 0.2, 0.3]).expect("a sample");
        assert_eq!((mono.frames(), mono.seconds(), mono.bytes()), (3, 0.75, 12));
        assert_eq!(mono.frame(1), [0.2, 0.2]);
        assert_eq!(mono.frame(3), [0.0, 0.0]);
        let stereo = Sample::new("s", 2, 2, vec![0.1, 0.2, 0.3, 0.4, 0.5]).expect("a sample");
        assert_eq!((stereo.frames(), stereo.frame(1)), (2, [0.3, 0.4]));
    }

    #[test]
    fn what_is_no_sound_is_none() {
        for (rate, channels, frames) in
            [(0, 1, vec![0.0]), (1, 0, vec![0.0]), (1, 3, vec![0.0; 3]), (1, 2, vec![0.0])]
        {
            assert_eq!(Sample::new("x", rate, channels, frames), None, "{rate} {channels}");
        }
    }

    #[test]
    fn numbers_are_finite_and_bounded() {
        let wild = vec![f32::NAN, f32::INFINITY, 1e30, -1e30, 0.5];
        let sample = Sample::new("w", 1, 1, wild).expect("a sample");
        assert_eq!(sample.interleaved(), [0.0, 0.0, 16.0, -16.0, 0.5]);
    }

    #[test]
    fn the_speed_that_fits() {
        let sample = Sample::new("s", 10, 1, vec![0.0; 20]).expect("a sample");
        assert_eq!(sample.speed_to_last(4.0), Some(0.5));
        for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(sample.speed_to_last(seconds), None);
        }
    }

    proptest! {
        #[test]
        fn slices_are_the_whole_and_even(frames in 1usize..5000, count in 0usize..6000) {
            let sample = Sample::new("s", 1, 1, vec![0.0; frames]).expect("a sample");
            let slices = sample.slices(count);
            prop_assert_eq!(slices.len(), count.clamp(1, frames));
            prop_assert_eq!((slices[0].start, slices[slices.len() - 1].end), (0, frames));
            prop_assert!(slices.windows(2).all(|two| two[0].end == two[1].start));
            let lengths: Vec<usize> = slices.iter().map(Range::len).collect();
            let (least, most) = (lengths.iter().min(), lengths.iter().max());
            prop_assert!(most.zip(least).is_some_and(|(most, least)| most - least <= 1));
        }
    }
}
