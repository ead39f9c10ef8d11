//! `timbre`: a space of sounds to move in. A place in it, a pitch, a velocity and the seconds since the onset give what
//! a voice of `lilt-synth` sounds like at that moment.
//!
//! A note becomes controls ([`analysis`], by the transform of [`spectrum`]); a small network without memory learns to
//! give them back from a place ([`network`], [`lesson`]), and plays them as plain products ([`decoder`]),
//! which scripts have as a [`space`].
//! [`distance`] says how far two sounds are from each other.

pub mod analysis;
pub mod controls;
pub mod decoder;
pub mod distance;
pub mod lesson;
pub mod network;
pub mod space;
pub mod spectrum;

/// Its name, which is that of its weights.
pub const NAME: &str = "timbre";
