//! A space of sounds that scripts move in.

use std::sync::Arc;

use lilt_score::TimbreDecoder;

/// What a place sounds like: a note of it at middle C.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heard {
    /// How far the middle of its spectrum lies over its pitch, in octaves.
    pub brightness: f64,
    /// Share of its power that is noise, 0..=1.
    pub noise: f64,
    /// Seconds until it has half of its greatest amplitude.
    pub attack: f64,
    /// Its greatest level, in decibels under a sine of full scale.
    pub loudness: f64,
    /// Decibels by which it falls in its second second; about 0 where it is held.
    pub decay: f64,
}

/// A space of sounds with named places in it. What it answers is a pure function of its weights and what it is asked.
pub trait TimbreSpace: TimbreDecoder {
    /// The names of places, in order.
    fn names(&self) -> &[String];

    /// The numbers of the place of a name.
    ///
    /// # Errors
    /// What to write instead of it.
    fn named(&self, name: &str) -> Result<Arc<[f32]>, String>;

    /// The numbers of a place that nobody named, by chance.
    fn drawn(&self, seed: u64) -> Arc<[f32]>;

    /// What the place of these numbers sounds like. It takes less than a millisecond.
    fn heard(&self, place: &[f32]) -> Heard;

    /// This as what gives controls.
    fn decoder(self: Arc<Self>) -> Arc<dyn TimbreDecoder>;
}
